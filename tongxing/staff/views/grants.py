"""Who may see whose files, until when."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.staff import actions, forms, queries, rules
from tongxing.staff.access import inside, may, places_for
from tongxing.staff.models import Grant
from tongxing.staff.stale import chosen, read_version
from tongxing.staff.views.deeds import carry_out, deed_page

PAGE = 30
WHICH = ("holding", "soon", "emergency", "over")


@may("staff.grant")
def grants(request):
    """Approvals in the places one answers for: holding, ending soon, emergencies, over."""
    places, now = places_for(request.user, "staff.grant"), clock.now()
    which = request.GET.get("which") if request.GET.get("which") in WHICH else "holding"
    page = Paginator(queries.grants_in(places, now, which=which), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "which": which, "today": now.date(), "now": now, "filters": f"which={which}"}
    return render(request, "staff/grants.html", context)


def _grant(request, grant_id) -> Grant:
    found = Grant.objects.filter(inside("region", places_for(request.user, "staff.grant")))
    return get_object_or_404(found.select_related("staff", "post", "school", "classroom"), pk=grant_id)


@may("staff.grant")
def withdraw_grant(request, grant_id):
    """Nobody sees anything by this approval any more, from now on."""
    grant, fields = _grant(request, grant_id), {"why": "withdrawn_why"}
    form = forms.WhyForm(chosen(request, grant, fields))
    if carry_out(request, form, actions.withdraw_grant, grant=grant, version=read_version(request)):
        messages.success(request, _("收回了，马上生效"))
        return redirect("staff:grants")
    title, lede = _("收回%(name)s的查看") % {"name": grant.staff.name}, _("岗位还在；要人离岗，请结束岗位或停用。")
    words = {"title": title, "verb": _("收回"), "lede": lede}
    return deed_page(request, form, record=grant, fields=fields, subject=grant.staff, **words)


@may("staff.grant")
def renew_grant(request, grant_id):
    """Approve for longer, at most a year."""
    grant, today, fields = _grant(request, grant_id), clock.today(), {"until": "last_on"}
    first = {"until": rules.year_after(today) - timedelta(days=1)}
    form = forms.RenewForm(chosen(request, grant, fields), initial=first)
    if carry_out(request, form, actions.renew_grant, grant=grant, version=read_version(request)):
        messages.success(request, _("延长了"))
        return redirect("staff:grants")
    words = {"title": _("延长%(name)s的查看") % {"name": grant.staff.name}, "verb": _("批准"), "lede": ""}
    return deed_page(request, form, record=grant, fields=fields, subject=grant.staff, **words)
