"""Written plans: bring one, see what was read and put it right, let it hold, and read it beside live figures."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tongxing.base import clock
from tongxing.base.measures import Scope
from tongxing.base.once import answered, once_field, read_once
from tongxing.base.records import Stale, seen
from tongxing.base.sealed import CannotOpen
from tongxing.base.templatetags.look import full_day
from tongxing.children.queries import scope_of
from tongxing.plans import actions, forms, queries
from tongxing.plans.choices import PlanState
from tongxing.plans.models import Commitment, Plan
from tongxing.plans.rows import BY_NUMBER
from tongxing.staff.access import covers, inside, may, places_for, reached_by
from tongxing.staff.models import Region
from tongxing.staff.queries import last_saved
from tongxing.staff.stale import read_version

MAY = "plans.plan"


# ── whose ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _plan(request, plan_id) -> Plan:
    visible = Plan.objects.visible_to(request.user).select_related("region", "attachment")
    return get_object_or_404(visible, pk=plan_id)


def _may_change(request, plan: Plan) -> bool:
    return covers(places_for(request.user, MAY), plan.region_id) and plan.state != PlanState.REPLACED


def _own_plan(request, plan_id) -> Plan:
    """A plan that is this person's to change: 403 for one that only holds for them, as a township's does."""
    plan = _plan(request, plan_id)
    if not _may_change(request, plan):
        raise PermissionDenied(MAY)
    return plan


def _commitment(plan: Plan, commitment_id) -> Commitment:
    found = plan.commitments.standing().select_related("plan", "goal", "owner")
    return get_object_or_404(found, pk=commitment_id)


def _scope(request, plan: Plan) -> tuple[Scope, str]:
    """Whose children stand beside the plan, and the name of that place: the plan's own, or one's part of it."""
    if any(plan.region_id.startswith(path) for path in reached_by(request.user).regions):
        return Scope(plan.region_id), plan.region.name
    scope = scope_of(request.user)
    if scope.region:
        return scope, Region.objects.filter(path=scope.region).values_list("name", flat=True).first() or ""
    return Scope(plan.region_id, request.user), _("你能看到的孩子")


def _day(request):
    today = clock.today()
    form = forms.DayForm(request.GET if request.GET.get("on") else None, today=today)
    return form, (form.is_valid() and form.cleaned_data["on"]) or today


def _arranging(request):
    if not request.user.may("plans.arrange"):
        return None
    return lambda duty: reverse("plans:arrange", args=[duty.measure.code, duty.subject_id])


# ── read ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@may("plans.coverage")
@require_safe
def plans(request):
    """The plans of one's places; straight to the plan where there is just one that holds and none that waits."""
    found = queries.plans_of(request.user)
    holding = [one for one in found if one.state == PlanState.IN_FORCE]
    waiting = [one for one in found if one.state == PlanState.READ]
    if len(holding) == 1 and not waiting and "all" not in request.GET:
        return redirect("plans:plan", holding[0].pk)
    return render(request, "plans/plans.html", {"plans": found, "may_bring": request.user.may(MAY)})


def _page(request, plan: Plan, *, only=None) -> dict:
    """What the plan's page and its print show."""
    scope, place = _scope(request, plan)
    form, on = _day(request)
    told = queries.page_of(plan, scope, on, arranging=_arranging(request), only=only)
    seen(
        by=request.user, what="plans.plan", subject_id=plan.pk, page="plans:plan", region=scope.region, count=told.named
    )
    return {
        "plan": plan,
        "told": told,
        "place": place,
        "region": scope.region,
        "on": on,
        "today": clock.today(),
        "is_today": on == clock.today(),
        "now": clock.now(),
        "form": form,
        "may_change": _may_change(request, plan),
        "may_bring": request.user.may(MAY),
    }


@may("plans.coverage")
@require_safe
def plan(request, plan_id):
    """Goal → measure → owner → due → n of N → who is missing → the records; a plan that waits leads to its check."""
    one = _plan(request, plan_id)
    if one.state == PlanState.READ:
        return redirect("plans:match", one.pk)
    page = _page(request, one)
    form = page["form"]
    return render(request, "plans/plan.html", page, status=422 if form.is_bound and not form.is_valid() else 200)


@may("plans.coverage")
@require_safe
def paper(request, plan_id):
    """The same to print."""
    return render(request, "plans/plan_paper.html", _page(request, _plan(request, plan_id)))


@may("plans.coverage")
@require_safe
def file(request, plan_id):
    """The plan as it was sent."""
    one = _plan(request, plan_id)
    try:
        content = one.attachment.read()
    except CannotOpen:
        raise Http404 from None
    seen(by=request.user, what="plans.file", subject_id=one.pk, page="plans:plan_file", region=one.region_id, count=0)
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = content_disposition_header(True, one.attachment.name)
    return answer


# ── bring, match, start ──────────────────────────────────────────────────────────────────────────────────────────────


@may("plans.plan")
def bring(request):
    """Choose a file; it is read at once, and what was read is shown before anything holds."""
    regions = Region.objects.standing().filter(inside("path", places_for(request.user, MAY))).order_by("path")
    form = forms.BringForm(request.POST or None, request.FILES or None, regions=regions)
    if request.method == "POST" and form.is_valid():
        found = actions.bring(by=request.user, key=read_once(request), on=clock.today(), **form.brought())
        if len(found) == 1:
            return redirect("plans:match", found[0].pk)
        told = ngettext("文件里有 %(n)d 份计划，请挑要用的那份", "文件里有 %(n)d 份计划，请挑要用的那份", len(found))
        messages.success(request, told % {"n": len(found)})
        return redirect(reverse("plans:plans") + "?all=1")
    page = {"form": form, "once": once_field(request)}
    return render(request, "plans/bring.html", page, status=422 if form.is_bound else 200)


@may("plans.plan")
def match(request, plan_id):
    """What was read, each with the words that say so; one puts it right by hand and lets the plan hold."""
    if (earlier := answered(request, actions.start)) is not None:
        return _started(request, earlier)
    one, today, late = _own_plan(request, plan_id), clock.today(), False
    initial = {name: getattr(one, name) for name in ("title", "year", "from_on", "to_on")}
    form = forms.StartForm(request.POST or None, initial=initial, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            one = actions.start(by=request.user, key=read_once(request), plan=one, on=today, **form.cleaned_data)
        except Stale:
            late = True
            one.refresh_from_db()
            form.add_error(None, _("这份计划刚由别人开始执行了，你填的没有存，还在下面"))
        else:
            return _started(request, one)
    found = list(one.commitments.standing().in_order().select_related("owner"))
    page = {
        "plan": one,
        "form": form,
        "once": once_field(request),
        "goals": [_matched(item) for item in found if item.goal_id],
        "measures": [_matched(item) for item in found if not item.goal_id],
        "unmatched": sum(not item.rows for item in found),
        "mended": sum(bool(item.mended) for item in found),
        "holds": one.state == PlanState.IN_FORCE,
        "earlier": Plan.objects.standing()
        .filter(region=one.region_id, state=PlanState.IN_FORCE)
        .exclude(pk=one.pk)
        .first(),
    }
    return render(request, "plans/match.html", page, status=409 if late else 422 if form.is_bound else 200)


def _started(request, plan: Plan):
    messages.success(request, _("这份计划开始执行了"))
    return redirect("plans:plan", plan.pk)


def _matched(item: Commitment) -> dict:
    """A commitment with its rows by name, and the words by which each was found."""
    words = {one["row"]: one["words"] for one in item.evidence}
    rows = [{"row": BY_NUMBER[number], "words": words.get(number, [])} for number in item.rows]
    return {"item": item, "rows": rows}


@may("plans.plan")
def drop(request, plan_id):
    """A plan that was read and is not wanted."""
    if answered(request, actions.drop) is not None:
        return redirect("plans:plans")
    one = _own_plan(request, plan_id)
    if one.state != PlanState.READ:
        return redirect("plans:plan", one.pk)
    form = forms.DropForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.drop(by=request.user, key=read_once(request), plan=one, why=form.cleaned_data["why"])
        messages.success(request, _("这份计划不要了，文件和原因都留着"))
        return redirect("plans:plans")
    page = {"form": form, "plan": one, "once": once_field(request), "back": reverse("plans:match", args=[one.pk])}
    return render(request, "plans/drop.html", page, status=422 if form.is_bound else 200)


# ── one commitment ───────────────────────────────────────────────────────────────────────────────────────────────────


def _back(plan: Plan) -> str:
    return reverse("plans:match" if plan.state == PlanState.READ else "plans:plan", args=[plan.pk])


@may("plans.plan")
def commitment(request, plan_id, commitment_id):
    """Say what a commitment is about, who does it and by when: in its place in the plan, or on a page of its own."""
    one = _own_plan(request, plan_id)
    item, today, stale = _commitment(one, commitment_id), clock.today(), None
    doers = queries.doers(one.region_id, today)
    form = forms.CommitmentForm(
        _chosen(request, item), initial=_sent_as(item), doers=doers, owner=item.owner, today=today
    )
    if request.method == "POST" and form.is_valid():
        version = read_version(request)
        try:
            actions.set_commitment(
                by=request.user, key=read_once(request), commitment=item, version=version, **form.said()
            )
        except Stale as late:
            stale = _both(late, form)
        else:
            if not request.htmx or one.state == PlanState.READ:
                messages.success(request, _("记下了"))
                return redirect(_back(one))
            page = _page(request, one, only=item.pk)
            return render(request, "plans/plan.html#group", page | {"group": page["told"].groups[0]})
    page = {
        "plan": one,
        "item": item,
        "form": form,
        "stale": stale,
        "version": stale["version"] if stale else item.version,
        "once": once_field(request) if stale is None else once_field(),
        "back": _back(one),
    }
    name = "plans/commitment.html#inside" if request.htmx else "plans/commitment.html"
    return render(request, name, page, status=409 if stale else 422 if form.is_bound else 200)


def _sent_as(item: Commitment) -> dict:
    """The stored values as a form holds them."""
    return {
        "rows": [str(number) for number in item.rows],
        "owner": str(item.owner_id or ""),
        "due_on": item.due_on,
        "target": f"{item.target.normalize():f}" if item.target else None,
        "note": item.note,
    }


def _chosen(request, item: Commitment):
    """What was sent, with the stored value wherever "now stored" was chosen after a late save."""
    if request.method != "POST":
        return None
    sent = request.POST.copy()
    for name, value in _sent_as(item).items():
        if sent.get(f"keep_{name}") == "theirs":
            sent.setlist(name, value if isinstance(value, list) else ["" if value is None else str(value)])
    return sent


def _both(late: Stale, form) -> dict:
    """Who saved first, and both values of each fact that differs, in words."""
    theirs, rows = late.theirs(), []
    for name in ("rows", "owner", "due_on", "target", "note"):
        here, there = _said(late.mine, name), _said(theirs, name)
        if here != there:
            rows.append({"name": name, "label": form.fields[name].label, "mine": here, "theirs": there})
    event = last_saved(theirs.plan_id)
    return {"by": "", "at": event.at if event else None, "rows": rows, "version": theirs.version}


def _said(item: Commitment, name: str) -> str:
    value = getattr(item, name)
    if name == "rows":
        return _("、").join(str(BY_NUMBER[number].title) for number in value)
    if name == "owner":
        return value.name if value else ""
    if name == "target":
        return f"{value.normalize():f}%" if value else ""
    return full_day(value) if name == "due_on" else value


@may("plans.plan")
def add(request, plan_id):
    """A promise that reading missed, or that was made later."""
    one = _own_plan(request, plan_id)
    today = clock.today()
    doers = queries.doers(one.region_id, today)
    form = forms.CommitmentForm(request.POST or None, doers=doers, added=True, today=today)
    if request.method == "POST" and form.is_valid():
        actions.add_commitment(by=request.user, key=read_once(request), plan=one, **form.said())
        messages.success(request, _("加上了，在计划的最后"))
        return redirect(_back(one))
    page = {"plan": one, "item": None, "form": form, "stale": None, "once": once_field(request), "back": _back(one)}
    return render(request, "plans/commitment.html", page, status=422 if form.is_bound else 200)


@may("plans.plan")
def drop_commitment(request, plan_id, commitment_id):
    """What was read as a promise is none."""
    if (earlier := answered(request, actions.drop_commitment)) is not None:
        return redirect(_back(earlier.plan))
    one = _own_plan(request, plan_id)
    item = _commitment(one, commitment_id)
    form = forms.DropForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.drop_commitment(by=request.user, key=read_once(request), commitment=item, why=form.cleaned_data["why"])
        messages.success(request, _("取掉了，原话和原因都留着"))
        return redirect(_back(one))
    page = {"form": form, "plan": one, "item": item, "once": once_field(request), "back": _back(one)}
    return render(request, "plans/drop.html", page, status=422 if form.is_bound else 200)
