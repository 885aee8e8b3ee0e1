"""The facts of an archive as fields: one door in for a page, a line of a spreadsheet and a message from a phone.

`section_form(section)` is the form of one section, `ArchiveForm` of all of them; `read_row` reads the same fields from
a row of raw cells. Words of sheets become codes here ("grandmother" in any spelling is 62), never later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import ClassVar

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tongxing.base import words
from tongxing.base.forms import (
    AskForm,
    CitizenNumberField,
    DayField,
    LineField,
    NameField,
    PhoneField,
    PickField,
    ReadField,
    compile_row,
)
from tongxing.base.problems import ASK, STOPS, Problem
from tongxing.children.choices import Care, Employment, Gap, NumberMissing, Relation, Section, Sex, Situation
from tongxing.children.rules import FIELDS, check, completed, read_born_year, read_class

LONGEST_CLASS = 20


class ClassField(ReadField):
    """A class in its one written form; a spelling that could mean another class is asked about."""

    attrs: ClassVar[dict[str, str]] = {"autocomplete": "off", "maxlength": "40"}

    def read(self, raw, context):
        if words.is_nothing(raw) or (words.tidy(raw),) in words.table("no_class.txt"):
            return "", self.nothing(context)[1]
        said = read_class(str(raw))
        if len(said.name) > LONGEST_CLASS:
            return None, [Problem(context.field, "too_long", _("写得太长了，请缩短"), STOPS)]
        if said.sure:
            return said.name, []
        if said.grade is None:
            return said.name, [Problem(context.field, "unknown_class", _("没看懂这个班级，就照这样写吗？"), ASK)]
        question = format_lazy(_("是 {name} 吗？"), name=said.name)
        return said.name, [Problem(context.field, "unsure_class", question, ASK)]


class BornField(ReadField):
    """The year a grown-up was born: typed as a year, a day, or the age they say."""

    attrs: ClassVar[dict[str, str]] = {"autocomplete": "off", "inputmode": "text"}

    def read(self, raw, context):
        if words.is_nothing(raw):
            return self.nothing(context)
        year = read_born_year(str(raw), context.today)
        if year is None:
            return None, [Problem(context.field, "no_age", _("请写出生年份，或多少岁"), STOPS)]
        return year, []


def _also(table: str) -> dict[str, str]:
    """Other written words of a table → code."""
    return {word: code for code, spoken in words.table(table) for word in spoken.split(" ")}


def _list(choices) -> list:
    return [("", "—"), *choices]


ALL: dict[str, forms.Field] = {
    "name": NameField(label=_("姓名")),
    "sex": PickField(
        label=_("性别"),
        choices=[(Sex.MALE, Sex.MALE.label), (Sex.FEMALE, Sex.FEMALE.label)],
        also=_also("sexes.tsv"),
        required=False,
        widget=forms.RadioSelect,
    ),
    "birth_on": DayField(label=_("出生日期"), required=False),
    "citizen_number": CitizenNumberField(label=_("身份证号"), required=False),
    "number_missing": PickField(label=_("没有身份证号的原因"), choices=_list(NumberMissing.choices), required=False),
    "hamlet": LineField(label=_("村民小组"), longest=40, required=False),
    "address": LineField(label=_("家庭住址"), required=False),
    "home_phone": PhoneField(label=_("家里电话"), required=False),
    "father_name": NameField(label=_("父亲姓名"), required=False),
    "father_situation": PickField(label=_("父亲情况"), choices=_list(Situation.choices), required=False),
    "father_phone": PhoneField(label=_("父亲电话"), required=False),
    "father_place": LineField(label=_("父亲务工地"), longest=100, required=False),
    "father_work": PickField(label=_("父亲工作"), choices=_list(Employment.choices), required=False),
    "father_employer": LineField(label=_("父亲单位和地址"), longest=100, required=False),
    "father_employer_phone": PhoneField(label=_("父亲单位电话"), required=False),
    "mother_name": NameField(label=_("母亲姓名"), required=False),
    "mother_situation": PickField(label=_("母亲情况"), choices=_list(Situation.choices), required=False),
    "mother_phone": PhoneField(label=_("母亲电话"), required=False),
    "mother_place": LineField(label=_("母亲务工地"), longest=100, required=False),
    "mother_work": PickField(label=_("母亲工作"), choices=_list(Employment.choices), required=False),
    "mother_employer": LineField(label=_("母亲单位和地址"), longest=100, required=False),
    "mother_employer_phone": PhoneField(label=_("母亲单位电话"), required=False),
    "carer_name": NameField(label=_("照护人姓名"), required=False),
    "carer_relation": PickField(
        label=_("与孩子关系"), choices=_list(Relation.choices), also=_also("relations.tsv"), required=False
    ),
    "carer_phone": PhoneField(label=_("照护人电话"), required=False),
    "carer_health": LineField(label=_("照护人身体状况"), longest=100, required=False),
    "carer_occupation": LineField(label=_("照护人职业"), longest=40, required=False),
    "carer_born": BornField(label=_("照护人出生年或年龄"), required=False),
    "school": LineField(label=_("学校"), longest=80, required=False, widget=forms.TextInput(attrs={"list": "schools"})),
    "class_name": ClassField(label=_("班级"), required=False),
    "boarding": PickField(
        label=_("住校"), choices=[("", "—"), ("yes", _("住校，周末回家")), ("no", _("不住校"))], required=False
    ),
}


def further(found: Iterable[Problem], facts: dict, today: date) -> list[Problem]:
    """The rules across fields, without what a field has said already: an unreadable birthday is not also missing."""
    found = list(found)
    stopped = {problem.field for problem in found if problem.severity == STOPS}
    partly = any(problem.code == "not_a_whole_day" for problem in found)
    return [
        replace(problem, text=_("出生日期没写全：请写到日，或填身份证号"))
        if partly and problem.code == "no_birth"
        else problem
        for problem in check(facts, today)
        if problem.field not in stopped and not (problem.code == "no_birth" and "citizen_number" in stopped)
    ]


_read_fields = compile_row(ALL)


def read_row(row: Mapping, today: date) -> tuple[dict, list[Problem]]:
    """Facts and problems of one row of raw cells by field name; equal to what ArchiveForm says of the same cells."""
    facts, found = _read_fields(row, today)
    return facts, found + further(found, facts, today)


class SomeFacts(AskForm):
    """A form of some of an archive's facts. Rules about facts it does not hold are left to those that do."""

    def check(self, facts, today):
        return [problem for problem in further(self._problems, facts, today) if problem.field in self.fields]


ArchiveForm = type("ArchiveForm", (SomeFacts,), {**ALL, "__doc__": "Every fact of an archive.", "__module__": __name__})


@cache
def section_form(section: str) -> type[SomeFacts]:
    """The form of one section: its fields in the order of rules.FIELDS."""
    fields = {name: ALL[name] for name in FIELDS[Section(section)]}
    return type(f"{Section(section).name.title()}Form", (SomeFacts,), {**fields, "__module__": __name__})


class OpenForm(SomeFacts):
    """A new archive by hand: who the child is and who cares; the rest is written down later.

    `seen_twins`: ids of children who were shown as perhaps the same and are said not to be.
    """

    one_of = ("citizen_number", "number_missing", "birth_on")  # none must be there, but one of them must
    name, citizen_number = ALL["name"], ALL["citizen_number"]
    birth_on, sex = ALL["birth_on"], ALL["sex"]
    number_missing = PickField(
        label=_("为什么没有"),
        choices=[one for one in NumberMissing.choices if one[0] != NumberMissing.NOT_ON_LIST],
        required=False,
        widget=forms.RadioSelect,
    )
    hamlet = ALL["hamlet"]
    carer_name, carer_relation, carer_phone = ALL["carer_name"], ALL["carer_relation"], ALL["carer_phone"]
    community = forms.ChoiceField(label=_("社区"), error_messages={"required": _("请选社区")})

    def __init__(self, *args, communities, **options):
        super().__init__(*args, **options)
        self.fields["community"].choices = [("", "—"), *((one.path, one.name) for one in communities)]
        if len(communities) == 1:
            self.fields["community"].widget = forms.HiddenInput()

    def check(self, facts, today):
        yield from super().check(facts, today)
        stopped = {problem.field for problem in self._problems if problem.severity == STOPS}
        if not facts.get("citizen_number") and not facts.get("number_missing") and "citizen_number" not in stopped:
            yield Problem("number_missing", "say_why", _("没有身份证号，请选一个原因"), STOPS)

    def born(self) -> date | None:
        """The day of birth, typed or out of the number."""
        return completed(self.facts).get("birth_on")

    def doubt(self, problem: Problem) -> None:
        """Ask something the fields alone could not know; accepted with one tap like every other question."""
        self._problems.append(problem)
        if problem.accept_key not in self._sent_keys():
            self.add_error(problem.field, forms.ValidationError(problem.text, code=problem.code))


PREFILLED = ("name", "sex", "birth_on", "hamlet", "carer_name", "carer_relation")  # what an address may hand over


class ListForm(forms.Form):
    """What the list of children is narrowed to; all of it stands in the address. What cannot be read is left out."""

    q = forms.CharField(required=False, max_length=60, strip=True)
    care = forms.ChoiceField(label=_("在不在册"), choices=_list(Care.choices), required=False)
    gap = forms.ChoiceField(label=_("缺什么"), choices=_list(Gap.choices), required=False)
    hamlet = forms.ChoiceField(label=_("村民小组"), required=False)

    def __init__(self, *args, hamlets, **options):
        super().__init__(*args, **options)
        self.fields["hamlet"].choices = _list((one, one) for one in hamlets)

    def asked(self) -> dict[str, str]:
        """The filters that were given and can be read, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def words_of(self, name: str) -> str:
        """One given filter as a chip says it."""
        value = self.cleaned_data[name]
        return str(dict(getattr(self.fields[name], "choices", ())).get(value, value))
