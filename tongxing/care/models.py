"""What did we do together, on which day?"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongxing.base.records import Record
from tongxing.base.sealed import SealedField
from tongxing.care.choices import ActKind, ParentContact, Signal, TellHome
from tongxing.children.choices import Level
from tongxing.children.models import Child, OfChild
from tongxing.staff.models import Staff


class Visit(OfChild):
    """Somebody came to the door. Counts as a visit of the child only where the child was seen."""

    told = _("走访")
    child = models.ForeignKey(Child, models.PROTECT, related_name="+")
    outing_id = models.UUIDField()  # one round to one door: siblings share it
    visitor = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    visited_on = models.DateField(_("走访日期"))
    visited_at = models.TimeField(_("时间"), null=True, blank=True)
    saw_child = models.BooleanField(_("见到孩子"))
    saw_carer = models.BooleanField(_("见到照护人"))
    saw_other = models.CharField(_("见到其他人"), max_length=40, blank=True)
    living = models.CharField(_("生活"), max_length=8, choices=Signal, blank=True)
    study = models.CharField(_("学习"), max_length=8, choices=Signal, blank=True)
    mood = models.CharField(_("情绪"), max_length=8, choices=Signal, blank=True)
    safety = models.CharField(_("安全"), max_length=8, choices=Signal, blank=True)
    parent_contact = models.CharField(_("和父母"), max_length=8, choices=ParentContact, blank=True)
    words = SealedField(_("看到、听到的一句话"))
    follow_up = SealedField(_("接下来怎么办"))
    tell_home = models.CharField(_("要不要告诉家里"), max_length=8, choices=TellHome)
    next_on = models.DateField(_("下次"), null=True, blank=True)
    written_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["child", "visited_on"], name="visit_of_child")]
        constraints = [
            models.CheckConstraint(
                condition=Q(saw_child=True) | Q(saw_carer=True) | ~Q(saw_other=""),
                name="a_visit_met_somebody",
                violation_error_message=_("请选见到了谁"),
            ),
            models.UniqueConstraint(fields=["child", "outing_id"], name="one_visit_per_child_and_outing"),
        ]

    @property
    def is_late_entry(self) -> bool:
        """补记: written on a later day than it happened."""
        return self.written_at.date() > self.visited_on


class LastAct(models.Model):
    """The last day of an act of care, per child and kind. Rebuildable; kept by actions, checked by `tongxing check`."""

    derived = True
    child = models.ForeignKey(Child, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ActKind)
    on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["child", "kind"], name="one_last_act_of_a_kind")]


class Cadence(Record):
    """A site's own visit interval for an attention level; the closest region above a community counts."""

    region = models.CharField(max_length=12, blank=True)
    level = models.CharField(_("关注等级"), max_length=8, choices=Level)
    days = models.PositiveSmallIntegerField(_("几天去一次"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "level"], condition=Q(withdrawn_at=None), name="one_cadence_per_region_and_level"
            ),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=366),
                name="a_cadence_is_a_day_to_a_year",
                violation_error_message=_("请填 1 到 366 天"),
            ),
        ]

    def subject(self):
        return "care.cadence", self.pk, self.region
