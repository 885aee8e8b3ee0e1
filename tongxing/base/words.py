"""Names as people write and seek them: folded, read as pinyin, cut into grams; and what a search string may mean.

The readings come from tables/pinyin.tsv (made by tools/make_pinyin.py) and tables/surnames.tsv. Nothing here touches
a database, so a browser or a phone may hold the same keys.
"""

import re
import unicodedata
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from tongxing.base.problems import ASK, STOPS, Problem

TABLES = Path(__file__).resolve().parent / "tables"
DOT = "\u00b7"
LONGEST_NAME = 50
VARIANTS = 4
BLOCKS = ((0x3007, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))
CHINESE = "".join([f"{chr(first)}-{chr(last)}" for first, last in BLOCKS])  # for a class in a pattern

_plain = re.compile(f"[{CHINESE}]+").fullmatch
_chinese = re.compile(f"[{CHINESE}]")
# Zero-width and bidi marks, variation selectors, byte-order mark, soft hyphen, control characters.
_unseen = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
                     "\U000e0000-\U000e01ef\x00-\x08\x0e-\x1f\x7f]")  # fmt: skip
_dots = re.compile(r"\s*[\u00b7\u0387\u2022\u2027\u2219\u22c5\u2e31\u30fb\uff65]+\s*")
_full_stop = re.compile(rf"(?<=[{CHINESE}])\s*\.+\s*(?=[{CHINESE}])")
_blank_beside_chinese = re.compile(rf"(?<=[{CHINESE}{DOT}])\s+|\s+(?=[{CHINESE}{DOT}])")
_not_written = re.compile("[?\u25a0-\u25a1\u25a2\u25af\u3013\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd]")


class Numeric(str):
    """Text of a spreadsheet cell that was stored as a number, so that it may have lost zeros or digits."""

    __slots__ = ()


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    """The lines of a file in tables/, cut at tabs; lines that begin with # are remarks."""
    lines = (TABLES / name).read_text(encoding="utf-8").splitlines()
    return tuple(tuple(line.split("\t")) for line in lines if line and not line.startswith("#"))


@cache
def marks() -> dict[str, tuple[str, ...]]:
    """Chinese marks of days and phones by their English name."""
    return {name: tuple(words.split(" ")) for name, words in table("marks.tsv")}


def tidy(text) -> str:
    """Any cell or typed text in half width (NFKC), without unseen characters and outer blanks; None is ''."""
    if text is None:
        return ""
    text = str(text)
    if text.isascii() and text.isprintable():
        return text.strip()
    if _plain(text) and unicodedata.is_normalized("NFKC", text):
        return text
    return _unseen.sub("", unicodedata.normalize("NFKC", text)).strip()


_wide = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()} | {0x3000: 0x20, 0xA0: 0x20}


def line(text) -> str:
    """A line of ordinary text: letters and digits in half width, blanks single; Chinese punctuation stays Chinese."""
    if text is None:
        return ""
    return " ".join(_unseen.sub("", str(text)).translate(_wide).split())


def is_nothing(text) -> bool:
    """Whether a cell only says that there is nothing: empty, a dash, a slash, or a word such as 'none' or 'unknown'."""
    text = tidy(text)
    return (
        not text.strip("-/\\\u2014\u2013_. ") or text in marks()["nothing"] or text.lower() in ("n/a", "none", "null")
    )


def fold(text) -> str:
    """A name in its one written form: half width, no blanks (single ones between Latin words), one kind of dot.

    The dot stays between the parts of a minority name; variation selectors and compatibility forms go.
    """
    if text is None:
        return ""
    text = str(text)
    if _plain(text) and unicodedata.is_normalized("NFKC", text):
        return text
    text = _full_stop.sub(DOT, _dots.sub(DOT, tidy(text)))
    text = _blank_beside_chinese.sub("", text)
    return " ".join(text.split()).strip(DOT + " ")


@cache
def _not_names() -> frozenset[str]:
    return frozenset(line[0] for line in table("not_names.txt"))


def name_problems(name, field: str = "name") -> list[Problem]:
    """What is wrong with a name (folded here). Nothing is wrong with a foreign or a very rare one."""
    text = fold(name)
    if not text:
        return [Problem(field, "no_name", _("没有姓名"), STOPS)]
    if text in _not_names():
        return [Problem(field, "not_a_name", _("这不像一个姓名"), STOPS)]
    if len(text) > LONGEST_NAME:
        return [Problem(field, "too_long", _("姓名太长"), STOPS)]
    found = []
    if _not_written.search(text):
        found.append(Problem(field, "unwritable", _("姓名里有没显示出来的字，请对照证件补上"), ASK))
    if text.isalpha() and len(text) > 1 and not found:
        return []
    bare = _not_written.sub("", text)
    if any(letter.isdigit() for letter in bare):
        found.append(Problem(field, "digit_in_name", _("姓名里有数字"), ASK))
    elif any(not (letter.isalpha() or letter in DOT + " '-.\u3007") for letter in bare):
        found.append(Problem(field, "mark_in_name", _("姓名里有符号"), ASK))
    elif len(text) == 1:
        found.append(Problem(field, "one_character", _("姓名只有一个字"), ASK))
    return found


# --- pinyin -------------------------------------------------------------------------------------------------------


class Reading(NamedTuple):
    """How a name may be typed. Empty for an empty name."""

    pinyin_full: tuple[str, ...]  # "zengyuexin": no tones, no blanks; the likeliest first, at most VARIANTS
    initials: tuple[str, ...]  # "zyx"
    sort_key: str  # the likeliest syllables, then the name itself: people who sound alike stand together


@cache
def _readings() -> dict[str, tuple[str, ...]]:
    found = {}
    for syllables, characters in table("pinyin.tsv"):
        options = tuple(syllables.split(","))
        for character in characters:
            found[character] = options
    return found


@cache
def _surnames() -> dict[str, tuple[tuple[str, ...], ...]]:
    return {name: tuple(tuple(one.split(" ")) for one in said.split(",")) for name, said in table("surnames.tsv")}


@cache
def _single_options() -> dict[str, tuple[tuple[str, ...], ...]]:
    return {character: tuple((one,) for one in said) for character, said in _readings().items()}


def _units(name: str) -> list[tuple[tuple[str, ...], ...]]:
    """The name in order, each unit with the syllables it may be read as."""
    single, surnames = _single_options(), _surnames()
    units, rest = [], name
    if DOT not in name and len(name) > 1:  # a name with a dot has no Han surname
        if len(name) > 2 and name[:2] in surnames:
            units.append(surnames[name[:2]])
            rest = name[2:]
        else:
            options = surnames.get(name[0])
            if options is None:
                options = single.get(name[0], ())[:1]  # a surname is read one way, unless the table says otherwise
            elif len(name) > 3:  # perhaps no Han name, as Tibetan names in four characters
                options = tuple(dict.fromkeys(options + single.get(name[0], ())[:1]))
            if options:
                units.append(options)
                rest = name[1:]
    letters = ""
    for character in rest:
        options = single.get(character)
        if options is None and character.isascii() and character.isalnum():
            letters += character.lower()
            continue
        if letters:
            units.append(((letters,),))
            letters = ""
        if options or character.isalnum():
            units.append(options or ((character,),))
    if letters:
        units.append(((letters,),))
    return units


def _best(units: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The likeliest joined readings: the sum of the ranks decides, so the best VARIANTS of a prefix are enough."""
    beam = [(0, "")]
    for options in units:
        if len(options) == 1:
            only = options[0]
            beam = [(cost, text + only) for cost, text in beam]
        else:
            beam = [(cost + rank, text + said) for cost, text in beam for rank, said in enumerate(options)]
            beam.sort(key=_cost)
            del beam[VARIANTS:]
    return tuple(dict.fromkeys([text for _cost_, text in beam]))


def _cost(pair: tuple[int, str]) -> int:
    return pair[0]


def read_name(name) -> Reading:
    """The readings of a name; a character no table knows stands for itself, so that it can still be sought."""
    text = fold(name)
    if not text:
        return Reading((), (), "")
    units = _units(text)
    if not units:
        return Reading((), (), text)
    main = [syllable for options in units for syllable in options[0]]
    sort_key = f"{' '.join(main)} {text}"
    if all(len(options) == 1 for options in units):
        return Reading(("".join(main),), ("".join([one[0] for one in main]),), sort_key)
    full = _best([tuple(["".join(said) for said in options]) for options in units])
    first = [tuple(dict.fromkeys(["".join([one[0] for one in said]) for said in options])) for options in units]
    return Reading(full, _best(first), sort_key)


def given_name(name) -> str:
    """A name without its surname, as one calls a child. Names that are no Han names of two characters or more stay."""
    text = fold(name)
    if DOT in text or len(text) < 2 or not _plain(text):
        return text
    return text[2:] if len(text) > 2 and text[:2] in _surnames() else text[1:]


_fuzz = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_nasal = re.compile("ng*")


def _letters(text) -> str:
    """Typed pinyin in plain letters: tones, blanks and apostrophes gone, u with two dots (also typed yu) as v."""
    if type(text) is str and text.isascii() and text.isalpha() and text.islower():
        return text.replace("lyu", "lv").replace("nyu", "nv")
    text = unicodedata.normalize("NFD", tidy(text).lower()).replace("u\u0308", "v").replace("u:", "v")
    text = "".join([letter for letter in text if "a" <= letter <= "z"])
    return text.replace("lyu", "lv").replace("nyu", "nv")


def fuzzy(pinyin, *, f_is_h: bool = False) -> str:
    """One form for what ears and keyboards of the south do not tell apart.

    That is n/l, z/zh, c/ch, s/sh, in/ing, en/eng, an/ang.
    Works on joined pinyin without knowing where syllables end, and on the beginning of one: ``n`` with any ``g`` after
    it becomes ``l`` wherever it stands. Coarser than speech, so use it to gather candidates, never to say "the same".
    `f_is_h` also joins f and h, as in Hunan and Fujian. The result is a key, not a reading.
    """
    text = _letters(pinyin)
    for wide, narrow in _fuzz:
        text = text.replace(wide, narrow)
    text = _nasal.sub("l", text)
    return text.replace("f", "h") if f_is_h else text


# --- search -------------------------------------------------------------------------------------------------------


def grams(name) -> set[str]:
    """The 1- and 2-grams of a folded name, in lower case; the dot and blanks part nothing."""
    text = fold(name).replace(DOT, "").replace(" ", "").lower()
    return set(text) | {text[at : at + 2] for at in range(len(text) - 1)}


class Asks(StrEnum):
    """What a search string may be."""

    NAME = "name"
    PINYIN = "pinyin"
    INITIALS = "initials"
    NUMBER = "number"
    TAIL = "tail"
    PHONE = "phone"


class Asked(NamedTuple):
    kind: Asks
    term: str  # folded: a name, letters in lower case, digits (and X)


@cache
def _syllables() -> tuple[frozenset[str], frozenset[str]]:
    whole = {said for options in _readings().values() for said in options}
    return frozenset(whole), frozenset(one[:size] for one in whole for size in range(1, len(one) + 1))


def is_pinyin(letters: str) -> bool:
    """Whether plain letters can be cut into syllables, the last of which may be unfinished."""
    whole, begun = _syllables()
    reachable = {0}
    for at in range(len(letters)):
        if at not in reachable:
            continue
        if letters[at:] in begun:
            return True
        reachable |= {at + size for size in range(1, 7) if letters[at : at + size] in whole}
    return len(letters) in reachable and bool(letters)


def _digit_kinds(digits: str) -> list[Asked]:
    if re.fullmatch(r"\d{17}[\dX]|\d{15}", digits):
        return [Asked(Asks.NUMBER, digits)]
    if re.fullmatch(r"\d{3}[\dX]", digits):
        return [Asked(Asks.TAIL, digits)]
    without = re.sub(r"^(00)?86(?=1[3-9]\d{9}$|0\d{9,11}$)", "", digits)
    if re.fullmatch(r"1[3-9]\d{9}|0\d{9,11}|[2-9]\d{6,7}", without):
        return [Asked(Asks.PHONE, without)]
    return []


def split_query(text) -> list[str]:
    """A search string in the words that must all be met: a name and 0075 are two, blank or not; 'li ming' is one."""
    text = tidy(text)
    text = re.sub(rf"(?<=[{CHINESE}])\s*(?=[0-9A-Za-z+])|(?<=[0-9A-Za-z])\s*(?=[{CHINESE}])", "\n", text)
    text = re.sub(r"(?<=[A-Za-z])\s+(?=\d)|(?<=\d)\s+(?=[A-Za-z]{2})", "\n", text)
    return [word.strip() for word in text.split("\n") if word.strip()]


def query_kinds(text) -> tuple[Asked, ...]:
    """What one word of a search may mean, the likeliest first; empty when it means nothing we index."""
    word = tidy(text)
    if not word:
        return ()
    digits = re.sub(r"[\s+()-]", "", word).upper()
    if digits[:1].isdigit():
        return tuple(_digit_kinds(digits))
    if _chinese.search(word) or (not word[:1].isascii() and not _letters(word)):
        return (Asked(Asks.NAME, fold(word).lower()),)
    letters = _letters(word)
    if not letters:
        return ()
    found = []
    pinyin = is_pinyin(letters)
    if pinyin and len(letters) > 1:
        found.append(Asked(Asks.PINYIN, letters))
    if len(letters) <= 6 and not set(letters) & set("iuv"):
        found.append(Asked(Asks.INITIALS, letters))
    if not pinyin:
        found.append(Asked(Asks.NAME, fold(word).lower()))
    return tuple(found)


def apart(one: str, other: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Two texts cut where they differ, so that the eye finds the one character: pieces, and whether each differs."""
    if not (one and other) or one == other:
        return [(one, False)] if one else [], [(other, False)] if other else []
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return _cut(one, start, end), _cut(other, start, end)


def _cut(text: str, start: int, end: int) -> list[tuple[str, bool]]:
    stop = len(text) - end
    parts = [(text[:start], False), (text[start:stop], True), (text[stop:], False)]
    return [part for part in parts if part[0]]
