"""What a reconciliation found, and what people decided about it.

A Finding is staging: each run brings it in step with the lists and archives of that day. A Decision is a Record, kept
for ever: it is about a person, by what the lists say of them, so that it holds for every later list as well.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tongxing.base import clock
from tongxing.base.ids import new_id
from tongxing.base.jobs import Job
from tongxing.base.records import Record
from tongxing.children.models import Child
from tongxing.rosters.choices import Heap, ReconciliationKind, Verdict, WhyUnlisted
from tongxing.staff.access import reached_by
from tongxing.staff.models import within


class Reconciliation(models.Model):
    """One run: lists against archives, or archives against each other, in one region."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=ReconciliationKind)
    region = models.CharField(max_length=12, blank=True)  # a path; "" is everywhere
    on = models.DateField()
    by_id = models.UUIDField()
    job = models.ForeignKey(Job, models.PROTECT, related_name="+", null=True)
    step = models.CharField(max_length=16, blank=True)
    counts = models.JSONField(default=dict)
    weights = models.PositiveIntegerField(default=0)  # version of the parameters
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "on"], name="reconciliation_by_day")]


class Decision(Record):
    """What somebody said of a person on lists and an archive, of two archives, or of an archive on no list."""

    person = models.CharField(max_length=32, blank=True)  # keyed digest of who a row is about; "" for two archives
    child = models.ForeignKey(Child, models.PROTECT, related_name="+")
    other = models.ForeignKey(Child, models.PROTECT, related_name="+", null=True, blank=True)
    verdict = models.CharField(_("决定"), max_length=10, choices=Verdict)
    why = models.CharField(_("原因"), max_length=12, choices=WhyUnlisted, blank=True)
    words = models.CharField(_("备注"), max_length=200, blank=True)
    by_id = models.UUIDField()
    decided_on = models.DateField()
    decided_at = models.DateTimeField(default=clock.now)

    untraced = Record.untraced | {"decided_at"}

    class Meta:
        indexes = [models.Index(fields=["person"], name="decision_of_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "child"],
                condition=Q(withdrawn_at=None, other=None),
                name="one_decision_per_person_and_archive",
            ),
            models.UniqueConstraint(
                fields=["child", "other"], condition=Q(withdrawn_at=None), name="one_decision_per_two_archives"
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.UNLISTED, why__gt="") | (~Q(verdict=Verdict.UNLISTED) & Q(why="")),
                name="an_archive_on_no_list_says_why",
            ),
        ]

    def subject(self):
        return "children.child", self.child_id, self.child.community_id


class FindingQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Findings of the places one's grants reach, or of lists one's own school sent."""
        reached = reached_by(staff)
        standing = self.filter(Q(row=None) | Q(row__roster__withdrawn_at=None))
        if "" in reached.regions:
            return standing
        seen = Q(pk=None)
        for path in reached.regions:
            seen |= within("community", path)
        if reached.schools:
            seen |= Q(row__roster__sender__in=reached.schools)
            roll = Child.objects.visible_to(staff)
            seen |= Q(heap__in=(Heap.UNLISTED, Heap.DOUBLE), child__in=roll)
        return standing.filter(seen)

    def waiting(self):
        """Those somebody has to look at and nobody has looked at yet."""
        asked = (Heap.PROBABLE, Heap.UNLISTED, Heap.DOUBLE)
        return self.filter(decision=None, heap__in=asked, child__isnull=False)

    def let_go_of(self, rows) -> None:
        """Nobody has to say any more whether these rows are about a child with an archive, where nobody has yet."""
        self.filter(row__in=rows, heap=Heap.PROBABLE, decision=None).delete()

    def suspecting(self, rows) -> dict:
        """Of these rows those that may be about a child with an archive, and nobody has said whether: row → finding."""
        open_ones = self.filter(row__in=rows, heap=Heap.PROBABLE, child__isnull=False)
        return dict(open_ones.values_list("row_id", "pk"))


class Finding(models.Model):
    """One row of a list and where it stands; or an archive on no list; or two archives that may be one child."""

    derived = True  # a merge sorts them itself
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    heap = models.CharField(max_length=8, choices=Heap)
    community = models.CharField(max_length=12)
    row = models.OneToOneField("rosters.RosterRow", models.PROTECT, related_name="finding", null=True)
    person = models.CharField(max_length=32, blank=True)
    child = models.ForeignKey(Child, models.PROTECT, related_name="+", null=True)
    other = models.ForeignKey(Child, models.PROTECT, related_name="+", null=True)
    confidence = models.FloatField(default=0)
    reasons = models.JSONField(default=list)  # codes, never a value
    against = models.JSONField(default=list)
    found_on = models.DateField()
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="+", null=True)
    was = models.JSONField(default=dict)  # what a decision changed of it and of its row, to be put back
    claimed_by_id = models.UUIDField(null=True)
    free_again_at = models.DateTimeField(null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["community", "heap", "decision"], name="finding_queue"),
            models.Index(fields=["person"], name="finding_of_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child"], condition=Q(heap=Heap.UNLISTED), name="an_archive_is_on_no_list_once"
            ),
            models.UniqueConstraint(
                fields=["child", "other"], condition=Q(heap=Heap.DOUBLE), name="two_archives_are_asked_about_once"
            ),
            models.CheckConstraint(
                condition=Q(heap__in=(Heap.ARCHIVED, Heap.PROBABLE, Heap.NONE), row__isnull=False)
                | Q(heap__in=(Heap.UNLISTED, Heap.DOUBLE), row__isnull=True, child__isnull=False),
                name="a_finding_is_of_a_row_or_an_archive",
            ),
            models.CheckConstraint(
                condition=Q(other=None) | ~Q(other=F("child")), name="two_archives_are_not_the_same_archive"
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether something is still to be decided: nothing said, or only that one does not know yet."""
        return self.heap in (Heap.PROBABLE, Heap.UNLISTED, Heap.DOUBLE) and (
            self.decision is None or self.decision.verdict in (Verdict.UNSURE, Verdict.ASK)
        )
