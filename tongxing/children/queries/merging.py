"""Two archives that are one child's, held beside each other: what they say alike, what has to be chosen, what moves."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from uuid import UUID

from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext as _

from tongxing.base import clock, numbers
from tongxing.base.facts import Ground, Source, ground_of
from tongxing.base.records import Event, Record
from tongxing.base.templatetags.look import month_day
from tongxing.children.choices import Section
from tongxing.children.merges import Merge, MergeMove
from tongxing.children.models import Attention, Child, KinRole, Pairing, Schooling, Whereabouts
from tongxing.children.queries.archive import Archive, archive_of, facts_of, work_places
from tongxing.children.queries.finding import MOST_HITS, alike, twins_of
from tongxing.children.rules import FIELDS, SECTION_OF, is_same

# What is chosen as a whole: half of one door, class or person and half of another would be a third.
HOME, SCHOOL = FIELDS[Section.HOME], FIELDS[Section.SCHOOL]
FATHER, MOTHER, CARER = (
    tuple(name for name in SECTION_OF if name.startswith(f"{who}_")) for who in ("father", "mother", "carer")
)
ONE_AT_A_TIME = {one._meta.model_name: one for one in (Attention, Schooling, Pairing, Whereabouts, KinRole)}
ELSEWHERE = ("children.move_care", "children.leave_care", "children.return_to_care")
WHOLE = (("name",), ("sex",), ("birth_on",), ("citizen_number",), HOME, FATHER, MOTHER, CARER, SCHOOL)


@dataclass(frozen=True)
class Side:
    """One of two archives."""

    child: Child
    archive: Archive
    facts: dict

    def ground(self, name: str) -> Ground | None:
        """What a fact stands on here."""
        return ground_of(self.archive.standings, f"{SECTION_OF[name]}.{name}")

    def says(self, names: Iterable[str]) -> bool:
        return any(self.facts.get(name) not in (None, "") for name in names)


@dataclass(frozen=True)
class Question:
    """What the two say otherwise: `name` of the field, every fact that is chosen with it, and the likelier side."""

    name: str
    fields: tuple[str, ...]
    likely: int


@dataclass(frozen=True)
class Beside:
    """Two archives beside each other. `given`: facts that only one side tells → which."""

    sides: tuple[Side, Side]
    same: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    given: dict[str, int] = field(default_factory=dict)
    homes: bool = False  # whether it has to be chosen which community answers for the child
    remaining: int = 0  # whose archive remains, where that is not chosen

    def chosen(self, picks: dict[str, int]) -> dict[str, int]:
        """Every fact → the side it is taken from; `picks` are the answers by question."""
        whole = dict(self.given)
        for one in self.questions:
            whole |= dict.fromkeys(one.fields, picks[one.name])
        return whole

    def facts(self, picks: dict[str, int]) -> dict:
        """The facts of the one archive as these answers make it."""
        told = self.chosen(picks)
        made = {name: self.sides[told.get(name, self.remaining)].facts[name] for name in SECTION_OF}
        return made | ({"number_missing": ""} if made["citizen_number"] else {})


def side_of(child: Child, on: date) -> Side:
    archive = archive_of(child, on)
    return Side(child, archive, facts_of(archive, work_places([role.kin_id for role in archive.roles], on)))


def beside(one: Child, other: Child, on: date) -> Beside:
    """Hold two archives beside each other."""
    sides = (side_of(one, on), side_of(other, on))
    remaining = min((0, 1), key=lambda at: _rank(sides[at]))
    goes_on = _in_care_until(one) == _in_care_until(other) == date.max
    found = Beside(sides, remaining=remaining, homes=goes_on and one.community_id != other.community_id)
    for names in WHOLE:
        _compare(found, names)
    return found


def _rank(side: Side) -> tuple:
    """The archive that remains: longest in care; with a sound number; opened first."""
    return (
        -_in_care_until(side.child).toordinal(),
        not sound_number(side.child),
        side.child.opened_on,
        str(side.child.pk),
    )


def _in_care_until(child: Child) -> date:
    return max((one.to_on or date.max for one in child.episodes.standing()), default=date.min)


def sound_number(child: Child) -> bool:
    return numbers.is_sound(numbers.fold(child.citizen_number or ""), clock.today())


def two_children(one: Child, other: Child) -> bool:
    """Whether the numbers say that these are two: both right, and not the same."""
    return (
        sound_number(one)
        and sound_number(other)
        and numbers.fold(one.citizen_number) != numbers.fold(other.citizen_number)
    )


def perhaps_the_same(staff, child: Child) -> list[Child]:
    """Other archives this person may see that may be this child's: first by name and birthday, then names alike."""
    found = [
        *twins_of(staff, {"name": child.name, "birth_on": child.birth_on}),
        *alike(staff, child.name, limit=MOST_HITS),
    ]
    return [one for one in dict.fromkeys(found) if one.pk != child.pk and not two_children(child, one)]


def _compare(found: Beside, names: tuple[str, ...]) -> None:
    """Put one group where it belongs: said alike, told by one side alone, or to be chosen."""
    first, second = found.sides
    told = [side.says(names) for side in found.sides]
    if not any(told):
        return
    fuller = [
        all(not two.facts[name] or _alike(name, one, two) for name in names)
        for one, two in ((first, second), (second, first))
    ]
    if all(told) and all(fuller):
        found.same.append(lead_of(names))
    elif any(fuller):
        found.given.update(dict.fromkeys(names, fuller.index(True)))
    else:
        found.questions.append(Question(lead_of(names), names, _likelier(found, lead_of(names))))


def _alike(name: str, one: Side, other: Side) -> bool:
    return is_same(name, one.facts[name], other.facts[name])


def lead_of(names: tuple[str, ...]) -> str:
    """The fact a group is named after."""
    return {HOME: "address", SCHOOL: "class_name"}.get(names, names[0])


def whole_of(name: str) -> tuple[str, ...]:
    """The group a leading fact stands for."""
    return next(names for names in WHOLE if lead_of(names) == name)


def _likelier(found: Beside, name: str) -> int:
    """Who the child is: as the sound number's side says. Else the side somebody confirmed last, or that remains."""
    if SECTION_OF[name] == Section.BASIC:
        sound = [sound_number(side.child) for side in found.sides]
        if sound[0] != sound[1]:
            return sound.index(True)
    days = [ground.confirmed_on if (ground := side.ground(name)) else None for side in found.sides]
    told = [day or date.min for day in days]
    return found.remaining if told[0] == told[1] else told.index(max(told))


def told_ground(ground: Ground | None) -> str:
    """Where a fact comes from and when it was last confirmed, in words."""
    if not ground:
        return ""
    day = month_day(ground.confirmed_on or ground.recorded_at)
    return _("%(source)s，%(day)s") % {"source": Source(ground.source).label, "day": day}


# ── what moves ───────────────────────────────────────────────────────────────────────────────────────────────────────


def pointing_at(model) -> list:
    """Foreign keys of any room to this model."""
    relations = [one for one in model._meta.get_fields(include_hidden=True) if one.auto_created and not one.concrete]
    return [one.field for one in relations if one.one_to_many or one.one_to_one]


def moving() -> list:
    """The foreign keys to a child, of any room, whose rows go along with it."""
    keys = pointing_at(Child)
    return [one for one in keys if one.model is not Merge and not getattr(one.model, "derived", False)]


def acts_of(children: list[Child]) -> list[tuple[str, int]]:
    """Acts that stand with these children, by what they are called: what one archive will hold."""
    counts: dict[str, int] = {}
    for one in acts():
        count = one.model._base_manager.filter(**{f"{one.name}__in": children}, withdrawn_at=None).count()
        if count:
            counts[str(one.model.told)] = count
    return list(counts.items())


def acts() -> list:
    """The foreign keys to a child of acts: rows that are told of one by one."""
    return [one for one in moving() if issubclass(one.model, Record) and getattr(one.model, "told", "")]


@dataclass(frozen=True)
class Changes:
    """What was done since a merge to rows of which one holds at a time: new rows, and others with what they said."""

    new: list[Record] = field(default_factory=list)
    changed: list[tuple[Record, dict]] = field(default_factory=list)


def changes_since(merge: Merge) -> Changes:
    """Class, level, helper, whereabouts and grown-ups of the one archive, as changed since; told by the trace."""
    first: dict[str, dict] = {}
    for event in _events_since(merge):
        for row, values in event.held.items():
            if row.partition(":")[0] in ONE_AT_A_TIME:
                plain = {name: value[0] for name, value in values.items() if isinstance(value, list)}
                first[row] = plain | first.get(row, {})
    found, opened = Changes(), set(merge.moves.values_list("row_id", flat=True))
    for key, was in first.items():
        kind, _colon, pk = key.partition(":")
        model = ONE_AT_A_TIME[kind]
        row = model._base_manager.filter(pk=pk, child=merge.child_id).first()
        if row is None:
            continue
        if row.pk > merge.pk and pk not in opened:
            if row.withdrawn_at is None:
                found.new.append(row)
        else:
            found.changed.append((row, {model._meta.get_field(name).attname: value for name, value in was.items()}))
    return found


def moved_elsewhere(merge: Merge) -> bool:
    """Whether another community has come to answer for the child since, or none."""
    return any(event.action in ELSEWHERE for event in _events_since(merge))


def _events_since(merge: Merge) -> list[Event]:
    events = Event.objects.filter(subject_id=merge.child_id)
    made = events.filter(action="children.merge", facts__has_key=f"merge:{merge.pk}").first()
    return list(events.filter(pk__gt=made.pk).order_by("pk")) if made else []


def newest_merge(child: Child) -> Merge | None:
    """The merge into this archive that can be taken apart: the last one."""
    return child.merges.standing().order_by("-merged_at", "-id").first()


def later_acts(merge: Merge) -> list[Model]:
    """Acts written down with the one archive since the merge, oldest first: whose they are has to be asked.

    A helper of since then is set back like a class (`changes_since`).
    """
    moved = {(one.model, one.row_id) for one in MergeMove.objects.filter(merge=merge)}
    rows = chain.from_iterable(
        one.model._base_manager.filter(**{one.name: merge.child_id}, withdrawn_at=None, pk__gt=merge.pk)
        for one in acts()
        if one.model is not Pairing
    )
    new = [row for row in rows if (row._meta.label_lower, str(row.pk)) not in moved]
    return sorted(new, key=lambda row: row.pk)


def merges_into(child: Child) -> list[Merge]:
    """Archives that became part of this one, the newest first."""
    return list(child.merges.standing().select_related("gone").order_by("-merged_at", "-id"))


def became_part_of(child: Child) -> list[Child]:
    """Archives that became part of this one, also over others."""
    found: list[Child] = []
    for merge in merges_into(child):
        found += [merge.gone, *became_part_of(merge.gone)]
    return found


def doors_before(child: Child) -> set:
    """Households this archive stood in before it took the door of one that became part of it."""
    moves = MergeMove.objects.filter(merge__child=child, model="children.child", row_id=str(child.pk))
    return {UUID(door) for was in moves.values_list("was", flat=True) if (door := was.get("household_id"))}


def remaining_of(child_id) -> Child | None:
    """Where an archive went that became part of another, perhaps over several; None where it did not."""
    found, seen = None, set()
    while merge := Merge.objects.standing().filter(gone=child_id).select_related("child__community").first():
        if merge.pk in seen:
            return None
        seen.add(merge.pk)
        found, child_id = merge.child, merge.child_id
    return found


def as_they_stand(children: list[Child]) -> dict[UUID, Child]:
    """Each of these archives → itself, or the one it has become part of since it was read.

    Inside an action only: they are kept, so that no merge comes between this and what is written.
    """
    found, gone = {child.pk: child for child in children}, True
    while gone:
        kept = _kept(one.pk for one in found.values())
        gone = {pk: after for pk, one in found.items() if one.pk not in kept and (after := remaining_of(one.pk))}
        found |= gone
    return found


def _kept(ids: Iterable[UUID]) -> set[UUID]:
    """Those that still stand, kept as a foreign key keeps a row: a merge waits, whoever corrects a fact does not."""
    rows = Child.objects.standing().filter(pk__in=set(ids)).order_by("pk").only("pk")
    sql, params = rows.query.sql_with_params()
    share = " FOR KEY SHARE" if connection.vendor == "postgresql" else ""  # the framework knows stronger locks only
    return {row.pk for row in Child.objects.raw(f"{sql}{share}", params)}
