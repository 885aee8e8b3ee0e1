"""What people decide about findings: the same child, two children, not sure, ask the school; why on no list; undone.

A decision is a Record of its own and stays for ever; a finding only says where a row stands by now. Who opens a finding
holds it for some minutes, so that two people who share the work are not at one row; who comes second is told by whom
it was decided.
"""

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from tongxing.base import bulk, clock, numbers
from tongxing.base.records import action
from tongxing.children.models import Child
from tongxing.children.queries import remaining_of
from tongxing.rosters.actions.mending import match_listed
from tongxing.rosters.actions.reading import let_go
from tongxing.rosters.actions.reconciling import WAITING, covered_by_lists
from tongxing.rosters.choices import Heap, RowState, Verdict
from tongxing.rosters.findings import Decision, Finding
from tongxing.rosters.models import Roster, RosterRow
from tongxing.rosters.reconciling.near import is_sound
from tongxing.rosters.rules import PERHAPS
from tongxing.staff.models import Staff

HOLD = timedelta(minutes=10)
OF_ROWS = (Verdict.SAME, Verdict.DIFFERENT, Verdict.UNSURE, Verdict.ASK)
OF_ARCHIVES = (Verdict.SAME, Verdict.DIFFERENT, Verdict.UNSURE)
SAID = ("confidence", "reasons", "against")
OPEN = (Verdict.UNSURE, Verdict.ASK)


class DecidedAlready(Exception):
    """Somebody decided, or took back, what this page still showed as it was. `by` is the person's name."""

    def __init__(self, by: str):
        super().__init__(by)
        self.by = by


class NotTheSame(Exception):
    """What cannot be one child: `args[0]` is the sentence."""


def claim(finding: Finding, staff: Staff) -> str:
    """Hold a finding for a while; answers the name of who holds it already, "" when it is ours now."""
    now = clock.now()
    free = Finding.objects.filter(pk=finding.pk).filter(
        Q(claimed_by_id=None) | Q(claimed_by_id=staff.pk) | Q(free_again_at__lte=now)
    )
    if free.update(claimed_by_id=staff.pk, free_again_at=now + HOLD):
        return ""
    holder = Finding.objects.filter(pk=finding.pk).values_list("claimed_by_id", flat=True).first()
    return _name_of(holder)


def _name_of(staff_id: UUID | None) -> str:
    staff = Staff.objects.filter(pk=staff_id).first()
    return staff.name if staff else ""


def _held(finding: Finding, version: int) -> Finding:
    """The finding as it stands, locked, if it is still as the page had it: `version` is its decision's, 0 without."""
    now = Finding.objects.select_for_update(of=("self",)).select_related("decision").filter(pk=finding.pk).first()
    if now is None:
        raise DecidedAlready("")
    if (now.decision.version if now.decision else 0) != version or now.child_id != finding.child_id:
        raise DecidedAlready(_name_of(now.decision.by_id) if now.decision else "")
    return now


@action("rosters.judge")
def judge(
    *, by, finding: Finding, verdict: str, on: date, words: str = "", why: str = "", version: int = 0
) -> Decision:
    """Say what a finding is. Raises DecidedAlready, NotTheSame, ValueError for a verdict it cannot have."""
    finding = _held(finding, version)
    _check(finding, verdict)
    decision = finding.decision or Decision(person=finding.person, child_id=finding.child_id, other_id=finding.other_id)
    decision.verdict, decision.why, decision.words = verdict, why, words[:200]
    decision.by_id, decision.decided_on, decision.decided_at = by.pk, on, clock.now()
    decision.save()
    for one in _of_the_same(finding):
        _stand(by, one, decision, on)
    return decision


def _check(finding: Finding, verdict: str) -> None:
    allowed = {Heap.PROBABLE: OF_ROWS, Heap.DOUBLE: OF_ARCHIVES, Heap.UNLISTED: (Verdict.UNLISTED,)}
    if verdict not in allowed.get(finding.heap, ()) or (finding.decision and finding.decision.verdict not in OPEN):
        raise ValueError(f"a finding of heap {finding.heap} is not decided as {verdict}")
    if verdict == Verdict.SAME and finding.heap == Heap.PROBABLE:
        child = Child.objects.standing().filter(pk=finding.child_id).first()
        if child is None:
            raise NotTheSame(_("这份档案刚作废了，请再核对一次"))
        number = finding.row.listed.number_digest if finding.row.listed else ""
        sound = is_sound(numbers.fold(child.citizen_number or ""))
        if number and sound and number != child.citizen_number_index:
            raise NotTheSame(_("两边的身份证号都对，却不一样，是两个孩子"))


def _of_the_same(finding: Finding) -> list[Finding]:
    """This finding, and those of other lists that say the same of the same person."""
    found = [finding]
    if finding.person:
        twins = Finding.objects.select_for_update(of=("self",)).exclude(pk=finding.pk)
        found += twins.filter(person=finding.person, child_id=finding.child_id, heap=Heap.PROBABLE)
    return found


def _stand(by, finding: Finding, decision: Decision, on: date) -> None:
    """Put a finding where its decision says, and the row and the listed person with it."""
    finding.decision, finding.claimed_by_id, finding.free_again_at = decision, None, None
    if finding.heap == Heap.PROBABLE and decision.verdict in (Verdict.SAME, Verdict.DIFFERENT):
        finding.was = {name: getattr(finding, name) for name in SAID}
        if decision.verdict == Verdict.SAME:
            finding.heap = Heap.ARCHIVED
            _known(by, finding, on)
        else:
            finding.heap, finding.child, finding.confidence = Heap.NONE, None, 1.0
            finding.reasons, finding.against = [], []
            finding.save()
            _ready_again(finding)
            _ask_where(decision.child, on)
    finding.save()


def _ready_again(finding: Finding) -> None:
    """A row that an import held for this question alone can be imported now."""
    row = RosterRow.objects.get(pk=finding.row_id)
    left = [one for one in row.problems if one["code"] != PERHAPS]
    if row.state == RowState.TO_FIX and len(left) < len(row.problems):
        row.problems = left
        if not row.waits:
            row.state = RowState.READY
        row.save(update_fields=["problems", "state"])


def _ask_where(child: Child, on: date) -> None:
    """An archive that was no row's after all stands on no list, where one ought to name it: that is asked at once."""
    named = Finding.objects.filter(child=child, heap__in=(Heap.ARCHIVED, Heap.PROBABLE, Heap.UNLISTED))
    home = child.community_id
    if child.in_care and not named.exists() and covered_by_lists(home, on, {child.pk: home}):
        earlier = Decision.objects.standing().filter(person="", child=child, other=None).first()
        Finding(heap=Heap.UNLISTED, community=home, child=child, found_on=on, decision=earlier).save()


def _known(by, finding: Finding, on: date) -> None:
    """The row, and those of other lists that wait for the same listed person, have their archive."""
    row = RosterRow.objects.select_related("listed").get(pk=finding.row_id)
    same = Q(pk=row.pk) | Q(listed=row.listed) if row.listed else Q(pk=row.pk)
    waiting = list(RosterRow.objects.filter(same, state__in=WAITING))
    finding.was["rows"] = {str(one.pk): one.state for one in waiting}
    if row.listed and row.listed.child_id is None:
        match_listed(by=by, listed=row.listed, child=finding.child, on=on)
    for one in waiting:
        one.state, one.child_id = RowState.KNOWN, finding.child_id
    bulk.update(RosterRow, waiting, ["state", "child"])


@action("rosters.take_back")
def take_back(*, by, decision: Decision, why: str) -> Decision:
    """It was wrong: the question is open again, and whatever the decision brought is taken back."""
    decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    if decision.withdrawn_at:
        raise DecidedAlready(_name_of(decision.withdrawn_by_id))
    if decision.other and (remains := remaining_of(decision.child_id) or remaining_of(decision.other_id)):
        raise NotTheSame(_("已经合并成 %(name)s 的一份档案，请先撤销合并") % {"name": remains.name})
    for finding in Finding.objects.select_for_update(of=("self",)).filter(decision=decision):
        if finding.was:
            _unknown(by, finding, decision)
            finding.heap, finding.child_id = Heap.PROBABLE, decision.child_id
            for name in SAID:
                setattr(finding, name, finding.was[name])
            finding.was = {}
            Finding.objects.filter(heap=Heap.UNLISTED, child_id=decision.child_id).delete()
        finding.decision = None
        finding.save()
    decision.withdraw(by=by, why=why)
    return decision


def _unknown(by, finding: Finding, decision: Decision) -> None:
    """Rows wait again as they did, and the listed person has no archive."""
    if decision.verdict != Verdict.SAME:
        return
    states = finding.was.get("rows", {})
    rows = list(RosterRow.objects.filter(pk__in=states, state=RowState.KNOWN, child_id=decision.child_id))
    for one in rows:
        one.state, one.child = states[str(one.pk)], None
    bulk.update(RosterRow, rows, ["state", "child"])
    listed = RosterRow.objects.select_related("listed").get(pk=finding.row_id).listed
    if listed and listed.child_id == decision.child_id:
        listed.child, listed.matched_on = None, None
        listed.save()


@action("rosters.set_aside")
def set_aside(*, by, roster: Roster, why: str) -> Roster:
    """A list that was read and reconciled but never imported is not used after all: the persons only it named go."""
    let_go(by=by, roster=roster, why=why)
    roster.withdraw(by=by, why=why)
    return roster
