"""What the script adds to the pages: a doubt shown while typing, one tap to go on, the other value of a late save."""

from datetime import date

import pytest

from tests import factories
from tests.browser import page_is_sound
from tongxing.base import numbers
from tongxing.children import actions

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 24)


def sign_in(page, staff):
    page.goto("/")
    page.get_by_label("登录名").fill(staff.login)
    page.get_by_label("密码", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/")


def test_the_same_child_is_shown_while_typing_and_the_archive_opens_after_one_tap(cast, phone):
    phone.watch.allowed.append("422")
    sign_in(phone, cast.director)
    phone.goto("/children/open/?name=陈思元")
    number = numbers.make("990101", date(2014, 5, 6), 301)
    phone.fill("#id_citizen_number", number)
    phone.press("#id_citizen_number", "Tab")
    phone.get_by_text(f"990101 20140506 {number[-4:]}").wait_for()
    assert phone.get_by_role("link", name="陈思远").is_visible()
    page_is_sound(phone)
    phone.locator(".savebar button").click()
    phone.get_by_role("button", name="就是这样").click()
    phone.wait_for_url("**/archive/")
    assert phone.inner_text("h1") == "陈思元"


def test_of_two_values_the_other_is_taken_with_one_tap(cast, narrow):
    narrow.watch.allowed.append("409")
    sign_in(narrow, cast.director)
    narrow.goto(f"/children/{cast.siyuan.pk}/archive/home/")
    narrow.fill("#id_address", "我写的")
    actions.correct(
        by=cast.supervisor, child=factories.fresh(cast.siyuan), section="home", on=TODAY,
        facts={"hamlet": "三组", "address": "督导员写的"},
    )  # fmt: skip
    narrow.locator(".savebar button").click()
    narrow.get_by_text("你写的时候，别人也改了").wait_for()
    page_is_sound(narrow)
    narrow.get_by_label("督导员写的").check(force=True)
    narrow.locator(".savebar button").click()
    narrow.wait_for_url("**/archive/")
    assert "督导员写的" in narrow.inner_text("#home")


def test_helpers_to_choose_from_fit_a_small_screen(cast, narrow):
    sign_in(narrow, cast.director)
    narrow.goto(f"/children/{cast.zixuan.pk}/pair/")
    page_is_sound(narrow)


def test_the_list_on_paper_has_rows_and_nothing_to_press(cast, site, desktop):
    sign_in(desktop, cast.director)
    desktop.goto(f"/child/{cast.siyuan.pk}/")
    desktop.goto("/children/")
    assert desktop.locator(".recent").is_visible()
    desktop.emulate_media(media="print")
    desktop.set_viewport_size({"width": 794, "height": 1123})
    display = "one => getComputedStyle(one).display"
    assert desktop.locator("#found thead").evaluate(display) == "table-header-group"
    assert desktop.locator("#found tbody tr").first.evaluate(display) == "table-row"
    assert desktop.locator("#found tbody").get_by_text("陈思远").is_visible()
    for pressed in ("form[role=search]", "summary", ".recent", ".page .btn"):
        assert not any(one.is_visible() for one in desktop.locator(pressed).all()), pressed
