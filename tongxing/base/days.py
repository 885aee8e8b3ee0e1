"""Days as people write them, in any of a dozen ways, and ages."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tongxing.base.problems import ASK, STOPS, Problem
from tongxing.base.words import Numeric, marks, tidy

EARLIEST = date(1880, 1, 1)
SERIAL_ZERO = date(1899, 12, 30)  # day 0 of spreadsheets; right from 1900-03-01 on
SERIALS = range(10000, 91313)  # 1927 to 2149; below, four digits are a year


class Precision(StrEnum):
    DAY = "day"
    MONTH = "month"  # the value is the first of the month
    YEAR = "year"  # the value is the first of January


class Day(NamedTuple):
    """A day that was read. `value` is None when nothing was written or it cannot be a day."""

    value: date | None
    precision: Precision
    problems: tuple[Problem, ...]


_eight = re.compile(r"(\d{4})(\d\d)(\d\d)").fullmatch
_six = re.compile(r"(\d{4})(\d\d)").fullmatch
_year_first = re.compile(r"(\d{4})[-/.,_](\d{1,2})(?:[-/.,_](\d{1,2}))?").fullmatch
_year_last = re.compile(r"(\d{1,2})[-/.,](\d{1,2})[-/.,](\d{4})").fullmatch
_short_year = re.compile(r"(\d\d)[-/.,](\d{1,2})[-/.,](\d{1,2})").fullmatch
_clock = re.compile(r"(?<=\d)[T ]+\d{1,2}:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$")


@cache
def _patterns() -> dict[str, re.Pattern]:
    words = {name: "|".join(map(re.escape, found)) for name, found in marks().items()}
    digits = "".join(marks()["digits"])
    figures = digits + "".join(marks()["zero"] + marks()["ten"] + marks()["twenty"] + marks()["thirty"])
    return {
        "lunar": re.compile(words["lunar"]),
        "birth": re.compile(f"(?:{words['birth']})$"),
        "written": re.compile(
            rf"(\d{{2}}|\d{{4}})(?:{words['year']})(?:(\d{{1,2}})(?:{words['month']})(?:(\d{{1,2}})(?:{words['day']})?)?)?"
        ),
        "figures": re.compile(f"[{figures}]+"),
    }


def _figure(text: str) -> str:
    """Chinese figures in Arabic digits: place by place ('2015'), or as a number up to 39 ('25')."""
    own = {character: str(at) for at, character in enumerate(marks()["digits"])}
    own |= dict.fromkeys(marks()["zero"], "0")
    tens = {marks()["ten"][0]: 10, marks()["twenty"][0]: 20, marks()["thirty"][0]: 30}
    if not set(text) & set(tens):
        return "".join([own[character] for character in text])
    total = pending = 0
    for character in text:
        if character in tens:
            total += pending * 10 if pending else tens[character]
            pending = 0
        else:
            pending = int(own[character])
    return str(total + pending)


def read_day(text, today: date, *, field: str = "day", future: bool = False) -> Day:
    """Read 20150305, 2015.3.5, 2015/3/5, 2015-03-05, years and months alone, Chinese figures, spreadsheet serials.

    Takes text, a number, a date or None. Problems: STOPS for what cannot be read or cannot be (`future` allows days
    after `today`), ASK where two days are possible or the century or calendar is guessed; the guess is the value.
    """
    if text is None or text == "":
        return Day(None, Precision.DAY, ())
    if isinstance(text, datetime):
        text = text.date()
    if isinstance(text, date):
        return _kept(text, Precision.DAY, today, field, future)
    was_number = isinstance(text, int | float | Numeric)
    if isinstance(text, int | float):
        text = f"{text:.10g}"
    plain = _clock.sub("", tidy(text))
    if not plain:
        return Day(None, Precision.DAY, ())
    asks = []
    if not plain.isascii():
        found = _patterns()
        if found["lunar"].search(plain):
            asks.append(Problem(field, "lunar_day", _("写的是农历，请换成公历日期"), ASK))
            plain = found["lunar"].sub("", plain).strip(" ():")
        plain = found["birth"].sub("", "".join(plain.split()))
        plain = found["figures"].sub(lambda match: _figure(match.group()), plain)
    plain = re.sub(r"\s*([-/.,_])\s*", r"\1", plain).strip(".-/, ").replace(" ", "-")
    read = _read(plain, today, was_number, asks, field)
    if read is None:
        return Day(
            None, Precision.DAY, (Problem(field, "unreadable_day", _("看不懂这个日期，请写成 2015-3-5"), STOPS),)
        )
    numbers, precision = read
    try:
        value = date(*numbers)
    except ValueError:
        return Day(None, Precision.DAY, (Problem(field, "no_such_day", _("没有这一天，请核对日期"), STOPS),))
    return _kept(value, precision, today, field, future, asks)


def _read(plain: str, today: date, was_number: bool, asks: list, field: str):
    """(year, month, day) and precision, not yet known to exist; None when no form fits. Doubts go to `asks`."""
    if plain.isdecimal():
        return _read_digits(plain)
    if match := _year_first(plain):
        if match[3]:
            return _ymd(match), Precision.DAY
        if was_number and match[2] == "1":  # a cell with the number 2015.10 holds 2015.1
            asks.append(Problem(field, "month_1_or_10", _("可能是 1 月，也可能是 10 月，请写成 2015-10"), ASK))
        return (int(match[1]), int(match[2]), 1), Precision.MONTH
    if match := _year_last(plain):
        first, second, year = map(int, match.groups())
        if first <= 12 and second <= 12 and first != second:
            text = format_lazy(
                _("可能是 {first} 月 {second} 日，也可能是 {second} 月 {first} 日，请写成 2015-3-5"),
                first=first,
                second=second,
            )
            asks.append(Problem(field, "two_days_possible", text, ASK))
        return (year, second, first) if first > 12 else (year, first, second), Precision.DAY
    if match := _short_year(plain):
        return (_century(match[1], today, asks, field), int(match[2]), int(match[3])), Precision.DAY
    if match := _patterns()["written"].fullmatch(plain):
        year = int(match[1]) if len(match[1]) == 4 else _century(match[1], today, asks, field)
        precision = Precision.DAY if match[3] else Precision.MONTH if match[2] else Precision.YEAR
        return (year, int(match[2] or 1), int(match[3] or 1)), precision
    if was_number and re.fullmatch(r"\d{5}\.\d+", plain) and int(plain[:5]) in SERIALS:
        return _serial(int(plain[:5])), Precision.DAY  # a serial with a time of day
    return None


def _read_digits(plain: str):
    if match := _eight(plain):
        return _ymd(match), Precision.DAY
    if match := _six(plain):
        return (int(match[1]), int(match[2]), 1), Precision.MONTH
    if len(plain) == 4:
        return (int(plain), 1, 1), Precision.YEAR
    if len(plain) == 5 and int(plain) in SERIALS:
        return _serial(int(plain)), Precision.DAY
    return None


def _ymd(match) -> tuple[int, int, int]:
    return int(match[1]), int(match[2]), int(match[3])


def _serial(number: int) -> tuple[int, int, int]:
    day = SERIAL_ZERO + timedelta(days=number)
    return day.year, day.month, day.day


def _century(two: str, today: date, asks: list, field: str) -> int:
    """The newest year that ends so and is not after today's."""
    year = today.year - today.year % 100 + int(two)
    year -= 100 if year > today.year else 0
    text = format_lazy(_("年份只有两位，是 {year} 年吗？"), year=year)
    asks.append(Problem(field, "short_year", text, ASK))
    return year


def _kept(value: date, precision: Precision, today: date, field: str, future: bool, asks=()) -> Day:
    if value < EARLIEST:
        return Day(None, precision, (Problem(field, "too_early", _("日期太早，请核对年份"), STOPS),))
    if value > today and not future:
        return Day(None, precision, (Problem(field, "future_day", _("这一天还没到，请核对日期"), STOPS),))
    return Day(value, precision, tuple(asks))


def last_of(value: date, precision: Precision) -> date:
    """The last day that a value of this precision may mean."""
    if precision == Precision.YEAR:
        return value.replace(month=12, day=31)
    if precision == Precision.MONTH:
        return value.replace(day=monthrange(value.year, value.month)[1])
    return value


def age_on(birth_on: date, on: date) -> int:
    """Completed years on the day `on`; someone born on 29 February completes them on 1 March. Negative before birth."""
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))
