"""Measure: to whom something is owed, what counts as met, who owes it, by when. Declared once.

Figure, gap list, work list and report all read the one relation `duties(scope, on, owner)`, so they always
agree. It returns one or several querysets ("arms", one per kind of subject), each annotated with COLUMNS. Rules for
them are in CONTRIBUTING.md: as of a day, portable SQL, owner filtered inside the SQL, unknown is a state of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import models
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

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


class State(models.TextChoices):
    MET = "met", _("做到了")
    GAP = "gap", _("还差")
    UNKNOWN = "unknown", _("还不知道")
    NA = "na", _("不适用")


OPEN = (State.GAP, State.UNKNOWN)


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
    duties: Callable  # (scope, on, owner=None) -> list of querysets
    say: Callable  # (duty) -> the reason, as a sentence
    close: Callable  # (duty) -> (url, label) of the one action that closes the gap
    due: Callable = field(default=lambda scope, on: lambda row: None)  # (scope, on) -> row -> date | None
    target: int | None = None  # percent the plan promises, None where it states none

    def __post_init__(self):
        MEASURES[self.code] = self

    def figure(self, scope: Scope, on: date) -> Figure:
        """Counts by state, in the database."""
        counts = dict.fromkeys(State.values, 0)
        for arm in self.duties(scope, on):
            for state, count in arm.order_by().values_list("state").annotate(count=Count("pk")):
                counts[state] += count
        return Figure(self, on, counts[State.MET], counts[State.GAP], counts[State.UNKNOWN], counts[State.NA])

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
        found, due = [], self.due(scope, on)
        for arm in self.duties(scope, on, owner):
            if subjects is not None:
                arm = arm.filter(subject_id__in=subjects)
            if level is not None:
                arm = arm.filter(level=level)
            arm = arm.filter(state__in=states).order_by("place", "subject_name", "subject_id")
            found += [Duty(measure=self, on=on, **row, due_on=due(row)) for row in arm.values(*COLUMNS)[:limit]]
        return found[:limit]

    def gaps(self, scope: Scope, on: date, **wanted) -> list[Duty]:
        return self.rows(scope, on, **wanted)

    def period(self, on: date) -> str:
        """What an Arrangement of today is about."""
        return on.strftime("%Y-%m")


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
