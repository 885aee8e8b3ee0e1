"""J3: two archives of one child become one; nothing is lost; wrong after all, both stand again."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from tests import factories
from tests.children.filled import fill
from tongxing.base import clock, numbers
from tongxing.base.records import SYSTEM, Event, Look, Stale
from tongxing.care.models import LastAct, Visit
from tongxing.children import actions, queries
from tongxing.children.merges import Merge
from tongxing.children.models import Child, Lookup
from tongxing.commands import check

pytestmark = pytest.mark.django_db
BORN = date(2018, 2, 10)
TODAY = date(2026, 11, 24)
GRANDMOTHER = {"carer_name": "罗秀兰", "carer_relation": "62", "carer_phone": "14000000011"}


@pytest.fixture
def two(cast):
    """A: the community's 陈思雨 with three visits; B: the school's 陈思宇 with a class, a helper and two visits."""
    a = factories.child(
        "陈思雨", cast.chunhe, citizen_number=numbers.make("990101", BORN, 14), hamlet="塘下组",
        address="塘下组3号", level="low", on=date(2026, 9, 7), **GRANDMOTHER,
    )  # fmt: skip
    b = factories.child(
        "陈思宇", cast.chunhe, citizen_number=None, birth_on=BORN, classroom=cast.class_3_2, helper=cast.cadre,
        mother_name="李桂花", mother_phone="14000000022", level="high", on=date(2026, 8, 31), **GRANDMOTHER,
    )  # fmt: skip
    for day in (3, 10, 17):
        factories.visit(a, by=cast.director, on=date(2026, 11, day))
    for day in (4, 19):
        factories.visit(b, by=cast.cadre, on=date(2026, 11, day))
    return a, b


CHOSEN = re.compile(r'<input type="radio" name="(\w+)" id="\w+" value="(\w+)" checked>')


def at(one, other):
    return reverse("children:merge", args=[one.pk, other.pk])


def filled(client, address, **picks):
    """The form as a browser sends it: with what was chosen already."""
    return fill(client, address) | dict(CHOSEN.findall(client.get(address).content.decode())) | picks


def merge_pages(client, one, other, **picks):
    return client.post(at(one, other), filled(client, at(one, other), **picks))


def merged(cast, two, **more):
    a, b = two
    given = {"from_gone": {"mother_name", "mother_phone", "school", "class_name", "boarding"}, "on": TODAY} | more
    return actions.merge(by=cast.supervisor, child=a, gone=b, **given)


def stored(model, **wanted):
    return model._base_manager.filter(**wanted)


# ── one remains ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_side_by_side_then_one_archive_with_everything(cast, two, client_of):
    a, b = two
    client = client_of(cast.supervisor)
    text = client.get(at(a, b)).content.decode()
    for words in (
        "陈思<u>雨</u>",
        "陈思<u>宇</u>",
        "三(2)班",
        "990101********",
        "罗秀兰",
        "合并后共 6 条",
        "走访 5",
        "结对 1",
    ):
        assert words in text, words
    answer = merge_pages(client, a, b, name="0")
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == reverse("children:archive", args=[a.pk])
    a, b = factories.fresh(a), factories.fresh(b)
    assert (a.name, a.withdrawn_at, b.withdrawn_at is not None) == ("陈思雨", None, True)
    facts = queries.merging.side_of(a, TODAY).facts
    assert (facts["class_name"], facts["mother_name"], facts["mother_phone"]) == ("三(2)班", "李桂花", "14000000022")
    assert facts["address"] == "塘下组3号"
    assert stored(Visit, child=a).count() == 5
    assert a.pairings.get(to_on=None).helper == cast.cadre
    assert a.kin_roles.standing().filter(part="carer", to_on=None).count() == 1
    assert LastAct.objects.get(child=a).on == date(2026, 11, 19)
    assert not LastAct.objects.filter(child=b).exists()
    assert not Lookup.objects.filter(child=b).exists()
    found = [one.pk for one in queries.search(cast.director, "chensiyu", limit=9)]
    assert a.pk in found
    assert b.pk not in found


def test_the_level_is_never_loosened_and_care_began_with_the_earlier(cast, two):
    a, _b = two
    merged(cast, two)
    a = factories.fresh(a)
    assert a.attentions.standing().get(to_on=None).level == "high"
    assert a.episodes.standing().get().from_on == date(2026, 8, 31)


def test_known_children_fall_by_one(cast, two):
    scope = queries.scope_of(cast.director, cast.chunhe.path)
    before = queries.in_care(scope, TODAY).count()
    merged(cast, two)
    assert queries.in_care(scope, TODAY).count() == before - 1
    assert not check.check()["problems"]


def test_the_answers_decide_name_and_the_rest_is_filled(cast, two, client_of):
    a, b = two
    merge_pages(client_of(cast.supervisor), a, b, name="1")
    a = factories.fresh(a)
    assert a.name == "陈思宇"
    assert a.citizen_number == numbers.make("990101", BORN, 14)
    assert [one.pk for one in queries.search(cast.director, "陈思宇", limit=9)] == [a.pk]


def test_the_number_of_the_one_that_goes_can_be_kept(cast):
    number = numbers.make("990101", BORN, 30)
    a = factories.child("周小燕", cast.chunhe, citizen_number=None, birth_on=BORN)
    b = factories.child("周小雁", cast.chunhe, citizen_number=number)
    actions.merge(by=SYSTEM, child=a, gone=b, from_gone={"citizen_number", "name"}, on=TODAY)
    a = factories.fresh(a)
    assert (a.name, a.citizen_number, a.number_missing) == ("周小雁", number, "")
    merge = Merge.objects.get()
    actions.unmerge(by=SYSTEM, merge=merge, why="是两个人", on=TODAY)
    a, b = factories.fresh(a), factories.fresh(b)
    assert (a.name, a.citizen_number, a.number_missing) == ("周小燕", None, "not_registered")
    assert (b.name, b.citizen_number, b.withdrawn_at) == ("周小雁", number, None)


def test_where_two_communities_look_after_one_child_it_is_chosen_who_goes_on(cast, client_of):
    a = factories.child("高远", cast.chunhe, citizen_number=None, birth_on=BORN)
    b = factories.child("高远", cast.lingxia, citizen_number=None, birth_on=BORN, hamlet="四组")
    client = client_of(cast.supervisor)
    address = at(a, b)
    assert "由谁照看" in client.get(address).content.decode()
    assert merge_pages(client, a, b, community="1").status_code == 302
    assert factories.fresh(a).withdrawn_at
    assert factories.fresh(b).episodes.standing().get(to_on=None).community_id == cast.lingxia.path


def test_two_fathers_are_chosen_between_as_a_whole(cast, client_of):
    one = {"father_name": "陈志明", "father_phone": "14000000031"}
    a = factories.child("杨帆", cast.chunhe, citizen_number=None, birth_on=BORN, **one)
    b = factories.child(
        "杨帆", cast.chunhe, citizen_number=None, birth_on=BORN, father_name="杨大海", father_place="温州"
    )
    assert merge_pages(client_of(cast.supervisor), a, b, father_name="1").status_code == 302
    remains = Child.objects.standing().get(pk__in=(a.pk, b.pk))
    facts = queries.merging.side_of(remains, TODAY).facts
    assert (facts["father_name"], facts["father_phone"], facts["father_place"]) == ("杨大海", "", "温州")
    assert remains.kin_roles.standing().filter(relation="51", to_on=None).count() == 1


# ── what may not be ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_sound_numbers_are_two_children(cast, client_of):
    a, b = factories.child("双一", cast.chunhe), factories.child("双一", cast.chunhe)
    text = client_of(cast.supervisor).get(at(a, b)).content.decode()
    assert "是两个孩子" in text
    assert "合并成一份</button>" not in text
    with pytest.raises(ValidationError, match="两个孩子"):
        actions.merge(by=SYSTEM, child=a, gone=b, from_gone=set(), on=TODAY)


def test_an_archive_is_not_merged_with_itself(cast, client_of):
    address = reverse("children:merge", args=[cast.yutong.pk, cast.yutong.pk])
    client = client_of(cast.supervisor)
    client.post(address, fill(client, address))
    assert not Merge.objects.exists()


def test_who_changed_it_meanwhile_is_not_run_over(cast, two):
    a, b = two
    actions.correct(by=cast.director, child=factories.fresh(a), section="home", facts={"hamlet": "新组"}, on=TODAY)
    with pytest.raises(Stale):
        merged(cast, (a, b))


def test_a_page_of_yesterday_is_shown_again(cast, two, client_of):
    a, b = two
    client = client_of(cast.supervisor)
    address = at(a, b)
    form = filled(client, address, name="0")
    actions.correct(by=cast.director, child=factories.fresh(a), section="home", facts={"hamlet": "新组"}, on=TODAY)
    answer = client.post(address, form)
    assert answer.status_code == 409
    assert "别人改过这里" in answer.content.decode()


def test_an_unanswered_difference_is_asked_for(cast, two, client_of):
    a, b = two
    client = client_of(cast.supervisor)
    address = at(a, b)
    form = filled(client, address)
    del form["name"]
    answer = client.post(address, form)
    assert answer.status_code == 422
    assert "请选一边" in answer.content.decode()


def test_of_two_birthdays_the_one_that_remains_is_offered(cast, client_of):
    """The number may be right and the birthday on paper another: that is for the archive's own page to ask."""
    a = factories.child("何田", cast.chunhe, citizen_number=numbers.make("990101", BORN, 44))
    b = factories.child("何田", cast.chunhe, citizen_number=None, birth_on=date(2018, 2, 11))
    assert merge_pages(client_of(cast.supervisor), a, b).status_code == 302
    assert factories.fresh(a).birth_on == BORN


@pytest.mark.parametrize(
    ("who", "code"), [("supervisor", 200), ("archivist", 404), ("director", 403), ("county_officer", 403)]
)
def test_who_may(cast, two, client_of, who, code):
    a, b = two
    assert client_of(getattr(cast, who)).get(at(a, b)).status_code == code


def test_both_files_are_looked_at_and_both_looks_are_noted(cast, two, client_of):
    a, b = two
    client_of(cast.supervisor).get(at(a, b))
    seen = set(
        Look.objects.filter(by_id=cast.supervisor.pk, page="children:merge").values_list("subject_id", flat=True)
    )
    assert seen == {a.pk, b.pk}


def test_sent_twice_it_is_done_once(cast, two, client_of):
    a, b = two
    client = client_of(cast.supervisor)
    address = at(a, b)
    form = filled(client, address, name="0")
    assert [client.post(address, form).status_code for _ in range(2)] == [302, 302]
    assert Merge.objects.count() == 1


# ── old links ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_old_links_lead_to_the_one_that_remains(cast, two, client_of):
    a, b = two
    merged(cast, two)
    client = client_of(cast.director)
    answer = client.get(reverse("desk:child", args=[b.pk]), follow=True)
    assert answer.redirect_chain[0][0] == reverse("desk:child", args=[a.pk])
    assert "已经和 陈思雨 的合并成一份了" in answer.content.decode()
    assert client.get(reverse("children:card", args=[b.pk]))["Location"] == reverse("children:card", args=[a.pk])
    assert client_of(cast.director2).get(reverse("desk:child", args=[b.pk])).status_code == 404, "not theirs"


def test_what_was_being_written_goes_to_the_one_that_remains(cast, two, client_of):
    """The page was open before the merge: the words are kept, and written once."""
    a, b = two
    client = client_of(cast.director)
    address = reverse("care:visit", args=[b.pk])
    form = fill(client, address, saw="child", words="写到一半")
    merged(cast, two)
    answer = client.post(address, form)
    assert (answer.status_code, answer["Location"]) == (307, reverse("care:visit", args=[a.pk]))


def test_merged_twice_the_first_link_still_leads_there(cast, two, client_of):
    a, b = two
    third = factories.child("陈思予", cast.chunhe, citizen_number=None, birth_on=BORN)
    merged(cast, two)
    actions.merge(by=SYSTEM, child=third, gone=factories.fresh(a), from_gone={"citizen_number"}, on=TODAY)
    assert queries.remaining_of(b.pk).pk == third.pk
    with pytest.raises(ValidationError, match="先撤销那一次"):
        actions.unmerge(by=SYSTEM, merge=Merge.objects.get(gone=b), why="错了", on=TODAY)


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


# ── the trace ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_trace_says_who_did_it_to_both(cast, two):
    a, b = two
    merge = merged(cast, two)
    for child in (a, b):
        assert Event.objects.filter(action="children.merge", subject_id=child.pk, by_id=cast.supervisor.pk).exists()
    actions.unmerge(by=cast.supervisor, merge=merge, why="双胞胎", on=TODAY)
    assert Event.objects.filter(action="children.unmerge", subject_id=b.pk).exists()


def test_what_is_kept_beside_rows_agrees_afterwards(cast, two):
    merge = merged(cast, two)
    assert not check.check()["problems"]
    actions.unmerge(by=cast.supervisor, merge=merge, why="双胞胎", on=TODAY)
    assert not check.check()["problems"]


def test_erasing_the_one_erases_what_became_part_of_it(cast, two):
    a, b = two
    merge = merged(cast, two, from_gone={"mother_name", "mother_phone", "class_name", "school", "boarding"})
    actions.erase_sealed(by=SYSTEM, child=factories.fresh(a), why="监护人要求")
    assert factories.fresh(b).citizen_number is None
    assert factories.fresh(merge).before is None
