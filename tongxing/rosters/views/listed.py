"""A person that lists name and that has no archive yet."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.once import answered, once_field, read_once
from tongxing.base.problems import ASK, Problem
from tongxing.base.records import seen
from tongxing.children import queries as children
from tongxing.children.actions import AlreadyArchived
from tongxing.children.forms import ALL, OpenForm
from tongxing.children.models import Child
from tongxing.rosters import actions, queries
from tongxing.rosters.models import Listed
from tongxing.staff.access import covers, may, places_for

MOST = 30  # children who may be the same, on one page


@may("rosters.import")
def listed(request, listed_id):
    """One person a list names: to the row that says so, or to the archive that is theirs."""
    person = get_object_or_404(queries.listed_seen_by(request.user), pk=listed_id)
    if matched := answered(request, actions.match_listed):
        return _matched(request, matched.child)
    if person.has_archive:
        return _there_already(request, person)
    row = queries.row_of(person, request.user)
    candidates = queries.candidates_for(person, request.user)
    if request.method == "POST":
        child = get_object_or_404(candidates, pk=request.POST.get("child") or None)
        actions.match_listed(by=request.user, key=read_once(request), listed=person, child=child, on=clock.today())
        return _matched(request, child)
    found: list[Child] = list(candidates[:MOST])
    if not found and request.user.may("children.open"):
        return redirect("rosters:open", person.pk)
    seen(
        by=request.user, what="rosters.listed", subject_id=person.pk, page="rosters:listed",
        region=person.community_id, count=1 + len(found),
    )  # fmt: skip
    page = {
        "person": person,
        "row": row,
        "candidates": found,
        "may_open": request.user.may("children.open"),
        "once": once_field(),
    }
    return render(request, "rosters/listed.html", page)


def _matched(request, child: Child | None):
    if child:  # it may have been parted again since
        messages.success(request, _("对上了：%(name)s") % {"name": child.name})
    return redirect("rosters:list")


def _there_already(request, person: Listed, *, typed: bool = False):
    """Somebody was quicker: on to the archive that is there, and what was typed for another one is said to be lost."""
    child = Child.objects.visible_to(request.user).filter(pk=person.child_id).first()
    said = {"name": child.name if child else person.name or _("这个人")}
    if typed:
        messages.warning(request, _("%(name)s 刚有了档案，你填的没有保存，要补的请写进这份档案") % said)
    else:
        messages.info(request, _("%(name)s 已经有档案了") % said)
    return redirect("children:archive", child.pk) if child else redirect("rosters:list")


@may("children.open")
def open_listed(request, listed_id):
    """The archive of somebody a list names, filled in from the row; saving it matches the two."""
    if earlier := answered(request, actions.open_listed):
        return redirect("children:archive", earlier.pk)
    person, on = get_object_or_404(queries.listed_seen_by(request.user), pk=listed_id), clock.today()
    if not covers(places_for(request.user, "children.open"), person.community_id):
        raise PermissionDenied
    if person.has_archive:
        return _there_already(request, person, typed=request.method == "POST")
    row = queries.row_of(person, request.user)
    said = queries.said_of(person, row)
    form = OpenForm(request.POST or None, communities=[person.community], today=on, initial=said)
    twins = children.twins_of(request.user, {**form.facts, "birth_on": form.born()}) if form.is_bound else []
    if twins:
        form.doubt(Problem("name", "twin", _("可能已经有这个孩子的档案，请先看一眼"), ASK))
    further = {name: value for name, value in said.items() if name in ALL and name not in form.fields}
    if form.is_bound and form.is_valid() and not _told_enough(request, form):
        try:
            child = actions.open_listed(
                by=request.user, key=read_once(request), listed=person, facts=further | form.facts, on=on, row=row
            )
        except AlreadyArchived as known:
            words, unseen = children.known_number(request.user, known.child)
            form.add_error("citizen_number", words)
            if unseen:
                seen(
                    by=request.user, what=children.NUMBER_KNOWN, subject_id=known.child.pk, page="rosters:open",
                    region=known.child.community_id,
                )  # fmt: skip
        else:
            messages.success(request, _("建好了：%(name)s 的档案") % {"name": child.name})
            return redirect("children:archive", child.pk)
    if not form.is_bound:
        seen(
            by=request.user,
            what="rosters.listed",
            subject_id=person.pk,
            page="rosters:open",
            region=person.community_id,
        )
    page = {
        "person": person,
        "row": row,
        "form": form,
        "twins": twins,
        "number": None,
        "further": [(ALL[name].label, queries.in_words(name, str(value))) for name, value in further.items()],
        "once": once_field(request),
    }
    return render(request, "rosters/open.html", page, status=422 if form.is_bound else 200)


def _told_enough(request, form) -> bool:
    if not form.facts.get("citizen_number") or not children.told_enough(request.user):
        return False
    form.add_error("citizen_number", _("今天查到别处有档案的号码太多了。请明天再写，或请督导员来建档"))
    return True
