"""Every write of the care room."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.ids import new_id
from tongxing.base.records import action, current_deed
from tongxing.care.choices import ActKind
from tongxing.care.models import Cadence, LastAct, Visit
from tongxing.children.models import Child
from tongxing.children.queries import as_they_stand


def note_last(child: Child, kind: str, on: date) -> None:
    """Move the child's last act of this kind forward to `on`; never back."""
    if not LastAct.objects.filter(child=child, kind=kind, on__lt=on).update(on=on):
        LastAct.objects.bulk_create([LastAct(child=child, kind=kind, on=on)], ignore_conflicts=True)


def last_seen(child: Child) -> date | None:
    """The last day somebody saw the child at home, from the visits themselves."""
    return Visit.objects.standing().filter(child=child, saw_child=True).aggregate(on=Max("visited_on"))["on"]


@action("care.record_visit")
def record_visit(
    *, by, children: list[Child], visited_on: date, seen: set[Child] | None = None, outing_id=None, **facts
) -> list[Visit]:
    """One round to one door: a Visit for each child of the household who was asked after.

    `seen` are the children met; the rest of `facts` are Visit's own fields and hold for all. A day that has not come
    yet is refused: what is planned was not done.
    """
    if visited_on > clock.today():
        raise ValidationError(_("还没到的日子不能记走访"))
    outing_id = outing_id or new_id()
    stands = as_they_stand(children)
    seen = {stands[child.pk].pk for child in (children if seen is None else seen)}
    visits = []
    for child in dict.fromkeys(stands.values()):
        visit = Visit(
            child=child,
            outing_id=outing_id,
            visitor=by,
            visited_on=visited_on,
            written_at=clock.now(),
            saw_child=child.pk in seen,
            **facts,
        )
        visit.save()
        if visit.saw_child:
            note_last(child, ActKind.VISIT, visited_on)
        visits.append(visit)
    current_deed().on = visited_on
    return visits


@action("care.withdraw_visit")
def withdraw_visit(*, by, visit: Visit, why: str) -> Visit:
    """Take a visit back out of every figure; it stays readable with its reason."""
    visit.withdraw(by=by, why=why)
    rebuild_last(visit.child)
    return visit


def rebuild_last(child: Child) -> None:
    """Set the child's last visit to what the visits say."""
    LastAct.objects.filter(child=child, kind=ActKind.VISIT).delete()
    if on := last_seen(child):
        note_last(child, ActKind.VISIT, on)


def follow_merge(merge, moves) -> None:
    """Two archives became one: of one round to both a single visit counts, the one that saw the child."""
    for visit in Visit.objects.filter(child=merge.gone):  # its round has visited the other one as well
        twin = Visit.objects.get(child=merge.child, outing_id=visit.outing_id)
        moves.change(visit, child_id=merge.child_id, outing_id=new_id())
        less = visit if twin.saw_child or not visit.saw_child else twin
        if visit.withdrawn_at is None and twin.withdrawn_at is None:
            moves.withdraw(less)
    follow_parting(merge)


def follow_parting(merge) -> None:
    """Whose the last visits are is reckoned anew."""
    for child in (merge.child, merge.gone):
        rebuild_last(child)


@action("care.set_cadence")
def set_cadence(*, by, region: str, level: str, days: int) -> Cadence:
    """How often a place visits children of a level. The earlier setting is withdrawn, not changed."""
    earlier = Cadence.objects.standing().filter(region=region, level=level).first()
    if earlier and earlier.days == days:
        return earlier
    if earlier:
        earlier.withdraw(by=by, why=_("改了频次"))
    cadence = Cadence(region=region, level=level, days=days)
    cadence.full_clean()
    cadence.save()
    return cadence
