"""The invented community's own plan: a file as a director would bring it, read and started like any other."""

from datetime import date
from pathlib import Path

from tongxing.plans import actions, reading
from tongxing.plans.models import Plan
from tongxing.staff.models import Region, Staff

PLAN = Path(__file__).resolve().parent / "invented" / "plan.txt"


def plan_file(year: int) -> bytes:
    """The written plan of a year."""
    return PLAN.read_text(encoding="utf-8").replace("{year}", str(year)).encode()


def bring_plan(*, by: Staff, region: Region, on: date, people: dict[str, Staff]) -> Plan:
    """Bring the plan of the year of `on`, let it hold from that day, and give each commitment that names one of
    `people` (by sign-in name) to that person."""
    year, content = on.year, plan_file(on.year)
    (plan,) = actions.bring(
        by=by, content=content, name=f"{PLAN.stem}-{year}.txt", region=region, plans=reading.read(content), on=on
    )
    by_name = {person.name: person for person in people.values()}
    for one in plan.commitments.standing().in_order():
        named = next((person for name, person in by_name.items() if name in one.owner_written), None)
        if named:
            actions.set_commitment(by=by, commitment=one, owner=named)
    return actions.start(
        by=by, plan=plan, on=on, title=plan.title, year=year, from_on=date(year, 1, 1), to_on=date(year, 12, 31)
    )
