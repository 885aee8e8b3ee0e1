"""Phone numbers as they stand in cells: mobile numbers, landlines with or without an area code, several at once."""

import re
from typing import NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tongxing.base.problems import ASK, NOTICE, STOPS, Problem
from tongxing.base.words import CHINESE, marks, tidy

MOBILE = 11
_mobile = re.compile(r"1[3-9]\d{9}").fullmatch
_country = re.compile(r"(?:\+|00)86(\d+)$|86(1[3-9]\d{9})$").match
# Area codes: 010, 02x, and 03xx-09xx; service numbers of ten digits begin with 400 or 800.
_landline = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))([2-9]\d{6,7})").fullmatch
_local = re.compile(r"[2-9]\d{6,7}").fullmatch
_service = re.compile(r"[48]00\d{7}").fullmatch
_or = "|".join(marks()["or"])
_turn = "|".join(marks()["extension"])
_extension = re.compile(rf"(?:\s*(?:ext\.?|x|#|{_turn})\s*|(?<=\d{{7}})-)(\d{{1,6}})$", re.IGNORECASE)
_blanks = re.compile(r"[\s()\-\u2010-\u2015.\u00b7_/]+")
_blanks_at_end = re.compile(rf"(?<!{_blanks.pattern[:-1]}){_blanks.pattern}$")  # tried once for each run of blanks
_note = re.compile(rf"[(\[]?[{CHINESE}A-Za-z:,]+[)\]]?")
_marks = re.compile(r"[;,\n\r|\u3001]+")


class Piece(NamedTuple):
    """One phone out of a cell, folded, and the words beside it ('mother')."""

    phone: str
    note: str


def fold(phone) -> str:
    """Digits, a country code other than 86 with its +, and an extension after '-'; blanks and hyphens go."""
    text = tidy(phone)
    if text.isdecimal() and len(text) <= MOBILE:
        return text
    text = _blanks_at_end.sub("", text)  # what goes anyway must not stand behind an extension
    extension = ""
    if (match := _extension.search(text)) and _has_exchange(_bare(text[: match.start()])):
        text, extension = text[: match.start()], "-" + match[1]
    return _bare(text) + extension


def _has_exchange(digits: str) -> bool:
    return bool(_landline(digits) or _local(digits) or _service(digits))


def _bare(text: str) -> str:
    text = _blanks.sub("", text)
    while match := _country(text):
        text = match[1] or match[2]
        if _landline("0" + text):  # from abroad an area code loses its 0
            text = "0" + text
    return text


def key(phone) -> str:
    """Canonical digits for a blind index: without extension and country code. '' when there is no digit."""
    if type(phone) is str and _mobile(phone) and phone.isascii():
        return phone
    return re.sub(r"\D", "", fold(phone).partition("-")[0])


def last4(phone) -> str:
    """The last four digits, without extension; '' when there are fewer."""
    digits = key(phone)
    return digits[-4:] if len(digits) >= 4 else ""


def split(text) -> list[Piece]:
    """The phones in one cell, each with the words beside it. Blanks inside one number do not part it."""
    text = tidy(text)
    if _mobile(text):
        return [Piece(text, "")]
    text = _marks.sub("\n", text)
    text = re.sub(rf"(?<=\d)\s*(?:{_or})\s*(?=[+\d])", "\n", text)
    pieces = []
    for line in text.split("\n"):
        pieces += [_piece(part) for part in _whole_phones(line.strip())]
    return [piece for piece in pieces if piece.phone]


def _whole_phones(line: str) -> list[str]:
    """Parts at a blank, slash or nothing, only where both sides are whole phones of their own."""
    if re.fullmatch(r"(1[3-9]\d{9}){2,4}", line):
        return [line[at : at + MOBILE] for at in range(0, len(line), MOBILE)]
    parts = [part for part in re.split(r"[\s/]+", line) if part]
    if len(parts) > 1 and all(_is_whole(_piece(part).phone) for part in parts):
        return parts
    # words between the numbers part them too: "14000000001(father)14000000002(mother)"
    noted = re.findall(rf"\+?\d[\d\s\-]{{5,}}\d(?:\s*[(\[][^)\]]*[)\]]|\s*[{CHINESE}]+)?", line)
    return noted if len(noted) > 1 and all(_is_whole(_piece(part).phone) for part in noted) else [line]


def _piece(text: str) -> Piece:
    if "-" in fold(text):  # the word before an extension is no note
        return Piece(fold(text), "")
    words = " ".join([match.strip("()[]:, ") for match in _note.findall(text)]).strip()
    return Piece(fold(_note.sub(" ", text)), words)


def _is_whole(phone: str) -> bool:
    bare = phone.partition("-")[0]
    return bool(_mobile(bare)) or _has_exchange(bare)


def is_mobile(phone) -> bool:
    """Whether it is a mobile number of the mainland."""
    return bool(_mobile(fold(phone)))


def problems(phone, field: str = "phone") -> list[Problem]:
    """What is wrong with one phone; an empty one is no problem here. The owner may say "as on the paper" to all but
    what holds no number."""
    text = fold(phone)
    if not text or _mobile(text):
        return []
    bare = text.partition("-")[0]
    if not any(character.isdigit() for character in text):
        return [Problem(field, "no_digits", _("这里没有电话号码"), STOPS)]
    if text.startswith("+") and text[1:].isdigit() and 7 <= len(text) - 1 <= 15:
        return []  # a phone abroad
    if not bare.isdigit():
        if len(split(phone)) > 1:
            return [Problem(field, "several_phones", _("这里有不止一个电话，先记第一个吗？"), ASK)]
        return [Problem(field, "wrong_characters", _("电话里有别的字，请核对"), ASK)]
    if _is_whole(bare):
        if _local(bare):
            return [Problem(field, "no_area_code", _("座机没有区号"), NOTICE)]
        return []
    if bare[0] == "1":
        return [_mobile_problem(bare, field)]
    if len(split(phone)) > 1:
        return [Problem(field, "several_phones", _("这里有不止一个电话，先记第一个吗？"), ASK)]
    return [Problem(field, "wrong_length", _("电话号码位数不对，座机请带区号"), ASK)]


def _mobile_problem(digits: str, field: str) -> Problem:
    if len(digits) == MOBILE:
        return Problem(field, "wrong_start", _("手机号开头不对，请核对"), ASK)
    if len(digits) < MOBILE:
        missing = MOBILE - len(digits)
        text = format_lazy(_("手机号少 {count} 位"), count=missing)
        return Problem(field, "too_short", text, ASK)
    if len(split(digits)) > 1:
        return Problem(field, "several_phones", _("这里有不止一个电话，先记第一个吗？"), ASK)
    over = len(digits) - MOBILE
    text = format_lazy(_("手机号多 {count} 位"), count=over)
    return Problem(field, "too_long", text, ASK)
