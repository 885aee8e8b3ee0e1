"""Citizen numbers (GB 11643): six digits of place, eight of birth, three of order (odd male, even female), one check.

The place is where the number was first given out, never where the person lives now. Residence permits of people from
Hong Kong, Macao and Taiwan (81, 82, 83) and permanent residence cards of foreigners (9) have the same form.
"""

import re
from datetime import date
from operator import mul
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from tongxing.base.problems import ASK, NOTICE, STOPS, Problem
from tongxing.base.words import Numeric, tidy

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
_zeros = sum(WEIGHTS) * ord("0")
# The beginnings in use: provinces, the permits 81-83 and 71, foreigners' cards and invented places (9).
_area = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9").match
MALE, FEMALE = "1", "2"  # GB/T 2261.1

_shape = re.compile(r"[0-9]{17}[0-9X]").fullmatch
_science = re.compile(r"[0-9](\.[0-9]+)?E\+?1[5-9]").fullmatch
_noise = re.compile(r"[\s'`\u2018\u2019.\-\u2010-\u2015]+")
_crosses = dict.fromkeys(map(ord, "\u00d7\u0425\u2169"), "X")  # a cross, a Cyrillic letter, a Roman ten


class Parts(NamedTuple):
    region6: str
    birth_on: date
    sex: str  # "1" male, "2" female (GB/T 2261.1)


def fold(number) -> str:
    """Half width, upper X, no blanks, hyphens or quotes; the digits themselves are never mended."""
    text = tidy(number)
    if text.isdecimal() and text.isascii():
        return text
    text = text.upper().translate(_crosses)
    return text if _science(text) else _noise.sub("", text)


def check_digit(first17: str) -> str:
    """The eighteenth character for the first seventeen digits."""
    return CHECKS[(sum(map(mul, first17.encode(), WEIGHTS)) - _zeros) % 11]


def _birth(number: str) -> date | None:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if born.year >= 1880 else None


def parts(number) -> Parts | None:
    """Place, day of birth and sex that a number of eighteen says; None when it has not that form or no such day."""
    text = fold(number)
    born = _birth(text) if _shape(text) else None
    return Parts(text[:6], born, MALE if int(text[16]) % 2 else FEMALE) if born else None


def check(number, *, birth_on: date | None = None, sex=None, today: date, field: str = "number") -> list[Problem]:
    """What is wrong with a number that was given; an empty one is no problem here.

    `birth_on` and `sex` ("1" male, "2" female; anything else says nothing) are what was written beside it. A Numeric
    (see words) is known to come from a cell stored as a number.
    """
    text = fold(number)
    if not text:
        return []
    if _science(text) or (isinstance(number, Numeric) and len(text) > 15):
        return [_lost(field)]
    if not text.isascii() or not (text[:-1].isdigit() and (text[-1].isdigit() or text[-1] == "X")):
        return [Problem(field, "wrong_characters", _("身份证号只能是数字，最后一位可以是 X"), STOPS)]
    if len(text) == 15 and text.isdigit():
        return [Problem(field, "fifteen_digits", _("这是 15 位的旧号码，请按现在的证件填 18 位"), ASK)]
    if len(text) != 18:
        return [Problem(field, "wrong_length", _("身份证号应为 18 位"), STOPS)]
    right = check_digit(text[:17]) == text[17]
    if text.endswith("000") and not right:
        return [_lost(field)]
    found = []
    born = _birth(text)
    if born is None:
        found.append(Problem(field, "bad_date", _("身份证号里的出生日期不存在，请对照证件"), STOPS))
    elif born > today:
        found.append(Problem(field, "future_date", _("身份证号里的出生日期还没到，请对照证件"), STOPS))
    if not right:
        found.append(Problem(field, "wrong_check_digit", _("有一位可能写错了，请对照证件看一眼"), ASK))
    elif text.endswith("000"):
        # One number in a thousand ends so; the same end is left when a spreadsheet rounds, and one in eleven passes.
        found.append(Problem(field, "ends_in_000", _("号码末三位是 000，表格软件常把号码改成这样，请对照证件"), ASK))
    if not _area(text):
        found.append(Problem(field, "unknown_area", _("号码开头的地区不认识，请留意"), NOTICE))
    return found + agrees(text, birth_on=birth_on, sex=sex, field=field)


def is_sound(number: str, today: date) -> bool:
    """Whether nothing stops or asks about a folded number by itself: what `check` says of nearly all, at once."""
    if not _shape(number) or number.endswith("000") or check_digit(number[:17]) != number[17]:
        return False
    born = _birth(number)
    return born is not None and born <= today


def _lost(field: str) -> Problem:
    text = _("这个身份证号被表格软件改成了数字，后三位已丢失，请按证件重新填")
    return Problem(field, "lost_digits", text, STOPS)


def agrees(number, *, birth_on: date | None = None, sex=None, field: str = "number") -> list[Problem]:
    """Whether day of birth and sex written beside a number say the same as the number; both may be right on paper."""
    if not birth_on and str(sex) not in (MALE, FEMALE):
        return []
    said = parts(number)
    found = []
    if said and birth_on and said.birth_on != birth_on:
        found.append(Problem(field, "birth_differs", _("出生日期和身份证号对不上"), ASK))
    if said and str(sex) in (MALE, FEMALE) and str(sex) != said.sex:
        found.append(Problem(field, "sex_differs", _("性别和身份证号对不上"), ASK))
    return found


def mask(number) -> str:
    """990101********0075, for lists. What is too short to hide that way shows only its last two characters."""
    text = fold(number)
    if len(text) >= 15:
        return f"{text[:6]}{'*' * (len(text) - 10)}{text[-4:]}"
    return "*" * max(len(text) - 2, 0) + text[-2:] if len(text) > 4 else "*" * len(text)


def groups(number) -> str:
    """Six, eight, four: how eyes compare a number with a card."""
    text = fold(number)
    return f"{text[:6]} {text[6:14]} {text[14:]}" if len(text) == 18 else text


def last4(number) -> str:
    """The last four characters, upper X; '' when there are fewer."""
    return fold(number)[-4:] if len(fold(number)) >= 4 else ""


def make(region: str, birth_on: date, serial: int) -> str:
    """A number with the right check digit, for invented people: `serial` 1-999, odd for a boy."""
    if not re.fullmatch(r"[0-9]{6}", region) or not 0 <= serial <= 999:
        raise ValueError("region is six digits, serial is 0-999")
    first = f"{region}{birth_on:%Y%m%d}{serial:03d}"
    return first + check_digit(first)
