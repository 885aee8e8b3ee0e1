"""The trace for those who audit: who, when, what; never what a value was."""

from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongxing.base import clock, jobs
from tongxing.base.records import Event, Look, seen
from tongxing.staff import forms, queries, rules
from tongxing.staff.access import may, places_for
from tongxing.staff.models import Staff
from tongxing.staff.trace_words import worded

KINDS = {"events": Event, "looks": Look}


@may("audit.read")
def audit(request):
    """Events or looks of one's places, newest first, by person and day; and whether the trace is whole."""
    kind = request.GET.get("kind") if request.GET.get("kind") in KINDS else "events"
    form = forms.TraceForm(request.GET or None)
    places, asked = places_for(request.user, "audit.read"), form.is_valid()
    who = form.cleaned_data["who"] if asked else ""
    person = _whom(places, who) if who else None
    rows = []
    if (asked or not form.is_bound) and bool(who) == bool(person):
        rows = queries.trace(places, model=KINDS[kind], by=person, before=_before(request), **form.moments())
    shown = rows[: queries.TRACE_PAGE]
    place = next(iter(places), "")
    seen(by=request.user, what=f"staff.trace_{kind}", page="staff:audit", region=place, count=len(shown))
    kept = request.GET.copy()
    kept["before"] = shown[-1].pk.hex if len(rows) > len(shown) else ""
    page = {
        "form": form, "kind": kind, "rows": worded(shown, kind), "who": who, "today": clock.today(),
        "next_url": f"?{kept.urlencode()}" if kept["before"] else "", "verdict": queries.last_verdict(),
        "verifying": queries.verifying(), "others": _others(request),
    }  # fmt: skip
    return render(request, "staff/audit.html", page, status=422 if form.is_bound and not asked else 200)


def _whom(places, who: str) -> Staff | None:
    """The person of this sign-in name or full name, of one's places."""
    found = queries.people_in(places)
    return found.filter(login=rules.fold_login(who)).first() or found.filter(name=who).order_by("id").first()


def _before(request) -> UUID | None:
    try:
        return UUID(request.GET.get("before", ""))
    except ValueError:
        return None


def _others(request) -> dict[str, str]:
    """The same filters for either kind of row."""
    answer = {}
    for kind in KINDS:
        kept = request.GET.copy()
        kept.pop("before", None)
        kept["kind"] = kind
        answer[kind] = f"?{kept.urlencode()}"
    return answer


@require_POST
@may("audit.read")
def verify(request):
    """Check the whole trace in the background; the result becomes part of it."""
    if queries.verifying() is None:
        jobs.start(kind=queries.VERIFYING, by=request.user)
    messages.success(request, _("开始核对了，结果会写在这一页"))
    return redirect("staff:audit")
