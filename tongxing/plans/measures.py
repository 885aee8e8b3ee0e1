"""The measures that count today, in the order of the plan's rows."""

from tongxing.base.measures import Measure
from tongxing.care.measures import VISITED
from tongxing.children.measures import CARD_COMPLETE, CARD_CONFIRMED, NUMBER, PAIRED
from tongxing.rosters.measures import ARCHIVED

LIVE: tuple[Measure, ...] = (ARCHIVED, NUMBER, PAIRED, CARD_COMPLETE, CARD_CONFIRMED, VISITED)
BY_CODE = {measure.code: measure for measure in LIVE}


def of_row(number: int) -> tuple[Measure, ...]:
    """The measures of a row of the plan's table: 20 has 20a and may have 20b; none where nothing counts it yet."""
    return tuple(measure for measure in LIVE if measure.row.rstrip("abcdefgh") == str(number))
