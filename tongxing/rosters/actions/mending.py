"""Put one row right, by what somebody looked up or asked."""

import json
from datetime import date

from tongxing.base import bulk
from tongxing.base.problems import Problem
from tongxing.base.records import action, current_deed
from tongxing.children.actions import find_school, open_archive
from tongxing.children.models import Child
from tongxing.children.rules import facts_out
from tongxing.rosters import queries
from tongxing.rosters.actions.reading import MENDABLE, NotNow, fill, problems_out, suspicion
from tongxing.rosters.actions.updating import compare_late
from tongxing.rosters.choices import RowState, Verdict
from tongxing.rosters.findings import Finding
from tongxing.rosters.matching import Archives, Likeness, Schools, likenesses
from tongxing.rosters.models import Listed, Roster, RosterRow, Update
from tongxing.rosters.rules import PERHAPS, SKIPPABLE, beside, identity_of


def _note(roster: Roster, row: RosterRow, what: str, said) -> None:
    current_deed().changes[roster.subject()].append((f"rosterrow:{row.pk}", what, None, said, False, False))


def _may_change(row: RosterRow) -> Roster:
    roster = Roster.objects.select_related("community").get(pk=row.roster_id)
    if roster.state not in MENDABLE or RosterRow.objects.get(pk=row.pk).state != RowState.TO_FIX:
        raise NotNow
    return roster


@action("rosters.mend_row")
def mend_row(
    *, by, row: RosterRow, facts: dict, problems: list[Problem], accepted: list[str], typed: dict[str, str]
) -> RosterRow:
    """Save a row that has nothing wrong any more; it is imported with the next import of its list.

    `problems` are what is left to say of it, `accepted` the doubts ("field:code") it was kept with, `typed` the fields
    that were written anew (field → text). The cells as the sender wrote them stay. Raises NotNow.
    """
    roster = _may_change(row)
    row.problems = problems_out([(problem, {}) for problem in problems], queries.places_of(roster, row))
    for one in row.problems:
        if f"{one['field']}:{one['code']}" in accepted:
            one["accepted"] = True
    fill(row, facts_out(facts))
    row.by_hand = json.dumps({"typed": typed, "accepted": accepted}, ensure_ascii=False)
    who = identity_of(facts, {}, roster.received_on)
    archives = Archives(roster.community, [who], [facts.get("citizen_number")], near=True)
    found = archives.of(who, facts.get("citizen_number"))
    row.state, updates = RowState.READY, []
    near = None if found else likenesses(archives, [(row.pk, facts, row.cells(), who)]).get(row.pk)
    if near and near.verdict != Verdict.SAME:
        if _asks(roster, row, near):
            row.state = RowState.TO_FIX
            row.problems += problems_out([beside(PERHAPS, "name")], queries.places_of(roster, row))
    elif near:
        row.state, row.child_id = RowState.KNOWN, near.child_id
        updates = compare_late(by, roster, [row])
    elif found and found.community == roster.community_id and (found.by_number or not accepted):
        row.state, row.child_id = RowState.KNOWN, found.child_id
        updates = compare_late(by, roster, [row])
    row.save()
    if row.state in (RowState.KNOWN, RowState.CHANGED):
        Finding.objects.let_go_of([row])
    bulk.insert(Update, updates)
    _note(roster, row, "mended", sorted({*typed, *accepted}))
    return row


def _asks(roster: Roster, row: RosterRow, near: Likeness) -> bool:
    """Let somebody say whether the row, as it reads by now, is the child of an archive; False if that was said of this
    row as it read before."""
    stands = Finding.objects.filter(row=row).select_related("decision").first()
    said = stands.decision if stands else None
    if said and (said.verdict, said.child_id) == (Verdict.DIFFERENT, near.child_id):
        return False
    if stands:
        stands.delete()
    suspicion(roster, row, near).save()
    return True


@action("rosters.skip_row")
def skip_row(*, by, row: RosterRow) -> RosterRow:
    """This row is nobody new: it stays in the list and is not counted. Raises NotNow."""
    roster = _may_change(row)
    if not row.codes & SKIPPABLE:
        raise NotNow
    row.state, row.by_hand = RowState.SKIPPED, json.dumps({"skipped": True})
    row.save()
    Finding.objects.let_go_of([row])
    if row.listed_id and not queries.naming(RosterRow.objects.filter(listed_id=row.listed_id)).exists():
        row.listed.withdraw(by=by, why="skipped")
    _note(roster, row, "skipped", sorted(row.codes))
    return row


@action("rosters.match_listed")
def match_listed(*, by, listed: Listed, child: Child, on: date) -> Listed:
    """A listed person is this child: an archive was there already, or has been opened by hand. Rows that waited for it
    wait no more."""
    listed.child, listed.matched_on = child, on
    listed.save()
    waiting = list(RosterRow.objects.filter(listed=listed, state__in=(RowState.TO_FIX, RowState.READY)))
    for row in waiting:
        row.state, row.child = RowState.KNOWN, child
    bulk.update(RosterRow, waiting, ["state", "child"])
    Finding.objects.exclude(child=child).let_go_of(waiting)
    return listed


@action("rosters.open_archive")
def open_listed(*, by, listed: Listed, facts: dict, on: date, row: RosterRow | None = None) -> Child:
    """Open the archive of a listed person: what was looked over on the page, and what else its row says without doubt.

    Raises AlreadyArchived.
    """
    roster = Roster.objects.select_related("community", "sender").get(pk=row.roster_id) if row else None
    school = Schools(listed.community, roster.sender).of(facts) if roster else None
    classroom = None
    if school and facts.get("class_name"):
        _school, classroom = find_school(
            by=by, school=school.name, class_name=facts["class_name"], near=listed.community, on=on
        )
    child = open_archive(by=by, facts=facts, community=listed.community, on=on, school=school, classroom=classroom)
    match_listed(by=by, listed=listed, child=child, on=on)
    return child
