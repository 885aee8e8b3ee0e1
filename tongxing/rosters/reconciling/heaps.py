"""Archived, probable, none, unlisted: exact rules, then scored pairs, one row one child, each with its reasons.

Certain without a model: the same number; the same name, birthday and community where only one row and one archive have
them; what somebody decided. Everything else is at most probable and a person looks at it. What no model knows: two
sound numbers that differ are two children (pairing); brothers and sisters share everything but name and number, so a
name that differs altogether needs a number one slip away.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from tongxing.rosters.reconciling import pairing, scoring
from tongxing.rosters.reconciling.people import with_forms
from tongxing.rosters.reconciling.scoring import COMPARED, ELSE, level_codes

ARCHIVED, PROBABLE, NONE = "archived", "probable", "none"
MEMORY, THREADS = "2GB", 2
FOR = ("decided", "opened_from", "same_number", "same_row")  # certain, beside the levels of scoring.COMPARED
AGAINST = {"birth": "other_birth", "sex": "other_sex", "class": "other_class", "phone": "other_phone",
           "name": "other_name", "number": "other_number", "place": "other_place"}  # fmt: skip
CLOSE = 4.0  # a second archive this near (in bits of weight: sixteen to one) is said
FAMILY = {ELSE, "same_family"}
TWINS = {"one_character", "same_family", ELSE}


@dataclass(slots=True)
class Found:
    """What became of one row: heap, the archive's key, how sure (0-1), why, and why perhaps not."""

    heap: str
    archive: int | None = None
    confidence: float = 1.0
    reasons: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


@dataclass
class Sorted:
    """Every row's Found by key, keys of archives on no list, and what the engine counted on the way."""

    rows: list[Found]
    unlisted: list[int]
    counts: dict = field(default_factory=dict)


def engine(memory: str = MEMORY, threads: int = THREADS) -> duckdb.DuckDBPyConnection:
    """A database in memory alone: nothing is spilled to disk, what does not fit is refused."""
    made = duckdb.connect(":memory:", config={"memory_limit": memory, "threads": threads})
    for setting in ("temp_directory = ''", "autoinstall_known_extensions = false",
                    "autoload_known_extensions = false", "enable_external_access = false"):  # fmt: skip
        made.execute(f"SET {setting}")
    return made


def _silent(_words: str) -> None:
    pass


def reconcile(
    rows: pa.Table,
    archives: pa.Table,
    *,
    same: Iterable[tuple[int, int]] = (),
    parted: Iterable[tuple[int, int]] = (),
    given: scoring.Weights | None = None,
    score: Callable = scoring.score,
    told: Callable[[str], None] = _silent,
    memory: str = MEMORY,
    threads: int = THREADS,
) -> Sorted:
    """Put every row into its heap. `rows` and `archives` are tables of people.SAID; keys count from 0.

    `same` and `parted` are (row, archive) that somebody decided; `told` hears the name of each step.
    """
    given = given or scoring.weights()
    at_work = engine(memory, threads)
    try:
        told("exact")
        found = _exact(at_work, rows, archives, same, parted)
        told("forms")
        _remainder(at_work)
        told("pairs")
        paired = pairing.pair(at_work)
        told("scores")
        if paired.pairs:
            scored = score(at_work, given, scoring.crowd(at_work))
            _assign(found, scored, rows.column("list").to_pylist())
        _say_who_is_lost(at_work, found)
        _follow(at_work, found)
        counts = {"pairs": paired.pairs, "keys_left_out": paired.left_out}
    finally:
        at_work.close()
    whole = [one or Found(NONE) for one in found]
    listed = {one.archive for one in whole if one.archive is not None}
    return Sorted(whole, [key for key in range(len(archives)) if key not in listed], counts)


def alike(rows: pa.Table, archives: pa.Table, parted: Iterable[tuple[int, int]]) -> list[tuple[int, int, Found]]:
    """Pairs that may be one child, without any exact rule: (row, archive, Found), the likeliest first."""
    at_work = engine()
    given = scoring.weights()
    found: list[Found | None] = [None] * len(rows)
    try:
        at_work.register("roll", rows)
        at_work.register("archive", archives)
        at_work.execute("CREATE TABLE first AS SELECT key, key AS first FROM roll")
        _given(at_work, "parted", parted)
        at_work.execute("CREATE TABLE taken (list INTEGER, archive INTEGER)")
        at_work.execute("CREATE TABLE done (l INTEGER, r INTEGER)")
        _remainder(at_work)
        if pairing.pair(at_work).pairs:
            _assign(found, scoring.score(at_work, given, scoring.crowd(at_work)), rows.column("list").to_pylist())
    finally:
        at_work.close()
    pairs = [(key, one.archive, one) for key, one in enumerate(found) if one is not None]
    return sorted(pairs, key=lambda pair: (-pair[2].confidence, pair[0]))


def _given(at_work, name: str, pairs: Iterable[tuple[int, int]]) -> None:
    """A table (l, r) of these pairs."""
    left, right = zip(*pairs, strict=True) if pairs else ((), ())
    at_work.register(f"{name}_given", pa.table({"l": pa.array(left, pa.int32()), "r": pa.array(right, pa.int32())}))
    at_work.execute(f"CREATE TABLE {name} AS SELECT * FROM {name}_given")  # noqa: S608 own names


# ── certain ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _exact(at_work, rows: pa.Table, archives: pa.Table, same, parted) -> list[Found | None]:
    """The rows that need no model. Leaves tables `roll`, `archive`, `first`, `taken (list, archive)`, `parted`."""
    found: list[Found | None] = [None] * len(rows)
    at_work.register("roll", rows)
    at_work.register("archive", archives)
    # A row that says word for word what an earlier one of its list says is that row again.
    at_work.execute(
        "CREATE TABLE first AS SELECT key, min(key) OVER (PARTITION BY list, name, day, number, sex, phones,"
        " grown_ups, place, hamlet, class_name) AS first FROM roll"
    )
    _given(at_work, "known", same)
    _given(at_work, "parted", parted)
    at_work.execute("CREATE TABLE hit AS SELECT l, min(r) AS r, 'decided' AS why, TRUE AS alike FROM known GROUP BY l")
    at_work.execute(
        "INSERT INTO hit SELECT r.key, a.key, 'same_number', coalesce(r.name = a.name, TRUE) OR "
        " len(list_intersect(string_split(r.name, ''), string_split(a.name, ''))) > 0"
        " FROM roll r JOIN archive a ON r.number = a.number"
        " ANTI JOIN known ON known.l = r.key ANTI JOIN parted ON parted.l = r.key AND parted.r = a.key"
    )
    at_work.execute("CREATE TABLE taken AS SELECT DISTINCT list, r AS archive FROM hit JOIN roll ON roll.key = hit.l")
    alone = (
        "SELECT {0}name, day, place, min(key) AS key, bool_or(sound) AS sound, min(number) AS number FROM {1}"
        " WHERE name IS NOT NULL AND day IS NOT NULL AND place IS NOT NULL GROUP BY ALL HAVING count(*) = 1"
    )
    left = "(roll ANTI JOIN hit ON hit.l = roll.key SEMI JOIN first ON first.first = roll.key)"
    at_work.execute(
        "CREATE TABLE named AS SELECT l.key AS l, a.key AS r FROM"  # noqa: S608 own names
        f" ({alone.format('list, ', left)}) l"
        f" JOIN ({alone.format('', 'archive')}) a ON (l.name, l.day, l.place) = (a.name, a.day, a.place)"
        " ANTI JOIN taken ON taken.list = l.list AND taken.archive = a.key"
        " ANTI JOIN parted ON parted.l = l.key AND parted.r = a.key"
        " WHERE NOT (l.sound AND a.sound AND l.number <> a.number)"
    )
    for left, right, why, alike in _lines(at_work, "SELECT l, r, why, alike FROM hit"):
        if alike:
            found[left] = Found(ARCHIVED, right, 1.0, (why,))
        else:
            found[left] = Found(PROBABLE, right, 0.5, (why,), ("other_name",))
    near = _lines(
        at_work,
        "SELECT l, r, coalesce(list_contains(roll.near, archive.number) OR list_contains(archive.near, roll.number),"
        " FALSE) FROM named JOIN roll ON roll.key = l JOIN archive ON archive.key = r",
    )
    for left, right, slip in near:
        reasons = ("same_name", "same_birth", "same_place") + (("near_number",) if slip else ())
        found[left] = Found(ARCHIVED, right, 0.999, reasons)
    at_work.execute("INSERT INTO taken SELECT DISTINCT list, r FROM named JOIN roll ON roll.key = named.l")
    at_work.execute("CREATE TABLE done AS SELECT l, r FROM hit UNION SELECT l, r FROM named")
    return found


def _lines(at_work, sql: str):
    """The rows of an answer as tuples, by way of columns: one by one they cost ten times as much."""
    answer = at_work.sql(sql).to_arrow_table()
    return zip(*(column.to_pylist() for column in answer.columns), strict=True)


def _remainder(at_work) -> None:
    """Tables `roll_form` and `archive_form` of those who are left, with their forms."""
    left = at_work.sql(
        "SELECT roll.* FROM roll SEMI JOIN first ON first.first = roll.key ANTI JOIN done ON done.l = roll.key"
        " WHERE name IS NOT NULL AND (NOT coalesce(sound, FALSE) OR EXISTS (SELECT 1 FROM archive WHERE NOT"
        " coalesce(archive.sound, FALSE))) ORDER BY key"
    ).to_arrow_table()
    # An archive that every list has for certain can be nobody else's.
    free = at_work.sql(
        "SELECT archive.* FROM archive ANTI JOIN (SELECT archive FROM taken GROUP BY archive HAVING count(*) ="
        " (SELECT count(DISTINCT list) FROM roll)) gone ON gone.archive = archive.key"
        " WHERE name IS NOT NULL ORDER BY key"
    ).to_arrow_table()
    known: dict[str, tuple] = {}
    at_work.register("roll_said", with_forms(left, known))
    at_work.execute("CREATE TABLE roll_form AS SELECT * FROM roll_said")
    at_work.register("archive_said", with_forms(free, known))
    at_work.execute("CREATE TABLE archive_form AS SELECT * FROM archive_said")


# ── probable ─────────────────────────────────────────────────────────────────────────────────────────────────────────

CODES = {name: level_codes(name) for name in COMPARED}


def _assign(found: list, scored: pa.Table, lists: list[int]) -> None:
    """The likeliest pair first; a row gets one archive, and an archive one row of each list."""
    columns = [scored.column(name).to_pylist() for name in ("l", "r", "probability", "weight", *COMPARED)]
    gone: set[tuple[int, int]] = set()
    first: dict[int, float] = {}
    names = tuple(COMPARED)
    for left, right, probability, weight, *levels in zip(*columns, strict=True):
        said = {name: CODES[name][level] for name, level in zip(names, levels, strict=True) if level >= 0}
        if not may_be_one(said):
            continue
        if left in first:
            if first[left] - weight < CLOSE and found[left] and "several_alike" not in found[left].against:
                found[left].against += ("several_alike",)
            continue
        if (lists[left], right) in gone:
            continue
        first[left] = weight
        gone.add((lists[left], right))
        found[left] = Found(PROBABLE, right, round(probability, 4), reasons_of(said), against_of(said))


def may_be_one(said: dict[str, str]) -> bool:
    """What the model does not know: brothers and sisters share home, phone, carer, even the birthday."""
    if said.get("name") in FAMILY:
        return said.get("number") == "near_number" and said.get("birth") in ("same_birth", None)
    if said.get("name") == "one_character" and ELSE in (said.get("birth"), said.get("sex")):
        return said.get("number") == "near_number"
    return True


def reasons_of(said: dict[str, str]) -> tuple[str, ...]:
    return tuple(code for code in said.values() if code not in (ELSE, "same_sex", "same_family"))


def against_of(said: dict[str, str]) -> tuple[str, ...]:
    found = [AGAINST[name] for name, code in said.items() if code == ELSE and name in AGAINST]
    if said.get("name") in TWINS | {"same_sound", "near_sound"} and said.get("number") != "near_number":
        found.append("twins")
    return tuple(found)


def _say_who_is_lost(at_work, found: list) -> None:
    """A row that only keys too wide would have led somewhere: so many are alike that nobody can be told apart."""
    for (key,) in _lines(at_work, "SELECT key FROM lost ORDER BY key"):
        if found[key] is None:
            found[key] = Found(PROBABLE, None, 0.0, (), ("too_many_alike",))


def _follow(at_work, found: list) -> None:
    """Rows that say again what another row of their list says go where that one went."""
    for key, first in _lines(at_work, "SELECT key, first FROM first WHERE key <> first"):
        if found[key] is None and (one := found[first]) is not None:
            found[key] = Found(one.heap, one.archive, one.confidence, (*one.reasons, "same_row"), one.against)
    again = _lines(
        at_work,
        "SELECT a.key, min(archive.key) FROM roll a JOIN taken ON taken.list = a.list JOIN archive ON archive.key ="
        " taken.archive AND (a.name, a.day, a.place) = (archive.name, archive.day, archive.place)"
        " WHERE NOT (a.sound AND archive.sound AND a.number <> archive.number) GROUP BY a.key",
    )
    for key, archive in again:
        if found[key] is None:
            found[key] = Found(ARCHIVED, archive, 0.999, ("same_row",))
