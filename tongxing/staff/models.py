"""Who works where, and what may they do?"""

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from tongxing.base import clock
from tongxing.base.records import Record, RecordQuerySet
from tongxing.base.sealed import SealedField
from tongxing.staff import rules
from tongxing.staff.choices import ComplaintKind, KnockKind, OrganisationKind, Reach, RegionLevel
from tongxing.staff.roles import ROLES, RoleCode


class RegionQuerySet(RecordQuerySet):
    def within(self, path: str):
        """Regions in the subtree of `path`, itself included."""
        return self.filter(within("path", path))


def within(column: str, path: str) -> Q:
    """Rows whose path column lies in the subtree of `path`: a range, so that an index serves it."""
    if not path:
        return Q()
    upper = rules.after(path)
    lower = Q(**{f"{column}__gte": path})
    return lower & Q(**{f"{column}__lt": upper}) if upper else lower


class Region(Record):
    """A place of the statistical division code. The path is its code without trailing zeros; a prefix is a subtree."""

    # Checked here and by rules.path_of: a CHECK with a regular expression would keep plain tools from opening a file.
    path = models.CharField(_("区划代码"), max_length=12, unique=True, validators=[RegexValidator(r"^[0-9]{2,12}\Z")])
    year = models.PositiveSmallIntegerField(_("代码年份"))
    name = models.CharField(_("名称"), max_length=60)

    objects = RegionQuerySet.as_manager()

    def __str__(self):
        return self.name

    def subject(self):
        return "staff.region", self.pk, self.path

    @property
    def code(self) -> str:
        return rules.code_of(self.path)

    @property
    def level(self):
        return RegionLevel(len(self.path))


class Organisation(Record):
    name = models.CharField(_("名称"), max_length=80)
    kind = models.CharField(_("类别"), max_length=12, choices=OrganisationKind)
    region = models.ForeignKey(Region, models.PROTECT, to_field="path", related_name="+", verbose_name=_("所在地区"))
    phone = models.CharField(_("值班电话"), max_length=30, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "kind", "name"],
                condition=Q(withdrawn_at=None),
                name="one_organisation_by_this_name",
                violation_error_message=_("这个单位已经有了"),
            )
        ]

    def __str__(self):
        return self.name

    def subject(self):
        return "staff.organisation", self.pk, self.region_id


class Classroom(Record):
    """A class of one school year, such as 2026 六(1)班."""

    school = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("学校"))
    year = models.PositiveSmallIntegerField(_("学年"))
    grade = models.PositiveSmallIntegerField(_("年级"))  # 1–9 compulsory, 10–12 senior, 0 kindergarten
    name = models.CharField(_("班级"), max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "year", "name"],
                condition=Q(withdrawn_at=None),
                name="one_class_by_this_name_a_year",
                violation_error_message=_("这个班已经有了"),
            )
        ]

    def __str__(self):
        return self.name

    def subject(self):
        return "staff.organisation", self.school_id, self.school.region_id


class StaffQuerySet(RecordQuerySet):
    def get_by_natural_key(self, login):
        return self.get(login=login)


class Staff(Record, AbstractBaseUser):
    """A person who signs in. What they may do stands in their Posts, whose children they see in their Grants."""

    last_login = None  # not kept: nobody's hours are counted
    login = models.CharField(_("登录名"), max_length=40, unique=True)
    name = models.CharField(_("姓名"), max_length=40)
    phone = SealedField(_("电话"))
    suspended_on = models.DateField(_("停用日期"), null=True, blank=True)
    suspended_why = models.CharField(_("停用原因"), max_length=100, blank=True)
    must_change_password = models.BooleanField(default=True)
    sessions_ended_at = models.DateTimeField(null=True, editable=False)  # every session begun before is over

    objects = StaffQuerySet.as_manager()
    USERNAME_FIELD = "login"
    untraced = Record.untraced | {"password"}

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(suspended_on=None) | ~Q(suspended_why=""),
                name="a_suspension_says_why",
                violation_error_message=_("请写停用原因"),
            )
        ]

    place = ""  # the region a change of this person belongs to; actions set it to that of the post

    def __str__(self):
        return self.name

    def subject(self):
        return "staff.staff", self.pk, self.place

    def changes(self):
        """A new password is noted as changed; neither it nor its hash goes into the trace."""
        yield from super().changes()
        was = None if self._state.adding else self._loaded.get("password")
        if self.__dict__.get("password", was) != was:
            yield "password", None, None, True

    def _get_session_auth_hash(self, secret=None):
        ended = self.sessions_ended_at.timestamp() if self.sessions_ended_at else ""
        return salted_hmac("staff.session", f"{self.password}{ended}", secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_active(self) -> bool:
        return self.suspended_on is None and self.withdrawn_at is None

    def check_password(self, raw_password):
        from django.contrib.auth.hashers import check_password

        return check_password(raw_password, self.password)  # never upgraded here: a hash is written by an action

    def posts_now(self):
        """Posts held today, main one first; read once, without what only some pages show of them."""
        if "_posts" not in self.__dict__:
            held = Post.objects.standing().held_on(clock.today()).filter(staff=self)
            self._posts = list(held.order_by("from_on", "id"))
        return self._posts

    def may(self, permission: str) -> bool:
        return self.is_active and any(ROLES[post.role].may(permission) for post in self.posts_now())


class PostQuerySet(RecordQuerySet):
    def held_on(self, day):
        return self.filter(from_on__lte=day).filter(Q(to_on=None) | Q(to_on__gt=day))

    def open_after(self, day):
        """Held on that day or beginning later."""
        return self.filter(Q(to_on=None) | Q(to_on__gt=day))


class Post(Record):
    """A role held at an organisation from a day on, until a day."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    role = models.CharField(_("角色"), max_length=16, choices=RoleCode)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("单位"))
    classroom = models.ForeignKey(
        Classroom, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("班级")
    )
    region = models.CharField(max_length=12)  # the organisation's, kept beside for the owner look-up
    from_on = models.DateField(_("开始"))
    to_on = models.DateField(_("结束"), null=True, blank=True)
    end_why = models.CharField(_("结束原因"), max_length=100, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["region", "role"], name="post_by_region")]
        constraints = [
            models.CheckConstraint(condition=Q(to_on=None) | ~Q(end_why=""), name="an_ended_post_says_why"),
            models.CheckConstraint(
                condition=~Q(role="teacher") | Q(classroom__isnull=False),
                name="a_class_teacher_has_a_class",
                violation_error_message=_("班主任要选班级"),
            ),
            models.UniqueConstraint(
                fields=["staff", "role", "organisation"],
                condition=Q(to_on=None, withdrawn_at=None),
                name="one_open_post_of_a_kind",
                violation_error_message=_("已经在这个岗位上了"),
            ),
        ]

    def subject(self):
        return "staff.staff", self.staff_id, self.region

    def is_open_after(self, day) -> bool:
        return self.withdrawn_at is None and (self.to_on is None or self.to_on > day)

    @property
    def role_title(self):
        return RoleCode(self.role).label


class GrantQuerySet(RecordQuerySet):
    def holding(self, moment):
        return self.standing().filter(from_at__lte=moment).filter(Q(until_at=None) | Q(until_at__gt=moment))


class Grant(Record):
    """Approval to look: whose files, until when, given by whom and why. visible_to() asks for it every time."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+", null=True)
    reach = models.CharField(max_length=12, choices=Reach)
    region = models.CharField(max_length=12, blank=True)  # whose children for reach "region"; else where it was given
    school = models.ForeignKey(Organisation, models.PROTECT, related_name="+", null=True)
    classroom = models.ForeignKey(Classroom, models.PROTECT, related_name="+", null=True)
    child_id = models.UUIDField(null=True)
    emergency = models.BooleanField(default=False)
    why = models.CharField(max_length=200)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["staff"], name="grant_of_staff"),
            models.Index(fields=["child_id", "staff"], name="grant_of_child", condition=~Q(child_id=None)),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="a_grant_says_why"),
            models.CheckConstraint(
                condition=~Q(reach="child") | Q(child_id__isnull=False, until_at__isnull=False),
                name="a_child_grant_ends",
            ),
        ]

    def subject(self):
        return "staff.staff", self.staff_id, self.region

    @property
    def last_on(self):
        """The last day it holds; None where no end is set."""
        return rules.last_day(self.until_at) if self.until_at else None


class Complaint(Record):
    """What somebody was not content with, or wishes: with a case number, answered where its code is shown.

    What was said is read by those who answer, not by the trace.
    """

    secret = True
    number = models.CharField(_("编号"), max_length=16, unique=True)
    kind = models.CharField(_("类别"), max_length=12, choices=ComplaintKind)
    words = SealedField(_("想说的话"))
    contact = SealedField(_("怎么联系你"))
    place = models.CharField(_("哪个社区或学校"), max_length=80, blank=True)
    page = models.CharField(max_length=64, blank=True)  # the page it was about, by name: an address would name a child
    region = models.CharField(max_length=12, blank=True)  # where it is answered; "": by the system administrator
    sent_at = models.DateTimeField()
    sent_by_id = models.UUIDField(null=True, blank=True)  # None: from somebody outside, who need not say who they are
    answer = SealedField(_("回复"))
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by_id = models.UUIDField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["region", "sent_at"], name="complaint_of_region"),
            models.Index(fields=["sent_by_id"], name="complaint_of_person", condition=~Q(sent_by_id=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by_id=None)
                | Q(answered_at__isnull=False, answered_by_id__isnull=False),
                name="an_answer_comes_from_somebody",
            ),
        ]

    def subject(self):
        return "staff.complaint", self.pk, self.region


class CardsSeen(models.Model):
    """Training cards that somebody has put away. Whether and when they are read is nobody's business: not traced."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="+")
    topic = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "topic"], name="cards_are_put_away_once")]


class Knock(models.Model):
    """A knock at a door that is open to everybody, kept a day to slow guessing and floods down.

    Holds a keyed digest of the network address, not the address.
    """

    kind = models.CharField(max_length=12, choices=KnockKind)
    address_digest = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "address_digest", "at"], name="knock_of_address"),
            models.Index(fields=["at"], name="knock_by_age"),
        ]


class SignInTry(models.Model):
    """Tries at the door, to lock out guessing. Holds a digest of the login, not the login."""

    login_digest = models.CharField(max_length=32)
    at = models.DateTimeField()
    good = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["login_digest", "at"], name="sign_in_try_of_login"),
            models.Index(fields=["at"], name="sign_in_try_by_age"),
        ]
