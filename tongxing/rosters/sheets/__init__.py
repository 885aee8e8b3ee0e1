"""Sheets of people: finding the headings and the rows beneath them, and our own template. No database here.

From the file inwards: `pages` (which sheets hold people) → `columns` (where the headings are, which column is which
field) → `meanings` (what one heading says) and `lines` (row by row) → `values` (what one cell says). `card` reads forms
that hold one child a sheet.
"""

from tongxing.rosters.sheets.asks import DOUBTS, Ask, doubt, read_line, words_of
from tongxing.rosters.sheets.cells import cell_in, cell_out, cell_text, cells_out
from tongxing.rosters.sheets.lines import BLANK, CONTINUED, GROUP, HEADING, NOT_ONE, NOTE, TITLE, TOTAL, LineRead
from tongxing.rosters.sheets.meanings import bare
from tongxing.rosters.sheets.pages import ColumnRead, Page, read_pages
from tongxing.rosters.sheets.template import Heading, headings, template_columns, title_of, titles, write_template

__all__ = [
    "BLANK",
    "CONTINUED",
    "DOUBTS",
    "GROUP",
    "HEADING",
    "NOTE",
    "NOT_ONE",
    "TITLE",
    "TOTAL",
    "Ask",
    "ColumnRead",
    "Heading",
    "LineRead",
    "Page",
    "bare",
    "cell_in",
    "cell_out",
    "cell_text",
    "cells_out",
    "doubt",
    "headings",
    "read_line",
    "read_pages",
    "template_columns",
    "title_of",
    "titles",
    "words_of",
    "write_template",
]
