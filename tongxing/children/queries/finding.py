"""Finding children: search, the list a page at a time, and who may be the same child."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxing.base import numbers, phones
from tongxing.base.sealed import digest
from tongxing.base.words import Asks, fuzzy, query_kinds, read_name, split_query
from tongxing.children.choices import KeyKind, KinPart
from tongxing.children.models import Child, KinRole, Lookup, Pairing, Schooling, on_day
from tongxing.staff.access import reached_by
from tongxing.staff.models import within

MOST_HITS = 50


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


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


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
