"""The sheets of a file that hold people."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from xlsxwriter.utility import xl_col_to_name

from tongxing.base import clock, excel, words
from tongxing.base.excel import REFUSALS, Sheet, UnreadableFile
from tongxing.children.forms import ALL
from tongxing.rosters.sheets import rows as kinds
from tongxing.rosters.sheets.asks import CODINGS, Answers, Ask, left_behind_coding, whose_column
from tongxing.rosters.sheets.card import MOST_MERGED, MOST_ROWS, Card
from tongxing.rosters.sheets.cells import is_blank
from tongxing.rosters.sheets.columns import Columns
from tongxing.rosters.sheets.finding import Merged, Table, find_table
from tongxing.rosters.sheets.lines import Half, LineRead, Lines
from tongxing.rosters.sheets.settle import Settler
from tongxing.rosters.sheets.template import table as words_in
from tongxing.rosters.sheets.values import class_in, yes_or_no

REFUSALS |= {
    "no_heading": _("没有认出表头：要有一列“姓名”，别的列照模板写。可以下载模板对照"),
    "no_rows": _("表头下面没有行"),
}
NOTHING: Mapping = {}
_legend = re.compile(r"([0-3])\s*[.:=\-\u3001]?\s*([^\d\s,;:.=()\uff08\uff09\u3001\u3002/-]+)")


class ColumnRead(NamedTuple):
    letter: str
    heading: str
    field: str  # "" when it is not one of ours; see template.title_of


@dataclass(frozen=True)
class Page:
    """One sheet that holds people: a table with headings, or a form for one child."""

    sheet: Sheet
    heading_rows: tuple[int, ...]  # none in a form, or where columns were chosen by hand without any
    columns: tuple[ColumnRead, ...]
    asks: tuple[Ask, ...] = ()
    table: Table | None = field(default=None, repr=False)  # None: a form
    context: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    settings: Mapping = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.sheet.name[:60]

    @property
    def heading_row(self) -> int:
        return self.heading_rows[-1] if self.heading_rows else 0

    def lines(self) -> Iterator[LineRead]:
        """Every line that is not blank, those above the heading too; of a form the one line of its child."""
        if self.table is None:
            yield _line_of_card(self.sheet, self.name)
            return
        yield from Lines(self.sheet, self.name, self.table, Merged(self.sheet), context=self.context, **self.settings)


def read_pages(
    file,
    *,
    remembered: Mapping[str, str] = NOTHING,
    chosen: Mapping[str, Mapping[str, str]] = NOTHING,
    answers: Answers = NOTHING,
) -> list[Page]:
    """The sheets of a file that hold people; raises UnreadableFile with one clear sentence.

    `remembered` knows headings as `bare` gives them, as the sender taught us earlier: heading → field, "" for none of
    ours. `chosen` knows sheets, then letters of columns, chosen by hand: it wins over everything. `answers` knows
    sheets, then codes of a page's asks: the value of an option. The sheet of a text file has the name "".
    """
    pages, seen_rows = [], False
    for sheet in excel.read_sheets(file):
        if sheet.hidden:
            continue
        page = _page_of(sheet, remembered, _known(chosen.get(sheet.name, NOTHING)), answers.get(sheet.name, NOTHING))
        if page:
            pages.append(page)
            seen_rows = seen_rows or any(line.skipped in ("", kinds.NOT_ONE) for line in page.lines())
    if not pages:
        raise UnreadableFile("no_heading")
    if not seen_rows:
        raise UnreadableFile("no_rows")
    return pages


def _known(fields: Mapping[str, str]) -> dict[str, str]:
    """Choices that name a field we have."""
    known = {"", *ALL, *(name for name, _title in words_in("further.tsv"))}
    return {letter: name for letter, name in fields.items() if name in known}


def _page_of(sheet: Sheet, remembered, chosen, answers) -> Page | None:
    merged = Merged(sheet)
    table = find_table(sheet, merged, remembered, chosen)
    if sheet.count <= MOST_ROWS and len(sheet.merged) <= MOST_MERGED and not chosen:
        card = Card(sheet, merged)
        if card.is_one and (table is None or len(card.filled) > table.score):
            columns = [ColumnRead(xl_col_to_name(one.place[1]), one.label, one.field) for one in card.filled]
            return Page(sheet, (), tuple(columns))
        if table and any(card.is_empty_form(at) for at, name in table.columns.fields.items() if name == "name"):
            return None
    if table is None and "name" in chosen.values():
        table = _without_headings(sheet, chosen)
    return _page_of_table(sheet, table, remembered, chosen, answers) if table else None


def _without_headings(sheet: Sheet, chosen: Mapping[str, str]) -> Table:
    """A list that has none; its columns were chosen by hand."""
    letters = [xl_col_to_name(at) for at in range(sheet.width)]
    fields = {at: chosen[letter] for at, letter in enumerate(letters) if chosen.get(letter)}
    return Table((), ((),) * sheet.width, Columns(fields=fields))


def _page_of_table(sheet: Sheet, table: Table, remembered, chosen, answers) -> Page:
    columns = tuple(
        ColumnRead(xl_col_to_name(at), " ".join(levels)[:60], _field_of(table, at))
        for at, levels in enumerate(table.levels)
    )
    asks = [whose_column(columns[at].letter, columns[at].heading) for at in table.columns.unclear]
    settings = {"remembered": remembered, "chosen": chosen, "figures_of_no": None, "counts_blank": False}
    page = Page(sheet, table.rows, columns, table=table, context=_context(sheet, table), settings=settings)
    left_behind = next((at for at, name in table.columns.fields.items() if name == "left_behind"), None)
    if left_behind is not None:
        settings |= _answers_of_column(page, left_behind, answers, asks)
    return replace(page, asks=tuple(asks))


def _field_of(table: Table, at: int) -> str:
    return table.columns.fields.get(at) or table.columns.ticks.get(at, ("",))[0]


def _context(sheet: Sheet, table: Table) -> dict[str, tuple[str, str]]:
    """What titles above the headings, or the sheet's name, say of everybody: field → (cell, where it stands)."""
    found: dict[str, tuple[str, str]] = {}
    for number, cells in sheet.rows():
        if not table.rows or number >= table.rows[0]:
            break
        texts = [(at, str(cell)) for at, cell in enumerate(cells) if not is_blank(cell)]
        for (at, text), (_next, value) in zip(texts, [*texts[1:], (0, "")], strict=True):
            if words.tidy(text).endswith(":"):
                text = f"{text}{value}"
            for name, said in kinds.context_of(text).items():
                found.setdefault(name, (said, f"{xl_col_to_name(at)}{number}"))
    if "class_name" not in found and (said := class_in(sheet.name)):
        found["class_name"] = (said, "")
    has = table.columns.found
    if has & {"class_name", "grade", "school_class"}:
        found.pop("class_name", None)
    return {name: one for name, one in found.items() if name not in has}


def _answers_of_column(page: Page, at: int, answers: Mapping[str, str], asks: list[Ask]) -> dict:
    """How the column that says who is left behind is to be read: by its heading, by an answer, or asked."""
    heading = " ".join(page.table.levels[at])
    legend = {figure: yes_or_no(word, ()) for figure, word in _legend.findall(heading)}
    figures_of_no = CODINGS.get(answers.get("left_behind_coding", ""))
    if figures_of_no is None and {"yes", "no"} <= set(legend.values()):
        figures_of_no = tuple(figure for figure, said in legend.items() if said == "no")
    said, figures = set(), set()
    for number, cells in page.sheet.rows():
        if number > page.heading_row and at < len(cells) and not is_blank(cells[at]):
            one = yes_or_no(cells[at], None)
            said.add(one)
            if one == "figure":
                figures.add(words.tidy(cells[at]))
    if figures and figures_of_no is None:
        asks.append(left_behind_coding(page.columns[at].letter, page.columns[at].heading, figures))
    return {"figures_of_no": figures_of_no, "counts_blank": bool(said - {""})}


def _line_of_card(sheet: Sheet, name: str) -> LineRead:
    card = Card(sheet, Merged(sheet))
    written = {one.field: one.cell for one in card.filled}
    at = {one.field: one.address for one in card.filled}
    doubts = [("name", "several_forms")] if card.holds_several else []
    half = Half(tuple((one.place[1], "", one.field) for one in card.filled), ())
    settler = Settler(half, guardian=False, today=clock.today(), figures_of_no=None, counts_blank=False,
                      from_1904=sheet.from_1904)  # fmt: skip
    number = next(one.place[0] for one in card.filled if one.field == "name")
    skipped = settler.settle(written, at, doubts)
    return LineRead(name, number, written, skipped, at, tuple(doubts))
