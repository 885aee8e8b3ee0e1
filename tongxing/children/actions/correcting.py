"""Correct and confirm what an archive says, section by section; keep what it is found by in step."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.facts import Source, stand_on
from tongxing.base.records import Stale, action, current_deed
from tongxing.base.sealed import digest
from tongxing.base.words import read_name
from tongxing.children.actions.cards import keep_cards
from tongxing.children.actions.composing import BOARDS, PARENT_FACTS, keys_of
from tongxing.children.choices import KinPart, NumberMissing, Relation, Section, Stay
from tongxing.children.models import Child, Household, Kin, KinRole, Lookup, Schooling, Whereabouts
from tongxing.children.queries import CARING, carer_among, parent_among
from tongxing.children.rules import FIELDS, completed, status_of
from tongxing.staff.models import Classroom, Organisation


class AlreadyArchived(Exception):
    """This citizen number has an archive; `child` is it (perhaps not visible to who asked)."""

    def __init__(self, child):
        super().__init__(child.pk)
        self.child = child


def archived_numbers(numbers: list[str]) -> dict[str, object]:
    """Standing archives by number digest, wherever they are: digest → child id."""
    return archived_by([digest("citizen_number", number) for number in numbers if number])


def archived_by(keys: Iterable[str]) -> dict[str, object]:
    """The same by digests made before."""
    rows = Child.objects.standing().filter(citizen_number_index__in=list(keys))
    return dict(rows.values_list("citizen_number_index", "pk"))


def rebuild_keys(child: Child) -> None:
    """Write the child's look-up rows anew, from what its archive says."""
    spoken = [
        role.kin.phone for role in child.kin_roles.standing().filter(to_on=None).select_related("kin") if role.kin.phone
    ]
    if child.household_id and (home := child.household.phone):
        spoken.append(home)
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

    `only`: the fields that are said anew. They alone stand on it: who mends one number has not asked of the rest, and
    what only a list says nobody has confirmed.
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
        asked_on = None if source == Source.ROSTER else on
        stand_on(child.pk, covers=f"{section}.{name}", source=source, true_from=on, confirmed_on=asked_on)
    if not only:
        stand_on(child.pk, covers=section, source=source, true_from=on, confirmed_on=on)
    note_deed(child, f"corrected.{section}", on)  # also where only kin or household changed
    together = [child, *neighbours_of(child)]
    for one in together:
        rebuild_keys(one)
    keep_cards(together, on)
    return child


def neighbours_of(child) -> list[Child]:
    """Other children beside whom the same grown-ups stand, or behind the same door: a new phone finds them as well."""
    kin = child.kin_roles.standing().filter(to_on=None).values("kin_id")
    roles = KinRole.objects.standing().filter(kin__in=kin, to_on=None).exclude(child=child)
    beside = Q(pk__in=roles.values("child_id"))
    if child.household_id:
        beside |= Q(household_id=child.household_id)
    return list(Child.objects.standing().filter(beside).exclude(pk=child.pk).select_related("household"))


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
    if "home_phone" in facts:
        household.phone = facts["home_phone"] or None
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
            if not any(facts.get(one) for one in PARENT_FACTS[who]):
                continue
            kin = Kin(community=child.community_id)
        else:
            kin = role.kin
        _situation_and_work(kin, who, facts)
        _name_and_phone(kin, name, phone)
        if role is None:
            KinRole(child=child, kin=kin, relation=relation, part=KinPart.PARENT).save()
        _work_place(kin, place, on)


def _situation_and_work(kin, who, facts):
    """What was asked of; who sends a page or a list without these fields changes none of them."""
    for column, name, nothing in (
        ("situation", "situation", ""),
        ("employment", "work", ""),
        ("employer", "employer", None),
        ("employer_phone", "employer_phone", None),
    ):
        if f"{who}_{name}" in facts:
            setattr(kin, column, facts[f"{who}_{name}"] or nothing)


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
    relation = facts.get("carer_relation") or (role.relation if role else "")
    if role and role.kin.name and name and role.kin.name != name:
        role.to_on, role.end_why = on, _("换了照护人")
        role.save()
        role = None
    if role is None and not (name or phone):
        return
    kin = role.kin if role else Kin(community=child.community_id)
    kin.health = facts.get("carer_health") or None
    if "carer_occupation" in facts:
        kin.occupation = facts["carer_occupation"] or ""
    if "carer_born" in facts:
        kin.born_year = facts["carer_born"] or None
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
    keep_cards([child], clock.today())
    return child


def _correct_school(child, facts, on):
    """`school` and `class_name` are an Organisation and a Classroom here: the form has found them."""
    school: Organisation | None = facts.get("school")
    classroom: Classroom | None = facts.get("class_name")
    current = child.schoolings.standing().filter(to_on=None).first()
    boarding = BOARDS.get(facts["boarding"] or "") if "boarding" in facts else current and current.boarding
    if current and (current.school_id, current.classroom_id) == (
        school.pk if school else None,
        classroom.pk if classroom else None,
    ):
        current.boarding = boarding
        current.save()
        return
    if current:
        current.to_on, current.why_out = max(on, current.from_on), _("换了班级或学校")
        current.save()
    if school or classroom:
        grade = classroom.grade if classroom else None
        status = status_of(grade) or (current.status if current else "primary")
        Schooling(child=child, school=school, classroom=classroom, status=status, boarding=boarding, from_on=on).save()


@action("children.confirm_section")
def confirm_section(*, by, child: Child, section: str, on: date, source=Source.FAMILY) -> Child:
    """Somebody has asked again and everything in this section is still true."""
    stand_on(child.pk, covers=section, source=source, confirmed_on=on)
    note_deed(child, f"confirmed.{section}", on)
    return child


def note_deed(child, what, on):
    """Name a deed in the child's own Event, although none of the child's own columns says it."""
    current_deed().changes[child.subject()].append((f"child:{child.pk}", what, None, on, False, False))
