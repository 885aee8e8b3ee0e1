"""The sender's own file, as it came and marked."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from tongxing.base.excel import UnreadableFile
from tongxing.base.once import read_once
from tongxing.base.records import seen
from tongxing.base.sealed import CannotOpen
from tongxing.rosters import actions, marking, queries
from tongxing.rosters.views.finding import as_file, marking_page, roster_of
from tongxing.staff.access import may


@may("rosters.import")
@require_safe
def file(request, roster_id):
    """The sender's own file, as long as it is kept."""
    one = roster_of(request, roster_id)
    try:
        content = one.attachment.read()
    except CannotOpen:
        raise Http404 from None
    counts = queries.counts_of(one)
    seen(
        by=request.user, what="rosters.file", subject_id=one.pk, page="rosters:file",
        region=one.community_id, count=counts["rows"],
    )  # fmt: skip
    answer = as_file(content, one.attachment.name)
    answer.headers["Content-Type"] = "application/octet-stream"
    return answer


@may("rosters.import")
@require_safe
def marked(request, roster_id):
    """The sender's own file with what is wrong in it marked; of a large list the one the worker has made."""
    one = roster_of(request, roster_id)
    small = queries.counts_of(one)["rows"] <= marking.SMALL
    if one.state not in actions.MENDABLE or not (small or one.marked):
        return redirect("rosters:roster", one.pk)
    try:
        content = marking.marked_file(one) if small else one.marked.read()
    except (CannotOpen, UnreadableFile):
        raise Http404 from None
    seen(
        by=request.user, what="rosters.marked", subject_id=one.pk, page="rosters:marked",
        region=one.community_id, count=queries.counts_of(one)["rows"],
    )  # fmt: skip
    return as_file(content, marking.marked_name(one))


@may("rosters.import")
def mark(request, roster_id):
    """Let the worker mark a large list (POST), and how far it is (GET)."""
    one = roster_of(request, roster_id)
    page = reverse("rosters:roster", args=[one.pk])
    if request.method == "POST":
        actions.start_marking(by=request.user, key=read_once(request), roster=one)
        return redirect(page)
    if one.marking is not None and not one.marking.is_over and request.htmx:
        return render(request, "parts/progress.html", marking_page(one))
    return HttpResponseClientRedirect(page) if request.htmx else redirect(page)
