"""Killed at random moments, an import leaves whole chunks with their trace or nothing, and does nothing twice."""

import random
from collections import Counter
from datetime import date

import pytest

from tests.rosters.lists import bring, imported, row, sheet
from tests.rosters.workers import work_and_kill
from tongxing.base import numbers, seal
from tongxing.base.facts import Standing
from tongxing.base.records import Event
from tongxing.children.models import Child, KinRole, Lookup
from tongxing.rosters import actions
from tongxing.rosters.models import RosterRow

pytestmark = pytest.mark.slow

KILLS = 20
ROWS = 10_000
ROWS_TAKEN_BACK = 1_000
LIVES = (0, 0.8)  # seconds a worker lives: from before its first chunk to after a few
HELD = 30  # one row in so many is to be looked at


def many_rows(count: int) -> list[dict]:
    """Rows that differ in number and phone, some of brothers and sisters, one in thirty to be looked at."""
    found = []
    for at in range(count):
        born = date(2010 + at % 8, 1 + at // 8 % 12, 1 + at // 96 % 28)
        held = {"class_name": "三2"} if at % HELD == 7 else {}
        about = {
            "birth_on": born.isoformat(),
            "citizen_number": numbers.make("990101", born, at // 2688 * 2 + 1),
            "carer_phone": f"140{at // 2 * 2:08d}",
            "name": f"赵{chr(0x4E00 + at)}",
        }
        found.append(row(at % 500) | about | held)
    return found


def held_in(count: int) -> int:
    return len(range(7, count, HELD))


@pytest.mark.django_db(transaction=True)
def test_twenty_kills_lose_nothing_and_double_nothing(cast):
    before = set(Child.objects.values_list("pk", flat=True))
    roster = bring(cast.director, cast.chunhe, sheet(many_rows(ROWS)))
    ready = roster.rows.filter(state="ready").count()
    assert ready == ROWS - held_in(ROWS)
    roster = actions.start_import(by=cast.director, roster=roster)

    def whole():
        """Archives, rows that say so, and Events agree at any moment."""
        brought = set(Child.objects.exclude(pk__in=before).values_list("pk", flat=True))
        rows = RosterRow.objects.filter(roster=roster, state="archived")
        events = Event.objects.filter(action="rosters.import_row", subject="children.child")
        assert brought == set(rows.values_list("child_id", flat=True))
        assert Counter(events.values_list("subject_id", flat=True)) == Counter(brought)
        return brought

    cut = work_and_kill(roster.job, whole, random.Random(7), KILLS, LIVES)
    assert cut >= KILLS // 2
    brought = whole()
    assert len(brought) == ready
    children = Child.objects.filter(pk__in=brought)
    assert len({child.citizen_number for child in children}) == ready
    each_once = Counter(dict.fromkeys(brought, 1))
    for rows in (
        children.filter(episodes__isnull=False, schoolings__isnull=False, household__isnull=False).values_list(
            "pk", flat=True
        ),
        Standing.objects.filter(subject_id__in=brought).values_list("subject_id", flat=True),
        KinRole.objects.filter(child__in=brought, part="carer").values_list("child_id", flat=True),
        KinRole.objects.filter(child__in=brought, part="parent").values_list("child_id", flat=True),
        Lookup.objects.filter(child__in=brought, kind="number").values_list("child_id", flat=True),
    ):
        assert Counter(rows) == each_once
    roster.refresh_from_db()
    assert roster.state == "imported"
    assert roster.rows.filter(state="to_fix", listed__isnull=False).count() == held_in(ROWS)
    assert seal.verify({}).ok


@pytest.mark.django_db(transaction=True)
def test_an_undo_that_is_killed_takes_every_child_back_once(cast):
    before = set(Child.objects.values_list("pk", flat=True))
    roster = imported(cast.director, cast.chunhe, sheet(many_rows(ROWS_TAKEN_BACK)))
    brought = set(roster.rows.filter(state="archived").values_list("child_id", flat=True))
    assert len(brought) == ROWS_TAKEN_BACK - held_in(ROWS_TAKEN_BACK)
    roster = actions.start_undo(by=cast.director, roster=roster, why="发错了表")

    def whole():
        gone = set(Child.objects.exclude(pk__in=before).exclude(withdrawn_at=None).values_list("pk", flat=True))
        rows = RosterRow.objects.filter(roster=roster, state="undone")
        events = Event.objects.filter(action="rosters.undo", subject="children.child")
        assert gone == set(rows.values_list("child_id", flat=True))
        assert Counter(events.values_list("subject_id", flat=True)) == Counter(gone)
        return gone

    work_and_kill(roster.job, whole, random.Random(8), 5, LIVES)
    assert whole() == brought
    assert set(Child.objects.standing().values_list("pk", flat=True)) == before
    assert not Lookup.objects.filter(child__in=brought).exists()
    assert seal.verify({}).ok
