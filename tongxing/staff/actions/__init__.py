"""Every write of the staff room."""

from tongxing.staff.actions.beginning import (
    ONCE,
    begin,
    begin_code,
    is_begin_code,
    is_empty,
    open_first_offices,
    open_first_places,
)
from tongxing.staff.actions.cards import put_away, show_again
from tongxing.staff.actions.complaints import answer_complaint, case, code_of, complain
from tongxing.staff.actions.door import knock, try_door
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
    "ONCE",
    "answer_complaint",
    "appoint",
    "begin",
    "begin_code",
    "case",
    "code_of",
    "complain",
    "correct_organisation",
    "correct_person",
    "emergency_look",
    "end_post",
    "end_sessions",
    "grant_child",
    "is_begin_code",
    "is_empty",
    "knock",
    "load_regions",
    "move",
    "note_verdict",
    "open_classroom",
    "open_first_offices",
    "open_first_places",
    "open_organisation",
    "open_region",
    "put_away",
    "reinstate",
    "rename_region",
    "renew_grant",
    "set_password",
    "show_again",
    "suspend",
    "try_door",
    "withdraw_grant",
]
