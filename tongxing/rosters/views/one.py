"""One list: what was read of it, importing it, taking it back."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from tongxing.base import jobs
from tongxing.base.excel import REFUSALS
from tongxing.base.jobs import JobState
from tongxing.base.once import once_field, read_once
from tongxing.base.records import seen
from tongxing.rosters import actions, forms, marking, queries
from tongxing.rosters.choices import RosterState, RowState, UpdateState
from tongxing.rosters.models import Roster
from tongxing.rosters.sheets import title_of
from tongxing.rosters.views.finding import marking_page, not_noted, roster_of
from tongxing.staff.access import may

ROWS = 30
MOST_COLUMNS = 12  # that are shown each; of more only those that are called otherwise by us
CHANGES = 60  # of children who have an archive, on one page
BUSY = {
    RosterState.READING: gettext_lazy("正在读表"),
    RosterState.IMPORTING: gettext_lazy("正在导入"),
    RosterState.UNDOING: gettext_lazy("正在撤销"),
}


@may("rosters.import")
@require_safe
def roster(request, roster_id):
    """What was read of a list, and what became of it."""
    one = roster_of(request, roster_id)
    page = page_of(request, one)
    if page["job"] is None and not one.trouble:
        shown = len(page["mends"]) + len(page["known"]) + len({line.update.child_id for line in page["updates"]})
        seen(
            by=request.user, what="rosters.roster", subject_id=one.pk, page="rosters:roster",
            region=one.community_id, count=shown,
        )  # fmt: skip
    return render(request, "rosters/roster.html", page)


def page_of(request, one: Roster) -> dict:
    busy = one.state in BUSY
    counts = queries.counts_of(one)
    left_out = queries.left_out(one) if counts[RowState.SKIPPED] else 0
    page = {
        "roster": one,
        "sender": queries.sender_name(one),
        "counts": counts,
        "left_out": left_out,
        "no_persons": counts[RowState.SKIPPED] - left_out,
        "job": one.job if busy else None,
        "job_failed": busy and one.job is not None and one.job.state == JobState.FAILED,
        "title": BUSY.get(one.state, ""),
        "url": reverse("rosters:progress", args=[one.pk]),
        "done_words": "",
        "trouble": REFUSALS.get(one.trouble, ""),
        "columns": [(column, title_of(column["field"])) for column in one.columns if column["field"]],
        "unused": [column for column in one.columns if not column["field"]],
        "asks": [forms.asked_in_words(one, ask).text for ask in one.asks if _is_open(one, ask)],
        "no_school": _tells_classes_alone(one),
        "totals": queries.updates_of(one),
        "updates": [],
        "updates_page": None,
        "not_yours": 0,
        "large": counts["rows"] > marking.SMALL,
        "marking": marking_page(one) if one.marking is not None and not one.marking.is_over else None,
        "kept": one.attachment.erased_at is None,
        "mends": [],
        "rows_page": None,
        "known": [],
        "may_import": one.state in (RosterState.READY, RosterState.IMPORTED),
        "may_undo": request.user.may("rosters.undo"),
        "once": once_field(),
        "mark_once": once_field(),
    }
    same = [column for column, ours in page["columns"] if column["heading"] == ours]
    page["same_columns"] = len(same) if len(page["columns"]) > MOST_COLUMNS else 0
    if not busy and not one.trouble:
        updates = queries.open_updates(one, request.user).filter(state__in=(UpdateState.PROPOSED, UpdateState.ASKED))
        updates = updates.select_related("row", "child").order_by("row__number", "row_id", "id")
        page["updates_page"] = Paginator(updates, CHANGES).get_page(request.GET.get("changes"))
        page["updates"] = queries.update_lines(list(page["updates_page"].object_list))
        page["not_yours"] = page["totals"].facts + page["totals"].asked - page["updates_page"].paginator.count
        # Of a list that was taken back nothing is mended any more.
        waiting = one.rows.filter(state=RowState.TO_FIX) if page["may_import"] else one.rows.none()
        waiting = waiting.order_by("number", "id")
        asked = queries.page_holding(waiting, request.GET.get("row", ""), ROWS) or request.GET.get("page")
        page["rows_page"] = Paginator(waiting, ROWS).get_page(asked)
        page["mends"] = forms.mend_forms(one, list(page["rows_page"].object_list), by=request.user)
        page["known"] = list(one.rows.filter(state=RowState.KNOWN).order_by("number", "id")[:ROWS])
        page["skipped"] = list(one.rows.filter(state=RowState.SKIPPED).order_by("number", "id")[:ROWS])
    return page


def _tells_classes_alone(one: Roster) -> bool:
    """Whether the list names classes and nobody says of which school: they cannot be kept."""
    fields = {column["field"] for column in one.columns}
    return one.sender_id is None and "school" not in fields and bool(fields & {"class_name", "grade"})


def _is_open(one: Roster, ask: dict) -> bool:
    """Whether a question about a whole sheet still waits for its answer."""
    return not one.answers.get(ask["sheet"], {}).get(ask["code"])


@may("rosters.import")
@require_safe
def progress(request, roster_id):
    """How far the worker is: a part that asks again every second, and leads to the page when it is done."""
    one = roster_of(request, roster_id)
    page = reverse("rosters:roster", args=[one.pk])
    failed = one.job is not None and one.job.state == JobState.FAILED
    if one.state in BUSY and request.htmx and not failed:
        return render(request, "rosters/roster.html#progress", page_of(request, one))
    return HttpResponseClientRedirect(page) if request.htmx else redirect(page)


@may("rosters.import")
@require_POST
def again(request, roster_id):
    """Let a job that ended in trouble go on from its last whole chunk."""
    one = roster_of(request, roster_id)
    if one.state in BUSY and one.job.state == JobState.FAILED:
        jobs.again(one.job)
    return redirect("rosters:roster", one.pk)


@may("rosters.import")
@require_POST
def start(request, roster_id):
    """Import what is ready."""
    one = roster_of(request, roster_id)
    try:
        actions.start_import(by=request.user, key=read_once(request), roster=one, said=forms.decided(request.POST))
    except actions.NotNow:
        return not_noted(request, one)
    return redirect("rosters:roster", one.pk)


@may("rosters.undo")
def undo(request, roster_id):
    """What would be taken back, and whom people have done something for since."""
    one = roster_of(request, roster_id)
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
    page = {
        "roster": one,
        "undoing": undoing,
        "totals": queries.updates_of(one),
        "form": form,
        "once": once_field(request),
    }
    return render(request, "rosters/undo.html", page, status=422 if form.is_bound else 200)
