"""Pages of the care room."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.once import once_field, read_once
from tongxing.base.records import seen
from tongxing.base.words import given_name
from tongxing.care import actions, forms, measures, queries
from tongxing.care.models import Visit
from tongxing.children.choices import Level, Relation
from tongxing.children.models import Child
from tongxing.children.queries import carer_relation
from tongxing.staff.access import may, reached_by

PAGE = 30


@may("care.visit")
def visit(request, child_id):
    """Record one visit to one door."""
    household = queries.household_of(child_id, request.user)
    if not household:
        raise Http404
    child, *_others = household
    today, now = clock.today(), clock.now()
    carer_word = lazy(lambda: str(_carer_word(child)), str)()  # asked for only where the page is shown
    first = {
        "visited_on": today,
        "visited_at": now.time(),
        "with_children": [str(one.pk) for one in household],
    }
    brief = not request.user.may("children.look")  # a volunteer calls a child by the given name and needs no more
    called = [given_name(one.name) if brief else one.name for one in household]
    form = forms.VisitForm(
        request.POST or None, household=household, called=called, carer_word=carer_word, today=today, initial=first
    )
    if request.method == "POST" and form.is_valid():
        wanted = form.visit()
        visits = actions.record_visit(by=request.user, key=read_once(request), **wanted)
        names = [name for name, one in zip(called, household, strict=True) if one in wanted["children"]]
        messages.success(request, _("记好了：%(names)s 的走访") % {"names": _("、").join(names)})
        elsewhere = {one.child_id for one in visits} - {one.pk for one in household}  # a merge came in between
        return redirect("desk:today") if brief or elsewhere else redirect("desk:child", child.pk)
    page = {
        "form": form,
        "child": child,
        "called": called,
        "brief": brief,
        "carer_word": carer_word,
        "now": now,
        "once": once_field(request),
        "signals": [form[name] for name in (*forms.SIGNALS, "parent_contact")],
        "worry_lines": " ".join(f"{name}=worry" for name in forms.SIGNALS),
    }
    return render(request, "care/visit.html", page, status=422 if form.is_bound else 200)


def _carer_word(child):
    relation = carer_relation(child)
    return Relation(relation).label if relation else _("照护人")


@may("care.visit")
def visits(request):
    """Visits to the children one may see, newest first."""
    found = Paginator(queries.visits_seen_by(request.user), PAGE)
    page = found.get_page(request.GET.get("page"))
    first, last = reached_by(request.user).regions, len(page.object_list)
    seen(by=request.user, what="care.visits", page="care:visits", region=first[0] if first else "", count=last)
    may_look = request.user.may("children.look")
    return render(request, "care/visits.html", {"page": page, "today": clock.today(), "may_look": may_look})


@may("care.visit")
def withdraw(request, visit_id):
    """Take back a visit that was written by mistake: its own writer only."""
    visible = Visit.objects.standing().filter(child__in=Child.objects.visible_to(request.user), visitor=request.user)
    one = get_object_or_404(visible.select_related("child"), pk=visit_id)
    form = forms.WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.withdraw_visit(by=request.user, key=read_once(request), visit=one, why=form.cleaned_data["why"])
        messages.success(request, _("这条走访已作废，记录还在"))
        return redirect("desk:child", one.child_id) if request.user.may("children.look") else redirect("desk:today")
    page = {"form": form, "visit": one, "once": once_field(request), "may_look": request.user.may("children.look")}
    return render(request, "care/withdraw.html", page, status=422 if form.is_bound else 200)


@may("care.cadence")
def cadence(request):
    """How often children of each level are visited in the places one answers for."""
    region = next(iter(reached_by(request.user).regions), "")
    settings = measures.cadences(region)
    now = {level: measures.days_for(settings, level, region) for level in Level.values}
    form = forms.CadenceForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        for level, days in form.cleaned_data.items():
            if days != now[level]:
                actions.set_cadence(by=request.user, region=region, level=level, days=days)
        messages.success(request, _("走访频次已改，从今天起按新的算"))
        return redirect(reverse("care:cadence"))
    return render(
        request, "care/cadence.html", {"form": form, "once": once_field(request)}, status=422 if form.is_bound else 200
    )
