"""What a person sends about who stands beside a child: helper, attention, leaving, moving, withdrawing."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tongxing.base.forms import AskForm, DayField, LineField
from tongxing.base.problems import ASK, STOPS, Problem
from tongxing.children.choices import Level

MOST_CHILDREN = 10  # a helper of more is asked about, never refused


class PairForm(AskForm):
    """A helper for the child. `candidates`: [(staff, how many children now)]; `current` is the present Pairing."""

    helper = forms.ChoiceField(
        label=_("帮扶人"), widget=forms.RadioSelect, error_messages={"required": _("请选一个人")}
    )
    on = DayField(label=_("从哪天起"))
    end_why = LineField(label=_("换人的原因"), longest=100, required=False)

    def __init__(self, *args, candidates, current=None, sibling_helpers=(), **options):
        super().__init__(*args, **options)
        self.load = {str(staff.pk): count for staff, count in candidates}
        self.current, self.sibling_helpers = current, {str(pk) for pk in sibling_helpers}
        self.fields["helper"].choices = [
            (str(staff.pk), _("%(name)s（现有 %(count)s 个孩子）") % {"name": staff.name, "count": count})
            for staff, count in candidates
        ]
        if current is None:
            del self.fields["end_why"]

    def check(self, facts, today):
        helper = facts.get("helper")
        changes = self.current is not None and helper and helper != str(self.current.helper_id)
        if changes and not facts.get("end_why"):
            yield Problem("end_why", "why_change", _("写一下为什么换人"), STOPS)
        if changes and facts.get("on") and facts["on"] < self.current.from_on:
            yield Problem("on", "before_current", _("不能早于现在这位开始的日子"), STOPS)
        if helper and self.load.get(helper, 0) >= MOST_CHILDREN:
            yield Problem("helper", "many_children", _("这位已经有 10 个以上的孩子"), ASK)
        if helper and self.sibling_helpers and helper not in self.sibling_helpers:
            yield Problem("helper", "sibling_apart", _("同一户的兄弟姐妹是另一位在帮扶"), ASK)


class AttentionForm(AskForm):
    level = forms.ChoiceField(
        label=_("关注等级"),
        choices=Level.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选一个")},
    )
    on = DayField(label=_("从哪天起"))
    reason = LineField(label=_("原因"), longest=200, help_text=_("看到、听到了什么；以后复评时要用"))

    def __init__(self, *args, current=None, **options):
        super().__init__(*args, **options)
        self.current = current

    def check(self, facts, today):
        if self.current and facts.get("on") and facts["on"] < self.current.from_on:
            yield Problem("on", "before_current", _("不能早于现在这个等级开始的日子"), STOPS)


class LeaveForm(AskForm):
    on = DayField(label=_("从哪天起"))
    why = LineField(label=_("原因"), longest=100, help_text=_("比如：父母返乡、满 18 岁、迁出"))

    def __init__(self, *args, since, **options):
        super().__init__(*args, **options)
        self.since = since

    def check(self, facts, today):
        if facts.get("on") and facts["on"] < self.since:
            yield Problem("on", "before_care", _("不能早于开始照看的日子"), STOPS)


class MoveForm(LeaveForm):
    community = forms.ChoiceField(label=_("转到哪个社区"), error_messages={"required": _("请选社区")})

    def __init__(self, *args, communities, **options):
        super().__init__(*args, **options)
        self.fields["community"].choices = [("", "—"), *((one.path, one.name) for one in communities)]


class WithdrawForm(AskForm):
    why = LineField(label=_("作废的原因"), longest=200, help_text=_("比如：和另一份重复、录错了"))
