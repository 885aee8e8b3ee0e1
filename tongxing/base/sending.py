"""How a page goes out to a slow phone: packed, with its style sheet called for before the page itself has come."""

from django.middleware.gzip import GZipMiddleware
from django.templatetags.static import static
from django_htmx.middleware import HtmxDetails


def _is_page(answer) -> bool:
    return answer.headers.get("Content-Type", "").startswith("text/html")


class PackingMiddleware(GZipMiddleware):
    """Packs pages. Left as they are: files, which are packed already, and what an address or a form has put words into,
    so that nobody can put words beside a child's and learn from the length which are the same (BREACH, 2013)."""

    def process_response(self, request, response):
        if not _is_page(response) or request.method != "GET" or request.GET:
            return response
        return super().process_response(request, response)


class StyleFirstMiddleware:
    """Names the style sheet in the header of a whole page: it is on its way while the page still comes."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = self.get_response(request)
        if answer.status_code == 200 and _is_page(answer) and not HtmxDetails(request):
            answer.headers["Link"] = f"<{static('app.css')}>; rel=preload; as=style"
        return answer
