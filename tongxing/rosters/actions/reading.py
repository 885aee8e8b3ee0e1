"""Receive a list and read it into rows."""

import io
from collections.abc import Mapping
from datetime import date
from itertools import islice

from django.db import transaction

from tongxing.base import bulk, clock, jobs
from tongxing.base.attachments import keep
from tongxing.base.excel import UnreadableFile
from tongxing.base.ids import new_id
from tongxing.base.jobs import Job
from tongxing.base.records import SYSTEM, action, current_deed
from tongxing.base.sealed import CannotOpen, bound_to, digest, seal
from tongxing.rosters.choices import RosterState
from tongxing.rosters.matching import Judge, Judged
from tongxing.rosters.models import Roster, RosterRow
from tongxing.rosters.queries import counts_of
from tongxing.rosters.rules import facts_out
from tongxing.rosters.sheets import HEADING, cells_out, read_pages
from tongxing.staff.models import Organisation, Region, Staff

KEPT_DAYS = 30  # a sender's file is erased after so many
CHUNK = 200


@action("rosters.receive")
def receive(
    *, by, content: bytes, name: str, kind: str, community: Region, on: date, sender: Organisation | None = None
) -> Roster:
    """Keep a file that somebody sent, encrypted and for thirty days, and let the worker read it."""
    attachment = keep(content, name=name[:200], kind="roster", region=community.path, days=KEPT_DAYS)
    roster = Roster(
        id=new_id(),
        attachment=attachment,
        kind=kind,
        community=community,
        sender=sender,
        sent_by_id=by.pk,
        received_on=on,
    )
    roster.job = jobs.start(kind="rosters.read", by=by, about_id=roster.pk)
    roster.save()
    return roster


def acting(job: Job):
    """The person in whose name a job works."""
    return Staff.objects.filter(pk=job.by_id).first() or SYSTEM


@jobs.kind("rosters.read")
def read(job: Job) -> None:
    """Read a file into rows. Begun anew when it was cut short: rows are staging, nothing stands on them yet."""
    roster = Roster.objects.select_related("attachment", "community", "sender").get(pk=job.about_id)
    if roster.state != RosterState.READING:
        return
    try:
        pages = read_pages(io.BytesIO(roster.attachment.read()))
    except UnreadableFile as unreadable:
        finish_reading(by=acting(job), roster=roster, trouble=unreadable.code, columns=[])
        return
    except CannotOpen:
        finish_reading(by=acting(job), roster=roster, trouble="broken", columns=[])
        return
    with transaction.atomic():
        job.advance(0, sum(page.sheet.count for page in pages))
        RosterRow.objects.filter(roster=roster).delete()
    judge = Judge(roster.community, roster.received_on, roster.sender)
    done = 0
    for page in pages:
        lines = page.lines()
        while chunk := list(islice(lines, CHUNK)):
            done += len(chunk)
            persons = [line for line in chunk if line.skipped != HEADING]
            rows = [_row(roster, judged) for judged in judge.judge(persons)]
            with transaction.atomic():
                job.advance(done)
                bulk.insert(RosterRow, rows)
    columns = [column._asdict() | {"sheet": page.name} for page in pages for column in page.columns if column.heading]
    finish_reading(by=acting(job), roster=roster, columns=columns)


def _row(roster: Roster, judged: Judged) -> RosterRow:
    row = RosterRow(
        id=new_id(),
        roster=roster,
        sheet=judged.line.sheet,
        number=judged.line.number,
        state=judged.state,
        problems=problems_out(judged.problems, judged.line.at),
        child_id=judged.child_id,
    )
    if judged.line.skipped:
        row.problems = [{"field": "", "code": judged.line.skipped, "cell": "", "severity": "notice"}]
    fill(row, facts_out(judged.facts), cells_out(judged.line.written))
    return row


def fill(row: RosterRow, facts: str, written: str | None = None) -> None:
    """Give a row its sealed values now, so that the transaction which stores them does no arithmetic."""
    row.facts = seal(facts, bound_to("rosters.rosterrow", "facts", row.pk))
    if written is not None:
        row.written = seal(written, bound_to("rosters.rosterrow", "written", row.pk))
    row.fingerprint = digest("roster_row", facts) or ""


def problems_out(problems, at: Mapping[str, str], number: int | None = None) -> list[dict]:
    """Problems as a row keeps them: where and what, never a value.

    `at` knows the cell of each field, or, with the row's `number`, its column.
    """
    return [
        {
            "field": problem.field,
            "code": problem.code,
            "cell": f"{at[problem.field]}{number or ''}" if problem.field in at else "",
            "severity": str(problem.severity),
            **({"args": arguments} if arguments else {}),
        }
        for problem, arguments in problems
    ]


@action("rosters.read")
def finish_reading(*, by, roster: Roster, columns: list, trouble: str = "") -> Roster:
    """The list has been read, or cannot be: `trouble` says why."""
    roster.columns, roster.trouble = columns, trouble
    roster.state = RosterState.UNREADABLE if trouble else RosterState.READY
    roster.save()
    note_counts(roster)
    return roster


def note_counts(roster: Roster) -> None:
    """The trace of a list as a whole: which file, how many rows of each state."""
    changes = current_deed().changes[roster.subject()]
    row = f"roster:{roster.pk}"
    changes.append((row, "file", None, roster.attachment.digest, False, False))
    changes.append((row, "counts", None, counts_of(roster), False, False))


def day_of(job: Job) -> date:
    """The day a job's deeds are dated: when it was asked for, however long it takes."""
    return job.queued_at.astimezone(clock.SHANGHAI).date()
