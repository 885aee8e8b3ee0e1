"""Killed ten times in the middle, a reconciliation decides nothing twice, loses nothing, and goes on to its end.

The worker and the process it lets do the work are both real here; only the worker is killed, the other ends by itself.
"""

import random
from collections import Counter
from threading import Thread

import pytest
from django.conf import settings
from django.db import connection

from tests.conftest import NOW
from tests.rosters.lists import bring, number, sheet
from tests.rosters.test_reconcile import child, row
from tests.rosters.workers import work_and_kill
from tongxing.base import seal
from tongxing.base.jobs import Job
from tongxing.base.records import SYSTEM, Event
from tongxing.rosters import actions, api
from tongxing.rosters.findings import Decision, Finding, Reconciliation
from tongxing.rosters.models import Listed, RosterRow
from tongxing.rosters.reconciling import gathering

pytestmark = pytest.mark.slow

KILLS, ROWS, KNOWN = 10, 900, 60


def many() -> list[dict]:
    """Rows of whom sixty have an archive under a name that sounds the same; most of the others are strangers."""
    found = []
    for at in range(ROWS):
        born = f"20{10 + at % 8}-0{1 + at % 9}-{1 + at // 72:02d}"
        found.append(row(at % 500, name=f"钱{chr(0x4E00 + at * 7)}", birth_on=born, citizen_number="",
                         carer_phone=f"14003{at:06d}", father_phone=""))  # fmt: skip
    return [
        row(at, name=f"赵{'一二三四五六七八九十'[at // 10]}懂", citizen_number="") for at in range(0, KNOWN, 10)
    ] + found


@pytest.mark.django_db(transaction=True)
def test_ten_kills_lose_nothing_and_decide_nothing_twice(cast, monkeypatch):
    chance = random.Random(11)
    for at in range(0, KNOWN, 10):
        child(cast, at)
    roster = bring(cast.director, cast.chunhe, sheet(many()))
    assert number(0)
    # What was decided before the worker dies stands after it.
    early = actions.start_reconciliation(by=SYSTEM, region=cast.chunhe.path, on=NOW.date())
    api.end(early.job_id)
    asked = list(Finding.objects.filter(heap="probable").order_by("id"))
    assert len(asked) == KNOWN // 10
    kept = actions.judge(by=cast.director, finding=asked[0], verdict="same", on=NOW.date())
    other = actions.judge(by=cast.director, finding=asked[1], verdict="different", on=NOW.date())
    decided = {asked[0].row_id: "archived", asked[1].row_id: "none"}
    fresh = bring(cast.director, cast.chunhe, sheet([one | {"hamlet": "新屋组"} for one in many()]), name="新的.xlsx")

    monkeypatch.setattr(settings, "RECONCILE_APART", True)
    run = actions.start_reconciliation(by=SYSTEM, region=cast.chunhe.path, on=NOW.date())

    def whole():
        """At any moment: one finding a row, a Listed for each person, an Event for each Listed, decisions untouched."""
        rows = Finding.objects.filter(row__isnull=False).values_list("row_id", flat=True)
        assert max(Counter(rows).values()) == 1
        listed = Event.objects.filter(action="rosters.reconcile", subject="rosters.listed")
        made = Listed.objects.standing().filter(pk__in=listed.values("subject_id"))
        assert Counter(listed.values_list("subject_id", flat=True)) == Counter(made.values_list("pk", flat=True))
        assert {one.row_id: one.heap for one in Finding.objects.filter(row__in=decided)} == decided
        assert set(Decision.objects.standing()) == {kept, other}

    cut = work_and_kill(run.job, whole, chance, KILLS, (0.5, 6.0))
    whole()
    assert cut >= 1
    run = Reconciliation.objects.get(pk=run.pk)
    run.job.refresh_from_db()
    assert (run.job.state, run.step) == ("done", "done")
    rows = RosterRow.objects.filter(roster__in=(roster, fresh)).exclude(state="skipped")
    assert Finding.objects.filter(row__in=rows).count() == rows.count()
    assert Finding.objects.get(row=fresh.rows.get(number=2)).heap == "archived"
    assert Finding.objects.get(row=fresh.rows.get(number=3)).heap == "none"
    assert (
        not Listed.objects.standing()
        .filter(child=None, pk__in=rows.filter(finding__heap="archived").values("listed"))
        .exists()
    )
    assert seal.verify({}).ok


@pytest.mark.django_db(transaction=True)
def test_the_beat_of_the_worker_does_not_lock_the_reading_out(cast, monkeypatch):
    """While the process reads page after page, the worker writes its beat beside it; both go on."""
    monkeypatch.setattr(gathering, "CHUNK", 4)
    bring(cast.director, cast.chunhe, sheet([row(at) for at in range(30)]))
    run = actions.start_reconciliation(by=SYSTEM, region=cast.chunhe.path, on=NOW.date())

    def beat():
        Job.objects.filter(pk=run.job_id).update(message="beat")
        connection.close()

    def told(done: int, total: int) -> None:
        beside = Thread(target=beat)
        beside.start()
        beside.join()
        Job.objects.filter(pk=run.job_id).update(done=done, total=total)
        heard.append(done)

    heard: list[int] = []
    found = gathering.gather(cast.chunhe.path, NOW.date(), told)
    assert len(found.rows) == 30
    assert len(heard) >= 7
