"""A new archive by hand."""

from django.contrib import messages
from django.db import IntegrityError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxing.base import clock, numbers
from tongxing.base.once import answered, once_field, read_once
from tongxing.base.problems import ASK, Problem
from tongxing.base.records import seen
from tongxing.children import actions, forms, queries
from tongxing.children.models import Child
from tongxing.children.views.deeds import communities_of
from tongxing.children.views.seeking import seek
from tongxing.staff.access import may, reached_by
from tongxing.staff.models import Organisation


@may("children.open")
def open_archive(request):
    """Look first, then six facts; the same child is warned of while typing, and the rest is written down later."""
    if earlier := answered(request, actions.open_archive):
        return redirect("children:archive", earlier.pk)
    if request.method == "GET" and not request.GET.get("name", "").strip():
        return _look_first(request)
    on, communities = clock.today(), communities_of(request.user)
    first = {name: request.GET.get(name, "")[:72] for name in forms.PREFILLED}
    first["community"] = communities[0].path if len(communities) == 1 else request.GET.get("community", "")
    form = forms.OpenForm(request.POST or None, communities=communities, today=on, initial=first)
    typing = request.htmx.target == "twins"
    known = None if typing else _known(request, form)  # said at once: who has an archive is not asked about as a twin
    page = {
        "form": form,
        "twins": [] if known else _twins(request, form),
        "alike": queries.alike(request.user, form["name"].value() or ""),
        "number": _number_said(form, typing),
        "once": once_field(request),
        "elsewhere": known and archived_elsewhere(request, form, known, "children:open"),
    }
    if typing:
        return render(request, "children/open.html#twins", page)
    if form.is_bound and form.is_valid() and (child := _opened(request, form, page, on, communities)):
        messages.success(request, _("建好了：%(name)s 的档案") % {"name": child.name})
        return redirect("children:archive", child.pk)
    return render(request, "children/open.html", page, status=422 if form.is_bound else 200)


def _look_first(request):
    """Nobody opens an archive before having looked whether there is one."""
    page = seek(request, "children:open", address=lambda child: reverse("desk:child", args=[child.pk]))
    page["is_name"] = bool(page["text"]) and not page["text"][0].isdigit()
    return render(request, "children/look_first.html", page)


def _opened(request, form, page: dict, on, communities) -> Child | None:
    """The new archive, or None: then the form says why, and what somebody else wrote meanwhile is shown."""
    try:
        return actions.open_archive(
            by=request.user, key=read_once(request), facts=form.facts, on=on, school=_own_school(request),
            community=next(one for one in communities if one.path == form.cleaned_data["community"]),
            seen_twins={twin.pk for twin in page["twins"]},
        )  # fmt: skip
    except actions.AlreadyArchived as known:
        page["elsewhere"] = archived_elsewhere(request, form, known.child, "children:open")
    except IntegrityError:  # somebody else, elsewhere, was a moment earlier with the same number
        other = _known(request, form)
        if other is None:
            raise
        page["elsewhere"] = archived_elsewhere(request, form, other, "children:open")
    except actions.PerhapsTheSame:  # somebody wrote this child down while the page was open
        page["twins"] = _twins(request, form)
    return None


def _known(request, form) -> Child | None:
    """The archive of the number that was sent, if it has one."""
    if not form.is_bound or too_many_told(request, form):
        return None
    found = actions.archived_numbers([form.facts.get("citizen_number") or ""])
    return Child.objects.get(pk=next(iter(found.values()))) if found else None


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
    found = [one for one in form.problems if typing and one.field == "citizen_number"]
    said = numbers.parts(typed)
    sex = dict(forms.ALL["sex"].choices).get(said.sex, "") if said else ""
    return {"groups": numbers.groups(typed), "problems": found, "birth_on": said and said.birth_on, "sex": sex}


def too_many_told(request, form) -> bool:
    """Nobody tries out numbers to learn who is known elsewhere: after so many in a day none is looked up."""
    if not form.facts.get("citizen_number") or not queries.told_enough(request.user):
        return False
    form.add_error("citizen_number", _("今天查到别处有档案的号码太多了。请明天再写，或请督导员来建档"))
    return True


def archived_elsewhere(request, form, other: Child, page: str) -> dict | None:
    """Say that a number has an archive: by name to who may see it, else only which township looks after it.

    Answers whom to ring there: {"place", "name", "phone"}, None for a child one may see oneself.
    """
    said, unseen = queries.known_number(request.user, other)
    form.add_error("citizen_number", said)
    if not unseen:
        return None
    what, region = queries.NUMBER_KNOWN, other.community_id
    seen(by=request.user, what=what, subject_id=other.pk, page=page, region=region)
    return queries.whom_to_ring(other)


def _own_school(request):
    """The school whose archivist this is; a child opened there is on its roll from the same day."""
    schools = reached_by(request.user).schools
    return Organisation.objects.filter(pk__in=schools).first() if schools else None
