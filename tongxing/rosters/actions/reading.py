"""Receive a list and read it into rows."""

import io
from collections.abc import Mapping
from datetime import date
from itertools import islice

from django.db import transaction
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name

from tongxing.base import bulk, clock, jobs
from tongxing.base.attachments import keep
from tongxing.base.bulk import Batch
from tongxing.base.excel import UnreadableFile
from tongxing.base.ids import new_id
from tongxing.base.jobs import Job
from tongxing.base.records import SYSTEM, action, current_deed
from tongxing.base.sealed import CannotOpen, bound_to, digest, seal
from tongxing.children.rules import facts_out
from tongxing.rosters import queries
from tongxing.rosters.choices import Heap, RosterState, RowState
from tongxing.rosters.comparing import Compared
from tongxing.rosters.findings import Finding
from tongxing.rosters.matching import Judge, Judged, Likeness
from tongxing.rosters.models import KnownHeading, Roster, RosterRow, Update
from tongxing.rosters.queries import counts_of
from tongxing.rosters.rules import SKIPPABLE
from tongxing.rosters.sheets import HEADING, LineRead, bare, cells_out, read_pages
from tongxing.staff.models import Organisation, Region, Staff

KEPT_DAYS = 30  # a sender's file is erased after so many
CHUNK = 200
NEAR = ("same_sound", "same_birth", "same_place")  # why an archive is near a row, as reconciling.says puts it in words
NOTHING: Mapping = {}


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


MENDABLE = (RosterState.READY, RosterState.IMPORTED)


class NotNow(Exception):
    """The list is at work, or was imported or taken back already, or the row needs nothing any more."""


@action("rosters.choose_columns")
def choose_columns(
    *,
    by,
    roster: Roster,
    chosen: Mapping[str, Mapping[str, str]],
    answers: Mapping[str, Mapping[str, str]] | None = None,
) -> Roster:
    """Say what columns of a list mean (sheet → letter → field, "" for none of ours), answer what its sheets leave open
    (sheet → code → option), and let it be read again.

    What was said is remembered for the sender's next list. Raises NotNow once anything of the list was imported.
    """
    if roster.state != RosterState.READY:
        raise NotNow
    known = {one.heading: one for one in queries.known_headings(roster)}
    for column in roster.columns:
        field, heading = chosen.get(column["sheet"], {}).get(column["letter"]), bare(column["heading"])
        if field is None or field == column["field"] or not heading:
            continue
        one = known.get(heading) or KnownHeading(
            sender=roster.sender, brought_by_id=None if roster.sender_id else roster.sent_by_id, heading=heading
        )
        one.field = field
        one.save()
        known[heading] = one
    for kept, said in ((roster.chosen, chosen), (roster.answers, answers)):
        for sheet, ones in (said or {}).items():
            kept[sheet] = kept.get(sheet, {}) | dict(ones)
    roster.chosen, roster.answers = dict(roster.chosen), dict(roster.answers)
    let_go(by=by, roster=roster, why="read again")
    roster.state = RosterState.READING
    roster.job = jobs.start(kind="rosters.read", by=by, about_id=roster.pk)
    roster.save()
    return roster


@action("rosters.let_go")
def let_go(*, by, roster: Roster, why: str) -> Roster:
    """Nothing stands on the rows of a list any more: what was found of them goes, and the persons only it named."""
    batch = Batch(action="rosters.let_go", by=by, why=why)
    for person in queries.only_listed_by(roster):
        batch.withdraw(person, why=why)
    batch.write()
    Finding.objects.filter(row__roster=roster).delete()
    return roster


def acting(job: Job):
    """The person in whose name a job works."""
    return Staff.objects.filter(pk=job.by_id).first() or SYSTEM


@jobs.kind("rosters.read")
def read(job: Job) -> None:
    """Read a file into rows. Begun anew when it was cut short: rows are staging, and what a reconciliation under way
    found of earlier ones goes with them. A row that somebody has put right stays until its line is read again."""
    roster = Roster.objects.select_related("attachment", "community", "sender").get(pk=job.about_id)
    if roster.state != RosterState.READING:
        return
    try:
        content = io.BytesIO(roster.attachment.read())
        known = queries.remembered(roster)
        pages = read_pages(content, remembered=known, chosen=roster.chosen, answers=roster.answers)
    except UnreadableFile as unreadable:
        finish_reading(by=acting(job), roster=roster, trouble=unreadable.code, columns=[])
        return
    except CannotOpen:
        finish_reading(by=acting(job), roster=roster, trouble="broken", columns=[])
        return
    with transaction.atomic():
        job.advance(0, sum(page.sheet.count for page in pages))
        let_go(by=acting(job), roster=roster, why="read again")
        Update.objects.filter(roster=roster).delete()
        roster.rows.filter(by_hand__isnull=True).delete()
    put_right: dict[tuple, list[RosterRow]] = {}
    for row in roster.rows.all():
        put_right.setdefault((row.sheet, row.number), []).append(row)
    judge = Judge(roster.community, roster.received_on, roster.sender)
    compared = Compared(roster, judge.schools, acting(job))
    done = 0
    for page in pages:
        lines, letters = page.lines(), letters_of(page.columns)
        while chunk := list(islice(lines, CHUNK)):
            done += len(chunk)
            told = [line for line in chunk if line.skipped != HEADING]
            earlier = [_put_right(put_right, line, letters) for line in told]
            persons = judge.judge([_as_mended(*one) for one in zip(told, earlier, strict=True)])
            rows = [_row(roster, letters, *one) for one in zip(told, persons, earlier, strict=True)]
            known = [(row, one.facts) for row, one in zip(rows, persons, strict=True) if row.state == RowState.KNOWN]
            updates = compared.updates(known)
            alike = [
                suspicion(roster, row, one.likeness)
                for row, one in zip(rows, persons, strict=True)
                if one.likeness and row.state == RowState.TO_FIX
            ]
            with transaction.atomic():
                job.advance(done)
                RosterRow.objects.filter(pk__in=[row.pk for row in earlier if row]).delete()
                bulk.insert(RosterRow, rows)
                bulk.insert(Update, updates)
                bulk.insert(Finding, alike)
    with transaction.atomic():  # what is no row of a person any more
        job.advance(done)
        RosterRow.objects.filter(pk__in=[row.pk for rows in put_right.values() for row in rows]).delete()
    columns = [
        column._asdict() | {"sheet": page.name, "heading_row": page.heading_row}
        for page in pages
        for column in page.columns
        if column.heading
    ]
    asks = [
        {
            "sheet": page.name,
            "code": ask.code,
            "column": ask.column,
            "options": [value for value, _words in ask.options],
        }
        for page in pages
        for ask in page.asks
    ]
    finish_reading(by=acting(job), roster=roster, columns=columns, asks=asks)


def letters_of(columns) -> dict[str, list[int]]:
    """Where each field may stand, as numbers of columns; a list in two halves has it twice."""
    found: dict[str, list[int]] = {}
    for column in columns:
        if column.field:
            found.setdefault(column.field, []).append(xl_cell_to_rowcol(f"{column.letter}1")[1])
    return found


def _places(line: LineRead, letters: dict[str, list[int]]) -> dict[str, str]:
    """Where the facts of a line stand, also those whose cell is empty: beside those that were written."""
    written = [xl_cell_to_rowcol(place)[1] for place in line.at.values() if place]
    middle = sum(written) / len(written) if written else 0
    empty = {
        field: f"{xl_col_to_name(min(columns, key=lambda one: abs(one - middle)))}{line.number}"
        for field, columns in letters.items()
        if field not in line.at
    }
    return empty | dict(line.at)


def _put_right(found: dict[tuple, list[RosterRow]], line: LineRead, letters: dict[str, list[int]]) -> RosterRow | None:
    """The row of this line as somebody has put it right, taken out of `found`. In a list in two halves two people stand
    on one line: there it is the row that was written with the same name."""
    rows = found.get((line.sheet, line.number), [])
    for row in rows:
        if len(letters.get("name", ())) < 2 or row.cells().get("name") == line.written.get("name"):
            rows.remove(row)
            return row
    return None


def _as_mended(line: LineRead, earlier: RosterRow | None) -> LineRead:
    """A line with what somebody has typed in place of its cells, when it was read before."""
    typed = earlier.said_by_hand().get("typed") if earlier else None
    if not typed:
        return line
    doubts = tuple(one for one in line.doubts if one[0] not in typed)
    return line._replace(written=dict(line.written) | typed, doubts=doubts)


def _row(
    roster: Roster, letters: dict[str, list[int]], line: LineRead, judged: Judged, earlier: RosterRow | None
) -> RosterRow:
    row = RosterRow(
        id=earlier.pk if earlier else new_id(),
        roster_id=roster.pk,  # the instance itself would cost as much as all the rest
        sheet=line.sheet,
        number=line.number,
        state=judged.state,
        problems=problems_out(judged.problems, _places(line, letters) if judged.problems else {}),
        child_id=judged.child_id,
    )
    if line.skipped:
        row.problems = [{"field": "", "code": line.skipped, "cell": "", "severity": "notice"}]
    elif earlier:
        _say_again(row, earlier)
    fill(row, facts_out(judged.facts), cells_out(line.written))
    return row


def _say_again(row: RosterRow, earlier: RosterRow) -> None:
    """What somebody has said of a row holds: doubts it was kept with, that it is nobody new."""
    row.by_hand, said = earlier.by_hand, earlier.said_by_hand()
    for one in row.problems:
        if f"{one['field']}:{one['code']}" in said.get("accepted", ()):
            one["accepted"] = True
    if said.get("skipped") and row.codes & SKIPPABLE:
        row.state = RowState.SKIPPED
    elif row.state == RowState.TO_FIX and not row.waits:
        row.state = RowState.READY


def suspicion(roster: Roster, row: RosterRow, alike: Likeness) -> Finding:
    """What asks whether a row is the child of an archive that it is near, as a reconciliation would ask."""
    return Finding(
        id=new_id(),
        heap=Heap.PROBABLE,
        community=roster.community_id,
        row_id=row.pk,
        person=alike.person,
        child_id=alike.child_id,
        reasons=list(NEAR),
        found_on=roster.received_on,
        decision_id=alike.decision_id,
    )


def fill(row: RosterRow, facts: str, written: str | None = None) -> None:
    """Give a row its sealed values now, so that the transaction which stores them does no arithmetic."""
    row.facts = seal(facts, bound_to("rosters.rosterrow", "facts", row.pk))
    if written is not None:
        row.written = seal(written, bound_to("rosters.rosterrow", "written", row.pk))
    row.fingerprint = digest("roster_row", facts) or ""


def problems_out(problems, at: Mapping[str, str]) -> list[dict]:
    """Problems as a row keeps them: where (`at`: field → address of its cell) and what, never a value."""
    return [
        {
            "field": problem.field,
            "code": problem.code,
            "cell": at.get(problem.field, ""),
            "severity": str(problem.severity),
            **({"args": arguments} if arguments else {}),
        }
        for problem, arguments in problems
    ]


@action("rosters.read")
def finish_reading(*, by, roster: Roster, columns: list, asks: list | None = None, trouble: str = "") -> Roster:
    """The list has been read, or cannot be: `trouble` says why."""
    roster.columns, roster.asks, roster.trouble = columns, asks or [], trouble
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
