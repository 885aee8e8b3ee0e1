"""Background work with progress that a page shows, and that goes on after its worker is killed.

A Job is claimed by one runner at a time. The runner beats while it works; a job whose beat has stopped is queued again
by the worker. Each kind of job does its work in chunks, each in its own transaction that also moves `done`, so that a
restart begins where the last whole chunk ended.
"""

import logging
import uuid
from datetime import timedelta

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from tongxing.base import clock
from tongxing.base.ids import new_id

log = logging.getLogger("tongxing.jobs")
SILENT_AFTER = timedelta(seconds=20)


class JobState(models.TextChoices):
    QUEUED = "queued", _("排队中")
    RUNNING = "running", _("进行中")
    DONE = "done", _("完成")
    FAILED = "failed", _("没有做完")


class Lost(Exception):
    """Another runner has this job now; stop without writing anything more."""


class Job(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=64)
    about_id = models.UUIDField(null=True)
    by_id = models.UUIDField()
    state = models.CharField(max_length=8, choices=JobState, default=JobState.QUEUED)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    runner = models.UUIDField(null=True)
    queued_at = models.DateTimeField(default=clock.now)
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "beat_at"], name="job_state")]

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED)

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0

    def advance(self, done: int, total: int | None = None) -> None:
        """Move the progress within the runner's own chunk transaction; raises Lost if the job was taken over."""
        self.done, self.total = done, self.total if total is None else total
        mine = Job.objects.filter(pk=self.pk, runner=self.runner)
        if not mine.update(done=self.done, total=self.total, beat_at=clock.now()):
            raise Lost(self.pk)


KINDS = {}


def kind(name: str):
    """Register a function(job) as the work of jobs of this kind."""

    def register(function):
        KINDS[name] = function
        return function

    return register


def start(*, kind: str, by, about_id=None, total: int = 0) -> Job:
    """Queue a job when the present transaction commits."""
    job = Job.objects.create(kind=kind, by_id=by.pk, about_id=about_id, total=total)
    transaction.on_commit(lambda: run_job.enqueue(str(job.pk)))
    return job


@task()
def run_job(job_id: str) -> None:
    perform(uuid.UUID(job_id))


def perform(job_id: uuid.UUID) -> None:
    """Claim and run a job; nothing if it is over or another runner is alive."""
    runner = uuid.uuid4()
    silent = models.Q(beat_at=None) | models.Q(beat_at__lt=clock.now() - SILENT_AFTER)
    claimable = Job.objects.filter(pk=job_id).filter(
        models.Q(state=JobState.QUEUED) | models.Q(silent, state=JobState.RUNNING)
    )
    if not claimable.update(state=JobState.RUNNING, runner=runner, beat_at=clock.now(), message=""):
        return
    job = Job.objects.get(pk=job_id)
    try:
        KINDS[job.kind](job)
    except Lost:
        log.warning("job %s was taken over by another runner", job.pk)
    except Exception:
        log.exception("job %s failed", job.pk)
        Job.objects.filter(pk=job_id, runner=runner).update(
            state=JobState.FAILED, ended_at=clock.now(), message=str(_("中途出错，已保存的部分有效，可以再试一次"))
        )
    else:
        Job.objects.filter(pk=job_id, runner=runner).update(state=JobState.DONE, ended_at=clock.now())


def again(job: Job) -> None:
    """Queue a failed or silent job once more, from where its last whole chunk ended."""
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, runner=None, beat_at=None, ended_at=None)
    transaction.on_commit(lambda: run_job.enqueue(str(job.pk)))


def revive() -> int:
    """Queue again what a killed worker left behind; returns how many.

    A worker may also be killed after it took the task and before it claimed the job: then no task waits for the job.
    """
    silent = clock.now() - SILENT_AFTER
    count = 0
    for job in Job.objects.filter(state__in=(JobState.RUNNING, JobState.QUEUED)):
        if job.state == JobState.RUNNING:
            left = job.beat_at is None or job.beat_at < silent
        else:
            left = job.queued_at < silent and not _is_waited_for(job)
        if left:
            again(job)
            count += 1
    return count


def _is_waited_for(job: Job) -> bool:
    wanted = {"args": [str(job.pk)], "kwargs": {}}
    return DBTaskResult.objects.filter(status=TaskResultStatus.READY, args_kwargs=wanted).exists()
