"""Files that are not one's own: a look that cannot wait, and approval for one child."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.once import answered, once_field, read_once
from tongxing.base.records import Look, seen
from tongxing.children import forms_looking, queries
from tongxing.children.models import Child
from tongxing.children.views.deeds import child_of, done_before, look
from tongxing.staff.access import may, places_for
from tongxing.staff.actions import emergency_look, grant_child
from tongxing.staff.forms import ChildGrantForm
from tongxing.staff.models import Grant
from tongxing.staff.queries import colleagues_who_look
from tongxing.staff.rules import begins, ends, year_after

LOOKS_A_DAY, MISSES_A_DAY = 5, 10
MISSED = "children.emergency_missed"


@may("children.look")
def emergency(request):
    """Open one child's file now, for two hours, with a written reason; those who answer for the child are told."""
    on, done = clock.today(), answered(request, emergency_look)
    if done is not None:
        return redirect("children:list")  # sent twice: the file stands open since the first time
    form = forms_looking.EmergencyForm(request.POST or None, today=on)
    if form.is_bound and form.is_valid() and not _too_many(request, form):
        child = queries.child_by_name_and(
            name=form.facts["name"], birth_on=form.facts["birth_on"], citizen_number=form.facts["citizen_number"],
            within_path=_county(request),
        )  # fmt: skip
        if child is None:
            _not_found(request, form)
        elif Child.objects.visible_to(request.user).filter(pk=child.pk).exists():
            messages.success(request, _("这个孩子你本来就能看"))
            return redirect("desk:child", child.pk)
        elif told := _opened(request, form, child):
            messages.success(request, told)
            return redirect("desk:child", child.pk)
    page = {"form": form, "once": once_field(request)}
    return render(request, "children/emergency.html", page, status=422 if form.is_bound else 200)


def _county(request) -> str:
    """Children of one's own county only: "" never, since nobody's post lies above one."""
    places = places_for(request.user, "children.look")
    return places[0][:6] if places else "-"


def _too_many(request, form) -> bool:
    since = clock.now() - timedelta(days=1)
    looks = Grant.objects.filter(staff=request.user, emergency=True, from_at__gte=since).count()
    misses = Look.objects.filter(by_id=request.user.pk, what=MISSED, at__gte=since).count()
    if looks < LOOKS_A_DAY and misses < MISSES_A_DAY:
        return False
    form.add_error(None, _("今天紧急查看的次数太多了。请打电话给负责的人；孩子有危险，打 110。"))
    return True


def _not_found(request, form) -> None:
    seen(by=request.user, what=MISSED, page="children:emergency", why=form.facts["why"])
    form.add_error("name", _("本县没有找到这样一个孩子，请再对一下姓名、生日或号码"))


def _opened(request, form, child) -> str:
    """What is said when the file is open; "" where the form has a problem."""
    try:
        told = emergency_look(
            by=request.user, key=read_once(request), child_id=child.pk, region=child.community_id,
            why=form.facts["why"],
        )  # fmt: skip
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return ""
    names = _("、").join(one.name for one in told)
    if not names:
        return _("可以看两小时。这里还没有负责的人，请直接告诉县里。")
    return _("可以看两小时。已经告诉%(names)s。") % {"names": names}


@may("staff.grant")
def approve(request, child_id):
    """Let somebody open this one child's file until a day."""
    if done_before(request, grant_child):
        return redirect("desk:child", child_id)
    child, today = child_of(request, child_id), clock.today()
    colleagues = colleagues_who_look(places_for(request.user, "staff.grant"), today, apart_from=request.user)
    first = {"until": today + timedelta(days=30)}
    form = ChildGrantForm(request.POST or None, colleagues=colleagues, today=today, initial=first)
    if form.is_bound and form.is_valid():
        facts = form.cleaned_data
        try:
            grant = grant_child(
                by=request.user, key=read_once(request), staff=facts["staff"], child_id=child.pk,
                region=child.community_id, until_at=min(ends(facts["until"]), begins(year_after(today))),
                why=facts["why"],
            )  # fmt: skip
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            words = _("批准了：%(who)s 可以看 %(name)s 到 %(day)s")
            said = {"who": grant.staff.name, "name": child.name, "day": grant.last_on.isoformat()}
            messages.success(request, words % said)
            return redirect("desk:child", child.pk)
    if not form.is_bound:
        look(request, child, "children:approve")
    page = {
        "child": child, "form": form, "title": _("批准别人看"), "button": _("批准"), "who": [child.community.name],
        "note": _("只开这一个孩子的档案，到那天自己收回；谁看过都有记录。"), "was": "", "once": once_field(request),
    }  # fmt: skip
    return render(request, "children/ask.html", page, status=422 if form.is_bound else 200)
