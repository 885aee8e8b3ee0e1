"""The contact card: what it needs, what it lacks as of a day, confirming it, and its two measures."""

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse

from tests import factories
from tests.children.filled import CARD, fill_card
from tongxing.base.facts import Standing
from tongxing.base.measures import Scope
from tongxing.base.records import SYSTEM, Look, action
from tongxing.children import actions
from tongxing.children.choices import CardField
from tongxing.children.measures import CARD_COMPLETE, CARD_CONFIRMED
from tongxing.children.models import Child, ContactCard, Kin
from tongxing.children.queries import lacks_in_words, wrongly_kept
from tongxing.children.rules import card_lacks, not_asked, read_born_year

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
FULL = {name: value for facts in CARD.values() for name, value in facts.items()} | {
    "mother_employer": "", "mother_employer_phone": ""
}  # fmt: skip


def lacks(child, on=TODAY) -> list[str]:
    row = ContactCard.objects.filter(child=child, from_on__lte=on).order_by("-from_on").first()
    return row.lacks.split()


def read(client, page, *args):
    answer = client.get(reverse(page, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


# ── the rule ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_full_card_lacks_nothing_and_an_empty_one_everything():
    assert card_lacks(FULL) == ()
    assert list(card_lacks({})) == CardField.values


@pytest.mark.parametrize("name", [name for name in CardField.values if not name.startswith("mother_employer")])
def test_each_field_of_the_plan_is_needed(name):
    assert card_lacks(FULL | {name: ""}) == (name,)


@pytest.mark.parametrize("situation", ["deceased", "missing", "no_contact", "custody"])
def test_of_a_parent_who_is_dead_or_out_of_reach_nothing_is_missing_and_the_card_says_why(situation):
    facts = FULL | {name: "" for name in FULL if name.startswith("father_")} | {"father_situation": situation}
    assert card_lacks(facts) == ()
    for name in ("father_name", "father_phone", "father_employer", "father_employer_phone"):
        assert not_asked(name, facts)


def test_a_parent_whose_situation_nobody_knows_is_asked_for():
    facts = FULL | {"father_phone": "", "father_situation": "unknown"}
    assert card_lacks(facts) == ("father_phone",)


@pytest.mark.parametrize("work", ["odd_jobs", "at_home"])
def test_who_has_no_fixed_employer_has_no_employers_address(work):
    nowhere = {"father_employer": "", "father_employer_phone": ""}
    assert card_lacks(FULL | nowhere | {"father_work": work}) == ()
    assert card_lacks(FULL | nowhere) == ("father_employer", "father_employer_phone")


@pytest.mark.parametrize(
    ("typed", "year"),
    [("1958", 1958), ("1958-04-12", 1958), ("1958年", 1958), ("68", 1958), ("68岁", 1958), ("约68岁", 1958),
     ("奶奶", None), ("3", None), ("1700", None), ("2025", None)],
)  # fmt: skip
def test_an_age_is_read_however_it_is_told(typed, year):
    assert read_born_year(typed, TODAY) == year


def test_what_is_lacking_is_said_in_words():
    assert lacks_in_words("father_phone") == "缺 爸爸电话"
    assert lacks_in_words(" ".join(CardField.values)) == "缺 爸爸姓名、妈妈姓名、家庭住址，还有 11 项"


# ── kept beside the archive ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_archive_has_a_card_of_its_first_day(cast):
    row = ContactCard.objects.get(child=cast.siyuan)
    assert row.from_on == factories.OPENED
    assert row.lacks.split() == [
        "mother_name", "mother_phone", "father_employer", "father_employer_phone", "mother_employer",
        "mother_employer_phone", "carer_occupation", "carer_born",
    ]  # fmt: skip
    assert not wrongly_kept([child.pk for child in cast.children])


def test_a_sister_opened_behind_the_same_door_shares_the_carers_facts(cast):
    fill_card(cast.siyuan, by=cast.director)
    third = factories.child("陈思齐", cast.chunhe, carer_phone="14000010001", carer_relation="62")
    assert "carer_health" not in lacks(third)
    assert "carer_occupation" not in lacks(third)
    assert "address" not in lacks(third)
    assert not wrongly_kept([third.pk])


def test_a_carer_changed_for_one_changes_the_cards_of_all_beside_whom_she_stands(cast):
    fill_card(cast.siyuan, by=cast.director)
    assert lacks(cast.siyuan) == []
    assert "carer_occupation" not in lacks(cast.siyu), "the same grandmother"
    assert "mother_name" in lacks(cast.siyu)
    actions.correct(
        by=cast.director, child=factories.fresh(cast.siyu), section="carer", on=TODAY,
        facts=CARD["carer"] | {"carer_health": ""},
    )  # fmt: skip
    assert lacks(cast.siyuan) == ["carer_health"]
    assert not wrongly_kept([child.pk for child in cast.children])


def test_the_card_of_a_past_day_is_the_one_of_that_day(cast):
    fill_card(cast.siyuan, by=cast.director, on=date(2026, 11, 10))
    fill_card(cast.siyuan, by=cast.director, on=date(2026, 11, 20), but=("carer_health",))
    scope = Scope(cast.chunhe.path)

    def state(on):
        return next(
            d for d in CARD_COMPLETE.rows(scope, on, states=("met", "gap", "unknown"), subjects=[cast.siyuan.pk])
        )

    assert state(date(2026, 11, 9)).state == "gap"
    assert state(date(2026, 11, 10)).state == "met"
    assert state(date(2026, 11, 19)).state == "met"
    assert (state(TODAY).state, state(TODAY).why) == ("gap", "carer_health")
    assert state(TODAY).because == "缺 照护人身体状况"


def test_of_a_day_before_any_card_nobody_knows(cast):
    ContactCard.objects.filter(child=cast.siyuan).update(from_on=date(2026, 11, 1))
    (duty,) = CARD_COMPLETE.rows(Scope(cast.chunhe.path), date(2026, 10, 1), subjects=[cast.siyuan.pk])
    assert (duty.state, duty.because) == ("unknown", "那天还没有联系卡")


def test_values_that_are_destroyed_are_lacking_again(cast):
    fill_card(cast.siyuan, by=cast.director)
    fill_card(cast.siyu, by=cast.director)
    actions.erase_sealed(by=cast.director, child=factories.fresh(cast.zixuan), why="家长要求")
    assert not wrongly_kept([child.pk for child in cast.children])
    assert "carer_phone" in lacks(cast.zixuan)


def test_a_page_that_does_not_ask_for_a_field_leaves_it(cast):
    fill_card(cast.siyuan, by=cast.director)
    father = {
        "father_name": "陈志明",
        "father_phone": "14000010099",
        "mother_name": "王小燕",
        "mother_phone": "14000010012",
    }
    actions.correct(by=cast.director, child=factories.fresh(cast.siyuan), section="parents", facts=father, on=TODAY)
    assert lacks(cast.siyuan) == []
    assert Kin.objects.get(name="陈志明", roles__child=cast.siyuan).employer == "东莞厚街鞋厂"


# ── confirming ───────────────────────────────────────────────────────────────────────────────────────────────────────


def confirm(client, child, **sent):
    address = reverse("children:confirm_card", args=[child.pk])
    return client.post(address, {"once": str(uuid.uuid4()), **sent}, follow=True)


def test_a_card_is_confirmed_by_whom_when_and_how(cast, client_of):
    text = confirm(client_of(cast.teacher), cast.siyuan, how="visit").content.decode()
    assert "核对过了：陈思远 的联系卡" in text
    assert "赵晓琳 2026-11-24 核对过（上门）" in text
    standing = Standing.objects.get(subject_id=cast.siyuan.pk, covers="card")
    assert (standing.source, standing.confirmed_on, standing.recorded_by_id) == ("visit", TODAY, cast.teacher.pk)


def test_confirmed_holds_for_180_days_and_not_for_181(cast):
    actions.confirm_card(by=cast.director, child=cast.siyuan, on=TODAY - timedelta(days=180))
    actions.confirm_card(by=cast.director, child=cast.zixuan, on=TODAY - timedelta(days=181))
    rows = {duty.subject_name: duty for duty in CARD_CONFIRMED.rows(Scope(cast.chunhe.path), TODAY)}
    assert "陈思远" not in rows
    assert rows["黄子轩"].because == "联系卡 181 天没核对了"
    assert rows["刘雨桐"].because == "联系卡还没有核对过"
    figure = CARD_CONFIRMED.figure(Scope(cast.chunhe.path), TODAY)
    assert (figure.n, figure.N) == (1, 5)


def test_who_confirms_a_card_has_asked_of_its_sections_too(cast, client_of):
    child = factories.child("韩小雪", cast.chunhe, on=date(2026, 2, 2), carer_name="韩奶奶", carer_phone="14000010099")
    client = client_of(cast.director)
    assert read(client, "children:archive", child.pk).count("没核实") == 5
    confirm(client, child, how="family")
    assert read(client, "children:archive", child.pk).count("没核实") == 1, "the number is not on the card"


def test_somebody_elses_card_is_confirmed_by_nobody(cast, client_of):
    assert confirm(client_of(cast.director2), cast.siyuan).status_code == 404
    assert confirm(client_of(cast.cadre), cast.zixuan).status_code == 403
    assert not Standing.objects.filter(covers="card").exists()


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_shows_every_field_its_source_and_day_and_leads_to_each_gap(cast, client_of):
    text = read(client_of(cast.director), "children:card", cast.siyuan.pk)
    section = reverse("children:section", args=[cast.siyuan.pk, "carer"])
    for said in ("罗秀兰", "春和社区三组12号", "140 0001 0002", "腿脚不便", "工作人员填写", "缺 8 项"):
        assert said in text, said
    assert f'href="{section}#id_carer_occupation"' in text
    assert "09-07 核实" in text
    look = Look.objects.get(page="children:card")
    assert (look.by_id, look.subject_id) == (cast.director.pk, cast.siyuan.pk)


def test_the_page_says_why_a_field_is_not_asked_for(cast, client_of):
    fill_card(cast.siyuan, by=cast.director, father_situation="deceased", but=("father_phone",))
    text = read(client_of(cast.director), "children:card", cast.siyuan.pk)
    assert "陈志明（去世）" in text
    assert "联系卡齐了" in text
    assert "不适用：没有固定单位" in text


def test_a_parent_who_must_not_be_contacted_has_no_number_on_the_card(cast, client_of):
    @action("test.forbid")
    def forbid(*, by):
        kin = cast.siyuan.kin_roles.get(relation="51").kin
        kin.situation = "no_contact"
        kin.save()

    forbid(by=SYSTEM)
    text = read(client_of(cast.director), "children:card", cast.siyuan.pk)
    assert "14000010002" not in text
    assert "140 0001 0002" not in text
    assert "不适用：不得联系" in text


# ── coming back ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_child_who_left_comes_back_into_care(cast, client_of):
    actions.leave_care(by=cast.director, child=factories.fresh(cast.yutong), on=date(2026, 11, 1), why="父母返乡")
    client, address = client_of(cast.director), reverse("children:come_back", args=[cast.yutong.pk])
    form = client.get(address).content.decode()
    assert "又回来了" in form
    was = factories.fresh(cast.yutong).version
    sent = {"community": cast.chunhe.path, "on": "2026-10-30", "why": "父母又外出了", "was": was}
    early = client.post(address, sent | {"once": str(uuid.uuid4())})
    assert early.status_code == 422
    assert "不能早于上次离开的日子" in early.content.decode()
    assert client.post(address, sent | {"on": "2026-11-20", "once": str(uuid.uuid4())}).status_code == 302
    child = Child.objects.get(pk=cast.yutong.pk)
    assert child.in_care
    assert [(one.from_on, one.why_in) for one in child.episodes.order_by("from_on")][-1] == (
        date(2026, 11, 20), "父母又外出了",
    )  # fmt: skip
    assert child.episodes.filter(to_on=None).count() == 1


# ── who walks with whom ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_board_shows_the_unpaired_first_then_helpers_with_their_load(cast, client_of):
    text = read(client_of(cast.director), "children:board")
    assert text.index("陈思远") < text.index("陈国强")
    assert "3 人" in text
    assert "1 个孩子" in text
    assert reverse("children:pair", args=[cast.siyuan.pk]) in text
    assert "蒋可欣" not in text
    assert client_of(cast.teacher).get(reverse("children:board")).status_code == 403


def test_a_helper_who_left_leaves_the_child_on_top(cast, client_of):
    from tongxing.staff import actions as staffing

    staffing.suspend(by=SYSTEM, staff=cast.cadre, on=TODAY, why="离岗")
    text = read(client_of(cast.director), "children:board")
    assert "4 人" in text


@pytest.mark.parametrize("region", ["990101100001x", "990101100001999", "990102100001", "\x00"])
def test_a_board_of_a_place_that_there_is_not_or_that_is_not_ones_own_is_not_there(cast, client_of, region):
    assert client_of(cast.director).get(reverse("children:board"), {"region": region}).status_code == 404
