"""Every address × every role × every relation, for reading and for writing.

What is expected is written down here by hand (SEES, and the roles' table read as words), not asked of the product's own
query: without the permission 403, somebody else's 404, nobody 302 to the sign-in page; else neither.
"""

import uuid

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import factories
from tongxing.staff.roles import ROLES

pytestmark = pytest.mark.django_db

CHUNHE = {"siyuan", "siyu", "zixuan", "jiayi", "yutong"}
SCHOOL = {"siyuan", "siyu", "zixuan", "jiayi", "mingze"}
SEES = {
    "director": CHUNHE,
    "director2": {"mingze"},
    "other_director": {"kexin"},
    "cadre": {"zixuan"},
    "volunteer": {"jiayi"},
    "teacher": {"siyuan", "zixuan"},
    "archivist": SCHOOL,
    "counsellor": SCHOOL,
    "supervisor": CHUNHE | {"mingze"},
    "county_officer": CHUNHE | {"mingze"},
    "other_county_officer": {"kexin"},
    "system_admin": set(),
    "security_admin": set(),
    "audit_admin": set(),
}
ROLE_OF = {
    "director2": "director",
    "other_director": "director",
    "county_officer": "county",
    "other_county_officer": "county",
}
CHILDREN = ("siyuan", "zixuan", "jiayi", "mingze", "kexin")


def addresses():
    """(name, view, kwargs the address takes) of everything that can be asked for, our own rooms only."""
    found = []

    def walk(patterns, space, given):
        for one in patterns:
            wanted = given | set(one.pattern.converters)
            if isinstance(one, URLResolver):
                walk(one.url_patterns, one.namespace or space, wanted)
            elif isinstance(one, URLPattern) and hasattr(one.callback, "may"):
                found.append((f"{space}:{one.name}", one.callback, wanted))

    walk(get_resolver().url_patterns, "", set())
    return found


ALL = addresses()
OF_A_CHILD = [one for one in ALL if one[2] and one[2] <= {"child_id", "section"} and "child_id" in one[2]]
PLAIN = [one for one in ALL if not one[2]]
OTHERS = [one for one in ALL if one[2] and one not in OF_A_CHILD]


def may(who: str, view) -> bool:
    return view.may in ("signed in", "everybody") or ROLES[ROLE_OF.get(who, who)].may(view.may)


def test_there_is_something_to_ask():
    assert len(OF_A_CHILD) >= 6
    assert len(PLAIN) >= 12
    assert {view.may for _name, view, _wanted in ALL} <= {"signed in", "everybody"} | {
        permission for role in ROLES.values() for permission in role.permissions
    }


@pytest.mark.parametrize("who", SEES)
def test_of_every_address_about_a_child(cast, client_of, who):
    client, wrong = client_of(getattr(cast, who)), []
    for name, view, wanted in OF_A_CHILD:
        for child in CHILDREN:
            place = {"child_id": getattr(cast, child).pk} | ({"section": "home"} if "section" in wanted else {})
            for verb in ("get", "post"):
                code = getattr(client, verb)(reverse(name, kwargs=place)).status_code
                if not may(who, view):
                    right = code == 403
                elif child not in SEES[who]:
                    right = code in (404, 405)
                else:
                    right = code in (200, 302, 405, 409, 422)
                if not right:
                    wrong.append(f"{verb} {name} of {child}: {code}")
    assert not wrong, f"{who}: " + "; ".join(wrong)


@pytest.mark.parametrize("who", SEES)
def test_of_every_address_about_nobody_in_particular(cast, client_of, who):
    wrong = []
    for name, view, _wanted in PLAIN:
        if name == "staff:sign_out":
            continue
        code = client_of(getattr(cast, who)).get(reverse(name)).status_code
        if code == 405:
            continue  # an address that is only written to
        if (code == 403) == may(who, view) or code >= 500 or code == 404:
            wrong.append(f"{name}: {code}")
    assert not wrong, f"{who}: " + "; ".join(wrong)


@pytest.mark.parametrize("verb", ["get", "post"])
def test_nobody_is_led_to_sign_in_everywhere(cast, client, verb):
    wrong = []
    for name, view, wanted in ALL:
        if view.may == "everybody":
            continue
        place = {one: "home" if one == "section" else "paired" if one == "code" else uuid.uuid4() for one in wanted}
        answer = getattr(client, verb)(reverse(name, kwargs=place))
        if answer.status_code == 405:
            continue  # not a verb this address has, whoever asks
        if answer.status_code != 302 or not answer["Location"].startswith(reverse("staff:sign_in")):
            wrong.append(f"{name}: {answer.status_code}")
    assert not wrong, "; ".join(wrong)


@pytest.mark.parametrize("who", SEES)
def test_what_is_not_there_is_not_there_for_anybody(cast, client_of, who):
    """Ids nobody ever gave: 404 for who may, 403 for who may not, never an error and never a page."""
    client, wrong = client_of(getattr(cast, who)), []
    for name, view, wanted in (*OF_A_CHILD, *OTHERS):
        place = {one: "home" if one == "section" else "nothing" if one == "code" else uuid.uuid4() for one in wanted}
        if set(place) & {"path", "region"}:
            continue
        for verb in ("get", "post"):
            code = getattr(client, verb)(reverse(name, kwargs=place)).status_code
            if code not in ((404, 405) if may(who, view) else (403,)):
                wrong.append(f"{verb} {name}: {code}")
    assert not wrong, f"{who}: " + "; ".join(wrong)


def test_a_suspended_person_is_out_at_once(cast, client_of):
    client = client_of(cast.suspended)
    for name, _view, _wanted in PLAIN:
        assert client.get(reverse(name)).status_code in (200, 302, 405)
    assert client.get(reverse("desk:today"))["Location"].startswith(reverse("staff:sign_in"))


def test_two_counties_in_one_database_never_meet(cast, client_of):
    """Lists, searches, exports and refusals of one county name nobody of the other."""
    factories.visit(cast.kexin, by=cast.other_director, words="渡口那边的事情")
    theirs = ("蒋可欣", "蒋大妈", "渡口", "方秀英", "唐立新", "14000010006")
    for who in ("director", "supervisor", "county_officer", "archivist"):
        client = client_of(getattr(cast, who))
        for name, view, _wanted in PLAIN:
            if not may(who, view) or name == "staff:sign_out":
                continue
            for query in ({}, {"q": "蒋可欣"}, {"q": "jkx"}, {"q": "0006"}, {"q": "14000010006"}, {"region": "990102"}):
                answer = client.get(reverse(name), query)
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                text = body.decode("utf-8", "ignore")
                asked = next(iter(query.values()), "")
                for word in theirs:
                    assert word == asked or word not in text, f"{who} {name} {query}: {word}"
