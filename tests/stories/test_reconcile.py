"""J3's finding, and a list held beside archives, as people see it: found, shared, decided, undone, not asked again."""

from datetime import date

import pytest

from tests import factories
from tests.rosters.lists import bring, row_of, sheet
from tests.rosters.test_in_browser import signed_in
from tests.rosters.test_reconcile import child, row, wrong
from tongxing.base import numbers
from tongxing.base.records import SYSTEM
from tongxing.rosters import actions, api
from tongxing.rosters.findings import Decision, Finding, Reconciliation

BORN = date(2018, 2, 10)
GRANDMOTHER = {"carer_name": "罗秀兰", "carer_relation": "62", "hamlet": "塘下组"}


@pytest.fixture
def two_of_one_child(cast):
    """陈思雨 as the community wrote her down, and 陈思宇 as an import did."""
    first = factories.child(
        "陈思雨", cast.chunhe, citizen_number=numbers.make("990101", BORN, 14), carer_phone="14000000011", **GRANDMOTHER
    )
    second = factories.child(
        "陈思宇", cast.chunhe, citizen_number=None, birth_on=BORN, carer_phone="14000000011", classroom=cast.class_3_2,
        **GRANDMOTHER,
    )  # fmt: skip
    return first, second


def test_the_nightly_check_finds_two_archives_of_one_child(cast, two_of_one_child, site, open_page):
    """J3: found with reasons, decided, merged field by field by a person, undone when it was wrong; never by itself."""
    assert actions.nightly() >= 1
    for run in Reconciliation.objects.all():
        api.end(run.job_id)
    assert actions.nightly() == 0  # once a day
    archivist = signed_in(open_page("desktop"), site, cast.supervisor)
    archivist.goto("/rosters/findings/")
    archivist.get_by_role("link", name="看看陈思雨").click()
    archivist.get_by_role("heading", name="这两条像是同一个孩子，请你看看").wait_for()
    why = archivist.locator("aside")
    for words in ("名字写法不同，读音一样", "同一天出生", "同一位照护人或父母", "同一户"):
        assert why.get_by_text(words, exact=False).first.is_visible(), words
    assert why.get_by_text("双胞胎会同一天出生").is_visible()
    archivist.get_by_role("button", name="是同一个孩子").click()
    archivist.get_by_text("记下了：是同一个孩子").wait_for()
    assert Decision.objects.get().other_id in {one.pk for one in two_of_one_child}
    boss = signed_in(open_page("desktop"), site, cast.director)
    boss.goto("/rosters/findings/?tab=merge")
    boss.get_by_text("陈思宇").first.wait_for()
    assert boss.get_by_text("周建国").is_visible()
    first, second = two_of_one_child
    assert factories.fresh(first).withdrawn_at is factories.fresh(second).withdrawn_at is None

    archivist.get_by_role("heading", name="合并成一份档案").wait_for()
    archivist.get_by_label("陈思雨").check()
    archivist.get_by_role("button", name="合并成一份").click()
    archivist.get_by_text("合并好了，现在是一份档案").wait_for()
    assert factories.fresh(second).withdrawn_at
    assert archivist.get_by_text("三(2)班").first.is_visible()
    boss.goto(f"/children/{second.pk}/card/")
    boss.get_by_role("heading", name="陈思雨").wait_for()
    boss.goto("/rosters/findings/?tab=merge")
    boss.get_by_role("heading", name="核对名单和档案").wait_for()
    assert not boss.get_by_text("陈思宇").count()

    archivist.get_by_role("link", name="撤销合并").click()
    archivist.get_by_label("为什么撤销").fill("去家里看过，是双胞胎")
    archivist.get_by_role("button", name="撤销合并").click()
    archivist.get_by_text("撤销了，又是两份档案").wait_for()
    assert factories.fresh(second).withdrawn_at is None
    archivist.goto("/rosters/findings/")
    archivist.get_by_role("link", name="看看陈思雨").click()
    archivist.get_by_role("button", name="不是同一人").click()
    archivist.get_by_text("记下了：不是同一人").wait_for()


@pytest.fixture
def roll(cast):
    """A list of four: two misspelt, one with a number one digit wrong, one stranger."""
    for at in (2, 3, 5):
        child(cast, at)
    return bring(cast.director, cast.chunhe, sheet([
        row(5, name="吴一冻", citizen_number=""),
        row(2, name="孙一冬", citizen_number=wrong(numbers.make("990101", date(2017, 3, 5), 5))),
        row(3, name="李一懂", citizen_number=""),
        row(30),
    ]))  # fmt: skip


def test_a_list_is_held_beside_the_archives_by_the_worker(cast, roll, site, desktop, worker):
    page = signed_in(desktop, site, cast.director)
    page.goto("/rosters/findings/")
    page.get_by_role("button", name="开始核对").click()
    page.get_by_role("link", name="看看孙一冬").wait_for(timeout=60_000)
    page.get_by_role("link", name="没有档案 1").click()
    page.get_by_role("link", name="给赵四东建档").click()
    page.get_by_role("button", name="建档").click()
    page.get_by_text("建好了：赵四东 的档案").wait_for()


def test_two_people_share_the_queue(cast, roll, site, open_page):
    api.reconcile(cast.chunhe.path, by=SYSTEM)
    one, two = (
        signed_in(open_page("desktop"), site, cast.director),
        signed_in(open_page("desktop"), site, cast.supervisor),
    )
    address = f"/rosters/findings/{Finding.objects.get(row=row_of(roll, 3)).pk}/"
    one.goto(address)
    two.goto(address)
    two.get_by_text("李春梅 正在看这一条").wait_for()
    one.get_by_role("button", name="不是同一人").click()
    one.get_by_text("记下了：不是同一人").wait_for()
    two.get_by_role("button", name="是同一个孩子").click()
    two.get_by_text("李春梅 刚定过这一条").wait_for()
    assert Decision.objects.get().verdict == "different"


def test_decided_undone_decided_and_not_asked_again(cast, roll, site, desktop):
    api.reconcile(cast.chunhe.path, by=SYSTEM)
    page = signed_in(desktop, site, cast.director)
    page.goto(f"/rosters/findings/{Finding.objects.get(row=row_of(roll, 3)).pk}/")
    page.get_by_role("button", name="是同一个孩子").click()
    page.get_by_text("记下了：是同一个孩子").wait_for()
    page.get_by_role("button", name="撤回").click()
    page.get_by_text("这一条又回到要看的里面").wait_for()
    for _ in range(3):
        page.get_by_role("button", name="是同一个孩子").click()
        page.get_by_text("记下了：是同一个孩子").wait_for()
    page.goto("/rosters/findings/?tab=open")
    page.get_by_role("heading", name="都看完了").wait_for()
    api.reconcile(cast.chunhe.path, by=SYSTEM)
    page.reload()
    page.get_by_role("heading", name="都看完了").wait_for()
