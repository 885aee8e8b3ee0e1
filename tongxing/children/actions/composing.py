"""An archive as rows: the same for a page and for a line of a spreadsheet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace
from typing import NamedTuple
from uuid import UUID

from tongxing.base import clock, numbers, phones
from tongxing.base.bulk import Draft
from tongxing.base.facts import Standing, new_standing
from tongxing.base.ids import text_id
from tongxing.base.sealed import digest
from tongxing.base.words import Reading, grams, read_name
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
from tongxing.children.rules import FIELDS, card_lacks, completed, heard, status_of
from tongxing.staff.models import Classroom, Organisation, Region


class Neighbour(NamedTuple):
    """A carer who is on file already, and the door behind which they live."""

    kin_id: UUID | str
    household_id: UUID | str | None
    kin: Mapping  # the columns of queries.cards.KIN_COLUMNS, sealed values shut
    address: object


@dataclass
class ArchiveContext:
    """What an archive is opened with, besides its facts. `neighbours` are carers already known by phone digest."""

    community: Region
    on: date
    source: str
    by: object
    at: datetime = field(default_factory=clock.now)
    school: Organisation | None = None
    classroom: Classroom | None = None
    neighbours: dict[str, Neighbour] = field(default_factory=dict)  # by phone digest


BOARDS = {"yes": True, "no": False}
SPOKEN = ("father", "mother", "carer", "home")  # whose phones a child is found by


def compose(facts: dict, context: ArchiveContext) -> list[Draft]:
    """The rows of a new archive in the order of their insertion; facts as `rules.FIELDS` names them, checked before."""
    facts = completed(facts)
    community = context.community.path
    rows: list[Draft] = []
    spoken = {who: facts.get(f"{who}_phone") or "" for who in SPOKEN}
    keys = {who: phone and digest("phone", phones.key(phone)) for who, phone in spoken.items()}
    known = context.neighbours.get(keys["carer"])
    household_id = known.household_id if known else None
    address = known.address if household_id else facts.get("address")
    hamlet = facts.get("hamlet") or ""
    if household_id is None:
        household_id = text_id()
        household = {
            "id": household_id,
            "community_id": community,
            "hamlet": hamlet,
            "address": facts.get("address") or None,
            "phone": facts.get("home_phone") or None,
        }
        rows.append(Draft(Household, household, ("children.household", household_id, community)))
    number = numbers.fold(facts.get("citizen_number") or "")
    number_key = digest("citizen_number", number) if number else None
    reading = read_name(facts["name"])
    child_id = text_id()
    about = ("children.child", child_id, community)
    child = {
        "id": child_id,
        "name": facts["name"],
        "name_sort": reading.sort_key[:120],
        "sex": facts.get("sex") or "0",
        "birth_on": facts.get("birth_on"),
        "citizen_number": number or None,
        "citizen_number_index": number_key,
        "number_missing": "" if number else facts.get("number_missing") or NumberMissing.NOT_ON_LIST,
        "community_id": community,
        "household_id": household_id,
        "hamlet": hamlet,
        "opened_on": context.on,
    }
    episode = {"id": text_id(), "child_id": child_id, "community_id": community, "from_on": context.on}
    rows += [Draft(Child, child, about), Draft(CareEpisode, episode, about)]
    kin = _parent(facts, "father", Relation.FATHER, about, keys["father"])
    kin += _parent(facts, "mother", Relation.MOTHER, about, keys["mother"])
    kin += _carer(facts, context, about, known, household_id, keys["carer"])
    rows += kin
    rows.append(_card(child_id, context.on, known, address, kin))
    if context.school or context.classroom or facts.get("class_name"):
        grade = context.classroom.grade if context.classroom else facts.get("grade")
        schooling = {
            "id": text_id(),
            "child_id": child_id,
            "school_id": context.school and context.school.pk,
            "classroom_id": context.classroom and context.classroom.pk,
            "status": status_of(grade) or SchoolStatus.PRIMARY,
            "boarding": BOARDS.get(facts.get("boarding") or ""),
            "from_on": context.on,
        }
        rows.append(Draft(Schooling, schooling, about))
    standing = new_standing(
        child_id, source=context.source, true_from=context.on, confirmed_on=context.on, by=context.by, at=context.at
    )
    rows.append(Draft(Standing, standing))
    found_by = _keys(facts["name"], reading, number, number_key, {spoken[who]: key for who, key in keys.items() if key})
    rows += [
        Draft(Lookup, {"child_id": child_id, "kind": kind, "key": key, "community": community})
        for kind, key in found_by
    ]
    return rows


PARENT_FACTS = {
    who: [name for name in FIELDS[Section.PARENTS] if name.startswith(f"{who}_")] for who in ("father", "mother")
}


def _parent(facts, prefix, relation, about, key) -> list[Draft]:
    if not any(facts.get(one) for one in PARENT_FACTS[prefix]):
        return []
    _label, child_id, community = about
    kin_id = text_id()
    of_kin = ("children.kin", kin_id, community)
    kin = {
        "id": kin_id,
        "name": facts.get(f"{prefix}_name") or "",
        "phone": facts.get(f"{prefix}_phone") or None,
        "phone_index": key or None,
        "situation": facts.get(f"{prefix}_situation") or "",
        "employment": facts.get(f"{prefix}_work") or "",
        "employer": facts.get(f"{prefix}_employer") or None,
        "employer_phone": facts.get(f"{prefix}_employer_phone") or None,
        "community": community,
    }
    role = {"id": text_id(), "child_id": child_id, "kin_id": kin_id, "relation": relation, "part": KinPart.PARENT}
    rows = [Draft(Kin, kin, of_kin), Draft(KinRole, role, about)]
    if place := facts.get(f"{prefix}_place"):
        away = {"id": text_id(), "kin_id": kin_id, "stay": Stay.WORK, "place": place}
        rows.append(Draft(Whereabouts, away, of_kin))
    return rows


def _carer(facts, context, about, known, household_id, key) -> list[Draft]:
    name, phone = facts.get("carer_name"), facts.get("carer_phone")
    if not (name or phone):
        return []
    _label, child_id, community = about
    rows = []
    if known:
        kin_id = known.kin_id
    else:
        kin_id = text_id()
        kin = {
            "id": kin_id,
            "name": name or "",
            "phone": phone or None,
            "phone_index": key or None,
            "health": facts.get("carer_health") or None,
            "occupation": facts.get("carer_occupation") or "",
            "born_year": facts.get("carer_born") or None,
            "community": community,
        }
        rows.append(Draft(Kin, kin, ("children.kin", kin_id, community)))
        if key:
            context.neighbours[key] = Neighbour(kin_id, household_id, _told_of(kin), facts.get("address"))
    role = {
        "id": text_id(),
        "child_id": child_id,
        "kin_id": kin_id,
        "relation": facts.get("carer_relation") or "",
        "part": KinPart.CARER,
        "from_on": context.on,
    }
    return [*rows, Draft(KinRole, role, about)]


def _told_of(kin: dict) -> dict:
    return {name: kin.get(name) for name in KIN_COLUMNS}


def _card(child_id, on: date, known, address, rows: list[Draft]) -> Draft:
    """What the new archive's contact card lacks, read off the rows of its kin."""
    kin = {row.values["id"]: _told_of(row.values) for row in rows if row.model is Kin}
    if known:
        kin[known.kin_id] = known.kin
    roles = [
        SimpleNamespace(relation=role["relation"], part=role["part"], kin=kin[role["kin_id"]])
        for role in (row.values for row in rows if row.model is KinRole)
    ]
    lacks = " ".join(card_lacks(card_facts(address, roles)))
    return Draft(ContactCard, {"child_id": child_id, "from_on": on, "lacks": lacks})


def keys_of(child: Child, number: str, spoken: list[str]) -> list[Lookup]:
    """The look-up rows of a child."""
    number_key = digest("citizen_number", number) if number else None
    phone_keys = {phone: digest("phone", phones.key(phone)) for phone in spoken}
    keys = _keys(child.name, read_name(child.name), number, number_key, phone_keys)
    return [Lookup(child=child, kind=kind, key=key, community=child.community_id) for kind, key in keys]


def _keys(name: str, reading: Reading, number: str, number_key, phone_keys: dict) -> list[tuple[str, str]]:
    """(kind, key) of everything a child is found by; number and phones come with their digests."""
    keys = {(KeyKind.GRAM, gram) for gram in grams(name)}
    keys |= {(KeyKind.PINYIN, said) for said in heard(reading)}
    keys |= {(KeyKind.INITIALS, said[:64]) for said in reading.initials}
    if number:
        keys.add((KeyKind.NUMBER, number_key))
        keys.add((KeyKind.TAIL, digest("tail", numbers.last4(number))))
    for phone, key in phone_keys.items():
        keys.add((KeyKind.PHONE, key))
        if tail := phones.last4(phone):
            keys.add((KeyKind.TAIL, digest("tail", tail)))
    return sorted(keys)
