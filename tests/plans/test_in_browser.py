"""Bringing a plan and giving it people, by hand in a real browser: in place, without leaving the page."""

from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from tests import factories
from tests.browser import axe, no_sideways_scroll, page_is_sound
from tests.plans import documents
from tests.plans.asking import item
from tongxing.plans.models import Plan


def signed_in(page, site, staff):
    """A page on which this person has signed in already."""
    client = Client()
    client.force_login(staff)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    page.context.add_cookies([cookie | {"url": site.url}])
    return page


def test_a_word_document_becomes_a_plan_that_holds(cast, site, desktop, tmp_path):
    file = tmp_path / "方案.docx"
    file.write_bytes(documents.school())
    signed_in(desktop, site, cast.director).goto(reverse("plans:bring"))
    desktop.get_by_label("计划文件").set_input_files(file)
    desktop.get_by_role("button", name="读给我看").click()
    expect(desktop.get_by_role("heading", name="读到 3 条目标、10 条措施")).to_be_visible()
    axe(desktop)
    desktop.get_by_role("button", name="对好了，开始执行").click()
    expect(desktop.get_by_role("heading", name="松岭小学2026年秋季学期关爱留守学生工作方案")).to_be_visible()
    assert Plan.objects.get().state == "in_force"


def test_what_waits_for_a_check_is_sound_on_a_narrow_screen(cast, site, narrow):
    waiting = factories.plan(cast.chunhe, by=cast.director, started=False)
    signed_in(narrow, site, cast.director).goto(reverse("plans:match", args=[waiting.pk]))
    page_is_sound(narrow)
    no_sideways_scroll(narrow)


def test_an_owner_is_set_in_place_and_the_rest_of_the_page_stays(cast, site, desktop):
    plan = factories.plan(cast.chunhe, by=cast.director)
    visits = item(plan)
    signed_in(desktop, site, cast.director).goto(reverse("plans:plan", args=[plan.pk]))
    desktop.evaluate("window.stayed = true")
    desktop.watch.allowed.append("422")
    part = desktop.locator(f"#c-{visits.pk}")
    part.get_by_role("link", name="定人定时").click()
    part.get_by_label("责任人").select_option(label="陈国强")
    part.get_by_label("截止").fill("明天吧")
    part.get_by_role("button", name="记下").click()
    expect(part.get_by_role("alert")).to_be_visible()
    axe(desktop)
    part.get_by_label("截止").fill("2026-12-20")
    part.get_by_role("button", name="记下").click()
    expect(part.get_by_text("陈国强").first).to_be_visible()
    expect(part.get_by_text("12-20").first).to_be_visible()
    assert desktop.evaluate("window.stayed"), "the page was not loaded anew"
    assert item(plan).owner == cast.cadre


def test_coverage_on_paper_begins_on_the_first_sheet_and_keeps_its_bars(cast, site, desktop):
    """A list kept whole leaves the sheet before it empty; a background is not printed unless it says so."""
    signed_in(desktop, site, cast.director).goto(reverse("plans:coverage"))
    desktop.emulate_media(media="print")
    desktop.set_viewport_size({"width": 794, "height": 1123})
    styles = "one => { const is = getComputedStyle(one); return [is.breakInside, is.printColorAdjust] }"
    assert desktop.locator(".cover").evaluate(styles)[0] == "auto"
    assert desktop.locator(".cover > li").first.evaluate(styles)[0] == "avoid"
    assert desktop.locator(".cover .tally > svg").first.evaluate(styles)[1] == "exact"
    expect(desktop.get_by_text("还差 3 人").first).to_be_visible()
    expect(desktop.get_by_role("link", name="看做到的").first).to_be_hidden()
