"""What the plan promises of acts of care: every child visited in cadence (row 20a)."""

from datetime import date, timedelta

from django.db.models import Case, CharField, DateField, Exists, Max, OuterRef, Q, Subquery, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from tongxing.base import clock
from tongxing.base.measures import Choose, Measure, State
from tongxing.care.choices import ActKind
from tongxing.care.models import Cadence, LastAct, Visit
from tongxing.care.rules import CADENCE, due_on
from tongxing.children.choices import Level, Stay
from tongxing.children.models import Whereabouts, on_day
from tongxing.children.queries import in_care, owner_or_helper
from tongxing.staff.models import within
from tongxing.staff.rules import ancestors


def cadences(region: str) -> dict[str, list[tuple[str, int]]]:
    """Days between visits by level: [(region path, days)], closest first, the default ("") last."""
    # Without a region every setting reaches: an empty condition joined by "or" would drop out instead.
    reaching = Q(region__in=["", *ancestors(region)]) | within("region", region) if region else Q()
    found = {level: [("", days)] for level, days in CADENCE.items()}
    for region_path, level, days in Cadence.objects.standing().filter(reaching).values_list("region", "level", "days"):
        found[level] = [pair for pair in found[level] if pair[0] != region_path] + [(region_path, days)]
    return {level: sorted(pairs, key=lambda pair: -len(pair[0])) for level, pairs in found.items()}


def days_for(settings: dict, level: str, community: str) -> int:
    """The interval for one child; without a level the widest of all, so that nobody is called late by a guess."""
    if not level:
        return max(days_for(settings, one, community) for one in Level.values)
    return next(days for path, days in settings[level] if community.startswith(path))


def intervals(scope) -> tuple:
    """The cadences of a region as one value: (level, (region path, days), …)."""
    return tuple((level, *pairs) for level, pairs in cadences(scope.region).items())


def visit_duties(scope, on, settings):
    """Children in care on `on`; met when the child was seen within the interval of the level held that day.

    A child without a level is met when seen within the shortest interval, a gap when beyond the longest, and unknown
    between. Never seen is always a gap. A child who is with its parents that day is not applicable.
    """
    if on >= clock.today():
        last = LastAct.objects.filter(kind=ActKind.VISIT, child=OuterRef("child_id")).values("on")
    else:
        seen = Visit.objects.standing().filter(child=OuterRef("child_id"), saw_child=True, visited_on__lte=on)
        last = seen.order_by().values("child").annotate(on=Max("visited_on")).values("on")
    away = Whereabouts.objects.standing().filter(on_day(on), child=OuterRef("child_id"), stay=Stay.WITH_PARENTS)
    duties = in_care(scope, on).annotate(
        since_on=Subquery(last, output_field=DateField()), is_away=Exists(away), owner_id=owner_or_helper(on)
    )
    settings = {level: pairs for level, *pairs in settings}
    in_time = Q(since_on__gte=_first_day(settings, on))
    # Without a level: within the shortest interval in time, beyond the longest too late, and between nobody can say.
    unsure = Q(level="", since_on__gte=_first_day(settings, on, without_level=max))
    told = ((Q(is_away=True), State.NA, "away"), (Q(since_on=None), State.GAP, "never_seen"),
            (in_time, State.MET, "in_time"), (unsure, State.UNKNOWN, "no_level"))  # fmt: skip
    duties = duties.annotate(
        state=Case(
            *(When(when, then=Value(state)) for when, state, _why in told),
            default=Value(State.GAP),
            output_field=CharField(),
        ),
        why=Case(
            *(When(when, then=Value(why)) for when, _state, why in told),
            default=Value("late"),
            output_field=CharField(),
        ),
    )
    return [duties]


def _first_day(settings, on, without_level=min):
    """The first day on which a visit is still in time, by community and level; bound here, SQL does no date arithmetic.

    `without_level` picks the interval of those nobody has set a level for.
    """

    def days_of(path):
        days = {level: days_for(settings, level, path) for level in Level.values}
        cutoffs = {level: on - timedelta(days=count) for level, count in days.items()}
        return Choose("level", cutoffs, on - timedelta(days=without_level(days.values())), output_field=DateField())

    closest_first = sorted({path for pairs in settings.values() for path, _days in pairs}, key=len, reverse=True)
    *paths, widest = closest_first
    if not paths:
        return days_of(widest)
    whens = [When(within("community_id", path), then=days_of(path)) for path in paths]
    return Case(*whens, default=days_of(widest), output_field=DateField())


def say(duty) -> str:
    """The reason in spoken words; how late it is stands beside it where there is room for a mark."""
    if duty.why == "never_seen":
        return _now("还没有人上门见过")
    if duty.why == "away":
        return _now("在父母身边")
    since = (duty.on - duty.since_on).days
    if duty.why == "no_level":
        return _now("还没有定关注等级；上次去是 %(since)d 天前") % {"since": since}
    every = (duty.due_on - duty.since_on).days
    return _now("应 %(every)d 天去一次，已 %(since)d 天") % {"every": every, "since": since}


def close(duty) -> tuple[str, str]:
    if duty.why == "no_level":
        return reverse("children:attention", args=[duty.subject_id]), _now("定等级")
    return reverse("care:visit", args=[duty.subject_id]), _now("记走访")


def due(scope, on):
    """When the next visit of a row is due; a child never seen is due within five working days of coming into care."""
    settings = cadences(scope.region)

    def of(row) -> date:
        every = days_for(settings, row["level"], row["region"])
        return due_on(last_seen_on=row["since_on"], in_care_from=row["known_on"], every_days=every)

    return of


VISITED = Measure(
    code="visited",
    row="20a",
    title=_("定期走访"),
    definition=_("在册的孩子里，按关注等级规定的间隔，有人上门见到的孩子"),
    version=1,
    subject=_("孩子"),
    duties=visit_duties,
    say=say,
    close=close,
    due=due,
    settings=intervals,
)
