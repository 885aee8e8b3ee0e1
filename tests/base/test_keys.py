"""The key ring: a file of its own, keys that are added and never lost."""

import json
import os
import stat
import subprocess
import sys

import pytest

from tongxing.base.keys import RINGS, NoKey, key_ring


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "keyring.json"


def test_a_new_ring_is_readable_by_its_owner_only(path):
    old = os.umask(0)
    try:
        key_ring(path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["keyring.json"]


def test_every_ring_writes_with_a_key_of_32_bytes_of_its_own(path):
    ring = key_ring(path)
    keys = {ring.current(name) for name in RINGS}
    assert len(keys) == len(RINGS)
    assert {len(key) for _id, key in keys} == {32}
    assert all(ring.next(name) is None for name in RINGS)


def test_the_same_file_gives_the_same_ring_and_another_file_another(path, tmp_path):
    ring = key_ring(path)
    assert key_ring(path).current("seal") == ring.current("seal")
    other = key_ring(tmp_path / "other.json")
    assert other.current("seal")[1] != ring.current("seal")[1]
    with pytest.raises(NoKey):
        other.key("seal", ring.current("seal")[0])


def test_many_processes_at_first_start_agree_on_one_ring(path):
    asks = "import sys, pathlib; from tongxing.base.keys import key_ring; "
    asks += "print(key_ring(pathlib.Path(sys.argv[1])).current('trace')[0])"
    begun = [subprocess.Popen([sys.executable, "-c", asks, path], stdout=subprocess.PIPE, text=True) for _n in range(6)]
    assert {one.communicate(timeout=30)[0].strip() for one in begun} == {key_ring(path).current("trace")[0]}
    assert [one.name for one in path.parent.iterdir()] == ["keyring.json"]


def test_an_unknown_key_or_ring_is_said_to_be_none(path):
    ring = key_ring(path)
    with pytest.raises(NoKey, match="s999"):
        ring.key("seal", "s999")


def test_a_key_is_added_beside_the_present_one_and_then_takes_its_place(path):
    ring = key_ring(path)
    first = ring.current("seal")
    second = ring.add("seal")
    assert ring.add("seal") == second  # asked twice, one key
    assert ring.current("seal") == first
    assert ring.next("seal")[0] == second
    assert ring.promote("seal") == second
    assert ring.current("seal")[0] == second
    assert ring.next("seal") is None
    assert ring.key("seal", first[0]) == first[1]  # older values still open
    assert json.loads(path.read_text())["seal"]["current"] == second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_process_that_runs_already_finds_a_key_added_since(path):
    running, other = key_ring(path), key_ring(path)
    added = other.add("seal")
    assert running.key("seal", added) == other.next("seal")[1]


def test_within_ahead_values_are_written_with_the_next_key(path):
    ring = key_ring(path)
    first, added = ring.current("seal")[0], ring.add("seal")
    with ring.ahead("seal"):
        assert ring.current("seal")[0] == added
        assert json.loads(path.read_text())["seal"]["current"] == first
    assert ring.current("seal")[0] == first


def test_a_fingerprint_tells_keys_apart_and_is_not_the_key(path):
    ring = key_ring(path)
    ring.add("seal")
    prints = ring.fingerprints("seal")
    assert len(set(prints.values())) == 2
    assert not any(text in path.read_text() for text in prints.values())
