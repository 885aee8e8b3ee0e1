"""Turns a careful roster into the kind that arrives: slips of name, number and day, blanks, unarchived children.

Shares: name slip 15 % (half of them another character of the same sound), number slip 8 %, number missing 12 %, birth
date off 4 %, not archived 20 %. Each line keeps the truth beside it, so that precision and recall can be counted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from bench import words

NAME, MISSING, NUMBER, BIRTH, UNARCHIVED = 0.15, 0.12, 0.08, 0.04, 0.20


@dataclass(slots=True)
class Line:
    child: int  # the true child's index
    archived: bool  # whether that child has an archive
    slips: tuple[str, ...]  # of: name, number, missing, birth
    facts: dict[str, str]  # by the keys of headings.tsv


def slip_of_name(rng: Random, name: str) -> str:
    """One slip: same sound, same shape, two characters swapped, one lost or one doubled."""
    share = rng.random()
    for kind, limit in (("same_sound.txt", 0.5), ("same_shape.txt", 0.7)):
        likes = words.groups(kind)
        places = [i for i, character in enumerate(name) if character in likes]
        if share < limit and places:
            place = rng.choice(places)
            return name[:place] + rng.choice(likes[name[place]]) + name[place + 1 :]
    if share < 0.85 and len(name) > 2 and name[-1] != name[-2]:
        return name[:-2] + name[-1] + name[-2]
    return name[:-1] if len(name) > 2 else name + name[-1]


def slip_of_number(rng: Random, number: str) -> str:
    """One slip: a digit changed, two neighbours swapped or a digit lost."""
    share, place = rng.random(), rng.randrange(6, 17)
    if share < 0.6:
        return number[:place] + rng.choice([d for d in "0123456789" if d != number[place]]) + number[place + 1 :]
    if share < 0.9:
        swaps = [i for i in range(6, 16) if number[i] != number[i + 1]]
        place = rng.choice(swaps)
        return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    return number[:place] + number[place + 1 :]


def slip_of_day(rng: Random, day: str) -> str:
    """One slip: day and month swapped where that is a date, else a day or a year off."""
    was = date.fromisoformat(day)
    if was.day <= 12 and was.day != was.month and rng.random() < 0.5:
        return date(was.year, was.day, was.month).isoformat()
    step = rng.choice((-366, -365, -1, 1, 365))
    return (was + timedelta(days=step)).isoformat()


def roster(seed: int, careful: Iterable[dict[str, str]], much: float = 1.0) -> Iterator[Line]:
    """The lines of a dirty roster with their truth, in the order of `careful`; `much` halves or doubles the slips."""
    rng = Random(seed * 7919 + 17)
    for child, row in enumerate(careful):
        facts, slips = dict(row), []
        archived = rng.random() >= UNARCHIVED
        if rng.random() < NAME * much:
            facts["name"] = slip_of_name(rng, facts["name"])
            slips.append("name")
        share = rng.random()
        if share < MISSING * much:
            facts["number"] = ""
            slips.append("missing")
        elif share < (MISSING + NUMBER) * much:
            facts["number"] = slip_of_number(rng, facts["number"])
            slips.append("number")
        if rng.random() < BIRTH * much:
            facts["birth_on"] = slip_of_day(rng, facts["birth_on"])
            slips.append("birth")
        yield Line(child, archived, tuple(slips), facts)
