"""Two archives that are one child's, held beside each other: what they say alike, what has to be chosen, what moves."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from django.db.models import Model

from tongxing.base import clock, numbers
from tongxing.base.facts import Ground, ground_of
from tongxing.base.records import Record
from tongxing.children.choices import Section
from tongxing.children.merges import Merge, MergeMove
from tongxing.children.models import Child
from tongxing.children.queries.archive import Archive, archive_of, facts_of, work_places
from tongxing.children.rules import FIELDS, SECTION_OF, is_same

# What is chosen as a whole: half of one door or one class and half of another would be a third.
HOME, SCHOOL = FIELDS[Section.HOME], FIELDS[Section.SCHOOL]
PERSONS = {
    f"{who}_name": tuple(name for name in SECTION_OF if name.startswith(f"{who}_"))
    for who in ("father", "mother", "carer")
}
ALONE = ("name", "sex", "birth_on", "citizen_number")


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
    both_in_care = one.in_care and other.in_care
    found = Beside(
        sides, remaining=remaining, homes=both_in_care and one.community_id != other.community_id,
    )  # fmt: skip
    for names in _groups(sides):
        _compare(found, names)
    return found


def _rank(side: Side) -> tuple:
    """The archive that remains: in care, with a sound number, opened first."""
    return not side.child.in_care, not _sound(side.child), side.child.opened_on, str(side.child.pk)


def _sound(child: Child) -> bool:
    return numbers.is_sound(numbers.fold(child.citizen_number or ""), clock.today())


def two_children(one: Child, other: Child) -> bool:
    """Whether the numbers say that these are two: both right, and not the same."""
    return _sound(one) and _sound(other) and numbers.fold(one.citizen_number) != numbers.fold(other.citizen_number)


def _groups(sides: tuple[Side, Side]) -> list[tuple[str, ...]]:
    """Facts as they are chosen: one by one, but a door, a class, and a person of another name only as a whole."""
    found: list[tuple[str, ...]] = [(name,) for name in ALONE]
    found.append(HOME)
    for name, names in PERSONS.items():
        first, second = (side.facts[name] for side in sides)
        one_person = not (first and second) or is_same(name, first, second)
        lacks_name = any(side.says(names) and not side.facts[name] for side in sides)
        found += [(one,) for one in names] if one_person and not lacks_name else [names]
    found.append(SCHOOL)
    return found


def _compare(found: Beside, names: tuple[str, ...]) -> None:
    """Put one group where it belongs: said alike, told by one side alone, or to be chosen."""
    first, second = found.sides
    told = [side.says(names) for side in found.sides]
    if not any(told):
        return
    if not all(told):
        found.given.update(dict.fromkeys(names, told.index(True)))
    elif all(is_same(name, first.facts[name], second.facts[name]) for name in names):
        found.same.append(lead_of(names))
    else:
        found.questions.append(Question(lead_of(names), names, _likelier(found, lead_of(names))))


def lead_of(names: tuple[str, ...]) -> str:
    """The fact a group is named after."""
    return {HOME: "address", SCHOOL: "class_name"}.get(names, names[0])


def _likelier(found: Beside, name: str) -> int:
    """The side somebody confirmed last; else the one that remains."""
    if name == "citizen_number":
        sound = [_sound(side.child) for side in found.sides]
        if sound[0] != sound[1]:
            return sound.index(True)
    days = [ground.confirmed_on if (ground := side.ground(name)) else None for side in found.sides]
    told = [day or date.min for day in days]
    return found.remaining if told[0] == told[1] else told.index(max(told))


# ── what moves ───────────────────────────────────────────────────────────────────────────────────────────────────────


def moving() -> list:
    """The foreign keys to a child, of any room, whose rows go along with it."""
    relations = [one for one in Child._meta.get_fields(include_hidden=True) if one.auto_created and not one.concrete]
    return [
        one.field
        for one in relations
        if one.field.model is not Merge and not getattr(one.field.model, "derived", False)
    ]


def acts_of(children: list[Child]) -> list[tuple[str, int]]:
    """Acts that stand with these children, by what they are called: what one archive will hold."""
    counts: dict[str, int] = {}
    for one in _acts():
        count = one.model._base_manager.filter(**{f"{one.name}__in": children}, withdrawn_at=None).count()
        if count:
            counts[str(one.model.told)] = count
    return list(counts.items())


def _acts() -> list:
    return [one for one in moving() if issubclass(one.model, Record) and getattr(one.model, "told", "")]


def later_acts(merge: Merge) -> list[Model]:
    """Acts written down with the one archive since the merge, oldest first: whose they are has to be asked."""
    moved = {(one.model, one.row_id) for one in MergeMove.objects.filter(merge=merge)}
    rows = chain.from_iterable(
        one.model._base_manager.filter(**{one.name: merge.child_id}, withdrawn_at=None, pk__gt=merge.pk)
        for one in _acts()
    )
    new = [row for row in rows if (row._meta.label_lower, str(row.pk)) not in moved]
    return sorted(new, key=lambda row: row.pk)


def merges_into(child: Child) -> list[Merge]:
    """Archives that became part of this one, the newest first."""
    return list(child.merges.standing().select_related("gone").order_by("-merged_at", "-id"))


def remaining_of(child_id) -> Child | None:
    """Where an archive went that became part of another, perhaps over several; None where it did not."""
    found, seen = None, set()
    while merge := Merge.objects.standing().filter(gone=child_id).select_related("child__community").first():
        if merge.pk in seen:
            return None
        seen.add(merge.pk)
        found, child_id = merge.child, merge.child_id
    return found
