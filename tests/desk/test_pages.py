"""今日, the child's page, ＋记一笔, what to do when worried, 我的."""

import uuid
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.children.filled import fill_card
from tests.rosters.lists import bring, number, row, sheet
from tongxing.base.measures import Arrangement, Scope
from tongxing.base.records import SYSTEM, Look
from tongxing.children import actions as children
from tongxing.children.measures import PAIRED
from tongxing.children.rules import MOST_PER_HELPER
from tongxing.desk import starting
from tongxing.desk.queries import places_of, today_of
from tongxing.plans.actions import arrange
from tongxing.plans.measures import LIVE
from tongxing.staff import actions as staffing
from tongxing.staff.models import Grant

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
    doors = [item for item in today_of(cast.director, TODAY).items if item.code == "visited"]
    assert sorted(next(item for item in doors if "陈思远" in item.names).names) == ["陈思远", "陈思雨"]


def test_a_helper_sees_what_they_owe_and_nothing_else(cast, client_of):
    items = today_of(cast.cadre, TODAY).items
    assert [(item.code, item.names) for item in items] == [("visited", ["黄子轩"])]
    text = read(client_of(cast.cadre), "desk:today")
    assert "黄子轩" in text
    assert "陈思远" not in text


def test_at_most_seven_are_open_and_the_rest_are_counted(cast, client_of):
    for at in range(9):
        factories.child(f"孩子{'一二三四五六七八九'[at]}", cast.chunhe)
    client = client_of(cast.director)
    work = today_of(cast.director, TODAY)
    text = read(client, "desk:today")
    assert text.count('class="duty') == 7
    assert f"还有 {len(work.items) - 7} 件" in text
    assert work.week < len(work.items)  # cards to be confirmed have no day
    assert f"一共 {len(work.items)} 件" in text  # what stands there and what is left add up to it
    assert read(client, "desk:today", all=1).count('class="duty') == len(work.items)


def goal_rows(staff, code):
    return [item for item in today_of(staff, TODAY).items if item.code == code]


def test_many_who_lack_one_thing_of_a_goal_are_one_row_that_opens_their_list(cast, client_of):
    names = iter("一二三四五六七八九")
    while len(goal_rows(cast.director, "paired")) < 5:
        factories.child(f"孩子{next(names)}", cast.chunhe)
    assert all(len(row.names) == 1 and row.later_url for row in goal_rows(cast.director, "paired"))
    factories.child("孩子末", cast.chunhe)
    (row,) = goal_rows(cast.director, "paired")
    lacking = Scope(cast.chunhe.path), TODAY
    assert f"等 {len(PAIRED.gaps(*lacking))} 个孩子" in row.what
    page = client_of(cast.director).get(row.url).content.decode()
    assert all(duty.subject_name in page for duty in PAIRED.gaps(*lacking))
    text = read(client_of(cast.director), "desk:today", all=1)
    assert row.what in text
    assert row.why in text


def test_what_was_put_off_or_asked_of_somebody_is_not_among_the_many(cast):
    names = iter("一二三四五六七八九")
    while len(goal_rows(cast.director, "paired")) != 1:
        factories.child(f"孩子{next(names)}", cast.chunhe)
    before = len(PAIRED.gaps(Scope(cast.chunhe.path), TODAY))
    duty = next(one for one in PAIRED.gaps(Scope(cast.chunhe.path), TODAY) if one.subject_name == "刘雨桐")
    arrange(by=cast.director, duty=duty, on=TODAY, reason="住得近", owner=cast.cadre)
    rows = goal_rows(cast.director, "paired")
    assert len(rows) == 5 == before - 1
    assert "刘雨桐" not in [name for row in rows for name in row.names]
    assert [row.names for row in goal_rows(factories.fresh(cast.cadre), "paired")] == [["刘雨桐"]]


def test_by_road_the_doors_stand_by_hamlet(cast):
    from tongxing.desk.queries import roads

    hamlets = [hamlet for hamlet, _stops in roads(today_of(cast.director, TODAY).items)]
    assert hamlets == sorted(hamlets)


def test_done_says_so(cast, client_of):
    assert "今天的事都做完了" in read(client_of(cast.supervisor), "desk:today")


def of_yutong(items):
    return next(one for one in items if one.code == "paired" and one.names == ["刘雨桐"])


def test_a_duty_asked_of_somebody_else_moves_to_their_list(cast):
    item = of_yutong(today_of(cast.director, TODAY).items)
    arrange(by=cast.director, duty=item.first, on=TODAY, reason="住得近", owner=cast.cadre)
    mine = today_of(cast.director, TODAY)
    assert (item.code, ["刘雨桐"]) not in [(one.code, one.names) for one in mine.items]
    assert [one.names for one in mine.elsewhere] == [["刘雨桐"]]
    theirs = today_of(factories.fresh(cast.cadre), TODAY)
    assert ["刘雨桐"] in [one.names for one in theirs.items]


def test_a_duty_put_off_comes_back_on_its_day(cast):
    item = of_yutong(today_of(cast.director, TODAY).items)
    arrange(by=cast.director, duty=item.first, on=TODAY, reason="下雨", postponed_to=date(2026, 11, 26))
    assert ["刘雨桐"] in [one.names for one in today_of(cast.director, TODAY).elsewhere]
    later = today_of(cast.director, date(2026, 11, 26))
    assert (item.code, ["刘雨桐"]) in [(one.code, one.names) for one in later.items]
    assert of_yutong(later.items).badge == "说好今天"
    assert later.items[0].code == item.code, "what was promised for today stands first"


def test_what_was_put_off_on_the_thirtieth_is_not_forgotten_on_the_first(cast):
    made = date(2026, 11, 30)
    arrange(
        by=cast.director, duty=of_yutong(today_of(cast.director, made).items).first, on=made, reason="下雨",
        postponed_to=date(2026, 12, 3),
    )  # fmt: skip
    first = today_of(cast.director, date(2026, 12, 1))
    assert ["刘雨桐"] in [one.names for one in first.elsewhere]
    assert ("paired", ["刘雨桐"]) not in [(one.code, one.names) for one in first.items]
    assert of_yutong(today_of(cast.director, date(2026, 12, 3)).items).promised


def test_who_was_asked_on_the_thirtieth_still_is_on_the_first(cast):
    made = date(2026, 11, 30)
    item = of_yutong(today_of(cast.director, made).items)
    arrange(by=cast.director, duty=item.first, on=made, reason="住得近", owner=cast.cadre)
    theirs = today_of(factories.fresh(cast.cadre), date(2026, 12, 1))
    assert ["刘雨桐"] in [one.names for one in theirs.items]


def put_off(client, address, **sent):
    return client.post(address, {"once": str(uuid.uuid4()), **sent})


def test_a_director_of_another_community_who_is_asked_has_it_on_their_list_and_puts_it_off(cast, client_of):
    item = of_yutong(today_of(cast.director, TODAY).items)
    arrange(by=cast.director, duty=item.first, on=TODAY, reason="去培训", owner=cast.director2)
    asked = client_of(cast.director2)
    assert "刘雨桐" in read(asked, "desk:today", all=1)
    look = Grant.objects.standing().get(staff=cast.director2, reach="child")
    late = put_off(asked, item.later_url, reason="rain", day="other", other_day="2026-12-26")
    assert late.status_code == 422
    assert "别人请你代办到 2026-12-25，请选那天或以前" in late.content.decode()
    assert put_off(asked, item.later_url, reason="rain", day="2026-11-26").status_code == 302
    held = Arrangement.objects.holding(TODAY).get(subject_id=cast.yutong.pk)
    assert (held.owner_id, held.postponed_to) == (cast.director2.pk, date(2026, 11, 26))
    assert held.until_on == date(2026, 12, 25), "nobody is asked for longer by themselves"
    assert Grant.objects.standing().get(staff=cast.director2, reach="child") == look
    assert ["刘雨桐"] in [one.names for one in today_of(factories.fresh(cast.director2), TODAY).elsewhere]
    assert of_yutong(today_of(factories.fresh(cast.director2), date(2026, 11, 26)).items).promised
    assert ["刘雨桐"] in [one.names for one in today_of(cast.director, date(2026, 11, 26)).elsewhere]


def test_in_the_last_days_of_standing_in_even_the_near_days_may_be_too_late(cast, client_of):
    made = date(2026, 10, 25)
    duty = of_yutong(today_of(cast.director, TODAY).items).first
    arrange(by=cast.director, duty=duty, on=made, reason="住得近", owner=cast.cadre)
    address = reverse("desk:later", args=["paired", cast.yutong.pk])
    assert put_off(client_of(cast.cadre), address, reason="rain", day="2026-11-26").status_code == 422
    assert put_off(client_of(cast.cadre), address, reason="rain", day="2026-11-25").status_code == 302


def test_a_row_is_put_off_with_a_common_reason(cast, client_of):
    item = of_yutong(today_of(cast.director, TODAY).items)
    client = client_of(cast.director)
    assert item.later_url in read(client, "desk:today", all=1)
    assert "不在家" in client.get(item.later_url).content.decode()
    bad = put_off(client, item.later_url, reason="other", day="other", other_day="2026-11-24")
    assert bad.status_code == 422
    assert "写一下原因" in bad.content.decode()
    assert "改到的日子要在今天以后" in bad.content.decode()
    assert put_off(client, item.later_url, reason="rain", day="2026-11-25").status_code == 302
    (made,) = Arrangement.objects.all()
    assert (made.reason, made.postponed_to, made.until_on) == ("下雨", date(2026, 11, 25), date(2026, 11, 25))
    assert ["刘雨桐"] in [one.names for one in today_of(cast.director, TODAY).elsewhere]


def test_only_ones_own_duties_are_put_off(cast, client_of):
    item = of_yutong(today_of(cast.director, TODAY).items)
    for person in (cast.cadre, cast.teacher, cast.director2, cast.other_director):
        assert client_of(person).get(item.later_url).status_code == 404


# ── every role ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_volunteer_sees_given_name_hamlet_and_what_to_do(cast, client_of):
    client = client_of(cast.volunteer)
    visit = reverse("care:visit", args=[cast.jiayi.pk])
    for text in (read(client, "desk:today"), client.get(visit).content.decode(), read(client, "desk:record")):
        assert "佳怡" in text
        for secret in ("吴佳怡", "吴玉兰", "吴小红", "14000010004", "低关注", "990101"):
            assert secret not in text, secret
    assert "二组" in read(client, "desk:today")
    sent = {
        "once": str(uuid.uuid4()), "with_children": str(cast.jiayi.pk), "met": ["child"], "living": "normal",
        "study": "normal", "mood": "normal", "safety": "normal", "parent_contact": "week",
        "words": "一起写完了今天的作业",
        "tell_home": "no", "visited_on": "2026-11-24", "visited_at": "09:00",
    }  # fmt: skip
    answer = client.post(visit, sent, follow=True)
    text = answer.content.decode()
    assert answer.redirect_chain[-1][0] == "/", "to a page that a volunteer may see"
    assert "记好了：佳怡 的走访" in text
    assert "吴佳怡" not in read(client, "care:visits")


def test_an_archivist_sees_what_the_schools_archives_lack_and_lists_that_wait(cast, client_of):
    found = today_of(cast.archivist, TODAY)
    assert {item.code for item in found.others} == {"card"}
    assert {name for item in found.others for name in item.names} == {"陈思远", "陈思雨", "黄子轩", "吴佳怡", "郑明泽"}
    text = read(client_of(cast.archivist), "desk:today")
    assert "本校还缺的资料" in text
    assert "缺 " in text
    wrong = number(50)[:-1] + ("1" if number(50)[-1] != "1" else "2")
    bring(cast.archivist, cast.chunhe, sheet([row(1), row(50, citizen_number=wrong)]), sender=cast.school)
    waiting = [item for item in today_of(factories.fresh(cast.archivist), TODAY).items if item.code == "roster"]
    assert [item.action for item in waiting] == ["接着做"]
    assert "2 行还没导完" in read(client_of(cast.archivist), "desk:today")


def test_a_teacher_sees_what_the_class_needs(cast):
    found = today_of(cast.teacher, TODAY)
    assert {name for item in found.others for name in item.names} == {"陈思远", "黄子轩"}
    assert {item.code for item in found.others} == {"card", "visited"}


def test_a_supervisor_sees_by_name_whom_nobody_has_visited_at_high_attention(cast, client_of):
    found = today_of(cast.supervisor, TODAY)
    assert [item.names for item in found.others] == [["陈思远"]]
    assert all(item.urgent for item in found.others)
    assert "高关注、过了日子还没人去看的孩子" in read(client_of(cast.supervisor), "desk:today")


def test_a_helper_with_too_many_children_is_named_to_the_supervisor(cast):
    for at in range(MOST_PER_HELPER):
        factories.child(f"王小{chr(0x4E00 + at * 7)}", cast.chunhe, helper=cast.cadre)
    loads = [item for item in today_of(cast.supervisor, TODAY).items if item.code == "load"]
    assert [(item.what, item.why) for item in loads] == [("陈国强", "一个人陪着 11 个孩子")]


def test_the_county_sees_its_townships_side_by_side(cast, client_of):
    client = client_of(cast.county_officer)
    assert reverse("desk:places") in read(client, "desk:today")
    text = read(client, "desk:places")
    assert "青禾镇" in text
    assert "石桥镇" not in text
    scope = Scope("990101100")
    figures = [(one.figure(scope, TODAY).n, one.figure(scope, TODAY).N) for one in LIVE]
    (line,) = places_of(cast.county_officer, TODAY)[1]
    assert line.figures == figures
    assert "春和社区" in read(client_of(cast.supervisor), "desk:places")


def test_cards_to_confirm_are_one_row_with_a_list_behind_it(cast):
    (row,) = [item for item in today_of(cast.director, TODAY).items if item.code == "card_confirmed"]
    assert row.why == "5 人的卡半年内没核对过"
    children.confirm_card(by=cast.director, child=cast.siyuan, on=TODAY)
    (row,) = [item for item in today_of(cast.director, TODAY).items if item.code == "card_confirmed"]
    assert row.why == "4 人的卡半年内没核对过"


def test_what_a_card_lacks_is_a_row_that_leads_to_the_very_field(cast):
    items = [item for item in today_of(cast.director, TODAY).items if item.code == "card"]
    siyuan = next(item for item in items if item.names == ["陈思远"])
    assert siyuan.kind == "补资料"
    assert siyuan.why.startswith("缺 妈妈姓名、妈妈电话")
    assert siyuan.url == reverse("children:section", args=[cast.siyuan.pk, "parents"]) + "#id_mother_name"


def test_of_the_last_cards_it_is_said_how_many_are_left(cast):
    for child in cast.children[:3]:
        fill_card(child, by=cast.director)
    items = [item for item in today_of(cast.director, TODAY).items if item.code == "card"]
    assert {tuple(item.names) for item in items} == {("吴佳怡",), ("刘雨桐",)}
    assert all("补上后只差 1 人" in item.why for item in items)


def test_the_list_asks_the_same_number_of_questions_for_few_and_many(cast, client_of):
    def count():
        client = client_of(cast.director)
        client.get("/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/", {"all": 1})
        return len(asked)

    few = count()
    for at in range(30):
        factories.child(f"王小{chr(0x4E00 + at * 7)}", cast.chunhe)
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
    assert "周建国" in text, "whom to tell: the next above, not oneself"
    assert f'href="tel:{cast.supervisor.phone}"' in text
    assert "李春梅" in read(client_of(cast.cadre), "desk:worry", cast.zixuan.pk)


def test_everybody_has_a_page_of_their_own(cast, client_of):
    for person in (cast.director, cast.volunteer, cast.audit_admin):
        assert person.name in read(client_of(person), "desk:me")


def test_the_wall_names_nobody_who_has_left(cast, client):
    client.force_login(cast.director)
    address = reverse("desk:card_wall", args=[cast.zixuan.pk])
    assert "陈国强" in client.get(address).content.decode()
    staffing.suspend(by=SYSTEM, staff=cast.cadre, on=TODAY, why="离岗")
    text = client.get(address).content.decode()
    assert "陈国强" not in text and "社区儿童主任" in text


def test_a_childs_page_stands_with_the_children(cast, client_of):
    text = read(client_of(cast.director), "desk:child", cast.siyuan.pk)
    assert '<a href="/children/" aria-current="page">' in text
    assert '<a href="/" aria-current="page">' not in text


def test_the_first_steps_are_found_again_until_they_are_taken(cast, client_of):
    client = client_of(cast.director)
    left = sum(not step.done for step in starting.steps_of(cast.director))
    assert left, "nobody has brought a plan yet"
    text = read(client, "desk:me")
    assert f"还有 {left} 步没走完" in text
    assert reverse("desk:start") in text
    assert "步没走完" not in read(client_of(cast.cadre), "desk:me"), "who takes none of them is not told"
