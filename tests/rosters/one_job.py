"""A worker of one job, to be killed: `python -m tests.rosters.one_job JOB`. Says "go" when it begins."""

import sys
from uuid import UUID

import django

django.setup()

from tongxing.base import jobs  # noqa: E402  after setup

sys.stdout.write("go\n")
sys.stdout.flush()
jobs.perform(UUID(sys.argv[1]))
