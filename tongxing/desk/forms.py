"""What a person sends of their own work list."""

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from tongxing.base.forms import AskForm, DayField, LineField
from tongxing.base.problems import STOPS, Problem

COMMON = (("not_home", _("不在家")), ("rain", _("下雨")), ("at_school", _("孩子在校")), ("other", _("别的原因")))
LONGEST_DAYS = 62


class LaterForm(AskForm):
    """Another day for one duty of one's own, with a reason: two taps for the common ones.

    `last`: until when one was asked to do somebody else's.
    """

    reason = forms.ChoiceField(
        label=_("为什么"), choices=COMMON, widget=forms.RadioSelect, error_messages={"required": _("请选一个原因")}
    )
    words = LineField(label=_("别的原因"), longest=100, required=False)
    day = forms.ChoiceField(label=_("改到"), widget=forms.RadioSelect, error_messages={"required": _("请选一天")})
    other_day = DayField(label=_("别的日子"), required=False, future=True)

    def __init__(self, *args, today: date, last: date | None = None, **options):
        super().__init__(*args, today=today, **options)
        self.last = last
        saturday = today + timedelta(days=(5 - today.weekday()) % 7 or 7)
        near = {
            (today + timedelta(days=1)).isoformat(): _("明天"),
            (today + timedelta(days=2)).isoformat(): _("后天"),
        }
        near.setdefault(saturday.isoformat(), _("星期六"))
        self.fields["day"].choices = [*near.items(), ("other", _("别的日子"))]

    def check(self, facts, today):
        if facts.get("reason") == "other" and not facts.get("words"):
            yield Problem("words", "which_reason", _("写一下原因"), STOPS)
        if facts.get("day") == "other":
            day = facts.get("other_day")
            if not day:
                yield Problem("other_day", "which_day", _("请写哪一天"), STOPS)
            elif day <= today:
                yield Problem("other_day", "not_later", _("改到的日子要在今天以后"), STOPS)
            elif (day - today).days > LONGEST_DAYS:
                yield Problem("other_day", "too_late", _("太久了，两个月以内再看一次"), STOPS)
            elif self.last and day > self.last:
                yield self._not_asked_so_long("other_day")
        elif facts.get("day") and self.last and date.fromisoformat(facts["day"]) > self.last:
            yield self._not_asked_so_long("day")

    def _not_asked_so_long(self, field: str) -> Problem:
        words = _("别人请你代办到 %(day)s，请选那天或以前") % {"day": self.last.isoformat()}
        return Problem(field, "not_asked_so_long", words, STOPS)

    def wanted(self) -> dict:
        """Reason and day as `arrange` takes them."""
        facts = self.cleaned_data
        reason = facts["words"] if facts["reason"] == "other" else str(dict(COMMON)[facts["reason"]])
        day = facts["other_day"] if facts["day"] == "other" else date.fromisoformat(facts["day"])
        return {"reason": reason, "postponed_to": day}
