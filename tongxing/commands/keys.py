"""Rotate a key ring's key: a new key writes, what the old one sealed is sealed anew, chunk by chunk.

Old keys stay in the ring file: backups made before, and the older part of the trace, need them. A rotation that was
interrupted goes on where it stopped when the same command is given again.

`seal` may run beside the site. `trace` needs nothing rewritten. `blind` ends with one transaction that rewrites every
search digest; stop the site for it, because a running site would look with the old key until it is started again.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Cast

from tongxing.base.attachments import Attachment
from tongxing.base.keys import NoKey
from tongxing.base.records import SYSTEM, Event, action, current_deed
from tongxing.base.sealed import ALGORITHM, BlindIndex, CannotOpen, SealedField, _cipher, bound_to, digest, seal, unseal
from tongxing.children.actions import rebuild_keys
from tongxing.children.models import Child, Lookup
from tongxing.commands import Refused
from tongxing.rosters.models import Listed, RosterRow

CHUNK = 500
NOBODY = uuid.UUID(int=0)


def rotate(ring: str) -> dict:
    """Rotate one ring; says which key writes now, what was sealed anew, and what could not be opened."""
    try:
        return {"seal": _rotate_seal, "blind": _rotate_blind, "trace": _rotate_trace}[ring]()
    except KeyError:
        raise Refused(f"there is no ring {ring!r}: seal, blind or trace") from None


@action("keys.rotate")
def note_rotation(*, by, ring: str, was: str, now: str) -> None:
    """Leave the change of a key in the trace: ids only."""
    fact = (f"key_ring:{ring}", "current", was, now, False, False)
    current_deed().changes[("base.key_ring", NOBODY, "")].append(fact)


def _turn(ring: str) -> tuple[str, str]:
    was = settings.RING.current(ring)[0]
    settings.RING.add(ring)
    now = settings.RING.promote(ring)
    note_rotation(by=SYSTEM, ring=ring, was=was, now=now)
    return was, now


def _rotate_trace() -> dict:
    was, now = _turn("trace")
    return {"ring": "trace", "was": was, "now": now, "ok": True}


# ── seal ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def sealed_models() -> Iterator[tuple[type[models.Model], list[SealedField]]]:
    """Every model of ours with its sealed fields."""
    for model in apps.get_models():
        found = [field for field in model._meta.concrete_fields if isinstance(field, SealedField)]
        if found:
            yield model, found


def _rotate_seal() -> dict:
    resumed = _anything_under_an_old_key()
    was = now = settings.RING.current("seal")[0]
    if not resumed:
        was, now = _turn("seal")
    values, closed = 0, []
    for model, fields in sealed_models():
        for field in fields:
            count, shut = _seal_anew(model, field)
            values += count
            closed += shut
    events, shut = _seal_events_anew()
    closed += shut
    files, shut = _seal_files_anew()
    closed += shut
    return {
        "ring": "seal",
        "was": was,
        "now": now,
        "resumed": resumed,
        "values": values,
        "events": events,
        "files": files,
        "closed": closed,
        "ok": not closed,
    }


def _prefix() -> str:
    return f"v1:{ALGORITHM}:{settings.RING.current('seal')[0]}:"


def _under_old_key(model, field) -> models.QuerySet:
    """Rows whose value another key than the current one sealed."""
    rows = model._base_manager.annotate(stored=Cast(field.name, models.TextField())).exclude(stored=None)
    return rows.exclude(stored__startswith=_prefix())


def _old_ids() -> list[str]:
    now = settings.RING.current("seal")[0]
    return [key_id for key_id in settings.RING.fingerprints("seal") if key_id != now]


def _events_under_old_key() -> models.QuerySet:
    wanted = Q(pk=None)
    for key_id in _old_ids():
        wanted |= Q(stored__contains=f"v1:{ALGORITHM}:{key_id}:")
    return Event.objects.annotate(stored=Cast("held", models.TextField())).filter(wanted)


def _files_under_old_key() -> models.QuerySet:
    return Attachment._base_manager.filter(erased_at=None).exclude(key_id=settings.RING.current("seal")[0])


def _anything_under_an_old_key() -> bool:
    if _events_under_old_key().exists() or _files_under_old_key().exists():
        return True
    return any(_under_old_key(model, field).exists() for model, fields in sealed_models() for field in fields)


def _chunks(rows) -> Iterator[list]:
    """The rows in chunks by id; a chunk is read after the one before was written."""
    last = None
    while True:
        later = rows if last is None else rows.filter(pk__gt=last)
        if not (chunk := list(later.order_by("pk")[:CHUNK])):
            return
        last = chunk[-1].pk
        yield chunk


def _seal_anew(model, field) -> tuple[int, list[str]]:
    """Seal the values of one field with the current key: (how many, which do not open)."""
    count, closed = 0, []
    quote = connection.ops.quote_name
    table, column, key = (quote(name) for name in (model._meta.db_table, field.column, model._meta.pk.column))
    # A value that somebody saves meanwhile is theirs: only the one that was read is replaced.
    sql = f"UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s"  # noqa: S608  names of our models only
    for chunk in _chunks(_under_old_key(model, field).only("pk")):
        changed = []
        for row in chunk:
            bound = field.bound(row)
            try:
                box = seal(unseal(row.stored, bound), bound)
            except (NoKey, CannotOpen, ValueError):
                closed.append(f"{model._meta.label}.{field.name} {row.pk}")
                continue
            changed.append((box, model._meta.pk.get_db_prep_value(row.pk, connection), row.stored))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, changed)
        count += len(changed)
    return count, closed


def _seal_events_anew() -> tuple[int, list[str]]:
    """Values held in the trace; the chain stands on commitments and does not notice."""
    count, closed = 0, []
    for chunk in _chunks(_events_under_old_key().only("pk")):
        with transaction.atomic():
            ids = [event.pk for event in chunk]
            for event in Event.objects.select_for_update().filter(pk__in=ids).only("held"):
                try:
                    held = _held_anew(event)
                except (NoKey, CannotOpen, ValueError):
                    closed.append(f"base.Event.held {event.pk}")
                    continue
                Event.objects.filter(pk=event.pk).update(held=held)
                count += 1
    return count, closed


def _held_anew(event) -> dict:
    held = {}
    for row, kept in event.held.items():
        held[row] = {}
        for name, value in kept.items():
            if isinstance(value, dict) and not value["box"].startswith(_prefix()):
                bound = bound_to("base.event", f"{row}.{name}", event.pk)
                value = {**value, "box": seal(unseal(value["box"], bound), bound)}
            held[row][name] = value
    return held


def _seal_files_anew() -> tuple[int, list[str]]:
    """Write each file anew under its new name, then the row, then remove the old one: never neither."""
    count, closed = 0, []
    for chunk in _chunks(_files_under_old_key()):
        for attachment in chunk:
            try:
                content = attachment.read()
            except (NoKey, CannotOpen):
                closed.append(f"base.Attachment {attachment.pk}")
                continue
            old_path, old_id = attachment.path, attachment.key_id
            attachment.key_id, key = settings.RING.current("seal")
            attachment.digest = hashlib.sha256(key + content).hexdigest()
            _write(attachment, key, content)
            Attachment._base_manager.filter(pk=attachment.pk, key_id=old_id).update(
                key_id=attachment.key_id, digest=attachment.digest
            )
            old_path.unlink(missing_ok=True)
            count += 1
    return count, closed


def _write(attachment, key, content) -> None:
    attachment.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft, nonce = attachment.path.with_suffix(".part"), os.urandom(12)
    with open(draft, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(nonce + _cipher(key).encrypt(nonce, content, attachment.pk.bytes))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(attachment.path)


# ── blind ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _blind_pairs() -> Iterator[tuple[type[models.Model], BlindIndex, BlindIndex]]:
    """(model, the index in use, the column its successor is filled into)."""
    for model in apps.get_models():
        found = [field for field in model._meta.concrete_fields if isinstance(field, BlindIndex)]
        for field in found:
            if field.ring == "current":
                yield model, field, next(one for one in found if one.of == field.of and one.ring == "next")


def _rotate_blind() -> dict:
    was = settings.RING.current("blind")[0]
    resumed = settings.RING.next("blind") is not None
    settings.RING.add("blind")
    filled = dropped = 0
    if not _digests_are_next():
        filled = sum(_fill_next(model, field, following) for model, field, following in _blind_pairs())
        with transaction.atomic():
            dropped = _switch()
    now = settings.RING.promote("blind")
    note_rotation(by=SYSTEM, ring="blind", was=was, now=now)
    return {
        "ring": "blind",
        "was": was,
        "now": now,
        "resumed": resumed,
        "filled": filled,
        "dropped": dropped,
        "ok": True,
    }


def _fill_next(model, field, following) -> int:
    """Fill the successor column where it is empty, in chunks; what saves do meanwhile is filled before the switch."""
    count = 0
    names = ["pk", field.of, field.name, following.name]
    waiting = model._base_manager.filter(**{f"{field.name}__isnull": False, f"{following.name}__isnull": True})
    for chunk in _chunks(waiting.only(*names)):
        with transaction.atomic():
            for row in chunk:
                new = _digest_of(row, following, "next")
                same = model._base_manager.filter(pk=row.pk, **{field.name: getattr(row, field.name)})
                count += same.update(**{following.name: new})
    return count


def _digest_of(row, index, ring: str):
    text = getattr(row, index.of)
    return digest(index.of, index.normal(text) if index.normal else text, ring) if text else None


def _digests_are_next() -> bool:
    """Whether the database was switched already and only the ring was left behind."""
    for model, field, _following in _blind_pairs():
        row = model._base_manager.filter(**{f"{field.name}__isnull": False}).first()
        if row is not None:
            return getattr(row, field.name) == _digest_of(row, field, "next")
    return False


def _switch() -> int:
    """Every digest at once: columns, look-up rows, rows of rosters and the persons behind them; how many of these can
    no longer be known by their number. The caller's transaction."""
    for model, field, following in _blind_pairs():
        _fill_next(model, field, following)
        there = model._base_manager.filter(**{f"{following.name}__isnull": False})
        there.update(**{field.name: F(following.name)})
        there.update(**{following.name: None})
    with settings.RING.ahead("blind"):
        for children in _chunks(Child.objects.filter(pk__in=Lookup.objects.values("child"))):
            for child in children:
                rebuild_keys(child)
        for rows in _chunks(RosterRow.objects.exclude(fingerprint="")):
            for row in rows:
                new = digest("roster_row", row.facts) if row.facts else ""
                RosterRow.objects.filter(pk=row.pk).update(fingerprint=new)
    return sum(not _relist(listed) for people in _chunks(_listed_by_number()) for listed in people)


def _listed_by_number():
    return Listed._base_manager.exclude(number_digest="")


def _relist(listed) -> bool:
    """A Listed keeps no number, only its digest: the row that brought it says the number once more.

    Where no row is left to say it the digest is dropped; the person stays listed by name and birthday.
    """
    numbers = (row.read("facts").get("citizen_number") for row in RosterRow.objects.filter(listed=listed))
    number = next((one for one in numbers if one and digest("citizen_number", one) == listed.number_digest), None)
    new = digest("citizen_number", number, "next") if number else ""
    Listed._base_manager.filter(pk=listed.pk).update(number_digest=new)
    return bool(number)
