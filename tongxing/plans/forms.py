"""What a person sends of the plan."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tongxing.base.forms import AskForm, DayField, LineField
from tongxing.base.problems import STOPS, Problem


class ArrangeForm(AskForm):
    """Another day, another person, or both; with a reason."""

    postponed_to = DayField(label=_("改到"), required=False, future=True)
    owner = forms.ChoiceField(label=_("请谁来做"), required=False)
    reason = LineField(label=_("原因"), longest=100, help_text=_("比如：不在家、下雨、孩子在校"))

    def __init__(self, *args, colleagues, **options):
        super().__init__(*args, **options)
        self.fields["owner"].choices = [("", _("不换人")), *[(str(one.pk), one.name) for one in colleagues]]

    def check(self, facts, today):
        if not facts.get("postponed_to") and not facts.get("owner"):
            yield Problem("postponed_to", "nothing_arranged", _("请选改到哪天，或请谁来做"), STOPS)
        if facts.get("postponed_to") and facts["postponed_to"] <= today:
            yield Problem("postponed_to", "not_later", _("改到的日子要在今天以后"), STOPS)


class DayForm(AskForm):
    """The day whose figures are looked at."""

    on = DayField(label=_("哪一天"), required=False)
