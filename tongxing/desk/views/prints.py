"""Cards on paper: a page to print, and the same as a PDF. Each is a Look."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from tongxing.base import clock
from tongxing.base.paper import NoFont, pdf
from tongxing.base.records import seen
from tongxing.children.models import Child
from tongxing.desk import queries
from tongxing.staff.access import may
from tongxing.staff.models import Classroom


def _as_pdf(request, form: str, facts: dict, name: str, back: str, *place):
    try:
        document = pdf(form, facts)
    except NoFont as lacking:
        messages.error(request, lacking.sentence)
        return redirect(back, *place)
    answer = HttpResponse(document, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def _wall(request, child_id, page: str) -> tuple[Child, dict]:
    visible = Child.objects.visible_to(request.user).select_related("community", "household")
    child = get_object_or_404(visible, pk=child_id)
    seen(by=request.user, what="desk.card", subject_id=child.pk, page=page, region=child.community_id)
    return child, queries.wall_card(child, clock.today())


@may("children.look")
def card_wall(request, child_id):
    """The card for the kitchen wall, A5."""
    child, facts = _wall(request, child_id, "desk:card_wall")
    return render(request, "desk/card_wall.html", {"child": child, "card": facts, "today": clock.today()})


@may("children.look")
def card_wall_pdf(request, child_id):
    child, facts = _wall(request, child_id, "desk:card_wall_pdf")
    return _as_pdf(request, "wall_card", facts, "card", "children:card", child.pk)


@may("children.correct")
def cards(request):
    """Which class to print for."""
    return render(request, "desk/cards.html", {"classes": queries.classes_of(request.user, clock.today())})


def _class(request, classroom_id, what: str, page: str) -> tuple[Classroom, list[Child]]:
    """A class with children this person may see; Http404 for anybody else's."""
    classroom = get_object_or_404(Classroom.objects.select_related("school"), pk=classroom_id)
    children = queries.children_in(classroom, request.user, clock.today())
    if not children:
        raise Http404
    seen(by=request.user, what=what, page=page, region=classroom.school.region_id, count=len(children))
    return classroom, children


@may("children.correct")
def class_sheet(request, classroom_id):
    """The school's copy: every field of the plan, a row a child."""
    classroom, children = _class(request, classroom_id, "desk.class_sheet", "desk:class_sheet")
    page = {"classroom": classroom, "sheet": queries.class_sheet(children, classroom, clock.today())}
    return render(request, "desk/class_sheet.html", page)


@may("children.correct")
def class_sheet_pdf(request, classroom_id):
    classroom, children = _class(request, classroom_id, "desk.class_sheet", "desk:class_sheet_pdf")
    facts = queries.class_sheet(children, classroom, clock.today())
    return _as_pdf(request, "class_sheet", facts, "class", "desk:cards")


@may("children.correct")
def small_cards(request, classroom_id):
    """Cards of 90 by 55 mm to cut out, eight on a sheet."""
    classroom, children = _class(request, classroom_id, "desk.small_cards", "desk:small_cards")
    found = queries.small_cards(children, classroom, clock.today())
    sheets = [found[at : at + 8] for at in range(0, len(found), 8)]
    return render(request, "desk/small_cards.html", {"classroom": classroom, "sheets": sheets})


@may("children.correct")
def small_cards_pdf(request, classroom_id):
    classroom, children = _class(request, classroom_id, "desk.small_cards", "desk:small_cards_pdf")
    facts = {"cards": queries.small_cards(children, classroom, clock.today())}
    return _as_pdf(request, "cards_eight", facts, "cards", "desk:cards")
