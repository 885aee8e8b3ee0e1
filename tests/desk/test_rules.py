"""The order of the work list, as a function of facts and a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.base.measures import State
from tongxing.desk.rules import Place, Rank, place_of

TODAY = date(2026, 11, 24)  # a Tuesday


def put(days, level="low", state=State.GAP):
    due = None if days is None else TODAY + timedelta(days=days)
    return place_of(state=state, due_on=due, level=level, today=TODAY)


@pytest.mark.parametrize(
    ("days", "rank"),
    [
        (-1, Rank.OVERDUE),
        (0, Rank.DUE_TODAY),
        (None, Rank.PROMISED_IN_FULL),
        (5, Rank.THIS_WEEK),  # Sunday
        (6, Rank.LATER),  # next Monday
    ],
)
def test_a_duty_has_its_rank_by_its_day(days, rank):
    assert put(days).rank == rank


def test_the_ranks_stand_in_the_order_of_the_rule():
    order = [put(-1, "high"), put(-1), put(0), put(None), put(3), put(40)]
    assert sorted(order, key=lambda place: place.key) == order


def test_a_day_late_at_high_attention_stands_before_a_year_at_any_other():
    assert put(-1, "high").key < put(-365, "middle").key


def test_a_gap_stands_before_what_is_not_known():
    assert put(None).key < put(None, state=State.UNKNOWN).key


def test_only_what_is_overdue_at_high_attention_is_red():
    assert put(-1, "high").rank == Rank.URGENT
    assert put(-90, "low").rank == Rank.OVERDUE
    assert put(0, "high").rank == Rank.DUE_TODAY


@given(days=st.integers(1, 400), more=st.integers(1, 400), level=st.sampled_from(["high", "middle", "low", ""]))
def test_later_never_stands_lower(days, more, level):
    assert put(-days - more, level).key < put(-days, level).key


def test_a_place_compares_by_rank_first():
    assert Place(Rank.OVERDUE, 1).key < Place(Rank.DUE_TODAY, 100).key
