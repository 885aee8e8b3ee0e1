"""The number at the head of a line, in every habit: 一、 （一） 1. 1、 1） ① 第一步 第一条 一是 1.1, and what is
glued behind a line."""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from tongxing.base.words import CHINESE
from tongxing.plans.reading.tables import any_of, chinese_number, class_of, in_chinese, marks, number_of


class Mark(NamedTuple):
    """A number that was found: its habit, its value, how it is written without its marks, and what follows."""

    habit: str
    value: int
    label: str
    rest: str


CIRCLED = "\u2460-\u2473\u2776-\u277f"
_folded = re.compile("[\u2474-\u249b\u3220-\u3229\u2160-\u216b]")  # ⑴ ⒈ ㈠ Ⅰ, each one character


@cache
def _habits() -> tuple[tuple[str, re.Pattern], ...]:
    chinese = chinese_number()
    opens, closes = class_of(marks("brackets_open")), class_of(marks("brackets_close"))
    after = class_of(marks("after_number"))
    counted = any_of(marks("counted"))
    units = any_of(marks("ordinal_units"))
    return tuple(
        (habit, re.compile(pattern))
        for habit, pattern in (
            ("ordinal", rf"(?P<label>{marks('ordinal')[0]}(?P<n>{chinese}|\d{{1,2}}){units})\s*{after}?\s*"),
            ("spoken", rf"(?P<label>(?P<n>{chinese}){class_of(marks('spoken'))})(?=[{CHINESE}])"),
            ("bracket_chinese", rf"{opens}\s*(?P<label>(?P<n>{chinese}))\s*{closes}\s*{after}?\s*"),
            ("bracket", rf"{opens}\s*(?P<label>(?P<n>\d{{1,2}}))\s*{closes}\s*{after}?\s*"),
            ("half_bracket", r"(?P<label>(?P<n>\d{1,2}))\s*[）)]\s*"),
            ("circled", rf"(?P<label>(?P<n>[{CIRCLED}]))\s*{after}?\s*"),
            (
                "decimal",
                rf"(?P<label>\d{{1,2}}(?:\.\d{{1,2}})*\.(?P<n>\d{{1,2}}))(?:{after}\s*|\s+|(?!{counted})(?=[{CHINESE}]))",
            ),
            ("chinese", rf"(?P<label>(?P<n>{chinese}))\s*(?:{after}\s*|\s+)"),
            ("roman", rf"(?P<label>(?P<n>[IVX]{{1,4}}))\s*{after}\s*"),
            ("figure", rf"(?P<label>(?P<n>\d{{1,2}}))\s*{after}\s*(?!\d)"),
            ("figure", rf"(?P<label>(?P<n>\d{{1,2}}))\s*(?=[{CHINESE}“「《])(?!{counted})"),
        )
    )


ROMAN = {"I": 1, "V": 5, "X": 10}


def _value(habit: str, text: str) -> int | None:
    if habit == "circled":
        return int(unicodedata.numeric(text))
    if habit == "roman":
        found = [ROMAN[one] for one in text]
        return sum(-one if one < after else one for one, after in zip(found, [*found[1:], 0], strict=True))
    return number_of(text)


def folded(text: str) -> str:
    """Numbers of one character with their marks in it, taken apart; ① stays."""
    return _folded.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def mark_at(text: str, at: int = 0) -> Mark | None:
    """The number that stands at this place of a line; None without one, or where nothing follows it."""
    for habit, pattern in _habits():
        if not (found := pattern.match(text, at)):
            continue
        value = _value(habit, found["n"])
        rest = text[found.end() :].strip()
        if value and value < 100 and rest:
            depth = found["label"].count(".")
            return Mark(f"{habit}{depth}" if habit == "decimal" else habit, value, found["label"], rest)
    return None


@cache
def _place() -> re.Pattern:
    """Where a heading may stand glued behind a line: after a blank or the end of a sentence."""
    return re.compile(rf"(?<=[\s{re.escape(''.join(marks('closed_by')))}])\S")


def glued(text: str, expected: set[tuple[str, int]]) -> tuple[str, str] | None:
    """A line's own text and the heading glued behind it, when that is one of the (habit, value) to come next."""
    for found in _place().finditer(text):
        mark = mark_at(text, found.start())
        if mark and (mark.habit, mark.value) in expected and mark.rest[0].isalpha() | (mark.rest[0] in "“「《"):
            return text[: found.start()].strip(), text[found.start() :]
    return None


def glued_near_end(text: str) -> bool:
    """Whether a line closes with what may be a heading of the next part."""
    return any(mark_at(text, found.start()) for found in _place().finditer(text) if len(text) - found.start() <= 24)


def written(like: Mark, value: int) -> str:
    """How the number `value` would be written in the habit of `like`."""
    if like.habit == "circled":
        return chr(0x245F + value) if value <= 20 else str(value)
    shown = str(value) if any(one.isascii() and one.isdigit() for one in like.label) else in_chinese(value)
    return re.sub(rf"(?:{chinese_number()}|\d{{1,2}})(?!.*(?:{chinese_number()}|\d))", shown, like.label, count=1)
