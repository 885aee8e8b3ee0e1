"""A sender's file with what is wrong in it marked: red rows, a comment at each wrong cell, a column that says why.

An xlsx of ordinary size comes back as itself, marked in a process under limits (excel_marker.py). An xls, a csv, a huge
file or one that openpyxl cannot open comes back as a new xlsx with the same cells, written row by row. Neither holds a
formula.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_cell_to_rowcol

from tongxing.base import excel
from tongxing.base.excel import MEGABYTE, Sheet
from tongxing.base.words import Numeric

log = logging.getLogger("tongxing.excel")
MARKER = Path(__file__).with_name("excel_marker.py")
MOST_CELLS = 300_000  # of a file that is held in memory whole: about 400 MB
RED, REDDER = "FBD5D5", "F4A3A3"
ZIP = b"PK\x03\x04"


@dataclass
class Marks:
    """What is wrong in one sheet: row number → why, and where exactly: (row number, column letter, sentence)."""

    name: str
    heading_row: int
    reasons: dict[int, str] = field(default_factory=dict)
    comments: list[tuple[int, str, str]] = field(default_factory=list)


def reason_title() -> str:
    """The heading of the column of reasons, the same whatever the language of the screen."""
    with translation.override("zh-hans"):
        return _("原因")


def _author() -> str:
    with translation.override("zh-hans"):
        return _("童行")


def marked(content: bytes, marks: Sequence[Marks], sheets: Sequence[Sheet]) -> bytes:
    """The file with these marks; `sheets` are what was read of it."""
    cells = sum(sheet.count * sheet.width for sheet in sheets)
    if content.startswith(ZIP) and cells <= MOST_CELLS and (done := _in_itself(content, marks)):
        return done
    with tempfile.TemporaryFile(dir=excel._temporary_folder()) as target:
        _anew(target, marks, sheets)
        target.seek(0)
        return target.read()


def _in_itself(content: bytes, marks: Iterable[Marks], *, max_memory=1024 * MEGABYTE, max_seconds=60) -> bytes | None:
    """The sender's own file; None where it cannot be marked within the limits."""
    looks = {"row": RED, "cell": REDDER, "title": reason_title(), "author": _author()}
    wanted = json.dumps({"looks": looks, "sheets": [asdict(one) for one in marks]}).encode() + b"\n"
    limits = json.dumps({"max_memory": max_memory, "max_seconds": max_seconds})
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(MARKER), limits],
            input=wanted + content,
            capture_output=True,
            timeout=max_seconds * 3,
            env={name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode or not done.stdout.startswith(ZIP):
        log.info("a file could not be marked in itself (%s) and is written anew", done.returncode)
        return None
    return done.stdout


def _anew(target, marks: Iterable[Marks], sheets: Sequence[Sheet]) -> None:
    """The same cells in a new file, row by row."""
    by_name = {one.name: one for one in marks}
    with xlsxwriter.Workbook(target, excel.BOOK | {"tmpdir": excel._temporary_folder()}) as book:
        look = _Looks(book)
        used: set[str] = set()
        for sheet in sheets:
            page = book.add_worksheet(excel._sheet_name(sheet.name, used))
            if sheet.hidden and len(sheets) > 1:
                page.hide()
            _sheet_anew(page, sheet, by_name.get(sheet.name[:60]) or Marks(sheet.name, 0), look)
        if all(sheet.hidden for sheet in sheets):
            page.activate()


class _Looks:
    """Formats of a book by what they are for, made once each."""

    KINDS = {
        "text": {"num_format": "@"},
        "quoted": {"num_format": "@", "quote_prefix": True},
        "number": {"num_format": "General"},
        "whole": {"num_format": "0"},
        "day": {"num_format": "yyyy-mm-dd"},
        "moment": {"num_format": "yyyy-mm-dd hh:mm:ss"},
        "reason": {"text_wrap": True, "valign": "top"},
        "head": {"bold": True},
    }

    def __init__(self, book):
        self.book, self.made = book, {}

    def __call__(self, kind: str, colour: str = ""):
        if (kind, colour) not in self.made:
            wanted = self.KINDS[kind] | ({"bg_color": f"#{colour}"} if colour else {})
            self.made[kind, colour] = self.book.add_format(wanted)
        return self.made[kind, colour]


def _sheet_anew(page, sheet: Sheet, marks: Marks, look: _Looks) -> None:
    title, column = reason_title(), sheet.width
    comments: dict[tuple[int, int], list[str]] = {}
    for number, letter, said in marks.comments:
        comments.setdefault((number, xl_cell_to_rowcol(f"{letter}1")[1]), []).append(said)
    for line in sheet.rows():
        cells = list(line.cells)
        if line.number == marks.heading_row:
            earlier = [at for at, cell in enumerate(cells) if isinstance(cell, str) and cell.strip() == title]
            column = earlier[0] if earlier else column
            page.set_column(column, column, 46)
        reason = marks.reasons.get(line.number)
        colour = RED if reason else ""
        for at in range(max(len(cells), column if reason else 0)):
            if at == column and line.number > marks.heading_row > 0:
                continue
            said = comments.get((line.number, at))
            _cell_anew(
                page, line.number - 1, at, cells[at] if at < len(cells) else None, look, REDDER if said else colour
            )
            if said:
                page.write_comment(line.number - 1, at, "\n".join(said), {"x_scale": 2, "author": _author()})
        if line.number == marks.heading_row:
            page.write_string(line.number - 1, column, title, look("head"))
        elif reason:
            page.write_string(line.number - 1, column, excel._text(reason), look("reason", RED))


def _cell_anew(page, row: int, at: int, value, look: _Looks, colour: str) -> None:
    if value is None or value == "":
        if colour:
            page.write_blank(row, at, None, look("text", colour))
    elif isinstance(value, Numeric):
        page.write_number(row, at, float(value), look("whole" if value.isdigit() else "number", colour))
    elif isinstance(value, datetime):
        page.write_datetime(row, at, value, look("moment", colour))
    elif isinstance(value, date):
        page.write_datetime(row, at, value, look("day", colour))
    else:
        text = excel._text(value)
        page.write_string(row, at, text, look("quoted" if text[:1] in "=+-@\t\r\n" else "text", colour))
