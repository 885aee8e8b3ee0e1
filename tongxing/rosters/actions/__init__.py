"""Every write of the rosters room: receive a list, read it, import its good rows, mend the rest, undo the whole."""

from tongxing.rosters.actions import updating
from tongxing.rosters.actions.following import follow_merge, follow_parting
from tongxing.rosters.actions.importing import start_import
from tongxing.rosters.actions.judging import DecidedAlready, NotTheSame, claim, judge, set_aside, take_back
from tongxing.rosters.actions.marking import start_marking
from tongxing.rosters.actions.mending import match_listed, mend_row, open_listed, skip_row
from tongxing.rosters.actions.reading import MENDABLE, NotNow, choose_columns, receive
from tongxing.rosters.actions.reconciling import nightly, start_reconciliation
from tongxing.rosters.actions.undoing import start_undo
from tongxing.rosters.actions.updating import decide

__all__ = [
    "MENDABLE",
    "DecidedAlready",
    "NotNow",
    "NotTheSame",
    "choose_columns",
    "claim",
    "decide",
    "follow_merge",
    "follow_parting",
    "judge",
    "match_listed",
    "mend_row",
    "nightly",
    "open_listed",
    "receive",
    "set_aside",
    "skip_row",
    "start_import",
    "start_marking",
    "start_reconciliation",
    "start_undo",
    "take_back",
    "updating",
]
