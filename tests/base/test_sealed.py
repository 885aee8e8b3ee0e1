"""Sealed values: nobody reads them in the database, none opens in another place, and yet a child is found by number."""

import base64
import uuid
from string import ascii_letters, digits

import pytest
from django.core.exceptions import FieldError
from django.db import connection

from tests.factories import fresh, next_number, next_phone, visit
from tests.together import stands_in, stored_bytes, stored_rows
from tongxing.base import phones
from tongxing.base.keys import NoKey, key_ring
from tongxing.base.records import SYSTEM, action
from tongxing.base.sealed import Box, CannotOpen, bound_to, digest, seal, unseal
from tongxing.children import actions as children
from tongxing.children.models import Child, Household, Kin, Lookup

PLACE = bound_to("children.kin", "phone", "1")


@action("tests.save")
def save(*, by, record):
    record.save()
    return record


@pytest.fixture
def kin(db):
    return save(by=SYSTEM, record=Kin(name="罗秀兰", phone="14000010001", health="腿脚不便"))


def column(record, name) -> str | None:
    """What the database holds, past the model."""
    with connection.cursor() as cursor:
        pk = record._meta.pk.get_db_prep_value(record.pk, connection)
        cursor.execute(f"SELECT {name} FROM {record._meta.db_table} WHERE id = %s", [pk])
        return cursor.fetchone()[0]


def write_column(record, name, value) -> None:
    with connection.cursor() as cursor:
        pk = record._meta.pk.get_db_prep_value(record.pk, connection)
        cursor.execute(f"UPDATE {record._meta.db_table} SET {name} = %s WHERE id = %s", [value, pk])


# ── the box ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["1", "14000010001", "罗秀兰说：孩子夜里咳嗽", "𠮷😀", " ", "a" * 100_000])
def test_what_is_sealed_opens_again(text):
    assert unseal(seal(text, PLACE), PLACE) == text


def test_algorithm_and_key_id_stand_beside_the_value(settings):
    version, algorithm, key_id, body = seal("14000010001", PLACE).split(":")
    assert (version, algorithm, key_id) == ("v1", "aes256gcm", settings.RING.current("seal")[0])
    assert len(base64.b64decode(body)) == 12 + 11 + 16


def test_the_same_value_never_looks_the_same_twice():
    assert len({seal("14000010001", PLACE) for _time in range(50)}) == 50


@pytest.mark.parametrize(
    "other",
    [
        bound_to("children.kin", "phone", "2"),
        bound_to("children.kin", "employer_phone", "1"),
        bound_to("staff.staff", "phone", "1"),
        b"",
    ],
)
def test_a_value_does_not_open_in_another_row_field_or_model(other):
    with pytest.raises(CannotOpen):
        unseal(seal("14000010001", PLACE), other)


@pytest.mark.parametrize("text", ["1", "12", "14000010001"])  # each ends its base64 in another way
def test_no_single_changed_character_opens(text):
    box = seal(text, PLACE)
    for at in range(len(box)):
        for other in f"{ascii_letters}{digits}+/=:":
            if box[at] == other:
                continue
            with pytest.raises((CannotOpen, NoKey)):
                unseal(box[:at] + other + box[at + 1 :], PLACE)


@pytest.mark.parametrize("cut", [0, 1, 5, 20, 30, -1, -4])
def test_a_shortened_value_does_not_open(cut):
    with pytest.raises((CannotOpen, NoKey)):
        unseal(seal("14000010001", PLACE)[:cut], PLACE)


@pytest.mark.parametrize("text", ["", "14000010001", "v2:aes256gcm:s1:AA==", "v1:rot13:s1:AA==", ":::", "v1:aes256gcm"])
def test_what_is_no_sealed_value_says_so(text):
    with pytest.raises(CannotOpen):
        unseal(text, PLACE)


def test_a_value_of_an_unknown_key_says_which(settings, tmp_path):
    box = seal("14000010001", PLACE)
    key_id = settings.RING.current("seal")[0]
    settings.RING = key_ring(tmp_path / "another.json")
    with pytest.raises(NoKey, match=key_id):
        unseal(box, PLACE)


# ── fields ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sealed_field_is_ciphertext_in_its_column_and_text_in_python(kin):
    assert column(kin, "phone").startswith("v1:aes256gcm:")
    again = fresh(kin)
    assert isinstance(again.__dict__["phone"], Box)  # not opened before somebody asks
    assert (again.phone, again.health) == ("14000010001", "腿脚不便")


def test_lists_that_read_columns_get_no_plain_text(kin):
    assert next(iter(Kin.objects.values_list("phone", flat=True))).startswith("v1:")


def test_an_empty_value_is_null(kin):
    kin.phone, kin.health = "", None
    save(by=SYSTEM, record=kin)
    assert column(kin, "phone") is None
    assert column(kin, "health") is None
    assert column(kin, "phone_index") is None
    again = fresh(kin)
    assert again.phone is None
    assert list(Kin.objects.filter(phone__isnull=True)) == [again]
    assert list(Kin.objects.filter(health__isnull=False)) == []


def test_a_box_moved_to_another_row_or_field_does_not_open(kin):
    other = save(by=SYSTEM, record=Kin(name="别人", phone="14000010009"))
    write_column(other, "phone", column(kin, "phone"))
    with pytest.raises(CannotOpen):
        _ = fresh(other).phone
    write_column(kin, "employer", column(kin, "health"))
    with pytest.raises(CannotOpen):
        _ = fresh(kin).employer


def test_a_changed_byte_in_the_column_does_not_open(kin):
    box = column(kin, "phone")
    write_column(kin, "phone", box[:-5] + ("A" if box[-5] != "A" else "B") + box[-4:])
    with pytest.raises(CannotOpen):
        _ = fresh(kin).phone


@pytest.mark.parametrize("lookup", ["phone", "phone__contains", "phone__in", "phone__startswith", "phone__gt"])
def test_a_sealed_field_cannot_be_searched_only_its_index(db, lookup):
    with pytest.raises(FieldError):
        list(Kin.objects.filter(**{lookup: ["1"] if lookup.endswith("in") else "1"}))


def test_a_value_that_was_only_read_keeps_its_ciphertext(kin):
    before = column(kin, "phone")
    again = fresh(kin)
    again.name = "罗秀云"
    save(by=SYSTEM, record=again)
    assert column(kin, "phone") == before
    assert fresh(kin).phone == "14000010001"


# ── blind indexes ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_blind_index_finds_a_value_however_it_was_written(kin):
    for spoken in ("14000010001", "140 0001 0001", "140-0001-0001", "１４００００１０００１", "+86 14000010001"):
        assert list(Kin.objects.filter(phone_index=digest("phone", phones.key(spoken)))) == [kin], spoken
    assert not Kin.objects.filter(phone_index=digest("phone", "14000010002")).exists()


def test_a_digest_depends_on_the_key_and_on_what_it_is_of(settings, tmp_path):
    first = digest("phone", "14000010001")
    assert len(first) == 32
    assert digest("citizen_number", "14000010001") != first
    settings.RING = key_ring(tmp_path / "another.json")
    assert digest("phone", "14000010001") != first


def test_the_index_follows_the_value(kin):
    kin.phone = "14000010002"
    save(by=SYSTEM, record=kin)
    assert column(kin, "phone_index") == digest("phone", "14000010002")


def test_the_column_for_the_next_key_is_filled_while_there_is_one(settings, tmp_path, db):
    settings.RING = ring = key_ring(tmp_path / "ring.json")
    before = save(by=SYSTEM, record=Kin(name="早", phone="14000010001"))
    assert column(before, "phone_index_next") is None
    ring.add("blind")
    during = save(by=SYSTEM, record=Kin(name="中", phone="14000010002"))
    assert column(during, "phone_index") == digest("phone", "14000010002")
    assert column(during, "phone_index_next") == digest("phone", "14000010002", "next")
    foreseen = digest("phone", "14000010002", "next")
    ring.promote("blind")
    assert digest("phone", "14000010002") == foreseen


def test_after_the_seal_key_changed_old_values_open_and_new_ones_use_the_new_key(settings, tmp_path, db):
    settings.RING = ring = key_ring(tmp_path / "ring.json")
    kin = save(by=SYSTEM, record=Kin(name="早", phone="14000010001", health="好"))
    old = ring.current("seal")[0]
    ring.add("seal")
    new = ring.promote("seal")
    again = fresh(kin)
    again.health = "腿脚不便"
    save(by=SYSTEM, record=again)
    assert f":{old}:" in column(kin, "phone")
    assert f":{new}:" in column(kin, "health")
    assert (fresh(kin).phone, fresh(kin).health) == ("14000010001", "腿脚不便")


def test_one_citizen_number_has_one_archive(cast):
    number = cast.siyuan.citizen_number
    with pytest.raises(children.AlreadyArchived) as known:
        children.open_archive(
            by=cast.director2, facts={"name": "陈思远", "citizen_number": number.lower()}, community=cast.lingxia,
            on=cast.siyuan.opened_on,
        )  # fmt: skip
    assert known.value.child == cast.siyuan
    assert list(Child.objects.filter(citizen_number_index=digest("citizen_number", number))) == [cast.siyuan]


# ── nowhere in the database ─────────────────────────────────────────────────────────────────────────────────────────


def test_no_sealed_value_can_be_read_in_the_files_of_the_database(transactional_db, cast):
    said = {
        "citizen_number": next_number(),  # of this test alone: nobody else wrote it anywhere
        "phone": next_phone(),
        "address": f"云岭路{uuid.uuid4().hex[:8]}号",
        "health": f"旧伤{uuid.uuid4().hex[:8]}",
        "words": f"孩子说{uuid.uuid4().hex[:8]}",
    }
    child = fresh(cast.siyuan)
    basic = {"name": child.name, "citizen_number": said["citizen_number"]}
    children.correct(by=cast.director, child=child, section="basic", facts=basic, on=child.opened_on)
    home = {"hamlet": "三组", "address": said["address"]}
    children.correct(by=cast.director, child=fresh(child), section="home", facts=home, on=child.opened_on)
    carer = {"carer_name": "罗秀兰", "carer_phone": said["phone"], "carer_health": said["health"]}
    children.correct(by=cast.director, child=fresh(child), section="carer", facts=carer, on=child.opened_on)
    visit(fresh(child), by=cast.director, words=said["words"])
    assert Household.objects.get(pk=child.household_id).address == said["address"]

    stored, rows = stored_bytes(), stored_rows()
    assert stands_in("陈思远", stored)  # a name is not sealed: the search does find what is there
    assert "陈思远" in rows
    for name, value in said.items():
        assert not stands_in(value, stored), name
        assert value not in rows, name


def test_look_up_rows_hold_digests_of_numbers_not_numbers(cast):
    keys = set(Lookup.objects.filter(kind__in=("number", "phone", "tail")).values_list("key", flat=True))
    assert keys and all(len(key) == 32 for key in keys)
