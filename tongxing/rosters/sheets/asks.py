"""What reading cannot decide: questions about a whole page, and doubts about one row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tongxing.base.problems import ASK, NOTICE, Problem
from tongxing.children.forms import read_row

# Doubts of a row, by code. A row with one is held until somebody says "as on the paper" or writes the cell anew.
DOUBTS = {
    "formula_without_value": _("这一格是公式，文件里没有算出来的内容，请直接写上，或在表格软件里打开、保存再传"),
    "formula_error": _("这一格的公式出错了，请写上内容"),
    "which_coding": _("这一列的数字哪个表示留守，还没有说"),
    "blank_answer": _("是不是留守儿童，这一格空着"),
    "strange_answer": _("没看懂这一格说的是不是留守儿童"),
    "parents_order": _("一格里写了两个人，前面的是父亲、后面的是母亲吗？"),
    "which_parent": _("没写明是父亲还是母亲，先没有记"),
    "guardian_is_away": _("监护人就是在外务工的父母，现在是谁在照护？"),
    "other_persons_phone": _("电话后面写着另一个人，请核对是谁的"),
    "grade_differs": _("年级和班级对不上"),
    "sex_in_figures": _("性别写的是数字，1 是男、2 是女吗？"),
    "vague_relation": _("没写清是哪一位，关系先不记"),
    "two_ticks": _("勾了不止一个"),
    "more_lines": _("这个孩子的内容占了几行，只读了第一行，请看一眼"),
    "several_forms": _("这一页像有不止一张登记表，只读了第一张"),
}
ONLY_SAID = {"vague_relation"}  # the row is not held
UNREAD = {"formula_without_value", "formula_error"}

CODINGS = {  # which figures say that a child is not left behind; everything else says that it is
    "zero_is_no": ("0",),
    "one_is_no": ("1",),
    "two_is_no": ("2",),
}
CODING_WORDS = {
    "zero_is_no": _("0 不是，1、2 是（1 单亲留守，2 双亲留守）"),
    "one_is_no": _("1 不是，2、3 是（2 单亲留守，3 双亲留守）"),
    "two_is_no": _("1 是，2 不是"),
}
_column = _("第 {column} 列“{heading}”没写是谁的，先没有读；可以在这里指定")
_coding = _("第 {column} 列“{heading}”里的数字哪个表示留守？")


@dataclass(frozen=True)
class Ask:
    """A question about a page.

    The answer goes to `read_pages` as ``answers[sheet][code]`` (the value of an option), or, for "whose_column", as
    ``chosen[sheet][column]`` (a field).
    """

    code: str
    column: str  # its letter
    text: str
    options: tuple[tuple[str, str], ...] = ()  # (value, words)


def whose_column(column: str, heading: str) -> Ask:
    return Ask("whose_column", column, format_lazy(_column, column=column, heading=heading))


def left_behind_coding(column: str, heading: str, figures: set[str]) -> Ask:
    """Which of the habits a column follows; only those that know all figures that stand in it."""
    known = {"zero_is_no": {"0", "1", "2"}, "one_is_no": {"1", "2", "3"}, "two_is_no": {"1", "2"}}
    options = [(code, words) for code, words in CODING_WORDS.items() if figures <= known[code]]
    text = format_lazy(_coding, column=column, heading=heading)
    return Ask("left_behind_coding", column, text, tuple(options or CODING_WORDS.items()))


def words_of(code: str, column: str, heading: str, options: list[str]) -> Ask:
    """A question that was kept, in words again."""
    if code == "whose_column":
        return whose_column(column, heading)
    said = format_lazy(_coding, column=column, heading=heading)
    return Ask(code, column, said, tuple((one, CODING_WORDS[one]) for one in options if one in CODING_WORDS))


def doubt(field: str, code: str) -> Problem:
    """A doubt as a problem of its row."""
    return Problem(field, code, DOUBTS[code], NOTICE if code in ONLY_SAID else ASK)


def read_line(line, today: date) -> tuple[dict, list[Problem]]:
    """Facts and problems of a line, with what was doubtful while reading it; a cell that was not read is not also
    said to be empty."""
    facts, found = read_row(line.written, today)
    if not line.doubts:
        return facts, found
    unread = {field for field, code in line.doubts if code in UNREAD}
    if "citizen_number" in unread:
        unread.add("birth_on")
    found = [one for one in found if one.field not in unread or one.code not in ("required", "no_name", "no_birth")]
    return facts, found + [doubt(field, code) for field, code in line.doubts]


Answers = Mapping[str, Mapping[str, str]]
