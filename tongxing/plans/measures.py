"""The measures that count today, in the order of the plan's rows."""

from tongxing.base.measures import Measure
from tongxing.care.measures import VISITED
from tongxing.children.measures import CARD_COMPLETE, CARD_CONFIRMED, NUMBER, PAIRED
from tongxing.rosters.measures import ARCHIVED

LIVE: tuple[Measure, ...] = (ARCHIVED, NUMBER, PAIRED, CARD_COMPLETE, CARD_CONFIRMED, VISITED)
BY_CODE = {measure.code: measure for measure in LIVE}
