"""What was written of a visit outlives the session and a lost line; signing out leaves none of it."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tongxing.care.models import Visit

SAID = "外婆说孩子这两天胃口好多了"


@pytest.fixture
def writing(site, phone, cast):
    """A phone on which the director has begun a visit to 黄子轩."""

    def enter():
        phone.get_by_label("登录名").fill(cast.director.login)
        phone.get_by_label("密码", exact=True).fill(factories.PASSWORD)
        phone.get_by_role("button", name="登录", exact=True).click()

    phone.goto("/")
    enter()
    phone.wait_for_url(f"{site.url}/")
    phone.goto(f"/care/visits/new/{cast.zixuan.pk}/")
    phone.get_by_label("看到、听到的一句话").fill(SAID)
    phone.get_by_role("button", name="其余都正常").click()
    phone.wait_for_function("Object.keys(sessionStorage).length > 0")
    phone.enter = enter
    return phone


def test_a_session_that_ended_while_somebody_wrote_costs_no_word(writing, site, cast):
    writing.context.clear_cookies(name="sessionid")
    writing.get_by_role("button", name="保存").click()
    writing.get_by_text("刚才写的还没有保存").wait_for()
    writing.enter()
    writing.wait_for_url(f"**/care/visits/new/{cast.zixuan.pk}/")
    expect(writing.get_by_text("上次没写完的，填回来了")).to_be_visible()
    expect(writing.get_by_label("看到、听到的一句话")).to_have_value(SAID)
    assert not Visit.objects.filter(child=cast.zixuan).exists()


def test_who_does_not_want_the_old_words_begins_anew(writing, cast):
    writing.goto("/")
    writing.goto(f"/care/visits/new/{cast.zixuan.pk}/")
    writing.get_by_role("button", name="不要，重新写").click()
    expect(writing.get_by_label("看到、听到的一句话")).to_have_value("")
    writing.reload()
    expect(writing.get_by_label("看到、听到的一句话")).to_have_value("")


def test_without_a_line_the_form_stays_and_is_sent_when_it_is_back(writing, cast):
    writing.watch.allowed.append("422")
    writing.context.set_offline(True)
    writing.get_by_role("button", name="保存").click()
    expect(writing.get_by_text("现在没网，还没有保存。")).to_be_visible()
    expect(writing.get_by_label("看到、听到的一句话")).to_have_value(SAID)
    writing.context.set_offline(False)
    writing.get_by_role("button", name="再试一次").click()
    expect(writing.get_by_text("请选一个").first).to_be_visible()  # the server has read it and asks for the rest
    expect(writing.get_by_label("看到、听到的一句话")).to_have_value(SAID)


def test_signing_out_leaves_nothing_of_an_unfinished_form(writing):
    writing.set_viewport_size({"width": 1280, "height": 800})
    writing.get_by_role("button", name="退出", exact=True).click()
    writing.get_by_label("登录名").wait_for()
    assert SAID not in writing.evaluate("JSON.stringify(sessionStorage)")
