"""What one cell says, where it says more or less than its field: two people, a person with a phone, a tick."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache, lru_cache

from tongxing.base import days, numbers, phones, words
from tongxing.children.forms import ALL
from tongxing.children.rules import read_class
from tongxing.rosters.sheets.meanings import FATHER, MOTHER
from tongxing.rosters.sheets.template import table

LONGEST_SCHOOL = 80
ZERO_1904 = date(1904, 1, 1)
BOXES, CHECKED = "\u25a1\u2610\u25a2\u25cb", "\u2611\u221a\u2713\u2714\u25a0\u2705\u2612\u25cf"
_between = re.compile(r"\s*[\u3001,;/|&+\n\r]\s*|\s+")
_phone = re.compile(r"(?<!\d)(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)")
_brackets = re.compile(r"\(([^()]*)\)")
_float = re.compile(r"\d{6,}\.0+").fullmatch
_whole_day = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{8}").fullmatch


@cache
def answers(kind: str) -> frozenset[str]:
    return frozenset(dict(table("answers.tsv"))[kind].split(" "))


@cache
def parents_words() -> dict[str, str]:
    """Words for father and mother → who."""
    whose = dict(table("whose.tsv"))
    return {word: who for who in (FATHER, MOTHER) for word in whose[who].split(" ")}


@cache
def relations() -> dict[str, str]:
    """Words for a relation, folded → code."""
    return ALL["carer_relation"].written


def is_tick(cell) -> bool:
    return words.tidy(cell).lower() in answers("tick") or str(cell).strip() in answers("tick")


def yes_or_no(cell, no_figures: Iterable[str] | None) -> str:
    """ "yes", "no", "figure" where it is a figure nobody has explained, "" where it is none of these."""
    text = words.tidy(cell).lower()
    if text in answers("figures"):
        return "figure" if no_figures is None else "no" if text in no_figures else "yes"
    if text in answers("yes"):
        return "yes"
    return "no" if text in answers("no") else ""


# ── days and numbers ─────────────────────────────────────────────────────────────────────────────────────────────────


def whole_number(cell):
    """14000000001.0, as some programs write numbers into text, without its end."""
    return words.Numeric(cell.partition(".")[0]) if isinstance(cell, str) and _float(cell.strip()) else cell


def day_from_1904(cell):
    """A day that stands as a plain number in a book that counts from 1904."""
    if isinstance(cell, words.Numeric) and cell.isdecimal() and 3 < len(cell) < 6:
        return ZERO_1904 + timedelta(days=int(cell))
    return cell


def said_by_the_number(birth, number, today: date) -> bool:
    """Whether a month or year of birth says no more than the citizen number beside it, which has the whole day."""
    if isinstance(birth, date) or _whole_day(str(birth).strip()):
        return False
    day = days.read_day(birth, today)
    said = numbers.parts(number) if day.value and day.precision != days.Precision.DAY and not day.problems else None
    return bool(said) and day.value <= said.birth_on <= days.last_of(day.value, day.precision)


# ── one of several boxes ─────────────────────────────────────────────────────────────────────────────────────────────


def checked(text: str) -> str | None:
    """The word whose box is checked in a cell of boxes; None where it holds no boxes, or not just one checked."""
    if not set(text) & set(BOXES) or not set(text) & set(CHECKED):
        return None
    squeezed = "".join(text.split())
    box = f"[{BOXES}{CHECKED}]"
    before = bool(re.match(box, squeezed))
    parts = re.findall(rf"({box})([^{BOXES}{CHECKED}]+)" if before else rf"([^{BOXES}{CHECKED}]+)({box})", squeezed)
    chosen = [part[1 if before else 0] for part in parts if part[0 if before else 1] in CHECKED]
    return chosen[0].strip("/\u3001,;") if len(chosen) == 1 else None


def sex_of(cell):
    """The cell, or the one word of sex that is checked in it."""
    if not isinstance(cell, str) or len(cell) < 3:
        return cell
    said = checked(cell)
    return said if said and said in ALL["sex"].written else cell


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def person(cell: str) -> dict[str, str]:
    """A name with what is written beside it: {"name", "relation", "phone"}; empty where it is no more than a name."""
    text = words.tidy(cell)
    found = {}
    if match := _phone.search(text):
        found["phone"], text = match[1], text[: match.start()] + " " + text[match.end() :]
    for remark in _brackets.findall(text):
        if remark.strip().lower() in relations():
            found["relation"] = remark.strip()
            text = text.replace(f"({remark})", " ")
    text = text.replace("()", " ").strip(" :,;/\u3001-")
    first, _mark, rest = text.partition(":") if ":" in text else text.partition(" ")
    if rest.strip() and first.strip() in relations():
        found["relation"], text = first.strip(), rest.strip()
    elif len(text) > 3 and text[:2] in relations() and text[2:] not in relations():
        found["relation"], text = text[:2], text[2:]
    elif text in relations():
        found["relation"], text = text, ""
    name = words.fold(text)
    if not found or (name and words.name_problems(name)):
        return {}
    return found | {"name": name}


def people(text: str) -> tuple[dict[str, str], str]:
    """Who of father and mother is who in a cell about both, and the code of a doubt."""
    text = words.tidy(text)
    labels = "|".join(sorted(map(re.escape, parents_words()), key=len, reverse=True))
    long = "|".join(word for word in parents_words() if len(word) > 1)
    found = {}
    for value, who in re.findall(rf"([^()\s,;/\u3001]+)\s*\(({labels})\)", text):
        found[parents_words()[who]] = value
    if not found:
        pieces = re.split(rf"(?:^|(?<=[\s,;/\u3001]))((?:{labels})(?=\s*:)|(?:{long}))\s*:?\s*", text)
        for who, value in zip(pieces[1::2], pieces[2::2], strict=False):
            found[parents_words()[who]] = value.strip(" ,;/\u3001")
        if found and pieces[0].strip():
            return {}, "which_parent"
    if found:
        return {who: value for who, value in found.items() if value}, ""
    parts = [part for part in _between.split(text) if part]
    if len(parts) == 2:
        return {FATHER: parts[0], MOTHER: parts[1]}, "parents_order"
    return {}, "which_parent"


def phones_of_two(text) -> tuple[dict[str, str], str]:
    """The same for phones, which are also told apart by the words beside them."""
    found, plain = {}, []
    for piece in phones.split(text):
        who = parents_words().get(piece.note.strip(" :"))
        if who and who not in found:
            found[who] = piece.phone
        else:
            plain.append(piece)
    if found and not plain:
        return found, ""
    if not found and len(plain) == 2 and not any(piece.note for piece in plain):
        return {FATHER: plain[0].phone, MOTHER: plain[1].phone}, "parents_order"
    return {}, "which_parent"


# ── school and class ─────────────────────────────────────────────────────────────────────────────────────────────────


def _class_marks() -> list[str]:
    return [mark for mark, *_rest in words.table("class_marks.tsv")]


@lru_cache(maxsize=4096)
def class_of(grade, room) -> tuple[str, str]:
    """A class out of a column of grades and one of classes, and the code of a doubt."""
    grade, room = words.tidy(grade), words.tidy(room)
    mark, year, level = _class_marks()
    said = read_class(grade)
    if said.grade is None and (said := read_class(f"{grade}{year}{level}")).grade is not None:
        grade = f"{grade}{year}{level}"
    own = read_class(room)
    if own.grade is not None or said.grade is None or not room:
        differs = own.grade is not None and said.grade is not None and own.grade != said.grade
        return room or grade, "grade_differs" if differs else ""
    plain = re.sub(rf"[()\s{mark}]", "", room)
    joined = f"{grade}{plain}{mark}"
    return (joined, "") if read_class(joined).grade == said.grade and plain else (room, "")


@cache
def _class_pattern() -> re.Pattern:
    figures = "".join(character for character, *_rest in words.table("figures.tsv"))
    mark, year, level = _class_marks()
    stages = "|".join(sorted((one for one, *_rest in words.table("school_stages.tsv")), key=len, reverse=True))
    return re.compile(
        rf"(?<![{figures}0-9])(?:{stages})?[{figures}0-9](?:{year}{level}|{year}|{level})?\s*[(]?[{figures}0-9]{{1,2}}[)]?\s*{mark}"
    )


def class_in(text: str) -> str:
    """The one class that a title or the name of a sheet names, as it is written there; "" when none, or several."""
    found = {match for match in _class_pattern().findall(words.tidy(text)) if _names_a_class(match)}
    return found.pop() if len(found) == 1 else ""


def _names_a_class(text: str) -> bool:
    """With its grade: "12" before the mark may be the twelfth class, "302" is the second of the third grade."""
    said = read_class(text)
    return said.grade is not None and (said.sure or bool(re.match(r"\d{3}", text)))


def hamlet_of(cell):
    """A number alone, in a column of hamlets, is the number of one."""
    text = words.tidy(cell)
    figures = {character for character, *_rest in words.table("figures.tsv")}
    ends = next(ends for field, ends, _before in table("groups.tsv") if field == "hamlet").split(" ")
    return f"{text}{ends[0]}" if text and all(letter.isdecimal() or letter in figures for letter in text) else cell


def school_and_class(text: str) -> tuple[str, str]:
    """A cell that names a school and then a class; the class is "" where none is told for sure."""
    text = words.line(text)
    for at in range(1, len(text) if len(text) < LONGEST_SCHOOL else 0):
        said = read_class(text[at:])
        if said.grade is not None and said.sure and text[:at].strip().endswith(school_endings()):
            return text[:at].strip(), said.name
    return text, ""


@cache
def school_endings() -> tuple[str, ...]:
    return tuple(next(ends for field, ends, _before in table("groups.tsv") if field == "school").split(" "))
