"""What people send to the rosters room: a file, a mended row, a reason for taking a list back."""

from uuid import UUID

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from tongxing.base import numbers
from tongxing.base.attachments import LARGEST
from tongxing.base.forms import ACCEPT, Context, LineField
from tongxing.base.once import once_field
from tongxing.base.problems import ASK, NOTICE
from tongxing.children.forms import ALL, ArchiveForm, read_row
from tongxing.children.models import Child
from tongxing.rosters.choices import RosterKind
from tongxing.rosters.findings import Finding
from tongxing.rosters.matching import Archives
from tongxing.rosters.models import Roster, RosterRow
from tongxing.rosters.rules import KEEP, PERHAPS, SKIPPABLE, USE, Identity, beside, identity_of, sentence
from tongxing.rosters.sheets import DOUBTS, Ask, cell_text, doubt, title_of, titles, words_of


class UploadForm(forms.Form):
    """A list of people. Which communities and senders there are to choose from, the view says."""

    kind = forms.ChoiceField(
        label=_("这是什么名单"), choices=RosterKind.choices, initial=RosterKind.SCHOOL_ROLL, widget=forms.RadioSelect
    )
    file = forms.FileField(
        label=_("表格"),
        help_text=_("xlsx、xls 或 csv，最大 20 MB"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
        error_messages={"required": _("请选择一个表格文件")},
    )
    community = forms.ModelChoiceField(
        label=_("哪个社区的孩子"), queryset=None, to_field_name="path", error_messages={"required": _("请选社区")}
    )
    sender = forms.ModelChoiceField(label=_("来自哪所学校"), queryset=None, error_messages={"required": _("请选学校")})

    def __init__(self, *args, communities, schools, near, **options):
        super().__init__(*args, **options)
        self.fields["community"].queryset = communities
        self.fields["community"].empty_label = None if len(communities) == 1 else "—"
        self.fields["sender"].queryset = schools or near
        if not schools:
            self.fields["sender"].required = False
            self.fields["sender"].empty_label = _("不是学校的表")
            self.fields["sender"].help_text = _("表里写了班级、没写学校的，选上学校才记得下班级")
            if not near:
                del self.fields["sender"]
        elif len(schools) == 1:
            self.fields["sender"].empty_label = None
            self.fields["sender"].initial = schools[0]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("文件超过 20 MB，请分成几个再上传"))
        return file

    def received(self) -> dict:
        """The facts of a list that was brought, as `actions.receive` takes them."""
        file = self.cleaned_data["file"]
        return {
            "content": file.read(),
            "name": file.name,
            "kind": self.cleaned_data["kind"],
            "community": self.cleaned_data["community"],
            "sender": self.cleaned_data.get("sender"),
        }


def decided(sent) -> dict[str, str]:
    """What a page says of changes: update id → USE or KEEP. Of a question nobody has answered it says nothing."""
    said = {name.removeprefix("say_"): sent[name] for name in sent if name.startswith("say_")}
    return {pk: value for pk, value in said.items() if value in (USE, KEEP) and _is_id(pk)}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class ColumnsForm(forms.Form):
    """What each column of a list means, and what else its sheets leave open. Fields are named after sheet and letter,
    or sheet and code of the question."""

    def __init__(self, roster: Roster, *args, **options):
        super().__init__(*args, **options)
        self.sheets = list(dict.fromkeys(one["sheet"] for one in roster.columns))
        self.columns: dict[str, dict] = {}
        self.asks: dict[str, dict] = {}
        choices = [("", _("不用这一列")), *titles()]
        for ask in roster.asks:
            if ask["sheet"] in self.sheets and ask["options"]:
                self._ask(ask, roster)
        for column in roster.columns:
            name = f"{self.sheets.index(column['sheet'])}-{column['letter']}"
            self.columns[name] = column
            self.fields[name] = forms.ChoiceField(
                label=_now("%(letter)s 列 %(heading)s") % {"letter": column["letter"], "heading": column["heading"]},
                choices=choices,
                required=False,
                initial=column["field"],
                error_messages={"invalid_choice": _("请从列表里选")},
            )

    def _ask(self, ask: dict, roster: Roster) -> None:
        name = f"{self.sheets.index(ask['sheet'])}-{ask['code']}"
        question = asked_in_words(roster, ask)
        self.asks[name] = ask
        self.fields[name] = forms.ChoiceField(
            label=question.text,
            choices=[("", _("还不知道")), *question.options],
            required=False,
            initial=roster.answers.get(ask["sheet"], {}).get(ask["code"], ""),
            error_messages={"invalid_choice": _("请从列表里选")},
        )

    def clean(self):
        """A thing stands in one column of a sheet; only what was changed can break that."""
        for sheet in self.sheets:
            mine = [name for name, column in self.columns.items() if column["sheet"] == sheet]
            fields = {name: self.cleaned_data.get(name) or "" for name in mine}
            for name in mine:
                other = next((one for one in mine if one != name and fields[one] == fields[name]), None)
                if fields[name] and other and fields[name] != self.columns[name]["field"]:
                    said = {"title": title_of(fields[name]), "letter": self.columns[other]["letter"]}
                    self.add_error(name, _("%(letter)s 列已经是“%(title)s”，一样东西只能选一列") % said)
            if "name" not in fields.values():
                self.add_error(mine[0], _("要有一列是姓名"))
            elif len(set(fields.values()) - {""}) < 2:
                self.add_error(mine[0], _("除了姓名，还要认出一列"))
        return self.cleaned_data

    def chosen(self) -> dict[str, dict[str, str]]:
        """What was changed: sheet → column letter → field, as `actions.choose_columns` takes it."""
        found: dict[str, dict[str, str]] = {}
        for name, column in self.columns.items():
            if self.cleaned_data[name] != column["field"]:
                found.setdefault(column["sheet"], {})[column["letter"]] = self.cleaned_data[name]
        return found

    def answers(self) -> dict[str, dict[str, str]]:
        """What was answered: sheet → code → option."""
        found: dict[str, dict[str, str]] = {}
        for name, ask in self.asks.items():
            found.setdefault(ask["sheet"], {})[ask["code"]] = self.cleaned_data[name]
        return found

    @property
    def by_sheet(self) -> list[tuple[str, list]]:
        """Sheets by name, each with its bound fields: questions first."""
        places = self.asks | self.columns
        return [(sheet, [self[name] for name, one in places.items() if one["sheet"] == sheet]) for sheet in self.sheets]


def asked_in_words(roster: Roster, ask: dict) -> Ask:
    headings = {(one["sheet"], one["letter"]): one["heading"] for one in roster.columns}
    heading = headings.get((ask["sheet"], ask["column"]), "")
    return words_of(ask["code"], ask["column"], heading, ask["options"])


class UndoForm(forms.Form):
    why = LineField(label=_("为什么撤销"), longest=100)
    later = forms.BooleanField(label=_("有后来记录的孩子也一起撤回"), required=False)


SAME = ("same_number", "same_person")
# Fields drawn together, because the mistake may be in either.
TOGETHER = {
    "sex_differs": ("sex",),
    "birth_differs": ("birth_on",),
    "no_birth": ("citizen_number",),
    "same_number": ("citizen_number",),
    "same_person": ("birth_on", "citizen_number"),
}


PICKED = ("sex", "carer_relation", "number_missing")  # drawn as a choice: what was read of the cell is chosen
NOWHERE = Context("", None)


class MendForm(ArchiveForm):
    """One held row: the cells as written, overlaid with what somebody types; the same fields and rules as the row.

    Always bound, so that it shows what is wrong before anybody has typed. `shown` are the fields to look at. Forms of
    several rows share what they are held against: `mend_forms`.
    """

    def __init__(self, row: RosterRow, roster: Roster, sent=None):
        self.row, self.roster = row, roster
        self.archives: Archives | None = None
        self.finding: UUID | None = None  # what asks whether an archive is this child's
        self.resembles = ""  # the name in that archive, where it may be seen
        self.earlier: dict[int, Identity] = {}
        accepted = row.accepted
        self.typed: dict[str, str] = row.said_by_hand().get("typed", {})
        if sent is not None:
            self.typed = self.typed | {name: sent[name] for name in ALL if name in sent}
            accepted = [*accepted, *sent.getlist(ACCEPT)]
        cells = dict(row.cells()) | self.typed
        shown = cells | {name: code for name in PICKED if (code := ALL[name].read(cells.get(name), NOWHERE)[0])}
        data = MultiValueDict({name: [value] for name, value in shown.items()} | {ACCEPT: accepted})
        super().__init__(data, today=roster.received_on, auto_id=f"row{row.number}_%s")
        self.cells = cells
        for field in self.fields.values():
            said = {"row": row.number, "field": field.label}
            attributes = field.widget.attrs | {"aria-label": _now("第 %(row)s 行 %(field)s") % said}
            if isinstance(field.widget, forms.RadioSelect):
                field.widget = forms.Select(choices=[("", "—"), *field.choices])
            field.widget.attrs = attributes

    def who(self) -> Identity:
        """Who the row is about, as far as it can be read by now."""
        facts, _found = read_row(self.cells, self.today)
        return identity_of(facts, self.cells, self.today)

    def check(self, facts, today):
        return [*super().check(facts, today), *self._doubts_of_reading(), *self._beside(facts)]

    def _doubts_of_reading(self):
        """What was doubtful in the sheet, until it is written anew; at the name where it has no field."""
        for one in self.row.problems:
            if one["code"] in DOUBTS and one["field"] not in self.typed:
                yield doubt(one["field"] if one["field"] in self.fields else "name", one["code"])

    def _beside(self, facts):
        """What shows only beside archives and the other row this one was held for."""
        who = identity_of(facts, self.cells, self.today)
        found = self.archives.of(who, facts.get("citizen_number"))
        problems = []
        if found and found.community != self.roster.community_id:
            problems.append(beside("archived_elsewhere", "citizen_number", place=found.place)[0])
        elif not found and self.archives.namesake(who):
            problems.append(beside("other_number", "citizen_number")[0])
        held_for = [one["args"] for one in self.row.problems if one["code"] in SAME]
        still = [(same, said) for said in held_for if (same := self._same(who, self.earlier.get(said["first"])))]
        if self.finding and not found and any(one["code"] == PERHAPS for one in self.row.problems):
            problems.append(beside(PERHAPS, "name")[0])
        return problems + [beside(same, "name", **said)[0] for same, said in still]

    def _same(self, who: Identity, other: Identity | None) -> str:
        """Whether the row is still about the same child as the earlier one: the code of what is the same."""
        if other is None:
            return ""
        if who.number and who.number == other.number:
            return "same_number"
        same = who.name and who.birth_on and (who.name, who.birth_on) == (other.name, other.birth_on)
        return "same_person" if same else ""

    @property
    def waiting(self) -> list:
        """The problems still to be answered, in their order."""
        accepted = self.accepted
        return [one for one in self.problems if one.severity != NOTICE and one.accept_key not in accepted]

    def mended_row(self) -> dict:
        """The row as `actions.mend_row` saves it."""
        return {
            "facts": self.facts,
            "problems": self.problems,
            "accepted": self.accepted,
            "typed": self.typed,
        }

    @property
    def said(self) -> list[str]:
        """What is still to be answered, in the words of a list."""
        return [sentence(one, self.facts, self.cells) for one in self.waiting]

    @property
    def other_sex(self) -> tuple[str, str] | None:
        """The sex that the number says, as (code, word), where the cell says the other: one tap takes it."""
        told = numbers.parts(self.facts.get("citizen_number") or "")
        if told and any(one.code == "sex_differs" for one in self.waiting):
            return told.sex, str(dict(ALL["sex"].choices)[told.sex])
        return None

    @property
    def doubts(self) -> list:
        return [one for one in self.waiting if one.severity == ASK]

    @property
    def asked_elsewhere(self) -> bool:
        return any(one.code == PERHAPS for one in self.waiting)

    @property
    def once(self) -> str:
        """Its own key: each row of a page is a deed of its own."""
        return once_field()

    @property
    def may_skip(self) -> bool:
        return bool({one.code for one in self.waiting} & SKIPPABLE)

    @property
    def shown(self) -> list:
        """Bound fields to look at: those with something to answer, and those that were just written."""
        names = set(self.typed)
        for one in self.waiting:
            if one.code not in (*SAME, PERHAPS):
                names.add(one.field)
            names |= set(TOGETHER.get(one.code, ()))
        return [self[name] for name in self.fields if name in names]

    @property
    def written(self) -> list[tuple[str, str, str]]:
        """Where the problems are: (column letter, heading, the cell as its sender wrote it); once each."""
        columns = {one["field"]: one for one in self.roster.columns if one["sheet"] == self.row.sheet}
        headings = {one["letter"]: one["heading"] for one in self.roster.columns if one["sheet"] == self.row.sheet}
        cells, found = self.row.cells(), {}
        at = {one["field"]: one["cell"] for one in self.row.problems if one.get("cell")}
        for one in self.problems:
            if one.severity != NOTICE and one.code not in (*SAME, PERHAPS):
                column = columns.get(one.field, {})
                letter = at.get(one.field, "").rstrip("0123456789") or column.get("letter", "")
                heading = headings.get(letter) or column.get("heading") or str(self.fields[one.field].label)
                found[one.field] = (letter, heading, cell_text(cells.get(one.field)))
        return list(found.values())


def mend_forms(roster: Roster, rows: list[RosterRow], sent=None, *, by=None) -> list[MendForm]:
    """The forms of some held rows, in a number of queries that does not grow with them. Names of archives that rows
    resemble are told to who may see them: `by`."""
    made = [MendForm(row, roster, sent) for row in rows]
    spoken = [form.cells.get("citizen_number") for form in made]
    archives = Archives(roster.community, [form.who() for form in made], [numbers.fold(one) for one in spoken if one])
    wanted = {said["args"]["first"] for row in rows for said in row.problems if said["code"] in SAME}
    earlier = {}
    for row in roster.rows.filter(number__in=wanted) if wanted else ():
        earlier[row.sheet, row.number] = identity_of(row.known_facts(), row.cells(), roster.received_on)
    open_findings = Finding.objects.suspecting(rows)
    resembled = Finding.objects.filter(pk__in=open_findings.values()).values("child_id")
    visible = Child.objects.visible_to(by).filter(pk__in=resembled) if by and open_findings else ()
    names = {one.pk: one.name for one in visible}
    alike = dict(Finding.objects.filter(pk__in=open_findings.values()).values_list("pk", "child_id")) if names else {}
    for form in made:
        form.archives = archives
        form.finding = open_findings.get(form.row.pk)
        form.resembles = names.get(alike.get(form.finding), "")
        form.earlier = {number: who for (sheet, number), who in earlier.items() if sheet == form.row.sheet}
    return made
