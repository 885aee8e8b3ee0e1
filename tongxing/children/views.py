"""Pages of the children room: the list, an archive and its sections, who stands beside the child."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongxing.base import clock
from tongxing.base.facts import Source, ground_of
from tongxing.base.once import once_field, read_once
from tongxing.base.problems import ASK, Problem
from tongxing.base.records import Stale, seen
from tongxing.children import actions, forms, forms_beside, queries
from tongxing.children.choices import Section
from tongxing.children.models import Child
from tongxing.children.rules import FIELDS, is_stale
from tongxing.staff.access import may, places_for, reached_by
from tongxing.staff.models import Organisation, Region, within
from tongxing.staff.stale import read_version

PAGE = 50
COUNTED = 10_000  # above this a list says "many" instead of counting


def _child(request, child_id) -> Child:
    visible = Child.objects.visible_to(request.user).select_related("community", "household")
    return get_object_or_404(visible, pk=child_id)


def _look(request, child, page: str) -> None:
    seen(by=request.user, what="children.child", subject_id=child.pk, page=page, region=child.community_id)


@may("children.list")
def children(request):
    """The children one may see: searched, filtered, a page at a time."""
    text = request.GET.get("q", "").strip()[:60]
    hamlet = request.GET.get("hamlet", "").strip()[:40]
    left = request.GET.get("care") == "left"
    visible = Child.objects.visible_to(request.user).filter(in_care=not left)
    if hamlet:
        visible = visible.filter(hamlet=hamlet)
    before = after = ""
    if text:
        found = queries.search(request.user, text)
        count, total = len(found), None
    else:
        found, before, after = queries.page_of(
            visible, after=request.GET.get("after", ""), before=request.GET.get("before", ""), size=PAGE
        )
        count = visible.order_by()[: COUNTED + 1].count()
        total = count if count <= COUNTED else None
    seen(by=request.user, what="children.list", page="children:list", count=len(found))
    page = {
        "lines": queries.lines_of(found, clock.today()),
        "text": text,
        "hamlet": hamlet,
        "left": left,
        "count": count,
        "total": total,
        "many": count > COUNTED,
        "today": clock.today(),
        "previous_url": _cursor(request, "before", before),
        "next_url": _cursor(request, "after", after),
        "may_open": request.user.may("children.open"),
    }
    return render(request, "children/list.html", page)


def _cursor(request, side: str, cursor: str) -> str:
    if not cursor:
        return ""
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    query[side] = cursor
    return f"?{query.urlencode()}"


# ── an archive ───────────────────────────────────────────────────────────────────────────────────────────────────────


@may("children.look")
def archive(request, child_id):
    """An archive by sections: every value with its source and age."""
    child, on = _child(request, child_id), clock.today()
    _look(request, child, "children:archive")
    whole = queries.archive_of(child, on)
    facts = queries.facts_of(whole, queries.work_places([role.kin_id for role in whole.roles], on))
    may_correct = request.user.may("children.correct")
    page = {
        "child": child,
        "today": on,
        "child_head": queries.head_of(whole, request.user, on),
        "child_nav": queries.nav_of(child, "children:archive"),
        "sections": [_section(section, facts, whole, on) for section in Section],
        "may_correct": may_correct,
        "may_open": request.user.may("children.open"),
        "may_pair": request.user.may("children.pair"),
        "sees_level": request.user.may("children.attention"),
        "archive": whole,
        "once": once_field(),
    }
    return render(request, "children/archive.html", page)


def _section(section, facts: dict, whole, on) -> dict:
    """One section as the page shows it: its facts in words, what is missing, its ground."""
    ground = ground_of(whole.standings, section)
    rows, missing = [], []
    for name in FIELDS[section]:
        field = forms.ALL[name]
        value = facts[name]
        if name == "number_missing" and (facts["citizen_number"] or not value):
            continue
        if hasattr(field, "choices") and value:
            value = dict(field.choices).get(value, value)
        rows.append({"name": name, "label": field.label, "value": value})
        if not facts[name] and name not in ("father_place", "mother_place"):
            missing.append(field.label)
    return {
        "code": section.value,
        "title": section.label,
        "rows": rows,
        "missing": missing,
        "source": Source(ground.source).label if ground else "",
        "confirmed_on": ground.confirmed_on if ground else None,
        "stale": is_stale(ground.confirmed_on if ground else None, on),
    }


@may("children.correct")
def section(request, child_id, section):
    """Correct one section; a save that comes too late shows both values."""
    if section not in Section.values:
        raise Http404
    child, on = _child(request, child_id), clock.today()
    whole = queries.archive_of(child, on)
    stored = queries.facts_of(whole, queries.work_places([role.kin_id for role in whole.roles], on))
    sent = _chosen(request, stored) if request.method == "POST" else None
    form = forms.section_form(section)(sent, initial=stored, today=on)
    stale, status, version = None, 422 if form.is_bound else 200, child.version
    if form.is_bound and form.is_valid() and (facts := _placed(request, form, section, child, on)) is not None:
        try:
            actions.correct(
                by=request.user, key=read_once(request), child=child, section=section, facts=facts, on=on,
                version=read_version(request), source=Source.STAFF,
            )  # fmt: skip
        except actions.AlreadyArchived as known:
            form.add_error("citizen_number", _whose_number(request, known.child))
        except Stale:
            child.refresh_from_db()
            stale, status, version = _both(form, stored, child), 409, child.version
        else:
            messages.success(request, _("存好了：%(section)s") % {"section": Section(section).label})
            return redirect("children:archive", child.pk)
    if not form.is_bound:
        _look(request, child, "children:section")
    page = {
        "child": child, "form": form, "section": Section(section), "stale": stale, "version": version,
        "once": once_field(request),
    }  # fmt: skip
    return render(request, "children/section.html", page, status=status)


def _chosen(request, stored: dict):
    """What was sent, with the stored value wherever "now stored" was chosen."""
    sent = request.POST.copy()
    for name, value in stored.items():
        if sent.get(f"keep_{name}") == "theirs":
            sent[name] = value.isoformat() if hasattr(value, "isoformat") else value
    return sent


def _both(form, stored: dict, child) -> dict:
    """Rows of parts/stale.html: what was sent beside what is stored, where they differ."""
    rows = []
    for name, field in form.fields.items():
        mine, theirs = form.facts.get(name) or "", stored.get(name) or ""
        if mine != theirs:
            rows.append({"name": name, "label": field.label, "mine": mine, "theirs": theirs})
    return {"by": "", "at": None, "rows": rows}


def _placed(request, form, section, child, on) -> dict | None:
    """The facts as `correct` takes them: for the school section, organisations instead of words; None with an error."""
    facts = dict(form.facts)
    if section != Section.SCHOOL:
        return facts
    try:
        facts["school"], facts["class_name"] = actions.find_school(
            by=request.user,
            school=facts["school"] or "",
            class_name=facts["class_name"] or "",
            near=child.community,
            on=on,
        )
    except actions.NoSuchSchool as missing:
        form.add_error("school", str(missing))
        return None
    return facts


def _whose_number(request, other: Child) -> str:
    """That a number has an archive already: by name to who may see it, else only which township looks after it."""
    if Child.objects.visible_to(request.user).filter(pk=other.pk).exists():
        return _("这个号码已有档案：%(name)s") % {"name": other.name}
    township = Region.objects.filter(path=other.community_id[:9]).first()
    return _("这个号码已有档案，由%(place)s管理") % {"place": township.name if township else _("别的地方")}


@may("children.correct")
@require_POST
def confirm(request, child_id, section):
    """Everything in this section was asked again and is still true."""
    if section not in Section.values:
        raise Http404
    child = _child(request, child_id)
    actions.confirm_section(by=request.user, key=read_once(request), child=child, section=section, on=clock.today())
    messages.success(request, _("核对过了：%(section)s") % {"section": Section(section).label})
    return redirect("children:archive", child.pk)


@may("children.open")
def open_archive(request):
    """A new archive by hand: six fields first, the same child warned of while typing."""
    on = clock.today()
    communities = _communities(request)
    first = {
        "name": request.GET.get("name", "")[:72],
        "community": communities[0].path if len(communities) == 1 else "",
    }
    form = forms.OpenForm(request.POST or None, communities=communities, today=on, initial=first)
    twins = []
    if form.is_bound:
        form.is_valid()
        twins = queries.twins_of(request.user, {**form.facts, "birth_on": form.born()})
        if twins:
            form.doubt(Problem("name", "twin", _("可能已经有这个孩子的档案，请先看一眼"), ASK))
        if not request.POST.get("save") and request.htmx:
            return render(request, "children/open.html#twins", {"twins": twins})
    if form.is_bound and form.is_valid():
        try:
            child = actions.open_archive(
                by=request.user, key=read_once(request), facts=form.facts, on=on, school=_own_school(request),
                community=next(one for one in communities if one.path == form.cleaned_data["community"]),
            )  # fmt: skip
        except actions.AlreadyArchived as known:
            form.add_error("citizen_number", _whose_number(request, known.child))
        else:
            messages.success(request, _("建好了：%(name)s 的档案") % {"name": child.name})
            return redirect("children:archive", child.pk)
    page = {"form": form, "twins": twins, "once": once_field(request)}
    return render(request, "children/open.html", page, status=422 if form.is_bound else 200)


def _communities(request) -> list[Region]:
    """Communities in which this person may open archives: those of their posts."""
    found: list[Region] = []
    for path in places_for(request.user, "children.open"):
        found += Region.objects.standing().filter(within("path", path), path__regex=r"^\d{12}$").order_by("path")[:200]
    return found


def _own_school(request):
    """The school whose archivist this is; a child opened there is on its roll from the same day."""
    schools = reached_by(request.user).schools
    return Organisation.objects.filter(pk__in=schools).first() if schools else None


# ── beside the child ─────────────────────────────────────────────────────────────────────────────────────────────────


def _saved(request, child, words: str):
    messages.success(request, words % {"name": child.name})
    return redirect("desk:child", child.pk)


def _ask(request, child, form, *, title, button, **more):
    page = {"child": child, "form": form, "title": title, "button": button, "once": once_field(request), **more}
    return render(request, "children/ask.html", page, status=422 if form.is_bound else 200)


@may("children.pair")
def pair(request, child_id):
    """Give the child a helper, or another one."""
    child, on = _child(request, child_id), clock.today()
    whole = queries.archive_of(child, on)
    candidates = queries.helpers_for(child, on)
    form = forms_beside.PairForm(
        request.POST or None,
        candidates=candidates,
        current=whole.pairing,
        sibling_helpers=queries.helpers_of(whole.siblings, on),
        today=on,
        initial={"on": on, "helper": str(whole.pairing.helper_id) if whole.pairing else ""},
    )
    if form.is_bound and form.is_valid():
        facts = form.cleaned_data
        helper = next(staff for staff, _count in candidates if str(staff.pk) == facts["helper"])
        actions.pair(
            by=request.user, key=read_once(request), child=child, helper=helper, on=facts["on"],
            end_why=facts.get("end_why") or "",
        )  # fmt: skip
        return _saved(request, child, _("结对好了：%(name)s"))
    note = _("现在是 %(name)s") % {"name": whole.pairing.helper.name} if whole.pairing else ""
    return _ask(request, child, form, title=_("结对"), button=_("结对"), note=note)


@may("children.attention")
def attention(request, child_id):
    """Set how closely this child is watched over; nobody outside the staff ever sees it."""
    child, on = _child(request, child_id), clock.today()
    current = child.attentions.standing().filter(to_on=None).first()
    first = {"on": on, "level": current.level if current else ""}
    form = forms_beside.AttentionForm(request.POST or None, current=current, today=on, initial=first)
    if form.is_bound and form.is_valid():
        facts = form.cleaned_data
        actions.change_attention(
            by=request.user, key=read_once(request), child=child, level=facts["level"], on=facts["on"],
            reason=facts["reason"],
        )  # fmt: skip
        return _saved(request, child, _("记下了：%(name)s 的关注等级"))
    note = _("只有管这个孩子的工作人员看得到，不会印在任何纸上。")
    return _ask(request, child, form, title=_("关注等级"), button=_("记下"), note=note)


@may("children.correct")
def leave(request, child_id):
    """The child no longer needs this care."""
    child, on = _child(request, child_id), clock.today()
    episode = child.episodes.standing().filter(to_on=None).first()
    if episode is None:
        raise Http404
    form = forms_beside.LeaveForm(request.POST or None, since=episode.from_on, today=on, initial={"on": on})
    if form.is_bound and form.is_valid():
        actions.leave_care(by=request.user, key=read_once(request), child=child, **form.cleaned_data)
        return _saved(request, child, _("%(name)s 已退出关爱，档案留着"))
    return _ask(request, child, form, title=_("退出关爱"), button=_("退出"), note="")


@may("children.correct")
def move(request, child_id):
    """Another community answers for the child from now on."""
    child, on = _child(request, child_id), clock.today()
    episode = child.episodes.standing().filter(to_on=None).first()
    if episode is None:
        raise Http404
    near = Region.objects.standing().filter(within("path", child.community_id[:6]), path__regex=r"^\d{12}$")
    communities = list(near.exclude(path=child.community_id).order_by("path")[:500])
    form = forms_beside.MoveForm(
        request.POST or None, since=episode.from_on, communities=communities, today=on, initial={"on": on}
    )
    if form.is_bound and form.is_valid():
        facts = form.cleaned_data
        community = next(one for one in communities if one.path == facts["community"])
        actions.move_care(
            by=request.user, key=read_once(request), child=child, community=community, on=facts["on"], why=facts["why"]
        )
        messages.success(request, _("%(name)s 已转到%(place)s") % {"name": child.name, "place": community.name})
        return redirect("children:list")
    return _ask(
        request, child, form, title=_("转到别的社区"), button=_("转出"), note=_("走访、结对和档案都跟着孩子走。")
    )


@may("children.open")
def withdraw(request, child_id):
    """This archive was opened by mistake."""
    child = _child(request, child_id)
    form = forms_beside.WithdrawForm(request.POST or None, today=clock.today())
    if form.is_bound and form.is_valid():
        why = form.cleaned_data["why"]
        actions.withdraw_archive(by=request.user, key=read_once(request), child=child, why=why)
        messages.success(request, _("%(name)s 的档案已作废，记录和原因都留着") % {"name": child.name})
        return redirect("children:list")
    note = _("只用于录错、录重。孩子离开请用「退出关爱」。")
    return _ask(request, child, form, title=_("作废这份档案"), button=_("作废"), note=note)
