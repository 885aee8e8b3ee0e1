"""What the plan promises of the children's own rows.

A citizen number (6), a helper each (10), a contact card whole and true (14b, 14c).
"""

from datetime import timedelta

from django.db.models import Case, CharField, DateField, Exists, F, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from tongxing.base.facts import Standing
from tongxing.base.measures import Measure, State
from tongxing.children.choices import NumberMissing
from tongxing.children.models import ContactCard
from tongxing.children.queries import answerable, at_work, helper_at, in_care, lacks_in_words, place_to_fill
from tongxing.children.queries.cards import CARD
from tongxing.children.rules import STALE_AFTER_DAYS

REASONS = {
    "paired": _("有结对的人"),
    "never_paired": _("还没有结对的人"),
    "pairing_ended": _("原来的结对已结束，还没有新的人"),
    "helper_left": _("结对的人已离岗，还没有换人"),
}


def pairing_duties(scope, on):
    """Children in care on `on`; met where a helper who is at work walks with them that day."""
    current = helper_at(on)
    earlier = helper_at(on).model.objects.standing().filter(child=OuterRef("child_id"), from_on__lte=on)
    duties = in_care(scope, on).annotate(
        has_helper=Exists(current.filter(Exists(at_work(on)))),
        has_pairing=Exists(current),
        had_pairing=Exists(earlier),
        owner_id=answerable(on),
        since_on=Subquery(current.values("from_on")[:1], output_field=DateField()),
    )
    duties = duties.annotate(
        state=Case(When(has_helper=True, then=Value(State.MET)), default=Value(State.GAP), output_field=CharField()),
        why=Case(
            When(has_helper=True, then=Value("paired")),
            When(has_pairing=True, then=Value("helper_left")),
            When(had_pairing=True, then=Value("pairing_ended")),
            default=Value("never_paired"),
            output_field=CharField(),
        ),
    )
    return [duties]


PAIRED = Measure(
    code="paired",
    row="10",
    title=_("一对一结对"),
    definition=_("在册的孩子里，当天有一位在岗的结对帮扶人的孩子"),
    version=1,
    subject=_("孩子"),
    duties=pairing_duties,
    say=lambda duty: REASONS[duty.why],
    close=lambda duty: (reverse("children:pair", args=[duty.subject_id]), _now("现在结对")),
)


# ── the citizen number ───────────────────────────────────────────────────────────────────────────────────────────────


def number_duties(scope, on):
    """Children in care on `on`; met where the archive has a citizen number. Without one an archive is valid all the
    same: the gap says why, and what to help with."""
    duties = in_care(scope, on).annotate(since_on=F("child__opened_on"), owner_id=answerable(on))
    known = Q(child__citizen_number_index__isnull=False)
    duties = duties.annotate(
        state=Case(When(known, then=Value(State.MET)), default=Value(State.GAP), output_field=CharField()),
        why=Case(When(known, then=Value("")), default=F("child__number_missing"), output_field=CharField()),
    )
    return [duties]


def say_number(duty) -> str:
    if duty.state == State.MET:
        return _now("有身份证号")
    why = NumberMissing(duty.why).label if duty.why else _now("没写原因")
    return _now("没有身份证号：%(why)s") % {"why": why}


def close_number(duty) -> tuple[str, str]:
    label = _now("协助落户口") if duty.why == NumberMissing.NOT_REGISTERED else _now("补号码")
    return place_to_fill(duty.subject_id, "citizen_number"), label


NUMBER = Measure(
    code="number",
    row="6",
    title=_("证件号"),
    definition=_("在册的孩子里，档案写了身份证号的孩子；没有号码的档案写明原因也算建档，这里列出来好去办"),
    version=1,
    subject=_("孩子"),
    duties=number_duties,
    say=say_number,
    close=close_number,
)


# ── the contact card ─────────────────────────────────────────────────────────────────────────────────────────────────

NOT_KEPT = "not_kept"


def card_duties(scope, on):
    """Children in care on `on`; met where nothing of the plan's fields was lacking that day, or not asked for a reason.

    Before the first card was written down for a child nobody knows what it lacked.
    """
    cards = ContactCard.objects.filter(child=OuterRef("child_id"), from_on__lte=on).order_by("-from_on")
    duties = in_care(scope, on).annotate(
        lacks=Subquery(cards.values("lacks")[:1], output_field=CharField()),
        since_on=Subquery(cards.values("from_on")[:1], output_field=DateField()),
        owner_id=answerable(on),
    )
    duties = duties.annotate(
        state=Case(
            When(since_on=None, then=Value(State.UNKNOWN)),
            When(lacks="", then=Value(State.MET)),
            default=Value(State.GAP),
            output_field=CharField(),
        ),
        why=Coalesce("lacks", Value(NOT_KEPT), output_field=CharField()),
    )
    return [duties]


def say_card(duty) -> str:
    if duty.why == NOT_KEPT:
        return _now("那天还没有联系卡")
    return lacks_in_words(duty.why) if duty.why else _now("联系卡齐了")


def close_card(duty) -> tuple[str, str]:
    """The one action: the very field that is lacking first."""
    first = duty.why.split()[0] if duty.why and duty.why != NOT_KEPT else ""
    if first:
        return place_to_fill(duty.subject_id, first), _now("补上")
    return reverse("children:card", args=[duty.subject_id]), _now("看联系卡")


CARD_COMPLETE = Measure(
    code="card",
    row="14b",
    title=_("联系卡完整"),
    definition=_(
        "在册的孩子里，联系卡各项都有，或写明为什么没有的孩子（家长姓名、电话、单位和单位电话，家庭住址，照护人职业、电话、身体状况、年龄）"
    ),
    version=1,
    subject=_("孩子"),
    duties=card_duties,
    say=say_card,
    close=close_card,
)


def confirmed_duties(scope, on):
    """Children in care on `on`; met where somebody confirmed the card as a whole within the last 180 days."""
    confirmed = Standing.objects.filter(subject_id=OuterRef("child_id"), covers=CARD, confirmed_on__lte=on)
    last = confirmed.order_by().values("subject_id").annotate(last=Max("confirmed_on")).values("last")
    duties = in_care(scope, on).annotate(since_on=Subquery(last, output_field=DateField()), owner_id=answerable(on))
    fresh = Q(since_on__gte=on - timedelta(days=STALE_AFTER_DAYS))
    duties = duties.annotate(
        state=Case(When(fresh, then=Value(State.MET)), default=Value(State.GAP), output_field=CharField()),
        why=Case(
            When(fresh, then=Value("confirmed")),
            When(since_on=None, then=Value("never_confirmed")),
            default=Value("long_ago"),
            output_field=CharField(),
        ),
    )
    return [duties]


def say_confirmed(duty) -> str:
    if duty.why == "never_confirmed":
        return _now("联系卡还没有核对过")
    since = {"day": duty.since_on.isoformat(), "n": (duty.on - duty.since_on).days}
    if duty.why == "confirmed":
        return _now("%(day)s 核对过") % since
    return _now("联系卡 %(n)d 天没核对了") % since


CARD_CONFIRMED = Measure(
    code="card_confirmed",
    row="14c",
    title=_("联系卡核对"),
    definition=_("在册的孩子里，180 天内有人核对过整张联系卡的孩子"),
    version=1,
    subject=_("孩子"),
    duties=confirmed_duties,
    say=say_confirmed,
    close=lambda duty: (reverse("children:card", args=[duty.subject_id]), _now("核对")),
)
