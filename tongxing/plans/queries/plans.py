"""A written plan beside live figures: goal → measure → owner → due → n of N → who is missing → the records."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tongxing.base.measures import Figure, Measure, Scope
from tongxing.plans import measures
from tongxing.plans.choices import PlanState
from tongxing.plans.models import Commitment, Plan
from tongxing.plans.queries.coverage import NAMED, Gap, colleagues, gaps_of
from tongxing.plans.rows import BY_NUMBER, Row
from tongxing.staff.models import Staff

SPOKEN = 2  # names in a cell before "and N more"


@dataclass(frozen=True)
class Line:
    """One row of the table, or one of its measures, under a commitment."""

    row: Row
    target: Decimal | None = None
    measure: Measure | None = None  # None: nothing counts this row yet
    figure: Figure | None = None
    gaps: list[Gap] = field(default_factory=list)

    @property
    def title(self):
        return self.measure.title if self.measure else self.row.title

    @property
    def missed(self) -> bool:
        """Whether the plan's own target is not reached; a plan without a number misses none."""
        if self.target is None or self.figure is None or not self.figure.N:
            return False
        return self.figure.n * 100 < self.target * self.figure.N

    @property
    def spoken(self) -> list[Gap]:
        """The names that stand in the cell itself."""
        return self.gaps[:SPOKEN]

    @property
    def unspoken(self) -> int:
        return self.figure.open - len(self.spoken) if self.figure else 0

    @property
    def more(self) -> int:
        return self.figure.open - len(self.gaps) if self.figure else 0


@dataclass(frozen=True)
class Group:
    """A commitment with its lines; without lines nobody has said yet what it is about."""

    commitment: Commitment
    lines: list[Line]
    late: bool = False

    @property
    def live(self) -> list[Line]:
        return [line for line in self.lines if line.measure]

    @property
    def waiting(self) -> list[Line]:
        """Rows that nothing counts yet; they stand together in one line of the page."""
        return [line for line in self.lines if not line.measure]

    @property
    def shown(self) -> str:
        """What stands at its head: a goal whole, a measure by its heading."""
        one = self.commitment
        return one.text if one.goal_id or not one.heading else one.heading

    @property
    def whole(self) -> str:
        """The text behind the heading, where there is more of it."""
        return "" if self.shown == self.commitment.text else self.commitment.text


@dataclass(frozen=True)
class PlanPage:
    plan: Plan
    on: date
    goals: list[Group]
    measures: list[Group]

    @property
    def groups(self) -> list[Group]:
        return self.goals + self.measures

    @property
    def unmatched(self) -> list[Group]:
        return [group for group in self.groups if not group.lines]

    @property
    def rows(self) -> set[int]:
        return {line.row.number for group in self.groups for line in group.lines}

    @property
    def named(self) -> int:
        """How many names the page shows."""
        return sum(len(line.gaps) for group in self.groups for line in group.lines)


def page_of(plan: Plan, scope: Scope, on: date, *, arranging=None, only=None) -> PlanPage:
    """The whole plan with its figures on `on`, or `only` one commitment. Each measure is counted once."""
    commitments = plan.commitments.standing().in_order().select_related("owner", "plan")
    if only is not None:
        commitments = commitments.filter(pk=only)
    counted: dict[str, tuple[Figure, list[Gap]]] = {}

    def stands(measure: Measure) -> tuple[Figure, list[Gap]]:
        if measure.code not in counted:
            figure = measure.figure(scope, on)
            gaps = gaps_of(measure, scope, on, limit=NAMED, arranging=arranging) if figure.open else []
            counted[measure.code] = figure, gaps
        return counted[measure.code]

    goals, rest = [], []
    for one in commitments:
        lines = []
        for number in one.rows:
            found, lead = measures.of_row(number), measures.leading(number)
            lines += [
                Line(BY_NUMBER[number], one.target if each is lead else None, each, *stands(each)) for each in found
            ]
            if not found:
                lines.append(Line(BY_NUMBER[number], one.target))
        open_still = any(line.figure and line.figure.open for line in lines)
        group = Group(one, lines, late=bool(one.due_on and one.due_on < on and open_still))
        (goals if one.goal_id else rest).append(group)
    return PlanPage(plan, on, goals, rest)


def plans_of(staff) -> list[Plan]:
    """The plans one may see: in force first, then those that wait for a person, then earlier ones; newest first."""
    order = {PlanState.IN_FORCE: 0, PlanState.READ: 1, PlanState.REPLACED: 2}
    found = Plan.objects.visible_to(staff).select_related("region", "attachment").order_by("-id")[:200]
    return sorted(found, key=lambda plan: order[plan.state])


def doers(region: str, today: date):
    """Whom a commitment of this place may be given to: people with a post in its township, or in the county's own."""
    return Staff.objects.filter(pk__in=colleagues(region, today).values("staff_id")).order_by("name", "id")[:300]
