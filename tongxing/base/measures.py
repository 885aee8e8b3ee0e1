"""Measure: to whom something is owed, what counts as met, who owes it, by when. Declared once.

Figure, gap list, work list and report all read the one relation `duties(scope, on)`, so they always agree. It returns
one or several querysets ("arms", one per kind of subject), each annotated with COLUMNS. Rules for them are in
CONTRIBUTING.md: as of a day, portable SQL, unknown is a state of its own.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from tongxing.base import clock
from tongxing.base.records import Record, RecordQuerySet

# What every arm is annotated with. `since_on`: the day the state rests on (last visit, start of pairing), or NULL;
# `known_on`: since when the subject counts; `region`: its community path; `place`: the hamlet.
COLUMNS = (
    "subject_id",
    "subject_name",
    "state",
    "why",
    "owner_id",
    "since_on",
    "known_on",
    "level",
    "region",
    "place",
    "household_id",
)


class Choose(models.Func):
    """`CASE operand WHEN value THEN result … ELSE default END`: the operand stands in the statement once.

    `Case(When(operand=value, …))` would write it down, and ask it, for each value; a correlated subquery costs that.
    """

    def __init__(self, operand, results: dict, default, **options):
        parts = [part for pair in results.items() for part in map(models.Value, pair)]
        super().__init__(operand, *parts, models.Value(default), **options)

    def as_sql(self, compiler, connection, **options):
        compiled = [compiler.compile(part) for part in self.source_expressions]
        (operand, *pairs, default), params = zip(*compiled, strict=True)
        whens = " ".join(f"WHEN {value} THEN {then}" for value, then in zip(pairs[::2], pairs[1::2], strict=True))
        return f"CASE {operand} {whens} ELSE {default} END", [one for each in params for one in each]


class State(models.TextChoices):
    MET = "met", _("做到了")
    GAP = "gap", _("还差")
    UNKNOWN = "unknown", _("还不知道")
    NA = "na", _("不适用")


OPEN = (State.GAP, State.UNKNOWN)


CONVERTED = (models.UUIDField, models.DateField)  # what SQLite hands out as text


@dataclass(frozen=True)
class Scope:
    """Whose children: a region path (a prefix is a subtree, "" is all held here), and what `staff` may see of it.

    `staff=None` means no person's limits: the command line, reports and the recount.
    """

    region: str = ""
    staff: object = None


@dataclass(frozen=True)
class Figure:
    """n of N. N = n + gap + unknown; na stands outside."""

    measure: "Measure"
    on: date
    n: int = 0
    gap: int = 0
    unknown: int = 0
    na: int = 0

    @property
    def N(self) -> int:
        return self.n + self.gap + self.unknown

    @property
    def open(self) -> int:
        return self.gap + self.unknown


@dataclass(frozen=True)
class Duty:
    """One subject of a measure: its state, why, who owes it, and by when."""

    measure: "Measure"
    on: date
    subject_id: UUID
    subject_name: str
    state: str
    why: str
    owner_id: UUID | None
    since_on: date | None
    known_on: date
    level: str
    region: str
    place: str
    household_id: UUID | None
    due_on: date | None = None

    @property
    def because(self) -> str:
        """The reason in plain words."""
        return self.measure.say(self)


MEASURES: dict[str, "Measure"] = {}


@dataclass(frozen=True)
class Measure:
    code: str
    row: str  # of the plan's table: "6", "20a"
    title: str
    definition: str
    version: int  # of the definition; frozen with reports
    subject: str  # words for what is counted: 孩子, 人
    duties: Callable  # (scope, on) -> list of querysets; (scope, on, settings) where `settings` is given
    say: Callable  # (duty) -> the reason, as a sentence
    close: Callable  # (duty) -> (url, label) of the one action that closes the gap
    due: Callable = field(default=lambda scope, on: lambda row: None)  # (scope, on) -> row -> date | None
    settings: Callable | None = None  # (scope) -> what people have set that shapes the duties; hashable
    target: int | None = None  # percent the plan promises, None where it states none

    def __post_init__(self):
        MEASURES[self.code] = self

    def figure(self, scope: Scope, on: date) -> Figure:
        """Counts by state, in the database."""
        counts = dict.fromkeys(State.values, 0)
        for (state,), count in self._counted(scope, on, ("state",)):
            counts[state] += count
        return Figure(self, on, counts[State.MET], counts[State.GAP], counts[State.UNKNOWN], counts[State.NA])

    def by_community(self, scope: Scope, on: date) -> dict[tuple[str, str], int]:
        """Counts by (community path, state), in the database."""
        counts: dict = defaultdict(int)
        for key, count in self._counted(scope, on, ("region", "state")):
            counts[key] += count
        return counts

    def _counted(self, scope: Scope, on: date, columns: tuple[str, ...]) -> Iterator[tuple[tuple, int]]:
        names = ", ".join(columns)
        for sql, params, _fields in self._statements(scope, on, columns):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {names}, COUNT(*) FROM ({sql}) told GROUP BY {names}", params)  # noqa: S608  ours
                for *key, count in cursor.fetchall():
                    yield tuple(key), count

    def _statements(self, scope: Scope, on: date, columns: tuple[str, ...]) -> tuple:
        """The arms as statements. Where only a region limits them they are kept: to compose one takes longer than to
        ask it, and a page asks the same all day."""
        settings = (self.settings(scope),) if self.settings else ()
        if scope.staff is not None:
            return _composed(self.duties(scope, on, *settings), columns)
        return _kept(self.code, scope.region, on, clock.today(), settings, columns)

    def rows(
        self,
        scope: Scope,
        on: date,
        *,
        owner=None,
        states=OPEN,
        subjects=None,
        level: str | None = None,
        limit: int | None = None,
    ) -> list[Duty]:
        """Subjects in the given states, by default those not met and those of whom we do not know.

        `subjects` narrows to these ids, `owner` to what this person owes, `level` to one attention level: in the SQL.
        """
        due = self.due(scope, on)
        narrowed = {"state": list(states), "subject_id": subjects, "owner_id": [owner.pk] if owner else None}
        narrowed["level"] = None if level is None else [level]
        found = [row for arm in self._statements(scope, on, COLUMNS) for row in _rows_of(*arm, narrowed, limit)]
        return [Duty(measure=self, on=on, **row, due_on=due(row)) for row in found[:limit]]

    def gaps(self, scope: Scope, on: date, **wanted) -> list[Duty]:
        return self.rows(scope, on, **wanted)

    def period(self, on: date) -> str:
        """What an Arrangement of today is about."""
        return on.strftime("%Y-%m")


def _composed(arms: list, columns: tuple[str, ...]) -> tuple:
    """(statement, parameters, field of each column) of each arm; one that can have no rows is left out."""
    found = []
    for arm in arms:
        try:
            sql, params = arm.order_by().values(*columns).query.sql_with_params()
        except EmptyResultSet:
            continue
        found.append((sql, params, {name: arm.query.annotations[name].output_field for name in columns}))
    return tuple(found)


@lru_cache(maxsize=1024)
def _kept(code: str, region: str, on: date, _today: date, settings: tuple, columns: tuple[str, ...]) -> tuple:
    return _composed(MEASURES[code].duties(Scope(region), on, *settings), columns)


def _rows_of(inner: str, params, fields: dict, narrowed: dict, limit: int | None) -> list[dict]:
    """COLUMNS of an arm whose values are among those given (None: any), sorted by place and name.

    The conditions stand around the arm: beside its annotations each would write down once more what it is made of.
    """
    wanted = {name: [fields[name].get_db_prep_value(value, connection) for value in values]
              for name, values in narrowed.items() if values is not None}  # fmt: skip
    if not all(wanted.values()):
        return []
    quote = connection.ops.quote_name
    conditions = " AND ".join(f"{quote(name)} IN ({', '.join(['%s'] * len(them))})" for name, them in wanted.items())
    order = ", ".join(map(quote, ("place", "subject_name", "subject_id")))
    columns = ", ".join(map(quote, COLUMNS))
    sql = f"SELECT {columns} FROM ({inner}) told WHERE {conditions} ORDER BY {order}"  # noqa: S608  names only
    if limit is not None:
        sql += f" LIMIT {int(limit)}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *(value for them in wanted.values() for value in them)])
        rows = cursor.fetchall()
    converters = [(at, fields[name]) for at, name in enumerate(COLUMNS) if isinstance(fields[name], CONVERTED)]
    found = []
    for row in rows:
        values = list(row)
        for at, kind in converters:
            values[at] = kind.to_python(values[at])
        found.append(dict(zip(COLUMNS, values, strict=True)))
    return found


class ArrangementQuerySet(RecordQuerySet):
    def holding(self, on: date):
        """Those that hold on `on`: until their last day, also over the end of a month.

        Rows that were written without a last day hold for their month, and until the day they put something off to.
        """
        written_before = models.Q(until_on=None) & (
            models.Q(period=on.strftime("%Y-%m")) | models.Q(postponed_to__gte=on)
        )
        return self.standing().filter(models.Q(until_on__gte=on) | written_before)


class Arrangement(Record):
    """A promise laid over a gap: done later, or by somebody else. It never makes the duty met."""

    measure = models.CharField(_("指标"), max_length=32)
    subject_id = models.UUIDField()
    region = models.CharField(max_length=12, blank=True)
    period = models.CharField(max_length=10)
    owner_id = models.UUIDField(_("请谁来做"), null=True, blank=True)
    postponed_to = models.DateField(_("改到"), null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)  # the last day on which it holds
    reason = models.CharField(_("原因"), max_length=100)

    objects = ArrangementQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["measure", "subject_id"], name="arrangement_of_subject")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner_id__isnull=False) | models.Q(postponed_to__isnull=False),
                name="an_arrangement_changes_owner_or_day",
                violation_error_message=_("请选改到哪天，或请谁来做"),
            )
        ]

    def subject(self):
        return "children.child", self.subject_id, self.region


def arranged(subject_ids, on: date) -> dict[tuple[str, UUID], Arrangement]:
    """The newest standing Arrangement by (measure code, subject) that still holds on `on`."""
    held = Arrangement.objects.holding(on).filter(subject_id__in=subject_ids)
    return {(one.measure, one.subject_id): one for one in held.order_by("id")}
