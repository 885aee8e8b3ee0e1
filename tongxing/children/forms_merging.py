"""What a person says when two archives are one child's, or were two after all."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tongxing.base.forms import AskForm, LineField
from tongxing.base.problems import STOPS
from tongxing.children.forms import ALL
from tongxing.children.queries.merging import CARER, FATHER, MOTHER, SCHOOL, Beside, Question, lead_of
from tongxing.children.rules import check

SIDES = [("0", ""), ("1", "")]
NAMED = {FATHER: _("爸爸"), MOTHER: _("妈妈"), CARER: _("照护人"), SCHOOL: _("学校和班级")}
CHOOSE = {"required": _("请选一边"), "invalid_choice": _("请选一边")}


def label_of(fields: tuple) -> str:
    """What a group of facts is called."""
    return str(NAMED.get(fields) or ALL[lead_of(fields)].label)


def _sides(label, likely: int) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=SIDES, widget=forms.RadioSelect, initial=str(likely), error_messages=CHOOSE
    )


def _picks(facts: dict, found: Beside) -> dict[str, int]:
    return {one.name: int(facts[one.name]) for one in found.questions}


class MergeForm(AskForm):
    """One answer for each fact the two archives say otherwise: the left side (0) or the right (1)."""

    ANSWERS = _("由谁照看")
    COMMUNITY = "community"  # which community answers for the child: its archive remains

    def __init__(self, *args, found: Beside, **options):
        super().__init__(*args, **options)
        self.found = found
        for one in found.questions:
            self.fields[one.name] = _sides(label_of(one.fields), one.likely)
        if found.homes:
            self.fields[self.COMMUNITY] = _sides(self.ANSWERS, found.remaining)

    def picked(self, one: Question | None = None) -> int:
        """The side that is chosen of a question, or of the community, as the page shows it."""
        name = one.name if one else self.COMMUNITY
        value = self[name].value()
        return int(value) if value in ("0", "1") else -1

    def check(self, facts, today):
        if all(facts.get(one.name) for one in self.found.questions):
            made = self.found.facts(_picks(facts, self.found))
            yield from (one for one in check(made, today) if one.severity == STOPS)

    def wanted(self) -> dict:
        """The facts as `merge` takes them."""
        found = self.found
        at = int(self.cleaned_data.get(self.COMMUNITY) or found.remaining)
        chosen = found.chosen(_picks(self.cleaned_data, found))
        return {
            "child": found.sides[at].child,
            "gone": found.sides[1 - at].child,
            "from_gone": {name for name, side in chosen.items() if side != at},
            "on": self.today,
        }


class UnmergeForm(AskForm):
    """They were two: why, and whose each later act is."""

    STAYS, GOES = "stays", "goes"

    why = LineField(label=_("为什么撤销"), longest=100)

    def __init__(self, *args, later, names: tuple[str, str], **options):
        super().__init__(*args, **options)
        self.later = {f"act_{row.pk}": row for row in later}
        for name in self.later:
            self.fields[name] = forms.ChoiceField(
                choices=[(self.STAYS, names[0]), (self.GOES, names[1])], widget=forms.RadioSelect, error_messages=CHOOSE
            )

    def name_later(self, words: dict) -> None:
        """Call each act by these words: its id → a line."""
        for name, row in self.later.items():
            self.fields[name].label = words[row.pk]

    def wanted(self) -> dict:
        """The facts as `unmerge` takes them."""
        goes = [row for name, row in self.later.items() if self.cleaned_data[name] == self.GOES]
        return {"why": self.cleaned_data["why"], "on": self.today, "to_gone": goes}
