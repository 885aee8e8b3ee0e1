"""The list, the archive, and who stands beside a child: it works, bad input is said and kept, a stale save shows both."""

import re
import uuid
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tongxing.base import numbers
from tongxing.base.records import Event, Look
from tongxing.children import actions
from tongxing.children.models import Child, Kin, Lookup

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def read(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_shows_ones_own_children_with_carer_and_helper(cast, client_of):
    text = read(client_of(cast.director), "children:list")
    assert "共 5 人" in text
    for word in ("陈思远", "奶奶 罗秀兰", "陈国强", "六(1)班", "三组"):
        assert word in text
    for word in ("郑明泽", "蒋可欣", "990101"):
        assert word not in text


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("陈思", {"陈思远", "陈思雨"}),
        ("思远", {"陈思远"}),
        ("chensiyuan", {"陈思远"}),
        ("csy", {"陈思远", "陈思雨"}),
        ("huangzi", {"黄子轩"}),
        ("fangzixuan", set()),
        ("0003", {"黄子轩"}),
        ("14000010003", {"黄子轩"}),
        ("140 0001 0003", {"黄子轩"}),
        ("陈 0001", {"陈思远", "陈思雨"}),
        ("蒋可欣", set()),
        ("jkx", set()),
        ("14000010006", set()),
        ("%", set()),
        ("'; drop table", set()),
    ],
)
def test_a_child_is_found_however_one_types(cast, client_of, typed, found):
    text = read(client_of(cast.director), "children:list", q=typed)
    names = {child.name for child in cast.children if f"<b>{child.name}</b>" in text}
    assert names == found
    if not found:
        assert "没有找到" in text


def test_a_surname_is_found_under_the_way_it_is_said(cast, client_of):
    factories.child("单小丽", cast.chunhe)
    factories.child("曾凡", cast.chunhe)
    client = client_of(cast.director)
    assert "单小丽" in read(client, "children:list", q="shanxiaoli")
    assert "曾凡" in read(client, "children:list", q="zengfan")


def test_n_and_l_and_z_and_zh_are_not_told_apart(cast, client_of):
    factories.child("刘宁", cast.chunhe)
    assert "刘宁" in read(client_of(cast.director), "children:list", q="liuling")


def test_the_full_number_finds_the_child(cast, client_of):
    number = Child.objects.get(pk=cast.zixuan.pk).citizen_number
    assert "黄子轩" in read(client_of(cast.director), "children:list", q=number)
    assert number not in read(client_of(cast.director), "children:archive", cast.zixuan.pk)


def test_pages_follow_each_other_and_meet_nobody_twice(cast, client_of):
    for at in range(120):
        factories.child(f"林{chr(0x4E00 + at * 13)}", cast.chunhe)
    client, met, address = client_of(cast.director), [], reverse("children:list")
    while address:
        text = client.get(address).content.decode()
        met += re.findall(r"<b>([^<]+)</b></a></td>", text)
        after = re.search(r'href="(\?after=[^"]+)" rel="next"', text)
        address = reverse("children:list") + after[1].replace("&amp;", "&") if after else None
    assert len(met) == len(set(met)) == 125
    text = client.get(reverse("children:list"), {"after": "nonsense"}).content.decode()
    assert "<b>" in text


def test_the_list_asks_the_same_for_one_and_for_fifty(cast, client_of):
    def asked(person):
        client = client_of(person)
        client.get(reverse("children:list"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("children:list"))
        return len(queries)

    one = asked(cast.director2)
    for at in range(49):
        factories.child(
            f"马{chr(0x4E00 + at * 13)}", cast.lingxia, carer_name="马大娘", carer_phone=factories.next_phone()
        )
    assert asked(cast.director2) == one


def test_who_left_stands_on_a_list_of_their_own(cast, client_of):
    actions.leave_care(by=cast.director, child=cast.yutong, on=TODAY, why="父母返乡")
    client = client_of(cast.director)
    assert "刘雨桐" not in read(client, "children:list")
    assert "刘雨桐" in read(client, "children:list", care="left")


# ── the archive ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_section_says_what_is_missing_and_what_it_stands_on(cast, client_of):
    text = read(client_of(cast.director), "children:archive", cast.siyuan.pk)
    assert "990101********" in text
    assert "来源：工作人员填写" in text
    assert "还缺：" in text
    assert Look.objects.get(page="children:archive").subject_id == cast.siyuan.pk


def test_a_section_not_confirmed_for_half_a_year_shows_its_age(cast, client_of):
    old = factories.child("何小满", cast.chunhe, on=date(2026, 3, 1))
    client = client_of(cast.director)
    assert "没核实" in read(client, "children:archive", old.pk)
    for section in ("basic", "home", "parents", "carer", "school"):
        assert client.post(reverse("children:confirm", args=[old.pk, section])).status_code == 302
    assert "没核实" not in read(client, "children:archive", old.pk)


SECTIONS = {
    "basic": (
        {"name": "陈思源", "sex": "1", "birth_on": "2014-05-06", "accept": "citizen_number:sex_differs"},
        "陈思源",
    ),
    "home": ({"hamlet": "四组", "address": "春和社区四组1号"}, "春和社区四组1号"),
    "parents": ({"father_name": "陈志明", "father_phone": "14000019999", "father_place": "浙江宁波"}, "14000019999"),
    "carer": ({"carer_name": "罗秀兰", "carer_relation": "62", "carer_phone": "14000018888"}, "14000018888"),
    "school": ({"school": "青禾镇中心小学", "class_name": "三(2)班"}, "三(2)班"),
}


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_is_corrected_and_noted(cast, client_of, section):
    facts, word = SECTIONS[section]
    if section == "basic":
        facts = facts | {"citizen_number": Child.objects.get(pk=cast.siyuan.pk).citizen_number}
    client = client_of(cast.director)
    address = reverse("children:section", args=[cast.siyuan.pk, section])
    answer = client.post(address, facts | {"version": cast.siyuan.version, "once": str(uuid.uuid4())})
    assert answer.status_code == 302, re.findall(r'form-error">.*?</svg>([^<]*)', answer.content.decode())
    assert word in read(client, "children:archive", cast.siyuan.pk)
    assert Event.objects.filter(action="children.correct", subject_id=cast.siyuan.pk).count() == 1


@pytest.mark.parametrize(
    ("section", "wrong", "said"),
    [
        ("basic", {"name": ""}, "没有姓名"),
        ("basic", {"name": "陈思远", "birth_on": "2015-13-05"}, "日期"),
        ("basic", {"name": "陈思远", "citizen_number": "990101201503051211"}, "有一位可能写错了"),
        ("basic", {"name": "陈思远", "citizen_number": "123"}, "18 位"),
        ("basic", {"name": "陈思远", "birth_on": "2000-01-01"}, "已满 18 岁"),
        ("parents", {"father_phone": "140000100"}, "少 2 位"),
        ("parents", {"father_phone": "14000010002"}, "没有写是谁的"),
        ("school", {"school": "没有这个学校", "class_name": ""}, "没有叫这个名字的学校"),
        ("school", {"school": "", "class_name": "三(2)班"}, "也写学校"),
        ("school", {"school": "青禾镇中心小学", "class_name": "三2"}, "三(2)班 吗"),
    ],
)
def test_bad_input_is_said_and_what_was_typed_stays(cast, client_of, section, wrong, said):
    address = reverse("children:section", args=[cast.siyuan.pk, section])
    answer = client_of(cast.director).post(address, wrong | {"version": cast.siyuan.version})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    for typed in wrong.values():
        assert typed in text
    assert not Event.objects.filter(action="children.correct").exists()


def test_a_stale_save_shows_both_values_and_takes_the_chosen_one(cast, client_of):
    address = reverse("children:section", args=[cast.siyuan.pk, "carer"])
    mine, theirs = client_of(cast.director), client_of(cast.supervisor)
    facts = {"carer_name": "罗秀兰", "carer_relation": "62"}
    version = cast.siyuan.version
    assert theirs.post(address, facts | {"carer_phone": "14000010022", "version": version}).status_code == 302
    late = mine.post(address, facts | {"carer_phone": "14000010033", "version": version})
    assert late.status_code == 409
    text = late.content.decode()
    assert "14000010022" in text
    assert "14000010033" in text
    assert Kin.objects.get(name="罗秀兰").phone == "14000010022"
    version = re.search(r'name="version" value="(\d+)"', text)[1]
    again = facts | {"carer_phone": "14000010033", "version": version, "keep_carer_phone": "theirs"}
    assert mine.post(address, again).status_code == 302
    assert Kin.objects.get(name="罗秀兰").phone == "14000010022"


def test_a_double_tap_saves_once(cast, client_of):
    address = reverse("children:section", args=[cast.siyuan.pk, "home"])
    form = {"hamlet": "四组", "address": "四组", "version": cast.siyuan.version, "once": str(uuid.uuid4())}
    client = client_of(cast.director)
    assert [client.post(address, form).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(action="children.correct", subject_id=cast.siyuan.pk).count() == 1


# ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def opening(cast, **other):
    return {
        "name": "何嘉乐", "sex": "1", "citizen_number": numbers.make("990101", date(2017, 6, 30), 7), "hamlet": "塘下组",
        "carer_name": "何大娘", "carer_relation": "62", "carer_phone": "14000017777", "community": cast.chunhe.path,
        "save": "1", "once": str(uuid.uuid4()),
    } | other  # fmt: skip


def test_an_archive_is_opened_and_found(cast, client_of):
    client = client_of(cast.director)
    assert client.post(reverse("children:open"), opening(cast)).status_code == 302
    child = Child.objects.get(name="何嘉乐")
    assert (child.birth_on, child.sex, child.hamlet) == (date(2017, 6, 30), "1", "塘下组")
    assert "何嘉乐" in read(client, "children:list", q="hjl")


def test_without_a_number_a_reason_is_asked_and_the_archive_is_valid(cast, client_of):
    client = client_of(cast.director)
    without = opening(cast, citizen_number="", birth_on="2017-06-30")
    answer = client.post(reverse("children:open"), without)
    assert answer.status_code == 422
    assert "没有身份证号，请选一个原因" in answer.content.decode()
    assert client.post(reverse("children:open"), without | {"number_missing": "not_registered"}).status_code == 302


def test_somebody_who_may_be_the_same_is_named_and_never_blocks(cast, client_of):
    client = client_of(cast.director)
    twin = opening(cast, name="陈思元", citizen_number=numbers.make("990101", date(2014, 5, 6), 301))
    answer = client.post(reverse("children:open"), twin)
    assert answer.status_code == 422
    assert "陈思远" in answer.content.decode()
    assert client.post(reverse("children:open"), twin | {"accept": "name:twin"}).status_code == 302


def test_a_number_that_has_an_archive_elsewhere_names_no_child(cast, client_of):
    number = Child.objects.get(pk=cast.kexin.pk).citizen_number
    answer = client_of(cast.director).post(
        reverse("children:open"), opening(cast, citizen_number=number, name="王某", sex="")
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "这个号码已有档案，由石桥镇管理" in text
    assert "蒋可欣" not in text


def test_ones_own_community_only(cast, client_of):
    answer = client_of(cast.director).post(reverse("children:open"), opening(cast, community=cast.lingxia.path))
    assert answer.status_code == 422
    assert not Child.objects.filter(name="何嘉乐").exists()


# ── beside the child ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_child_is_given_a_helper_and_later_another_with_a_reason(cast, client_of):
    client, address = client_of(cast.director), reverse("children:pair", args=[cast.zixuan.pk])
    change = {"helper": str(cast.director.pk), "on": "2026-11-24"}
    assert "写一下为什么换人" in client.post(address, change).content.decode()
    assert client.post(address, change | {"end_why": "搬走了"}).status_code == 302
    assert [one.helper.name for one in cast.zixuan.pairings.filter(to_on=None)] == ["李春梅"]
    assert cast.zixuan.pairings.get(helper=cast.cadre).end_why == "搬走了"


def test_siblings_stay_together_or_it_is_asked(cast, client_of):
    actions.pair(by=cast.director, child=cast.siyuan, helper=cast.director, on=TODAY)
    client, address = client_of(cast.director), reverse("children:pair", args=[cast.siyu.pk])
    apart = {"helper": str(cast.cadre.pk), "on": "2026-11-24"}
    assert "另一位在帮扶" in client.post(address, apart).content.decode()
    assert client.post(address, apart | {"accept": "helper:sibling_apart"}).status_code == 302


def test_nobody_from_elsewhere_can_be_the_helper(cast, client_of):
    answer = client_of(cast.director).post(
        reverse("children:pair", args=[cast.yutong.pk]), {"helper": str(cast.other_director.pk), "on": "2026-11-24"}
    )
    assert answer.status_code == 422


def test_attention_needs_a_reason_and_moves_the_review(cast, client_of):
    client, address = client_of(cast.director), reverse("children:attention", args=[cast.yutong.pk])
    assert client.post(address, {"level": "high", "on": "2026-11-24", "reason": ""}).status_code == 422
    assert client.post(address, {"level": "high", "on": "2026-11-24", "reason": "一个人住"}).status_code == 302
    assert cast.yutong.attentions.get().review_on == date(2026, 12, 24)


def test_leaving_moving_and_withdrawing_ask_why(cast, client_of):
    client = client_of(cast.director)
    for name, form in (
        ("children:leave", {"on": "2026-11-24"}),
        ("children:move", {"on": "2026-11-24", "community": cast.lingxia.path}),
        ("children:withdraw", {}),
    ):
        assert client.post(reverse(name, args=[cast.yutong.pk]), form | {"why": ""}).status_code == 422
    assert client.post(reverse("children:move", args=[cast.yutong.pk]), {
        "on": "2026-11-24", "community": cast.lingxia.path, "why": "搬家",
    }).status_code == 302  # fmt: skip
    assert Child.objects.get(pk=cast.yutong.pk).community_id == cast.lingxia.path
    assert client.post(reverse("children:withdraw", args=[cast.jiayi.pk]), {"why": "录重了"}).status_code == 302
    assert not Lookup.objects.filter(child=cast.jiayi).exists()
