"""One archive as its pages read it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxing.base.days import age_on
from tongxing.base.facts import Standing
from tongxing.base.sealed import digest
from tongxing.children.choices import KinPart, Level, Relation
from tongxing.children.models import Attention, Child, KinRole, Pairing, Schooling, Whereabouts, on_day
from tongxing.children.queries.care import siblings_of
from tongxing.children.rules import FIELDS, OUT_OF_REACH
from tongxing.staff.models import Organisation, within

CARING = (KinPart.CARER, KinPart.ENTRUSTED)


def parent_among(roles: list[KinRole], relation: str) -> KinRole | None:
    """The father or mother among the roles of one child; one who is written down as carer only is still that parent."""
    of_them = [role for role in roles if role.relation == relation]
    return next((role for role in of_them if role.part == KinPart.PARENT), of_them[0] if of_them else None)


def carer_among(roles: list[KinRole]) -> KinRole | None:
    """Who cares day by day, the first where several do. What is shown as the carer is what a correction changes."""
    of_them = [role for role in roles if role.part in CARING]
    return next((role for role in of_them if role.part == KinPart.CARER), of_them[0] if of_them else None)


@dataclass(frozen=True)
class Archive:
    """Everything an archive's pages show of a child, read in a fixed number of queries."""

    child: Child
    roles: list[KinRole]
    schooling: Schooling | None
    pairing: Pairing | None
    attention: Attention | None
    standings: list[Standing]
    siblings: list[Child]

    @property
    def father(self) -> KinRole | None:
        return parent_among(self.roles, Relation.FATHER)

    @property
    def mother(self) -> KinRole | None:
        return parent_among(self.roles, Relation.MOTHER)

    @property
    def carers(self) -> list[KinRole]:
        return [role for role in self.roles if role.part in CARING]

    @property
    def out_of_reach(self) -> dict[str, str]:
        """Parents nobody can or may ring, as "father", "mother" → their situation in words."""
        parents = {"father": self.father, "mother": self.mother}
        gone = {who: role.kin for who, role in parents.items() if role and role.kin.situation in OUT_OF_REACH}
        return {who: kin.get_situation_display() for who, kin in gone.items()}

    @property
    def level(self) -> str:
        return Level(self.attention.level).label if self.attention else ""


def archive_of(child: Child, on: date) -> Archive:
    roles = list(
        child.kin_roles.standing()
        .filter(Q(to_on=None) | Q(to_on__gt=on))
        .select_related("kin")
        .order_by("relation", "id")
    )
    for role in roles:
        role.child = child
    current = on_day(on)
    return Archive(
        child=child,
        roles=roles,
        schooling=child.schoolings.standing().filter(current).select_related("school", "classroom").first(),
        pairing=child.pairings.standing().filter(current).select_related("helper").first(),
        attention=child.attentions.standing().filter(current).first(),
        standings=list(Standing.objects.filter(subject_id=child.pk).order_by("recorded_at")),
        siblings=siblings_of(child),
    )


def archives_of(ids: Iterable[UUID], on: date) -> dict[UUID, Archive]:
    """Many archives for comparing their facts, in five queries: without helper, attention and siblings."""
    ids = list(ids)
    children = Child.objects.standing().select_related("household").in_bulk(ids)
    current = on_day(on)
    roles: dict[UUID, list[KinRole]] = {}
    of_them = KinRole.objects.standing().filter(Q(to_on=None) | Q(to_on__gt=on), child_id__in=ids)
    for role in of_them.select_related("kin").order_by("relation", "id"):
        roles.setdefault(role.child_id, []).append(role)
    schoolings = Schooling.objects.standing().filter(current, child_id__in=ids).select_related("school", "classroom")
    at_school = {one.child_id: one for one in schoolings}
    standings: dict[UUID, list[Standing]] = {}
    for standing in Standing.objects.filter(subject_id__in=ids).order_by("recorded_at"):
        standings.setdefault(standing.subject_id, []).append(standing)
    return {
        pk: Archive(
            child=child,
            roles=roles.get(pk, []),
            schooling=at_school.get(pk),
            pairing=None,
            attention=None,
            standings=standings.get(pk, []),
            siblings=[],
        )
        for pk, child in children.items()
    }


def carer_relation(child: Child) -> str | None:
    """What the present carer is to the child (Relation), None where nobody is written down."""
    carers = child.kin_roles.standing().filter(to_on=None, part__in=CARING)
    return carers.order_by("relation", "id").values_list("relation", flat=True).first()


def work_places(kin_ids, on: date) -> dict:
    """Where kin are on `on`: kin id → place."""
    rows = Whereabouts.objects.standing().filter(
        Q(from_on=None) | Q(from_on__lte=on), Q(to_on=None) | Q(to_on__gt=on), kin_id__in=kin_ids
    )
    return dict(rows.order_by("id").values_list("kin_id", "place"))


def facts_of(archive: Archive, places: dict) -> dict:
    """The facts of an archive under the names of rules.FIELDS, for forms; `places` as of `work_places`."""
    child, carer = archive.child, carer_among(archive.roles)
    facts = {
        "name": child.name,
        "sex": child.sex if child.sex in ("1", "2") else "",
        "birth_on": child.birth_on,
        "citizen_number": child.citizen_number or "",
        "number_missing": child.number_missing,
        "hamlet": child.hamlet,
        "address": (child.household.address if child.household else "") or "",
        "school": str(archive.schooling.school or "") if archive.schooling else "",
        "class_name": str(archive.schooling.classroom or "") if archive.schooling else "",
        "boarding": _yes_or_no(archive.schooling.boarding if archive.schooling else None),
        "carer_name": carer.kin.name if carer else "",
        "carer_relation": carer.relation if carer else "",
        "carer_phone": (carer.kin.phone if carer else "") or "",
        "carer_health": (carer.kin.health if carer else "") or "",
        "carer_occupation": carer.kin.occupation if carer else "",
        "carer_born": carer.kin.born_year if carer else None,
        "home_phone": (child.household.phone if child.household else "") or "",
    }
    for who, role in (("father", archive.father), ("mother", archive.mother)):
        facts[f"{who}_name"] = role.kin.name if role else ""
        facts[f"{who}_phone"] = (role.kin.phone if role else "") or ""
        facts[f"{who}_place"] = places.get(role.kin_id, "") if role else ""
        facts[f"{who}_situation"] = role.kin.situation if role else ""
        facts[f"{who}_work"] = role.kin.employment if role else ""
        facts[f"{who}_employer"] = (role.kin.employer if role else "") or ""
        facts[f"{who}_employer_phone"] = (role.kin.employer_phone if role else "") or ""
    return facts


def _yes_or_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def school_names(child: Child, *, limit: int = 300) -> list[str]:
    """Schools of the child's county, to choose from."""
    schools = Organisation.objects.standing().filter(within("region_id", child.community_id[:6]), kind="school")
    return list(schools.order_by("name").values_list("name", flat=True)[:limit])


def stamp_of(facts: dict, section: str) -> str:
    """A keyed digest of what one section says: a page filled from other facts carries another stamp."""
    told = json.dumps([str(facts[name] or "") for name in FIELDS[section]], ensure_ascii=False)
    return digest("section", told) or ""


def head_of(archive: Archive, staff, today: date) -> dict:
    """What child_frame.html shows above every page of a child: name, and two lines of who and where."""
    child, schooling = archive.child, archive.schooling
    who = [child.get_sex_display()] if child.sex in ("1", "2") else []
    if child.birth_on:
        who.append(_("%(age)s 岁") % {"age": age_on(child.birth_on, today)})
    if schooling:
        who += [str(place) for place in (schooling.school, schooling.classroom) if place]
    where = [child.community.name, child.hamlet]
    return {
        "name": child.name,
        "back_url": reverse("children:list"),
        "lines": [line for line in ([one for one in who if one], [one for one in where if one]) if line],
        "found": "",
    }


def nav_of(child: Child, current: str) -> list[dict]:
    """The row of links below the head; `current` is the name of the page's own address."""
    pages = ((_("时间线"), "desk:child"), (_("档案"), "children:archive"), (_("联系卡"), "children:card"))
    return [
        {"label": label, "url": reverse(name, args=[child.pk]), "current": name == current} for label, name in pages
    ]
