"""J3: who comes upon a second archive of a child begins the merge from either one."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.children.conftest import BORN
from tests.children.test_merging import at
from tongxing.base import numbers
from tongxing.base.records import Look

pytestmark = pytest.mark.django_db


def other_of(child):
    return reverse("children:merge_with", args=[child.pk])


def test_an_archive_offers_those_whose_names_sound_so(cast, two, client_of):
    a, b = two
    client = client_of(cast.supervisor)
    assert other_of(a) in client.get(reverse("children:archive", args=[a.pk])).content.decode()
    text = client.get(other_of(a)).content.decode()
    assert at(a, b) in text
    assert at(a, a) not in text
    looks = Look.objects.filter(by_id=cast.supervisor.pk, page="children:merge_with").values_list("what", "count")
    assert set(looks) == {("children.child", 1), ("children.list", 1)}


def test_two_sound_numbers_are_not_offered_but_can_be_sought(cast, client_of):
    a, b = (factories.child("何田", cast.chunhe, citizen_number=numbers.make("990101", BORN, at)) for at in (44, 46))
    client = client_of(cast.supervisor)
    offered, sought = client.get(other_of(a)).content.decode(), client.get(f"{other_of(a)}?q=hetian").content.decode()
    assert "没有名字像的" in offered
    assert at(a, b) not in offered
    assert at(a, b) in sought


def test_the_one_that_may_be_it_is_offered_among_many_of_one_name(cast, client_of):
    sound = [numbers.make("990101", BORN, serial) for serial in range(44, 70, 2)]
    a, *_others = [factories.child("何田", cast.chunhe, citizen_number=number) for number in sound]
    b = factories.child("何田", cast.chunhe, citizen_number=None)
    client = client_of(cast.supervisor)
    assert at(a, b) in client.get(other_of(a)).content.decode()
    assert "只列了 10 个，还有别的" in client.get(f"{other_of(a)}?q=何田").content.decode()


def test_to_find_itself_alone_is_no_find(cast, client_of):
    a = factories.child("何田", cast.chunhe)
    assert "除了这一份，没有「何田」" in client_of(cast.supervisor).get(f"{other_of(a)}?q=何田").content.decode()


def test_the_page_asks_as_often_for_many_as_for_one(cast, two, client_of, django_assert_num_queries):
    a, _b = two
    client = client_of(cast.supervisor)
    client.get(other_of(a))
    with CaptureQueriesContext(connection) as few:
        client.get(other_of(a))
    for day in range(1, 9):
        factories.child("陈思语", cast.chunhe, citizen_number=None, birth_on=date(2017, 1, day))
    with django_assert_num_queries(len(few)):
        client.get(other_of(a))


def test_what_is_not_found_is_said_and_kept(cast, two, client_of):
    text = client_of(cast.supervisor).get(f"{other_of(two[0])}?q=没有这人").content.decode()
    assert "你管的孩子里没有「没有这人」" in text
    assert 'value="没有这人"' in text
    assert client_of(cast.director).get(other_of(two[0])).status_code == 403


def test_what_is_written_otherwise_is_found_by_its_sound(cast, client_of):
    a, b = factories.child("何嘉乐", cast.chunhe), factories.child("何佳乐", cast.chunhe, citizen_number=None)
    client = client_of(cast.supervisor)
    text = client.get(f"{other_of(a)}?q=何家乐").content.decode()
    assert "名字像的" in text and at(a, b) in text
    opening = client_of(cast.director).get(f"{reverse('children:open')}?q=何家乐").content.decode()
    assert reverse("desk:child", args=[b.pk]) in opening and "没有找到" not in opening
