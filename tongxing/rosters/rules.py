"""Rules of rosters: functions of facts and a day."""

import json
from dataclasses import dataclass
from datetime import date

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tongxing.base import numbers, words
from tongxing.base.problems import ASK, NOTICE, STOPS, Problem

# Problems that only show when a row is held beside other rows and archives. Arguments never hold a value of the row.
BESIDE = {
    "same_number": (_("第 {first}、{this} 行的身份证号一样，像同一个孩子"), STOPS),
    "same_person": (_("第 {first}、{this} 行像同一个孩子"), ASK),
    "archived_elsewhere": (_("这个号码已有档案，由{place}管理"), STOPS),
    "other_number": (_("同名、同一天出生的孩子已有档案，号码不一样，是两个人吗？"), ASK),
    "unknown_school": (_("没有登记过这所学校，先不记学校"), NOTICE),
}
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


def beside(code: str, field: str, **arguments) -> tuple[Problem, dict]:
    """A problem found beside other rows, and the arguments of its sentence."""
    text, severity = BESIDE[code]
    return Problem(field, code, format_lazy(text, **arguments) if arguments else text, severity), arguments


def facts_out(facts: dict) -> str:
    """Facts as JSON, in one order, without what is empty."""
    kept = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in sorted(facts.items())
        if value not in (None, "")
    }
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def facts_in(text: str | None) -> dict:
    facts = json.loads(text or "{}")
    if facts.get("birth_on"):
        facts["birth_on"] = date.fromisoformat(facts["birth_on"])
    return facts
