"""A key is changed: what the old one sealed is sealed anew, also after an interruption, and nothing gets lost."""

import json
import shutil

import pytest

from tests.commands.test_backup import OPEN_EVERYTHING

pytestmark = pytest.mark.slow

STALE = """
from tongxing.commands import keys
print(keys._anything_under_an_old_key())
"""
FOUND = """
from tongxing.children.actions import archived_numbers, known_carers
from tongxing.children.models import Child, Kin, Lookup
from tongxing.base.sealed import digest
print(len(archived_numbers(["990101201503051216", "990101201706300075"])))
print(Lookup.objects.filter(kind="number", key=digest("citizen_number", "990101201503051216")).count())
print(Lookup.objects.filter(kind="tail", key=digest("tail", "1216")).count())
print(Child.objects.exclude(citizen_number_index_next=None).count(), Kin.objects.exclude(phone_index_next=None).count())
"""


@pytest.fixture
def mine(told, tmp_path):
    """A copy of the invented community whose keys may be changed."""
    return told.copied_to(tmp_path / "mine")


def key_of(installation, ring):
    return json.loads(installation.keys.read_text())[ring]["current"]


def test_everything_sealed_is_sealed_anew(told, mine):
    before = key_of(mine, "seal")
    answer = mine.run("keys", "seal")
    assert answer.code == 0, answer
    assert answer.said["values"] > 100 and answer.said["events"] > 100 and answer.said["files"] == 2
    assert key_of(mine, "seal") == answer.said["now"] != before == answer.said["was"]
    assert before in json.loads(mine.keys.read_text())["seal"]["keys"]  # older backups need it
    assert mine.python(STALE) == "False"
    assert mine.python(OPEN_EVERYTHING) == told.python(OPEN_EVERYTHING)
    assert mine.run("check").said["problems"] == []
    assert oct(mine.keys.stat().st_mode)[-3:] == "600"


def test_an_interrupted_rotation_goes_on(told, mine):
    stopped = mine.python(
        "from tongxing.commands import keys\n"
        "def stop(): raise KeyboardInterrupt\n"
        "keys._seal_events_anew = stop\n"
        "try: keys.rotate('seal')\n"
        "except KeyboardInterrupt: print('stopped')"
    )
    assert stopped == "stopped" and mine.python(STALE) == "True"
    assert mine.python(OPEN_EVERYTHING) == told.python(OPEN_EVERYTHING)  # both keys are there meanwhile
    now = key_of(mine, "seal")
    answer = mine.run("keys", "seal")
    assert answer.code == 0 and answer.said["resumed"] and answer.said["now"] == now
    assert mine.python(STALE) == "False"
    assert mine.run("check").said["problems"] == []


def test_a_value_that_does_not_open_is_named_and_the_rest_goes_on(mine):
    spoilt = mine.python(
        "from tongxing.children.models import Child\n"
        "child = Child.objects.exclude(citizen_number_index=None).first()\n"
        "box = child.__dict__['citizen_number']\n"
        "Child._base_manager.filter(pk=child.pk).update(citizen_number=box[:-8] + 'AAAAAAA=')\n"
        "print(child.pk)"
    )
    answer = mine.run("keys", "seal")
    assert answer.code == 1 and answer.said["closed"] == [f"children.Child.citizen_number {spoilt}"]
    assert answer.said["values"] > 100


def test_a_process_that_runs_on_follows_the_new_key(mine):
    said = mine.python(
        "import subprocess, sys\n"
        "from tongxing.children.models import Child\n"
        "first = Child.objects.get(name='陈思远').citizen_number\n"
        "subprocess.run([sys.executable, '-m', 'tongxing.cli', 'keys', 'seal'], check=True, capture_output=True)\n"
        "print(first == Child.objects.get(name='陈思远').citizen_number)"
    )
    assert said == "True"


def test_an_old_backup_still_goes_in(archive, mine, empty):
    mine.run("keys", "seal")
    mine.run("keys", "trace")
    shutil.copy(mine.keys, empty.keys)
    answer = empty.run("restore", archive)
    assert answer.code == 0 and answer.said["trace"]["ok"]


def test_the_trace_goes_on_under_a_new_key(mine):
    answer = mine.run("keys", "trace")
    assert answer.code == 0 and answer.said["now"] == key_of(mine, "trace")
    assert mine.run("audit", "verify").said["ok"]
    kept = mine.python(
        "from tongxing.base.records import Event\n"
        "event = Event.objects.get(action='keys.rotate')\n"
        "print(event.trace_key, *event.held['key_ring:trace']['current'])"
    )
    assert kept.split() == [answer.said["now"], answer.said["was"], answer.said["now"]]


def test_the_search_digests_are_all_changed_at_once(mine):
    before = mine.python(FOUND)
    answer = mine.run("keys", "blind")
    assert answer.code == 0 and answer.said["filled"] > 100
    assert mine.python(FOUND) == before
    assert mine.run("check").said["problems"] == []


@pytest.mark.parametrize("where", ["keys._switch", "keys.rebuild_keys", "keys.settings.RING.__class__.promote"])
def test_an_interrupted_change_of_digests_goes_on(mine, where):
    before = mine.python(FOUND)
    stopped = mine.python(
        "from tongxing.commands import keys\n"
        "def stop(*words, **wanted): raise KeyboardInterrupt\n"
        f"{where} = stop\n"
        "try: keys.rotate('blind')\n"
        "except KeyboardInterrupt: print('stopped')"
    )
    assert stopped == "stopped"
    answer = mine.run("keys", "blind")
    assert answer.code == 0 and answer.said["resumed"]
    assert mine.python(FOUND) == before
    assert mine.run("check").said["problems"] == []
