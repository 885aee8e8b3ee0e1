"""Which column is which field: from the headings of a table, read from left to right.

A heading that does not say whom it asks about ("phone") belongs to the person before it, as long as only one person can
be meant. Where two can, the column is left unread and the page asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xlsxwriter.utility import xl_col_to_name

from tongxing.rosters.sheets.meanings import (
    CARER,
    CHILD,
    FATHER,
    GUARDIAN,
    MOTHER,
    OTHER,
    PARENTS,
    UNCLEAR,
    Levels,
    Meaning,
    bare,
    meaning,
    meaning_of,
)
from tongxing.rosters.sheets.template import table

OF_A_CHILD = ("name", "sex", "birth_on", "citizen_number", "address", "hamlet", "school", "class_name", "grade",
              "school_class", "left_behind", "birth_year", "birth_month", "birth_day")  # fmt: skip
OF_KIN = {
    FATHER: {"": "father_name", "name": "father_name", "phone": "father_phone", "place": "father_place"},
    MOTHER: {"": "mother_name", "name": "mother_name", "phone": "mother_phone", "place": "mother_place"},
    PARENTS: {"": "parents_name", "name": "parents_name", "phone": "parents_phone", "place": "parents_place"},
    CARER: {
        "": "carer_name",
        "name": "carer_name",
        "phone": "carer_phone",
        "relation": "carer_relation",
        "health": "carer_health",
    },
}
ASKED_OF_SOMEBODY = ("phone", "place", "relation", "health", "age", "job", "schooling")
WORTH_ASKING = ("phone", "place", "sex")


@dataclass
class Columns:
    """Fields by the place of their column; a list in two halves has them once for each half."""

    fields: dict[int, str] = field(default_factory=dict)
    ticks: dict[int, tuple[str, str]] = field(default_factory=dict)  # column → (field, the word that is ticked)
    unclear: list[int] = field(default_factory=list)
    guardian: bool = False  # the carer's columns say guardian
    starts: list[int] = field(default_factory=lambda: [0])  # where each half begins

    @property
    def found(self) -> set[str]:
        return {*self.fields.values(), *(name for name, _word in self.ticks.values())}


def resolve(columns: Sequence[Levels], remembered: Mapping[str, str], chosen: Mapping[str, str]) -> Columns:
    """What each column is. `remembered` knows bare headings, `chosen` letters of columns; "" is none of ours."""
    meanings = [meaning_of(levels) if levels else None for levels in columns]
    starts = _starts(columns, meanings)
    result = Columns(starts=starts)
    for start, end in zip(starts, [*starts[1:], len(columns)], strict=True):
        _Walk(columns, meanings, remembered, chosen, result).over(start, end)
    _settle_ticks(result, meanings)
    if "name" not in result.fields.values():
        _name_the_child(columns, meanings, result)
    return result


def _starts(columns: Sequence[Levels], meanings: Sequence[Meaning | None]) -> list[int]:
    """Where a list begins anew to the right of itself: the same headings, all of them, once more."""
    names = [at for at, one in enumerate(meanings) if one and one.kind == "name" and one.who in ("", CHILD)]
    same = [at for at in names if columns[at] == columns[names[0]]]
    if len(same) < 2:
        return [0]
    first, period = same[0], same[1] - same[0]
    half = columns[first : first + period - first] if period > first else columns[first : first + period]
    while half and not half[-1]:
        half = half[:-1]  # an empty column between the two
    whole = all(columns[at : at + len(half)] == half for at in same)
    even = all(at == first + step * period for step, at in enumerate(same))
    return [0, *(at - first for at in same[1:])] if whole and even and len(half) >= 3 else [0]


class _Walk:
    """From left to right over one list, remembering whom the last headings asked about."""

    def __init__(self, columns, meanings, remembered, chosen, result: Columns):
        self.columns, self.meanings, self.result = columns, meanings, result
        self.remembered, self.chosen = remembered, chosen
        self.taken: set[str] = set()
        self.person, self.before = "", ""  # of the last columns; and of those before them
        self.asked: dict[str, set[str]] = {}  # whom → what
        self.carer_is_named = any(one and one.who == CARER for one in meanings)

    def over(self, start: int, end: int) -> None:
        for at in range(start, end):
            one = self.meanings[at]
            if one and one.who in OF_KIN:
                self.asked.setdefault(one.who, set()).add(one.kind or "name")
        for at in range(start, end):
            name = self._field(at, start, end)
            if name and name not in self.taken:
                self.result.fields[at] = name
                self.taken.add(name)

    def _field(self, at: int, start: int, end: int) -> str:
        letter, heading = xl_col_to_name(at), bare("".join(self.columns[at]))
        one = self.meanings[at]
        if letter in self.chosen or heading in self.remembered:
            name = self.chosen[letter] if letter in self.chosen else self.remembered[heading]
            self._now(next((who for who in (FATHER, MOTHER, PARENTS, CARER) if name.startswith(who)), CHILD))
            return name
        if one is None:
            self._now("")
            return ""
        who, kind = one if not self._behind_a_person_of_its_group(at) else ("", one.kind)
        if "=" in kind:
            self._now(CHILD)
            self.result.ticks[at] = (kind.partition("=")[0], self.columns[at][-1])
            return ""
        if who == GUARDIAN:
            who = OTHER if self.carer_is_named else CARER
            self.result.guardian = self.result.guardian or who == CARER
        if who == UNCLEAR:
            return self._unclear(at, kind)
        if who in OF_KIN or who == OTHER:
            self._now(who)
            return OF_KIN.get(who, {}).get(kind, "")
        if kind in ASKED_OF_SOMEBODY:
            return "" if who == CHILD else self._of_the_last(at, kind)
        if who == CHILD:
            self._now(CHILD)
            return kind if kind in OF_A_CHILD else ""
        return self._of_a_child(at, kind, start, end)

    def _behind_a_person_of_its_group(self, at: int) -> bool:
        """A plain heading beneath a group belongs to the person the group names last, not to the group."""
        levels, last = self.columns[at], meaning(self.columns[at][-1])
        if len(levels) < 2 or not last or last.who or last.kind not in ASKED_OF_SOMEBODY:
            return False
        for before in range(at - 1, -1, -1):
            if self.columns[before][:-1] != levels[:-1]:
                return False
            said = meaning(self.columns[before][-1])
            if said and said.who:
                return said.who != self.meanings[at].who
        return False

    def _now(self, person: str) -> None:
        if person != self.person:
            self.before, self.person = self.person, person

    def _unclear(self, at: int, kind: str) -> str:
        self._now("")
        if kind in WORTH_ASKING:
            self.result.unclear.append(at)
        return ""

    def _of_the_last(self, at: int, kind: str) -> str:
        """Of the person before, if no other can be meant."""
        if kind == "relation" and self.person in ("", CHILD) and self._knows_a_carer():
            return OF_KIN[CARER][kind] if len(bare(self.columns[at][-1])) > 2 else self._unclear(at, kind)
        if kind == "health" or self.person in ("", CHILD):
            return self._unclear(at, kind)
        mine = self.asked.setdefault(self.person, set())
        theirs = self.asked.get(self.before, set())
        name = OF_KIN.get(self.person, {}).get(kind, "")
        if kind in mine and name:
            return self._unclear(at, kind)
        if kind in OF_KIN.get(self.before, {}) and kind not in theirs:
            return self._unclear(at, kind)
        mine.add(kind)
        return name

    def _knows_a_carer(self) -> bool:
        return any(one and one.who in (CARER, GUARDIAN) for one in self.meanings)

    def _of_a_child(self, at: int, kind: str, start: int, end: int) -> str:
        """A plain heading is the child's, unless it stands behind somebody else and stands there once more."""
        behind_another = self.person not in ("", CHILD)
        if kind == "name":
            again = kind in self.taken
            self._now(self.person if again and behind_another else CHILD)
            return "" if again else kind
        if behind_another and kind in ("sex", "birth_on", "citizen_number"):
            others = [one for one in self.meanings[start:end] if one and one.kind == kind and one.who in ("", CHILD)]
            if kind in self.taken or len(others) > 1:
                return ""
            if kind == "sex" and self.person not in (FATHER, MOTHER):
                return self._unclear(at, kind)
        if kind in self.taken:
            return ""
        self._now(CHILD)
        return kind


def _name_the_child(columns: Sequence[Levels], meanings, result: Columns) -> None:
    """A list without a column of names has them under "child" or "pupil", if it is one column and says no more."""
    plain = {word for (word,) in table("children.txt")}
    found = [at for at, one in enumerate(meanings) if one == Meaning(CHILD, "") and bare(columns[at][-1]) in plain]
    if len(found) == 1 and not result.fields.get(found[0]):
        result.fields[found[0]] = "name"


def _settle_ticks(result: Columns, meanings) -> None:
    """Columns to be ticked count where there are at least two of a field that has no column of its own."""
    names = [name for name, _word in result.ticks.values()]
    result.ticks = {
        at: (name, word)
        for at, (name, word) in result.ticks.items()
        if names.count(name) > 1 and name not in result.fields.values()
    }
