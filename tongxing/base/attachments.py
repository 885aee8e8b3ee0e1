"""Attachments: encrypted files outside the web root, named by their own digest, with size, kind and expiry.

Served only through views that ask `@may` and whose. A file on disk is nonce + AES-256-GCM ciphertext, bound to the
attachment's id; without the key ring it is noise.
"""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import models

from tongxing.base import clock
from tongxing.base.ids import new_id
from tongxing.base.records import Record
from tongxing.base.sealed import CannotOpen, SealedField, _cipher

LARGEST = 20 * 1024 * 1024


class Attachment(Record):
    name = SealedField()  # the sender's own file name may carry a child's name
    kind = models.CharField(max_length=12)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    key_id = models.CharField(max_length=8)
    region = models.CharField(max_length=12, blank=True)
    expires_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="attachment_expiry")]

    @property
    def path(self) -> Path:
        return settings.ATTACHMENTS / self.digest[:2] / f"{self.digest}-{self.pk}"

    def read(self) -> bytes:
        """The file's bytes; raises CannotOpen when it has expired, is missing or was changed."""
        if self.erased_at:
            raise CannotOpen("expired and erased")
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            raise CannotOpen("the file is not in the store") from None
        try:
            return _cipher(settings.RING.key("seal", self.key_id)).decrypt(raw[:12], raw[12:], self.pk.bytes)
        except (InvalidTag, ValueError):
            raise CannotOpen("the file was changed") from None


def keep(content: bytes, *, name: str, kind: str, region: str = "", days: int | None = None) -> Attachment:
    """Encrypt and store a file; the row is saved too. Call inside an action. `days`: erased after so many."""
    key_id, key = settings.RING.current("seal")
    attachment = Attachment(
        id=new_id(),
        name=name,
        kind=kind,
        size=len(content),
        digest=hashlib.sha256(key + content).hexdigest(),
        key_id=key_id,
        region=region,
        expires_at=clock.now() + timedelta(days=days) if days else None,
    )
    attachment.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    nonce = os.urandom(12)
    draft = attachment.path.with_suffix(".part")
    with open(draft, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(nonce + _cipher(key).encrypt(nonce, content, attachment.pk.bytes))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(attachment.path)
    attachment.save()
    return attachment


def erase_expired() -> int:
    """Remove files whose time is over; returns how many. The row stays, its content does not."""
    count = 0
    due = Attachment._base_manager.filter(expires_at__lt=clock.now(), erased_at=None)
    for attachment in due:
        attachment.path.unlink(missing_ok=True)
        # upkeep without an action: the expiry was decided when the file was kept
        Attachment._base_manager.filter(pk=attachment.pk).update(erased_at=clock.now())
        count += 1
    return count
