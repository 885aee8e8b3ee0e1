"""People on staff: who, where, since when; appoint, move, end, suspend."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.words import tidy
from tongxing.staff import actions, forms, queries, rules
from tongxing.staff.access import answers_for, inside, may, may_appoint, places_for
from tongxing.staff.models import Post, Staff
from tongxing.staff.roles import ROLES
from tongxing.staff.stale import chosen, read_version
from tongxing.staff.views.deeds import carry_out, deed_page, heard

PAGE = 30
STATES = ("now", "suspended", "ended")


def _person(request, staff_id) -> Staff:
    """Somebody of the signed-in person's places; Http404 for anybody else."""
    return get_object_or_404(queries.people_in(places_for(request.user, "staff.list")), pk=staff_id)


def _answered_for(request, staff_id) -> Staff:
    staff = _person(request, staff_id)
    if not answers_for(request.user, staff):
        raise PermissionDenied("staff.appoint")
    return staff


def _post(request, post_id) -> Post:
    """A post in the signed-in person's places that is theirs to change."""
    places = places_for(request.user, "staff.list")
    posts = Post.objects.standing().filter(inside("region", places))
    post = get_object_or_404(posts.select_related("staff", "organisation__region", "classroom"), pk=post_id)
    if post.staff_id == request.user.pk or not may_appoint(request.user, post.role, post.region):
        raise PermissionDenied("staff.appoint")
    return post


def _offers(request) -> dict:
    """What may be given: the roles below one's own, at the organisations of one's places."""
    own = {role for post in request.user.posts_now() for role in rules.given_by(post.role)}
    places = places_for(request.user, "staff.appoint")
    return {"roles": [role for role in ROLES if role in own], "organisations": queries.organisations_in(places)}


@may("staff.list")
def people(request):
    """People of the places one answers for, with their posts; filters are part of the address."""
    places, today = places_for(request.user, "staff.list"), clock.today()
    text = tidy(request.GET.get("q"))[:40]
    state = request.GET.get("state") if request.GET.get("state") in STATES else "now"
    organisation = None
    if request.GET.get("organisation"):
        organisation = get_object_or_404(queries.organisations_in(places), pk__iexact=request.GET["organisation"])
    found = queries.people(places, today, text=text, organisation=organisation, state=state)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "persons": queries.persons(list(page.object_list), places, clock.now()), "today": today,
        "text": text, "state": state, "organisation": organisation, "whole": queries.people_in(places).count(),
        "may_appoint": request.user.may("staff.appoint"), "filters": _filters(request),
    }  # fmt: skip
    return render(request, "staff/people.html", context)


def _filters(request) -> str:
    """The present filters as a query string, without the page."""
    kept = request.GET.copy()
    kept.pop("page", None)
    return kept.urlencode()


@may("staff.list")
def person(request, staff_id):
    """One person: posts now and before, whose files until when, and what may be done."""
    staff, places = _person(request, staff_id), places_for(request.user, "staff.list")
    posts = queries.persons([staff], places, clock.now())[0]
    changeable = {
        post.pk
        for post in posts.open_posts
        if staff.pk != request.user.pk and may_appoint(request.user, post.role, post.region)
    }
    page = {
        "person": posts, "staff": staff, "today": clock.today(), "changeable": changeable,
        "answers": answers_for(request.user, staff), "may_grant": request.user.may("staff.grant"),
    }  # fmt: skip
    return render(request, "staff/person.html", page)


@may("staff.appoint")
def appoint(request, staff_id=None):
    """A new person with their first post, or another post for somebody who is here."""
    staff = _answered_for(request, staff_id) if staff_id else None
    offers, today = _offers(request), clock.today()
    if request.GET.get("organisation"):
        offers["first"] = get_object_or_404(offers["organisations"], pk__iexact=request.GET["organisation"])
    initial = {"from_on": today, "organisation": offers["first"].pk if "first" in offers else None}
    initial["role"] = request.GET.get("role") if request.GET.get("role") in offers["roles"] else None
    begins = "start" in request.GET  # from the list of first steps, and back there
    if staff:
        held = list(Post.objects.standing().filter(staff=staff).open_after(today).values_list("role", flat=True))
        form = forms.PostForm(heard(request), held=held, today=today, initial=initial, **offers)
    else:
        form = forms.NewPersonForm(heard(request), today=today, initial=initial, **offers)
    if post := carry_out(request, form, actions.appoint, **({"staff": staff} if staff else {})):
        said = {"name": post.staff.name, "role": post.role_title}
        messages.success(request, _("任命好了：%(name)s，%(role)s") % said)
        return redirect("desk:start") if begins else redirect("staff:person", post.staff_id)
    title = _("给%(name)s加一个岗位") % {"name": staff.name} if staff else _("添人")
    return deed_page(
        request, form, title=title, verb=_("任命"), subject=staff, lede="", back="desk:start" if begins else ""
    )


@may("staff.appoint")
def move(request, post_id):
    """Another role, place or class from a day on."""
    post, today, fields = _post(request, post_id), clock.today(), {"on": "to_on", "why": "end_why"}
    others = Post.objects.standing().filter(staff=post.staff).open_after(today).exclude(pk=post.pk)
    initial = {"role": post.role, "organisation": post.organisation_id, "classroom": post.classroom_id, "on": today}
    form = forms.MoveForm(
        chosen(request, post, fields), post=post, held=list(others.values_list("role", flat=True)), today=today,
        initial=initial, **_offers(request),
    )  # fmt: skip
    if moved := carry_out(request, form, actions.move, post=post, version=read_version(request)):
        there = {"role": moved.role_title, "place": moved.organisation.name}
        messages.success(request, _("调动好了：%(role)s，%(place)s") % there)
        return redirect("staff:person", post.staff_id)
    words = {"title": _("调动%(name)s") % {"name": post.staff.name}, "verb": _("调动"), "lede": _now_at(post)}
    return deed_page(request, form, record=post, fields=fields, subject=post.staff, **words)


def _now_at(post) -> str:
    return _("现在是%(place)s的%(role)s") % {"place": post.organisation.name, "role": post.role_title}


@may("staff.appoint")
def end_post(request, post_id):
    """The post ends on a day, and with it the approval to look."""
    post, fields = _post(request, post_id), {"on": "to_on", "why": "end_why"}
    first = {"on": clock.today()}
    form = forms.EndForm(chosen(request, post, fields), post=post, initial=first)
    if carry_out(request, form, actions.end_post, post=post, version=read_version(request)):
        messages.success(request, _("记好了，岗位和查看的批准一起结束"))
        return redirect("staff:person", post.staff_id)
    words = {"title": _("结束%(name)s的岗位") % {"name": post.staff.name}, "verb": _("结束岗位"), "lede": _now_at(post)}
    return deed_page(request, form, record=post, fields=fields, subject=post.staff, **words)


@may("staff.appoint")
def suspend(request, staff_id):
    """Out at once; nothing of theirs is lost."""
    staff, fields = _answered_for(request, staff_id), {"on": "suspended_on", "why": "suspended_why"}
    form = forms.SuspendForm(chosen(request, staff, fields), initial={"on": clock.today()})
    if carry_out(request, form, actions.suspend, staff=staff, version=read_version(request)):
        messages.success(request, _("停用了，正在用的设备也已退出"))
        return redirect("staff:person", staff.pk)
    title = _("停用%(name)s") % {"name": staff.name}
    words = {"title": title, "verb": _("停用"), "lede": _("记录都留着，以后可以恢复。")}
    return deed_page(request, form, record=staff, fields=fields, subject=staff, **words)


@may("staff.appoint")
def reinstate(request, staff_id):
    staff = _answered_for(request, staff_id)
    form = forms.ReinstateForm(heard(request))
    if carry_out(request, form, actions.reinstate, staff=staff, version=read_version(request)):
        messages.success(request, _("恢复了，请把初始密码告诉本人"))
        return redirect("staff:person", staff.pk)
    title = _("恢复%(name)s") % {"name": staff.name}
    words = {"title": title, "verb": _("恢复"), "lede": _("岗位没有结束的，恢复后接着用。")}
    return deed_page(request, form, record=staff, subject=staff, **words)


@may("staff.appoint")
def hand_over(request, staff_id):
    """A new password for somebody who forgot theirs."""
    staff = _answered_for(request, staff_id)
    form = forms.HandOverForm(heard(request))
    if carry_out(request, form, actions.set_password, staff=staff, own=False):
        messages.success(request, _("改好了，请把初始密码告诉本人"))
        return redirect("staff:person", staff.pk)
    title = _("给%(name)s新密码") % {"name": staff.name}
    words = {"title": title, "verb": _("换密码"), "lede": _("本人所有设备都会退出。")}
    return deed_page(request, form, subject=staff, **words)


@may("staff.appoint")
def correct(request, staff_id):
    """Name and phone."""
    staff, fields = _answered_for(request, staff_id), {"name": "name", "phone": "phone"}
    first = {"name": staff.name, "phone": staff.phone}
    form = forms.PersonForm(chosen(request, staff, fields), initial=first)
    if carry_out(request, form, actions.correct_person, staff=staff, version=read_version(request)):
        messages.success(request, _("改好了"))
        return redirect("staff:person", staff.pk)
    words = {"title": _("改%(name)s的姓名、电话") % {"name": staff.name}, "verb": _("保存"), "lede": ""}
    return deed_page(request, form, record=staff, fields=fields, subject=staff, **words)
