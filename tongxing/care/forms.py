"""What a person sends of an act of care."""

from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from tongxing.base.forms import AskForm, DayField, LineField, WordsField
from tongxing.base.problems import ASK, STOPS, Problem
from tongxing.care.choices import ParentContact, Signal, TellHome
from tongxing.children.choices import Level
from tongxing.children.queries import remaining_of

SHORTEST = 8  # characters of the one sentence that makes a visit worth reading
SIGNALS = ("living", "study", "mood", "safety")
OLDEST_DAYS = 366


class SegField(forms.ChoiceField):
    """A few answers side by side; those in `warns` are drawn as a warning."""

    widget = forms.RadioSelect

    def __init__(self, *, warns=(), **options):
        self.warns = warns
        super().__init__(**options)


def signal(label):
    return SegField(
        label=label,
        choices=Signal.choices,
        warns=(Signal.WORRY,),
        required=True,
        error_messages={"required": _("请选一个")},
    )


class VisitedField(forms.MultipleChoiceField):
    """Children by their ids; whose archive became part of another meanwhile is that one."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value):
        known = {pk for pk, _name in self.choices}
        sent = super().to_python(value)
        return list(dict.fromkeys(pk if pk in known else _remaining(pk) for pk in sent))


def _remaining(pk: str) -> str:
    try:
        child = remaining_of(UUID(pk))
    except ValueError:
        return pk
    return str(child.pk) if child else pk


class VisitForm(AskForm):
    """One visit to one door. `household` are the children who live there, the asked-for child first."""

    visited_on = DayField(label=_("走访日期"))
    visited_at = forms.TimeField(
        label=_("时间"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("请写成 10:05 这样")},
    )
    with_children = VisitedField(label=_("这次看望"), error_messages={"required": _("请选看望了谁")})
    met = forms.MultipleChoiceField(
        label=_("见到谁"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("请选见到了谁")}
    )
    saw_other = LineField(label=_("见到的其他人"), required=False, longest=40)
    living = signal(_("生活"))
    study = signal(_("学习"))
    mood = signal(_("情绪"))
    safety = signal(_("安全"))
    parent_contact = SegField(
        label=_("和父母"),
        choices=ParentContact.choices,
        warns=(ParentContact.NONE,),
        error_messages={"required": _("请选一个")},
    )
    words = WordsField(
        label=_("看到、听到的一句话"),
        rows=3,
        help_text=_("孩子的原话最好，8 个字起"),
        error_messages={"required": _("写一句看到、听到的，8 个字起")},
    )
    follow_up = LineField(label=_("担心的事，接下来怎么办"), required=False, longest=500)
    tell_home = SegField(
        label=_("要不要告诉家里"), choices=TellHome.choices, error_messages={"required": _("请选一个")}
    )
    next_on = DayField(label=_("下次"), required=False, future=True)

    def __init__(self, *args, household, called, carer_word, **options):
        super().__init__(*args, **options)
        self.household = {str(child.pk): child for child in household}
        self.fields["with_children"].choices = list(zip(self.household, called, strict=True))
        self.fields["met"].choices = [("child", _("孩子")), ("carer", carer_word), ("other", _("其他"))]

    def check(self, facts, today):
        day = facts.get("visited_on")
        if day and (today - day).days > OLDEST_DAYS:
            yield Problem("visited_on", "long_ago", _("这是一年多以前，请看一眼"), ASK)
        said = facts.get("words") or ""
        if said and len(said.strip()) < SHORTEST:
            yield Problem("words", "too_short", _("再多写几个字，8 个字起"), STOPS)
        if any(facts.get(name) == Signal.WORRY for name in SIGNALS) and not facts.get("follow_up"):
            yield Problem("follow_up", "worry_needs_follow_up", _("有担心的地方，写一句接下来怎么办"), STOPS)
        if "other" in (facts.get("met") or ()) and not facts.get("saw_other"):
            yield Problem("saw_other", "who_else", _("写一下还见到了谁"), STOPS)
        if facts.get("next_on") and day and facts["next_on"] <= day:
            yield Problem("next_on", "next_before", _("下次要在这次以后"), STOPS)

    def visit(self) -> dict:
        """The facts as `record_visit` takes them."""
        facts = self.cleaned_data
        children = [self.household[pk] for pk in facts["with_children"]]
        return {
            "children": children,
            "seen": set(children) if "child" in facts["met"] else set(),
            "visited_on": facts["visited_on"],
            "visited_at": facts["visited_at"],
            "saw_carer": "carer" in facts["met"],
            "saw_other": facts["saw_other"] or "",
            **{name: facts[name] for name in SIGNALS},
            "parent_contact": facts["parent_contact"],
            "words": facts["words"],
            "follow_up": facts["follow_up"] or None,
            "tell_home": facts["tell_home"],
            "next_on": facts["next_on"],
        }


class WithdrawForm(forms.Form):
    why = forms.CharField(label=_("作废的原因"), max_length=200, error_messages={"required": _("请写原因")})


class CadenceForm(forms.Form):
    """Days between visits, one field per attention level."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for level, label in Level.choices:
            self.fields[level] = forms.IntegerField(
                label=label,
                min_value=1,
                max_value=366,
                help_text=_("几天去一次"),
                error_messages={
                    "required": _("请填 1 到 366 天"),
                    "invalid": _("请填天数"),
                    "min_value": _("请填 1 到 366 天"),
                    "max_value": _("请填 1 到 366 天"),
                },
            )
