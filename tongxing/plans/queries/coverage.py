"""Where we stand: figures with the names behind them."""

from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from tongxing.base.measures import OPEN, Duty, Figure, Measure, Scope, State
from tongxing.children.models import Child
from tongxing.plans.measures import LIVE
from tongxing.staff.choices import Reach
from tongxing.staff.models import Post, Staff, within
from tongxing.staff.roles import ROLES
from tongxing.staff.rules import ancestors

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
    url: str = ""  # the child's page, of those for whom nothing is open

    @property
    def name(self):
        return self.duty.subject_name or _("名册里没写姓名的人")

    @property
    def where(self):
        return self.duty.place

    @property
    def why(self):
        if self.duty.state not in OPEN:
            return self.duty.because
        owner = _("由%(name)s负责") % {"name": self.owner} if self.owner else _("还没有人负责")
        return _("；").join((str(self.duty.because), owner))

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
    closed = [duty.subject_id for duty in duties if duty.state not in OPEN]
    children = set(Child.objects.filter(pk__in=closed).values_list("pk", flat=True)) if closed else ()
    found = []
    for duty in duties:
        acts = []
        if duty.state in OPEN:
            acts.append(Act(*measure.close(duty)))
            if arranging and (url := arranging(duty)):
                acts.append(Act(url, _("改期或请人")))
        url = reverse("desk:child", args=[duty.subject_id]) if duty.subject_id in children else ""
        found.append(Gap(duty, owners.get(duty.owner_id, ""), tuple(acts), url))
    return found


def coverage(scope: Scope, on: date, *, arranging=None) -> list[Standing]:
    """Every live measure on `on`, largest gap first."""
    standings = []
    for measure in LIVE:
        figure = measure.figure(scope, on)
        gaps = gaps_of(measure, scope, on, limit=NAMED, arranging=arranging) if figure.open else []
        standings.append(Standing(figure, gaps))
    return sorted(standings, key=lambda one: -one.figure.open)


def colleagues(region: str, today: date, *, listed=False):
    """Who may be asked to stand in: people with a post in the township of this community.

    They are let look at a child's file. There is none of who is `listed` and has no archive: only people whose posts
    reach the community see that row.
    """
    posts = Post.objects.standing().held_on(today).filter(within("region", region[:9]))
    if listed:
        reaching = [role.code for role in ROLES.values() if role.reach == Reach.REGION]
        posts = posts.filter(region__in=ancestors(region), role__in=reaching)
    return posts.filter(staff__suspended_on=None, staff__withdrawn_at=None)


def called(posts) -> list[tuple[str, str]]:
    """(key, name and role) of the people in these posts, by name: who they are is known by what they do."""
    roles: dict[tuple[str, str], list[str]] = {}
    for post in posts.select_related("staff").order_by("staff__name", "staff_id", "id"):
        roles.setdefault((str(post.staff_id), post.staff.name), []).append(str(post.role_title))
    return [(key, f"{name} · {_('、').join(dict.fromkeys(titles))}") for (key, name), titles in roles.items()]


@dataclass(frozen=True)
class Report:
    """Figures and names of a day as rows of text, for a sheet or a page of paper."""

    on: date
    figure_heads: list[str]
    figures: list[list]
    name_heads: list[str]
    names: list[list]  # measure title first


def report(scope: Scope, on: date) -> Report:
    """Every live measure with everybody it is not met for, does not apply to, or of whom we do not know."""
    states = dict(State.choices)
    figures, names = [], []
    for measure in LIVE:
        figure = measure.figure(scope, on)
        title = str(measure.title)
        figures.append(
            [measure.row, title, figure.n, figure.N, figure.gap, figure.unknown, figure.na, str(measure.definition)]
        )
        for gap in gaps_of(measure, scope, on, states=(*OPEN, State.NA)):
            duty = gap.duty
            names.append([title, gap.name, gap.where, str(states[duty.state]), str(duty.because), gap.owner])
    return Report(
        on=on,
        figure_heads=[_("行"), _("指标"), _("做到"), _("应做"), _("还差"), _("还不知道"), _("不适用"), _("口径")],
        figures=figures,
        name_heads=[_("指标"), _("姓名"), _("小组"), _("状态"), _("原因"), _("谁负责")],
        names=names,
    )


def as_paper(report: Report, place: str, today: date) -> dict:
    """The facts of the paper form "coverage"."""
    row, title, met, _owed, gap, unknown, na, _definition = report.figure_heads
    parts = []
    for _row, measure, *_rest in report.figures:
        rows = [
            [name, where, f"{state}{_('：')}{why}", owner]
            for one, name, where, state, why, owner in report.names
            if one == measure
        ]
        if rows:
            parts.append(
                {
                    "title": measure,
                    "heads": [report.name_heads[1], report.name_heads[2], report.name_heads[4], report.name_heads[5]],
                    "rows": rows,
                }
            )
    return {
        "title": _("覆盖率"),
        "under": f"{place} {report.on.isoformat()}",
        "printed": _("印制 %(day)s") % {"day": today.isoformat()},
        "heads": [row, title, met, gap, unknown, na],
        "figures": [
            [number, name, f"{n}/{owed}" if owed else "-", str(open_), str(unsure), str(out)]
            for number, name, n, owed, open_, unsure, out, _text in report.figures
        ],
        "parts": parts,
    }
