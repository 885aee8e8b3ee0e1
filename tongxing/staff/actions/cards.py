"""Training cards put away and taken out again. A preference, not a deed: it leaves no trace."""

from tongxing.staff.models import CardsSeen, Staff


def put_away(*, by: Staff, topic: str) -> None:
    CardsSeen.objects.bulk_create([CardsSeen(staff_id=by.pk, topic=topic)], ignore_conflicts=True)


def show_again(*, by: Staff) -> None:
    """All of them, from the beginning."""
    CardsSeen.objects.filter(staff_id=by.pk).delete()
