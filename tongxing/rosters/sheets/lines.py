"""The rows of a table as lines: whose cells they are, what they repeat, and which rows are nobody."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice
from typing import NamedTuple

from xlsxwriter.utility import xl_col_to_name

from tongxing.base import clock
from tongxing.base.excel import Line, Sheet
from tongxing.base.words import Numeric
from tongxing.rosters.sheets import rows as kinds
from tongxing.rosters.sheets.cells import is_blank
from tongxing.rosters.sheets.finding import DEEPEST, Merged, Table, table_of
from tongxing.rosters.sheets.meanings import CHILD, bare, meaning
from tongxing.rosters.sheets.rows import BLANK, CONTINUED, GROUP, HEADING, NOT_ONE, NOTE, TITLE, TOTAL
from tongxing.rosters.sheets.settle import Settler
from tongxing.rosters.sheets.template import table as words_in
from tongxing.rosters.sheets.values import class_in, is_tick

WHO_IT_IS = frozenset({"name", "citizen_number", "birth_on", "sex"})  # never taken over from a row above
NOBODYS = frozenset({"school", "class_name", "hamlet", "grade", "school_class", "left_behind"})
__all__ = ["BLANK", "CONTINUED", "GROUP", "HEADING", "NOTE", "NOT_ONE", "TITLE", "TOTAL", "LineRead", "Lines"]


class LineRead(NamedTuple):
    """A line of a sheet: the cells as they were written, by field.

    `skipped` says why it is no row of a person. `at` says where each cell stands: A1 addresses; what the sheet's name
    says has none. `doubts` are (field, code of asks.DOUBTS).
    """

    sheet: str
    number: int
    written: dict
    skipped: str
    at: Mapping[str, str] = {}
    doubts: tuple[tuple[str, str], ...] = ()


@cache
def _heads_of_names() -> frozenset[str]:
    """Headings of a column of names."""
    names = dict(words_in("kinds.tsv"))["name"].split(" ")
    whose = dict(words_in("whose.tsv"))[CHILD].split(" ")
    return frozenset({*names, *(who + name for who in whose for name in names)})


@cache
def _heads() -> frozenset[str]:
    """Words that stand in a column of names only as a heading."""
    return _heads_of_names() | {word for _kind, spoken in words_in("kinds.tsv") for word in spoken.split(" ")}


def identified(written: dict) -> bool:
    """Whether a row has a number or a day of birth, or what is meant to be one: then it tells of somebody."""
    number = written.get("citizen_number")
    if (number.__class__ is str and len(number) > 14) or isinstance(number, Numeric):
        return True
    birth = written.get("birth_on")
    return birth is not None and (birth.__class__ is not str or birth[:1].isdigit() or birth[-1:].isdigit())


@dataclass(frozen=True)
class Half:
    """The columns of one list; a list set in two halves has two."""

    plain: tuple[tuple[int, str, str], ...]  # (column, its letter, field)
    ticks: tuple[tuple[int, str, str, str], ...]  # (column, its letter, field, the word that is ticked)


def halves(table: Table) -> tuple[Half, ...]:
    columns, found = table.columns, []
    for start, end in zip(columns.starts, [*columns.starts[1:], len(table.levels)], strict=True):
        plain = tuple((at, xl_col_to_name(at), name) for at, name in sorted(columns.fields.items())
                      if name and start <= at < end)  # fmt: skip
        ticks = tuple((at, xl_col_to_name(at), *one) for at, one in sorted(columns.ticks.items()) if start <= at < end)
        found.append(Half(plain, ticks))
    return tuple(found)


class Lines:
    """One way through a sheet."""

    def __init__(self, sheet: Sheet, name: str, table: Table | None, merged: Merged, *,
                 context: Mapping[str, tuple[str, str]], figures_of_no, counts_blank: bool,
                 remembered: Mapping[str, str], chosen: Mapping[str, str]):  # fmt: skip
        self.sheet, self.name, self.merged = sheet, name, merged
        self.remembered, self.chosen = remembered, chosen
        self.today: date = clock.today()
        self.context = dict(context)  # field → (cell, where)
        self.held: dict[str, tuple[str, str]] = {}
        self.settings = {"figures_of_no": figures_of_no, "counts_blank": counts_blank, "from_1904": sheet.from_1904}
        self.tops: dict[int, list[int]] = {}
        for row, column in merged.depth:
            self.tops.setdefault(row, []).append(column)
        self.on_top: dict[int, tuple[object, int]] = {}  # column → (cell, row) of the range that covers it now
        self.ahead: list[Line] = []
        self._follow(table)

    def _follow(self, table: Table) -> None:
        """From here on the columns are these."""
        self.table = table
        self.halves = halves(table)
        self.signatures: set[tuple[str, ...]] = set()
        self.heads = set(table.rows)
        self.names = {at for at, name in table.columns.fields.items() if name == "name"}
        self.settlers = [Settler(one, guardian=table.columns.guardian, today=self.today, **self.settings)
                         for one in self.halves]  # fmt: skip
        self.leftmost = next((at for at, levels in enumerate(table.levels) if levels), 0)
        known = table.columns.found
        self.no_class = not known & {"class_name", "grade", "school_class"}

    def __iter__(self) -> Iterator[LineRead]:
        if not any((row, at) in self.merged.depth for at in self.names for row in self.tops):
            yield from self._each()
            return
        person, behind = None, []  # a name that is merged over several rows waits for its last
        for line in self._each():
            if line.skipped == CONTINUED and person is not None:
                behind.append(line)
                if line.written:
                    person = person._replace(doubts=(*dict.fromkeys((*person.doubts, ("name", "more_lines"))),))
                    behind[-1] = line._replace(written={}, at={})
                continue
            if person is not None:
                yield person
            yield from behind
            person, behind = line, []
        if person is not None:
            yield person
        yield from behind

    def _rows(self) -> Iterator[Line]:
        rows = self.sheet.rows()
        while True:
            if self.ahead:
                yield self.ahead.pop(0)
            elif (line := next(rows, None)) is not None:
                self.source = rows
                yield line
            else:
                return

    def _each(self) -> Iterator[LineRead]:
        first = self.table.rows[0] if self.table.rows else 0
        for number, cells in self._rows():
            if number in self.heads:
                self.signatures.add(tuple(kinds.bares(cells)))
                yield LineRead(self.name, number, {}, HEADING)
                continue
            if number < first:
                yield LineRead(self.name, number, {}, TITLE)
                continue
            if number in self.tops:
                for column in self.tops[number]:
                    self.on_top[column] = (cells[column] if column < len(cells) else None, number)
            below = self.merged.down.get(number, ()) if self.tops else ()
            lines = 0
            for half, settler in zip(self.halves, self.settlers, strict=True):
                line = self._line(number, cells, half, settler, below)
                if line.skipped == BLANK and (lines or half is not self.halves[-1]):
                    continue  # only one half of the row holds somebody
                lines += 1
                yield line
                if line.skipped in (HEADING, GROUP, NOTE, TITLE, TOTAL):
                    break

    def _line(self, number: int, cells: list, half: Half, settler: Settler, below) -> LineRead:
        width = len(cells)
        written = {
            name: cell
            for column, _letter, name in half.plain
            if column < width and (cell := cells[column]) is not None and (cell.__class__ is not str or cell.strip())
        }
        at = {name: f"{letter}{number}" for _column, letter, name in half.plain}
        name = written.get("name")
        plain = name.__class__ is str and name[0].isalpha() and identified(written)
        if not plain or "".join(name.split()) in _heads() or kinds.is_example(name):
            skipped = self._skipped(number, cells, half, written)
            if skipped:
                return LineRead(self.name, number, {}, skipped)
        if below and (skipped := self._merged_from_above(half, written, at, below)):
            return LineRead(self.name, number, written, skipped, at)
        doubts: list[tuple[str, str]] = []
        if half.ticks:
            self._ticked(number, cells, half, written, at, doubts)
        skipped = settler.settle(written, at, doubts)
        for field, (cell, where) in (self.held or self.context) and {**self.context, **self.held}.items():
            if field not in written:
                written[field] = cell
                if where:
                    at[field] = where
        return LineRead(self.name, number, written, skipped, at, tuple(doubts))

    # ── cells that stand for several rows, and ticks ─────────────────────────────────────────────────────────────────

    def _merged_from_above(self, half: Half, written: dict, at: dict, below) -> str:
        """Take over what a merged cell above says; a name that is merged over rows is one person."""
        fields = {column: (letter, name) for column, letter, name in half.plain}
        covered = {column: top for column, top in below if self.on_top.get(column, (None, 0))[1] == top}
        if any(fields[column][1] == "name" for column in covered if column in fields):
            for column, (_letter, name) in fields.items():
                if column in covered:
                    written.pop(name, None)
            return CONTINUED
        for column, top in covered.items():
            letter, name = fields.get(column, ("", "name"))
            cell = self.on_top[column][0]
            if name not in WHO_IT_IS and name not in written and not is_blank(cell):
                written[name], at[name] = cell, f"{letter}{top}"
        return ""

    def _ticked(self, number: int, cells: list, half: Half, written: dict, at: dict, doubts: list) -> None:
        found: dict[str, list[tuple[str, str]]] = {}
        for column, letter, field, word in half.ticks:
            if column < len(cells) and not is_blank(cells[column]) and is_tick(cells[column]):
                found.setdefault(field, []).append((word, f"{letter}{number}"))
        for field, marks in found.items():
            at[field] = marks[0][1]
            if len(marks) == 1:
                written[field] = marks[0][0]
            else:
                doubts.append((field, "two_ticks"))

    # ── rows that are nobody ─────────────────────────────────────────────────────────────────────────────────────────

    def _skipped(self, number: int, cells: list, half: Half, written: dict) -> str:
        """Why a row that does not plainly tell of a person is none; "" when it may be one."""
        filled = [(column, cell) for column, cell in enumerate(cells) if not is_blank(cell)]
        texts = [bare(cell) for _column, cell in filled]
        if not filled:
            return BLANK
        told = identified(written)
        if kinds.is_example(bare(written.get("name"))):
            return NOTE
        if not told and kinds.sums_up(texts):
            return TOTAL
        if tuple(texts) in self.signatures or kinds.counts_columns(texts) or kinds.explains(texts):
            return HEADING
        if self._is_new_heading(number, cells, texts):
            return HEADING
        if len(filled) == 1:
            return self._alone(number, *filled[0])
        if not told and kinds.is_signed(texts):
            return NOTE
        return BLANK if not written or set(written) <= NOBODYS else ""

    def _alone(self, number: int, column: int, cell) -> str:
        """A row with one cell: it holds for those beneath, or is a title or remark, or a person's only cell."""
        text, letter = str(cell), xl_col_to_name(column)
        is_a_name = column in self.names and not self.merged.is_across(number, column)
        found = kinds.group_of(text) if not isinstance(cell, Numeric) else {}
        if is_a_name and "hamlet" in found and (column > self.leftmost or len(text) < 3):
            found = {}  # groups stand in the first column; this may be somebody's name
        if found:
            if "school" in found:
                self.held.pop("class_name", None)
            self.held |= {field: (said, f"{letter}{number}") for field, said in found.items()}
            return GROUP
        if is_a_name:
            if kinds.is_signed([bare(text)]) or class_in(text):
                return NOTE
            return ""
        if self.no_class and (found := kinds.context_of(text)):
            self.held |= {field: (said, f"{letter}{number}") for field, said in found.items()}
        if any(column == at for at, _letter, name in self.halves[0].plain if name not in NOBODYS):
            return NOTE if self.merged.is_across(number, column) or kinds.is_signed([bare(text)]) else ""
        return NOTE if not isinstance(cell, Numeric) else BLANK

    def _is_new_heading(self, number: int, cells: list, texts: list[str]) -> bool:
        """Headings in mid-sheet that are not those above: from here on the columns are others."""
        known = sum(1 for text in texts if text in _heads_of_names() or (len(text) < 12 and meaning(text)))
        if known < 2 or known * 2 < len(texts) or not any(text in _heads_of_names() for text in texts):
            return False
        block = [Line(number, cells), *self.ahead]
        block += islice(self.source, max(DEEPEST - len(block), 0))
        self.ahead = block[1:]
        best = None
        for deep in range(1, DEEPEST + 1):
            if len(block) >= deep and block[deep - 1].number - number < deep:
                table = table_of(block[:deep], self.merged, self.remembered, self.chosen)
                if table and table.is_one and (best is None or table.rank > best.rank):
                    best = table
        if best is None:
            return False
        signatures = self.signatures
        self._follow(best)
        self.signatures = signatures | {tuple(texts)}
        return True
