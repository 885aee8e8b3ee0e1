"""Ids: UUIDv7, made on the server or the phone without a central counter, and nearly in order of time."""

import uuid

import uuid_utils
from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    return uuid7()


def light_id() -> uuid_utils.UUID:
    """The same for rows by the thousand, as an object that is made, hashed and written out ten times as fast.

    It has `int`, `hex` and `str()`; to the database it goes as text. A model's field wants `new_id`'s kind.
    """
    return uuid_utils.uuid7()
