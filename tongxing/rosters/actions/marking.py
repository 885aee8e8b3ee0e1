"""Mark a large list in the worker: what waits is not to keep a page waiting."""

from tongxing.base import clock, jobs
from tongxing.base.attachments import keep
from tongxing.base.excel import UnreadableFile
from tongxing.base.jobs import Job
from tongxing.base.records import action
from tongxing.base.sealed import CannotOpen
from tongxing.rosters.actions.reading import MENDABLE, acting
from tongxing.rosters.marking import marked_file, marked_name
from tongxing.rosters.models import Roster


@action("rosters.start_marking")
def start_marking(*, by, roster: Roster) -> Roster:
    """Let the worker mark the sender's file as it is now; one that is at it already is left to it."""
    if roster.state not in MENDABLE or (roster.marking_id and not roster.marking.is_over):
        return roster
    roster.marking = jobs.start(kind="rosters.mark", by=by, about_id=roster.pk)
    roster.save()
    return roster


@jobs.kind("rosters.mark")
def mark(job: Job) -> None:
    roster = Roster.objects.select_related("attachment").get(pk=job.about_id)
    try:
        content = marked_file(roster)
    except (CannotOpen, UnreadableFile):  # the sender's file is gone: there is nothing to mark
        return
    finish_marking(
        by=acting(job), roster=Roster.objects.select_related("attachment").get(pk=roster.pk), content=content
    )


@action("rosters.mark")
def finish_marking(*, by, roster: Roster, content: bytes) -> Roster:
    """Keep the marked file as long as the sender's own."""
    left = roster.attachment.expires_at - clock.now()
    roster.marked = keep(
        content, name=marked_name(roster)[:200], kind="marked", region=roster.community_id, days=max(left.days, 1)
    )
    roster.save()
    return roster
