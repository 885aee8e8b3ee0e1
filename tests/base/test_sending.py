"""A page on a slow line: packed where nobody could learn from its length, its style sheet before its script."""

import gzip
import re
from base64 import b64encode
from hashlib import sha256

import pytest
from playwright.sync_api import expect

from tongxing.base.sending import sheet

pytestmark = pytest.mark.usefixtures("cast")  # before there is anybody, every page is the beginning's
SIGN_IN = "/staff/sign-in/"


def asked(client, path: str, **headers):
    return client.get(path, headers={"Accept-Encoding": "gzip", **headers})


def test_a_page_is_packed(client):
    answer = asked(client, SIGN_IN)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "童行" in gzip.decompress(answer.content).decode()


def test_a_page_that_repeats_words_of_its_address_or_of_a_form_is_not(client):
    assert "Content-Encoding" not in asked(client, SIGN_IN + "?next=/children/").headers
    answer = client.post(SIGN_IN, {"login": "nobody", "password": "x"}, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 422
    assert "Content-Encoding" not in answer.headers


def test_a_file_is_sent_as_it_is(client_of, cast):
    answer = asked(client_of(cast.director), "/rosters/template.xlsx")
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


def test_the_style_sheet_is_named_before_the_page_comes_and_the_script_stands_last(client):
    answer = client.get(SIGN_IN)
    page = answer.content.decode()
    (sheet,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert answer.headers["Link"] == f"<{sheet}>; rel=preload; as=style"
    assert page.index('data-src="') > page.index("</main>")
    assert "Link" not in client.get(SIGN_IN, headers={"HX-Request": "true"}).headers


@pytest.mark.parametrize("path", [SIGN_IN, "/no-such-page/"])
def test_the_first_page_of_a_browser_carries_the_sheet_and_lets_nothing_else_through(client, path):
    answer = asked(client, path)
    page = gzip.decompress(answer.content).decode()
    (text,) = re.findall(r"<style[^>]*>(.*?)</style>", page, re.DOTALL)
    assert text == sheet().text
    digest = b64encode(sha256(text.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}';" in answer.headers["Content-Security-Policy"] + ";"
    assert 'rel="stylesheet"' not in page
    assert "Link" not in answer.headers


def test_who_keeps_the_sheet_is_not_sent_it_again_until_it_changes(client):
    client.cookies["sheet"] = sheet().address.rpartition("/")[2]
    answer = asked(client, SIGN_IN)
    assert sheet().address in answer.headers["Link"]
    assert "<style" not in gzip.decompress(answer.content).decode()
    assert "sha256" not in re.search("style-src[^;]*", answer.headers["Content-Security-Policy"])[0]
    client.cookies["sheet"] = "app.0123456789ab.css"
    assert "<style" in gzip.decompress(asked(client, SIGN_IN).content).decode()


def test_a_page_that_goes_out_unpacked_only_names_the_sheet(client):
    assert "<style" not in asked(client, SIGN_IN + "?next=/children/").content.decode()
    assert "<style" not in client.get(SIGN_IN, headers={"Accept-Encoding": "br"}).content.decode()


def test_the_sheet_needs_nothing_beside_it():
    """Inside a page of any address, a relative one would lead elsewhere."""
    assert set(re.findall(r"url\(\"?(\w+:)?", sheet().text)) <= {"data:"}
    assert "</" not in re.sub(r"url\([^)]*\)", "", sheet().text)


def test_a_browser_is_sent_the_sheet_with_its_first_page_only(site, phone):
    looks = "getComputedStyle(document.querySelector('.skip')).position"
    inside = phone.locator("style[data-sheet]")
    phone.goto(SIGN_IN)
    expect(inside).to_have_count(1)
    assert phone.evaluate(looks) == "absolute"
    phone.wait_for_function("document.cookie.includes('sheet=app.')")
    phone.goto(SIGN_IN)
    expect(inside).to_have_count(0)
    assert phone.evaluate(looks) == "absolute"
