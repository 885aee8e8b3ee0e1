"""A person on staff: new, corrected, suspended, back again; their password and their sessions."""

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.records import Record, Stale, System, action, current_deed
from tongxing.staff import rules
from tongxing.staff.access import answers_for
from tongxing.staff.models import Post, Staff
from tongxing.staff.roles import ADMINISTRATORS


def read_as(record: Record, version: int | None) -> Record:
    """The record as the page was filled from it: saving raises Stale when it has moved on since. None asks nothing."""
    if version is not None:
        record.version = record._version_read = version
    return record


def good_enough(password: str, staff: Staff) -> None:
    """Raise ValidationError, in our own words, for a password that can be guessed."""
    said = {
        "password_too_short": _("密码至少 10 个字"),
        "password_too_common": _("这个密码太常见，容易被猜到"),
        "password_entirely_numeric": _("不要只用数字"),
    }
    try:
        validate_password(password, staff)
    except ValidationError as weak:
        words = [said.get(one.code) or one.messages[0] for one in weak.error_list]
        raise ValidationError(words) from None


def not_late(record: Record) -> None:
    """Raise Stale now, with the new values set, before anything is said about a state the page did not show."""
    if record._version_read != record._loaded["version"]:
        raise Stale(record)


def new_person(*, login: str, name: str, phone: str, password: str, place: str) -> Staff:
    """A person who signs in with a password that they must change. Call inside an action."""
    staff = Staff(login=rules.fold_login(login), name=name, phone=phone or None)
    staff.place = place
    if problems := rules.login_problems(staff.login):
        raise ValidationError([str(problem.text) for problem in problems])
    good_enough(password, staff)
    staff.set_password(password)
    staff.full_clean()
    staff.save()
    return staff


def _place_of(staff: Staff) -> str:
    """The region of the post that was opened last: where this person's changes belong."""
    last = Post.objects.standing().filter(staff=staff).order_by("to_on", "-from_on", "-id")
    return last.values_list("region", flat=True).first() or ""


def _answered(by, staff: Staff) -> Staff:
    if not answers_for(by, staff):
        raise PermissionDenied("staff.appoint")
    staff.place = _place_of(staff)
    return staff


def _not_an_administrator(by, staff: Staff) -> None:
    """Who could set an administrator's password could act as that administrator; only the command line may."""
    roles = Post.objects.standing().filter(staff=staff).open_after(clock.today()).values_list("role", flat=True)
    if not isinstance(by, System) and ADMINISTRATORS.intersection(roles):
        raise PermissionDenied("an administrator's password")


@action("staff.correct_person")
def correct_person(*, by, staff: Staff, name: str, phone: str, version: int | None = None) -> Staff:
    """A name or a phone was wrong or is new."""
    read_as(_answered(by, staff), version)
    staff.name, staff.phone = name, phone or None
    staff.full_clean()
    staff.save()
    return staff


@action("staff.suspend")
def suspend(*, by, staff: Staff, on: date, why: str, version: int | None = None) -> Staff:
    """Keep somebody out from now on: their sessions end, nothing of theirs is lost. `on` is the day it holds from."""
    read_as(_answered(by, staff), version)
    if on > clock.today():
        raise ValidationError(_("停用从今天或以前算起；以后的日子请用结束岗位"))
    was = staff.suspended_on
    staff.suspended_on, staff.suspended_why, staff.sessions_ended_at = on, why, clock.now()
    not_late(staff)
    if was is not None:
        raise ValidationError(_("已经停用了"))
    staff.full_clean()
    staff.save()
    return staff


@action("staff.reinstate")
def reinstate(*, by, staff: Staff, why: str, password: str, version: int | None = None) -> Staff:
    """Let a suspended person in again, with a password that they must change. Old sessions stay closed."""
    read_as(_answered(by, staff), version)
    _not_an_administrator(by, staff)
    if staff.suspended_on is None:
        raise ValidationError(_("没有停用"))
    good_enough(password, staff)
    current_deed().why = why
    staff.suspended_on, staff.suspended_why, staff.must_change_password = None, "", True
    staff.set_password(password)
    staff.save()
    return staff


@action("staff.set_password")
def set_password(*, by, staff: Staff, password: str, own: bool) -> Staff:
    """A new password: one's `own`, or one handed over that must be changed. Every other session of theirs ends."""
    if own and by.pk != staff.pk:
        raise PermissionDenied("another's password")
    if not own:
        _answered(by, staff)
        _not_an_administrator(by, staff)
    staff.place = staff.place or _place_of(staff)
    good_enough(password, staff)
    staff.set_password(password)
    staff.must_change_password = not own
    staff.save()
    return staff


@action("staff.end_sessions")
def end_sessions(*, by, staff: Staff) -> Staff:
    """Sign a person out on every device: a phone was lost, or a computer left open."""
    if by.pk != staff.pk:
        _answered(by, staff)
    staff.place = staff.place or _place_of(staff)
    staff.sessions_ended_at = clock.now()
    staff.save()
    return staff
