"""Rules of the children room: functions of facts and a day."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from django.utils.translation import gettext_lazy as _

from tongxing.base import numbers, phones, words
from tongxing.base.days import age_on
from tongxing.base.problems import ASK, STOPS, Problem
from tongxing.children.choices import CardField, Employment, NumberMissing, SchoolStatus, Section, Sex, Situation

STALE_AFTER_DAYS = 180
ADULT = 18
SCHOOL_AGE = 6
LONGEST_SOUND = 64  # characters of a look-up key
LONGEST_CLASS = 40  # characters of a class as it is written
MOST_PER_HELPER = 10  # children one helper walks with before the page asks

# Fields of an archive as forms, spreadsheets and phones name them, by section.
FIELDS = {
    Section.BASIC: ("name", "sex", "birth_on", "citizen_number", "number_missing"),
    Section.HOME: ("hamlet", "address", "home_phone"),
    Section.PARENTS: (
        "father_name",
        "father_situation",
        "father_phone",
        "father_place",
        "father_work",
        "father_employer",
        "father_employer_phone",
        "mother_name",
        "mother_situation",
        "mother_phone",
        "mother_place",
        "mother_work",
        "mother_employer",
        "mother_employer_phone",
    ),
    Section.CARER: (
        "carer_name",
        "carer_relation",
        "carer_phone",
        "carer_health",
        "carer_occupation",
        "carer_born",
    ),
    Section.SCHOOL: ("school", "class_name", "boarding"),
}
SECTION_OF = {name: section for section, names in FIELDS.items() for name in names}

# Parents nobody can or may ring: what is not known of them is not missing.
OUT_OF_REACH = (Situation.DECEASED, Situation.MISSING, Situation.NO_CONTACT, Situation.CUSTODY)

# Without these a section is not complete. Where a parent works may stay unknown.
NEEDED = {
    Section.BASIC: ("sex", "birth_on", "citizen_number"),
    Section.HOME: ("hamlet", "address"),
    Section.PARENTS: ("father_name", "father_phone", "mother_name", "mother_phone"),
    Section.CARER: ("carer_name", "carer_relation", "carer_phone", "carer_health"),
    Section.SCHOOL: ("school", "class_name"),
}


def missing(section: str, facts: dict, today: date, *, excused: Iterable[str] = ()) -> list[str]:
    """Fields this section still needs. `excused` are "father", "mother": dead, or not to be reached."""
    born = facts.get("birth_on")
    if section == Section.SCHOOL and born and age_on(born, today) < SCHOOL_AGE:
        return []
    wanted = [name for name in NEEDED[section] if name.partition("_")[0] not in excused]
    return [name for name in wanted if facts.get(name) in (None, "", Sex.UNKNOWN)]


def not_asked(name: str, facts: Mapping) -> str:
    """Why a contact card does not need this field, in words; "" where it does.

    A parent who has died or whom nobody can reach has no phone and no employer to ask for; who has no fixed employer
    has no employer's address.
    """
    who, _sep, what = name.partition("_")
    if who not in ("father", "mother"):
        return ""
    if (situation := facts.get(f"{who}_situation")) in OUT_OF_REACH:
        return "" if facts.get(name) else str(Situation(situation).label)
    if what.startswith("employer") and (work := facts.get(f"{who}_work")) in (Employment.ODD_JOBS, Employment.AT_HOME):
        return str(Employment(work).label)
    return ""


def card_lacks(facts: Mapping) -> tuple[str, ...]:
    """The fields of the plan's contact card that are still to be found out, in the card's order.

    `facts` are those of an archive by name; of what is sealed it is enough to know that it is there.
    """
    return tuple(name for name in CardField.values if not facts.get(name) and not not_asked(name, facts))


def check(facts: dict, today: date) -> list[Problem]:
    """What is wrong between the facts of one archive; each field by itself is checked by its own field."""
    found = []
    if not facts.get("name"):
        found.append(Problem("name", "no_name", _("没有姓名"), STOPS))
    birth_on, number = facts.get("birth_on"), facts.get("citizen_number")
    said = numbers.parts(number) if number else None
    if said:
        found += numbers.agrees(number, birth_on=birth_on, sex=facts.get("sex"), field="citizen_number")
    elif facts.get("number_missing") == NumberMissing.TEMPORARY and not birth_on:
        if not facts.get("hamlet"):
            found.append(Problem("hamlet", "nowhere", _("只知道名字的，请写小组，好再去找"), STOPS))
    elif not birth_on:
        found.append(Problem("birth_on", "no_birth", _("请填出生日期，或身份证号"), STOPS))
    born = birth_on or (said.birth_on if said else None)
    if born and age_on(born, today) >= ADULT:
        found.append(Problem("birth_on", "grown_up", _("按出生日期已满 18 岁，请看一眼"), ASK))
    for who in ("father", "mother", "carer"):
        if facts.get(f"{who}_phone") and not facts.get(f"{who}_name"):
            found.append(Problem(f"{who}_name", "phone_without_name", _("有电话，没有写是谁的"), ASK))
    return found


def completed(facts: dict) -> dict:
    """The facts with day of birth and sex taken from the citizen number where they were not given."""
    full = dict(facts)
    told = full.get("birth_on") and full.get("sex") not in (None, "", "0", "9")
    if said := numbers.parts(full["citizen_number"]) if full.get("citizen_number") and not told else None:
        full["birth_on"] = full.get("birth_on") or said.birth_on
        if full.get("sex") in (None, "", "0", "9"):
            full["sex"] = said.sex
    if not full.get("citizen_number"):
        full["number_missing"] = full.get("number_missing") or ""
    return full


def heard(reading: words.Reading) -> set[str]:
    """The sounds of a name as it was read, without what the ear does not tell apart; a child is found by them."""
    return {words.fuzzy(said)[:LONGEST_SOUND] for said in reading.pinyin_full}


def sounds(name: str) -> set[str]:
    """The same of a name as it is written. Two names that have one in common are near: with the same day of birth they
    may be one child."""
    return heard(words.read_name(name))


def read_born_year(text: str, today: date) -> int | None:
    """The year a grown-up was born, out of "1958", "1958-04-12" or an age of up to three digits; None if neither."""
    said = words.tidy(text)
    if found := re.match(r"(1[89]\d\d|20\d\d)(?!\d)", said):
        year = int(found[1])
    elif found := re.match(r"\D{0,3}(\d{1,3})(?!\d)", said):
        year = today.year - int(found[1])
    else:
        return None
    return year if 10 <= today.year - year <= 120 else None


@dataclass(frozen=True)
class ClassName:
    grade: int | None  # 0 kindergarten, 1–6 primary, 7–9 junior, 10–12 senior
    name: str  # as it is written on our pages
    sure: bool  # False: a guess to be confirmed


@cache
def _figures() -> dict[str, int]:
    return {character: at for at, (character, *_rest) in enumerate(words.table("figures.tsv"))}


@lru_cache(maxsize=1000)
def read_class(text: str) -> ClassName:
    """A class as schools write it, in one form: grade figure, class number in half-width brackets."""
    said = re.sub(r"\s+", "", words.tidy(text or ""))
    if not said:
        return ClassName(None, "", True)
    if len(said) > LONGEST_CLASS:
        return ClassName(None, said, False)
    if nursery := _nursery_class(said):
        return nursery
    figures = _figures()
    number = rf"[{''.join(figures)}0-9]"
    kinds = dict(words.table("school_stages.tsv"))
    stage = next((mark for mark in sorted(kinds, key=len, reverse=True) if said.startswith(mark)), "")
    rest = said[len(stage) :]
    marks = "".join(one for one, *_rest in words.table("class_marks.tsv"))
    shape = re.fullmatch(rf"({number})([{marks}]*)(?:\(?({number}+)\)?)?[{marks}]*", rest)
    if not shape:
        return ClassName(None, said, False)
    grade = int(shape[1]) if shape[1].isdigit() else figures[shape[1]]
    grade += int(kinds.get(stage, 0))
    between, room = shape[2], shape[3] or ""
    if room:
        room = str(int(room)) if room.isdigit() else str(figures.get(room, room))
    elif not stage and not set(rest) & set(marks[1:]):
        return ClassName(None, said, False)  # a class number without its grade
    parted = set(between) & set(marks[1:]) or (stage and rest.endswith(marks[0]))
    written_plainly = bool(re.search(r"[()]", rest)) or not room or bool(parted)
    return ClassName(grade if 1 <= grade <= 12 else None, _class_label(grade, room), written_plainly)


def _nursery_class(said: str) -> ClassName | None:
    """A class of a kindergarten: by the children's age, and perhaps a number."""
    figures, mark = _figures(), words.table("class_marks.tsv")[0][0]
    ages = "".join(one for one, *_rest in words.table("nursery_classes.txt"))
    number = rf"[{''.join(figures)}0-9]+"
    stage = words.table("grades.tsv")[0][0]
    shape = re.fullmatch(rf"(?:{stage})?([{ages}]){mark}?\(?({number})?\)?{mark}?", said)
    if not shape or mark not in said:
        return None
    room = shape[2] or ""
    room = str(int(room)) if room.isdecimal() else str(figures.get(room, room))
    return ClassName(0, f"{shape[1]}({room}){mark}" if room else f"{shape[1]}{mark}", True)


def _class_label(grade: int, room: str) -> str:
    names = [name for name, *_rest in words.table("grades.tsv")]
    stem = names[grade] if 0 <= grade < len(names) else str(grade)
    short = [name for _name, name in words.table("grades.tsv")][grade] if 0 <= grade < len(names) else str(grade)
    mark = words.table("class_marks.tsv")[0][0]
    return f"{short}({room}){mark}" if room else stem


def status_of(grade: int | None) -> str:
    """Schooling by grade; without a grade "primary" would be a guess, so it is not in school's list: ''."""
    if grade is None:
        return ""
    if grade == 0:
        return SchoolStatus.KINDERGARTEN
    return SchoolStatus.PRIMARY if grade <= 6 else SchoolStatus.JUNIOR if grade <= 9 else SchoolStatus.SENIOR


def boards_tonight(boarding: bool | None, on: date) -> bool:
    """Whether a child who boards sleeps at school in the night that begins on this day: Sunday to Thursday."""
    return bool(boarding) and on.weekday() not in (4, 5)


def is_stale(confirmed_on: date | None, today: date) -> bool:
    """A fact nobody has confirmed for half a year."""
    return confirmed_on is None or (today - confirmed_on).days > STALE_AFTER_DAYS


def facts_out(facts: dict) -> str:
    """Facts as JSON, in one order, without what is empty."""
    kept = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in sorted(facts.items())
        if value not in (None, "")
    }
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def facts_in(text: str | None) -> dict:
    """The facts of such a JSON."""
    facts = json.loads(text or "{}")
    if facts.get("birth_on"):
        facts["birth_on"] = date.fromisoformat(facts["birth_on"])
    return facts


def is_same(field: str, one, other) -> bool:
    """Whether two values of a fact say the same, whatever their spelling."""
    return plain(field, one) == plain(field, other)


def plain(field: str, value) -> str:
    """A fact without what differs from hand to hand: blanks, widths, brackets, hyphens."""
    if value in (None, ""):
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if field == "citizen_number":
        return numbers.fold(value)
    if field.endswith("_phone"):
        return phones.fold(value)
    if field == "class_name":
        return read_class(str(value)).name
    return "".join(words.fold(value).split())


# ── days ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Span:
    """The days from `begins` to the day before `ends`; open sides are the first and the last day there is."""

    begins: date
    ends: date

    @property
    def holds(self) -> bool:
        """Whether there is a day in it: what ended as it began never held."""
        return self.begins < self.ends

    @property
    def from_on(self) -> date | None:
        return None if self.begins == date.min else self.begins

    @property
    def to_on(self) -> date | None:
        return None if self.ends == date.max else self.ends

    def without(self, others: Iterable["Span"]) -> list["Span"]:
        """What is left of it beside others, in order of days."""
        left = [self]
        for other in others:
            parts: list[Span] = []
            for one in left:
                if one.begins < other.ends and other.begins < one.ends:
                    parts += [Span(one.begins, other.begins), Span(other.ends, one.ends)]
                else:
                    parts.append(one)
            left = [one for one in parts if one.holds]
        return left


def span_of(row) -> Span:
    """The days on which a row with from_on and to_on holds."""
    return Span(row.from_on or date.min, row.to_on or date.max)
