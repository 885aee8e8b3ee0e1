"""Rows as JSON lines, and what each sheet holds."""

import io
import json
import math
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from tongxing.base.excel_reader.marks import ERROR, FORMULA, MONTH, NO_YEAR, YEAR, Marks
from tongxing.base.excel_reader.refusals import Refused

MOST_MERGED = 200_000
MOST_COVERED = 1_000_000  # rows beneath the first of a merged range
ZERO, ZERO_1904 = date(1899, 12, 30), date(1904, 1, 1)
SHOWN = {MONTH: "%Y-%m", YEAR: "%Y", NO_YEAR: "%m-%d"}


def number_text(value: float) -> str:
    """As a sheet shows it: 5.0 is '5', 13800000000.0 is '13800000000', fifteen digits and no exponent."""
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    return format(Decimal(f"{value:.15g}"), "f")


def cell(value):
    """One cell for JSON."""
    kind = type(value)
    if kind is str:
        return value or None
    if kind is float or kind is int:
        return {"n": number_text(value)}
    if kind is bool:
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return {"d": value.date().isoformat() if midnight else value.isoformat(timespec="seconds")}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return None if value is None else str(value)


def marked(value, mark: str, from_1904: bool):
    """A cell whose value alone would mislead."""
    if mark in (FORMULA, ERROR):
        return {"u": mark}
    if type(value) is float or type(value) is int:
        if not 0 < value < 2_958_466:
            return cell(value)
        value = (ZERO_1904 if from_1904 else ZERO) + timedelta(days=int(value))
    if not isinstance(value, date):
        return cell(value)
    if mark != NO_YEAR and (value.day, value.month if mark == YEAR else 1) != (1, 1):
        return cell(value)  # whole days are hidden, not unknown
    return value.strftime(SHOWN[mark]).rjust(len(SHOWN[mark]), "0") if mark != NO_YEAR else value.strftime("%m-%d")


class _Out:
    """Where the rows go, and how many bytes they have come to."""

    def __init__(self, out, limits: dict):
        self.out, self.limits, self.offset = out, limits, 0

    def sheet(self, name: str, rows: Iterable, **more) -> dict:
        begin, count, widest = self.offset, 0, 0
        for number, cells in rows:
            while cells and cells[-1] is None:
                cells.pop()
            if not cells:
                continue
            self._check(number, len(cells))
            line = json.dumps([number, cells], ensure_ascii=False).encode("utf-8", "replace") + b"\n"
            self.out.write(line)
            self.offset += len(line)
            count, widest = count + 1, max(widest, len(cells))
            if self.offset > self.limits["max_output"]:
                raise Refused("too_big")
        sheet = {"name": name, "hidden": False, "merged": [], "from_1904": False, "width": widest}
        return sheet | more | {"offset": begin, "count": count}

    def _check(self, height: int, width: int) -> None:
        if width > self.limits["max_columns"]:
            raise Refused("too_many_columns")
        if height > self.limits["max_rows"]:
            raise Refused("too_many_rows")


def write_text(rows: Iterable[list], out, limits: dict) -> list[dict]:
    """The rows of a text file, which has one sheet without a name."""
    return [_Out(out, limits).sheet("", enumerate(rows, start=1))]


def write_book(content: bytes, out, limits: dict, marks: Marks) -> list[dict]:
    """Write every row of every sheet; what each sheet holds and where its rows begin in `out`."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets, target = [], _Out(out, limits)
    for index, about in enumerate(book.sheets_metadata):
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_index(index)
        height, width = (last + 1 for last in sheet.end or (-1, -1))
        target._check(height, width)
        written = target.sheet(
            about.name,
            _rows(sheet, marks.sheets.get(index, {}), marks.from_1904),
            hidden=about.visible != SheetVisibleEnum.Visible,
            merged=_merged(sheet, height, width),
            from_1904=marks.from_1904,
        )
        sheets.append(written | {"width": max(width, written["width"], 0)})
    return sheets


def _merged(sheet, height: int, width: int) -> list[list[int]]:
    """Merged ranges, no farther than there are cells."""
    boxes = [
        [top + 1, left, min(bottom + 1, height), min(right, width - 1)]
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if top <= bottom and left <= right and top < height and left < width
    ]
    if len(boxes) > MOST_MERGED or sum(bottom - top for top, _left, bottom, _right in boxes) > MOST_COVERED:
        raise Refused("too_big")
    return boxes


def _rows(sheet, marks: dict, from_1904: bool):
    """Numbers from 1 and cells; cells that only hold a mark stand outside what the parser calls the sheet."""
    number = 0
    before = [None] * sheet.start[1] if sheet.start else []  # columns on the left that the parser leaves out
    for number, row in enumerate(sheet.iter_rows() if sheet.end else (), start=1):
        row = before + row if before else row
        cells = [cell(value) for value in row]
        if marks and number in marks:
            _lay_over(cells, row, marks.pop(number), from_1904)
        yield number, cells
    for number in sorted(marks):
        cells = []
        _lay_over(cells, (), marks[number], from_1904)
        yield number, cells


def _lay_over(cells: list, row, marks: list, from_1904: bool) -> None:
    for at, mark in marks:
        if mark in (FORMULA, ERROR) and at < 20_000:
            cells.extend([None] * (at + 1 - len(cells)))
        if at < len(cells):
            cells[at] = marked(row[at] if at < len(row) else None, mark, from_1904)
