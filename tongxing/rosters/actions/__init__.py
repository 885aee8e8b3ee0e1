"""Every write of the rosters room: receive a list, read it, import its good rows, mend the rest, undo the whole."""

from tongxing.rosters.actions import updating
from tongxing.rosters.actions.importing import start_import
from tongxing.rosters.actions.marking import start_marking
from tongxing.rosters.actions.mending import match_listed, mend_row, open_listed, skip_row
from tongxing.rosters.actions.reading import MENDABLE, NotNow, choose_columns, receive
from tongxing.rosters.actions.undoing import start_undo
from tongxing.rosters.actions.updating import decide

__all__ = [
    "MENDABLE",
    "NotNow",
    "choose_columns",
    "decide",
    "match_listed",
    "mend_row",
    "open_listed",
    "receive",
    "skip_row",
    "start_import",
    "start_marking",
    "start_undo",
    "updating",
]
