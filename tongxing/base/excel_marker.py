"""The part of marking a sender's file that runs in a process of its own, under limits; excel_marking.py starts it.

Nothing of ours and no Django is imported here. Standard input is one JSON line with what is to be marked (see `Marks`
there), then the xlsx file; standard output is the marked file. Styles, widths, drop-downs and other sheets stay; what
computes does not: formulas become the values they showed, links to other files and macros go.
"""

import io
import json
import resource
import sys

from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter

STARTS_A_FORMULA = "=+-@\t\r\n"
WIDEST = 300  # columns of a row that are drawn red


def shown_values(content: bytes) -> dict:
    """What formulas showed when the file was saved: sheet → address → value."""
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    found = {}
    for sheet in book.worksheets:
        found[sheet.title] = shown = {}
        for line in sheet.iter_rows():
            for cell in line:
                if cell.value is not None:
                    shown[cell.row, cell.column] = cell.value
    return found


def without_formulas(book, content: bytes) -> None:
    """Nothing that is handed out computes: a formula becomes its value, or text where it never had one."""
    shown = None
    for sheet in book.worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                if isinstance(cell, MergedCell):
                    continue
                if cell.data_type == "f":
                    if shown is None:
                        shown = shown_values(content)
                    value = shown.get(sheet.title, {}).get((cell.row, cell.column))
                    formula = getattr(cell.value, "text", cell.value)
                    cell.value = None  # forgets that it was one
                    if value is None:
                        write_text(cell, formula)
                    elif isinstance(value, str):
                        write_text(cell, value)
                    else:
                        cell.value = value
                elif cell.data_type == "s" and str(cell.value)[:1] in STARTS_A_FORMULA:
                    cell.quotePrefix = True


def write_text(cell, text) -> None:
    """Text stays text, however it begins."""
    cell.value = str(text or "")
    cell.data_type = "s"
    if cell.value[:1] in STARTS_A_FORMULA:
        cell.quotePrefix = True


def clean(sheet, looks: dict) -> None:
    """Take off what was marked here before."""
    ours = {looks["row"], looks["cell"]}
    for line in sheet.iter_rows():
        for cell in line:
            if cell.has_style and cell.fill.fill_type == "solid" and str(cell.fill.fgColor.rgb)[-6:] in ours:
                cell.fill = PatternFill()
            if not isinstance(cell, MergedCell) and cell.comment is not None and cell.comment.author == looks["author"]:
                cell.comment = None


def reason_column(sheet, marks: dict, title: str) -> int:
    """The column of reasons: where an earlier marking put it, else behind the last that holds something."""
    last = 0
    for line in sheet.iter_rows(min_row=1, max_row=sheet.max_row):
        for cell in line:
            if cell.value is not None:
                if cell.row == marks["heading_row"] and str(cell.value).strip() == title:
                    return cell.column
                last = max(last, cell.column)
    return last + 1


def mark(sheet, marks: dict, looks: dict) -> None:
    column = reason_column(sheet, marks, looks["title"])
    for number in range(marks["heading_row"] + 1, sheet.max_row + 1):
        cell = sheet.cell(number, column)
        if not isinstance(cell, MergedCell):
            cell.value = None
    tops = {}
    for area in sheet.merged_cells.ranges:
        for row in range(area.min_row, area.max_row + 1):
            for at in range(area.min_col, area.max_col + 1):
                tops[row, at] = (area.min_row, area.min_col)
    head = sheet.cell(*tops.get((marks["heading_row"], column), (marks["heading_row"], column)))
    write_text(head, looks["title"])
    head.font = Font(bold=True)
    sheet.column_dimensions[get_column_letter(column)].width = 46
    red, redder = (PatternFill("solid", fgColor=looks[name]) for name in ("row", "cell"))
    for text, reason in marks["reasons"].items():
        number = int(text)
        for at in range(1, min(column, WIDEST) + 1):
            sheet.cell(number, at).fill = red
        told = sheet.cell(*tops.get((number, column), (number, column)))
        write_text(told, reason)
        told.alignment = Alignment(wrap_text=True, vertical="top")
    for number, letter, said in marks["comments"]:
        at = column_index_from_string(letter)
        cell = sheet.cell(*tops.get((number, at), (number, at)))
        sheet.cell(number, at).fill = redder
        cell.fill = redder
        note = Comment(f"{cell.comment.text}\n{said}" if cell.comment else said, looks["author"], width=280, height=90)
        cell.comment = note


def marked(content: bytes, wanted: dict) -> bytes:
    book = load_workbook(io.BytesIO(content), keep_links=False)
    without_formulas(book, content)
    for sheet in book.worksheets:
        clean(sheet, wanted["looks"])
        for marks in wanted["sheets"]:
            if marks["name"] == sheet.title:
                mark(sheet, marks, wanted["looks"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def main() -> None:
    limits = json.loads(sys.argv[1])
    for kind, size in (
        (resource.RLIMIT_AS, limits["max_memory"]),
        (resource.RLIMIT_CPU, limits["max_seconds"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (size, size))
    wanted = json.loads(sys.stdin.buffer.readline())
    sys.stdout.buffer.write(marked(sys.stdin.buffer.read(), wanted))


if __name__ == "__main__":
    main()
