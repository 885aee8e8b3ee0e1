"""A reconciliation in a process of its own: its memory is given back when it ends, and worker and pages stay small.

    python -m tongxing.rosters.reconciling.apart JOB RUNNER

The worker waits, beats for the job, and ends the process when the job was taken over; the process ends itself when the
worker is gone. Every chunk it writes moves the job's progress in the same transaction, so that of two processes at one
job only the one that holds it can write.
"""

import os
import subprocess
import sys
import threading
from uuid import UUID

BEAT = 4.0  # seconds; a job is taken from a runner that was silent for twenty


class Stopped(RuntimeError):
    """The process ended without having done its work."""


def run(job) -> None:
    """Let a process of its own do this job; raises Stopped, or Lost when another runner has it."""
    from tongxing.base import clock
    from tongxing.base.jobs import Job, Lost

    arguments = [sys.executable, "-m", "tongxing.rosters.reconciling.apart", str(job.pk), str(job.runner)]
    process = subprocess.Popen(
        arguments, stdin=subprocess.PIPE, env=os.environ | {"DJANGO_SETTINGS_MODULE": _settings()}
    )
    try:
        while True:
            try:
                code = process.wait(BEAT)
                break
            except subprocess.TimeoutExpired:
                if not Job.objects.filter(pk=job.pk, runner=job.runner).update(beat_at=clock.now()):
                    raise Lost(job.pk) from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdin.close()
    if code:
        raise Stopped(f"the process of job {job.pk} ended with {code}")


def _settings() -> str:
    from django.conf import settings

    return settings.SETTINGS_MODULE


def _end_with_the_worker() -> None:
    # The worker holds the other end for as long as it lives. Not sys.stdin: a thread that waits inside a buffer which
    # the interpreter wants to close at its end brings it down.
    os.read(0, 1)
    os._exit(3)


def main(job_id: str, runner: str) -> None:
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    import django

    django.setup()
    from tongxing.base.jobs import Job
    from tongxing.rosters.actions.reconciling import carry_out

    carry_out(Job.objects.get(pk=UUID(job_id), runner=UUID(runner)))


if __name__ == "__main__":
    main(*sys.argv[1:])
