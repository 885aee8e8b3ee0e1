"""Sheets of people: finding the headings and the rows beneath them, and our own template. No database here."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from xlsxwriter.utility import xl_col_to_name

from tongxing.base import excel, words
from tongxing.base.excel import REFUSALS, Sheet, UnreadableFile
from tongxing.children.choices import Relation, Sex

TABLES = Path(__file__).resolve().parent / "tables"
LOOKED_AT = 30  # lines in which a heading is sought
REFUSALS |= {
    "no_heading": _("没有认出表头：要有一列“姓名”，别的列照模板写。可以下载模板对照"),
    "no_rows": _("表头下面没有行"),
}
TITLE, TOTAL, BLANK, HEADING = "title", "total", "blank", "heading"


@dataclass(frozen=True)
class Heading:
    field: str
    title: str  # as our template writes it
    names: frozenset[str]  # every way it is known, without blanks
    required: bool


@cache
def headings() -> dict[str, Heading]:
    """The headings we know, by field, in the order of the template."""
    found = {}
    for field, title, others, required in words.table(str(TABLES / "headings.tsv")):
        names = {_bare(title), *(_bare(other) for other in others.split(" ") if other != "-")}
        found[field] = Heading(field, title, frozenset(names), required == "yes")
    return found


@cache
def _by_name() -> dict[str, str]:
    return {name: heading.field for heading in headings().values() for name in heading.names}


@cache
def _totals() -> tuple[str, ...]:
    return tuple(line[0] for line in words.table(str(TABLES / "totals.txt")))


def _bare(text) -> str:
    """A heading without blanks, line breaks and the star of a required column."""
    return "".join(words.tidy(text).split()).strip("*:")


class ColumnRead(NamedTuple):
    letter: str
    heading: str
    field: str  # "" when it is not one of ours


class LineRead(NamedTuple):
    """A line under a heading: cells as they were written, by field. `skipped` says why it is no row of a person."""

    sheet: str
    number: int
    written: dict
    skipped: str


@dataclass(frozen=True)
class Page:
    """One sheet whose heading was recognised."""

    sheet: Sheet
    heading_row: int
    columns: tuple[ColumnRead, ...]

    @property
    def name(self) -> str:
        return self.sheet.name[:60]

    def lines(self) -> Iterator[LineRead]:
        """Every line that is not blank, those above the heading too."""
        fields = [(at, column.field) for at, column in enumerate(self.columns) if column.field]
        for number, cells in self.sheet.rows():
            if number <= self.heading_row:
                yield LineRead(self.name, number, {}, HEADING if number == self.heading_row else TITLE)
                continue
            written = {field: cells[at] for at, field in fields if at < len(cells) and not _is_blank(cells[at])}
            yield LineRead(self.name, number, written, self._skipped(cells, written))

    def _skipped(self, cells, written) -> str:
        if not written:
            return BLANK
        first = _bare(next(cell for cell in cells if not _is_blank(cell)))
        if first.startswith(_totals()) or _bare(written.get("name")) in _totals():
            return TOTAL
        return HEADING if all(_by_name().get(_bare(cell)) == field for field, cell in written.items()) else ""


def _is_blank(cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def read_pages(file) -> list[Page]:
    """The sheets of a file that hold people; raises UnreadableFile with one clear sentence."""
    pages, seen_rows = [], False
    for sheet in excel.read_sheets(file):
        if sheet.hidden:
            continue
        page = _find_heading(sheet)
        if page:
            pages.append(page)
            seen_rows = seen_rows or any(not line.skipped for line in page.lines())
    if not pages:
        raise UnreadableFile("no_heading")
    if not seen_rows:
        raise UnreadableFile("no_rows")
    return pages


def _find_heading(sheet: Sheet) -> Page | None:
    """The first line that names a person and one more of our columns."""
    for at, (number, cells) in enumerate(sheet.rows()):
        if at >= LOOKED_AT:
            return None
        columns, taken = [], set()
        for index, cell in enumerate(cells):
            text = cell if isinstance(cell, str) else ""
            field = _by_name().get(_bare(text), "") if text else ""
            if field in taken:
                field = ""
            taken.add(field)
            columns.append(ColumnRead(xl_col_to_name(index), words.line(text)[:60], field))
        if "name" in taken and len(taken - {""}) > 1:
            return Page(sheet, number, tuple(columns))
    return None


# ── cells as JSON ────────────────────────────────────────────────────────────────────────────────────────────────────


def cell_out(cell):
    """A cell for JSON; that a cell was stored as a number, or as a day, is kept."""
    if isinstance(cell, words.Numeric):
        return {"n": str(cell)}
    if isinstance(cell, datetime | date):
        return {"d": cell.isoformat()}
    return str(cell)


def cells_out(written: dict) -> str:
    """Cells by field, as JSON."""
    return json.dumps({field: cell_out(cell) for field, cell in written.items()}, ensure_ascii=False)


def cell_in(value):
    if not isinstance(value, dict):
        return value
    if "n" in value:
        return words.Numeric(value["n"])
    text = value["d"]
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def cell_text(cell) -> str:
    """A cell as a person reads it; "" when it was empty."""
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)


# ── our template ─────────────────────────────────────────────────────────────────────────────────────────────────────

NOTES = {
    "birth_on": _("写成 2017-6-30；有身份证号可以不填"),
    "citizen_number": _("18 位，最后一位可以是 X；还没有就空着"),
    "class_name": _("写成 三(2)班"),
    "carer_name": _("现在和孩子住在一起、照看孩子的人"),
}
WIDTHS = {"citizen_number": 22, "address": 30, "school": 20, "father_place": 20, "mother_place": 20}


def template_columns() -> list[excel.Column]:
    """The columns of the sheet we hand out; words are Chinese whatever the language of the screen."""
    with translation.override("zh-hans"):
        choices = {
            "sex": [str(Sex.MALE.label), str(Sex.FEMALE.label)],
            "carer_relation": [str(label) for label in Relation.labels],
        }
        return [
            excel.Column(
                title=one.title,
                required=one.required,
                choices=choices.get(one.field, ()),
                note=str(NOTES.get(one.field, "")),
                width=WIDTHS.get(one.field),
            )
            for one in headings().values()
        ]


def write_template(target) -> None:
    """An empty template with drop-downs, to a path or an open binary file."""
    with translation.override("zh-hans"):
        excel.template(target, template_columns(), name=_("留守儿童名册"))
