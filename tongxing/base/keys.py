"""The key ring: a JSON file apart from the data, readable by its owner only.

Three rings, each {"current": id, "next": id or null, "keys": {id: base64 of 32 bytes}}:
`seal` encrypts values, `blind` makes search digests, `trace` authenticates events. `session` signs cookies.
A backup never holds this file; without it sealed values stay closed. Key ids are drawn at random, so that a ring of
another installation says "no such key" instead of opening wrongly. Keys are added, never removed: older backups and
the older part of the trace need them.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

RINGS = ("seal", "blind", "trace", "session")


class NoKey(Exception):
    """A value names a key this ring does not hold."""


@dataclass(frozen=True)
class Ring:
    rings: dict
    path: Path | None = None

    def current(self, ring: str) -> tuple[str, bytes]:
        """The key that writes: (id, 32 bytes)."""
        held = self.rings[ring]
        key_id = held["current"]
        text = held["keys"].get(key_id)
        return key_id, _raw(text) if text else self.key(ring, key_id)

    def next(self, ring: str) -> tuple[str, bytes] | None:
        """The key being rotated in, or None."""
        key_id = self.rings[ring].get("next")
        return (key_id, self.key(ring, key_id)) if key_id else None

    def key(self, ring: str, key_id: str) -> bytes:
        if key_id not in self.rings[ring]["keys"]:
            self._read_again()
        try:
            return _raw(self.rings[ring]["keys"][key_id])
        except KeyError:
            raise NoKey(f"the key ring has no {ring} key {key_id!r}") from None

    def _read_again(self) -> None:
        """A key may have been added since this process started; it follows without a restart."""
        if self.path is not None and self.path.exists():
            self.rings.update(json.loads(self.path.read_text()))

    def fingerprints(self, ring: str) -> dict[str, str]:
        """Key id → what tells this key from another; says nothing about the key itself."""
        return {
            key_id: hmac.new(_raw(text), b"tongxing fingerprint", hashlib.sha256).hexdigest()[:16]
            for key_id, text in self.rings[ring]["keys"].items()
        }

    def add(self, ring: str) -> str:
        """Put a fresh key beside the present one as the next; its id. Does nothing when there is a next one."""

        def change(held):
            if not held.get("next"):
                held["next"] = _new_id(ring)
                held["keys"][held["next"]] = _new_key()

        self._change(ring, change)
        return self.rings[ring]["next"]

    def promote(self, ring: str) -> str:
        """The next key becomes the current one; its id."""

        def change(held):
            if held.get("next"):
                held["current"], held["next"] = held["next"], None

        self._change(ring, change)
        return self.rings[ring]["current"]

    @contextmanager
    def ahead(self, ring: str):
        """Within it this process writes with the next key; the file says so only after `promote`."""
        held = self.rings[ring]
        was = held["current"]
        held["current"] = held["next"]
        try:
            yield
        finally:
            held["current"] = was

    def _change(self, ring: str, change) -> None:
        """Rewrite the file in one step, alone: a key lost here is every value sealed with it lost."""
        with open(self.path.with_name(f".{self.path.name}.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            rings = json.loads(self.path.read_text())
            change(rings[ring])
            draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
            with open(draft, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                json.dump(rings, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
            self.rings.update(rings)

    def secret(self, ring: str) -> str:
        return self.current(ring)[1].hex()


class Mac:
    """HMAC-SHA256 (RFC 2104), the key worked in once: an imported row makes seventy, twice as fast as `hmac.new`."""

    def __init__(self, key: bytes):
        block = key.ljust(64, b"\0") if len(key) <= 64 else hashlib.sha256(key).digest().ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(one ^ 0x36 for one in block))
        self._outer = hashlib.sha256(bytes(one ^ 0x5C for one in block))

    def hex(self, text: str) -> str:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text.encode())
        outer.update(inner.digest())
        return outer.hexdigest()


mac_of = cache(Mac)  # one for each key


@cache
def _raw(text: str) -> bytes:
    return base64.b64decode(text)


def _new_id(ring: str) -> str:
    return f"{ring[0]}{secrets.token_hex(3)}"


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _fresh() -> dict:
    def ring(name):
        key_id = _new_id(name)
        return {"current": key_id, "next": None, "keys": {key_id: _new_key()}}

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
    return Ring(json.loads(path.read_text()), path)
