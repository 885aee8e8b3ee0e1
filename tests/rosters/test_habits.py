"""Lists as they arrive, read through the command line: every fact right, what is doubtful asked, nothing guessed."""

import io
import json
from collections import Counter
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import pytest

from tongxing import cli

FOLDER = Path(__file__).resolve().parent / "habits" / "files"
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".json")

pytestmark = pytest.mark.django_db


@cache
def read(path) -> dict:
    """What the command line says of a file; no archive is there that a row could be about, so it is said once."""
    said = io.StringIO()
    with redirect_stdout(said):
        assert cli.main(["roster", "read", str(path), "--json"]) == 0
    return json.loads(said.getvalue())


def expectation(path) -> dict:
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


def rows_of(sheet: dict) -> dict[str, list[dict]]:
    """What was read, as the expectations are written: by row, without rows that are nobody."""
    found: dict[str, list[dict]] = {}
    for row in sheet["rows"]:
        if row["state"] != "skipped":
            problems = sorted(f"{one['cell'] or '-'} {one['code']}" for one in row["problems"])
            one = {"state": row["state"], "facts": row["facts"], "problems": problems}
            found.setdefault(str(row["row"]), []).append(one)
    return found


def compared(wanted: dict, found: dict) -> Counter:
    """Facts that are right, wrong (another value, or one nobody wrote) and missing; rows asked about; rows too many."""
    count = Counter()
    for at in {*wanted, *found}:
        for index in range(max(len(wanted.get(at, ())), len(found.get(at, ())))):
            want = wanted[at][index]["facts"] if index < len(wanted.get(at, ())) else {}
            have = found[at][index]["facts"] if index < len(found.get(at, ())) else {}
            for name in {*want, *have}:
                kind = "missing" if name not in have else "right" if have[name] == want.get(name) else "wrong"
                count[kind] += 1
            count["asked"] += index < len(found.get(at, ())) and found[at][index]["state"] == "to_fix"
    return count


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_list_is_read_as_a_careful_person_reads_it(path):
    wanted, answer = expectation(path), read(path)
    sheets = {sheet["name"]: sheet for sheet in answer["sheets"]}
    if list(wanted["sheets"]) == [""]:
        assert len(sheets) == 1
        sheets = {"": next(iter(sheets.values()))}
    assert list(sheets) == list(wanted["sheets"])
    for name, rows in wanted["sheets"].items():
        assert rows_of(sheets[name]) == rows
    (first, *_others) = sheets.values()
    fields = {one["column"]: one["field"] for one in first["columns"]}
    assert {letter: fields[letter] for letter in wanted.get("fields", ())} == wanted.get("fields", {})
    assert [f"{one['column']} {one['code']}" for sheet in sheets.values() for one in sheet["asks"]] == wanted.get(
        "asks", []
    )
    assert first["heading_rows"] == wanted.get("heading_rows", first["heading_rows"])
    skipped = {str(row["row"]): row.get("skipped") for row in first["rows"]}
    assert {at: skipped.get(at) for at in wanted.get("skipped", ())} == wanted.get("skipped", {})


def test_no_fact_is_wrong_in_any_of_them():
    """Wrong counts worse than missing: the one is never allowed, the other only where a person is asked."""
    total = Counter()
    for path in FILES:
        wanted, answer = expectation(path), read(path)
        sheets = {sheet["name"]: rows_of(sheet) for sheet in answer["sheets"]}
        if list(wanted["sheets"]) == [""]:
            sheets = {"": next(iter(sheets.values()))}
        for name, rows in wanted["sheets"].items():
            total += compared(rows, sheets.get(name, {}))
    assert len(FILES) >= 60
    assert (total["wrong"], total["missing"]) == (0, 0), total
    assert total["right"] > 700
    assert total["asked"] > 60


def test_every_habit_has_its_line_in_the_table():
    table = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    numbers = [int(path.stem.partition("-")[0]) for path in FILES]
    assert numbers == list(range(1, len(FILES) + 1))
    assert all(
        f"| {number} | `{path.name}` | {expectation(path)['says']} |" in table
        for number, path in zip(numbers, FILES, strict=True)
    )
