"""The visit page on the English screen, whose words are longer."""

import pytest

from tests.children.test_in_browser import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
CUT = "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"
BROKEN = """all => all.filter(one => {
  const words = document.createRange()
  words.selectNodeContents(one)
  return words.getClientRects().length > 1
}).map(one => one.textContent)"""


@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_english_words_are_neither_cut_nor_broken(cast, site, request, device):
    page = request.getfixturevalue(device)
    sign_in(page, cast.director)
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": site.url}])
    page.goto(f"/care/visits/new/{cast.siyuan.pk}/")
    assert page.locator(".asks .q").all_inner_texts()[1] == "Learning"
    assert page.locator(".asks .q").evaluate_all(BROKEN) == []
    assert page.locator(".seg label").evaluate_all(CUT) == []
    if device == "phone":
        page.goto("/")
        assert page.locator(".tabbar a").all_inner_texts()[2] == "Add note"
        assert page.locator(".tabbar a").evaluate_all(CUT) == []
