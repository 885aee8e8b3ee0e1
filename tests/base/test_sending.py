"""A page on a slow line: packed where nobody could learn from its length, its style sheet before its script."""

import gzip
import re

import pytest

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
