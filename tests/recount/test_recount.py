"""The product's figures and an independent recount agree: on counts, names, owners and days, over random histories."""

import ast
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.db.models import F, OuterRef, Q, UUIDField, Value

from tests.recount.compare import differences, recount
from tests.recount.histories import STEPS, History, later_acts
from tests.recount.places import COMMUNITIES, COUNTIES, TOWNSHIPS, planted
from tests.rosters.lists import imported, sheet
from tongxing.base import clock, measures, numbers
from tongxing.base.measures import Scope, State
from tongxing.base.records import SYSTEM, RecordQuerySet
from tongxing.care import measures as care
from tongxing.care.actions import rebuild_last
from tongxing.care.measures import VISITED
from tongxing.care.models import LastAct
from tongxing.care.rules import CADENCE, due_on
from tongxing.children import measures as pairing
from tongxing.children.actions import open_archive, withdraw_archive
from tongxing.children.measures import CARD_COMPLETE, CARD_CONFIRMED, PAIRED
from tongxing.children.models import Child, ContactCard, Pairing
from tongxing.children.queries import in_care, wrongly_kept
from tongxing.plans.measures import LIVE
from tongxing.rosters import measures as rosters
from tongxing.rosters.actions.mending import match_listed
from tongxing.rosters.measures import ARCHIVED
from tongxing.rosters.models import Listed
from tongxing.staff.models import Post, Region, Staff

QUICK = 10  # histories of the first tier
SEEDS = [pytest.param(seed, marks=[pytest.mark.slow] if seed > QUICK else []) for seed in range(1, 41)]


def scopes_of(history: History):
    """The whole on each of the four days; a county, a township, a community and three persons on one of them."""
    for day in history.days:
        yield Scope(""), day
    rng = history.rng
    for region in (rng.choice(COUNTIES), rng.choice(TOWNSHIPS), rng.choice(COMMUNITIES)):
        yield Scope(region), rng.choice(history.days)
    for name in rng.sample(sorted(history.places.viewers), 3):
        region = rng.choice(("", "", COMMUNITIES[0], COUNTIES[1]))
        yield Scope(region, history.places.viewer(name)), rng.choice(history.days)


def all_differences(history: History) -> list[str]:
    found = recount()
    asked = ((measure, scope, on) for scope, on in scopes_of(history) for measure in LIVE)
    return [said for one in asked for said in differences(found, *one)]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS)
def test_the_recount_agrees(seed):
    said = all_differences(History(seed))
    assert not said, f"history {seed}:\n" + "\n".join(said[:20])


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS[::4])
def test_the_last_visits_kept_are_those_that_the_visits_say(seed):
    History(seed)
    found = recount()
    kept = {row["child_id"]: row["on"] for row in found.kept_last_acts}
    assert kept == found.last_acts()
    for child in Child.objects.all():
        rebuild_last(child)
    assert dict(LastAct.objects.values_list("child_id", "on")) == kept


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS[::4])
def test_the_newest_cards_kept_are_what_the_archives_say(seed):
    History(seed)
    found = recount()
    kept = found.newest_cards()
    assert kept == {child_id: found.card_lacks(child_id) for child_id in found.children}
    assert not wrongly_kept(list(kept))


@pytest.mark.django_db
def test_a_card_kept_wrongly_is_found():
    History(8)
    newest = ContactCard.objects.filter(child__withdrawn_at=None).order_by("-from_on").first()
    ContactCard.objects.filter(pk=newest.pk).update(lacks="address")
    found = recount()
    assert found.newest_cards() != {child_id: found.card_lacks(child_id) for child_id in found.children}
    assert wrongly_kept([newest.child_id]) == [newest.child_id]


@pytest.mark.django_db
def test_the_work_list_of_each_person_is_what_they_owe():
    """`owner` narrows inside the SQL to those lines of the recount that name this person."""
    history = History(7)
    found, on = recount(), history.days[-1]
    for measure in LIVE:
        lines = [line for line in found.count(measure.code, on).lines if line.is_open]
        assert len(measure.rows(Scope(), on)) == len(lines) == measure.figure(Scope(), on).open
        for staff in Staff.objects.all():
            owed = {duty.subject_id for duty in measure.rows(Scope(), on, owner=staff)}
            assert owed == {line.subject for line in lines if line.owner == staff.pk}, (measure.code, staff.login)


@pytest.mark.django_db
def test_before_any_data_nothing_is_counted():
    found = recount()
    for measure in LIVE:
        for on in (date(2026, 11, 24), date(2020, 1, 1)):
            for region in ("", COUNTIES[0], COMMUNITIES[0]):
                figure = measure.figure(Scope(region), on)
                assert (figure.n, figure.N, figure.gap, figure.unknown, figure.na) == (0, 0, 0, 0, 0)
                assert not differences(found, measure, Scope(region), on)


@pytest.mark.django_db
def test_who_was_matched_with_a_withdrawn_archive_is_without_one_again():
    history = History(3)
    child = history.child()
    listed_on = history.today - timedelta(days=9)
    person = planted(Listed(community=child.community, name="李想", known_from_on=listed_on))
    match_listed(by=SYSTEM, listed=person, child=child, on=listed_on)
    assert person.pk not in dict(names_behind(ARCHIVED, history.today))
    withdraw_archive(by=SYSTEM, child=child, why="重复")
    assert dict(names_behind(ARCHIVED, history.today))[person.pk] == State.GAP
    assert not differences(recount(), ARCHIVED, Scope(), history.today)


@pytest.mark.django_db
def test_two_lists_that_name_one_unarchived_child_count_once():
    """Brought as two schools would: other columns, other spelling; the child counts once, and no more once archived."""
    history = History(5)
    community = Region.objects.get(path=COMMUNITIES[0])
    number = numbers.make("990101", date(2016, 5, 4), 777)
    before = recount().count("archived", history.today)
    first = {"name": "孟小满", "citizen_number": number, "carer_phone": "1400000", "carer_name": "孟奶奶"}
    second = {"name": "孟 小 满", "citizen_number": f" {number}", "class_name": "三2"}
    for held in (first, second):
        by = imported(SYSTEM, community, sheet([held], fields=list(held)), on=history.today)
        assert [row.state for row in by.rows.exclude(state="skipped")] == ["to_fix"]
        counted = recount().count("archived", history.today)
        assert (counted.N, counted.count("gap")) == (before.N + 1, before.count("gap") + 1)
        assert not differences(recount(), ARCHIVED, Scope(), history.today)
    facts = {"name": "孟小满", "citizen_number": number}
    open_archive(by=SYSTEM, facts=facts, community=community, on=history.today)  # by hand, nobody matches them
    counted = recount().count("archived", history.today)
    assert (counted.N, counted.n) == (before.N + 1, before.n + 1)
    assert not differences(recount(), ARCHIVED, Scope(), history.today)


def names_behind(measure, day) -> list:
    return sorted((duty.subject_id, duty.state) for duty in measure.rows(Scope(), day, states=State.values))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS[3::8])
def test_what_happens_later_changes_no_earlier_day(seed):
    """Visits, pairings, levels, stays, moves, departures, archives and lists of later days leave the past as it was."""
    history = History(seed)
    past = history.days[:2]
    before = {(measure.code, day): names_behind(measure, day) for measure in LIVE for day in past}
    now = {measure.code: names_behind(measure, history.today) for measure in LIVE}
    later_acts(history, past[-1])
    assert {(measure.code, day): names_behind(measure, day) for measure in LIVE for day in past} == before
    assert {measure.code: names_behind(measure, history.today) for measure in LIVE} != now


# ── the recount can fail, and the histories hold what they should ──────────────────────────────────────────────────


def shifted(measured, days):
    return lambda first, on, **rest: measured(first, on + timedelta(days=days), **rest)


def only_defaults(_region):
    return {level: [("", days)] for level, days in CADENCE.items()}


FAULTS = {
    "the cut-off is a day too early": (VISITED, care, "_first_day", shifted(care._first_day, -1)),
    "the cut-off is a day too late": (VISITED, care, "_first_day", shifted(care._first_day, 1)),
    "settings of a place are forgotten": (VISITED, care, "cadences", only_defaults),
    "away on the last day, too": (VISITED, care, "on_day", lambda on: Q(from_on__lte=on) & ~Q(to_on__lt=on)),
    "due a day later": (VISITED, care, "due_on", lambda **wanted: due_on(**wanted) + timedelta(days=1)),
    "what was withdrawn counts": (VISITED, RecordQuerySet, "standing", lambda rows: rows.all()),
    "children of today in the past": (PAIRED, pairing, "in_care", lambda scope, _on: in_care(scope, clock.today())),
    "a helper who left helps": (
        PAIRED,
        pairing,
        "at_work",
        lambda _on: Post.objects.filter(staff=OuterRef("helper_id")),
    ),
    "an ended pairing counts": (
        PAIRED,
        pairing,
        "helper_at",
        lambda _on: Pairing.objects.filter(child=OuterRef("child_id")),
    ),
    "cards of today in the past": (
        CARD_COMPLETE,
        pairing,
        "ContactCard",
        SimpleNamespace(objects=SimpleNamespace(filter=lambda from_on__lte, **own: ContactCard.objects.filter(**own))),
    ),
    "confirmed for a day less": (CARD_CONFIRMED, pairing, "STALE_AFTER_DAYS", 179),
    "confirmed for a day more": (CARD_CONFIRMED, pairing, "STALE_AFTER_DAYS", 181),
    "nobody answers": (ARCHIVED, rosters, "answerable", lambda _on: Value(None, output_field=UUIDField())),
    "a roster reaches over its community": (ARCHIVED, rosters, "within", lambda _column, _path: Q()),
    "who is in care counts twice": (ARCHIVED, rosters, "_without_those_in_care", lambda listed, _on: listed),
}


@pytest.mark.django_db
def test_the_recount_finds_planted_faults(monkeypatch):
    """Each fault, put into the product alone, is seen in one of ten histories."""
    unseen = dict(FAULTS)
    for seed in range(1, QUICK + 1):
        with transaction.atomic():
            history = History(seed)
            found = recount()
            asked = [(Scope(region), day) for region in ("", COMMUNITIES[0]) for day in history.days[1::2]]
            for fault, (measure, *place) in list(unseen.items()):
                with monkeypatch.context() as product:
                    product.setattr(*place)
                    measures._kept.cache_clear()  # statements that were composed without the fault
                    if any(differences(found, measure, scope, on) for scope, on in asked):
                        del unseen[fault]
            transaction.set_rollback(True)
        if not unseen:
            break
    measures._kept.cache_clear()
    assert not unseen


@pytest.mark.django_db
def test_a_last_visit_kept_wrongly_is_found():
    history = History(7)
    LastAct.objects.update(on=F("on") - timedelta(days=1))
    found = recount()
    assert {row["child_id"]: row["on"] for row in found.kept_last_acts} != found.last_acts()
    assert all_differences(history)


@pytest.mark.django_db
def test_histories_hold_every_state_and_reason():
    met, seen, refused = Counter(), set(), 0
    for seed in range(1, 9):
        with transaction.atomic():
            history = History(seed)
            refused += history.refused
            found = recount()
            for day in history.days:
                for measure in LIVE:
                    lines = found.count(measure.code, day).lines
                    met.update((measure.code, line.state, line.why) for line in lines)
                    seen |= {(measure.code, bool(line.owner)) for line in lines}
            transaction.set_rollback(True)
    reasons = (
        ("archived", "met", "archived"), ("archived", "gap", "incomplete"), ("archived", "gap", "not_opened_yet"),
        ("archived", "gap", "no_archive"), ("archived", "unknown", "who_is_it"),
        ("paired", "met", "paired"), ("paired", "gap", "never_paired"), ("paired", "gap", "pairing_ended"),
        ("paired", "gap", "helper_left"),
        ("number", "met", ""), ("number", "gap", ""), ("number", "gap", "not_brought"),
        ("card", "met", ""), ("card_confirmed", "met", "confirmed"), ("card_confirmed", "gap", "never_confirmed"),
        ("card_confirmed", "gap", "long_ago"),
        ("visited", "met", "in_time"), ("visited", "gap", "late"), ("visited", "gap", "never_seen"),
        ("visited", "unknown", "no_level"), ("visited", "na", "away"),
    )  # fmt: skip
    assert not [reason for reason in reasons if met[reason] < 3], met
    assert seen == {(measure.code, owned) for measure in LIVE for owned in (True, False)}
    assert refused < 8 * STEPS / 3, "most acts of a history must have happened"


def test_the_recount_imports_nothing_of_ours():
    tree = ast.parse((Path(__file__).parent / "recount.py").read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add("." * node.level + (node.module or ""))
        elif isinstance(node, ast.Name):
            assert node.id not in ("__import__", "eval", "exec", "open"), node.lineno
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    assert not imported & {"importlib", "runpy", "sqlite3"}
