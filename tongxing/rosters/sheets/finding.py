"""Where the headings of a table are: one row, or two or three above one another, below titles and dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from tongxing.base import words
from tongxing.base.excel import Line, Sheet
from tongxing.rosters.sheets.cells import is_blank
from tongxing.rosters.sheets.columns import Columns, resolve
from tongxing.rosters.sheets.meanings import Levels, about, meaning

LOOKED_AT = 30  # rows in which headings are sought
DEEPEST = 3  # levels of headings
NONE: Mapping[str, str] = {}


class Merged:
    """The merged ranges of a sheet, by row."""

    def __init__(self, sheet: Sheet):
        self.boxes = sheet.merged

    @cached_property
    def across(self) -> dict[int, list[tuple[int, int, int]]]:
        """Row → (its top row, first column, last column) of the ranges that cover it and more than one column."""
        found: dict[int, list[tuple[int, int, int]]] = {}
        for top, left, bottom, right in self.boxes:
            for row in range(top, min(bottom, top + DEEPEST + LOOKED_AT) + 1) if right > left else ():
                found.setdefault(row, []).append((top, left, right))
        return found

    @cached_property
    def down(self) -> dict[int, list[tuple[int, int]]]:
        """Row → (its column, the row on top) of ranges that began in a row above."""
        found: dict[int, list[tuple[int, int]]] = {}
        for top, left, bottom, _right in self.boxes:
            for row in range(top + 1, bottom + 1):
                found.setdefault(row, []).append((left, top))
        return found

    @cached_property
    def depth(self) -> dict[tuple[int, int], int]:
        """(row, column) → how many rows the range has that begins there."""
        return {(top, left): bottom - top + 1 for top, left, bottom, _right in self.boxes if bottom > top}

    def is_across(self, row: int, column: int) -> bool:
        return any(top == row and left == column for top, left, _right in self.across.get(row, ()))


@dataclass(frozen=True)
class Table:
    """Headings that were found: their rows, the headings by column, and what they are."""

    rows: tuple[int, ...]
    levels: tuple[Levels, ...]
    columns: Columns
    marks: frozenset[str] = field(default=frozenset())

    @property
    def score(self) -> int:
        return len(self.columns.found) + bool(self.columns.ticks)

    @property
    def rank(self) -> tuple[int, int]:
        """Who says most; of equals the flattest."""
        return self.score, -len(self.rows)

    @property
    def is_one(self) -> bool:
        """It names a person and one more of our columns."""
        return "name" in self.columns.found and self.score > 1


def find_table(sheet: Sheet, merged: Merged, remembered=NONE, chosen=NONE) -> Table | None:
    """The headings that say most; of equals the first and the flattest."""
    lines = []
    for line in sheet.rows():
        lines.append(line)
        if len(lines) == LOOKED_AT:
            break
    best = None
    for at, line in enumerate(lines):
        near = lines[at : at + DEEPEST]
        if not (remembered or chosen or any(meaning_at(one, place) for one in near for place in range(len(one.cells)))):
            continue
        if at and line.number - lines[at - 1].number == 1 and _stands_over(lines[at - 1], line.number, merged):
            continue
        for deep in range(1, DEEPEST + 1):
            block = lines[at : at + deep]
            if len(block) < deep or block[-1].number - block[0].number > deep:
                break
            table = table_of(block, merged, remembered, chosen)
            if table and table.is_one and (best is None or table.rank > best.rank):
                best = table
        if best and at > best.rows[-1] + DEEPEST:
            break
    return best


def _stands_over(upper: Line, row: int, merged: Merged) -> bool:
    """Whether a row holds headings of those beneath: then those say nothing by themselves."""
    if any(
        top <= upper.number and left < len(upper.cells) and meaning_at(upper, left)
        for left, top in merged.down.get(row, ())
    ):
        return True
    groups = [(left, right) for top, left, right in merged.across.get(upper.number, ()) if top == upper.number]
    texts = [(at, cell) for at, cell in enumerate(upper.cells) if isinstance(cell, str) and not is_blank(cell)]
    if merged.boxes:
        over = [(at, cell) for at, cell in texts if any(left == at for left, _right in groups)]
        texts = over if len(texts) > 1 else []
    return any(":" not in words.tidy(text) and not meaning(text.strip()) and about(text) for _at, text in texts) or any(
        ":" not in words.tidy(text) and about(text) is not None for _at, text in texts if merged.boxes
    )


def meaning_at(line: Line, column: int):
    cell = line.cells[column]
    return meaning(cell) if isinstance(cell, str) else None


def table_of(block: Sequence[Line], merged: Merged, remembered=NONE, chosen=NONE) -> Table | None:
    """What these rows say as headings; None where a row below the first has stored numbers or days."""
    if any(not isinstance(cell, str) or isinstance(cell, words.Numeric)
           for line in block[1:] for cell in line.cells if cell is not None):  # fmt: skip
        return None
    width = max(len(line.cells) for line in block)
    rows = [_spread(line, width, merged, last=line is block[-1]) for line in block]
    for upper, lower in pairwise(rows):
        _fill_right(upper, lower)
    levels = tuple(_levels(column) for column in zip(*rows, strict=True))
    return Table(tuple(line.number for line in block), levels, resolve(levels, remembered, chosen))


def _spread(line: Line, width: int, merged: Merged, *, last: bool) -> list[str]:
    """A row's texts, each in all columns its merged cell covers. A title over everything is no heading."""
    texts = [words.line(cell) if isinstance(cell, str) and not is_blank(cell) else "" for cell in line.cells]
    texts += [""] * (width - len(texts))
    filled = sum(bool(text) for text in texts)
    if filled == 1 and not last and not merged.boxes:
        return [""] * width
    for top, left, right in merged.across.get(line.number, ()):
        if top == line.number and left < width and texts[left]:
            if filled == 1 and right - left + 1 >= 0.7 * width:
                return [""] * width
            texts[left : min(right, width - 1) + 1] = [texts[left]] * (min(right, width - 1) - left + 1)
    return texts


def _fill_right(upper: list[str], lower: list[str]) -> None:
    """In files that know no merged cells, a heading stands over the empty cells to its right."""
    for at in range(1, len(upper)):
        if not upper[at] and lower[at] and upper[at - 1] and lower[at - 1]:
            upper[at] = upper[at - 1]


def _levels(column: Sequence[str]) -> Levels:
    return tuple(text for at, text in enumerate(column) if text and (at == 0 or text != column[at - 1]))
