"""The one bulk door: many rows with the same trace, by COPY on PostgreSQL and executemany on SQLite.

`Batch` collects new and changed Records and one Event per subject; `write()` puts them all into the caller's
transaction. A chunk should stay under 100 ms on SQLite, where it keeps every other writer waiting: `prepare()` does the
sealing and the arithmetic beforehand, outside the transaction.
"""

from collections import defaultdict

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from tongxing.base import clock
from tongxing.base.ids import new_id
from tongxing.base.records import Event, Record, Stale
from tongxing.base.sealed import BlindIndex


class Batch:
    """Rows under way. `action` and `by` name them, as `@action` would; `why` is noted with each Event."""

    def __init__(self, *, action: str, by, why: str = ""):
        self.action, self.by, self.why, self.at = action, by, why, clock.now()
        self.rows: dict[type[models.Model], list] = defaultdict(list)
        self.changed: dict[type[Record], list[Record]] = defaultdict(list)
        self.fields: dict[type[Record], set[str]] = defaultdict(set)
        self.events: dict[tuple, Event] = {}
        self.steps: list[tuple] | None = None

    def add(self, record):
        """Add a new Record (traced under its subject) or a plain row such as a look-up key (not traced)."""
        self.rows[type(record)].append(record)
        if isinstance(record, Record):
            self._trace(record)
        return record

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
        subject = record.subject()
        event = self.events.get(subject)
        if event is None:
            event = self.events[subject] = Event(
                id=new_id(),
                at=self.at,
                by_id=self.by.pk,
                action=self.action,
                subject=subject[0],
                subject_id=subject[1],
                region=subject[2],
            )
            if self.why:
                event.note("why", "text", None, self.why)
        row = f"{record._meta.model_name}:{record.pk}"
        for name, was, now, sealed in changes:
            event.note(row, name, was, now, sealed=sealed, secret=record.secret)
        return {name for name, *_rest in changes}

    def prepare(self) -> None:
        """Seal and convert everything now, so that `write()` only writes."""
        events = [event.stamped() for event in self.events.values() if event.facts]
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
    """Insert plain rows, fastest way the database has."""
    if rows:
        run, *rest = _inserting(model, rows)
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


def _inserting(model, rows) -> tuple:
    fields = [f for f in model._meta.concrete_fields if not (f.primary_key and getattr(rows[0], f.attname) is None)]
    real = connections[DEFAULT_DB_ALIAS]  # once: the proxy looks its thread up at every touch
    values = [[f.get_db_prep_save(f.pre_save(row, True), real) for f in fields] for row in rows]
    return _insert, model, fields, values


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
