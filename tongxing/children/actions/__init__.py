"""Every write of the children room."""

from tongxing.children.actions.archives import (
    PerhapsTheSame,
    erase_sealed,
    known_carers,
    leave_care,
    move_care,
    open_archive,
    return_to_care,
    withdraw_archive,
)
from tongxing.children.actions.beside import change_attention, end_pairing, note_whereabouts, pair
from tongxing.children.actions.cards import confirm_card, keep_cards, rebuild_card
from tongxing.children.actions.composing import ArchiveContext, compose, keys_of
from tongxing.children.actions.correcting import (
    AlreadyArchived,
    archived_by,
    archived_numbers,
    confirm_section,
    correct,
    rebuild_keys,
    take_back_carer,
)
from tongxing.children.actions.merging import Follower, followers, merge, unmerge
from tongxing.children.actions.schools import NoSuchSchool, find_school

__all__ = [
    "AlreadyArchived",
    "ArchiveContext",
    "Follower",
    "NoSuchSchool",
    "PerhapsTheSame",
    "archived_by",
    "archived_numbers",
    "change_attention",
    "compose",
    "confirm_card",
    "confirm_section",
    "correct",
    "end_pairing",
    "erase_sealed",
    "find_school",
    "followers",
    "keep_cards",
    "keys_of",
    "known_carers",
    "leave_care",
    "merge",
    "move_care",
    "note_whereabouts",
    "open_archive",
    "pair",
    "rebuild_card",
    "rebuild_keys",
    "return_to_care",
    "take_back_carer",
    "unmerge",
    "withdraw_archive",
]
