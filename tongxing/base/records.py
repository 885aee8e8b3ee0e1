"""No write and no look without a name.

A write is an `@action`: one transaction, one Event per subject, made from what its Records changed. A Record saves only
inside an action. Opening a child's file or taking an export is a Look. Nothing is chained here: that would make every
writer wait for every other; `seal.py` numbers and chains afterwards.
"""

import functools
import hashlib
import hmac
import json
import os
import uuid
from collections import defaultdict
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from tongxing.base import clock
from tongxing.base.ids import new_id
from tongxing.base.sealed import BlindIndex, Box, SealedField, bound_to, seal, unseal


class Unnamed(RuntimeError):
    """Somebody tried to write case data outside an action."""


class Stale(Exception):
    """The record was changed by somebody else since it was read. `mine` is what was to be saved."""

    def __init__(self, mine):
        super().__init__(f"{mine._meta.label} {mine.pk} has changed since version {mine._version_read}")
        self.mine = mine

    def theirs(self):
        return type(self.mine)._base_manager.get(pk=self.mine.pk)


class System:
    """Whoever acts when no person does: set-up, the worker's own upkeep, the invented community."""

    pk = uuid.UUID(int=0)
    name = "system"

    def __str__(self):
        return self.name


SYSTEM = System()


# ── the trace ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Chained(models.Model):
    """A row of an append-only table. `mac` authenticates the row; number and chain are the sealer's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    by_id = models.UUIDField()
    mac = models.CharField(max_length=64)
    trace_key = models.CharField(max_length=8)
    number = models.BigIntegerField(null=True, unique=True)
    chain = models.CharField(max_length=64, null=True)

    class Meta:
        abstract = True

    def content(self) -> list:
        raise NotImplementedError

    def authenticate(self) -> str:
        """Keyed HMAC over everything this row states."""
        key = settings.RING.key("trace", self.trace_key)
        return hmac.new(key, canonical(self.content()).encode(), hashlib.sha256).hexdigest()

    def stamped(self):
        """Give the row its key and its HMAC; returns the row."""
        self.trace_key = self.trace_key or settings.RING.current("trace")[0]
        self.mac = self.authenticate()
        return self


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
        return [
            "event",
            str(self.id),
            moment(self.at),
            str(self.by_id),
            self.action,
            self.subject,
            str(self.subject_id),
            self.region,
            self.on.isoformat() if self.on else None,
            self.facts,
        ]

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
        self.held.get(row, {}).pop(name, None)  # of an earlier note on the same fact
        if kept is not None:
            self.held.setdefault(row, {})[name] = kept

    def commitment(self, salt: str, row: str, name: str, value) -> str:
        """Salted keyed digest of one fact; says nothing about the value to who has no key or no salt."""
        text = f"{salt}\0{row}\0{name}\0{canonical(value)}"
        return hmac.new(settings.RING.key("trace", self.trace_key), text.encode(), hashlib.sha256).hexdigest()[:32]

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


def canonical(value) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def plain(value):
    """A value as JSON knows it."""
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


# ── actions ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Deed:
    """An action under way: who, what, and what has changed so far, by subject."""

    by: object
    action: str
    at: datetime
    on: object = None
    why: str = ""
    changes: dict = field(default_factory=lambda: defaultdict(list))  # (subject, id, region) → [(row, name, …)]

    def events(self):
        for (subject, subject_id, region), facts in self.changes.items():
            event = Event(
                id=new_id(),
                at=self.at,
                by_id=self.by.pk,
                action=self.action,
                subject=subject,
                subject_id=subject_id,
                region=region,
                on=self.on,
            )
            if self.why:
                event.note("why", "text", None, self.why)
            for (row, name), (was, now, sealed, secret) in first_to_last(facts).items():
                event.note(row, name, was, now, sealed=sealed, secret=secret)
            yield event.stamped()


def first_to_last(facts: list[tuple]) -> dict[tuple, tuple]:
    """What an action did to each fact as a whole, however often it saved: (row, name) → (was, now, sealed, secret)."""
    whole = {}
    for row, name, was, now, sealed, secret in facts:
        was = whole[row, name][0] if (row, name) in whole else was
        whole[row, name] = was, now, sealed, secret
    return whole


_deed: ContextVar[Deed | None] = ContextVar("deed", default=None)


def current_deed() -> Deed:
    deed = _deed.get()
    if deed is None:
        raise Unnamed(_("写入须在一个具名的动作里进行"))
    return deed


def action(name: str):
    """Make a function a named, traced, transactional write.

    The function takes keywords only and `by`, the person who acts. Callers may add `key` (a UUID): a second call with
    the same key and person gets the first call's answer and does nothing; another person's gets Http404. Inside another
    action it joins that one.
    """

    def wrap(function):
        @functools.wraps(function)
        def act(*, by, key=None, **wanted):
            if _deed.get() is not None:
                return function(by=by, **wanted)
            with transaction.atomic():
                if key is not None and (receipt := _earlier(key, by, name)):
                    return _answer_again(receipt)
                deed = Deed(by=by, action=name, at=clock.now())
                token = _deed.set(deed)
                try:
                    answer = function(by=by, **wanted)
                    Event.objects.bulk_create(list(deed.events()))
                finally:
                    _deed.reset(token)
                if key is not None:
                    Receipt.objects.filter(key=key).update(answer=_written_down(answer))
            return answer

        act.action_name = name
        return act

    return wrap


def _earlier(key, by, name) -> Receipt | None:
    """The receipt of an earlier identical request, or None after claiming the key for this one."""
    try:
        with transaction.atomic():
            Receipt(key=key, by_id=by.pk, action=name, at=clock.now()).save(force_insert=True)
        return None
    except IntegrityError:
        receipt = Receipt.objects.get(key=key)
    if receipt.by_id != by.pk or receipt.action != name:
        raise Http404
    return receipt


def _written_down(answer):
    if isinstance(answer, models.Model):
        return {"model": answer._meta.label, "id": str(answer.pk)}
    if isinstance(answer, list | tuple):
        return {"list": [_written_down(one) for one in answer]}
    return {"plain": plain(answer)}


def _answer_again(receipt):
    from django.apps import apps

    def read(answer):
        if "model" in answer:
            return apps.get_model(answer["model"])._base_manager.get(pk=answer["id"])
        if "list" in answer:
            return [read(one) for one in answer["list"]]
        return answer["plain"]

    return read(receipt.answer)


# ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class RecordQuerySet(models.QuerySet):
    def _refuse(self, *args, **wanted):
        raise Unnamed("case data is written by actions, or in bulk through base.bulk")

    update = delete = bulk_create = bulk_update = update_or_create = get_or_create = _refuse

    def standing(self):
        """Those not withdrawn."""
        return self.filter(withdrawn_at=None)


class Record(models.Model):
    """Something people have written about a child or their own work: named, versioned, withdrawn but never deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by_id = models.UUIDField(null=True, blank=True, editable=False)
    withdrawn_why = models.CharField(max_length=200, blank=True, editable=False)

    objects = RecordQuerySet.as_manager()

    secret = False  # True: the trace notes which fields changed, not what they say
    untraced = frozenset({"id", "version"})

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        record = super().from_db(db, field_names, values)
        record._loaded = record.__dict__.copy()
        record._version_read = record.__dict__.get("version")
        return record

    def refresh_from_db(self, using=None, fields=None, **options):
        """Read again, all or a field that was deferred; what was read is not taken for a change."""
        super().refresh_from_db(using=using, fields=fields, **options)
        names = {self._meta.get_field(name).attname for name in fields} if fields else self.__dict__.keys()
        self._loaded = getattr(self, "_loaded", {}) | {
            name: value for name, value in self.__dict__.items() if name in names and not name.startswith("_")
        }

    def subject(self) -> tuple[str, uuid.UUID, str]:
        """Whose Event this change belongs to: (model label, id, region path)."""
        return self._meta.label_lower, self.pk, ""

    @classmethod
    def traced_fields(cls):
        if "_traced" not in cls.__dict__:
            cls._traced = [
                (f.name, f.attname, isinstance(f, SealedField))
                for f in cls._meta.concrete_fields
                if f.name not in cls.untraced and not isinstance(f, BlindIndex)
            ]
        return cls._traced

    def changes(self):
        """(name, was, now, sealed) for each fact that differs from what was read; all set facts of a new record."""
        loaded = {} if self._state.adding else getattr(self, "_loaded", {})
        for name, attname, sealed in self.traced_fields():
            if attname not in self.__dict__:
                continue  # deferred: not read, so not changed
            was, now = loaded.get(attname), self.__dict__[attname]
            if sealed:
                now = now or None
                if was == now:
                    continue
                if isinstance(was, Box):
                    was = unseal(was, self._meta.get_field(name).bound(self))
                if isinstance(now, Box):
                    now = unseal(now, self._meta.get_field(name).bound(self))
            if was != now and not (self._state.adding and now in (None, "")):
                yield name, was, now, sealed

    def save(self, *args, **options):
        deed = current_deed()
        changed = list(self.changes())
        if not self._state.adding:
            if not changed:
                return
            self._version_read = self.version
            self.version += 1
        if self._state.adding:
            super().save(force_insert=True)
        else:
            super().save(force_update=True)
        row = f"{self._meta.model_name}:{self.pk}"
        for name, was, now, sealed in changed:
            deed.changes[self.subject()].append((row, name, was, now, sealed, self.secret))
        self._loaded = self.__dict__.copy()

    def _do_update(self, base_qs, using, pk_val, values, update_fields, forced_update):
        same_version = base_qs.filter(version=self._version_read)
        if not super()._do_update(same_version, using, pk_val, values, update_fields, forced_update):
            self.version = self._version_read
            raise Stale(self)
        return True

    def delete(self, *args, **options):
        raise Unnamed("nothing is deleted: withdraw it with a reason")

    def touch(self) -> None:
        """Count one more version although none of its own facts changed: something that belongs to it did."""
        current_deed()
        if not type(self)._base_manager.filter(pk=self.pk, version=self.version).update(version=self.version + 1):
            self._version_read = self.version
            raise Stale(self)
        self.version += 1

    def withdraw(self, *, by, why: str) -> None:
        """Take it out of every figure and list; it stays readable in the history. Call inside an action."""
        self.withdrawn_at, self.withdrawn_by_id, self.withdrawn_why = clock.now(), by.pk, why[:200]
        self.save()
