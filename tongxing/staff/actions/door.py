"""The door: tries are counted, so that guessing takes longer than it is worth."""

from datetime import timedelta
from itertools import takewhile

from django.contrib.auth import authenticate

from tongxing.base import clock
from tongxing.base.sealed import digest
from tongxing.staff import rules
from tongxing.staff.models import SignInTry, Staff

FORGOTTEN_AFTER = timedelta(days=1)
ASKED = 12  # tries looked at: more make no difference to the time a door stays closed


def try_door(*, request, login: str, password: str) -> tuple[Staff | None, int]:
    """(the person, 0) where login and password are right; (None, minutes to wait), 0 when one may try again at once.

    The answer is the same whether the login exists or not. A try is written down before it is made, so that many at the
    same moment count each other.
    """
    login, now = rules.fold_login(login), clock.now()
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
        return staff, 0
    return None, _closed_for([mine, *failed], now)


def _closed_for(failed: list[SignInTry], now) -> int:
    """Minutes, rounded up, until the door opens after these failures, newest first."""
    wait = timedelta(minutes=rules.locked_for(len(failed)))
    left = failed[0].at + wait - now if failed and wait else timedelta()
    return max(0, -(-left // timedelta(minutes=1)))
