"""Lists that could choke a reconciliation: it stays small, ends, and says in words what it could not tell apart."""

from datetime import date, timedelta

import pytest

from tests.rosters.lists import bring, sheet
from tests.rosters.test_reconcile import child, reconciled, row
from tongxing.base import numbers
from tongxing.rosters.findings import Finding
from tongxing.rosters.reconciling import pairing
from tongxing.rosters.reconciling.heaps import engine, reconcile
from tongxing.rosters.reconciling.near import is_sound, one_slip_away
from tongxing.rosters.reconciling.people import Side

MANY = 10_000
BORN = date(2016, 5, 4)


def side(people) -> Side:
    made = Side()
    for facts in people:
        made.add(**facts)
    return made


def heaps(found) -> dict[str, int]:
    told: dict[str, int] = {}
    for one in found.rows:
        told[one.heap] = told.get(one.heap, 0) + 1
    return told


def names(many: int) -> list[str]:
    """So many different names of three characters."""
    return [f"{chr(0x4E00 + at % 50)}{chr(0x5200 + at // 50 % 100)}{chr(0x6200 + at // 5000)}" for at in range(many)]


def bound(rows: Side, archives: Side) -> int:
    return max(pairing.PER_PERSON * (len(rows) + len(archives)), pairing.AT_LEAST)


def test_one_name_ten_thousand_times():
    """Nobody can be told apart by it: no pair of all with all, and none is called a child without an archive."""
    rows = side({"name": "王小明", "place": "990101100001", "phones": [at]} for at in range(MANY))
    archives = side({"name": "王小明", "place": "990101100001", "phones": [-1 - at]} for at in range(MANY))
    found = reconcile(rows.table(), archives.table())
    assert heaps(found) == {"probable": MANY}
    assert found.rows[0].archive is None
    assert found.rows[0].against == ("too_many_alike",)
    assert found.counts["pairs"] <= bound(rows, archives)


def test_all_birth_dates_the_same_count_for_nothing():
    """A list whose birthdays were all filled down: names still find their archives, strangers stay strangers."""
    told = names(2 * MANY)
    rows = side({"name": name, "born": BORN, "place": "990101100001"} for name in told[:MANY])
    archives = side(
        {"name": name, "born": BORN, "place": "990101100001"} for name in told[MANY // 2 : MANY + MANY // 2]
    )
    found = reconcile(rows.table(), archives.table())
    assert heaps(found)["archived"] == MANY // 2
    assert heaps(found).get("probable", 0) < MANY // 100
    assert found.counts["pairs"] <= bound(rows, archives)


def test_every_row_twice():
    told = names(MANY // 2)
    days = [BORN + timedelta(days=at % 3000) for at in range(len(told))]
    once = [{"name": name, "born": day, "place": "990101100001"} for name, day in zip(told, days, strict=True)]
    found = reconcile(side(once + once).table(), side(once[::2]).table())
    assert heaps(found) == {"archived": MANY // 2, "none": MANY // 2}
    assert all(one.heap == two.heap for one, two in zip(found.rows[: len(once)], found.rows[len(once) :], strict=True))
    assert "same_row" in found.rows[len(once)].reasons


def test_rows_longer_than_any_name():
    rows = side([{"name": "长" * 100_000, "born": BORN, "place": "990101100001"}, {"name": "", "born": None}])
    found = reconcile(rows.table(), side([{"name": "王小明", "born": BORN, "place": "990101100001"}]).table())
    assert [one.heap for one in found.rows] == ["none", "none"]


def test_nothing_at_all_on_either_side():
    some = side([{"name": "王小明", "born": BORN}])
    assert reconcile(side([]).table(), some.table()).unlisted == [0]
    assert [one.heap for one in reconcile(some.table(), side([]).table()).rows] == ["none"]
    assert reconcile(side([]).table(), side([]).table()).rows == []


def test_the_engine_writes_nothing_to_disk(tmp_path, monkeypatch):
    """What does not fit into memory is refused; there is no file it could be spilled to."""
    import duckdb

    monkeypatch.chdir(tmp_path)
    small = engine(memory="40MB", threads=1)
    with pytest.raises(duckdb.Error):
        small.execute("CREATE TABLE wide AS SELECT range AS a, repeat('x', 200) AS b FROM range(2000000)")
    with pytest.raises(duckdb.Error):
        small.execute("COPY (SELECT 1) TO 'out.csv'")
    small.close()
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_number_names_at_most_one_digit_a_place():
    good = numbers.make("990101", date(2017, 9, 17), 4)
    for at in range(6, 17):
        for digit in "0123456789":
            slipped = good[:at] + digit + good[at + 1 :]
            if slipped != good:
                near = one_slip_away(slipped)
                assert good in near
                assert len(near) <= 40
                assert all(is_sound(one) for one in near)
    assert good in one_slip_away(good[:9] + good[10:])
    assert good in one_slip_away(good[:12] + good[13] + good[12] + good[14:]) or good[12] == good[13]
    assert one_slip_away(good) == []
    assert one_slip_away("") == one_slip_away("王小明") == one_slip_away("9.9010120170917E17") == []


@pytest.mark.django_db
def test_a_list_without_a_usable_column(cast):
    sent = bring(cast.director, cast.chunhe, sheet([{"hamlet": "一组"}, {"hamlet": "二组"}], fields=["hamlet"]))
    told = reconciled(cast)
    assert told["counts"]["none"] == told["counts"]["probable"] == 0
    assert not Finding.objects.filter(row__roster=sent).exists()


@pytest.mark.django_db
def test_a_list_of_another_county(cast):
    """Brought for the wrong place: nobody there is found among ours, but a number is, and where it is looked after."""
    child(cast, 1)
    sent = bring(cast.other_director, cast.dukou, sheet([row(1), row(2)]))
    told = reconciled(cast, region=cast.other_county.path)
    by_row = {line["row"]: line for line in told["heaps"]["archived"] + told["heaps"]["none"]}
    assert "elsewhere" in by_row[2]["codes"]
    assert by_row[3].get("child") is None
    assert sent.state == "ready"
