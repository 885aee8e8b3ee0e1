"""The sealed chain: every row counted, whatever is touched is found, whoever writes beside it."""

import hashlib
import hmac
import json
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from tests.together import at_once
from tongxing.base import clock, seal
from tongxing.base.keys import key_ring
from tongxing.base.records import SYSTEM, Event, Look, action, canonical, seen
from tongxing.staff.models import Region


@action("tests.name_a_region")
def name_a_region(*, by, path):
    region = Region(path=path, year=2023, name=f"地区{path}")
    region.save()
    return region


@pytest.fixture(autouse=True)
def anchors(settings, tmp_path):
    settings.ANCHORS = tmp_path / "anchors.log"
    return settings.ANCHORS


@pytest.fixture
def trace(cast):
    """The trace of the cast with a few looks, sealed and anchored; answers the event that is tampered with."""
    for child in cast.children:
        seen(by=cast.director, what="children.child", page="archive", subject_id=child.pk, region=child.community_id)
    seal.anchor()
    event = Event.objects.get(action="children.open_archive", subject_id=cast.siyuan.pk)
    assert 1 < event.number < Event.objects.count() - 20
    return event


def stored(model, name, value):
    """A value as this database keeps it."""
    return model._meta.get_field(name).get_db_prep_save(value, connection)


def tamper(row, **columns) -> None:
    """Change columns of one row behind the product's back."""
    with connection.cursor() as cursor:
        for name, value in columns.items():
            cursor.execute(
                f'UPDATE {row._meta.db_table} SET "{name}" = %s WHERE id = %s', [value, stored(type(row), "id", row.pk)]
            )


def flipped(text: str, at: int = 0) -> str:
    """The text with one character changed to another of its kind."""
    other = {"0": "1", "a": "b"}.get(text[at], "0" if text[at].isalnum() else "a")
    return text[:at] + other + text[at + 1 :]


def first_fact(event) -> tuple[str, str]:
    row = next(iter(event.facts))
    return row, next(iter(event.facts[row]))


# ── it stands ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_untouched_trace_stands_with_every_row_counted(trace):
    verdict = seal.verify()
    assert (verdict.ok, verdict.first_broken) == (True, None)
    assert (verdict.events, verdict.looks) == (Event.objects.count(), Look.objects.count())


def test_an_empty_trace_stands(db):
    verdict = seal.verify()
    assert (verdict.ok, verdict.events, verdict.looks) == (True, 0, 0)


def test_numbers_have_no_gaps_and_begin_at_one(trace):
    for model in (Event, Look):
        numbers = list(model.objects.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))


def test_what_was_written_since_is_sealed_before_it_is_verified(trace):
    before = Event.objects.count()
    name_a_region(by=SYSTEM, path="98")
    assert Event.objects.filter(number=None).count() == 1
    verdict = seal.verify()
    assert verdict.ok and verdict.events == before + 1
    assert not Event.objects.filter(number=None).exists()


def test_batches_join_into_one_chain(cast, monkeypatch):
    monkeypatch.setattr(seal, "BATCH", 7)
    sealed = seal.seal_all()
    assert sealed == Event.objects.count() > 21
    assert seal.verify().ok
    assert seal.seal_all() == 0


def test_the_trace_key_may_change_and_the_older_part_still_stands(settings, tmp_path, db):
    settings.RING = ring = key_ring(tmp_path / "ring.json")
    name_a_region(by=SYSTEM, path="98")
    seal.seal_all()
    ring.add("trace")
    ring.promote("trace")
    name_a_region(by=SYSTEM, path="97")
    assert seal.verify().ok
    assert len(set(Event.objects.values_list("trace_key", flat=True))) == 2


# ── whatever is touched is found ────────────────────────────────────────────────────────────────────────────────────


def changed_facts(event):
    facts, (row, name) = json.loads(json.dumps(event.facts)), first_fact(event)
    facts[row][name] = flipped(facts[row][name], 5)
    return facts


def without_a_fact(event):
    facts, (row, name) = json.loads(json.dumps(event.facts)), first_fact(event)
    del facts[row][name]
    return facts


def changed_plain(event):
    held = json.loads(json.dumps(event.held))
    held[f"child:{event.subject_id}"]["name"] = [None, "陈思近"]
    return held


def changed_box(event):
    held = json.loads(json.dumps(event.held))
    kept = held[f"child:{event.subject_id}"]["citizen_number"]
    kept["box"] = flipped(kept["box"], 40)
    return held


def box_of_another_key(event):
    held = json.loads(json.dumps(event.held))
    kept = held[f"child:{event.subject_id}"]["citizen_number"]
    version, algorithm, _key, body = kept["box"].split(":")
    kept["box"] = f"{version}:{algorithm}:s000:{body}"
    return held


def changed_salt(event):
    held = json.loads(json.dumps(event.held))
    kept = held[f"child:{event.subject_id}"]["citizen_number"]
    kept["salt"] = flipped(kept["salt"])
    return held


def plain_for_sealed(event):
    held = json.loads(json.dumps(event.held))
    held[f"child:{event.subject_id}"]["citizen_number"] = [None, "990101200001010000"]
    return held


def a_fact_of_its_own(event):
    held = json.loads(json.dumps(event.held))
    held[f"child:{event.subject_id}"]["nickname"] = [None, "小远"]
    return held


EVENT_COLUMNS = {
    "at": lambda event: stored(Event, "at", event.at + timedelta(microseconds=1)),
    "by_id": lambda event: stored(Event, "by_id", uuid.UUID(flipped(event.by_id.hex, 20))),
    "action": lambda event: "children.open_archivf",
    "subject": lambda event: "children.chile",
    "subject_id": lambda event: stored(Event, "subject_id", uuid.UUID(flipped(event.subject_id.hex, 31))),
    "region": lambda event: "990101100002",
    "on": lambda event: stored(Event, "on", clock.today()),
    "facts": lambda event: json.dumps(changed_facts(event)),
    "mac": lambda event: flipped(event.mac),
    "trace_key": lambda event: "t000",
    "chain": lambda event: flipped(event.chain, 63),
    "salt": lambda event: flipped(event.salt, 31),
}
EVENT_INSIDES = {
    "a fact taken out": ("facts", without_a_fact),
    "a value in plain": ("held", changed_plain),
    "a byte of a sealed value": ("held", changed_box),
    "the key of a sealed value": ("held", box_of_another_key),
    "the salt of a sealed value": ("held", changed_salt),
    "a plain value in place of a sealed one": ("held", plain_for_sealed),
    "a fact that was never committed to": ("held", a_fact_of_its_own),
}
LOOK_COLUMNS = {
    "at": lambda look: stored(Look, "at", look.at - timedelta(days=1)),
    "by_id": lambda look: stored(Look, "by_id", uuid.UUID(flipped(look.by_id.hex, 3))),
    "what": lambda look: "children.chile",
    "subject_id": lambda look: None,
    "page": lambda look: "archivf",
    "region": lambda look: "",
    "count": lambda look: 2,
    "why": lambda look: "家长要求",
    "mac": lambda look: flipped(look.mac),
}


def found_at(number: int, chain="events") -> str:
    """What verification says of the first broken row; fails unless it is this one."""
    verdict = seal.verify()
    assert not verdict.ok
    assert (verdict.first_broken["chain"], verdict.first_broken["number"]) == (chain, number), verdict
    return verdict.first_broken["what"]


@pytest.mark.parametrize("column", EVENT_COLUMNS)
def test_a_changed_byte_of_an_event_is_found_in_its_place(trace, column):
    tamper(trace, **{column: EVENT_COLUMNS[column](trace)})
    assert found_at(trace.number)


@pytest.mark.parametrize("change", EVENT_INSIDES)
def test_what_an_event_holds_is_what_it_committed_to(trace, change):
    column, changed = EVENT_INSIDES[change]
    tamper(trace, **{column: json.dumps(changed(trace))})
    assert found_at(trace.number)


@pytest.mark.parametrize("column", LOOK_COLUMNS)
def test_a_changed_byte_of_a_look_is_found_in_its_place(trace, column):
    look = Look.objects.get(number=3)
    tamper(look, **{column: LOOK_COLUMNS[column](look)})
    assert found_at(3, "looks")


UNREADABLE = {  # SQLite takes any text in any column; PostgreSQL's types leave less room
    "sqlite": {"at": "yesterday", "subject_id": "x" * 32, "facts": "{", "held": '{"a": 1}', "id": "x"},
    "postgresql": {"at": None, "subject_id": None, "facts": "[]", "held": '{"a": 1}', "id": str(uuid.uuid4())},
}


@pytest.mark.parametrize("column", UNREADABLE["sqlite"])
def test_a_row_that_cannot_even_be_read_is_named(trace, column):
    value = UNREADABLE[connection.vendor][column]
    with connection.cursor() as cursor:
        if value is None:
            cursor.execute(f"ALTER TABLE base_event ALTER {column} DROP NOT NULL")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        tamper(trace, **{column: value})
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
    assert found_at(trace.number)


def test_an_unsealed_row_that_was_changed_is_found(trace):
    name_a_region(by=SYSTEM, path="98")
    event = Event.objects.get(number=None)
    tamper(event, action="tests.other")
    assert found_at(Event.objects.count()) == "the row was changed"


def test_an_unsealed_row_with_a_key_that_is_none_is_found_and_stops_no_verification(trace):
    name_a_region(by=SYSTEM, path="98")
    tamper(Event.objects.get(number=None), trace_key="t000")
    verdict = seal.verify()
    assert not verdict.ok
    assert verdict.first_broken["chain"] == "events"
    assert "t000" in verdict.first_broken["what"]


# ── taken out, put in, exchanged ────────────────────────────────────────────────────────────────────────────────────


def delete(*numbers) -> None:
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("DELETE FROM base_event WHERE number = %s", [number])


def test_the_last_ten_rows_cut_off_are_found_against_the_anchor(trace):
    last = Event.objects.count()
    delete(*range(last - 9, last + 1))
    assert found_at(last - 10) == "10 rows are missing after this one"


def test_the_last_rows_cut_off_and_new_ones_written_in_their_place_are_found(trace):
    last = Event.objects.count()
    delete(*range(last - 9, last + 1))
    for path in range(40, 55):
        name_a_region(by=SYSTEM, path=str(path))
    assert found_at(last) == "not the row the anchor names"


def test_an_emptied_trace_is_found_against_the_anchor(trace):
    last = Event.objects.count()
    delete(*range(1, last + 1))
    assert found_at(0) == f"{last} rows are missing after this one"


def test_a_row_taken_out_of_the_middle_is_found_where_it_stood(trace):
    delete(trace.number)
    assert found_at(trace.number) == "a number is missing"


def test_a_row_taken_out_and_the_rest_moved_up_is_found(trace):
    delete(trace.number)
    for event in Event.objects.filter(number__gt=trace.number).order_by("number"):
        tamper(event, number=event.number - 1)
    assert found_at(trace.number) == "the chain is broken here"


def test_two_exchanged_rows_are_found_at_the_first(trace):
    other = Event.objects.get(number=trace.number + 5)
    tamper(trace, number=None)
    tamper(other, number=trace.number)
    tamper(trace, number=other.number)
    assert found_at(trace.number) == "the chain is broken here"


def test_two_exchanged_rows_with_their_chain_values_are_found_as_well(trace):
    other = Event.objects.get(number=trace.number + 5)
    tamper(trace, number=None)
    tamper(other, number=trace.number, chain=trace.chain)
    tamper(trace, number=other.number, chain=other.chain)
    assert found_at(trace.number) == "the chain is broken here"


def put_back(event, *, hashing, before: str) -> None:
    """Write the row anew with another person's name, and the chain from it on, hashed as the forger can."""
    event.by_id = uuid.uuid4()
    mac = hashing(canonical(event.content()))
    delete(event.number)
    event.mac, event.chain = mac, ""
    event.save(force_insert=True)
    chain = before
    for row in Event.objects.filter(number__gte=event.number).order_by("number"):
        chain = hashing(f"{chain}|{row.number}|{row.pk}|{row.mac}")
        tamper(row, chain=chain)


def test_a_row_put_back_with_a_recomputed_plain_hash_is_found(trace):
    before = Event.objects.get(number=trace.number - 1).chain
    put_back(trace, hashing=lambda text: hashlib.sha256(text.encode()).hexdigest(), before=before)
    assert found_at(trace.number) == "the row was changed"


def test_a_row_put_back_and_the_chain_redone_with_a_wrong_key_is_found(trace):
    before = Event.objects.get(number=trace.number - 1).chain
    put_back(trace, hashing=lambda text: hmac.new(b"k" * 32, text.encode(), "sha256").hexdigest(), before=before)
    assert found_at(trace.number) == "the row was changed"


def test_an_honest_row_in_a_chain_redone_without_the_key_is_found(trace):
    before = Event.objects.get(number=trace.number - 1).chain
    for row in Event.objects.filter(number__gte=trace.number).order_by("number"):
        before = hashlib.sha256(f"{before}|{row.number}|{row.pk}|{row.mac}".encode()).hexdigest()
        tamper(row, chain=before)
    assert found_at(trace.number) == "the chain is broken here"


def test_sealed_rows_made_unsealed_again_are_found_against_the_anchor(trace):
    """Who has no key can at most have the sealer chain a row again: then it is not where the anchor has it."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE base_event SET number = NULL, chain = NULL WHERE number >= %s", [trace.number])
        cursor.execute("DELETE FROM base_event WHERE id = %s", [stored(Event, "id", trace.pk)])
    last = Event.objects.count()
    assert found_at(last) == "1 rows are missing after this one"


def test_with_another_installations_keys_nothing_is_taken_for_right(trace, settings, tmp_path):
    settings.RING = key_ring(tmp_path / "another.json")
    verdict = seal.verify()
    assert not verdict.ok
    assert verdict.first_broken["number"] == 1


# ── anchors ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_anchor_names_the_last_row_of_each_chain_and_earlier_ones_stay(trace, anchors):
    name_a_region(by=SYSTEM, path="98")
    now = seal.anchor()
    lines = [json.loads(line) for line in anchors.read_text().splitlines()]
    assert len(lines) == 2
    assert lines[-1] == now == seal.last_anchor()
    assert now["events"] == [Event.objects.count(), Event.objects.get(number=Event.objects.count()).chain]
    assert now["looks"][0] == Look.objects.count()


def test_an_older_anchor_such_as_a_reports_is_checked_on_demand(trace, anchors):
    (line,) = anchors.read_text().splitlines()
    name_a_region(by=SYSTEM, path="98")
    seal.anchor()
    assert seal.verify(against=json.loads(line)).ok
    other = json.loads(line) | {"events": [trace.number, "0" * 64]}
    verdict = seal.verify(against=other)
    assert verdict.first_broken == {"chain": "events", "number": trace.number, "what": "not the row the anchor names"}


# ── beside other writers ────────────────────────────────────────────────────────────────────────────────────────────


def test_four_writers_and_two_sealers_at_once_leave_one_chain_without_gaps(transactional_db, monkeypatch):
    monkeypatch.setattr(seal, "BATCH", 5)
    writing = threading.Semaphore(0)

    def write(ten: int):
        for one in range(12):
            name_a_region(by=SYSTEM, path=str(1000 + 100 * ten + one))
            seen(by=SYSTEM, what="children.child", page="archive")
        writing.release()

    def keep_sealing():
        rounds = 0
        while writing._value < 4:
            seal.seal_all()
            rounds += 1
        return rounds

    answers = at_once(*[lambda ten=ten: write(ten) for ten in range(4)], keep_sealing, keep_sealing)
    assert answers[:4] == [None] * 4, answers
    assert all(isinstance(rounds, int) and rounds for rounds in answers[4:]), answers
    verdict = seal.verify()
    assert verdict.ok, verdict
    assert (verdict.events, verdict.looks) == (48, 48)
    for model in (Event, Look):
        assert list(model.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 49))


def test_two_sealers_over_the_same_rows_number_each_once(transactional_db, monkeypatch):
    monkeypatch.setattr(seal, "BATCH", 10)
    for one in range(40):
        name_a_region(by=SYSTEM, path=str(1000 + one))
    sealed = at_once(seal.seal_all, seal.seal_all, seal.seal_all)
    assert sum(sealed) == 40, sealed
    assert seal.verify().ok
