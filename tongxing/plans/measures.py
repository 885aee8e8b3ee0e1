"""The measures that count today, in the order of the plan's rows."""

from tongxing.base.measures import Measure
from tongxing.care.measures import VISITED
from tongxing.children.measures import CARD_COMPLETE, CARD_CONFIRMED, NUMBER, PAIRED
from tongxing.plans.rows import BY_NUMBER
from tongxing.rosters.measures import ARCHIVED

LIVE: tuple[Measure, ...] = (ARCHIVED, NUMBER, PAIRED, CARD_COMPLETE, CARD_CONFIRMED, VISITED)
BY_CODE = {measure.code: measure for measure in LIVE}


def of_row(number: int) -> tuple[Measure, ...]:
    """The measures of a row of the plan's table: 20 has 20a and may have 20b; none where nothing counts it yet."""
    return tuple(measure for measure in LIVE if measure.row.rstrip("abcdefgh") == str(number))


def leading(number: int) -> Measure | None:
    """The one measure of a row that a percentage named by a plan is about; the others stand beside it without one."""
    found, lead = of_row(number), BY_NUMBER[number].lead
    return next((one for one in found if one.row == lead), None) if lead else next(iter(found), None)
