"""Workers of one job each, to be killed: started once, it makes one for every line "MOMENT JOB" that it reads.

Making a worker is a fork of a process that has everything loaded and no connection open; its id is written back.
"""

import os
import sys
from uuid import UUID

import django

django.setup()

from tongxing.base import jobs  # noqa: E402  after setup


def told(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


for line in sys.stdin:
    moment, job = line.split()
    worker = os.fork()
    if worker == 0:
        os.environ["TONGXING_NOW"] = moment
        jobs.perform(UUID(job))
        os._exit(0)
    told(worker)
    _pid, ended = os.waitpid(worker, 0)
    told(os.waitstatus_to_exitcode(ended))
