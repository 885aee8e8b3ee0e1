"""Ids: UUIDv7, made on the server or the phone without a central counter, and nearly in order of time."""

import uuid

import uuid_utils
from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    return uuid7()


def text_id() -> str:
    """The same as text, for rows by the thousand: made and written out ten times as fast."""
    return str(uuid_utils.uuid7())
