"""What pages with one form have in common: hear it, do it once, and come back with both values when it is too late."""

from django.core.exceptions import ValidationError
from django.shortcuts import render

from tongxing.base.once import answered, once_field, read_once
from tongxing.base.records import Stale
from tongxing.staff.stale import both_sides, filled_with, read_version


def heard(request):
    """What was sent, an empty form too; None for a page that is only asked for."""
    return request.POST if request.method == "POST" else None


def carry_out(request, form, act, **fixed):
    """The answer of `act` where the form asks for it rightly, or asked before; None where the page must be shown."""
    if request.method != "POST":
        return None
    if (earlier := answered(request, act)) is not None:
        return earlier
    if not form.is_valid():
        return None
    try:
        return act(by=request.user, key=read_once(request), **fixed, **form.cleaned_data)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
    except Stale as late:
        form.came_too_late = late
    return None


def deed_page(request, form, *, record=None, fields=None, template="staff/deed.html", **page):
    """A page with one form: 200 fresh, 422 with problems, 409 with both values. `fields`: names of form → record."""
    late = getattr(form, "came_too_late", None)
    stale = both_sides(late, form, fields or {}) if late else None
    version = stale["version"] if stale else read_version(request) or (record.version if record else None)
    status = 409 if stale else 422 if form.is_bound else 200
    shown = late.theirs() if late else record
    was = filled_with(shown, form, fields) if shown and fields else {}
    page |= {"form": form, "stale": stale, "version": version, "was": was, "once": once_field(request)}
    return render(request, template, page, status=status)
