"""P9: every figure of a region on a day, by the product's measures and by SQL written by hand for these tables.

python -m bench.figures --region 990101 [--rounds 3]     one JSON line: seconds of each side, and what both counted

The hand-written side knows nothing of owners, reasons or names: it is the least that has to be asked of the tables.
"""

import argparse
import json
import os
import time

import django

HELD = "{0}.withdrawn_at IS NULL AND {0}.from_on <= :on AND ({0}.to_on IS NULL OR {0}.to_on > :on)"
IN_CARE = (
    "children_careepisode e JOIN children_child c ON c.id = e.child_id AND c.withdrawn_at IS NULL "
    f"WHERE {HELD.format('e')} AND e.community_id >= :low AND e.community_id < :high"
)
VALID = "c.birth_on IS NOT NULL AND (c.citizen_number_index IS NOT NULL OR c.number_missing <> '')"
# Of a listed person: nobody in care that day is the same one.
KNOWN_ELSEWHERE = f"""EXISTS (SELECT 1 FROM children_careepisode e JOIN children_child c ON c.id = e.child_id
  WHERE {HELD.format("e")} AND c.withdrawn_at IS NULL AND (
    c.id = l.child_id
    OR (l.number_digest <> '' AND c.citizen_number_index = l.number_digest)
    OR (l.birth_on = c.birth_on AND l.name = c.name AND l.community_id = e.community_id
        AND (c.citizen_number_index IS NULL OR l.number_digest = ''))))"""

# Each answers (state, count).
BY_HAND = {
    "archived": f"""
SELECT state, COUNT(*) FROM (
  SELECT CASE WHEN {VALID} AND c.opened_on <= :on THEN 'met' ELSE 'gap' END AS state FROM {IN_CARE}
  UNION ALL
  SELECT CASE WHEN l.doubtful THEN 'unknown' ELSE 'gap' END FROM rosters_listed l
    LEFT JOIN children_child m ON m.id = l.child_id
  WHERE l.withdrawn_at IS NULL AND l.community_id >= :low AND l.community_id < :high AND l.known_from_on <= :on
    AND NOT (l.matched_on IS NOT NULL AND l.matched_on <= :on AND m.withdrawn_at IS NULL) AND NOT {KNOWN_ELSEWHERE}
) told GROUP BY state""",
    "number": f"""
SELECT CASE WHEN c.citizen_number_index IS NOT NULL THEN 'met' ELSE 'gap' END, COUNT(*) FROM {IN_CARE} GROUP BY 1""",
    "paired": f"""
SELECT CASE WHEN EXISTS (SELECT 1 FROM children_pairing p JOIN staff_post j ON j.staff_id = p.helper_id
    JOIN staff_staff s ON s.id = j.staff_id
    WHERE p.child_id = c.id AND {HELD.format("p")} AND {HELD.format("j")}
      AND s.withdrawn_at IS NULL AND (s.suspended_on IS NULL OR s.suspended_on > :on))
  THEN 'met' ELSE 'gap' END, COUNT(*) FROM {IN_CARE} GROUP BY 1""",
    "card": f"""
SELECT state, COUNT(*) FROM (
  SELECT CASE (SELECT CASE k.lacks WHEN '' THEN 1 ELSE 2 END FROM children_contactcard k
      WHERE k.child_id = c.id AND k.from_on <= :on ORDER BY k.from_on DESC LIMIT 1)
    WHEN 1 THEN 'met' WHEN 2 THEN 'gap' ELSE 'unknown' END AS state FROM {IN_CARE}
) told GROUP BY state""",
    "card_confirmed": f"""
SELECT CASE WHEN EXISTS (SELECT 1 FROM base_standing f WHERE f.subject_id = c.id AND f.covers = 'card'
    AND f.confirmed_on <= :on AND f.confirmed_on >= :half_a_year_ago)
  THEN 'met' ELSE 'gap' END, COUNT(*) FROM {IN_CARE} GROUP BY 1""",
    "visited": f"""
SELECT state, COUNT(*) FROM (
  SELECT CASE
    WHEN EXISTS (SELECT 1 FROM children_whereabouts w WHERE w.child_id = c.id AND {HELD.format("w")}
      AND w.stay = 'with_parents') THEN 'na'
    WHEN told.seen_on IS NULL THEN 'gap'
    WHEN told.seen_on >= CASE told.level WHEN 'high' THEN :high_day WHEN 'middle' THEN :middle_day
      WHEN 'low' THEN :low_day ELSE :high_day END THEN 'met'
    WHEN told.level = '' AND told.seen_on >= :low_day THEN 'unknown'
    ELSE 'gap' END AS state
  FROM (
    SELECT c.id AS child_id,
      (SELECT v."on" FROM care_lastact v WHERE v.child_id = c.id AND v.kind = 'visit') AS seen_on,
      COALESCE((SELECT a.level FROM children_attention a WHERE a.child_id = c.id AND {HELD.format("a")}
        ORDER BY a.from_on DESC, a.id DESC LIMIT 1), '') AS level
    FROM {IN_CARE}
  ) told JOIN children_child c ON c.id = told.child_id
) judged GROUP BY state""",
}


def counted(region: str, rounds: int) -> dict:
    """Both sides in turns, the median of each, statements of ours composed before: seconds.

    Raises AssertionError where they do not count the same.
    """
    from datetime import timedelta

    from django.db import connection

    from tongxing.base import clock
    from tongxing.base.measures import Scope
    from tongxing.care.rules import CADENCE
    from tongxing.plans.measures import LIVE
    from tongxing.staff.rules import after

    on = clock.today()
    days = {f"{level}_day": on - timedelta(days=CADENCE[level]) for level in ("high", "middle", "low")}
    given = days | {"on": on, "low": region, "high": after(region), "half_a_year_ago": on - timedelta(days=180)}

    def ours() -> dict:
        figures = [measure.figure(Scope(region), on) for measure in LIVE]
        return {
            one.measure.code: {"met": one.n, "gap": one.gap, "unknown": one.unknown, "na": one.na} for one in figures
        }

    def by_hand() -> dict:
        found = {}
        for code, text in BY_HAND.items():
            bound, names = _bound(text)
            with connection.cursor() as cursor:
                cursor.execute(bound, [given[name] for name in names])
                found[code] = dict.fromkeys(("met", "gap", "unknown", "na"), 0) | dict(cursor.fetchall())
        return found

    ours()
    spent: dict[str, list[float]] = {"ours": [], "by_hand": []}
    for _turn in range(rounds):
        told = {}
        for name, side in (("ours", ours), ("by_hand", by_hand)):
            begun = time.perf_counter()
            told[name] = side()
            spent[name].append(time.perf_counter() - begun)
        if told["ours"] != told["by_hand"]:
            raise AssertionError(f"the two sides do not count the same: {told}")
    return {"seconds": {name: sorted(all_)[len(all_) // 2] for name, all_ in spent.items()}, "figures": told["ours"]}


def _bound(text: str) -> tuple[str, list[str]]:
    """The statement with Django's placeholders, and the names in their order."""
    import re

    names: list[str] = []

    def placed(found: re.Match) -> str:
        names.append(found[1])
        return "%s"

    return re.sub(r"(?<!:):([a-z_]+)", placed, text.replace("%", "%%")), names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--region", default="990101")
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxing.settings")
    django.setup()
    print(json.dumps(counted(wanted.region, wanted.rounds)))


if __name__ == "__main__":
    main()
