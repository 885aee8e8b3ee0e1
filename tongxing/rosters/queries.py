"""Reads across the nouns of the rosters room."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet

from tongxing.base import numbers
from tongxing.base.records import Event, System
from tongxing.base.templatetags.look import full_day
from tongxing.children.forms import ALL
from tongxing.children.models import Child
from tongxing.rosters.choices import SAMPLES, Doubt, RosterState, RowState, UpdateState
from tongxing.rosters.models import KnownHeading, Listed, Roster, RosterRow, Update
from tongxing.rosters.rules import doubted_fields
from tongxing.staff.access import reached_by
from tongxing.staff.choices import OrganisationKind, RegionLevel
from tongxing.staff.models import Organisation, Region, Staff, within

CURRENT = timedelta(days=366)  # a list that came in longer ago is no list of today's children
TOWNSHIP = 9  # digits of a township's path
BROUGHT_BY = (
    "rosters.import_row",
    "rosters.undo",
    "rosters.undo_update",
)  # what an import itself leaves in a child's trace
OWN_ROOMS = ("children", "rosters")


def samples() -> list[tuple[Path, str]]:
    """Lists to try with, as the invented community brings them, and what each is like; none anywhere else."""
    folder = settings.VAR / "samples"
    return (
        [(one, words) for stem, words in SAMPLES.items() for one in folder.glob(f"{stem}.*")] if settings.DEMO else []
    )


def current_rosters(region: str, on: date):
    """Lists of this region that were read, are not taken back and came in within a year."""
    return (
        Roster.objects.standing()
        .filter(within("community_id", region), state__in=(RosterState.READY, RosterState.IMPORTED))
        .filter(received_on__gt=on - CURRENT, received_on__lte=on)
    )


def counts_of(roster: Roster) -> dict[str, int]:
    """How many rows stand in each state; `rows` are those of persons."""
    found = dict.fromkeys(RowState.values, 0)
    found |= dict(roster.rows.order_by().values_list("state").annotate(Count("pk")))
    found["rows"] = sum(count for state, count in found.items() if state != RowState.SKIPPED)
    return found


@dataclass(frozen=True)
class Updates:
    """How much a list changes in archives that were there: rows are children, as nobody stands on two lines unasked."""

    rows: int  # children with something proposed
    facts: int  # … and what is proposed of them
    asked: int  # facts somebody has to decide first
    asked_rows: int
    written: int
    written_rows: int
    taken_back: int
    kept: int


def updates_of(roster: Roster) -> Updates:
    found = roster.updates.order_by().values_list("state").annotate(Count("pk"), Count("row", distinct=True))
    by_state = {state: (facts, rows) for state, facts, rows in found}

    def of(state) -> tuple[int, int]:
        return by_state.get(state, (0, 0))

    return Updates(
        rows=of(UpdateState.PROPOSED)[1],
        facts=of(UpdateState.PROPOSED)[0],
        asked=of(UpdateState.ASKED)[0],
        asked_rows=of(UpdateState.ASKED)[1],
        written=of(UpdateState.DONE)[0],
        written_rows=of(UpdateState.DONE)[1],
        taken_back=of(UpdateState.UNDONE)[0],
        kept=of(UpdateState.KEPT)[0],
    )


def open_updates(roster: Roster, staff) -> QuerySet:
    """The changes of a list that can still be decided, of children whose files this person may open."""
    open_ones = roster.updates.filter(state__in=(UpdateState.PROPOSED, UpdateState.ASKED, UpdateState.LEFT))
    if isinstance(staff, System):
        return open_ones
    return open_ones.filter(child__in=Child.objects.visible_to(staff))


@dataclass(frozen=True)
class UpdateLine:
    """One change as the page shows it, in words."""

    update: Update
    label: str
    was: str
    now: str
    why: str  # why it is asked about


def update_lines(updates: list[Update]) -> list[UpdateLine]:
    return [
        UpdateLine(
            update=one,
            label=str(ALL[one.field].label),
            was=in_words(one.field, one.was),
            now=in_words(one.field, one.now),
            why=str(Doubt(one.doubt).label) if one.doubt else "",
        )
        for one in updates
    ]


def in_words(field: str, value: str | None) -> str:
    """A fact as a person reads it; a citizen number in groups, to be compared with the card."""
    if not value:
        return ""
    if field == "citizen_number":
        return numbers.groups(value)
    if field == "birth_on":
        return full_day(date.fromisoformat(value))
    return str(dict(getattr(ALL[field], "choices", ())).get(value, value))


def remembered(roster: Roster) -> dict[str, str]:
    """What this sender's headings were said to mean before: bare heading → field, "" for none of ours."""
    return dict(known_headings(roster).values_list("heading", "field"))


def known_headings(roster: Roster) -> QuerySet:
    known = KnownHeading.objects.standing()
    if roster.sender_id:
        return known.filter(sender_id=roster.sender_id)
    return known.filter(brought_by_id=roster.sent_by_id)


def places_of(roster: Roster, row: RosterRow) -> dict[str, str]:
    """Where each fact of a row stands in the sender's sheet: field → address of the cell."""
    columns = [one for one in roster.columns if one["sheet"] == row.sheet and one["field"]]
    found = {one["field"]: f"{one['letter']}{row.number}" for one in reversed(columns)}
    return found | {one["field"]: one["cell"] for one in row.problems if one.get("cell")}


def history(staff) -> QuerySet:
    """The lists one may see, newest first, with their counts."""
    counts = {f"{state}_count": Count("rows", filter=Q(rows__state=state)) for state in RowState.values}
    seen = Roster.objects.visible_to(staff).select_related("attachment", "community", "sender", "job")
    return seen.annotate(**counts).order_by("-received_on", "-id")


def lists_waiting(staff, *, limit: int = 3) -> list[tuple[Roster, int]]:
    """Lists one may see of which rows still wait for a person, newest first: [(roster, rows)]."""
    waiting = Count("rows", filter=Q(rows__state__in=(RowState.TO_FIX, RowState.READY)))
    seen = Roster.objects.visible_to(staff).filter(state__in=(RosterState.READY, RosterState.IMPORTED))
    seen = seen.select_related("attachment").annotate(waiting=waiting).filter(waiting__gt=0)
    return [(roster, roster.waiting) for roster in seen.order_by("-received_on", "-id")[:limit]]


def communities_for(staff) -> QuerySet:
    """The communities a person may bring a list for: those reached, and those in the township of one's school."""
    reached = reached_by(staff)
    places = Q(pk=None)
    for path in reached.regions:
        places |= within("path", path) if path else Q(path__isnull=False)
    for school in schools_of(staff):
        places |= within("path", school.region_id[:TOWNSHIP])
    found = Region.objects.standing().filter(places, path__regex=rf"^\d{{{int(RegionLevel.COMMUNITY)}}}$")
    return found.order_by("path")


def schools_of(staff) -> QuerySet:
    """The schools whose rolls a person reaches as a whole."""
    schools = Organisation.objects.standing().filter(pk__in=reached_by(staff).schools, kind=OrganisationKind.SCHOOL)
    return schools.order_by("name")


def schools_near(staff) -> QuerySet:
    """The schools in the townships of the communities a person may bring lists for."""
    townships = {path[:TOWNSHIP] for path in communities_for(staff).values_list("path", flat=True)}
    near = Q(pk__in=())
    for path in townships:
        near |= within("region_id", path)
    return Organisation.objects.standing().filter(near, kind=OrganisationKind.SCHOOL).order_by("name")


def brought_last(staff) -> dict:
    """What kind of list this person brought last, for where and from whom: the next is mostly alike."""
    last = Roster.objects.standing().filter(sent_by_id=staff.pk).order_by("-received_on", "-id").first()
    return {"kind": last.kind, "community": last.community_id, "sender": last.sender_id} if last else {}


def with_senders(rosters) -> list[Roster]:
    """The lists, each with the name of who brought it as `.brought_by`."""
    rosters = list(rosters)
    names = dict(Staff.objects.filter(pk__in={one.sent_by_id for one in rosters}).values_list("pk", "name"))
    for one in rosters:
        one.brought_by = names.get(one.sent_by_id, "")
    return rosters


def sender_name(roster: Roster) -> str:
    staff = Staff.objects.filter(pk=roster.sent_by_id).first()
    return staff.name if staff else ""


# ── listed persons ───────────────────────────────────────────────────────────────────────────────────────────────────


def listed_seen_by(staff) -> QuerySet:
    """Listed persons, with their archive if there is one, of the communities one reaches or of one's own school's
    lists."""
    rows = RosterRow.objects.filter(roster__in=Roster.objects.visible_to(staff), listed__isnull=False)
    return Listed.objects.standing().filter(pk__in=rows.values("listed_id")).select_related("child", "community")


def row_of(person: Listed, staff) -> RosterRow | None:
    """The newest row that names this person and still waits: to be mended, or to be imported."""
    waiting = (RowState.TO_FIX, RowState.READY)
    rows = RosterRow.objects.filter(listed=person, state__in=waiting, roster__in=Roster.objects.visible_to(staff))
    return (
        rows.exclude(roster__state__in=(RosterState.UNDOING, RosterState.UNDONE))
        .order_by("-roster__received_on", "-id")
        .first()
    )


def naming(rows: QuerySet) -> QuerySet:
    """Of these rows, those that name a listed person: not left out, of a list that stands and is not taken back."""
    rows = rows.filter(listed__isnull=False, roster__withdrawn_at=None).exclude(state=RowState.SKIPPED)
    return rows.exclude(roster__state__in=(RosterState.UNDOING, RosterState.UNDONE))


def mended_rows(roster: Roster) -> list[UUID]:
    """Rows of a list that somebody has put right by hand."""
    return _rows_of_events(roster, "rosters.mend_row")


def left_out(roster: Roster) -> int:
    """How many rows somebody has said are nobody new; the others that were skipped are titles, totals and the like."""
    rows = _rows_of_events(roster, "rosters.skip_row")
    return roster.rows.filter(state=RowState.SKIPPED, pk__in=rows).count()


def _rows_of_events(roster: Roster, action: str) -> list[UUID]:
    events = Event.objects.filter(subject="rosters.roster", subject_id=roster.pk, action=action)
    found = {row.partition(":")[2] for held in events.values_list("held", flat=True) for row in held}
    return [UUID(pk) for pk in found if len(pk) == 36]


def said_of(person: Listed, row: RosterRow | None) -> dict:
    """What is known of a listed person, for the form of a new archive: the row, else what is kept of them."""
    kept = {"name": person.name, "birth_on": person.birth_on}
    said = facts_without_doubt(row) if row else {}
    return {**{name: value for name, value in kept.items() if value}, **said, "community": person.community_id}


def facts_without_doubt(row: RosterRow) -> dict:
    """What a row says and nobody would have to be asked about."""
    doubted = doubted_fields(row.problems)
    return {name: value for name, value in row.known_facts().items() if name not in doubted and value not in (None, "")}


def candidates_for(person: Listed, staff) -> QuerySet:
    """Children of the community, visible to who asks, who may be this person: the same number, or the same name."""
    same = Q(name=person.name) if person.name else Q(pk=None)
    if person.number_digest:
        same |= Q(citizen_number_index=person.number_digest)
    return Child.objects.visible_to(staff).filter(same, community_id=person.community_id).by_name()


def page_holding(rows: QuerySet, row_id: str, size: int) -> int | None:
    """The page on which a row of this list stands; None when it does not."""
    try:
        row = rows.filter(pk=UUID(row_id)).first()
    except ValueError:
        return None
    if row is None:
        return None
    return rows.filter(Q(number__lt=row.number) | Q(number=row.number, pk__lt=row.pk)).count() // size + 1


# ── undoing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class LaterWork:
    """What people have done for a child since an import brought it."""

    child_id: UUID
    times: int
    last_on: date | None


def later_work(children) -> dict[UUID, LaterWork]:
    """Of these children (ids, or a queryset of ids), those whom something happened to after their import.

    Whatever any room writes about a child leaves an Event of the child; rows of other rooms that point at the child
    count too, as does a section confirmed again.
    """
    events = Event.objects.filter(subject="children.child", subject_id__in=children).exclude(action__in=BROUGHT_BY)
    found = {
        pk: LaterWork(pk, times, at.date() if at else None)
        for pk, times, at in events.order_by().values_list("subject_id").annotate(Count("pk"), Max("at"))
    }
    for relation in Child._meta.get_fields(include_hidden=True):
        model = getattr(relation, "related_model", None)
        if not relation.auto_created or relation.concrete or model._meta.app_label in OWN_ROOMS:
            continue
        rows = model._base_manager.filter(**{f"{relation.field.name}__in": children}).order_by()
        for pk in rows.values_list(relation.field.attname, flat=True).distinct():
            found.setdefault(pk, LaterWork(pk, 1, None))
    return found


@dataclass(frozen=True)
class Undoing:
    """What taking a list back would take back."""

    children: int
    later: list[tuple[Child, LaterWork]]
    listed: int

    @property
    def plain(self) -> int:
        return self.children - len(self.later)


def undoing_of(roster: Roster) -> Undoing:
    brought = roster.rows.filter(state__in=(RowState.ARCHIVED, RowState.KEPT), child__withdrawn_at=None)
    later = later_work(brought.values("child_id"))
    children = Child.objects.standing().filter(pk__in=list(later)).by_name() if later else ()
    return Undoing(brought.count(), [(child, later[child.pk]) for child in children], only_listed_by(roster).count())


def only_listed_by(roster: Roster) -> QuerySet:
    """Listed persons whom no other standing list names."""
    others = naming(RosterRow.objects.exclude(roster=roster))
    named = Listed.objects.standing().filter(pk__in=roster.rows.filter(listed__isnull=False).values("listed_id"))
    return named.exclude(pk__in=others.values("listed_id"))
