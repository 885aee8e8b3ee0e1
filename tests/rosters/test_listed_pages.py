"""From a person only a list names to their archive: filled in from the row, opened once, whoever comes second told."""

import uuid

import pytest
from django.urls import reverse

from tests import factories
from tests.rosters.lists import imported, number, row, row_of, sheet
from tongxing.base import clock
from tongxing.base.records import Event, Look
from tongxing.children.actions import withdraw_archive
from tongxing.children.models import Child
from tongxing.rosters.models import Listed, Roster

pytestmark = pytest.mark.django_db


def posted(**other):
    return {"once": str(uuid.uuid4())} | other


def text_of(client, address) -> str:
    return client.get(address).content.decode()


@pytest.fixture
def person(cast):
    """Somebody a list names, whose phone is short."""
    imported(cast.director, cast.chunhe, sheet([row(1, carer_phone="140 0000 000", mother_name="王小红")]))
    return Listed.objects.get()


def opened_from(person):
    return reverse("rosters:open", args=[person.pk])


def sent_facts(**other):
    facts = {"name": row(1)["name"], "citizen_number": number(1), "community": "990101100001", "carer_name": "刘桂花"}
    return posted(**facts | other)


def test_one_step_leads_from_the_gap_to_an_archive_filled_in_from_the_row(cast, client_of, person):
    client = client_of(cast.director)
    gap = client.get(reverse("rosters:listed", args=[person.pk]))
    assert gap.url == opened_from(person)
    text = text_of(client, gap.url)
    for value in (row(1)["name"], number(1), "塘下组", "刘桂花", "王小红", "邻省某市"):
        assert value in text
    assert "140 0000 000" not in text and "1400000000" not in text  # what is doubtful is not filled in
    answer = client.post(opened_from(person), sent_facts(carer_phone="14000000009"))
    child = Child.objects.get(citizen_number_index__isnull=False, name=row(1)["name"])
    assert answer.url == reverse("children:archive", args=[child.pk])
    person.refresh_from_db()
    assert (person.child, person.matched_on) == (child, clock.today())
    roster = Roster.objects.get()
    assert (row_of(roster, 2).state, row_of(roster, 2).child) == ("known", child)
    names = {role.relation: role.kin.name for role in child.kin_roles.filter(part="parent").select_related("kin")}
    assert set(names.values()) == {"陈大山", "王小红"}
    event = Event.objects.get(subject="children.child", subject_id=child.pk)
    assert (event.action, event.by_id) == ("rosters.open_archive", cast.director.pk)


def test_saving_twice_opens_one_archive(cast, client_of, person):
    client, sent = client_of(cast.director), sent_facts()
    first = client.post(opened_from(person), sent)
    second = client.post(opened_from(person), sent)
    assert first.url == second.url
    assert Child.objects.filter(name=row(1)["name"]).count() == 1


def test_who_opens_the_archive_second_is_led_to_the_first_and_told_what_became_of_the_form(cast, client_of, person):
    first, second = client_of(cast.director), client_of(cast.supervisor)
    archive = first.post(opened_from(person), sent_facts()).url
    answer = second.post(opened_from(person), sent_facts(mother_name="王小绿"), follow=True)
    assert answer.redirect_chain == [(archive, 302)]
    text = answer.content.decode()
    assert f"{row(1)['name']} 刚有了档案，你填的没有保存" in text
    assert "王小绿" not in text
    for address in (opened_from(person), reverse("rosters:listed", args=[person.pk])):
        answer = second.get(address, follow=True)
        assert answer.redirect_chain[-1] == (archive, 302)
        assert f"{row(1)['name']} 已经有档案了" in answer.content.decode()
    assert Child.objects.filter(name=row(1)["name"]).count() == 1
    assert client_of(cast.other_director).post(opened_from(person), sent_facts()).status_code == 404


def test_a_person_whose_archive_was_withdrawn_may_have_another(cast, client_of, person):
    client = client_of(cast.director)
    client.post(opened_from(person), sent_facts())
    withdraw_archive(by=cast.director, child=Child.objects.get(name=row(1)["name"]), why="录错了")
    assert client.get(opened_from(person)).status_code == 200
    client.post(opened_from(person), sent_facts())
    person.refresh_from_db()
    assert person.child == Child.objects.standing().get(name=row(1)["name"])


def test_bad_facts_are_said_and_kept(cast, client_of, person):
    answer = client_of(cast.director).post(opened_from(person), sent_facts(citizen_number="123"))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "身份证号应为 18 位" in text and 'value="123"' in text
    assert not Child.objects.filter(name=row(1)["name"]).exists()


def test_a_number_known_elsewhere_names_the_township_alone(cast, client_of, person):
    client = client_of(cast.director)
    answer = client.post(opened_from(person), sent_facts(citizen_number=cast.kexin.citizen_number))
    text = answer.content.decode()
    assert "由石桥镇管理" in text and "蒋可欣" not in text
    assert Look.objects.filter(what="children.number_known", subject_id=cast.kexin.pk).count() == 1
    answer = client.post(opened_from(person), sent_facts(citizen_number=cast.siyuan.citizen_number))
    assert "这个号码已有档案：陈思远" in answer.content.decode()


def test_one_who_may_be_there_already_is_asked_about(cast, client_of, person):
    twin = factories.child(row(1)["name"], cast.chunhe, citizen_number=None, birth_on=cast.siyuan.birth_on)
    sent = sent_facts(citizen_number="", number_missing="not_brought", birth_on=cast.siyuan.birth_on.isoformat())
    client = client_of(cast.director)
    answer = client.post(opened_from(person), sent)
    assert answer.status_code == 422
    assert reverse("desk:child", args=[twin.pk]) in answer.content.decode()
    assert client.post(opened_from(person), sent | posted(accept="name:twin")).status_code == 302


def test_a_listed_person_of_another_place_is_404_and_wrong_roles_403(cast, client_of, person):
    assert client_of(cast.other_director).get(opened_from(person)).status_code == 404
    assert client_of(cast.cadre).get(opened_from(person)).status_code == 403
