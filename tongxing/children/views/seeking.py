"""Looking for a child before something is written: nobody is written down twice."""

from collections.abc import Callable, Iterable

from tongxing.base import clock
from tongxing.base.records import seen
from tongxing.children import queries
from tongxing.children.models import Child

SHOWN = 10


def seek(
    request, page: str, *, address: Callable, offered: Callable[[], Iterable[Child]] = tuple, but: Child | None = None
) -> dict:
    """What `children/found.html` shows of a search in ?q=, or of those `offered` while nobody has searched.

    `address`: where the line of a child leads. `but`: whose page it is, not a find.
    """
    text = request.GET.get("q", "").strip()[:60]
    written = queries.search(request.user, text) if text else []
    found = [one for one in written if one != but]
    is_near = not found
    if is_near:
        found = [one for one in (queries.alike(request.user, text) if text else offered()) if one != but]
    if found:
        seen(by=request.user, what="children.list", page=page, count=len(found[:SHOWN]))
    return {
        "text": text,
        "choices": [(line, address(line.child)) for line in queries.lines_of(found[:SHOWN], clock.today())],
        "more": len(found) > SHOWN,
        "is_near": is_near,  # not what was written, but names that sound so
        "itself_only": bool(written) and not found,
    }
