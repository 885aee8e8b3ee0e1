"""Our own template, and the names of the columns we know."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from tongxing.base import excel, words
from tongxing.children.choices import Relation, Sex

TABLES = Path(__file__).resolve().parents[1] / "tables"


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    """The lines of a file in rosters/tables."""
    return words.table(str(TABLES / name))


@dataclass(frozen=True)
class Heading:
    field: str
    title: str  # as our template writes it
    required: bool


@cache
def headings() -> dict[str, Heading]:
    """The headings of the template, by field, in its order."""
    return {field: Heading(field, title, required == "yes") for field, title, required in table("headings.tsv")}


def title_of(field: str) -> str:
    """What a column is called that we read: one of the template's, or one that says something of several fields."""
    known = headings().get(field)
    return known.title if known else dict(table("further.tsv")).get(field, "")


def titles() -> list[tuple[str, str]]:
    """Everything a column may be, as (field, title): those of the template, then those that say several things."""
    return [(one.field, one.title) for one in headings().values()] + list(table("further.tsv"))


NOTES = {
    "birth_on": _("写成 2017-6-30；有身份证号可以不填"),
    "citizen_number": _("18 位，最后一位可以是 X；还没有就空着"),
    "class_name": _("写成 三(2)班"),
    "carer_name": _("现在和孩子住在一起、照看孩子的人"),
}
WIDTHS = {"citizen_number": 22, "address": 30, "school": 20, "father_place": 20, "mother_place": 20}


def template_columns() -> list[excel.Column]:
    """The columns of the sheet we hand out; words are Chinese whatever the language of the screen."""
    with translation.override("zh-hans"):
        choices = {
            "sex": [str(Sex.MALE.label), str(Sex.FEMALE.label)],
            "carer_relation": [str(label) for label in Relation.labels],
        }
        return [
            excel.Column(
                title=one.title,
                required=one.required,
                choices=choices.get(one.field, ()),
                note=str(NOTES.get(one.field, "")),
                width=WIDTHS.get(one.field),
            )
            for one in headings().values()
        ]


def write_template(target) -> None:
    """An empty template with drop-downs, to a path or an open binary file."""
    with translation.override("zh-hans"):
        excel.template(target, template_columns(), name=_("留守儿童名册"))
