"""Open, correct, confirm, move, leave, withdraw, erase an archive."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from tongxing.base import clock, phones
from tongxing.base.bulk import records_of
from tongxing.base.facts import Source
from tongxing.base.records import Event, Record, action, current_deed
from tongxing.base.sealed import SealedField, digest
from tongxing.children.actions.cards import keep_cards
from tongxing.children.actions.composing import ArchiveContext, Neighbour, compose
from tongxing.children.actions.correcting import AlreadyArchived, archived_numbers, note_deed
from tongxing.children.merges import Merge
from tongxing.children.models import CareEpisode, Child, Household, Kin, KinRole, Lookup
from tongxing.children.queries import twins_of
from tongxing.children.queries.cards import KIN_COLUMNS
from tongxing.children.queries.merging import became_part_of, doors_before, pointing_at
from tongxing.children.rules import completed
from tongxing.staff.models import Classroom, Region


class PerhapsTheSame(Exception):
    """A child who may be this one was written down meanwhile; `twins` are they."""

    def __init__(self, twins):
        super().__init__(len(twins))
        self.twins = twins


def known_carers(community: Region, spoken: list[str]) -> dict[str, Neighbour]:
    """Carers of this community already on file by these phones, by phone digest.

    The kin first, by their index: joined in one query, a database whose statistics are older than an import reads every
    role for every child.
    """
    wanted = [digest("phone", phones.key(phone)) for phone in spoken if phone]
    kin = {
        row["pk"]: row for row in Kin.objects.filter(phone_index__in=wanted).values("pk", "phone_index", *KIN_COLUMNS)
    }
    if not kin:
        return {}
    roles = KinRole.objects.standing().filter(
        kin_id__in=list(kin), to_on=None, child__community=community, child__withdrawn_at=None
    )
    rows = roles.values_list("kin_id", "child__household_id", "child__household__address")
    return {
        kin[kin_id]["phone_index"]: Neighbour(kin_id, household_id, kin[kin_id], address)
        for kin_id, household_id, address in rows
    }


@action("children.open_archive")
def open_archive(
    *,
    by,
    facts: dict,
    community: Region,
    on: date,
    source=Source.STAFF,
    school=None,
    classroom: Classroom | None = None,
    seen_twins: set | None = None,
) -> Child:
    """Open one child's archive. Raises AlreadyArchived where the number has one.

    With `seen_twins`, the children a person has looked at and said not to be this one, PerhapsTheSame is raised where
    another has come meanwhile. Two people who write down one child at once wait for each other here.
    """
    facts = completed(facts)
    if seen_twins is not None:
        Region.objects.select_for_update().get(pk=community.pk)
    if (number := facts.get("citizen_number")) and (known := archived_numbers([number])):
        raise AlreadyArchived(Child.objects.get(pk=next(iter(known.values()))))
    if seen_twins is not None and (new := [one for one in twins_of(by, facts) if one.pk not in seen_twins]):
        raise PerhapsTheSame(new)
    context = ArchiveContext(
        community=community,
        on=on,
        source=source,
        by=by,
        school=school,
        classroom=classroom,
        neighbours=known_carers(community, [facts.get("carer_phone")]),
    )
    rows = records_of(compose(facts, context))
    for row in rows:
        if isinstance(row, Lookup):
            continue
        row.save(force_insert=True) if not isinstance(row, Record) else row.save()
    Lookup.objects.bulk_create([row for row in rows if isinstance(row, Lookup)])
    return next(row for row in rows if isinstance(row, Child))


def _close_episode(child, on, why):
    episode = child.episodes.standing().get(to_on=None)
    episode.to_on, episode.why_out = on, why
    episode.save()


@action("children.move_care")
def move_care(*, by, child: Child, community: Region, on: date, why: str) -> Child:
    """Another community answers for the child from `on`. The helper's pairing goes on until somebody ends it."""
    _close_episode(child, on, why)
    child.community = community
    child.save()
    CareEpisode(child=child, community=community, from_on=on, why_in=why).save()
    Lookup.objects.filter(child=child).update(community=community.path)
    return child


@action("children.leave_care")
def leave_care(*, by, child: Child, on: date, why: str) -> Child:
    """The child needs this care no longer: parents back, grown up, moved away."""
    _close_episode(child, on, why)
    for open_one in [*child.pairings.standing().filter(to_on=None)]:
        open_one.to_on, open_one.end_why = max(on, open_one.from_on), why
        open_one.save()
    child.in_care = False
    child.save()
    return child


@action("children.return_to_care")
def return_to_care(*, by, child: Child, community: Region, on: date, why: str) -> Child:
    """A child who had left is looked after again, here or in another community. A helper is to be found anew."""
    if child.in_care:
        raise ValidationError(_("这个孩子在册"))
    left = child.episodes.standing().order_by("-from_on", "-id").first()
    if left and left.to_on and on < left.to_on:
        raise ValidationError(_("不能早于上次离开的日子"))
    child.community, child.in_care = community, True
    child.save()
    CareEpisode(child=child, community=community, from_on=on, why_in=why).save()
    Lookup.objects.filter(child=child).update(community=community.path)
    return child


@action("children.withdraw_archive")
def withdraw_archive(*, by, child: Child, why: str) -> Child:
    """Opened by mistake: out of every list and figure, still in the history."""
    child.withdraw(by=by, why=why)
    Lookup.objects.filter(child=child).delete()
    return child


@action("children.erase_sealed")
def erase_sealed(*, by, child: Child, why: str) -> list[str]:
    """Destroy every sealed value of a child and of kin who stand beside no other child, in rows and in the trace.

    The chain stays valid: it stands on commitments. Returns the erased "model.field" names; they are in the Event, too.
    """
    own = [child, *became_part_of(child)]
    ids = [one.pk for one in own]
    roles = KinRole.objects.filter(child__in=ids)
    kin_ids = set(roles.values_list("kin_id", flat=True))
    shared = set(KinRole.objects.filter(kin_id__in=kin_ids).exclude(child__in=ids).values_list("kin_id", flat=True))
    doors = {one.household_id for one in own}.union(*[doors_before(one) for one in own])
    doors -= set(
        Child.objects.filter(household_id__in=doors).exclude(pk__in=ids).values_list("household_id", flat=True)
    )
    records = [*own, *Kin.objects.filter(pk__in=kin_ids - shared), *Household.objects.filter(pk__in=doors)]
    for one in own:
        records += _rows_about(one)
    erased = []
    for record in records:
        for field in record._meta.concrete_fields:
            if isinstance(field, SealedField) and record.__dict__.get(field.attname) is not None:
                setattr(record, field.attname, None)
                erased.append(f"{record._meta.model_name}.{field.name}")
        record.save() if isinstance(record, Record) else record.save(force_update=True)
    Lookup.objects.filter(child__in=ids).exclude(kind__in=("gram", "pinyin", "initials")).delete()
    keep_cards([child], clock.today())
    _forget_in_trace(records)
    _forget_numbers_of_merges(ids)
    _note_why(child, why, erased)
    return sorted(set(erased))


def _rows_about(child) -> list:
    """Rows with sealed values that point at this child, or at a row about it such as the person a list named.

    Found over all rooms without importing upward.
    """
    found = {}
    for field in pointing_at(Child):
        rows = field.model._base_manager.filter(**{field.name: child})
        near = [(field.model, rows)]
        near += [
            (further.model, further.model._base_manager.filter(**{f"{further.name}__in": rows}))
            for further in pointing_at(field.model)
        ]
        for model, about in near:
            if any(isinstance(one, SealedField) for one in model._meta.concrete_fields):
                found |= {(model, row.pk): row for row in about}
    return list(found.values())


def _forget_in_trace(records) -> None:
    """Drop the held sealed values of these rows from every Event; commitments and HMACs stay."""
    records = [record for record in records if isinstance(record, Record)]
    rows = {f"{record._meta.model_name}:{record.pk}" for record in records}
    subjects = {record.subject()[1] for record in records} | {record.pk for record in records}
    for event in Event.objects.filter(subject_id__in=subjects):
        kept, changed = {}, False
        for row, values in event.held.items():
            if row in rows:
                left = {name: value for name, value in values.items() if not isinstance(value, dict)}
                changed |= left != values
                values = left
            if values:
                kept[row] = values
        if changed:
            Event.objects.filter(pk=event.pk).update(held=kept)


def _forget_numbers_of_merges(ids) -> None:
    """The number a merge gave to the other archive stands in that one's Event as well, also where it was undone."""
    for merge in Merge.objects.filter(Q(child__in=ids) | Q(gone__in=ids)):
        for event in Event.objects.filter(action="children.merge", subject_id=merge.child_id):
            own = event.held.get(f"child:{merge.child_id}", {})
            if f"merge:{merge.pk}" in event.facts and own.pop("citizen_number", None):
                Event.objects.filter(pk=event.pk).update(held=event.held)


def _note_why(child, why, erased):
    current_deed().why = why
    note_deed(child, "erased", sorted(set(erased)))
