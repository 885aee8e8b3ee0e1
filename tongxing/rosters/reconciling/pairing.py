"""Who is held beside whom: rows and archives that share a key, never all with all.

A key is something two records of one child mostly have in common: sound and birthday, sound and place, birthday and
place, birthday and family name, a phone, a number one slip away. A key that too many share names nobody: it is left
out, widest first, so that the number of pairs is bounded whatever a list holds.
"""

from dataclasses import dataclass

WIDEST = 400  # pairs one key may give
PER_PERSON = 12  # pairs in all, for each person of both sides
AT_LEAST = 100_000

_both = """'1' || said_as || '|' || day, '2' || said_as || '|' || place, '3' || day || '|' || place,
    '4' || day || '|' || family, '5' || phone_1, '5' || phone_2, '5' || phone_3,
    '6' || grown_up_1 || '|' || place, '6' || grown_up_2 || '|' || place, '6' || grown_up_3 || '|' || place,
    '7' || number"""
ROLL_KEYS = f"[{_both}, '4' || turned || '|' || family]"
ARCHIVE_KEYS = f"[{_both}]"
NAMING = "'1', '2', '7'"  # keys that nearly name a person: who shares them with too many cannot be told apart
NEAR = "list_transform(coalesce(near, []), lambda one: '7' || one)"


@dataclass(frozen=True)
class Paired:
    """What pairing did: how many pairs to score, how many keys were left out as naming nobody."""

    pairs: int
    left_out: int


def pair(engine) -> Paired:
    """Make table `pair (l, r)` of the persons in `roll_form` and `archive_form`, and `lost (key)` of the rows that a
    key too wide would have led somewhere.

    Left out: pairs with two sound numbers that differ, which are two children; archives another row of the same list
    has for certain (`taken`); pairs somebody decided to be different (`parted`).
    """
    for side, keys in (("roll", ROLL_KEYS), ("archive", ARCHIVE_KEYS)):
        engine.execute(
            f"CREATE OR REPLACE TABLE {side}_key AS SELECT DISTINCT key, hash(k) AS k,"  # noqa: S608 own names
            f" k[1] IN ({NAMING}) AS names FROM "
            f"(SELECT key, unnest(list_concat({keys}, {NEAR})) AS k FROM {side}_form) WHERE k IS NOT NULL"
        )
    engine.execute(
        "CREATE OR REPLACE TABLE width AS SELECT k, l.n * r.n AS pairs FROM"
        " (SELECT k, count(*) AS n FROM roll_key GROUP BY k) l JOIN"
        " (SELECT k, count(*) AS n FROM archive_key GROUP BY k) r USING (k)"
    )
    (people,) = engine.execute(
        "SELECT (SELECT count(*) FROM roll_form) + (SELECT count(*) FROM archive_form)"
    ).fetchall()[0]
    most = max(PER_PERSON * people, AT_LEAST)
    engine.execute(
        "CREATE OR REPLACE TABLE wide AS SELECT k FROM"
        " (SELECT k, pairs, sum(pairs) OVER (ORDER BY pairs, k) AS before FROM width)"
        " WHERE pairs > ? OR before > ?",
        [WIDEST, most],
    )
    (left_out,) = engine.execute("SELECT count(*) FROM wide").fetchall()[0]
    engine.execute("CREATE OR REPLACE TABLE lost AS SELECT DISTINCT key FROM roll_key JOIN wide USING (k) WHERE names")
    engine.execute(
        "CREATE OR REPLACE TABLE pair AS SELECT DISTINCT l.key AS l, r.key AS r"
        " FROM (roll_key ANTI JOIN wide USING (k)) a JOIN archive_key b USING (k)"
        " JOIN roll_form l ON l.key = a.key JOIN archive_form r ON r.key = b.key"
        " ANTI JOIN taken ON taken.list = l.list AND taken.archive = r.key"
        " ANTI JOIN parted ON parted.l = l.key AND parted.r = r.key"
        " WHERE NOT (l.sound AND r.sound AND l.number <> r.number)"
    )
    (pairs,) = engine.execute("SELECT count(*) FROM pair").fetchall()[0]
    return Paired(pairs, left_out)
