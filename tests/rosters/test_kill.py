"""Killed at random moments, an import leaves whole chunks with their trace or nothing, and does nothing twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.conftest import NOW
from tests.rosters.lists import bring, row, sheet
from tongxing.base import numbers, seal
from tongxing.base.facts import Standing
from tongxing.base.jobs import Job
from tongxing.base.records import Event
from tongxing.children.models import Child, KinRole, Lookup
from tongxing.rosters import actions
from tongxing.rosters.models import RosterRow

KILLS = 20
ROWS = 1500
LONGEST = 0.3  # seconds a worker lives: about two chunks
PROJECT = Path(__file__).resolve().parents[2]


def address() -> str:
    """The test database, as the environment names it to another process."""
    wanted = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{wanted['NAME']}"
    return f"postgresql://{wanted['USER']}:{wanted['PASSWORD']}@{wanted['HOST']}:{wanted['PORT']}/{wanted['NAME']}"


def begin(job: Job, attempt: int) -> subprocess.Popen:
    """A worker at its job. Each begins later than the one before by more than a runner may be silent."""
    now = (NOW + timedelta(minutes=attempt)).isoformat()
    settings.KEYS.write_text(json.dumps(settings.RING.rings))  # the ring this process works with, whoever changed it
    environment = os.environ | {
        "DATABASE_URL": address(), "DJANGO_SETTINGS_MODULE": "tongxing.settings", "TONGXING_NOW": now,
    }  # fmt: skip
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.rosters.one_job", str(job.pk)], cwd=PROJECT, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert worker.stdout.readline() == b"go\n"
    return worker


def work_and_kill(job: Job, check, chance: random.Random, kills: int) -> int:
    """Kill the job's worker so many times, checking after each, then let it end; how often it was truly cut short."""
    cut = 0
    for attempt in range(1, kills + 1):
        worker = begin(job, attempt)
        time.sleep(chance.uniform(0, LONGEST))
        cut += worker.poll() is None
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        check()
    worker = begin(job, kills + 1)
    assert worker.wait(timeout=300) == 0
    worker.stdout.close()
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", job.total)
    return cut


def many_rows() -> list[dict]:
    """Rows that differ in number and phone, some of brothers and sisters, one in thirty to be looked at."""
    found = []
    for at in range(ROWS):
        born = f"20{10 + at % 8}-0{1 + at % 9}-11"
        number = numbers.make(
            "990101", NOW.date().replace(year=2010 + at % 8, month=1 + at % 9, day=11), at // 8 * 2 + 1
        )
        phone = f"140{at // 2 * 2:08d}"
        held = {"class_name": "三2"} if at % 30 == 7 else {}
        found.append(
            row(at % 500, birth_on=born, citizen_number=number, carer_phone=phone, name=f"赵{chr(0x4E00 + at)}") | held
        )
    return found


@pytest.mark.django_db(transaction=True)
def test_twenty_kills_lose_nothing_and_double_nothing(cast):
    chance = random.Random(7)
    before = set(Child.objects.values_list("pk", flat=True))
    roster = bring(cast.director, cast.chunhe, sheet(many_rows()))
    ready = roster.rows.filter(state="ready").count()
    assert ready == ROWS - ROWS // 30
    roster = actions.start_import(by=cast.director, roster=roster)

    def whole():
        """Archives, rows that say so, and Events agree at any moment."""
        brought = set(Child.objects.exclude(pk__in=before).values_list("pk", flat=True))
        rows = RosterRow.objects.filter(roster=roster, state="archived")
        events = Event.objects.filter(action="rosters.import_row", subject="children.child")
        assert brought == set(rows.values_list("child_id", flat=True))
        assert Counter(events.values_list("subject_id", flat=True)) == Counter(brought)
        return brought

    cut = work_and_kill(roster.job, whole, chance, KILLS)
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
    assert roster.rows.filter(state="to_fix", listed__isnull=False).count() == ROWS // 30
    assert seal.verify({}).ok

    roster = actions.start_undo(by=cast.director, roster=roster, why="发错了表")

    def whole_again():
        gone = set(Child.objects.exclude(pk__in=before).exclude(withdrawn_at=None).values_list("pk", flat=True))
        rows = RosterRow.objects.filter(roster=roster, state="undone")
        events = Event.objects.filter(action="rosters.undo", subject="children.child")
        assert gone == set(rows.values_list("child_id", flat=True))
        assert Counter(events.values_list("subject_id", flat=True)) == Counter(gone)
        return gone

    work_and_kill(roster.job, whole_again, chance, 5)
    assert whole_again() == brought
    assert set(Child.objects.standing().values_list("pk", flat=True)) == before
    assert not Lookup.objects.filter(child__in=brought).exists()
    assert seal.verify({}).ok
