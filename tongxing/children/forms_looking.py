"""What a person sends to look at a file that is not theirs: a look that cannot wait."""

from django.utils.translation import gettext_lazy as _

from tongxing.base.forms import AskForm, CitizenNumberField, DayField, LineField, NameField
from tongxing.base.problems import STOPS, Problem

SHORTEST_WHY = 6


class EmergencyForm(AskForm):
    """Which child, known by name and one thing more, so that nobody looks through a list; and why it cannot wait."""

    name = NameField(label=_("孩子的姓名"), help_text=_("写全名"))
    birth_on = DayField(label=_("出生日期"), required=False)
    citizen_number = CitizenNumberField(label=_("或者身份证号"), required=False)
    why = LineField(label=_("为什么现在就要看"), longest=200, help_text=_("写清发生了什么；负责的人马上会看到这句话"))

    def check(self, facts, today):
        if not facts.get("birth_on") and not facts.get("citizen_number"):
            yield Problem("birth_on", "which_child", _("出生日期和身份证号写一样，免得看错孩子"), STOPS)
        if facts.get("why") and len(facts["why"]) < SHORTEST_WHY:
            yield Problem("why", "too_short", _("再写清楚一点：发生了什么"), STOPS)
