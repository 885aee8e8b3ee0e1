"""Coverage: every percentage opens to names, every gap has an owner."""

import io

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.excel import Column, SheetOut, write_sheets
from tongxing.base.measures import OPEN, State
from tongxing.base.once import once_field, read_once
from tongxing.base.paper import NoFont, pdf
from tongxing.base.records import seen
from tongxing.children.models import Child
from tongxing.children.queries import scope_of
from tongxing.plans import actions, forms, queries
from tongxing.plans.measures import BY_CODE
from tongxing.staff.access import may, region_asked
from tongxing.staff.models import Region, Staff

WHO = {"open": OPEN, "met": (State.MET,), "na": (State.NA,)}  # whose names a list shows
MOST = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _place(request):
    """The region asked for within one's reach, and its name; Http404 for another's, and for none that there is."""
    scope = scope_of(request.user, region_asked(request))
    region = Region.objects.filter(path=scope.region).first() if scope.region else None
    posts = request.user.posts_now()
    return scope, region.name if region else str(posts[0].organisation) if posts else ""


def _arranging(request):
    if not request.user.may("plans.arrange"):
        return None
    return lambda duty: reverse("plans:arrange", args=[duty.measure.code, duty.subject_id])


def _day(request):
    """The form with the day asked for, and the day: today unless a past one was given that can be read."""
    today = clock.today()
    form = forms.DayForm(request.GET if request.GET.get("on") else None, today=today)
    return form, (form.is_valid() and form.cleaned_data["on"]) or today


@may("plans.coverage")
def coverage(request):
    """n of N for every measure that counts today, with the names of those it is not met for."""
    scope, place = _place(request)
    form, on = _day(request)
    standings = queries.coverage(scope, on, arranging=_arranging(request))
    shown = sum(len(one.gaps) for one in standings)
    seen(by=request.user, what="plans.coverage", page="plans:coverage", region=scope.region, count=shown)
    page = {
        "standings": standings,
        "place": place,
        "on": on,
        "is_today": on == clock.today(),
        "now": clock.now(),
        "form": form,
        "region": request.GET.get("region", ""),
        "may_export": request.user.may("plans.export"),
    }
    return render(request, "plans/coverage.html", page, status=422 if form.is_bound and not form.is_valid() else 200)


@may("plans.coverage")
def gaps(request, code):
    """Everybody a measure is not met for or of whom we do not know; or those it is met for, or does not apply to."""
    measure = BY_CODE.get(code)
    if measure is None:
        raise Http404
    scope, place = _place(request)
    _form, on = _day(request)
    who = request.GET.get("who") if request.GET.get("who") in WHO else "open"
    figure = measure.figure(scope, on)
    names = queries.gaps_of(measure, scope, on, limit=MOST, states=WHO[who], arranging=_arranging(request))
    counts = {"open": figure.open, "met": figure.n, "na": figure.na}
    words = {"open": _("还差和还不知道"), "met": _("做到的"), "na": _("不适用")}
    seen(by=request.user, what="plans.gaps", page=f"plans:gaps/{code}", region=scope.region, count=len(names))
    page = {
        "measure": measure,
        "figure": figure,
        "gaps": names,
        "more": counts[who] - len(names),
        "place": place,
        "on": on,
        "named": words[who],
        "whose": [
            {"words": words[one], "count": counts[one], "current": one == who, "query": _asked_again(request, one)}
            for one in WHO
            if one == who or counts[one] or one == "open"
        ],
    }
    return render(request, "plans/gaps.html", page)


def _asked_again(request, who: str) -> str:
    """The same page for others: those met, those it does not apply to."""
    kept = request.GET.copy()
    kept["who"] = who
    return kept.urlencode()


@may("plans.export")
def export(request):
    """The figures as a sheet, the names behind them as a second one. Taking it is a Look."""
    scope, _place_name = _place(request)
    _form, on = _day(request)
    report = queries.report(scope, on)
    seen(by=request.user, what="plans.export", page="plans:export", region=scope.region, count=len(report.names))
    sheet = io.BytesIO()
    kinds = ["number" if isinstance(value, int) else "text" for value in report.figures[0]]
    heads = [Column(head, kind) for head, kind in zip(report.figure_heads, kinds, strict=True)]
    figures = SheetOut(_("覆盖率"), heads, report.figures)
    names = SheetOut(_("名单"), [Column(head) for head in report.name_heads], report.names)
    write_sheets(sheet, [figures, names])
    answer = HttpResponse(sheet.getvalue(), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="coverage-{on.isoformat()}.xlsx"'
    return answer


@may("plans.export")
def paper(request):
    """The same as a PDF to print and sign."""
    scope, place = _place(request)
    _form, on = _day(request)
    report = queries.report(scope, on)
    try:
        document = pdf("coverage", queries.as_paper(report, place, clock.today()))
    except NoFont as lacking:
        messages.error(request, lacking.sentence)
        return redirect("plans:coverage")
    seen(by=request.user, what="plans.paper", page="plans:paper", region=scope.region, count=len(report.names))
    answer = HttpResponse(document, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="coverage-{on.isoformat()}.pdf"'
    return answer


@may("plans.arrange")
def arrange(request, code, subject_id):
    """Put one duty off, or ask somebody else, with a reason."""
    measure = BY_CODE.get(code)
    today = clock.today()
    duties = measure.rows(scope_of(request.user), today, subjects=[subject_id]) if measure else []
    if not duties:
        raise Http404
    duty = duties[0]
    listed = not Child.objects.filter(pk=duty.subject_id).exists()
    posts = queries.colleagues(duty.region, today, listed=listed).exclude(staff=request.user)
    form = forms.ArrangeForm(request.POST or None, colleagues=queries.called(posts), today=today)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        owner = Staff.objects.get(pk=facts["owner"]) if facts["owner"] else None
        actions.arrange(
            by=request.user,
            key=read_once(request),
            duty=duty,
            on=today,
            reason=facts["reason"],
            owner=owner,
            postponed_to=facts["postponed_to"],
        )
        messages.success(request, _("记下了；做到以前它还是一个差距"))
        return redirect("plans:coverage")
    page = {"form": form, "duty": duty, "measure": measure, "once": once_field(request)}
    return render(request, "plans/arrange.html", page, status=422 if form.is_bound else 200)
