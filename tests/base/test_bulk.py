"""The one bulk door leaves the same rows and the same trace as the action that does it one by one."""

from collections import Counter
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from tests.factories import fresh, next_number
from tests.together import at_once
from tongxing.base import clock, seal
from tongxing.base.bulk import Batch, insert, update
from tongxing.base.facts import Source, Standing
from tongxing.base.records import SYSTEM, Event, Record, Stale, action
from tongxing.base.sealed import BlindIndex, SealedField, bound_to, digest, unseal
from tongxing.children import actions as children
from tongxing.children.models import (
    CareEpisode,
    Child,
    Household,
    Kin,
    KinRole,
    Lookup,
    Schooling,
    Whereabouts,
)
from tongxing.staff.models import Region

ROWS = (Household, Child, CareEpisode, Kin, KinRole, Whereabouts, Schooling, Standing, Lookup)
FULL = {
    "name": "何小满", "sex": "2", "citizen_number": next_number(), "hamlet": "三组", "address": "春和社区三组9号",
    "father_name": "何大山", "father_phone": "14000020001", "father_place": "广东东莞",
    "mother_name": "梅香", "mother_phone": "14000020002",
    "carer_name": "何奶奶", "carer_relation": "62", "carer_phone": "14000020003", "carer_health": "耳背",
}  # fmt: skip
LITTLE = {"name": "何小满", "sex": "1", "number_missing": "not_registered", "carer_name": "何奶奶"}
SIBLING = {"name": "何小雪", "citizen_number": next_number(), "carer_name": "罗秀兰", "carer_phone": "14000010001"}


@action("tests.save")
def save(*, by, record):
    record.save()
    return record


# ── two ways, one result ────────────────────────────────────────────────────────────────────────────────────────────


class Told:
    """Everything in the database as values to compare: ids stand as what they are ids of, sealed values are opened."""

    def __init__(self):
        self.names = {}
        for model in ROWS[:-1]:  # a look-up row has a number for its id, which stands for nothing else
            for row in model._base_manager.all():
                self.names[str(row.pk)] = f"{model._meta.model_name} {self.name_of(row)}"
        self.rows = Counter(self.row(row) for model in ROWS for row in model._base_manager.all())
        self.events = Counter(self.event(event) for event in Event.objects.all())

    def name_of(self, row) -> str:
        if isinstance(row, KinRole):
            return f"{row.child.name} {row.kin.name} {row.part}"
        owner = getattr(row, "child", None) or getattr(row, "kin", None)
        return str(getattr(row, "name", "") or getattr(owner, "name", "") or getattr(row, "hamlet", ""))

    def plain(self, value):
        if isinstance(value, list):
            return tuple(self.plain(one) for one in value)
        return self.names.get(str(value), str(value)) if isinstance(value, UUID | str) else value

    def row(self, row):
        values = []
        for field in row._meta.concrete_fields:
            if field.primary_key and not isinstance(row, Record):
                continue
            kept = row.__dict__.get(field.attname)
            value = getattr(row, field.attname)
            assert not isinstance(field, SealedField) or (kept is None) == (value is None)
            assert not isinstance(field, SealedField) or value is None or str(kept).startswith("v1:")
            values.append((field.name, self.plain(value)))
        return row._meta.label, tuple(values)

    def event(self, event):
        facts = []
        for row, names in event.facts.items():
            model, _colon, pk = row.partition(":")
            for name in names:
                held = event.held.get(row, {}).get(name)
                if isinstance(held, dict):
                    held = ("sealed", unseal(held["box"], bound_to("base.event", f"{row}.{name}", event.pk)))
                facts.append((model, self.plain(pk), name, self.plain(held)))
        who_and_what = (event.by_id, event.action, event.subject, self.plain(event.subject_id))
        return *who_and_what, event.region, event.on, event.at, tuple(sorted(facts, key=repr))

    def minus(self, before):
        return self.rows - before.rows, self.events - before.events


def one_by_one(cast, facts, **wanted):
    children.open_archive(
        by=cast.archivist, facts=facts, community=cast.chunhe, on=clock.today(), source=Source.ROSTER, **wanted
    )


def in_bulk(cast, facts, **wanted):
    context = children.ArchiveContext(
        community=cast.chunhe, on=clock.today(), source=Source.ROSTER, by=cast.archivist,
        neighbours=children.known_carers(cast.chunhe, [facts.get("carer_phone")]), **wanted,
    )  # fmt: skip
    batch = Batch(action="children.open_archive", by=cast.archivist)
    for row in children.compose(facts, context):
        batch.add(row)
    with transaction.atomic():
        batch.write()


@pytest.mark.parametrize("facts", [FULL, LITTLE, SIBLING], ids=["full", "little", "sibling"])
@pytest.mark.parametrize("with_class", [True, False], ids=["with a class", "without"])
def test_an_archive_is_the_same_whether_opened_one_by_one_or_in_bulk(cast, facts, with_class):
    wanted = {"school": cast.school, "classroom": cast.class_6_1} if with_class else {}
    before, results = Told(), []
    for way in (one_by_one, in_bulk):
        point = transaction.savepoint()
        way(cast, facts, **wanted)
        results.append(Told().minus(before))
        assert seal.verify(against={"events": [0, ""]}).ok
        transaction.savepoint_rollback(point)
    (rows, events), (bulk_rows, bulk_events) = results
    assert rows == bulk_rows
    assert events == bulk_events
    assert sum(events.values()) >= 1
    assert {row[0] for row in rows} >= {"children.Child", "children.CareEpisode", "base.Standing", "children.Lookup"}


def test_a_child_opened_in_bulk_is_found_by_its_number_and_opens(cast):
    in_bulk(cast, FULL)
    child = Child.objects.get(citizen_number_index=digest("citizen_number", FULL["citizen_number"]))
    assert (child.citizen_number, child.household.address) == (FULL["citizen_number"], "春和社区三组9号")
    assert Kin.objects.get(phone_index=digest("phone", "14000020003")).health == "耳背"


# ── changes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def changed_one_by_one(kin):
    save(by=SYSTEM, record=kin)


def changed_in_bulk(kin):
    batch = Batch(action="tests.save", by=SYSTEM)
    batch.change(kin)
    batch.write()


def test_a_change_is_the_same_one_by_one_and_in_bulk(cast):
    results, before = [], Told()
    for way in (changed_one_by_one, changed_in_bulk):
        point = transaction.savepoint()
        kin = Kin.objects.get(name="罗秀兰")
        kin.name, kin.phone, kin.health = "罗秀云", "14000020009", None
        way(kin)
        after = Told()
        results.append(after.minus(before))
        assert fresh(kin).phone_index == digest("phone", "14000020009")
        assert fresh(kin).version == 2
        transaction.savepoint_rollback(point)
    assert results[0] == results[1]


def test_a_withdrawal_is_the_same_one_by_one_and_in_bulk(cast):
    @action("tests.withdraw")
    def withdraw(*, by, record):
        record.withdraw(by=by, why="重复")

    def in_a_batch(*, by, record):
        batch = Batch(action="tests.withdraw", by=by)
        batch.withdraw(record, why="重复")
        batch.write()

    results, before = [], Told()
    for way in (withdraw, in_a_batch):
        point = transaction.savepoint()
        way(by=cast.director, record=fresh(cast.yutong))
        results.append(Told().minus(before))
        transaction.savepoint_rollback(point)
    assert results[0] == results[1]
    assert results[0][1]


def test_what_did_not_change_leaves_no_event_and_no_new_version(cast):
    before = Event.objects.count()
    batch = Batch(action="tests.save", by=SYSTEM, why="名册更新")
    for child in Child.objects.all():
        batch.change(child)
    batch.write()
    assert Event.objects.count() == before
    assert set(Child.objects.values_list("version", flat=True)) == {1}


def test_a_reason_is_noted_with_each_event(cast):
    batch = Batch(action="tests.save", by=SYSTEM, why="名册更新")
    for child in Child.objects.filter(name__in=("陈思远", "陈思雨")):
        child.hamlet = "四组"
        batch.change(child)
    batch.write()
    events = Event.objects.filter(action="tests.save")
    assert [event.held["why"]["text"] for event in events] == [[None, "名册更新"]] * 2
    assert seal.verify(against={"events": [0, ""]}).ok


# ── whole or not at all ─────────────────────────────────────────────────────────────────────────────────────────────


def regions(*paths) -> Batch:
    batch = Batch(action="tests.regions", by=SYSTEM)
    for path in paths:
        batch.add(Region(path=path, year=2023, name=f"地区{path}"))
    return batch


def test_a_batch_that_breaks_a_rule_of_the_database_leaves_nothing_at_all(db):
    batch = regions("40", "41", "42", "41")
    with pytest.raises(IntegrityError), transaction.atomic():
        batch.write()
    assert not Region.objects.exists()
    assert not Event.objects.exists()


def test_a_batch_that_breaks_a_rule_in_its_last_table_leaves_nothing_of_the_first(cast):
    told = Told()
    taken = {**FULL, "citizen_number": cast.siyuan.citizen_number}
    with pytest.raises(IntegrityError), transaction.atomic():
        in_bulk(cast, taken)
    assert Told().minus(told) == (Counter(), Counter())


def test_a_batch_goes_back_with_the_transaction_around_it(db):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        regions("40", "41").write()
        assert Region.objects.count() == Event.objects.count() == 2
        raise ZeroDivisionError
    assert not Region.objects.exists()
    assert not Event.objects.exists()


def test_a_row_somebody_changed_meanwhile_stops_the_whole_batch(cast):
    read = list(Child.objects.order_by("id"))
    theirs = fresh(read[3])
    theirs.hamlet = "八组"
    save(by=cast.director, record=theirs)
    before = Told()
    batch = Batch(action="tests.bulk", by=SYSTEM)
    for child in read:
        child.hamlet = "九组"
        batch.change(child)
    with pytest.raises(Stale), transaction.atomic():
        batch.write()
    assert Told().minus(before) == (Counter(), Counter())
    assert fresh(theirs).hamlet == "八组"


def test_of_two_batches_at_once_over_the_same_rows_one_is_written(transactional_db):
    regions("40", "41", "42").write()
    batches = []
    for name in ("甲", "乙"):
        batch = Batch(action="tests.rename", by=SYSTEM)
        for region in Region.objects.order_by("path"):
            region.name = name
            batch.change(region)
        batches.append(batch)

    def write(batch):
        with transaction.atomic():
            batch.write()
        return "written"

    answers = at_once(*[lambda batch=batch: write(batch) for batch in batches])
    assert sorted(type(answer).__name__ for answer in answers) == ["Stale", "str"], answers
    assert len(set(Region.objects.values_list("name", flat=True))) == 1
    assert Event.objects.filter(action="tests.rename").count() == 3


# ── plain rows and odd values ───────────────────────────────────────────────────────────────────────────────────────


def test_values_that_trouble_a_text_format_arrive_as_they_were(db):
    odd = ["\\N", "\\.", "a\tb", "a\nb", 'say "this"', "back\\slash", "'; DROP TABLE", "𠮷", "", " 空 "]
    batch = Batch(action="tests.kin", by=SYSTEM)
    for text in odd:
        batch.add(Kin(name=text, phone=text or None, health=text or None))
    with transaction.atomic():
        batch.write()
    assert sorted(Kin.objects.values_list("name", flat=True)) == sorted(odd)
    assert sorted(kin.health or "" for kin in Kin.objects.all()) == sorted(odd)
    assert seal.verify(against={"events": [0, ""]}).ok


def test_plain_rows_are_inserted_and_updated_without_a_trace(cast):
    before, events = Lookup.objects.count(), Event.objects.count()
    insert(Lookup, [Lookup(child=cast.siyuan, kind="gram", key=f"{at}", community="990101") for at in range(50)])
    insert(Lookup, [])
    assert Lookup.objects.count() == before + 50
    rows = list(Lookup.objects.filter(community="990101"))
    for row in rows:
        row.community = "990102"
    update(Lookup, rows, ["community"])
    assert Lookup.objects.filter(community="990102").count() == 50
    assert Event.objects.count() == events


def test_no_blind_index_is_traced(cast):
    in_bulk(cast, FULL)
    named = {name for event in Event.objects.all() for names in event.facts.values() for name in names}
    indexes = {field.name for model in (Child, Kin) for field in model._meta.fields if isinstance(field, BlindIndex)}
    assert indexes and not named & indexes
