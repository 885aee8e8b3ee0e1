"""The key ring: a JSON file apart from the data, readable by its owner only.

Three rings, each {"current": id, "next": id or null, "keys": {id: base64 of 32 bytes}}:
`seal` encrypts values, `blind` makes search digests, `trace` authenticates events. `session` signs cookies.
A backup never holds this file; without it sealed values stay closed.
"""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

RINGS = ("seal", "blind", "trace", "session")


class NoKey(Exception):
    """A value names a key this ring does not hold."""


@dataclass(frozen=True)
class Ring:
    rings: dict

    def current(self, ring: str) -> tuple[str, bytes]:
        """The key that writes: (id, 32 bytes)."""
        key_id = self.rings[ring]["current"]
        return key_id, self.key(ring, key_id)

    def next(self, ring: str) -> tuple[str, bytes] | None:
        """The key being rotated in, or None."""
        key_id = self.rings[ring].get("next")
        return (key_id, self.key(ring, key_id)) if key_id else None

    def key(self, ring: str, key_id: str) -> bytes:
        try:
            return _raw(self.rings[ring]["keys"][key_id])
        except KeyError:
            raise NoKey(f"the key ring has no {ring} key {key_id!r}") from None

    def secret(self, ring: str) -> str:
        return self.rings[ring]["keys"][self.rings[ring]["current"]]


@cache
def _raw(text: str) -> bytes:
    return base64.b64decode(text)


def _fresh() -> dict:
    def ring(name):
        key_id = f"{name[0]}1"
        return {"current": key_id, "next": None, "keys": {key_id: base64.b64encode(secrets.token_bytes(32)).decode()}}

    return {name: ring(name) for name in RINGS}


def key_ring(path: Path) -> Ring:
    """The ring in the file at `path`; made there (mode 600) if the file is not there yet."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(_fresh(), indent=1))
        try:
            os.link(draft, path)  # never over a ring that another process made meanwhile
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return Ring(json.loads(path.read_text()))
