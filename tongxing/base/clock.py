"""One clock. Views ask it once and hand `today` down; rules never ask.

Days are Asia/Shanghai. TONGXING_NOW (ISO moment) or `fixed(moment)` set it for demonstrations and tests.
"""

import os
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_fixed: ContextVar[datetime | None] = ContextVar("fixed moment", default=None)


def now() -> datetime:
    """The present moment, aware, in Shanghai's time."""
    moment = _fixed.get()
    if moment is None and (text := os.environ.get("TONGXING_NOW")):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=SHANGHAI)
    return (moment or datetime.now(SHANGHAI)).astimezone(SHANGHAI)


def today() -> date:
    """The calendar day in Shanghai."""
    return now().date()


def day_of(moment: datetime) -> date:
    """The calendar day of a moment in Shanghai."""
    return moment.astimezone(SHANGHAI).date()


@contextmanager
def fixed(moment: datetime):
    """Stand the clock still at `moment` (naive means Shanghai) for this context."""
    token = _fixed.set(moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI))
    try:
        yield
    finally:
        _fixed.reset(token)
