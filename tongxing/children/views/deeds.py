"""What the pages of one child have in common: whose it is, the look, one form that acts once and never on old news."""

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from tongxing.base.once import answered, read_once
from tongxing.base.records import Stale, seen
from tongxing.children.models import Child
from tongxing.staff.access import places_for
from tongxing.staff.models import Region, within


def child_of(request, child_id) -> Child:
    """A child this person may see; Http404 for anybody else's."""
    visible = Child.objects.visible_to(request.user).select_related("community", "household")
    return get_object_or_404(visible, pk=child_id)


def communities_of(staff) -> list[Region]:
    """Communities in which this person may open archives: those of their posts."""
    found: list[Region] = []
    for path in places_for(staff, "children.open"):
        found += Region.objects.standing().filter(within("path", path), path__regex=r"^\d{12}$").order_by("path")[:200]
    return found


def look(request, child: Child, page: str) -> None:
    seen(by=request.user, what="children.child", subject_id=child.pk, page=page, region=child.community_id)


def done_before(request, act) -> bool:
    """Whether this very request was answered already. Asked first: what it did may have put the child out of sight."""
    return answered(request, act) is not None


def carry_out(request, form, act, *, was, **fixed):
    """Do what the form asks for; None where the page must be shown again.

    `fixed` and the form's facts are the action's keywords. `was` is what the page was filled from: a page that states
    something older (its field `was`) is shown again, with what is so now, before anything is written.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    form.late = request.POST.get("was", "") != str(was or "")
    try:
        if not form.late:
            wanted = form.wanted() if hasattr(form, "wanted") else form.cleaned_data
            return act(by=request.user, key=read_once(request), **fixed, **wanted)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
    except Stale:
        form.late = True
    if form.late:
        form.add_error(None, _("你打开这一页以后，别人改过这里。看一眼现在的，还是要改就再按一次。"))
    return None


def status_of(form) -> int:
    """200 for a fresh page, 422 with problems, 409 when somebody else was first."""
    return 409 if getattr(form, "late", False) else 422 if form.is_bound else 200
