"""An empty installation: the first administrator comes in with the code, once; then places, offices, people."""

import io

import pytest
from django.urls import reverse

from tests import factories
from tongxing.base import clock
from tongxing.base.records import SYSTEM, Event
from tongxing.staff import actions
from tongxing.staff.models import Organisation, Post, Region, Staff
from tongxing.staff.rules import KNOCKS

DOOR, BEGIN = "/staff/sign-in/", "/staff/begin/"
FACTS = {
    "name": "陈静", "login": "chenjing", "password": "mountain-path-7", "again": "mountain-path-7",
    "county_code": "990101", "county_name": "梅源县", "office": "梅源县民政局",
}  # fmt: skip
COMMUNITY = {
    "township_code": "990101100", "township_name": "青禾镇", "community_code": "990101100001",
    "community_name": "春和社区",
}  # fmt: skip


def begin(client, **facts):
    return client.post(BEGIN, {**FACTS, "code": actions.begin_code(), **facts})


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def administrator(client, db):
    """A client on which the first administrator has just begun."""
    assert begin(client).status_code == 302
    return client


def test_the_door_of_an_empty_installation_leads_to_the_beginning(client, db):
    assert client.get(DOOR).url == BEGIN
    assert client.get("/").url.startswith(DOOR)
    assert client.get(BEGIN).status_code == 200


def test_with_the_code_there_is_an_administrator_signed_in_and_led_to_the_first_steps(client, db):
    assert begin(client).url == reverse("desk:start")
    staff = Staff.objects.get()
    assert (staff.name, staff.must_change_password) == ("陈静", False)
    assert Post.objects.get().role == "system_admin"
    assert Organisation.objects.get().name == "梅源县民政局"
    assert "社区" in text(client.get(reverse("desk:start")))
    assert Event.objects.filter(action="staff.begin").exists()
    client.post("/staff/sign-out/")
    assert client.post(DOOR, {"login": "chenjing", "password": FACTS["password"]}).url == reverse("desk:start")


@pytest.mark.parametrize("code", ["", "aaaa-bbbb-cccc"])
def test_without_the_code_nobody_begins(client, db, code):
    answer = begin(client, code=code)
    assert answer.status_code == 422
    assert not Staff.objects.exists()
    assert 'value="陈静"' in text(answer)
    assert FACTS["password"] not in text(answer)


def test_the_code_may_be_typed_with_blanks_and_capitals(client, db):
    assert begin(client, code=f" {actions.begin_code().upper().replace('-', ' ')} ").status_code == 302


def test_guessing_the_code_closes_the_door(client, db):
    for _time in range(KNOCKS["begin"]):
        begin(client, code="aaaa-bbbb-cccc")
    assert begin(client).status_code == 429
    assert not Staff.objects.exists()


def test_once_there_is_anybody_the_beginning_is_gone(client, cast):
    people = Staff.objects.count()
    assert client.get(BEGIN).url == DOOR
    assert begin(client).url == DOOR
    assert Staff.objects.count() == people
    assert client.get(DOOR).status_code == 200


def test_of_two_at_the_same_moment_the_second_is_not_let_in_as_the_first(client, db, monkeypatch):
    begin(client)
    client.post("/staff/sign-out/")
    monkeypatch.setattr(actions, "is_empty", lambda: True)  # asked before the first was done
    answer = begin(client, name="别人", login="somebody", password="another-word-8", again="another-word-8")
    assert answer.status_code == 409
    assert "请登录" in text(answer)
    assert "_auth_user_id" not in client.session
    assert Staff.objects.get().login == "chenjing"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"again": "mountain-path-8"}, "两遍写得不一样"),
        ({"password": "1234567890", "again": "1234567890"}, "不要只用数字"),
        ({"county_code": "9901"}, "这里要 6 位的代码"),
        ({"county_code": "梅源"}, "区划代码是 2 到 12 位数字"),
        ({"login": "x"}, "登录名要 3 到 40 个字"),
        ({"office": ""}, "请填写"),
    ],
)
def test_what_will_not_do_says_why_and_nothing_is_made(client, db, facts, words):
    answer = begin(client, **facts)
    assert answer.status_code == 422
    assert words in text(answer)
    assert not Staff.objects.exists()
    assert not Region.objects.exists()


# ── the first places ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_community_comes_with_its_township(administrator):
    assert administrator.post(reverse("staff:first_places"), COMMUNITY).url == reverse("desk:start")
    assert list(Region.objects.order_by("path").values_list("path", flat=True)) == [
        "990101", "990101100", "990101100001",
    ]  # fmt: skip
    again = administrator.post(reverse("staff:first_places"), COMMUNITY)
    assert "这个社区已经有了" in text(again)
    second = {**COMMUNITY, "community_code": "990101100002", "community_name": "塘口社区"}
    assert administrator.post(reverse("staff:first_places"), second).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"township_code": "990102100"}, "要以 990101 开头"),
        ({"community_code": "990101200001"}, "要以 990101100 开头"),
        ({"community_code": "990101100"}, "这里要 12 位的代码"),
        ({"community_name": ""}, "请填写"),
    ],
)
def test_a_code_of_another_place_is_refused(administrator, wrong, words):
    answer = administrator.post(reverse("staff:first_places"), COMMUNITY | wrong)
    assert answer.status_code == 422
    assert words in text(answer)
    assert Region.objects.count() == 1


LIST = "990101100\t青禾镇\n990101100001 春和社区\n990101100002，塘口社区\n990102100 别县的镇\n没有代码"


def test_a_list_of_lines_brings_what_lies_in_the_county(administrator):
    answer = administrator.post(reverse("staff:place_list"), {"lines": LIST}, follow=True)
    assert "添了 3 个" in text(answer)
    assert not Region.objects.filter(path__startswith="990102").exists()
    again = administrator.post(reverse("staff:place_list"), {"lines": LIST}, follow=True)
    assert "没变 3 个" in text(again)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_list_comes_as_a_text_file_as_well(administrator, encoding):
    file = io.BytesIO(LIST.encode(encoding))
    file.name = "places.csv"
    assert administrator.post(reverse("staff:place_list"), {"file": file}).status_code == 302
    assert Region.objects.get(path="990101100002").name == "塘口社区"


def test_a_list_comes_as_a_workbook(administrator):
    from openpyxl import Workbook

    book, file = Workbook(), io.BytesIO()
    for cells in (["统计用区划代码", "名称"], ["990101100000", "青禾镇"], ["990101100001", "春和社区"]):
        book.active.append(cells)
    book.save(file)
    file.seek(0)
    file.name = "places.xlsx"
    assert administrator.post(reverse("staff:place_list"), {"file": file}).status_code == 302
    assert Region.objects.filter(path="990101100001").exists()


@pytest.mark.parametrize("content", [b"\x00\x01\xff\xfe nothing", b"PK\x03\x04 broken", "全是字".encode()])
def test_a_file_that_is_no_list_says_so(administrator, content):
    file = io.BytesIO(content)
    file.name = "places.xlsx"
    answer = administrator.post(reverse("staff:place_list"), {"file": file})
    assert answer.status_code == 422
    assert "没读出地区来" in text(answer)


def test_an_empty_list_form_says_what_to_do(administrator):
    assert "请写几行，或者选一张表" in text(administrator.post(reverse("staff:place_list"), {}))


def test_offices_are_opened_together_and_once(administrator):
    assert administrator.get(reverse("staff:first_offices")).url == reverse("staff:first_places")
    administrator.post(reverse("staff:first_places"), COMMUNITY)
    page = text(administrator.get(reverse("staff:first_offices")))
    assert "春和社区居委会" in page
    facts = {"community": "990101100001", "office": "春和社区居委会", "school": "青禾镇中心小学", "township": "",
             "phone": "14000030002"}  # fmt: skip
    for _time in range(2):
        assert administrator.post(reverse("staff:first_offices"), facts).status_code == 302
    kinds = sorted(Organisation.objects.values_list("kind", flat=True))
    assert kinds == ["community", "county", "school"]
    assert Organisation.objects.get(kind="school").region_id == "990101100"


def test_places_are_added_in_ones_own_county_only(client_of, cast):
    supervisor = client_of(cast.supervisor)
    elsewhere = {**COMMUNITY, "township_code": "990102100", "community_code": "990102100009"}
    assert supervisor.post(reverse("staff:first_places"), elsewhere).status_code == 422
    supervisor.post(reverse("staff:place_list"), {"lines": "990102100009 别处\n990101100009 新村"})
    assert Region.objects.filter(path="990101100009").exists()
    assert not Region.objects.filter(path="990102100009").exists()
    assert client_of(cast.director).get(reverse("staff:first_places")).status_code == 403


# ── the first steps ──────────────────────────────────────────────────────────────────────────────────────────────────


def steps(client) -> str:
    return text(client.get(reverse("desk:start")))


def test_the_steps_say_what_is_left_and_can_be_taken_up_again(administrator):
    assert "还有 6 步" in steps(administrator)
    administrator.post(reverse("staff:first_places"), COMMUNITY)
    facts = {"community": "990101100001", "office": "春和社区居委会", "school": "青禾镇中心小学"}
    administrator.post(reverse("staff:first_offices"), facts)
    page = steps(administrator)
    assert "还有 4 步" in page
    assert "role=director" in page


def test_a_director_without_children_is_led_from_today_to_the_steps(administrator, client_of):
    administrator.post(reverse("staff:first_places"), COMMUNITY)
    office = actions.open_organisation(
        by=SYSTEM, name="春和社区居委会", kind="community", region=Region.objects.get(path="990101100001")
    )
    address = f"{reverse('staff:appoint')}?organisation={office.pk}&role=director&start=1"
    assert 'value="director" selected' in text(administrator.get(address))
    director = factories.staff("director", office, name="李春梅", from_on=clock.today())
    client = client_of(director)
    assert client.get("/").url == reverse("desk:start")
    assert reverse("rosters:upload") in steps(client)
    factories.child("何小满", office.region, by=director)
    assert client.get("/").status_code == 200


def test_the_steps_are_over_for_a_community_that_works(client_of, cast):
    assert "还有 1 步" in steps(client_of(cast.system_admin))
    factories.plan(cast.chunhe, by=cast.director)
    page = steps(client_of(cast.system_admin))
    assert "第一步都走完了" in page
    assert "开始" in text(client_of(cast.system_admin).get(reverse("staff:list")))


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_together_are_one(client):
    from tests.together import at_once

    def one(at):
        return actions.begin(
            by=SYSTEM, key=actions.ONCE, name=f"第{at}", login=f"person{at}", password="mountain-path-7",
            county_code=f"99010{at}", county_name="梅源县", office="民政局",
        )  # fmt: skip

    answers = at_once(lambda: one(1), lambda: one(2))
    assert Staff.objects.count() == 1
    assert len({answer.pk for answer in answers}) == 1
