"""What a heading means: whom it asks about, and what.

Tables hold the words; a heading is known only when all of it is. Half a match would be a guess.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from tongxing.base import words
from tongxing.rosters.sheets.template import table

CHILD, FATHER, MOTHER, PARENTS, GUARDIAN, CARER, OTHER = (
    "child", "father", "mother", "parents", "guardian", "carer", "other")  # fmt: skip
UNCLEAR = "unclear"  # the heading names two at once
_bracket = re.compile(r"[(\[\u3010\u3014\u3008\u300a<](.*?)[)\]\u3011\u3015\u3009\u300b>]|[(\[\u3010].*$")
_marks = re.compile(r"[\s*:,.;\u3001\u3002\u00b7\-_/\\|#\"'\u201c\u201d\u2018\u2019\u2605\u2606]+")
_numbers = re.compile(r"^[0-9\u2460-\u2473]{1,2}(?![0-9])|(?<![0-9])[0-9\u2460-\u2473]{1,2}$")
LONGEST = 30


Levels = tuple[str, ...]  # the headings of one column, the topmost first


class Meaning(NamedTuple):
    who: str  # "" when the heading does not say
    kind: str  # "" when it only names somebody


def bare(text) -> str:
    """A heading without blanks, line breaks and the star of a required column."""
    return "".join(words.tidy(text).split()).strip("*:")


@cache
def _kinds() -> dict[str, str]:
    return {word: kind for kind, spoken in table("kinds.tsv") for word in spoken.split(" ")}


@cache
def _whose() -> dict[str, str]:
    return {word: who for who, spoken in table("whose.tsv") for word in spoken.split(" ")}


@cache
def _longest_first() -> tuple[tuple[str, str], ...]:
    return tuple(sorted(_whose().items(), key=lambda pair: -len(pair[0])))


@cache
def _ticks() -> dict[str, str]:
    return {word: f"{field}={code}" for code, field, spoken in table("ticks.tsv") for word in spoken.split(" ")}


def persons_in(text: str) -> set[str]:
    """Whom a text names anywhere in it; the longest name counts ("parents" is not also "father")."""
    found = set()
    for word, who in _longest_first():
        if len(word) > 1 and word in text:
            found.add(who)
            text = text.replace(word, " ")
    return found


def _without_remarks(text: str) -> tuple[str, str]:
    """The heading itself, and what stands in its brackets."""
    text = words.tidy(text).lower()
    remarks = " ".join(match[1] or "" for match in _bracket.finditer(text))
    plain = _marks.sub("", _bracket.sub("", text))
    return _numbers.sub("", plain), _marks.sub("", remarks)


def _exact(plain: str) -> Meaning | None:
    if plain in _kinds():
        return Meaning("", _kinds()[plain])
    if plain in _ticks():
        return Meaning("", _ticks()[plain])
    for word, who in _longest_first():
        if plain.startswith(word):
            rest = plain[len(word) :].removeprefix(words.marks()["of"][0])
            if not rest:
                return Meaning(who, "")
            if rest in _kinds():
                return Meaning(who, _kinds()[rest])
    return None


@lru_cache(maxsize=4096)
def meaning(text: str) -> Meaning | None:
    """What one heading says; None when we do not know it."""
    if not text or len(text) > 4 * LONGEST:
        return None
    plain, remarks = _without_remarks(text)
    if not plain and remarks:
        plain, remarks = remarks, ""
    if len(plain) > LONGEST:
        return None
    found = _exact(plain)
    if found is None or not remarks:
        return found
    named = persons_in(remarks) | ({_whose()[remarks]} if remarks in _whose() else set())
    if not named or named == {CHILD} or found.kind in ("left_behind", "relation"):
        return found
    if found.who or len(named) > 1:
        return found if named == {found.who} else Meaning(UNCLEAR, found.kind)
    return Meaning(named.pop(), found.kind)


def about(text: str) -> str | None:
    """Whom the headings beneath this one ask about: "" when it leaves that open, None when we do not know."""
    plain, remarks = _without_remarks(text)
    exact = _whose().get(plain)
    named = {exact} if exact else persons_in(plain) or persons_in(remarks)
    if len(named) > 1 and CHILD in named:
        named.discard(CHILD)
    if named == {FATHER, MOTHER}:
        return PARENTS
    if len(named) == 1:
        return named.pop()
    if named:
        return UNCLEAR
    return "" if not plain or any(word in plain for (word,) in table("about.txt")) else None


def _is_a_group(text: str) -> bool:
    """Whether a heading only groups persons, and asks nothing of them itself ("went away" does)."""
    plain, _remarks = _without_remarks(text)
    for word in (*(word for word, _who in _longest_first()), *(word for (word,) in table("about.txt"))):
        plain = plain.replace(word, "")
    return not plain


def _of_a_person(who: str, above: Levels) -> Meaning:
    """What is asked of a person who stands alone beneath other headings ("phone" over "father" and "mother")."""
    for text in reversed(above):
        said = meaning(text)
        if said and said.kind and not said.who:
            return Meaning(who, said.kind)
        if not _is_a_group(text):
            return Meaning(UNCLEAR, "")
    return Meaning(who, "")


def meaning_of(levels: Levels) -> Meaning | None:
    """What headings above one another say together, the topmost first."""
    if len(levels) == 1:
        return meaning(levels[0])
    joined = meaning("".join(levels))
    if joined and joined.kind:
        return joined
    last = meaning(levels[-1])
    if last is None or (last.kind and last.who):
        return last
    if not last.kind:
        return _of_a_person(last.who, levels[:-1])
    for above in reversed(levels[:-1]):
        who = about(above)
        if who is None:
            return Meaning(UNCLEAR, last.kind)
        if who:
            return Meaning(who, last.kind)
    return last
