"""Two archives of one child, made one: what moved, so that both can stand again as they did."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q

from tongxing.base import clock
from tongxing.base.sealed import SealedField
from tongxing.children.models import Child, OfChild

UNDO_WITHIN = timedelta(days=30)


class Merge(OfChild):
    """`gone` became part of `child`. Taken apart again, it is withdrawn with a reason."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="merges")
    gone = models.ForeignKey(Child, models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(default=clock.now)
    by_id = models.UUIDField()
    from_gone = models.JSONField(default=list)  # names of the facts that are `gone`'s
    number_before = SealedField()  # the citizen number of `child` where the merge gave it that of `gone`

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=Q(withdrawn_at=None), name="an_archive_is_merged_into_one_other"
            ),
            models.CheckConstraint(condition=~Q(gone=F("child")), name="two_archives_are_merged_not_one"),
        ]

    @property
    def undo_until(self) -> date:
        """The last day on which it can be taken apart."""
        return clock.day_of(self.merged_at) + UNDO_WITHIN


class MergeMove(models.Model):
    """One row a merge changed: its columns before and after, as text. Never a sealed value."""

    merge = models.ForeignKey(Merge, models.PROTECT, related_name="moves")
    model = models.CharField(max_length=64)  # "care.visit"
    row_id = models.CharField(max_length=36)
    was = models.JSONField(default=dict)
    now = models.JSONField(default=dict)
