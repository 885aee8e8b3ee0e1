"""今日, the child's page, ＋记一笔, what to do when worried, 我的."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tongxing.base.records import Look
from tongxing.children import actions as children
from tongxing.desk.queries import today_of
from tongxing.plans.actions import arrange

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def read(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_says_what_who_why_and_where(cast, client_of):
    text = read(client_of(cast.director), "desk:today", all=1)
    assert "11月24日 星期二" in text
    assert "陈思远" in text
    assert "三组" in text
    assert "还没有人上门见过" in text
    assert "记走访" in text


def test_what_is_overdue_at_high_attention_stands_first_and_is_red(cast, client_of):
    factories.visit(cast.jiayi, by=cast.director, on=date(2026, 10, 1))
    items = today_of(cast.director, TODAY).items
    assert items[0].names[0] == "陈思远"
    assert items[0].urgent
    assert sum(item.urgent for item in items) == 1


def test_siblings_behind_one_door_are_one_row(cast):
    doors = [item for item in today_of(cast.director, TODAY).items if item.first.measure.code == "visited"]
    assert sorted(next(item for item in doors if "陈思远" in item.names).names) == ["陈思远", "陈思雨"]


def test_a_helper_sees_what_they_owe_and_nothing_else(cast, client_of):
    items = today_of(cast.cadre, TODAY).items
    assert [(item.first.measure.code, item.names) for item in items] == [("visited", ["黄子轩"])]
    text = read(client_of(cast.cadre), "desk:today")
    assert "黄子轩" in text
    assert "陈思远" not in text


def test_at_most_seven_are_open_and_the_rest_are_counted(cast, client_of):
    for number in range(9):
        factories.child(f"孩子{'一二三四五六七八九'[number]}", cast.chunhe)
    client = client_of(cast.director)
    work = today_of(cast.director, TODAY)
    text = read(client, "desk:today")
    assert text.count('class="duty') == 7
    assert f"还有 {len(work.items) - 7} 件" in text
    assert read(client, "desk:today", all=1).count('class="duty') == len(work.items)


def test_by_road_the_doors_stand_by_hamlet(cast):
    from tongxing.desk.queries import roads

    hamlets = [hamlet for hamlet, _stops in roads(today_of(cast.director, TODAY).items)]
    assert hamlets == sorted(hamlets)


def test_done_says_so(cast, client_of):
    assert "今天的事都做完了" in read(client_of(cast.supervisor), "desk:today")


def test_a_duty_asked_of_somebody_else_moves_to_their_list(cast):
    item = next(one for one in today_of(cast.director, TODAY).items if one.names == ["刘雨桐"])
    arrange(by=cast.director, duty=item.first, on=TODAY, reason="住得近", owner=cast.cadre)
    mine = today_of(cast.director, TODAY)
    assert (item.first.measure.code, "刘雨桐") not in [(one.first.measure.code, one.names[0]) for one in mine.items]
    assert [one.names for one in mine.elsewhere] == [["刘雨桐"]]
    theirs = today_of(factories.fresh(cast.cadre), TODAY)
    assert ["刘雨桐"] in [one.names for one in theirs.items]


def test_a_duty_put_off_comes_back_on_its_day(cast):
    item = next(one for one in today_of(cast.director, TODAY).items if one.names == ["刘雨桐"])
    arrange(by=cast.director, duty=item.first, on=TODAY, reason="下雨", postponed_to=date(2026, 11, 26))
    assert ["刘雨桐"] in [one.names for one in today_of(cast.director, TODAY).elsewhere]
    later = today_of(cast.director, date(2026, 11, 26))
    assert (item.first.measure.code, ["刘雨桐"]) in [(one.first.measure.code, one.names) for one in later.items]


def test_the_list_asks_the_same_number_of_questions_for_few_and_many(cast, client_of):
    def count():
        client = client_of(cast.director)
        client.get("/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/", {"all": 1})
        return len(asked)

    few = count()
    for number in range(30):
        factories.child(f"王小{chr(0x4E00 + number * 7)}", cast.chunhe)
    assert count() == few


def test_the_childs_page_answers_who_cares_whom_to_ring_and_what_is_due(cast, client_of):
    factories.visit(cast.zixuan, by=cast.director, on=date(2026, 11, 3), words="妈妈周日来过电话")
    text = read(client_of(cast.director), "desk:child", cast.zixuan.pk)
    assert "黄德福" in text
    assert 'href="tel:14000010003"' in text
    assert "陈国强" in text  # the helper
    assert "妈妈周日来过电话" in text
    assert "02-03 前" in text or "2027-02-03 前" in text  # 92 days after 3 November


def test_opening_the_page_is_noted(cast, client_of):
    read(client_of(cast.director), "desk:child", cast.zixuan.pk)
    look = Look.objects.get(page="desk:child")
    assert (look.by_id, look.subject_id, look.region) == (cast.director.pk, cast.zixuan.pk, cast.chunhe.path)


def test_who_must_not_be_contacted_has_no_number_here(cast, client_of):
    role = cast.siyuan.kin_roles.get(relation="51")
    from tongxing.base.records import action

    @action("test.no_contact")
    def forbid(*, by):
        role.kin.situation = "no_contact"
        role.kin.save()

    forbid(by=cast.director)
    text = read(client_of(cast.director), "desk:child", cast.siyuan.pk)
    assert "14000010002" not in text
    assert "不得联系" in text


def test_the_attention_level_is_seen_only_by_who_may_set_it(cast, client_of):
    assert "中关注" in read(client_of(cast.director), "desk:child", cast.zixuan.pk)
    assert "中关注" not in read(client_of(cast.cadre), "desk:child", cast.zixuan.pk)


def test_the_word_for_these_children_stands_on_no_page(cast, client_of):
    client = client_of(cast.director)
    for address in ("/", reverse("desk:child", args=[cast.zixuan.pk]), reverse("plans:coverage"), reverse("desk:me")):
        assert "留守" not in client.get(address).content.decode()


def test_anothers_child_is_not_there(cast, client_of):
    for person in (cast.director2, cast.other_director, cast.other_county_officer):
        for name in ("desk:child", "desk:worry"):
            assert client_of(person).get(reverse(name, args=[cast.zixuan.pk])).status_code in (403, 404)


def test_record_finds_a_child_and_leads_to_the_visit(cast, client_of):
    text = read(client_of(cast.director), "desk:record", q="hzx")
    assert reverse("care:visit", args=[cast.zixuan.pk]) in text
    assert "没有找到" in read(client_of(cast.director), "desk:record", q="蒋可欣")


def test_a_child_who_left_care_is_on_no_list(cast, client_of):
    children.leave_care(by=cast.director, child=cast.yutong, on=TODAY, why="父母返乡")
    assert "刘雨桐" not in read(client_of(cast.director), "desk:today", all=1)


def test_when_worried_the_page_says_what_to_do_now(cast, client_of):
    text = read(client_of(cast.director), "desk:worry", cast.zixuan.pk)
    assert 'href="tel:110"' in text
    assert "别答应保密" in text


def test_everybody_has_a_page_of_their_own(cast, client_of):
    for person in (cast.director, cast.volunteer, cast.audit_admin):
        assert person.name in read(client_of(person), "desk:me")
