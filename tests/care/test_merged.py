"""Visits and a merge: what was read before two archives became one is written down with the one that remains."""

import threading
from datetime import date
from time import sleep

import pytest
from django.db import transaction

from tests import factories
from tests.care.test_pages import page, sent
from tests.together import at_once
from tongxing import care
from tongxing.care.models import LastAct, Visit
from tongxing.children import actions

TODAY = date(2026, 11, 24)


@pytest.mark.django_db
def test_one_round_to_both_archives_of_one_child_is_one_visit(cast, one_child_twice):
    stays, gone = one_child_twice
    actions.merge(by=cast.supervisor, child=stays, gone=gone, from_gone=set(), on=TODAY)
    (visit,) = factories.visit(stays, gone, by=cast.director, on=TODAY, seen={gone})
    assert visit.child_id == stays.pk
    assert visit.saw_child
    assert LastAct.objects.get(child=stays).on == TODAY


@pytest.mark.django_db
@pytest.mark.parametrize("seen", [True, False])
def test_who_saved_it_is_told_of_the_child_they_visited(cast, one_child_twice, client_of, monkeypatch, seen):
    """The one that remains may be out of this person's sight: neither its name nor a page that is not there."""
    stays, gone = one_child_twice
    if not seen:
        actions.move_care(by=cast.supervisor, child=stays, community=cast.lingxia, on=TODAY, why="搬家")
    client, record = client_of(cast.director), care.actions.record_visit

    def a_moment_later(**said):
        actions.merge(by=cast.supervisor, child=factories.fresh(stays), gone=gone, from_gone=set(), on=TODAY)
        return record(**said)

    monkeypatch.setattr(care.actions, "record_visit", a_moment_later)
    answer = client.post(page(gone), sent(gone), follow=True)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f"记好了：{gone.name} 的走访" in text
    assert seen or stays.name not in text
    assert Visit.objects.get().child_id == stays.pk


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_visit_saved_while_two_archives_are_merged_goes_along(cast, one_child_twice):
    stays, gone = one_child_twice
    merged, written = threading.Event(), threading.Event()

    def merge():
        with transaction.atomic():
            actions.merge(by=cast.supervisor, child=stays, gone=gone, from_gone=set(), on=TODAY)
            merged.set()
            written.wait(1)  # it cannot be written before this ends, so this always waits

    def visit():
        assert merged.wait(30)
        factories.visit(gone, by=cast.director, on=TODAY)
        written.set()

    assert at_once(merge, visit) == [None, None]
    assert Visit.objects.get().child_id == stays.pk


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_visit_follows_over_two_merges(cast, one_child_twice):
    """The archive it is led to is becoming part of a third at this moment."""
    middle, first = one_child_twice
    last, merged = factories.child("何恬", cast.chunhe, citizen_number=None), threading.Event()
    actions.merge(by=cast.supervisor, child=middle, gone=first, from_gone=set(), on=TODAY)

    def merge():
        with transaction.atomic():
            actions.merge(by=cast.supervisor, child=last, gone=factories.fresh(middle), from_gone=set(), on=TODAY)
            merged.set()
            sleep(0.5)  # long enough for the visit to have met the second merge unfinished

    def visit():
        assert merged.wait(30)
        factories.visit(first, by=cast.director, on=TODAY)

    assert at_once(merge, visit) == [None, None]
    assert Visit.objects.get().child_id == last.pk


@pytest.fixture
def one_child_twice(cast):
    """Two archives of one child: one with its number, one without."""
    return factories.child("何恬恬", cast.chunhe), factories.child("何田", cast.chunhe, citizen_number=None)
