"""Who stands beside a child, and how closely: pairing, attention, whereabouts."""

from datetime import date, timedelta

from tongxing.base.records import action
from tongxing.children.choices import Stay
from tongxing.children.models import Attention, Child, Pairing, Whereabouts

REVIEW_AFTER = {"high": 30, "middle": 90, "low": 180}


@action("children.pair")
def pair(*, by, child: Child, helper, on: date, end_why: str = "") -> Pairing:
    """Give the child a helper from `on`. A present helper is relieved the same day, for which `end_why` is needed."""
    current = child.pairings.standing().filter(to_on=None).first()
    if current:
        if current.helper_id == helper.pk:
            return current
        end_pairing(by=by, pairing=current, on=on, why=end_why)
    pairing = Pairing(child=child, helper=helper, from_on=on)
    pairing.full_clean()
    pairing.save()
    return pairing


@action("children.end_pairing")
def end_pairing(*, by, pairing: Pairing, on: date, why: str) -> Pairing:
    pairing.to_on, pairing.end_why = on, why
    pairing.full_clean()
    pairing.save()
    return pairing


@action("children.change_attention")
def change_attention(*, by, child: Child, level: str, on: date, reason: str) -> Attention:
    """Set the attention level from `on`, with its reason and the day it must be looked at again."""
    current = child.attentions.standing().filter(to_on=None).first()
    if current:
        current.to_on = on
        current.full_clean()
        current.save()
    attention = Attention(
        child=child, level=level, from_on=on, review_on=on + timedelta(days=REVIEW_AFTER[level]), reason=reason
    )
    attention.full_clean()
    attention.save()
    return attention


@action("children.note_whereabouts")
def note_whereabouts(
    *, by, child: Child, stay: str, place: str, from_on: date, to_on: date | None = None
) -> Whereabouts:
    """Where the child itself is for a time, such as with its parents in summer."""
    current = child.whereabouts.standing().filter(to_on=None).first()
    if current:
        current.to_on = max(from_on, current.from_on or from_on)
        current.save()
    whereabouts = Whereabouts(child=child, stay=stay or Stay.OTHER, place=place, from_on=from_on, to_on=to_on)
    whereabouts.full_clean()
    whereabouts.save()
    return whereabouts
