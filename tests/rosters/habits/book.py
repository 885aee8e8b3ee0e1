"""What the habits are written with: invented children, books of rows, and what a careful person reads in them."""

import io
import re
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import openpyxl
from openpyxl.workbook.properties import CalcProperties

FOLDER = Path(__file__).resolve().parent / "files"
MADE = (2026, 11, 20, 8, 0, 0)  # so that the same script makes the same archives


class Kid(NamedTuple):
    name: str
    sex: str
    born: str
    number: str


KIDS = (
    Kid("陈思远", "男", "2015-03-05", "990101201503051216"),
    Kid("陈思雨", "女", "2018-02-10", "990101201802100145"),
    Kid("黄子轩", "男", "2012-11-08", "990101201211080031"),
    Kid("吴佳怡", "女", "2015-06-21", "990101201506210120"),
    Kid("刘雨桐", "女", "2017-09-17", "990101201709170042"),
    Kid("丁浩然", "男", "2013-12-24", "990101201312240030"),
    Kid("何嘉乐", "男", "2017-06-30", "990101201706300075"),
)
A, B, C, D, E, F, G = KIDS


def facts(kid: Kid, *names: str, **more) -> dict:
    """The facts of a child that stand in a list: those that are named (name, sex and number by themselves) and more."""
    known = {
        "name": kid.name,
        "sex": {"男": "1", "女": "2"}[kid.sex],
        "birth_date": kid.born,
        "citizen_number": kid.number,
    }
    return {name: known[name] for name in names or ("name", "sex", "citizen_number")} | more


def new(found: dict, *notices: str) -> dict:
    """A row to be taken as it is; notices as "cell code"."""
    return {"state": "new", "facts": found, "problems": sorted(notices)}


def fix(found: dict, *problems: str) -> dict:
    """A row that is held; problems as "cell code"."""
    return {"state": "to_fix", "facts": found, "problems": sorted(problems)}


@dataclass
class Habit:
    number: int
    name: str
    says: str
    make: Callable
    ending: str = "xlsx"
    of: str = field(default="")

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.number:03d}-{self.name}.{self.ending}"


HABITS: list[Habit] = []


def habit(number: int, name: str, says: str, ending: str = "xlsx"):
    """A function that writes the file (given its path) and gives back what is read in it:

    {"rows": {row: new(…) or fix(…)}}, or {"sheets": {name: {row: …}}}; and, where it matters, "fields" (column →
    field), "asks" ("column code") and "skipped" ({row: why}).
    """

    def note(make: Callable):
        HABITS.append(Habit(number, name, says, make, ending, make.__module__))
        return make

    return note


# ── books ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def book(path, *sheets, merged=(), hidden=(), shape=None) -> None:
    """An xlsx file by openpyxl: sheets as (name, rows), or rows alone; `merged` ranges are of the first sheet.

    `shape` is given the book before it is saved.
    """
    made = openpyxl.Workbook()
    made.remove(made.active)
    for at, sheet in enumerate(sheets):
        name, rows = sheet if isinstance(sheet, tuple) else (f"Sheet{at + 1}", sheet)
        page = made.create_sheet(name)
        for row in rows:
            page.append(row)
        if name in hidden:
            page.sheet_state = "hidden"
    for area in merged:
        made.worksheets[0].merge_cells(area)
    made.calculation = CalcProperties(fullCalcOnLoad=True)
    if shape:
        shape(made)
    made.save(path)
    settle(path)


def settle(path) -> None:
    """An archive with one time on all its members."""
    old, new_one = Path(path).read_bytes(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(old)) as read, zipfile.ZipFile(new_one, "w", zipfile.ZIP_DEFLATED) as write:
        for name in read.namelist():
            body = read.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-11-20T08:00:00Z", body)
            write.writestr(zipfile.ZipInfo(name, MADE), body, zipfile.ZIP_DEFLATED)
    Path(path).write_bytes(new_one.getvalue())


def office(source: Path, ending: str, target: Path, options: str = "") -> None:
    """What LibreOffice makes of a file."""
    folder = source.parent / "out"
    folder.mkdir(exist_ok=True)
    kind = f"{ending}:{options}" if options else ending
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{source.parent}/office", "--convert-to", kind,
         "--outdir", str(folder), str(source)], check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    target.write_bytes((folder / f"{source.stem}.{ending}").read_bytes())
