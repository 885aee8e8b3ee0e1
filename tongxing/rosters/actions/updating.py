"""Changes to children who have an archive: decided one by one, written by the worker, taken back with the batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from django.db import IntegrityError, transaction

from tongxing.base import bulk, clock
from tongxing.base.facts import Source
from tongxing.base.jobs import Job
from tongxing.base.records import Stale, action, current_deed
from tongxing.children import queries as children
from tongxing.children.actions import AlreadyArchived, NoSuchSchool, correct, find_school, take_back_carer
from tongxing.children.choices import Section, Sex
from tongxing.children.models import Child
from tongxing.children.rules import FIELDS, SECTION_OF, is_same
from tongxing.rosters.actions.reading import MENDABLE, NotNow
from tongxing.rosters.choices import Doubt, RowState, UpdateState
from tongxing.rosters.comparing import Compared
from tongxing.rosters.matching import Schools
from tongxing.rosters.models import Roster, RosterRow, Update
from tongxing.rosters.queries import open_updates
from tongxing.rosters.rules import USE, confirmed_by_somebody, fact_in, fact_out

CHUNK = 200
TRIES = 3


# ── deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@action("rosters.decide")
def decide(*, by, roster: Roster, said: Mapping[str, str]) -> Roster:
    """Note which changes are to be written (update id → "use" or "keep"), of children whose files one may open.

    Raises NotNow while the list is at work or was taken back, and when one that is to be kept is written already.
    """
    if not said:
        return roster
    stands = Roster.objects.select_for_update(of=("self",)).get(pk=roster.pk)
    kept = [pk for pk, word in said.items() if word != USE]
    if stands.state not in MENDABLE or roster.updates.filter(pk__in=kept, state=UpdateState.DONE).exists():
        raise NotNow
    rows, noted = {}, []
    for one in open_updates(roster, by).filter(pk__in=list(said)).select_related("row"):
        state = UpdateState.PROPOSED if said[str(one.pk)] == USE else UpdateState.LEFT
        if state != one.state:
            one.state = state
            rows[one.row_id] = one.row
            noted.append(one)
    bulk.update(Update, noted, ["state"])
    _settle(rows.values())
    for one in noted:  # which fact, never what it says
        fact = (f"update:{one.pk}", one.field, None, str(one.state), False, False)
        current_deed().changes[roster.subject()].append(fact)
    return roster


def hold_what_replaces(roster: Roster) -> None:
    """Nobody has looked: whatever would take the place of another value waits for somebody who does."""
    held = roster.updates.filter(state=UpdateState.PROPOSED, was__isnull=False)
    held.update(state=UpdateState.ASKED, doubt=Doubt.UNSEEN)


def _settle(rows: Iterable[RosterRow]) -> None:
    """The state of rows of known children, read off what they would change."""
    rows = list(rows)
    states = defaultdict(set)
    for pk, state in Update.objects.filter(row__in=rows).values_list("row_id", "state"):
        states[pk].add(state)
    for row in rows:
        row.state = row_state(states[row.pk])
    bulk.update(RosterRow, rows, ["state"])


def row_state(states: set[str]) -> str:
    if states & {UpdateState.PROPOSED, UpdateState.ASKED}:
        return RowState.CHANGED
    return RowState.UPDATED if UpdateState.DONE in states else RowState.KNOWN


def compare_late(by, roster: Roster, rows: list[RosterRow]) -> list[Update]:
    """What rows would change that turn out to be of known children after somebody has looked at the list."""
    schools = Schools(roster.community, roster.sender)
    return Compared(roster, schools, by, unseen=True).updates([(row, row.known_facts()) for row in rows])


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def write_updates(job: Job, roster: Roster, by, on: date) -> None:
    """Write every change that is proposed, child by child. Goes on where it ended: what is done is proposed no more."""
    proposed = roster.updates.filter(state=UpdateState.PROPOSED)
    done = job.done
    while ids := list(proposed.order_by("row_id").values_list("row_id", flat=True).distinct()[:CHUNK]):
        for row in RosterRow.objects.filter(pk__in=ids).order_by("number", "id"):
            done += 1
            _again_when_outrun(_write_row, job, done, roster, row, by, on)


def _again_when_outrun(work, job: Job, done: int, *about) -> None:
    for tried in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                job.advance(done)
                work(*about)
            return
        except (IntegrityError, Stale):
            if tried == TRIES:
                raise


def _write_row(roster: Roster, row: RosterRow, by, on: date) -> None:
    update_child(by=by, roster=roster, row=row, on=on)


@action("rosters.update_child")
def update_child(*, by, roster: Roster, row: RosterRow, on: date) -> RosterRow:
    """Write what a row says anew into the archive of its child, with one Event.

    A value that is no longer what stood beside the change when it was decided is asked about again.
    """
    proposed = list(row.updates.filter(state=UpdateState.PROPOSED).order_by("id"))
    child, kept, _standings = _archive(row.child_id, on)
    if child is None:
        _close(proposed, UpdateState.LEFT)
    else:
        moved = [one for one in proposed if not is_same(one.field, kept[one.field], one.was)]
        for one in moved:
            one.was = fact_out(kept[one.field])
        _close([one for one in moved if is_same(one.field, one.was, one.now)], UpdateState.LEFT)
        _close([one for one in moved if not is_same(one.field, one.was, one.now)], UpdateState.ASKED, Doubt.OUTRUN)
        by_section = defaultdict(list)
        for one in proposed:
            if one not in moved:
                by_section[SECTION_OF[one.field]].append(one)
        for section, updates in by_section.items():
            _write_section(by, roster, row, child, section, updates, kept, on)
    _settle([row])
    return row


def _archive(child_id, on: date):
    archive = children.archives_of([child_id], on).get(child_id)
    if archive is None:
        return None, {}, []
    places = children.work_places([role.kin_id for role in archive.roles], on)
    return archive.child, children.facts_of(archive, places), archive.standings


def _close(updates: list[Update], state: str, doubt: str = "") -> None:
    for one in updates:
        one.state, one.doubt = state, doubt or one.doubt
        one.done_at = clock.now() if state == UpdateState.DONE else one.done_at
    bulk.update(Update, updates, ["was", "state", "doubt", "done_at"])


def _write_section(by, roster, row, child, section, updates, kept, on) -> None:
    wanted = {one.field: fact_in(one.field, one.now) for one in updates}
    facts = {name: kept[name] for name in FIELDS[section]}
    if section == Section.CARER and wanted.get("carer_name") and kept["carer_name"]:
        # somebody else cares now: nothing of the one before holds but what the list says
        said = row.known_facts()
        facts |= {name: said.get(name) or "" for name in FIELDS[section] if name != "carer_relation"}
    facts |= wanted
    try:
        with transaction.atomic():
            if section == Section.SCHOOL:
                if "school" in wanted and "class_name" not in wanted:
                    facts["class_name"] = ""
                facts["school"], facts["class_name"] = find_school(
                    by=by, school=facts["school"], class_name=facts["class_name"], near=roster.community, on=on
                )
            correct(by=by, child=child, section=section, facts=facts, on=on, source=Source.ROSTER, only=sorted(wanted))
    except (AlreadyArchived, NoSuchSchool) as no:
        _close(updates, UpdateState.ASKED, Doubt.TAKEN if isinstance(no, AlreadyArchived) else Doubt.DOUBTFUL)
        child.refresh_from_db()
    else:
        _close(updates, UpdateState.DONE)


# ── taking back ──────────────────────────────────────────────────────────────────────────────────────────────────────


def take_back_updates(job: Job, roster: Roster, by, on: date) -> None:
    """Give every child what its archive said before this list, but where somebody has written or confirmed since."""
    done = job.done
    written = roster.updates.filter(state=UpdateState.DONE)
    while ids := list(written.order_by("row_id").values_list("row_id", flat=True).distinct()[:CHUNK]):
        for row in RosterRow.objects.filter(pk__in=ids).order_by("number", "id"):
            done += 1
            _again_when_outrun(_take_back_row, job, done, roster, row, by, on)


def _take_back_row(roster: Roster, row: RosterRow, by, on: date) -> None:
    take_back(by=by, roster=roster, row=row, on=on)


@action("rosters.undo_update")
def take_back(*, by, roster: Roster, row: RosterRow, on: date) -> RosterRow:
    """Undo what a row changed. A value that was changed or confirmed later stays."""
    written = list(row.updates.filter(state=UpdateState.DONE).order_by("id"))
    child, kept, standings = _archive(row.child_id, on)
    later = [one for one in written if child is None or _worked_on_since(one, kept, standings)]
    if any(SECTION_OF[one.field] == Section.CARER for one in later):  # who cares and their phone go together
        later += [one for one in written if SECTION_OF[one.field] == Section.CARER and one not in later]
    _close(later, UpdateState.KEPT)
    by_section = defaultdict(list)
    for one in written:
        if one not in later:
            by_section[SECTION_OF[one.field]].append(one)
    for section, updates in by_section.items():
        _restore_section(by, roster, child, section, updates, kept, on)
    _settle([row])
    current_deed().why = roster.undo_why
    return row


def _worked_on_since(one: Update, kept: dict, standings) -> bool:
    return not is_same(one.field, kept[one.field], one.now) or bool(
        confirmed_by_somebody(standings, one.field, since=one.done_at)
    )


def _restore_section(by, roster, child: Child, section, updates: list[Update], kept: dict, on: date) -> None:
    wanted = {one.field: fact_in(one.field, one.was) for one in updates}
    if wanted.get("carer_name") or ("carer_name" in wanted and (not kept["carer_phone"] or "carer_phone" in wanted)):
        take_back_carer(by=by, child=child, before=wanted["carer_name"], why=roster.undo_why)
    else:
        facts = {name: kept[name] for name in FIELDS[section]} | wanted
        if section == Section.SCHOOL:
            facts["school"], facts["class_name"] = find_school(
                by=by, school=facts["school"], class_name=facts["class_name"], near=child.community, on=on
            )
        correct(by=by, child=child, section=section, facts=facts, on=on, source=Source.ROSTER, only=sorted(wanted))
        if section == Section.BASIC:  # a form that leaves them empty keeps them; here they were empty
            child.birth_on = wanted.get("birth_on", child.birth_on) or None
            child.sex = wanted.get("sex", child.sex) or Sex.UNKNOWN
            child.save()
    _close(updates, UpdateState.UNDONE)
