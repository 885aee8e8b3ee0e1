"""What people send to the rosters room: a file, a mended row, a reason for taking a list back."""

from typing import ClassVar

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from tongxing.base.attachments import LARGEST
from tongxing.base.forms import ACCEPT, LineField
from tongxing.base.problems import NOTICE
from tongxing.children.forms import ALL, SomeFacts
from tongxing.rosters.choices import RosterKind
from tongxing.rosters.matching import Archives, place_of
from tongxing.rosters.models import Roster, RosterRow
from tongxing.rosters.rules import BESIDE, beside, identity_of


class UploadForm(forms.Form):
    """A list of people. Which communities and senders there are to choose from, the view says."""

    kind = forms.ChoiceField(label=_("这是什么名单"), choices=RosterKind.choices, widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("表格"),
        help_text=_("xlsx 或 xls，最大 20 MB"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls"}),
        error_messages={"required": _("请选择一个表格文件")},
    )
    community = forms.ModelChoiceField(
        label=_("哪个社区的孩子"), queryset=None, to_field_name="path", error_messages={"required": _("请选社区")}
    )
    sender = forms.ModelChoiceField(label=_("来自哪所学校"), queryset=None, required=False)

    def __init__(self, *args, communities, schools, **options):
        super().__init__(*args, **options)
        self.fields["community"].queryset = communities
        self.fields["community"].empty_label = None if len(communities) == 1 else "—"
        self.fields["sender"].queryset = schools
        self.fields["sender"].required = False
        if not schools:
            del self.fields["sender"]
        elif len(schools) == 1:
            self.fields["sender"].empty_label = None
            self.fields["sender"].initial = schools[0]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("文件超过 20 MB，请分成几个再上传"))
        return file


class UndoForm(forms.Form):
    why = LineField(label=_("为什么撤销"), longest=100)
    later = forms.BooleanField(label=_("有后来记录的孩子也一起撤回"), required=False)


# Fields drawn together, because the mistake may be in either.
BESIDES = {
    "sex_differs": ("sex",),
    "birth_differs": ("birth_on",),
    "no_birth": ("citizen_number",),
    "same_number": ("citizen_number",),
    "same_person": ("birth_on", "citizen_number"),
    "phone_without_name": (),
}


class MendForm(SomeFacts):
    """One held row: the cells as written, overlaid with what somebody types; the same fields and rules as the row.

    Always bound, so that it shows what is wrong before anybody has typed. `shown` are the fields to look at.
    """

    base_fields: ClassVar[dict] = dict(ALL)

    def __init__(self, row: RosterRow, roster: Roster, sent=None):
        self.row, self.roster = row, roster
        cells = dict(row.cells())
        accepted = row.accepted
        if sent is not None:
            cells |= {name: sent[name] for name in ALL if name in sent}
            accepted = [*accepted, *sent.getlist(ACCEPT)]
        self.mended = sorted(name for name in ALL if sent is not None and name in sent)
        data = MultiValueDict({name: [value] for name, value in cells.items()} | {ACCEPT: accepted})
        super().__init__(data, today=roster.received_on, auto_id=f"row{row.number}_%s")
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = _("第 %(row)s 行 %(field)s") % {"row": row.number, "field": field.label}
            if name == "sex":
                field.widget = forms.Select(choices=[("", "—"), *field.choices], attrs=field.widget.attrs)

    def check(self, facts, today):
        return [*super().check(facts, today), *self._beside(facts)]

    def _beside(self, facts):
        """What shows only beside archives and the other row this one was held for."""
        who = identity_of(facts, self.row.cells() if not self.mended else {}, self.roster.received_on)
        number = facts.get("citizen_number")
        archives = Archives(self.roster.community, [who], [number])
        found = archives.of(who, number)
        problems = []
        if found and found.community != self.roster.community_id:
            problems.append(beside("archived_elsewhere", "citizen_number", place=place_of(found.community))[0])
        elif not found and archives.namesake(who):
            problems.append(beside("other_number", "citizen_number")[0])
        held_for = [one for one in self.row.problems if one["code"] in ("same_number", "same_person")]
        still = [(same, one["args"]) for one in held_for if (same := self._same(one, who))]
        return problems + [beside(same, "name", **arguments)[0] for same, arguments in still]

    def _same(self, problem: dict, who) -> str:
        """Whether the row is still about the same child as the earlier one: the code of what is the same."""
        first = self.roster.rows.filter(sheet=self.row.sheet, number=problem["args"]["first"]).first()
        if first is None:
            return ""
        other = identity_of(first.known_facts(), first.cells(), self.roster.received_on)
        if who.number and who.number == other.number:
            return "same_number"
        same = who.name and who.birth_on and (who.name, who.birth_on) == (other.name, other.birth_on)
        return "same_person" if same else ""

    @property
    def waiting(self) -> list:
        """The problems still to be answered, in their order."""
        accepted = self.accepted
        return [one for one in self.problems if one.severity != NOTICE and one.accept_key not in accepted]

    @property
    def shown(self) -> list:
        """Bound fields to look at: those with something to answer, and those that were just written."""
        names = set(self.mended)
        for one in self.waiting:
            if one.code not in BESIDE or one.code in ("archived_elsewhere", "other_number"):
                names.add(one.field)
            names |= set(BESIDES.get(one.code, ()))
        return [self[name] for name in self.fields if name in names]
