"""Run a reconciliation and bring its findings in step, chunk by chunk; what people decided stays.

What links (DuckDB, Arrow, Splink) is imported where it is used: only the process that links carries it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Substr

from tongxing.base import bulk, clock, jobs
from tongxing.base.bulk import Batch
from tongxing.base.ids import new_id
from tongxing.base.jobs import Job
from tongxing.base.records import SYSTEM, Stale, action, current_deed
from tongxing.children.models import Child, Schooling
from tongxing.rosters.actions.reading import acting
from tongxing.rosters.choices import Heap, ReconciliationKind, RosterKind, RowState, Verdict
from tongxing.rosters.findings import Decision, Finding, Reconciliation
from tongxing.rosters.matching import Persons, number_digest
from tongxing.rosters.models import Listed, Roster, RosterRow
from tongxing.rosters.queries import current_rosters
from tongxing.rosters.reconciling import apart, scoring
from tongxing.rosters.rules import identity_of
from tongxing.staff.models import within

if TYPE_CHECKING:
    from tongxing.rosters.reconciling import heaps
    from tongxing.rosters.reconciling.gathering import Gathered

TRIES = 3
COUNTY = 6  # digits of a county's path
CHUNK = 500  # findings in one transaction: under 100 ms of writing
READ, LINKED, WHOLE = 40, 60, 100  # how far the work is when everything is read, linked, written
WAITING = (RowState.READY, RowState.TO_FIX)
FIELDS = ["heap", "community", "person", "child", "confidence", "reasons", "against", "decision"]


@action("rosters.start_reconciliation")
def start_reconciliation(*, by, region: str, on: date, kind: str = ReconciliationKind.LISTS) -> Reconciliation:
    """Let the worker hold the lists of a region beside its archives, or its archives beside each other.

    One that is under way for the same region is left to its work.
    """
    going = Reconciliation.objects.filter(kind=kind, region=region, finished_at=None, job__ended_at=None)
    if under_way := going.order_by("-id").first():
        return under_way
    made = Reconciliation(kind=kind, region=region, on=on, by_id=by.pk, weights=scoring.weights().version)
    made.job = jobs.start(kind="rosters.reconcile", by=by, about_id=made.pk, total=WHOLE)
    made.save(force_insert=True)
    changes = current_deed().changes["rosters.reconciliation", made.pk, region]
    changes.append((f"reconciliation:{made.pk}", "kind", None, str(kind), False, False))
    return made


def nightly() -> int:
    """Let archives be held beside each other once a day, county by county; how many runs were started.

    A machine that is off at night does it when its worker is up again. Two workers at it do no harm: the second run
    finds everything in step.
    """
    today, started = clock.today(), 0
    done = Reconciliation.objects.filter(kind=ReconciliationKind.ARCHIVES, on=today).values_list("region", flat=True)
    paths = Child.objects.standing().order_by().values_list(Substr("community_id", 1, COUNTY), flat=True).distinct()
    for path in sorted(set(paths) - set(done)):
        start_reconciliation(by=SYSTEM, region=path, on=today, kind=ReconciliationKind.ARCHIVES)
        started += 1
    return started


@jobs.kind("rosters.reconcile")
def reconcile(job: Job) -> None:
    """The work of a reconciliation, in a process of its own."""
    if settings.RECONCILE_APART:
        apart.run(job)
    else:
        carry_out(job)


def carry_out(job: Job) -> None:
    """Read, link, write. Begun anew when it was cut short: what was written already is found in step and left alone."""
    run = Reconciliation.objects.get(pk=job.about_id)
    if run.finished_at:
        return
    work = Work(job, run)
    work.step("reading", 0)
    if run.kind == ReconciliationKind.ARCHIVES:
        doubles_of(work)
    else:
        lists_of(work)


@dataclass
class Work:
    """A run under way."""

    job: Job
    run: Reconciliation

    @property
    def by(self):
        return acting(self.job)

    def step(self, name: str, done: int) -> None:
        with transaction.atomic():
            self.job.advance(done, WHOLE)
            Reconciliation.objects.filter(pk=self.run.pk).update(step=name)

    def told(self, done: int, total: int) -> None:
        self.job.advance(READ * done // max(total, 1), WHOLE)

    def finish(self, counts: dict) -> None:
        with transaction.atomic():
            self.job.advance(WHOLE, WHOLE)
            Reconciliation.objects.filter(pk=self.run.pk).update(step="done", counts=counts, finished_at=clock.now())


def lists_of(work: Work) -> None:
    """Lists against archives."""
    from tongxing.rosters.reconciling import heaps
    from tongxing.rosters.reconciling.gathering import gather

    gathered = gather(work.run.region, work.run.on, work.told)
    work.step("linking", READ)
    found = heaps.reconcile(
        gathered.rows.table(), gathered.archives.table(), same=gathered.same, parted=gathered.parted
    )
    work.step("writing", LINKED)
    targets = _targets(gathered, found)
    unlisted = _asked_about(gathered, found, work.run)
    writing = Writing(work, known_findings(work.run.region), LINKED)
    writing.write(targets, unlisted)
    counts = dict.fromkeys(("archived", "probable", "none"), 0)
    for one in targets:
        counts[one.heap] += 1
    counts |= {"unlisted": len(unlisted), "nobody": gathered.nobody, "lists": gathered.lists} | found.counts
    work.finish(counts)


@dataclass(slots=True)
class Target:
    """A finding as it ought to stand."""

    heap: str
    community: str
    row: UUID | None = None
    person: str = ""
    child: UUID | None = None
    other: UUID | None = None
    confidence: float = 0.0
    reasons: tuple = ()
    against: tuple = ()

    @property
    def key(self) -> tuple:
        return (self.row,) if self.row else (self.heap, self.child, self.other)

    @property
    def said(self) -> tuple:
        return self.heap, self.child, round(self.confidence, 4), tuple(self.reasons), tuple(self.against)

    def columns(self) -> dict:
        """A new Finding's values: of a whole county's, instances would cost more than writing them."""
        return {
            "id": new_id(), "row_id": self.row, "heap": self.heap, "community": self.community, "person": self.person,
            "child_id": self.child, "other_id": self.other, "confidence": self.confidence,
            "reasons": tuple(self.reasons), "against": tuple(self.against),
        }  # fmt: skip


def _targets(gathered: Gathered, found: heaps.Sorted) -> list[Target]:
    made = []
    for key, one in enumerate(found.rows):
        reasons = one.reasons
        if key in gathered.settled and reasons == ("decided",):
            reasons = (gathered.settled[key],)
        if one.archive is not None and not _inside(gathered, key, one.archive):
            reasons = (*reasons, "elsewhere")
        made.append(
            Target(
                one.heap, gathered.places[key], gathered.row_ids[key], gathered.persons[key],
                None if one.archive is None else gathered.child_ids[one.archive],
                None, one.confidence, reasons, one.against,
            )
        )  # fmt: skip
    return made


def _inside(gathered: Gathered, row: int, archive: int) -> bool:
    return gathered.homes[archive] == gathered.places[row]


# ── archives on no list ──────────────────────────────────────────────────────────────────────────────────────────────


def _asked_about(gathered: Gathered, found: heaps.Sorted, run: Reconciliation) -> list[Target]:
    """Archives in care that stand on no list although one covers them.

    A roll of some classes covers the children of those classes, every other list its community.
    """
    waiting = {gathered.child_ids[key]: gathered.homes[key] for key in found.unlisted if gathered.asked[key]}
    covered = covered_by_lists(run.region, run.on, waiting)
    return [Target(Heap.UNLISTED, home, child=pk) for pk, home in waiting.items() if pk in covered]


def covered_by_lists(region: str, on: date, homes: dict[UUID, str]) -> set[UUID]:
    """Of these archives (id → community) those that a current list ought to name."""
    wide, classes = _covered(region, on)
    found = {pk for pk, home in homes.items() if home in wide}
    ids = [pk for pk in homes if pk not in found] if classes else []
    for at in range(0, len(ids), 900):
        held = Schooling.objects.standing().filter(child_id__in=ids[at : at + 900], to_on=None)
        for pk, school, name in held.values_list("child_id", "school_id", "classroom__name"):
            if (homes[pk], school, name) in classes or (homes[pk], None, name) in classes:
                found.add(pk)
    return found


def _covered(region: str, on: date) -> tuple[set[str], set[tuple]]:
    """Communities with a list of all, and (community, school or None, class) of the rolls."""
    wide, classes = set(), set()
    for roster in current_rosters(region, on):
        named = set()
        if roster.kind == RosterKind.SCHOOL_ROLL:
            rows = RosterRow.objects.filter(roster=roster).exclude(state__in=(RowState.SKIPPED, RowState.UNDONE))
            named = {row.known_facts().get("class_name") for row in rows.only("pk", "facts").iterator(2000)} - {None}
        if named:
            classes |= {(roster.community_id, roster.sender_id, name) for name in named}
        else:
            wide.add(roster.community_id)
    return wide, classes


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def known_findings(region: str, *, doubles: bool = False) -> dict[tuple, Finding]:
    """Findings of a region as they stand, by what they are about."""
    found = {}
    rows = Finding.objects.filter(within("community", region)).select_related("decision")
    rows = rows.filter(heap=Heap.DOUBLE) if doubles else rows.exclude(heap=Heap.DOUBLE)
    for one in rows.iterator(2000):
        found[key_of(one)] = one
    return found


def key_of(one: Finding) -> tuple:
    """What a finding is about."""
    return (one.row_id,) if one.row_id else (one.heap, one.child_id, one.other_id)


class Writing:
    """Brings findings in step with what was found; only what differs is written."""

    def __init__(self, work: Work, known: dict[tuple, Finding], begun: int):
        self.work, self.known, self.begun = work, known, begun
        self.on = work.run.on
        self.by = work.by
        self.rosters: dict[UUID, Roster] = {}
        decided = Decision.objects.standing().filter(within("child__community_id", work.run.region))
        said = decided.values_list("person", "child_id", "other_id", "pk")
        self.decisions = {(person, child, other): pk for person, child, other, pk in said.iterator(2000)}

    def write(self, targets: list[Target], others: list[Target]) -> None:
        """`targets` are of rows, whose persons become known and find their archives; `others` of archives alone."""
        all_of_them = targets + others
        changed = [one for one in all_of_them if self._differs(one)]
        gone = list(self.known.keys() - {one.key for one in all_of_them})
        total = len(changed) + len(gone)
        for at in range(0, len(changed), CHUNK):
            self._done_or_again(changed[at : at + CHUNK], self.progress(at, total))
        for at in range(0, len(gone), CHUNK):
            part = [self.known[key].pk for key in gone[at : at + CHUNK]]
            with transaction.atomic():
                self.work.job.advance(self.progress(len(changed) + at, total), WHOLE)
                Finding.objects.filter(pk__in=part).delete()

    def progress(self, done: int, total: int) -> int:
        return self.begun + (WHOLE - 1 - self.begun) * done // max(total, 1)

    def _differs(self, one: Target) -> bool:
        """Whether there is anything to write: also a person who is not listed yet, of a run that was cut short."""
        stands = self.known.get(one.key)
        if stands is None:
            return True
        if (
            stands.decision
            and stands.decision.verdict == Verdict.SAME
            and (stands.heap, stands.child_id) == one.said[:2]
        ):
            return False  # what somebody decided gives the reason, whatever else is known by now
        return said_of(stands) != one.said or bool(one.person and stands.person != one.person)

    def _done_or_again(self, targets: list[Target], done: int) -> None:
        """Write a chunk; once more from fresh facts when somebody decided or changed something of it meanwhile."""
        for tried in range(1, TRIES + 1):
            try:
                self._chunk(targets, done)
                return
            except (IntegrityError, Stale):
                if tried == TRIES:
                    raise
                self._read_again(targets)

    def _rows(self, targets: list[Target]) -> dict[UUID, RosterRow]:
        """The rows whose person may have to be listed, or found an archive: of most there is nothing to read."""
        lacking = [one.row for one in targets if one.row and one.heap in (Heap.PROBABLE, Heap.NONE)]
        settled = [one.row for one in targets if one.row and one.heap == Heap.ARCHIVED]
        wanted = Q(pk__in=lacking) | Q(pk__in=settled, listed__isnull=False)
        rows = RosterRow.objects.filter(wanted).select_related("listed").defer("problems", "fingerprint")
        found = {row.pk: row for row in rows}
        for row in found.values():
            row.roster = self._roster(row.roster_id)
        return found

    def _roster(self, pk: UUID) -> Roster:
        if pk not in self.rosters:
            self.rosters[pk] = Roster.objects.select_related("community").get(pk=pk)
        return self.rosters[pk]

    def _read_again(self, targets: list[Target]) -> None:
        ids = [one.row for one in targets if one.row]
        children = [one.child for one in targets if not one.row]
        stands = Finding.objects.filter(Q(row__in=ids) | Q(row=None, child__in=children)).select_related("decision")
        for one in targets:
            self.known.pop(one.key, None)
        for one in stands:
            self.known[key_of(one)] = one

    def _chunk(self, targets: list[Target], done: int) -> None:
        batch = Batch(action="rosters.reconcile", by=self.by)
        rows = self._rows(targets)
        named = _list_persons(batch, rows, targets, self.on)
        _match_persons(batch, rows, targets, self.on)
        batch.prepare()
        new, old, was = [], [], {}
        for one in targets:
            stands = self.known.get(one.key)
            if stands is None:
                new.append(one.columns() | {"decision_id": self._decision_of(one), "found_on": self.on})
                continue
            was[stands.pk] = stands.heap, stands.child_id, stands.decision_id
            if was[stands.pk][:2] != (one.heap, one.child):
                stands.decision_id, stands.found_on = self._decision_of(one), self.on
            stands.heap, stands.community, stands.person = one.heap, one.community, one.person or stands.person
            stands.child_id, stands.other_id = one.child, one.other
            stands.confidence, stands.reasons, stands.against = one.confidence, list(one.reasons), list(one.against)
            old.append(stands)
        with transaction.atomic():
            self.work.job.advance(done, WHOLE)
            batch.write()
            bulk.insert(Finding, new)
            bulk.update(Finding, _still(old, was), [*FIELDS, "found_on"])
            bulk.update(RosterRow, named, ["listed"])

    def _decision_of(self, one: Target) -> UUID | None:
        return self.decisions.get((one.person, one.child, one.other))


def _still(findings: list[Finding], was: dict) -> list[Finding]:
    """Those nobody has decided about since they were read: a decision stands over what was computed without it."""
    rows = Finding.objects.select_for_update().filter(pk__in=[one.pk for one in findings])
    now = {pk: rest for pk, *rest in rows.values_list("pk", "heap", "child_id", "decision_id")}
    return [one for one in findings if tuple(now.get(one.pk, ())) == was[one.pk]]


def said_of(finding: Finding) -> tuple:
    return (
        finding.heap, finding.child_id, round(finding.confidence, 4), tuple(finding.reasons), tuple(finding.against),
    )  # fmt: skip


def _list_persons(batch: Batch, rows: dict, targets: list[Target], on: date) -> list[RosterRow]:
    """A Listed for each row that has no archive for certain: from now on these are persons whom we ought to know."""
    lacking = [
        rows[one.row]
        for one in targets
        if one.row in rows and one.heap in (Heap.PROBABLE, Heap.NONE) and rows[one.row].listed_id is None
        and rows[one.row].state in WAITING
    ]  # fmt: skip
    named = []
    by_place: dict[str, list] = {}
    for row in lacking:
        by_place.setdefault(row.roster.community_id, []).append(row)
    for held in by_place.values():
        who = {row.pk: identity_of(row.known_facts(), row.cells(), row.roster.received_on) for row in held}
        persons = Persons(held[0].roster.community, who.values())
        for row in held:
            person = who[row.pk]
            if not person.tells_of_somebody:
                continue
            listed = persons.of(person)
            if listed is None:
                listed = batch.add(
                    Listed(
                        id=new_id(), community=row.roster.community, name=person.name or "", birth_on=person.birth_on,
                        number_digest=number_digest(person.number), known_from_on=row.roster.received_on,
                        doubtful=person.doubtful,
                    )
                )  # fmt: skip
                persons.note(listed)
            row.listed = listed
            named.append(row)
    return named


def _match_persons(batch: Batch, rows: dict, targets: list[Target], on: date) -> None:
    """Listed persons whose row has an archive for certain are persons with an archive from now on."""
    wanted = [one for one in targets if one.heap == Heap.ARCHIVED and one.row in rows and rows[one.row].listed_id]
    listed = {rows[one.row].listed_id: one.child for one in wanted if rows[one.row].listed.child_id is None}
    standing = Child.objects.standing().in_bulk(list(listed.values()))
    for one in Listed.objects.standing().filter(pk__in=list(listed), child=None):
        if listed[one.pk] in standing:
            one.child, one.matched_on = standing[listed[one.pk]], on
            batch.change(one)


# ── archives that may be one child ───────────────────────────────────────────────────────────────────────────────────


def doubles_of(work: Work) -> None:
    """Archives of a region beside each other."""
    from tongxing.rosters.reconciling import doubles

    pairs = doubles.find(work.run.region, work.told)
    work.step("writing", LINKED)
    targets = [
        Target(Heap.DOUBLE, one.community, child=one.child, other=one.other, confidence=one.confidence,
               reasons=one.reasons, against=one.against)
        for one in pairs
    ]  # fmt: skip
    Writing(work, known_findings(work.run.region, doubles=True), LINKED).write([], targets)
    work.finish({"double": len(targets)})
