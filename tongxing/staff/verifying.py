"""The job that verifies the trace for the page of those who audit."""

from tongxing.base import jobs, seal
from tongxing.staff.actions.trace import note_verdict
from tongxing.staff.models import Staff
from tongxing.staff.queries import VERIFYING


@jobs.kind(VERIFYING)
def verify(job) -> None:
    note_verdict(by=Staff.objects.get(pk=job.by_id), verdict=seal.verify())
