"""The tables of words that reading goes by, each read once: what plans say stands there, not in the program."""

import re
from functools import cache
from pathlib import Path

from tongxing.base.words import table

TABLES = Path(__file__).resolve().parent.parent / "tables"


def lines(name: str) -> tuple[tuple[str, ...], ...]:
    return table(str(TABLES / name))


@cache
def _named(name: str) -> dict[str, tuple[str, ...]]:
    return {key: tuple(words.split(" ")) for key, words in lines(name)}


def marks(name: str) -> tuple[str, ...]:
    """Signs and words of the outline, by their English name."""
    return _named("marks.tsv")[name]


def stated(name: str) -> tuple[str, ...]:
    """Words that say who and by when, by their English name."""
    return _named("stated.tsv")[name]


def any_of(words) -> str:
    """A pattern for any of these words, the longest first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"


def class_of(characters) -> str:
    """A pattern for one of these characters."""
    return "[" + re.escape("".join(characters)) + "]"


@cache
def figure_values() -> dict[str, int]:
    return {way: value for value, ways in enumerate(marks("figures")) for way in ways}


@cache
def chinese_number() -> str:
    """A pattern for a number written in Chinese figures."""
    return class_of([*figure_values(), *marks("ten")[0], *marks("hundred")[0]]) + "{1,7}"


def number_of(text: str) -> int | None:
    """The value of 12, of twelve in Chinese figures, or of figures written one after another as in a year."""
    if text.isascii() and text.isdigit():
        return int(text)
    values, tens, hundreds = figure_values(), marks("ten")[0], marks("hundred")[0]
    if len(text) > 1 and all(character in values for character in text):
        return int("".join(str(values[character]) for character in text))
    whole, part = 0, None
    for character in text:
        if character in values:
            part = values[character]
        elif character in tens:
            whole, part = whole + (1 if part is None else part) * 10, None
        elif character in hundreds:
            whole, part = whole + (1 if part is None else part) * 100, None
        else:
            return None
    return whole + (part or 0)


def in_chinese(value: int) -> str:
    """A number below a hundred as headings write it."""
    ones = [ways[0] for ways in marks("figures")]
    ten = marks("ten")[0][0]
    tens, rest = divmod(value, 10)
    if tens == 0:
        return ones[rest]
    return (ones[tens] if tens > 1 else "") + ten + (ones[rest] if rest else "")
