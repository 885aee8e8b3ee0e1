"""The first steps of a community, told from what is there: a step is done when its things exist, not when ticked."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.children.models import Child, Pairing
from tongxing.plans.models import Plan
from tongxing.rosters.models import Roster
from tongxing.staff.access import inside, may_appoint, places_for
from tongxing.staff.models import Organisation, Post
from tongxing.staff.queries import communities_in
from tongxing.staff.roles import ROLES, RoleCode

FIRST_PEOPLE = (  # (role, whether nothing goes on without it)
    (RoleCode.DIRECTOR, True),
    (RoleCode.ARCHIVIST, False),
    (RoleCode.SUPERVISOR, False),
    (RoleCode.COUNTY, False),
    (RoleCode.SECURITY_ADMIN, False),
    (RoleCode.AUDIT_ADMIN, False),
)


@dataclass
class Step:
    """One step: what it is for, whether it is done, and where it is taken; "" where somebody else takes it."""

    title: str
    words: str
    done: bool
    url: str = ""
    action: str = ""
    parts: list["Step"] = field(default_factory=list)


def steps_of(staff) -> list[Step]:
    """What a community needs, in order; each with its address where this person may take it."""
    return [*_of_administrator(staff), *_of_community(staff)]


def left_of(staff) -> int:
    """How many steps are still to be taken, for who takes them; 0 for everybody else."""
    if not (staff.may("rosters.import") or staff.may("staff.places")):
        return 0
    return sum(not step.done for step in steps_of(staff))


def is_begun(staff) -> bool:
    """Whether there is any child in the care of those this person sees."""
    return Child.objects.visible_to(staff).exists()


def _of_administrator(staff) -> Iterator[Step]:
    places = places_for(staff, "staff.places")
    if not places:
        return
    communities = [one for path in places for one in communities_in(path)]
    names = _("、").join(one.name for one in communities[:3])
    yield Step(
        _("社区"), names or _("孩子由哪个社区照看"), bool(communities), reverse("staff:first_places"), _("添社区")
    )
    organisations = list(Organisation.objects.standing().filter(inside("region", places)).order_by("id")[:300])
    offices = [one for one in organisations if one.kind == "community"]
    yield Step(
        _("单位"),
        _("、").join(one.name for one in organisations[:4]) if offices else _("居委会、学校、乡镇的办公室"),
        bool(offices),
        reverse("staff:first_offices") if communities else "",
        _("添单位"),
    )
    people = list(_people(staff, places, organisations))
    yield Step(
        _("人"),
        _("每个人一个登录名，一个初始密码。儿童主任不能少，别的可以以后添。"),
        any(one.done for one, needed in people if needed),
        parts=[one for one, _needed in people],
    )
    director = Post.objects.standing().held_on(clock.today()).filter(inside("region", places), role=RoleCode.DIRECTOR)
    first = director.select_related("staff").order_by("id").first()
    signed_in = first is not None and not first.staff.must_change_password
    name = first.staff.name if first else RoleCode.DIRECTOR.label
    words = _("%(name)s用自己的登录名和初始密码登录，接着做后面的。") % {"name": name}
    yield Step(_("请儿童主任登录"), words, signed_in)


def _people(staff, places, organisations) -> Iterator[tuple[Step, bool]]:
    held = Post.objects.standing().open_after(clock.today()).filter(inside("region", places))
    names: dict[str, list[str]] = {}
    for post in held.select_related("staff").order_by("id"):
        names.setdefault(post.role, []).append(post.staff.name)
    for role, needed in FIRST_PEOPLE:
        kind = ROLES[role].at or "county"
        place = next((one for one in organisations if one.kind == kind), None)
        url = ""
        if place and may_appoint(staff, role, place.region_id):
            url = f"{reverse('staff:appoint')}?organisation={place.pk}&role={role}&start=1"
        words = _("、").join(names.get(role, ())[:3]) or str(ROLES[role].about)
        yield Step(str(ROLES[role].title), words, role in names, url, _("添人")), needed


def _of_community(staff) -> Iterator[Step]:
    places = places_for(staff, "staff.places") or places_for(staff, "plans.coverage")
    done = Plan.objects.standing().filter(inside("region", places)).exists()
    words = _("今年的计划，Word 或文本都行：目标和措施会自己对上实数。")
    yield Step(_("计划"), words, done, reverse("plans:plans") if staff.may("plans.coverage") else "", _("把计划放进来"))
    rosters = Roster.objects.standing().filter(state="imported")
    places = places_for(staff, "rosters.import")
    mine = rosters.filter(inside("community", places)) if places else rosters
    may_import = staff.may("rosters.import")
    words = _("学校或乡镇的花名册，原样选上就行；先读给你看，再导入。")
    known = Child.objects.standing().filter(inside("community_id", places_for(staff, "staff.places") or places))
    done = mine.exists() or known.exists()
    yield Step(_("第一张名单"), words, done, reverse("rosters:upload") if may_import else "", _("选一张表"))
    if staff.may("children.pair"):
        seen = Child.objects.visible_to(staff)
        paired = Pairing.objects.standing().filter(to_on=None, child__in=seen).exists()
        words = _("给每个孩子一个叫得出名字的大人。")
        yield Step(_("结对"), words, paired, f"{reverse('children:list')}?gap=helper", _("去结对"))
