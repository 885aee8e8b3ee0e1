"""Rosters by functions, for the command line and scripts: read a file, import it, take an import back.

Jobs run here and now; one that a worker has claimed first is waited for. Keys of the answers are described in
docs/cli.md; day of birth is `birth_date` there.
"""

import time
from itertools import islice
from pathlib import Path
from uuid import UUID

from tongxing.base import clock, jobs
from tongxing.base.excel import UnreadableFile
from tongxing.base.jobs import Job, JobState
from tongxing.base.problems import NOTICE
from tongxing.rosters import actions, reviewing
from tongxing.rosters.choices import RosterKind, RosterState, RowState
from tongxing.rosters.findings import Reconciliation
from tongxing.rosters.marking import marked_file
from tongxing.rosters.matching import Judge, Judged
from tongxing.rosters.models import Roster
from tongxing.rosters.queries import counts_of, updates_of
from tongxing.rosters.sheets import HEADING, read_pages

CHUNK = 500
NAMES = {"birth_on": "birth_date"}  # facts by the names of the command line
STATES = {
    RowState.READY: "new",
    RowState.KNOWN: "known",
    RowState.CHANGED: "known",
    RowState.TO_FIX: "to_fix",
    RowState.SKIPPED: "skipped",
}


class JobFailed(RuntimeError):
    """A job did not come to its end; the argument is its sentence."""


def read_file(path, *, community=None) -> dict:
    """What a file holds, without keeping anything. Raises UnreadableFile.

    "known" is a row whose number has an archive, or, with a `community` (Region), whose name and birthday have one
    there.
    """
    with Path(path).open("rb") as file:
        pages = read_pages(file)
    judge = Judge(community, clock.today())
    sheets, counts = [], dict.fromkeys(("rows", *STATES.values()), 0)
    for page in pages:
        lines, rows = page.lines(), []
        while chunk := list(islice(lines, CHUNK)):
            for judged in judge.judge(chunk):
                if judged.line.skipped == HEADING:
                    continue
                rows.append(_row(judged))
                counts[rows[-1]["state"]] += 1
        columns = [
            {"column": one.letter, "heading": one.heading, "field": NAMES.get(one.field, one.field) or None}
            for one in page.columns
            if one.heading
        ]
        asks = [
            {
                "code": one.code,
                "column": one.column,
                "text": str(one.text),
                "options": [value for value, _ in one.options],
            }
            for one in page.asks
        ]
        sheets.append(
            {
                "name": page.name,
                "heading_rows": list(page.heading_rows),
                "columns": columns,
                "asks": asks,
                "rows": rows,
            }
        )
    counts["rows"] = counts["new"] + counts["known"] + counts["to_fix"]
    return {"sheets": sheets, "counts": counts}


def _row(judged: Judged) -> dict:
    problems = [
        {
            "cell": judged.line.at.get(one.field),
            "field": NAMES.get(one.field, one.field),
            "code": one.code,
            "severity": str(one.severity),
            "text": str(one.text),
        }
        for one, _arguments in judged.problems
        if judged.state == RowState.TO_FIX or one.severity == NOTICE
    ]
    facts = {
        NAMES.get(name, name): value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in judged.facts.items()
        if value not in (None, "")
    }
    row = {"row": judged.line.number, "state": STATES[judged.state], "problems": problems, "facts": facts}
    return row | {"skipped": judged.line.skipped} if judged.line.skipped else row


def import_file(
    path, community, by, annotated=None, *, kind=RosterKind.OTHER, sender=None, replace: bool = False
) -> dict:
    """Receive, read and import a file for a community (a Region) in the name of `by` (a Staff). Raises UnreadableFile.

    `annotated` names where the sender's own file goes, with what is wrong in it marked. Of children who have an archive
    only empty facts are filled; `replace` also writes what differs, but what a person confirmed. The rest waits on the
    page of the list.
    """
    path = Path(path)
    roster = actions.receive(
        by=by,
        content=path.read_bytes(),
        name=path.name,
        kind=kind,
        community=community,
        sender=sender,
        on=clock.today(),
    )
    roster = finish(roster)
    if roster.state == RosterState.UNREADABLE:
        raise UnreadableFile(roster.trouble)
    roster = finish(actions.start_import(by=by, roster=roster, unasked=not replace))
    counts, updates = counts_of(roster), updates_of(roster)
    if annotated is not None:
        annotated = Path(annotated)
        annotated.write_bytes(marked_file(roster))
    return {
        "roster": str(roster.pk),
        "counts": {
            "rows": counts["rows"],
            "archived": counts[RowState.ARCHIVED],
            "updated": counts[RowState.UPDATED],
            "unchanged": counts[RowState.KNOWN],
            "to_decide": counts[RowState.CHANGED],
            "to_fix": counts[RowState.TO_FIX],
            "skipped": counts[RowState.SKIPPED],
        },
        "facts": {"updated": updates.written, "to_decide": updates.asked},
        "annotated": str(annotated) if annotated is not None else None,
    }


def undo(roster_id, by, *, why: str = "tongxing roster undo", later: bool = False) -> dict:
    """Take an import back; children with later work stay unless `later`. Raises Roster.DoesNotExist."""
    roster = Roster.objects.standing().get(pk=UUID(str(roster_id)))
    roster = finish(actions.start_undo(by=by, roster=roster, why=why, later=later))
    counts = counts_of(roster)
    updates = updates_of(roster)
    return {
        "roster": str(roster.pk),
        "counts": {"undone": counts[RowState.UNDONE], "kept": counts[RowState.KEPT]},
        "facts": {"undone": updates.taken_back, "kept": updates.kept},
    }


def reconcile(region: str, by, *, on=None) -> dict:
    """Hold the lists of a region (a path; "" is everywhere) beside its archives: heaps with reasons.

    Raises JobFailed.
    """
    on = on or clock.today()
    run = actions.start_reconciliation(by=by, region=region, on=on)
    end(run.job_id)
    run = Reconciliation.objects.get(pk=run.pk)
    return {"region": region, "on": run.on.isoformat(), "counts": run.counts, "heaps": reviewing.heaps_in(region)}


def finish(roster: Roster) -> Roster:
    """Run the list's job to its end, or wait for the worker that has it; the roster as it stands then.

    Raises JobFailed.
    """
    if roster.job_id:
        end(roster.job_id)
    return Roster.objects.select_related("attachment", "community", "sender", "job").get(pk=roster.pk)


def end(job_id) -> None:
    """Run a job to its end, or wait for the worker that has it. Raises JobFailed."""
    jobs.perform(job_id)
    job = Job.objects.get(pk=job_id)
    while not job.is_over:
        time.sleep(0.2)
        jobs.perform(job_id)  # of a runner that was killed nothing is heard any more
        job.refresh_from_db()
    if job.state == JobState.FAILED:
        raise JobFailed(job.message)
