"""What somebody may learn of a child whose file they may not open: that a number has an archive, and where."""

from datetime import timedelta

from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.records import Look
from tongxing.children.models import Child
from tongxing.staff.models import Organisation, Region

TOLD_A_DAY = 20  # how often a person may learn in a day that a number has an archive they cannot see
NUMBER_KNOWN = "children.number_known"  # what such a telling is called among the Looks


def told_enough(staff) -> bool:
    """Nobody tries out numbers to learn who is known elsewhere: after so many in a day none is looked up."""
    since = clock.now() - timedelta(days=1)
    return Look.objects.filter(by_id=staff.pk, what=NUMBER_KNOWN, at__gte=since).count() >= TOLD_A_DAY


def known_number(staff, other: Child) -> tuple[str, bool]:
    """The sentence that a number has an archive, and whether it is said of a child this person may not see."""
    if Child.objects.visible_to(staff).filter(pk=other.pk).exists():
        return _("这个号码已有档案：%(name)s") % {"name": other.name}, False
    township = Region.objects.filter(path=other.community_id[:9]).first()
    place = township.name if township else _("别的地方")
    return _("这个号码已有档案，由%(place)s管理") % {"place": place}, True


def whom_to_ring(other: Child) -> dict[str, str]:
    """The township's office, else the county's, where a child is looked after: {"place", "name", "phone"}."""
    township = Region.objects.filter(path=other.community_id[:9]).first()
    place = township.name if township else _("别的地方")
    offices = Organisation.objects.standing().filter(region_id__in=[other.community_id[:9], other.community_id[:6]])
    offices = offices.exclude(kind="school").order_by("-region_id", "name")
    office = offices.exclude(phone="").first() or offices.first()
    return {"place": place, "name": office.name if office else place, "phone": office.phone if office else ""}
