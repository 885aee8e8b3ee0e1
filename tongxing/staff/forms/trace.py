"""The trace, narrowed down."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from tongxing.base.forms import AskForm, DayField, LineField
from tongxing.base.problems import STOPS, Problem
from tongxing.staff import rules


class TraceForm(AskForm):
    """Filters of the trace: a person, and days from and to, both included."""

    who = LineField(label=_("谁"), longest=60, required=False, help_text=_("登录名或全名"))
    since = DayField(label=_("从"), required=False)
    until = DayField(label=_("到"), required=False)

    def check(self, facts, today):
        if facts.get("since") and facts.get("until") and facts["until"] < facts["since"]:
            yield Problem("until", "before", _("到的日子在从的日子以前"), STOPS)

    def moments(self) -> dict:
        """The first moment asked for, and the first one after."""
        facts = self.facts if self.is_bound and self.is_valid() else {}
        since, until = facts.get("since"), facts.get("until")
        return {
            "since": rules.begins(since) if since else None,
            "until": rules.begins(until + timedelta(days=1)) if until else None,
        }
