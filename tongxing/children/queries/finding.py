"""Finding children: search, the list a page at a time, and who may be the same child."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery

from tongxing.base import clock, numbers, phones
from tongxing.base.records import Look
from tongxing.base.sealed import digest
from tongxing.base.words import Asks, fuzzy, query_kinds, split_query
from tongxing.children.choices import Gap, KeyKind, Situation
from tongxing.children.models import Child, ContactCard, KinRole, Lookup, Pairing, Schooling, on_day
from tongxing.children.queries.archive import CARING, carer_among
from tongxing.children.rules import read_class, sounds
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
    if read_class(text).grade is not None:
        words = [text.strip()]  # a class in one piece, of which a figure alone would mean nothing
    return _named(staff, words, limit) or _placed(staff, words, limit)


def _named(staff, words: list[str], limit: int) -> list[Child]:
    """Those found by name, sound, number or phone."""
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


def _placed(staff, words: list[str], limit: int) -> list[Child]:
    """Those found by who and what is around them, asked only where no child was meant: a parent or carer, the helper,
    hamlet, school, class."""
    found, on = Child.objects.visible_to(staff).filter(in_care=True), clock.today()
    for word in words:
        asked = query_kinds(word)
        name = next((a.term for a in asked if a.kind == Asks.NAME), "")
        keys = _keys(word)
        if keys is None and not name:
            return []
        condition = Q(pk__in=Lookup.objects.filter(keys).values("child_id")) if keys is not None else Q()
        if name:
            here = {"child": OuterRef("pk")}
            helped = Pairing.objects.standing().filter(on_day(on), helper__name__startswith=word, **here)
            grown_up = KinRole.objects.standing().filter(to_on=None, kin__name__startswith=word, **here)
            enrolled = Q(school__name__contains=word) | Q(classroom__name=read_class(word).name)
            roll = Schooling.objects.standing().filter(on_day(on), enrolled, **here)
            condition |= (
                _name_condition(name, Q()) | Q(hamlet__contains=word) | Exists(helped) | Exists(grown_up) | Exists(roll)
            )
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
    phone: str = ""  # opened only where it is asked for
    lacks: str = ""  # of the contact card, in words


def lines_of(children: list[Child], on: date, *, with_phones: bool = False) -> list[Line]:
    """Class, carer and helper of these children, in three queries however many they are."""
    ids = [child.pk for child in children]
    classes = dict(
        Schooling.objects.standing().filter(on_day(on), child__in=ids).values_list("child_id", "classroom__name")
    )
    helpers = dict(Pairing.objects.standing().filter(on_day(on), child__in=ids).values_list("child_id", "helper__name"))
    roles = defaultdict(list)
    standing = KinRole.objects.standing().filter(child__in=ids, to_on=None, part__in=CARING)
    for role in standing.select_related("kin").order_by("relation", "id"):
        roles[role.child_id].append(role)
    found = []
    for child in children:
        role = carer_among(roles[child.pk])
        carer = f"{role.get_relation_display()} {role.kin.name}".strip() if role else ""
        known = bool(role and role.kin.phone_index)
        number = role.kin.phone if known and with_phones and role.kin.situation != Situation.NO_CONTACT else ""
        found.append(
            Line(child, classes.get(child.pk) or "", carer, known, helpers.get(child.pk) or "", phone=number or "")
        )
    return found


def lacking(found: QuerySet, gap: str, on: date) -> QuerySet:
    """Those of `found` who lack one thing (choices.Gap)."""
    if gap == Gap.NUMBER:
        return found.filter(citizen_number_index=None)
    here = {"child": OuterRef("pk")}
    if gap == Gap.CARD:
        newest = ContactCard.objects.filter(**here).order_by("-from_on").values("lacks")[:1]
        return found.annotate(card_lacks=Subquery(newest, output_field=CharField())).exclude(card_lacks="")
    carers = KinRole.objects.standing().filter(to_on=None, part__in=CARING, **here)
    there_is = {
        Gap.HELPER: Pairing.objects.standing().filter(on_day(on), **here),
        Gap.CARER: carers,
        Gap.PHONE: carers.exclude(kin__phone_index=None),
        Gap.SCHOOL: Schooling.objects.standing().filter(on_day(on), **here),
    }
    return found.filter(~Exists(there_is[gap]))


def hamlets_of(found: QuerySet, *, limit: int = 100) -> list[str]:
    """The hamlets of these children, to choose from."""
    return list(found.exclude(hamlet="").order_by("hamlet").values_list("hamlet", flat=True).distinct()[:limit])


def counted(found: QuerySet, most: int) -> int:
    """How many, counting no further than one above `most`."""
    return found.order_by()[: most + 1].count()


def page_of(found: QuerySet, *, after: str, before: str, size: int) -> tuple[list[Child], str, str]:
    """One page in the order of names by keyset: (children, cursor of the page before, of the page after), "" for none.

    A cursor is the id of the child at the edge, so that no name stands in an address; a broken one begins at the start.
    """
    at = _edge(found, before or after)
    backwards = bool(at and before)
    rows = found
    if at:
        side = "lt" if backwards else "gt"
        name, key = at
        rows = rows.filter(Q(**{f"name_sort__{side}": name}) | Q(name_sort=name, **{f"id__{side}": key}))
    order = ("-name_sort", "-id") if backwards else ("name_sort", "id")
    page = list(rows.order_by(*order)[: size + 1])
    more = len(page) > size
    page = page[:size][::-1] if backwards else page[:size]
    if not page:
        return [], "", ""
    has_before = more if backwards else bool(at)
    has_after = True if backwards else more
    return page, str(page[0].pk) if has_before else "", str(page[-1].pk) if has_after else ""


def _edge(found: QuerySet, cursor: str) -> tuple[str, UUID] | None:
    try:
        key = UUID(cursor)
    except ValueError:
        return None
    return found.filter(pk=key).values_list("name_sort", "id").first()


def twins_of(staff, facts: dict, *, but=None) -> list[Child]:
    """Children this person may see who may be the same: same sound of the name and same day of birth."""
    if not (facts.get("name") and facts.get("birth_on")):
        return []
    alike = Lookup.objects.filter(kind=KeyKind.PINYIN, key__in=sounds(facts["name"])).values("child_id")
    found = Child.objects.visible_to(staff).filter(birth_on=facts["birth_on"], pk__in=alike)
    return list((found.exclude(pk=but) if but else found).by_name()[:5])


def alike(staff, name: str, *, limit: int = 5) -> list[Child]:
    """Children this person may see whose whole name sounds the same or begins so: to be looked at first."""
    said = sounds(name)
    if not said:
        return []
    begins = Q()
    for one in sorted(said):
        begins |= _begins(KeyKind.PINYIN, one)
    found = Child.objects.visible_to(staff).filter(pk__in=Lookup.objects.filter(begins).values("child_id"))
    return list(found.by_name()[:limit])


RECENT = 5
LOOKED_BACK = 80  # looks among which the last few children are sought


def recent_of(staff) -> list[Child]:
    """The children whose files this person opened last, newest first."""
    looks = Look.objects.filter(by_id=staff.pk, what="children.child").order_by("-at")
    ids = list(dict.fromkeys(looks.values_list("subject_id", flat=True)[:LOOKED_BACK]))[:RECENT]
    found = Child.objects.visible_to(staff).in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
