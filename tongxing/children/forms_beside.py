"""What a person sends about who stands beside a child: helper, attention, leaving, moving, withdrawing."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tongxing.base.forms import AskForm, DayField, LineField
from tongxing.base.problems import ASK, STOPS, Problem
from tongxing.children.choices import Level
from tongxing.children.rules import MOST_PER_HELPER


class PairForm(AskForm):
    """A helper for the child. `candidates` are queries.Candidate, `current` is the present Pairing."""

    NOBODY = "nobody"  # the present helper leaves, the next is not known yet

    helper = forms.ChoiceField(
        label=_("帮扶人"), widget=forms.RadioSelect, error_messages={"required": _("请选一个人")}
    )
    on = DayField(label=_("从哪天起"))
    end_why = LineField(label=_("换人的原因"), longest=100, error_messages={"required": _("写一下为什么换人")})

    def __init__(self, *args, candidates, current=None, sibling_helpers=(), **options):
        super().__init__(*args, **options)
        self.current, self.sibling_helpers = current, {str(pk) for pk in sibling_helpers}
        self.candidates = {str(one.staff.pk): one for one in candidates}
        if current:
            self.candidates.pop(str(current.helper_id), None)
        offered = [
            (
                pk,
                _("%(name)s（%(role)s，现有 %(count)s 个孩子）")
                % {"name": one.staff.name, "role": one.role, "count": one.count},
            )
            for pk, one in self.candidates.items()
        ]
        if current:
            offered.append((self.NOBODY, _("先结束，还没有新的人")))
        else:
            del self.fields["end_why"]
        self.fields["helper"].choices = offered

    def check(self, facts, today):
        helper = facts.get("helper")
        if self.current and facts.get("on") and facts["on"] < self.current.from_on:
            yield Problem("on", "before_current", _("不能早于现在这位开始的日子"), STOPS)
        if helper not in self.candidates:
            return
        if self.candidates[helper].count >= MOST_PER_HELPER:
            many = format_lazy(_("这位已经陪着 {count} 个孩子了"), count=self.candidates[helper].count)
            yield Problem("helper", "many_children", many, ASK)
        if self.sibling_helpers and helper not in self.sibling_helpers:
            yield Problem("helper", "sibling_apart", _("同一户的兄弟姐妹是另一位在帮扶"), ASK)

    def wanted(self) -> dict:
        """The facts as `pair` takes them, or `end_pairing` where the present helper only leaves."""
        facts = self.cleaned_data
        if facts["helper"] == self.NOBODY:
            return {"on": facts["on"], "why": facts["end_why"]}
        helper = self.candidates[facts["helper"]].staff
        return {"helper": helper, "on": facts["on"], "end_why": facts.get("end_why") or ""}


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
        self.communities = {one.path: one for one in communities}
        self.fields["community"].choices = [("", "—"), *((one.path, one.name) for one in communities)]

    def wanted(self) -> dict:
        """The facts as `move_care` takes them."""
        return self.cleaned_data | {"community": self.communities[self.cleaned_data["community"]]}


class ReturnForm(AskForm):
    """Looked after again, by one of the communities the person answers for."""

    community = forms.ChoiceField(label=_("由哪个社区照看"), error_messages={"required": _("请选社区")})
    on = DayField(label=_("从哪天起"))
    why = LineField(label=_("原因"), longest=100, help_text=_("比如：父母又外出了、搬回来了"))

    def __init__(self, *args, communities, since, **options):
        super().__init__(*args, **options)
        self.since, self.communities = since, {one.path: one for one in communities}
        self.fields["community"].choices = [("", "—"), *((one.path, one.name) for one in communities)]
        if len(communities) == 1:
            self.fields["community"].widget = forms.HiddenInput()

    def check(self, facts, today):
        if facts.get("on") and self.since and facts["on"] < self.since:
            yield Problem("on", "before_left", _("不能早于上次离开的日子"), STOPS)

    def wanted(self) -> dict:
        """The facts as `return_to_care` takes them."""
        return self.cleaned_data | {"community": self.communities[self.cleaned_data["community"]]}


class WithdrawForm(AskForm):
    why = LineField(label=_("作废的原因"), longest=200, help_text=_("比如：和另一份重复、录错了"))
