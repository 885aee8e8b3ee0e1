"""J3 on day twelve: they were two children. Both archives stand again, in plain cases and in harder ones."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from tests import factories
from tests.children.conftest import BORN, GRANDMOTHER
from tests.children.filled import fill
from tests.children.test_merging import TODAY, merged, stored
from tongxing.base import clock, numbers
from tongxing.base.records import SYSTEM
from tongxing.care.models import LastAct, Visit
from tongxing.children import actions, queries
from tongxing.children.models import Lookup
from tongxing.commands import check

pytestmark = pytest.mark.django_db


# ── two after all ────────────────────────────────────────────────────────────────────────────────────────────────────


def snapshot(child) -> dict:
    """All that stands with an archive, as it is read."""
    child = factories.fresh(child)
    side = queries.merging.side_of(child, TODAY)
    roles = [(role.part, role.relation, role.kin.name, role.to_on) for role in side.archive.roles]
    return {
        "facts": side.facts, "roles": sorted(roles), "withdrawn": child.withdrawn_at,
        "visits": sorted(stored(Visit, child=child).values_list("pk", flat=True)),
        "level": side.archive.level, "helper": side.archive.pairing and side.archive.pairing.helper.name,
        "care": [(one.from_on, one.to_on) for one in child.episodes.standing()],
        "keys": sorted(Lookup.objects.filter(child=child).values_list("kind", "key")),
        "last": list(LastAct.objects.filter(child=child).values_list("on", flat=True)),
    }  # fmt: skip


def test_taken_apart_both_stand_as_they_did(cast, two):
    before = [snapshot(one) for one in two]
    merge = merged(cast, two, from_gone={"name", "mother_name", "mother_phone", "school", "class_name", "boarding"})
    assert snapshot(two[0])["facts"]["name"] == "陈思宇"
    actions.unmerge(by=cast.supervisor, merge=merge, why="双胞胎", on=TODAY)
    assert [snapshot(one) for one in two] == before
    assert factories.fresh(merge).withdrawn_why == "双胞胎"


def test_later_records_are_asked_about_one_by_one(cast, two, client_of):
    a, b = two
    merge = merged(cast, two)
    with clock.fixed(datetime(2026, 12, 6, 9, tzinfo=clock.SHANGHAI)):
        mine = factories.visit(factories.fresh(a), by=cast.director)[0]
        theirs = factories.visit(factories.fresh(a), by=cast.director)[0]
        client = client_of(cast.supervisor)
        address = reverse("children:unmerge", args=[merge.pk])
        text = client.get(address).content.decode()
        assert text.count("走访 2026-12-06 李春梅") == 2
        form = fill(client, address, why="双胞胎", **{f"act_{mine.pk}": "stays", f"act_{theirs.pk}": "goes"})
        unanswered = {name: value for name, value in form.items() if name != f"act_{mine.pk}"}
        assert client.post(address, unanswered).status_code == 422
        assert client.post(address, form).status_code == 302
    assert (factories.fresh(mine).child_id, factories.fresh(theirs).child_id) == (a.pk, b.pk)
    assert LastAct.objects.get(child=b).on == date(2026, 12, 6)
    assert stored(Visit, child=a).count() == 4


def test_what_was_changed_since_stays_with_the_one_that_remained(cast, two):
    a, b = two
    merge = merged(cast, two, from_gone={"name", "mother_name", "mother_phone", "school", "class_name", "boarding"})
    a = factories.fresh(a)
    facts = queries.merging.side_of(a, TODAY).facts | {"name": "陈思瑜"}
    actions.correct(by=cast.director, child=a, section="basic", facts=facts, on=TODAY)
    actions.unmerge(by=cast.supervisor, merge=merge, why="双胞胎", on=TODAY)
    assert (factories.fresh(a).name, factories.fresh(b).name) == ("陈思瑜", "陈思宇")


def test_after_thirty_days_it_stays_one(cast, two, client_of):
    merge = merged(cast, two)
    with pytest.raises(ValidationError, match="30 天"):
        actions.unmerge(by=SYSTEM, merge=merge, why="晚了", on=merge.undo_until + timedelta(days=1))
    with clock.fixed(datetime(2026, 12, 28, 9, tzinfo=clock.SHANGHAI)):
        text = client_of(cast.supervisor).get(reverse("children:unmerge", args=[merge.pk])).content.decode()
    assert "过了 30 天" in text
    assert '<form method="post" class="mt3"' not in text


def test_taken_back_at_once_from_the_message(cast, two, client_of):
    merge = merged(cast, two)
    client = client_of(cast.supervisor)
    assert client.post(reverse("children:unmerge", args=[merge.pk])).status_code == 302
    assert factories.fresh(merge).withdrawn_at
    assert client.post(reverse("children:unmerge", args=[merge.pk])).status_code == 302


# ── two after all, in harder cases ───────────────────────────────────────────────────────────────────────────────────


def facts_of(child) -> dict:
    return queries.merging.side_of(factories.fresh(child), TODAY).facts


def ways(cast, one: dict, other: dict, *, from_gone=()):
    """Two archives of one 何小满 with these facts beside the name, merged; (a, b, merge)."""
    a, b = (
        factories.child("何小满", cast.chunhe, **({"citizen_number": None, "birth_on": BORN} | facts))
        for facts in (one, other)
    )
    return a, b, actions.merge(by=cast.supervisor, child=a, gone=b, from_gone=set(from_gone), on=TODAY)


def test_one_phone_of_a_family_does_not_make_father_and_mother_one(cast):
    shared = "14000000077"
    father, mother = {"father_name": "何大山", "father_phone": shared}, {"mother_name": "林秀", "mother_phone": shared}
    a, _b, _merge = ways(cast, father, mother, from_gone={"mother_name", "mother_phone"})
    facts = facts_of(a)
    assert (facts["father_name"], facts["mother_name"]) == ("何大山", "林秀")
    assert factories.fresh(a).kin_roles.standing().count() == 2


def test_a_mother_who_only_cared_stays_the_mother_when_another_cares(cast):
    grandmother = {"carer_name": "何奶奶", "carer_relation": "62", "carer_phone": "14000000078"}
    mother = {"carer_name": "林秀", "carer_relation": "52", "carer_phone": "14000000079"}
    a, b, merge = ways(cast, grandmother, mother, from_gone={"mother_name", "mother_phone"})
    assert (facts_of(a)["carer_name"], facts_of(a)["mother_name"]) == ("何奶奶", "林秀")
    actions.unmerge(by=cast.supervisor, merge=merge, why="两个人", on=TODAY)
    assert facts_of(a)["mother_name"] == ""
    assert (facts_of(b)["carer_name"], facts_of(b)["mother_name"]) == ("林秀", "林秀")


def test_a_father_who_is_the_brothers_as_well_keeps_his_name(cast):
    father = {"father_name": "何大山", "father_phone": "14000000080"}
    brother = factories.child("何小弟", cast.chunhe, **father)
    other = {"carer_name": "何铁柱", "carer_relation": "51", "carer_phone": "14000000081"}
    a, _b, _merge = ways(cast, father | GRANDMOTHER, other, from_gone={"father_name", "father_phone"})
    assert (facts_of(a)["father_name"], facts_of(a)["carer_name"]) == ("何铁柱", "罗秀兰")
    assert facts_of(brother)["father_name"] == "何大山"


def test_what_one_did_not_know_it_does_not_know_afterwards(cast):
    nothing = {"birth_on": None, "number_missing": "temporary", "hamlet": "二组"}
    a, b, merge = ways(cast, nothing, {"sex": "1"}, from_gone={"sex", "birth_on"})
    assert (facts_of(a)["sex"], facts_of(a)["birth_on"]) == ("1", BORN)
    actions.unmerge(by=cast.supervisor, merge=merge, why="两个人", on=TODAY)
    assert (facts_of(a)["sex"], facts_of(a)["birth_on"]) == ("", None)
    assert facts_of(b)["birth_on"] == BORN


def test_where_the_number_is_taken_meanwhile_it_says_so_and_nothing_moves(cast):
    number = numbers.make("990101", BORN, 52)
    a, b, merge = ways(cast, {}, {"citizen_number": number}, from_gone={"citizen_number"})
    child = factories.fresh(a)
    actions.correct(by=SYSTEM, child=child, section="basic", facts=facts_of(a) | {"citizen_number": ""}, on=TODAY)
    third = factories.child("何小满", cast.chunhe, citizen_number=number)
    with pytest.raises(ValidationError, match="别的档案在用"):
        actions.unmerge(by=cast.supervisor, merge=merge, why="两个人", on=TODAY)
    assert factories.fresh(merge).withdrawn_at is None
    actions.withdraw_archive(by=SYSTEM, child=third, why="录重")
    actions.unmerge(by=cast.supervisor, merge=factories.fresh(merge), why="两个人", on=TODAY)
    assert factories.fresh(b).citizen_number == number


def test_only_the_last_merge_can_be_taken_apart(cast, two, client_of):
    a, b = two
    first = merged(cast, two)
    third = factories.child("陈思予", cast.chunhe, citizen_number=None, birth_on=BORN)
    second = actions.merge(by=SYSTEM, child=factories.fresh(a), gone=third, from_gone={"name"}, on=TODAY)
    with pytest.raises(ValidationError, match="先撤销那一次"):
        actions.unmerge(by=SYSTEM, merge=first, why="错了", on=TODAY)
    text = client_of(cast.supervisor).get(reverse("children:archive", args=[a.pk])).content.decode()
    assert text.count("撤销合并") == 1
    for merge in (second, first):
        actions.unmerge(by=SYSTEM, merge=merge, why="错了", on=TODAY)
    assert facts_of(a)["name"] == "陈思雨"
    assert factories.fresh(b).withdrawn_at is None


def test_a_corrected_phone_goes_where_the_grown_up_goes(cast):
    one, other = (
        {"father_name": name, "father_phone": phone} for name, phone in (("甲", "14000000061"), ("乙", "14000000062"))
    )
    a, b, merge = ways(cast, one, other, from_gone={"father_name", "father_phone"})
    facts = facts_of(a) | {"father_phone": "14000000063"}
    actions.correct(by=SYSTEM, child=factories.fresh(a), section="parents", facts=facts, on=TODAY)
    actions.unmerge(by=cast.supervisor, merge=merge, why="两个人", on=TODAY)
    told = [(facts_of(child)["father_name"], facts_of(child)["father_phone"]) for child in (a, b)]
    assert told == [("甲", "14000000061"), ("乙", "14000000063")]


def test_what_holds_one_at_a_time_is_set_back_and_the_page_says_so(cast, two, client_of):
    """Class, level, helper and who cares were changed since the merge: whose that is nobody can know."""
    a, _b = two
    before = [snapshot(one) for one in two]
    merge = merged(cast, two)
    school = {"school": cast.school, "class_name": cast.class_6_1}
    actions.correct(by=SYSTEM, child=factories.fresh(a), section="school", facts=school, on=TODAY)
    carer = {"carer_name": "丙姨", "carer_relation": "88", "carer_phone": "14000000090"}
    actions.correct(by=SYSTEM, child=factories.fresh(a), section="carer", facts=carer, on=TODAY)
    actions.change_attention(by=SYSTEM, child=factories.fresh(a), level="middle", on=TODAY, reason="复评")
    actions.pair(by=SYSTEM, child=factories.fresh(a), helper=cast.director, on=TODAY, end_why="搬走了")
    client = client_of(cast.supervisor)
    address = reverse("children:unmerge", args=[merge.pk])
    text = client.get(address).content.decode()
    for kind in ("学校和班级", "家里人", "关注等级", "结对"):
        assert kind in text
    assert client.post(address, fill(client, address, why="双胞胎")).status_code == 302
    assert [snapshot(one) for one in two] == before
    assert not check.check()["problems"]


def test_after_another_community_took_over_there_is_no_undo(cast, two):
    a, _b = two
    merge = merged(cast, two)
    actions.move_care(by=SYSTEM, child=factories.fresh(a), community=cast.lingxia, on=TODAY, why="搬家")
    with pytest.raises(ValidationError, match="重新建档"):
        actions.unmerge(by=SYSTEM, merge=merge, why="双胞胎", on=TODAY)


def test_care_elsewhere_before_stays_in_the_history(cast):
    a = factories.child("何小满", cast.lingxia, citizen_number=None, birth_on=BORN, on=date(2024, 3, 1), level="low")
    b = factories.child("何小满", cast.chunhe, citizen_number=None, birth_on=BORN, on=date(2026, 9, 1))
    merge = actions.merge(by=cast.supervisor, child=b, gone=a, from_gone=set(), on=TODAY)
    episodes = [(one.community_id, one.from_on, one.to_on) for one in b.episodes.standing().order_by("from_on")]
    assert episodes == [
        (cast.lingxia.path, date(2024, 3, 1), date(2026, 9, 1)),
        (cast.chunhe.path, date(2026, 9, 1), None),
    ]
    assert b.attentions.standing().get().level == "low"
    assert not check.check()["problems"]
    actions.unmerge(by=cast.supervisor, merge=merge, why="两个人", on=TODAY)
    assert a.episodes.standing().get().to_on is None


def test_the_helper_of_before_is_told_until_the_present_one_came(cast, two):
    a, b = two
    actions.pair(by=SYSTEM, child=a, helper=cast.director, on=date(2026, 11, 1))
    merge = merged(cast, two)
    held = [(one.helper.name, one.from_on, one.to_on) for one in a.pairings.standing().order_by("from_on")]
    assert held == [("陈国强", date(2026, 8, 31), date(2026, 11, 1)), ("李春梅", date(2026, 11, 1), None)]
    actions.unmerge(by=cast.supervisor, merge=merge, why="双胞胎", on=TODAY)
    assert b.pairings.standing().get().to_on is None


def test_a_brother_is_found_by_his_own_phones_again(cast, two):
    _a, _b = two
    brother = factories.child("陈思远二", cast.chunhe, **GRANDMOTHER)
    before = sorted(Lookup.objects.filter(child=brother).values_list("kind", "key"))
    merge = merged(cast, two)
    actions.unmerge(by=cast.supervisor, merge=merge, why="双胞胎", on=TODAY)
    assert sorted(Lookup.objects.filter(child=brother).values_list("kind", "key")) == before


def test_who_sees_only_one_of_them_does_not_part_them(cast, two, client_of):
    merge = merged(cast, two)
    address = reverse("children:unmerge", args=[merge.pk])
    assert client_of(cast.archivist).get(address).status_code == 404
    assert client_of(cast.supervisor).get(address).status_code == 200


def test_a_change_sent_from_an_old_page_is_looked_at_first(cast, two, client_of):
    a, b = two
    client = client_of(cast.director)
    address = reverse("children:withdraw", args=[b.pk])
    form = fill(client, address, why="录重")
    merged(cast, two)
    answer = client.post(address, form, follow=True)
    assert answer.redirect_chain == [(reverse("children:withdraw", args=[a.pk]), 302)]
    assert factories.fresh(a).withdrawn_at is None
