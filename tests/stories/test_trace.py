"""Work leaves a trace that nobody rewrites unnoticed, and from which one child's sealed values can go for good."""

import hashlib
import hmac
import json
import uuid
from datetime import date, timedelta
from random import Random

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from tests import factories
from tests.factories import fresh
from tests.together import stands_in, stored_bytes, stored_rows
from tongxing.base import seal
from tongxing.base.attachments import keep
from tongxing.base.records import Event, Look, Receipt, action, canonical, seen
from tongxing.base.sealed import SealedField
from tongxing.care.actions import withdraw_visit
from tongxing.care.models import Visit
from tongxing.children import actions as children
from tongxing.children.choices import Section
from tongxing.children.models import Child, Household, Kin, Pairing
from tongxing.rosters.models import Listed, Roster, RosterRow

DEEDS = 200


@pytest.fixture(autouse=True)
def anchors(settings, tmp_path):
    settings.ANCHORS = tmp_path / "anchors.log"
    return settings.ANCHORS


class Work:
    """Random deeds of the people of the cast, each by somebody, some with a receipt; the same seed, the same work."""

    def __init__(self, cast, today: date, seed: int):
        self.cast, self.today, self.rng = cast, today, Random(seed)
        self.done, self.looks, self.refused = 0, 0, 0

    def go_on(self, deeds: int) -> None:
        verbs = {
            self.open_archive: 2, self.correct: 6, self.pair: 4, self.end_pairing: 2, self.change_attention: 4,
            self.visit: 8, self.withdraw_visit: 2, self.confirm: 4, self.look: 8,
        }  # fmt: skip
        until = self.done + deeds
        while self.done < until:
            (verb,) = self.rng.choices(list(verbs), list(verbs.values()))
            try:
                with transaction.atomic():
                    verb()
            except ValidationError:
                self.refused += 1
            else:
                self.done += 1

    def wanted(self) -> dict:
        wanted = {"by": self.rng.choice((self.cast.director, self.cast.supervisor, self.cast.county_officer))}
        return wanted | ({"key": uuid.UUID(int=self.rng.getrandbits(128))} if self.rng.random() < 0.5 else {})

    def one_of(self, rows):
        found = list(rows.order_by("id"))
        if not found:
            raise ValidationError("nobody yet")
        return self.rng.choice(found)

    def child(self) -> Child:
        return self.one_of(Child.objects.standing())

    def day(self) -> date:
        return self.today - timedelta(days=self.rng.randrange(60))

    def open_archive(self):
        names = self.rng.choice(("何小满", "梅一", "宋词", "唐诗"))
        facts = {"name": names, "citizen_number": factories.next_number(), "father_name": "何大山"}
        facts |= {"father_phone": factories.next_phone(), "address": "春和社区五组"}
        children.open_archive(facts=facts, community=self.cast.chunhe, on=self.day(), **self.wanted())

    def correct(self):
        child, section = self.child(), self.rng.choice((Section.HOME, Section.CARER, Section.PARENTS, Section.BASIC))
        facts = {
            Section.HOME: {"hamlet": "四组", "address": f"四组{self.rng.randrange(99)}号"},
            Section.CARER: {"carer_name": "罗秀云", "carer_phone": factories.next_phone(), "carer_health": "好"},
            Section.PARENTS: {"mother_name": "梅香", "mother_phone": factories.next_phone(), "mother_place": "宁波"},
            Section.BASIC: {"name": child.name, "sex": self.rng.choice("12")},
        }[section]
        children.correct(child=child, section=section, facts=facts, on=self.day(), **self.wanted())

    def pair(self):
        helper = self.rng.choice((self.cast.cadre, self.cast.volunteer, self.cast.director))
        children.pair(child=self.child(), helper=helper, on=self.today, end_why="换人", **self.wanted())

    def end_pairing(self):
        pairing = self.one_of(Pairing.objects.standing().filter(to_on=None))
        children.end_pairing(pairing=pairing, on=self.today, why="离岗", **self.wanted())

    def change_attention(self):
        level = self.rng.choice(("high", "middle", "low"))
        children.change_attention(child=self.child(), level=level, on=self.today, reason="评估", **self.wanted())

    def visit(self):
        words = f"说起爸爸{self.rng.randrange(10**6)}"
        factories.visit(self.child(), on=self.day(), words=words, follow_up="下周再来", **self.wanted())

    def withdraw_visit(self):
        withdraw_visit(visit=self.one_of(Visit.objects.standing()), why="记错了", **self.wanted())

    def confirm(self):
        children.confirm_section(child=self.child(), section=Section.CARER, on=self.today, **self.wanted())

    def look(self):
        child = self.child()
        seen(
            by=self.cast.director, what="children.child", page="archive",
            subject_id=child.pk, region=child.community_id, why=self.rng.choice(("", "走访前")),
        )  # fmt: skip
        self.looks += 1


@pytest.fixture
def work(cast, today):
    work = Work(cast, today, seed=2026)
    work.go_on(DEEDS)
    return work


def sql(statement, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def event_at(number: int) -> Event:
    return Event.objects.get(number=number)


# ── Shows 5: touched, and found ─────────────────────────────────────────────────────────────────────────────────────


def change_a_byte(last):
    sql("UPDATE base_event SET action = 'children.pairs' WHERE number = %s", last // 2)
    return last // 2


def change_a_byte_of_what_it_holds(last):
    event = next(event for event in Event.objects.order_by("number") if event.number > last // 2 and event.held)
    row = next(iter(event.held))
    name = next(iter(event.held[row]))
    value = event.held[row][name]
    if isinstance(value, dict):
        at = len(value["box"]) // 2 + 8
        value["box"] = value["box"][:at] + ("A" if value["box"][at] != "A" else "B") + value["box"][at + 1 :]
    else:
        value[1] = f"{value[1]} "
    sql("UPDATE base_event SET held = %s WHERE number = %s", json.dumps(event.held), event.number)
    return event.number


def delete_the_last_ten(last):
    sql("DELETE FROM base_event WHERE number > %s", last - 10)
    return last - 10


def delete_one_in_the_middle(last):
    sql("DELETE FROM base_event WHERE number = %s", last // 3)
    return last // 3


def exchange_two(last):
    one, other = last // 3, last // 2
    sql("UPDATE base_event SET number = 0 WHERE number = %s", one)
    sql("UPDATE base_event SET number = %s WHERE number = %s", one, other)
    sql("UPDATE base_event SET number = %s WHERE number = 0", other)
    return one


def put_back_with_a_plain_hash(last):
    return _put_back(last // 2, lambda text: hashlib.sha256(text.encode()).hexdigest())


def put_back_with_a_wrong_key(last):
    return _put_back(last // 2, lambda text: hmac.new(b"k" * 32, text.encode(), "sha256").hexdigest())


def _put_back(number, hashing):
    """Somebody else did it: the row written anew, and the whole chain from it on."""
    event, chain = event_at(number), event_at(number - 1).chain
    sql("DELETE FROM base_event WHERE number = %s", number)
    event.by_id = uuid.uuid4()
    event.mac = hashing(canonical(event.content()))
    event.save(force_insert=True)
    for row in Event.objects.filter(number__gte=number).order_by("number"):
        chain = hashing(f"{chain}|{row.number}|{row.pk}|{row.mac}")
        sql("UPDATE base_event SET chain = %s WHERE number = %s", chain, row.number)
    return number


FORGERIES = (
    change_a_byte,
    change_a_byte_of_what_it_holds,
    delete_the_last_ten,
    delete_one_in_the_middle,
    exchange_two,
    put_back_with_a_plain_hash,
    put_back_with_a_wrong_key,
)


def test_two_hundred_deeds_stand_and_every_forgery_is_found_in_its_place(work):
    assert work.refused < DEEDS // 4
    anchor = seal.anchor()
    verdict = seal.verify()
    assert verdict.ok, verdict
    assert (verdict.events, verdict.looks) == (Event.objects.count(), Look.objects.count()) == (
        anchor["events"][0], anchor["looks"][0]
    )  # fmt: skip
    assert verdict.looks == work.looks > 10
    assert verdict.events > DEEDS - work.looks
    assert Receipt.objects.count() > DEEDS // 4

    for forge in FORGERIES:
        point = transaction.savepoint()
        number = forge(verdict.events)
        found = seal.verify()
        assert not found.ok, forge.__name__
        where = found.first_broken["chain"], found.first_broken["number"]
        assert where == ("events", number), (forge.__name__, found)
        transaction.savepoint_rollback(point)
        assert seal.verify().ok


# ── one child's sealed values go, the trace stays ───────────────────────────────────────────────────────────────────


@action("tests.keep_rows")
def keep_rows(*, by, child, community, day) -> list[RosterRow]:
    """As an import leaves them: a row that became this child, and one of a listed person found to be this child."""
    sheet = keep(b"sheet", name="名册.xlsx", kind="xlsx", days=30)
    roster = Roster(
        attachment=sheet, kind="school_roll", community=community, sent_by_id=by.pk, received_on=day, state="imported"
    )
    roster.save()
    person = Listed(community=community, name=child.name, known_from_on=day, child=child, matched_on=day)
    person.save()
    written = json.dumps({"姓名": child.name, "身份证号": child.citizen_number})
    facts = json.dumps({"citizen_number": child.citizen_number})
    as_sent = {"roster": roster, "state": "archived", "written": written, "facts": facts, "fingerprint": "f"}
    rows = [RosterRow(number=1, child=child, **as_sent), RosterRow(number=2, listed=person, **as_sent)]
    for row in rows:
        row.save(force_insert=True)
    return rows


def boxes_of(records) -> set[str]:
    """The ciphertext that rows hold now."""
    found = set()
    for record in records:
        for field in record._meta.concrete_fields:
            if isinstance(field, SealedField):
                found.add(type(record)._base_manager.values_list(field.attname, flat=True).get(pk=record.pk))
    return found - {None}


def boxes_in_trace(records) -> set[str]:
    rows = {f"{record._meta.model_name}:{record.pk}" for record in records}
    found = set()
    for event in Event.objects.all():
        for row in rows & event.held.keys():
            found |= {kept["box"] for kept in event.held[row].values() if isinstance(kept, dict)}
    return found


def test_one_childs_sealed_values_are_erased_and_the_chain_still_stands(transactional_db, work, cast, today):
    said = f"夜里咳嗽{uuid.uuid4().hex[:8]}"
    child, sibling = fresh(cast.siyuan), fresh(cast.siyu)
    number = factories.next_number()  # of this test alone: nobody else wrote it anywhere
    basic = {"name": child.name, "citizen_number": number}
    children.correct(by=cast.director, child=child, section="basic", facts=basic, on=today)
    rows = keep_rows(by=cast.director, child=child, community=cast.chunhe, day=today)
    carer = {"carer_name": "罗秀兰", "carer_relation": "62", "carer_phone": "14000010001", "carer_health": "腿脚不便"}
    for one in (child, sibling):  # chance may have given them carers of their own
        children.correct(by=cast.director, child=fresh(one), section="home", on=today, facts={
            "hamlet": "三组", "address": "春和社区三组12号"
        })  # fmt: skip
    for one in (child, sibling):
        children.correct(by=cast.director, child=fresh(one), section="carer", facts=carer, on=today)
    mother = {"mother_name": "梅香", "mother_phone": factories.next_phone()}
    children.correct(by=cast.director, child=fresh(child), section="parents", facts=mother, on=today)
    visits = factories.visit(fresh(child), by=cast.director, on=today, words=said, follow_up=f"{said}，去卫生院")
    anchor = seal.anchor()

    own_kin = list(Kin.objects.filter(roles__child=child).exclude(roles__child=sibling).distinct())
    shared_kin = list(Kin.objects.filter(roles__child=child).filter(roles__child=sibling).distinct())
    own = [child, *own_kin, *Visit.objects.filter(child=child), *rows]
    door = Household.objects.get(pk=child.household_id)
    assert visits[0] in own and own_kin and shared_kin
    gone, gone_from_trace = boxes_of(own), boxes_in_trace(own)
    assert len(gone) >= 8 and len(gone_from_trace) >= 5
    others = [*Child.objects.exclude(pk=child.pk), *Kin.objects.exclude(pk__in=[kin.pk for kin in own_kin]), door]
    others += Visit.objects.exclude(child=child)
    kept, kept_in_trace = boxes_of(others), boxes_in_trace(others)

    erased = children.erase_sealed(by=cast.director, child=fresh(child), why="家长书面要求")
    assert {"child.citizen_number", "kin.phone", "visit.words", "visit.follow_up", "rosterrow.written"} <= set(erased)

    # the chain stands, against the anchor of before as well
    assert seal.verify(against=anchor).ok
    verdict = seal.verify()
    assert verdict.ok
    assert verdict.events == Event.objects.count() > anchor["events"][0]
    event = Event.objects.get(action="children.erase_sealed", subject_id=child.pk)
    assert event.held["why"]["text"] == [None, "家长书面要求"]
    assert set(event.held[f"child:{child.pk}"]["erased"][1]) == set(erased)

    # nothing of it is left: not in plain, not sealed, not to be found by
    everything, stored = stored_rows(), stored_bytes()
    assert not boxes_of(own) and not boxes_in_trace(own)
    assert not [box for box in gone | gone_from_trace if box in everything]
    for value in (number, said, mother["mother_phone"]):
        assert value not in everything
        assert not stands_in(value, stored)
    if connection.vendor == "sqlite":  # secure_delete: not even in pages that are free now
        assert not [box for box in gone | gone_from_trace if box.encode() in stored]
    assert fresh(child).citizen_number is None and fresh(child).citizen_number_index is None
    assert all(fresh(kin).phone is None and fresh(kin).phone_index is None for kin in own_kin)

    # what belongs to others is untouched
    assert boxes_of(others) == kept
    assert boxes_in_trace(others) == kept_in_trace
    assert fresh(shared_kin[0]).phone == "14000010001"
    assert fresh(door).address == "春和社区三组12号"
    assert fresh(sibling).citizen_number == cast.siyu.citizen_number


def test_the_last_child_behind_a_door_takes_the_address_along(cast):
    door = Household.objects.get(pk=cast.zixuan.household_id)
    children.correct(
        by=cast.director, child=fresh(cast.zixuan), section="home", facts={"hamlet": "一组", "address": "一组7号"},
        on=cast.zixuan.opened_on,
    )  # fmt: skip
    assert "household.address" in children.erase_sealed(by=cast.director, child=fresh(cast.zixuan), why="要求")
    assert fresh(door).address is None
    assert not boxes_in_trace([door])
    assert seal.verify().ok


def test_no_model_with_sealed_values_about_a_child_is_out_of_reach_of_erasing():
    """Whatever room adds sealed values must hang on the child (or on kin, the door, or a listed person)."""
    reached = {"children.Child", "children.Kin", "children.Household"}
    for model in apps.get_models():
        targets = {field.related_model._meta.label for field in model._meta.concrete_fields if field.related_model}
        if "children.Child" in targets:
            reached.add(model._meta.label)
    # People at work; files, which expire; what anybody said of the work, by number and code and about no child's file.
    about_work = {"staff.Staff", "base.Attachment", "staff.Complaint"}
    for model in apps.get_models():
        if any(isinstance(field, SealedField) for field in model._meta.concrete_fields):
            assert model._meta.label in reached | about_work, model
