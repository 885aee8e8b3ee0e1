"""Who stands beside a child: helper, attention; moving, leaving, withdrawing; erasing."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests import factories
from tests.children.filled import fill, hidden_in, send
from tests.together import stands_in, stored_rows
from tongxing.base.facts import Standing
from tongxing.base.records import Event
from tongxing.children import actions
from tongxing.children.models import Child, Kin, Lookup, Pairing

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def at(name, child):
    return reverse(f"children:{name}", args=[child.pk])


# ── pairing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_child_is_given_a_helper_and_later_another_with_a_reason(cast, client_of):
    client, address = client_of(cast.director), at("pair", cast.zixuan)
    change = fill(client, address, helper=str(cast.director.pk), on="2026-11-24")
    assert "写一下为什么换人" in client.post(address, change).content.decode()
    assert client.post(address, change | {"end_why": "搬走了"}).status_code == 302
    assert [one.helper.name for one in cast.zixuan.pairings.filter(to_on=None)] == ["李春梅"]
    assert cast.zixuan.pairings.get(helper=cast.cadre).end_why == "搬走了"


def test_a_helper_may_leave_before_the_next_is_known(cast, client_of):
    client, address = client_of(cast.director), at("pair", cast.zixuan)
    form = fill(client, address, helper="nobody", on="2026-11-24", end_why="调走了")
    assert [client.post(address, form).status_code for _ in range(2)] == [302, 302]
    pairing = cast.zixuan.pairings.get()
    assert (pairing.to_on, pairing.end_why) == (TODAY, "调走了")


def test_nobody_is_no_answer_where_there_is_no_helper(cast, client_of):
    answer = send(client_of(cast.director), at("pair", cast.yutong), helper="nobody", on="2026-11-24")
    assert answer.status_code == 422


def test_candidates_are_shown_with_role_and_load(cast, client_of):
    text = client_of(cast.director).get(at("pair", cast.siyuan)).content.decode()
    assert "陈国强（帮扶居干，现有 1 个孩子）" in text
    assert "赵晓琳（班主任，现有 0 个孩子）" in text, "the class teacher"
    assert "何静" in text, "the counsellor of the school"
    assert 'class="pick' in text, "long words stand below each other"
    for other in ("张桂芳", "方秀英", "周建国", "钱进", "系统管理员"):
        assert other not in text


def test_siblings_stay_together_or_it_is_asked(cast, client_of):
    actions.pair(by=cast.director, child=cast.siyuan, helper=cast.director, on=TODAY)
    client, address = client_of(cast.director), at("pair", cast.siyu)
    apart = fill(client, address, helper=str(cast.cadre.pk), on="2026-11-24")
    assert "另一位在帮扶" in client.post(address, apart).content.decode()
    assert client.post(address, apart | {"accept": "helper:sibling_apart"}).status_code == 302


def test_more_than_ten_children_are_asked_about_never_refused(cast, client_of):
    for number in range(9):
        factories.child(f"林{chr(0x4E00 + number * 13)}", cast.chunhe, helper=cast.cadre)
    client, address = client_of(cast.director), at("pair", cast.yutong)
    form = fill(client, address, helper=str(cast.cadre.pk), on="2026-11-24")
    assert "已经陪着 10 个孩子" in client.post(address, form).content.decode()
    assert client.post(address, form | {"accept": "helper:many_children"}).status_code == 302


def test_nobody_from_elsewhere_can_be_the_helper(cast, client_of):
    answer = send(
        client_of(cast.director), at("pair", cast.yutong), helper=str(cast.other_director.pk), on="2026-11-24"
    )
    assert answer.status_code == 422
    assert not cast.yutong.pairings.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"helper": ""}, "请选一个人"),
        ({"on": ""}, "请填写"),
        ({"on": "2026-11-25"}, "还没到"),
        ({"on": "2026-09-01"}, "不能早于现在这位开始的日子"),
        ({"end_why": ""}, "写一下为什么换人"),
    ],
)
def test_what_is_wrong_with_a_pairing_is_said_and_kept(cast, client_of, wrong, said):
    form = {"helper": str(cast.director.pk), "on": "2026-11-20", "end_why": "住得近"} | wrong
    answer = send(client_of(cast.director), at("pair", cast.zixuan), **form)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    for typed in (form["on"], form["end_why"]):
        assert typed in text
    assert cast.zixuan.pairings.get().to_on is None


def test_who_relieves_a_helper_has_seen_whom(cast, client_of):
    client, address = client_of(cast.director), at("pair", cast.zixuan)
    late = fill(client, address, helper=str(cast.director.pk), on="2026-11-24", end_why="换近一点的人")
    actions.pair(by=cast.supervisor, child=cast.zixuan, helper=cast.volunteer, on=TODAY, end_why="调走了")
    answer = client.post(address, late)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "别人改过" in text
    assert "现在是 林小北" in text
    assert client.post(address, late | hidden_in(text)).status_code == 302
    assert cast.zixuan.pairings.get(to_on=None).helper == cast.director


def test_a_child_has_one_helper_at_a_time(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Pairing._base_manager.bulk_create([Pairing(child=cast.zixuan, helper=cast.director, from_on=TODAY)])


def test_a_pairing_does_not_end_without_a_reason_or_before_it_began(cast):
    pairing = cast.zixuan.pairings.get()
    with pytest.raises(ValidationError, match="请写结束结对的原因"):
        actions.end_pairing(by=cast.director, pairing=pairing, on=TODAY, why="")
    with pytest.raises(ValidationError, match="结束不能早于开始"):
        actions.end_pairing(by=cast.director, pairing=pairing, on=date(2026, 1, 1), why="换人")


# ── attention ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_attention_needs_a_reason_and_moves_the_review(cast, client_of):
    client, address = client_of(cast.director), at("attention", cast.yutong)
    form = fill(client, address, level="high", on="2026-11-24", reason="")
    assert client.post(address, form).status_code == 422
    assert [client.post(address, form | {"reason": "一个人住"}).status_code for _ in range(2)] == [302, 302]
    assert cast.yutong.attentions.get().review_on == date(2026, 12, 24)


def test_a_new_level_ends_the_one_before_and_both_stay(cast, client_of):
    client, address = client_of(cast.director), at("attention", cast.siyuan)
    assert "都看不到等级" in client.get(address).content.decode()
    assert send(client, address, level="low", on="2026-11-24", reason="妈妈回来了").status_code == 302
    before, now = cast.siyuan.attentions.order_by("from_on")
    assert (before.level, before.to_on, now.level, now.to_on) == ("high", TODAY, "low", None)
    assert send(client, address, level="high", on="2026-11-01", reason="记错").status_code == 422


def test_two_people_who_set_a_level_hear_of_each_other(cast, client_of):
    client, address = client_of(cast.director), at("attention", cast.siyuan)
    late = fill(client, address, level="low", on="2026-11-24", reason="好多了")
    actions.change_attention(by=cast.supervisor, child=cast.siyuan, level="middle", on=TODAY, reason="有人照看了")
    answer = client.post(address, late)
    assert answer.status_code == 409
    assert "有人照看了" in answer.content.decode()


# ── moving, leaving, withdrawing ─────────────────────────────────────────────────────────────────────────────────────


def test_each_asks_why(cast, client_of):
    client = client_of(cast.director)
    for name, form in (
        ("leave", {"on": "2026-11-24"}),
        ("move", {"on": "2026-11-24", "community": cast.lingxia.path}),
        ("withdraw", {}),
    ):
        assert send(client, at(name, cast.yutong), **form, why="").status_code == 422


@pytest.mark.parametrize("name", ["leave", "move"])
def test_neither_may_begin_before_the_care_did(cast, client_of, name):
    form = {"on": "2026-09-01", "why": "搬家", "community": cast.lingxia.path}
    answer = send(client_of(cast.director), at(name, cast.yutong), **form)
    assert answer.status_code == 422
    assert "不能早于开始照看的日子" in answer.content.decode()


def test_a_child_who_moves_is_the_others_from_then_on(cast, client_of):
    client, address = client_of(cast.director), at("move", cast.yutong)
    form = fill(client, address, on="2026-11-24", community=cast.lingxia.path, why="搬家")
    answers = [client.post(address, form) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {reverse("children:list")}
    assert client.get(at("archive", cast.yutong)).status_code == 404
    assert "刘雨桐" in client_of(cast.director2).get(reverse("children:list"), {"q": "lyt"}).content.decode()
    old, new = cast.yutong.episodes.order_by("from_on", "id")
    assert (old.to_on, old.why_out, new.from_on, new.community_id) == (TODAY, "搬家", TODAY, cast.lingxia.path)


def test_a_child_is_not_moved_to_another_county(cast, client_of):
    form = {"on": "2026-11-24", "community": cast.dukou.path, "why": "搬家"}
    assert send(client_of(cast.director), at("move", cast.yutong), **form).status_code == 422


def test_who_leaves_is_paired_no_longer_and_still_read(cast, client_of):
    client, address = client_of(cast.director), at("leave", cast.zixuan)
    form = fill(client, address, on="2026-11-24", why="父母返乡")
    assert [client.post(address, form).status_code for _ in range(2)] == [302, 302]
    assert cast.zixuan.pairings.get().end_why == "父母返乡"
    text = client.get(at("archive", cast.zixuan)).content.decode()
    assert "已退出关爱" in text
    assert "父母返乡" in text
    for name in ("leave", "move", "pair"):
        assert client.get(at(name, cast.zixuan)).status_code == 404


def test_what_was_opened_by_mistake_is_gone_from_every_list(cast, client_of):
    client, address = client_of(cast.director), at("withdraw", cast.jiayi)
    form = fill(client, address, why="录重了")
    assert [client.post(address, form).status_code for _ in range(2)] == [302, 302]
    assert not Lookup.objects.filter(child=cast.jiayi).exists()
    assert client.get(at("archive", cast.jiayi)).status_code == 404
    assert Child.objects.get(pk=cast.jiayi.pk).withdrawn_why == "录重了"


def test_a_withdrawn_number_may_be_archived_again(cast):
    number = Child.objects.get(pk=cast.jiayi.pk).citizen_number
    actions.withdraw_archive(by=cast.director, child=Child.objects.get(pk=cast.jiayi.pk), why="录错了")
    assert factories.child("吴佳怡", cast.chunhe, citizen_number=number).citizen_number == number


def test_who_teaches_does_not_send_away(cast, client_of):
    for name in ("leave", "move", "withdraw", "pair", "attention"):
        assert client_of(cast.teacher).get(at(name, cast.siyuan)).status_code == 403


# ── erasing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_sealed_value_is_left_in_rows_or_in_what_the_trace_holds(cast):
    child = Child.objects.get(pk=cast.zixuan.pk)
    actions.correct(
        by=cast.director, child=child, section="carer", on=TODAY,
        facts={"carer_name": "黄德福", "carer_relation": "61", "carer_phone": "14000014444", "carer_health": "高血压"},
    )  # fmt: skip
    boxes = [
        value["box"]
        for event in Event.objects.all()
        for row, values in event.held.items()
        if row.partition(":")[2] in {str(child.pk), *map(str, child.kin_roles.values_list("kin_id", flat=True))}
        for value in values.values()
        if isinstance(value, dict)
    ]
    assert len(boxes) >= 4, "number, phone before and after, health"
    erased = actions.erase_sealed(by=cast.director, child=Child.objects.get(pk=child.pk), why="监护人要求")
    assert {"child.citizen_number", "kin.phone", "kin.health"} <= set(erased)
    stored = stored_rows()
    assert not [box for box in boxes if box in stored]
    child = Child.objects.get(pk=child.pk)
    assert child.citizen_number is None
    assert child.citizen_number_index is None
    assert not Kin.objects.filter(roles__child=child).exclude(phone_index=None).exists()
    assert not Lookup.objects.filter(child=child, kind__in=("number", "phone", "tail")).exists()
    assert Lookup.objects.filter(child=child, kind="pinyin").exists(), "the name stays"


def test_what_a_sibling_still_needs_is_not_erased(cast):
    actions.erase_sealed(by=cast.director, child=Child.objects.get(pk=cast.siyuan.pk), why="监护人要求")
    assert Kin.objects.get(name="罗秀兰").phone == "14000010001"


def test_nothing_sealed_is_ever_stored_as_it_was_typed(cast):
    stored = stored_rows().encode()
    number = Child.objects.get(pk=cast.siyuan.pk).citizen_number
    for value in (number, "14000010001", "春和社区三组12号", "腿脚不便"):
        assert not stands_in(value, stored)


def test_what_a_section_stands_on_is_written_with_the_correction(cast):
    child = Child.objects.get(pk=cast.siyuan.pk)
    facts = {"hamlet": "四组", "address": "四组1号"}
    actions.correct(by=cast.director, child=child, section="home", facts=facts, on=TODAY, source="document")
    standing = Standing.objects.get(subject_id=child.pk, covers="home")
    assert (standing.source, standing.confirmed_on, standing.recorded_by_id) == ("document", TODAY, cast.director.pk)
