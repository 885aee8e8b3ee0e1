"""Records: what people have written about a child or their own work; named, versioned, withdrawn but never deleted."""

import uuid
from functools import cache

from django.db import models
from django.utils.encoding import force_str

from tongxing.base import clock
from tongxing.base.ids import new_id
from tongxing.base.records.deeds import Unnamed, current_deed
from tongxing.base.sealed import BlindIndex, Box, SealedField, unseal


@cache
def _labels(field: models.Field) -> dict:
    return dict(field.flatchoices)


class Stale(Exception):
    """The record was changed by somebody else since it was read. `mine` is what was to be saved."""

    def __init__(self, mine):
        super().__init__(f"{mine._meta.label} {mine.pk} has changed since version {mine._version_read}")
        self.mine = mine

    def theirs(self):
        return type(self.mine)._base_manager.get(pk=self.mine.pk)


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

    def _get_FIELD_display(self, field):
        """As Django's own, which speaks every label in the reader's language to find one: some lists have fifty."""
        value = getattr(self, field.attname)
        return force_str(_labels(field).get(value, value), strings_only=True)

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
