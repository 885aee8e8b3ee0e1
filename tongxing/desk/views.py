"""Pages that gather the rooms: 今日, the child's page, search, record, what to do when worried."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from tongxing.base import clock
from tongxing.base.records import seen
from tongxing.children.models import Child
from tongxing.children.queries import archive_of, head_of, nav_of, work_places
from tongxing.children.queries import search as find_children
from tongxing.desk import notices, queries, starting
from tongxing.staff.access import home_of, may, signed_in
from tongxing.staff.cards import topics_for

SHOWN = 7


@signed_in
def today(request):
    """The ranked work list: what, who, why now, where; one tap starts it. Who has none is led to their first page."""
    if not request.user.may("today"):
        return redirect(home_of(request.user))
    on = clock.today()
    found = queries.today_of(request.user, on)
    if not found.items and request.user.may("rosters.import") and not starting.is_begun(request.user):
        return redirect("desk:start")  # nobody is here yet: the first steps say what comes next
    everything = "all" in request.GET
    by_road = request.GET.get("by") == "road"
    items = found.items if everything or by_road else found.items[:SHOWN]
    if by_road:
        items = sorted((item for item in items if item.first.measure.code == "visited"), key=lambda item: item.where)
    page = {
        "today": on,
        "work": found,
        "items": items,
        "by_road": by_road,
        "more": len(found.items) - SHOWN,
        "everything": everything,
        "roads": queries.roads(found.items),
        "emergency_looks": notices.emergency_looks(request.user),
    }
    return render(request, "desk/today.html", page)


@may("children.look")
def child(request, child_id):
    """Who is this child, who cares tonight, is anything due, whom do I ring?"""
    one = get_object_or_404(Child.objects.visible_to(request.user).select_related("community"), pk=child_id)
    on = clock.today()
    seen(by=request.user, what="children.child", subject_id=one.pk, page="desk:child", region=one.community_id)
    archive = archive_of(one, on)
    page = {
        "today": on,
        "child": one,
        "archive": archive,
        "child_head": head_of(archive, request.user, on),
        "child_nav": nav_of(one, "desk:child"),
        "line": queries.time_line(one, request.user),
        "due": queries.due_of(one, on),
        "callable": queries.callable_kin(archive, work_places([r.kin_id for r in archive.roles], on)),
        "may_visit": request.user.may("care.visit"),
        "sees_level": request.user.may("children.attention"),
    }
    return render(request, "desk/child.html", page)


@may("children.list")
def search(request):
    """Find a child; one hit with a full name goes straight to the page."""
    text = request.GET.get("q", "").strip()[:60]
    if not text:
        return redirect("children:list")
    return redirect(f"{reverse('children:list')}?{request.GET.urlencode()}")


@may("care.visit")
def record(request):
    """＋记一笔: whom, then what. The children due first, then a search."""
    text = request.GET.get("q", "").strip()[:60]
    on = clock.today()
    found = find_children(request.user, text, limit=20) if text else []
    due = (
        []
        if text
        else [item for item in queries.today_of(request.user, on).items if item.first.measure.code == "visited"][:8]
    )
    return render(request, "desk/record.html", {"text": text, "found": found, "due": due, "today": on})


@may("care.visit")
def worry(request, child_id):
    """What to do now, today and next when a child may be in danger. Nothing can block this page."""
    one = get_object_or_404(Child.objects.visible_to(request.user), pk=child_id)
    seen(by=request.user, what="children.child", subject_id=one.pk, page="desk:worry", region=one.community_id)
    return render(request, "desk/worry.html", {"child": one})


@signed_in
def me(request):
    """My posts, my switches, my way out."""
    page = {"posts": request.user.posts_now(), "today": clock.today(), "topics": topics_for(request.user)}
    return render(request, "desk/me.html", page)


@signed_in
def start(request):
    """The first steps of a community, until they are done; each can be left and taken up again."""
    steps = starting.steps_of(request.user)
    upcoming = next((step for step in steps if not step.done), None)
    page = {"steps": steps, "upcoming": upcoming, "left": sum(not step.done for step in steps)}
    return render(request, "desk/start.html", page)
