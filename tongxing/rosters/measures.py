"""What the plan promises of known children: an archive for each (row 6)."""

from django.db.models import Case, CharField, DateField, Exists, F, OuterRef, Q, UUIDField, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from tongxing.base.measures import Measure, State
from tongxing.children.models import CareEpisode, on_day
from tongxing.children.queries import answerable, in_care
from tongxing.rosters.models import Listed
from tongxing.staff.access import reached_by
from tongxing.staff.models import within

REASONS = {
    "archived": _("有档案"),
    "incomplete": _("档案缺出生日期，或缺身份证号又没写原因"),
    "not_opened_yet": _("那天还没有建档"),
    "no_archive": _("名册上有，还没有档案"),
    "who_is_it": _("名册上那一行看不出是谁"),
}


def archive_duties(scope, on):
    """Known persons on `on`, each once: children in care, and persons behind roster rows no archive was found for."""
    return [_in_care(scope, on), _listed(scope, on)]


def _in_care(scope, on):
    valid = ~Q(child__birth_on=None) & (~Q(child__citizen_number_index=None) | ~Q(child__number_missing=""))
    opened = Q(child__opened_on__lte=on)
    return in_care(scope, on).annotate(
        since_on=F("child__opened_on"),
        owner_id=answerable(on),
        state=Case(When(valid & opened, then=Value(State.MET)), default=Value(State.GAP), output_field=CharField()),
        why=Case(
            When(~opened, then=Value("not_opened_yet")),
            When(valid, then=Value("archived")),
            default=Value("incomplete"),
            output_field=CharField(),
        ),
    )


def _listed(scope, on):
    listed = Listed.objects.standing().filter(within("community_id", scope.region), known_from_on__lte=on)
    # A match with an archive that was withdrawn is none: else the person would be lost from every list.
    listed = listed.exclude(matched_on__lte=on, child__withdrawn_at=None)
    listed = _without_those_in_care(listed, on)
    if scope.staff is not None:
        reached = reached_by(scope.staff)
        seen = Q(pk=None)
        for path in reached.regions:
            seen = Q() if path == "" else seen | within("community_id", path)
            if path == "":
                break
        listed = listed.filter(seen)
    return listed.annotate(
        subject_id=F("pk"),
        subject_name=F("name"),
        place=Value("", output_field=CharField()),
        region=F("community_id"),
        known_on=F("known_from_on"),
        household_id=Value(None, output_field=UUIDField()),
        level=Value("", output_field=CharField()),
        since_on=Value(None, output_field=DateField()),
        owner_id=answerable(on),
        state=Case(When(doubtful=True, then=Value(State.UNKNOWN)), default=Value(State.GAP), output_field=CharField()),
        why=Case(When(doubtful=True, then=Value("who_is_it")), default=Value("no_archive"), output_field=CharField()),
    )


def _without_those_in_care(listed, on):
    """Nobody is counted twice: who is in care that day by match, by number, or by name and birthday in the community
    (where at most one of the two has a number) stands there already."""
    in_care_then = CareEpisode.objects.standing().filter(on_day(on), child__withdrawn_at=None)
    matched = in_care_then.filter(child=OuterRef("child_id"))
    numbered = in_care_then.filter(child__citizen_number_index=OuterRef("number_digest"))
    namesakes = in_care_then.filter(
        community=OuterRef("community_id"), child__name=OuterRef("name"), child__birth_on=OuterRef("birth_on")
    )
    unnumbered = namesakes.filter(child__citizen_number_index=None)
    return (
        listed.exclude(Q(child__isnull=False) & Exists(matched))
        .exclude(~Q(number_digest="") & Exists(numbered))
        .exclude(Q(birth_on__isnull=False) & Exists(unnumbered))
        .exclude(Q(birth_on__isnull=False, number_digest="") & Exists(namesakes))
    )


def close(duty) -> tuple[str, str]:
    if duty.why in ("no_archive", "who_is_it"):
        return reverse("rosters:listed", args=[duty.subject_id]), _now("建档")
    return reverse("children:archive", args=[duty.subject_id]), _now("补上")


ARCHIVED = Measure(
    code="archived",
    row="6",
    title=_("建档率"),
    definition=_(
        "已知的孩子（在册的孩子，加上名册上按号码、再按姓名和出生日期都没对上档案的人，每人只算一次）里，有有效档案的人"
    ),
    version=2,
    subject=_("孩子"),
    duties=archive_duties,
    say=lambda duty: REASONS[duty.why],
    close=close,
    target=100,
)
