"""Visits and a merge: what was read before two archives became one is written down with the one that remains."""

import threading
from datetime import date

import pytest
from django.db import transaction

from tests import factories
from tests.together import at_once
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


@pytest.fixture
def one_child_twice(cast):
    """Two archives of one child: one with its number, one without."""
    return factories.child("何田", cast.chunhe), factories.child("何田", cast.chunhe, citizen_number=None)
