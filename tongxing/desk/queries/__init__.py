"""What is before a person now, and what a child's own page gathers."""

from tongxing.desk.queries.child import Kinsman, Moment, callable_kin, time_line, tonight
from tongxing.desk.queries.prints import children_in, class_sheet, classes_of, small_cards, wall_card
from tongxing.desk.queries.today import Item, Today, due_of, due_together, own_duty, roads, standing_in, today_of
from tongxing.desk.queries.waiting import Errand, places_of

__all__ = [
    "Errand",
    "Item",
    "Kinsman",
    "Moment",
    "Today",
    "callable_kin",
    "children_in",
    "class_sheet",
    "classes_of",
    "due_of",
    "due_together",
    "own_duty",
    "places_of",
    "roads",
    "small_cards",
    "standing_in",
    "time_line",
    "today_of",
    "tonight",
    "wall_card",
]
