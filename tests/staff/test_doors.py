"""The door: sign in, lock-out, time-out, passwords, sessions."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, fresh
from tongxing.base import clock
from tongxing.staff import actions
from tongxing.staff.models import Knock, SignInTry, Staff
from tongxing.staff.rules import KNOCKS

DOOR = "/staff/sign-in/"
NOW = datetime.fromisoformat("2026-11-24T09:00:00+08:00")


def knock(client, login="lichunmei", password=PASSWORD, **more):
    return client.post(DOOR, {"login": login, "password": password, **more})


def later(**wait):
    return clock.fixed(NOW + timedelta(**wait))


def test_login_and_password_open_the_work_list(client, cast):
    assert client.get(DOOR).status_code == 200
    assert knock(client).url == "/"
    assert client.get("/").status_code == 200


def test_a_login_may_be_typed_with_blanks_and_capitals(client, cast):
    assert knock(client, login=" LiChunMei ").status_code == 302


def test_who_is_not_signed_in_is_led_to_the_door_and_back(client, cast):
    answer = client.get("/plans/coverage/?on=2026-11-01", follow=False)
    if answer.status_code == 404:
        answer = client.get(reverse("plans:coverage") + "?on=2026-11-01")
    assert answer.url.startswith(DOOR)
    back = reverse("plans:coverage") + "?on=2026-11-01"
    assert knock(client, next=back).url == back


@pytest.mark.parametrize("away", ["https://example.org/", "//example.org", "javascript:alert(1)", "/\\example.org"])
def test_the_door_leads_to_no_other_site(client, cast, away):
    assert knock(client, next=away).url == "/"


def test_what_is_wrong_is_said_the_same_way_for_known_and_unknown(client, cast):
    for login in ("lichunmei", "nobody-at-all", "qianjin"):
        answer = knock(client, login=login, password="wrong")
        assert answer.status_code == 422
        assert "登录名或密码不对" in answer.content.decode()
        assert f'value="{login}"' in answer.content.decode()
        assert "wrong" not in answer.content.decode()


def test_an_empty_form_names_both_fields(client, cast):
    page = client.post(DOOR, {}).content.decode()
    assert "请填登录名" in page
    assert "请填密码" in page


@pytest.mark.parametrize("login", ["lichunmei", "nobody-at-all"])
def test_after_five_failures_the_door_stays_closed_and_says_for_how_long(client, cast, login):
    for _time in range(4):
        assert knock(client, login=login, password="wrong").status_code == 422
    closed = knock(client, login=login, password="wrong")
    assert closed.status_code == 429
    assert "请 5 分钟后再试" in closed.content.decode()
    assert knock(client, login=login).status_code == 429  # the right one neither
    assert SignInTry.objects.count() == 5
    with later(minutes=2):
        assert "请 3 分钟后再试" in knock(client, login=login).content.decode()


def test_when_the_wait_is_over_the_right_password_opens_and_the_count_begins_anew(client, cast):
    for _time in range(5):
        knock(client, password="wrong")
    with later(minutes=5):
        assert knock(client).status_code == 302
        client.post("/staff/sign-out/")
        assert knock(client, password="wrong").status_code == 422


def test_another_failure_after_the_wait_closes_for_longer(client, cast):
    for _time in range(5):
        knock(client, password="wrong")
    with later(minutes=6):
        assert "请 10 分钟后再试" in knock(client, password="wrong").content.decode()


def test_failures_of_yesterday_are_forgotten(client, cast):
    for _time in range(4):
        knock(client, password="wrong")
    with later(days=1, minutes=1):
        assert knock(client, password="wrong").status_code == 422


def test_signing_in_gives_a_new_session(client, cast):
    client.get(DOOR)
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    knock(client)
    assert client.session.session_key != before


def test_signing_out_is_a_post_and_ends_the_session(client, cast):
    knock(client)
    assert client.get("/staff/sign-out/").status_code == 405
    assert client.post("/staff/sign-out/").url == DOOR
    assert client.get("/").url.startswith(DOOR)


def test_half_an_hour_without_a_page_ends_the_session_and_the_door_says_why(client, cast):
    knock(client)
    with later(minutes=29):
        assert client.get("/").status_code == 200
    with later(minutes=58):
        assert client.get("/").status_code == 200
    with later(minutes=100):
        answer = client.get("/?all=1")
        assert answer.url.startswith(DOOR)
        assert "next=/%3Fall%3D1" in answer.url
        assert "离开了一会儿" in client.get(answer.url).content.decode()
        assert client.get("/").url.startswith(DOOR)


def test_a_remembered_phone_stays_signed_in_for_thirty_days(client, cast):
    knock(client, remember="on")
    assert client.cookies["sessionid"]["max-age"] == 30 * 24 * 3600
    with later(days=3):
        assert client.get("/").status_code == 200


def test_a_part_of_a_page_leads_the_whole_page_to_the_door(client, cast):
    answer = client.get("/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/care/visits/?page=2"})
    assert answer["HX-Redirect"] == f"{DOOR}?next=/care/visits/"


def test_a_suspended_person_is_thrown_out_at_the_next_page(client, cast):
    knock(client, remember="on")
    actions.suspend(by=cast.supervisor, staff=cast.director, on=clock.today(), why="停职")
    assert client.get("/").url.startswith(DOOR)
    assert knock(client).status_code == 422
    actions.reinstate(by=cast.supervisor, staff=fresh(cast.director), why="查清了", password="spring-hill-42")
    assert client.get("/").url.startswith(DOOR)


def test_each_administrator_begins_at_a_page_of_their_own(client_of, cast):
    for staff, home in (
        (cast.system_admin, "/staff/"), (cast.security_admin, "/staff/grants/"), (cast.audit_admin, "/staff/audit/"),
    ):  # fmt: skip
        client = client_of(staff)
        assert client.get(DOOR).url == home
        assert client.get(home).status_code == 200


# ── passwords ────────────────────────────────────────────────────────────────────────────────────────────────────────


def with_given_password(cast):
    actions.set_password(by=cast.supervisor, staff=cast.director, password="handed-over-9", own=False)


def test_a_given_password_is_changed_before_anything_else(client, cast):
    with_given_password(cast)
    knock(client, password="handed-over-9")
    assert client.get("/").url == "/staff/password/"
    assert client.post(reverse("care:cadence")).url == "/staff/password/"
    page = client.get("/staff/password/").content.decode()
    assert "先换成自己的密码" in page
    assert 'name="old"' not in page
    answer = client.post("/staff/password/", {"password": "my-own-words-7", "again": "my-own-words-7"})
    assert answer.url == "/"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"password": "short", "again": "short"}, "密码至少 10 个字"),
        ({"password": "my-own-words-7", "again": "my-own-words-8"}, "两遍写得不一样"),
        ({"password": "handed-over-9", "again": "handed-over-9"}, "新密码要和现在的不一样"),
        ({}, "请填密码"),
    ],
)
def test_a_password_that_will_not_do_says_why_and_is_not_shown(client, cast, sent, words):
    with_given_password(cast)
    knock(client, password="handed-over-9")
    answer = client.post("/staff/password/", sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert sent.get("password", "-none-") not in answer.content.decode()
    assert fresh(cast.director).must_change_password


def test_changing_ones_password_asks_the_old_one_and_ends_other_sessions(client, client_of, cast):
    phone = client_of(cast.director)
    knock(client)
    new = {"password": "my-own-words-7", "again": "my-own-words-7"}
    assert "现在的密码不对" in client.post("/staff/password/", {"old": "wrong", **new}).content.decode()
    assert client.post("/staff/password/", {"old": PASSWORD, **new}).status_code == 302
    assert client.get("/").status_code == 200
    assert phone.get("/").url.startswith(DOOR)


def test_a_lost_phone_is_signed_out_from_another_device(client, client_of, cast):
    phone = client_of(cast.director)
    knock(client)
    assert client.post("/staff/sessions/end/").status_code == 302
    assert client.get("/").status_code == 200
    assert phone.get("/").url.startswith(DOOR)


# ── switches and kept words ──────────────────────────────────────────────────────────────────────────────────────────


def test_language_and_letters_are_switched_without_script(client, cast):
    answer = client.post("/staff/switch/", {"language": "en", "type": "large", "theme": "purple", "next": DOOR})
    assert answer.url == DOOR
    assert answer.cookies["django_language"].value == "en"
    assert answer.cookies["type"].value == "large"
    assert "theme" not in answer.cookies
    page = client.get(DOOR).content.decode()
    assert '<html lang="en"' in page
    assert '<button class="as-link" lang="zh-hans">中文</button>' in page, "a language is named in itself"
    assert client.post("/staff/switch/", {"language": "xx", "next": "//example.org"}).url == "/"


def strict(staff) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    return client


def test_what_was_written_on_a_page_of_an_earlier_session_can_be_sent_again(cast):
    client = strict(cast.supervisor)
    address = reverse("staff:correct", args=[cast.director.pk])
    sent = {"name": "李春美<b>", "phone": "14000020009", "csrfmiddlewaretoken": "x" * 64}
    answer = client.post(address, sent, headers={"Origin": "http://testserver"})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "还没有保存" in page
    assert 'name="name" value="李春美&lt;b&gt;"' in page
    assert f'action="{address}"' in page
    assert Staff.objects.get(pk=cast.director.pk).name == "李春梅"


def test_nothing_is_offered_again_that_came_from_elsewhere_or_is_a_password(cast):
    client, address = strict(cast.supervisor), reverse("staff:correct", args=[cast.director.pk])
    for sent, origin in (
        ({"name": "李春美"}, "https://example.org"),
        ({"name": "李春美"}, None),
        ({"password": "my-own-words-7"}, "http://testserver"),
    ):
        answer = client.post(address, sent, headers={"Origin": origin} if origin else {})
        assert answer.status_code == 403
        assert "这一页放得太久了" in answer.content.decode()
        assert "李春美" not in answer.content.decode()
        assert "my-own-words-7" not in answer.content.decode()


def test_a_browser_without_cookies_is_told_so(client):
    strict_client = type(client)(enforce_csrf_checks=True)
    answer = strict_client.post(reverse("staff:sign_in"), {"login": "lichunmei", "password": "whatever-7"})
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "浏览器没有开 cookie" in text
    assert "放得太久" not in text


# ── one network address ──────────────────────────────────────────────────────────────────────────────────────────────


def knock_from(client, address, login, password=None):
    return client.post(DOOR, {"login": login, "password": password or "wrong"}, REMOTE_ADDR=address)


def test_many_failures_from_one_address_close_the_door_for_it_whatever_the_login(client, cast):
    for at in range(KNOCKS["sign_in"]):
        assert knock_from(client, "192.0.2.1", f"guess{at}").status_code == 422
    closed = knock_from(client, "192.0.2.1", "lichunmei", PASSWORD)
    assert closed.status_code == 429
    assert "请 60 分钟后再试" in closed.content.decode()
    assert knock_from(client, "192.0.2.2", "lichunmei", PASSWORD).status_code == 302


def test_an_address_is_let_in_again_as_its_failures_grow_old(client, cast):
    for at in range(KNOCKS["sign_in"]):
        with later(minutes=at // 2):
            knock_from(client, "192.0.2.1", f"guess{at}")
    with later(minutes=59):
        assert knock_from(client, "192.0.2.1", "lichunmei", PASSWORD).status_code == 429
    with later(minutes=60, seconds=1):
        assert knock_from(client, "192.0.2.1", "lichunmei", PASSWORD).status_code == 302


def test_an_office_that_signs_in_rightly_all_day_is_not_kept_out(client, cast):
    for _time in range(KNOCKS["sign_in"] + 5):
        assert knock_from(client, "192.0.2.1", "lichunmei", PASSWORD).status_code == 302
        client.post("/staff/sign-out/")
    assert not Knock.objects.exists()


def test_the_second_half_of_a_long_address_makes_no_other_network(client, cast):
    for at in range(KNOCKS["sign_in"]):
        knock_from(client, f"2001:db8:1:1::{at:x}", f"guess{at}")
    assert knock_from(client, "2001:db8:1:1:ffff::1", "lichunmei", PASSWORD).status_code == 429
    assert knock_from(client, "2001:db8:1:2::1", "lichunmei", PASSWORD).status_code == 302


def test_addresses_are_not_kept_and_old_tries_are_forgotten(client, cast):
    knock_from(client, "192.0.2.1", "somebody")
    assert "192.0.2.1" not in str(list(Knock.objects.values()))
    with later(days=1, minutes=1):
        knock_from(client, "192.0.2.9", "somebody-else")
    assert SignInTry.objects.count() == 1
    assert Knock.objects.count() == 1


# ── large letters and dark, everywhere ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", [DOOR, "/nothing-of-the-kind/", "/staff/complaints/new/", "/staff/complaints/answer/"])
def test_large_letters_and_dark_hold_before_anybody_signs_in(client, cast, page):
    assert client.get(f"{page}?type=large&x=1").url == "?x=1"
    client.get(f"{page}?theme=dark")
    looks = client.get(page).content.decode()
    assert 'data-bs-theme="dark" data-type="large"' in looks
    assert 'href="?type=normal"' in looks
    assert 'href="?theme=light"' in looks


def test_the_page_of_our_own_error_keeps_letters_colours_and_a_number_to_tell(cast, client_of, monkeypatch):
    client = client_of(cast.director)
    client.cookies["theme"], client.cookies["type"] = "dark", "large"
    client.raise_request_exception = False
    monkeypatch.setattr("tongxing.desk.queries.today_of", None)
    answer = client.get("/")
    assert answer.status_code == 500
    page = answer.content.decode()
    assert 'data-bs-theme="dark" data-type="large"' in page
    assert "E-1124-090000" in page
    assert reverse("staff:complain") in page
