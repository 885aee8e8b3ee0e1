"""Doors that are open to everybody: tries are counted, so that guessing and floods take longer than they are worth."""

from datetime import timedelta
from itertools import takewhile

from django.contrib.auth import authenticate

from tongxing.base import clock
from tongxing.base.sealed import digest
from tongxing.staff import rules
from tongxing.staff.choices import KnockKind
from tongxing.staff.models import Knock, SignInTry, Staff

FORGOTTEN_AFTER = timedelta(days=1)
ASKED = 12  # tries looked at: more make no difference to the time a door stays closed


def try_door(*, request, login: str, password: str) -> tuple[Staff | None, int]:
    """(the person, 0) where login and password are right; (None, minutes to wait), 0 when one may try again at once.

    The answer is the same whether the login exists or not. A try is written down before it is made, so that many at the
    same moment count each other: for the login, and for the network address it comes from.
    """
    login, now = rules.fold_login(login), clock.now()
    at_door, minutes = knock(KnockKind.SIGN_IN, request)
    if minutes:
        return None, minutes
    mine = SignInTry.objects.create(login_digest=digest("login", login), at=now, good=False)
    tries = SignInTry.objects.filter(login_digest=mine.login_digest, at__gt=now - FORGOTTEN_AFTER)
    before = tries.filter(pk__lt=mine.pk).order_by("-pk")[:ASKED]
    failed = list(takewhile(lambda one: not one.good, before))
    if minutes := _closed_for(failed, now):
        mine.delete()
        return None, minutes
    staff = authenticate(request, login=login, password=password)
    if staff is not None:
        SignInTry.objects.filter(pk=mine.pk).update(good=True)
        at_door.delete()  # only failures count against an address
        return staff, 0
    return None, _closed_for([mine, *failed], now)


def _closed_for(failed: list[SignInTry], now) -> int:
    """Minutes, rounded up, until the door opens after these failures, newest first."""
    wait = timedelta(minutes=rules.locked_for(len(failed)))
    left = failed[0].at + wait - now if failed and wait else timedelta()
    return max(0, -(-left // timedelta(minutes=1)))


def knock(kind: str, request) -> tuple[Knock | None, int]:
    """(the knock, 0) where this network address may come in; (None, minutes to wait) where it came too often.

    Who was right takes the knock back with `.delete()`. What is older than a day is forgotten here.
    """
    now = clock.now()
    _forget(now - FORGOTTEN_AFTER)
    network = digest("address", rules.network_of(request.META.get("REMOTE_ADDR", "")))
    mine = Knock.objects.create(kind=kind, address_digest=network, at=now)
    lately = Knock.objects.filter(kind=kind, address_digest=network, at__gt=now - rules.AN_HOUR, pk__lt=mine.pk)
    if minutes := rules.closed_for(kind, list(lately.values_list("at", flat=True)), now):
        mine.delete()
        return None, minutes
    return mine, 0


def _forget(before) -> None:
    for model in (SignInTry, Knock):
        model.objects.filter(at__lt=before).delete()
