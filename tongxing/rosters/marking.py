"""The sender's own file with what is wrong in it: for each row that waits, where and why."""

import io
import re
from collections.abc import Iterator

from django.utils import translation
from django.utils.translation import gettext as _

from tongxing.base import excel, excel_marking
from tongxing.base.excel_marking import Marks
from tongxing.base.problems import NOTICE, Problem
from tongxing.children.forms import ALL, read_row
from tongxing.rosters.choices import RowState
from tongxing.rosters.models import Roster, RosterRow
from tongxing.rosters.rules import BESIDE, beside, sentence
from tongxing.rosters.sheets import DOUBTS, doubt, title_of

address = re.compile(r"([A-Z]+)(\d+)").fullmatch
SMALL = 2_000  # rows: a file of so many is marked while somebody waits for it


def unanswered(row: RosterRow, today) -> Iterator[tuple[str, str, str]]:
    """(field, address of its cell or "", sentence) of every problem of a row that nobody has answered."""
    cells = row.cells()
    facts, found = read_row(cells, today)
    texts: dict[tuple[str, str], Problem] = {(one.field, one.code): one for one in found}
    for one in row.problems:
        if one.get("accepted") or one["severity"] == NOTICE:
            continue
        problem = texts.get((one["field"], one["code"]))
        if problem is None and one["code"] in BESIDE:
            problem = beside(one["code"], one["field"], **one.get("args", {}))[0]
        if problem is None and one["code"] in DOUBTS:
            problem = doubt(one["field"], one["code"])
        if problem is not None:
            yield one["field"], one["cell"], sentence(problem, facts, cells)


def _title(field: str) -> str:
    return title_of(field) or str(ALL[field].label)


def marks_of(roster: Roster) -> list[Marks]:
    """What is to be marked in each sheet of a list, in the language of its senders."""
    sheets = {one["sheet"]: Marks(one["sheet"], one.get("heading_row") or 1) for one in roster.columns}
    headings = {(one["sheet"], one["field"]): one["heading"] for one in roster.columns if one["field"]}
    waiting = roster.rows.filter(state=RowState.TO_FIX).order_by("number", "id")
    with translation.override("zh-hans"):
        for row in waiting.iterator(500):
            marks = sheets.setdefault(row.sheet, Marks(row.sheet, 1))
            reasons = []
            for field, cell, said in unanswered(row, roster.received_on):
                heading = headings.get((row.sheet, field)) or _title(field)
                reasons.append(_("%(heading)s：%(sentence)s") % {"heading": heading, "sentence": said})
                if cell:
                    letter, number = address(cell).groups()
                    marks.comments.append((int(number), letter, said))
            marks.reasons[row.number] = _("；").join(reasons)
    return list(sheets.values())


def marked_file(roster: Roster) -> bytes:
    """The sender's file, marked, as xlsx. Raises CannotOpen when it is kept no longer, UnreadableFile."""
    content = roster.attachment.read()
    return excel_marking.marked(content, marks_of(roster), excel.read_sheets(io.BytesIO(content)))


def marked_name(roster: Roster) -> str:
    """What the marked file is called: as the sender's, with a word behind it."""
    stem = roster.attachment.name.rpartition(".")[0] or roster.attachment.name
    return _("%(name)s（标红）.xlsx") % {"name": stem}
