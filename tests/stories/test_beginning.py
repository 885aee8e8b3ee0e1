"""From an empty database to a first imported class, following the screen alone; every deed is a real tap."""

import re

import pytest

from tests.browser import page_is_sound
from tests.rosters.lists import row, sheet
from tongxing.children.models import Child
from tongxing.staff import actions

TAPS = """
window.__taps = Number(sessionStorage.getItem('taps') || 0);
addEventListener('pointerdown', () => sessionStorage.setItem('taps', ++window.__taps), {capture: true});
"""
MOST_TAPS = (
    16  # measured 15: three pages of places and offices, two people, sign out and in, one list read and imported
)
A_CLASS = [row(at, school="青禾镇中心小学", class_name="三(2)班") for at in range(1, 13)]


@pytest.fixture
def hands(desktop):
    """A page that counts taps, over sign-out and sign-in."""
    desktop.add_init_script(TAPS)
    return desktop


def filled(page, **facts):
    for label, said in facts.items():
        page.get_by_label(label, exact=True).fill(said)


def test_an_administrator_and_a_director_start_a_community(hands, site, worker, tmp_path):
    page = hands
    page.goto("/")
    page.wait_for_url("**/staff/begin/**")
    page_is_sound(page)
    page.goto(f"/staff/begin/?code={actions.begin_code()}")  # the address that the program prints
    filled(
        page, 你的姓名="陈静", 登录名="chenjing", 密码="mountain-path-7", 再写一遍="mountain-path-7",
        **{"县（区）代码": "990101", "县（区）名称": "梅源县", "你的单位": "梅源县民政局"},
    )  # fmt: skip
    page.get_by_role("button", name="开始", exact=True).click()
    page.wait_for_url("**/start/")
    page_is_sound(page)
    page.get_by_role("link", name="添社区").click()
    filled(
        page, **{"乡镇（街道）代码": "990101100", "乡镇（街道）名称": "青禾镇",
                 "社区（村）代码": "990101100001", "社区（村）名称": "春和社区"},
    )  # fmt: skip
    page_is_sound(page)
    page.get_by_role("button", name="添上").click()
    page.wait_for_url("**/start/")
    page.get_by_role("link", name="添单位").click()
    page.get_by_label("孩子们上的学校").fill("青禾镇中心小学")
    page_is_sound(page)
    page.get_by_role("button", name="添上").click()
    page.wait_for_url("**/start/")
    passwords = {}
    for role, name, login in (("儿童主任", "李春梅", "lichunmei"), ("学籍档案员", "孙文斌", "sunwenbin")):
        page.get_by_role("link", name=f"添人 {role}").click()
        filled(page, 姓名=name, 登录名=login)
        passwords[login] = page.get_by_label("初始密码").input_value()
        page.get_by_role("button", name="任命").click()
        page.wait_for_url("**/start/")
    page_is_sound(page)
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/staff/sign-in/**")

    page.get_by_label("登录名").fill("lichunmei")
    page.get_by_label("密码", exact=True).fill(passwords["lichunmei"])
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/staff/password/**")
    filled(page, 新密码="river-stone-42", 再写一遍="river-stone-42")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/start/")
    page_is_sound(page)
    page.get_by_role("link", name="选一张表").click()
    file = tmp_path / "三年级.xlsx"
    file.write_bytes(sheet(A_CLASS))
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="读给我看").click()
    page.get_by_role("button", name=re.compile("导入 12 行")).click(timeout=30_000)
    page.get_by_text("建了 12 份档案").wait_for(timeout=30_000)
    taps = int(page.evaluate("sessionStorage.getItem('taps')"))
    assert taps <= MOST_TAPS, taps

    page.goto("/")
    assert any(one["name"] in page.inner_text("main") for one in A_CLASS)
    assert Child.objects.filter(in_care=True, schoolings__classroom__name="三(2)班").count() == 12
