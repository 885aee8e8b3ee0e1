"""Reconciliation measured: our engine, Splink untuned and recordlinkage on the same roll and archives, with the truth.

    python -m bench.linkage quality --size 100000 --seeds 11,12,13 [--much 0.5]
    python -m bench.linkage train --size 100000 --seeds 1,2,3       writes tongxing/rosters/reconciling/weights.toml
    python -m bench.linkage time --size 100000 --side ours|splink|recordlinkage

Inside our clock: two tables in memory (what rows and archives say, numbers and phones as keyed digests) to every row in
its heap with reasons. Inside the others': the same tables as data frames to one archive, or none, for each row.
"""

import argparse
import hashlib
import json
import os
import resource
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from random import Random

import django
import pyarrow as pa

from bench.lists import Person, World, world

KEY = b"bench" * 6


def digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8, key=KEY).digest(), "big", signed=True)


def side(people: list[Person]):
    """A side of the engine, as the product gathers it from its database."""
    from tongxing.rosters.reconciling.near import is_sound, one_slip_away
    from tongxing.rosters.reconciling.people import Side

    made = Side()
    for one in people:
        sound = is_sound(one.number)
        made.add(
            name=one.name,
            born=date.fromisoformat(one.birth_on),
            number=digest(one.number) if one.number else None,
            sound=sound,
            near=[] if sound or not one.number else [digest(number) for number in one_slip_away(one.number)],
            sex={"M": "1", "F": "2"}[one.sex],
            phones=[digest(phone) for phone in one.phones],
            grown_ups=one.grown_ups,
            place=one.place,
            hamlet=one.hamlet,
            class_name=one.class_name,
        )
    return made.table()


def counted(found: list[int], truth: list[int], asked: list[bool] | None = None) -> dict:
    """Precision and recall of the "no archive" list and of the links; `found` is an archive's place or -1."""
    none = [at for at, one in enumerate(found) if one == -1 and not (asked and asked[at])]
    right = sum(truth[at] == -1 for at in none)
    linked = sum(one >= 0 for one in found)
    good = sum(one >= 0 and one == true for one, true in zip(found, truth, strict=True))
    return {
        "none_precision": right / len(none) if none else 1.0,
        "none_recall": right / max(truth.count(-1), 1),
        "link_precision": good / linked if linked else 1.0,
        "link_recall": good / max(sum(one >= 0 for one in truth), 1),
    }


def ours(told: World, **options) -> tuple[dict, list[int], object]:
    from tongxing.rosters.reconciling.heaps import reconcile

    rows, archives = side(told.rows), side(told.archives)
    begun, busy = time.perf_counter(), time.process_time()
    sorted_ = reconcile(rows, archives, **options)
    spent = {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - busy}
    found = [-1 if one.archive is None else one.archive for one in sorted_.rows]
    asked = [one.heap == "probable" for one in sorted_.rows]
    heaps = Counter(one.heap for one in sorted_.rows)
    spent |= counted(found, told.truth(), asked) | {"heaps": dict(heaps) | {"unlisted": len(sorted_.unlisted)}}
    return spent | sorted_.counts, found, sorted_


def ceiling(told: World) -> dict:
    """What an all-knowing rule reaches: one that may look at every row's nearest archive as our engine compares them,
    knows of each way in which the two agree and differ how often it is true *in this very roll*, and says the likelier.

    It is fitted to the answers, so no rule over these comparisons does better; it cannot be used.
    """
    from tongxing.rosters.reconciling.heaps import reconcile
    from tongxing.rosters.reconciling.scoring import weights

    rows, archives, truth = side(told.rows), side(told.archives), told.truth()
    found = reconcile(rows, archives, given=replace(weights(), threshold=1e-9)).rows
    ways: dict[tuple, Counter] = {}
    for one, true in zip(found, truth, strict=True):
        ways.setdefault((one.heap, one.reasons, one.against), Counter())[true == -1] += 1
    none = [way for way in ways.values() if way[True] >= way[False]]
    said, right = sum(way.total() for way in none), sum(way[True] for way in none)
    return {"ceiling_precision": right / max(said, 1), "ceiling_recall": right / max(truth.count(-1), 1)}


# ── the other engines ────────────────────────────────────────────────────────────────────────────────────────────────


def _frame(people: list[Person]):
    import pandas

    rows = [
        (at, one.name, one.birth_on, one.number or None, one.sex, one.place, one.phones[0] if one.phones else None)
        for at, one in enumerate(people)
    ]
    return pandas.DataFrame(rows, columns=["unique_id", "name", "birth_on", "number", "sex", "place", "phone"])


def one_to_one(size: int, pairs) -> list[int]:
    """Best first, one row one archive; `pairs` are (row, archive) in falling order."""
    found, gone = [-1] * size, set()
    for left, right in pairs:
        if found[left] == -1 and right not in gone:
            found[left] = right
            gone.add(right)
    return found


def splink_untuned(told: World) -> list[int]:
    """A first sensible model of Splink, trained on the spot, its stock comparisons of names, and no rule of ours."""
    import duckdb
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    from bench.harness import WORK

    WORK.mkdir(exist_ok=True)
    api = DuckDBAPI(duckdb.connect(config={"temp_directory": str(WORK / "splink")}))  # it spills; ours must not
    sides = [
        api.register(_frame(people), dataset_display_name=name)
        for name, people in (("a_row", told.rows), ("b_archive", told.archives))
    ]
    compared = [cl.JaroWinklerAtThresholds("name", [0.9, 0.7]), cl.LevenshteinAtThresholds("birth_on", [1, 2])]
    compared += [cl.LevenshteinAtThresholds("number", [1, 2]), cl.ExactMatch("phone"), cl.ExactMatch("place")]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=compared,
        blocking_rules_to_generate_predictions=[block_on(*on) for on in BLOCKS],
        probability_two_random_records_match=0.8 / max(len(told.archives), 1),
    )
    linker = Linker(sides, settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for on in (("birth_on",), ("number",)):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*on))
    scored = linker.inference.predict(threshold_match_probability=0.5)
    columns = "unique_id_l, unique_id_r"
    lines = api.duckdb_con.execute(
        f"SELECT {columns} FROM {scored.physical_name} ORDER BY match_weight DESC, {columns}"
    ).fetchall()
    return one_to_one(len(told.rows), lines)


BLOCKS = (("birth_on", "place"), ("number",), ("phone",), ("name", "place"))


def recordlinkage_ecm(told: World) -> list[int]:
    """recordlinkage with the same blocks, its string distances and its ECM classifier."""
    import recordlinkage

    left, right = _frame(told.rows).set_index("unique_id"), _frame(told.archives).set_index("unique_id")
    index = recordlinkage.Index()
    for on in BLOCKS:
        index.block(list(on))
    pairs = index.index(left, right)
    compare = recordlinkage.Compare()
    compare.string("name", "name", method="jarowinkler", threshold=0.8)
    for column in ("birth_on", "number", "phone", "place"):
        compare.exact(column, column)
    vectors = compare.compute(pairs, left, right)
    classifier = recordlinkage.ECMClassifier(binarize=0.5)
    classifier.fit_predict(vectors)
    chances = classifier.prob(vectors)
    kept = chances[chances >= 0.5].sort_values(ascending=False, kind="stable")
    return one_to_one(len(told.rows), kept.index)


RAREST = 0.005  # of a level in records of one child
SIDES = {"splink": splink_untuned, "recordlinkage": recordlinkage_ecm}


def other(told: World, which: str) -> dict:
    begun, busy = time.perf_counter(), time.process_time()
    found = SIDES[which](told)
    return {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - busy} | counted(found, told.truth())


# ── training ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def levels_seen(told: World) -> tuple[dict, dict, int, int]:
    """How often each level is seen in true pairs that no exact rule settles, and in pairs of two children by chance."""
    from tongxing.rosters.reconciling import heaps
    from tongxing.rosters.reconciling.scoring import COLUMNS, COMPARED, ELSE

    engine = heaps.engine()
    truth = told.truth()
    found = heaps._exact(engine, side(told.rows), side(told.archives), (), ())
    heaps._remainder(engine)
    true = [(left, right) for left, right in enumerate(truth) if right >= 0 and found[left] is None]
    rng = Random(5)
    chance = [(rng.randrange(len(told.rows)), rng.randrange(len(told.archives))) for _ in range(2_000_000)]
    chance = [(left, right) for left, right in chance if truth[left] != right]
    seen = []
    for pairs in (true, chance):
        engine.register("given", pa.table({"l": [one[0] for one in pairs], "r": [one[1] for one in pairs]}))
        columns = ", ".join(f"a.{name} AS {name}_l, b.{name} AS {name}_r" for name in COLUMNS)
        engine.execute(
            f"CREATE OR REPLACE TABLE two AS SELECT {columns} FROM given JOIN roll_form a ON a.key = given.l"
            " JOIN archive_form b ON b.key = given.r"
        )
        counts = {}
        for name, (unknown, compared) in COMPARED.items():
            cases = " ".join(f"WHEN {condition} THEN '{code}'" for code, condition in compared)
            lines = engine.execute(
                f"SELECT CASE WHEN {unknown} THEN NULL {cases} ELSE '{ELSE}' END AS level, count(*) FROM two GROUP BY 1"
            ).fetchall()
            counts[name] = {code: n for code, n in lines if code}
        seen.append(counts)
    return seen[0], seen[1], len(true), sum(one == -1 for one in truth)


def train(worlds: list[World]) -> str:
    """The text of weights.toml: shares over all worlds, and the threshold where precision and recall are nearest."""
    from tongxing.rosters.reconciling import scoring

    m, u = {}, {}
    for told in worlds:
        true, chance, *_ = levels_seen(told)
        for into, counts in ((m, true), (u, chance)):
            for name, codes in counts.items():
                into[name] = into.get(name, Counter()) + Counter(codes)
    levels = {}
    for name, (_, compared) in scoring.COMPARED.items():
        codes = [code for code, _ in compared] + [scoring.ELSE]
        sums = m[name].total() + len(codes), u[name].total() + len(codes)
        seen = {code: (m[name][code] + 1) / sums[0] for code in codes}
        # Invented rolls make no slip of sex and few of some kinds; real ones do: nothing is held for impossible.
        seen = {code: max(share, RAREST) for code, share in seen.items()}
        levels[name] = {code: (seen[code] / sum(seen.values()), (u[name][code] + 1) / sums[1]) for code in codes}
    best = (0.0, 0.0, 0.5)
    for threshold in (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9):
        given = replace(scoring.weights(), levels=levels, threshold=threshold)
        told = [ours(one, given=given)[0] for one in worlds]
        worst = min(min(one["none_precision"], one["none_recall"]) for one in told)
        print(threshold, worst, flush=True)
        best = max(best, (round(worst, 5), -abs(threshold - 0.5), threshold))  # of equals the one nearest to the middle
    lines = [
        "# How often records of one child show a level (first), and of two (second), where no exact rule settles them.",
        "# Written by `python -m bench.linkage train` from invented rolls, seeds 1 to 3.",
        "version = 1",
        "expected = 0.4  # share of the smaller side that is expected to be found",
        f"threshold = {best[2]}  # probability from which a person is asked",
    ]
    for name, codes in levels.items():
        lines += ["", f"[levels.{name}]", *(f"{code} = [{one[0]:.3g}, {one[1]:.3g}]" for code, one in codes.items())]
    return "\n".join(lines) + "\n"


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=["quality", "train", "time"])
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--seeds", default="11")
    parser.add_argument("--much", type=float, default=1.0, help="slips, halved or doubled")
    parser.add_argument("--side", choices=["ours", *SIDES], default="ours")
    args = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxing.settings")
    django.setup()
    seeds = [int(seed) for seed in args.seeds.split(",")]
    if args.verb == "train":
        from tongxing.rosters.reconciling.scoring import WEIGHTS

        WEIGHTS.write_text(train([world(seed, args.size, args.much) for seed in seeds]), encoding="utf-8")
        return
    for seed in seeds:
        told = world(seed, args.size, args.much)
        line = {"seed": seed, "much": args.much, "side": args.side, "rows": len(told.rows)}
        line |= ours(told)[0] if args.side == "ours" else other(told, args.side)
        if args.verb == "quality":
            line |= ceiling(told)
        print(json.dumps(line | {"peak_mb": peak_mb()}), flush=True)


if __name__ == "__main__":
    main()
