"""Forms that anybody may send: a complaint, a case number with its code, the first administrator of an installation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tongxing.base.forms import AskForm, LineField, NameField, PickField, WordsField
from tongxing.base.problems import STOPS, Problem
from tongxing.staff import rules
from tongxing.staff.choices import ComplaintKind
from tongxing.staff.forms.people import LoginField, PasswordField


class ComplaintForm(AskForm):
    """Free text; everything else may stay empty."""

    kind = PickField(
        label=_("是投诉还是建议"), choices=ComplaintKind.choices, widget=forms.RadioSelect,
        initial=ComplaintKind.SUGGESTION, error_messages={"required": _("请选一个")},
    )  # fmt: skip
    words = WordsField(label=_("想说的话"), rows=6)
    contact = LineField(
        label=_("怎么联系你"), longest=100, required=False,
        help_text=_("电话或别的都行。不写也会处理，凭编号和查询码看回复。"),
    )  # fmt: skip
    place = LineField(label=_("哪个社区或学校"), longest=80, required=False)

    def __init__(self, *args, known: bool, **options):
        super().__init__(*args, **options)
        if known:  # whose place is known is not asked again
            del self.fields["place"]


class CaseForm(forms.Form):
    """A case number and the code that was shown with it."""

    number = forms.CharField(
        label=_("编号"), max_length=30, error_messages={"required": _("请填编号")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    code = forms.CharField(
        label=_("查询码"), max_length=30, error_messages={"required": _("请填查询码")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip


class AnswerForm(AskForm):
    answer = WordsField(label=_("回复"), rows=5, help_text=_("提意见的人凭编号和查询码看得到这几句"))


class BeginForm(AskForm):
    """The first administrator, and the county where it all begins."""

    code = LineField(
        label=_("启动码"), longest=40, help_text=_("启动这个系统的窗口里，code 后面的那几个字母"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    name = NameField(label=_("你的姓名"))
    login = LoginField(label=_("登录名"), longest=60, help_text=_("手机号或拼音，登录时用"))
    password = PasswordField(label=_("密码"), fresh=True, help_text=_("10 位以上，不要只用数字"))
    again = PasswordField(label=_("再写一遍"), fresh=True)
    county_code = LineField(label=_("县（区）代码"), longest=12, help_text=_("6 位数字，就是本地身份证号的前六位"))
    county_name = LineField(label=_("县（区）名称"), longest=60)
    office = LineField(label=_("你的单位"), longest=80, help_text=_("如 梅源县民政局"))

    def check(self, facts, today):
        yield from rules.place_problems("county_code", facts.get("county_code"), 6, facts.get("county_code") or "0")
        if facts.get("password") and facts.get("again") and facts["password"] != facts["again"]:
            yield Problem("again", "differs", _("两遍写得不一样"), STOPS)
