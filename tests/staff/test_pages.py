"""Pages of the staff room: who gets in, whom they see; people: what is kept, what acts once."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.factories import fresh
from tongxing.base.records import SYSTEM, Event
from tongxing.staff import actions
from tongxing.staff.models import Grant, Post, Staff

TODAY = date(2026, 11, 24)
DOOR = "/staff/sign-in/"


def post_of(staff) -> Post:
    return Post.objects.get(staff=staff)


def grant_of(staff) -> Grant:
    return Grant.objects.get(staff=staff)


def asked(answer) -> str:
    return answer.content.decode()


# ── who gets in ──────────────────────────────────────────────────────────────────────────────────────────────────────

PAGES = {  # address → what it is of, and a person who may open it
    "list": (None, "supervisor"),
    "appoint": (None, "supervisor"),
    "person": ("staff", "supervisor"),
    "appoint_again": ("staff", "supervisor"),
    "correct": ("staff", "supervisor"),
    "suspend": ("staff", "supervisor"),
    "reinstate": ("staff", "supervisor"),
    "hand_over": ("staff", "supervisor"),
    "move": ("post", "supervisor"),
    "end_post": ("post", "supervisor"),
    "grants": (None, "security_admin"),
    "withdraw_grant": ("grant", "security_admin"),
    "renew_grant": ("grant", "security_admin"),
    "regions": (None, "supervisor"),
    "region": ("region", "supervisor"),
    "open_region": ("township", "supervisor"),
    "rename_region": ("region", "supervisor"),
    "open_organisation": ("region", "supervisor"),
    "correct_organisation": ("office", "supervisor"),
    "classes": ("school", "archivist"),
    "audit": (None, "audit_admin"),
}


def address(name, cast, *, elsewhere=False) -> str:
    """The page of something in the county, or of the like in the other county."""
    director = cast.other_director if elsewhere else cast.director
    found = {
        None: [],
        "staff": [director.pk],
        "post": [post_of(director).pk],
        "grant": [grant_of(director).pk],
        "region": [cast.dukou.path if elsewhere else cast.chunhe.path],
        "township": ["990102100" if elsewhere else cast.township.path],
        "office": [cast.dukou_office.pk if elsewhere else cast.office.pk],
        "school": [cast.dukou_office.pk if elsewhere else cast.school.pk],
    }[PAGES[name][0]]
    return reverse(f"staff:{name}", args=found)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_those_it_is_for(name, client_of, cast):
    assert client_of(getattr(cast, PAGES[name][1])).get(address(name, cast)).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_who_is_not_signed_in_goes_to_the_door(name, client, cast):
    for answer in (client.get(address(name, cast)), client.post(address(name, cast), {"name": "x"})):
        assert answer.url.startswith(DOOR)


@pytest.mark.parametrize("name", PAGES)
def test_a_wrong_role_is_refused(name, client_of, cast):
    client = client_of(cast.volunteer)
    assert client.get(address(name, cast)).status_code == 403
    assert client.post(address(name, cast), {"name": "x"}).status_code == 403


@pytest.mark.parametrize("name", [name for name, (of, _who) in PAGES.items() if of])
def test_another_countys_is_not_there_whatever_the_verb(name, client_of, cast):
    client, before = client_of(getattr(cast, PAGES[name][1])), Event.objects.count()
    sent = {"name": "x", "why": "x", "on": "2026-11-24", "password": "spring-hill-42", "until": "2027-01-01"}
    assert client.get(address(name, cast, elsewhere=True)).status_code == 404
    assert client.post(address(name, cast, elsewhere=True), sent).status_code == 404
    assert Event.objects.count() == before


@pytest.mark.parametrize("name", ["person", "move", "end_post", "withdraw_grant", "correct_organisation", "classes"])
def test_what_never_was_is_not_there(name, client_of, cast):
    client = client_of(getattr(cast, PAGES[name][1]))
    assert client.get(reverse(f"staff:{name}", args=[uuid4()])).status_code == 404


def test_who_stands_higher_is_seen_but_not_changed(client_of, cast):
    client, higher = client_of(cast.county_officer), cast.system_admin
    assert client.get(reverse("staff:person", args=[higher.pk])).status_code == 200
    for name in ("suspend", "hand_over", "correct", "appoint_again"):
        assert client.post(reverse(f"staff:{name}", args=[higher.pk]), {"why": "x"}).status_code == 403
    assert client.post(reverse("staff:end_post", args=[post_of(higher).pk]), {"why": "x"}).status_code == 403


def test_nobody_ends_or_moves_their_own_post(client_of, cast):
    client, own = client_of(cast.county_officer), post_of(cast.county_officer)
    for name in ("move", "end_post"):
        assert client.get(reverse(f"staff:{name}", args=[own.pk])).status_code == 403


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def names_on(answer) -> set[str]:
    return {person.staff.name for person in answer.context["persons"]}


def test_a_director_sees_the_people_of_the_community_and_no_others(client_of, cast):
    answer = client_of(cast.director).get("/staff/")
    assert names_on(answer) == {"李春梅", "陈国强", "林小北"}
    assert "添人" not in asked(answer)


def test_the_list_says_who_where_since_when_and_until_when(client_of, cast):
    page = asked(client_of(cast.supervisor).get("/staff/"))
    for words in ("李春梅", "儿童主任", "春和社区居委会", "2026-01-05", "2027-01-04"):
        assert words in page
    assert "方秀英" not in page


def test_the_list_is_found_by_name_login_organisation_and_state(client_of, cast):
    client = client_of(cast.supervisor)
    assert names_on(client.get("/staff/?q=春梅")) == {"李春梅"}
    assert names_on(client.get("/staff/?q=LINXIAO")) == {"林小北"}
    assert names_on(client.get("/staff/?q=中心小学")) == {"赵晓琳", "孙文斌", "何静"}
    assert names_on(client.get("/staff/?state=suspended")) == {"钱进"}
    assert names_on(client.get(f"/staff/?organisation={cast.lingxia_office.pk}")) == {"张桂芳"}
    nothing = client.get("/staff/?q=没有这样的人")
    assert "没有符合条件的人" in asked(nothing)
    assert client.get(f"/staff/?organisation={cast.dukou_office.pk}").status_code == 404


@pytest.mark.parametrize("bad", ["organisation=x", "page=x", "page=99999", "state=x", "q=%00", "q=" + "x" * 500])
def test_a_strange_address_breaks_nothing(bad, client_of, cast):
    assert client_of(cast.supervisor).get(f"/staff/?{bad}").status_code in (200, 404)


def test_who_has_left_is_found_among_those_who_left(client_of, cast):
    actions.end_post(by=cast.supervisor, post=post_of(cast.cadre), on=TODAY, why="调走")
    client = client_of(cast.supervisor)
    assert "陈国强" not in names_on(client.get("/staff/"))
    assert names_on(client.get("/staff/?state=ended")) == {"陈国强"}
    assert "调走" in asked(client.get(reverse("staff:person", args=[cast.cadre.pk])))


def queries_of(client, url) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    ("url", "who"),
    [("/staff/", "supervisor"), ("/staff/grants/", "security_admin"), ("/staff/audit/?kind=events", "audit_admin")],
)
def test_a_list_asks_as_often_for_one_as_for_many(url, who, client_of, cast):
    client = client_of(getattr(cast, who))
    few = queries_of(client, url)
    for number in range(25):
        factories.staff("volunteer", cast.office, name=f"志愿者{number}")
    assert queries_of(client, url) == few


# ── appoint ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def new_person(cast, **facts) -> dict:
    wanted = {
        "name": "王丽", "login": "wangli", "phone": "14000020001", "password": "spring-hill-42", "role": "director",
        "organisation": str(cast.office.pk), "classroom": "", "from_on": "2026-11-24", "until": "",
        "once": str(uuid4()),
    }  # fmt: skip
    return wanted | facts


def test_a_person_is_appointed_and_their_page_shows_the_post(client_of, cast):
    client = client_of(cast.supervisor)
    answer = client.post("/staff/new/", new_person(cast, until="2027-6-30"), follow=True)
    assert answer.status_code == 200
    for words in ("王丽", "wangli", "儿童主任", "春和社区居委会", "2027-06-30", "任命好了"):
        assert words in asked(answer)


def test_a_double_tap_appoints_once_and_answers_the_same(client_of, cast):
    client, sent = client_of(cast.supervisor), new_person(cast)
    first, second = client.post("/staff/new/", sent), client.post("/staff/new/", sent)
    assert (first.status_code, first.url) == (second.status_code, second.url)
    assert Staff.objects.filter(login="wangli").count() == 1
    assert client_of(cast.county_officer).post("/staff/new/", sent).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "没有姓名"),
        ({"login": "lichunmei"}, "这个登录名有人用了"),
        ({"login": "a"}, "3 到 40"),
        ({"password": "1234567890"}, "不要只用数字"),
        ({"role": ""}, "请选角色"),
        ({"role": "county"}, "不在可选的几项里"),
        ({"organisation": ""}, "请选单位"),
        ({"from_on": "2026-13-40"}, "日期"),
        ({"until": "2026-1-1"}, "不能早于"),
        ({"role": "teacher"}, "要在学校任职"),
        ({"phone": "12"}, "电话"),
    ],
)
def test_a_wrong_fact_is_named_and_the_rest_is_kept(wrong, words, client_of, cast):
    answer = client_of(cast.supervisor).post("/staff/new/", new_person(cast, **{"name": "王丽丽"} | wrong))
    assert answer.status_code == 422
    assert words in asked(answer)
    assert 'value="14000020001"' in asked(answer) or "phone" in wrong
    assert not Staff.objects.filter(login="wangli").exists()


def test_an_organisation_of_another_county_cannot_be_chosen(client_of, cast):
    client = client_of(cast.supervisor)
    assert "渡口社区" not in asked(client.get("/staff/new/"))
    answer = client.post("/staff/new/", new_person(cast, organisation=str(cast.dukou_office.pk)))
    assert answer.status_code == 422
    assert "不在可选的单位里" in asked(answer)
    assert client.get(f"/staff/new/?organisation={cast.dukou_office.pk}").status_code == 404


def test_an_administrator_gets_no_second_role_from_a_page(client_of, cast):
    newcomer = actions.appoint(
        by=SYSTEM, role="audit_admin", organisation=cast.county_office, from_on=TODAY, login="auditor2", name="贺审",
        password="spring-hill-42",
    ).staff  # fmt: skip
    sent = {"role": "director", "organisation": str(cast.office.pk), "from_on": "2026-11-24"}
    answer = client_of(cast.system_admin).post(reverse("staff:appoint_again", args=[newcomer.pk]), sent)
    assert answer.status_code == 422
    assert "不能是同一个人" in asked(answer)


# ── move, end, suspend, stale ────────────────────────────────────────────────────────────────────────────────────────


def test_a_move_by_page_ends_one_post_and_opens_the_other(client_of, cast):
    post = post_of(cast.director)
    sent = {
        "role": "director", "organisation": str(cast.lingxia_office.pk), "on": "2026-12-01", "why": "轮岗",
        "version": "1", "once": str(uuid4()),
    }  # fmt: skip
    client, url = client_of(cast.supervisor), reverse("staff:move", args=[post.pk])
    assert client.post(url, sent).url == client.post(url, sent).url == reverse("staff:person", args=[cast.director.pk])
    assert Post.objects.filter(staff=cast.director).count() == 2
    assert fresh(post).to_on == date(2026, 12, 1)


def test_a_move_to_where_one_is_says_so(client_of, cast):
    post = post_of(cast.director)
    sent = {"role": "director", "organisation": str(cast.office.pk), "on": "2026-12-01", "why": "轮岗", "version": "1"}
    answer = client_of(cast.supervisor).post(reverse("staff:move", args=[post.pk]), sent)
    assert answer.status_code == 422
    assert "新的岗位和现在的一样" in asked(answer)


def test_ending_a_post_twice_by_one_request_is_one_end(client_of, cast):
    client, url = client_of(cast.supervisor), reverse("staff:end_post", args=[post_of(cast.director).pk])
    sent = {"on": "2026-11-24", "why": "退休", "version": "1", "once": str(uuid4())}
    assert [client.post(url, sent).status_code for _time in range(2)] == [302, 302]
    assert Event.objects.filter(action="staff.end_post").count() == 1
    again = client.post(url, sent | {"once": str(uuid4()), "version": "2"})
    assert again.status_code == 422
    assert "已经结束" in asked(again)


def test_a_stale_end_shows_both_days_and_either_can_be_kept(client_of, cast):
    post = post_of(cast.director)
    actions.end_post(by=cast.county_officer, post=fresh(post), on=date(2026, 12, 31), why="年底退休")
    client, url = client_of(cast.supervisor), reverse("staff:end_post", args=[post.pk])
    answer = client.post(url, {"on": "2026-11-30", "why": "调走", "version": "1"})
    assert answer.status_code == 409
    page = asked(answer)
    for words in ("你写的时候，别人也改了", "王敏", "2026-11-30", "2026-12-31", "调走", "年底退休"):
        assert words in page
    assert 'name="version" value="2"' in page
    sent = {"on": "2026-11-30", "why": "调走", "version": "2", "keep_on": "theirs", "keep_why": "mine"}
    assert client.post(url, sent).status_code == 302
    assert (fresh(post).to_on, fresh(post).end_why) == (date(2026, 12, 31), "调走")


def test_a_stale_name_shows_both_and_nothing_is_half_saved(client_of, cast):
    version = str(fresh(cast.director).version)
    actions.correct_person(by=cast.county_officer, staff=fresh(cast.director), name="李春美", phone="14000020001")
    client, url = client_of(cast.supervisor), reverse("staff:correct", args=[cast.director.pk])
    answer = client.post(url, {"name": "李春媚", "phone": "14000020002", "version": version})
    assert answer.status_code == 409
    assert "李春美" in asked(answer)
    assert "李春媚" in asked(answer)
    assert fresh(cast.director).name == "李春美"


def test_what_nobody_touched_on_an_old_page_is_not_offered_as_written(client_of, cast):
    client, url = client_of(cast.supervisor), reverse("staff:correct", args=[cast.director.pk])
    director = fresh(cast.director)
    shown = {"name": director.name, "was_name": director.name, "was_phone": director.phone or ""}
    assert all(f'name="{name}" value="{value}"' in client.get(url).content.decode() for name, value in shown.items())
    sent = shown | {"phone": "14000020002", "version": str(director.version)}
    actions.correct_person(by=cast.county_officer, staff=director, name="李春美", phone=director.phone or "")
    page = client.post(url, sent).content.decode()
    assert page.count('name="keep_phone"') == page.count('name="keep_') == 2
    assert 'value="李春美"' in page


def test_a_suspended_person_is_reinstated_by_page(client_of, cast):
    client, of = client_of(cast.supervisor), [cast.director.pk]
    missing = client.post(reverse("staff:suspend", args=of), {"on": "2026-11-24", "why": ""})
    assert missing.status_code == 422
    assert "请填写" in asked(missing)
    tomorrow = client.post(reverse("staff:suspend", args=of), {"on": "2026-11-25", "why": "停职"})
    assert tomorrow.status_code == 422
    assert client.post(reverse("staff:suspend", args=of), {"on": "2026-11-24", "why": "停职"}).status_code == 302
    assert "停职" in asked(client.get(reverse("staff:person", args=of)))
    sent = {"why": "查清了", "password": "spring-hill-42"}
    assert client.post(reverse("staff:reinstate", args=of), sent).status_code == 302
    assert fresh(cast.director).is_active


def test_a_password_is_handed_over_but_not_an_administrators(client_of, cast):
    client = client_of(cast.system_admin)
    page = asked(client.get(reverse("staff:hand_over", args=[cast.director.pk])))
    assert "初始密码" in page
    sent = {"password": "spring-hill-42"}
    assert client.post(reverse("staff:hand_over", args=[cast.director.pk]), sent).status_code == 302
    assert client.post(reverse("staff:hand_over", args=[cast.audit_admin.pk]), sent).status_code == 403
    assert fresh(cast.director).must_change_password
