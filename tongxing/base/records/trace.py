"""The trace: Events and Looks, append-only, each authenticated by itself; seal.py numbers and chains them."""

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from json.encoder import encode_basestring

from django.conf import settings
from django.db import connection, models

from tongxing.base import clock
from tongxing.base.ids import new_id, text_id
from tongxing.base.keys import mac_of
from tongxing.base.sealed import bound_to, seal, unseal


class Chained(models.Model):
    """A row of an append-only table. `mac` authenticates the row; number and chain are the sealer's.

    Each kind has `content()`: a list of all that the row states, in the order in which it is authenticated.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    by_id = models.UUIDField()
    mac = models.CharField(max_length=64)
    trace_key = models.CharField(max_length=8)
    number = models.BigIntegerField(null=True, unique=True)
    chain = models.CharField(max_length=64, null=True)

    class Meta:
        abstract = True

    def authenticate(self) -> str:
        """Keyed HMAC over everything this row states."""
        return mac_of(settings.RING.key("trace", self.trace_key)).hex(canonical(self.content()))

    def stamped(self):
        """Give the row its key and its HMAC; returns the row."""
        self.trace_key = self.trace_key or settings.RING.current("trace")[0]
        self.mac = self.authenticate()
        return self


STATED = ("id", "at", "by_id", "action", "subject", "subject_id", "region", "on")  # of an Event, besides its facts


def _said(value) -> str | None:
    return moment(value) if isinstance(value, datetime) else None if value is None else str(value)


class Event(Chained):
    """One action on one subject.

    `facts` maps "model:row id" → {field: commitment}; it is what the chain stands on. `held` maps the same to the
    values ([was, now]) or, for sealed fields, {"box", "salt"}; a value there may be erased or re-encrypted without
    touching the chain. Fields of rooms with secrets have a commitment and no value.
    """

    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    subject_id = models.UUIDField()
    region = models.CharField(max_length=12, blank=True)
    on = models.DateField(null=True)  # the day it is about, when that is not the day it was written
    facts = models.JSONField(default=dict)
    held = models.JSONField(default=dict)
    salt = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "at"], name="event_of_subject"),
            models.Index(fields=["region", "at"], name="event_of_region"),
            models.Index(fields=["at"], name="event_unsealed", condition=models.Q(number=None)),
        ]

    def content(self):
        return ["event", *[_said(getattr(self, name)) for name in STATED], self.facts]

    def note(self, row: str, name: str, was, now, *, sealed=False, secret=False) -> None:
        """Add one fact: its commitment, and what may be kept of its value."""
        self.trace_key = self.trace_key or settings.RING.current("trace")[0]
        if sealed and now is not None and not secret:
            salt = os.urandom(16).hex()
            box = seal(str(now), bound_to("base.event", f"{row}.{name}", self.id))
            kept = {"box": box, "salt": salt}
            value = str(now)
        else:
            self.salt = self.salt or os.urandom(16).hex()
            salt, value = self.salt, [plain(was), plain(now)]
            kept = None if secret or sealed else value
        self.facts.setdefault(row, {})[name] = self.commitment(salt, row, name, value)
        if kept is not None:
            self.held.setdefault(row, {})[name] = kept
        elif row in self.held:
            self.held[row].pop(name, None)  # of an earlier note on the same fact

    def commitment(self, salt: str, row: str, name: str, value) -> str:
        """Salted keyed digest of one fact; says nothing about the value to who has no key or no salt."""
        mac = mac_of(settings.RING.key("trace", self.trace_key))
        return mac.hex(f"{salt}\0{row}\0{name}\0{canonical(value)}")[:32]

    def broken_commitments(self) -> list[str]:
        """Facts whose held value is not the one committed to (erased values are not missed)."""
        broken = []
        for row, kept in self.held.items():
            for name, value in kept.items():
                salt = self.salt
                if isinstance(value, dict):
                    salt = value["salt"]
                    value = unseal(value["box"], bound_to("base.event", f"{row}.{name}", self.id))
                if self.facts.get(row, {}).get(name) != self.commitment(salt, row, name, value):
                    broken.append(f"{row}.{name}")
        return broken


class Entry:
    """An Event under way among thousands: the same statements, held as the JSON they become, without a model's cost."""

    def __init__(self, *, at, by_id, action: str, subject: tuple):
        self.stated = {"id": text_id(), "at": at, "by_id": by_id, "action": action}
        self.stated |= dict(zip(("subject", "subject_id", "region"), subject, strict=True))
        self.trace_key, key = settings.RING.current("trace")
        self.hex = mac_of(key).hex
        self.salt = os.urandom(16).hex()
        self.facts: dict[str, dict[str, str]] = {}  # as Event's
        self.held: dict[str, dict[str, str]] = {}  # the values as JSON

    def note(self, row: str, name: str, was, now, *, sealed=False, secret=False) -> None:
        """As `Event.note`."""
        if was is None and not secret:
            self.note_new(row, [(name, now, sealed)])
            return
        text = canonical([plain(was), plain(now)])
        if sealed and now is not None and not secret:
            text = self._seal(row, name, now)
        else:
            self.facts.setdefault(row, {})[name] = self.hex(f"{self.salt}\0{row}\0{name}\0{text}")[:32]
        if (sealed and now is None) or secret:
            self.held.get(row, {}).pop(name, None)
        else:
            self.held.setdefault(row, {})[name] = text

    def note_new(self, row: str, told: Iterable[tuple]) -> None:
        """Facts that were nothing before: (name, value, sealed)."""
        facts, held = self.facts.setdefault(row, {}), self.held.setdefault(row, {})
        salt, mac = f"{self.salt}\0{row}\0", self.hex
        for name, now, sealed in told:
            if sealed:
                held[name] = self._seal(row, name, now)
                continue
            value = now if type(now) is str else plain(now)
            text = f"[null,{encode_basestring(value)}]" if isinstance(value, str) else canonical([None, value])
            facts[name] = mac(f"{salt}{name}\0{text}")[:32]
            held[name] = text

    def _seal(self, row: str, name: str, now) -> str:
        salt, text = os.urandom(16).hex(), str(now)
        said = f"{salt}\0{row}\0{name}\0{encode_basestring(text)}"
        self.facts.setdefault(row, {})[name] = self.hex(said)[:32]
        box = seal(text, bound_to("base.event", f"{row}.{name}", self.stated["id"]))
        return f'{{"box":"{box}","salt":"{salt}"}}'

    def columns(self) -> dict:
        """The Event's values by column, stamped; its facts are written once, for the HMAC and for the table."""
        facts = ",".join([_told(row, '","', '":"', '"', sorted(self.facts[row].items())) for row in sorted(self.facts)])
        held = ",".join([_told(row, ',"', '":', "", told.items()) for row, told in self.held.items() if told])
        event = {**self.stated, "on": None, "salt": self.salt, "trace_key": self.trace_key}
        stated = canonical(["event", *[_said(event[name]) for name in STATED]])
        mac = self.hex(f"{stated[:-1]},{{{facts}}}]")
        return event | {"facts": Json(f"{{{facts}}}"), "held": Json(f"{{{held}}}"), "mac": mac}


def _told(row: str, comma: str, colon: str, end: str, pairs: Iterable[tuple[str, str]]) -> str:
    """One row's member of a JSON object; names and digests need no escaping."""
    return f'"{row}":{{"{comma.join([name + colon + text for name, text in pairs])}{end}}}'


class Json(str):
    """Text that is JSON already."""

    __slots__ = ()


class Look(Chained):
    """Somebody opened a file or took an export: who, what, when, on which page."""

    what = models.CharField(max_length=64)
    subject_id = models.UUIDField(null=True)
    page = models.CharField(max_length=64)
    region = models.CharField(max_length=12, blank=True)
    count = models.IntegerField(default=1)
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "at"], name="look_at_subject"),
            models.Index(fields=["by_id", "at"], name="look_by"),
            models.Index(fields=["at"], name="look_unsealed", condition=models.Q(number=None)),
        ]

    def content(self):
        return [
            "look",
            str(self.id),
            moment(self.at),
            str(self.by_id),
            self.what,
            str(self.subject_id),
            self.page,
            self.region,
            self.count,
            self.why,
        ]


class Receipt(models.Model):
    """The answer to one request, kept so that its repetition gets the same answer and acts no second time."""

    key = models.UUIDField(primary_key=True)
    by_id = models.UUIDField()
    action = models.CharField(max_length=64)
    at = models.DateTimeField()
    answer = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="receipt_at")]

    def claim(self) -> bool:
        """Write the row unless the key is taken; whether it was written. One statement, on either database."""
        fields = [self._meta.get_field(name) for name in ("key", "by_id", "action", "at")]
        quote = connection.ops.quote_name
        columns = ", ".join(quote(field.column) for field in fields)
        values = [field.get_db_prep_save(getattr(self, field.attname), connection) for field in fields]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {quote(self._meta.db_table)} ({columns}) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",  # noqa: S608 own names
                values,
            )
            return cursor.rowcount == 1


_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(value) -> str:
    """JSON in its one form: keys in order, no blanks, letters as they are."""
    if type(value) is list and len(value) == 2 and value[0] is None and isinstance(value[1], str):
        return f"[null,{encode_basestring(value[1])}]"  # a new fact: nearly all there are
    return _canonical(value)


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def plain(value):
    """A value as JSON knows it."""
    if type(value) is str:
        return value
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else str(value)


def seen(*, by, what: str, page: str, subject_id=None, region="", count=1, why="") -> Look:
    """Note a look. `what` is a model label or the name of an export; `count` how many children it showed."""
    look = Look(
        id=new_id(),
        at=clock.now(),
        by_id=by.pk,
        what=what,
        subject_id=subject_id,
        page=page,
        region=region,
        count=count,
        why=why[:200],
    ).stamped()
    look.save(force_insert=True)
    return look
