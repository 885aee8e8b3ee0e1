"""The one bulk door: many rows with the same trace, by COPY on PostgreSQL and executemany on SQLite.

`Batch` collects new and changed Records and one Event per subject; `write()` puts them all into the caller's
transaction. A chunk should stay under 100 ms on SQLite, where it keeps every other writer waiting: `prepare()` does the
sealing and the arithmetic beforehand, outside the transaction. New rows by the thousand come as Drafts, values by
column: making a model's instance costs more than everything else that happens to a row.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from tongxing.base import clock
from tongxing.base.records import Entry, Event, Json, Record, Stale
from tongxing.base.sealed import BlindIndex, Box, SealedField, bound_to, digest, seal

AS_IT_IS = (models.CharField, models.TextField, models.BooleanField, models.IntegerField)


class Draft(NamedTuple):
    """A row to be: its model and its values by column ("child_id"), ids as text; what is left out has its default.

    `subject` is whose Event its facts belong to; None for a plain row, which is not traced.
    """

    model: type[models.Model]
    values: dict
    subject: tuple | None = None


def records_of(drafts: Iterable[Draft]) -> list[models.Model]:
    """Drafts as instances, for whoever saves them one by one; what they point at among themselves is at hand."""
    made: dict = {}
    for draft in drafts:
        record = draft.model(**draft.values)
        for field in draft.model._meta.concrete_fields:
            if isinstance(_kind(field), models.UUIDField):
                setattr(record, field.attname, field.to_python(getattr(record, field.attname)))
            if field.is_relation and (other := made.get(getattr(record, field.attname))):
                setattr(record, field.name, other)
        made[record.pk or object()] = record
    return list(made.values())


class Batch:
    """Rows under way. `action` and `by` name them, as `@action` would; `why` is noted with each Event."""

    def __init__(self, *, action: str, by, why: str = ""):
        self.action, self.by, self.why, self.at = action, by, why, clock.now()
        self.rows: dict[type[models.Model], list[Mapping]] = defaultdict(list)  # values by column
        self.changed: dict[type[Record], list[Record]] = defaultdict(list)
        self.fields: dict[type[Record], set[str]] = defaultdict(set)
        self.events: dict[tuple, Entry] = {}
        self.steps: list[tuple] | None = None

    def add(self, row, *, about: tuple | None = None):
        """Add a new Record or a Draft of one, or a plain row such as a look-up key, which is not traced.

        Its facts go to the Event of `about`, else of its own subject: an imported row is one Event of its child.
        """
        if isinstance(row, Draft):
            self.rows[row.model].append(row.values)
            if row.subject:
                self._note_new(row.model, row.values, about or row.subject)
        else:
            self.rows[type(row)].append(row.__dict__)
            if isinstance(row, Record):
                self._note_new(type(row), row.__dict__, about or row.subject())
        return row

    def _note_new(self, model, values, subject) -> None:
        """Every fact that is set, as `Record.changes` tells them of a new record."""
        traced, defaults = _traced(model)
        told = [(name, now, False) for attname, name, now in defaults if attname not in values]
        for attname, now in values.items():
            if now is not None and now != "" and attname in traced:
                name, sealed = traced[attname]
                told.append((name, now, sealed))
        if not told:
            return
        event, row = self._event(subject), f"{model._meta.model_name}:{values['id']}"
        if model.secret:
            for name, now, sealed in told:
                event.note(row, name, None, now, sealed=sealed, secret=True)
        else:
            event.note_new(row, told)

    def change(self, record: Record):
        """Add a Record that was read and changed since; its version goes up, as `save()` would have it."""
        names = self._trace(record)
        if names:
            record._version_read = record.version
            record.version += 1
            self.changed[type(record)].append(record)
            self.fields[type(record)] |= names
        return record

    def withdraw(self, record: Record, *, why: str):
        """Add a Record to be taken out of every figure and list; it stays readable in the history."""
        record.withdrawn_at, record.withdrawn_by_id, record.withdrawn_why = self.at, self.by.pk, why[:200]
        return self.change(record)

    def _trace(self, record) -> set[str]:
        changes = list(record.changes())
        if not changes:
            return set()
        event, row = self._event(record.subject()), f"{record._meta.model_name}:{record.pk}"
        for name, was, now, sealed in changes:
            event.note(row, name, was, now, sealed=sealed, secret=record.secret)
        return {name for name, *_rest in changes}

    def _event(self, subject: tuple) -> Entry:
        event = self.events.get(subject)
        if event is None:
            event = Entry(at=self.at, by_id=self.by.pk, action=self.action, subject=subject)
            self.events[subject] = event
            if self.why:
                event.note("why", "text", None, self.why)
        return event

    def prepare(self) -> None:
        """Seal and convert everything now, so that `write()` only writes."""
        events = [event.columns() for event in self.events.values()]
        self.steps = [_inserting(model, rows) for model, rows in self.rows.items()]
        self.steps += [_updating(model, rows, self.fields[model]) for model, rows in self.changed.items()]
        if events:
            self.steps.append(_inserting(Event, events))

    def write(self) -> None:
        """Insert everything, in the order in which models were first added, then the changes, then the Events.

        Raises Stale when a changed Record was changed by somebody else meanwhile.
        """
        if self.steps is None:
            self.prepare()
        for run, *rest in self.steps:
            run(*rest)


def insert(model: type[models.Model], rows: list) -> None:
    """Insert plain rows, instances or values by column, the fastest way the database has."""
    if rows:
        run, *rest = _inserting(model, [row if isinstance(row, dict) else row.__dict__ for row in rows])
        run(*rest)


def insert_stored(model: type[models.Model], names: list[str], rows: list) -> None:
    """Insert rows given as the values the database held, sealed values and digests as they are: for restoring."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    fields = [fields[name] for name in names]
    values = [
        [field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True)] for row in rows
    ]
    _insert(model, fields, values)


def update(model: type[models.Model], rows: list, fields: list[str]) -> None:
    """Write these fields of plain rows that were read before, by executemany."""
    if rows:
        run, *rest = _updating(model, rows, fields)
        run(*rest)


def _inserting(model, rows: list[Mapping]) -> tuple:
    given = set().union(*rows)
    fields = [f for f in model._meta.concrete_fields if not (f.primary_key and rows[0].get(f.attname) is None)]
    columns = [_column(field, rows, field.attname in given) for field in fields]
    return _insert, model, fields, list(zip(*columns, strict=True))


def _column(field, rows: list[Mapping], given: bool) -> Iterable:
    """The values of one column as the database takes them; `given` tells whether any row has one."""
    name = field.attname
    if isinstance(field, BlindIndex):
        return [_blind(field, row) for row in rows]
    if isinstance(field, SealedField):
        label = field.model._meta.label_lower
        return [_sealed(row.get(name), label, name, row) for row in rows] if given else [None] * len(rows)
    convert = _converter(field)
    if not given and not _is_made_anew(field):
        value = field.get_default()
        return [value if value is None or convert is None else convert(value)] * len(rows)
    values = [row[name] if name in row else field.get_default() for row in rows]
    if convert is None:
        return values
    known: dict = {None: None}  # days, moments and foreign keys repeat
    found = []
    for value in values:
        try:
            if value not in known:
                known[value] = convert(value)
            found.append(known[value])
        except TypeError:  # a list or dict for JSON cannot be a key
            found.append(convert(value))
    return found


def _is_made_anew(field) -> bool:
    """Whether its default differs from row to row."""
    return field.has_default() and callable(field.default)


def _sealed(value, label: str, name: str, row: Mapping) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, Box) else seal(str(value), bound_to(label, name, row["id"]))


def _blind(field: BlindIndex, row: Mapping) -> str | None:
    if row.get(field.attname):
        return row[field.attname]  # made by who drafted the row, who needed it too
    value = row.get(field.of)
    if not value:
        return None
    if isinstance(value, Box):
        raise TypeError(f"{field.of} was read from the database: add() takes new rows")
    return digest(field.of, field.normal(value) if field.normal else value, field.ring)


def _converter(field) -> Callable | None:
    """How a value of this column is given to the database; None where it goes as it is."""
    if isinstance(field, AS_IT_IS):
        return None
    real = connections[DEFAULT_DB_ALIAS]  # once: the proxy looks its thread up at every touch
    if isinstance(_kind(field), AS_IT_IS):
        return None
    if isinstance(_kind(field), models.UUIDField):
        return str if real.features.has_native_uuid_field else _hex
    return lambda value: str(value) if isinstance(value, Json) else field.get_db_prep_save(value, real)


def _hex(key) -> str:
    return str(key).replace("-", "")


def _kind(field):
    """The field itself, or the one it points at."""
    return field.target_field if field.is_relation else field


@cache
def _traced(model: type[Record]) -> tuple[dict, list]:
    """Traced columns → (name, sealed); and (column, name, default) of those whose default says something."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    traced = {attname: (name, sealed) for name, attname, sealed in model.traced_fields()}
    set_so = [(attname, name, fields[name].get_default()) for attname, (name, _sealed) in traced.items()]
    return traced, [one for one in set_so if one[2] not in (None, "") and not _is_made_anew(fields[one[1]])]


def _insert(model, fields, values) -> None:
    columns = ", ".join(connection.ops.quote_name(f.column) for f in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Django does not know COPY: its errors are turned into Django's here
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for line in values:
                    copy.write_row(line)
        else:
            marks = ", ".join(["%s"] * len(fields))
            sql = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608  names of our models only
            cursor.executemany(sql, values)


def _is_touched(field, names) -> bool:
    return field.name in names or (isinstance(field, BlindIndex) and field.of in names)


def _updating(model, rows, names) -> tuple:
    fields = [f for f in model._meta.concrete_fields if _is_touched(f, names)]
    if issubclass(model, Record):
        fields.append(model._meta.get_field("version"))
    values, real = [], connections[DEFAULT_DB_ALIAS]
    for row in rows:
        line = [f.get_db_prep_save(f.pre_save(row, False), real) for f in fields]
        line.append(model._meta.pk.get_db_prep_value(row.pk, real))
        if issubclass(model, Record):
            line.append(row._version_read)
        values.append(line)
    return _update, model, fields, values, rows[0]


def _update(model, fields, values, first) -> None:
    quote = connection.ops.quote_name
    settings = ", ".join(f"{quote(f.column)} = %s" for f in fields)
    where = f"{quote(model._meta.pk.column)} = %s"
    if issubclass(model, Record):
        where += f" AND {quote('version')} = %s"
    sql = f"UPDATE {quote(model._meta.db_table)} SET {settings} WHERE {where}"  # noqa: S608  names of our models only
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)
        if issubclass(model, Record) and cursor.rowcount != len(values):
            raise Stale(first)
