"""Registering by hand: look first, a number that exists elsewhere, a child known by name only, two people at once."""

import re
import threading
import uuid
from datetime import date

import pytest
from django.db import connection, connections
from django.urls import reverse

from tests import factories
from tongxing.base import clock, numbers
from tongxing.base.measures import Scope
from tongxing.children.measures import NUMBER
from tongxing.children.models import Child
from tongxing.children.queries import search
from tongxing.rosters.measures import ARCHIVED

TODAY = date(2026, 11, 24)
OPEN = "/children/open/"


def opening(cast, **other):
    return {
        "name": "何嘉乐", "sex": "", "citizen_number": numbers.make("990101", date(2017, 6, 30), 7), "hamlet": "塘下组",
        "carer_name": "何大娘", "carer_relation": "62", "carer_phone": "14000017777", "community": cast.chunhe.path,
        "once": str(uuid.uuid4()),
    } | other  # fmt: skip


@pytest.mark.django_db
def test_one_looks_before_one_opens(cast, client_of):
    client = client_of(cast.director)
    assert "先找一找" in client.get(OPEN).content.decode()
    found = client.get(OPEN, {"q": "陈思远"}).content.decode()
    assert reverse("desk:child", args=[cast.siyuan.pk]) in found
    assert "都不是，建新的" in found
    nobody = client.get(OPEN, {"q": "何嘉乐"}).content.decode()
    assert "没有「何嘉乐」" in nobody
    assert f"{OPEN}?name=%E4%BD%95" in nobody
    assert 'value="何嘉乐"' in client.get(OPEN, {"name": "何嘉乐"}).content.decode()


@pytest.mark.django_db
def test_another_page_may_hand_over_what_it_knows(cast, client_of):
    known = {"name": "何嘉乐", "birth_on": "2017-06-30", "sex": "1", "hamlet": "塘下组", "carer_name": "何大娘"}
    text = client_of(cast.director).get(OPEN, known).content.decode()
    for value in ("何嘉乐", "2017-06-30", "塘下组", "何大娘"):
        assert f'value="{value}"' in text


@pytest.mark.django_db
def test_a_child_without_a_number_is_archived_and_listed_under_the_number(cast, client_of):
    without = opening(cast, citizen_number="", birth_on="2017-06-30", number_missing="not_registered")
    before = ARCHIVED.figure(Scope(cast.chunhe.path), TODAY)
    assert client_of(cast.director).post(OPEN, without).status_code == 302
    after = ARCHIVED.figure(Scope(cast.chunhe.path), TODAY)
    assert (after.n, after.N) == (before.n + 1, before.N + 1)
    duty = next(one for one in NUMBER.rows(Scope(cast.chunhe.path), TODAY) if one.subject_name == "何嘉乐")
    assert duty.because == "没有身份证号：未上户口"
    assert duty.measure.close(duty) == (
        reverse("children:section", args=[duty.subject_id, "basic"]) + "#id_citizen_number", "协助落户口",
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("why", "task"), [("not_registered", "落户口"), ("not_brought", "补号码"), ("refused", "补号码")]
)
def test_a_missing_number_is_a_task(cast, client_of, why, task):
    client = client_of(cast.director)
    client.post(OPEN, opening(cast, citizen_number="", birth_on="2017-06-30", number_missing=why))
    text = client.get("/", {"all": 1}).content.decode()
    assert "何嘉乐" in text
    assert task in text


@pytest.mark.django_db
def test_a_child_known_by_name_only_is_written_down_and_to_be_completed(cast, client_of):
    client = client_of(cast.director)
    nothing = {"citizen_number": "", "birth_on": "", "carer_name": "", "carer_relation": "", "carer_phone": ""}
    temporary = opening(cast, **nothing, number_missing="temporary")
    nowhere = client.post(OPEN, temporary | {"hamlet": ""})
    assert nowhere.status_code == 422
    assert "只知道名字的，请写小组" in nowhere.content.decode()
    assert client.post(OPEN, temporary).status_code == 302
    child = Child.objects.get(name="何嘉乐")
    assert (child.birth_on, child.citizen_number, child.number_missing) == (None, None, "temporary")
    gap = next(one for one in ARCHIVED.rows(Scope(cast.chunhe.path), TODAY) if one.subject_id == child.pk)
    assert gap.why == "incomplete"
    page = client.get(reverse("desk:child", args=[child.pk])).content.decode()
    assert "临时登记" in page


@pytest.mark.django_db
def test_a_number_that_has_an_archive_is_said_first_and_nothing_else_asked(cast, client_of):
    """Not "is it the same child?" and only after that tap that the number has an archive."""
    known = Child.objects.get(pk=cast.zixuan.pk)
    facts = {"name": known.name, "citizen_number": known.citizen_number, "birth_on": "2014-11-20", "sex": ""}
    answer = client_of(cast.director).post(OPEN, opening(cast, **facts))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "这个号码已有档案：黄子轩" in text
    assert "可能已经有这个孩子的档案" not in text
    assert "就是这样" not in text


@pytest.mark.django_db
def test_only_where_a_number_is_looked_after_is_told_and_whom_to_ring(cast, client_of):
    from tongxing.staff import actions as staffing

    region = factories.fresh(cast.regions["990102100"])
    staffing.open_organisation(
        by=actions_by(), name="石桥镇人民政府", kind="township", region=region, phone="0791-88880001"
    )
    number = Child.objects.get(pk=cast.kexin.pk).citizen_number
    answer = client_of(cast.director).post(OPEN, opening(cast, citizen_number=number, sex=""))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "这个号码已有档案，由石桥镇管理" in text
    assert 'href="tel:0791-88880001"' in text
    assert "联系对方" in text
    for secret in ("蒋可欣", "蒋大妈", "七组", "渡口社区"):
        assert secret not in text


def actions_by():
    from tongxing.base.records import SYSTEM

    return SYSTEM


# ── two people at once ───────────────────────────────────────────────────────────────────────────────────────────────


def at_once(*works):
    """Run these functions at the same moment, each in a thread of its own; answers what each answered."""
    together, answers = threading.Barrier(len(works)), [None] * len(works)

    def run(at, work):
        with clock.fixed(factories.clock.now()):
            together.wait(10)
            try:
                answers[at] = work()
            finally:
                connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("with_number", [True, False])
def test_two_people_who_register_one_child_at_once_make_one_archive(cast, client_of, with_number):
    sent = opening(cast)
    if not with_number:
        sent |= {"citizen_number": "", "birth_on": "2017-06-30", "number_missing": "not_brought"}
    clients = [client_of(cast.director), client_of(cast.supervisor)]

    def post(client):
        answer = client.post(OPEN, sent | {"once": str(uuid.uuid4())})
        return answer.status_code, answer.content.decode()

    answers = at_once(*(lambda client=client: post(client) for client in clients))
    assert sorted(code for code, _text in answers) == [302, 422], answers
    assert Child.objects.filter(name="何嘉乐").count() == 1
    text = next(text for code, text in answers if code == 422)
    assert ("这个号码已有档案：何嘉乐" if with_number else "可能已经有这个孩子的档案") in text
    assert 'value="何大娘"' in text, "nothing typed is lost"


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_communities_with_one_number_at_once_make_one_archive(cast, client_of):
    clients = [(client_of(cast.director), cast.chunhe.path), (client_of(cast.director2), cast.lingxia.path)]

    def post(client, place):
        answer = client.post(OPEN, opening(cast, community=place))
        return answer.status_code, answer.content.decode()

    answers = at_once(*(lambda who=who: post(*who) for who in clients))
    assert sorted(code for code, _text in answers) == [302, 422], answers
    assert Child.objects.filter(name="何嘉乐").count() == 1
    assert "这个号码已有档案，由青禾镇管理" in next(text for code, text in answers if code == 422)
    assert connection.vendor in ("sqlite", "postgresql")


# ── found by what is around a child ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("三组", ["陈思远", "陈思雨"]),
        ("陈国强", ["黄子轩"]),
        ("中心小学", ["陈思远", "陈思雨", "黄子轩", "吴佳怡"]),
        ("六(1)班", ["陈思远", "黄子轩"]),
        ("六1", ["陈思远", "黄子轩"]),
        ("六一班", ["陈思远", "黄子轩"]),
        ("七组", []),
    ],
)
def test_a_child_is_found_by_hamlet_helper_school_and_class(cast, typed, names):
    assert {one.name for one in search(cast.director, typed)} == set(names)


@pytest.mark.django_db
def test_the_last_five_one_opened_are_at_hand(cast, client_of):
    client = client_of(cast.director)
    assert "最近看过" not in client.get("/children/").content.decode()
    for child in (cast.siyuan, cast.zixuan, cast.siyuan):
        client.get(reverse("desk:child", args=[child.pk]))
    text = client.get("/children/").content.decode()
    recent = text[text.index("最近看过") : text.index("在册共")]
    assert recent.index("陈思远") < recent.index("黄子轩")
    assert "最近看过" not in client_of(cast.supervisor).get("/children/").content.decode(), "one's own looks only"


@pytest.mark.django_db
def test_who_is_sought_can_be_rung_with_one_tap_and_it_is_a_look(cast, client_of):
    from tongxing.base.records import Look

    text = client_of(cast.director).get("/children/", {"q": "hzx"}).content.decode()
    assert 'href="tel:14000010003"' in text
    look = Look.objects.get(what="children.phones")
    assert (look.by_id, look.count) == (cast.director.pk, 1)
    assert "tel:" not in client_of(cast.director).get("/children/").content.decode()


def test_a_day_of_birth_without_its_day_is_not_called_missing(cast, client_of):
    facts = opening(cast, name="半月", citizen_number="", birth_on="2016年9月", number_missing="not_brought")
    answer = client_of(cast.director).post(OPEN, facts)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "出生日期没写全" in text
    assert "请填出生日期，或身份证号" not in text
    assert "2016年9月" in text


def test_what_may_be_left_out_only_for_something_else_is_not_called_optional(cast, client_of):
    text = client_of(cast.director).get(OPEN, {"name": "何嘉乐"}).content.decode()
    marked = set(re.findall(r"([^<>]+)<span[^>]*>（选填）</span>", text))
    assert "照护人姓名" in marked
    assert not marked & {"身份证号", "出生日期", "为什么没有"}
