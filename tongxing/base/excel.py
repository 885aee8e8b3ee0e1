"""Spreadsheets in and out: rows of the files people send, and sheets and templates they can open.

Reading runs in a process of its own under limits (excel_reader.py says why). Writing never makes a formula of text.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from unicodedata import east_asian_width

import xlsxwriter
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tongxing.base.words import Numeric

MEGABYTE = 1024 * 1024
ROOT = Path(__file__).resolve().parents[2]
READER = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tongxing.base.excel_reader.__main__ import main; main()"
LONGEST_CELL = 32767

REFUSALS = {
    "empty_file": _("文件是空的（0 字节），请重新选择"),
    "not_a_spreadsheet": _("这不是 Excel 或 csv 表格，请在表格软件里另存为 xlsx 再上传"),
    "protected": _("表格加了密码，请去掉密码再上传"),
    "too_big": _("表格太大，请分成几个文件再上传"),
    "too_many_rows": _("表格行数太多，请分成几个文件再上传"),
    "too_many_columns": _("表格列数太多，请删去多余的列再上传"),
    "empty": _("表格里没有内容"),
    "formulas": _("表里有没算出来的公式，请在表格软件里打开、保存，再上传"),
    "broken": _("表格打不开，可能已损坏，请在表格软件里另存一份再上传"),
}


class UnreadableFile(Exception):
    """A file that is not read: `code` (a key of REFUSALS) and the sentence the sender reads."""

    def __init__(self, code: str):
        self.code, self.text = code, REFUSALS[code]
        super().__init__(code)


class Unread(str):
    """A cell whose content the file does not hold; as text it is one of these two."""

    __slots__ = ()
    FORMULA = "="  # never calculated: a program wrote the formula and no value
    ERROR = "#"  # it came to an error


class Line(NamedTuple):
    """A row that is not blank: its number in the sheet, from 1, and its cells up to the last that is not empty.

    A cell is text, `words.Numeric` text when it was stored as a number, a date, a datetime, `Unread`, or None.
    """

    number: int
    cells: list


class _Rows:
    """The rows on disk; the nameless file goes with the last sheet that reads it."""

    def __init__(self):
        self.file = tempfile.TemporaryFile(dir=_temporary_folder())  # noqa: SIM115  closed below
        weakref.finalize(self, self.file.close)

    def line(self, offset: int) -> bytes:
        self.file.seek(offset)  # another sheet of the file may be read between two rows of one
        return self.file.readline()


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read. `rows` may be gone through any number of times, one row in memory at once.

    `merged` are (first row, first column, last row, last column), rows from 1 and columns from 0. With `from_1904` days
    that stand as plain numbers count from there.
    """

    name: str
    hidden: bool
    count: int  # rows that are not blank
    width: int  # columns
    merged: tuple[tuple[int, int, int, int], ...] = field(repr=False)
    from_1904: bool
    _rows: _Rows = field(repr=False)
    _offset: int = field(repr=False)

    def rows(self) -> Iterator[Line]:
        offset = self._offset
        for _at in range(self.count):
            text = self._rows.line(offset)
            offset += len(text)
            number, cells = json.loads(text)
            yield Line(number, [_cell(value) if type(value) is dict else value for value in cells])


def _cell(tagged: dict):
    if "n" in tagged:
        return Numeric(tagged["n"])
    if "u" in tagged:
        return Unread(tagged["u"])
    text = tagged["d"]
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _temporary_folder() -> str | None:
    return str(settings.FILE_UPLOAD_TEMP_DIR) if settings.FILE_UPLOAD_TEMP_DIR else None


def read_sheets(
    file,
    *,
    max_bytes: int = 20 * MEGABYTE,
    max_rows: int = 200_000,
    max_columns: int = 300,
    max_unpacked: int = 300 * MEGABYTE,
    max_memory: int = 640 * MEGABYTE,
    max_seconds: int = 60,
) -> list[Sheet]:
    """The sheets of an xlsx, xls or csv file (an open binary file, an upload); raises UnreadableFile.

    `max_rows` and `max_columns` bound the rectangle from A1 to the last cell with a value. The memory and the seconds
    bound the reading process.
    """
    content = file.read(max_bytes + 1)
    if not content:
        raise UnreadableFile("empty_file")
    if len(content) > max_bytes:
        raise UnreadableFile("too_big")
    limits = {
        "max_rows": max_rows,
        "max_columns": max_columns,
        "max_unpacked": max_unpacked,
        "max_ratio": 200,
        "max_output": 2 * max_unpacked,
        "max_memory": max_memory,
        "max_seconds": max_seconds,
    }
    rows = _Rows()
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", READER, json.dumps(limits)],
            input=content,
            stdout=rows.file,
            stderr=subprocess.PIPE,
            timeout=max_seconds * 3,  # CPU seconds end it first, unless the machine is very busy
            env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
            check=False,
        )
        answer = json.loads(done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2])
    except (subprocess.TimeoutExpired, ValueError):  # ended by a limit before it could answer
        answer = {"error": "too_big"}
    if "sheets" not in answer:
        raise UnreadableFile(answer.get("error", "broken"))
    return [
        Sheet(
            name=one["name"],
            hidden=one["hidden"],
            count=one["count"],
            width=one["width"],
            merged=tuple(tuple(box) for box in one["merged"]),
            from_1904=one["from_1904"],
            _rows=rows,
            _offset=one["offset"],
        )
        for one in answer["sheets"]
    ]


# --- writing ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A column of a sheet that is written. `kind` "text" writes everything as text, as ids and phones must be."""

    title: str
    kind: str = "text"  # "text", "number", "day"
    width: int | None = None  # in characters of half width
    required: bool = False  # in a template: * and a yellow header
    choices: Sequence[str] = ()  # in a template: a drop-down list
    note: str = ""  # in a template: what shows when a cell is chosen


@dataclass(frozen=True)
class SheetOut:
    name: str
    columns: Sequence[Column]
    rows: Iterable = ()


class Marked(NamedTuple):
    """A row drawn red, with comments at some of its cells (by index), for the file that goes back to its sender."""

    cells: Sequence
    comments: Mapping[int, str] = {}


def write_sheets(target, sheets: Iterable[SheetOut]) -> None:
    """Write an xlsx file to a path or open binary file; rows (sequences of cells, or Marked) are taken one by one."""
    with _book(target) as book:
        formats = _formats(book)
        used: set[str] = set()
        for sheet in sheets:
            page = book.add_worksheet(_sheet_name(sheet.name, used))
            _head(page, sheet.columns, formats)
            for number, row in enumerate(sheet.rows, start=1):
                _row(page, number, row, sheet.columns, formats)


def write_sheet(target, columns: Sequence[Column], rows: Iterable, *, name) -> None:
    """One sheet of `write_sheets`."""
    write_sheets(target, [SheetOut(name, columns, rows)])


def template(target, columns: Sequence[Column], *, name, lines: int = 2000) -> None:
    """An empty sheet to fill in: required columns yellow with *, text kept as text, drop-downs for `lines` rows."""
    with _book(target) as book:
        formats = _formats(book)
        used: set[str] = set()
        page = book.add_worksheet(_sheet_name(name, used))
        _head(page, columns, formats, asks=True)
        long_lists = [column for column in columns if len(",".join(map(str, column.choices))) > 255]
        source = _long_lists(book, long_lists, used) if long_lists else {}
        for at, column in enumerate(columns):
            rule = {"validate": "any"}
            if column.choices:
                short = [str(choice) for choice in column.choices]
                # A paste of other words is let through with a warning: our check reads more spellings than the list.
                rule = {"validate": "list", "source": source.get(id(column), short), "error_type": "warning"}
            if column.note:
                rule |= {"input_title": str(column.title)[:32], "input_message": str(column.note)[:255]}
            if len(rule) > 1:
                page.data_validation(1, at, lines, at, rule)


def _long_lists(book, columns: Sequence[Column], used: set[str]) -> dict[int, str]:
    """Choices too long for a rule go to a hidden sheet; the range of each column's."""
    name = _sheet_name(_("选项"), used)
    page = book.add_worksheet(name)
    page.hide()
    for number in range(max(len(column.choices) for column in columns)):
        for at, column in enumerate(columns):
            if number < len(column.choices):
                page.write_string(number, at, str(column.choices[number]))
    letter = xlsxwriter.utility.xl_col_to_name
    return {
        id(column): f"='{name}'!${letter(at)}$1:${letter(at)}${len(column.choices)}"
        for at, column in enumerate(columns)
    }


BOOK = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def _book(target) -> xlsxwriter.Workbook:
    return xlsxwriter.Workbook(target, BOOK | {"tmpdir": _temporary_folder()})


def _formats(book) -> Callable:
    """Formats of the book by name, made once each."""
    made: dict[tuple, object] = {}
    looks = {
        "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"},
        "required": {"bg_color": "#FFF2AB"},
        "red": {"bg_color": "#FBD5D5"},
        "text": {"num_format": "@"},
        "number": {"num_format": "General"},
        "day": {"num_format": "yyyy-mm-dd"},
        "quoted": {"num_format": "@", "quote_prefix": True},
    }

    def look(*names: str):
        if names not in made:
            made[names] = book.add_format({key: value for name in names for key, value in looks[name].items()})
        return made[names]

    return look


def _head(page, columns: Sequence[Column], look: Callable, *, asks: bool = False) -> None:
    page.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        title = str(column.title)
        required = asks and column.required
        width = column.width or min(max(_wide(title) + 4, 10), 40)
        page.set_column(at, at, width, look(column.kind))
        page.write_string(
            0, at, f"*{title}" if required else title, look("head", "required") if required else look("head")
        )


def _wide(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _row(page, number: int, row, columns: Sequence[Column], look: Callable) -> None:
    red = ()
    if isinstance(row, Marked):
        red = ("red",)
        for at, text in row.comments.items():
            page.write_comment(number, at, str(text), {"x_scale": 2})
        row = row.cells
    for at, value in enumerate(row):
        kind = columns[at].kind if at < len(columns) else "text"
        if value is None or value == "":
            if red:
                page.write_blank(number, at, None, look(kind, *red))
        elif kind == "number" and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            page.write_number(number, at, value, look(kind, *red))
        elif kind == "day" and isinstance(value, date):
            page.write_datetime(
                number, at, value.replace(tzinfo=None) if isinstance(value, datetime) else value, look(kind, *red)
            )
        else:
            text = _text(value)
            # Beginning so, text becomes a formula when someone edits the cell or saves it as csv.
            kind = "quoted" if text[:1] in "=+-@\t\r\n" else "text"
            page.write_string(number, at, text, look(kind, *red))


def _text(value) -> str:
    """Text of a cell, at most what a cell holds; a longer one says that it was cut."""
    text = str(value).encode("utf-8", "replace").decode("utf-8")
    if len(text) <= LONGEST_CELL:
        return text
    remark = str(_("（太长，以下略）"))
    return text[: LONGEST_CELL - len(remark)] + remark


def _sheet_name(name, used: set[str]) -> str:
    """A name that spreadsheets take: at most 31 characters, without []:*?/\\ and unlike the others."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", str(name)).strip().strip("'")[:31] or "Sheet"
    found, again = plain, 2
    while found.lower() in used:
        found = f"{plain[: 31 - len(str(again)) - 1]} {again}"
        again += 1
    used.add(found.lower())
    return found
