"""An empty installation begins: the first administrator, the first places and offices."""

from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from tongxing.base import clock
from tongxing.base.once import read_once
from tongxing.base.records import SYSTEM
from tongxing.staff import actions, forms, queries, regions
from tongxing.staff.access import may, open_to_all, places_for
from tongxing.staff.choices import KnockKind
from tongxing.staff.models import Region
from tongxing.staff.views.deeds import carry_out, deed_page, heard


@never_cache
@sensitive_post_parameters("password", "again", "code")
@open_to_all
def begin(request):
    """The first administrator, with the code from the program's own window; gone once there is anybody."""
    if not actions.is_empty():
        return redirect("staff:sign_in")
    form = forms.BeginForm(heard(request), initial={"code": request.GET.get("code", "")[:40]})
    status = 422
    if request.method == "POST" and form.is_valid():
        staff, status = _begin(request, form)
        if staff:
            login(request, staff, backend="tongxing.staff.access.StaffBackend")
            messages.success(request, _("好了，%(name)s。接着添社区和人。") % {"name": staff.name})
            return redirect("desk:start")
    return render(request, "staff/begin.html", {"form": form}, status=status if form.is_bound else 200)


def _begin(request, form):
    """The new administrator, or None with the status of the page; the wrong code costs a try."""
    at_door, minutes = actions.knock(KnockKind.BEGIN, request)
    if minutes:
        words = ngettext("试错太多次，请 %(n)d 分钟后再试", "试错太多次，请 %(n)d 分钟后再试", minutes)
        form.add_error(None, words % {"n": minutes})
        return None, 429
    facts = dict(form.cleaned_data)
    facts.pop("again")
    if not actions.is_begin_code(facts.pop("code")):
        form.add_error("code", _("启动码不对，请照启动窗口里的再写一遍"))
        return None, 422
    at_door.delete()
    try:
        staff = actions.begin(by=SYSTEM, key=actions.ONCE, **facts)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return None, 422
    except PermissionDenied:
        staff = None
    if staff is None or not staff.check_password(facts["password"]):
        form.add_error(None, _("刚刚已经有人设好了，请登录"))  # of two at the same moment, the second
        return None, 409
    return staff, 302


def _county(request) -> Region:
    """Where this person adds places: the nearest above a township."""
    for path in places_for(request.user, "staff.places"):
        if region := Region.objects.standing().filter(path=path).first():
            return region
    raise Http404


@may("staff.places")
def first_places(request):
    """A community and the township above it, by hand."""
    county = _county(request)
    form = forms.FirstPlacesForm(heard(request), county=county, initial=queries.township_beginning(county))
    if region := carry_out(request, form, actions.open_first_places):
        messages.success(request, _("添好了：%(name)s") % {"name": region.name})
        return redirect("desk:start")
    words = {"title": _("社区在哪里"), "verb": _("添上"), "lede": county.name, "listing": forms.PlaceListForm()}
    return deed_page(request, form, template="staff/first_places.html", back="desk:start", **words)


@may("staff.places")
def place_list(request):
    """Many places at once, from a sheet or from lines."""
    county, form = _county(request), forms.PlaceListForm(heard(request), request.FILES or None)
    if form.is_bound and form.is_valid():
        try:
            counts = regions.take(
                by=request.user, lines=form.cleaned_data["lines"], file=form.cleaned_data["file"],
                under=county.path, year=clock.today().year,
            )  # fmt: skip
        except regions.CannotLoad as no:
            form.add_error(None, no.words or str(no))
        else:
            messages.success(request, _list_said(counts))
            return redirect("desk:start")
    words = {"title": _("导入地区名单"), "verb": _("读进来"), "lede": county.name, "back": "desk:start", "files": True}
    return deed_page(request, form, **words)


def _list_said(counts: dict) -> str:
    words = _("添了 %(new)d 个，改名 %(renamed)d 个，没变 %(unchanged)d 个，没看懂或不在本县 %(refused)d 行")
    return words % counts


@may("staff.places")
def first_offices(request):
    """The office of a community, its school and its township's office, one form."""
    county = _county(request)
    communities = queries.communities_in(county.path)
    if not communities:
        messages.warning(request, _("先添社区"))
        return redirect("staff:first_places")
    form = forms.FirstOfficesForm(heard(request), communities=communities, initial=queries.office_names(communities))
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        community = next(one for one in communities if one.path == facts.pop("community"))
        try:
            actions.open_first_offices(by=request.user, key=read_once(request), community=community, **facts)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(request, _("单位添好了"))
            return redirect("desk:start")
    words = {"title": _("哪些单位"), "verb": _("添上"), "lede": _("不用的空着，以后随时能添。"), "back": "desk:start"}
    return deed_page(request, form, **words)
