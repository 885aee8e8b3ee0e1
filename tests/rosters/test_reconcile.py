"""Lists held beside archives: heaps, reasons, decisions that stay, and a second run that asks nothing."""

from datetime import date, timedelta

import pytest

from tests import factories
from tests.conftest import NOW
from tests.rosters import lists
from tests.rosters.lists import TODAY, bring, imported, number, row_of, sheet, start
from tongxing.base import clock, numbers
from tongxing.base.measures import Scope
from tongxing.base.records import SYSTEM, Event
from tongxing.children.actions import correct
from tongxing.children.models import Child
from tongxing.rosters import actions, api
from tongxing.rosters.choices import Heap
from tongxing.rosters.findings import Decision, Finding
from tongxing.rosters.forms import mend_forms
from tongxing.rosters.measures import ARCHIVED
from tongxing.rosters.models import Listed

pytestmark = pytest.mark.django_db


def reconciled(cast, by=SYSTEM, region="") -> dict:
    return api.reconcile(region or cast.chunhe.path, by=by)


def row(at: int, **other) -> dict:
    """The at-th row, without a class: such a list is of the whole community."""
    return lists.row(at, class_name=None) | other


def child(cast, at: int, **other):
    """An archive of whom the at-th row of lists.row tells."""
    facts = row(at)
    facts = {name: facts[name] for name in facts if name not in ("class_name", "birth_on", "sex", "carer_relation")}
    facts |= {"birth_on": date(2017, 3, 5), "sex": "1", "carer_relation": "62"} | other
    return factories.child(facts.pop("name"), cast.chunhe, **facts)


def heap_of(roster, at: int) -> Finding:
    return Finding.objects.get(row=row_of(roster, at))


def wrong(good: str) -> str:
    """The number with its last but one digit wrong."""
    return good[:16] + str((int(good[16]) + 3) % 10) + good[17]


@pytest.fixture
def roll(cast):
    """Six rows: misspelt, by name and birthday, one digit wrong and misspelt, misspelt, a stranger, a sister."""
    for at in (0, 2, 3, 5):
        child(cast, at)
    brother = child(cast, 4)
    made = bring(cast.director, cast.chunhe, sheet([
        row(5, name="吴一冻", citizen_number=""),
        row(1, citizen_number=""),
        row(2, name="孙一冬", citizen_number=wrong(number(2))),
        row(3, name="李一懂", citizen_number=""),
        row(30),
        row(4, name="周一南", citizen_number="", birth_on="2019-08-01", carer_phone=brother and row(4)["carer_phone"]),
    ]))  # fmt: skip
    child(cast, 1)  # opened after the list was read, so that only a reconciliation can find it
    return made


def test_every_row_finds_its_heap_with_reasons(cast, roll):
    reconciled(cast)
    heaps = {at: heap_of(roll, at).heap for at in range(2, 8)}
    assert heaps == {2: "probable", 3: "archived", 4: "probable", 5: "probable", 6: "none", 7: "none"}
    assert heap_of(roll, 3).reasons == ["same_name", "same_birth", "same_place"]
    assert "near_number" in heap_of(roll, 4).reasons
    assert "same_sound" in heap_of(roll, 5).reasons


def test_a_row_without_an_archive_makes_a_person_we_ought_to_know(cast, roll):
    before = archived(cast)
    reconciled(cast)
    after = archived(cast)
    assert (after.n, after.N) == (before.n, before.N + 5)


def archived(cast, on: date = TODAY):
    return ARCHIVED.figure(Scope(region=cast.chunhe.path), on)


def decide(finding, verdict, by, **other):
    finding.refresh_from_db()
    version = finding.decision.version if finding.decision else 0
    return actions.judge(by=by, finding=finding, verdict=verdict, on=TODAY, version=version, **other)


def everything() -> list:
    return sorted(
        Finding.objects.values_list("id", "heap", "child_id", "confidence", "reasons", "decision_id"), key=str
    )


def test_a_second_run_changes_nothing_and_asks_nothing(cast, roll):
    reconciled(cast)
    first, events = everything(), Event.objects.exclude(action="rosters.start_reconciliation").count()
    reconciled(cast)
    assert everything() == first
    assert Event.objects.exclude(action="rosters.start_reconciliation").count() == events
    decide(heap_of(roll, 4), "same", cast.director)
    decide(heap_of(roll, 5), "different", cast.director)
    decide(heap_of(roll, 2), "ask", cast.director)
    first = everything()
    reconciled(cast)
    assert everything() == first
    assert not Finding.objects.waiting().exclude(heap="unlisted").exists()


def test_same_counts_and_its_undoing_uncounts(cast, roll):
    reconciled(cast)
    before = archived(cast)
    finding = heap_of(roll, 4)
    decision = decide(finding, "same", cast.director)
    row_now = row_of(roll, 4)
    assert (row_now.state, row_now.child_id) == ("known", finding.child_id)
    assert Listed.objects.get(pk=row_now.listed_id).child_id == finding.child_id
    assert archived(cast).N == before.N - 1
    actions.take_back(by=cast.supervisor, decision=decision, why="看错了")
    assert archived(cast).N == before.N
    again = heap_of(roll, 4)
    assert (again.heap, again.decision, again.reasons) == ("probable", None, finding.reasons)
    assert (row_of(roll, 4).state, row_of(roll, 4).child) == ("to_fix", None)
    assert Event.objects.filter(action="rosters.take_back", subject_id=finding.child_id).count() == 1


@pytest.fixture
def perhaps(cast):
    """A list of two: one is new, the other may be the child whose archive knows no number. Nothing else is wrong."""
    child(cast, 5, citizen_number="", number_missing="not_brought")
    made = bring(cast.director, cast.chunhe, sheet([row(5, name="吴二东"), row(30)]))
    assert [one.state for one in made.rows.order_by("number")] == ["ready", "ready"]
    reconciled(cast)
    assert heap_of(made, 2).heap == "probable"
    return start(cast.director, made)


def test_an_import_leaves_out_who_may_have_an_archive_until_somebody_says(cast, perhaps):
    assert [one.state for one in perhaps.rows.order_by("number")] == ["to_fix", "archived"]
    (form,) = mend_forms(perhaps, [row_of(perhaps, 2)])
    assert form.asked_elsewhere and [one.code for one in form.waiting] == ["perhaps_archived"]
    decision = decide(heap_of(perhaps, 2), "different", cast.director)
    assert row_of(perhaps, 2).state == "ready"
    actions.take_back(by=cast.director, decision=decision, why="看错了")
    perhaps = start(cast.director, perhaps)
    assert row_of(perhaps, 2).state == "to_fix"
    decide(heap_of(perhaps, 2), "different", cast.director)
    before = Child.objects.count()
    perhaps = start(cast.director, perhaps)
    assert (row_of(perhaps, 2).state, Child.objects.count()) == ("archived", before + 1)


def test_who_is_the_same_after_all_is_not_archived_again(cast, perhaps):
    decide(heap_of(perhaps, 2), "same", cast.director)
    before = Child.objects.count()
    perhaps = start(cast.director, perhaps)
    assert (row_of(perhaps, 2).state, Child.objects.count()) == ("known", before)


def test_a_new_list_asks_only_about_what_is_new(cast, roll):
    reconciled(cast)
    decide(heap_of(roll, 4), "same", cast.director)
    decide(heap_of(roll, 5), "different", cast.director)
    decide(heap_of(roll, 2), "unsure", cast.director)
    child(cast, 6)
    later = bring(cast.director, cast.chunhe, sheet([
        row(2, name="孙一冬", citizen_number=wrong(number(2))),
        row(3, name="李一懂", citizen_number=""),
        row(5, name="吴一冻", citizen_number=""),
        row(6, name="郑一洞", citizen_number=""),
    ]), name="第二张.xlsx")  # fmt: skip
    reconciled(cast)
    assert {at: heap_of(later, at).heap for at in range(2, 6)} == {
        2: "archived",
        3: "none",
        4: "probable",
        5: "probable",
    }
    assert heap_of(later, 2).reasons == ["known_then"]  # the answer holds from the reading on
    asked = Finding.objects.waiting().exclude(heap="unlisted")
    assert [finding.row for finding in asked] == [row_of(later, 5)]


def test_an_archive_on_no_list_is_asked_about_once(cast, roll):
    reconciled(cast)
    left = Finding.objects.get(heap=Heap.UNLISTED, child=Child.objects.get(name="周一东"))
    decide(left, "unlisted", cast.director, why="transferred")
    reconciled(cast)
    left.refresh_from_db()
    assert left.decision.why == "transferred"
    bring(cast.director, cast.chunhe, sheet([row(4)]), name="补的.xlsx")
    reconciled(cast)
    assert not Finding.objects.filter(heap=Heap.UNLISTED, child=left.child).exists()
    assert Decision.objects.standing().filter(child=left.child).count() == 1


def test_who_comes_second_hears_who_was_first(cast, roll):
    reconciled(cast)
    finding = heap_of(roll, 4)
    stale = heap_of(roll, 4)
    actions.judge(by=cast.director, finding=finding, verdict="same", on=TODAY)
    with pytest.raises(actions.DecidedAlready) as second:
        actions.judge(by=cast.supervisor, finding=stale, verdict="different", on=TODAY)
    assert second.value.by == "李春梅"
    assert Decision.objects.count() == 1


def test_a_finding_is_held_for_ten_minutes(cast, roll):
    reconciled(cast)
    finding = heap_of(roll, 4)
    assert actions.claim(finding, cast.director) == ""
    assert actions.claim(finding, cast.director) == ""
    assert actions.claim(finding, cast.supervisor) == "李春梅"
    with clock.fixed(NOW + timedelta(minutes=11)):
        assert actions.claim(finding, cast.supervisor) == ""


def test_two_sound_numbers_are_never_one_child(cast):
    child(cast, 7, citizen_number=None, number_missing="not_brought")
    roster = bring(cast.director, cast.chunhe, sheet([row(7, name="王一懂")]))
    reconciled(cast)
    finding = heap_of(roster, 2)
    assert finding.heap == "probable"
    seven = Child.objects.get(name="王一东")
    correct(by=cast.director, child=seven, section="basic", facts={"citizen_number": number(300)}, on=TODAY)
    with pytest.raises(actions.NotTheSame):
        decide(finding, "same", cast.director)
    reconciled(cast)
    assert heap_of(roster, 2).heap == "none"


def test_the_archive_of_a_listed_person_is_opened_from_its_row(cast, roll):
    reconciled(cast)
    before = archived(cast)
    finding = heap_of(roll, 6)
    facts = row_of(roll, 6).known_facts()
    made = actions.open_listed(by=cast.director, listed=finding.row.listed, facts=facts, on=TODAY, row=row_of(roll, 6))
    assert made.citizen_number == number(30)
    assert row_of(roll, 6).state == "known"
    assert (archived(cast).n, archived(cast).N) == (before.n + 1, before.N)
    reconciled(cast)
    assert heap_of(roll, 6).child_id == made.pk


def test_what_an_import_has_found_is_not_asked_again(cast):
    imported(cast.director, cast.chunhe, sheet([row(1), row(2), row(3, class_name="三2")]))
    told = reconciled(cast)
    assert told["counts"]["archived"] == 2
    assert told["counts"]["none"] == 1
    assert told["counts"]["probable"] == 0


def test_figures_of_earlier_days_stay(cast, roll):
    reconciled(cast)
    yesterday = TODAY - timedelta(days=1)
    before, now = archived(cast, yesterday), archived(cast)
    decide(heap_of(roll, 4), "same", cast.director)
    assert archived(cast, yesterday) == before
    assert archived(cast).N == now.N - 1
    assert numbers.make("990101", date(2017, 3, 5), 61) == number(30)


def test_a_list_set_aside_takes_its_persons_along(cast, roll):
    before = archived(cast)
    reconciled(cast)
    assert archived(cast).N > before.N
    actions.set_aside(by=cast.director, roster=roll, why="发错了")
    assert archived(cast).N == before.N
    assert not Finding.objects.exists() or not Finding.objects.exclude(heap="unlisted").exists()
    told = reconciled(cast)
    assert told["heaps"] == {"archived": [], "probable": [], "none": [], "unlisted": []}
