"""Where a fact comes from: source, since when it is true, when it was written down, when it was last confirmed.

One row covers a whole archive (covers=""), a section ("home") or one field ("home.phone"); the most specific row names
the source, the newest confirmation of any covering row counts. So an import costs one row, not one per field.
Values themselves stand in their models, their history in the trace.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from tongxing.base import clock
from tongxing.base.ids import new_id
from tongxing.base.records import current_deed


class Source(models.TextChoices):
    ROSTER = "roster", _("名册")
    VISIT = "visit", _("上门")
    FAMILY = "family", _("家里人说的")
    PARENT = "parent", _("父母说的")
    DOCUMENT = "document", _("看过证件")
    SCHOOL = "school", _("学校")
    STAFF = "staff", _("工作人员填写")


class Standing(models.Model):
    """What an archive's facts stand on. Append-only; written inside actions, which trace it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_id = models.UUIDField()
    covers = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=12, choices=Source)
    true_from = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by_id = models.UUIDField()
    confirmed_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["subject_id", "recorded_at"], name="standing_of_subject")]


@dataclass(frozen=True)
class Ground:
    """What one section or field stands on."""

    source: str
    true_from: date | None
    recorded_at: datetime
    confirmed_on: date | None


def new_standing(subject_id, *, covers="", source, true_from=None, confirmed_on=None, by, at=None) -> dict:
    """The values of a Standing by column, for whoever writes it down."""
    return {
        "id": new_id(),
        "subject_id": subject_id,
        "covers": covers,
        "source": source,
        "true_from": true_from,
        "recorded_at": at or clock.now(),
        "recorded_by_id": by.pk,
        "confirmed_on": confirmed_on,
    }


def stand_on(subject_id, **ground) -> Standing:
    """Write down what a fact, section or archive stands on. Only inside an action."""
    deed = current_deed()
    standing = Standing(**new_standing(subject_id, by=deed.by, at=deed.at, **ground))
    standing.save(force_insert=True)
    return standing


def ground_of(standings: list[Standing], covers: str, confirmed_by: str = "") -> Ground | None:
    """The ground of a section ("home") or field ("home.phone") among one subject's standings, oldest first.

    What was confirmed before a field was written anew says nothing of what stands there now. Rows that cover
    `confirmed_by` confirm too, and say nothing else.
    """
    section = covers.partition(".")[0]
    covering = [s for s in standings if s.covers in ("", section, covers)]
    if not covering:
        return None
    closest = max(covering, key=lambda s: (len(s.covers), s.recorded_at))
    newest = max(covering, key=lambda s: s.recorded_at)
    confirming = covering + [s for s in standings if confirmed_by and s.covers == confirmed_by]
    if "." in closest.covers:
        confirming = [s for s in confirming if s.recorded_at >= closest.recorded_at]
    days = [s.confirmed_on for s in confirming if s.confirmed_on]
    return Ground(closest.source, closest.true_from, newest.recorded_at, max(days, default=None))
