"""What the plan promises of the children's own rows: a helper each (row 10)."""

from django.db.models import Case, CharField, DateField, Exists, OuterRef, Subquery, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from tongxing.base.measures import Measure, State
from tongxing.children.queries import answerable, at_work, helper_at, in_care

REASONS = {
    "paired": _("有结对的人"),
    "never_paired": _("还没有结对的人"),
    "pairing_ended": _("原来的结对已结束，还没有新的人"),
    "helper_left": _("结对的人已离岗，还没有换人"),
}


def pairing_duties(scope, on, owner=None):
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
    return [duties.filter(owner_id=owner.pk) if owner else duties]


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
