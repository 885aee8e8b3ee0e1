"""The list: whose, found however one types, narrowed, page after page."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tongxing.base.records import Look
from tongxing.children import actions
from tongxing.children.models import Child

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def read(client, **query):
    answer = client.get(reverse("children:list"), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def names_in(text) -> list[str]:
    return re.findall(r"<b>([^<]+)</b></a>", text)


def test_it_shows_ones_own_children_with_carer_and_helper(cast, client_of):
    text = read(client_of(cast.director))
    assert "在册共 5 人" in text
    for word in ("陈思远", "奶奶 罗秀兰", "陈国强", "六(1)班", "三组"):
        assert word in text
    for word in ("郑明泽", "蒋可欣", "990101", "14000010001"):
        assert word not in text


def test_taking_it_is_one_look_with_the_number_of_children(cast, client_of):
    read(client_of(cast.director))
    look = Look.objects.get(what="children.list")
    assert (look.by_id, look.count, look.region) == (cast.director.pk, 5, cast.chunhe.path)


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
        ("罗秀兰", {"陈思远", "陈思雨"}),  # by who cares, where no child is called so
        ("陈志明", {"陈思远", "陈思雨"}),
        ("罗秀", {"陈思远", "陈思雨"}),
        ("蒋大妈", set()),
        ("蒋可欣", set()),
        ("jkx", set()),
        ("14000010006", set()),
        ("%", set()),
        ("'; drop table", set()),
    ],
)
def test_a_child_is_found_however_one_types(cast, client_of, typed, found):
    text = read(client_of(cast.director), q=typed)
    assert set(names_in(text)) == found
    if not found:
        assert "没有找到" in text
        assert "找的是：" in text
        assert "清除条件" in text
        assert "在册共 5 人" in text


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("单小丽", "shanxiaoli"),
        ("单小丽", "sxl"),
        ("曾凡", "zengfan"),
        ("解放军", "xiefangjun"),
        ("仇英", "qiuying"),
        ("刘宁", "liuling"),
        ("周小青", "zouxiaoqin"),
        ("欧阳若兰", "ouyangruolan"),
        ("欧阳若兰", "若兰"),
    ],
)
def test_a_name_is_found_the_way_it_is_said(cast, client_of, name, typed):
    factories.child(name, cast.chunhe)
    assert names_in(read(client_of(cast.director), q=typed)) == [name]


def test_number_and_its_end_find_the_child_whoever_may_see_it(cast, client_of):
    number = Child.objects.get(pk=cast.zixuan.pk).citizen_number
    for typed in (number, number.lower(), f"{number[:6]} {number[6:14]} {number[14:]}", number[-4:]):
        assert "黄子轩" in names_in(read(client_of(cast.director), q=typed))
        assert names_in(read(client_of(cast.other_director), q=typed)) == []


def test_a_search_finds_those_who_left_and_says_so(cast, client_of):
    actions.leave_care(by=cast.director, child=cast.yutong, on=TODAY, why="父母返乡")
    client = client_of(cast.director)
    assert "刘雨桐" not in names_in(read(client))
    assert names_in(read(client, care="left")) == ["刘雨桐"]
    text = read(client, q="刘雨桐")
    assert names_in(text) == ["刘雨桐"]
    assert "已离开" in text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"hamlet": "二组"}, {"吴佳怡", "刘雨桐"}),
        ({"hamlet": "二组", "gap": "helper"}, {"刘雨桐"}),
        ({"gap": "carer"}, {"刘雨桐"}),
        ({"gap": "phone"}, {"刘雨桐"}),
        ({"gap": "number"}, {"刘雨桐"}),
        ({"gap": "school"}, {"刘雨桐"}),
        ({"gap": "helper"}, {"陈思远", "陈思雨", "刘雨桐"}),
        ({"q": "陈", "hamlet": "三组"}, {"陈思远", "陈思雨"}),
        ({"q": "陈", "hamlet": "一组"}, set()),
    ],
)
def test_it_is_narrowed_by_what_stands_in_the_address(cast, client_of, asked, found):
    text = read(client_of(cast.director), **asked)
    assert set(names_in(text)) == found
    assert f"符合条件 {len(found)} 人" in text
    assert text.count('class="chip on"') == len(asked)


@pytest.mark.parametrize("asked", [{"gap": "everything"}, {"care": "maybe"}, {"hamlet": "没有的组"}, {"after": "x"}])
def test_what_cannot_be_read_is_left_out(cast, client_of, asked):
    assert len(names_in(read(client_of(cast.director), **asked))) == 5


def many(cast, count):
    for at in range(count):
        factories.child(f"林{chr(0x4E00 + at * 13)}", cast.chunhe)


def test_pages_follow_each_other_and_meet_nobody_twice(cast, client_of):
    many(cast, 120)
    client = client_of(cast.director)

    def walk(address, rel):
        met = []
        while address:
            text = client.get(address).content.decode()
            met.append(names_in(text))
            there = re.search(rf'href="([^"]+)" rel="{rel}"', text)
            last, address = address, there[1].replace("&amp;", "&") if there else None
        return met, last

    onward, end = walk(reverse("children:list"), "next")
    assert [len(page) for page in onward] == [50, 50, 25]
    assert len({name for page in onward for name in page}) == 125
    back, _first = walk(end, "prev")
    assert back == onward[::-1]


def test_no_name_stands_in_an_address(cast, client_of):
    many(cast, 60)
    text = read(client_of(cast.director))
    next_url = re.search(r'href="([^"]+)" rel="next"', text)[1]
    assert re.fullmatch(r"/children/\?after=[0-9a-f-]{36}", next_url)


def test_another_countys_child_is_no_place_in_the_list(cast, client_of):
    text = read(client_of(cast.director), after=str(cast.kexin.pk))
    assert len(names_in(text)) == 5


def test_it_asks_the_same_for_one_and_for_fifty(cast, client_of):
    def asked():
        client = client_of(cast.director2)
        read(client)
        with CaptureQueriesContext(connection) as queries:
            text = read(client)
        return len(names_in(text)), len(queries)

    one, questions = asked()
    for at in range(49):
        name = f"马{chr(0x4E00 + at * 13)}"
        carer = {"carer_name": "马大娘", "carer_phone": factories.next_phone()}
        factories.child(name, cast.lingxia, helper=cast.director2, classroom=cast.class_3_2, **carer)
    assert (one, *asked()) == (1, 50, questions)
