"""Sealed fields: encrypted at rest, opened on first touch, found again by a keyed digest.

Stored form: ``v1:<algorithm>:<key id>:<base64(nonce + ciphertext + tag)>``. The associated data binds a value to its
model, field and row, so that a value copied to another row or field does not open there.
An empty value is NULL: what is not known is not sealed, it is unknown.
"""

import os
from binascii import a2b_base64, b2a_base64
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from tongxing.base.keys import mac_of

ALGORITHM = "aes256gcm"


class CannotOpen(Exception):
    """A sealed value does not open: wrong key, moved, or changed."""


class Box(str):
    """The stored form of a sealed value, not opened yet."""


def bound_to(model_label: str, field: str, row_id) -> bytes:
    return f"{model_label}:{field}:{row_id}".encode()


_cipher = cache(AESGCM)  # one for each key


def seal(text: str, bound: bytes) -> Box:
    """Encrypt `text` with the ring's current key."""
    key_id, key = settings.RING.current("seal")
    nonce = os.urandom(12)
    body = _cipher(key).encrypt(nonce, text.encode(), bound)
    return Box(f"v1:{ALGORITHM}:{key_id}:{b2a_base64(nonce + body, newline=False).decode()}")


def unseal(box: str, bound: bytes) -> str:
    """Decrypt; raises NoKey or CannotOpen."""
    try:
        version, algorithm, key_id, body = box.split(":", 3)
    except ValueError:
        raise CannotOpen("not a sealed value") from None
    if (version, algorithm) != ("v1", ALGORITHM):
        raise CannotOpen(f"unknown form {version}:{algorithm}")
    try:
        raw = a2b_base64(body)
    except ValueError:
        raise CannotOpen("not a sealed value") from None
    if b2a_base64(raw, newline=False).decode() != body:  # two texts for one value would let a byte change unnoticed
        raise CannotOpen("not a sealed value")
    try:
        return _cipher(settings.RING.key("seal", key_id)).decrypt(raw[:12], raw[12:], bound).decode()
    except (InvalidTag, ValueError):  # ValueError: too short to be one
        raise CannotOpen("the value was changed, or belongs to another row or field") from None


def digest(kind: str, text: str, ring: str = "current") -> str | None:
    """Keyed digest (32 hex characters) of a normalised text, for looking up without opening. None without a key."""
    found = settings.RING.current("blind") if ring == "current" else settings.RING.next("blind")
    if found is None:
        return None
    return mac_of(found[1]).hex(f"{kind}\0{text}")[:32]


class OpensOnTouch(DeferredAttribute):
    def __get__(self, instance, cls=None):
        value = super().__get__(instance, cls)
        if isinstance(value, Box):
            value = unseal(value, self.field.bound(instance))
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value  # with a setter the instance's own dict does not hide __get__


class SealedField(models.TextField):
    """Text that the database never sees. Cannot be filtered or ordered by; use a BlindIndex."""

    descriptor_class = OpensOnTouch

    def __init__(self, *args, **options):
        options.setdefault("null", True)
        options.setdefault("blank", True)
        super().__init__(*args, **options)

    def bound(self, instance) -> bytes:
        return bound_to(self.model._meta.label_lower, self.name, instance.pk)

    def from_db_value(self, value, expression, connection):
        return None if value is None else Box(value)

    def pre_save(self, instance, add):
        value = instance.__dict__.get(self.attname)
        if value is None or value == "":
            return None
        return value if isinstance(value, Box) else seal(str(value), self.bound(instance))

    def get_lookup(self, lookup_name):
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is sealed: look it up by its blind index")
        return super().get_lookup(lookup_name)


class BlindIndex(models.CharField):
    """Keyed digest of a sealed field beside it. `ring="next"` is the column filled while the key is being changed."""

    def __init__(self, *args, of="", normal=None, ring="current", **options):
        self.of, self.normal, self.ring = of, normal, ring
        options.update(max_length=32, null=True, blank=True, editable=False)
        options.setdefault("db_index", ring == "current")
        super().__init__(*args, **options)

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        for noise in ("max_length", "null", "blank", "editable"):
            options.pop(noise, None)
        options["db_index"] = self.db_index
        return name, path, args, options

    def pre_save(self, instance, add):
        held = instance.__dict__.get(self.of)
        if isinstance(held, Box) and self.ring == "current" and getattr(instance, self.attname):
            return getattr(instance, self.attname)  # untouched: nothing to open
        text = getattr(instance, self.of)
        value = None
        if text:
            value = digest(self.of, self.normal(text) if self.normal else text, self.ring)
        setattr(instance, self.attname, value)
        return value
