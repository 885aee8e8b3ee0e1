"""Lists after a merge: whoever stood beside the archive that is gone stands beside the one that remains."""

import pytest
from django.db.models import Q
from django.urls import reverse

from tests import factories
from tests.rosters.lists import TODAY, bring, imported, number, row_of, sheet, undone
from tests.rosters.test_reconcile import child, heap_of, reconciled, row
from tongxing.base.measures import Scope
from tongxing.base.records import SYSTEM
from tongxing.children import actions as children
from tongxing.rosters import actions, api, reviewing
from tongxing.rosters.choices import Heap
from tongxing.rosters.findings import Decision, Finding, Reconciliation
from tongxing.rosters.measures import ARCHIVED

pytestmark = pytest.mark.django_db


@pytest.fixture
def twice(cast):
    """The list's 吴一东 has an archive with the number, and another without one, that a visitor opened."""
    return child(cast, 5), child(cast, 5, name="吴一冬", citizen_number=None)


def nights_work():
    """The nightly check of archives beside each other, to its end."""
    actions.nightly()
    for run in Reconciliation.objects.filter(finished_at=None):
        api.end(run.job_id)


def figure(cast):
    return ARCHIVED.figure(Scope(region=cast.chunhe.path), TODAY)


def test_the_row_of_the_archive_that_goes_finds_the_other(cast, twice):
    first, second = twice
    roll = bring(cast.director, cast.chunhe, sheet([row(5, citizen_number="", name="吴一冬")]))
    reconciled(cast)
    finding = heap_of(roll, 2)
    Finding.objects.filter(pk=finding.pk).update(child=second, heap=Heap.ARCHIVED)
    children.merge(by=SYSTEM, child=first, gone=second, from_gone=set(), on=TODAY)
    assert heap_of(roll, 2).child_id == first.pk
    reconciled(cast)
    assert heap_of(roll, 2).child_id == first.pk
    assert not Finding.objects.filter(child=second).exists()


def test_nobody_is_asked_about_the_pair_again_and_the_measure_counts_one(cast, twice):
    first, second = twice
    nights_work()
    finding = Finding.objects.get(heap=Heap.DOUBLE)
    actions.judge(by=cast.supervisor, finding=finding, verdict="same", on=TODAY)
    assert [one.pk for one in reviewing.tab_of(cast.director, reviewing.MERGE)] == [finding.pk]
    before = figure(cast)
    children.merge(by=cast.supervisor, child=first, gone=second, from_gone=set(), on=TODAY)
    assert not reviewing.tab_of(cast.director, reviewing.MERGE).exists()
    assert not reviewing.tab_of(cast.director, reviewing.OPEN).exists()
    assert (figure(cast).n, figure(cast).N) == (before.n - 1, before.N - 1)


def test_taken_apart_the_question_is_open_again(cast, twice):
    first, second = twice
    nights_work()
    finding = Finding.objects.get(heap=Heap.DOUBLE)
    actions.judge(by=cast.supervisor, finding=finding, verdict="same", on=TODAY)
    merge = children.merge(by=cast.supervisor, child=first, gone=second, from_gone=set(), on=TODAY)
    children.unmerge(by=cast.supervisor, merge=merge, why="双胞胎", on=TODAY)
    assert not Decision.objects.standing().exists()
    assert [one.pk for one in reviewing.tab_of(cast.director, reviewing.OPEN)] == [finding.pk]
    assert factories.fresh(second).citizen_number is None
    assert factories.fresh(first).citizen_number == number(5)


def test_what_was_decided_is_not_taken_back_while_they_are_one(cast, twice, client_of):
    first, second = twice
    nights_work()
    finding = Finding.objects.get(heap=Heap.DOUBLE)
    decision = actions.judge(by=cast.supervisor, finding=finding, verdict="same", on=TODAY)
    children.merge(by=cast.supervisor, child=first, gone=second, from_gone=set(), on=TODAY)
    with pytest.raises(actions.NotTheSame, match="先撤销合并"):
        actions.take_back(by=cast.supervisor, decision=decision, why="错了")
    client = client_of(cast.supervisor)
    answer = client.get(reverse("rosters:review", args=[finding.pk]))
    assert answer["Location"] == reverse("children:archive", args=[first.pk])
    assert client.post(reverse("rosters:take_back", args=[decision.pk])).status_code == 302
    assert Decision.objects.standing().exists()


def test_an_import_taken_back_leaves_what_was_merged(cast):
    roll = imported(cast.director, cast.chunhe, sheet([row(5), row(6)]))
    first, second = child(cast, 5, citizen_number=None, name="吴一冬"), row_of(roll, 2).child
    merge = children.merge(by=SYSTEM, child=first, gone=second, from_gone={"citizen_number"}, on=TODAY)
    undone(cast.director, roll, later=True)
    assert factories.fresh(first).withdrawn_at is None
    assert row_of(roll, 3).child.withdrawn_at
    children.unmerge(by=SYSTEM, merge=merge, why="两个人", on=TODAY)
    assert factories.fresh(second).citizen_number == number(5)


def test_a_pair_with_a_third_archive_goes_along(cast, twice, client_of):
    """(gone, third) was said to be two children: that holds of the one that remains, and nobody is told of a merge."""
    first, second = twice
    third = child(cast, 5, name="吴一懂", citizen_number=None)
    nights_work()
    pair = Finding.objects.filter(Q(child=third) | Q(other=third), heap=Heap.DOUBLE).first()
    gone = pair.other if pair.child == third else pair.child
    stays = second if gone == first else first
    actions.judge(by=cast.supervisor, finding=pair, verdict="different", on=TODAY)
    children.merge(by=cast.supervisor, child=stays, gone=gone, from_gone={"citizen_number"}, on=TODAY)
    pair = Finding.objects.filter(decision__verdict="different").first()
    if pair:
        assert {pair.child_id, pair.other_id} == {stays.pk, third.pk}
        assert pair.child_id < pair.other_id
        assert client_of(cast.supervisor).get(reverse("rosters:review", args=[pair.pk])).status_code == 200
    nights_work()
    for tab in (reviewing.OPEN, reviewing.UNSURE, reviewing.MERGE):
        assert not reviewing.tab_of(cast.director, tab).filter(heap=Heap.DOUBLE).exists(), tab
