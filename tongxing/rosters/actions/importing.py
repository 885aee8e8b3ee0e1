"""Import the good rows of a list, chunk by chunk: each chunk whole with its trace, or nothing of it."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from tongxing.base import bulk, jobs, numbers
from tongxing.base.bulk import Batch
from tongxing.base.facts import Source
from tongxing.base.ids import new_id
from tongxing.base.jobs import Job
from tongxing.base.records import Stale, action
from tongxing.children.actions import ArchiveContext, compose, known_carers
from tongxing.children.models import Child
from tongxing.children.rules import ClassName, read_class
from tongxing.rosters.actions.reading import MENDABLE, acting, day_of, note_counts, problems_out
from tongxing.rosters.actions.updating import compare_late, decide, hold_what_replaces, write_updates
from tongxing.rosters.choices import RosterState, RowState
from tongxing.rosters.findings import Finding
from tongxing.rosters.matching import Archives, Persons, Schools, number_digest
from tongxing.rosters.models import Listed, Roster, RosterRow, Update
from tongxing.rosters.queries import counts_of, updates_of
from tongxing.rosters.rules import PERHAPS, Identity, beside, identity_of
from tongxing.staff.actions import open_classroom
from tongxing.staff.models import Classroom
from tongxing.staff.rules import school_year

log = logging.getLogger("tongxing.rosters")
LONGEST_HOLD = 0.08  # seconds that a chunk may keep SQLite's other writers waiting
FEWEST, MOST = 100, 400  # rows in one transaction
TRIES = 3
TWO_PEOPLE = {"same_person", "other_number"}  # doubts by which a person said: these are two children


@action("rosters.start_import")
def start_import(*, by, roster: Roster, said: Mapping[str, str] | None = None, unasked: bool = False) -> Roster:
    """Let the worker import what is ready. A list that is at work already is left to it.

    `said` is what was decided of known children's changes with the same tap, as `decide` takes it, which raises NotNow.
    `unasked`: nobody has seen them, so only what is empty is filled.
    """
    decide(by=by, roster=roster, said=said or {})
    if roster.state not in MENDABLE:
        return roster
    if unasked:
        hold_what_replaces(roster)
    total = counts_of(roster)[RowState.READY] + updates_of(roster).rows
    roster.state = RosterState.IMPORTING
    roster.job = jobs.start(kind="rosters.import", by=by, about_id=roster.pk, total=total)
    roster.save()
    return roster


@dataclass
class Import:
    """An import under way."""

    job: Job
    roster: Roster
    by: object
    on: date
    schools: Schools
    done: int
    classrooms: dict[tuple, Classroom] = field(default_factory=dict)  # (school id, name) → class of this school year
    size: int = FEWEST  # rows in the next transaction

    @contextmanager
    def holding(self, count: int) -> Iterator[None]:
        """One transaction of `count` rows; the next chunk is as large as this one's time allows."""
        with transaction.atomic():
            begun = time.monotonic()
            yield
            took = time.monotonic() - begun
        likely = int(count * min(LONGEST_HOLD / took, 2)) if took else MOST
        self.size = max(FEWEST, min(MOST, likely))


@jobs.kind("rosters.import")
def import_rows(job: Job) -> None:
    """Archive every row that is ready, then note who the rest is about. Goes on where the last whole chunk ended."""
    roster = Roster.objects.select_related("community", "sender", "attachment").get(pk=job.about_id)
    if roster.state != RosterState.IMPORTING:
        return
    under_way = Import(job, roster, acting(job), day_of(job), Schools(roster.community, roster.sender), job.done)
    write_updates(job, roster, under_way.by, under_way.on)
    under_way.done = job.done
    while rows := list(roster.rows.filter(state=RowState.READY).order_by("number", "id")[: under_way.size]):
        done_or_again(_archive_chunk, under_way, rows)
        under_way.done += len(rows)
    waiting = roster.rows.filter(state=RowState.TO_FIX, listed=None).order_by("number", "id")
    last = None
    while rows := list((waiting.filter(pk__gt=last) if last else waiting).order_by("id")[: under_way.size]):
        last = rows[-1].pk
        done_or_again(_list_chunk, under_way, rows)
    finish_import(by=under_way.by, roster=roster)


def done_or_again(work, under_way, rows: list[RosterRow]) -> None:
    """Do a chunk; once more from fresh facts when somebody archived or changed one of these persons meanwhile."""
    keys = [row.pk for row in rows]
    for tried in range(1, TRIES + 1):
        try:
            work(under_way, rows)
            return
        except (IntegrityError, Stale):
            if tried == TRIES:
                raise
            log.info("a chunk of roster %s was outrun and is done again", under_way.roster.pk)
            rows = list(RosterRow.objects.filter(pk__in=keys).order_by("number", "id"))


def _archive_chunk(under_way: Import, rows: list[RosterRow]) -> None:
    roster, community = under_way.roster, under_way.roster.community
    facts = {row.pk: row.known_facts() for row in rows}
    who = {row.pk: _identity(row, facts[row.pk], roster.received_on) for row in rows}
    archives = Archives(community, who.values(), (one.get("citizen_number") for one in facts.values()))
    persons = Persons(community, who.values())
    neighbours = known_carers(community, [one.get("carer_phone") for one in facts.values()])
    batch = Batch(action="rosters.import_row", by=under_way.by)
    taken: dict[str, RosterRow] = {}
    perhaps = Finding.objects.suspecting(rows)
    aside = []
    for row in rows:
        key = archives.digest_of(numbers.fold(facts[row.pk].get("citizen_number") or ""))
        if _stands_aside(row, facts[row.pk], who[row.pk], archives, taken.get(key), community, row.pk in perhaps):
            aside.append(row)
        else:
            context = _context(under_way, facts[row.pk], neighbours, batch.at)
            grade = class_of(facts[row.pk]).grade
            drafts = compose({**facts[row.pk], "grade": grade}, context)
            child = next(draft for draft in drafts if draft.model is Child)
            row.child_id = UUID(child.values["id"])
            for draft in drafts:
                batch.add(draft, about=child.subject)
            row.state = RowState.ARCHIVED
            _match(batch, persons, row, who[row.pk], under_way.on)
        if key:
            taken.setdefault(key, row)
    late = compare_late(under_way.by, roster, [row for row in aside if row.state == RowState.KNOWN])
    batch.prepare()
    with under_way.holding(len(rows)):
        under_way.job.advance(under_way.done + len(rows))
        batch.write()
        bulk.update(RosterRow, rows, ["state", "child"])
        bulk.update(RosterRow, aside, ["problems"])
        bulk.insert(Update, late)


def _identity(row: RosterRow, facts: dict, today: date) -> Identity:
    """Who a row is about; what was written is opened only where the facts do not tell."""
    return identity_of(facts, {} if facts.get("name") and facts.get("birth_on") else row.cells(), today)


def _stands_aside(
    row, facts, who: Identity, archives: Archives, earlier: RosterRow | None, community, perhaps: bool
) -> bool:
    """Whether a row that was ready is not to be archived after all; its new state is set. `perhaps`: a reconciliation
    found an archive that may be this child's, and nobody has said whether it is."""
    number = facts.get("citizen_number")
    problem = None
    found = archives.of(who, number)
    if found and not found.by_number and TWO_PEOPLE & {one["code"] for one in row.problems if one.get("accepted")}:
        found = None
    if found and found.community == community.path:
        row.state, row.child_id = RowState.KNOWN, found.child_id
        return True
    if found:
        problem = beside("archived_elsewhere", "citizen_number", place=found.place)
    elif earlier is not None:
        problem = beside("same_number", "name", first=earlier.number, this=row.number)
    elif perhaps:
        problem = beside(PERHAPS, "name")
    if problem is None:
        return False
    row.state = RowState.TO_FIX
    row.problems = [*row.problems, *problems_out([problem], {})]
    return True


def _context(under_way: Import, facts: dict, neighbours: dict, at: datetime) -> ArchiveContext:
    school = under_way.schools.of(facts)
    return ArchiveContext(
        community=under_way.roster.community,
        on=under_way.on,
        source=Source.ROSTER,
        by=under_way.by,
        at=at,
        school=school,
        classroom=_classroom(under_way, school, facts),
        neighbours=neighbours,
    )


def class_of(facts: dict) -> ClassName:
    return read_class(facts.get("class_name") or "")


def _classroom(under_way: Import, school, facts: dict) -> Classroom | None:
    """The class of this school year, opened when the list is the first to name it."""
    said = class_of(facts)
    if school is None or not said.name or said.grade is None:
        return None
    year, key = school_year(under_way.on), (school.pk, said.name)
    if key not in under_way.classrooms:
        known = Classroom.objects.standing().filter(school=school, year=year, name=said.name).first()
        under_way.classrooms[key] = known or open_classroom(
            by=under_way.by, school=school, year=year, grade=said.grade, name=said.name
        )
    return under_way.classrooms[key]


def _match(batch: Batch, persons: Persons, row: RosterRow, who: Identity, on: date) -> None:
    """Note that a listed person has an archive now."""
    listed = persons.by_id.get(row.listed_id) or persons.of(who)
    if row.listed_id and listed is None:
        listed = Listed.objects.standing().filter(pk=row.listed_id).first()
    if listed and listed.child_id is None:
        listed.child_id, listed.matched_on = row.child_id, on
        batch.change(listed)


def _list_chunk(under_way: Import, rows: list[RosterRow]) -> None:
    """A Listed person for each held row, unless an archive or a Listed is there already.

    Rows without a name count as a person only when they tell a birthday or a number; what tells of nobody stays a row
    to mend. A person of whom only the name is known is one person per community and name.
    """
    roster, community = under_way.roster, under_way.roster.community
    facts = {row.pk: row.known_facts() for row in rows}
    who = {row.pk: identity_of(facts[row.pk], row.cells(), roster.received_on) for row in rows}
    archives = Archives(community, who.values(), (one.get("citizen_number") for one in facts.values()))
    persons = Persons(community, who.values())
    batch = Batch(action="rosters.list_person", by=under_way.by)
    named = []
    for row in rows:
        person = who[row.pk]
        found = archives.of(person, facts[row.pk].get("citizen_number"))
        if not person.tells_of_somebody or (found and found.community == community.path):
            continue
        listed = persons.of(person)
        if listed is None:
            listed = batch.add(
                Listed(
                    id=new_id(),
                    community=community,
                    name=person.name or "",
                    birth_on=person.birth_on,
                    number_digest=number_digest(person.number),
                    known_from_on=roster.received_on,
                    doubtful=person.doubtful,
                )
            )
            persons.note(listed)
        row.listed = listed
        named.append(row)
    batch.prepare()
    with under_way.holding(len(rows)):
        under_way.job.advance(under_way.done)
        batch.write()
        bulk.update(RosterRow, named, ["listed"])


@action("rosters.import")
def finish_import(*, by, roster: Roster) -> Roster:
    """Every row of the list has been looked at."""
    roster.state = RosterState.IMPORTED
    roster.save()
    note_counts(roster)
    return roster
