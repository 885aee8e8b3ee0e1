"""Large type and dark for browsers without script: a cookie keeps ?type=large and ?theme=dark."""

from django.shortcuts import redirect

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
        answer = redirect(f"?{rest.urlencode()}")  # relative: a path such as //elsewhere must lead nowhere
        for name, value in chosen.items():
            answer.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
        return answer
