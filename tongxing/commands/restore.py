"""Read a backup into an empty database, on this database or another, of the same version or an older one.

The archive is checked whole before anything is written. The empty database is brought to the archive's own state,
filled in one transaction, and then brought to today's. Without the key ring that wrote it everything is restored and
nothing sealed can be read; that is said, and put right by putting the ring in its place.
"""

import gzip
import hmac
import json
import os
import re
import tarfile
import uuid
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor

from tongxing.base import bulk, jobs, seal
from tongxing.base.attachments import Attachment
from tongxing.base.keys import NoKey
from tongxing.base.records import SYSTEM, action, canonical, current_deed
from tongxing.base.sealed import CannotOpen, unseal
from tongxing.commands import Refused
from tongxing.commands.backup import FORMAT, RINGS, Digesting, authenticated, our_models
from tongxing.commands.keys import sealed_models

CHUNK = 2000
A_FILE = re.compile(r"attachments/[0-9a-f]{2}/[0-9a-f]{64}-[0-9a-f-]{36}").fullmatch
UNREADABLE = (
    "restored, but unreadable without the key ring that wrote it: put that file at {path} before anybody works here"
)


def restore(source: Path) -> dict:
    """Fill this installation's empty database from `source`; answers what was restored and how it stands."""
    try:
        with tarfile.open(source, "r:") as tar:
            manifest = _manifest(tar)
            _verify_members(tar, manifest)
            _refuse_unless_empty()
            anchored = seal.last_anchor()
            historical = _bring_to(manifest["migrations"])
            _load(tar, manifest, historical)
    except (OSError, tarfile.TarError, EOFError) as trouble:
        raise Refused(f"{source} cannot be read as a backup: {trouble}") from trouble
    call_command("migrate", interactive=False, verbosity=0)
    return _report(manifest, anchored)


# ── the archive itself ───────────────────────────────────────────────────────────────────────────────────────────────


def _manifest(tar) -> dict:
    try:
        text = tar.extractfile("manifest.json").read()
        manifest = json.loads(text)
        held = json.loads(tar.extractfile("manifest.mac").read())
    except (KeyError, ValueError, tarfile.ReadError) as trouble:
        raise Refused("this is not a whole backup: its manifest is missing or cannot be read") from trouble
    if manifest.get("format") != FORMAT:
        raise Refused(f"this backup has format {manifest.get('format')}; this version reads format {FORMAT}")
    if held["key"] in _held_here(manifest, "trace"):
        expected = authenticated(text, held["key"])["mac"]
        if not hmac.compare_digest(expected, held["mac"]):
            raise Refused("the manifest was changed after it was written")
    return manifest


def _held_here(manifest, ring: str) -> set[str]:
    """Ids of the keys this installation holds as well as the one that wrote the backup."""
    here = settings.RING.fingerprints(ring)
    return {key_id for key_id, mark in manifest["keys"][ring].items() if here.get(key_id) == mark}


def _verify_members(tar, manifest) -> None:
    members = {member.name: member for member in tar}
    named = {one["name"]: one["sha256"] for one in [*manifest["tables"], *manifest["attachments"]]}
    if more := sorted(members.keys() - named.keys() - {"manifest.json", "manifest.mac"}):
        raise Refused(f"the backup holds {more[0]}, which its manifest does not name")
    for name, expected in named.items():
        if name not in members:
            raise Refused(f"{name} is missing from the backup")
        digesting = Digesting(tar.extractfile(members[name]))
        while digesting.read(1 << 20):
            pass
        if digesting.hexdigest() != expected:
            raise Refused(f"{name} is damaged: it is not what the manifest says")


# ── the database ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _refuse_unless_empty() -> None:
    there = set(connection.introspection.table_names())
    for model in our_models():
        if model._meta.db_table in there and model._base_manager.exists():
            raise Refused(f"this database is not empty ({model._meta.label}); a backup is only read into an empty one")


def _bring_to(state: dict[str, str]):
    """Bring the empty database to the archive's state; the models of that state."""
    executor = MigrationExecutor(connection)
    wanted = sorted(state.items())
    if unknown := [f"{app} {name}" for app, name in wanted if (app, name) not in executor.loader.graph.nodes]:
        raise Refused(f"the backup is of a newer version: this one does not know {', '.join(unknown)}")
    try:
        executor.migrate(wanted)
    except IrreversibleError as trouble:
        raise Refused("the backup is older than this database's tables: give it a database without any") from trouble
    return executor.loader.project_state(wanted).apps


def _load(tar, manifest, historical) -> None:
    written: list[Path] = []
    try:
        with transaction.atomic():
            loaded = [_load_table(tar, table, historical) for table in manifest["tables"]]
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    for sql in connection.ops.sequence_reset_sql(no_style(), loaded):
                        cursor.execute(sql)
            for one in manifest["attachments"]:
                _write_file(tar, one["name"], written)
    except BaseException as trouble:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(trouble, DatabaseError):
            raise Refused(f"the database refused what the backup holds: {str(trouble).splitlines()[0]}") from trouble
        raise


def _load_table(tar, table: dict, historical) -> type[models.Model]:
    try:
        model = historical.get_model(table["model"])
        readers = [_reader(model, name) for name in table["fields"]]
    except (LookupError, KeyError) as trouble:
        raise Refused(f"the backup names {table['model']} or a field of it, which its own version had not") from trouble
    chunk: list = []
    with gzip.open(tar.extractfile(table["name"]), "rt", encoding="utf-8") as lines:
        for line in lines:
            chunk.append([read(value) for read, value in zip(readers, json.loads(line), strict=True)])
            if len(chunk) == CHUNK:
                bulk.insert_stored(model, table["fields"], chunk)
                chunk = []
    if chunk:
        bulk.insert_stored(model, table["fields"], chunk)
    if (count := model._base_manager.count()) != table["rows"]:
        raise Refused(f"{table['model']}: {count} rows arrived, the backup says {table['rows']}")
    return model


def _reader(model, name: str):
    field = {field.attname: field for field in model._meta.concrete_fields}[name]
    return (lambda value: value) if isinstance(field, models.JSONField) else field.to_python


def _write_file(tar, name: str, written: list[Path]) -> None:
    if not A_FILE(name):
        raise Refused(f"{name!r} is no name of an attachment")
    path = settings.ATTACHMENTS / Path(name).relative_to("attachments")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".part")
    with open(draft, "wb", opener=lambda one, flags: os.open(one, flags, 0o600)) as file:
        held = tar.extractfile(name)
        while part := held.read(1 << 20):
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    written.append(path)
    draft.rename(path)


# ── how it stands ────────────────────────────────────────────────────────────────────────────────────────────────────


def _report(manifest, anchored) -> dict:
    """Verify what was restored; with the right keys, note it in the trace and anchor it here."""
    for job in jobs.Job.objects.filter(state=jobs.JobState.QUEUED):
        jobs.again(job)
    files = [str(one.pk) for one in Attachment._base_manager.filter(erased_at=None) if not one.path.exists()]
    answer = {
        "made_at": manifest["made_at"],
        "version": manifest["version"],
        "rows": sum(table["rows"] for table in manifest["tables"]),
        "counts": {table["model"]: table["rows"] for table in manifest["tables"] if table["rows"]},
        "attachments": len(manifest["attachments"]),
        "missing": files,
        "keys": _key_check(manifest),
    }
    if not answer["keys"]["ok"]:
        # Not verified and not sealed either: that would chain the rows with a key that is not theirs.
        answer["trace"] = {"ok": False, "says": "not verified: the key ring is not the one that wrote it"}
        return {**answer, "ok": False}
    verdict = seal.verify(against=manifest["trace"])
    answer["trace"] = {
        "ok": verdict.ok,
        "events": verdict.events,
        "looks": verdict.looks,
        "first_broken": verdict.first_broken,
    }
    lost = {
        name: anchored[name][0] - manifest["trace"][name][0]
        for name in seal.CHAINS
        if anchored and anchored[name][0] > manifest["trace"][name][0]
    }
    if lost:
        answer["lost"] = {**lost, "says": "written after this backup, known from the anchor file, and not in it"}
    note_restore(by=SYSTEM, manifest=manifest)
    seal.anchor()
    return {**answer, "ok": verdict.ok and not files}


def _key_check(manifest) -> dict:
    """Whether the key ring here is the one that wrote the backup: every key by its fingerprint, then by opening."""
    missing = [
        f"{ring} {key}" for ring in RINGS for key in sorted(set(manifest["keys"][ring]) - _held_here(manifest, ring))
    ]
    closed = [] if missing else closed_values(sample=3)
    if missing or closed:
        return {"ok": False, "says": UNREADABLE.format(path=settings.KEYS), "missing": missing, "closed": closed}
    return {"ok": True, "says": "the key ring here opens the sealed values"}


def closed_values(*, sample: int) -> list[str]:
    """Sealed values that do not open, of up to `sample` of the newest of each field: "model.field id"."""
    found = []
    for model, fields in sealed_models():
        for field in fields:
            rows = model._base_manager.exclude(**{f"{field.name}__isnull": True}).order_by("-pk")
            for row_id, box in rows.values_list("pk", field.name)[:sample]:
                try:
                    unseal(box, field.bound(model(pk=row_id)))
                except (NoKey, CannotOpen, ValueError):
                    found.append(f"{model._meta.label}.{field.name} {row_id}")
    return found


@action("backup.restore")
def note_restore(*, by, manifest: dict) -> None:
    """Leave in the trace that everything before this was read from a backup, and from which."""
    facts = {"made_at": manifest["made_at"], "heads": canonical(manifest["trace"])}
    subject = ("base.backup", uuid.UUID(manifest["id"]), "")
    current_deed().changes[subject].extend(("backup", name, None, value, False, False) for name, value in facts.items())
