"""Write everything but the keys to one file, whatever the database, so that it can be read into any other.

The archive is a tar: `tables/<app.model>.jsonl.gz` holds one JSON list a row, `attachments/…` the encrypted files as
they are, `manifest.json` says what there is (format, versions, counts, digests, heads of the trace) and
`manifest.mac` authenticates it with the trace key. Sealed values stay sealed; names and days are readable, so the
file is kept like the database itself. Key ring, sessions, sign-in tries and the task queue are never in it.
"""

import gzip
import hashlib
import hmac
import io
import json
import os
import tarfile
import tempfile
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from tongxing.base import clock, seal
from tongxing.base.attachments import Attachment
from tongxing.base.ids import new_id
from tongxing.base.records import SYSTEM, canonical, seen
from tongxing.children.models import Child
from tongxing.commands import Refused

FORMAT = 1
CHUNK = 2000
LEFT_OUT = {"staff.signintry"}
RINGS = ("seal", "blind", "trace")


def our_models() -> list[type[models.Model]]:
    """Every model of our rooms, each after those its foreign keys name."""
    waiting = [
        model
        for config in apps.get_app_configs()
        if config.name.startswith("tongxing.")
        for model in config.get_models(include_auto_created=True)
        if model._meta.label_lower not in LEFT_OUT
    ]
    placed: list = []
    while waiting:
        ready = [model for model in waiting if not (_named_by(model) & set(waiting)) - {model}]
        if not ready:
            raise Refused(f"models that name each other in a ring: {', '.join(one._meta.label for one in waiting)}")
        placed += ready
        waiting = [model for model in waiting if model not in ready]
    return placed


def _named_by(model) -> set:
    return {field.related_model for field in model._meta.concrete_fields if field.is_relation}


def backup(target: Path) -> dict:
    """Write an archive to `target`, a new file or a folder; answers what is in it. Refuses to overwrite."""
    path = _free_path(Path(target))
    seen(by=SYSTEM, what="backup", page="tongxing backup", count=Child.objects.count())
    seal.anchor()
    draft = path.with_name(f"{path.name}.part")
    try:
        with open(draft, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            manifest = _write(file, path.parent)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except OSError as trouble:
        raise Refused(f"the backup could not be written: {trouble}") from trouble
    finally:
        draft.unlink(missing_ok=True)
    return {
        "file": str(path),
        "bytes": path.stat().st_size,
        "made_at": manifest["made_at"],
        "rows": sum(table["rows"] for table in manifest["tables"]),
        "attachments": len(manifest["attachments"]),
        "missing": manifest["missing"],
        "trace": manifest["trace"],
        "ok": not manifest["missing"],
    }


def _free_path(target: Path) -> Path:
    if target.is_dir():
        target = target / f"tongxing-{clock.now():%Y%m%d-%H%M%S}.tar"
    if target.exists():
        raise Refused(f"{target} is there already; a backup is never written over another")
    if not target.parent.is_dir():
        raise Refused(f"there is no folder {target.parent}")
    return target


@contextmanager
def snapshot():
    """One moment of the whole database for as long as it is read; nobody has to wait for it."""
    if connection.vendor == "postgresql":
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    # A deferred transaction reads beside writers; Django's own would take the write lock at once.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _write(file, folder: Path) -> dict:
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        with snapshot():
            manifest = {
                "format": FORMAT,
                "id": str(new_id()),
                "version": _version(),
                "made_at": clock.now().isoformat(),
                "migrations": _migrations(),
                "keys": {ring: settings.RING.fingerprints(ring) for ring in RINGS},
                "trace": seal.heads(),
                "tables": [_add_table(tar, folder, model) for model in our_models()],
            }
            files = list(Attachment._base_manager.filter(erased_at=None).order_by("pk"))
        manifest |= _add_attachments(tar, files)
        text = canonical(manifest).encode()
        _add(tar, "manifest.json", text)
        _add(tar, "manifest.mac", canonical(authenticated(text)).encode())
    return manifest


def authenticated(text: bytes, key_id: str | None = None) -> dict:
    """What proves that this manifest was written by who holds the trace key."""
    key_id = key_id or settings.RING.current("trace")[0]
    key = settings.RING.key("trace", key_id)
    return {"key": key_id, "mac": hmac.new(key, b"tongxing backup\0" + text, hashlib.sha256).hexdigest()}


def _version() -> str:
    try:
        return version("tongxing")
    except PackageNotFoundError:
        return ""


def _migrations() -> dict[str, str]:
    """App → the last migration applied to it. Migrations form one line, so the last one names the state."""
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("tongxing.")}
    applied = MigrationRecorder(connection).applied_migrations()
    return {app: max(name for of, name in applied if of == app) for app in sorted(ours & {of for of, _ in applied})}


def _add(tar, name: str, content: bytes) -> None:
    tar.addfile(_info(name, len(content)), io.BytesIO(content))


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(clock.now().timestamp())
    return info


def _add_table(tar, folder: Path, model) -> dict:
    """Add one table, row by row through a file beside the target: memory does not grow with the table."""
    fields = [field.attname for field in model._meta.concrete_fields]
    rows = 0
    with tempfile.TemporaryFile(dir=folder) as held:
        with gzip.GzipFile(fileobj=held, mode="wb", compresslevel=6, mtime=0) as packed:
            found = model._base_manager.order_by("pk").values_list(*fields)
            for row in found.iterator(chunk_size=CHUNK):
                packed.write(json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_said).encode() + b"\n")
                rows += 1
        size = held.tell()
        held.seek(0)
        name = f"tables/{model._meta.label_lower}.jsonl.gz"
        digesting = Digesting(held)
        tar.addfile(_info(name, size), digesting)
    return {
        "name": name,
        "model": model._meta.label_lower,
        "fields": fields,
        "rows": rows,
        "sha256": digesting.hexdigest(),
    }


def _said(value):
    """A value as JSON; what reads it back is the field itself."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"no way to write down a {type(value).__name__}")


class Digesting:
    """A file that is digested as it is read."""

    def __init__(self, file):
        self.file, self._sha = file, hashlib.sha256()

    def read(self, size=-1):
        part = self.file.read(size)
        self._sha.update(part)
        return part

    def hexdigest(self) -> str:
        return self._sha.hexdigest()


def _add_attachments(tar, files) -> dict:
    """Add the encrypted files as they lie there; one that expired meanwhile, or is not there, is named as missing."""
    added, missing = [], []
    for attachment in files:
        name = f"attachments/{attachment.path.parent.name}/{attachment.path.name}"
        try:
            with attachment.path.open("rb") as held:
                digesting = Digesting(held)
                tar.addfile(_info(name, os.fstat(held.fileno()).st_size), digesting)
        except FileNotFoundError:
            missing.append(str(attachment.pk))
            continue
        added.append({"name": name, "sha256": digesting.hexdigest()})
    gone = Attachment._base_manager.filter(pk__in=missing).exclude(erased_at=None).values_list("pk", flat=True)
    return {"attachments": added, "missing": sorted(set(missing) - {str(pk) for pk in gone})}
