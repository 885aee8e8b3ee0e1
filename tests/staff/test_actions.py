"""People come, change, go; approval to look comes and goes with them."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tests.factories import PASSWORD, fresh
from tongxing.base import clock, seal
from tongxing.base.records import SYSTEM, Event, Stale
from tongxing.base.seal import Verdict
from tongxing.children.models import Child
from tongxing.staff import actions, queries
from tongxing.staff.access import answers_for, places_for, reached_by
from tongxing.staff.models import Grant, Post, Region, Staff

TODAY = date(2026, 11, 24)


def at(moment: str):
    return clock.fixed(datetime.fromisoformat(moment))


def newcomer(cast, **facts):
    wanted = {
        "by": cast.supervisor, "login": "wangli", "name": "王丽", "phone": "14000020001", "password": "spring-hill-42",
        "role": "director", "organisation": cast.office, "from_on": TODAY,
    }  # fmt: skip
    return actions.appoint(**wanted | facts)


def post_of(staff) -> Post:
    return Post.objects.get(staff=staff)


# ── appoint ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_appointment_makes_the_person_the_post_and_the_approval_to_look(cast):
    post = newcomer(cast)
    grant = Grant.objects.get(post=post)
    assert (grant.reach, grant.region, grant.why) == ("region", cast.chunhe.path, "任命")
    assert grant.until_at == datetime.fromisoformat("2027-11-24T00:00:00+08:00")
    assert fresh(post.staff).must_change_password
    assert set(Child.objects.visible_to(fresh(post.staff))) == set(Child.objects.filter(community=cast.chunhe))


def test_an_appointment_is_one_event_without_the_password(cast):
    post = newcomer(cast)
    events = Event.objects.filter(subject_id=post.staff_id)
    assert [(event.action, event.region, event.by_id) for event in events] == [
        ("staff.appoint", cast.chunhe.path, cast.supervisor.pk)
    ]
    noted = events[0].held[f"staff:{post.staff_id}"]
    assert noted["name"] == [None, "王丽"]
    assert "password" in events[0].facts[f"staff:{post.staff_id}"]
    assert "password" not in noted
    assert "14000020001" not in str(events[0].held)
    assert seal.verify().ok


@pytest.mark.parametrize(
    ("role", "place", "reach"),
    [("archivist", "school", "school"), ("teacher", "school", "classroom"), ("volunteer", "office", "paired")],
)
def test_each_role_brings_its_own_reach(cast, role, place, reach):
    classroom = cast.class_6_1 if role == "teacher" else None
    post = newcomer(cast, role=role, organisation=getattr(cast, place), classroom=classroom, until=date(2027, 7, 1))
    grant = Grant.objects.get(post=post)
    assert grant.reach == reach
    assert grant.school_id == (cast.school.pk if reach == "school" else None)
    assert grant.until_at == datetime.fromisoformat("2027-07-02T00:00:00+08:00")
    assert grant.last_on == date(2027, 7, 1)


def test_an_administrator_gets_no_approval_to_look(cast):
    assert not Grant.objects.filter(staff__in=[cast.system_admin, cast.security_admin, cast.audit_admin]).exists()
    assert reached_by(cast.system_admin).nothing


def test_nobody_appoints_outside_their_own_place(cast):
    for place in (cast.dukou_office, cast.county_office):
        with pytest.raises(PermissionDenied):
            newcomer(cast, organisation=place)
    assert not Staff.objects.filter(login="wangli").exists()


@pytest.mark.parametrize("role", ["supervisor", "county", "system_admin", "audit_admin"])
def test_a_supervisor_gives_no_role_of_their_own_height_or_above(cast, role):
    with pytest.raises(PermissionDenied):
        newcomer(cast, role=role, organisation=cast.township_office)


def test_nobody_appoints_themselves(cast):
    with pytest.raises(PermissionDenied):
        newcomer(cast, staff=cast.supervisor, by=cast.supervisor, role="cadre")


def test_who_may_not_appoint_appoints_nobody(cast):
    for person in (cast.director, cast.audit_admin, cast.security_admin, cast.teacher):
        with pytest.raises(PermissionDenied):
            newcomer(cast, by=person, role="volunteer")


def test_administrators_are_kept_apart(cast):
    for role, place in (("audit_admin", cast.county_office), ("director", cast.office)):
        with pytest.raises(ValidationError, match="不能是同一个人"):
            newcomer(cast, by=SYSTEM, staff=cast.security_admin, role=role, organisation=place)


def test_a_person_may_hold_two_posts_of_care(cast):
    newcomer(cast, staff=cast.counsellor, role="archivist", organisation=cast.school)
    assert {post.role for post in fresh(cast.counsellor).posts_now()} == {"counsellor", "archivist"}


def test_the_same_post_is_not_given_twice(cast):
    with pytest.raises(ValidationError, match="已经在这个岗位上了"):
        newcomer(cast, staff=cast.director, role="director")


def test_a_sign_in_name_belongs_to_one_person(cast):
    with pytest.raises(ValidationError):
        newcomer(cast, login="LiChunMei")
    assert Staff.objects.filter(login="lichunmei").count() == 1


@pytest.mark.parametrize("password", ["short", "1234567890123", "password1234"])
def test_a_weak_password_is_refused(cast, password):
    with pytest.raises(ValidationError):
        newcomer(cast, password=password)


def test_who_was_suspended_is_reinstated_before_a_new_post(cast):
    with pytest.raises(ValidationError, match="先恢复"):
        newcomer(cast, staff=cast.suspended, role="cadre", by=SYSTEM)


# ── move and end ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_move_ends_one_post_and_its_approval_and_opens_the_other(cast):
    old = post_of(cast.director)
    new = actions.move(by=cast.supervisor, post=old, organisation=cast.lingxia_office, on=TODAY, why="轮岗")
    assert (fresh(old).to_on, fresh(old).end_why) == (TODAY, "轮岗")
    assert (new.role, new.from_on, new.region) == ("director", TODAY, cast.lingxia.path)
    assert {child.name for child in Child.objects.visible_to(fresh(cast.director))} == {"郑明泽"}


def test_a_move_tomorrow_changes_nothing_today(cast):
    actions.move(
        by=cast.supervisor, post=post_of(cast.director), organisation=cast.lingxia_office,
        on=TODAY + timedelta(days=1), why="轮岗",
    )  # fmt: skip
    assert cast.siyuan in Child.objects.visible_to(fresh(cast.director))
    with at("2026-11-25T00:30"):
        assert cast.siyuan not in Child.objects.visible_to(fresh(cast.director))
        assert cast.mingze in Child.objects.visible_to(fresh(cast.director))


def test_a_move_goes_nowhere_the_mover_may_not(cast):
    post = post_of(cast.director)
    with pytest.raises(PermissionDenied):
        actions.move(by=cast.supervisor, post=post, organisation=cast.dukou_office, on=TODAY, why="借调")
    with pytest.raises(PermissionDenied):
        actions.move(by=cast.supervisor, post=post_of(cast.other_director), role="cadre", on=TODAY, why="借调")
    with pytest.raises(PermissionDenied):
        actions.move(
            by=cast.supervisor, post=post, role="supervisor", organisation=cast.township_office, on=TODAY, why="提拔"
        )
    assert fresh(post).to_on is None


def test_a_move_to_the_same_post_is_none(cast):
    with pytest.raises(ValidationError, match="一样"):
        actions.move(by=cast.supervisor, post=post_of(cast.director), on=TODAY, why="轮岗")


def test_a_teacher_moves_to_another_class_of_the_school(cast):
    actions.move(by=cast.supervisor, post=post_of(cast.teacher), classroom=cast.class_3_2, on=TODAY, why="换班")
    assert {child.name for child in Child.objects.visible_to(fresh(cast.teacher))} == {"陈思雨", "吴佳怡", "郑明泽"}


def test_with_the_last_post_every_approval_ends(cast):
    actions.grant_child(
        by=cast.county_officer, staff=cast.director, child_id=cast.mingze.pk, region=cast.lingxia.path,
        until_at=clock.now() + timedelta(days=20), why="代管",
    )  # fmt: skip
    assert cast.mingze in Child.objects.visible_to(fresh(cast.director))
    actions.end_post(by=cast.supervisor, post=post_of(cast.director), on=TODAY, why="退休")
    assert not Child.objects.visible_to(fresh(cast.director)).exists()
    assert not Grant.objects.holding(clock.now()).filter(staff=cast.director).exists()


def test_an_ended_post_is_not_ended_again_nor_before_it_began(cast):
    post = post_of(cast.director)
    with pytest.raises(ValidationError, match="不能早于"):
        actions.end_post(by=cast.supervisor, post=post, on=date(2025, 1, 1), why="退休")
    actions.end_post(by=cast.supervisor, post=fresh(post), on=TODAY, why="退休")
    with pytest.raises(ValidationError, match="已经结束"):
        actions.end_post(by=cast.supervisor, post=fresh(post), on=TODAY, why="退休")


def test_ending_needs_a_reason(cast):
    with pytest.raises(ValidationError):
        actions.end_post(by=cast.supervisor, post=post_of(cast.director), on=TODAY, why="")


def test_one_of_two_who_end_the_same_post_is_told(cast):
    mine, theirs = post_of(cast.director), post_of(cast.director)
    actions.end_post(by=cast.supervisor, post=theirs, on=TODAY + timedelta(days=9), why="退休", version=1)
    with pytest.raises(Stale) as stale:
        actions.end_post(by=cast.county_officer, post=mine, on=TODAY, why="调走", version=1)
    assert (stale.value.mine.to_on, stale.value.theirs().to_on) == (TODAY, TODAY + timedelta(days=9))


# ── suspend, passwords ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_suspended_person_sees_and_may_nothing(cast):
    actions.suspend(by=cast.supervisor, staff=cast.director, on=TODAY, why="停职")
    director = fresh(cast.director)
    assert not director.is_active
    assert not director.may("today")
    assert not Child.objects.visible_to(director).exists()
    assert places_for(director, "staff.list") == ()


def test_a_reinstated_person_begins_with_a_new_password(cast):
    actions.suspend(by=cast.supervisor, staff=cast.director, on=TODAY, why="停职")
    actions.reinstate(by=cast.supervisor, staff=fresh(cast.director), why="查清了", password="spring-hill-42")
    director = fresh(cast.director)
    assert director.is_active
    assert director.must_change_password
    assert director.check_password("spring-hill-42")
    assert not director.check_password(PASSWORD)
    assert Event.objects.get(action="staff.reinstate").held["why"] == {"text": [None, "查清了"]}


def test_who_stands_higher_or_elsewhere_is_not_suspended(cast):
    for person in (cast.county_officer, cast.other_director, cast.supervisor, cast.audit_admin):
        with pytest.raises(PermissionDenied):
            actions.suspend(by=cast.supervisor, staff=person, on=TODAY, why="停职")
        assert fresh(person).is_active


def test_who_has_another_post_out_of_reach_is_not_answered_for(cast):
    newcomer(cast, by=SYSTEM, staff=cast.director, role="cadre", organisation=cast.dukou_office)
    assert not answers_for(cast.supervisor, cast.director)
    assert answers_for(cast.supervisor, cast.director2)


def test_a_password_that_was_handed_over_must_be_changed(cast):
    actions.set_password(by=cast.supervisor, staff=cast.director, password="handed-over-9", own=False)
    assert fresh(cast.director).check_password("handed-over-9")
    assert fresh(cast.director).must_change_password
    actions.set_password(by=cast.director, staff=cast.director, password="my-own-words-7", own=True)
    assert fresh(cast.director).check_password("my-own-words-7")
    assert not fresh(cast.director).must_change_password


def test_nobody_sets_the_password_of_an_administrator(cast):
    for person in (cast.security_admin, cast.audit_admin):
        with pytest.raises(PermissionDenied):
            actions.set_password(by=cast.system_admin, staff=person, password="handed-over-9", own=False)
    with pytest.raises(PermissionDenied):
        actions.set_password(by=cast.supervisor, staff=cast.director, password="handed-over-9", own=True)


def test_a_name_is_corrected_by_who_answers_for_the_person(cast):
    actions.correct_person(by=cast.supervisor, staff=cast.director, name="李春美", phone="14000020009", version=2)
    assert fresh(cast.director).phone == "14000020009"
    with pytest.raises(PermissionDenied):
        actions.correct_person(by=cast.director, staff=cast.director2, name="张", phone="")


# ── approval to look ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_when_approval_ends_the_children_are_out_of_sight(cast):
    with at("2027-01-04T23:59"):
        assert Child.objects.visible_to(fresh(cast.director)).exists()
    with at("2027-01-05T00:00"):
        assert not Child.objects.visible_to(fresh(cast.director)).exists()
        assert fresh(cast.director).may("children.list")


def test_approval_is_renewed_by_somebody_else(cast):
    grant = Grant.objects.get(staff=cast.director)
    actions.renew_grant(by=cast.security_admin, grant=grant, until=date(2027, 11, 1), why="继续任职")
    with at("2027-10-31T12:00"):
        assert Child.objects.visible_to(fresh(cast.director)).exists()
    own = Grant.objects.get(staff=cast.county_officer)
    with pytest.raises(PermissionDenied):
        actions.renew_grant(by=cast.county_officer, grant=own, until=date(2027, 11, 1), why="继续任职")
    with pytest.raises(PermissionDenied):
        actions.renew_grant(by=cast.other_county_officer, grant=fresh(grant), until=date(2027, 11, 1), why="继续任职")
    with pytest.raises(ValidationError, match="一年"):
        actions.renew_grant(by=cast.security_admin, grant=fresh(grant), until=date(2029, 1, 1), why="继续任职")


def test_withdrawn_approval_ends_at_once_and_says_why(cast):
    grant = Grant.objects.get(staff=cast.director)
    actions.withdraw_grant(by=cast.security_admin, grant=grant, why="岗位有疑问")
    assert not Child.objects.visible_to(fresh(cast.director)).exists()
    assert fresh(grant).withdrawn_why == "岗位有疑问"
    with pytest.raises(PermissionDenied):
        actions.withdraw_grant(by=cast.supervisor, grant=Grant.objects.get(staff=cast.director2), why="岗位有疑问")


def test_approval_for_one_child_opens_that_child_until_its_moment(cast):
    facts = {"staff": cast.director2, "child_id": cast.siyuan.pk, "region": cast.chunhe.path, "why": "代管"}
    actions.grant_child(by=cast.county_officer, until_at=clock.now() + timedelta(days=2), **facts)
    assert {child.name for child in Child.objects.visible_to(fresh(cast.director2))} == {"郑明泽", "陈思远"}
    with at("2026-11-26T09:00"):
        assert {child.name for child in Child.objects.visible_to(fresh(cast.director2))} == {"郑明泽"}
    for until in (clock.now(), clock.now() + timedelta(days=400)):
        with pytest.raises(ValidationError):
            actions.grant_child(by=cast.county_officer, until_at=until, **facts)
    with pytest.raises(PermissionDenied):
        actions.grant_child(by=cast.other_county_officer, until_at=clock.now() + timedelta(days=2), **facts)


def test_a_look_that_cannot_wait_opens_for_two_hours_and_the_director_is_told(cast):
    told = actions.emergency_look(
        by=cast.counsellor, child_id=cast.yutong.pk, region=cast.chunhe.path, why="夜里来电，说不想活了"
    )
    assert told == [cast.director]
    assert cast.yutong in Child.objects.visible_to(fresh(cast.counsellor))
    with at("2026-11-24T11:00"):
        assert cast.yutong not in Child.objects.visible_to(fresh(cast.counsellor))
    events = Event.objects.filter(action="staff.emergency_look")
    assert {event.subject_id for event in events} == {cast.counsellor.pk, cast.director.pk}
    assert [event.by_id for event in queries.told_lately(cast.director, clock.now())] == [cast.counsellor.pk]


def test_a_director_who_looks_in_an_emergency_is_answered_for_by_the_supervisor(cast):
    told = actions.emergency_look(by=cast.director, child_id=uuid4(), region=cast.chunhe.path, why="孩子走失")
    assert told == [cast.supervisor]


def test_an_emergency_needs_a_reason_and_a_person_who_may_open_files(cast):
    with pytest.raises(ValidationError):
        actions.emergency_look(by=cast.director, child_id=uuid4(), region=cast.chunhe.path, why="")
    for person in (cast.volunteer, cast.system_admin):
        with pytest.raises(PermissionDenied):
            actions.emergency_look(by=person, child_id=uuid4(), region=cast.chunhe.path, why="孩子走失")


def test_who_is_nearest_answers_for_a_community(cast):
    assert queries.responsible_for(cast.chunhe.path, TODAY) == [cast.director]
    actions.suspend(by=cast.supervisor, staff=cast.director, on=TODAY, why="停职")
    assert queries.responsible_for(cast.chunhe.path, TODAY) == [cast.supervisor]
    assert queries.responsible_for("98", TODAY) == []


# ── places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_supervisor_adds_a_community_of_their_township_and_none_elsewhere(cast):
    new = actions.open_region(by=cast.supervisor, code="990101100003", name="新桥社区", year=2026)
    actions.open_organisation(by=cast.supervisor, name="新桥社区居委会", kind="community", region=new)
    for code in ("990102100002", "990101"):
        with pytest.raises(PermissionDenied):
            actions.open_region(by=cast.supervisor, code=code, name="别处", year=2026)
    with pytest.raises(PermissionDenied):
        actions.open_organisation(by=cast.supervisor, name="别处", kind="community", region=cast.dukou)


def test_a_place_needs_the_place_above_it_and_a_code_of_its_own(cast):
    with pytest.raises(ValidationError, match="上一级"):
        actions.open_region(by=SYSTEM, code="980101", name="别处", year=2026)
    with pytest.raises(ValidationError, match="2 到 12 位"):
        actions.open_region(by=SYSTEM, code="99010110000x", name="别处", year=2026)
    with pytest.raises(ValidationError):
        actions.open_region(by=SYSTEM, code="990101100001", name="别处", year=2026)


def test_an_organisation_stands_in_a_region_of_its_level(cast):
    with pytest.raises(ValidationError, match="不在这一级"):
        actions.open_organisation(by=SYSTEM, name="梅源县社区", kind="community", region=cast.county)


def test_regions_come_in_by_the_list_and_keep_a_newer_name(cast):
    rows = [("990101100001", "春和社区"), ("990101100002", "岭下村"), ("990101100009", "石塘社区")]
    assert actions.load_regions(by=SYSTEM, rows=rows, year=2025) == {"new": 1, "renamed": 1, "unchanged": 1}
    assert (fresh(cast.lingxia).name, fresh(cast.lingxia).year, fresh(cast.lingxia).version) == ("岭下村", 2025, 2)
    assert actions.load_regions(by=SYSTEM, rows=[("990101100002", "岭下社区")], year=2023)["unchanged"] == 1
    assert Event.objects.filter(action="staff.load_regions", region="990101100009").count() == 1
    assert seal.verify().ok


def test_an_action_with_the_same_key_acts_once(cast):
    key = uuid4()
    facts = {"by": cast.supervisor, "code": "990101100003", "name": "新桥社区", "year": 2026, "key": key}
    assert actions.open_region(**facts) == actions.open_region(**facts)
    assert Region.objects.filter(path="990101100003").count() == 1


def test_a_verification_is_noted_with_its_result(cast):
    actions.note_verdict(by=cast.audit_admin, verdict=seal.verify())
    assert queries.last_verdict()["ok"] is True
    broken = Verdict(events=7, ok=False, first_broken={"chain": "events", "number": 4, "what": "the row was changed"})
    actions.note_verdict(by=cast.audit_admin, verdict=broken)
    found = queries.last_verdict()
    assert (found["ok"], found["events"], found["broken"], found["number"]) == (False, 7, "the row was changed", 4)
