"""Approval to look: given for one child, renewed, withdrawn; and the look that cannot wait."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.records import action, current_deed
from tongxing.staff import rules
from tongxing.staff.access import covers, places_for
from tongxing.staff.actions.people import not_late, read_as
from tongxing.staff.choices import Reach
from tongxing.staff.models import Grant, Staff
from tongxing.staff.queries import responsible_for

EMERGENCY = timedelta(hours=2)


def _may_grant(by, staff: Staff, region: str) -> None:
    """Approval comes from somebody else, who holds the permission where it is given."""
    if by.pk == staff.pk or not covers(places_for(by, "staff.grant"), region):
        raise PermissionDenied("staff.grant")


@action("staff.grant_child")
def grant_child(*, by, staff: Staff, child_id: UUID, region: str, until_at: datetime, why: str) -> Grant:
    """Let somebody open one child's file until a moment. `region`: the child's community; the caller sees the child."""
    _may_grant(by, staff, region)
    now = clock.now()
    if not now < until_at <= rules.begins(rules.year_after(now.date())):
        raise ValidationError(_("批准到的时间要在以后，一次最多一年"))
    grant = Grant(
        staff=staff, reach=Reach.CHILD, child_id=child_id, region=region, why=why, from_at=now, until_at=until_at
    )
    grant.full_clean(exclude=("post", "school", "classroom"))
    grant.save()
    return grant


@action("staff.emergency_look")
def emergency_look(*, by: Staff, child_id: UUID, region: str, why: str) -> list[Staff]:
    """Open one child's file for two hours without waiting for approval, for a written reason.

    Answers whom this is told: those nearest who answer for the child's community, `region`. That they are told is an
    Event of their own.
    """
    if not by.may("children.look"):
        raise PermissionDenied("children.look")
    now = clock.now()
    grant = Grant(
        staff=by, reach=Reach.CHILD, child_id=child_id, region=region, emergency=True,
        why=why, from_at=now, until_at=now + EMERGENCY,
    )  # fmt: skip
    grant.full_clean(exclude=("post", "school", "classroom"))
    grant.save()
    told = responsible_for(region, now.date(), apart_from=by)
    for person in told:
        current_deed().changes["staff.staff", person.pk, region].append(
            (f"grant:{grant.pk}", "told", None, person.pk, False, False)
        )
    return told


@action("staff.renew_grant")
def renew_grant(*, by, grant: Grant, until: date, why: str, version: int | None = None) -> Grant:
    """Approve for longer, at most a year from today, what a post or a reason still calls for."""
    _may_grant(by, grant.staff, grant.region)
    today = clock.today()
    read_as(grant, version).until_at = rules.ends(until)
    not_late(grant)
    if grant.withdrawn_at or grant.emergency or (grant.post and not grant.post.is_open_after(today)):
        raise ValidationError(_("这一项不能再延长"))
    if problems := rules.day_problems(None, until, today):
        raise ValidationError([str(problem.text) for problem in problems])
    current_deed().why = why
    grant.save()
    return grant


@action("staff.withdraw_grant")
def withdraw_grant(*, by, grant: Grant, why: str, version: int | None = None) -> Grant:
    """Take approval back at once. The post stays; who must go altogether is moved or suspended."""
    if not covers(places_for(by, "staff.grant"), grant.region):
        raise PermissionDenied("staff.grant")
    if grant.withdrawn_at:
        raise ValidationError(_("已经收回了"))
    read_as(grant, version).withdraw(by=by, why=why)
    return grant
