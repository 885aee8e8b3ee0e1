"""The facts of the database as plain rows: what the recount is given, and nothing else."""

from tongxing.base.facts import Standing
from tongxing.base.sealed import Box
from tongxing.care.models import Cadence, LastAct, Visit
from tongxing.children.models import (
    Attention,
    CareEpisode,
    Child,
    ContactCard,
    Household,
    Kin,
    KinRole,
    Pairing,
    Schooling,
    Whereabouts,
)
from tongxing.rosters.models import Listed
from tongxing.staff.models import Grant, Post, Staff

TABLES = {
    "staff": Staff,
    "posts": Post,
    "grants": Grant,
    "children": Child,
    "episodes": CareEpisode,
    "attentions": Attention,
    "whereabouts": Whereabouts,
    "schoolings": Schooling,
    "pairings": Pairing,
    "households": Household,
    "kin": Kin,
    "kin_roles": KinRole,
    "cards": ContactCard,
    "standings": Standing,
    "visits": Visit,
    "cadences": Cadence,
    "last_acts": LastAct,
    "listed": Listed,
}


def dump() -> dict[str, list[dict]]:
    """Table → every row, column by column, withdrawn rows too. A sealed value stays shut: it is there, or None."""
    return {
        table: [
            {column: "(sealed)" if isinstance(value, Box) else value for column, value in row.items()}
            for row in model._base_manager.values()
        ]
        for table, model in TABLES.items()
    }
