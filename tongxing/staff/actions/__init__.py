"""Every write of the staff room."""

from tongxing.staff.actions.door import try_door
from tongxing.staff.actions.grants import emergency_look, grant_child, renew_grant, withdraw_grant
from tongxing.staff.actions.people import correct_person, end_sessions, reinstate, set_password, suspend
from tongxing.staff.actions.places import (
    correct_organisation,
    load_regions,
    open_classroom,
    open_organisation,
    open_region,
    rename_region,
)
from tongxing.staff.actions.posts import appoint, end_post, move
from tongxing.staff.actions.trace import note_verdict

__all__ = [
    "appoint",
    "correct_organisation",
    "correct_person",
    "emergency_look",
    "end_post",
    "end_sessions",
    "grant_child",
    "load_regions",
    "move",
    "note_verdict",
    "open_classroom",
    "open_organisation",
    "open_region",
    "reinstate",
    "rename_region",
    "renew_grant",
    "set_password",
    "suspend",
    "try_door",
    "withdraw_grant",
]
