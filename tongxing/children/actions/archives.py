"""Open, correct, confirm, move, leave, withdraw, erase an archive."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from tongxing.base import phones
from tongxing.base.facts import Source, stand_on
from tongxing.base.records import Event, Record, Stale, action, current_deed
from tongxing.base.sealed import SealedField, digest
from tongxing.base.words import read_name
from tongxing.children.actions.composing import ArchiveContext, compose, keys_of
from tongxing.children.choices import KinPart, NumberMissing, Relation, Section, Stay
from tongxing.children.models import CareEpisode, Child, Household, Kin, KinRole, Lookup, Schooling, Whereabouts
from tongxing.children.queries import CARING, carer_among, parent_among
from tongxing.children.rules import FIELDS, completed, status_of
from tongxing.staff.models import Classroom, Organisation, Region


class AlreadyArchived(Exception):
    """This citizen number has an archive; `child` is it (perhaps not visible to who asked)."""

    def __init__(self, child):
        super().__init__(child.pk)
        self.child = child


def known_carers(community: Region, spoken: list[str]) -> dict:
    """Carers of this community already on file by these phones: phone digest → (kin id, household id).

    The kin first, by their index: joined in one query, a database whose statistics are older than an import reads every
    role for every child.
    """
    wanted = [digest("phone", phones.key(phone)) for phone in spoken if phone]
    index = dict(Kin.objects.filter(phone_index__in=wanted).values_list("pk", "phone_index"))
    if not index:
        return {}
    roles = KinRole.objects.standing().filter(
        kin_id__in=list(index), to_on=None, child__community=community, child__withdrawn_at=None
    )
    rows = roles.values_list("kin_id", "child__household_id")
    return {index[kin_id]: (kin_id, household_id) for kin_id, household_id in rows}


def archived_numbers(numbers: list[str]) -> dict[str, object]:
    """Standing archives by number digest, wherever they are: digest → child id."""
    wanted = [digest("citizen_number", number) for number in numbers if number]
    rows = Child.objects.standing().filter(citizen_number_index__in=wanted).values_list("citizen_number_index", "pk")
    return dict(rows)


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
) -> Child:
    """Open one child's archive. Raises AlreadyArchived where the number has one."""
    facts = completed(facts)
    if (number := facts.get("citizen_number")) and (known := archived_numbers([number])):
        raise AlreadyArchived(Child.objects.get(pk=next(iter(known.values()))))
    context = ArchiveContext(
        community=community,
        on=on,
        source=source,
        by=by,
        school=school,
        classroom=classroom,
        neighbours=known_carers(community, [facts.get("carer_phone")]),
    )
    rows = compose(facts, context)
    for row in rows:
        if isinstance(row, Lookup):
            continue
        row.save(force_insert=True) if not isinstance(row, Record) else row.save()
    Lookup.objects.bulk_create([row for row in rows if isinstance(row, Lookup)])
    return next(row for row in rows if isinstance(row, Child))


def rebuild_keys(child: Child) -> None:
    """Write the child's look-up rows anew, from what its archive says."""
    spoken = [
        role.kin.phone for role in child.kin_roles.standing().filter(to_on=None).select_related("kin") if role.kin.phone
    ]
    Lookup.objects.filter(child=child).delete()
    Lookup.objects.bulk_create(keys_of(child, child.citizen_number or "", spoken))


@action("children.correct")
def correct(
    *,
    by,
    child: Child,
    section: str,
    facts: dict,
    on: date,
    source=Source.STAFF,
    version: int | None = None,
    only: Iterable[str] = (),
) -> Child:
    """Save one section of an archive; `version` is the one the page was filled from (Stale when it has moved on).

    `only`: the fields that a list says anew. They alone stand on it; nobody has confirmed the section.
    """
    if version is not None and child.version != version:
        raise Stale(child)
    before = child.version
    facts = {name: facts[name] for name in FIELDS[section] if name in facts}
    {
        Section.BASIC: _correct_basic,
        Section.HOME: _correct_home,
        Section.PARENTS: _correct_parents,
        Section.CARER: _correct_carer,
        Section.SCHOOL: _correct_school,
    }[section](child, facts, on)
    if child.version == before:
        child.touch()  # kin and household are part of the archive: whoever has the page open must hear of it
    for name in only:
        stand_on(child.pk, covers=f"{section}.{name}", source=source, true_from=on)
    if not only:
        stand_on(child.pk, covers=section, source=source, true_from=on, confirmed_on=on)
    _note_deed(child, f"corrected.{section}", on)  # also where only kin or household changed
    for one in [child, *_found_by_the_same_kin(child)]:
        rebuild_keys(one)
    return child


def _found_by_the_same_kin(child) -> list[Child]:
    """Other children beside whom the same grown-ups stand: a new phone finds them as well."""
    kin = child.kin_roles.standing().filter(to_on=None).values("kin_id")
    roles = KinRole.objects.standing().filter(kin__in=kin, to_on=None).exclude(child=child)
    return list(Child.objects.standing().filter(pk__in=roles.values("child_id")))


def _correct_basic(child, facts, on):
    facts = completed({"citizen_number": child.citizen_number, **facts})
    if (
        (number := facts.get("citizen_number"))
        and number != child.citizen_number
        and (known := archived_numbers([number]))
    ):
        raise AlreadyArchived(Child.objects.get(pk=next(iter(known.values()))))
    child.name = facts.get("name", child.name)
    child.name_sort = read_name(child.name).sort_key[:120]
    child.sex = facts.get("sex") or child.sex
    child.birth_on = facts.get("birth_on") or child.birth_on
    child.citizen_number = facts.get("citizen_number") or None
    child.number_missing = "" if child.citizen_number else facts.get("number_missing") or NumberMissing.NOT_ON_LIST
    child.save()


def _correct_home(child, facts, on):
    household = child.household
    if household is None:
        household = Household(community_id=child.community_id)
        child.household = household
    household.hamlet = child.hamlet = facts.get("hamlet", child.hamlet) or ""
    household.address = facts.get("address") or None
    household.save()
    child.save()


def _current(child) -> list[KinRole]:
    return list(child.kin_roles.standing().filter(to_on=None).select_related("kin").order_by("relation", "id"))


def _correct_parents(child, facts, on):
    roles = _current(child)
    for relation, who in ((Relation.FATHER, "father"), (Relation.MOTHER, "mother")):
        name, phone, place = (facts.get(f"{who}_{what}") or "" for what in ("name", "phone", "place"))
        role = parent_among(roles, relation)
        if role is None:
            if not (name or phone or place):
                continue
            kin = Kin(community=child.community_id)
        else:
            kin = role.kin
        _name_and_phone(kin, name, phone)
        if role is None:
            KinRole(child=child, kin=kin, relation=relation, part=KinPart.PARENT).save()
        _work_place(kin, place, on)


def _name_and_phone(kin, name, phone):
    if (kin.phone or "") != phone:
        kin.phone_state, kin.phone_checked_on = "not_tried", None
    kin.name, kin.phone = name, phone or None
    kin.save()


def _work_place(kin, place, on):
    current = kin.whereabouts.standing().filter(to_on=None).order_by("-id").first()
    if (current.place if current else "") == place:
        return
    if current:
        current.to_on = max(on, current.from_on or on)
        current.save()
    if place:
        Whereabouts(kin=kin, stay=Stay.WORK, place=place, from_on=on).save()


def _correct_carer(child, facts, on):
    role = carer_among(_current(child))
    name, phone = facts.get("carer_name") or "", facts.get("carer_phone") or ""
    relation = facts.get("carer_relation") or (role.relation if role else Relation.OTHER_KIN)
    if role and role.kin.name and name and role.kin.name != name:
        role.to_on, role.end_why = on, _("换了照护人")
        role.save()
        role = None
    if role is None and not (name or phone):
        return
    kin = role.kin if role else Kin(community=child.community_id)
    kin.health = facts.get("carer_health") or None
    _name_and_phone(kin, name, phone)
    if role is None:
        KinRole(child=child, kin=kin, relation=relation, part=KinPart.CARER, from_on=on).save()
    elif role.relation != relation:
        role.relation = relation
        role.save()


@action("children.take_back_carer")
def take_back_carer(*, by, child: Child, before: str, why: str) -> Child:
    """The present carer was written down by mistake: withdrawn, and who cared `before` (a name) does so again."""
    roles = list(child.kin_roles.standing().filter(part__in=CARING).select_related("kin").order_by("id"))
    now = carer_among([role for role in roles if role.to_on is None])
    last = next((role for role in reversed(roles) if role.to_on and before and role.kin.name == before), None)
    if now:
        now.withdraw(by=by, why=why)
    if last:
        last.to_on, last.end_why = None, ""
        last.save()
    child.touch()
    rebuild_keys(child)
    return child


def _correct_school(child, facts, on):
    """`school` and `class_name` are an Organisation and a Classroom here: the form has found them."""
    school: Organisation | None = facts.get("school")
    classroom: Classroom | None = facts.get("class_name")
    current = child.schoolings.standing().filter(to_on=None).first()
    if current and (current.school_id, current.classroom_id) == (
        school.pk if school else None,
        classroom.pk if classroom else None,
    ):
        return
    if current:
        current.to_on, current.why_out = max(on, current.from_on), _("换了班级或学校")
        current.save()
    if school or classroom:
        grade = classroom.grade if classroom else None
        status = status_of(grade) or (current.status if current else "primary")
        Schooling(child=child, school=school, classroom=classroom, status=status, from_on=on).save()


@action("children.confirm_section")
def confirm_section(*, by, child: Child, section: str, on: date, source=Source.FAMILY) -> Child:
    """Somebody has asked again and everything in this section is still true."""
    stand_on(child.pk, covers=section, source=source, confirmed_on=on)
    _note_deed(child, f"confirmed.{section}", on)
    return child


def _note_deed(child, what, on):
    """Name a deed in the child's own Event, although none of the child's own columns says it."""
    current_deed().changes[child.subject()].append((f"child:{child.pk}", what, None, on, False, False))


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
    kin_ids = set(child.kin_roles.values_list("kin_id", flat=True))
    shared = set(KinRole.objects.filter(kin_id__in=kin_ids).exclude(child=child).values_list("kin_id", flat=True))
    records = [child, *Kin.objects.filter(pk__in=kin_ids - shared), *_rows_about(child)]
    if child.household_id and not Child.objects.filter(household_id=child.household_id).exclude(pk=child.pk).exists():
        records.append(child.household)
    erased = []
    for record in records:
        for field in record._meta.concrete_fields:
            if isinstance(field, SealedField) and record.__dict__.get(field.attname) is not None:
                setattr(record, field.attname, None)
                erased.append(f"{record._meta.model_name}.{field.name}")
        record.save() if isinstance(record, Record) else record.save(force_update=True)
    Lookup.objects.filter(child=child).exclude(kind__in=("gram", "pinyin", "initials")).delete()
    _forget_in_trace(records)
    _note_why(child, why, erased)
    return sorted(set(erased))


def _rows_about(child) -> list:
    """Rows with sealed values that point at this child, or at a row about it such as the person a list named.

    Found over all rooms without importing upward.
    """
    found = {}
    for field in _pointing_at(Child):
        rows = field.model._base_manager.filter(**{field.name: child})
        near = [(field.model, rows)]
        near += [
            (further.model, further.model._base_manager.filter(**{f"{further.name}__in": rows}))
            for further in _pointing_at(field.model)
        ]
        for model, about in near:
            if any(isinstance(one, SealedField) for one in model._meta.concrete_fields):
                found |= {(model, row.pk): row for row in about}
    return list(found.values())


def _pointing_at(model) -> list:
    """Foreign keys of any room to this model."""
    relations = [one for one in model._meta.get_fields(include_hidden=True) if one.auto_created and not one.concrete]
    return [one.field for one in relations if one.one_to_many or one.one_to_one]


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


def _note_why(child, why, erased):
    current_deed().why = why
    _note_deed(child, "erased", sorted(set(erased)))
