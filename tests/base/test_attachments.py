"""Attachments: encrypted outside the web root, bound to their row, gone when their time is over."""

import stat
from datetime import timedelta

import pytest

from tests.factories import fresh
from tongxing.base import clock
from tongxing.base.attachments import Attachment, erase_expired, keep
from tongxing.base.keys import NoKey, key_ring
from tongxing.base.records import SYSTEM, Event, Unnamed, action
from tongxing.base.sealed import CannotOpen

CONTENT = "姓名,身份证号\n陈思远,990101201405061015\n".encode() * 50


@action("tests.keep")
def keep_it(*, by, content=CONTENT, fail=False, **wanted):
    kept = keep(content, name="陈思远的证明.pdf", kind="pdf", region="990101100001", **wanted)
    if fail:
        raise ZeroDivisionError
    return kept


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.ATTACHMENTS = tmp_path / "attachments"
    return settings.ATTACHMENTS


@pytest.fixture
def kept(db):
    return fresh(keep_it(by=SYSTEM))


def test_what_was_kept_is_read_back(kept):
    assert kept.read() == CONTENT
    assert (kept.size, kept.name, kept.kind) == (len(CONTENT), "陈思远的证明.pdf", "pdf")


def test_an_empty_file_is_a_file(db):
    assert fresh(keep_it(by=SYSTEM, content=b"")).read() == b""


def test_the_file_on_disk_is_noise_that_only_its_owner_reads(kept, store):
    raw = kept.path.read_bytes()
    for piece in ("陈思远".encode(), b"990101201405061015", b","):
        assert piece * 3 not in raw
    assert CONTENT[:8] not in raw
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert [path for path in store.rglob("*") if path.is_file()] == [kept.path]


def test_no_name_of_a_child_stands_in_the_path(kept):
    assert str(kept.path).isascii() and kept.digest in kept.path.name


def test_the_name_of_a_file_in_the_store_does_not_tell_what_it_holds(kept):
    import hashlib

    assert kept.digest != hashlib.sha256(CONTENT).hexdigest()


def test_the_same_file_twice_is_two_files_that_look_different(kept):
    again = fresh(keep_it(by=SYSTEM))
    assert again.path != kept.path
    assert again.path.read_bytes() != kept.path.read_bytes()


@pytest.mark.parametrize("at", [0, 11, 12, 40, -17, -1])
def test_a_changed_byte_does_not_open(kept, at):
    raw = bytearray(kept.path.read_bytes())
    raw[at] ^= 1
    kept.path.write_bytes(raw)
    with pytest.raises(CannotOpen):
        kept.read()


@pytest.mark.parametrize("left", [0, 5, 12, 100])
def test_a_cut_off_file_does_not_open(kept, left):
    kept.path.write_bytes(kept.path.read_bytes()[:left])
    with pytest.raises(CannotOpen):
        kept.read()


def test_a_file_put_in_the_place_of_another_does_not_open(kept):
    other = fresh(keep_it(by=SYSTEM, content=b"something else"))
    kept.path.write_bytes(other.path.read_bytes())
    with pytest.raises(CannotOpen):
        kept.read()


def test_a_missing_file_says_so(kept):
    kept.path.unlink()
    with pytest.raises(CannotOpen):
        kept.read()


def test_without_the_key_ring_nothing_opens(kept, settings, tmp_path):
    settings.RING = key_ring(tmp_path / "another.json")
    with pytest.raises(NoKey):
        kept.read()


def test_a_file_is_kept_in_an_action_only_and_traced(kept):
    with pytest.raises(Unnamed):
        keep(b"x", name="x", kind="pdf")
    event = Event.objects.get(action="tests.keep")
    assert event.subject_id == kept.pk
    assert "陈思远" not in str(event.held)


def test_a_file_expires_and_is_erased_row_and_all_others_stay(kept):
    short = fresh(keep_it(by=SYSTEM, days=30))
    with clock.fixed(clock.now() + timedelta(days=29)):
        assert erase_expired() == 0
        assert short.read() == CONTENT
    with clock.fixed(clock.now() + timedelta(days=30, minutes=1)):
        assert erase_expired() == 1
        assert erase_expired() == 0
    assert not short.path.exists()
    with pytest.raises(CannotOpen):
        fresh(short).read()
    assert fresh(short).erased_at is not None
    assert kept.read() == CONTENT
    assert Attachment.objects.count() == 2
