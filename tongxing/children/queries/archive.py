"""One archive as its pages read it."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxing.base.days import age_on
from tongxing.base.facts import Standing
from tongxing.children.choices import KinPart, Level, Relation
from tongxing.children.models import Attention, Child, KinRole, Pairing, Schooling, Whereabouts, on_day


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

    def parent(self, relation: str) -> KinRole | None:
        return next((role for role in self.roles if role.relation == relation and role.part == KinPart.PARENT), None)

    @property
    def father(self):
        return self.parent(Relation.FATHER)

    @property
    def mother(self):
        return self.parent(Relation.MOTHER)

    @property
    def carers(self) -> list[KinRole]:
        return [role for role in self.roles if role.part in (KinPart.CARER, KinPart.ENTRUSTED)]

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
    siblings = []
    if child.household_id:
        siblings = list(Child.objects.standing().filter(household_id=child.household_id).exclude(pk=child.pk).by_name())
    return Archive(
        child=child,
        roles=roles,
        schooling=child.schoolings.standing().filter(current).select_related("school", "classroom").first(),
        pairing=child.pairings.standing().filter(current).select_related("helper").first(),
        attention=child.attentions.standing().filter(current).first(),
        standings=list(Standing.objects.filter(subject_id=child.pk).order_by("recorded_at")),
        siblings=siblings,
    )


def carer_relation(child: Child) -> str | None:
    """What the present carer is to the child (Relation), None where nobody is written down."""
    carers = child.kin_roles.standing().filter(to_on=None, part__in=(KinPart.CARER, KinPart.ENTRUSTED))
    return carers.order_by("relation", "id").values_list("relation", flat=True).first()


def work_places(kin_ids, on: date) -> dict:
    """Where kin are on `on`: kin id → place."""
    rows = Whereabouts.objects.standing().filter(
        Q(from_on=None) | Q(from_on__lte=on), Q(to_on=None) | Q(to_on__gt=on), kin_id__in=kin_ids
    )
    return dict(rows.order_by("id").values_list("kin_id", "place"))


def facts_of(archive: Archive, places: dict) -> dict:
    """The facts of an archive under the names of rules.FIELDS, for forms; `places` as of `work_places`."""
    child, carer = archive.child, archive.carers[0] if archive.carers else None
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
        "carer_name": carer.kin.name if carer else "",
        "carer_relation": carer.relation if carer else "",
        "carer_phone": (carer.kin.phone if carer else "") or "",
        "carer_health": (carer.kin.health if carer else "") or "",
    }
    for who, role in (("father", archive.father), ("mother", archive.mother)):
        facts[f"{who}_name"] = role.kin.name if role else ""
        facts[f"{who}_phone"] = (role.kin.phone if role else "") or ""
        facts[f"{who}_place"] = places.get(role.kin_id, "") if role else ""
    return facts


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
    pages = ((_("时间线"), "desk:child"), (_("档案"), "children:archive"))
    return [
        {"label": label, "url": reverse(name, args=[child.pk]), "current": name == current} for label, name in pages
    ]
