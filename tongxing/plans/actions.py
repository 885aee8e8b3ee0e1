"""Every write of the plans room."""

from datetime import date

from tongxing.base.measures import Arrangement, Duty
from tongxing.base.records import action


@action("plans.arrange")
def arrange(*, by, duty: Duty, on: date, reason: str, owner=None, postponed_to: date | None = None) -> Arrangement:
    """Lay a promise over a gap: another day, or another person. The gap stays a gap."""
    period = duty.measure.period(on)
    for earlier in Arrangement.objects.standing().filter(
        measure=duty.measure.code, subject_id=duty.subject_id, period=period
    ):
        earlier.withdraw(by=by, why=reason)
    arrangement = Arrangement(
        measure=duty.measure.code,
        subject_id=duty.subject_id,
        region=duty.region,
        period=period,
        reason=reason,
        owner_id=owner.pk if owner else None,
        postponed_to=postponed_to,
    )
    arrangement.full_clean()
    arrangement.save()
    return arrangement
