"""Reads across the nouns of the children room."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, UUIDField, Value
from django.db.models.functions import Coalesce, Substr
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxing.base import numbers, phones
from tongxing.base.days import age_on
from tongxing.base.facts import Standing
from tongxing.base.measures import Scope
from tongxing.base.sealed import digest
from tongxing.base.words import Asks, fuzzy, query_kinds, read_name, split_query
from tongxing.children.choices import KeyKind, KinPart, Level, Relation
from tongxing.children.models import (
    Attention,
    CareEpisode,
    Child,
    KinRole,
    Lookup,
    Pairing,
    Schooling,
    Whereabouts,
    on_day,
)
from tongxing.staff.access import reached_by
from tongxing.staff.models import Post, Staff, within
from tongxing.staff.roles import RoleCode

MOST_HITS = 50


# ── in care, as of a day ─────────────────────────────────────────────────────────────────────────────────────────────


def in_care(scope: Scope, on: date) -> QuerySet:
    """The care episodes that hold on `on`, one per child, named and placed as measures need them.

    Community is the episode's, attention level the one held that day ("" when none was).
    """
    episodes = CareEpisode.objects.standing().filter(on_day(on), child__withdrawn_at=None)
    episodes = episodes.filter(within("community_id", scope.region))
    if scope.staff is not None:
        episodes = episodes.filter(child__in=Child.objects.visible_to(scope.staff))
    level = Attention.objects.standing().filter(on_day(on), child=OuterRef("child_id")).order_by("-from_on", "-id")
    return episodes.annotate(
        subject_id=F("child_id"),
        subject_name=F("child__name"),
        place=F("child__hamlet"),
        region=F("community_id"),
        known_on=F("from_on"),
        household_id=F("child__household_id"),
        level=Coalesce(Subquery(level.values("level")[:1]), Value(""), output_field=CharField()),
    )


def helper_at(on: date) -> QuerySet:
    """The pairing of the outer child that holds on `on`."""
    return Pairing.objects.standing().filter(on_day(on), child=OuterRef("child_id")).order_by("-from_on", "-id")


def at_work(on: date) -> QuerySet:
    """Posts the outer person holds on `on`, if they are not suspended by then."""
    return _held(on).filter(staff=OuterRef("helper_id"))


def _held(on: date) -> QuerySet:
    """Posts held on `on` by people not suspended by then."""
    working = Q(staff__suspended_on=None) | Q(staff__suspended_on__gt=on)
    return Post.objects.standing().held_on(on).filter(working, staff__withdrawn_at=None)


def answerable(on: date):
    """Who answers for the outer community on `on`: its child director, else the township's supervisor."""
    held = _held(on)
    here = held.filter(role=RoleCode.DIRECTOR, region=OuterRef("community_id"))
    above = held.filter(role=RoleCode.SUPERVISOR, region=Substr(OuterRef("community_id"), 1, 9))
    first = ("from_on", "id")
    return Coalesce(
        Subquery(here.order_by(*first).values("staff_id")[:1]),
        Subquery(above.order_by(*first).values("staff_id")[:1]),
        output_field=UUIDField(),
    )


def owner_or_helper(on: date):
    """The helper who walks with the child on `on` and is at work, else who answers for the community."""
    helper = helper_at(on).filter(Exists(at_work(on)))
    return Coalesce(Subquery(helper.values("helper_id")[:1]), answerable(on), output_field=UUIDField())


def scope_of(staff, region: str | None = None) -> Scope:
    """Whose children a person's figures are about: the one region they answer for, else all they may see."""
    regions = reached_by(staff).regions
    if region and any(region.startswith(path) for path in regions):
        return Scope(region)
    only_regions = len(regions) == 1 and not (reached_by(staff).schools or reached_by(staff).classrooms)
    return Scope(regions[0]) if only_regions else Scope("", staff)


# ── find a child ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _keys(word: str) -> Q | None:
    """Look-up rows that one word of a search may mean."""
    found = Q()
    for asked in query_kinds(word):
        term = asked.term
        if asked.kind == Asks.PINYIN:
            found |= _begins(KeyKind.PINYIN, fuzzy(term))
        elif asked.kind == Asks.INITIALS:
            found |= _begins(KeyKind.INITIALS, term)
        elif asked.kind == Asks.NUMBER:
            found |= Q(kind=KeyKind.NUMBER, key=digest("citizen_number", numbers.fold(term)))
        elif asked.kind == Asks.PHONE:
            found |= Q(kind=KeyKind.PHONE, key=digest("phone", phones.key(term)))
        elif asked.kind == Asks.TAIL:
            found |= Q(kind=KeyKind.TAIL, key=digest("tail", term))
    return found or None


def _begins(kind: str, start: str) -> Q:
    return Q(kind=kind, key__gte=start, key__lt=start + "{")  # "{" follows "z"


def search(staff, text: str, *, limit: int = MOST_HITS) -> list[Child]:
    """Children this person may see whom every word of `text` may mean; nearest names first, at most `limit`."""
    words = split_query(text)
    if not words:
        return []
    found = Child.objects.visible_to(staff)
    reached = reached_by(staff)
    place = Q()
    if reached.regions and not (reached.schools or reached.classrooms or reached.paired or reached.single):
        for path in reached.regions:
            place |= within("community", path)
    for word in words:
        asked = query_kinds(word)
        names = [a.term for a in asked if a.kind == Asks.NAME]
        keys = _keys(word)
        if keys is None and not names:
            return []
        condition = Q()
        if keys is not None:
            condition |= Q(pk__in=Lookup.objects.filter(place, keys).values("child_id"))
        for name in names:
            condition |= _name_condition(name, place)
        found = found.filter(condition)
    return list(found.select_related("household").by_name()[:limit])


def _name_condition(name: str, place: Q) -> Q:
    parts = [name] if len(name) <= 2 else [name[at : at + 2] for at in range(len(name) - 1)]
    condition = Q()
    for gram in parts:
        rows = Lookup.objects.filter(place, kind=KeyKind.GRAM, key=gram).values("child_id")
        condition &= Q(pk__in=rows)
    return condition


# ── an archive as its page reads it ──────────────────────────────────────────────────────────────────────────────────


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


@dataclass(frozen=True)
class Line:
    """One child as a list shows it."""

    child: Child
    class_name: str
    carer: str
    has_phone: bool
    helper: str


def lines_of(children: list[Child], on: date) -> list[Line]:
    """Class, carer and helper of these children, in three queries however many they are."""
    ids = [child.pk for child in children]
    classes = dict(
        Schooling.objects.standing().filter(on_day(on), child__in=ids).values_list("child_id", "classroom__name")
    )
    helpers = dict(Pairing.objects.standing().filter(on_day(on), child__in=ids).values_list("child_id", "helper__name"))
    carers = {}
    roles = KinRole.objects.standing().filter(child__in=ids, to_on=None, part__in=(KinPart.CARER, KinPart.ENTRUSTED))
    for role in roles.select_related("kin").order_by("relation", "id"):
        carers.setdefault(role.child_id, role)
    found = []
    for child in children:
        role = carers.get(child.pk)
        carer = f"{role.get_relation_display()} {role.kin.name}" if role else ""
        phone = bool(role and role.kin.phone_index)
        found.append(Line(child, classes.get(child.pk) or "", carer, phone, helpers.get(child.pk) or ""))
    return found


def page_of(found: QuerySet, *, after: str, before: str, size: int) -> tuple[list[Child], str, str]:
    """One page in the order of names by keyset: (children, cursor of the page before, of the page after), "" for none.

    A cursor is "name_sort|id"; a broken one begins at the start.
    """
    backwards = bool(before)
    cursor = before or after
    name, _bar, key = cursor.rpartition("|")
    try:
        at = (name, UUID(key)) if cursor else None
    except ValueError:
        at = None
    rows = found
    if at:
        side = ("lt", "lt") if backwards else ("gt", "gt")
        rows = rows.filter(Q(**{f"name_sort__{side[0]}": at[0]}) | Q(name_sort=at[0], **{f"id__{side[1]}": at[1]}))
    order = ("-name_sort", "-id") if backwards else ("name_sort", "id")
    page = list(rows.order_by(*order)[: size + 1])
    more = len(page) > size
    page = page[:size][::-1] if backwards else page[:size]
    if not page:
        return [], "", ""
    first, last = (f"{one.name_sort}|{one.pk}" for one in (page[0], page[-1]))
    has_before = more if backwards else bool(at)
    has_after = bool(at) if backwards else more
    return page, first if has_before else "", last if has_after else ""


def twins_of(staff, facts: dict, *, but=None) -> list[Child]:
    """Children this person may see who may be the same: same sound of the name and same day of birth."""
    if not (facts.get("name") and facts.get("birth_on")):
        return []
    said = [fuzzy(one) for one in read_name(facts["name"]).pinyin_full]
    alike = Lookup.objects.filter(kind=KeyKind.PINYIN, key__in=said).values("child_id")
    found = Child.objects.visible_to(staff).filter(birth_on=facts["birth_on"], pk__in=alike)
    return list((found.exclude(pk=but) if but else found).by_name()[:5])


# ── the head of a child's pages ──────────────────────────────────────────────────────────────────────────────────────


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


# ── helpers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

HELPERS = (RoleCode.DIRECTOR, RoleCode.CADRE, RoleCode.VOLUNTEER, RoleCode.TEACHER)


def helpers_for(child: Child, on: date) -> list[tuple[Staff, int]]:
    """People who may walk with this child, and how many children each has: of its community, and its class teacher."""
    schooling = child.schoolings.standing().filter(on_day(on)).first()
    near = Q(region=child.community_id)
    if schooling and schooling.classroom_id:
        near |= Q(classroom=schooling.classroom_id)
    posts = _held(on).filter(near, role__in=HELPERS)
    people = Staff.objects.standing().filter(suspended_on=None, pk__in=posts.values("staff_id")).order_by("name", "id")
    pairings = Pairing.objects.standing().filter(on_day(on), helper__in=people)
    loads = dict(pairings.order_by().values_list("helper").annotate(count=Count("pk")))
    return [(one, loads.get(one.pk, 0)) for one in people]


def helpers_of(children: list[Child], on: date) -> set:
    """Ids of the helpers who walk with these children."""
    held = Pairing.objects.standing().filter(on_day(on), child__in=children)
    return set(held.values_list("helper_id", flat=True))
