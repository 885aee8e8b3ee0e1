"""Reads across the nouns of the care room."""

from django.db.models import Q, QuerySet, Subquery

from tongxing.care.models import Visit
from tongxing.children.models import Child


def visits_to(child: Child) -> QuerySet:
    """A child's visits, newest first, withdrawn ones too: the time line shows them struck out."""
    return Visit.objects.filter(child=child).select_related("visitor").order_by("-visited_on", "-id")


def visits_seen_by(staff) -> QuerySet:
    """Visits to children this person may see, newest first."""
    return (
        Visit.objects.standing()
        .filter(child__in=Child.objects.visible_to(staff))
        .select_related("visitor", "child")
        .order_by("-visited_on", "-id")
    )


def household_of(child_id, staff) -> list[Child]:
    """This child, if `staff` may see it, and those in care behind the same door whom they may see too, by name.

    One query: every saved visit asks it.
    """
    door = Subquery(Child.objects.filter(pk=child_id).values("household_id"))  # one value: both sides by their index
    found = Child.objects.visible_to(staff).filter(Q(pk=child_id) | Q(household_id=door, in_care=True))
    found = sorted(found.by_name(), key=lambda one: one.pk != child_id)
    return found if found and found[0].pk == child_id else []
