"""Whom ought we to know? A roster is a list somebody sent; a Listed is the person behind its rows."""

import json

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongxing.base.attachments import Attachment
from tongxing.base.ids import new_id
from tongxing.base.jobs import Job
from tongxing.base.problems import NOTICE
from tongxing.base.records import Record, RecordQuerySet
from tongxing.base.sealed import SealedField
from tongxing.children.models import Child
from tongxing.children.rules import facts_in
from tongxing.rosters.choices import Doubt, RosterKind, RosterState, RowState, UpdateState
from tongxing.rosters.sheets import cell_in
from tongxing.staff.access import reached_by
from tongxing.staff.models import Organisation, Region, within


class RosterQuerySet(RecordQuerySet):
    def visible_to(self, staff):
        """Rosters one may see: sent for a place one's grants reach, or by one's own school."""
        reached = reached_by(staff)
        if "" in reached.regions:
            return self.standing()
        seen = Q(pk=None)
        for path in reached.regions:
            seen |= within("community_id", path)
        if reached.schools:
            seen |= Q(sender__in=reached.schools)
        return self.standing().filter(seen)


class Roster(Record):
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")
    kind = models.CharField(_("名单类别"), max_length=16, choices=RosterKind)
    community = models.ForeignKey(Region, models.PROTECT, to_field="path", related_name="+", verbose_name=_("社区"))
    sender = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("来自")
    )
    sent_by_id = models.UUIDField()
    state = models.CharField(max_length=12, choices=RosterState, default=RosterState.READING)
    trouble = models.CharField(max_length=32, blank=True)  # a key of base.excel.REFUSALS
    columns = models.JSONField(default=list)  # [{"sheet", "heading_row", "letter", "heading", "field"}]
    asks = models.JSONField(default=list)  # [{"sheet", "code", "column", "options"}], what a whole sheet leaves open
    chosen = models.JSONField(default=dict)  # sheet → column letter → field, where somebody chose by hand
    answers = models.JSONField(default=dict)  # sheet → code of an ask → the option somebody chose
    received_on = models.DateField()
    job = models.ForeignKey(Job, models.PROTECT, related_name="+", null=True)
    marked = models.ForeignKey(
        Attachment, models.PROTECT, related_name="+", null=True
    )  # of a large list, by the worker
    marking = models.ForeignKey(Job, models.PROTECT, related_name="+", null=True)
    undo_why = models.CharField(_("撤销原因"), max_length=200, blank=True)
    undo_later = models.BooleanField(default=False)  # children with later work are taken back as well

    objects = RosterQuerySet.as_manager()
    untraced = Record.untraced | {"job"}

    class Meta:
        indexes = [models.Index(fields=["community", "received_on"], name="roster_by_community")]

    def subject(self):
        return "rosters.roster", self.pk, self.community_id


class Listed(Record):
    """A person some list names and for whom no archive was found yet; two lists naming one person are one Listed."""

    community = models.ForeignKey(Region, models.PROTECT, to_field="path", related_name="+")
    name = models.CharField(_("姓名"), max_length=72, blank=True)
    birth_on = models.DateField(_("出生日期"), null=True, blank=True)
    number_digest = models.CharField(max_length=32, blank=True)
    known_from_on = models.DateField()
    doubtful = models.BooleanField(default=False)  # the row does not tell who it is
    child = models.ForeignKey(Child, models.PROTECT, related_name="+", null=True, blank=True)
    matched_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["community", "known_from_on"], name="listed_by_community")]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "number_digest"],
                condition=~Q(number_digest="") & Q(withdrawn_at=None),
                name="one_listed_person_per_number",
            ),
            models.CheckConstraint(
                condition=Q(child__isnull=True, matched_on__isnull=True)
                | Q(child__isnull=False, matched_on__isnull=False),
                name="a_match_has_a_day",
            ),
        ]

    def subject(self):
        return "rosters.listed", self.pk, self.community_id

    @property
    def has_archive(self) -> bool:
        """An archive that was withdrawn is none."""
        return self.child is not None and self.child.withdrawn_at is None


class KnownHeading(Record):
    """What a heading means in the lists of one sender, because somebody said so: a school, or who brings lists."""

    sender = models.ForeignKey(Organisation, models.PROTECT, related_name="+", null=True, blank=True)
    brought_by_id = models.UUIDField(null=True)  # where no organisation sends
    heading = models.CharField(max_length=60)  # bare, as sheets.bare gives it
    field = models.CharField(max_length=20, blank=True)  # "" when the column is none of ours

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "heading"], condition=Q(withdrawn_at=None), name="one_meaning_per_heading_of_a_sender"
            ),
            models.UniqueConstraint(
                fields=["brought_by_id", "heading"],
                condition=Q(withdrawn_at=None),
                name="one_meaning_per_heading_of_a_person",
            ),
            models.CheckConstraint(
                condition=Q(sender__isnull=True, brought_by_id__isnull=False)
                | Q(sender__isnull=False, brought_by_id__isnull=True),
                name="a_heading_is_known_of_one_sender",
            ),
        ]


class RosterRow(models.Model):
    """One row as it was sent. Staging, not case data: what it becomes is traced with the child."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    roster = models.ForeignKey(Roster, models.PROTECT, related_name="rows")
    sheet = models.CharField(max_length=60, blank=True)
    number = models.PositiveIntegerField()  # as the spreadsheet program shows it
    state = models.CharField(max_length=10, choices=RowState)
    written = SealedField()  # JSON: field → the cell as written
    facts = SealedField()  # JSON: field → value, as forms give it
    by_hand = SealedField()  # JSON: {"typed": field → text, "accepted": ["field:code"]} or {"skipped": true}
    problems = models.JSONField(default=list)  # [{"field", "code", "cell", "severity", …}], never a value
    fingerprint = models.CharField(max_length=32)
    child = models.ForeignKey(Child, models.PROTECT, related_name="+", null=True)
    listed = models.ForeignKey(Listed, models.PROTECT, related_name="+", null=True)

    class Meta:
        indexes = [models.Index(fields=["roster", "state", "number"], name="roster_row_state")]

    def cells(self) -> dict:
        """The cells as they were written, by field, as a spreadsheet gave them."""
        return {field: cell_in(value) for field, value in json.loads(self.written or "{}").items()}

    def known_facts(self) -> dict:
        """The facts read from them; what cannot be kept is left out."""
        return facts_in(self.facts)

    def said_by_hand(self) -> dict:
        """What somebody has said of this row; it holds when the list is read again."""
        return json.loads(self.by_hand or "{}")

    @property
    def codes(self) -> set[str]:
        """Codes of the problems nobody has answered yet."""
        return {one["code"] for one in self.problems if not one.get("accepted")}

    @property
    def waits(self) -> bool:
        """Whether a person has to look at it."""
        return any(one["severity"] != NOTICE and not one.get("accepted") for one in self.problems)

    @property
    def accepted(self) -> list[str]:
        """Doubts somebody has answered with "as on the paper", as a page sends them."""
        return [f"{one['field']}:{one['code']}" for one in self.problems if one.get("accepted")]


class Update(models.Model):
    """One fact of a known child that a row says otherwise: before, after, and what was decided. Staging like its row;
    what is written is traced with the child."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    roster = models.ForeignKey(Roster, models.PROTECT, related_name="updates", db_index=False)
    row = models.ForeignKey(RosterRow, models.PROTECT, related_name="updates")
    child = models.ForeignKey(Child, models.PROTECT, related_name="+")
    field = models.CharField(max_length=20)
    was = SealedField()  # as text: a day in ISO form, a choice as its code
    now = SealedField()
    state = models.CharField(max_length=8, choices=UpdateState)
    doubt = models.CharField(max_length=10, choices=Doubt, blank=True)
    confirmed_on = models.DateField(null=True)  # when somebody last confirmed what the archive says
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["roster", "state"], name="update_state")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=("done", "undone", "kept")) | Q(done_at__isnull=False),
                name="an_update_done_has_a_moment",
            )
        ]

    @property
    def fills(self) -> bool:
        """The archive said nothing here."""
        return not self.was


from tongxing.rosters.findings import Decision, Finding, Reconciliation  # noqa: E402, F401  Django looks for models here
