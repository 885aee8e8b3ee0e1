"""Reads across the nouns of the staff room."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from tongxing.base.jobs import Job
from tongxing.base.records import Event
from tongxing.staff import rules
from tongxing.staff.access import inside
from tongxing.staff.choices import OrganisationKind
from tongxing.staff.models import CardsSeen, Complaint, Grant, Organisation, Post, Region, Staff
from tongxing.staff.roles import ROLES, RoleCode

SHOWN = 300  # organisations in a list to choose from; beyond that one goes by the page of the place


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def people_in(places) -> QuerySet:
    """Persons who hold or held a post in these places."""
    posts = Post.objects.standing().filter(inside("region", places), staff=OuterRef("pk"))
    return Staff.objects.standing().filter(Exists(posts))


def people(places, today: date, *, text="", organisation: Organisation | None = None, state="now") -> QuerySet:
    """Those of `people_in` who fit: a piece of a name, a sign-in name or an organisation; now, suspended or ended."""
    posts = Post.objects.standing().filter(inside("region", places), staff=OuterRef("pk"))
    found = Staff.objects.standing()
    if text:
        of_that_name = Exists(posts.filter(organisation__name__contains=text))
        found = found.filter(Q(name__contains=text) | Q(login__contains=rules.fold_login(text)) | of_that_name)
    if organisation:
        posts = posts.filter(organisation=organisation)
    if state == "ended":
        return found.filter(Exists(posts), ~Exists(posts.open_after(today))).order_by("name", "id")
    if state == "now":
        found = found.filter(Exists(posts.open_after(today)), suspended_on=None)
    else:
        found = found.filter(Exists(posts)).exclude(suspended_on=None)
    return found.order_by("name", "id")


@dataclass
class Person:
    """A person with their posts in the places one answers for, and their approvals to look that hold."""

    staff: Staff
    today: date
    posts: list[Post] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)

    @property
    def open_posts(self):
        return [post for post in self.posts if post.is_open_after(self.today)]

    @property
    def past_posts(self):
        return [post for post in self.posts if not post.is_open_after(self.today)]

    @property
    def shown_posts(self):
        """Those of a list: the open ones; of a person who has left, the last."""
        return self.open_posts or self.past_posts[:1]

    @property
    def until(self):
        """The last day of the approvals that came with the posts, the first to end; None where there is none."""
        return min((grant.last_on for grant in self.grants if grant.post_id and grant.until_at), default=None)


def persons(found: list[Staff], places, now) -> list[Person]:
    """These people with posts and approvals, in two queries for any number."""
    today = now.date()
    by_id = {staff.pk: Person(staff, today) for staff in found}
    posts = Post.objects.standing().filter(inside("region", places), staff__in=by_id)
    for post in posts.select_related("organisation", "classroom").order_by("-from_on", "id"):
        by_id[post.staff_id].posts.append(post)
    grants = Grant.objects.holding(now).filter(inside("region", places), staff__in=by_id)
    for grant in grants.select_related("school", "classroom").order_by("until_at", "id"):
        by_id[grant.staff_id].grants.append(grant)
    return list(by_id.values())


def colleagues_who_look(places, today: date, *, apart_from: Staff) -> QuerySet:
    """People at work in these places whose role opens children's files: to whom one more may be shown."""
    roles = [role for role in RoleCode.values if ROLES[role].may("children.look")]
    held = Post.objects.standing().held_on(today).filter(inside("region", places), role__in=roles)
    found = Staff.objects.standing().filter(Exists(held.filter(staff=OuterRef("pk"))), suspended_on=None)
    return found.exclude(pk=apart_from.pk).order_by("name", "id")


def responsible_for(path: str, today: date, *, apart_from: Staff | None = None) -> list[Staff]:
    """Who answers for a community: its director; failing one the township's supervisor, then the county."""
    roles = (RoleCode.DIRECTOR, RoleCode.SUPERVISOR, RoleCode.COUNTY)
    posts = (
        Post.objects.standing()
        .held_on(today)
        .filter(region__in=rules.ancestors(path), role__in=roles, staff__suspended_on=None, staff__withdrawn_at=None)
        .select_related("staff")
        .order_by("id")
    )
    nearest: dict[int, dict] = {}
    for post in posts:
        if apart_from is None or post.staff_id != apart_from.pk:
            nearest.setdefault(len(post.region), {})[post.staff_id] = post.staff
    return list(nearest[max(nearest)].values()) if nearest else []


def last_saved(subject_id) -> Event | None:
    """The newest Event about something, to say who saved it and when."""
    return Event.objects.filter(subject_id=subject_id).order_by("-id").first()


# ── approvals ────────────────────────────────────────────────────────────────────────────────────────────────────────


def grants_in(places, now, *, which="holding") -> QuerySet:
    """Approvals given in these places: holding, ending within a month, looks that could not wait, or over."""
    found = Grant.objects.filter(inside("region", places))
    if which == "over":
        found = found.filter(Q(until_at__lte=now) | ~Q(withdrawn_at=None)).order_by("-until_at", "-id")
    elif which == "emergency":
        found = found.filter(emergency=True).order_by("-from_at", "-id")
    else:
        found = found.holding(now).order_by("until_at", "id")
        if which == "soon":
            found = found.filter(until_at__lt=now + timedelta(days=31))
    return found.select_related("staff", "post", "post__organisation", "school", "classroom")


def told_lately(staff: Staff, since) -> QuerySet:
    """Looks that could not wait of which this person was told: their Events, newest first. For the work list."""
    return (
        Event.objects.filter(subject_id=staff.pk, action="staff.emergency_look", at__gte=since)
        .exclude(by_id=staff.pk)
        .order_by("-id")
    )


# ── places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def organisations_in(places) -> QuerySet:
    found = Organisation.objects.standing().filter(inside("region", places)).select_related("region")
    return found.order_by("region_id", "kind", "name")


def regions_in(places, *, text="", above: str = "") -> QuerySet:
    """Places: those one level below `above`, or those a text fits (a piece of the name, the beginning of the code)."""
    found = Region.objects.standing().filter(inside("path", places))
    if text:
        digits = text.rstrip("0") if text.isdigit() else ""
        return found.filter(Q(path__startswith=digits) if digits else Q(name__contains=text)).order_by("path")
    if above:
        below = found.within(above).exclude(path=above).annotate(length=Length("path"))
        # The next level is the shortest there is below: some cities have townships and no counties.
        return below.filter(length=below.aggregate(Min("length"))["length__min"] or 0).order_by("path")
    return found.filter(path__in=places).order_by("path")


def site_place() -> str:
    """The name for the sign-in page: of the one community that lives here, where there is just one."""
    names = Organisation.objects.standing().filter(kind=OrganisationKind.COMMUNITY).values_list("name", flat=True)[:2]
    return names[0] if len(names) == 1 else ""


def communities_in(path: str) -> list[Region]:
    found = Region.objects.standing().within(path).annotate(length=Length("path"))
    return list(found.filter(length=12).order_by("path")[:SHOWN])


def township_beginning(county: Region) -> dict[str, str]:
    """What the form of a community begins with: the township that is there already, else the county's digits."""
    townships = Region.objects.standing().within(county.path).annotate(length=Length("path"))
    one = county if len(county.path) >= 9 else townships.filter(length=9).order_by("-id").first()
    if one is None:
        return {"township_code": county.path, "community_code": county.path}
    return {"township_code": one.path, "township_name": one.name, "community_code": one.path}


def office_names(communities: list[Region]) -> dict[str, str]:
    """What the form of the first offices begins with: the first community that has none, and names as is usual."""
    with_office = set(
        Organisation.objects.standing()
        .filter(kind=OrganisationKind.COMMUNITY, region__in=communities)
        .values_list("region_id", flat=True)
    )
    first = next((one for one in communities if one.path not in with_office), communities[0])
    begins = {"community": first.path}
    if len(communities) == 1:
        township = Region.objects.standing().filter(path=first.path[:9]).exclude(path=first.path).first()
        begins["office"] = _("%(name)s居委会") % {"name": first.name}
        if township:
            begins["township"] = _("%(name)s社会事务办公室") % {"name": township.name}
    return begins


# ── complaints ───────────────────────────────────────────────────────────────────────────────────────────────────────


def complaints_of(staff: Staff | None) -> list[Complaint]:
    """The newest a person on staff has sent, with their answers."""
    if staff is None:
        return []
    return list(Complaint.objects.standing().filter(sent_by_id=staff.pk).order_by("-sent_at")[:10])


def complaints(whose: Q, *, answered: bool) -> QuerySet:
    """Complaints to answer, the oldest first; or answered, the newest first."""
    found = Complaint.objects.standing().filter(whose)
    if answered:
        return found.exclude(answered_at=None).order_by("-answered_at", "-id")
    return found.filter(answered_at=None).order_by("sent_at", "id")


def sender_of(complaint: Complaint) -> str:
    """The name of a sender on staff; '' of somebody outside."""
    if complaint.sent_by_id is None:
        return ""
    return Staff.objects.filter(pk=complaint.sent_by_id).values_list("name", flat=True).first() or ""


# ── training cards ───────────────────────────────────────────────────────────────────────────────────────────────────


def cards_put_away(staff: Staff) -> set[str]:
    return set(CardsSeen.objects.filter(staff_id=staff.pk).values_list("topic", flat=True))


# ── the trace ────────────────────────────────────────────────────────────────────────────────────────────────────────

TRACE_PAGE = 50
VERIFYING = "staff.verify_trace"


def trace(places, *, model=Event, by: Staff | None = None, since=None, until=None, before=None) -> list:
    """A page of the trace in these places, newest first, one more row than shown when there is a next page.

    `before` is the id of the last row of the page before: ids are in order of time. Who wrote it is on `.person`.
    """
    own = inside("region", places)
    if model is Event:
        own |= Q(region="")  # of the installation as a whole: a key was changed, a backup restored
    else:
        own |= Q(region="", by_id__in=Post.objects.filter(inside("region", places)).values("staff_id"))
    found = model.objects.filter(own)
    if by:
        found = found.filter(by_id=by.pk)
    if since:
        found = found.filter(at__gte=since)
    if until:
        found = found.filter(at__lt=until)
    if before:
        found = found.filter(pk__lt=before)
    if model is Event:
        found = found.defer("facts", "held")
    rows = list(found.order_by("-pk")[: TRACE_PAGE + 1])
    names = dict(Staff.objects.filter(pk__in={row.by_id for row in rows}).values_list("pk", "name"))
    for row in rows:
        row.person = names.get(row.by_id, "")
    return rows


def last_verdict() -> dict | None:
    """What the newest noted verification found: at, ok, events, looks, broken, chain, number."""
    event = Event.objects.filter(action=VERIFYING, subject="base.trace").order_by("-id").first()
    if event is None:
        return None
    kept = {name: pair[1] for name, pair in event.held.get("trace", {}).items()}
    return {"at": event.at, "broken": None, "chain": None, "number": None, "events": 0, "looks": 0, **kept}


def verifying() -> Job | None:
    """A verification that is under way."""
    return Job.objects.filter(kind=VERIFYING, state__in=("queued", "running")).order_by("-queued_at").first()
