"""The invented community: everybody in it is invented, every role has a sign-in, and what it tells holds together."""

import io
from datetime import date
from pathlib import Path

import pytest

from tongxing.children.forms import read_row
from tongxing.commands.demo import DENSER, PASSWORD, SHOWN
from tongxing.commands.sample import ROWS, SPOILT, write_sample
from tongxing.rosters.sheets import headings, read_pages

NAMED = {
    "陈思远": "990101201503051216",
    "陈思雨": "990101201802100145",
    "黄子轩": "990101201211080031",
    "吴佳怡": "990101201506210120",
    "刘雨桐": "990101201709170042",
    "丁浩然": "990101201312240030",
    "何嘉乐": "990101201706300075",
}


def test_it_says_who_signs_in(told):
    answer = told.demo
    assert answer.code == 0 and answer.said["children"] == 41 and answer.said["visits"] > 100
    assert [one["login"] for one in answer.said["sign_ins"]] == list(SHOWN)
    assert {one["password"] for one in answer.said["sign_ins"]} == {PASSWORD}
    assert len({one["role"] for one in answer.said["sign_ins"]}) == 11  # every role there is


def test_everybody_can_sign_in_and_is_asked_for_no_new_password(told):
    said = told.python(
        "from django.contrib.auth import authenticate\n"
        "from tongxing.commands.demo import SHOWN, PASSWORD\n"
        "people = [authenticate(login=login, password=PASSWORD) for login in SHOWN]\n"
        "print(all(people), any(one.must_change_password for one in people))"
    )
    assert said == "True False"


def test_a_password_that_somebody_chose_is_not_told_again(told, tmp_path):
    copy = told.copied_to(tmp_path / "copy")
    copy.python(
        "from tongxing.staff.actions import set_password\n"
        "from tongxing.staff.models import Staff\n"
        "one = Staff.objects.get(login='wangmin')\n"
        "set_password(by=one, staff=one, password='a-secret-of-my-own', own=True)"
    )
    said = copy.python("from tongxing.commands.demo import sign_ins\nprint(*(one['login'] for one in sign_ins()))")
    assert said.split() == [login for login in SHOWN if login != "wangmin"]


def test_it_goes_into_an_empty_database_only(told):
    answer = told.run("demo")
    assert answer.code == 1 and "empty database" in answer.error and len(answer.error.splitlines()) == 1


def test_what_it_tells_holds_together(told):
    answer = told.run("check")
    assert answer.said["problems"] == [] and answer.said["trace"]["ok"]


def test_everybody_is_invented(told):
    said = told.python(
        "from tongxing.children.models import Child, Kin\n"
        "from tongxing.staff.models import Staff, Region\n"
        "from tongxing.base.numbers import check\n"
        "from datetime import date\n"
        "for child in Child.objects.all():\n"
        "    number = child.citizen_number\n"
        "    today = date(2026, 11, 24)\n"
        "    good = check(number, birth_on=child.birth_on, sex=child.sex, today=today) == []\n"
        "    assert number is None or number.startswith('990101') and good, child.name\n"
        "for one in [*Kin.objects.all(), *Staff.objects.all()]:\n"
        "    assert one.phone is None or one.phone.startswith('140') and len(one.phone) == 11, one.name\n"
        "assert all(path.startswith('99') for path in Region.objects.values_list('path', flat=True))\n"
        "print({child.name: child.citizen_number for child in Child.objects.all()})"
    )
    assert NAMED.items() <= eval(said).items()  # noqa: S307  our own output


def test_the_months_are_believable(told):
    """Overdue, never seen, withdrawn, entered late, moved, left, with its parents, without a helper: one of each."""
    said = told.python(
        "from tongxing.care.models import Visit, Cadence\n"
        "from tongxing.children.models import *\n"
        "from tongxing.base import clock\n"
        "from tongxing.base.measures import Scope\n"
        "from tongxing.plans.measures import LIVE\n"
        "visits = Visit.objects.all()\n"
        "assert sum(one.is_late_entry for one in visits) == 1\n"
        "assert visits.exclude(withdrawn_at=None).count() == 1\n"
        "assert all(one.visited_on < clock.today() and one.written_at < clock.now() for one in visits)\n"
        "assert CareEpisode.objects.filter(child__name='姜晨曦').count() == 2\n"
        "assert Child.objects.filter(in_care=False).count() == 1\n"
        "siblings = Child.objects.filter(name__in=('陈思远', '陈思雨')).values_list('household', flat=True)\n"
        "assert len(set(siblings)) == 1\n"
        "for measure in LIVE:\n"
        "    for duty in measure.rows(Scope(), clock.today(), states=('gap', 'unknown', 'na')):\n"
        "        print(measure.code, duty.state, duty.why)\n"
        "print(sorted(Cadence.objects.values_list('level', 'days')))"
    )
    for line in (
        "visited gap late",
        "visited gap never_seen",
        "visited na away",
        "paired gap never_paired",
        "paired gap helper_left",
    ):
        assert line in said
    assert str(sorted((str(level), days) for level, days in DENSER.items())) in said


def test_two_counties_see_only_their_own(told):
    said = told.python(
        "from tongxing.children.models import Child\n"
        "from tongxing.staff.models import Staff\n"
        "for login in ('wangmin', 'tanglixin', 'lichunmei', 'zhaoxiaolin', 'sysadmin'):\n"
        "    print(Child.objects.visible_to(Staff.objects.get(login=login)).count())"
    )
    county, other, community, class_, none = map(int, said.split())
    assert county + other == 41 and other == 4 and 30 <= community < county and 5 <= class_ < 15 and none == 0


# ── the roster to try the import with ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def lines():
    file = io.BytesIO()
    write_sample(file)
    file.seek(0)
    (page,) = read_pages(file)
    assert [column.field for column in page.columns] == list(headings())
    return [line for line in page.lines() if not line.skipped]


def test_the_sample_has_a_hundred_rows_and_seven_to_look_at(lines):
    assert len(lines) == ROWS
    held, numbers = {}, {}
    for at, line in enumerate(lines):
        facts, problems = read_row(line.written, date(2026, 11, 24))
        if found := [problem.code for problem in problems if problem.severity != "notice"]:
            held[at] = found
        elif (number := facts["citizen_number"]) in numbers:
            held[at] = ["same as", numbers[number]]
        else:
            numbers[number] = at
    assert held.keys() == SPOILT.keys(), held
    assert held[87] == ["same as", 40]
    assert held[6] == ["lost_digits"] and held[11] == ["wrong_check_digit"] and held[14] == ["sex_differs"]
    assert held[59] == ["required"]


def test_the_sample_is_of_children_the_story_does_not_know(told, lines):
    """All of them are new: 93 archives can be opened at once."""
    known = told.python(
        "from tongxing.children.models import Child\nprint([c.citizen_number for c in Child.objects.all()])"
    )
    numbers = [line.written.get("citizen_number", "") for line in lines]
    assert not [number for number in numbers if str(number) in known]


def test_the_sample_is_the_same_every_time(lines):
    again = io.BytesIO()
    write_sample(again)
    again.seek(0)
    (page,) = read_pages(again)
    assert [line for line in page.lines() if not line.skipped] == lines


def test_the_sample_lies_where_it_says(told):
    file = Path(told.demo.said["sample"])
    assert file.is_relative_to(told.home / "var") and file.stat().st_size > 5000
