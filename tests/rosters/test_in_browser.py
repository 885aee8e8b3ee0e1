"""Pages of rosters in a real browser: sound on every width, and mended rows change their place in the list alone."""

import re

import pytest
from django.conf import settings
from django.test import Client

from tests import factories
from tests.browser import page_is_sound
from tests.rosters.lists import BORN, TODAY, bring, imported, number, row, row_of, sheet
from tongxing.base.records import SYSTEM
from tongxing.rosters import actions, api
from tongxing.rosters.findings import Finding
from tongxing.rosters.models import Listed

HELD = [
    row(50, citizen_number=number(50)[:-1] + ("1" if number(50)[-1] != "1" else "2")),
    row(51, carer_phone="140 0000 000"),
    row(52, class_name="三2"),
    row(53, name=None),
    row(1),
]


def signed_in(page, site, staff):
    """A page on which this person has signed in already."""
    client = Client()
    client.force_login(staff)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    page.context.add_cookies([cookie | {"url": site.url}])
    return page


@pytest.mark.parametrize("device", ["desktop", "narrow"])
def test_every_page_is_sound(cast, site, open_page, device):
    page = signed_in(open_page(device), site, cast.director)
    page.goto("/rosters/")
    page_is_sound(page)
    ready = bring(cast.director, cast.chunhe, sheet([row(1), row(2), *HELD], above=[["三年级名册"]], below=[["合计"]]))
    done = imported(
        cast.director, cast.chunhe, sheet([row(11), row(12), row(13, class_name="三2")]), name="第二张.xlsx"
    )
    factories.visit(row_of(done, 2).child, by=cast.director)
    for address in (
        "/rosters/",
        "/rosters/new/",
        f"/rosters/{ready.pk}/",
        f"/rosters/{ready.pk}/rows/{row_of(ready, 5).pk}/",
        f"/rosters/{done.pk}/",
        f"/rosters/{done.pk}/undo/",
        f"/rosters/{bring(cast.director, cast.chunhe, b'').pk}/",
    ):
        page.goto(address)
        page_is_sound(page)
    imported(cast.director, cast.chunhe, sheet([row(2, name="陈思远", class_name="三2")]))
    listed = Listed.objects.get(name="陈思远").pk
    changed = bring(cast.director, cast.chunhe, sheet([row(11, carer_phone="14002000777", name="钱二"), row(12)]))
    for address in (
        f"/rosters/listed/{listed}/",
        f"/rosters/listed/{listed}/open/",
        f"/rosters/{changed.pk}/",
        f"/rosters/{changed.pk}/columns/",
    ):
        page.goto(address)
        page_is_sound(page)


def of_row(page, at):
    return page.get_by_role("form", name=f"第 {at} 行", exact=True)


def test_rows_are_mended_in_their_place(cast, site, desktop):
    roster = bring(cast.director, cast.chunhe, sheet([row(1), row(2), *HELD]))
    page = signed_in(desktop, site, cast.director)
    page.goto(f"/rosters/{roster.pk}/")
    page.get_by_role("button", name="导入 2 行").wait_for()
    page.watch.allowed.append("422")
    page.get_by_label("第 4 行 身份证号").fill("123")
    of_row(page, 4).get_by_role("button", name="改好").click()
    page.get_by_text("身份证号应为 18 位").wait_for()
    page.get_by_label("第 4 行 身份证号").fill(number(50))
    of_row(page, 4).get_by_role("button", name="改好").click()
    page.get_by_role("button", name="导入 3 行").wait_for()
    of_row(page, 6).get_by_role("button", name="是 三(2)班").click()
    page.get_by_role("button", name="导入 4 行").wait_for()
    of_row(page, 5).get_by_role("button", name="就是这样").click()
    page.get_by_role("button", name="导入 5 行").wait_for()
    page.get_by_role("button", name="不算这一行").click()
    page.get_by_text("第 8 行不算了").wait_for()
    assert page.get_by_role("heading", name=re.compile("1 行要看一下")).is_visible()


def test_after_a_mended_row_the_figures_are_new_and_the_list_is_imported_with_one_press(cast, site, desktop):
    roster = bring(cast.director, cast.chunhe, sheet([row(1), row(2), *HELD]))
    page = signed_in(desktop, site, cast.director)
    page.goto(f"/rosters/{roster.pk}/")
    waiting = int(re.search(r"(\d+) 行要看一下", page.get_by_role("heading", level=1).inner_text())[1])
    of_row(page, 6).get_by_role("button", name="是 三(2)班").click()
    page.get_by_role("button", name="导入 3 行").wait_for()
    assert f"{waiting - 1} 行要看一下" in page.get_by_role("heading", level=1).inner_text()
    assert "3 行可直接导入" in page.get_by_role("status").first.inner_text()
    page.get_by_role("button", name="导入 3 行").click()
    page.locator("#progress").wait_for()
    assert factories.fresh(roster).state == "importing"


@pytest.mark.parametrize("device", ["desktop", "narrow"])
def test_every_page_of_a_reconciliation_is_sound(cast, site, open_page, device):
    wrong = number(2)[:16] + str((int(number(2)[16]) + 3) % 10) + number(2)[17]
    facts = {name: value for name, value in row(2).items() if name not in ("class_name", "birth_on", "sex")}
    factories.child(facts.pop("name"), cast.chunhe, **facts | {"birth_on": BORN, "sex": "1", "carer_relation": "62"})
    roll = bring(cast.director, cast.chunhe, sheet([
        row(2, name="孙一冬", citizen_number=wrong, class_name=None), row(30, class_name=None),
    ]))  # fmt: skip
    page = signed_in(open_page(device), site, cast.director)
    page.goto("/rosters/findings/")
    page_is_sound(page)
    api.reconcile(cast.chunhe.path, by=SYSTEM)
    probable, none = (Finding.objects.get(row=row_of(roll, at)) for at in (2, 3))
    unlisted = Finding.objects.filter(heap="unlisted").first()
    for address in (
        "/rosters/findings/",
        "/rosters/findings/?tab=none",
        "/rosters/findings/?tab=unlisted",
        f"/rosters/findings/{probable.pk}/",
        f"/rosters/findings/{none.pk}/",
        f"/rosters/findings/{unlisted.pk}/",
    ):
        page.goto(address)
        page_is_sound(page)
    decision = actions.judge(by=cast.director, finding=probable, verdict="same", on=TODAY)
    for address in (f"/rosters/findings/{probable.pk}/", f"/rosters/decisions/{decision.pk}/undo/"):
        page.goto(address)
        page_is_sound(page)
