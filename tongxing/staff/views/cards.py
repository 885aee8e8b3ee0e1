"""Training cards: read, put away, taken out again."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongxing.staff import actions
from tongxing.staff.access import signed_in
from tongxing.staff.cards import TOPICS
from tongxing.staff.views.doors import onward


@signed_in
def cards(request, topic):
    """The cards of one function; the end puts them away."""
    found = TOPICS.get(topic)
    if found is None or not request.user.may(found.permission):
        raise Http404
    return render(request, "staff/cards.html", {"topic": found, "back": onward(request) or reverse("desk:me")})


@require_POST
@signed_in
def put_away(request, topic):
    """Not shown by themselves any more on these pages; the quiet ? still leads to them."""
    if topic not in TOPICS:
        raise Http404
    actions.put_away(by=request.user, topic=topic)
    return redirect(onward(request) or reverse("desk:me"))


@require_POST
@signed_in
def show_cards(request):
    """All of them once more."""
    actions.show_again(by=request.user)
    messages.success(request, _("每个功能第一次打开时，会再出现一次"))
    return redirect("desk:me")
