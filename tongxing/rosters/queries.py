"""Reads across the nouns of the rosters room."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from tongxing.base.records import Event
from tongxing.children.models import Child
from tongxing.rosters.choices import RosterState, RowState
from tongxing.rosters.models import Listed, Roster, RosterRow
from tongxing.staff.access import reached_by
from tongxing.staff.choices import OrganisationKind, RegionLevel
from tongxing.staff.models import Organisation, Region, Staff, within

TOWNSHIP = 9  # digits of a township's path
BROUGHT_BY = ("rosters.import_row", "rosters.undo")  # what an import itself leaves in a child's trace
OWN_ROOMS = ("children", "rosters")


def counts_of(roster: Roster) -> dict[str, int]:
    """How many rows stand in each state; `rows` are those of persons."""
    found = dict.fromkeys(RowState.values, 0)
    found |= dict(roster.rows.order_by().values_list("state").annotate(Count("pk")))
    found["rows"] = sum(count for state, count in found.items() if state != RowState.SKIPPED)
    return found


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
    """Listed persons without an archive, of the communities one reaches or of one's own school's lists."""
    rows = RosterRow.objects.filter(roster__in=Roster.objects.visible_to(staff), listed__isnull=False)
    return Listed.objects.standing().filter(child=None, pk__in=rows.values("listed_id"))


def row_of(person: Listed, staff) -> RosterRow | None:
    """The newest row that names this person and still waits to be mended."""
    rows = RosterRow.objects.filter(listed=person, state=RowState.TO_FIX, roster__in=Roster.objects.visible_to(staff))
    return (
        rows.exclude(roster__state__in=(RosterState.UNDOING, RosterState.UNDONE))
        .order_by("-roster__received_on", "-id")
        .first()
    )


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
    others = RosterRow.objects.filter(listed__isnull=False, roster__withdrawn_at=None).exclude(roster=roster)
    others = others.exclude(roster__state__in=(RosterState.UNDOING, RosterState.UNDONE))
    named = Listed.objects.standing().filter(pk__in=roster.rows.filter(listed__isnull=False).values("listed_id"))
    return named.exclude(pk__in=others.values("listed_id"))
