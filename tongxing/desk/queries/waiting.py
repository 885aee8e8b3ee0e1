"""What waits in a place rather than for one child: lists half imported, cards to confirm, helpers with too many; and
the places below one's own side by side."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongxing.base.measures import Scope, State
from tongxing.children.measures import CARD_CONFIRMED
from tongxing.children.models import Pairing, on_day
from tongxing.children.queries import scope_of
from tongxing.children.rules import MOST_PER_HELPER
from tongxing.desk.rules import Place, Rank
from tongxing.plans.measures import LIVE
from tongxing.rosters.queries import lists_waiting
from tongxing.staff.models import Region, within

COMMUNITY = 12  # digits of a community's code


@dataclass(frozen=True)
class Errand:
    """A row of the work list about a place or a file, not about one child."""

    code: str
    icon: str
    kind: str
    what: str
    why: str
    url: str
    action: str
    place: Place
    where: str = ""
    badge: str = ""
    badge_kind: str = "soon"
    names: tuple = ()
    urgent: bool = False
    due_on: date | None = None
    later_url: str = ""
    for_information: bool = False


def errands(staff, scope: Scope, today: date) -> list[Errand]:
    found = []
    if staff.may("rosters.import"):
        found += [_list_waiting(roster, n) for roster, n in lists_waiting(staff)]
    if staff.may("children.correct") and staff.may("plans.coverage"):
        found += _cards_to_confirm(scope, staff, today)
    if staff.may("staff.appoint") and staff.may("children.list"):
        found += _helpers_over_capacity(scope, today)
    return found


def _list_waiting(roster, rows: int) -> Errand:
    return Errand(
        code="roster",
        icon="folder",
        kind=_("导入"),
        what=roster.attachment.name,
        why=ngettext("%(n)d 行还没导完", "%(n)d 行还没导完", rows) % {"n": rows},
        url=reverse("rosters:roster", args=[roster.pk]),
        action=_("接着做"),
        place=Place(Rank.REQUEST, 0),
    )


def _cards_to_confirm(scope: Scope, staff, today: date) -> list[Errand]:
    """One row for all cards this person owes a confirmation: asking everybody again is a round, not a hundred tasks."""
    count = len(CARD_CONFIRMED.gaps(scope, today, owner=staff))
    if not count:
        return []
    return [
        Errand(
            code=CARD_CONFIRMED.code,
            icon="card",
            kind=_("核对"),
            what=_("联系卡"),
            why=ngettext("%(n)d 人的卡半年内没核对过", "%(n)d 人的卡半年内没核对过", count) % {"n": count},
            url=reverse("plans:gaps", args=[CARD_CONFIRMED.code]),
            action=_("看名单"),
            place=Place(Rank.LATER, 0),
        )
    ]


def _helpers_over_capacity(scope: Scope, today: date) -> list[Errand]:
    """Helpers who walk with more children than one person can."""
    pairings = Pairing.objects.standing().filter(
        on_day(today), within("child__community_id", scope.region), child__withdrawn_at=None
    )
    loads = pairings.order_by().values("helper_id", "helper__name").annotate(count=Count("pk"))
    return [
        Errand(
            code="load",
            icon="children",
            kind=_("结对"),
            what=row["helper__name"],
            why=ngettext("一个人陪着 %(n)d 个孩子", "一个人陪着 %(n)d 个孩子", row["count"]) % {"n": row["count"]},
            url=reverse("children:board"),
            action=_("分一分"),
            place=Place(Rank.REQUEST, 1),
        )
        for row in loads.filter(count__gt=MOST_PER_HELPER).order_by("-count", "helper_id")[:5]
    ]


# ── places side by side, for who looks over several ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class PlaceLine:
    """One place below somebody's own: n of N of each measure there."""

    path: str
    name: str
    figures: list[tuple[int, int]]


def places_of(staff, today: date) -> tuple[list, list[PlaceLine]]:
    """(measures, a line for each place one step below one's own): the same figures as coverage, in one query each."""
    scope = scope_of(staff)
    length = next((step for step in (6, 9, COMMUNITY) if step > len(scope.region)), COMMUNITY)
    regions = Region.objects.standing().filter(within("path", scope.region)).order_by("path")
    names = {path: name for path, name in regions.values_list("path", "name") if len(path) == length}
    counts = defaultdict(lambda: [0, 0])
    for measure in LIVE:
        for (region, state), count in measure.by_community(scope, today).items():
            cell = counts[region[:length], measure.code]
            cell[0] += count if state == State.MET else 0
            cell[1] += count if state != State.NA else 0
    lines = [
        PlaceLine(path, name, [tuple(counts[path, measure.code]) for measure in LIVE])
        for path, name in names.items()
        if any(counts[path, measure.code][1] for measure in LIVE)
    ]
    return list(LIVE), lines
