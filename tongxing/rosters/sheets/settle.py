"""A row's cells settled into fields: what stands for several fields is parted, what says nothing is left out."""

from collections.abc import Callable, MutableMapping
from datetime import date

from tongxing.base import phones, words
from tongxing.base.excel import Unread
from tongxing.rosters.sheets import values
from tongxing.rosters.sheets.cells import is_blank, nothing
from tongxing.rosters.sheets.meanings import FATHER, MOTHER
from tongxing.rosters.sheets.rows import NOT_ONE
from tongxing.rosters.sheets.template import table

KIN = ("father", "mother", "carer")
UNREAD = {Unread.FORMULA: "formula_without_value", Unread.ERROR: "formula_error"}
NEVER_THE_SAME = frozenset({"name", "citizen_number"})
Doubts = list[tuple[str, str]]


class Settler:
    """Of one list: it knows which cells its columns may need settled, and the row above for cells that say "same"."""

    def __init__(self, half, *, guardian: bool, today: date, figures_of_no, counts_blank: bool, from_1904: bool):
        fields = {name for _at, _letter, name in half.plain}
        self.guardian, self.today, self.from_1904 = guardian, today, from_1904
        self.figures_of_no, self.counts_blank = figures_of_no, counts_blank
        self.above: tuple[dict, dict] = ({}, {})
        self.same = frozenset(word for (word,) in table("same.txt"))
        self.odd = nothing() | self.same
        self.vague = frozenset(word for (word,) in table("relations_of_two.txt"))
        self.kin = [who for who in KIN if f"{who}_name" in fields]
        self.phones = [f"{who}_phone" for who in KIN if f"{who}_phone" in fields]
        self.steps: list[Callable[[dict, dict, Doubts], None]] = []
        if any(name.startswith("parents_") for name in fields):
            self.steps.append(self._parents)
        if "school_class" in fields:
            self.steps.append(self._school_class)
        if "birth_year" in fields:
            self.steps.append(self._birth)
        if "grade" in fields:
            self.steps.append(self._grade)
        self.asks_left_behind = "left_behind" in fields

    def settle(self, written: dict, at: MutableMapping[str, str], doubts: Doubts) -> str:
        """Change the cells and their addresses in place; why the row is nobody of ours, or ""."""
        odd = [
            field
            for field, cell in written.items()
            if cell.__class__ is Unread or (cell.__class__ is str and cell in self.odd)
        ]
        if odd:
            self._odd(odd, written, at, doubts)
        for step in self.steps:
            step(written, at, doubts)
        for who in self.kin:
            cell = written.get(f"{who}_name")
            if cell.__class__ is str and (len(cell) > 3 or cell in values.relations()):
                self._person(who, cell, written, at)
        for field in self.phones:
            cell = written.get(field)
            if cell.__class__ is str and not cell.isdecimal():
                self._phone(field, cell, written, at, doubts)
        self._child(written, doubts)
        if self.guardian:
            self._guardian(written, doubts)
        self.above = (written, at)
        return self._left_behind(written, doubts) if self.asks_left_behind else ""

    def _odd(self, odd: list[str], written: dict, at, doubts: Doubts) -> None:
        for field in odd:
            cell = written.pop(field)
            if isinstance(cell, Unread):
                doubts.append((field, UNREAD[cell]))
            elif cell in self.same:
                if field in NEVER_THE_SAME or field not in self.above[0]:
                    written[field] = cell
                else:
                    written[field], at[field] = self.above[0][field], self.above[1].get(field, at[field])

    def _child(self, written: dict, doubts: Doubts) -> None:
        """Days and numbers in the habits of programs, and a month of birth that the number says better."""
        number, birth = written.get("citizen_number"), written.get("birth_on")
        if number.__class__ is str and not number.isalnum():
            number = written["citizen_number"] = values.whole_number(number)
        if birth is not None:
            if self.from_1904:
                birth = written["birth_on"] = values.day_from_1904(birth)
            if number is not None and values.said_by_the_number(birth, number, self.today):
                del written["birth_on"]
        sex = written.get("sex")
        if sex is not None:
            if sex.__class__ is str:
                written["sex"] = values.sex_of(sex)
            if number is None and sex in ("1", "2"):
                doubts.append(("sex", "sex_in_figures"))
        hamlet = written.get("hamlet")
        if hamlet is not None and len(str(hamlet)) < 4:
            written["hamlet"] = values.hamlet_of(hamlet)
        if written.get("carer_relation") in self.vague:
            del written["carer_relation"]
            doubts.append(("carer_relation", "vague_relation"))

    # ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _person(self, who: str, cell: str, written: dict, at) -> None:
        """A name with a relation or a phone beside it, which fill fields that are still empty."""
        found = values.person(cell)
        parts = {f"{who}_{part}": said for part, said in found.items()}
        if who != "carer":
            relation = parts.pop(f"{who}_relation", "")
            if relation and values.parents_words().get(relation) != who:
                return
        if not parts or any(parts.get(name) and name in written for name in parts if name != f"{who}_name"):
            return
        where = at[f"{who}_name"]
        for field, said in parts.items():
            if said:
                written[field], at[field] = said, where
            else:
                del written[field]

    def _phone(self, field: str, cell: str, written: dict, at, doubts: Doubts) -> None:
        """Phones of two people in one cell go to both; a word beside a phone that names somebody else is a doubt."""
        whole = values.whole_number(cell)
        if whole is not cell:
            written[field] = whole
            return
        mine = field.removesuffix("_phone")
        other = {FATHER: MOTHER, MOTHER: FATHER}.get(mine)
        pieces = phones.split(cell)
        notes = {words.tidy(piece.note).strip(" :") for piece in pieces} - {""}
        if not notes:
            return
        named = {values.parents_words().get(note) for note in notes}
        if other and named <= {mine, other} and len(pieces) == len(notes) == len(named):
            found, _code = values.phones_of_two(cell)
            if other not in found or f"{other}_phone" not in written:
                for who, phone in found.items():
                    written[f"{who}_phone"] = phone
                    at[f"{who}_phone"] = at[field]
                if mine not in found:
                    del written[field]
                    doubts.append((field, "other_persons_phone"))
                return
        if len(pieces) == 1 and notes & {str(written.get(f"{mine}_name", "")), str(written.get("carer_relation", ""))}:
            written[field] = pieces[0].phone
        elif named - {None, mine}:
            doubts.append((field, "other_persons_phone"))

    def _parents(self, written: dict, at, doubts: Doubts) -> None:
        """Columns about both parents: each to whom it belongs, as far as the cell says so."""
        for kind in ("name", "phone", "place"):
            cell = written.get(f"parents_{kind}")
            if is_blank(cell):
                continue
            found, code = values.phones_of_two(cell) if kind == "phone" else values.people(str(cell))
            where, first = at[f"parents_{kind}"], ""
            for who, said in found.items():
                field = f"{who}_{kind}"
                first = first or field
                if field not in written:
                    written[field], at[field] = said, where
            if code:
                at.setdefault(first or f"father_{kind}", where)
                doubts.append((first or f"father_{kind}", code))

    def _guardian(self, written: dict, doubts: Doubts) -> None:
        """A guardian who is the parent that works away looks after the child on paper only."""
        relation = values.relations().get(str(written.get("carer_relation", "")))
        name = words.fold(written.get("carer_name", "")) if written.get("carer_name") else ""
        for who, code in ((FATHER, "51"), (MOTHER, "52")):
            is_parent = relation == code or (name and name == words.fold(written.get(f"{who}_name")))
            if is_parent and written.get(f"{who}_place"):
                doubts.append(("carer_name", "guardian_is_away"))

    # ── school, class, and whether the list means the child at all ───────────────────────────────────────────────────

    def _school_class(self, written: dict, at, doubts: Doubts) -> None:
        if "school_class" not in written:
            return
        school, room = values.school_and_class(str(written["school_class"]))
        for field, said in (("school", school), ("class_name", room)):
            if said and field not in written:
                written[field], at[field] = said, at["school_class"]

    def _birth(self, written: dict, at, doubts: Doubts) -> None:
        """A day of birth in three columns, as far as it is told."""
        parts = [written.get(f"birth_{part}") for part in ("year", "month", "day")]
        known = [str(part).strip() for part in parts[: parts.index(None) if None in parts else 3]]
        if known and "birth_on" not in written:
            written["birth_on"], at["birth_on"] = "-".join(known), at["birth_year"]

    def _grade(self, written: dict, at, doubts: Doubts) -> None:
        if "grade" not in written:
            return
        said, code = values.class_of(written["grade"], written.get("class_name"))
        if said:
            at.setdefault("class_name", at["grade"])
            written["class_name"] = said
        if code:
            doubts.append(("class_name", code))

    def _left_behind(self, written: dict, doubts: Doubts) -> str:
        cell = written.get("left_behind")
        if is_blank(cell):
            if self.counts_blank and not any(field == "left_behind" for field, _code in doubts):
                doubts.append(("left_behind", "blank_answer"))
            return ""
        said = values.yes_or_no(cell, self.figures_of_no)
        if said == "no":
            return NOT_ONE
        if said != "yes":
            doubts.append(("left_behind", "which_coding" if said == "figure" else "strange_answer"))
        return ""
