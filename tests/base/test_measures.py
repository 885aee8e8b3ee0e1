"""A measure is one relation: its figure is the length of the lists behind it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import child, fresh, visit
from tongxing.base.measures import MEASURES, OPEN, Arrangement, Scope, State, arranged
from tongxing.base.records import action
from tongxing.care.measures import VISITED
from tongxing.children import actions as children
from tongxing.children.measures import CARD_COMPLETE, CARD_CONFIRMED, NUMBER, PAIRED
from tongxing.rosters.measures import ARCHIVED

CODES = (VISITED.code, PAIRED.code, ARCHIVED.code, NUMBER.code, CARD_COMPLETE.code, CARD_CONFIRMED.code)
ALL = tuple(State.values)


@action("tests.arrange")
def arrange(*, by, **wanted):
    arrangement = Arrangement(**wanted)
    arrangement.full_clean()
    arrangement.save()
    return arrangement


@pytest.fixture
def lived(cast, today):
    """Some visited in time, some too late, one without level, one with its parents, one whose helper has gone."""
    visit(cast.siyuan, cast.siyu, by=cast.director, on=today - timedelta(days=5))
    visit(cast.zixuan, by=cast.cadre, on=today - timedelta(days=150))
    cast.away = child("韩雪", cast.chunhe, level="low")
    children.note_whereabouts(
        by=cast.director, child=cast.away, stay="with_parents", place="东莞", from_on=today - timedelta(days=10)
    )
    visit(cast.mingze, by=cast.director2, on=today - timedelta(days=60))  # nobody has set his level
    pairing = cast.jiayi.pairings.get()
    children.end_pairing(by=cast.director, pairing=pairing, on=today - timedelta(days=3), why="调离")
    return cast


def scopes(cast):
    return {
        "whole": Scope(""),
        "county": Scope("990101"),
        "community": Scope("990101100001"),
        "empty": Scope("990101100009"),
        "director": Scope("", fresh(cast.director)),
        "teacher": Scope("", fresh(cast.teacher)),
        "cadre": Scope("990101", fresh(cast.cadre)),
        "nobody": Scope("", fresh(cast.suspended)),
    }


@pytest.mark.parametrize("code", CODES)
def test_a_figure_is_the_length_of_the_lists_behind_it(lived, today, code):
    measure, sizes = MEASURES[code], set()
    for name, scope in scopes(lived).items():
        for on in (today, today - timedelta(days=40)):
            figure = measure.figure(scope, on)
            rows = {state: measure.rows(scope, on, states=(state,)) for state in ALL}
            said = (figure.n, figure.gap, figure.unknown, figure.na)
            assert said == tuple(len(rows[state]) for state in ALL), (name, on)
            assert figure.n + figure.gap + figure.unknown == figure.N
            assert figure.open == len(measure.gaps(scope, on))
            everybody = [duty.subject_id for duties in rows.values() for duty in duties]
            assert len(everybody) == len(set(everybody)), "a subject stands in one state, once"
            sizes.add(figure.N)
    assert len(sizes) > 2


def test_each_state_of_the_visit_measure_is_there(lived, today):
    figure = VISITED.figure(Scope("990101"), today)
    assert (figure.n, figure.gap, figure.unknown, figure.na) == (2, 3, 1, 1)
    assert figure.N == 6


def test_unknown_is_neither_met_nor_a_gap(lived, today):
    (duty,) = VISITED.rows(Scope("990101"), today, states=(State.UNKNOWN,))
    assert duty.subject_id == lived.mingze.pk
    assert duty in VISITED.gaps(Scope("990101"), today)
    assert duty not in VISITED.rows(Scope("990101"), today, states=(State.GAP,))


@pytest.mark.parametrize("code", CODES)
def test_every_row_says_why_whatever_its_state(lived, today, code):
    for duty in MEASURES[code].rows(Scope(""), today, states=(*OPEN, State.NA)):
        assert str(duty.because)
        assert duty.region and duty.known_on <= today


def test_what_an_owner_owes_is_a_part_of_the_list_and_all_parts_make_the_whole(lived, today):
    for measure in (VISITED, PAIRED):
        whole = measure.gaps(Scope(""), today)
        owners = {duty.owner_id for duty in whole}
        assert len(owners) > 1
        parts = []
        for person in (lived.director, lived.director2, lived.other_director, lived.cadre, lived.volunteer):
            mine = measure.gaps(Scope(""), today, owner=person)
            assert {duty.owner_id for duty in mine} <= {person.pk}
            parts += mine
        assert sorted(str(duty.subject_id) for duty in parts) == sorted(str(duty.subject_id) for duty in whole)


def test_subjects_narrow_the_list_to_them(lived, today):
    wanted = [lived.zixuan.pk, lived.siyuan.pk]
    assert [duty.subject_id for duty in VISITED.gaps(Scope(""), today, subjects=wanted)] == [lived.zixuan.pk]
    assert VISITED.gaps(Scope(""), today, subjects=[]) == []


@pytest.mark.parametrize("code", CODES)
def test_a_limit_cuts_the_list_where_it_would_have_gone_on(lived, today, code):
    whole = MEASURES[code].gaps(Scope(""), today)
    for limit in range(len(whole) + 2):
        assert MEASURES[code].gaps(Scope(""), today, limit=limit) == whole[:limit]


@pytest.mark.parametrize("code", CODES)
def test_the_number_of_queries_does_not_grow_with_the_list(lived, today, code):
    counts = []
    for _time in range(2):
        with CaptureQueriesContext(connection) as asked:
            MEASURES[code].gaps(Scope("990101"), today)
        counts.append(len(asked))
        for number in range(10):
            child(f"新来{number}", lived.chunhe)
    assert counts[1] <= counts[0]


# ── arrangements ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_arrangement_lies_over_a_gap_and_does_not_make_it_met(lived, today):
    scope = Scope("990101")
    figure, gaps = VISITED.figure(scope, today), VISITED.gaps(scope, today)
    made = arrange(
        by=lived.director, measure="visited", subject_id=lived.zixuan.pk, region="990101100001",
        period=VISITED.period(today), owner_id=lived.cadre.pk, postponed_to=today + timedelta(days=3), reason="下乡",
    )  # fmt: skip
    assert VISITED.figure(scope, today) == figure
    assert VISITED.gaps(scope, today) == gaps
    assert arranged([lived.zixuan.pk], today) == {("visited", lived.zixuan.pk): made}


def test_the_newest_standing_arrangement_counts(lived, today):
    def promise(days, period="2026-11"):
        return arrange(
            by=lived.director, measure="visited", subject_id=lived.zixuan.pk, region="990101100001",
            period=period, postponed_to=today + timedelta(days=days), reason="下乡",
        )  # fmt: skip

    first, second = promise(1), promise(2)
    promise(-9, period="2026-10")

    def held():
        return list(arranged([lived.zixuan.pk, lived.siyuan.pk], today).values())

    assert held() == [second]

    @action("tests.withdraw")
    def withdraw(*, by):
        second.withdraw(by=by, why="记错了")

    withdraw(by=lived.director)
    assert held() == [first]
    assert arranged([lived.siyuan.pk], today) == {}


def test_a_promise_made_on_the_last_of_a_month_is_kept_in_the_next(lived):
    """Also one written before arrangements had a last day."""
    made = date(2026, 11, 30)
    for subject, until_on in ((lived.zixuan, date(2026, 12, 3)), (lived.siyuan, None)):
        arrange(
            by=lived.director, measure="visited", subject_id=subject.pk, region="990101100001", reason="下雨",
            period=VISITED.period(made), postponed_to=date(2026, 12, 3), until_on=until_on,
        )  # fmt: skip
    both = [lived.zixuan.pk, lived.siyuan.pk]
    for day in (made, date(2026, 12, 1), date(2026, 12, 3)):
        assert len(arranged(both, day)) == 2, day
    assert arranged(both, date(2026, 12, 4)) == {}


def test_an_arrangement_changes_the_owner_or_the_day(lived, today):
    with pytest.raises(ValidationError):
        arrange(
            by=lived.director, measure="visited", subject_id=lived.zixuan.pk, period=VISITED.period(today), reason="空"
        )
    assert not Arrangement.objects.exists()


def test_the_past_is_counted_as_it_was(lived, today):
    before = PAIRED.figure(Scope("990101"), today - timedelta(days=4))
    now = PAIRED.figure(Scope("990101"), today)
    assert (before.n, now.n) == (2, 1)
    assert PAIRED.figure(Scope("990101"), date(2026, 9, 6)).N == 0  # before anybody was in care


def test_what_is_open_is_what_is_not_met_or_not_known():
    assert set(OPEN) == {State.GAP, State.UNKNOWN}
