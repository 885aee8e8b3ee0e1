"""What is said of a list by hand: its columns, its rows, its changes to archives."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongxing.base.once import answered, once_field, read_once
from tongxing.base.records import seen
from tongxing.rosters import actions, forms, marking, queries
from tongxing.rosters.choices import RosterState, RowState
from tongxing.rosters.views.finding import not_noted, not_now, roster_of, row_of
from tongxing.staff.access import may


@may("rosters.import")
@require_POST
def decide(request, roster_id):
    """Which changes to children who have an archive are to be written; the list as it is then."""
    one = roster_of(request, roster_id)
    try:
        actions.decide(by=request.user, key=read_once(request), roster=one, said=forms.decided(request.POST))
    except actions.NotNow:
        return not_noted(request, one)
    messages.success(request, _("记下了，导入时照这样更新"))
    page = request.POST.get("page", "")
    address = reverse("rosters:roster", args=[one.pk])
    return redirect(f"{address}?changes={page}#updates" if page.isdigit() else f"{address}#updates")


@may("rosters.import")
def columns(request, roster_id):
    """What each column means: changed by hand, read again by the worker, remembered for this sender."""
    one = roster_of(request, roster_id)
    if one.state != RosterState.READY or not one.columns:
        return redirect("rosters:roster", one.pk)
    form = forms.ColumnsForm(one, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose_columns(
                by=request.user, key=read_once(request), roster=one, chosen=form.chosen(), answers=form.answers()
            )
        except actions.NotNow:
            return not_now(request, one)
        return redirect("rosters:roster", one.pk)
    mended = one.rows.filter(state=RowState.READY, pk__in=queries.mended_rows(one)).count()
    page = {"roster": one, "form": form, "mended": mended, "once": once_field(request)}
    return render(request, "rosters/columns.html", page, status=422 if form.is_bound else 200)


@may("rosters.import")
def mend(request, roster_id, row_id):
    """Put one row right, in its place in the list or on a page of its own."""
    one, row = row_of(request, roster_id, row_id)
    if answered(request, actions.mend_row) and row.state != RowState.TO_FIX:
        return _mended(request, one, row)
    if row.state != RowState.TO_FIX:
        return not_now(request, one)
    saved = False
    form = forms.mend_forms(one, [row], request.POST if request.method == "POST" else None, by=request.user)[0]
    if request.method == "POST" and not form.waiting:
        try:
            actions.mend_row(by=request.user, key=read_once(request), row=row, **form.mended_row())
        except actions.NotNow:
            return not_now(request, one)
        row.refresh_from_db()
        if row.state != RowState.TO_FIX:
            return _mended(request, one, row)
        # As it reads now it may be a child who has an archive: that is asked before it is imported.
        saved = True
        form = forms.mend_forms(one, [row], by=request.user)[0]
    seen(
        by=request.user, what="rosters.roster", subject_id=one.pk, page="rosters:mend",
        region=one.community_id, count=1,
    )  # fmt: skip
    page = {"roster": one, "mend": form, "row": row}
    name = "rosters/roster.html#row" if request.htmx else "rosters/mend.html"
    return render(request, name, page, status=422 if request.method == "POST" and not saved else 200)


def _mended(request, one, row):
    """The quiet line in place of the row, or the list with a word."""
    if not request.htmx:
        messages.success(request, _("第 %(row)s 行改好了") % {"row": row.number})
        return redirect("rosters:roster", one.pk)
    counts = queries.counts_of(one)
    page = {
        "roster": one,
        "row": row,
        "counts": counts,
        "totals": queries.updates_of(one),
        "may_import": True,
        "kept": one.attachment.erased_at is None,
        "large": counts["rows"] > marking.SMALL,
        "columns": [column for column in one.columns if column["field"]],
    }
    return render(request, "rosters/mended.html", page)


@may("rosters.import")
@require_POST
def skip(request, roster_id, row_id):
    """This row is nobody new."""
    one, row = row_of(request, roster_id, row_id)
    try:
        actions.skip_row(by=request.user, key=read_once(request), row=row)
    except actions.NotNow:
        return not_now(request, one)
    messages.success(request, _("第 %(row)s 行不算了") % {"row": row.number})
    return redirect("rosters:roster", one.pk)
