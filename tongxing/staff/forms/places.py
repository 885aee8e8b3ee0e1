"""Regions, organisations, classes; and the first of them, of an installation that begins."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tongxing.base.forms import AskForm, LineField, PhoneField, PickField
from tongxing.base.problems import STOPS, Problem
from tongxing.staff import rules
from tongxing.staff.choices import OrganisationKind
from tongxing.staff.models import Region

LARGEST = 5 * 1024 * 1024  # bytes of a list of places: a province down to its villages


class RegionForm(AskForm):
    code = LineField(label=_("区划代码"), longest=12, help_text=_("12 位数字，末尾的 0 可以不写；不知道就问乡镇"))
    name = LineField(label=_("名称"), longest=60)
    year = forms.IntegerField(
        label=_("代码年份"), min_value=1980, max_value=2100,
        error_messages={name: _("请填四位年份") for name in ("required", "invalid", "min_value", "max_value")},
    )  # fmt: skip

    def __init__(self, *args, above: Region, **options):
        super().__init__(*args, **options)
        self.above = above

    def check(self, facts, today):
        code = facts.get("code")
        if not code:
            return
        try:
            path = rules.path_of(code)
        except ValueError:
            yield Problem("code", "no_code", _("区划代码是 2 到 12 位数字"), STOPS)
            return
        if not path.startswith(self.above.path) or path == self.above.path:
            words = _("%(name)s下面的代码以 %(path)s 开头") % {"name": self.above.name, "path": self.above.path}
            yield Problem("code", "elsewhere", words, STOPS)
        elif Region.objects.filter(path=path).exists():
            yield Problem("code", "taken", _("这个代码已经有了"), STOPS)


class RegionNameForm(AskForm):
    name = LineField(label=_("名称"), longest=60)


class OrganisationForm(AskForm):
    name = LineField(label=_("名称"), longest=80)
    kind = PickField(label=_("类别"), widget=forms.RadioSelect, error_messages={"required": _("请选类别")})
    phone = PhoneField(label=_("值班电话"), required=False)

    def __init__(self, *args, region: Region, **options):
        super().__init__(*args, **options)
        fitting = [(code, label) for code, label in OrganisationKind.choices if rules.kind_fits(code, region.path)]
        self.fields["kind"].choices = fitting


class OrganisationFactsForm(AskForm):
    name = LineField(label=_("名称"), longest=80)
    phone = PhoneField(label=_("值班电话"), required=False)


def grades() -> list[tuple[int, str]]:
    """0 kindergarten, 1–9 compulsory, 10–12 senior."""
    compulsory = [(n, gettext("%(n)s 年级") % {"n": n}) for n in range(1, 10)]
    return [(0, gettext("幼儿园")), *compulsory, (10, gettext("高一")), (11, gettext("高二")), (12, gettext("高三"))]


class ClassroomForm(AskForm):
    year = forms.IntegerField(
        label=_("学年"), min_value=2000, max_value=2100, help_text=_("2026 指 2026—2027 学年"),
        error_messages={name: _("请填四位年份") for name in ("required", "invalid", "min_value", "max_value")},
    )  # fmt: skip
    grade = forms.TypedChoiceField(label=_("年级"), coerce=int, choices=grades)
    name = LineField(label=_("班级"), longest=20, help_text=_("如 六(1)班"))


# ── the first of an installation ─────────────────────────────────────────────────────────────────────────────────────


class FirstPlacesForm(AskForm):
    """One community and the township it lies in: what an installation needs at least. `county` is where it begins."""

    township_code = LineField(label=_("乡镇（街道）代码"), longest=12)
    township_name = LineField(label=_("乡镇（街道）名称"), longest=60)
    community_code = LineField(label=_("社区（村）代码"), longest=12)
    community_name = LineField(label=_("社区（村）名称"), longest=60)

    def __init__(self, *args, county: Region, **options):
        super().__init__(*args, **options)
        self.county = county
        nine, twelve = _("9 位数字，以 %(path)s 开头"), _("12 位数字，以乡镇代码开头；不知道就问乡镇")
        self.fields["township_code"].help_text = nine % {"path": county.path}
        self.fields["community_code"].help_text = twelve

    def check(self, facts, today):
        yield from rules.place_problems("township_code", facts.get("township_code"), 9, self.county.path)
        above = facts.get("township_code") or self.county.path
        yield from rules.place_problems("community_code", facts.get("community_code"), 12, above)


class PlaceListForm(AskForm):
    """A list of places: a spreadsheet, or lines of code and name."""

    lines = forms.CharField(
        label=_("一行一个：代码 名称"), required=False, max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    file = forms.FileField(
        label=_("或者选一张表"), required=False, help_text=_("Excel 或文本，一列代码、一列名称"),
        error_messages={"empty": _("这个文件是空的")},
    )  # fmt: skip

    def check(self, facts, today):
        file = self.files.get(self.add_prefix("file"))
        if file is not None and file.size > LARGEST:
            yield Problem("file", "too_large", _("文件太大了，请只留本县的几列"), STOPS)
        elif file is None and not (facts.get("lines") or "").strip():
            yield Problem("lines", "nothing", _("请写几行，或者选一张表"), STOPS)


class FirstOfficesForm(AskForm):
    """The office of a community, its school, its township's office; each that is named is opened."""

    community = forms.ChoiceField(
        label=_("哪个社区"),
        error_messages={"required": _("请选社区"), "invalid_choice": _("不在可选的几项里")},
    )
    office = LineField(label=_("社区居委会（村委会）"), longest=80)
    phone = PhoneField(label=_("值班电话"), required=False, help_text=_("孩子和家长有事打这个电话"))
    school = LineField(label=_("孩子们上的学校"), longest=80, required=False, help_text=_("照名册上的写法写全称"))
    township = LineField(label=_("乡镇的办公室"), longest=80, required=False, help_text=_("儿童督导员在哪个单位"))

    def __init__(self, *args, communities, **options):
        super().__init__(*args, **options)
        self.fields["community"].choices = [(one.path, one.name) for one in communities]
        if len(communities) == 1:
            self.fields["community"].widget = forms.HiddenInput()
