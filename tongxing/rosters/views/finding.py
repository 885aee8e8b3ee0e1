"""What several pages of lists share: finding a list or a row for who may see it, and handing out a file."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from tongxing.rosters.models import Roster

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def roster_of(request, roster_id) -> Roster:
    visible = Roster.objects.visible_to(request.user)
    whole = visible.select_related("attachment", "community", "sender", "job", "marked", "marking")
    return get_object_or_404(whole, pk=roster_id)


def row_of(request, roster_id, row_id):
    """A row of a list one may see, in whatever state: somebody may have seen to it already."""
    roster = roster_of(request, roster_id)
    return roster, get_object_or_404(roster.rows, pk=row_id)


def not_now(request, one: Roster, words: str = ""):
    """Somebody else was quicker, or the worker is at the list: the list as it is now says so."""
    messages.warning(request, words or _("这一行刚被处理过，或正在导入，请看看现在的样子"))
    page = reverse("rosters:roster", args=[one.pk])
    return HttpResponseClientRedirect(page) if request.htmx else redirect(page)


def not_noted(request, one: Roster):
    """What was chosen of changes to archives came too late."""
    return not_now(request, one, _("这份名册正在处理，或刚有人导入过，你选的没有记下，请看看现在的样子"))


def as_file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name)
    return answer


def marking_page(one: Roster) -> dict:
    return {
        "job": one.marking,
        "title": _("正在标红"),
        "url": reverse("rosters:mark", args=[one.pk]),
        "done_words": _("标好了"),
    }
