"""A plan is brought, put right by a person, and holds until a newer one takes its place."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from tests import factories
from tests.plans import documents
from tests.plans.asking import item, page, sent, upload
from tongxing.base.records import SYSTEM, Event, Look, Stale
from tongxing.plans import actions
from tongxing.plans.models import Goal, Plan
from tongxing.staff import actions as staffing

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


# ── bring ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_read_waits_for_a_person_and_nothing_of_it_is_lost(cast):
    plan = factories.plan(cast.chunhe, by=cast.director, started=False)
    assert plan.state == "read"
    assert [(goal.number, goal.target) for goal in plan.goals.in_order()] == [("1", 100), ("2", 100), ("3", 95)]
    kept = [(one.number, one.rows, one.goal_id is not None) for one in plan.commitments.in_order()]
    assert kept == [
        ("1", [6], True), ("2", [7], True), ("3", [10], True), ("1", [20], False), ("2", [18], False), ("3", [], False),
    ]  # fmt: skip
    visits = item(plan)
    assert (visits.owner_written, visits.due_written, visits.due_on) == ("李春梅", "12月底前", date(2026, 12, 31))
    assert visits.evidence[0]["words"]


def test_the_file_comes_back_as_it_was_sent(cast, client_of, plan):
    answer = client_of(cast.director).get(reverse("plans:plan_file", args=[plan.pk]))
    assert answer.content == factories.PLAN.encode()
    assert Look.objects.filter(page="plans:plan_file", subject_id=plan.pk).count() == 1


def test_a_director_brings_a_word_document_and_is_led_to_what_was_read(cast, client_of):
    client = client_of(cast.director)
    answer = client.post(reverse("plans:bring"), upload(documents.school(), region=cast.chunhe.path))
    plan = Plan.objects.get()
    assert answer["Location"] == reverse("plans:match", args=[plan.pk])
    text = page(client, plan, "match")
    assert "读到 3 条目标、10 条措施" in text
    assert "没对上，请你看一看" in text
    assert "修理操场的篮球架" in text
    assert "凭 入学率" in text


def test_two_plans_of_one_file_both_wait(cast, client_of):
    client, content = (
        client_of(cast.director),
        (
            "春和社区关爱留守儿童工作计划\n一、走访到户。\n篇二\n岭下社区关爱留守儿童工作计划\n一、经常谈心，把听到的都记在本子上，然后还要"
        ).encode(),
    )
    answer = client.post(reverse("plans:bring"), upload(content, "两份.txt", region=cast.chunhe.path), follow=True)
    text = answer.content.decode()
    assert "文件里有 2 份计划" in text
    assert text.count("等你对一对") == 2
    assert text.count("最后一句断了") == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"), (b"%PDF-1.4", "这是 PDF"), (documents.docx(documents.PICTURE), "只有图片"), (documents.docx(), "文件里没有字"),
        ("消防工作计划\n一、检查灭火器。".encode(), "好像是别的计划"), (b"\xd0\xcf\x11\xe0" + bytes(99), "旧版 Word"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_plan_is_refused_at_the_file_and_nothing_is_kept(cast, client_of, content, said):
    answer = client_of(cast.director).post(reverse("plans:bring"), upload(content, region=cast.chunhe.path))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    assert f'value="{cast.chunhe.path}" selected' in text, "what was chosen is kept"
    assert not Plan.objects.exists()


def test_without_a_file_the_page_asks_for_one(cast, client_of):
    answer = client_of(cast.director).post(reverse("plans:bring"), {"region": cast.chunhe.path})
    assert answer.status_code == 422
    assert "请选择一个计划文件" in answer.content.decode()


def test_nobody_brings_a_plan_for_another_s_place(cast, client_of):
    answer = client_of(cast.director).post(reverse("plans:bring"), upload(documents.school(), region=cast.lingxia.path))
    assert answer.status_code == 422
    assert not Plan.objects.exists()


def test_a_double_tap_brings_one_plan(cast, client_of):
    client, key = client_of(cast.director), "0190b0a0-0000-7000-8000-000000000001"
    for _tap in range(2):
        client.post(reverse("plans:bring"), upload(documents.school(), region=cast.chunhe.path, once=key))
    assert Plan.objects.count() == 1


# ── put right, start ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_says_what_an_unmatched_line_is_about(cast, client_of):
    plan = factories.plan(cast.chunhe, by=cast.director, started=False)
    lamp = item(plan, "3")
    client = client_of(cast.director)
    answer = client.post(reverse("plans:commitment", args=[plan.pk, lamp.pk]), sent(rows=["15", "23"]))
    assert answer["Location"] == reverse("plans:match", args=[plan.pk])
    assert item(plan, "3").rows == [15, 23]
    assert "没对上" not in page(client, plan, "match")


def test_rows_are_taken_away_as_well_and_the_words_stay(cast):
    plan = factories.plan(cast.chunhe, by=cast.director)
    actions.set_commitment(by=cast.director, commitment=item(plan), rows=[])
    assert item(plan).rows == []
    assert item(plan).text.startswith("定期走访")


def test_a_plan_that_is_started_holds_and_the_one_before_is_history(cast, client_of):
    old = factories.plan(cast.chunhe, by=cast.director, on=date(2026, 1, 12))
    new = factories.plan(cast.chunhe, by=cast.director, started=False)
    client = client_of(cast.director)
    assert old.title in page(client, new, "match")
    client.post(
        reverse("plans:match", args=[new.pk]), {"title": "春和社区新计划", "year": "2026", "from_on": "2026-11-24"}
    )
    old, new = factories.fresh(old), factories.fresh(new)
    assert (old.state, old.replaced_on) == ("replaced", TODAY)
    assert (new.state, new.title, new.in_force_on) == ("in_force", "春和社区新计划", TODAY)
    text = page(client, old)
    assert "2026-11-24 起已换成新的" in text
    assert "定人定时" not in text
    assert client.get(reverse("plans:match", args=[old.pk])).status_code == 403


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"title": ""}, "请填写"), ({"title": "长" * 81}, "写得太长了"), ({"from_on": "2026-05-01", "to_on": "2026-04-01"}, "结束的日子要在开始以后"),
        ({"year": "26"}, "请写四位数的年份"), ({"from_on": "明天"}, "error-summary"),
    ],
)  # fmt: skip
def test_a_start_that_cannot_be_is_said_and_what_was_typed_stays(cast, client_of, facts, said):
    plan = factories.plan(cast.chunhe, by=cast.director, started=False)
    typed = {"title": "春和社区计划", "year": "2026", "from_on": "2026-01-01", "to_on": "2026-12-31"} | facts
    answer = client_of(cast.director).post(reverse("plans:match", args=[plan.pk]), typed)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    assert all(value in text for value in typed.values())
    assert factories.fresh(plan).state == "read"


def test_two_plans_never_hold_in_one_place(cast, plan):
    second = factories.plan(cast.chunhe, by=cast.director, started=False)
    second.state, second.in_force_on = "in_force", TODAY
    with pytest.raises(ValidationError, match="已经有一份"):
        second.full_clean()


def test_starting_twice_changes_nothing(cast, plan):
    with pytest.raises(Stale):
        actions.start(by=cast.director, plan=plan, on=TODAY, title="别的", year=None, from_on=None, to_on=None)
    assert (factories.fresh(plan).title, factories.fresh(plan).version) == (plan.title, plan.version)


def test_who_starts_it_second_is_told_and_keeps_what_was_typed(cast, client_of):
    plan = factories.plan(cast.chunhe, by=cast.director, started=False)
    address = reverse("plans:match", args=[plan.pk])
    first = {"title": "主任定的", "year": "2026", "once": "0190b0a0-0000-7000-8000-000000000001"}
    second = {"title": "督导定的", "year": "2025", "once": "0190b0a0-0000-7000-8000-000000000002"}
    client_of(cast.director).post(address, first)
    answer = client_of(cast.supervisor).post(address, second)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "刚由别人开始执行了" in text
    assert 'value="督导定的"' in text
    assert "对好了，开始执行" not in text
    assert "这份计划开始执行了" not in text
    assert factories.fresh(plan).title == "主任定的"
    again = client_of(cast.director).post(address, first)
    assert again["Location"] == reverse("plans:plan", args=[plan.pk]), "the same tap gets its answer again"


def test_a_plan_that_is_not_wanted_goes_with_its_reason(cast, client_of):
    plan = factories.plan(cast.chunhe, by=cast.director, started=False)
    client = client_of(cast.director)
    assert client.post(reverse("plans:drop", args=[plan.pk]), {"why": ""}).status_code == 422
    client.post(reverse("plans:drop", args=[plan.pk]), {"why": "拿错了文件"})
    plan = Plan._base_manager.get(pk=plan.pk)
    assert plan.withdrawn_why == "拿错了文件"
    assert client.get(reverse("plans:match", args=[plan.pk])).status_code == 404


def test_a_double_tap_drops_once_and_gets_its_answer_again(cast, client_of, plan):
    waits = factories.plan(cast.chunhe, by=cast.director, started=False)
    client = client_of(cast.director)
    for number, (name, args, onward) in enumerate((
        ("drop", [waits.pk], reverse("plans:plans")),
        ("drop_commitment", [plan.pk, item(plan).pk], reverse("plans:plan", args=[plan.pk])),
    )):  # fmt: skip
        tap = {"why": "拿错了", "once": f"0190b0a0-0000-7000-8000-00000000000{number}"}
        address = reverse(f"plans:{name}", args=args)
        assert [client.post(address, tap)["Location"] for _tap in range(2)] == [onward, onward]
        assert client_of(cast.supervisor).post(address, tap).status_code == 404, "another's key"
        assert Event.objects.filter(action=f"plans.{name}").count() == 1


def test_a_plan_that_holds_is_not_dropped(cast, client_of, plan):
    client_of(cast.director).post(reverse("plans:drop", args=[plan.pk]), {"why": "手滑"})
    assert factories.fresh(plan).withdrawn_at is None


def test_a_line_that_is_no_promise_is_taken_out_with_a_reason(cast, client_of, plan):
    client = client_of(cast.director)
    goal = item(plan, "2", goal=True)
    client.post(reverse("plans:drop_commitment", args=[plan.pk, goal.pk]), {"why": "学校的事"})
    assert not plan.commitments.standing().filter(pk=goal.pk).exists()
    assert Goal._base_manager.get(pk=goal.goal_id).withdrawn_why == "学校的事"
    assert "入学率" not in page(client, plan)


def test_a_promise_that_reading_missed_is_added_at_the_end(cast, client_of, plan):
    client = client_of(cast.director)
    answer = client.post(reverse("plans:add", args=[plan.pk]), sent(text="每月放一场露天电影。", rows=["21"]))
    assert answer["Location"] == reverse("plans:plan", args=[plan.pk])
    last = list(plan.commitments.in_order())[-1]
    assert (last.text, last.rows) == ("每月放一场露天电影。", [21])
    assert client.post(reverse("plans:add", args=[plan.pk]), sent(text="")).status_code == 422


# ── owners and days by hand ──────────────────────────────────────────────────────────────────────────────────────────


def test_owner_day_target_and_note_are_set_by_hand(cast, client_of, plan):
    visits = item(plan)
    facts = sent(owner=str(cast.cadre.pk), due_on="2026-12-20", target="90", note="岭背组路远")
    client = client_of(cast.director)
    client.post(reverse("plans:commitment", args=[plan.pk, visits.pk]), facts)
    visits = item(plan)
    assert (visits.owner, visits.due_on, visits.target, visits.note) == (
        cast.cadre,
        date(2026, 12, 20),
        Decimal(90),
        "岭背组路远",
    )
    text = page(client, plan)
    assert "陈国强" in text
    assert "12-20" in text
    assert "岭背组路远" in text


def test_a_note_leaves_the_owner_who_is_no_longer_at_work(cast, client_of, plan):
    staffing.suspend(by=SYSTEM, staff=cast.cadre, on=TODAY, why="调离")
    actions.set_commitment(by=cast.director, commitment=item(plan), owner=cast.suspended)
    visits, client = item(plan), client_of(cast.director)
    address = reverse("plans:commitment", args=[plan.pk, visits.pk])
    text = client.get(address).content.decode()
    assert f'<option value="{cast.suspended.pk}" selected>钱进</option>' in text
    assert "陈国强" not in text, "nobody else who left is offered"
    client.post(address, sent(owner=str(cast.suspended.pk), note="等新来的人接"))
    assert (item(plan).owner, item(plan).note) == (cast.suspended, "等新来的人接")


def test_in_place_the_answer_is_the_changed_part(cast, client_of, plan):
    visits, client = item(plan), client_of(cast.director)
    address = reverse("plans:commitment", args=[plan.pk, visits.pk])
    form = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert form.strip().startswith("<tbody")
    part = client.post(address, sent(owner=str(cast.director.pk)), headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith("<tbody")
    assert "李春梅" in part
    assert "<html" not in part


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"target": "120"}, "请写 1 到 100"), ({"target": "很多"}, "请写 1 到 100"), ({"rows": ["27"]}, "不在可选的几项里"),
        ({"owner": "0190b0a0-0000-7000-8000-000000000001"}, "不在可选的几项里"), ({"due_on": "改天"}, "error-summary"),
    ],
)  # fmt: skip
def test_bad_input_is_said_and_what_was_typed_stays(cast, client_of, plan, facts, said):
    visits = item(plan)
    answer = client_of(cast.director).post(
        reverse("plans:commitment", args=[plan.pk, visits.pk]), sent(note="写了一句") | facts
    )
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "写了一句" in answer.content.decode()
    assert item(plan).version == visits.version


def test_a_late_save_shows_both_and_the_choice_counts(cast, client_of, plan):
    visits, client = item(plan), client_of(cast.director)
    address = reverse("plans:commitment", args=[plan.pk, visits.pk])
    actions.set_commitment(by=cast.supervisor, commitment=visits, owner=cast.cadre, note="督导写的")
    mine = sent(owner=str(cast.director.pk), note="我写的", version=str(visits.version))
    answer = client.post(address, mine)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "督导写的" in text
    assert "我写的" in text
    assert "陈国强" in text
    newest = str(item(plan).version)
    client.post(address, mine | {"version": newest, "keep_owner": "theirs", "keep_note": "mine"})
    assert (item(plan).owner, item(plan).note) == (cast.cadre, "我写的")


def test_the_action_itself_refuses_an_older_version(cast, plan):
    visits = item(plan)
    actions.set_commitment(by=cast.director, commitment=visits, note="一")
    with pytest.raises(Stale):
        actions.set_commitment(by=cast.director, commitment=visits, version=visits.version, note="二")


def test_every_change_is_in_the_trace_with_its_name(cast, plan):
    actions.set_commitment(by=cast.director, commitment=item(plan), owner=cast.cadre)
    names = list(
        Event.objects.filter(subject="plans.plan", subject_id=plan.pk).order_by("id").values_list("action", flat=True)
    )
    assert names == ["plans.bring", "plans.start", "plans.set_commitment"]
