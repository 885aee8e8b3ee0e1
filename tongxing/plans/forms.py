"""What a person sends of the plan."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from tongxing.base.attachments import LARGEST
from tongxing.base.forms import AskForm, DayField, LineField
from tongxing.base.problems import STOPS, Problem
from tongxing.plans import reading
from tongxing.plans.choices import STAND_IN_DAYS
from tongxing.plans.rows import ROWS


class ArrangeForm(AskForm):
    """Another day, another person, or both; with a reason. `colleagues`: [(key, name and role)]."""

    postponed_to = DayField(label=_("改到"), required=False, future=True)
    owner = forms.ChoiceField(label=_("请谁来做"), required=False)
    reason = LineField(label=_("原因"), longest=100, help_text=_("比如：不在家、下雨、孩子在校"))

    def __init__(self, *args, colleagues, **options):
        super().__init__(*args, **options)
        self.fields["owner"].choices = [("", _("不换人")), *colleagues]

    def check(self, facts, today):
        if not facts.get("postponed_to") and not facts.get("owner"):
            yield Problem("postponed_to", "nothing_arranged", _("请选改到哪天，或请谁来做"), STOPS)
        if facts.get("postponed_to") and facts["postponed_to"] <= today:
            yield Problem("postponed_to", "not_later", _("改到的日子要在今天以后"), STOPS)
        elif facts.get("owner") and (facts.get("postponed_to") or today) > today + timedelta(days=STAND_IN_DAYS):
            yield Problem(
                "postponed_to", "not_asked_so_long", _("请人代办最多一个月；再晚的，先只改日子，到时再请"), STOPS
            )


class DayForm(AskForm):
    """The day whose figures are looked at."""

    on = DayField(label=_("哪一天"), required=False)


class BringForm(forms.Form):
    """A written plan, read while it is heard: what cannot be read is said at the file."""

    file = forms.FileField(
        label=_("计划文件"),
        help_text=_("docx 或 txt；一个文件里有几份计划也行"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".docx,.txt"}),
        error_messages={"required": _("请选择一个计划文件")},
    )
    region = forms.ModelChoiceField(
        label=_("哪里的计划"), queryset=None, to_field_name="path", error_messages={"required": _("请选是哪里的计划")}
    )

    def __init__(self, *args, regions, **options):
        super().__init__(*args, **options)
        self.content, self.plans = b"", []
        self.fields["region"].queryset = regions
        self.fields["region"].empty_label = None if len(regions) == 1 else "—"

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(reading.REFUSALS["too_big"])
        self.content = file.read()
        try:
            self.plans = reading.read(self.content)
        except reading.UnreadablePlan as no:
            raise forms.ValidationError(no.text, code=no.code) from None
        return file

    def brought(self) -> dict:
        """The facts as `actions.bring` takes them."""
        return {
            "content": self.content,
            "name": self.cleaned_data["file"].name,
            "region": self.cleaned_data["region"],
            "plans": self.plans,
        }


class StartForm(AskForm):
    """What a plan is called and from when until when it holds."""

    title = LineField(label=_("名称"), longest=80)
    year = forms.IntegerField(
        label=_("年度"), required=False, min_value=2000, max_value=2099,
        error_messages=dict.fromkeys(("min_value", "max_value", "invalid"), _("请写四位数的年份")),
    )  # fmt: skip
    from_on = DayField(label=_("从哪天起"), required=False, future=True)
    to_on = DayField(label=_("到哪天止"), required=False, future=True)

    def check(self, facts, today):
        if facts.get("from_on") and facts.get("to_on") and facts["to_on"] < facts["from_on"]:
            yield Problem("to_on", "ends_before", _("结束的日子要在开始以后"), STOPS)


class CommitmentForm(AskForm):
    """What a commitment is about, who does it, by when. `doers`: who may be chosen; `added`: its words are asked.

    Who does it now can be left there, though they work elsewhere by now.
    """

    text = LineField(label=_("措施"), longest=1000)
    rows = forms.MultipleChoiceField(
        label=_("对应计划表的哪几项"),
        required=False,
        choices=[(str(row.number), f"{row.number} {row.title}") for row in ROWS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("不在可选的几项里")},
    )
    owner = forms.ChoiceField(
        label=_("责任人"), required=False, error_messages={"invalid_choice": _("不在可选的几项里")}
    )
    due_on = DayField(label=_("截止"), required=False, future=True)
    target = forms.DecimalField(
        label=_("目标（%）"), required=False, min_value=1, max_value=100, decimal_places=2, max_digits=5,
        help_text=_("计划里写了百分之几才填；没写就空着"),
        error_messages=dict.fromkeys(("min_value", "max_value", "invalid"), _("请写 1 到 100")),
    )  # fmt: skip
    note = LineField(label=_("备注"), required=False, longest=200)

    def __init__(self, *args, doers, owner=None, added=False, **options):
        super().__init__(*args, **options)
        people = {str(one.pk): one for one in doers}
        if owner:
            people.setdefault(str(owner.pk), owner)
        self.people = people
        self.fields["owner"].choices = [("", _("还没有定")), *[(pk, one.name) for pk, one in people.items()]]
        # said now, in the language of the page
        self.fields["rows"].choices = [(str(row.number), f"{row.number} {row.title}") for row in ROWS]
        if not added:
            del self.fields["text"]

    def said(self) -> dict:
        """The facts as actions take them."""
        facts = dict(self.cleaned_data)
        facts["rows"] = sorted(int(number) for number in facts["rows"])
        facts["owner"] = self.people.get(facts["owner"])
        return facts


class DropForm(AskForm):
    """Why something that was read is not wanted."""

    why = LineField(label=_("为什么"), longest=100)
