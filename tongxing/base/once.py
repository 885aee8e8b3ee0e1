"""One request acts once: each form carries a fresh key, which the action keeps as its Receipt."""

import uuid

from django.http import Http404
from django.utils.html import format_html

from tongxing.base.ids import new_id
from tongxing.base.records import Receipt, answer_again


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


def answered(request, act):
    """What `act` answered to this very request before, when it comes a second time; None the first time.

    Asked before the form is read: what was done already would make the form wrong. Raises Http404 for another's key.
    """
    key = read_once(request) if request.method == "POST" else None
    receipt = Receipt.objects.filter(key=key).first() if key else None
    if receipt is None:
        return None
    if receipt.by_id != request.user.pk or receipt.action != act.action_name:
        raise Http404
    return answer_again(receipt)
