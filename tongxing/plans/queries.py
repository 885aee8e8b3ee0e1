"""Where we stand: figures with the names behind them."""

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from tongxing.base.measures import OPEN, Duty, Figure, Measure, Scope, State
from tongxing.plans.measures import LIVE
from tongxing.staff.models import Post, Staff, within

NAMED = 5  # names under a figure before "and N more"


@dataclass(frozen=True)
class Act:
    url: str
    label: str


@dataclass(frozen=True)
class Gap:
    """One name under a figure: why, who owes it, and the one action that closes it."""

    duty: Duty
    owner: str
    acts: tuple[Act, ...] = ()

    @property
    def name(self):
        return self.duty.subject_name or _("名册里没写姓名的人")

    @property
    def where(self):
        return self.duty.place

    @property
    def why(self):
        owner = _("由%(name)s负责") % {"name": self.owner} if self.owner else _("还没有人负责")
        return f"{self.duty.because}；{owner}"

    @property
    def unknown(self):
        return _("还不知道") if self.duty.state == State.UNKNOWN else ""


@dataclass(frozen=True)
class Standing:
    """One measure on a day: its figure and the first names of its gap list."""

    figure: Figure
    gaps: list[Gap] = field(default_factory=list)

    @property
    def measure(self) -> Measure:
        return self.figure.measure

    @property
    def more(self) -> int:
        return self.figure.open - len(self.gaps)


def gaps_of(measure: Measure, scope: Scope, on: date, *, limit=None, states=OPEN, arranging=None) -> list[Gap]:
    """Names with reason, owner and action. `arranging`: function(duty) → url of the page to ask somebody else."""
    duties = measure.rows(scope, on, limit=limit, states=states)
    owners = dict(Staff.objects.filter(pk__in={duty.owner_id for duty in duties}).values_list("pk", "name"))
    found = []
    for duty in duties:
        acts = []
        if duty.state in OPEN:
            acts.append(Act(*measure.close(duty)))
            if arranging and (url := arranging(duty)):
                acts.append(Act(url, _("改期或请人")))
        found.append(Gap(duty, owners.get(duty.owner_id, ""), tuple(acts)))
    return found


def coverage(scope: Scope, on: date, *, arranging=None) -> list[Standing]:
    """Every live measure on `on`, largest gap first."""
    standings = []
    for measure in LIVE:
        figure = measure.figure(scope, on)
        gaps = gaps_of(measure, scope, on, limit=NAMED, arranging=arranging) if figure.open else []
        standings.append(Standing(figure, gaps))
    return sorted(standings, key=lambda one: -one.figure.open)


def colleagues(region: str, today: date):
    """Who may be asked to stand in: people with a post at this community or above it in the same township."""
    posts = Post.objects.standing().held_on(today).filter(within("region", region[:9]))
    return posts.values("staff_id")
