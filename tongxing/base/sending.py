"""How a page goes out to a slow phone: packed, with its style sheet called for before the page itself has come."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from django.contrib.staticfiles import finders
from django.middleware.gzip import GZipMiddleware
from django.templatetags.static import static
from django.utils.safestring import SafeString
from django_htmx.middleware import HtmxDetails

SHEET = "app.css"
KEPT = "sheet"  # cookie: the name of the sheet that the browser has


class Sheet(NamedTuple):
    address: str  # with the digest of its text: another text is another address
    text: SafeString  # our own file: nothing of it comes from anybody
    source: str  # how a Content-Security-Policy names it


@cache
def sheet() -> Sheet | None:
    """The style sheet as it goes into a page; None where the front end is not built. Read once: it changes with a start
    of the server only."""
    found = finders.find(SHEET)
    if found is None:
        return None
    text = Path(found).read_bytes()
    return Sheet(static(SHEET), SafeString(text.decode()), f"'sha256-{b64encode(sha256(text).digest()).decode()}'")


def _is_page(answer) -> bool:
    return answer.headers.get("Content-Type", "").startswith("text/html")


def _to_be_packed(request) -> bool:
    """For whom can unpack; not where an address or a form has put words into the page: nobody may put words beside a
    child's and learn from the length which are the same (BREACH, 2013)."""
    return request.method == "GET" and not request.GET and "gzip" in request.headers.get("Accept-Encoding", "")


def _sheet_inside(request) -> Sheet | None:
    """The sheet for a page that carries it: one that is packed, for a browser that does not keep it."""
    found = sheet() if _to_be_packed(request) else None
    return None if found and found.address.endswith(f"/{request.COOKIES.get(KEPT)}") else found


class PackingMiddleware(GZipMiddleware):
    """Packs pages; files are packed already."""

    def process_response(self, request, response):
        if not _is_page(response) or not _to_be_packed(request):
            return response
        return super().process_response(request, response)


class StyleFirstMiddleware:
    """A browser's first page carries the style sheet inside (`request.sheet`, parts/head.html): on a slow line that
    spares a whole round trip before anything is to be seen. The script then fetches the sheet for the pages to come
    and keeps its name in a cookie (switches.js); their header names it, so that it is at hand before the page is read.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.sheet = _sheet_inside(request)
        answer = self.get_response(request)
        if not _is_page(answer) or HtmxDetails(request):
            return answer
        if request.sheet:
            answer._csp_update = {"style-src": [request.sheet.source]}
        elif answer.status_code == 200:
            answer.headers["Link"] = f"<{static(SHEET)}>; rel=preload; as=style"
        return answer
