"""Reads across the nouns of the children room."""

from tongxing.children.queries.archive import (
    Archive,
    archive_of,
    carer_relation,
    facts_of,
    head_of,
    nav_of,
    work_places,
)
from tongxing.children.queries.care import (
    answerable,
    at_work,
    helper_at,
    helpers_for,
    helpers_of,
    in_care,
    owner_or_helper,
    scope_of,
)
from tongxing.children.queries.finding import MOST_HITS, Line, lines_of, page_of, search, twins_of

__all__ = [
    "MOST_HITS",
    "Archive",
    "Line",
    "answerable",
    "archive_of",
    "at_work",
    "carer_relation",
    "facts_of",
    "head_of",
    "helper_at",
    "helpers_for",
    "helpers_of",
    "in_care",
    "lines_of",
    "nav_of",
    "owner_or_helper",
    "page_of",
    "scope_of",
    "search",
    "twins_of",
    "work_places",
]
