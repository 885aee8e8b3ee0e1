"""Every write of the children room."""

from tongxing.children.actions.archives import (
    AlreadyArchived,
    archived_numbers,
    confirm_section,
    correct,
    erase_sealed,
    known_carers,
    leave_care,
    move_care,
    open_archive,
    rebuild_keys,
    take_back_carer,
    withdraw_archive,
)
from tongxing.children.actions.beside import change_attention, end_pairing, note_whereabouts, pair
from tongxing.children.actions.composing import ArchiveContext, compose, keys_of
from tongxing.children.actions.schools import NoSuchSchool, find_school

__all__ = [
    "AlreadyArchived",
    "ArchiveContext",
    "NoSuchSchool",
    "archived_numbers",
    "change_attention",
    "compose",
    "confirm_section",
    "correct",
    "end_pairing",
    "erase_sealed",
    "find_school",
    "keys_of",
    "known_carers",
    "leave_care",
    "move_care",
    "note_whereabouts",
    "open_archive",
    "pair",
    "rebuild_keys",
    "take_back_carer",
    "withdraw_archive",
]
