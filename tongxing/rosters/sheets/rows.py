"""Rows that are no person: titles, groups, totals, signatures, notes, headings once more."""

import re
from functools import cache

from tongxing.base import words
from tongxing.children.rules import read_class
from tongxing.rosters.sheets.meanings import bare, meaning
from tongxing.rosters.sheets.template import table
from tongxing.rosters.sheets.values import class_in, school_and_class, school_endings

TITLE, TOTAL, BLANK, HEADING, GROUP, NOTE = "title", "total", "blank", "heading", "group", "note"
CONTINUED, NOT_ONE = "continued", "not_left_behind"
OF_A_GROUP = ("school", "class_name", "hamlet")
LONGEST_GROUP = 40
_numbering = re.compile(r"^(?:[0-9]+[.\u3001]|\([^()]{1,3}\)|[\u2460-\u2473])\s*")
_count = words.marks()["count"][0]
_counted = re.compile(_count).fullmatch
_remark = re.compile(rf"\s*\([^()]*\)\s*$|\s+{_count}\s*$")
_labelled = re.compile(r"([^\s:()]{2,8}):\s*([^\s:]+)(?![^\s:])(?!\s*:)")


@cache
def _beginnings(kind: str) -> tuple[str, ...]:
    return tuple(dict(table("rows.tsv"))[kind].split(" "))


def sums_up(texts: list[str]) -> bool:
    """Whether one of the first cells says that this row is a sum."""
    return any(text.startswith(_beginnings("total")) or _counted(text) for text in texts[:3])


def is_signed(texts: list[str]) -> bool:
    """Whether a row is for those who made or signed the list, or a remark to it."""
    first = texts[0]
    begins = _beginnings("signature") + _beginnings("note")
    if first in begins:
        return True
    return first.startswith(begins) and (":" in first or "." in first[:4] or len(texts) == 1 or len(first) > 8)


def is_example(text: str) -> bool:
    """A name cell that shows how the list is to be filled in."""
    return text.startswith(_beginnings("example"))


def explains(texts: list[str]) -> bool:
    """A row of remarks in brackets, beneath the headings."""
    return all(text.startswith("(") and text.endswith(")") for text in texts)


def counts_columns(texts: list[str]) -> bool:
    """A row of 1, 2, 3 … beneath the headings."""
    if len(texts) < 3 or not texts[0].isdecimal() or len(texts[0]) > 3:
        return False
    first = int(texts[0])
    return texts == [str(number) for number in range(first, first + len(texts))]


def labelled(text: str) -> dict[str, str]:
    """School, class and hamlet that a line names with a label before them."""
    found = {}
    for label, value in _labelled.findall(words.tidy(text)):
        said = meaning(label)
        if said and not said.who and said.kind in OF_A_GROUP:
            found[said.kind] = value
    if "school" in found:
        found["school"], room = school_and_class(found["school"])
        if room:
            found.setdefault("class_name", room)
    return found


def context_of(text: str) -> dict[str, str]:
    """What a title says of everybody beneath it."""
    found = labelled(text)
    if "class_name" not in found and (name := class_in(text)):
        found["class_name"] = name
    return found


def group_of(text: str) -> dict[str, str]:
    """What a row of one cell says of the rows beneath; {} when it is no such row."""
    if found := labelled(text):
        return found
    plain = _remark.sub("", _numbering.sub("", words.tidy(text)))
    if not plain or len(plain) > LONGEST_GROUP or ":" in plain:
        return {}
    said = read_class(plain)
    if said.grade is not None and (said.sure or class_in(plain)):
        return {"class_name": plain}
    school, room = school_and_class(plain)
    if room:
        return {"school": school, "class_name": room}
    if plain.endswith(school_endings()):
        return {"school": plain}
    return _hamlet(plain)


def _hamlet(plain: str) -> dict[str, str]:
    _field, ends, before = next(line for line in table("groups.tsv") if line[0] == "hamlet")
    if not plain.endswith(tuple(ends.split(" "))) or len(plain) < 2:
        return {}
    for mark in before.split(" "):
        head, found, tail = plain.rpartition(mark)
        if found and head and len(tail) > 1:
            plain = tail
            break
    return {"hamlet": plain}


def bares(cells) -> list[str]:
    """The cells of a row that hold something, without blanks."""
    return [text for cell in cells if cell is not None and (text := bare(cell))]
