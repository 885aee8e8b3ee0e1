"""Every write of the rosters room: receive a list, read it, import its good rows, mend the rest, undo the whole."""

from tongxing.rosters.actions.importing import start_import
from tongxing.rosters.actions.judging import (
    DecidedAlready,
    NotTheSame,
    claim,
    decide,
    open_listed,
    set_aside,
    take_back,
)
from tongxing.rosters.actions.mending import MENDABLE, NotNow, match_listed, mend_row, skip_row
from tongxing.rosters.actions.reading import receive
from tongxing.rosters.actions.reconciling import nightly, start_reconciliation
from tongxing.rosters.actions.undoing import start_undo

__all__ = [
    "MENDABLE",
    "DecidedAlready",
    "NotNow",
    "NotTheSame",
    "claim",
    "decide",
    "match_listed",
    "mend_row",
    "nightly",
    "open_listed",
    "receive",
    "set_aside",
    "skip_row",
    "start_import",
    "start_reconciliation",
    "start_undo",
    "take_back",
]
