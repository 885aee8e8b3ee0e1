"""The door, people and posts, approval to look."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tongxing.base.forms import AskForm, DayField, LineField, NameField, PhoneField, PickField
from tongxing.base.problems import STOPS, Problem
from tongxing.staff import rules
from tongxing.staff.models import Classroom, Organisation, Staff
from tongxing.staff.queries import SHOWN
from tongxing.staff.roles import RoleCode

WHY = _("写一句原因，以后查得到")


class LoginField(LineField):
    """A sign-in name, folded."""

    attrs = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}

    def read(self, raw, context):
        text, problems = super().read(raw, context)
        if not text:
            return text, problems
        login = rules.fold_login(text)
        problems = [problem.at(context.field) for problem in rules.login_problems(login)]
        return (None if problems else login), problems


class PasswordField(forms.CharField):
    """A password, as typed: nothing is stripped. Pasting is allowed, no puzzle stands before it."""

    def __init__(self, *, fresh: bool, **options):
        kind = "new-password" if fresh else "current-password"
        widget = forms.PasswordInput(attrs={"autocomplete": kind})
        errors = {"required": _("请填密码")}
        super().__init__(strip=False, max_length=200, widget=widget, error_messages=errors, **options)


class ShownPasswordField(LineField):
    """A password to hand over: shown, because who types it must read it to somebody."""

    attrs = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}

    def __init__(self, **options):
        words = _("告诉本人；第一次登录时要换成自己的")
        super().__init__(longest=100, label=_("初始密码"), help_text=words, initial=rules.first_password, **options)


class PlaceField(forms.ModelChoiceField):
    """One of the organisations one answers for; the list shows the first, any of them is taken."""

    def __init__(self, **options):
        errors = {"required": _("请选单位"), "invalid_choice": _("不在可选的单位里")}
        super().__init__(queryset=Organisation.objects.none(), label=_("单位"), error_messages=errors, **options)

    def offer(self, organisations, first: Organisation | None = None) -> None:
        self.queryset = organisations
        shown = {one.pk: one for one in [first, *organisations[:SHOWN]] if one}
        self.choices = [("", _("请选")), *[(pk, f"{one.name}（{one.region.name}）") for pk, one in shown.items()]]


class ClassField(forms.ModelChoiceField):
    def __init__(self, **options):
        errors = {"invalid_choice": _("不在可选的班级里")}
        super().__init__(
            queryset=Classroom.objects.none(), label=_("班级"), help_text=_("班主任才选"), required=False,
            empty_label=_("不选"), error_messages=errors, **options,
        )  # fmt: skip

    def offer(self, organisations) -> None:
        """Classes of these schools, the newest school year first."""
        classes = Classroom.objects.standing().filter(school__in=organisations).select_related("school")
        self.queryset = classes.order_by("-year", "school__name", "grade", "name")
        shown = [(one.pk, f"{one.school.name} {one.year} {one.name}") for one in self.queryset[:SHOWN]]
        self.choices = [("", self.empty_label), *shown]


class RoleField(PickField):
    def __init__(self, **options):
        super().__init__(label=_("角色"), widget=forms.Select, error_messages={"required": _("请选角色")}, **options)

    def offer(self, roles) -> None:
        self.choices = [("", _("请选")), *[(role, RoleCode(role).label) for role in roles]]


# ── the door ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class SignInForm(forms.Form):
    login = forms.CharField(
        label=_("登录名或手机号"), max_length=60, error_messages={"required": _("请填登录名")},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    password = PasswordField(label=_("密码"), fresh=False)
    remember = forms.BooleanField(label=_("记住这台手机 30 天"), required=False)


class PasswordForm(forms.Form):
    """One's own new password; the old one is asked unless it was handed over a moment ago."""

    old = PasswordField(label=_("现在的密码"), fresh=False)
    password = PasswordField(label=_("新密码"), fresh=True, help_text=_("10 位以上，不要只用数字"))
    again = PasswordField(label=_("再写一遍"), fresh=True)

    def __init__(self, *args, staff: Staff, **options):
        super().__init__(*args, **options)
        self.staff = staff
        if staff.must_change_password:
            del self.fields["old"]

    def clean(self):
        facts = super().clean()
        if "old" in self.fields and facts.get("old") and not self.staff.check_password(facts["old"]):
            self.add_error("old", _("现在的密码不对"))
        if facts.get("password") and facts.get("again") and facts["password"] != facts["again"]:
            self.add_error("again", _("两遍写得不一样"))
        if facts.get("password") and self.staff.check_password(facts["password"]):
            self.add_error("password", _("新密码要和现在的不一样"))
        return facts


# ── people and posts ─────────────────────────────────────────────────────────────────────────────────────────────────


class PostForm(AskForm):
    """A post for somebody who is on staff already."""

    role = RoleField()
    organisation = PlaceField()
    classroom = ClassField()
    from_on = DayField(label=_("从哪天起"), future=True)
    until = DayField(label=_("批准看到哪天"), future=True, required=False, help_text=_("不填就是一年"))

    def __init__(self, *args, roles, organisations, first=None, held=(), **options):
        super().__init__(*args, **options)
        self.held = held
        self.fields["role"].offer(roles)
        self.fields["organisation"].offer(organisations, first)
        self.fields["classroom"].offer(organisations)

    def check(self, facts, today):
        yield from rules.post_problems(facts, self.held)
        yield from rules.day_problems(facts.get("from_on"), facts.get("until"), today)


class NewPersonForm(PostForm):
    """A new person and their first post."""

    name = NameField(label=_("姓名"))
    login = LoginField(label=_("登录名"), longest=60, help_text=_("手机号或拼音，本人登录时用"))
    phone = PhoneField(label=_("电话"), required=False)
    password = ShownPasswordField()
    field_order = ("name", "login", "phone", "password", "role", "organisation", "classroom", "from_on", "until")

    def check(self, facts, today):
        yield from super().check(facts, today)
        if facts.get("login") and Staff.objects.filter(login=facts["login"]).exists():
            words = _("这个登录名有人用了；是同一个人，请从他的页面加岗位")
            yield Problem("login", "taken", words, STOPS)


class MoveForm(AskForm):
    """Another role, place or class from a day on."""

    role = RoleField()
    organisation = PlaceField()
    classroom = ClassField()
    on = DayField(label=_("从哪天起"), future=True)
    why = LineField(label=_("原因"), longest=100, help_text=WHY)

    def __init__(self, *args, post, roles, organisations, held=(), **options):
        super().__init__(*args, **options)
        self.post, self.held = post, held
        self.fields["role"].offer(roles)
        self.fields["organisation"].offer(organisations, post.organisation)
        self.fields["classroom"].offer(organisations)

    def check(self, facts, today):
        yield from rules.post_problems(facts, self.held)
        yield from rules.end_problems(self.post.from_on, facts.get("on"))


class EndForm(AskForm):
    """A post ends on a day, which is the first without it."""

    on = DayField(label=_("从哪天起不再担任"), future=True)
    why = LineField(label=_("原因"), longest=100, help_text=WHY)

    def __init__(self, *args, post, **options):
        super().__init__(*args, **options)
        self.post = post

    def check(self, facts, today):
        return rules.end_problems(self.post.from_on, facts.get("on"))


class SuspendForm(AskForm):
    on = DayField(label=_("从哪天起停用"), help_text=_("今天或以前；保存后马上不能登录"))
    why = LineField(label=_("原因"), longest=100, help_text=WHY)


class ReinstateForm(AskForm):
    why = LineField(label=_("原因"), longest=100, help_text=WHY)
    password = ShownPasswordField()


class HandOverForm(AskForm):
    """A password for somebody who forgot theirs."""

    password = ShownPasswordField()


class PersonForm(AskForm):
    name = NameField(label=_("姓名"))
    phone = PhoneField(label=_("电话"), required=False)


class NothingForm(AskForm):
    """A page that only asks whether."""


# ── approval to look ─────────────────────────────────────────────────────────────────────────────────────────────────


class RenewForm(AskForm):
    until = DayField(label=_("批准到哪天"), future=True, help_text=_("从今天起最多一年"))
    why = LineField(label=_("原因"), longest=200, help_text=WHY)

    def check(self, facts, today):
        return rules.day_problems(None, facts.get("until"), today)


class WhyForm(AskForm):
    why = LineField(label=_("原因"), longest=200, help_text=WHY)


class ChildGrantForm(AskForm):
    """Approval for one child. Its page belongs to a room that knows the child; it may be given to `colleagues`."""

    staff = forms.ModelChoiceField(
        queryset=Staff.objects.none(), label=_("给谁看"), empty_label=_("请选"),
        error_messages={"required": _("请选给谁看"), "invalid_choice": _("不在可选的人里")},
    )  # fmt: skip
    until = DayField(label=_("批准到哪天"), future=True)
    why = LineField(label=_("原因"), longest=200, help_text=WHY)

    def __init__(self, *args, colleagues, **options):
        super().__init__(*args, **options)
        self.fields["staff"].queryset = colleagues

    def check(self, facts, today):
        return rules.day_problems(None, facts.get("until"), today)
