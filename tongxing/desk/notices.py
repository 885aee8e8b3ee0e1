"""What a person must be told and cannot put off: somebody looked at a child of theirs without waiting."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tongxing.base import clock
from tongxing.children.models import Child
from tongxing.staff.models import Grant
from tongxing.staff.queries import told_lately

SHOWN_FOR = timedelta(days=7)


@dataclass(frozen=True)
class EmergencyLook:
    """Who opened whose file, when and why."""

    who: str
    child: Child
    at: datetime
    why: str


def emergency_looks(staff) -> list[EmergencyLook]:
    """Those of the last week that this person was told of, newest first; of children who are still theirs to see."""
    named = {
        UUID(row.partition(":")[2])
        for event in told_lately(staff, clock.now() - SHOWN_FOR)
        for row in event.facts
        if row.startswith("grant:")
    }
    if not named:
        return []
    grants = list(Grant.objects.filter(pk__in=named).select_related("staff").order_by("-from_at"))
    children = Child.objects.visible_to(staff).in_bulk([grant.child_id for grant in grants])
    return [
        EmergencyLook(grant.staff.name, children[grant.child_id], grant.from_at, grant.why)
        for grant in grants
        if grant.child_id in children
    ]
