"""Reads of reconciliation: the queue, one finding side by side, heaps of a region."""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from tongxing.base import numbers, phones, words
from tongxing.base.facts import ground_of
from tongxing.base.templatetags.look import masked_number, month_day
from tongxing.base.templatetags.look import phone as spaced
from tongxing.children import queries as children
from tongxing.children.choices import Relation, Sex
from tongxing.children.forms import ALL
from tongxing.children.models import Child
from tongxing.children.rules import FIELDS
from tongxing.rosters.choices import Heap, RowState, Verdict
from tongxing.rosters.findings import Finding, Reconciliation
from tongxing.rosters.models import Roster
from tongxing.rosters.queries import current_rosters
from tongxing.rosters.reconciling import says
from tongxing.staff.access import places_for
from tongxing.staff.models import Region, Staff, within

# Tabs of the queue: name → which findings.
OPEN, UNSURE, ASKED, NONE, UNLISTED, MERGE, DONE = "open", "unsure", "ask", "none", "unlisted", "merge", "done"
STAND = Q(child__withdrawn_at=None, other__withdrawn_at=None)  # of two archives neither has been merged or withdrawn
TABS = {
    OPEN: Q(decision=None, heap=Heap.PROBABLE, child__isnull=False) | Q(decision=None, heap=Heap.DOUBLE) & STAND,
    UNLISTED: Q(decision=None, heap=Heap.UNLISTED),
    NONE: Q(heap=Heap.NONE, row__state__in=(RowState.READY, RowState.TO_FIX), row__listed__child=None),
    ASKED: Q(decision__verdict=Verdict.ASK),
    UNSURE: Q(decision__verdict=Verdict.UNSURE),
    MERGE: Q(heap=Heap.DOUBLE, decision__verdict=Verdict.SAME) & STAND,
    DONE: Q(decision__isnull=False) & ~Q(decision__verdict__in=(Verdict.ASK, Verdict.UNSURE)),
}


def tab_of(staff, name: str) -> QuerySet:
    """Findings this person may see under one tab, the likeliest first."""
    seen = Finding.objects.visible_to(staff).filter(TABS[name])
    order = ("-decision__decided_at", "id") if name == DONE else ("community", "-confidence", "id")
    return seen.select_related("child", "other", "row__roster__attachment", "decision").order_by(*order)


def counts(staff) -> dict[str, int]:
    """How many findings stand under each tab, in one query."""
    wanted = {name: Count("pk", filter=condition) for name, condition in TABS.items()}
    return Finding.objects.visible_to(staff).aggregate(**wanted)


def heaps_of(staff) -> dict[str, int]:
    """How many rows and archives lie on each heap."""
    rows = Finding.objects.visible_to(staff).order_by().values_list("heap").annotate(Count("pk"))
    return dict.fromkeys(Heap.values, 0) | dict(rows)


def regions_for(staff) -> list[Region]:
    """The places whose lists this person may have reconciled: those of their posts, for a school its township."""
    found = []
    for path in places_for(staff, "rosters.import"):
        found += Region.objects.standing().filter(path=path)
    return found


def last_run(region: str) -> Reconciliation | None:
    """The newest run of this region or one around it."""
    around = [region[:size] for size in range(len(region) + 1)]
    return Reconciliation.objects.filter(kind="lists", region__in=around).select_related("job").order_by("-id").first()


def lists_in(region: str, on: date) -> list[Roster]:
    """The lists a run would read, newest first."""
    return list(current_rosters(region, on).select_related("attachment", "sender").order_by("-received_on", "-id")[:50])


def next_open(staff, but: UUID, now) -> Finding | None:
    """The next one to decide that nobody else holds."""
    free = Q(free_again_at=None) | Q(free_again_at__lte=now) | Q(claimed_by_id=staff.pk)
    return tab_of(staff, OPEN).filter(free).exclude(pk=but).first()


# ── one line of the queue ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Line:
    """One finding as the queue shows it: two names and why."""

    finding: Finding
    left: str
    right: str
    where: str
    reasons: list[str]
    held_by: str
    decided_by: str


def lines_of(findings: list[Finding], staff, now) -> list[Line]:
    """Lines of these findings, in a number of queries that does not grow with them."""
    ids = {one.decision.by_id for one in findings if one.decision}
    ids |= {one.claimed_by_id for one in findings if one.free_again_at and one.free_again_at > now}
    names = dict(Staff.objects.filter(pk__in=ids - {None}).values_list("pk", "name"))
    children_ids = {one.child_id for one in findings} | {one.other_id for one in findings}
    seen = set(Child.objects.visible_to(staff).filter(pk__in=children_ids - {None}).values_list("pk", flat=True))
    made = []
    for one in findings:
        held = names.get(one.claimed_by_id, "") if one.free_again_at and one.free_again_at > now else ""
        right = one.other if one.heap == Heap.DOUBLE else one.child if one.row_id else None
        made.append(
            Line(
                one, _left_name(one), right.name if right and right.pk in seen else "",
                f"{one.row.roster.attachment.name} {_('第 %(n)s 行') % {'n': one.row.number}}" if one.row_id else "",
                [str(text) for _icon, text in says.reasons(one.reasons)][:3],
                held if one.claimed_by_id != staff.pk else "",
                names.get(one.decision.by_id, "") if one.decision else "",
            )
        )  # fmt: skip
    return made


def _left_name(one: Finding) -> str:
    if one.row_id:
        return one.row.known_facts().get("name") or words.fold(one.row.cells().get("name")) or ""
    return one.child.name


# ── side by side ─────────────────────────────────────────────────────────────────────────────────────────────────────

SHOWN = (
    "name", "citizen_number", "birth_on", "sex", "class_name", "carer_name", "carer_phone", "father_name",
    "father_phone", "mother_name", "mother_phone", "hamlet", "address",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One value: in pieces (text, whether it differs from the other side), and where it comes from."""

    pieces: list[tuple[str, bool]]
    source: str

    @property
    def text(self) -> str:
        return "".join(piece for piece, _differs in self.pieces)


@dataclass(frozen=True)
class Field:
    """One fact on both sides; `same` where both say the same."""

    label: str
    left: Cell
    right: Cell
    same: bool


@dataclass(frozen=True)
class Comparison:
    """A finding as its page shows it."""

    left: str
    right: str
    left_from: str
    right_from: str
    fields: list[Field] = field(default_factory=list)
    reasons: list[tuple[str, str]] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    may_decide: bool = True
    keeper: str = ""  # the place that looks after an archive one may not see


def compare(finding: Finding, staff, on: date) -> Comparison:
    """Both sides of a finding, as far as this person may see them."""
    reasons, against = says.reasons(finding.reasons), says.against(finding.against)
    visible = Child.objects.visible_to(staff).select_related("community", "household")
    first = visible.filter(pk=finding.child_id).first()
    second = visible.filter(pk=finding.other_id).first() if finding.other_id else None
    if finding.row_id:
        row = finding.row
        facts = _facts_of_row(row)
        source = _("名册，%(day)s 收到") % {"day": month_day(row.roster.received_on)}
        left, left_from = facts, row.roster.attachment.name
        left_source = dict.fromkeys(SHOWN, source)
        archive = first
    elif finding.heap == Heap.DOUBLE:
        left, left_source = _of_archive(first, on)
        left_from, archive = str(first.community) if first else "", second
    else:
        left, left_source, left_from, archive = {}, {}, "", first
    right, right_source = _of_archive(archive, on)
    hidden = finding.child_id and archive is None
    fields = []
    for name in SHOWN:
        mine, theirs = _shown(name, left), _shown(name, right)
        if not (mine or theirs):
            continue
        same = bool(mine and theirs) and (_plain(name, left) == _plain(name, right))
        pieces = words.apart(mine, theirs)
        fields.append(
            Field(
                str(ALL[name].label),
                Cell(pieces[0], left_source.get(name, "") if mine else ""),
                Cell(pieces[1], right_source.get(name, "") if theirs else ""),
                same,
            )
        )
    keeper = ""
    if hidden:
        home = Child.objects.filter(pk=finding.other_id or finding.child_id).values_list("community__name", flat=True)
        keeper = home.first() or ""
    return Comparison(
        left.get("name") or "", right.get("name") or "", left_from, str(archive.community) if archive else "",
        fields, reasons, against, not hidden, keeper,
    )  # fmt: skip


def _facts_of_row(row) -> dict:
    cells = row.cells()
    return {name: str(cells.get(name) or "") for name in SHOWN if cells.get(name)} | row.known_facts()


def _of_archive(child: Child | None, on: date) -> tuple[dict, dict]:
    """Facts of an archive, and for each where it comes from and when it was last confirmed."""
    if child is None:
        return {}, {}
    archive = children.archive_of(child, on)
    facts = children.facts_of(archive, {})
    sources = {}
    for section, names in FIELDS.items():
        ground = ground_of(archive.standings, str(section))
        if ground:
            sources |= dict.fromkeys(names, children.told_ground(ground))
    return facts, sources


def _shown(name: str, facts: dict) -> str:
    value = facts.get(name)
    if value in (None, ""):
        return ""
    if name == "citizen_number":
        return masked_number(numbers.fold(value))
    if name.endswith("_phone"):
        return spaced(phones.key(str(value)) or str(value))
    if name == "sex":
        return str(dict(Sex.choices).get(str(value), value))
    if name == "carer_name" and facts.get("carer_relation"):
        relation = dict(Relation.choices).get(facts["carer_relation"], "")
        return f"{relation} {value}".strip()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _plain(name: str, facts: dict):
    """What is compared: names folded, numbers and phones without their blanks."""
    value = facts.get(name)
    if name == "citizen_number":
        return numbers.fold(value)
    if name.endswith("_phone"):
        return phones.key(str(value))
    if name.endswith("name") and name != "class_name":
        return words.fold(value)
    return _shown(name, facts)


# ── heaps for the command line ───────────────────────────────────────────────────────────────────────────────────────


def heaps_in(region: str) -> dict[str, list[dict]]:
    """Every heap of a region with reasons in words: what `tongxing roster reconcile` prints."""
    found: dict[str, list[dict]] = {name: [] for name in ("archived", "probable", "none", "unlisted")}
    rows = Finding.objects.filter(within("community", region)).exclude(heap=Heap.DOUBLE)
    rows = rows.filter(Q(row=None) | Q(row__roster__withdrawn_at=None))
    names = dict(Child.objects.filter(pk__in=rows.values("child_id")).values_list("pk", "name"))
    why = cache(lambda codes: [str(text) for _icon, text in says.reasons(codes)])  # of a million rows few differ
    why_not = cache(lambda codes: [str(text) for text in says.against(codes)])
    fields = ("heap", "row_id", "row__number", "row__roster_id", "child_id", "confidence", "reasons", "against")
    for heap, row, number, roster, child, sure, reasons, against in rows.order_by(
        "row__roster_id", "row__number", "id"
    ).values_list(*fields):
        line: dict = {}
        if row:
            line = {"row": number, "id": str(row), "roster": str(roster)}
        if child:
            line |= {"child": str(child), "name": names.get(child, "")}
        if row:
            line["confidence"] = round(sure, 4)
            line["reasons"], line["codes"] = why(tuple(reasons)), reasons
            line["against"] = why_not(tuple(against))
        found[heap].append(line)
    return found
