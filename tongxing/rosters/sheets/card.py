"""Registration forms: one child a sheet, each value beside its label or beneath it.

A family table inside the form has its persons down the side (father, mother) and what is asked along the top.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from xlsxwriter.utility import xl_col_to_name

from tongxing.base import days, words
from tongxing.base.excel import Sheet
from tongxing.children.forms import ALL
from tongxing.rosters.sheets.cells import is_blank
from tongxing.rosters.sheets.columns import OF_A_CHILD, OF_KIN
from tongxing.rosters.sheets.finding import Merged
from tongxing.rosters.sheets.meanings import CARER, CHILD, GUARDIAN, OTHER, Meaning, meaning
from tongxing.rosters.sheets.values import checked, parents_words

OF_A_HOUSEHOLD = ("address", "hamlet", "school", "class_name", "grade", "school_class")
MOST_ROWS, MOST_MERGED = 80, 1000
LEAST_FIELDS = 4
Place = tuple[int, int]  # row from 1, column from 0


@dataclass(frozen=True)
class Filled:
    """A value of the form: where it stands, and the label it stands by."""

    field: str
    cell: object
    place: Place
    label: str

    @property
    def address(self) -> str:
        return f"{xl_col_to_name(self.place[1])}{self.place[0]}"


class Card:
    """A sheet looked at as a form."""

    def __init__(self, sheet: Sheet, merged: Merged):
        self.cells: dict[Place, object] = {}
        self.boxes = {(top, left): (bottom, right) for top, left, bottom, right in merged.boxes}
        for number, cells in sheet.rows():
            for column, cell in enumerate(cells):
                if not is_blank(cell):
                    self.cells[number, column] = cell

    @cached_property
    def labels(self) -> dict[Place, Meaning]:
        return {
            place: said
            for place, cell in self.cells.items()
            if isinstance(cell, str)
            and not isinstance(cell, words.Numeric)
            and (said := meaning(cell))
            and "=" not in said.kind
        }

    @cached_property
    def covered(self) -> dict[Place, Place]:
        """Each place a merged range covers → where the range begins."""
        return {
            (row, column): (top, left)
            for (top, left), (bottom, right) in self.boxes.items()
            for row in range(top, min(bottom, top + MOST_ROWS) + 1)
            for column in range(left, min(right, left + 60) + 1)
        }

    def _beside(self, place: Place) -> Place:
        _bottom, right = self.boxes.get(place, place)
        there = (place[0], right + 1)
        return self.covered.get(there, there)

    def _beneath(self, place: Place) -> Place:
        bottom, _right = self.boxes.get(place, place)
        there = (bottom + 1, place[1])
        return self.covered.get(there, there)

    def _left(self, place: Place) -> Place:
        there = (place[0], place[1] - 1)
        return self.covered.get(there, there)

    def _above(self, place: Place) -> Iterator[Place]:
        """The places above, up to a row that is empty there."""
        row = place[0] - 1
        while row > 0:
            there = self.covered.get((row, place[1]), (row, place[1]))
            if there not in self.cells:
                return
            yield there
            row = there[0] - 1

    @cached_property
    def filled(self) -> list[Filled]:
        """Values that stand by a label, the first of each field."""
        found: dict[str, Filled] = {}
        for place, cell in sorted(self.cells.items()):
            if place in self.labels and not self._is_a_value(place):
                continue
            field, label = self._field_of(place)
            if field and field not in found and self._fits(field, cell):
                found[field] = Filled(field, cell, place, label)
        for place, cell in sorted(self.cells.items()):
            label, mark, said = words.tidy(cell).partition(":") if isinstance(cell, str) else ("", "", "")
            known = meaning(label) if mark and said.strip() else None
            if known and (field := self._field(known, place)) and field not in found and self._fits(field, said):
                found[field] = Filled(field, said.strip(), place, label)
        return list(found.values())

    def _is_a_value(self, place: Place) -> bool:
        """Words such as "father" are a label, and an answer to what the relation is."""
        if self.labels[place].kind:
            return False
        beside = self.labels.get(self._left(place))
        if beside and beside.kind == "relation":
            return True
        heads = (self.labels[there].kind for there in self._above(place) if there in self.labels)
        return next((kind for kind in heads if kind), "") == "relation"

    def _is_a_head(self, place: Place) -> bool:
        """A label beside another label is asked of what stands beneath it."""
        there = (self._left(place), self._beside(place))
        return any(one in self.labels and self.labels[one].kind and one[0] == place[0] for one in there)

    def _field_of(self, place: Place) -> tuple[str, str]:
        left = self._left(place)
        beside = self.labels.get(left)
        if beside is None or self._is_a_value(left):
            return self._beneath_a_head(place)
        if beside.kind:
            return self._field(beside, left), words.line(self.cells[left])
        head = next((there for there in self._above(place) if there in self.labels and self._is_a_head(there)), None)
        said = self.labels[head] if head else None
        if said and said.kind and not said.who:
            return self._field(Meaning(beside.who, said.kind), left), words.line(self.cells[head])
        return ("" if beside.who == CHILD else self._field(beside, left)), words.line(self.cells[left])

    def _beneath_a_head(self, place: Place) -> tuple[str, str]:
        for above in self._above(place):
            said = self.labels.get(above)
            if said is None or self._is_a_value(above):
                continue
            if not said.kind or not self._is_a_head(above):
                return "", ""
            who = self._person_of_row(place[0], above[0]) if said.who in ("", OTHER) else said.who
            return self._field(Meaning(who, said.kind), above), words.line(self.cells[above])
        return "", ""

    def _person_of_row(self, row: int, heads: int) -> str:
        """Whom a row beneath heads tells of; the child where nothing says otherwise and it is the first row."""
        heading = sorted(there for there in self.labels if there[0] == heads)
        for there in heading:
            if self.labels[there].kind == "relation":
                return parents_words().get(str(self.cells.get((row, there[1]), "")).strip(), OTHER)
        first = next(self.covered.get(there, there) for there in sorted(self.cells) if there[0] == row)
        if first in self.labels and not self.labels[first].kind:
            return self.labels[first].who
        others = any(self.labels[there].who not in ("", CHILD) for there in heading)
        return CHILD if row == heads + 1 and not others else OTHER

    def _field(self, said: Meaning, label: Place) -> str:
        """The field of a label; one that does not say whom it asks about follows the last that does, in its row."""
        who, kind = said
        if not who and kind not in OF_A_HOUSEHOLD:
            who = self._person_before(label)
        if who == GUARDIAN:
            who = OTHER if any(one.who == CARER for one in self.labels.values()) else CARER
        if who in OF_KIN:
            return OF_KIN[who].get(kind, "")
        return kind if who in ("", CHILD) and kind in OF_A_CHILD else ""

    def _person_before(self, label: Place) -> str:
        for column in range(label[1] - 1, -1, -1):
            there = self.covered.get((label[0], column), (label[0], column))
            said = self.labels.get(there)
            if said and said.who and not self._is_a_value(there):
                return said.who
        return ""

    @staticmethod
    def _fits(field: str, cell) -> bool:
        """A value that cannot be one of its field is a word of the form."""
        if field == "sex":
            text = words.tidy(cell).lower()
            return text in ALL["sex"].written or bool(checked(str(cell)))
        if field == "birth_on":
            return bool(days.read_day(cell, date.max, future=True).value)
        return True

    @property
    def is_one(self) -> bool:
        """Enough is filled in, over several rows, and it is no list: a list has names beneath the heading of names."""
        fields = {one.field: one for one in self.filled}
        rows = {one.place[0] for one in self.filled}
        proof = fields.keys() & {"sex", "birth_on", "citizen_number"}
        if "name" not in fields or not proof or len(fields) < LEAST_FIELDS or len(rows) < 2:
            return False
        name = fields["name"].place
        if self._left(name) in self.labels or self.cells[name] is not fields["name"].cell:
            return True
        beneath = [said for (row, column), said in self.labels.items() if column == name[1] and row > name[0]]
        return self._beneath(name) in self.labels and len(beneath) > 1

    @property
    def holds_several(self) -> bool:
        """The child's name is asked for more than once, and given."""
        asked = [place for place, said in self.labels.items() if said.kind == "name" and said.who in ("", CHILD)]
        given = [self._beside(place) for place in asked if self._field(self.labels[place], place) == "name"]
        values = [there for there in given if there in self.cells and there not in self.labels]
        beside = [self._beside(there) for there in values]
        return len(values) > 1 or any(there in self.cells and there not in self.labels for there in beside)

    def is_empty_form(self, column: int) -> bool:
        """A form nobody has filled in has labels where a table has names."""
        kinds = [said.kind for (_row, at), said in self.labels.items() if at == column]
        return sum(bool(kind) and kind != "name" for kind in kinds) > 1
