"""Take a whole import back, chunk by chunk. What people have done since is respected."""

from dataclasses import dataclass

from django.db import transaction

from tongxing.base import bulk, jobs
from tongxing.base.bulk import Batch
from tongxing.base.jobs import Job
from tongxing.base.records import action
from tongxing.children.merges import Merge
from tongxing.children.models import Child, Lookup
from tongxing.rosters.actions.importing import done_or_again
from tongxing.rosters.actions.reading import acting, day_of, note_counts
from tongxing.rosters.actions.updating import take_back_updates
from tongxing.rosters.choices import RosterState, RowState
from tongxing.rosters.findings import Finding
from tongxing.rosters.models import Listed, Roster, RosterRow
from tongxing.rosters.queries import counts_of, later_work, only_listed_by, updates_of

CHUNK = 50


@action("rosters.start_undo")
def start_undo(*, by, roster: Roster, why: str, later: bool = False) -> Roster:
    """Let the worker take an import back. `later`: children with later work too; their trace stays."""
    if roster.state not in (RosterState.IMPORTED, RosterState.UNDONE):
        return roster
    counts = counts_of(roster)
    roster.state, roster.undo_why, roster.undo_later = RosterState.UNDOING, why[:200], later
    total = counts[RowState.ARCHIVED] + (counts[RowState.KEPT] if later else 0) + updates_of(roster).written_rows
    roster.job = jobs.start(kind="rosters.undo", by=by, about_id=roster.pk, total=total)
    roster.save()
    return roster


@dataclass
class Undo:
    """An undo under way."""

    job: Job
    roster: Roster
    by: object
    done: int

    @property
    def states(self) -> tuple:
        return (RowState.ARCHIVED, RowState.KEPT) if self.roster.undo_later else (RowState.ARCHIVED,)


@jobs.kind("rosters.undo")
def undo_rows(job: Job) -> None:
    """Withdraw what an import opened, then the persons only it named. Goes on where the last whole chunk ended."""
    roster = Roster.objects.select_related("community", "sender", "attachment").get(pk=job.about_id)
    if roster.state != RosterState.UNDOING:
        return
    under_way = Undo(job, roster, acting(job), job.done)
    while rows := list(roster.rows.filter(state__in=under_way.states).order_by("number", "id")[:CHUNK]):
        done_or_again(_withdraw_chunk, under_way, rows)
        under_way.done += len(rows)
    take_back_updates(job, roster, under_way.by, day_of(job))
    under_way.done = job.done
    while persons := list(only_listed_by(roster).order_by("id")[:CHUNK]):
        batch = Batch(action="rosters.undo", by=under_way.by, why=roster.undo_why)
        for person in persons:
            batch.withdraw(person, why=roster.undo_why)
        batch.prepare()
        with transaction.atomic():
            job.advance(under_way.done)
            batch.write()
    finish_undo(by=under_way.by, roster=roster)


def _withdraw_chunk(under_way: Undo, rows: list[RosterRow]) -> None:
    roster = under_way.roster
    ids = [row.child_id for row in rows]
    kept = {} if roster.undo_later else later_work(ids)
    merged = set(Merge.objects.standing().filter(child__in=ids).values_list("child_id", flat=True))
    children = Child.objects.standing().exclude(pk__in=merged).in_bulk(ids)  # there is more in it than this list said
    batch = Batch(action="rosters.undo", by=under_way.by, why=roster.undo_why)
    gone = []
    for row in rows:
        if row.child_id in kept:
            row.state = RowState.KEPT
            continue
        row.state = RowState.UNDONE
        if child := children.get(row.child_id):
            gone.append(batch.withdraw(child, why=roster.undo_why))
    for listed in Listed.objects.standing().filter(child__in=gone):
        listed.child, listed.matched_on = None, None
        batch.change(listed)
    batch.prepare()
    with transaction.atomic():
        under_way.job.advance(under_way.done + len(rows))
        batch.write()
        Lookup.objects.filter(child__in=gone).delete()
        bulk.update(RosterRow, rows, ["state"])


@action("rosters.undo")
def finish_undo(*, by, roster: Roster) -> Roster:
    """Everything that was to be taken back is."""
    roster.state = RosterState.UNDONE
    roster.save()
    Finding.objects.let_go_of(roster.rows.filter(state=RowState.TO_FIX))
    note_counts(roster)
    return roster
