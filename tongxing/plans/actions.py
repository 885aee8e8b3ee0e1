"""Every write of the plans room."""

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.attachments import keep
from tongxing.base.measures import Arrangement, Duty
from tongxing.base.records import Stale, action
from tongxing.children.models import Child
from tongxing.plans.choices import STAND_IN_DAYS, PlanState
from tongxing.plans.models import Commitment, Goal, Plan
from tongxing.plans.reading import Item, PlanRead
from tongxing.staff.models import Grant, Region


@action("plans.arrange")
def arrange(*, by, duty: Duty, on: date, reason: str, owner=None, postponed_to: date | None = None) -> Arrangement:
    """Lay a promise over a gap: another day, or another person. The gap stays a gap.

    Asking somebody is approving that they look: who could not open this child's file may from now on, for a month.
    Asking another instead takes that back. Who puts off what they were asked to do has it no longer than before.
    """
    earlier = list(Arrangement.objects.holding(on).filter(measure=duty.measure.code, subject_id=duty.subject_id))
    for one in earlier:
        one.withdraw(by=by, why=reason)
    own = next((one for one in earlier if owner and owner.pk == one.owner_id == by.pk), None)
    month = on + timedelta(days=STAND_IN_DAYS) if owner else None
    arrangement = Arrangement(
        measure=duty.measure.code,
        subject_id=duty.subject_id,
        region=duty.region,
        period=duty.measure.period(on),
        reason=reason,
        owner_id=owner.pk if owner else None,
        postponed_to=postponed_to,
        until_on=max(filter(None, (postponed_to, own.until_on if own else month)), default=None),
    )
    arrangement.full_clean()
    arrangement.save()
    for asked in {one.owner_id for one in earlier if one.owner_id}:
        if not Arrangement.objects.holding(on).filter(subject_id=duty.subject_id, owner_id=asked).exists():
            _look_no_more(asked, duty, by=by, why=reason)
    if owner and not own:
        _look_no_more(owner.pk, duty, by=by, why=reason)  # asked again: a month from now
        _let_look(owner, duty, reason)
    return arrangement


def _look_no_more(asked, duty: Duty, *, by, why: str) -> None:
    """What `_let_look` opened closes; approval that somebody gave for another reason, and for other days, stays."""
    looks = Grant.objects.holding(clock.now()).filter(staff=asked, reach="child", child_id=duty.subject_id)
    for look in looks:
        if look.until_at - look.from_at == timedelta(days=STAND_IN_DAYS):
            look.withdraw(by=by, why=why)


def _let_look(owner, duty: Duty, reason: str) -> None:
    child = Child.objects.filter(pk=duty.subject_id).first()
    if child is None or Child.objects.visible_to(owner).filter(pk=child.pk).exists():
        return
    now = clock.now()
    Grant(
        staff=owner,
        reach="child",
        child_id=child.pk,
        region=child.community_id,
        why=_("请人代办：%(reason)s") % {"reason": reason},
        from_at=now,
        until_at=now + timedelta(days=STAND_IN_DAYS),
    ).save()


# ── written plans ────────────────────────────────────────────────────────────────────────────────────────────────────


@action("plans.bring")
def bring(*, by, content: bytes, name: str, region: Region, plans: list[PlanRead], on: date) -> list[Plan]:
    """Keep a file and what was read of it; each of its plans waits until a person has looked at it."""
    attachment = keep(content, name=name[:200], kind="plan", region=region.path)
    found = []
    for place, read in enumerate(plans, 1):
        plan = Plan(
            region=region,
            title=(read.title or name.rpartition(".")[0] or name)[:80],
            year=read.year,
            from_on=date(read.year, 1, 1) if read.year else None,
            to_on=date(read.year, 12, 31) if read.year else None,
            attachment=attachment,
            place=place,
            truncated=read.truncated,
            aside=[line[:200] for line in read.aside[:200]],
            brought_by_id=by.pk,
            brought_on=on,
        )
        plan.save()
        _keep_items(plan, read)
        found.append(plan)
    return found


def _keep_items(plan: Plan, read: PlanRead) -> None:
    """The goals in their order, then the promises before the lists, then the measures."""
    place = 0
    for item in read.goals:
        place += 1
        goal = Goal(plan=plan, place=place, number=item.number[:12], text=item.text, target=_percent(item.target))
        goal.save()
        _commitment(plan, place, item, goal).save()
    for item in (*read.also, *read.measures):
        place += 1
        _commitment(plan, place, item).save()


def _commitment(plan: Plan, place: int, item: Item, goal: Goal | None = None) -> Commitment:
    return Commitment(
        plan=plan,
        goal=goal,
        place=place,
        number=item.number[:12],
        under=item.under[:80],
        heading=item.heading[:80],
        text=item.text,
        rows=item.rows,
        evidence=[{"row": one.row, "words": list(one.words), "sentence": one.sentence} for one in item.evidence],
        mended=item.mended,
        target=_percent(item.target),
        owner_written=(item.owner or "")[:40],
        due_written=(item.due or "")[:40],
        due_on=item.due_on,
    )


def _percent(target) -> Decimal | None:
    return None if target is None else Decimal(str(target))


@action("plans.start")
def start(*, by, plan: Plan, on: date, title: str, year: int | None, from_on: date | None, to_on: date | None) -> Plan:
    """A person has looked at what was read: from `on` this plan holds, and the one before it is history.

    Raises Stale where it waits no longer: what was typed by the second is not what holds.
    """
    plan = Plan.objects.standing().get(pk=plan.pk)
    if plan.state != PlanState.READ:
        raise Stale(plan)
    for earlier in Plan.objects.standing().filter(region=plan.region_id, state=PlanState.IN_FORCE):
        earlier.state, earlier.replaced_on = PlanState.REPLACED, on
        earlier.save()
    plan.title, plan.year, plan.from_on, plan.to_on = title, year, from_on, to_on
    plan.state, plan.in_force_on = PlanState.IN_FORCE, on
    plan.full_clean()
    plan.save()
    return plan


@action("plans.set_commitment")
def set_commitment(*, by, commitment: Commitment, version: int | None = None, **facts) -> Commitment:
    """Say by hand what a commitment is about (`rows`), who does it, by when, how far. Raises Stale."""
    one = Commitment.objects.standing().select_related("plan").get(pk=commitment.pk)
    for name, value in facts.items():
        setattr(one, name, value)
    if version is not None and version != one.version:
        raise Stale(one)
    one.full_clean(exclude=["plan", "goal"])
    one.save()
    if one.goal_id and one.goal.target != one.target:
        one.goal.target = one.target
        one.goal.save()
    return one


@action("plans.add_commitment")
def add_commitment(*, by, plan: Plan, text: str, **facts) -> Commitment:
    """A promise that reading missed, or that was made later; it stands at the end of the plan."""
    last = Commitment._base_manager.filter(plan=plan).aggregate(last=Max("place"))["last"] or 0
    one = Commitment(plan=plan, place=last + 1, heading=text[:80] if len(text) <= 40 else "", text=text, **facts)
    one.full_clean(exclude=["plan"])
    one.save()
    return one


@action("plans.drop_commitment")
def drop_commitment(*, by, commitment: Commitment, why: str) -> Commitment:
    """What was read as a promise is none; it stays in the history with the reason."""
    commitment.withdraw(by=by, why=why)
    if commitment.goal_id:
        commitment.goal.withdraw(by=by, why=why)
    return commitment


@action("plans.drop")
def drop(*, by, plan: Plan, why: str) -> Plan:
    """A plan that was read and is not wanted: another's, broken off, the wrong file."""
    if plan.state == PlanState.READ:
        plan.withdraw(by=by, why=why)
    return plan
