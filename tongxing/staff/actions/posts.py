"""Give somebody a post, move them, end it. The approval to look at children's files comes and goes with the post."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.problems import Problem
from tongxing.base.records import action, current_deed
from tongxing.staff import rules
from tongxing.staff.access import answers_for, may_appoint
from tongxing.staff.actions.people import new_person, not_late, read_as
from tongxing.staff.choices import Reach
from tongxing.staff.models import Classroom, Grant, Organisation, Post, Staff
from tongxing.staff.roles import ROLES


@action("staff.appoint")
def appoint(
    *,
    by,
    role: str,
    organisation: Organisation,
    from_on: date,
    staff: Staff | None = None,
    login: str = "",
    name: str = "",
    phone: str = "",
    password: str = "",
    classroom: Classroom | None = None,
    until: date | None = None,
) -> Post:
    """Give `staff`, or a new person with these facts, a post, and with it the approval to look that its role needs.

    The approval holds until the end of `until`, for a year by default. Raises PermissionDenied outside the appointer's
    own place or rank and for oneself, ValidationError for what cannot be.
    """
    _may_change(by, staff.pk if staff else None, role, organisation.region_id)
    if staff is not None and not answers_for(by, staff):
        raise PermissionDenied("staff.appoint")
    if staff is not None and not staff.is_active:
        raise ValidationError(_("已经停用了，先恢复再任命"))
    _refuse(rules.post_problems({"role": role, "organisation": organisation, "classroom": classroom}, _held(staff)))
    if staff is None:
        staff = new_person(login=login, name=name, phone=phone, password=password, place=organisation.region_id)
    return _open(staff, role, organisation, classroom, from_on, until)


@action("staff.move")
def move(
    *,
    by,
    post: Post,
    on: date,
    why: str,
    role: str | None = None,
    organisation: Organisation | None = None,
    classroom: Classroom | None = None,
    until: date | None = None,
    version: int | None = None,
) -> Post:
    """End a post on a day and open another that day, each with its approval to look. What is not given stays."""
    role, organisation = role or post.role, organisation or post.organisation
    _may_change(by, post.staff_id, post.role, post.region)
    _may_change(by, post.staff_id, role, organisation.region_id)
    if (role, organisation.pk, classroom) == (post.role, post.organisation_id, post.classroom) and post.to_on is None:
        raise ValidationError(_("新的岗位和现在的一样"))
    held = _held(post.staff, apart_from=post)
    _refuse(rules.post_problems({"role": role, "organisation": organisation, "classroom": classroom}, held))
    _end(read_as(post, version), on, why)
    return _open(post.staff, role, organisation, classroom, on, until)


@action("staff.end_post")
def end_post(*, by, post: Post, on: date, why: str, version: int | None = None) -> Post:
    """End a post on a day; with the last one every approval to look ends, too."""
    _may_change(by, post.staff_id, post.role, post.region)
    _end(read_as(post, version), on, why)
    if not _held(post.staff, apart_from=post):
        _end_grants(Grant.objects.standing().filter(staff=post.staff), on)
    return post


def _may_change(by, staff_id, role: str, region: str) -> None:
    """Nobody changes their own posts, or any outside their place or at their own height."""
    if staff_id == by.pk or not may_appoint(by, role, region):
        raise PermissionDenied("staff.appoint")


def _held(staff: Staff | None, *, apart_from: Post | None = None) -> list[str]:
    """Roles of posts that are open now or begin later."""
    if staff is None:
        return []
    open_ones = Post.objects.standing().filter(staff=staff).open_after(clock.today())
    return list(open_ones.exclude(pk=apart_from.pk if apart_from else None).values_list("role", flat=True))


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise ValidationError([str(problem.text) for problem in problems])


def _open(staff, role, organisation, classroom, from_on, until) -> Post:
    _refuse(rules.day_problems(from_on, until, clock.today()))
    staff.place = organisation.region_id
    post = Post(
        staff=staff, role=role, organisation=organisation, classroom=classroom,
        region=organisation.region_id, from_on=from_on,
    )  # fmt: skip
    post.full_clean()
    post.save()
    current_deed().on = from_on
    reach, over_at = ROLES[role].reach, rules.ends(until) if until else rules.begins(rules.year_after(from_on))
    if reach == Reach.NONE:
        return post
    Grant(
        staff=staff, post=post, reach=reach, region=organisation.region_id,
        school=organisation if reach == Reach.SCHOOL else None,
        classroom=classroom if reach == Reach.CLASSROOM else None,
        why=_("任命"), from_at=rules.begins(from_on), until_at=over_at,
    ).save()  # fmt: skip
    return post


def _end(post: Post, on: date, why: str) -> None:
    was = post.to_on
    post.to_on, post.end_why = on, why
    not_late(post)
    if was is not None and was <= clock.today():
        raise ValidationError(_("这个岗位已经结束了"))
    _refuse(rules.end_problems(post.from_on, on))
    post.full_clean()
    post.save()
    current_deed().on = on
    _end_grants(Grant.objects.standing().filter(post=post), on)


def _end_grants(grants, on: date) -> None:
    ends = rules.begins(on)
    for grant in grants:
        if grant.until_at is None or grant.until_at > ends:
            grant.until_at = ends
            grant.save()
