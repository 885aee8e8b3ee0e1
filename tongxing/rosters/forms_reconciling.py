"""What people send about findings: a verdict, a reason."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tongxing.base.forms import LineField
from tongxing.rosters.choices import Heap, Verdict, WhyUnlisted
from tongxing.rosters.findings import Finding


class VerdictForm(forms.Form):
    """What a finding is. Which verdicts there are depends on what was found; the page has a button for each."""

    verdict = forms.ChoiceField(choices=Verdict.choices)
    version = forms.IntegerField(min_value=0)
    why = forms.ChoiceField(
        label=_("为什么不在名单上"), choices=WhyUnlisted.choices, widget=forms.RadioSelect,
        error_messages={"required": _("请选一个原因"), "invalid_choice": _("请选一个原因")},
    )  # fmt: skip
    words = LineField(label=_("备注"), longest=100, required=False)

    def __init__(self, *args, finding: Finding, **options):
        super().__init__(*args, **options)
        self.finding = finding
        if finding.heap != Heap.UNLISTED:
            del self.fields["why"]


class BackForm(forms.Form):
    why = LineField(label=_("为什么撤销"), longest=100)
