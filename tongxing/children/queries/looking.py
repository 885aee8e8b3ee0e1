"""A child who is not among one's own, by name and one thing more."""

from datetime import date

from tongxing.base.sealed import digest
from tongxing.children.models import Child


def child_by_name_and(
    *, name: str, birth_on: date | None, citizen_number: str | None, within_path: str
) -> Child | None:
    """The one child of this place with exactly this name and this day of birth or number; None where it is not one."""
    found = Child.objects.standing().in_region(within_path).filter(name=name)
    if birth_on:
        found = found.filter(birth_on=birth_on)
    if citizen_number:
        found = found.filter(citizen_number_index=digest("citizen_number", citizen_number))
    two = list(found.select_related("community").order_by("id")[:2])
    return two[0] if len(two) == 1 else None
