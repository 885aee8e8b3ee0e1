"""Two questions in two places: may you (403) is asked here; whose (404) by `visible_to`. Deny by default."""

import functools
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django_htmx.http import HttpResponseClientRedirect

from tongxing.base import clock
from tongxing.base.records import System
from tongxing.staff import rules
from tongxing.staff.cards import topic_of
from tongxing.staff.choices import Reach
from tongxing.staff.models import CardsSeen, Grant, Post, Region, Staff, within
from tongxing.staff.roles import ROLES

PERMITTED = {}  # view → permission; a house test reads it


def to_sign_in(request, *, idle=False):
    """To the door, and from there back to the page that was asked for, or that a part of was asked for, or whose form
    was sent: what was written stands there still (draft.js).

    Nothing that only a POST may reach is asked for again. A part of a page cannot show the door: the whole page goes.
    """
    onward = request.get_full_path()
    if request.headers.get("HX-Request"):
        onward = urlsplit(request.headers.get("HX-Current-URL", "")).path or "/"
    elif request.method != "GET":
        onward = _page_of_the_form(request)
    door = redirect("staff:sign_in") if onward == "/" else redirect_to_login(onward)
    if idle:
        door["Location"] += ("&" if "?" in door.url else "?") + "idle=1"  # the door says why
    return HttpResponseClientRedirect(door.url) if request.headers.get("HX-Request") else door


def _page_of_the_form(request) -> str:
    """The page of this site that a form was sent from, without its host; else today's."""
    told = urlsplit(request.headers.get("Referer", ""))
    if told.netloc != request.get_host() or not told.path.startswith("/"):
        return reverse("desk:today")
    return urlunsplit(("", "", told.path, told.query, ""))


def home_of(staff: Staff) -> str:
    """The first page this person has any use for; where nobody answers for a child yet, the first steps."""
    if staff.may("site.settings") and not staff.may("today"):
        directors = Post.objects.standing().filter(inside("region", places_for(staff, "staff.places")), role="director")
        if not directors.exists():
            return reverse("desk:start")
    homes = (
        ("today", "desk:today"),
        ("audit.read", "staff:audit"),
        ("staff.grant", "staff:grants"),
        ("staff.list", "staff:list"),
    )
    return reverse(next((name for permission, name in homes if staff.may(permission)), "desk:me"))


def may(permission: str):
    """Only signed-in staff with this permission; anonymous people are sent to sign in, others get 403."""

    def wrap(view):
        @functools.wraps(view)
        def guarded(request, *args, **wanted):
            if not request.user.is_authenticated:
                return to_sign_in(request)
            if not request.user.may(permission):
                raise PermissionDenied(permission)
            return view(request, *args, **wanted)

        guarded.may = permission
        return guarded

    return wrap


def signed_in(view):
    """Any signed-in person: their own settings, signing out."""

    @functools.wraps(view)
    def guarded(request, *args, **wanted):
        if not request.user.is_authenticated:
            return to_sign_in(request)
        return view(request, *args, **wanted)

    guarded.may = "signed in"
    return guarded


def open_to_all(view):
    """Anybody, signed in or not: the sign-in page itself, the complaint page, the health check."""
    view.may = "everybody"
    return view


@dataclass(frozen=True)
class Reached:
    """What a person's grants open at this moment."""

    regions: tuple[str, ...] = ()
    schools: tuple[UUID, ...] = ()
    classrooms: tuple[UUID, ...] = ()
    paired: bool = False
    single: bool = False

    @property
    def nothing(self) -> bool:
        return not (self.regions or self.schools or self.classrooms or self.paired or self.single)


def reached_by(staff: Staff) -> Reached:
    """Read the grants that hold now, once per request: a handful of rows, never a list of children."""
    if getattr(staff, "_reached", None) is None:  # request.user is a lazy wrapper: its own __dict__ is not the person's
        found = {reach: set() for reach in Reach.values}
        rows = Grant.objects.holding(clock.now()).filter(staff=staff) if staff.is_active else ()
        for grant in rows:
            found[grant.reach].add(
                {
                    Reach.REGION: grant.region,
                    Reach.SCHOOL: grant.school_id,
                    Reach.CLASSROOM: grant.classroom_id,
                }.get(grant.reach, True)
            )
        staff._reached = Reached(
            regions=tuple(sorted(found[Reach.REGION])),
            schools=tuple(found[Reach.SCHOOL]),
            classrooms=tuple(found[Reach.CLASSROOM]),
            paired=bool(found[Reach.PAIRED]),
            single=bool(found[Reach.CHILD]),
        )
    return staff._reached


def region_asked(request) -> str:
    """The region path of `?region=`, "" without one; Http404 for one out of reach, and for one that there is not."""
    path = request.GET.get("region", "")
    known = path.isascii() and path.isdigit() and covers(reached_by(request.user).regions, path)
    if path and not (known and Region.objects.filter(path=path).exists()):
        raise Http404
    return path


# ── places: where a person's posts let them act on people, organisations and the trace ─────────────────────────────


def places_for(staff, permission: str) -> tuple[str, ...]:
    """Region paths in which a post of this person gives the permission; ("",), everywhere, for the system itself."""
    if isinstance(staff, System):
        return ("",)
    posts = staff.posts_now() if staff.is_active else ()
    return tuple(sorted({post.region for post in posts if ROLES[post.role].may(permission)}))


def inside(column: str, places) -> Q:
    """Rows whose region column lies in one of these places; none at all without a place."""
    found = Q(pk__in=())
    for path in places:
        found |= within(column, path) or Q(pk__isnull=False)
    return found


def covers(places, path: str) -> bool:
    return any(path.startswith(place) for place in places)


def may_appoint(by, role: str, path: str) -> bool:
    """Whether one of this person's posts may give, change and end this role in this region."""
    if isinstance(by, System):
        return True
    posts = by.posts_now() if by.is_active else ()
    return any(path.startswith(post.region) and rules.may_give(post.role, role) for post in posts)


def answers_for(by, staff: Staff) -> bool:
    """Whether this person may move, suspend and let in `staff`: every post the other holds is theirs to give.

    Nobody answers for themselves. Of a person without open posts the posts they had are asked.
    """
    if isinstance(by, System):
        return True
    if by.pk == staff.pk:
        return False
    posts = list(Post.objects.standing().filter(staff=staff).values_list("role", "region", "to_on"))
    today = clock.today()
    asked = [one for one in posts if one[2] is None or one[2] > today] or posts
    return bool(asked) and all(may_appoint(by, role, region) for role, region, _to in asked)


def complaints_for(staff) -> Q:
    """Complaints that this person answers: of their places; those of no place for who cares for the whole site."""
    found = inside("region", places_for(staff, "complaints.answer"))
    return found | Q(region="") if staff.may("site.settings") and staff.may("complaints.answer") else found


def may_answer(staff, complaint) -> bool:
    places = places_for(staff, "complaints.answer")
    if not complaint.region:
        return bool(places) and staff.may("site.settings")
    return covers(places, complaint.region)


class StaffBackend:
    """Sign-in by login and password; the action in staff.actions keeps count of the tries."""

    def authenticate(self, request, login=None, password=None):
        if login is None or password is None:
            return None
        staff = Staff.objects.filter(login=login).first()
        if staff is None:
            Staff().set_password(password)  # the same time whether the login exists or not
            return None
        return staff if staff.check_password(password) and staff.is_active else None

    def get_user(self, pk):
        staff = Staff.objects.filter(pk=pk).first()
        return staff if staff and staff.is_active else None


def _open_before_a_password() -> tuple[str, ...]:
    """What a person may do before choosing their own password."""
    return tuple(reverse(name) for name in ("staff:password", "staff:sign_out", "staff:switch", "set_language"))


class StaffMiddleware:
    """Ends idle sessions, and leads a person with a given password to choose their own."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            now = int(clock.now().timestamp())
            last = request.session.get("seen_at", now)
            if now - last > settings.SESSION_IDLE_SECONDS and not request.session.get("remember"):
                logout(request)
                return to_sign_in(request, idle=True)
            if now - last > 60 or "seen_at" not in request.session:
                request.session["seen_at"] = now  # written once a minute, not at every request
            if request.user.must_change_password and request.path not in _open_before_a_password():
                return redirect("staff:password")
        return self.get_response(request)


def _administration(user, here: str) -> list[dict]:
    """The pages of the group 管理 that this person may open."""
    pages = (
        (_("人员"), "staff:list", "staff.list"),
        (_("谁能看什么"), "staff:grants", "staff.grant"),
        (_("开始"), "desk:start", "staff.places"),
        (_("地区和单位"), "staff:regions", "staff.list"),
        (_("走访频次"), "care:cadence", "care.cadence"),
        (_("投诉与建议"), "staff:complaints", "complaints.answer"),
        (_("留痕"), "staff:audit", "audit.read"),
    )
    return [
        {"label": label, "url": reverse(name), "current": name == here}
        for label, name, permission in pages
        if user.may(permission)
    ]


def _where(request) -> tuple[str, str]:
    """The room and the name of the page. A child's page gathers several rooms, and stands with the children."""
    match = request.resolver_match
    if not match:
        return "", ""
    room = "children" if match.namespace == "desk" and "child_id" in match.kwargs else match.namespace
    return room, match.view_name


def _is_new(user, topic) -> bool:
    """Whether the training cards of a page have not been put away; asked only where a page shows them."""
    return topic is not None and not CardsSeen.objects.filter(staff_id=user.pk, topic=topic.code).exists()


def page_context(request):
    """What every page's frame shows: who I am, the six groups, my switches."""
    context = {
        "demo": settings.DEMO,
        "theme": request.COOKIES.get("theme", ""),
        "large_type": request.COOKIES.get("type") == "large",
        "clock_today": clock.today(),
        "me": None,
        "lesson": None,
        "sub_nav": [],
        "nav": [],
        "tabs": [],
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context
    posts = user.posts_now()
    context["me"] = {
        "name": user.name,
        "seal_char": user.name[:1],
        "role_title": posts[0].role_title if posts else "",
        "place": str(posts[0].organisation) if posts else "",
    }
    groups = (
        ("today", _("今日"), "desk:today", "today"),
        ("children", pgettext("list", "孩子"), "children:list", "children.list"),
        ("care", _("关爱工作"), "care:visits", "care.visit"),
        ("plan", _("计划与考评"), "plans:coverage", "plans.coverage"),
        ("folder", _("资料与导出"), "rosters:list", "rosters.import"),
        ("sliders", _("管理"), "staff:list", "staff.list"),
    )
    room, here = _where(request)
    context["lesson"] = topic_of(here)
    if context["lesson"] and not user.may(context["lesson"].permission):
        context["lesson"] = None
    context["lesson_is_new"] = SimpleLazyObject(lambda: _is_new(user, context["lesson"]))
    context["nav"] = [
        {"icon": icon, "label": label, "url": reverse(name), "current": name.split(":")[0] == room, "count": None}
        for icon, label, name, permission in groups
        if user.may(permission)
    ]
    if room == "staff":
        context["sub_nav"] = _administration(user, here)
    tabs = (
        ("today", _("今日"), "desk:today", "today"),
        ("children", pgettext("list", "孩子"), "children:list", "children.list"),
        ("pen", _("记一笔"), "desk:record", "care.visit"),
        ("plan", _("覆盖率"), "plans:coverage", "plans.coverage"),
        ("me", _("我的"), "desk:me", None),
    )
    context["tabs"] = [
        {
            "icon": icon,
            "label": label,
            "url": reverse(name),
            "current": name == here,
            "add": icon == "pen",
            "count": None,
        }
        for icon, label, name, permission in tabs
        if permission is None or user.may(permission)
    ]
    return context
