"""Reads across the nouns of the care room."""

from django.db.models import QuerySet

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
