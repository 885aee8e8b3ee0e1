"""In which order things stand before a person: functions of facts and a day. No clock, no query."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from tongxing.base.measures import State

WEIGHT = {
    "high": 9,
    "middle": 3,
    "low": 1,
    "": 2,
}  # a day late with a child nobody has rated weighs between low and middle


class Rank(IntEnum):
    """The ranking rule of the work list; lower stands first."""

    PROMISED = 1  # put off to today with a word given
    URGENT = 2  # overdue at high attention: red, and red is believed because it is rare and stands on top
    OVERDUE = 3
    DUE_TODAY = 4
    PROMISED_IN_FULL = 5  # a gap that keeps a 100 % goal from 100 %
    REQUEST = 6  # something that waits for this person
    THIS_WEEK = 7
    LATER = 8


@dataclass(frozen=True)
class Place:
    """Where one duty stands in the list: compare by `key`."""

    rank: Rank
    weight: int

    @property
    def key(self):
        return (self.rank, -self.weight)


def place_of(*, state: str, due_on: date | None, level: str, today: date, promised: bool = False) -> Place:
    """Rank of an open duty. A duty without a day is one of the plan's 100 % goals.

    What was promised for today stands first.
    """
    if promised:
        return Place(Rank.PROMISED, WEIGHT[level])
    if due_on is None:
        return Place(Rank.PROMISED_IN_FULL, 1 if state == State.GAP else 0)
    if due_on < today:
        return Place(Rank.URGENT if level == "high" else Rank.OVERDUE, WEIGHT[level] * (today - due_on).days)
    if due_on == today:
        return Place(Rank.DUE_TODAY, WEIGHT[level])
    week_end = today + timedelta(days=6 - today.weekday())
    return Place(Rank.THIS_WEEK if due_on <= week_end else Rank.LATER, WEIGHT[level])
