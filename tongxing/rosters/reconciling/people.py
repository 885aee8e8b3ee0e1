"""One side of a reconciliation as columns: what is said of each person, and the forms in which names are compared.

`Side` collects persons and gives an Arrow table (`SAID`). `with_forms` adds what the pairing and the scoring compare: a
name by its sound and by its characters, because a distance in bytes means nothing for Chinese. Numbers and phones come
as keyed digests (64 bits of them); days are counted from 1970.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import pyarrow as pa

from tongxing.base.words import DOT, fuzzy, read_name

SAID = pa.schema(
    [
        ("key", pa.int32()),  # the person's place on this side
        ("list", pa.int32()),  # which list the person stands on; one row of a list is one child
        ("name", pa.string()),
        ("day", pa.int32()),
        ("number", pa.int64()),
        ("sound", pa.bool_()),  # the number stands its own check
        ("near", pa.list_(pa.int64())),  # digests of the sound numbers one slip away
        ("sex", pa.string()),
        ("phones", pa.list_(pa.int64())),
        ("grown_ups", pa.list_(pa.string())),  # names of carer and parents
        ("place", pa.string()),  # the community
        ("hamlet", pa.string()),
        ("class_name", pa.string()),
    ]
)
PARTS, SPOKEN = 4, 3  # characters of a name held apart; phones and grown-ups of a child
_epoch = date(1970, 1, 1).toordinal()


def day_number(day: date | None) -> int | None:
    return day.toordinal() - _epoch if day else None


def key_of(digest: str | None) -> int | None:
    """64 bits of a keyed digest (hexadecimal)."""
    return int.from_bytes(bytes.fromhex(digest[:16]), "big", signed=True) if digest else None


class Side:
    """Persons of one side, one after another."""

    def __init__(self):
        self.columns: dict[str, list] = {name: [] for name in SAID.names}

    def __len__(self):
        return len(self.columns["key"])

    def add(self, *, name="", born: date | None = None, number=None, sound=False, near=(), sex="", phones=(),
            grown_ups=(), place="", hamlet="", class_name="", on_list=0) -> int:  # fmt: skip
        """Add a person; answers the key. What is not known is empty."""
        key = len(self)
        said = (
            key, on_list, name or None, day_number(born), number, sound, list(near) or None,
            sex if sex in ("1", "2") else None, [one for one in phones if one is not None][:SPOKEN] or None,
            [one for one in grown_ups if one][:SPOKEN] or None, place or None, hamlet or None, class_name or None,
        )  # fmt: skip
        for column, value in zip(self.columns.values(), said, strict=True):
            column.append(value)
        return key

    def table(self) -> pa.Table:
        return pa.table(self.columns, schema=SAID)


def with_forms(said: pa.Table, known: dict[str, tuple] | None = None) -> pa.Table:
    """The same persons with their forms; a name that many share, or that is `known` from the other side, is read once.

    `known` is added to.
    """
    known = {} if known is None else known
    names = said.column("name").combine_chunks().dictionary_encode()
    forms = [known.get(name) or known.setdefault(name, _forms(name)) for name in names.dictionary.to_pylist()]
    at = names.indices
    for place, (column, kind) in enumerate(FORMS):
        values = pa.array([form[place] for form in forms], kind)
        said = said.append_column(column, values.take(at) if len(values) else pa.nulls(len(said), kind))
    said = said.append_column("turned", pa.array(_turned(said.column("day").to_pylist()), pa.int32()))
    for column, many, kind in (("phone", "phones", pa.int64()), ("grown_up", "grown_ups", pa.string())):
        lists = said.column(many).to_pylist()
        for place in range(SPOKEN):
            values = [one[place] if one and len(one) > place else None for one in lists]
            said = said.append_column(f"{column}_{place + 1}", pa.array(values, kind))
    return said.drop_columns(["phones", "grown_ups"])


FORMS = (
    ("said_as", pa.string()),  # pinyin without tones
    ("heard_as", pa.string()),  # the same, without what the south does not tell apart
    ("family", pa.string()),  # the first character, as it is heard
    ("sorted", pa.string()),  # the characters in order: alike when two were swapped
    *((f"part_{place}", pa.string()) for place in range(1, PARTS + 1)),
    *((f"less_{place}", pa.string()) for place in range(1, PARTS + 1)),  # the name without its n-th character
)


def _forms(name: str) -> tuple:
    reading = read_name(name)
    said = reading.pinyin_full[0] if reading.pinyin_full else name
    bare = name.replace(DOT, "").replace(" ", "")
    parts = [*bare[: PARTS - 1], bare[PARTS - 1 :]] + [""] * PARTS
    less = [bare[:at] + bare[at + 1 :] if at < len(bare) else None for at in range(PARTS)]
    return (
        said, fuzzy(said), _family(bare[:1]), "".join(sorted(bare)),
        *parts[:PARTS], *(less if len(bare) > 1 else [None] * PARTS),
    )  # fmt: skip


@lru_cache(10_000)
def _family(character: str) -> str:
    said = read_name(character).pinyin_full
    return fuzzy(said[0]) if said else character


def _turned(days: Iterable[int | None]) -> list[int | None]:
    """Each day with its day and month changed about, where that is another day."""
    known: dict[int, int | None] = {}
    found = []
    for day in days:
        if day is not None and day not in known:
            said = date.fromordinal(day + _epoch)
            turns = said.day <= 12 and said.day != said.month
            known[day] = day_number(date(said.year, said.day, said.month)) if turns else None
        found.append(known[day] if day is not None else None)
    return found
