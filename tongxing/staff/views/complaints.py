"""Complaint and suggestion: sent by anybody from any page, answered by those of the place, read with a code."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from tongxing.base import clock
from tongxing.base.once import once_field, read_once
from tongxing.base.records import SYSTEM, seen
from tongxing.staff import actions, forms, queries
from tongxing.staff.access import complaints_for, may, open_to_all
from tongxing.staff.choices import KnockKind
from tongxing.staff.models import Complaint
from tongxing.staff.stale import chosen, read_version
from tongxing.staff.views.deeds import carry_out, deed_page, heard

PAGE = 30


def page_named(address: str) -> str:
    """The name of a page of ours; an address itself would name a child."""
    try:
        return resolve(address).view_name[:64]
    except Resolver404:
        return ""


@never_cache
@sensitive_post_parameters()
@open_to_all
def complain(request):
    """What is not right, or could be better. Nobody need say who they are."""
    person = request.user if request.user.is_authenticated else None
    form, status = forms.ComplaintForm(heard(request), known=person is not None), 422
    about = request.POST.get("about") or page_named(request.GET.get("from", ""))
    if request.method == "POST" and form.is_valid():
        sent, status = _send(request, form, person, about)
        if sent:
            page = {"complaint": sent, "code": actions.code_of(sent)}
            return render(request, "staff/complaint_sent.html", page)
    page = {"form": form, "once": once_field(request), "about": about, "mine": queries.complaints_of(person)}
    return render(request, "staff/complain.html", page, status=status if form.is_bound else 200)


def _send(request, form, person, about: str) -> tuple[Complaint | None, int]:
    """The complaint, or None with the status to answer; sent twice it is one, with the same number and code."""
    at_door = None
    if person is None:
        at_door, minutes = actions.knock(KnockKind.COMPLAINT, request)
        if minutes:
            form.add_error(None, _too_often(minutes))
            return None, 429
    try:
        return actions.complain(
            by=person or SYSTEM, key=read_once(request), page=about[:64], **form.cleaned_data,
        ), 200  # fmt: skip
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        if at_door:
            at_door.delete()
        return None, 429 if getattr(refused, "code", "") == "too_many" else 422


def _too_often(minutes: int) -> str:
    words = ngettext("这里刚写过好几次，请 %(n)d 分钟后再来", "这里刚写过好几次，请 %(n)d 分钟后再来", minutes)
    return words % {"n": minutes}


@never_cache
@sensitive_post_parameters()
@open_to_all
def case(request):
    """What became of a complaint: to whoever has its number and its code."""
    form, found, status = forms.CaseForm(heard(request)), None, 422
    if request.method == "POST" and form.is_valid():
        at_door, minutes = actions.knock(KnockKind.CASE, request)
        if minutes:
            form.add_error(None, _too_often(minutes))
            status = 429
        elif found := actions.case(form.cleaned_data["number"], form.cleaned_data["code"]):
            at_door.delete()
            return render(request, "staff/case.html", {"form": None, "complaint": found})
        else:
            form.add_error(None, _("编号或查询码不对，请对照一下"))
    page = {"form": form, "complaint": None}
    return render(request, "staff/case.html", page, status=status if form.is_bound else 200)


@may("complaints.answer")
def complaints(request):
    """Those of one's places: not answered first, then the newest."""
    which = "answered" if request.GET.get("which") == "answered" else "open"
    found = queries.complaints(complaints_for(request.user), answered=which == "answered")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    seen(by=request.user, what="staff.complaints", page="staff:complaints", count=len(page.object_list))
    context = {"page": page, "which": which, "filters": f"which={which}", "today": clock.today()}
    return render(request, "staff/complaints.html", context)


@may("complaints.answer")
def complaint(request, complaint_id):
    """One of them, and its answer."""
    found = Complaint.objects.standing().filter(complaints_for(request.user))
    one, fields = get_object_or_404(found, pk=complaint_id), {"answer": "answer"}
    form = forms.AnswerForm(chosen(request, one, fields), initial={"answer": one.answer or ""})
    if carry_out(request, form, actions.answer_complaint, complaint=one, version=read_version(request)):
        messages.success(request, _("回复好了"))
        return redirect("staff:complaints")
    seen(by=request.user, what="staff.complaint", subject_id=one.pk, page="staff:complaint", region=one.region)
    page = {"complaint": one, "sender": queries.sender_of(one)}
    return deed_page(request, form, record=one, fields=fields, template="staff/complaint.html", **page)
