"""The word lists the generator draws from, read once from bench/names."""

from functools import cache
from itertools import accumulate
from pathlib import Path

NAMES = Path(__file__).parent / "names"


@cache
def lines(name: str) -> tuple[str, ...]:
    """The non-empty lines of bench/names/<name>."""
    return tuple(line for line in (NAMES / name).read_text(encoding="utf-8").splitlines() if line.strip())


@cache
def surnames() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """(surnames, cumulative weights per mille), common ones first."""
    names, weights = zip(*(line.split() for line in lines("surnames.txt")), strict=True)
    return names, tuple(accumulate(float(w) for w in weights))


@cache
def given() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """kind of person -> (first characters, second characters) of given names, common ones first."""
    rows = (line.split("\t") for line in lines("given.tsv"))
    return {kind: (tuple(first.split()), tuple(second.split())) for kind, first, second in rows}


@cache
def groups(name: str) -> dict[str, str]:
    """character -> the other characters that sound (or look) like it."""
    found: dict[str, str] = {}
    for line in lines(name):
        for character in line:
            found[character] = found.get(character, "") + line.replace(character, "")
    return found


@cache
def words(kind: str) -> dict[str, str]:
    """key -> screen word for one kind of word in words.tsv."""
    rows = (line.split("\t") for line in lines("words.tsv"))
    return {key: word for of, key, word in rows if of == kind}


@cache
def flat(name: str) -> tuple[str, ...]:
    """All words of a file whose lines hold several."""
    return tuple(word for line in lines(name) for word in line.split())


@cache
def headings() -> tuple[tuple[str, str], ...]:
    """The 25 columns of a roster: (our key, the heading people write)."""
    return tuple(tuple(line.split("\t")) for line in lines("headings.tsv"))


@cache
def places() -> tuple[tuple[str, str], ...]:
    """(province, city) where parents work."""
    found = []
    for line in lines("places.txt"):
        province, *cities = line.split()
        found += [(province, city) for city in cities]
    return tuple(found)
