"""What did we promise? A plan that somebody brought, its goals, and the commitments in it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tongxing.base.attachments import Attachment
from tongxing.base.records import Record, RecordQuerySet
from tongxing.plans.choices import PlanState
from tongxing.staff.access import inside, places_for, reached_by
from tongxing.staff.models import Organisation, Region, Staff, within
from tongxing.staff.rules import ancestors


class PlanQuerySet(RecordQuerySet):
    def visible_to(self, staff):
        """Plans of the places one's grants reach, and those of the places above, which hold there too.

        Who sees a school's children sees the plans of the place where the school stands. What only waits to be
        confirmed is seen by those who may confirm it.
        """
        reached = reached_by(staff)
        schools = Organisation.objects.filter(pk__in=reached.schools).values_list("region_id", flat=True)
        seen = Q(pk=None)
        for path in {*reached.regions, *schools}:
            seen |= within("region_id", path) or Q(pk__isnull=False)
            seen |= Q(region__in=ancestors(path)) & ~Q(state=PlanState.READ)
        theirs = ~Q(state=PlanState.READ) | inside("region_id", places_for(staff, "plans.plan"))
        return self.standing().filter(seen, theirs)


class Plan(Record):
    """A written plan of a place; read, confirmed by a person, then in force until a newer one takes its place."""

    region = models.ForeignKey(Region, models.PROTECT, to_field="path", related_name="+", verbose_name=_("哪里的计划"))
    title = models.CharField(_("名称"), max_length=80)
    year = models.PositiveSmallIntegerField(_("年度"), null=True, blank=True)
    from_on = models.DateField(_("从哪天起"), null=True, blank=True)
    to_on = models.DateField(_("到哪天止"), null=True, blank=True)
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField(default=1)  # which plan of the file
    state = models.CharField(max_length=10, choices=PlanState, default=PlanState.READ)
    truncated = models.BooleanField(default=False)
    aside = models.JSONField(default=list, blank=True)  # lines of the file that were taken for no part of a plan
    brought_by_id = models.UUIDField()
    brought_on = models.DateField()
    in_force_on = models.DateField(null=True, blank=True)
    replaced_on = models.DateField(null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["region", "state"], name="plan_by_region")]
        constraints = [
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(state=PlanState.IN_FORCE, withdrawn_at=None),
                name="one_plan_in_force_per_place",
                violation_error_message=_("这里已经有一份正在执行的计划"),
            ),
            models.CheckConstraint(
                condition=Q(from_on=None) | Q(to_on=None) | Q(from_on__lte=F("to_on")),
                name="a_plan_ends_after_it_begins",
                violation_error_message=_("结束的日子要在开始以后"),
            ),
            models.CheckConstraint(
                condition=Q(state=PlanState.READ) | Q(in_force_on__isnull=False),
                name="a_plan_in_force_says_since_when",
            ),
        ]

    def __str__(self):
        return self.title

    def subject(self):
        return "plans.plan", self.pk, self.region_id


class PartQuerySet(RecordQuerySet):
    def in_order(self):
        return self.order_by("place", "id")


class Goal(Record):
    """What a plan wants to reach, in its own words, and the percentage it names; None where it names none."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="goals")
    place = models.PositiveSmallIntegerField()
    number = models.CharField(_("序号"), max_length=12, blank=True)
    text = models.TextField(_("目标"))
    target = models.DecimalField(_("目标（%）"), max_digits=5, decimal_places=2, null=True, blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(target=None) | Q(target__gt=0, target__lte=100), name="a_goal_is_a_share_of_a_hundred"
            )
        ]

    def subject(self):
        return "plans.plan", self.plan_id, self.plan.region_id


class Commitment(Record):
    """One thing a plan promises: in its own words, at its rows of the table, with who does it and by when.

    A goal is promised too: its commitment names it. `rows` empty: nobody has said yet what it is about.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="commitments")
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="commitments", null=True, blank=True)
    place = models.PositiveSmallIntegerField()
    number = models.CharField(_("序号"), max_length=12, blank=True)
    under = models.CharField(max_length=80, blank=True)  # the heading it stands under
    heading = models.CharField(max_length=80, blank=True)
    text = models.TextField(_("措施"))
    rows = models.JSONField(_("对应计划表的哪几项"), default=list, blank=True)
    evidence = models.JSONField(default=list, blank=True)  # [{"row", "words", "sentence"}], as it was read
    mended = models.CharField(max_length=5, blank=True)  # lost, glued
    target = models.DecimalField(_("目标（%）"), max_digits=5, decimal_places=2, null=True, blank=True)
    owner = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("责任人"))
    owner_written = models.CharField(_("计划里写的责任人"), max_length=40, blank=True)
    due_on = models.DateField(_("截止"), null=True, blank=True)
    due_written = models.CharField(_("计划里写的时限"), max_length=40, blank=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(target=None) | Q(target__gt=0, target__lte=100), name="a_target_is_a_share_of_a_hundred"
            )
        ]

    def subject(self):
        return "plans.plan", self.plan_id, self.plan.region_id
