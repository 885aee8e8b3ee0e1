"""The list of children: searched, narrowed, a page at a time."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.records import seen
from tongxing.children import forms, queries
from tongxing.children.choices import Care
from tongxing.children.models import Child
from tongxing.staff.access import may, reached_by

PAGE = 50
COUNTED = 10_000  # above this a list says "many" instead of counting
KNOWN_BY_HAMLET = (
    1_000  # above this, one looks at more than a community or two, and hamlets of one name are many places
)


@may("children.list")
def children(request):
    """The children one may see. Every filter stands in the address; a search looks among those who left as well."""
    on = clock.today()
    visible = Child.objects.visible_to(request.user)
    whole = queries.counted(visible.filter(in_care=True), COUNTED)
    form = forms.ListForm(request.GET, hamlets=queries.hamlets_of(visible) if whole <= KNOWN_BY_HAMLET else [])
    asked = form.asked()
    found = _narrowed(request, visible, asked, on)
    rows, before, after = queries.page_of(
        found, after=request.GET.get("after", ""), before=request.GET.get("before", ""), size=PAGE
    )
    region = next(iter(reached_by(request.user).regions), "")
    ringing = "q" in asked and request.user.may("children.look")  # who was sought can be rung at once
    what = "children.phones" if ringing else "children.list"
    seen(by=request.user, what=what, page="children:list", region=region, count=len(rows))
    chips = [{"words": form.words_of(name), "url": _address(request, without=name)} for name in asked]
    page = {
        "form": form,
        "asked": asked,
        "chips": chips,
        "searched": _("、").join(chip["words"] for chip in chips),
        "lines": queries.lines_of(rows, on, with_phones=ringing),
        "finding": "find" in request.GET,
        "recent": queries.recent_of(request.user) if not asked and not (before or request.GET.get("after")) else [],
        "count": queries.counted(found, COUNTED),
        "whole": whole,
        "counted": COUNTED,
        "most": queries.MOST_HITS if "q" in asked else 0,
        "today": on,
        "previous_url": _address(request, before=before) if before else "",
        "next_url": _address(request, after=after) if after else "",
        "may_open": request.user.may("children.open"),
        "may_look": request.user.may("children.look"),
        "may_correct": request.user.may("children.correct"),
        "may_pair": request.user.may("children.pair"),
    }
    return render(request, "children/list.html#found" if request.htmx.target == "found" else "children/list.html", page)


def _narrowed(request, visible, asked: dict, on):
    """The children the filters leave over."""
    care = asked.get("care") or (Care.ALL if "q" in asked else Care.NOW)
    found = visible if care == Care.ALL else visible.filter(in_care=care == Care.NOW)
    if "q" in asked:
        found = found.filter(pk__in=[child.pk for child in queries.search(request.user, asked["q"])])
    if "hamlet" in asked:
        found = found.filter(hamlet=asked["hamlet"])
    if "gap" in asked:
        found = queries.lacking(found, asked["gap"], on)
    return found


def _address(request, *, without="", **added) -> str:
    """This list's address without a filter, or on another page."""
    query = request.GET.copy()
    for name in ("after", "before", without):
        query.pop(name, None)
    for name, value in added.items():
        query[name] = value
    return f"{reverse('children:list')}?{query.urlencode()}" if query else reverse("children:list")
