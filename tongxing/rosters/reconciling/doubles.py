"""Archives that may be of one child: those without a sound number, held beside all archives of their region."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from tongxing.base import words
from tongxing.children.models import Child, KinRole
from tongxing.rosters.choices import Verdict
from tongxing.rosters.findings import Decision
from tongxing.rosters.reconciling import heaps
from tongxing.rosters.reconciling.gathering import SAID, beside, chunks, pages
from tongxing.rosters.reconciling.people import Side, key_of
from tongxing.staff.models import within


@dataclass(frozen=True)
class Double:
    """Two archives, the earlier first."""

    child: UUID
    other: UUID
    community: str
    confidence: float
    reasons: tuple[str, ...]
    against: tuple[str, ...]


def find(region: str, told: Callable[[int, int], None]) -> list[Double]:
    """Pairs of archives in this region that may be one child, the likeliest first."""
    lines = list(pages(Child.objects.standing().filter(within("community_id", region)), SAID))
    told(1, 2)
    ids = [line[0] for line in lines]
    about = beside(ids)
    left, right = Side(), Side()
    whose: list[int] = []
    for at, (pk, name, born, sex, index, community, hamlet, _in_care) in enumerate(lines):
        sound, near, grown_ups, class_name = about[pk]
        said = {
            "name": name, "born": born, "number": key_of(index), "sound": bool(index) and sound, "near": near,
            "sex": sex, "phones": [key_of(one[1]) for one in grown_ups if one[1]],
            "grown_ups": [words.fold(one[0]) for one in grown_ups], "place": community, "hamlet": hamlet,
            "class_name": class_name,
        }  # fmt: skip
        right.add(**said)
        if not said["sound"]:
            left.add(**said, on_list=len(whose))
            whose.append(at)
    told(2, 2)
    places = {pk: at for at, pk in enumerate(ids)}
    rows = {at: key for key, at in enumerate(whose)}
    parted = list(enumerate(whose))
    for child, other in _different(region):
        for one, two in ((child, other), (other, child)):
            if places.get(one) in rows and two in places:
                parted.append((rows[places[one]], places[two]))
    found: dict[tuple, Double] = {}
    for row, archive, one in heaps.alike(left.table(), right.table(), parted):
        pair = tuple(sorted((ids[whose[row]], ids[archive])))
        found.setdefault(pair, Double(*pair, lines[archive][5], one.confidence, one.reasons, one.against))
    return _with_homes(list(found.values()))


def _different(region: str):
    said = Decision.objects.standing().filter(other__isnull=False, verdict=Verdict.DIFFERENT)
    return said.filter(within("child__community_id", region)).values_list("child_id", "other_id")


def _with_homes(found: list[Double]) -> list[Double]:
    """The same pairs, those behind one door or with one grown-up by file said so."""
    ids = [pk for one in found for pk in (one.child, one.other)]
    homes, kin = {}, {}
    for chunk in chunks(ids):
        homes |= dict(Child.objects.filter(pk__in=chunk).values_list("pk", "household_id"))
        roles = KinRole.objects.standing().filter(child_id__in=chunk, to_on=None)
        for child, one in roles.values_list("child_id", "kin_id"):
            kin.setdefault(child, set()).add(one)
    made = []
    for one in found:
        reasons = list(one.reasons)
        if homes[one.child] and homes[one.child] == homes[one.other]:
            reasons.append("same_household")
        if kin.get(one.child, set()) & kin.get(one.other, set()) and "same_carer" not in reasons:
            reasons.append("same_carer")
        made.append(Double(one.child, one.other, one.community, one.confidence, tuple(reasons), one.against))
    return made
