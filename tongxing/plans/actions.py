"""Every write of the plans room."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.measures import Arrangement, Duty
from tongxing.base.records import action
from tongxing.children.models import Child
from tongxing.staff.models import Grant

STAND_IN_DAYS = 31  # who was asked to stand in may open the child's file for so long


@action("plans.arrange")
def arrange(*, by, duty: Duty, on: date, reason: str, owner=None, postponed_to: date | None = None) -> Arrangement:
    """Lay a promise over a gap: another day, or another person. The gap stays a gap.

    Asking somebody is approving that they look: who could not open this child's file may from now on, for a month.
    """
    for earlier in Arrangement.objects.holding(on).filter(measure=duty.measure.code, subject_id=duty.subject_id):
        earlier.withdraw(by=by, why=reason)
    arrangement = Arrangement(
        measure=duty.measure.code,
        subject_id=duty.subject_id,
        region=duty.region,
        period=duty.measure.period(on),
        reason=reason,
        owner_id=owner.pk if owner else None,
        postponed_to=postponed_to,
        until_on=max(filter(None, (postponed_to, on + timedelta(days=STAND_IN_DAYS) if owner else None)), default=None),
    )
    arrangement.full_clean()
    arrangement.save()
    if owner:
        _let_look(owner, duty, reason)
    return arrangement


def _let_look(owner, duty: Duty, reason: str) -> None:
    child = Child.objects.filter(pk=duty.subject_id).first()
    if child is None or Child.objects.visible_to(owner).filter(pk=child.pk).exists():
        return
    now = clock.now()
    Grant(
        staff=owner,
        reach="child",
        child_id=child.pk,
        region=child.community_id,
        why=_("请人代办：%(reason)s") % {"reason": reason},
        from_at=now,
        until_at=now + timedelta(days=STAND_IN_DAYS),
    ).save()
