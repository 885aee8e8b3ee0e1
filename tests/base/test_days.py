"""Days in a dozen ways of writing."""

# ruff: noqa: DTZ001  cells know no time zone

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.base.days import Precision, age_on, last_of, read_day
from tongxing.base.problems import ASK, STOPS
from tongxing.base.words import Numeric, tidy

TODAY = date(2026, 11, 24)
FIFTH = date(2015, 3, 5)
DIGITS = "〇一二三四五六七八九"


def codes(text, **options):
    return [(problem.code, problem.severity) for problem in read_day(text, TODAY, **options).problems]


@pytest.mark.parametrize(
    "written",
    [
        "20150305",
        20150305.0,
        20150305,
        "2015.3.5",
        "2015/3/5",
        "2015-03-05",
        "2015. 3. 5",
        "2015，3，5",
        "2015年3月5日",
        "2015 年 3 月 5 日",
        "2015年03月05号",
        "2015年3月5日出生",
        "二〇一五年三月五日",
        "二零一五年三月五日",
        "二○一五年三月五日",
        "２０１５．３．５",
        "42068",
        42068.0,
        Numeric("42068.5"),
        "2015-03-05 00:00:00",
        "2015-03-05T08:30:00+08:00",
        FIFTH,
        datetime(2015, 3, 5, 8, 30),
    ],
)
def test_one_day_in_many_forms(written):
    assert read_day(written, TODAY) == (FIFTH, Precision.DAY, ())


@pytest.mark.parametrize(
    ("written", "value", "precision"),
    [
        ("2015年3月", date(2015, 3, 1), Precision.MONTH),
        ("二〇一五年十二月", date(2015, 12, 1), Precision.MONTH),
        ("201503", date(2015, 3, 1), Precision.MONTH),
        ("2015.3", date(2015, 3, 1), Precision.MONTH),
        ("2015.10", date(2015, 10, 1), Precision.MONTH),
        ("2015", date(2015, 1, 1), Precision.YEAR),
        ("2015年", date(2015, 1, 1), Precision.YEAR),
        ("二〇一五年十二月三十一日", date(2015, 12, 31), Precision.DAY),
        ("二〇一五年十一月廿一日", date(2015, 11, 21), Precision.DAY),
        ("25/3/2015", date(2015, 3, 25), Precision.DAY),
        ("3/25/2015", date(2015, 3, 25), Precision.DAY),
        ("3/3/2015", date(2015, 3, 3), Precision.DAY),
    ],
)
def test_what_is_known_is_kept_as_exactly_as_it_was_written(written, value, precision):
    assert read_day(written, TODAY) == (value, precision, ())


@pytest.mark.parametrize("nothing", [None, "", "  ", "\u200b"])
def test_nothing_written_is_no_problem(nothing):
    assert read_day(nothing, TODAY) == (None, Precision.DAY, ())


@pytest.mark.parametrize(
    ("written", "code", "guess"),
    [
        ("3/5/2015", "two_days_possible", FIFTH),
        ("15.3.5", "short_year", FIFTH),
        ("98年5月", "short_year", date(1998, 5, 1)),
        ("农历2015年3月5日", "lunar_day", FIFTH),
        (2015.1, "month_1_or_10", date(2015, 1, 1)),
        (Numeric("2015.1"), "month_1_or_10", date(2015, 1, 1)),
    ],
)
def test_what_may_be_two_days_is_asked(written, code, guess):
    assert codes(written) == [(code, ASK)]
    assert read_day(written, TODAY).value == guess


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2015-02-30", "no_such_day"),
        ("2015年13月", "no_such_day"),
        ("20151301", "no_such_day"),
        ("0000-01-01", "no_such_day"),
        ("2026-11-25", "future_day"),
        (date(2027, 1, 1), "future_day"),
        ("1815-03-05", "too_early"),
        ("春天", "unreadable_day"),
        ("五岁", "unreadable_day"),
        ("3", "unreadable_day"),
        ("123456789", "unreadable_day"),
        ("2015-3-5至2016-3-5", "unreadable_day"),
        (float("inf"), "unreadable_day"),
        (float("nan"), "unreadable_day"),
        (-5.0, "unreadable_day"),
    ],
)
def test_what_cannot_be_a_day_is_stopped(written, code):
    assert codes(written) == [(code, STOPS)]
    assert read_day(written, TODAY).value is None


def test_today_is_not_the_future_and_a_review_day_may_be():
    assert codes("2026-11-24") == []
    assert codes("2027-01-01", future=True) == []


def test_the_two_days_are_named_in_the_question():
    (problem,) = read_day("3/5/2015", TODAY).problems
    assert str(problem.text) == "可能是 3 月 5 日，也可能是 5 月 3 日，请写成 2015-3-5"


def chinese(day):
    def small(number):
        tens, ones = divmod(number, 10)
        return ("" if tens < 2 else DIGITS[tens]) + ("十" if tens else "") + (DIGITS[ones] if ones or not tens else "")

    return f"{''.join(DIGITS[int(digit)] for digit in str(day.year))}年{small(day.month)}月{small(day.day)}日"


@given(st.dates(date(1927, 5, 18), TODAY))
def test_every_day_is_read_back_from_every_form(day):
    serial = (day - date(1899, 12, 30)).days
    for text in (
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}.{day.month}.{day.day}",
        chinese(day),
        str(serial),
        serial,
    ):
        assert read_day(text, TODAY) == (day, Precision.DAY, ()), text


@given(
    st.one_of(
        st.text(max_size=20),
        st.floats(),
        st.integers(),
        st.from_regex(r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?", fullmatch=True),
    )
)
def test_any_cell_is_answered_with_a_day_or_a_reason(raw):
    day = read_day(raw, TODAY)
    if day.value is None:
        assert day.problems or not tidy(raw)
    else:
        assert date(1880, 1, 1) <= day.value <= TODAY
        assert all(problem.severity == ASK for problem in day.problems)


def test_the_last_day_a_rough_value_may_mean():
    assert last_of(date(2016, 2, 1), Precision.MONTH) == date(2016, 2, 29)
    assert last_of(date(2016, 1, 1), Precision.YEAR) == date(2016, 12, 31)
    assert last_of(FIFTH, Precision.DAY) == FIFTH


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2015, 3, 5), date(2026, 3, 4), 10),
        (date(2015, 3, 5), date(2026, 3, 5), 11),
        (date(2016, 2, 29), date(2026, 2, 28), 9),
        (date(2016, 2, 29), date(2026, 3, 1), 10),
        (date(2016, 2, 29), date(2016, 2, 29), 0),
    ],
)
def test_age_is_completed_years(born, on, age):
    assert age_on(born, on) == age
