"""How likely each pair is one child: Splink, with parameters from weights.toml and the same conditions on any backend.

The file says for each level how often it is seen in records of one child (`m`) and of two (`u`). Where the persons at
hand share more than the file expects (one birthday for all, one name ten thousand times), what they share counts less.
Nothing is trained here, so the same persons give the same answer.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

WEIGHTS = Path(__file__).parent / "weights.toml"
ELSE = "else"

_misses = " + ".join(f"CASE WHEN part_{n}_l = part_{n}_r THEN 0 ELSE 1 END" for n in range(1, 5))
_lost = " OR ".join(f"less_{n}_l = name_r OR less_{n}_r = name_l" for n in range(1, 5))


def _shared(column: str) -> str:
    return " OR ".join(f"{column}_{a}_l = {column}_{b}_r" for a in (1, 2, 3) for b in (1, 2, 3))


# What is compared, level by level from the nearest: (code, condition). Codes are those of reasons (heaps.SAYS).
COMPARED: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "name": (
        "name_l IS NULL OR name_r IS NULL",
        (
            ("same_name", "name_l = name_r"),
            ("same_sound", "said_as_l = said_as_r"),
            ("near_sound", "heard_as_l = heard_as_r"),
            ("swapped_characters", "sorted_l = sorted_r"),
            ("character_lost", _lost),
            ("one_character", f"({_misses}) = 1 AND part_3_l <> '' AND part_3_r <> ''"),
            ("same_family", "part_1_l = part_1_r"),
        ),
    ),
    "birth": (
        "day_l IS NULL OR day_r IS NULL",
        (
            ("same_birth", "day_l = day_r"),
            ("turned_birth", "turned_l = day_r"),
            ("near_birth", "abs(day_l - day_r) <= 1 OR abs(abs(day_l - day_r) - 365) <= 1"),
        ),
    ),
    "number": (
        "number_l IS NULL OR number_r IS NULL OR (near_l IS NULL AND near_r IS NULL)",
        (("near_number", "array_contains(near_l, number_r) OR array_contains(near_r, number_l)"),),
    ),
    "phone": ("phone_1_l IS NULL OR phone_1_r IS NULL", (("same_phone", _shared("phone")),)),
    "grown_up": ("grown_up_1_l IS NULL OR grown_up_1_r IS NULL", (("same_carer", _shared("grown_up")),)),
    "place": (
        "place_l IS NULL OR place_r IS NULL",
        (("same_hamlet", "place_l = place_r AND hamlet_l = hamlet_r"), ("same_place", "place_l = place_r")),
    ),
    "sex": ("sex_l IS NULL OR sex_r IS NULL", (("same_sex", "sex_l = sex_r"),)),
    "class": ("class_name_l IS NULL OR class_name_r IS NULL", (("same_class", "class_name_l = class_name_r"),)),
}
COLUMNS = (
    "name", "said_as", "heard_as", "sorted", *(f"part_{n}" for n in range(1, 5)), *(f"less_{n}" for n in range(1, 5)),
    "day", "turned", "number", "near", *(f"phone_{n}" for n in (1, 2, 3)), *(f"grown_up_{n}" for n in (1, 2, 3)),
    "place", "hamlet", "sex", "class_name",
)  # fmt: skip


@dataclass(frozen=True)
class Weights:
    """The file, read."""

    version: int
    expected: float  # share of the smaller side that is expected to be found
    threshold: float  # probability from which a person is asked
    levels: dict[str, dict[str, tuple[float, float]]]  # comparison → level or "else" → (m, u)


@cache
def weights(path: Path = WEIGHTS) -> Weights:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    levels = {
        name: {code: tuple(told["levels"][name][code]) for code in [*(code for code, _ in compared), ELSE]}
        for name, (_, compared) in COMPARED.items()
    }
    return Weights(told["version"], told["expected"], told["threshold"], levels)


def level_codes(comparison: str) -> list[str]:
    """Codes by Splink's number of a level: 0 is none of them."""
    return [ELSE, *(code for code, _ in reversed(COMPARED[comparison][1]))]


@dataclass(frozen=True)
class Crowd:
    """How alike the persons at hand are: sizes of both sides, and how often two archives share something by chance."""

    rows: int
    archives: int
    alike: dict[str, float]  # level code → probability


# Levels whose chance is measured on the persons at hand, and the columns two of them must share.
MEASURED = {
    "same_name": ("name",), "same_sound": ("said_as",), "near_sound": ("heard_as",), "same_birth": ("day",),
    "same_hamlet": ("place", "hamlet"), "same_place": ("place",),
}  # fmt: skip
FREE = {"same_hamlet", "same_place"}  # measured alone: what the file says of places holds for its own region only


def crowd(engine) -> Crowd:
    """Measure `roll_form` and `archive_form`."""
    (rows,) = engine.execute("SELECT count(*) FROM roll_form").fetchall()[0]
    (archives,) = engine.execute("SELECT count(*) FROM archive_form").fetchall()[0]
    alike = {}
    for code, columns in MEASURED.items():
        by = ", ".join(columns)
        known = " AND ".join(f"{column} IS NOT NULL" for column in columns)
        (shared, whole) = engine.execute(
            f"SELECT coalesce(sum(n * (n - 1)), 0), coalesce(sum(n), 0) FROM"  # noqa: S608 own names
            f" (SELECT count(*) AS n FROM archive_form WHERE {known} GROUP BY {by})"
        ).fetchall()[0]
        alike[code] = float(shared) / (float(whole) * (float(whole) - 1)) if whole > 1 else 0.0
    return Crowd(rows, archives, alike)


def settings(given: Weights, among: Crowd) -> dict:
    """Splink's settings for persons so alike."""
    comparisons = []
    for name, (unknown, compared) in COMPARED.items():
        levels = [{"sql_condition": unknown, "label_for_charts": "unknown", "is_null_level": True}]
        spent = 0.0
        for code, condition in compared:
            m, u = given.levels[name][code]
            if code in among.alike:
                seen = max(among.alike[code] - (spent if code not in FREE else 0.0), 0.0)
                u = seen if code in FREE else max(u, seen)
                spent += u
            levels.append(_level(condition, code, m, u))
        m, u = given.levels[name][ELSE]
        if name == "place":
            levels[2]["u_probability"] = _chance(among.alike["same_place"] - among.alike["same_hamlet"])
            u = 1 - among.alike["same_place"]
        levels.append(_level("ELSE", ELSE, m, u))
        comparisons.append({"output_column_name": name, "comparison_levels": levels})
    smaller, larger = sorted((max(among.rows, 1), max(among.archives, 1)))
    prior = given.expected * smaller / (smaller * larger)
    return {
        "link_type": "dedupe_only",  # one table of both sides, so that a pair is two whole numbers
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": min(prior, 0.5),
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": False,
    }


def _level(condition: str, code: str, m: float, u: float) -> dict:
    return {
        "sql_condition": condition, "label_for_charts": code, "m_probability": _chance(m), "u_probability": _chance(u),
    }  # fmt: skip


def _chance(share: float) -> float:
    return min(max(share, 1e-7), 0.999999)


def both_sides(engine, offset: int) -> str:
    """SQL of one table of both sides; archives are counted on from `offset`. Only those in a pair."""
    columns = ", ".join(COLUMNS)
    return (
        f"SELECT CAST(key AS BIGINT) AS unique_id, {columns} FROM roll_form SEMI JOIN pair ON pair.l = roll_form.key"  # noqa: S608
        f" UNION ALL SELECT CAST(key AS BIGINT) + {offset}, {columns} FROM archive_form"
        f" SEMI JOIN pair ON pair.r = archive_form.key"
    )


def score(engine, given: Weights, among: Crowd) -> pa.Table:
    """Score table `pair`: columns l, r, probability, weight (bits), and one of level numbers for each comparison."""
    from splink import Linker
    from splink.backends.duckdb import DuckDBAPI

    offset = 1 << 32
    engine.execute(f"CREATE OR REPLACE TABLE person AS {both_sides(engine, offset)}")
    engine.execute(
        "CREATE OR REPLACE TABLE blocked AS SELECT '0' AS match_key, CAST(l AS BIGINT) AS join_key_l,"  # noqa: S608
        f" CAST(r AS BIGINT) + {offset} AS join_key_r FROM pair"
    )
    api = DuckDBAPI(engine)
    linker = Linker(api.register("person"), settings(given, among), log_level=None, validate_settings=False)
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    scored = linker.inference.predict(threshold_match_probability=given.threshold, warning_mode="never")
    return narrowed(engine, f"SELECT * FROM {scored.physical_name}", offset)  # noqa: S608 Splink's own name


def narrowed(engine, sql: str, offset: int) -> pa.Table:
    gammas = ", ".join(f'gamma_{name} AS "{name}"' for name in COMPARED)
    return engine.sql(
        f"SELECT CAST(unique_id_l AS INTEGER) AS l, CAST(unique_id_r - {offset} AS INTEGER) AS r,"  # noqa: S608
        f" match_probability AS probability, match_weight AS weight, {gammas} FROM ({sql}) ORDER BY weight DESC, l, r"
    ).to_arrow_table()
