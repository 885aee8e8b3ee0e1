"""What is before a person now, and what a child's own page gathers."""

from tongxing.desk.queries.child import Kinsman, Moment, callable_kin, time_line, tonight
from tongxing.desk.queries.today import Errand, Item, Today, due_of, due_together, own_duty, places_of, roads, today_of

__all__ = [
    "Errand",
    "Item",
    "Kinsman",
    "Moment",
    "Today",
    "callable_kin",
    "due_of",
    "due_together",
    "own_duty",
    "places_of",
    "roads",
    "time_line",
    "today_of",
    "tonight",
]
