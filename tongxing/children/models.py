"""Who is the child, and who stands beside them?

"In care" is an episode, never a definition. What holds at a day is kept with from and to: community, attention, roles,
school, helper. `Child.community` repeats the newest episode's for lists and scope; `tongxing check` compares them.
"""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tongxing.base import clock, numbers, phones
from tongxing.base.records import Record, RecordQuerySet
from tongxing.base.sealed import BlindIndex, SealedField
from tongxing.children import choices
from tongxing.staff.access import reached_by
from tongxing.staff.models import Classroom, Grant, Organisation, Region, Staff, within


def on_day(day) -> Q:
    """Rows with from_on and to_on that hold on `day` (to_on is the first day they no longer hold)."""
    return Q(from_on__lte=day) & (Q(to_on=None) | Q(to_on__gt=day))


def ends_after_start(name: str):
    return models.CheckConstraint(
        condition=Q(to_on=None) | Q(to_on__gte=models.F("from_on")),
        name=name,
        violation_error_message=_("结束不能早于开始"),
    )


class OfChild(Record):
    """A record about one child: its Event is the child's.

    `told` is what an act is called where acts are counted ("走访 3"); "" for a fact of the archive.
    """

    told = ""

    class Meta:
        abstract = True

    def subject(self):
        return "children.child", self.child_id, self.child.community_id


class Household(Record):
    """One door: who lives behind it is visited together."""

    community = models.ForeignKey(Region, models.PROTECT, to_field="path", related_name="+")
    hamlet = models.CharField(_("村民小组"), max_length=40, blank=True)
    address = SealedField(_("家庭住址"))
    phone = SealedField(_("家里电话"))

    class Meta:
        indexes = [models.Index(fields=["community", "hamlet"], name="household_by_hamlet")]

    def subject(self):
        return "children.household", self.pk, self.community_id


class ChildQuerySet(RecordQuerySet):
    def visible_to(self, staff):
        """Whose files this person may open now: asked of dated grants, never a list of ids."""
        reached = reached_by(staff)
        if reached.nothing:
            return self.none()
        if "" in reached.regions:
            return self.standing()
        today = clock.today()
        seen = Q()
        for path in reached.regions:
            seen |= within("community_id", path)
        if reached.schools or reached.classrooms:
            place = Q(school__in=reached.schools) | Q(classroom__in=reached.classrooms)
            roll = Schooling.objects.standing().filter(on_day(today), place, child=OuterRef("pk"))
            seen |= Q(Exists(roll))
        if reached.paired:
            paired = Pairing.objects.standing().filter(on_day(today), helper=staff, child=OuterRef("pk"))
            seen |= Q(Exists(paired))
        if reached.single:
            single = Grant.objects.holding(clock.now()).filter(staff=staff, reach="child", child_id=OuterRef("pk"))
            seen |= Q(Exists(single))
        return self.standing().filter(seen)

    def in_region(self, path: str):
        return self.filter(within("community_id", path))

    def by_name(self):
        return self.order_by("name_sort", "id")


class Child(Record):
    name = models.CharField(_("姓名"), max_length=72)
    name_sort = models.CharField(max_length=120, editable=False)
    sex = models.CharField(_("性别"), max_length=1, choices=choices.Sex, default=choices.Sex.UNKNOWN)
    birth_on = models.DateField(_("出生日期"), null=True, blank=True)
    citizen_number = SealedField(_("身份证号"))
    citizen_number_index = BlindIndex(of="citizen_number", normal=numbers.fold, db_index=False)
    citizen_number_index_next = BlindIndex(of="citizen_number", normal=numbers.fold, ring="next")
    number_missing = models.CharField(_("没有身份证号的原因"), max_length=16, choices=choices.NumberMissing, blank=True)
    community = models.ForeignKey(Region, models.PROTECT, to_field="path", related_name="+", verbose_name=_("社区"))
    household = models.ForeignKey(Household, models.PROTECT, related_name="+", null=True, blank=True)
    hamlet = models.CharField(_("村民小组"), max_length=40, blank=True)
    in_care = models.BooleanField(default=True, editable=False)
    opened_on = models.DateField(_("建档日期"))

    objects = ChildQuerySet.as_manager()
    untraced = Record.untraced | {"name_sort"}

    class Meta:
        indexes = [
            models.Index(fields=["community", "in_care", "name_sort", "id"], name="child_list"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["citizen_number_index"],
                condition=Q(withdrawn_at=None),
                name="one_archive_per_citizen_number",
                violation_error_message=_("这个号码已有档案"),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_child_has_a_name"),
        ]

    def __str__(self):
        return self.name

    def subject(self):
        return "children.child", self.pk, self.community_id


class CareEpisode(OfChild):
    """The time in which a community answers for a child."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="episodes")
    community = models.ForeignKey(Region, models.PROTECT, to_field="path", related_name="+", db_index=False)
    from_on = models.DateField(_("开始"))
    to_on = models.DateField(_("结束"), null=True, blank=True)
    why_in = models.CharField(max_length=100, blank=True)
    why_out = models.CharField(_("退出原因"), max_length=100, blank=True)

    class Meta:
        indexes = [models.Index(fields=["community", "from_on", "to_on"], name="episode_by_community")]
        constraints = [
            models.UniqueConstraint(
                fields=["child"], condition=Q(to_on=None, withdrawn_at=None), name="one_open_care_episode_per_child"
            ),
            models.CheckConstraint(condition=Q(to_on=None) | ~Q(why_out=""), name="an_ended_episode_says_why"),
            ends_after_start("an_episode_ends_after_it_starts"),
        ]


class Attention(OfChild):
    child = models.ForeignKey(Child, models.PROTECT, related_name="attentions")
    level = models.CharField(_("关注等级"), max_length=8, choices=choices.Level)
    from_on = models.DateField(_("开始"))
    to_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(_("复评日期"))
    reason = models.CharField(_("原因"), max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child"], condition=Q(to_on=None, withdrawn_at=None), name="one_current_attention_per_child"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="an_attention_level_says_why"),
            ends_after_start("attention_ends_after_it_starts"),
        ]


class Kin(Record):
    """One grown-up, perhaps related to several children."""

    name = models.CharField(_("姓名"), max_length=72, blank=True)
    birth_on = models.DateField(_("出生日期"), null=True, blank=True)
    situation = models.CharField(_("情况"), max_length=12, choices=choices.Situation, blank=True)
    phone = SealedField(_("电话"))
    phone_index = BlindIndex(of="phone", normal=phones.key)
    phone_index_next = BlindIndex(of="phone", normal=phones.key, ring="next")
    phone_state = models.CharField(max_length=12, choices=choices.PhoneState, default=choices.PhoneState.NOT_TRIED)
    phone_checked_on = models.DateField(null=True, blank=True)
    born_year = models.PositiveSmallIntegerField(_("出生年"), null=True, blank=True)  # grown-ups often know no more
    occupation = models.CharField(_("职业"), max_length=40, blank=True)
    employment = models.CharField(_("工作情况"), max_length=12, choices=choices.Employment, blank=True)
    employer = SealedField(_("单位和地址"))
    employer_phone = SealedField(_("单位电话"))
    health = SealedField(_("身体状况"))
    community = models.CharField(max_length=12, blank=True, editable=False)

    def subject(self):
        return "children.kin", self.pk, self.community

    def __str__(self):
        return self.name


class KinRole(OfChild):
    """Who this person is to this child: relation, part, from a day until a day."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="kin_roles")
    kin = models.ForeignKey(Kin, models.PROTECT, related_name="roles")
    relation = models.CharField(
        _("与孩子的关系"), max_length=2, choices=choices.Relation, blank=True
    )  # "": nobody told
    part = models.CharField(max_length=12, choices=choices.KinPart)
    from_on = models.DateField(null=True, blank=True)
    to_on = models.DateField(null=True, blank=True)
    end_why = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child", "kin", "part"],
                condition=Q(to_on=None, withdrawn_at=None),
                name="one_current_role_of_a_kind",
            ),
            models.CheckConstraint(condition=Q(to_on=None) | ~Q(end_why=""), name="an_ended_role_says_why"),
        ]


class Whereabouts(Record):
    """Where a parent works, or where the child is while not at home, from a day until a day."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="whereabouts", null=True, blank=True)
    kin = models.ForeignKey(Kin, models.PROTECT, related_name="whereabouts", null=True, blank=True)
    stay = models.CharField(max_length=12, choices=choices.Stay)
    place = models.CharField(_("地点"), max_length=100, blank=True)
    from_on = models.DateField(null=True, blank=True)
    to_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(child__isnull=True, kin__isnull=False) | Q(child__isnull=False, kin__isnull=True),
                name="whereabouts_are_of_one_person",
            ),
            ends_after_start("whereabouts_end_after_they_start"),
        ]

    def subject(self):
        return self.child.subject() if self.child_id else self.kin.subject()


class Schooling(OfChild):
    child = models.ForeignKey(Child, models.PROTECT, related_name="schoolings")
    school = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("学校")
    )
    classroom = models.ForeignKey(
        Classroom, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("班级")
    )
    status = models.CharField(_("就学情况"), max_length=14, choices=choices.SchoolStatus)
    boarding = models.BooleanField(_("寄宿"), null=True, blank=True)
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    why_out = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child"], condition=Q(to_on=None, withdrawn_at=None), name="one_current_schooling_per_child"
            ),
            models.CheckConstraint(condition=Q(to_on=None) | ~Q(why_out=""), name="an_ended_schooling_says_why"),
            ends_after_start("schooling_ends_after_it_starts"),
        ]


class Pairing(OfChild):
    """One helper walks with one child (一对一). A helper may walk with several."""

    told = _("结对")
    child = models.ForeignKey(Child, models.PROTECT, related_name="pairings")
    helper = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("帮扶人"))
    from_on = models.DateField(_("开始"))
    to_on = models.DateField(_("结束"), null=True, blank=True)
    end_why = models.CharField(_("结束原因"), max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(to_on=None, withdrawn_at=None),
                name="one_current_helper_per_child",
                violation_error_message=_("已有结对的人，请先结束原来的"),
            ),
            models.CheckConstraint(
                condition=Q(to_on=None) | ~Q(end_why=""),
                name="an_ended_pairing_says_why",
                violation_error_message=_("请写结束结对的原因"),
            ),
            ends_after_start("a_pairing_ends_after_it_starts"),
        ]


class ContactCard(models.Model):
    """What a child's contact card lacked from a day on. Kept by actions; `tongxing check` compares the newest row.

    A row holds until the next one. `lacks`: names of `choices.CardField` parted by blanks, "" for a complete card.
    """

    derived = True  # from the archive: a merge keeps it anew instead of moving it
    child = models.ForeignKey(Child, models.PROTECT, related_name="+", db_index=False)  # the constraint has it first
    from_on = models.DateField()
    lacks = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["child", "from_on"], name="one_card_per_child_and_day")]


class Lookup(models.Model):
    """Search keys of a child: name grams, pinyin, initials, and keyed digests of number, phones and their last four."""

    derived = True
    child = models.ForeignKey(Child, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=choices.KeyKind)
    key = models.CharField(max_length=64)
    community = models.CharField(max_length=12)

    class Meta:
        indexes = [models.Index(fields=["kind", "key", "community"], name="lookup_key")]


from tongxing.children.merges import Merge, MergeMove  # noqa: E402, F401  Django looks for models here
