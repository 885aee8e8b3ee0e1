"""Jobs: one runner at a time, whole chunks or nothing, and life after a killed worker."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from tests.factories import fresh
from tests.together import at_once
from tongxing.base import clock, jobs
from tongxing.base.jobs import Job, JobState, Lost, again, perform, revive, start
from tongxing.base.records import SYSTEM, action
from tongxing.staff.models import Region

LATER = jobs.SILENT_AFTER + timedelta(seconds=1)
PATHS = [str(path) for path in range(40, 50)]


@action("tests.name_a_region")
def name_a_region(*, by, path):
    Region(path=path, year=2023, name=f"地区{path}").save()


def do_chunk(job: Job, path: str) -> None:
    """One chunk as every kind of job does it: the work and the progress in one transaction."""
    with transaction.atomic():
        name_a_region(by=SYSTEM, path=path)
        job.advance(job.done + 1, len(PATHS))


def name_regions(job: Job) -> None:
    for path in PATHS[job.done :]:
        do_chunk(job, path)


@pytest.fixture
def kinds(monkeypatch):
    monkeypatch.setitem(jobs.KINDS, "regions", name_regions)
    return jobs.KINDS


@pytest.fixture
def job(kinds, db):
    return Job.objects.create(kind="regions", by_id=SYSTEM.pk)


def left_behind(job: Job, *, done: int) -> Job:
    """As a killed runner leaves it after `done` chunks, some time ago."""
    for path in PATHS[:done]:
        name_a_region(by=SYSTEM, path=path)
    beat_at = clock.now() - LATER
    Job.objects.filter(pk=job.pk).update(state="running", runner=SYSTEM.pk, done=done, total=10, beat_at=beat_at)
    return fresh(job)


def test_a_job_does_its_work_and_says_so(job):
    perform(job.pk)
    job = fresh(job)
    assert (job.state, job.done, job.total, job.percent) == (JobState.DONE, 10, 10, 100)
    assert job.is_over and job.ended_at == clock.now()
    assert Region.objects.count() == 10


def test_a_job_is_queued_when_its_transaction_commits_not_before(kinds, django_capture_on_commit_callbacks, db):
    with django_capture_on_commit_callbacks() as callbacks:
        queued = start(kind="regions", by=SYSTEM, total=10)
        assert not DBTaskResult.objects.exists()
    assert fresh(queued).state == JobState.QUEUED
    callbacks[0]()
    assert DBTaskResult.objects.get().args_kwargs == {"args": [str(queued.pk)], "kwargs": {}}


def test_a_job_that_is_over_is_not_run_again(job):
    perform(job.pk)
    perform(job.pk)
    assert fresh(job).state == JobState.DONE
    assert Region.objects.count() == 10


def test_a_job_of_a_runner_that_still_beats_is_left_alone(job):
    left_behind(job, done=3)
    Job.objects.filter(pk=job.pk).update(beat_at=clock.now() - timedelta(seconds=5))
    perform(job.pk)
    assert (fresh(job).state, fresh(job).done) == (JobState.RUNNING, 3)
    assert revive() == 0


def test_of_two_runners_at_once_one_claims_the_job(kinds, transactional_db):
    for _time in range(5):
        Region._base_manager.all().delete()
        job = Job.objects.create(kind="regions", by_id=SYSTEM.pk)
        assert at_once(lambda job=job: perform(job.pk), lambda job=job: perform(job.pk)) == [None, None]
        assert (fresh(job).state, Region.objects.count()) == (JobState.DONE, 10)


def test_a_killed_runners_job_goes_on_where_its_last_whole_chunk_ended(job, django_capture_on_commit_callbacks):
    left_behind(job, done=4)
    with django_capture_on_commit_callbacks() as callbacks:
        assert revive() == 1
    assert len(callbacks) == 1
    assert (fresh(job).state, fresh(job).done) == (JobState.QUEUED, 4)
    perform(job.pk)
    assert (fresh(job).state, fresh(job).done) == (JobState.DONE, 10)
    assert set(Region.objects.values_list("path", flat=True)) == set(PATHS)


def test_a_job_whose_worker_was_killed_before_it_claimed_it_is_queued_again(kinds, transactional_db):
    job = start(kind="regions", by=SYSTEM)
    with clock.fixed(clock.now() + LATER):
        assert revive() == 0  # its task waits
        DBTaskResult.objects.update(status="RUNNING")  # taken by a worker that was killed then
        assert revive() == 1
        assert revive() == 0  # the new task waits
    assert DBTaskResult.objects.filter(status="READY").count() == 1
    assert fresh(job).state == JobState.QUEUED


def test_a_silent_job_is_claimed_even_before_somebody_revives_it(job):
    left_behind(job, done=4)
    perform(job.pk)
    assert fresh(job).state == JobState.DONE


@pytest.mark.parametrize("taken_over_by", [perform, lambda pk: again(Job.objects.get(pk=pk))])
def test_a_runner_that_was_taken_over_learns_it_and_writes_nothing_more(job, taken_over_by):
    old = left_behind(job, done=4)
    taken_over_by(job.pk)
    before, regions = fresh(job), Region.objects.count()
    Region._base_manager.filter(path=PATHS[9]).delete()
    with pytest.raises(Lost):
        do_chunk(old, PATHS[9])
    assert not Region.objects.filter(path=PATHS[9]).exists()
    assert (fresh(job).done, fresh(job).state) == (before.done, before.state)
    assert Region.objects.count() in (regions, regions - 1)


def test_losing_the_job_in_the_middle_of_the_work_is_not_a_failure(kinds, job):
    def robbed(job):
        Job.objects.filter(pk=job.pk).update(runner=job.pk)  # another runner
        job.advance(5)

    kinds["regions"] = robbed
    perform(job.pk)
    assert fresh(job).state == JobState.RUNNING  # the other one's now
    assert fresh(job).message == ""


def test_a_failed_job_says_so_keeps_whole_chunks_and_can_be_tried_again(kinds, job):
    def stumble(job):
        do_chunk(job, PATHS[0])
        with transaction.atomic():
            name_a_region(by=SYSTEM, path=PATHS[1])
            raise ZeroDivisionError("phone 14000010001")

    kinds["regions"] = stumble
    perform(job.pk)
    failed = fresh(job)
    assert (failed.state, failed.done, failed.is_over) == (JobState.FAILED, 1, True)
    assert failed.message and "14000010001" not in failed.message
    assert Region.objects.count() == 1
    kinds["regions"] = name_regions
    again(failed)
    perform(job.pk)
    assert (fresh(job).state, fresh(job).message) == (JobState.DONE, "")
    assert Region.objects.count() == 10


def test_progress_is_seen_from_another_connection_while_the_job_runs(kinds, transactional_db):
    job = Job.objects.create(kind="regions", by_id=SYSTEM.pk)
    half, looked = threading.Event(), threading.Event()

    def pausing(job):
        for path in PATHS:
            do_chunk(job, path)
            if path == PATHS[4]:
                half.set()
                assert looked.wait(20)

    def look():
        assert half.wait(20)
        seen = fresh(job)
        answer = seen.state, seen.done, seen.percent, Region.objects.count()
        looked.set()
        return answer

    kinds["regions"] = pausing
    _ran, seen = at_once(lambda: perform(job.pk), look)
    assert seen == (JobState.RUNNING, 5, 50, 5)
    assert fresh(job).state == JobState.DONE


def test_a_job_without_a_total_has_no_percent_to_divide_by(job):
    assert fresh(job).percent == 0
