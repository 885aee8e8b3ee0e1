"""When the next visit is due, as functions of days."""

from datetime import date

import pytest

from tongxing.care.rules import CADENCE, days_late, due_on, workdays_after
from tongxing.children.choices import Level

MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (MONDAY, 1, date(2026, 11, 24)),
        (MONDAY, 5, date(2026, 11, 30)),
        (FRIDAY, 1, date(2026, 11, 30)),
        (date(2026, 11, 28), 1, date(2026, 11, 30)),  # a Saturday
        (date(2026, 11, 29), 5, date(2026, 12, 4)),  # a Sunday
        (MONDAY, 0, MONDAY),
    ],
)
def test_working_days_leave_out_the_weekend(day, count, expected):
    assert workdays_after(day, count) == expected


def test_a_child_never_seen_is_due_within_five_working_days_of_coming_into_care():
    assert due_on(last_seen_on=None, in_care_from=MONDAY, every_days=183) == date(2026, 11, 30)


def test_a_seen_child_is_due_after_the_interval_whenever_care_began():
    due = due_on(last_seen_on=date(2026, 11, 1), in_care_from=date(2020, 1, 1), every_days=CADENCE[Level.HIGH])
    assert due == date(2026, 12, 2)


def test_a_child_at_higher_attention_is_seen_more_often():
    assert CADENCE[Level.HIGH] < CADENCE[Level.MIDDLE] < CADENCE[Level.LOW]


@pytest.mark.parametrize(("due", "late"), [(MONDAY, 1), (date(2026, 11, 24), 0), (FRIDAY, 0), (None, 0)])
def test_late_is_counted_from_the_day_after_it_was_due(due, late):
    assert days_late(due, date(2026, 11, 24)) == late
