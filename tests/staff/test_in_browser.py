"""Pages of the staff room in a real browser: sound on every width; sign in, appoint, choose between two values."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.browser import page_is_sound
from tests.factories import fresh
from tongxing.base.records import SYSTEM
from tongxing.staff import actions
from tongxing.staff.models import Staff


def signed_in(page, site, staff):
    """A page on which this person has signed in already."""
    client = Client()
    client.force_login(staff)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    page.context.add_cookies([cookie | {"url": site.url}])
    return page


def test_pages_in_states_that_no_other_story_shows_are_sound(cast, site, narrow):
    """The pages themselves are walked in tests/stories/test_every_page.py."""
    actions.emergency_look(by=cast.counsellor, child_id=cast.yutong.pk, region=cast.chunhe.path, why="夜里来电")
    page = signed_in(narrow, site, cast.county_officer)
    for address in (
        "/staff/grants/?which=emergency", "/staff/?q=没有这样的人", reverse("staff:person", args=[cast.suspended.pk]),
        reverse("staff:reinstate", args=[cast.suspended.pk]),
    ):  # fmt: skip
        page.goto(address)
        page_is_sound(page)


@pytest.mark.parametrize("device", ["desktop", "narrow"])
def test_the_door_and_the_trace_are_sound(cast, site, open_page, device):
    page = open_page(device)
    page.goto("/staff/sign-in/")
    page_is_sound(page)
    page = signed_in(page, site, cast.audit_admin)
    for address in ("/staff/audit/", "/staff/audit/?kind=looks", "/staff/audit/?who=lichunmei&since=2026-11-24"):
        page.goto(address)
        page_is_sound(page)


def test_sign_in_fail_once_and_change_a_given_password(cast, site, phone):
    actions.set_password(by=SYSTEM, staff=cast.director, password="handed-over-9", own=False)
    phone.watch.allowed.append("422")
    phone.goto("/")
    phone.get_by_label("登录名或手机号").fill("lichunmei")
    phone.get_by_label("密码").fill("wrong")
    phone.get_by_role("button", name="登录", exact=True).click()
    phone.get_by_text("登录名或密码不对").wait_for()
    page_is_sound(phone)
    phone.get_by_label("密码").fill("handed-over-9")
    phone.get_by_label("记住这台手机 30 天").check()
    phone.get_by_role("button", name="登录", exact=True).click()
    phone.get_by_label("新密码").fill("my-own-words-7")
    phone.get_by_label("再写一遍").fill("my-own-words-7")
    page_is_sound(phone)
    phone.get_by_role("button", name="保存").click()
    phone.wait_for_url(f"{site.url}/")
    assert not Staff.objects.get(login="lichunmei").must_change_password


def test_a_supervisor_appoints_with_the_keyboard_alone(cast, site, desktop):
    page = signed_in(desktop, site, cast.supervisor)
    page.goto("/staff/new/")
    page.get_by_label("姓名").focus()
    for text in ("王丽", "wangli", "14000020001"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.get_by_label("角色").select_option("director")
    page.get_by_label("单位").select_option(str(cast.office.pk))
    page.get_by_role("button", name="任命").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="王丽").wait_for()
    page_is_sound(page)


def test_two_who_change_a_name_at_once_choose_between_both(cast, site, desktop):
    page = signed_in(desktop, site, cast.supervisor)
    page.goto(reverse("staff:correct", args=[cast.director.pk]))
    actions.correct_person(by=cast.county_officer, staff=fresh(cast.director), name="李春美", phone="14000020001")
    page.get_by_label("姓名").fill("李春媚")
    page.watch.allowed.append("409")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("你写的时候，别人也改了").wait_for()
    page_is_sound(page)
    page.get_by_label("李春美").check()
    page.get_by_role("button", name="保存").click()
    page.get_by_role("heading", name="李春美").wait_for()
    assert fresh(cast.director).name == "李春美"
