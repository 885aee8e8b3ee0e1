"""An archive as rows: the same for a page and for a line of a spreadsheet."""

from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import NamedTuple
from uuid import UUID

from tongxing.base import numbers, phones
from tongxing.base.facts import new_standing
from tongxing.base.ids import new_id
from tongxing.base.sealed import digest
from tongxing.base.words import fuzzy, grams, read_name
from tongxing.children.choices import KeyKind, KinPart, NumberMissing, Relation, SchoolStatus, Section, Stay
from tongxing.children.models import (
    CareEpisode,
    Child,
    ContactCard,
    Household,
    Kin,
    KinRole,
    Lookup,
    Schooling,
    Whereabouts,
)
from tongxing.children.queries.cards import KIN_COLUMNS, card_facts
from tongxing.children.rules import FIELDS, card_lacks, completed, status_of
from tongxing.staff.models import Classroom, Organisation, Region


class Neighbour(NamedTuple):
    """A carer who is on file already, and the door behind which they live."""

    kin_id: UUID
    household_id: UUID | None
    kin: dict  # the columns of queries.cards.KIN_COLUMNS, sealed values shut
    address: object


@dataclass
class ArchiveContext:
    """What an archive is opened with, besides its facts. `neighbours` are carers already known by phone digest."""

    community: Region
    on: date
    source: str
    by: object
    school: Organisation | None = None
    classroom: Classroom | None = None
    neighbours: dict[str, Neighbour] = field(default_factory=dict)  # by phone digest


BOARDS = {"yes": True, "no": False}


def compose(facts: dict, context: ArchiveContext) -> list:
    """The rows of a new archive in the order of their insertion; facts as `rules.FIELDS` names them, checked before."""
    facts = completed(facts)
    rows: list = []
    carer_phone = facts.get("carer_phone") or ""
    known = context.neighbours.get(digest("phone", phones.key(carer_phone))) if carer_phone else None
    household_id = known.household_id if known else None
    address = known.address if household_id else facts.get("address")
    if household_id is None:
        household = Household(
            id=new_id(),
            community=context.community,
            hamlet=facts.get("hamlet") or "",
            address=facts.get("address") or None,
            phone=facts.get("home_phone") or None,
        )
        household_id = household.id
        rows.append(household)
    number = numbers.fold(facts.get("citizen_number") or "")
    child = Child(
        id=new_id(),
        name=facts["name"],
        name_sort=read_name(facts["name"]).sort_key[:120],
        sex=facts.get("sex") or "0",
        birth_on=facts.get("birth_on"),
        citizen_number=number or None,
        number_missing="" if number else facts.get("number_missing") or NumberMissing.NOT_ON_LIST,
        community=context.community,
        household_id=household_id,
        hamlet=facts.get("hamlet") or "",
        opened_on=context.on,
    )
    rows += [child, CareEpisode(id=new_id(), child=child, community=context.community, from_on=context.on)]
    for relation, prefix in ((Relation.FATHER, "father"), (Relation.MOTHER, "mother")):
        rows += _parent(facts, prefix, relation, child, context)
    rows += _carer(facts, child, context, known, household_id)
    rows.append(_card(child, context, known, address, rows))
    if context.school or context.classroom or facts.get("class_name"):
        grade = context.classroom.grade if context.classroom else facts.get("grade")
        rows.append(
            Schooling(
                id=new_id(),
                child=child,
                school=context.school,
                classroom=context.classroom,
                status=status_of(grade) or SchoolStatus.PRIMARY,
                boarding=BOARDS.get(facts.get("boarding") or ""),
                from_on=context.on,
            )
        )
    rows.append(
        new_standing(child.id, source=context.source, true_from=context.on, confirmed_on=context.on, by=context.by)
    )
    spoken = [facts.get(f"{who}_phone") for who in ("father", "mother", "carer", "home")]
    rows += keys_of(child, number, [phone for phone in spoken if phone])
    return rows


PARENT_FACTS = {
    who: [name for name in FIELDS[Section.PARENTS] if name.startswith(f"{who}_")] for who in ("father", "mother")
}


def _parent(facts, prefix, relation, child, context) -> list:
    name, phone, place = (facts.get(f"{prefix}_{what}") for what in ("name", "phone", "place"))
    if not any(facts.get(one) for one in PARENT_FACTS[prefix]):
        return []
    kin = Kin(
        id=new_id(),
        name=name or "",
        phone=phone or None,
        situation=facts.get(f"{prefix}_situation") or "",
        employment=facts.get(f"{prefix}_work") or "",
        employer=facts.get(f"{prefix}_employer") or None,
        employer_phone=facts.get(f"{prefix}_employer_phone") or None,
        community=child.community_id,
    )
    rows = [kin, KinRole(id=new_id(), child=child, kin=kin, relation=relation, part=KinPart.PARENT)]
    if place:
        rows.append(Whereabouts(id=new_id(), kin=kin, stay=Stay.WORK, place=place))
    return rows


def _carer(facts, child, context, known, household_id) -> list:
    name, phone = facts.get("carer_name"), facts.get("carer_phone")
    if not (name or phone):
        return []
    relation = facts.get("carer_relation") or Relation.OTHER_KIN
    rows = []
    if known:
        kin_id = known.kin_id
    else:
        kin = Kin(
            id=new_id(),
            name=name or "",
            phone=phone or None,
            health=facts.get("carer_health") or None,
            occupation=facts.get("carer_occupation") or "",
            born_year=facts.get("carer_born") or None,
            community=child.community_id,
        )
        kin_id = kin.id
        rows.append(kin)
        if phone:
            columns = {name: kin.__dict__[name] for name in KIN_COLUMNS}
            neighbour = Neighbour(kin.id, household_id, columns, facts.get("address"))
            context.neighbours[digest("phone", phones.key(phone))] = neighbour
    rows.append(
        KinRole(id=new_id(), child=child, kin_id=kin_id, relation=relation, part=KinPart.CARER, from_on=context.on)
    )
    return rows


def _card(child, context, known, address, rows) -> ContactCard:
    """What the new archive's contact card lacks, read off its rows."""
    kin = {row.id: {name: row.__dict__[name] for name in KIN_COLUMNS} for row in rows if isinstance(row, Kin)}
    if known:
        kin[known.kin_id] = known.kin
    roles = [
        SimpleNamespace(relation=row.relation, part=row.part, kin=kin[row.kin_id])
        for row in rows
        if isinstance(row, KinRole)
    ]
    return ContactCard(child=child, from_on=context.on, lacks=" ".join(card_lacks(card_facts(address, roles))))


def keys_of(child: Child, number: str, spoken: list[str]) -> list[Lookup]:
    """The look-up rows of a child."""
    reading = read_name(child.name)
    keys = {(KeyKind.GRAM, gram) for gram in grams(child.name)}
    keys |= {(KeyKind.PINYIN, fuzzy(said)[:64]) for said in reading.pinyin_full}
    keys |= {(KeyKind.INITIALS, said[:64]) for said in reading.initials}
    if number:
        keys.add((KeyKind.NUMBER, digest("citizen_number", number)))
        keys.add((KeyKind.TAIL, digest("tail", numbers.last4(number))))
    for phone in spoken:
        keys.add((KeyKind.PHONE, digest("phone", phones.key(phone))))
        if tail := phones.last4(phone):
            keys.add((KeyKind.TAIL, digest("tail", tail)))
    return [Lookup(child=child, kind=kind, key=key, community=child.community_id) for kind, key in sorted(keys)]
