"""Ids: UUIDv7, made on the server or the phone without a central counter, and nearly in order of time."""

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    return uuid7()
