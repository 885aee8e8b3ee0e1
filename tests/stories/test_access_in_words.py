"""Thirty sentences: who, whose, what happens."""

from datetime import datetime

import pytest
from django.urls import reverse

from tests import factories
from tongxing.children import actions as children

pytestmark = pytest.mark.django_db

VISIT, PAGE, ARCHIVE, PAIR = "care:visit", "desk:child", "children:archive", "children:pair"
LIST, COVERAGE, EXPORT, ROSTERS, STAFF, AUDIT = (
    "children:list", "plans:coverage", "plans:export", "rosters:list", "staff:list", "staff:audit",
)  # fmt: skip

SENTENCES = [
    ("the director opens a child of her community", "director", PAGE, "siyuan", 200),
    ("the director opens that child's archive", "director", ARCHIVE, "siyuan", 200),
    ("the director goes to record a visit there", "director", VISIT, "siyuan", 200),
    ("the director gives that child a helper", "director", PAIR, "yutong", 200),
    ("the director asks for a child of the next community", "director", PAGE, "mingze", 404),
    ("the director asks for a child of the other county", "director", PAGE, "kexin", 404),
    ("the next community's director asks for her child", "director2", PAGE, "siyuan", 404),
    ("the other county's director asks for her child's archive", "other_director", ARCHIVE, "siyuan", 404),
    ("the cadre opens the child he walks with", "cadre", PAGE, "zixuan", 200),
    ("the cadre asks for the neighbour's child", "cadre", PAGE, "siyuan", 404),
    ("the cadre tries to give that child another helper", "cadre", PAIR, "zixuan", 403),
    ("the cadre asks for the coverage", "cadre", COVERAGE, None, 403),
    ("the volunteer goes to record a visit to her child", "volunteer", VISIT, "jiayi", 200),
    ("the volunteer asks for her child's page", "volunteer", PAGE, "jiayi", 403),
    ("the volunteer asks for the archive", "volunteer", ARCHIVE, "jiayi", 403),
    ("the volunteer asks for the list of children", "volunteer", LIST, None, 403),
    ("the class teacher opens a child of her class", "teacher", PAGE, "siyuan", 200),
    ("the class teacher asks for a child of another class", "teacher", PAGE, "jiayi", 404),
    ("the archivist opens a child of the school from another community", "archivist", ARCHIVE, "mingze", 200),
    ("the archivist asks for a child who is at no school", "archivist", PAGE, "yutong", 404),
    ("the archivist looks at the rosters", "archivist", ROSTERS, None, 200),
    ("the archivist goes to record a visit", "archivist", VISIT, "siyuan", 403),
    ("the counsellor opens a child of the school", "counsellor", PAGE, "siyuan", 200),
    ("the supervisor opens a child of either community", "supervisor", PAGE, "mingze", 200),
    ("the supervisor asks for a child of the other county", "supervisor", PAGE, "kexin", 404),
    ("the county officer takes the figures with names", "county_officer", EXPORT, None, 200),
    ("the county officer goes to record a visit", "county_officer", VISIT, "siyuan", 403),
    ("the system administrator asks for a child", "system_admin", PAGE, "siyuan", 403),
    ("the security administrator looks at who may see what", "security_admin", STAFF, None, 200),
    ("the audit administrator reads the trace", "audit_admin", AUDIT, None, 200),
    ("the audit administrator asks for a child", "audit_admin", PAGE, "siyuan", 403),
    ("the director asks for the trace", "director", AUDIT, None, 403),
]


@pytest.mark.parametrize(
    ("who", "where", "whose", "code"), [one[1:] for one in SENTENCES], ids=[s[0] for s in SENTENCES]
)
def test_sentence(cast, client_of, who, where, whose, code):
    place = [getattr(cast, whose).pk] if whose else []
    assert client_of(getattr(cast, who)).get(reverse(where, args=place)).status_code == code


def test_a_helper_who_was_relieved_no_longer_sees_the_child(cast, client_of):
    pairing = cast.zixuan.pairings.get()
    children.end_pairing(by=cast.director, pairing=pairing, on=factories.clock.today(), why="换人")
    assert client_of(cast.cadre).get(reverse(PAGE, args=[cast.zixuan.pk])).status_code == 404


def test_a_child_who_moved_is_seen_by_the_new_director_only(cast, client_of):
    children.move_care(
        by=cast.director, child=cast.yutong, community=cast.lingxia, on=factories.clock.today(), why="搬家"
    )
    assert client_of(cast.director).get(reverse(PAGE, args=[cast.yutong.pk])).status_code == 404
    assert client_of(cast.director2).get(reverse(PAGE, args=[cast.yutong.pk])).status_code == 200


def test_when_approval_runs_out_the_children_are_not_there(cast, client_of):
    client = client_of(cast.director)
    with factories.clock.fixed(datetime(2027, 1, 6, 9, tzinfo=factories.clock.SHANGHAI)):
        assert client.get(reverse(PAGE, args=[cast.siyuan.pk])).status_code == 404
