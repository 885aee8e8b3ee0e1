"""The first people of an installation, and a way back in: what only the operator of the machine may do."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tongxing.base import clock
from tongxing.base.records import SYSTEM
from tongxing.commands import Refused
from tongxing.staff import actions
from tongxing.staff.models import Organisation, Region, Staff
from tongxing.staff.roles import ROLES


def appoint(*, login: str, name: str, role: str, region: Region, organisation: str, kind: str, password: str) -> dict:
    """Give a new or known person a post from today; the password must be changed at the first sign-in."""
    if role not in ROLES:
        raise Refused(f"no role {role!r}; there are {', '.join(ROLES)}")
    place = Organisation.objects.standing().filter(region=region, name=organisation).first()
    known = Staff.objects.filter(login=login).first()
    person = {"staff": known} if known else {"login": login, "name": name, "password": password}
    try:
        if known is None:
            validate_password(password)
        place = place or actions.open_organisation(by=SYSTEM, name=organisation, kind=kind, region=region)
        post = actions.appoint(by=SYSTEM, role=role, organisation=place, from_on=clock.today(), **person)
    except ValidationError as wrong:
        raise Refused("; ".join(wrong.messages)) from None
    return {"login": post.staff.login, "role": role, "organisation": place.name, "from": post.from_on.isoformat()}


def password(*, staff: Staff, password: str) -> dict:
    """Hand over a new password; it must be changed at the next sign-in, and every session of theirs ends."""
    try:
        validate_password(password, staff)
    except ValidationError as wrong:
        raise Refused("; ".join(wrong.messages)) from None
    actions.set_password(by=SYSTEM, staff=staff, password=password, own=False)
    return {"login": staff.login, "changed": True}


def code() -> str:
    """The code with which somebody begins on the screen; "" once there is anybody."""
    return actions.begin_code() if actions.is_empty() else ""
