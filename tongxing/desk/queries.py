"""What is before a person now, gathered from the measures; and a child's time line, gathered from the rooms."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongxing.base.measures import OPEN, Arrangement, Duty, Scope, arranged
from tongxing.care.measures import VISITED
from tongxing.care.queries import visits_to
from tongxing.children.measures import PAIRED
from tongxing.children.models import Child
from tongxing.children.queries import scope_of
from tongxing.desk.rules import Place, Rank, is_urgent, place_of
from tongxing.rosters.measures import ARCHIVED

OWED = (VISITED, PAIRED, ARCHIVED)
KINDS = {
    "visited": ("visit", lambda: _("家访")),
    "paired": ("children", lambda: _("结对")),
    "archived": ("card", lambda: _("建档")),
}


@dataclass
class Item:
    """One row of the work list: what, who, why now, where; one tap starts it. Siblings behind one door are one row."""

    duties: list[Duty]
    place: Place
    postponed: bool = False

    @property
    def first(self) -> Duty:
        return self.duties[0]

    @property
    def icon(self):
        return KINDS[self.first.measure.code][0]

    @property
    def kind(self):
        return KINDS[self.first.measure.code][1]()

    @property
    def names(self):
        return [duty.subject_name or _("名册里没写姓名的人") for duty in self.duties]

    @property
    def where(self):
        return self.first.place

    @property
    def urgent(self):
        return is_urgent(self.place, self.first.level)

    @property
    def why(self):
        return self.first.because

    @property
    def badge(self):
        """How late, where that is the reason for standing so high."""
        late = (self.first.on - self.due_on).days if self.due_on else 0
        return ngettext("超期 %(n)d 天", "超期 %(n)d 天", late) % {"n": late} if late > 0 else ""

    @property
    def badge_kind(self):
        return "urgent" if self.urgent else "soon"

    @property
    def action(self):
        return self.first.measure.close(self.first)[1]

    @property
    def url(self):
        return self.first.measure.close(self.first)[0]

    @property
    def due_on(self):
        return self.first.due_on


@dataclass
class Today:
    items: list[Item] = field(default_factory=list)
    elsewhere: list[Item] = field(default_factory=list)  # put off, or asked of somebody else

    @property
    def now(self) -> int:
        return sum(item.place.rank <= Rank.PROMISED_IN_FULL for item in self.items)

    @property
    def week(self) -> int:
        return sum(item.place.rank <= Rank.THIS_WEEK for item in self.items)


def today_of(staff, today: date) -> Today:
    """Everything this person owes or was asked to do, in the order of the ranking rule."""
    scope = scope_of(staff)
    duties = [duty for measure in OWED for duty in measure.rows(scope, today, owner=staff)]
    duties += _asked_of(staff, scope, today)
    held = arranged([duty.subject_id for duty in duties], today)
    mine, elsewhere = [], []
    for duty in duties:
        arrangement = held.get((duty.measure.code, duty.subject_id))
        away = arrangement and (
            (arrangement.owner_id and arrangement.owner_id != staff.pk)
            or (arrangement.postponed_to and arrangement.postponed_to > today)
        )
        (elsewhere if away else mine).append(duty)
    return Today(items=_in_order(mine, today), elsewhere=_in_order(elsewhere, today))


def _asked_of(staff, scope, today) -> list[Duty]:
    """Duties of others that this person was asked to do."""
    asked = defaultdict(list)
    for one in Arrangement.objects.standing().filter(owner_id=staff.pk, period=today.strftime("%Y-%m")):
        asked[one.measure].append(one.subject_id)
    found = []
    for measure in OWED:
        if wanted := asked.get(measure.code):
            rows = measure.rows(scope, today, states=OPEN, subjects=wanted)
            found += [duty for duty in rows if duty.owner_id != staff.pk]
    return found


def _in_order(duties: list[Duty], today: date) -> list[Item]:
    doors: dict[tuple, Item] = {}
    for duty in duties:
        place = place_of(state=duty.state, due_on=duty.due_on, level=duty.level, today=today)
        door = (
            (duty.measure.code, duty.household_id) if duty.household_id and duty.measure is VISITED else duty.subject_id
        )
        key = (duty.measure.code, door)
        if key not in doors:
            doors[key] = Item([duty], place)
            continue
        item = doors[key]
        if place.key < item.place.key:
            item.duties.insert(0, duty)
            item.place = place
        else:
            item.duties.append(duty)
    return sorted(doors.values(), key=lambda item: (item.place.key, item.where, item.names))


@dataclass(frozen=True)
class Moment:
    """One line of a child's time line."""

    on: date
    icon: str
    what: str
    who: str
    words: str = ""
    note: str = ""
    url: str = ""
    late: bool = False
    withdrawn: str = ""


def time_line(child: Child, staff, *, limit: int = 50) -> list[Moment]:
    """What happened with a child, newest first. Attention and secrets are not in it."""
    found = [
        Moment(
            on=visit.visited_on,
            icon="visit",
            what=_("走访"),
            who=visit.visitor.name,
            words=visit.words or "",
            note=_signs(visit),
            late=visit.is_late_entry,
            withdrawn=visit.withdrawn_why if visit.withdrawn_at else "",
            url=str(visit.pk) if visit.visitor_id == staff.pk and not visit.withdrawn_at else "",
        )
        for visit in visits_to(child)[:limit]
    ]
    for pairing in child.pairings.standing().select_related("helper"):
        found.append(Moment(on=pairing.from_on, icon="children", what=_("结对"), who=pairing.helper.name))
        if pairing.to_on:
            found.append(
                Moment(
                    on=pairing.to_on, icon="children", what=_("结对结束"), who=pairing.helper.name, note=pairing.end_why
                )
            )
    for episode in child.episodes.standing().select_related("community"):
        found.append(
            Moment(
                on=episode.from_on,
                icon="card",
                what=_("由%(place)s照看") % {"place": episode.community.name},
                who="",
                note=episode.why_in,
            )
        )
        if episode.to_on:
            found.append(
                Moment(
                    on=episode.to_on,
                    icon="card",
                    what=_("离开%(place)s") % {"place": episode.community.name},
                    who="",
                    note=episode.why_out,
                )
            )
    return sorted(found, key=lambda moment: moment.on, reverse=True)[:limit]


def _signs(visit) -> str:
    said = [
        f"{label} {getattr(visit, f'get_{name}_display')()}"
        for name, label in (("living", _("生活")), ("study", _("学习")), ("mood", _("情绪")), ("safety", _("安全")))
        if getattr(visit, name) not in ("", "normal")
    ]
    if not visit.saw_child:
        said.insert(0, _("没见到孩子"))
    return _("；").join(said)


def due_of(child: Child, today: date) -> list[Item]:
    """The child's own open duties, and when the next visit is due."""
    found = []
    for measure in (VISITED, PAIRED):
        for duty in measure.rows(Scope(child.community_id), today, states=(*OPEN, "met"), subjects=[child.pk]):
            if duty.state in OPEN or duty.due_on:
                place = place_of(state=duty.state, due_on=duty.due_on, level=duty.level, today=today)
                found.append(Item([duty], place))
    return found


def roads(items: list[Item]) -> list[tuple[str, list[Item]]]:
    """Today's doors by hamlet: [(hamlet, rows)], for one round on foot."""
    found = defaultdict(list)
    for item in items:
        if item.first.measure is VISITED and item.place.rank <= Rank.THIS_WEEK:
            found[item.where].append(item)
    return sorted(found.items())


@dataclass(frozen=True)
class Kinsman:
    """One grown-up on the child's page: who, where, and whether a tap can ring them."""

    relation: str
    name: str
    note: str
    phone: str
    checked_on: date | None
    carer: bool
    never: bool  # must not be contacted


def callable_kin(archive, places: dict) -> list[Kinsman]:
    """Who cares first, then parents, then others; a person who must not be contacted has no number here."""
    found = []
    for role in archive.roles:
        kin = role.kin
        never = kin.situation == "no_contact"
        notes = [kin.get_situation_display()] if kin.situation not in ("", "well") else []
        if place := places.get(kin.pk):
            notes.append(_("在%(place)s务工") % {"place": place})
        found.append(
            Kinsman(
                relation=role.get_relation_display(),
                name=kin.name,
                note=_("；").join(notes),
                never=never,
                phone="" if never else kin.phone or "",
                checked_on=kin.phone_checked_on,
                carer=role in archive.carers,
            )
        )
    return sorted(found, key=lambda one: not one.carer)
