"""`tongxing check` is silent where all is well and finds each planted error; `repair` rebuilds what it can."""

import os
from datetime import date, timedelta

import pytest
from django.db import connection

from tests import factories
from tongxing.base import attachments, clock
from tongxing.base.jobs import Job, JobState
from tongxing.base.records import SYSTEM, Event, action
from tongxing.care.models import LastAct, Visit
from tongxing.children.models import Attention, CareEpisode, Child, ContactCard, Kin, Lookup, Pairing, Schooling
from tongxing.commands.check import check
from tongxing.staff.models import Staff

# Errors are planted behind the back of every action, as a hand in the database would.


@pytest.fixture(autouse=True)
def own_anchor(settings, tmp_path):
    settings.ANCHORS = tmp_path / "anchors.log"
    settings.ATTACHMENTS = tmp_path / "attachments"


@pytest.fixture
def cast(cast):
    factories.visit(cast.siyuan, cast.siyu, by=cast.director, on=date(2026, 11, 16))
    factories.visit(cast.zixuan, by=cast.cadre, on=date(2026, 11, 17))
    return cast


def codes(**wanted) -> set:
    answer = check(**wanted)
    assert answer["ok"] == (not answer["problems"])
    for problem in answer["problems"]:
        assert problem["says"] and problem["count"] >= 1 and len(problem["first"]) <= 5
    return {problem["code"] for problem in answer["problems"]}


def plant(model, **wanted):
    return model._base_manager.filter(**wanted)


def test_all_is_well(cast):
    assert codes() == set()


@pytest.mark.django_db
def test_an_empty_database_is_well():
    assert codes() == set()


# ── children ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_community_that_is_not_the_one_in_care(cast):
    plant(Child, pk=cast.siyuan.pk).update(community=cast.lingxia)
    assert codes() == {"community", "lookup_wrong"}


def test_a_child_without_any_time_in_care(cast):
    plant(CareEpisode, child=cast.jiayi).update(withdrawn_at=clock.now())
    assert codes() == {"community", "in_care"}


def test_a_mark_of_care_that_is_wrong(cast):
    plant(Child, pk=cast.siyu.pk).update(in_care=False)
    assert codes() == {"in_care"}


def test_a_child_that_cannot_be_found(cast):
    Lookup.objects.filter(child=cast.siyu).delete()
    assert codes() == {"lookup_missing"}


def test_look_up_rows_of_another_number(cast):
    Lookup.objects.filter(child=cast.siyuan, kind="number").update(key="0" * 32)
    assert codes() == {"lookup_wrong"}


def test_a_last_visit_that_no_visit_says(cast):
    LastAct.objects.filter(child=cast.siyuan).update(on=date(2026, 11, 23))
    assert codes() == {"last_act"}


def test_a_last_visit_that_is_missing(cast):
    LastAct.objects.filter(child=cast.siyuan).delete()
    assert codes() == {"last_act"}


def test_a_last_visit_that_is_not_there(cast):
    plant(Visit, child=cast.zixuan).update(withdrawn_at=clock.now())
    assert codes() == {"last_act"}


OVERLAPS = [
    ("overlap_careepisode", CareEpisode, {"community_id": "990101100001", "why_out": "x"}),
    ("overlap_attention", Attention, {"level": "low", "review_on": date(2026, 12, 1), "reason": "x"}),
    ("overlap_pairing", Pairing, {"end_why": "x"}),
    ("overlap_schooling", Schooling, {"status": "primary", "why_out": "x"}),
]


@pytest.mark.parametrize(("code", "model", "facts"), OVERLAPS, ids=[one[0] for one in OVERLAPS])
def test_two_that_hold_on_the_same_day(cast, code, model, facts):
    """One that ends the day the next begins is none; one day more is."""
    if model is Pairing:
        facts = {**facts, "helper": cast.cadre}
    began = factories.OPENED
    row = model(child=cast.zixuan, from_on=began - timedelta(days=30), to_on=began, **facts)
    model._base_manager.bulk_create([row])
    assert codes() == set()
    plant(model, pk=row.pk).update(to_on=began + timedelta(days=1))
    assert codes() == {code}


def test_one_that_ended_as_it_began_holds_on_no_day(cast):
    began = factories.OPENED + timedelta(days=5)
    row = Pairing(child=cast.zixuan, helper=cast.cadre, from_on=began, to_on=began, end_why="x")
    Pairing._base_manager.bulk_create([row])
    assert codes() == set()


def test_a_helper_whose_record_is_withdrawn(cast):
    plant(Staff, pk=cast.cadre.pk).update(withdrawn_at=clock.now())
    assert codes() == {"helper_gone"}


def test_a_pairing_of_a_child_in_nobodys_care(cast):
    plant(CareEpisode, child=cast.zixuan).update(to_on=date(2026, 11, 1), why_out="x")
    plant(Child, pk=cast.zixuan.pk).update(in_care=False)
    assert codes() == {"paired_outside"}


def test_a_role_without_its_person(cast):
    kin = cast.siyuan.kin_roles.first().kin
    plant(Kin, pk=kin.pk).update(withdrawn_at=clock.now())
    assert codes() == {"role_without_kin"}


def test_a_row_that_points_at_nothing(cast):
    """Only SQLite, with its checks off, lets such a row be: PostgreSQL refuses it at once."""
    if connection.vendor != "sqlite":
        assert codes() == set()
        return
    with connection.cursor() as cursor:  # deferred until the end of the transaction, which never comes
        cursor.execute("UPDATE children_kinrole SET kin_id = %s WHERE child_id = %s", ["0" * 32, cast.siyuan.pk.hex])
    assert "references" in codes()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM children_kinrole WHERE kin_id = %s", ["0" * 32])


# ── files, jobs, keys, trace ────────────────────────────────────────────────────────────────────────────────────────


@action("tests.keep")
def keep(*, by, days=None):
    return attachments.keep(b"a letter", name="letter", kind="txt", days=days)


def test_an_attachment_that_is_gone_or_changed(cast):
    kept = keep(by=SYSTEM)
    assert codes() == set()
    *said, last = kept.path.read_bytes()
    kept.path.write_bytes(bytes([*said, last ^ 1]))  # another byte for certain: what is sealed may end in anything
    assert codes() == {"attachments"}
    kept.path.unlink()
    assert codes() == {"attachments"}


def test_an_attachment_that_outlives_its_time(cast):
    kept = keep(by=SYSTEM, days=30)
    plant(attachments.Attachment, pk=kept.pk).update(expires_at=clock.now() - timedelta(minutes=5))
    assert codes() == set()  # the worker may be on its way
    plant(attachments.Attachment, pk=kept.pk).update(expires_at=clock.now() - timedelta(days=1))
    assert codes() == {"expired"}
    attachments.erase_expired()
    assert codes() == set()


@pytest.mark.parametrize("facts", [{"state": JobState.RUNNING, "beat": 2}, {"state": JobState.QUEUED, "queued": 2}])
def test_a_silent_job(cast, facts):
    ago = {name: clock.now() - timedelta(hours=facts[name]) for name in ("beat", "queued") if name in facts}
    Job.objects.create(
        kind="x", by_id=cast.director.pk, state=facts["state"], beat_at=ago.get("beat"),
        queued_at=ago.get("queued", clock.now()),
    )  # fmt: skip
    assert codes() == {"jobs"}


def test_a_sealed_value_that_does_not_open(cast):
    box = cast.siyuan.__dict__["citizen_number"]
    plant(Child, pk=cast.siyu.pk).update(citizen_number=box)  # another row's: bound to its own
    assert codes() == {"sealed"}


def test_a_changed_trace(cast):
    event = Event.objects.order_by("at").first()
    Event.objects.filter(pk=event.pk).update(action="nothing.happened")
    assert codes() == {"trace"}


# ── the installation ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_key_ring_that_others_can_read(settings):
    mode = settings.KEYS.stat().st_mode
    os.chmod(settings.KEYS, 0o644)
    try:
        assert codes() == {"key_file"}
    finally:
        os.chmod(settings.KEYS, mode)


@pytest.mark.django_db
def test_the_world_without_tls(settings):
    settings.ALLOWED_HOSTS = ["tongxing.example.cn"]
    assert codes() == {"tls"}
    settings.HTTPS = True
    assert codes() == set()


@pytest.mark.django_db
def test_details_on_error_pages(settings):
    settings.DEBUG = True
    assert "debug" in codes()


# ── repair ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_card_that_is_not_what_the_archive_says_is_found_and_kept_anew(cast):
    ContactCard.objects.filter(child=cast.siyuan).update(lacks="")
    ContactCard.objects.filter(child=cast.siyu).delete()
    assert codes() == {"card"}
    assert check(repair=True)["repaired"] == {"card": 2}
    assert codes() == set()
    assert ContactCard.objects.filter(child=cast.siyu).get().lacks.startswith("mother_name")


def test_repair_rebuilds_what_other_rows_say_and_leaves_a_trace(cast):
    keys = sorted(Lookup.objects.filter(child=cast.siyu).values_list("kind", "key"))
    Lookup.objects.filter(child=cast.siyu).delete()
    Lookup.objects.filter(child=cast.zixuan, kind="number").update(key="0" * 32)
    LastAct.objects.filter(child=cast.siyuan).update(on=date(2026, 11, 23))
    plant(Child, pk=cast.yutong.pk).update(in_care=False)
    assert codes() == {"lookup_missing", "lookup_wrong", "last_act", "in_care"}
    answer = check(repair=True)
    assert answer["repaired"] == {"lookup_missing": 1, "lookup_wrong": 1, "last_act": 1}
    assert {problem["code"] for problem in answer["problems"]} == {"in_care"}  # nobody can tell which one is right
    assert sorted(Lookup.objects.filter(child=cast.siyu).values_list("kind", "key")) == keys
    assert LastAct.objects.get(child=cast.siyuan).on == date(2026, 11, 16)
    rebuilt = Event.objects.filter(action="check.rebuild").values_list("subject_id", flat=True)
    assert set(rebuilt) == {cast.siyu.pk, cast.zixuan.pk, cast.siyuan.pk}
