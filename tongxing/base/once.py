"""One request acts once: each form carries a fresh key, which the action keeps as its Receipt."""

import uuid

from django.utils.html import format_html

from tongxing.base.ids import new_id


def read_once(request) -> uuid.UUID | None:
    """The key a page sent along; None where it is missing or no key."""
    try:
        return uuid.UUID(request.POST.get("once", ""))
    except ValueError:
        return None


def once_field(request=None) -> str:
    """The hidden input of a form: the same key again when a page with problems comes back, a fresh one otherwise."""
    sent = read_once(request) if request is not None and request.method == "POST" else None
    return format_html('<input type="hidden" name="once" value="{}">', sent or new_id())
