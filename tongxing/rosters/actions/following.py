"""What is found of two archives when they become one, or two again."""

from django.db.models import F, Q

from tongxing.base.records import current_deed
from tongxing.rosters.actions.judging import take_back
from tongxing.rosters.choices import Heap, Verdict
from tongxing.rosters.findings import Decision, Finding


def follow_merge(merge, moves) -> None:
    """Rows that stood beside the archive that is gone stand beside the one that remains; nobody asks about it again."""
    gone, child = merge.gone_id, merge.child_id
    for finding in Finding.objects.filter(child=gone, row__isnull=False):
        moves.change(finding, child_id=child)
    turned = Decision.objects.filter(Q(child=child) | Q(other=child), other__isnull=False, child__gt=F("other"))
    for decision in turned:
        moves.change(decision, child_id=decision.other_id, other_id=decision.child_id)  # the earlier first, as found
    open_ones = Finding.objects.filter(Q(decision=None) | Q(decision__verdict=Verdict.UNSURE))
    open_ones.filter(heap=Heap.UNLISTED, child=gone).delete()
    if Finding.objects.filter(child=child, heap__in=(Heap.ARCHIVED, Heap.PROBABLE)).exists():
        open_ones.filter(heap=Heap.UNLISTED, child=child).delete()
    doubles = Finding.objects.filter(Q(child=gone) | Q(other=gone), heap=Heap.DOUBLE)
    open_ones.filter(pk__in=doubles.values("pk")).delete()
    for finding in doubles.exclude(child=child).exclude(other=child):
        two = sorted({finding.child_id, finding.other_id} - {gone} | {child})
        if not moves.change(finding, child_id=two[0], other_id=two[1]):
            finding.delete()


def follow_parting(merge) -> None:
    """They were two children: that they are one was wrong, and is asked again."""
    two = {merge.child_id, merge.gone_id}
    said = Finding.objects.filter(heap=Heap.DOUBLE, child__in=two, other__in=two, decision__verdict=Verdict.SAME)
    for finding in said.select_related("decision"):
        take_back(by=current_deed().by, decision=finding.decision, why=merge.withdrawn_why)
