"""Which of the 26 rows a text is about, by weighted words, and which words say so."""

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from tongxing.plans.reading.tables import class_of, lines, marks

ENOUGH = 1.0  # weight found in one sentence
HEADING = 2  # words of a heading count so many times
ROOM = 22  # characters that "…" may stand for
LONGEST_LEAD = 26  # characters up to which the first clause counts as a heading


class Term(NamedTuple):
    row: int
    weight: float
    pattern: re.Pattern
    parts: tuple[str, ...]  # what must stand in a text before the pattern is worth trying

    def may_stand_in(self, text: str) -> bool:
        return all(part in text for part in self.parts)


@dataclass(frozen=True)
class Evidence:
    """Why a text stands at a row: the words that were found, in which sentence, and their weight."""

    row: int
    words: tuple[str, ...]
    sentence: str
    weight: float


@cache
def terms() -> dict[int, tuple[Term, ...]]:
    """By row, the longest words first, so that a word inside another counts once."""
    found: dict[int, list[Term]] = {}
    gap = rf"[^{re.escape(''.join(marks('sentence_ends')))}]{{0,{ROOM}}}?"
    for row, weight, words in lines("terms.tsv"):
        parts = tuple(words.split("…"))
        pattern = re.compile(gap.join(re.escape(part) for part in parts))
        found.setdefault(int(row), []).append(Term(int(row), float(weight), pattern, parts))
    longest_first = {row: sorted(some, key=lambda term: -sum(map(len, term.parts))) for row, some in found.items()}
    return {row: tuple(some) for row, some in longest_first.items()}


@cache
def _unquoted() -> re.Pattern:
    return re.compile(class_of(marks("quotes")) + "|\\s")


@cache
def _ends() -> re.Pattern:
    return re.compile(class_of(marks("sentence_ends")) + "|\n")


@cache
def _clauses() -> re.Pattern:
    return re.compile(class_of(marks("clause_ends")))


def sentences(text: str) -> list[str]:
    return [one.strip() for one in _ends().split(text) if one.strip()]


def lead_of(heading: str, *, bare: bool) -> str:
    """What counts as the heading of a text: a line that stands alone, else its first sentence or clause when short."""
    if bare:
        return heading
    for ends in (_ends(), _clauses()):
        first = ends.split(heading, maxsplit=1)[0]
        if len(first) <= LONGEST_LEAD:
            return first
    return ""


def _found(row_terms, sentence: str) -> tuple[float, list[str]]:
    taken: list[tuple[int, int]] = []
    weight, words = 0.0, []
    for term in row_terms:
        if term.weight < 0 or not term.may_stand_in(sentence):
            continue
        for one in term.pattern.finditer(sentence):
            if all(one.end() <= start or one.start() >= end for start, end in taken):
                taken.append(one.span())
                weight += term.weight
                words.append(one[0])
                break
    return weight, words


def rows_of(text: str, lead: str = "") -> list[Evidence]:
    """The rows a text is about, in their order, each with its best sentence. `lead` is its heading, counted double."""
    plain = _unquoted().sub
    lead, parts = plain("", lead), [plain("", one) for one in sentences(text)]
    whole = "\n".join([lead, *parts])
    evidence = []
    for row, row_terms in terms().items():
        if not any(term.may_stand_in(whole) for term in row_terms):
            continue
        against = sum(term.weight for term in row_terms if term.weight < 0 and term.pattern.search(whole))
        best: tuple[float, list[str], str] = (0.0, [], "")
        for times, sentence in ((HEADING, lead), *((1, part) for part in parts)):
            weight, words = _found(row_terms, sentence)
            if weight * times > best[0]:
                best = weight * times, words, sentence
        weight = round(best[0] + against, 2)
        if weight >= ENOUGH:
            evidence.append(Evidence(row, tuple(best[1]), best[2], weight))
    return sorted(evidence, key=lambda one: one.row)
