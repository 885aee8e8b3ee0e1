"""Rules of the staff room."""

from datetime import date
from types import SimpleNamespace

import pytest

from tongxing.staff import rules
from tongxing.staff.roles import ADMINISTRATORS, PERMISSIONS, ROLES, RoleCode


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("990000000000", "99"),
        ("99", "99"),
        ("990100000000", "9901"),
        ("990101", "990101"),
        ("990101100000", "990101100"),
        ("990101100001", "990101100001"),
        ("200000000000", "20"),
        ("441900000000", "4419"),
    ],
)
def test_a_path_is_the_code_without_its_trailing_zeros(code, path):
    assert rules.path_of(code) == path
    assert rules.path_of(rules.code_of(path)) == path


@pytest.mark.parametrize("code", ["", "9", "9901011000011", "99010110000a", "000000000000", "9901 01"])
def test_what_is_no_code_has_no_path(code):
    with pytest.raises(ValueError, match=code or "^"):
        rules.path_of(code)


@pytest.mark.parametrize(("path", "next_one"), [("990101", "990102"), ("9999", None), ("09", "10"), ("0199", "0200")])
def test_a_subtree_ends_before_the_next_path(path, next_one):
    assert rules.after(path) == next_one


def test_the_door_stays_closed_longer_with_every_failure_up_to_an_hour():
    assert [rules.locked_for(n) for n in range(11)] == [0, 0, 0, 0, 0, 5, 10, 20, 40, 60, 60]


def test_every_role_is_in_the_table_and_asks_for_known_permissions():
    assert set(ROLES) == set(RoleCode.values)
    assert set().union(*[role.permissions for role in ROLES.values()]) <= PERMISSIONS.keys()


def test_administrators_see_no_child_and_read_no_archive():
    case_work = ("children", "care", "rosters", "plans")
    for code in ADMINISTRATORS:
        assert ROLES[code].reach == "none"
        assert not {name for name in ROLES[code].permissions if name.startswith(case_work)}


def test_no_administrator_holds_another_role():
    assert rules.clashes(["system_admin", "audit_admin"]) == [("audit_admin", "system_admin")]
    assert rules.clashes(["security_admin", "director"]) == [("director", "security_admin")]
    assert rules.clashes(["director", "cadre", "teacher"]) == []
    assert rules.clashes(["audit_admin", "audit_admin"]) == []


@pytest.mark.parametrize("giver", RoleCode.values)
def test_a_role_is_given_only_by_those_who_stand_higher(giver):
    for role in rules.given_by(giver):
        assert ROLES[role].rank < ROLES[giver].rank
    if not ROLES[giver].may("staff.appoint"):
        assert rules.given_by(giver) == []


def test_a_supervisor_gives_the_roles_of_a_community_and_a_school():
    assert set(rules.given_by("supervisor")) == {"director", "cadre", "volunteer", "teacher", "archivist", "counsellor"}


def office(kind, path, pk=1):
    return SimpleNamespace(kind=kind, region_id=path, pk=pk)


@pytest.mark.parametrize(
    ("role", "organisation", "school_of_class", "code"),
    [
        ("director", office("school", "990101100"), None, "wrong_kind"),
        ("director", office("community", "990101"), None, "wrong_level"),
        ("county", office("township", "990101100"), None, "wrong_kind"),
        ("teacher", office("school", "990101100"), None, "required"),
        ("teacher", office("school", "990101100"), 2, "other_school"),
        ("archivist", office("school", "990101100"), 1, "no_class"),
    ],
)
def test_a_post_that_cannot_be_says_why(role, organisation, school_of_class, code):
    classroom = SimpleNamespace(school_id=school_of_class) if school_of_class else None
    facts = {"role": role, "organisation": organisation, "classroom": classroom}
    assert [problem.code for problem in rules.post_problems(facts)] == [code]


def test_a_post_that_can_be_has_no_problem():
    classroom = SimpleNamespace(school_id=1)
    facts = {"role": "teacher", "organisation": office("school", "990101100"), "classroom": classroom}
    assert rules.post_problems(facts, held=["counsellor"]) == []
    assert [one.code for one in rules.post_problems(facts, held=["audit_admin"])] == ["clash"]
    assert rules.post_problems({"role": None, "organisation": None}) == []


def test_approval_lasts_a_year_at_most():
    today = date(2026, 11, 24)
    assert rules.year_after(date(2024, 2, 29)) == date(2025, 2, 28)
    assert rules.last_day(rules.ends(today)) == today
    assert rules.begins(today).isoformat() == "2026-11-24T00:00:00+08:00"
    codes = [
        [one.code for one in rules.day_problems(start, until, today)]
        for start, until in [
            (today, date(2027, 11, 23)),
            (today, date(2027, 11, 24)),
            (date(2026, 1, 1), date(2026, 11, 23)),
            (date(2028, 1, 1), None),
            (None, None),
        ]
    ]
    assert codes == [[], ["too_long"], ["ends_before"], ["too_far"], []]


def test_a_sign_in_name_is_folded():
    assert rules.fold_login(" 140 0000 0001 ") == "14000000001"
    assert rules.fold_login("ＬｉＣｈｕｎ") == "lichun"
    assert rules.login_problems("lichunmei") == []
    assert [one.code for one in rules.login_problems("li")] == ["length"]
    assert [one.code for one in rules.login_problems("li/chun")] == ["letters"]


def test_a_first_password_can_be_read_aloud():
    password = rules.first_password()
    assert len(password) == 14
    assert not set(password) & set("lio01")
    assert rules.first_password() != password
