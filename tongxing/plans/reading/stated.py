"""What a text states of its own accord: the percentage it aims at, who does it, and by when."""

import calendar
import re
from datetime import date
from functools import cache
from typing import NamedTuple

from tongxing.plans.reading.tables import any_of, chinese_number, class_of, marks, number_of, stated

# ── the target ───────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def _percent() -> re.Pattern:
    chinese, of, sign = chinese_number(), any_of(marks("percent_of")), class_of(marks("percent"))
    large = class_of([way for ways in marks("figures")[5:] for way in ways])
    whole, tenths = any_of(marks("whole")), class_of(marks("tenths"))
    return re.compile(
        rf"(?P<whole>{whole})(?!{class_of([*'0123456789'])})"
        rf"|(?P<figure>(?<![\d.])\d{{1,3}}(?:\.\d{{1,2}})?)\s*{sign}"
        rf"|{of}(?P<spoken>{chinese})"
        rf"|(?P<tenths>(?<!{marks('ordinal')[0]}){large}){tenths}(?!{class_of(marks('not_tenths'))})"
    )


def percents(text: str) -> list[float]:
    """Every percentage of a text, in order; what is above 100 is no share of anything."""
    found = []
    for one in _percent().finditer(text):
        if one["whole"]:
            value = 100.0
        elif one["figure"]:
            value = float(one["figure"])
        else:
            value = float(number_of(one["spoken"] or one["tenths"]) or 0) * (10 if one["tenths"] else 1)
        if 0 < value <= 100:
            found.append(value)
    return found


def target_of(text: str) -> float | int | None:
    """The first percentage, as a whole number where it is one; None where the text states none."""
    found = percents(text)
    if not found:
        return None
    return int(found[0]) if found[0].is_integer() else found[0]


# ── who and by when ──────────────────────────────────────────────────────────────────────────────────────────────────


class Stated(NamedTuple):
    """Who and by when as the text says it, and the day that is meant where one can be told."""

    owner: str | None = None
    due: str | None = None
    due_on: date | None = None


def _stop() -> str:
    return class_of(
        [*marks("sentence_ends"), *marks("clause_ends"), *marks("brackets_open"), *marks("brackets_close")]
    )[1:-1]


@cache
def _owner() -> tuple[re.Pattern, re.Pattern]:
    stop, labels = _stop(), any_of(stated("owner_labels"))
    labelled = re.compile(rf"{labels}\s*{class_of(stated('owner_is'))}\s*(?P<who>[^{stop}\s]{{2,24}})")
    named = re.compile(rf"{stated('by')[0]}(?P<who>[^{stop}\s]{{2,18}}?)(?:{any_of(stated('does'))})")
    return labelled, named


def owner_of(text: str) -> str | None:
    """Who answers for it, in the text's own words; None where it names nobody."""
    for pattern in _owner():
        for found in pattern.finditer(text):
            if found["who"] not in stated("nobody"):
                return found["who"]
    return None


@cache
def _day() -> str:
    """A pattern for a day, month or season as plans write it."""
    number = rf"(?:\d{{1,2}}|{chinese_number()})"
    year = rf"(?:(?:20\d\d|{class_of([way for ways in marks('figures') for way in ways])}{{4}})\s*{marks('year')[0]})?"
    ends = any_of([*stated("ends_of_month"), *[one.split(":")[0] for one in stated("parts_of_month")]])
    day = rf"(?:{number}\s*{class_of(marks('day'))})"
    month = rf"{year}{number}\s*{marks('month')[0]}(?:{day}|{ends})?"
    span = rf"{year}{number}(?:{marks('month')[0]})?\s*{class_of(marks('from_to'))}\s*{month}"
    quarter = rf"{marks('ordinal')[0]}?{number}{stated('quarters')[0]}"
    seasons = any_of([*[one.split(":")[0] for one in stated("halves")], *stated("ends_of_year")])
    return rf"(?:{span}|{month}|20\d\d[-./]\d{{1,2}}[-./]\d{{1,2}}|{year}{quarter}|{year}{seasons})"


@cache
def _due() -> tuple[re.Pattern, ...]:
    stop = _stop()
    opens, closes = class_of(marks("brackets_open")), class_of(marks("brackets_close"))
    labelled = re.compile(rf"{any_of(stated('due_labels'))}\s*[：:]\s*(?P<when>[^{stop}\s]{{2,20}})")
    before = re.compile(rf"(?P<when>{_day()}{any_of(stated('before'))})")
    bracket = re.compile(rf"{opens}\s*(?P<when>{_day()})\s*{closes}")
    return labelled, before, bracket


def due_of(text: str) -> str | None:
    """By when, in the text's own words: behind a label, before a day, or a month in brackets."""
    for pattern in _due():
        if found := pattern.search(text):
            return found["when"]
    return None


@cache
def _parts() -> dict[str, re.Pattern]:
    number = rf"(\d{{1,2}}|{chinese_number()})"
    years = class_of([way for ways in marks("figures") for way in ways])
    return {
        "iso": re.compile(r"(20\d\d)[-./](\d{1,2})[-./](\d{1,2})"),
        "year": re.compile(rf"(20\d\d|{years}{{4}})\s*{marks('year')[0]}"),
        "month": re.compile(rf"{number}\s*{marks('month')[0]}(?:{number}\s*{class_of(marks('day'))})?(.{{0,2}})"),
        "quarter": re.compile(rf"{number}{stated('quarters')[0]}"),
    }


def year_of(text: str) -> int | None:
    """The first year that a text names, 2020 to 2099."""
    for found in _parts()["year"].finditer(text):
        year = number_of(found[1])
        if year and 2000 <= year <= 2099:
            return year
    return None


def day_of(text: str, year: int | None) -> date | None:
    """The last day that is meant; None where the words do not tell one, or no year is known."""
    if found := _parts()["iso"].search(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    year = year_of(text) or year
    if year is None:
        return None
    months = list(_parts()["month"].finditer(text))
    if months:
        month, day, after = months[-1].groups()
        parts = dict(one.split(":") for one in stated("parts_of_month"))
        part = next((int(value) for word, value in parts.items() if after.startswith(word)), 31)
        return _date(year, number_of(month), number_of(day) if day else part)
    if found := _parts()["quarter"].search(text):
        return _date(year, 3 * (number_of(found[1]) or 0), 31)
    for one in stated("halves"):
        word, month = one.split(":")
        if word in text:
            return _date(year, int(month), 31)
    return _date(year, 12, 31) if any(word in text for word in stated("ends_of_year")) else None


def _date(year: int, month: int | None, day: int | None) -> date | None:
    """That day, or the month's last where it has fewer."""
    if not month or not 1 <= month <= 12 or not day or day > 31:
        return None
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def stated_in(text: str, year: int | None, *, owner: str = "", due: str = "") -> Stated:
    """Who and by when of a text; `owner` and `due` are what columns of a table say already."""
    when = due or due_of(text)
    return Stated(owner or owner_of(text), when, day_of(when, year) if when else None)
