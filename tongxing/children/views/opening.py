"""A new archive by hand."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tongxing.base import clock, numbers
from tongxing.base.once import answered, once_field, read_once
from tongxing.base.problems import ASK, Problem
from tongxing.base.records import seen
from tongxing.children import actions, forms, queries
from tongxing.children.models import Child
from tongxing.staff.access import may, places_for, reached_by
from tongxing.staff.models import Organisation, Region, within


@may("children.open")
def open_archive(request):
    """Six facts first, the same child warned of while typing; the rest is written down later."""
    if earlier := answered(request, actions.open_archive):
        return redirect("children:archive", earlier.pk)
    on, communities = clock.today(), _communities(request)
    first = {
        "name": request.GET.get("name", "")[:72],
        "community": communities[0].path if len(communities) == 1 else "",
    }
    form = forms.OpenForm(request.POST or None, communities=communities, today=on, initial=first)
    twins = _twins(request, form)
    typing = request.htmx.target == "twins"
    page = {"form": form, "twins": twins, "number": _number_said(form, typing), "once": once_field(request)}
    if typing:
        return render(request, "children/open.html#twins", page)
    if form.is_bound and form.is_valid() and not too_many_told(request, form):
        try:
            child = actions.open_archive(
                by=request.user, key=read_once(request), facts=form.facts, on=on, school=_own_school(request),
                community=next(one for one in communities if one.path == form.cleaned_data["community"]),
            )  # fmt: skip
        except actions.AlreadyArchived as known:
            archived_elsewhere(request, form, known.child, "children:open")
        else:
            messages.success(request, _("建好了：%(name)s 的档案") % {"name": child.name})
            return redirect("children:archive", child.pk)
    return render(request, "children/open.html", page, status=422 if form.is_bound else 200)


def _twins(request, form) -> list[Child]:
    """Children who may be the same; the form asks about them, and goes on after one tap."""
    if not form.is_bound:
        return []
    twins = queries.twins_of(request.user, {**form.facts, "birth_on": form.born()})
    if twins:
        form.doubt(Problem("name", "twin", _("可能已经有这个孩子的档案，请先看一眼"), ASK))
    return twins


def _number_said(form, typing: bool) -> dict | None:
    """What a typed citizen number says, and its digits in groups to compare; while typing, what is doubtful."""
    if not form.is_bound or not (typed := form["citizen_number"].value()):
        return None
    found = [one.text for one in form.problems if typing and one.field == "citizen_number"]
    said = numbers.parts(typed)
    sex = dict(forms.ALL["sex"].choices).get(said.sex, "") if said else ""
    return {"groups": numbers.groups(typed), "problems": found, "birth_on": said and said.birth_on, "sex": sex}


def too_many_told(request, form) -> bool:
    """Nobody tries out numbers to learn who is known elsewhere: after so many in a day none is looked up."""
    if not form.facts.get("citizen_number") or not queries.told_enough(request.user):
        return False
    form.add_error("citizen_number", _("今天查到别处有档案的号码太多了。请明天再写，或请督导员来建档"))
    return True


def archived_elsewhere(request, form, other: Child, page: str) -> None:
    """Say that a number has an archive: by name to who may see it, else only which township looks after it."""
    said, unseen = queries.known_number(request.user, other)
    if unseen:
        what, region = queries.NUMBER_KNOWN, other.community_id
        seen(by=request.user, what=what, subject_id=other.pk, page=page, region=region)
    form.add_error("citizen_number", said)


def _communities(request) -> list[Region]:
    """Communities in which this person may open archives: those of their posts."""
    found: list[Region] = []
    for path in places_for(request.user, "children.open"):
        found += Region.objects.standing().filter(within("path", path), path__regex=r"^\d{12}$").order_by("path")[:200]
    return found


def _own_school(request):
    """The school whose archivist this is; a child opened there is on its roll from the same day."""
    schools = reached_by(request.user).schools
    return Organisation.objects.filter(pk__in=schools).first() if schools else None
