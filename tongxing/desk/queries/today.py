"""What is before a person now, gathered from the measures and from what stands waiting in the rooms.

A row is an Item (children who are owed one thing behind one door) or an Errand (something of a place: an import that
waits, cards nobody has confirmed). Both are drawn alike.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongxing.base.measures import OPEN, Arrangement, Duty, Scope, arranged
from tongxing.base.words import given_name
from tongxing.care.measures import VISITED
from tongxing.children.measures import CARD_COMPLETE, NUMBER, PAIRED
from tongxing.children.models import Child
from tongxing.children.queries import scope_of
from tongxing.desk.queries.waiting import Errand, errands
from tongxing.desk.rules import Place, Rank, place_of
from tongxing.rosters.measures import ARCHIVED
from tongxing.staff.access import reached_by

OWED = (VISITED, PAIRED, ARCHIVED, NUMBER, CARD_COMPLETE)
CARE_OF_DOORS = (VISITED.code,)  # one round serves all children behind a door
KINDS = {
    "visited": ("visit", lambda _duty: _("家访")),
    "paired": ("children", lambda _duty: _("结对")),
    "archived": ("card", lambda _duty: _("建档")),
    "number": ("card", lambda duty: _("落户口") if duty.why == "not_registered" else _("补号码")),
    "card": ("card", lambda _duty: _("补资料")),
}
SEEN_MOST = 40  # rows of others that stand in a list for information


@dataclass
class Item:
    """One row of the work list: what, who, why now, where; one tap starts it. Siblings behind one door are one row."""

    duties: list[Duty]
    place: Place
    postponed: bool = False
    promised: bool = False  # put off to today: somebody was told
    for_information: bool = False  # somebody else owes it
    given_names_only: bool = False
    after: str = ""  # what is left when this is done

    @property
    def first(self) -> Duty:
        return self.duties[0]

    @property
    def code(self) -> str:
        return self.first.measure.code

    @property
    def icon(self):
        return KINDS[self.code][0]

    @property
    def kind(self):
        return KINDS[self.code][1](self.first)

    @property
    def names(self):
        names = [duty.subject_name or _("名册里没写姓名的人") for duty in self.duties]
        return [given_name(name) for name in names] if self.given_names_only else names

    @property
    def where(self):
        return self.first.place

    @property
    def urgent(self):
        return self.place.rank == Rank.URGENT

    @property
    def why(self):
        if self.given_names_only:
            return ""
        return _("，").join(filter(None, (str(self.first.because), self.after)))

    @property
    def short(self) -> str:
        """The reason where there is room for two words."""
        if self.code == CARD_COMPLETE.code and self.first.state in OPEN:
            lacking = len(self.first.why.split())
            return ngettext("缺 %(n)d 项", "缺 %(n)d 项", lacking) % {"n": lacking}
        return str(self.first.because)

    @property
    def badge(self):
        """How late, where that is the reason for standing so high."""
        if self.promised:
            return _("说好今天")
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
    def later_url(self):
        """Where this row is put off with a reason."""
        return reverse("desk:later", args=[self.code, self.first.subject_id])

    @property
    def due_on(self):
        return self.first.due_on


@dataclass
class Today:
    items: list[Item | Errand] = field(default_factory=list)
    elsewhere: list[Item] = field(default_factory=list)  # put off, or asked of somebody else
    others: list[Item] = field(default_factory=list)  # owed by others, for information
    others_title: str = ""

    @property
    def now(self) -> int:
        return sum(item.place.rank <= Rank.PROMISED_IN_FULL for item in self.items)

    @property
    def week(self) -> int:
        return sum(item.place.rank <= Rank.THIS_WEEK for item in self.items)


def today_of(staff, today: date) -> Today:
    """Everything this person owes or was asked to do, in the order of the ranking rule, and what waits there."""
    scope = scope_of(staff)
    duties = [duty for measure in OWED for duty in measure.rows(scope, today, owner=staff)]
    duties += _asked_of(staff, today)
    held = arranged([duty.subject_id for duty in duties], today)
    mine, elsewhere, promised = [], [], set()
    for duty in duties:
        arrangement = held.get((duty.measure.code, duty.subject_id))
        away = arrangement and (
            (arrangement.owner_id and arrangement.owner_id != staff.pk)
            or (arrangement.postponed_to and arrangement.postponed_to > today)
        )
        if arrangement and arrangement.postponed_to == today:
            promised.add((duty.measure.code, duty.subject_id))
        (elsewhere if away else mine).append(duty)
    brief = not staff.may("children.look")
    mine, others = _in_order(mine, today, promised=promised, brief=brief), _others(staff, scope, today, duties)
    rows = [*_goals_in_one_row(mine, staff), *errands(staff, scope, today)]
    items = sorted(rows, key=lambda item: item.place.key)
    return Today(items, _in_order(elsewhere, today, brief=brief), others, _title_of_others(staff))


def own_duty(staff, code: str, subject_id, today: date) -> Duty | None:
    """The open duty of this person, or that they were asked to do, about this subject."""
    measure = next((one for one in OWED if one.code == code), None)
    if measure is None:
        return None
    scope = scope_of(staff)
    owed = measure.rows(scope, today, owner=staff, subjects=[subject_id])
    asked = [one for one in _asked_of(staff, today) if (one.measure.code, one.subject_id) == (code, subject_id)]
    return next(iter([*owed, *asked]), None)


def standing_in(staff, duty: Duty, today: date) -> Arrangement | None:
    """What says that this person was asked to do this duty of somebody else's."""
    if duty.owner_id == staff.pk:
        return None
    found = arranged([duty.subject_id], today).get((duty.measure.code, duty.subject_id))
    return found if found and found.owner_id == staff.pk else None


def _asked_of(staff, today) -> list[Duty]:
    """Duties of others that this person was asked to do, of whatever place: of all children they may open."""
    asked = defaultdict(list)
    for one in Arrangement.objects.holding(today).filter(owner_id=staff.pk):
        asked[one.measure].append(one.subject_id)
    found = []
    for measure in OWED:
        if wanted := asked.get(measure.code):
            rows = measure.rows(Scope("", staff), today, states=OPEN, subjects=wanted)
            found += [duty for duty in rows if duty.owner_id != staff.pk]
    return found


def _in_order(duties: list[Duty], today: date, *, promised=frozenset(), brief=False) -> list[Item]:
    doors: dict[tuple, Item] = {}
    for duty in duties:
        said = (duty.measure.code, duty.subject_id) in promised
        place = place_of(state=duty.state, due_on=duty.due_on, level=duty.level, today=today, promised=said)
        door = duty.household_id if duty.household_id and duty.measure.code in CARE_OF_DOORS else duty.subject_id
        key = (duty.measure.code, door)
        if key not in doors:
            doors[key] = Item([duty], place, promised=said, given_names_only=brief)
            continue
        item = doors[key]
        if place.key < item.place.key:
            item.duties.insert(0, duty)
            item.place, item.promised = place, said
        else:
            item.duties.append(duty)
    return sorted(doors.values(), key=lambda item: (item.place.key, item.where, item.names))


def _goals_in_one_row(items: list[Item], staff) -> list[Item | Errand]:
    """A 100 % goal that few children keep from being reached has a row for each of them, and says how many are left
    when it is done; more of them are one row that opens their list. A list just imported would bury the day otherwise.
    """
    goals, rows = defaultdict(list), []
    for item in items:
        if item.place.rank == Rank.PROMISED_IN_FULL and item.first.owner_id == staff.pk:
            goals[item.code, str(item.kind)].append(item)
        else:
            rows.append(item)
    for (code, _kind), lacking in goals.items():
        if len(lacking) > NAMED_UP_TO and staff.may("plans.coverage"):
            rows.append(_goal(lacking))
            continue
        if code == CARD_COMPLETE.code:
            _say_what_is_left(lacking)
        rows += lacking
    return rows


def _goal(lacking: list[Item]) -> Errand:
    first, reasons = lacking[0], {str(item.first.because) for item in lacking}
    return Errand(
        code=first.code,
        icon=first.icon,
        kind=first.kind,
        what=_("%(names)s等 %(n)d 个孩子")
        % {"names": _("、").join(name for item in lacking[:2] for name in item.names), "n": len(lacking)},
        why=reasons.pop() if len(reasons) == 1 else _("各差什么，名单里写着"),
        url=reverse("plans:gaps", args=[first.code]),
        action=_("看名单"),
        place=min((item.place for item in lacking), key=lambda place: place.key),
    )


def _say_what_is_left(gaps: list[Item]) -> None:
    left = len(gaps) - 1
    for item in gaps:
        item.after = (
            ngettext("补上后只差 %(n)d 人", "补上后只差 %(n)d 人", left) % {"n": left} if left else _("补上就齐了")
        )


NAMED_UP_TO = 5


def roads(items: list[Item]) -> list[tuple[str, list[Item]]]:
    """Today's doors by hamlet: [(hamlet, rows)], for one round on foot."""
    found = defaultdict(list)
    for item in items:
        if item.code == VISITED.code and item.place.rank <= Rank.THIS_WEEK:
            found[item.where].append(item)
    return sorted(found.items())


def due_of(child: Child, today: date) -> list[Item]:
    """The child's own open duties, and when the next visit is due."""
    found = []
    for measure in (VISITED, PAIRED, CARD_COMPLETE):
        for duty in measure.rows(Scope(child.community_id), today, states=(*OPEN, "met"), subjects=[child.pk]):
            if duty.state in OPEN or duty.due_on:
                place = place_of(state=duty.state, due_on=duty.due_on, level=duty.level, today=today)
                found.append(Item([duty], place))
    return found


def due_together(siblings: list[Child], staff, today: date) -> list[Item]:
    """What is due now for the other children behind the same door, of those this person may open."""
    visible = list(
        Child.objects.visible_to(staff).filter(pk__in=[one.pk for one in siblings]).values_list("pk", flat=True)
    )
    if not visible:
        return []
    duties = []
    for measure in (VISITED, CARD_COMPLETE):
        duties += measure.rows(Scope(siblings[0].community_id), today, subjects=visible)
    now = [one for one in duties if one.due_on is None or one.due_on <= today]
    return [Item([duty], place_of(state=duty.state, due_on=duty.due_on, level=duty.level, today=today)) for duty in now]


# ── what others owe, shown to those who can help or must know ───────────────────────────────────────────────────────


def _others(staff, scope: Scope, today: date, mine: list[Duty]) -> list[Item]:
    """For information: an archivist's and a teacher's children whose cards and numbers are not whole, and children at
    high attention whom nobody has visited in time, for the supervisor. Owed by somebody else."""
    own = {(duty.measure.code, duty.subject_id) for duty in mine}
    reached, found = reached_by(staff), []
    if (reached.schools or reached.classrooms) and staff.may("children.correct"):
        for measure in (CARD_COMPLETE, NUMBER):
            found += measure.rows(scope, today, limit=SEEN_MOST)
    if reached.classrooms and staff.may("care.visit"):
        found += [duty for duty in VISITED.rows(scope, today, limit=SEEN_MOST) if duty.due_on and duty.due_on <= today]
    if any(len(path) < COMMUNITY for path in reached.regions) and staff.may("care.visit"):
        late = VISITED.rows(scope, today, level="high")
        found += [duty for duty in late if duty.due_on and duty.due_on < today][:SEEN_MOST]
    items = _in_order([duty for duty in found if (duty.measure.code, duty.subject_id) not in own], today)
    for item in items:
        item.for_information = True
    return items


def _title_of_others(staff) -> str:
    reached = reached_by(staff)
    if reached.classrooms:
        return _("本班还差的，别人在做，你也能帮")
    return _("本校还缺的资料") if reached.schools else _("高关注、过了日子还没人去看的孩子")


COMMUNITY = 12  # digits of a community's code
