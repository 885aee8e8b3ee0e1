"""The door: sign in, sign out, one's own password, one's own sessions, language and size of letters."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpResponseForbidden
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tongxing.base.once import answered, once_field, read_once
from tongxing.base.switches import A_YEAR, CHOICES
from tongxing.staff import actions, forms, queries
from tongxing.staff.access import home_of, open_to_all, signed_in
from tongxing.staff.views.deeds import heard

A_MONTH = 30 * 24 * 3600


def onward(request) -> str:
    """Where to go next: a page of this site that was asked for, else ''."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else ""


@never_cache
@sensitive_post_parameters("password")
@open_to_all
def sign_in(request):
    """Login and password. What is wrong is said the same way whether the login exists or not."""
    if request.user.is_authenticated:
        return redirect(onward(request) or home_of(request.user))
    if request.method == "GET" and actions.is_empty():
        return redirect("staff:begin")
    form, status = forms.SignInForm(heard(request)), 422
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        staff, minutes = actions.try_door(request=request, login=facts["login"], password=facts["password"])
        if staff:
            _enter(request, staff, facts["remember"])
            return redirect(onward(request) or home_of(staff))
        form.add_error(None, _wrong(minutes))
        status = 429 if minutes else 422
    page = {"form": form, "place": queries.site_place(), "next": onward(request), "idle": "idle" in request.GET}
    return render(request, "staff/signin.html", page, status=status if form.is_bound else 200)


def _enter(request, staff, remember: bool) -> None:
    login(request, staff)  # with a new session key
    if remember:
        request.session["remember"] = True
        request.session.set_expiry(A_MONTH)


def _wrong(minutes: int) -> str:
    if not minutes:
        return _("登录名或密码不对")
    words = ngettext("试错太多次，请 %(n)d 分钟后再试", "试错太多次，请 %(n)d 分钟后再试", minutes)
    return words % {"n": minutes}


@require_POST
@open_to_all
def sign_out(request):
    logout(request)
    return redirect("staff:sign_in")


@never_cache
@sensitive_post_parameters()
@signed_in
def password(request):
    """One's own new password; this session stays, every other one ends."""
    form = forms.PasswordForm(heard(request), staff=request.user)
    done = answered(request, actions.set_password)
    if request.method == "POST" and not done and form.is_valid():
        try:
            done = actions.set_password(
                by=request.user, key=read_once(request), staff=request.user, own=True,
                password=form.cleaned_data["password"],
            )  # fmt: skip
            update_session_auth_hash(request, request.user)
        except ValidationError as refused:
            form.add_error("password", refused.messages)
    if done:
        messages.success(request, _("密码改好了，别的设备都已退出"))
        return redirect(home_of(request.user))
    page = {"form": form, "once": once_field(request), "forced": request.user.must_change_password}
    return render(request, "staff/password.html", page, status=422 if form.is_bound else 200)


@require_POST
@signed_in
def end_sessions(request):
    """Sign out everywhere else: a phone was lost."""
    actions.end_sessions(by=request.user, staff=request.user)
    update_session_auth_hash(request, request.user)
    messages.success(request, _("别的手机和电脑都已退出"))
    return redirect("desk:me")


@require_POST
@open_to_all
def switch(request):
    """Language, size of letters, light or dark, for browsers without script: kept in a cookie."""
    answer = redirect(onward(request) or reverse("desk:today"))
    kept = {name: request.POST.get(name) for name, values in CHOICES.items() if request.POST.get(name) in values}
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        kept[settings.LANGUAGE_COOKIE_NAME] = language
    for name, value in kept.items():
        answer.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
    return answer


def csrf_failed(request, reason=""):
    """The page stood open over a new sign-in: what was written is kept and can be sent once more.

    Only what came from a page of this site itself, and neither passwords nor files; else it is not shown again.
    """
    own = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    kept = [(name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]
    secret = any("password" in name or name in ("old", "again") for name, _value in kept)
    if not (own and kept and request.user.is_authenticated) or secret or request.FILES:
        page = {"no_cookies": not request.COOKIES}  # then no page however fresh would do
        return HttpResponseForbidden(render_to_string("403_csrf.html", page, request=request))
    return HttpResponseForbidden(render_to_string("staff/send_again.html", {"kept": kept}, request=request))
