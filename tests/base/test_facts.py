"""Where a fact comes from: the closest row names the source, the newest confirmation counts."""

from datetime import date, timedelta

import pytest

from tests.factories import fresh
from tongxing.base import clock
from tongxing.base.facts import Source, Standing, ground_of, stand_on
from tongxing.base.records import Event, Unnamed
from tongxing.children import actions as children


def standings_of(child) -> list[Standing]:
    return list(Standing.objects.filter(subject_id=child.pk).order_by("recorded_at", "id"))


def test_an_archive_stands_on_one_row_for_all_its_facts(cast):
    (standing,) = standings_of(cast.siyuan)
    assert (standing.covers, standing.source, standing.true_from) == ("", Source.STAFF, cast.siyuan.opened_on)
    for covers in ("basic", "home", "home.address"):
        ground = ground_of([standing], covers)
        assert (ground.source, ground.confirmed_on) == (Source.STAFF, cast.siyuan.opened_on)


def test_a_corrected_section_has_its_own_source_and_the_others_keep_theirs(cast):
    with clock.fixed(clock.now() + timedelta(hours=1)):
        children.correct(
            by=cast.director, child=fresh(cast.siyuan), section="home", facts={"hamlet": "四组"}, on=date(2026, 11, 20),
            source=Source.VISIT,
        )  # fmt: skip
    standings = standings_of(cast.siyuan)
    home, basic = ground_of(standings, "home.hamlet"), ground_of(standings, "basic")
    assert (home.source, home.confirmed_on, home.true_from) == (Source.VISIT, date(2026, 11, 20), date(2026, 11, 20))
    assert (basic.source, basic.confirmed_on) == (Source.STAFF, cast.siyuan.opened_on)


def test_confirming_a_section_moves_its_day_and_is_an_event(cast):
    with clock.fixed(clock.now() + timedelta(hours=1)):
        children.confirm_section(by=cast.director, child=fresh(cast.siyuan), section="carer", on=date(2026, 11, 24))
    assert ground_of(standings_of(cast.siyuan), "carer").confirmed_on == date(2026, 11, 24)
    assert ground_of(standings_of(cast.siyuan), "home").confirmed_on == cast.siyuan.opened_on
    event = Event.objects.get(action="children.confirm_section")
    assert (event.subject_id, event.by_id) == (cast.siyuan.pk, cast.director.pk)
    assert event.held[f"child:{cast.siyuan.pk}"] == {"confirmed.carer": [None, "2026-11-24"]}


def one(covers, source, *, hour=0, confirmed_on=None) -> Standing:
    at = clock.now() + timedelta(hours=hour)
    return Standing(covers=covers, source=source, recorded_at=at, confirmed_on=confirmed_on)


def test_the_closest_row_names_the_source_and_the_newest_confirmation_of_any_counts():
    rows = [
        one("", Source.ROSTER, confirmed_on=date(2026, 9, 1)),
        one("home", Source.FAMILY, hour=1, confirmed_on=date(2026, 10, 1)),
        one("home.phone", Source.VISIT, hour=2),
        one("", Source.SCHOOL, hour=3, confirmed_on=date(2026, 11, 1)),
    ]
    assert ground_of(rows, "home.phone").source == Source.VISIT
    assert ground_of(rows, "home.address").source == Source.FAMILY
    assert ground_of(rows, "carer").source == Source.SCHOOL  # of two equally close rows the later one
    assert ground_of(rows, "home.phone").confirmed_on == date(2026, 11, 1)
    assert ground_of(rows[:3], "carer").confirmed_on == date(2026, 9, 1)


def test_what_was_confirmed_before_a_field_was_written_anew_does_not_confirm_it():
    rows = [
        one("home", Source.FAMILY, confirmed_on=date(2026, 10, 1)),
        one("card", Source.STAFF, hour=1, confirmed_on=date(2026, 10, 5)),
        one("home.phone", Source.ROSTER, hour=2),
    ]
    assert ground_of(rows, "home.phone", "card").confirmed_on is None
    assert ground_of(rows, "home.address", "card").confirmed_on == date(2026, 10, 5)
    asked = [*rows, one("card", Source.STAFF, hour=3, confirmed_on=date(2026, 11, 2))]
    assert ground_of(asked, "home.phone", "card").confirmed_on == date(2026, 11, 2)
    assert ground_of(asked, "home.phone").confirmed_on is None


def test_what_no_row_covers_stands_on_nothing():
    assert ground_of([], "home") is None
    assert ground_of([one("carer", Source.VISIT)], "home") is None
    assert ground_of([one("homestead", Source.VISIT)], "home") is None


def test_a_ground_is_written_in_an_action_only(cast):
    with pytest.raises(Unnamed):
        stand_on(cast.siyuan.pk, source=Source.VISIT)
