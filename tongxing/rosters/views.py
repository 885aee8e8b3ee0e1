"""Pages of the rosters room: bring a list, look at it, import it, mend the rest, take it back, find it again."""

import io

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from tongxing.base import clock, jobs
from tongxing.base.excel import REFUSALS
from tongxing.base.jobs import JobState
from tongxing.base.once import once_field, read_once
from tongxing.base.records import seen
from tongxing.base.sealed import CannotOpen
from tongxing.children.models import Child
from tongxing.rosters import actions, forms, queries
from tongxing.rosters.choices import RosterState, RowState
from tongxing.rosters.models import Roster
from tongxing.rosters.sheets import title_of, write_template
from tongxing.staff.access import may

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 25
ROWS = 30
BUSY = {
    RosterState.READING: gettext_lazy("正在读表"),
    RosterState.IMPORTING: gettext_lazy("正在导入"),
    RosterState.UNDOING: gettext_lazy("正在撤销"),
}


def _roster(request, roster_id) -> Roster:
    visible = Roster.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("attachment", "community", "sender", "job"), pk=roster_id)


def _row(request, roster_id, row_id):
    roster = _roster(request, roster_id)
    return roster, get_object_or_404(roster.rows.filter(state=RowState.TO_FIX), pk=row_id)


@may("rosters.import")
@require_safe
def history(request):
    """The lists one may see, newest first."""
    page = Paginator(queries.history(request.user), PAGE).get_page(request.GET.get("page"))
    rosters = queries.with_senders(page.object_list)
    return render(request, "rosters/list.html", {"page": page, "rosters": rosters, "today": clock.today()})


@may("rosters.import")
def upload(request):
    """Bring a file; the worker reads it while the page shows how far it is."""
    today = clock.today()
    form = forms.UploadForm(
        request.POST or None,
        request.FILES or None,
        communities=queries.communities_for(request.user),
        schools=queries.schools_of(request.user),
    )
    if request.method == "POST" and form.is_valid():
        roster = actions.receive(by=request.user, key=read_once(request), on=today, **form.received())
        return redirect("rosters:roster", roster.pk)
    page = {"form": form, "once": once_field(request)}
    return render(request, "rosters/upload.html", page, status=422 if form.is_bound else 200)


@may("rosters.import")
@require_safe
def template(request):
    """An empty sheet of ours, with drop-downs."""
    target = io.BytesIO()
    write_template(target)
    return _file(target.getvalue(), _("留守儿童名册.xlsx"))


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name)
    return answer


@may("rosters.import")
@require_safe
def roster(request, roster_id):
    """What was read of a list, and what became of it."""
    one = _roster(request, roster_id)
    page = _page_of(request, one)
    if page["job"] is None and not one.trouble:
        shown = len(page["mends"]) + len(page["known"])
        seen(
            by=request.user, what="rosters.roster", subject_id=one.pk, page="rosters:roster",
            region=one.community_id, count=shown,
        )  # fmt: skip
    return render(request, "rosters/roster.html", page)


def _page_of(request, one: Roster) -> dict:
    busy = one.state in BUSY
    counts = queries.counts_of(one)
    page = {
        "roster": one,
        "sender": queries.sender_name(one),
        "counts": counts,
        "job": one.job if busy else None,
        "job_failed": busy and one.job is not None and one.job.state == JobState.FAILED,
        "title": BUSY.get(one.state, ""),
        "url": reverse("rosters:progress", args=[one.pk]),
        "done_words": "",
        "trouble": REFUSALS.get(one.trouble, ""),
        "columns": [(column, title_of(column["field"])) for column in one.columns if column["field"]],
        "unused": [column for column in one.columns if not column["field"]],
        "mends": [],
        "rows_page": None,
        "known": [],
        "may_import": one.state in (RosterState.READY, RosterState.IMPORTED),
        "may_undo": request.user.may("rosters.undo"),
        "once": once_field(),
    }
    if not busy and not one.trouble:
        waiting = one.rows.filter(state=RowState.TO_FIX).order_by("number", "id")
        asked = queries.page_holding(waiting, request.GET.get("row", ""), ROWS) or request.GET.get("page")
        page["rows_page"] = Paginator(waiting, ROWS).get_page(asked)
        page["mends"] = forms.mend_forms(one, list(page["rows_page"].object_list))
        page["known"] = list(one.rows.filter(state=RowState.KNOWN).order_by("number", "id")[:ROWS])
        page["skipped"] = list(one.rows.filter(state=RowState.SKIPPED).order_by("number", "id")[:ROWS])
    return page


@may("rosters.import")
@require_safe
def progress(request, roster_id):
    """How far the worker is: a part that asks again every second, and leads to the page when it is done."""
    one = _roster(request, roster_id)
    page = reverse("rosters:roster", args=[one.pk])
    failed = one.job is not None and one.job.state == JobState.FAILED
    if one.state in BUSY and request.htmx and not failed:
        return render(request, "rosters/roster.html#progress", _page_of(request, one))
    return HttpResponseClientRedirect(page) if request.htmx else redirect(page)


@may("rosters.import")
@require_POST
def again(request, roster_id):
    """Let a job that ended in trouble go on from its last whole chunk."""
    one = _roster(request, roster_id)
    if one.state in BUSY and one.job.state == JobState.FAILED:
        jobs.again(one.job)
    return redirect("rosters:roster", one.pk)


@may("rosters.import")
@require_POST
def start(request, roster_id):
    """Import what is ready."""
    one = _roster(request, roster_id)
    actions.start_import(by=request.user, key=read_once(request), roster=one)
    return redirect("rosters:roster", one.pk)


@may("rosters.import")
def mend(request, roster_id, row_id):
    """Put one row right, in its place in the list or on a page of its own."""
    one, row = _row(request, roster_id, row_id)
    form = forms.mend_forms(one, [row], request.POST if request.method == "POST" else None)[0]
    if request.method == "POST" and not form.waiting:
        try:
            actions.mend_row(by=request.user, key=read_once(request), row=row, **form.mended_row())
        except actions.NotNow:
            return _not_now(request, one)
        row.refresh_from_db()
        if not request.htmx:
            messages.success(request, _("第 %(row)s 行改好了") % {"row": row.number})
            return redirect("rosters:roster", one.pk)
        page = {"roster": one, "row": row, "counts": queries.counts_of(one), "may_import": True, "once": once_field()}
        return render(request, "rosters/mended.html", page)
    page = {"roster": one, "mend": form, "row": row}
    name = "rosters/roster.html#row" if request.htmx else "rosters/mend.html"
    return render(request, name, page, status=422 if request.method == "POST" else 200)


def _not_now(request, one: Roster):
    """Somebody else was quicker, or the worker is at the list: the list as it is now says so."""
    messages.warning(request, _("这一行刚被处理过，或正在导入，请看看现在的样子"))
    page = reverse("rosters:roster", args=[one.pk])
    return HttpResponseClientRedirect(page) if request.htmx else redirect(page)


@may("rosters.import")
@require_POST
def skip(request, roster_id, row_id):
    """This row is nobody new."""
    one, row = _row(request, roster_id, row_id)
    try:
        actions.skip_row(by=request.user, key=read_once(request), row=row)
    except actions.NotNow:
        return _not_now(request, one)
    messages.success(request, _("第 %(row)s 行不算了") % {"row": row.number})
    return redirect("rosters:roster", one.pk)


@may("rosters.undo")
def undo(request, roster_id):
    """What would be taken back, and whom people have done something for since."""
    one = _roster(request, roster_id)
    counts = queries.counts_of(one)
    if not (one.state == RosterState.IMPORTED or (one.state == RosterState.UNDONE and counts[RowState.KEPT])):
        return redirect("rosters:roster", one.pk)
    form = forms.UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.start_undo(by=request.user, key=read_once(request), roster=one, **form.cleaned_data)
        return redirect("rosters:roster", one.pk)
    undoing = queries.undoing_of(one)
    seen(
        by=request.user, what="rosters.roster", subject_id=one.pk, page="rosters:undo",
        region=one.community_id, count=len(undoing.later),
    )  # fmt: skip
    page = {"roster": one, "undoing": undoing, "form": form, "once": once_field(request)}
    return render(request, "rosters/undo.html", page, status=422 if form.is_bound else 200)


@may("rosters.import")
@require_safe
def file(request, roster_id):
    """The sender's own file, as long as it is kept."""
    one = _roster(request, roster_id)
    try:
        content = one.attachment.read()
    except CannotOpen:
        raise Http404 from None
    counts = queries.counts_of(one)
    seen(
        by=request.user, what="rosters.file", subject_id=one.pk, page="rosters:file",
        region=one.community_id, count=counts["rows"],
    )  # fmt: skip
    answer = _file(content, one.attachment.name)
    answer.headers["Content-Type"] = "application/octet-stream"
    return answer


@may("rosters.import")
def listed(request, listed_id):
    """One person a list names: to the row that says so, or to the archive that is theirs."""
    person = get_object_or_404(queries.listed_seen_by(request.user), pk=listed_id)
    row = queries.row_of(person, request.user)
    candidates = queries.candidates_for(person, request.user)
    if request.method == "POST":
        child = get_object_or_404(candidates, pk=request.POST.get("child") or None)
        actions.match_listed(by=request.user, key=read_once(request), listed=person, child=child, on=clock.today())
        messages.success(request, _("对上了：%(name)s") % {"name": child.name})
        return redirect("rosters:list")
    found: list[Child] = list(candidates[:ROWS])
    if row is not None and not found:
        return redirect(f"{reverse('rosters:roster', args=[row.roster_id])}?row={row.pk}#row-{row.number}")
    seen(
        by=request.user, what="rosters.listed", subject_id=person.pk, page="rosters:listed",
        region=person.community_id, count=1 + len(found),
    )  # fmt: skip
    page = {"person": person, "row": row, "candidates": found, "today": clock.today(), "once": once_field()}
    return render(request, "rosters/listed.html", page)
