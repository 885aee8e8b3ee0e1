"""Large type and dark for browsers without script: a cookie keeps ?type=large and ?theme=dark."""

import logging

from django.http import HttpResponseRedirect, HttpResponseServerError
from django.template.loader import render_to_string

from tongxing.base import clock

log = logging.getLogger("tongxing.broken")

CHOICES = {"type": ("large", "normal"), "theme": ("dark", "light")}
A_YEAR = 365 * 24 * 3600


class SwitchMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        chosen = {name: request.GET.get(name) for name, values in CHOICES.items() if request.GET.get(name) in values}
        if not chosen or request.method != "GET":
            return self.get_response(request)
        rest = request.GET.copy()
        for name in chosen:
            del rest[name]
        answer = HttpResponseRedirect(f"?{rest.urlencode()}")  # relative: a path such as //elsewhere must lead nowhere
        for name, value in chosen.items():
            answer.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
        return answer


def went_wrong(request):
    """The page of an error of ours, in the reader's own letters and colours; asks nothing of the database."""
    code = f"E-{clock.now():%m%d-%H%M%S}"
    log.warning("%s: %s", code, request.resolver_match.view_name if request.resolver_match else "no page")
    looks = {"theme": request.COOKIES.get("theme", ""), "large_type": request.COOKIES.get("type") == "large"}
    return HttpResponseServerError(render_to_string("500.html", {**looks, "code": code}))
