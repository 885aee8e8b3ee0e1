"""Sheets as people send them, and what is done with them, for the tests of rosters."""

import io
from datetime import date

import openpyxl

from tongxing.base import numbers
from tongxing.rosters import actions, api
from tongxing.rosters.choices import RosterKind
from tongxing.rosters.models import Roster
from tongxing.rosters.sheets import headings

TODAY = date(2026, 11, 24)
BORN = date(2017, 3, 5)


def number(at: int, *, born: date = BORN) -> str:
    """The at-th invented citizen number of a boy born that day; right check digit."""
    return numbers.make("990101", born, 2 * at + 1)


def row(at: int, **other) -> dict:
    """The at-th row that has nothing wrong, by field. At most 499 differ."""
    surname, given = "赵钱孙李周吴郑王冯褚"[at % 10], "一二三四五六七八九十"[at // 10 % 10]
    return {
        "name": f"{surname}{given}{'东南西北中'[at // 100]}",
        "sex": "男",
        "birth_on": "2017-03-05",
        "citizen_number": number(at),
        "hamlet": "塘下组",
        "address": f"春和社区塘下组{at + 1}号",
        "class_name": "三(1)班",
        "father_name": "陈大山",
        "father_phone": f"1400100{at:04d}",
        "father_place": "邻省某市",
        "carer_name": "刘桂花",
        "carer_relation": "奶奶",
        "carer_phone": f"1400200{at:04d}",
    } | other


def sheet(rows, *, above=(), below=(), titles=None, fields=None) -> bytes:
    """An xlsx file with these rows (dicts by field) under our headings, and lines above and below them."""
    fields = fields or list(headings())
    made = openpyxl.Workbook()
    page = made.active
    for line in above:
        page.append(list(line))
    page.append(titles or [headings()[field].title for field in fields])
    for one in rows:
        page.append([one.get(field) for field in fields])
    for line in below:
        page.append(list(line))
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def bring(by, community, content: bytes, *, name="名册.xlsx", on=TODAY, sender=None) -> Roster:
    """Receive a file and read it."""
    received = actions.receive(
        by=by, content=content, name=name, kind=RosterKind.SCHOOL_ROLL, community=community, on=on, sender=sender
    )
    return api.finish(received)


def start(by, roster: Roster) -> Roster:
    return api.finish(actions.start_import(by=by, roster=roster))


def imported(by, community, content: bytes, **other) -> Roster:
    """Receive, read and import."""
    return start(by, bring(by, community, content, **other))


def undone(by, roster: Roster, *, why="发错了表", later=False) -> Roster:
    return api.finish(actions.start_undo(by=by, roster=roster, why=why, later=later))


def states(roster: Roster) -> dict[int, str]:
    """Row number → state, of rows of persons."""
    rows = roster.rows.exclude(state="skipped").order_by("number")
    return dict(rows.values_list("number", "state"))


def row_of(roster: Roster, at: int):
    return roster.rows.get(number=at)
