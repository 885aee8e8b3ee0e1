"""One true line: a spreadsheet becomes children, gaps, today's list, a visit, a met measure; and is taken back.

Real clicks only, in a real browser, with the worker in a process of its own.
"""

import re

import pytest

from tests.browser import page_is_sound
from tests.rosters.lists import row, sheet
from tongxing.base import seal
from tongxing.base.records import Event
from tongxing.care.models import Visit
from tongxing.children.models import Child

FILE = "三年级花名册.xlsx"
PATIENCE = 120_000  # milliseconds: the worker may share the machine with other tests


def figure(page, title: str) -> tuple[int, int]:
    """n and N of a measure as the coverage page shows them."""
    line = page.locator(".cover > li", has=page.locator(".title", has_text=re.compile(f"^{title}$")))
    n, whole = line.locator(".frac").inner_text().split("/")
    return int(n), int(whole)


@pytest.mark.both_databases
def test_a_class_list_becomes_children_gaps_a_visit_and_a_figure_and_is_taken_back(
    cast, site, worker, desktop, phone, sign_in, tmp_path
):
    rows = [row(at) for at in range(100)]
    rows[11]["citizen_number"] = rows[11]["citizen_number"][:-1] + (
        "1" if rows[11]["citizen_number"][-1] != "1" else "2"
    )
    file = tmp_path / FILE
    file.write_bytes(sheet(rows))

    # sign in and bring the list
    sign_in(desktop, cast.director)
    desktop.get_by_role("link", name="资料与导出").click()
    desktop.get_by_role("link", name=re.compile("导入")).first.click()
    desktop.wait_for_url("**/rosters/new/")
    page_is_sound(desktop)
    desktop.get_by_label("选一张表").or_(desktop.locator("input[type=file]")).first.set_input_files(file)
    desktop.get_by_text("学校花名册").click()
    desktop.get_by_role("button", name="读给我看").click()
    desktop.get_by_role("heading", name="读到 100 行，1 行要看一下").wait_for()
    page_is_sound(desktop)
    desktop.get_by_role("button", name="导入 99 行").click()
    desktop.get_by_role("heading", name=re.compile("建了 99 份档案")).wait_for(timeout=PATIENCE)

    # today shows the gap, coverage its number
    desktop.get_by_role("link", name="计划与考评").click()
    before = figure(desktop, "定期走访")
    archived = figure(desktop, "建档率")
    page_is_sound(desktop)

    # a visit on the phone, for a child of the list
    sign_in(phone, cast.director)
    phone.get_by_role("link", name="记一笔").click()
    phone.get_by_role("searchbox").fill("赵一东")
    phone.keyboard.press("Enter")
    phone.get_by_role("link", name=re.compile("赵一东")).tap()
    phone.wait_for_url("**/care/visits/new/**")
    page_is_sound(phone)
    phone.get_by_text("孩子", exact=True).last.tap()
    phone.get_by_role("button", name="其余都正常").tap()
    phone.get_by_text("一周内").tap()
    phone.get_by_label("看到、听到的一句话").fill("在门口写作业，说想爸爸")
    phone.get_by_text("不用", exact=True).tap()
    phone.get_by_role("button", name="保存").tap()
    phone.get_by_text("记好了：赵一东 的走访").wait_for()
    page_is_sound(phone)

    # the figure has changed by one
    desktop.reload()
    after = figure(desktop, "定期走访")
    assert after == (before[0] + 1, before[1])

    # the list is taken back; whom somebody has visited is named and kept until asked for as well
    desktop.get_by_role("link", name="资料与导出").click()
    desktop.get_by_role("link", name=FILE).click()
    desktop.get_by_role("link", name="撤销这一批").click()
    desktop.get_by_text("赵一东").wait_for()
    page_is_sound(desktop)
    desktop.locator("input[name=later]").check(force=True)
    desktop.get_by_label("为什么撤销").fill("学校发错了表")
    desktop.get_by_role("button", name="撤销").click()
    desktop.get_by_role("heading", name=re.compile("已撤回 99 份档案")).wait_for(timeout=PATIENCE)
    desktop.get_by_role("link", name="计划与考评").click()
    assert figure(desktop, "建档率")[1] == archived[1] - 100
    assert Child.objects.standing().filter(hamlet="塘下组").count() == 0

    # what was done is not forgotten
    visit = Visit.objects.get(child__name="赵一东")
    assert visit.withdrawn_at is None
    assert Event.objects.filter(action="care.record_visit", subject_id=visit.child_id).count() == 1
    verdict = seal.verify()
    assert verdict.ok, verdict.first_broken
