"""Pages of reconciliation: start one, share the queue, look at two sides and decide, undo."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from tongxing.base import clock, jobs
from tongxing.base.jobs import JobState
from tongxing.base.once import answered, once_field, read_once
from tongxing.base.records import seen
from tongxing.children.models import Child
from tongxing.children.queries import remaining_of
from tongxing.rosters import actions, reviewing
from tongxing.rosters.choices import Heap, RosterState, Verdict
from tongxing.rosters.findings import Decision, Finding, Reconciliation
from tongxing.rosters.forms_reconciling import BackForm, VerdictForm
from tongxing.rosters.views.finding import roster_of
from tongxing.staff.access import covers, may, places_for
from tongxing.staff.models import Staff

PAGE = 30
STEPS = {
    "": gettext_lazy("排队中"),
    "reading": gettext_lazy("正在读名单和档案"),
    "linking": gettext_lazy("正在一个一个对"),
    "writing": gettext_lazy("正在写下结果"),
    "done": gettext_lazy("对完了"),
}
TABS = (
    (reviewing.OPEN, gettext_lazy("要你看一看")),
    (reviewing.NONE, gettext_lazy("没有档案")),
    (reviewing.UNLISTED, gettext_lazy("不在名单上")),
    (reviewing.ASKED, gettext_lazy("问学校")),
    (reviewing.UNSURE, gettext_lazy("拿不准")),
    (reviewing.MERGE, gettext_lazy("等合并")),
    (reviewing.DONE, gettext_lazy("定过的")),
)


def _finding(request, finding_id) -> Finding:
    visible = Finding.objects.visible_to(request.user)
    related = ("row__roster__attachment", "row__roster__sender", "row__listed", "child__community", "decision")
    return get_object_or_404(visible.select_related(*related), pk=finding_id)


def _runs(request) -> list[dict]:
    """The places this person may have reconciled, each with its newest run."""
    today = clock.today()
    made = []
    for region in reviewing.regions_for(request.user):
        run = reviewing.last_run(region.path)
        at_work = run is not None and run.finished_at is None
        made.append(
            {
                "region": region,
                "run": run,
                "job": run.job if at_work else None,
                "failed": at_work and run.job.state == JobState.FAILED,
                "title": STEPS.get(run.step, "") if run else "",
                "lists": reviewing.lists_in(region.path, today),
                "url": reverse("rosters:reconcile_progress", args=[run.pk]) if run else "",
            }
        )
    return made


@may("rosters.import")
@require_safe
def queue(request):
    """What reconciliations found: what is to be decided, and everything else by heap."""
    counts = reviewing.counts(request.user)
    names = [name for name, _words in TABS]
    tab = request.GET.get("tab", "")
    tab = tab if tab in names else next((name for name in names[:-1] if counts[name]), reviewing.OPEN)
    page = Paginator(reviewing.tab_of(request.user, tab), PAGE, allow_empty_first_page=True)
    page = page.get_page(request.GET.get("page"))
    lines = reviewing.lines_of(list(page.object_list), request.user, clock.now())
    if lines:
        seen(by=request.user, what="rosters.findings", page="rosters:findings", count=len(lines))
    runs = _runs(request)
    context = {
        "runs": runs,
        "compared": any(one["run"] and one["run"].finished_at for one in runs),
        "piles": [(name, words, counts[name]) for name, words in TABS if counts[name] or name == tab],
        "pile": tab,
        "lines": lines,
        "page": page,
        "heaps": reviewing.heaps_of(request.user),
        "today": clock.today(),
        "once": once_field(request),
    }
    return render(request, "rosters/findings.html", context)


@may("rosters.import")
@require_POST
def start(request):
    """Let the worker hold the lists of a place beside its archives."""
    path = request.POST.get("region", "")
    if path not in [region.path for region in reviewing.regions_for(request.user)]:
        raise Http404
    actions.start_reconciliation(by=request.user, key=read_once(request), region=path, on=clock.today())
    return redirect("rosters:findings")


def _run(request, run_id) -> Reconciliation:
    run = get_object_or_404(Reconciliation.objects.select_related("job"), pk=run_id)
    own = places_for(request.user, "rosters.import")
    if not (covers(own, run.region) or any(place.startswith(run.region) for place in own)):
        raise Http404
    return run


@may("rosters.import")
@require_safe
def progress(request, run_id):
    """How far a run is: a part that asks again every second, and leads to the queue when it is over."""
    run = _run(request, run_id)
    page = reverse("rosters:findings")
    if run.finished_at is None and request.htmx and run.job.state != JobState.FAILED:
        context = {"job": run.job, "title": STEPS.get(run.step, ""), "url": request.path, "done_words": ""}
        return render(request, "rosters/findings.html#progress", context)
    return HttpResponseClientRedirect(page) if request.htmx else redirect(page)


@may("rosters.import")
@require_POST
def again(request, run_id):
    """Let a run that ended in trouble go on."""
    run = _run(request, run_id)
    if run.finished_at is None and run.job.state == JobState.FAILED:
        jobs.again(run.job)
    return redirect("rosters:findings")


@may("rosters.import")
def review(request, finding_id):
    """Two sides and the reasons; one of several answers, each of which can be taken back."""
    finding = _finding(request, finding_id)
    if merged := _merged(request, finding):
        messages.info(request, _("这一对已经合并成一份档案了"))
        return redirect("children:archive", merged.pk)
    form = VerdictForm(request.POST or None, finding=finding)
    if request.method == "POST":
        if earlier := answered(request, actions.judge):
            return _decided(request, earlier, finding)
        held = _may_see(request, finding)
        if form.is_valid() and held:
            given = form.cleaned_data
            try:
                decision = actions.judge(
                    by=request.user, key=read_once(request), finding=finding, verdict=given["verdict"],
                    on=clock.today(), words=given["words"], why=given.get("why") or "", version=given["version"],
                )  # fmt: skip
            except actions.DecidedAlready as late:
                _say_late(request, late)
                return redirect("rosters:review", finding.pk)
            except actions.NotTheSame as no:
                form.add_error(None, str(no))
            except ValueError:
                raise Http404 from None
            else:
                return _decided(request, decision, finding)
    return _show(request, finding, form)


def _merged(request, finding: Finding) -> Child | None:
    """The one archive two have become, where this person may see it."""
    if finding.heap != Heap.DOUBLE or not (finding.child.withdrawn_at or finding.other.withdrawn_at):
        return None
    remains, other = (remaining_of(one.pk) or one for one in (finding.child, finding.other))
    if remains != other:
        return None  # one of them has become part of a third
    return Child.objects.visible_to(request.user).filter(pk=remains.pk).first()


def _may_see(request, finding: Finding) -> bool:
    """Whether every archive of this finding is one this person may open."""
    ids = {pk for pk in (finding.child_id, finding.other_id) if pk}
    return Child.objects.visible_to(request.user).filter(pk__in=ids).count() == len(ids)


def _say_late(request, late) -> None:
    words = _("%(name)s 刚定过这一条，请看看现在的样子") % {"name": late.by} if late.by else ""
    messages.warning(request, words or _("这一条刚变了，请看看现在的样子"))


def _decided(request, decision: Decision, finding: Finding):
    """A word with an undo, and on to the next one nobody else is at."""
    back = reverse("rosters:take_back", args=[decision.pk])
    said = Verdict(decision.verdict).label
    messages.success(request, _("记下了：%(said)s") % {"said": said}, extra_tags=f"undo {back}")
    if finding.heap == Heap.DOUBLE and decision.verdict == Verdict.SAME and request.user.may("children.merge"):
        return redirect("children:merge", finding.child_id, finding.other_id)
    following = reviewing.next_open(request.user, finding.pk, clock.now())
    return redirect("rosters:review", following.pk) if following else redirect("rosters:findings")


def _waits_for_merge(finding: Finding) -> bool:
    """Whether these two archives are said to be one child's, and are still two."""
    said_same = finding.heap == Heap.DOUBLE and finding.decision and finding.decision.verdict == Verdict.SAME
    return bool(said_same) and not (finding.child.withdrawn_at or finding.other.withdrawn_at)


def _show(request, finding: Finding, form):
    comparison = reviewing.compare(finding, request.user, clock.today())
    if finding.child_id and comparison.may_decide:
        for child in filter(None, (finding.child, finding.other)):
            seen(
                by=request.user, what="children.child", subject_id=child.pk, page="rosters:review",
                region=child.community_id,
            )  # fmt: skip
    if finding.row_id:
        roster = finding.row.roster
        seen(
            by=request.user, what="rosters.roster", subject_id=roster.pk, page="rosters:review",
            region=roster.community_id,
        )  # fmt: skip
    holder = actions.claim(finding, request.user) if finding.is_open and comparison.may_decide else ""
    decided_by = Staff.objects.filter(pk=finding.decision.by_id).first() if finding.decision else None
    page = {
        "finding": finding,
        "comparison": comparison,
        "form": form,
        "version": finding.decision.version if finding.decision else 0,
        "holder": holder,
        "decided_by": decided_by.name if decided_by else "",
        "waiting": reviewing.counts(request.user)[reviewing.OPEN],
        "is_row": bool(finding.row_id),
        "is_double": finding.heap == Heap.DOUBLE,
        "is_unlisted": finding.heap == Heap.UNLISTED,
        "is_none": finding.heap == Heap.NONE,
        "may_ask": bool(finding.row_id),
        "may_merge": request.user.may("children.merge"),
        "to_merge": _waits_for_merge(finding) and comparison.may_decide and request.user.may("children.merge"),
        "once": once_field(request),
        "today": clock.today(),
    }
    return render(request, "rosters/review.html", page, status=422 if form.is_bound else 200)


@may("rosters.import")
def take_back(request, decision_id):
    """Undo a decision: at once from the message that named it, with a reason from the page."""
    decision = get_object_or_404(Decision.objects.standing(), pk=decision_id)
    finding = Finding.objects.visible_to(request.user).filter(decision=decision).order_by("id").first()
    if finding is None:
        raise Http404
    form = BackForm(request.POST if "why" in request.POST else None)
    quick = request.method == "POST" and "why" not in request.POST
    if quick or (form.is_bound and form.is_valid()):
        why = _("马上撤销") if quick else form.cleaned_data["why"]
        try:
            actions.take_back(by=request.user, key=read_once(request), decision=decision, why=why)
        except actions.DecidedAlready as late:
            _say_late(request, late)
        except actions.NotTheSame as no:
            messages.warning(request, str(no))
        else:
            messages.success(request, _("撤销了，这一条又回到要看的里面"))
        return redirect("rosters:review", finding.pk)
    page = {"decision": decision, "finding": finding, "form": form, "once": once_field(request)}
    return render(request, "rosters/take_back.html", page, status=422 if form.is_bound else 200)


@may("rosters.import")
def set_aside(request, roster_id):
    """A list that was read and held beside archives, and is not to be used after all."""
    roster = roster_of(request, roster_id)
    if roster.state != RosterState.READY:
        return redirect("rosters:roster", roster.pk)
    form = BackForm(request.POST or None)
    if form.is_bound and form.is_valid():
        actions.set_aside(by=request.user, key=read_once(request), roster=roster, **form.cleaned_data)
        messages.success(request, _("不用这份名单了"))
        return redirect("rosters:findings")
    page = {"roster": roster, "form": form, "once": once_field(request)}
    return render(request, "rosters/set_aside.html", page, status=422 if form.is_bound else 200)
