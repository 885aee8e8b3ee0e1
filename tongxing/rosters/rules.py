"""Rules of rosters: functions of facts and a day."""

from dataclasses import dataclass
from datetime import date

from django.utils.text import format_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from tongxing.base import numbers, words
from tongxing.base.facts import Source
from tongxing.base.problems import ASK, NOTICE, STOPS, Problem
from tongxing.children.choices import Sex
from tongxing.children.rules import SECTION_OF, is_same, read_class

PERHAPS = "perhaps_archived"  # answered where findings are looked over, not beside the row
# Problems that only show when a row is held beside other rows and archives. Arguments never hold a value of the row.
BESIDE = {
    "same_number": (_("第 {first}、{this} 行像同一个孩子：身份证号一样"), STOPS),
    "same_person": (_("第 {first}、{this} 行像同一个孩子"), ASK),
    "archived_elsewhere": (_("这个号码已有档案，由{place}管理"), STOPS),
    "other_number": (_("同名、同一天出生的孩子已有档案，号码不一样，是两个人吗？"), ASK),
    PERHAPS: (_("可能就是一个已有档案的孩子，请先核对"), STOPS),
    "unknown_school": (_("没有登记过这所学校，先不记学校"), NOTICE),
}
# What a list says in words of its own, because it is read beside the cell.
IN_A_LIST = {"wrong_check_digit": _("号码里有一位可能写错了，请对照证件")}
SKIPPABLE = {"same_number", "same_person", "grown_up"}  # held rows that may be nobody new


@dataclass(frozen=True)
class Identity:
    """What a row says of who it is. Name is folded; None where the row does not tell."""

    name: str | None
    birth_on: date | None
    number: str | None  # only a number that stands its own check

    @property
    def doubtful(self) -> bool:
        """The row does not tell who it is: no name, or neither birthday nor number."""
        return not self.name or not (self.birth_on or self.number)

    @property
    def tells_of_somebody(self) -> bool:
        return bool(self.name or self.birth_on or self.number)


def identity_of(facts: dict, written: dict, today: date) -> Identity:
    """Who a row is about; a birthday is taken from a number even where its last digits are wrong or lost."""
    number = facts.get("citizen_number") or None
    if number and not numbers.is_sound(number, today):
        number = None
    birth_on = facts.get("birth_on")
    if not birth_on and written.get("citizen_number"):
        said = numbers.parts(written["citizen_number"])
        birth_on = said.birth_on if said and said.birth_on <= today else None
    name = facts.get("name") or words.fold(written.get("name")) or None
    return Identity(name if name and len(name) <= words.LONGEST_NAME else None, birth_on, number)


def number_said(facts: dict, written: dict) -> str:
    """The number a row says, folded, also one that cannot be kept but has the shape of one; "" if there is none."""
    if number := numbers.fold(facts.get("citizen_number") or ""):
        return number
    number = numbers.fold(written.get("citizen_number") or "")
    return number if number[:-1].isdigit() and 15 <= len(number) <= 19 else ""


def beside(code: str, field: str, **arguments) -> tuple[Problem, dict]:
    """A problem found beside other rows, and the arguments of its sentence."""
    text, severity = BESIDE[code]
    return Problem(field, code, format_lazy(text, **arguments) if arguments else text, severity), arguments


def sentence(problem: Problem, facts: dict, cells: dict) -> str:
    """What somebody reads beside a cell of a list."""
    if problem.code == "unsure_class":
        return _now("%(written)s → %(class)s ？") % {"written": cells.get(problem.field), "class": facts[problem.field]}
    if problem.code == "sex_differs" and (told := numbers.parts(facts["citizen_number"])):
        return _now("%(sentence)s：号码说是%(sex)s") % {"sentence": problem.text, "sex": Sex(told.sex).label}
    return str(IN_A_LIST.get(problem.code, problem.text))


# ── a known child ────────────────────────────────────────────────────────────────────────────────────────────────────

USE, KEEP = "use", "keep"  # what is said of one change: the list's value, or the archive's
IDENTITY = {"name", "sex", "birth_on", "citizen_number"}  # by these a child is known: never changed unasked
COMPARED = [name for name in SECTION_OF if name != "number_missing"]
ALSO_DOUBTED = {"sex_differs": "sex", "birth_differs": "birth_on"}  # the number may be right, and its neighbour wrong


def differences(said: dict, kept: dict) -> list[tuple[str, object, object]]:
    """What a list says of a child otherwise than the archive: (field, archive's value, list's). An empty cell says
    nothing. A fact that has no place of its own is left out: a relation without a carer, a class without a grade."""
    found = []
    if said.get("citizen_number") and (told := numbers.parts(said["citizen_number"])):
        # what a new number says of birthday and sex is shown like the rest
        implied = {"birth_on": told.birth_on, "sex": told.sex}
        said = {**said, **{name: value for name, value in implied.items() if not (said.get(name) or kept.get(name))}}
    for field in COMPARED:
        was, now = kept.get(field), said.get(field)
        if now in (None, "") or is_same(field, was, now):
            continue
        if field in ("carer_relation", "carer_health") and not _has_carer(said, kept):
            continue
        if field == "class_name" and read_class(str(now)).grade is None:
            continue
        found.append((field, was, now))
    return found


def _has_carer(said: dict, kept: dict) -> bool:
    return any(facts.get(name) for facts in (said, kept) for name in ("carer_name", "carer_phone"))


def doubted_fields(problems: list[dict]) -> set[str]:
    """Fields of a row about which somebody would have to be asked."""
    asked = [one for one in problems if one["severity"] == ASK and not one.get("accepted")]
    return {one["field"] for one in asked} | {ALSO_DOUBTED.get(one["code"], "") for one in asked}


def confirmed_by_somebody(standings, field: str, *, since=None) -> date | None:
    """The last day on which a person, not a list, confirmed this fact (written down after `since`, if given)."""
    section = SECTION_OF[field]
    covers = ("", str(section), f"{section}.{field}")
    days = [
        one.confirmed_on
        for one in standings
        if one.covers in covers and one.source != Source.ROSTER and (since is None or one.recorded_at > since)
    ]
    return max((day for day in days if day), default=None)


def fact_out(value) -> str:
    """A fact as the text an Update keeps."""
    return value.isoformat() if isinstance(value, date) else str(value or "")


def fact_in(field: str, text: str | None):
    return date.fromisoformat(text) if field == "birth_on" and text else text or ""
