"""The contact card of a child: the plan's fields, what each stands on, and the word that all of it is still true."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongxing.base import clock
from tongxing.base.facts import Source
from tongxing.base.once import once_field, read_once
from tongxing.children import actions, queries
from tongxing.children.views.deeds import child_of, look
from tongxing.staff.access import may
from tongxing.staff.models import Staff

HOW = [one for one in Source.choices if one[0] not in (Source.ROSTER, Source.STAFF)]  # how a card is asked again


@may("children.look")
def card(request, child_id):
    """The card on one page; every gap leads to its very field."""
    child, on = child_of(request, child_id), clock.today()
    look(request, child, "children:card")
    whole = queries.archive_of(child, on)
    facts = queries.facts_of(whole, queries.work_places([role.kin_id for role in whole.roles], on))
    one = queries.card_of(whole, facts, on)
    by = Staff.objects.filter(pk=one.confirmed.recorded_by_id).first() if one.confirmed else None
    page = {
        "child": child,
        "today": on,
        "child_head": queries.head_of(whole, request.user, on),
        "child_nav": queries.nav_of(child, "children:card"),
        "card": one,
        "confirmed_by": by.name if by else "",
        "confirmed_how": Source(one.confirmed.source).label if one.confirmed else "",
        "how": HOW,
        "may_correct": request.user.may("children.correct"),
        "once": once_field(request),
    }
    return render(request, "children/card.html", page)


@may("children.correct")
@require_POST
def confirm(request, child_id):
    """Everything on the card was asked again and is still true."""
    child = child_of(request, child_id)
    how = request.POST.get("how", "")
    source = how if how in dict(HOW) else Source.FAMILY
    actions.confirm_card(by=request.user, key=read_once(request), child=child, on=clock.today(), source=source)
    messages.success(request, _("核对过了：%(name)s 的联系卡") % {"name": child.name})
    return redirect("children:card", child.pk)
