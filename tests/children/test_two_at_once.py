"""Two people at one archive: who comes too late is asked about what both wrote, and about nothing else."""

import re

import pytest

from tests.children.filled import fill, hidden_in, send
from tests.children.test_archive import SECTIONS, section_of
from tongxing.base.records import Event
from tongxing.children.models import Child, Kin

pytestmark = pytest.mark.django_db


def test_a_stale_save_shows_both_values_and_takes_the_chosen_one(cast, client_of):
    address = section_of(cast.siyuan, "carer")
    mine, theirs = client_of(cast.director), client_of(cast.supervisor)
    facts = {"carer_name": "罗秀兰", "carer_relation": "62"}
    late = fill(mine, address, **facts, carer_phone="14000010033", carer_health="腿脚不便")
    assert send(theirs, address, **facts, carer_phone="14000010022", carer_health="腿脚不便").status_code == 302
    answer = mine.post(address, late)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "周建国 11月24日 09:00 保存过" in text
    assert text.count('name="keep_') == 2, "one fact differs, two answers"
    assert "14000010022" in text
    assert "14000010033" in text
    assert Kin.objects.get(name="罗秀兰").phone == "14000010022"
    again = late | hidden_in(text) | {"keep_carer_phone": "theirs"}
    assert mine.post(address, again).status_code == 302
    assert Kin.objects.get(name="罗秀兰").phone == "14000010022"


def test_a_stale_save_may_stand_by_its_own_value(cast, client_of):
    address = section_of(cast.siyuan, "home")
    mine, theirs = client_of(cast.director), client_of(cast.supervisor)
    late = fill(mine, address, hamlet="四组", address="四组1号")
    assert send(theirs, address, hamlet="五组", address="五组1号").status_code == 302
    text = mine.post(address, late).content.decode()
    kept = late | hidden_in(text) | {"keep_hamlet": "mine", "keep_address": "theirs"}
    assert mine.post(address, kept).status_code == 302
    child = Child.objects.get(pk=cast.siyuan.pk)
    assert (child.hamlet, child.household.address) == ("四组", "五组1号")


def test_what_nobody_touched_on_an_old_page_is_not_offered_as_written(cast, client_of):
    """He mends the phone, she the carer's health: she is asked about the health alone, and his phone stands."""
    address = section_of(cast.siyuan, "carer")
    facts = {"carer_name": "罗秀兰", "carer_relation": "62", "carer_phone": "14000010001"}
    client, theirs = client_of(cast.director), client_of(cast.supervisor)
    assert send(client, address, **facts, carer_health="还好").status_code == 302
    late = fill(client, address, **facts, carer_health="腿脚不便")
    assert send(theirs, address, **facts | {"carer_phone": "14000010022"}, carer_health="还好").status_code == 302
    text = client.post(address, late).content.decode()
    assert text.count('name="keep_carer_health"') == text.count('name="keep_') == 2
    (phone,) = re.findall(r'name="carer_phone" value="(\d+)"', text)
    again = late | hidden_in(text) | {"carer_phone": phone, "keep_carer_health": "mine"}
    assert client.post(address, again).status_code == 302
    carer = Kin.objects.get(name="罗秀兰")
    assert (carer.phone, carer.health) == ("14000010022", "腿脚不便")


def test_two_people_may_correct_two_sections_at_once(cast, client_of):
    mine, theirs = client_of(cast.director), client_of(cast.supervisor)
    home = fill(mine, section_of(cast.siyuan, "home"), hamlet="四组", address="四组1号")
    facts, _word = SECTIONS["parents"]
    assert send(theirs, section_of(cast.siyuan, "parents"), **facts).status_code == 302
    assert mine.post(section_of(cast.siyuan, "home"), home).status_code == 302


def test_a_carer_changed_through_the_sister_makes_the_brothers_page_old(cast, client_of):
    client, facts = client_of(cast.director), {"carer_name": "罗秀兰", "carer_relation": "62"}
    late = fill(client, section_of(cast.siyu, "carer"), **facts, carer_phone="14000010033")
    assert send(client, section_of(cast.siyuan, "carer"), **facts, carer_phone="14000010022").status_code == 302
    assert client.post(section_of(cast.siyu, "carer"), late).status_code == 409


def test_a_page_that_does_not_say_what_it_was_filled_from_overwrites_nothing(cast, client_of):
    answer = client_of(cast.director).post(section_of(cast.siyuan, "home"), {"hamlet": "九组", "address": "九组"})
    assert answer.status_code == 409
    assert Child.objects.get(pk=cast.siyuan.pk).hamlet == "三组"


def test_a_double_tap_saves_once(cast, client_of):
    client, address = client_of(cast.director), section_of(cast.siyuan, "home")
    form = fill(client, address, hamlet="四组", address="四组")
    assert [client.post(address, form).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(action="children.correct", subject_id=cast.siyuan.pk).count() == 1
