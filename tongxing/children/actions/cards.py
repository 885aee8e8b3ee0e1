"""The contact card: kept beside the archive, and confirmed as a whole."""

from collections.abc import Iterable
from datetime import date

from tongxing.base import clock
from tongxing.base.facts import Source, stand_on
from tongxing.base.records import action, current_deed
from tongxing.children.models import Child, ContactCard
from tongxing.children.queries.cards import CARD, facts_of_cards
from tongxing.children.rules import card_lacks


def keep_cards(children: Iterable[Child], on: date) -> None:
    """Write down what the cards of these children lack from `on`, where that is something else than before.

    A day before the newest row's counts from that row's day: what was kept of the past is not rewritten.
    """
    ids = [child.pk for child in children]
    newest = {}
    for row in ContactCard.objects.filter(child__in=ids).order_by("from_on"):
        newest[row.child_id] = row
    for child_id, facts in facts_of_cards(ids).items():
        lacks, row = " ".join(card_lacks(facts)), newest.get(child_id)
        if row and row.lacks == lacks:
            continue
        if row and row.from_on >= on:
            ContactCard.objects.filter(pk=row.pk).update(lacks=lacks)
        else:
            ContactCard(child_id=child_id, from_on=on, lacks=lacks).save(force_insert=True)


def rebuild_card(child: Child) -> None:
    """Set the child's newest card to what the archive says today."""
    keep_cards([child], clock.today())


@action("children.confirm_card")
def confirm_card(*, by, child: Child, on: date, source=Source.FAMILY) -> Child:
    """Somebody has asked again, and everything on the card is still true. `source` says how they asked."""
    stand_on(child.pk, covers=CARD, source=source, confirmed_on=on)
    current_deed().changes[child.subject()].append((f"child:{child.pk}", "confirmed.card", None, on, False, False))
    return child
