"""Recording a visit: it works · stranger 404 · wrong role 403 · anonymous to sign-in · bad input is said and kept."""

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse

from tests import factories
from tongxing.base.records import Event, Receipt
from tongxing.care.actions import withdraw_visit
from tongxing.care.models import LastAct, Visit

pytestmark = pytest.mark.django_db


def sent(*children, **other):
    """What a browser sends of a visit that says everything."""
    return {
        "with_children": [str(child.pk) for child in children],
        "met": ["child", "carer"],
        "living": "normal",
        "study": "changed",
        "mood": "normal",
        "safety": "normal",
        "parent_contact": "week",
        "words": "思远话少，说想妈妈",
        "tell_home": "no",
        "visited_on": "2026-11-24",
        "visited_at": "08:30",
        "once": str(uuid.uuid4()),
    } | other


def page(child):
    return reverse("care:visit", args=[child.pk])


def test_a_visit_to_one_door_is_one_record_for_each_child_there(cast, client_of):
    answer = client_of(cast.director).post(page(cast.siyuan), sent(cast.siyuan, cast.siyu))
    assert answer.status_code == 302
    visits = list(Visit.objects.order_by("child__name"))
    assert {visit.child_id for visit in visits} == {cast.siyuan.pk, cast.siyu.pk}
    assert len({visit.outing_id for visit in visits}) == 1
    assert {visit.words for visit in visits} == {"思远话少，说想妈妈"}
    assert LastAct.objects.get(child=cast.siyuan).on == date(2026, 11, 24)
    assert Event.objects.filter(action="care.record_visit").count() == 2


def test_the_page_offers_the_household_and_names_the_carer(cast, client_of):
    text = client_of(cast.director).get(page(cast.siyuan)).content.decode()
    assert "陈思雨" in text
    assert "奶奶" in text


def test_a_child_who_was_not_met_does_not_count_as_visited(cast, client_of):
    client_of(cast.director).post(page(cast.zixuan), sent(cast.zixuan, met=["carer"]))
    assert Visit.objects.get().saw_child is False
    assert not LastAct.objects.exists()


def test_a_double_tap_acts_once(cast, client_of):
    form = sent(cast.zixuan)
    client = client_of(cast.director)
    first, second = client.post(page(cast.zixuan), form), client.post(page(cast.zixuan), form)
    assert first.status_code == second.status_code == 302
    assert Visit.objects.count() == 1
    assert Receipt.objects.count() == 1


def test_somebody_elses_key_is_not_there(cast, client_of):
    form = sent(cast.zixuan)
    client_of(cast.director).post(page(cast.zixuan), form)
    assert client_of(cast.cadre).post(page(cast.zixuan), form).status_code == 404
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"words": "好"}, "再多写几个字"),
        ({"words": ""}, "写一句看到、听到的"),
        ({"words": "说了很多话" * 401}, "写得太长了"),
        ({"met": []}, "请选见到了谁"),
        ({"with_children": []}, "请选看望了谁"),
        ({"with_children": [str(uuid.uuid4())]}, "有效"),
        ({"mood": ""}, "请选一个"),
        ({"mood": "sad"}, "有效"),
        ({"mood": "worry"}, "写一句接下来怎么办"),
        ({"met": ["other"]}, "写一下还见到了谁"),
        ({"visited_on": "2026-11-25"}, "还没到"),
        ({"visited_on": "前天"}, "日期"),
        ({"visited_on": "2024-11-24"}, "一年多以前"),
        ({"visited_at": "早上"}, "10:05"),
        ({"next_on": "2026-11-20"}, "下次要在这次以后"),
    ],
)
def test_bad_input_is_said_and_what_was_typed_stays(cast, client_of, wrong, said):
    form = sent(cast.zixuan, **{"words": "说了很多学校的事", **wrong})
    answer = client_of(cast.director).post(page(cast.zixuan), form)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    assert wrong.get("words", "说了很多学校的事") in text
    assert not Visit.objects.exists()


def test_a_day_long_ago_is_kept_after_one_tap(cast, client_of):
    form = sent(cast.zixuan, visited_on="2025-10-01", accept="visited_on:long_ago")
    assert client_of(cast.director).post(page(cast.zixuan), form).status_code == 302
    assert Visit.objects.get().is_late_entry


def test_a_worry_with_its_next_step_is_kept_sealed(cast, client_of):
    form = sent(cast.zixuan, mood="worry", follow_up="明天和班主任说")
    assert client_of(cast.director).post(page(cast.zixuan), form).status_code == 302
    assert Visit.objects.get().follow_up == "明天和班主任说"


@pytest.mark.parametrize("verb", ["get", "post"])
def test_anothers_child_is_not_there_whatever_the_verb(cast, client_of, verb):
    for person in (cast.director2, cast.other_director, cast.volunteer):
        assert getattr(client_of(person), verb)(page(cast.zixuan)).status_code == 404


def test_who_may_not_visit_is_refused(cast, client_of):
    for person in (cast.archivist, cast.county_officer, cast.system_admin, cast.audit_admin):
        assert client_of(person).get(page(cast.zixuan)).status_code == 403


def test_nobody_is_led_to_sign_in(cast, client):
    answer = client.get(page(cast.zixuan))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("staff:sign_in"))


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(cast, client):
    sender = {"Referer": f"http://testserver{page(cast.zixuan)}"}
    answer = client.post(page(cast.zixuan), sent(cast.zixuan), headers=sender)
    assert answer.url == f"{reverse('staff:sign_in')}?next={page(cast.zixuan)}"
    elsewhere = {"Referer": f"http://elsewhere.example{page(cast.zixuan)}"}
    assert client.post(page(cast.zixuan), sent(cast.zixuan), headers=elsewhere).url == reverse("staff:sign_in")


def test_a_withdrawn_visit_no_longer_counts_but_is_still_read(cast, client_of):
    (visit,) = factories.visit(cast.zixuan, by=cast.director, on=date(2026, 11, 20))
    factories.visit(cast.zixuan, by=cast.director, on=date(2026, 11, 2))
    client = client_of(cast.director)
    address = reverse("care:withdraw", args=[visit.pk])
    assert client.post(address, {"why": ""}).status_code == 422
    assert client.post(address, {"why": "记错了人"}).status_code == 302
    assert LastAct.objects.get(child=cast.zixuan).on == date(2026, 11, 2)
    assert "记错了人" in client.get(reverse("desk:child", args=[cast.zixuan.pk])).content.decode()


def test_only_its_writer_withdraws_a_visit(cast, client_of):
    (visit,) = factories.visit(cast.zixuan, by=cast.director)
    assert client_of(cast.cadre).post(reverse("care:withdraw", args=[visit.pk]), {"why": "x"}).status_code == 404


def test_the_list_shows_visits_to_children_one_may_see(cast, client_of):
    factories.visit(cast.zixuan, by=cast.director, words="在写作业呢")
    factories.visit(cast.kexin, by=cast.other_director, words="另一个县的事")
    factories.visit(cast.siyuan, by=cast.director, seen=[], words="")
    text = client_of(cast.director).get(reverse("care:visits")).content.decode()
    assert "在写作业呢" in text
    assert "另一个县的事" not in text
    assert "没见到孩子" in text
    assert "None" not in text


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_thirty(cast, client_of, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        client = client_of(cast.director)
        client.get(reverse("care:visits"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("care:visits"))
        return len(asked)

    factories.visit(cast.zixuan, by=cast.director)
    one = count()
    for day in range(1, 40):
        factories.visit(cast.zixuan, by=cast.director, on=date(2026, 11, 24) - timedelta(days=day))
    assert count() == one


def test_the_county_sets_how_often_and_the_figure_follows(cast, client_of):
    factories.visit(cast.zixuan, by=cast.director, on=date(2026, 11, 1))
    from tongxing.base.measures import Scope
    from tongxing.care.measures import VISITED

    today = date(2026, 11, 24)
    assert VISITED.figure(Scope("990101"), today).n == 1
    client = client_of(cast.county_officer)
    assert client.post(reverse("care:cadence"), {"high": "7", "middle": "0", "low": "60"}).status_code == 422
    assert client.post(reverse("care:cadence"), {"high": "7", "middle": "14", "low": "60"}).status_code == 302
    assert VISITED.figure(Scope("990101"), today).n == 0
    assert VISITED.figure(Scope("990102"), today).N == 1, "the other county keeps the default"


def test_withdrawing_twice_keeps_one_reason(cast):
    (visit,) = factories.visit(cast.zixuan, by=cast.director)
    key = uuid.uuid4()
    withdraw_visit(by=cast.director, visit=visit, why="记错", key=key)
    again = withdraw_visit(by=cast.director, visit=visit, why="记错", key=key)
    assert again.pk == visit.pk
    assert Event.objects.filter(action="care.withdraw_visit").count() == 1
