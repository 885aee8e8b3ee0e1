"""Who stands beside a child, and when a community answers for it no longer: one short form each."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.days import age_on
from tongxing.base.once import once_field
from tongxing.base.records import seen
from tongxing.children import actions, forms_beside, queries
from tongxing.children.models import Child
from tongxing.children.rules import MOST_PER_HELPER
from tongxing.children.views.deeds import carry_out, child_of, communities_of, done_before, look, status_of
from tongxing.staff.access import may, region_asked
from tongxing.staff.models import Region, within


def _page(request, child, form, *, was, title, button, note="", **more):
    """The page of one short form. A new page carries what is so now in its field `was`."""
    if not form.is_bound:
        look(request, child, f"children:{request.resolver_match.url_name}")
    page = {"child": child, "form": form, "title": title, "button": button, "note": note, "who": _who(child), **more}
    page |= {"was": str(was or ""), "once": once_field(request)}
    return render(request, "children/ask.html", page, status=status_of(form))


def _who(child) -> list[str]:
    """Below the name, so that nobody acts on a child of the same name."""
    age = _("%(age)s 岁") % {"age": age_on(child.birth_on, clock.today())} if child.birth_on else ""
    return [one for one in (child.get_sex_display(), age, child.community.name, child.hamlet) if one]


def _back(request, child_id, words: str):
    """To the child's page, or to the list where the child is no longer among one's own."""
    messages.success(request, words)
    if Child.objects.visible_to(request.user).filter(pk=child_id).exists():
        return redirect("desk:child", child_id)
    return redirect("children:list")


@may("children.pair")
def pair(request, child_id):
    """Give the child a helper, another one, or none until the next is known."""
    ends = request.POST.get("helper") == forms_beside.PairForm.NOBODY
    act = actions.end_pairing if ends else actions.pair
    if done_before(request, act):
        return _back(request, child_id, _("结对已经记下了"))
    child, on = child_of(request, child_id), clock.today()
    if not child.in_care:
        raise Http404
    current = queries.helper_of(child)
    siblings = queries.siblings_of(child)
    form = forms_beside.PairForm(
        request.POST or None, candidates=queries.helpers_for(child, on), current=current,
        sibling_helpers=queries.helpers_of(siblings, on), today=on, initial={"on": on},
    )  # fmt: skip
    about = {"pairing": current} if ends else {"child": child}
    if carry_out(request, form, act, was=current and current.pk, **about):
        return _back(request, child_id, _("记下了：%(name)s 的结对") % {"name": child.name})
    note = ""
    if current:
        said = {"name": current.helper.name, "day": current.from_on.isoformat()}
        note = _("现在是 %(name)s，%(day)s 起") % said
    return _page(request, child, form, was=current and current.pk, title=_("结对"), button=_("记下"), note=note)


@may("children.attention")
def attention(request, child_id):
    """Set how closely this child is watched over; nobody outside the staff ever sees it."""
    if done_before(request, actions.change_attention):
        return _back(request, child_id, _("关注等级已经记下了"))
    child, on = child_of(request, child_id), clock.today()
    current = child.attentions.standing().filter(to_on=None).first()
    first = {"on": on, "level": current.level if current else ""}
    form = forms_beside.AttentionForm(request.POST or None, current=current, today=on, initial=first)
    if carry_out(request, form, actions.change_attention, was=current and current.pk, child=child):
        return _back(request, child_id, _("记下了：%(name)s 的关注等级") % {"name": child.name})
    return _page(
        request, child, form, was=current and current.pk, title=_("关注等级"), button=_("记下"), attention=current,
        untold=True,
    )  # fmt: skip


def _in_care(request, child_id):
    """The child and the care episode that is to end; Http404 where there is none."""
    child = child_of(request, child_id)
    episode = child.episodes.standing().filter(to_on=None).first()
    if episode is None:
        raise Http404
    return child, episode


@may("children.open")
def leave(request, child_id):
    """The child no longer needs this care."""
    if done_before(request, actions.leave_care):
        return _back(request, child_id, _("已经退出了"))
    (child, episode), on = _in_care(request, child_id), clock.today()
    form = forms_beside.LeaveForm(request.POST or None, since=episode.from_on, today=on, initial={"on": on})
    if carry_out(request, form, actions.leave_care, was=episode.pk, child=child):
        return _back(request, child_id, _("%(name)s 已退出关爱，档案留着") % {"name": child.name})
    note = _("档案和走访记录都留着，不再列入要看望的人。结对同时结束。")
    return _page(request, child, form, was=episode.pk, title=_("退出关爱"), button=_("退出关爱"), note=note)


@may("children.open")
def move(request, child_id):
    """Another community answers for the child from now on."""
    if done_before(request, actions.move_care):
        return _back(request, child_id, _("已经转出了"))
    (child, episode), on = _in_care(request, child_id), clock.today()
    near = Region.objects.standing().filter(within("path", child.community_id[:6]), path__regex=r"^\d{12}$")
    form = forms_beside.MoveForm(
        request.POST or None, communities=list(near.exclude(path=child.community_id).order_by("path")[:500]),
        since=episode.from_on, today=on, initial={"on": on},
    )  # fmt: skip
    if moved := carry_out(request, form, actions.move_care, was=episode.pk, child=child):
        said = {"name": moved.name, "place": moved.community.name}
        return _back(request, child_id, _("%(name)s 已转到%(place)s") % said)
    note = _("走访、结对和档案都跟着孩子走；那边的儿童主任今天就能看到。")
    return _page(request, child, form, was=episode.pk, title=_("转到别的社区"), button=_("转出"), note=note)


@may("children.open")
def come_back(request, child_id):
    """A child who had left is looked after again."""
    if done_before(request, actions.return_to_care):
        return _back(request, child_id, _("已经回来了"))
    child, on = child_of(request, child_id), clock.today()
    if child.in_care:
        return _back(request, child_id, _("这个孩子在册"))
    left = child.episodes.standing().order_by("-from_on", "-id").first()
    here = communities_of(request.user)
    first = {"on": on, "community": child.community_id if child.community in here else here[0].path if here else ""}
    form = forms_beside.ReturnForm(
        request.POST or None, communities=here, since=left and left.to_on, today=on, initial=first
    )
    if carry_out(request, form, actions.return_to_care, was=child.version, child=child):
        return _back(request, child_id, _("%(name)s 又在册了") % {"name": child.name})
    note = _("档案接着用。要不要结对、定等级，回来以后再看。")
    return _page(request, child, form, was=child.version, title=_("又回来了"), button=_("恢复在册"), note=note)


@may("children.pair")
def board(request):
    """Who walks with whom: children without a helper first, then each helper with load and children."""
    on = clock.today()
    scope = queries.scope_of(request.user, region_asked(request))
    found = queries.board_of(scope, request.user, on)
    shown = len(found.unpaired) + sum(len(one.children) for one in found.helpers)
    seen(by=request.user, what="children.list", page="children:board", region=scope.region, count=shown)
    page = {"board": found, "today": on, "most": MOST_PER_HELPER}
    return render(request, "children/board.html", page)


@may("children.open")
def withdraw(request, child_id):
    """This archive was opened by mistake."""
    if done_before(request, actions.withdraw_archive):
        return _back(request, child_id, _("已经作废了"))
    child = child_of(request, child_id)
    form = forms_beside.WithdrawForm(request.POST or None, today=clock.today())
    if carry_out(request, form, actions.withdraw_archive, was=child.version, child=child):
        return _back(request, child_id, _("%(name)s 的档案已作废，记录和原因都留着") % {"name": child.name})
    note = _("只用于录错、录重。孩子离开请用「退出关爱」。")
    return _page(request, child, form, was=child.version, title=_("作废这份档案"), button=_("作废"), note=note)
