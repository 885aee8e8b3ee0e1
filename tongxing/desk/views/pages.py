"""Pages that gather the rooms: 今日, the child's page, search, record, what to do when worried."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.once import answered, once_field, read_once
from tongxing.base.records import seen
from tongxing.base.words import given_name
from tongxing.children.models import Child
from tongxing.children.queries import archive_of, head_of, nav_of, recent_of, work_places
from tongxing.children.queries import search as find_children
from tongxing.desk import forms, notices, queries, starting
from tongxing.plans.actions import arrange
from tongxing.staff.access import home_of, may, signed_in
from tongxing.staff.cards import topics_for
from tongxing.staff.queries import responsible_for

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
        items = sorted((item for item in items if item.code == "visited"), key=lambda item: item.where)
    page = {
        "today": on,
        "work": found,
        "items": items,
        "by_road": by_road,
        "more": len(found.items) - SHOWN,
        "everything": everything,
        "roads": queries.roads(found.items),
        "emergency_looks": notices.emergency_looks(request.user),
        "others": found.others if everything else found.others[:SHOWN],
        "more_others": len(found.others) - SHOWN,
        "may_import": request.user.may("rosters.import"),
        "has_places": request.user.may("plans.coverage") and request.user.may("staff.appoint"),
    }
    return render(request, "desk/today.html", page)


@may("plans.coverage")
def places(request):
    """Places side by side: n of N of every measure, for who looks over several. 今日 asks for the table as a part."""
    on = clock.today()
    measures, lines = queries.places_of(request.user, on)
    page = {"today": on, "measures": measures, "lines": lines}
    part = "desk/places.html#table" if request.htmx.target == "places" else "desk/places.html"
    return render(request, part, page)


@may("today")
def later(request, code, subject_id):
    """Put a duty of one's own off to another day, with a reason. It stays a gap until it is done."""
    if answered(request, arrange) is not None:
        return redirect("desk:today")
    on = clock.today()
    duty = queries.own_duty(request.user, code, subject_id, on)
    if duty is None:
        raise Http404
    asked = queries.standing_in(request.user, duty, on)
    form = forms.LaterForm(request.POST or None, today=on, last=asked.until_on if asked else None)
    if request.method == "POST" and form.is_valid():
        owner = request.user if asked else None  # who was asked to do it still is, on another day
        arrange(by=request.user, key=read_once(request), duty=duty, on=on, owner=owner, **form.wanted())
        messages.success(request, _("记下了，%(day)s 再提醒你") % {"day": form.wanted()["postponed_to"].isoformat()})
        return redirect("desk:today")
    brief = not request.user.may("children.look")
    name = given_name(duty.subject_name) if brief else duty.subject_name
    page = {"form": form, "name": name, "why": "" if brief else duty.because, "once": once_field(request)}
    return render(request, "desk/later.html", page, status=422 if form.is_bound else 200)


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
        "tonight": queries.tonight(archive, on),
        "callable": queries.callable_kin(archive, work_places([r.kin_id for r in archive.roles], on), on),
        "together": queries.due_together(archive.siblings, request.user, on),
        "may_visit": request.user.may("care.visit"),
        "may_correct": request.user.may("children.correct"),
        "may_pair": request.user.may("children.pair"),
        "sees_level": request.user.may("children.attention"),
    }
    return render(request, "desk/child.html", page)


@may("children.list")
def search(request):
    """Find a child; one hit with a full name goes straight to the page."""
    text = request.GET.get("q", "").strip()[:60]
    if not text:
        return redirect(f"{reverse('children:list')}?find=1")
    return redirect(f"{reverse('children:list')}?{request.GET.urlencode()}")


@may("care.visit")
def record(request):
    """＋记一笔: whom, then what. The children due first, then a search."""
    text = request.GET.get("q", "").strip()[:60]
    on = clock.today()
    found = find_children(request.user, text, limit=20) if text else []
    due = [] if text else [item for item in queries.today_of(request.user, on).items if item.code == "visited"][:8]
    brief = not request.user.may("children.look")
    recent = [] if brief or text else recent_of(request.user)
    page = {"text": text, "found": found, "due": due, "today": on, "brief": brief, "recent": recent}
    return render(request, "desk/record.html", page)


@may("care.visit")
def worry(request, child_id):
    """What to do now, today and next when a child may be in danger. Nothing can block this page."""
    one = get_object_or_404(Child.objects.visible_to(request.user), pk=child_id)
    seen(by=request.user, what="children.child", subject_id=one.pk, page="desk:worry", region=one.community_id)
    nearest = responsible_for(one.community_id, clock.today(), apart_from=request.user)
    return render(request, "desk/worry.html", {"child": one, "nearest": nearest})


@signed_in
def me(request):
    """My posts, my switches, my way out."""
    page = {"posts": request.user.posts_now(), "today": clock.today(), "topics": topics_for(request.user)}
    page["steps_left"] = starting.left_of(request.user)
    return render(request, "desk/me.html", page)


@signed_in
def start(request):
    """The first steps of a community, until they are done; each can be left and taken up again."""
    steps = starting.steps_of(request.user)
    upcoming = next((step for step in steps if not step.done), None)
    page = {"steps": steps, "upcoming": upcoming, "left": sum(not step.done for step in steps)}
    return render(request, "desk/start.html", page)
