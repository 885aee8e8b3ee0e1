"""The everyday jobs in the invented community as it is told, and among fifty thousand other children: taps counted from
今日, each within its target."""

import re
from types import SimpleNamespace

import pytest
from django.db import connection

from tests import factories
from tests.browser import page_is_sound
from tests.rosters.lists import row, sheet
from tests.stories import crowd
from tests.stories.taps import Hands
from tongxing.base import numbers
from tongxing.base.sealed import digest
from tongxing.care.models import Visit
from tongxing.children.actions import archived_numbers
from tongxing.children.models import Child
from tongxing.commands.demo import PASSWORD, Story
from tongxing.staff.models import Staff

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PATIENCE = 60_000  # milliseconds: the worker may share the machine with other tests
NEW_NUMBER = "990101201706300155"


@pytest.fixture
def invented(db, today):
    """The community that `make run` shows."""
    Story(today).tell()
    return SimpleNamespace(director=Staff.objects.get(login="lichunmei"), password=PASSWORD)


@pytest.fixture
def among_many(cast, today):
    """The cast, with fifty thousand children around it."""
    assert crowd.settle(50_000, today) == 50_000
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return SimpleNamespace(director=cast.director, password=factories.PASSWORD)


def a_morning(people, sign_in, desktop, phone, folder) -> dict[str, int]:
    """What the director does, one job after another; the taps each took."""
    took = {}
    hands = Hands(phone)
    sign_in(phone, people.director, people.password)

    # what is due is seen, and the first of it begun
    hands.begin()
    first = phone.locator(".duty").first
    first.wait_for()
    took["see"] = hands.taps
    page_is_sound(phone)

    # find a child and ring
    hands.tap(phone.get_by_role("link", name="查找"))
    hands.type("hzx")
    ring = phone.get_by_role("link", name=re.compile("^打给黄子轩的爷爷"))
    ring.wait_for()
    assert ring.get_attribute("href").startswith("tel:140")
    took["find and ring"] = hands.taps + 1

    # a visit, from the first line that asks for one
    phone.goto("/")
    hands.begin()
    hands.tap(phone.locator(".duty[href*='/care/visits/new/']").first)
    phone.wait_for_url("**/care/visits/new/**")
    took["begin"] = hands.taps
    before = Visit.objects.count()
    hands.tell_of_a_visit()
    phone.get_by_text("记好了：").wait_for()
    assert Visit.objects.count() > before
    took["visit"] = hands.taps

    # a child nobody has registered
    phone.goto("/")
    hands.begin()
    hands.tap(phone.get_by_role("link", name="孩子", exact=True))
    hands.tap(phone.get_by_role("link", name="建档"))
    hands.type("罗小川")
    hands.press("Enter")
    hands.tap(phone.get_by_role("link", name="建一份新的"))
    for label, text in (("身份证号", NEW_NUMBER), ("村民小组", "塘下组"), ("照护人姓名", "罗大妈")):
        hands.tap(phone.get_by_label(label))
        hands.type(text)
    phone.get_by_label("与孩子关系").focus()
    hands.type("n")
    phone.get_by_label("与孩子关系").select_option("62")
    hands.tap(phone.get_by_label("照护人电话"))
    hands.type("14000017777")
    hands.tap(phone.get_by_role("button", name="建档"))
    phone.get_by_text("建好了：罗小川 的档案").wait_for()
    assert Child.objects.get(name="罗小川").citizen_number == NEW_NUMBER
    took["fields of a new child"] = len({name.replace("q", "name") for name in hands.typed} | {"carer_relation"})

    # a clean list, at the desk
    file = folder / "二年级.xlsx"
    rows = {one["citizen_number"]: one for one in map(row, range(300, 400))}
    known = archived_numbers(list(rows))  # among so many, somebody may have been given the same
    file.write_bytes(sheet([one for number, one in rows.items() if digest("citizen_number", number) not in known][:30]))
    desktop.set_default_timeout(PATIENCE)
    hands = Hands(desktop)
    sign_in(desktop, people.director, people.password)
    hands.begin()
    hands.tap(desktop.get_by_role("link", name="导入名册"))
    desktop.locator("input[type=file]").set_input_files(file)
    hands.tap(desktop.get_by_role("button", name="读给我看"))
    hands.tap(desktop.get_by_role("button", name="导入 30 行"))
    desktop.get_by_role("heading", name="建了 30 份档案").wait_for()
    page_is_sound(desktop)
    took["import"] = hands.taps
    return took


TARGETS = {"see": 0, "find and ring": 3, "begin": 1, "visit": 8, "fields of a new child": 6, "import": 3}


def test_a_morning_in_the_invented_community(invented, site, worker, sign_in, desktop, phone, tmp_path):
    took = a_morning(invented, sign_in, desktop, phone, tmp_path)
    assert {job: taps for job, taps in took.items() if taps > TARGETS[job]} == {}, took


@pytest.mark.both_databases
@pytest.mark.large
def test_a_morning_among_fifty_thousand_children(among_many, site, worker, sign_in, desktop, phone, tmp_path):
    took = a_morning(among_many, sign_in, desktop, phone, tmp_path)
    assert {job: taps for job, taps in took.items() if taps > TARGETS[job]} == {}, took


def test_the_number_made_for_this_morning_is_a_right_one():
    assert numbers.check_digit(NEW_NUMBER[:17]) == NEW_NUMBER[17]
