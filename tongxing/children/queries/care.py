"""In care as of a day, who answers for a child, who may walk with it."""

from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, UUIDField, Value
from django.db.models.functions import Coalesce, Substr

from tongxing.base.measures import Scope
from tongxing.children.models import Attention, CareEpisode, Child, Pairing, on_day
from tongxing.staff.access import reached_by
from tongxing.staff.models import Post, Staff, within
from tongxing.staff.roles import RoleCode


def in_care(scope: Scope, on: date) -> QuerySet:
    """The care episodes that hold on `on`, one per child, named and placed as measures need them.

    Community is the episode's, attention level the one held that day ("" when none was).
    """
    episodes = CareEpisode.objects.standing().filter(on_day(on), child__withdrawn_at=None)
    episodes = episodes.filter(within("community_id", scope.region))
    if scope.staff is not None:
        episodes = episodes.filter(child__in=Child.objects.visible_to(scope.staff))
    level = Attention.objects.standing().filter(on_day(on), child=OuterRef("child_id")).order_by("-from_on", "-id")
    return episodes.annotate(
        subject_id=F("child_id"),
        subject_name=F("child__name"),
        place=F("child__hamlet"),
        region=F("community_id"),
        known_on=F("from_on"),
        household_id=F("child__household_id"),
        level=Coalesce(Subquery(level.values("level")[:1]), Value(""), output_field=CharField()),
    )


def helper_at(on: date) -> QuerySet:
    """The pairing of the outer child that holds on `on`."""
    return Pairing.objects.standing().filter(on_day(on), child=OuterRef("child_id")).order_by("-from_on", "-id")


def at_work(on: date) -> QuerySet:
    """Posts the outer person holds on `on`, if they are not suspended by then."""
    return posts_held(on).filter(staff=OuterRef("helper_id"))


def posts_held(on: date) -> QuerySet:
    """Posts held on `on` by people not suspended by then."""
    working = Q(staff__suspended_on=None) | Q(staff__suspended_on__gt=on)
    return Post.objects.standing().held_on(on).filter(working, staff__withdrawn_at=None)


def answerable(on: date):
    """Who answers for the outer community on `on`: its child director, else the township's supervisor."""
    held = posts_held(on)
    here = held.filter(role=RoleCode.DIRECTOR, region=OuterRef("community_id"))
    above = held.filter(role=RoleCode.SUPERVISOR, region=Substr(OuterRef("community_id"), 1, 9))
    first = ("from_on", "id")
    return Coalesce(
        Subquery(here.order_by(*first).values("staff_id")[:1]),
        Subquery(above.order_by(*first).values("staff_id")[:1]),
        output_field=UUIDField(),
    )


def owner_or_helper(on: date):
    """The helper who walks with the child on `on` and is at work, else who answers for the community."""
    helper = helper_at(on).filter(Exists(at_work(on)))
    return Coalesce(Subquery(helper.values("helper_id")[:1]), answerable(on), output_field=UUIDField())


def scope_of(staff, region: str | None = None) -> Scope:
    """Whose children a person's figures are about: the one region they answer for, else all they may see."""
    regions = reached_by(staff).regions
    if region and any(region.startswith(path) for path in regions):
        return Scope(region)
    only_regions = len(regions) == 1 and not (reached_by(staff).schools or reached_by(staff).classrooms)
    return Scope(regions[0]) if only_regions else Scope("", staff)


# ── helpers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

HELPERS = (RoleCode.DIRECTOR, RoleCode.CADRE, RoleCode.VOLUNTEER)


@dataclass(frozen=True)
class Candidate:
    """Somebody who may walk with a child: in which role, and with how many children now."""

    staff: Staff
    role: str
    count: int


def helpers_for(child: Child, on: date) -> list[Candidate]:
    """People who may walk with this child, each in a post that lets them see it.

    They are those at work in its community, its class teacher, and the counsellor of its school.
    """
    near = Q(region=child.community_id, role__in=HELPERS)
    if schooling := child.schoolings.standing().filter(on_day(on)).first():
        near |= Q(classroom=schooling.classroom_id, role=RoleCode.TEACHER) if schooling.classroom_id else Q()
        near |= Q(organisation=schooling.school_id, role=RoleCode.COUNSELLOR) if schooling.school_id else Q()
    posts = {post.staff_id: post for post in posts_held(on).filter(near).select_related("staff").order_by("-id")}
    pairings = Pairing.objects.standing().filter(on_day(on), helper__in=list(posts))
    loads = dict(pairings.order_by().values_list("helper").annotate(count=Count("pk")))
    found = [Candidate(post.staff, post.role_title, loads.get(post.staff_id, 0)) for post in posts.values()]
    return sorted(found, key=lambda one: (one.staff.name, one.staff.pk))


@dataclass(frozen=True)
class HelperLoad:
    """A helper and the children they walk with today."""

    staff: Staff
    role: str
    children: list[Child]


@dataclass(frozen=True)
class Board:
    """Who walks with whom. `unpaired_count` counts also those beyond the ones shown."""

    unpaired: list[Child]
    unpaired_count: int
    helpers: list[HelperLoad]


BOARD_SHOWS = 200


def board_of(scope: Scope, staff, on: date) -> Board:
    """Children in care without a helper at work, and every possible helper with load, the most burdened first."""
    visible = Child.objects.visible_to(staff).filter(within("community_id", scope.region), in_care=True)
    pairings = Pairing.objects.standing().filter(on_day(on), child=OuterRef("pk"))
    helped = pairings.filter(Exists(posts_held(on).filter(staff=OuterRef("helper_id"))))
    unpaired = visible.filter(~Exists(helped))
    posts = posts_held(on).filter(within("region", scope.region), role__in=HELPERS).select_related("staff")
    roles = {post.staff_id: post for post in posts.order_by("staff__name", "id")[:BOARD_SHOWS]}
    rows = Pairing.objects.standing().filter(on_day(on), child__in=visible).select_related("child", "helper")
    walking: dict = {}
    for row in rows.order_by("child__hamlet", "child__name_sort", "id")[: 10 * BOARD_SHOWS]:
        walking.setdefault(row.helper_id, (row.helper, []))[1].append(row.child)
    people = {pk: (post.staff, post.role_title) for pk, post in roles.items()}
    people |= {pk: (helper, people[pk][1] if pk in people else "") for pk, (helper, _children) in walking.items()}
    helpers = [HelperLoad(one, role, walking.get(pk, (one, []))[1]) for pk, (one, role) in people.items()]
    helpers.sort(key=lambda one: (-len(one.children), one.staff.name, one.staff.pk))
    shown = list(unpaired.order_by("hamlet", "name_sort", "id")[:BOARD_SHOWS])
    return Board(shown, unpaired.count() if len(shown) == BOARD_SHOWS else len(shown), helpers)


def helpers_of(children: list[Child], on: date) -> set:
    """Ids of the helpers who walk with these children."""
    held = Pairing.objects.standing().filter(on_day(on), child__in=children)
    return set(held.values_list("helper_id", flat=True))


def helper_of(child: Child) -> Pairing | None:
    """The pairing that has not ended."""
    return child.pairings.standing().filter(to_on=None).select_related("helper").first()


def siblings_of(child: Child) -> list[Child]:
    """Other children behind the same door."""
    if child.household_id is None:
        return []
    return list(Child.objects.standing().filter(household_id=child.household_id).exclude(pk=child.pk).by_name())
