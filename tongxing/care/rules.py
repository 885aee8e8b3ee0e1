"""Rules of care: functions of facts and a day."""

from datetime import date, timedelta

from tongxing.children.choices import Level

# Default visit cadence in days by attention level; a site may set its own (Cadence). Monthly, quarterly, half-yearly.
CADENCE = {Level.HIGH: 31, Level.MIDDLE: 92, Level.LOW: 183}
FIRST_VISIT_WORKDAYS = 5  # Hangzhou DB3301/T 0460-2024: a new child is seen within five working days


def workdays_after(day: date, count: int) -> date:
    """The day `count` weekdays after `day`. Public holidays are not counted off."""
    while count:
        day += timedelta(days=1)
        if day.weekday() < 5:
            count -= 1
    return day


def due_on(*, last_seen_on: date | None, in_care_from: date, every_days: int) -> date:
    """When the next visit is due: after the last one, or the first within five working days."""
    if last_seen_on is None:
        return workdays_after(in_care_from, FIRST_VISIT_WORKDAYS)
    return last_seen_on + timedelta(days=every_days)


def days_late(due: date | None, today: date) -> int:
    """Days past due, 0 if not yet due."""
    return max(0, (today - due).days) if due else 0
