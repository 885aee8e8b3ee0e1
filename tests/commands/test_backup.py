"""A backup is read into another folder, another database; and refused, with the reason, when it is not whole."""

import gzip
import json
import shutil
import stat
import tarfile

import pytest

from tests.commands.conftest import rewritten

pytestmark = pytest.mark.slow

OPEN_EVERYTHING = """
from tongxing.children.models import Child, Kin, Household
from tongxing.base.attachments import Attachment
from tongxing.care.models import Visit
print(sorted(child.citizen_number or "" for child in Child.objects.all()))
print(sorted(f"{kin.phone} {kin.health}" for kin in Kin.objects.all()))
print(sorted(str(house.address) for house in Household.objects.all()))
print(sorted(visit.words or "" for visit in Visit.objects.all()))
print([(one.name, one.read()) for one in Attachment.objects.all()])
"""
EVERY_ROW = """
from tongxing.commands.backup import our_models
for model in our_models():
    fields = [field.attname for field in model._meta.concrete_fields]
    left_out = {"base.event", "base.look", "base.job"}
    if model._meta.label_lower not in left_out:
        print(model._meta.label, list(model._base_manager.order_by("pk").values_list(*fields)))
"""

WHILE_PEOPLE_WORK = """
import threading, time
from tongxing.base.records import Look, SYSTEM, seen
from tongxing.commands.backup import snapshot
def write():
    began = time.monotonic()
    seen(by=SYSTEM, what="tests", page="tests")
    waited.append(time.monotonic() - began)
waited = []
with snapshot():
    before = Look.objects.count()
    writer = threading.Thread(target=write)
    writer.start()
    writer.join(timeout=10)
    print(len(waited) == 1 and waited[0] < 5, Look.objects.count() - before)
print(Look.objects.count() - before)
"""


def test_in_another_folder_everything_is_as_it_was(told, archive, empty):
    answer = empty.run("restore", archive)
    assert answer.code == 0, answer
    assert answer.said["ok"] and answer.said["trace"]["ok"] and answer.said["keys"]["ok"]
    assert answer.said["attachments"] == 2  # the written plan and the letter
    assert empty.figures() == told.counted
    assert empty.python(OPEN_EVERYTHING) == told.python(OPEN_EVERYTHING)
    assert empty.python(EVERY_ROW) == told.python(EVERY_ROW)
    verified = empty.run("audit", "verify")
    assert verified.code == 0 and verified.said["ok"]
    assert empty.run("check").said["problems"] == []


def test_a_community_grows_into_a_county(told, archive, postgres, tmp_path):
    """SQLite → PostgreSQL → SQLite: nothing changes on the way, and rows can be added on the other side."""
    assert postgres.run("restore", archive).code == 0
    assert postgres.figures() == told.counted
    assert postgres.python(OPEN_EVERYTHING) == told.python(OPEN_EVERYTHING)
    assert postgres.run("check").said["problems"] == []
    assert postgres.python(WHILE_PEOPLE_WORK).split() == ["True", "0", "1"]
    postgres.python(  # numbers of new rows go on after those that were restored
        "from tongxing.children.models import Child, Lookup\n"
        "child = Child.objects.first()\n"
        "Lookup.objects.create(child=child, kind='gram', key='x', community=child.community_id)\n"
        "Lookup.objects.get(key='x').delete()"
    )
    back = tmp_path / "back.tar"
    assert postgres.run("backup", back).code == 0
    home = type(told)(tmp_path / "home")
    home.keys.parent.mkdir(parents=True)
    shutil.copy(told.keys, home.keys)
    answer = home.run("restore", back)
    assert answer.code == 0 and answer.said["trace"]["ok"]
    assert home.python(EVERY_ROW) == told.python(EVERY_ROW)


def test_without_its_keys_it_is_restored_and_stays_closed(told, archive, tmp_path):
    """Said clearly, nothing sealed anew with a wrong key; put right by putting the ring in its place."""
    stranger = type(told)(tmp_path / "stranger")
    answer = stranger.run("restore", archive)
    assert answer.code == 1 and not answer.said["ok"]
    assert answer.said["keys"]["says"].startswith("restored, but unreadable without the key ring that wrote it")
    assert str(stranger.keys) in answer.said["keys"]["says"]
    assert answer.said["trace"]["ok"] is False
    assert stranger.figures() == told.counted
    closed = stranger.python(
        "from tongxing.base.keys import NoKey\n"
        "from tongxing.children.models import Child\n"
        "for child in Child.objects.exclude(citizen_number_index=None):\n"
        "    try:\n        print(child.citizen_number)\n"
        "    except NoKey:\n        print('closed')"
    )
    assert set(closed.split()) == {"closed"}
    codes = {problem["code"] for problem in stranger.run("check").said["problems"]}
    assert {"sealed", "attachments", "trace"} <= codes
    shutil.copy(told.keys, stranger.keys)
    assert stranger.run("check").said["problems"] == []
    assert stranger.python(OPEN_EVERYTHING) == told.python(OPEN_EVERYTHING)


def test_what_is_never_in_it_and_who_may_read_it(told, archive):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert not list(archive.parent.glob("*.part"))
    keys = [key for ring in json.loads(told.keys.read_text()).values() for key in ring["keys"].values()]
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        parts = [tar.extractfile(name).read() for name in names]
    everything = b"".join(gzip.decompress(part) if part[:2] == b"\x1f\x8b" else part for part in parts)
    for wrong in ("session", "signintry", "task", "contenttype", "keyring"):
        assert not [name for name in names if wrong in name.lower()]
    assert not [key for key in keys if key.encode() in everything]
    assert b"990101201503051216" not in everything and b"what a family wrote" not in everything
    assert "陈思远".encode() in everything  # names are readable: the file is kept like the database


def test_it_shows_one_moment_and_nobody_waits_for_it(told, tmp_path):
    copy = told.copied_to(tmp_path / "copy")
    assert copy.python(WHILE_PEOPLE_WORK).split() == ["True", "0", "1"]


def test_taking_a_backup_is_a_look(told, archive):
    looks = told.python(
        "from tongxing.base.records import Look\n"
        "print(*Look.objects.filter(what='backup').values_list('page', 'count'))"
    )
    assert "tongxing backup" in looks and "114" in looks


def test_a_restore_stands_in_the_trace(archive, empty):
    assert empty.run("restore", archive).code == 0
    assert (
        empty.python(
            "from tongxing.base.records import Event\nprint(Event.objects.filter(action='backup.restore').count())"
        )
        == "1"
    )


def test_a_backup_is_never_written_over_another(told, archive):
    before = archive.read_bytes()
    answer = told.run("backup", archive)
    assert answer.code == 1 and "is there already" in answer.error
    assert archive.read_bytes() == before


def test_into_a_folder_it_gets_a_name_of_its_own(told, tmp_path):
    answer = told.run("backup", tmp_path)
    assert answer.code == 0 and [path.name for path in tmp_path.glob("tongxing-*.tar")]


def test_a_missing_attachment_is_named(told, tmp_path):
    copy = told.copied_to(tmp_path / "copy")
    (file,) = (copy.home / "var" / "attachments").rglob(f"*-{told.attachment}")
    file.unlink()
    answer = copy.run("backup", tmp_path / "b.tar")
    assert answer.code == 1 and answer.said["missing"] == [told.attachment]


# ── refused ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def refused(installation, archive, words: str):
    answer = installation.run("restore", archive)
    assert answer.code == 1 and words in answer.error, answer
    assert len(answer.error.splitlines()) == 1
    # nothing was left behind: the whole archive still goes in
    return answer


def test_a_damaged_member_is_named(archive, empty, tmp_path):
    def spoil(name, content):
        if name != "tables/children.child.jsonl.gz":
            return content
        return content[:200] + bytes([content[200] ^ 1]) + content[201:]

    spoilt = rewritten(archive, tmp_path / "spoilt.tar", spoil)
    refused(empty, spoilt, "tables/children.child.jsonl.gz is damaged")
    assert empty.run("restore", archive).code == 0


def test_a_missing_member_is_named(archive, empty, tmp_path):
    less = rewritten(archive, tmp_path / "less.tar", lambda name, content: None if "care.visit" in name else content)
    refused(empty, less, "tables/care.visit.jsonl.gz is missing")


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_half_an_archive_is_refused(archive, empty, tmp_path, share):
    half = tmp_path / "half.tar"
    half.write_bytes(archive.read_bytes()[: int(archive.stat().st_size * share)])
    answer = empty.run("restore", half)
    assert answer.code == 1 and len(answer.error.splitlines()) == 1


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"\0" * 20480])
def test_another_file_is_refused(empty, tmp_path, content):
    file = tmp_path / "other.tar"
    file.write_bytes(content)
    answer = empty.run("restore", file)
    assert answer.code == 1 and len(answer.error.splitlines()) == 1


def test_a_file_that_is_not_there_is_refused(empty, tmp_path):
    refused(empty, tmp_path / "nothing.tar", "cannot be read")


def test_a_changed_manifest_is_found_by_who_holds_the_keys(archive, empty, tmp_path):
    def change(name, content):
        return content.replace(b'"missing":[]', b'"missing":[ ]') if name == "manifest.json" else content

    refused(empty, rewritten(archive, tmp_path / "changed.tar", change), "manifest was changed")


def _manifest_with(**changes):
    def change(name, content):
        return json.dumps(json.loads(content) | changes).encode() if name == "manifest.json" else content

    return change


def test_another_format_is_refused(told, archive, empty, tmp_path):
    other = rewritten(archive, tmp_path / "other.tar", _manifest_with(format=99))
    refused(empty, other, "format 99")


def test_a_newer_version_is_refused(told, archive, tmp_path):
    with tarfile.open(archive) as tar:
        state = json.loads(tar.extractfile("manifest.json").read())["migrations"]
    newer = _manifest_with(migrations=state | {"children": "0999_from_the_future"})
    stranger = type(told)(tmp_path / "stranger")  # without the keys nobody can tell that the manifest was changed
    refused(stranger, rewritten(archive, tmp_path / "newer.tar", newer), "newer version")


def test_a_database_that_holds_anything_is_refused(told, archive, tmp_path):
    copy = told.copied_to(tmp_path / "copy")
    refused(copy, archive, "not empty")
    assert copy.figures() == told.counted


def test_a_backup_of_before_the_last_events_says_what_is_lost(told, archive, tmp_path):
    """On the same machine the anchor file knows of later events; a restore says so instead of hiding it."""
    copy = told.copied_to(tmp_path / "copy")
    copy.python(
        "from tests.commands.conftest import KEEP_A_FILE\nexec(KEEP_A_FILE)\n"
        "from tongxing.base import seal\nseal.anchor()"
    )
    for file in (copy.home / "var").glob("tongxing.sqlite3*"):
        file.unlink()
    answer = copy.run("restore", archive)
    assert answer.code == 0 and answer.said["lost"]["events"] == 1
    assert copy.run("audit", "verify").said["ok"]
