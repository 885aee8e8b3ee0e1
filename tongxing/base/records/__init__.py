"""No write and no look without a name.

A write is an `@action`: one transaction, one Event per subject, made from what its Records changed. A Record saves only
inside an action. Opening a child's file or taking an export is a Look. Nothing is chained here: that would make every
writer wait for every other; `seal.py` numbers and chains afterwards.
"""

from tongxing.base.records.deeds import SYSTEM, Deed, System, Unnamed, action, answer_again, current_deed
from tongxing.base.records.record import Record, RecordQuerySet, Stale
from tongxing.base.records.trace import Chained, Entry, Event, Json, Look, Receipt, canonical, moment, plain, seen

__all__ = [
    "SYSTEM",
    "Chained",
    "Deed",
    "Entry",
    "Event",
    "Json",
    "Look",
    "Receipt",
    "Record",
    "RecordQuerySet",
    "Stale",
    "System",
    "Unnamed",
    "action",
    "answer_again",
    "canonical",
    "current_deed",
    "moment",
    "plain",
    "seen",
]
