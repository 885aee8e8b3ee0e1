"""Workers in processes of their own, killed at random moments."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from tests.conftest import NOW
from tongxing.base.jobs import Job

PROJECT = Path(__file__).resolve().parents[2]


def address() -> str:
    """The test database, as the environment names it to another process."""
    wanted = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{wanted['NAME']}"
    return f"postgresql://{wanted['USER']}:{wanted['PASSWORD']}@{wanted['HOST']}:{wanted['PORT']}/{wanted['NAME']}"


@contextmanager
def workers():
    """`begin(job, attempt)` starts a worker at its job; each begins later than the one before by more than a runner
    may be silent."""
    settings.KEYS.write_text(json.dumps(settings.RING.rings))  # the ring this process works with, whoever changed it
    environment = os.environ | {"DATABASE_URL": address(), "DJANGO_SETTINGS_MODULE": "tongxing.settings"}
    maker = subprocess.Popen(
        [sys.executable, "-m", "tests.rosters.one_job"], cwd=PROJECT, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def begin(job: Job, attempt: int) -> int:
        print((NOW + timedelta(minutes=attempt)).isoformat(), job.pk, file=maker.stdin, flush=True)
        return int(maker.stdout.readline())

    def ended() -> int:
        return int(maker.stdout.readline())

    with maker:
        yield begin, ended
        maker.stdin.close()


@contextmanager
def one_moment():
    """All that is read within it is of one moment: PostgreSQL may still be committing what a killed worker sent."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def work_and_kill(job: Job, check, chance: random.Random, kills: int, lives: tuple[float, float]) -> int:
    """Kill the job's worker so many times, each living a time between `lives` in seconds, checking after each; then let
    it end. How often it was truly cut short.

    The short-lived come first: on a quick machine the job may be done before the long ones die.
    """
    cut = 0
    with workers() as (begin, ended):
        for attempt, life in enumerate(sorted(chance.uniform(*lives) for _kill in range(kills)), start=1):
            worker = begin(job, attempt)
            time.sleep(life)
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
            cut += ended() == -signal.SIGKILL
            with one_moment():
                check()
        begin(job, kills + 1)
        assert ended() == 0
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", job.total)
    return cut
