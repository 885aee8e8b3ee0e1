"""Bring a list, and find it again."""

import io

from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongxing.base import clock
from tongxing.base.once import once_field, read_once
from tongxing.rosters import actions, forms, queries
from tongxing.rosters.sheets import write_template
from tongxing.rosters.views.finding import as_file
from tongxing.staff.access import may

PAGE = 25


@may("rosters.import")
@require_safe
def history(request):
    """The lists one may see, newest first."""
    page = Paginator(queries.history(request.user), PAGE).get_page(request.GET.get("page"))
    rosters = queries.with_senders(page.object_list)
    may_undo = request.user.may("rosters.undo")
    page = {"page": page, "rosters": rosters, "today": clock.today(), "may_undo": may_undo}
    return render(request, "rosters/list.html", page)


@may("rosters.import")
def upload(request):
    """Bring a file; the worker reads it while the page shows how far it is."""
    today = clock.today()
    form = forms.UploadForm(
        request.POST or None,
        request.FILES or None,
        initial=queries.brought_last(request.user),
        communities=queries.communities_for(request.user),
        schools=queries.schools_of(request.user),
        near=queries.schools_near(request.user),
    )
    if request.method == "POST" and form.is_valid():
        roster = actions.receive(by=request.user, key=read_once(request), on=today, **form.received())
        return redirect("rosters:roster", roster.pk)
    page = {"form": form, "once": once_field(request), "samples": queries.samples()}
    return render(request, "rosters/upload.html", page, status=422 if form.is_bound else 200)


@may("rosters.import")
@require_safe
def template(request):
    """An empty sheet of ours, with drop-downs."""
    target = io.BytesIO()
    write_template(target)
    return as_file(target.getvalue(), _("留守儿童名册.xlsx"))


@may("rosters.import")
@require_safe
def sample(request, sample):
    """One of the invented community's lists, to try an import with."""
    for one, _words in queries.samples():
        if one.name == sample:
            return FileResponse(one.open("rb"), as_attachment=True)
    raise Http404
