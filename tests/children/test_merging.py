"""J3: two archives of one child become one; nothing is lost; wrong after all, both stand again."""

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from tests import factories
from tests.children.conftest import BORN
from tests.children.filled import fill
from tongxing.base import numbers
from tongxing.base.records import SYSTEM, Event, Look, Stale
from tongxing.care.models import LastAct, Visit
from tongxing.children import actions, queries
from tongxing.children.merges import Merge
from tongxing.children.models import Child, Lookup
from tongxing.commands import check

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


CHOSEN = re.compile(r'<input type="radio" name="(\w+)" id="\w+" value="(\w+)" checked[^>]*>')


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


def test_of_one_round_to_both_the_visit_that_saw_the_child_counts(cast, two):
    a, b = two
    for child in two:
        actions.note_whereabouts(by=SYSTEM, child=child, stay="home", place="家", from_on=date(2026, 9, 7))
    factories.visit(a, b, by=cast.director, on=date(2026, 11, 23), seen={b})
    merge = merged(cast, two)
    round_ = Visit.objects.filter(child=a, visited_on=date(2026, 11, 23))
    assert [one.saw_child for one in round_.filter(withdrawn_at=None)] == [True]
    assert not Visit.objects.filter(child=b).exists()
    assert LastAct.objects.get(child=a).on == date(2026, 11, 23)
    actions.unmerge(by=SYSTEM, merge=merge, why="双胞胎", on=TODAY)
    assert Visit.objects.standing().filter(visited_on=date(2026, 11, 23)).values("outing_id").distinct().count() == 1


def test_time_in_care_is_kept_day_by_day(cast):
    """Spans of two archives, of one community and of two: no day that was in care is lost."""
    a = factories.child("何小满", cast.chunhe, citizen_number=None, birth_on=BORN, on=date(2025, 3, 1))
    actions.leave_care(by=SYSTEM, child=a, on=date(2025, 5, 1), why="父母返乡")
    again = {"child": factories.fresh(a), "community": cast.chunhe, "on": date(2026, 9, 1), "why": "又外出"}
    actions.return_to_care(by=SYSTEM, **again)
    b = factories.child("何小满", cast.lingxia, citizen_number=None, birth_on=BORN, on=date(2025, 1, 1))
    a, b = factories.fresh(a), factories.fresh(b)
    merge = actions.merge(by=SYSTEM, child=a, gone=b, from_gone=set(), on=TODAY)
    spans = [(one.from_on, one.to_on, one.community_id[-1]) for one in a.episodes.standing().order_by("from_on")]
    assert spans == [
        (date(2025, 1, 1), date(2025, 3, 1), "2"), (date(2025, 3, 1), date(2025, 5, 1), "1"),
        (date(2025, 5, 1), date(2026, 9, 1), "2"), (date(2026, 9, 1), None, "1"),
    ]  # fmt: skip
    assert not check.check()["problems"]
    actions.unmerge(by=SYSTEM, merge=merge, why="两个人", on=TODAY)
    assert [(one.from_on, one.to_on) for one in b.episodes.standing()] == [(date(2025, 1, 1), None)]
    assert a.episodes.standing().count() == 2
    assert not check.check()["problems"]


def test_of_two_who_left_the_one_longest_in_care_remains(cast):
    a = factories.child("何小满", cast.chunhe, citizen_number=None, birth_on=BORN, on=date(2025, 1, 1))
    b = factories.child("何小满", cast.lingxia, citizen_number=None, birth_on=BORN, on=date(2025, 2, 1))
    actions.leave_care(by=SYSTEM, child=a, on=date(2025, 6, 1), why="父母返乡")
    actions.leave_care(by=SYSTEM, child=b, on=date(2026, 8, 1), why="父母返乡")
    found = queries.beside(factories.fresh(a), factories.fresh(b), TODAY)
    assert found.sides[found.remaining].child == b
    actions.merge(by=SYSTEM, child=factories.fresh(b), gone=factories.fresh(a), from_gone=set(), on=TODAY)
    assert not check.check()["problems"]


# ── what may not be ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_sound_numbers_are_two_children(cast, client_of):
    a, b = factories.child("双一", cast.chunhe), factories.child("双一", cast.chunhe)
    text = client_of(cast.supervisor).get(at(a, b)).content.decode()
    assert "是两个孩子" in text
    assert "合并成一份</button>" not in text
    with pytest.raises(ValidationError, match="两个孩子"):
        actions.merge(by=SYSTEM, child=a, gone=b, from_gone=set(), on=TODAY)


def test_an_archive_is_not_merged_with_itself(cast, client_of):
    answer = client_of(cast.supervisor).post(at(cast.yutong, cast.yutong))
    assert answer["Location"] == reverse("children:archive", args=[cast.yutong.pk])
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
    assert "姓名：请选一边" in answer.content.decode().replace("\n", "")


def test_who_the_child_is_is_offered_as_the_side_with_the_sound_number_says(cast, client_of):
    """A name somebody has just confirmed, by ear, is not likelier than the one beside the number."""
    a = factories.child("何嘉乐", cast.chunhe, citizen_number=numbers.make("990101", BORN, 44))
    b = factories.child("何佳乐", cast.chunhe, citizen_number=None, birth_on=BORN)
    actions.confirm_section(by=cast.director, child=b, section="basic", on=TODAY)
    assert merge_pages(client_of(cast.supervisor), a, b).status_code == 302
    assert factories.fresh(a).name == "何嘉乐"


def test_between_two_children_nothing_is_chosen(cast, client_of):
    a, b = (factories.child("何田", cast.chunhe, citizen_number=numbers.make("990101", BORN, one)) for one in (44, 46))
    text = client_of(cast.supervisor).get(at(a, b)).content.decode()
    assert "是两个孩子" in text and reverse("children:merge_with", args=[a.pk]) in text
    assert 'type="radio"' not in text and "合并成一份</button>" not in text


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
    for link in (at(a, b), at(b, a)):
        last = client_of(cast.supervisor).get(link, follow=True)
        assert last.redirect_chain[-1][0] == reverse("children:archive", args=[a.pk])


def test_what_was_being_written_goes_to_the_one_that_remains(cast, two, client_of):
    """The page was open before the merge: the words are kept, and written once."""
    a, b = two
    client = client_of(cast.director)
    address = reverse("care:visit", args=[b.pk])
    signs = dict.fromkeys(("living", "study", "mood", "safety"), "normal")
    form = fill(client, address, met="child", words="写到一半，她在等奶奶回来", **signs)
    form |= {"with_children": str(b.pk), "parent_contact": "week", "tell_home": "no", "visited_on": "2026-11-24"}
    merged(cast, two)
    answer = client.post(address, form)
    assert (answer.status_code, answer["Location"]) == (307, reverse("care:visit", args=[a.pk]))
    assert client.post(answer["Location"], form).status_code == 302
    assert Visit.objects.get(child=a, visited_on=TODAY).words == "写到一半，她在等奶奶回来"


def test_merged_twice_the_first_link_still_leads_there(cast, two, client_of):
    a, b = two
    third = factories.child("陈思予", cast.chunhe, citizen_number=None, birth_on=BORN)
    merged(cast, two)
    actions.merge(by=SYSTEM, child=third, gone=factories.fresh(a), from_gone={"citizen_number"}, on=TODAY)
    assert queries.remaining_of(b.pk).pk == third.pk
    with pytest.raises(ValidationError, match="先撤销那一次"):
        actions.unmerge(by=SYSTEM, merge=Merge.objects.get(gone=b), why="错了", on=TODAY)


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
    """Grandmother and door stand beside both archives, and beside no other child."""
    a, _b = two
    kin = {role.kin for one in two for role in one.kin_roles.all()}
    merged(cast, two)
    actions.erase_sealed(by=SYSTEM, child=factories.fresh(a), why="监护人要求")
    assert {factories.fresh(one).phone for one in kin} == {None}
    assert {factories.fresh(one).citizen_number for one in two} == {None}
    assert factories.fresh(a).household.address is None


def test_erasing_after_an_undo_leaves_no_number_with_the_other(cast):
    number = numbers.make("990101", BORN, 60)
    a = factories.child("周小燕", cast.chunhe, citizen_number=None, birth_on=BORN)
    b = factories.child("周小雁", cast.chunhe, citizen_number=number)
    merge = actions.merge(by=SYSTEM, child=a, gone=b, from_gone={"citizen_number"}, on=TODAY)
    actions.unmerge(by=SYSTEM, merge=merge, why="两个人", on=TODAY)
    actions.erase_sealed(by=SYSTEM, child=factories.fresh(b), why="监护人要求")
    for event in Event.objects.filter(subject_id__in=(a.pk, b.pk)):
        assert "citizen_number" not in event.held.get(f"child:{a.pk}", {}) or event.action != "children.merge"


def test_erasing_after_two_merges_finds_every_door(cast):
    doors = [
        factories.child("周小燕", cast.chunhe, citizen_number=None, birth_on=BORN, address=f"春和{n}号")
        for n in (1, 2, 3)
    ]
    households = [one.household for one in doors]
    actions.merge(by=SYSTEM, child=doors[0], gone=doors[1], from_gone={"address"}, on=TODAY)
    fresh = factories.fresh(doors[0])
    actions.merge(by=SYSTEM, child=doors[2], gone=fresh, from_gone={"address"}, on=TODAY)
    actions.erase_sealed(by=SYSTEM, child=factories.fresh(doors[2]), why="监护人要求")
    assert [factories.fresh(one).address for one in households] == [None, None, None]


def test_what_came_too_late_is_found_by_the_check(cast, two):
    """A page read before the merge, its pairing written after it: no figure counts it, so it has to be told."""
    _a, b = two
    late = factories.fresh(b)
    merged(cast, two)
    actions.pair(by=cast.supervisor, child=late, helper=cast.director, on=TODAY)
    assert "merged_pairing" in [one["code"] for one in check.check()["problems"]]
