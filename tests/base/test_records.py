"""No write without a name: actions, their Events, the version lock, withdrawal, and receipts."""

import threading
import uuid

import pytest
from django.db import connection, transaction
from django.http import Http404

from tests.factories import fresh
from tests.together import at_once
from tongxing.base import clock
from tongxing.base.records import SYSTEM, Event, Look, Receipt, Stale, Unnamed, action, current_deed, seen
from tongxing.children.models import Child, Household, Kin, Pairing, Whereabouts
from tongxing.staff import actions as staffing
from tongxing.staff.models import Organisation, Region


@action("tests.write")
def write(*, by, records=(), then=None):
    """Save these records, then do something more, all in one named action."""
    for record in records:
        record.save()
    return then() if then else None


def region(path="99", name="云岭省") -> Region:
    return Region(path=path, year=2023, name=name)


@pytest.fixture
def place(transactional_db):
    """A region whose name people change at the same time."""
    place = region()
    write(by=SYSTEM, records=[place])
    return place


# ── only in an action ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_saving_outside_an_action_raises_and_saves_nothing():
    with pytest.raises(Unnamed):
        region().save()
    with pytest.raises(Unnamed):
        Region.objects.create(path="99", year=2023, name="云岭省")
    assert not Region.objects.exists()


def test_a_changed_record_is_not_saved_outside_an_action(cast):
    child = fresh(cast.siyuan)
    child.name = "陈思源"
    with pytest.raises(Unnamed):
        child.save()
    assert fresh(child).name == "陈思远"


@pytest.mark.parametrize(
    "shortcut",
    [
        lambda: Child.objects.update(name="无名"),
        lambda: Child.objects.all().delete(),
        lambda: Child.objects.filter(name="陈思远").delete(),
        lambda: Child.objects.standing().update(name="无名"),
        lambda: Child.objects.bulk_create([]),
        lambda: Child.objects.bulk_update([], ["name"]),
        lambda: Child.objects.get_or_create(name="无名"),
        lambda: Child.objects.update_or_create(name="无名"),
        lambda: Child.objects.first().delete(),
        lambda: Child.objects.first().pairings.all().delete(),
        lambda: Child.objects.first().pairings.update(end_why="换人"),
        lambda: Kin.objects.update(name="无名"),
        lambda: Region.objects.in_bulk() and Region.objects.update(name="无名"),
    ],
)
def test_no_shortcut_around_the_action_is_open_not_even_inside_one(cast, shortcut):
    with pytest.raises(Unnamed):
        shortcut()
    with pytest.raises(Unnamed):
        write(by=SYSTEM, then=shortcut)
    assert Child.objects.count() == len(cast.children)


@pytest.mark.django_db
def test_the_deed_is_over_when_its_action_is_over_even_badly():
    with pytest.raises(ZeroDivisionError):
        write(by=SYSTEM, then=lambda: 1 / 0)
    with pytest.raises(Unnamed):
        current_deed()


# ── the trace of an action ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_action_leaves_one_event_per_subject_with_every_fact(cast):
    child, kin = fresh(cast.siyuan), Kin.objects.get(name="罗秀兰")
    child.name, child.hamlet, kin.name = "陈思源", "四组", "罗秀云"
    before = set(Event.objects.values_list("pk", flat=True))
    write(by=cast.director, records=[child, kin])
    events = {event.subject: event for event in Event.objects.exclude(pk__in=before)}
    assert set(events) == {"children.child", "children.kin"}
    event = events["children.child"]
    assert (event.action, event.by_id, event.subject_id) == ("tests.write", cast.director.pk, child.pk)
    assert (event.region, event.at) == ("990101100001", clock.now())
    assert event.held == {f"child:{child.pk}": {"name": ["陈思远", "陈思源"], "hamlet": ["三组", "四组"]}}
    assert set(event.facts[f"child:{child.pk}"]) == {"name", "hamlet"}


def test_a_nested_action_joins_the_outer_one(cast):
    before = Event.objects.count()

    @action("tests.outer")
    def outer(*, by):
        child = fresh(cast.siyuan)
        child.name = "陈思源"
        write(by=by, records=[child])
        child.hamlet = "四组"
        child.save()

    outer(by=cast.director)
    assert Event.objects.count() == before + 1
    event = Event.objects.get(action="tests.outer")
    assert set(event.held[f"child:{cast.siyuan.pk}"]) == {"name", "hamlet"}
    assert not Event.objects.filter(action="tests.write").exists()


def test_a_fact_saved_twice_in_one_action_is_one_change_from_first_to_last(cast):
    child = fresh(cast.siyuan)

    def rename_twice():
        for child.name in ("陈思源", "陈司远"):
            child.save()

    write(by=cast.director, then=rename_twice)
    event = Event.objects.get(action="tests.write")
    assert event.held == {f"child:{child.pk}": {"name": ["陈思远", "陈司远"]}}
    assert event.broken_commitments() == []


def test_a_sealed_value_set_and_emptied_in_one_action_leaves_no_value_behind(cast):
    kin = Kin.objects.get(name="罗秀兰")

    def set_and_empty():
        for kin.employer in ("远山鞋厂", None):
            kin.save()

    write(by=cast.director, then=set_and_empty)
    event = Event.objects.get(action="tests.write")
    assert event.held == {}
    assert event.broken_commitments() == []


@pytest.mark.django_db
def test_the_later_of_two_notes_on_one_fact_is_the_one_that_counts():
    event = Event(at=clock.now(), by_id=SYSTEM.pk)
    event.note("kin:1", "health", None, "腿脚不便", sealed=True)
    event.note("kin:1", "health", "腿脚不便", None, sealed=True)
    event.note("kin:1", "name", None, "罗秀兰")
    assert event.held == {"kin:1": {"name": [None, "罗秀兰"]}}
    assert event.broken_commitments() == []


def test_sealed_values_are_ciphertext_in_the_event(cast):
    kin = Kin.objects.get(name="罗秀兰")
    kin.health = "高血压，走不远"
    write(by=cast.director, records=[kin])
    event = Event.objects.get(action="tests.write")
    held = event.held[f"kin:{kin.pk}"]["health"]
    assert set(held) == {"box", "salt"} and held["box"].startswith("v1:aes256gcm:")
    assert "高血压" not in str(event.held) + str(event.facts)


def test_a_record_of_a_room_with_secrets_says_which_fields_changed_and_not_what_they_say(cast, monkeypatch):
    monkeypatch.setattr(Household, "secret", True)
    door = Household(community=cast.chunhe, hamlet="九组", address="春和社区九组1号")
    write(by=cast.director, records=[door])
    event = Event.objects.get(action="tests.write")
    assert set(event.facts[f"household:{door.pk}"]) == {"community", "hamlet", "address"}
    assert event.held == {}


def test_the_trace_keeps_no_password_and_no_hash(cast):
    staffing.set_password(by=cast.director, staff=fresh(cast.director), password="another-2026-word", own=True)
    event = Event.objects.filter(action="staff.set_password").latest("id")
    assert "password" in event.facts[f"staff:{cast.director.pk}"]
    assert "password" not in event.held.get(f"staff:{cast.director.pk}", {})


def test_a_move_is_told_in_both_places(cast):
    from tongxing.children.actions import move_care

    move_care(by=cast.supervisor, child=fresh(cast.siyuan), community=cast.lingxia, on=clock.today(), why="搬家")
    events = Event.objects.filter(action="children.move_care", subject_id=cast.siyuan.pk)
    assert sorted(event.region for event in events) == [cast.chunhe.path, cast.lingxia.path]


@pytest.mark.django_db
def test_no_event_is_left_when_the_action_fails():
    with pytest.raises(ZeroDivisionError):
        write(by=SYSTEM, records=[region()], then=lambda: 1 / 0)
    assert not Region.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_no_event_is_left_when_the_transaction_around_the_action_rolls_back():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write(by=SYSTEM, records=[region()])
        assert Event.objects.count() == 1
        raise ZeroDivisionError
    assert not Region.objects.exists()
    assert not Event.objects.exists()


def test_saving_what_did_not_change_writes_nothing(cast, django_assert_num_queries):
    child, before = fresh(cast.siyuan), Event.objects.count()
    assert child.citizen_number  # opened, not changed
    with transaction.atomic(), django_assert_num_queries(2):  # the action's own savepoint
        write(by=cast.director, records=[child])
    assert fresh(child).version == cast.siyuan.version
    assert Event.objects.count() == before


def test_what_was_read_again_is_not_taken_for_a_change(cast):
    mine, theirs = fresh(cast.siyuan), fresh(cast.siyuan)
    theirs.name = "陈思源"
    write(by=cast.director, records=[theirs])
    mine.refresh_from_db()
    write(by=cast.teacher, records=[mine])
    assert not Event.objects.filter(action="tests.write", by_id=cast.teacher.pk).exists()


def test_a_field_read_late_is_not_taken_for_a_change(cast):
    child = Child.objects.only("name", "community", "version").get(pk=cast.siyuan.pk)
    assert child.hamlet == "三组"
    child.name = "陈思源"
    write(by=cast.director, records=[child])
    held = Event.objects.get(action="tests.write").held
    assert held == {f"child:{child.pk}": {"name": ["陈思远", "陈思源"]}}
    assert fresh(child).citizen_number == cast.siyuan.citizen_number


def test_withdrawing_keeps_the_row_with_its_reason(cast):
    child = fresh(cast.yutong)

    @action("tests.withdraw")
    def withdraw(*, by):
        child.withdraw(by=by, why="重复建档")

    withdraw(by=cast.director)
    kept = fresh(child)
    assert (kept.withdrawn_by_id, kept.withdrawn_why) == (cast.director.pk, "重复建档")
    assert kept.withdrawn_at == clock.now()
    assert child not in Child.objects.standing()
    assert kept.version == cast.yutong.version + 1
    assert Event.objects.get(action="tests.withdraw").held[f"child:{child.pk}"]["withdrawn_why"] == ["", "重复建档"]


def test_a_look_is_a_row_with_a_name_and_an_authenticated_content(cast):
    look = seen(by=cast.director, what="children.child", page="archive", subject_id=cast.siyuan.pk, region="990101")
    kept = Look.objects.get(pk=look.pk)
    assert (kept.by_id, kept.subject_id, kept.page) == (cast.director.pk, cast.siyuan.pk, "archive")
    assert kept.authenticate() == kept.mac


# ── the version lock ────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_people_the_second_learns_both_values_and_overwrites_nothing(cast):
    mine, theirs = fresh(cast.siyuan), fresh(cast.siyuan)
    theirs.name = "陈思源"
    write(by=cast.director, records=[theirs])
    mine.name = "陈司远"
    events = Event.objects.count()
    with pytest.raises(Stale) as stale:
        write(by=cast.teacher, records=[mine])
    assert stale.value.mine.name == "陈司远"
    assert stale.value.theirs().name == "陈思源"
    assert fresh(mine).name == "陈思源"
    assert Event.objects.count() == events


def test_a_stale_record_stays_stale_when_it_is_saved_again(cast):
    mine, theirs = fresh(cast.siyuan), fresh(cast.siyuan)
    theirs.name, mine.name = "陈思源", "陈司远"
    write(by=cast.director, records=[theirs])
    for _try in range(2):
        with pytest.raises(Stale):
            write(by=cast.teacher, records=[mine])
    assert fresh(mine).name == "陈思源"


def test_a_refused_save_caught_inside_the_action_leaves_no_fact_in_its_event(cast):
    mine, theirs, other = fresh(cast.siyuan), fresh(cast.siyuan), fresh(cast.siyu)
    theirs.name, mine.name, other.name = "陈思源", "陈司远", "陈思语"
    write(by=cast.director, records=[theirs])

    def try_mine():
        with pytest.raises(Stale), transaction.atomic():
            mine.save()

    write(by=cast.teacher, records=[other], then=try_mine)
    events = Event.objects.filter(by_id=cast.teacher.pk, action="tests.write")
    assert [event.subject_id for event in events] == [other.pk]


def test_of_eight_people_at_once_one_saves_and_seven_learn_of_it(place):
    read = [fresh(place) for _person in range(8)]

    def rename(record, name):
        record.name = name
        write(by=SYSTEM, records=[record])
        return name

    answers = at_once(*[lambda one=one, name=f"云岭{at}": rename(one, name) for at, one in enumerate(read)])
    saved = [answer for answer in answers if isinstance(answer, str)]
    stale = [answer for answer in answers if isinstance(answer, Stale)]
    assert (len(saved), len(stale)) == (1, 7), answers
    assert fresh(place).name == saved[0]
    assert fresh(place).version == 2
    assert Event.objects.filter(subject_id=place.pk).count() == 2
    assert all(one.theirs().name == saved[0] for one in stale)


# ── receipts: one request acts once ─────────────────────────────────────────────────────────────────────────────────


@action("tests.name_a_region")
def name_a_region(*, by, path, fail=False):
    made = region(path, f"地区{path}")
    made.save()
    if fail:
        raise ZeroDivisionError
    return made


@action("tests.name_regions")
def name_regions(*, by, paths):
    return [name_a_region(by=by, path=path) for path in paths]


def test_the_same_request_again_gets_the_same_answer_and_acts_once(cast):
    key = uuid.uuid4()
    first = name_a_region(by=cast.director, key=key, path="98")
    again = name_a_region(by=cast.director, key=key, path="97")
    assert (again.pk, again.name) == (first.pk, "地区98")
    assert Event.objects.filter(action="tests.name_a_region").count() == 1
    assert not Region.objects.filter(path="97").exists()


def test_a_list_and_a_plain_answer_come_back_as_they_were(cast):
    key, other = uuid.uuid4(), uuid.uuid4()
    first = name_regions(by=cast.director, key=key, paths=["98", "97"])
    assert name_regions(by=cast.director, key=key, paths=["98", "97"]) == first
    said = [write(by=cast.director, key=other, then=lambda: {"n": 3}) for _time in range(2)]
    assert said == [{"n": 3}, {"n": 3}]


def test_two_requests_with_keys_of_their_own_both_act(cast):
    name_a_region(by=cast.director, key=uuid.uuid4(), path="98")
    name_a_region(by=cast.director, key=uuid.uuid4(), path="97")
    assert Region.objects.filter(path__in=("97", "98")).count() == 2


def test_another_persons_key_is_not_there(cast):
    key = uuid.uuid4()
    name_a_region(by=cast.director, key=key, path="98")
    with pytest.raises(Http404):
        name_a_region(by=cast.teacher, key=key, path="98")
    with pytest.raises(Http404):  # nor is one's own of another action
        name_regions(by=cast.director, key=key, paths=["97"])
    assert Event.objects.filter(action="tests.name_a_region").count() == 1


def test_a_failed_action_gives_its_key_back(cast):
    key = uuid.uuid4()
    with pytest.raises(ZeroDivisionError):
        name_a_region(by=cast.director, key=key, path="98", fail=True)
    assert not Receipt.objects.exists()
    assert name_a_region(by=cast.director, key=key, path="98").path == "98"


def test_a_double_tap_of_eight_acts_once_and_all_get_its_answer(transactional_db):
    key = uuid.uuid4()
    answers = at_once(*[lambda: name_a_region(by=SYSTEM, key=key, path="98")] * 8)
    assert {getattr(answer, "path", answer) for answer in answers} == {"98"}
    assert len({answer.pk for answer in answers}) == 1
    assert Region.objects.count() == Event.objects.count() == Receipt.objects.count() == 1


def test_when_the_first_of_two_taps_fails_the_second_one_acts(transactional_db):
    key, begun = uuid.uuid4(), threading.Event()

    @action("tests.name_a_region")
    def slow_and_failing(*, by, path):
        begun.set()
        region(path).save()
        raise ZeroDivisionError

    def second():
        begun.wait(10)
        return name_a_region(by=SYSTEM, key=key, path="98")

    failed, made = at_once(lambda: slow_and_failing(by=SYSTEM, key=key, path="98"), second)
    assert isinstance(failed, ZeroDivisionError)
    assert made.name == "地区98"
    assert Receipt.objects.count() == 1


# ── facts the database itself knows ─────────────────────────────────────────────────────────────────────────────────


def test_every_record_has_the_version_lock_and_the_shut_queryset():
    from django.apps import apps

    from tongxing.base.records import Record, RecordQuerySet

    records = [model for model in apps.get_models() if issubclass(model, Record)]
    assert {Child, Kin, Household, Pairing, Whereabouts, Organisation, Region} <= set(records)
    for model in records:
        assert isinstance(model.objects.all(), RecordQuerySet), model
        assert model._meta.get_field("version").default == 1, model


def test_the_database_under_test_is_the_one_asked_for(request, db):
    assert connection.vendor == request.config.getoption("--database")
