"""Complaints and suggestions: sent by anybody, answered by those of the place."""

import hmac
import secrets
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.records import action
from tongxing.staff import rules
from tongxing.staff.access import may_answer
from tongxing.staff.actions.people import not_late, read_as
from tongxing.staff.models import Complaint, Organisation, Region, Staff

AN_HOUR = 20  # how many one person on staff sends in an hour


def code_of(complaint: Complaint) -> str:
    """The code that opens the answer: told by the installation's own key, so that it is nowhere kept."""
    secret = settings.RING.secret("session").encode()
    return rules.short_code(hmac.new(secret, f"complaint {complaint.pk}".encode(), sha256).digest(), groups=2)


def case(number: str, code: str) -> Complaint | None:
    """The complaint of this number, where the code is its own."""
    found = Complaint.objects.standing().filter(number=number.strip().upper()).first()
    right = rules.fold_code(code_of(found)) if found else ""
    return found if found and hmac.compare_digest(right, rules.fold_code(code)) else None


@action("staff.complain")
def complain(*, by, kind: str, words: str, contact: str = "", place: str = "", page: str = "") -> Complaint:
    """Write down what somebody has to say. `by` is a person on staff, or SYSTEM for somebody outside.

    It is answered in the place of who sends it, or of the organisation they name; else by the system administrator.
    """
    sender = by if isinstance(by, Staff) else None
    now = clock.now()
    _not_too_many(sender, now)
    region = next((post.region for post in sender.posts_now()), "") if sender else _region_named(place)
    tail = rules.short_code(secrets.token_bytes(32), groups=1).upper()
    complaint = Complaint(
        number=f"{now:%y%m%d}-{tail}", kind=kind, words=words, contact=contact or None, place=place or "", page=page,
        region=region, sent_at=now, sent_by_id=sender.pk if sender else None,
    )  # fmt: skip
    complaint.full_clean()
    complaint.save()
    return complaint


def _not_too_many(sender, now) -> None:
    """A person has a limit of their own; those outside have one together, besides that of their address."""
    lately = Complaint.objects.filter(sent_at__gt=now - rules.AN_HOUR, sent_by_id=sender.pk if sender else None)
    if lately.count() >= (AN_HOUR if sender else rules.FLOOD):
        raise ValidationError(_("刚收到太多条了，请过一小时再写"), code="too_many")


def _region_named(place: str) -> str:
    """The one region in which an organisation or a region has this name; "" where there is none or more than one."""
    if not place:
        only = list(Region.objects.standing().filter(path__regex=r"^\d{6}$").values_list("path", flat=True)[:2])
        return only[0] if len(only) == 1 else ""
    organisations = Organisation.objects.standing().filter(name=place).values_list("region_id", flat=True)[:2]
    found = {*organisations, *Region.objects.standing().filter(name=place).values_list("path", flat=True)[:2]}
    return found.pop() if len(found) == 1 else _region_named("")


@action("staff.answer_complaint")
def answer_complaint(*, by, complaint: Complaint, answer: str, version: int | None = None) -> Complaint:
    """Answer, or answer better: the newest answer is what the code shows."""
    if not may_answer(by, complaint):
        raise PermissionDenied("complaints.answer")
    read_as(complaint, version)
    complaint.answer, complaint.answered_at, complaint.answered_by_id = answer, clock.now(), by.pk
    not_late(complaint)
    complaint.save()
    return complaint
