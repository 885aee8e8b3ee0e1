"""Figures, gaps and work lists for the command line; shapes as docs/cli.md says."""

from tongxing.base import clock
from tongxing.base.measures import MEASURES, Scope
from tongxing.commands import Refused
from tongxing.desk.queries import today_of
from tongxing.plans.measures import LIVE
from tongxing.plans.rows import ROWS
from tongxing.staff.models import Staff
from tongxing.staff.rules import path_of


def _scope(region: str) -> Scope:
    try:
        return Scope(path_of(region) if region else "")
    except ValueError:
        raise Refused(f"{region!r} is not a region code") from None


def figures(*, region="", on=None, everything=False) -> dict:
    scope, on = _scope(region), on or clock.today()
    found = []
    for measure in LIVE:
        figure = measure.figure(scope, on)
        found.append(
            {
                "code": measure.code,
                "row": measure.row,
                "title": str(measure.title),
                "n": figure.n,
                "N": figure.N,
                "gap": figure.gap,
                "unknown": figure.unknown,
                "na": figure.na,
                "definition": str(measure.definition),
            }
        )
    answer = {"on": on.isoformat(), "region": scope.region, "measures": found}
    if everything:
        counted = {measure.row.rstrip("abcd") for measure in LIVE}
        answer["not_yet"] = [
            {"row": str(row.number), "title": str(row.title)} for row in ROWS if str(row.number) not in counted
        ]
    return answer


def gaps(*, code: str, region="", on=None) -> dict:
    if code not in MEASURES:
        raise Refused(f"no measure {code!r}; there are {', '.join(sorted(MEASURES))}")
    on = on or clock.today()
    duties = MEASURES[code].rows(_scope(region), on)
    owners = dict(Staff.objects.filter(pk__in={duty.owner_id for duty in duties}).values_list("pk", "login"))
    return {
        "code": code,
        "on": on.isoformat(),
        "gaps": [
            {
                "subject": str(duty.subject_id),
                "name": duty.subject_name,
                "state": duty.state,
                "why": duty.because,
                "owner": owners.get(duty.owner_id),
                "due": duty.due_on.isoformat() if duty.due_on else None,
                "close": duty.measure.close(duty)[0],
            }
            for duty in duties
        ],
    }


def today(*, staff, on=None) -> dict:
    found = today_of(staff, on or clock.today())
    return {
        "items": [
            {
                "what": str(item.kind),
                "who": list(item.names) or [item.what],
                "why": str(item.why),
                "where": item.where,
                "due": item.due_on.isoformat() if item.due_on else None,
                "measure": item.code,
                "url": item.url,
            }
            for item in found.items
        ]
    }
