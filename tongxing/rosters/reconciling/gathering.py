"""Both sides of a reconciliation out of the database: rows of current lists, archives of a region, what was decided.

Read in the process that links, in columns and chunks. Of an archive only what is needed is opened: its number where no
row has it by digest, its grown-ups where some row is left without an archive.
"""

import json
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxing.base import numbers, phones, words
from tongxing.base.sealed import CannotOpen, bound_to, digest, unseal
from tongxing.children.models import Child, KinRole, Schooling
from tongxing.children.rules import facts_in
from tongxing.rosters.choices import RowState, Verdict
from tongxing.rosters.findings import Decision
from tongxing.rosters.matching import person_of
from tongxing.rosters.models import Roster, RosterRow
from tongxing.rosters.queries import current_rosters
from tongxing.rosters.reconciling.near import is_sound, one_slip_away
from tongxing.rosters.reconciling.people import Side, key_of
from tongxing.rosters.rules import identity_of, number_said
from tongxing.rosters.sheets import cell_in
from tongxing.staff.models import within

CHUNK = 2000
SETTLED = (RowState.ARCHIVED, RowState.KNOWN, RowState.CHANGED, RowState.UPDATED, RowState.KEPT)
GROWN_UPS = ("carer", "father", "mother")


@dataclass
class Gathered:
    """Both sides, and what stands behind each key: rows and archives by their place."""

    rows: Side = field(default_factory=Side)
    archives: Side = field(default_factory=Side)
    row_ids: list[UUID] = field(default_factory=list)
    places: list[str] = field(default_factory=list)  # of rows
    persons: list[str] = field(default_factory=list)  # of rows: keyed digests of who they are about
    settled: dict[int, str] = field(default_factory=dict)  # row → why it has its archive already
    child_ids: list[UUID] = field(default_factory=list)
    homes: list[str] = field(default_factory=list)  # of archives
    asked: list[bool] = field(default_factory=list)  # archives that ought to stand on a list
    same: list[tuple[int, int]] = field(default_factory=list)
    parted: list[tuple[int, int]] = field(default_factory=list)
    nobody: int = 0  # rows that tell neither name nor number
    lists: int = 0


def gather(region: str, on: date, told: Callable[[int, int], None]) -> Gathered:
    """Read everything; `told(done, total)` hears how far it is, in rows and archives together."""
    found = Gathered()
    current = current_rosters(region, on)
    rosters = list(current.order_by("received_on", "id"))
    found.lists = len(rosters)
    rows = RosterRow.objects.exclude(state__in=(RowState.SKIPPED, RowState.UNDONE))
    total = (
        rows.filter(roster__in=current.values("pk")).count()
        + Child.objects.standing().filter(within("community_id", region)).count()
    )
    done = 0
    spoken: dict[int, UUID] = {}
    for place, roster in enumerate(rosters):
        for row in pages(rows.filter(roster=roster), OF_ROW):
            _add_row(found, spoken, place, roster, row)
            done += 1
            if done % CHUNK == 0:
                told(done, total)
    _add_archives(found, region, set(spoken.values()), done, total, told)
    _settle(found, spoken)
    _decided(found)
    return found


def pages(found: QuerySet, fields: tuple[str, ...]) -> Iterator[tuple]:
    """Rows in the order of their keys, read a page at a time; `fields` begin with the key.

    No reading stays open between two rows: SQLite would let nobody write beside it once another process has written,
    and the worker does so every few seconds.
    """
    last = None
    while page := list((found.filter(pk__gt=last) if last else found).order_by("pk").values_list(*fields)[:CHUNK]):
        last = page[-1][0]
        yield from page


OF_ROW = ("pk", "state", "child_id", "child__withdrawn_at", "facts", "written")  # tuples: a model costs twice as much


def _add_row(found: Gathered, spoken: dict, place: int, roster: Roster, row: tuple) -> None:
    pk, state, child, gone, facts, written = row
    if child and gone is None and state in SETTLED:
        spoken[len(found.rows)] = child
        found.settled[len(found.rows)] = "opened_from" if state in (RowState.ARCHIVED, RowState.KEPT) else "known_then"
        found.rows.add(on_list=place)
        _note_row(found, pk, roster, "")
        return
    facts = facts_in(unseal(facts, bound_to("rosters.rosterrow", "facts", pk)) if facts else None)
    whole = facts.get("citizen_number") and facts.get("name") and facts.get("birth_on")
    cells = {} if whole or not written else _cells(unseal(written, bound_to("rosters.rosterrow", "written", pk)))
    number = number_said(facts, cells)
    who = identity_of(facts, cells, roster.received_on)
    name = who.name or ""
    if not (name or number):
        found.nobody += 1
        return
    sound = is_sound(number)
    spoken_phones = [facts.get(f"{one}_phone") for one in GROWN_UPS]
    found.rows.add(
        on_list=place,
        name=name,
        born=who.birth_on,
        number=key_of(digest("citizen_number", number)) if number else None,
        sound=sound,
        near=[key_of(digest("citizen_number", one)) for one in one_slip_away(number)] if number and not sound else [],
        sex=facts.get("sex"),
        phones=[key_of(digest("phone", phones.key(one))) for one in spoken_phones if one],
        grown_ups=[words.fold(facts.get(f"{one}_name")) for one in GROWN_UPS],
        place=roster.community_id,
        hamlet=facts.get("hamlet"),
        class_name=facts.get("class_name"),
    )
    _note_row(found, pk, roster, person_of(name, who.birth_on, number, facts))


def _cells(text: str) -> dict:
    """The cells as they were written, by field."""
    return {field: cell_in(value) for field, value in json.loads(text).items()}


def _note_row(found: Gathered, pk: UUID, roster: Roster, person: str) -> None:
    found.row_ids.append(pk)
    found.places.append(roster.community_id)
    found.persons.append(person)


# ── archives ─────────────────────────────────────────────────────────────────────────────────────────────────────────

SAID = ("pk", "name", "birth_on", "sex", "citizen_number_index", "community_id", "hamlet", "in_care")


def _add_archives(found: Gathered, region: str, known: set, done: int, total: int, told) -> None:
    """The archives of the region, and those elsewhere that are `known` for a row or have its number."""
    said = zip(found.rows.columns["number"], found.rows.columns["sound"], strict=True)
    numbered = {key: sound for key, sound in said if key is not None}
    here = Child.objects.standing().filter(within("community_id", region))
    lines, met = [], set()
    for line in pages(here, SAID):
        lines.append((*line, True))
        met.add(key_of(line[4]))
        done += 1
        if done % CHUNK == 0:
            told(done, total)
    if region:
        there = {line[0]: (*line, False) for line in _elsewhere(found, numbered.keys() - met, region)}
        for chunk in chunks(list(known - {line[0] for line in lines})):
            away = Child.objects.standing().filter(pk__in=chunk).order_by("pk").values_list(*SAID)
            there |= {line[0]: (*line, False) for line in away}
        lines += there.values()
    # With one list an archive that a row has by number needs nothing more; with several, another list may not know it.
    plain = {line[0] for line in lines if found.lists == 1 and key_of(line[4]) in numbered}
    wanted = [line[0] for line in lines if line[0] not in plain]
    # A number that a row says as well need not be opened: whether it stands its check is known.
    known_sound = {line[0] for line in lines if numbered.get(key_of(line[4]))}
    about = beside(wanted, known_sound)
    for pk, name, born, sex, index, community, hamlet, in_care, inside in lines:
        sound, near, grown_ups, class_name = about.get(pk, (True, (), (), ""))
        found.archives.add(
            name=name,
            born=born,
            number=key_of(index),
            sound=bool(index) and sound,
            near=near,
            sex=sex,
            phones=[key_of(one[1]) for one in grown_ups if one[1]],
            grown_ups=[words.fold(one[0]) for one in grown_ups],
            place=community,
            hamlet=hamlet,
            class_name=class_name,
        )
        found.child_ids.append(pk)
        found.homes.append(community)
        found.asked.append(in_care and inside)


def _elsewhere(found: Gathered, lacking: set, region: str) -> Iterator[tuple]:
    """Archives of other places by number. The engine knows 64 bits of a digest, the database all 128: ask by rows."""
    if not lacking:
        return
    said = found.rows.columns["number"]
    ids = [found.row_ids[at] for at, key in enumerate(said) if key in lacking]
    for chunk in chunks(ids):
        index = []
        for row in RosterRow.objects.filter(pk__in=chunk):
            number = facts_in(row.facts).get("citizen_number") or row.cells().get("citizen_number")
            index.append(digest("citizen_number", numbers.fold(number)))
        there = Child.objects.standing().filter(citizen_number_index__in=index).exclude(within("community_id", region))
        yield from there.order_by("pk").values_list(*SAID)


def beside(ids: list[UUID], known_sound: Container[UUID] = ()) -> dict[UUID, tuple]:
    """Archive → (its number is sound, numbers one slip away, grown-ups as (name, phone digest), class)."""
    found = {}
    for chunk in chunks(ids):
        kin: dict[UUID, list] = {}
        roles = KinRole.objects.standing().filter(child_id__in=chunk, to_on=None).order_by("-part", "relation", "id")
        for child, name, phone in roles.values_list("child_id", "kin__name", "kin__phone_index"):
            kin.setdefault(child, []).append((name, phone))
        schools = Schooling.objects.standing().filter(child_id__in=chunk, to_on=None)
        classes = dict(schools.values_list("child_id", "classroom__name"))
        closed = [pk for pk in chunk if pk not in known_sound]
        held = Child.objects.filter(pk__in=closed, citizen_number_index__isnull=False)
        for pk, box in held.values_list("pk", "citizen_number"):
            try:
                number = numbers.fold(unseal(box, bound_to("children.child", "citizen_number", pk)) if box else "")
            except CannotOpen:
                number = ""
            sound = is_sound(number)
            near = () if sound else [key_of(digest("citizen_number", one)) for one in one_slip_away(number)]
            found[pk] = (sound, near, kin.get(pk, ()), classes.get(pk) or "")
        for pk in chunk:
            found.setdefault(pk, (pk in known_sound, (), kin.get(pk, ()), classes.get(pk) or ""))
    return found


def chunks(ids: list) -> Iterator[list]:
    """So many at a time as either database takes as parameters of one question."""
    for at in range(0, len(ids), 900):
        yield ids[at : at + 900]


# ── what is known already ────────────────────────────────────────────────────────────────────────────────────────────


def _settle(found: Gathered, spoken: dict[int, UUID]) -> None:
    """Rows whose archive the import knows."""
    at = {pk: key for key, pk in enumerate(found.child_ids)}
    for row, child in spoken.items():
        if child in at:
            found.same.append((row, at[child]))


def _decided(found: Gathered) -> None:
    """Decisions about these persons and archives."""
    at = {pk: key for key, pk in enumerate(found.child_ids)}
    rows: dict[str, list[int]] = {}
    for key, person in enumerate(found.persons):
        if person:
            rows.setdefault(person, []).append(key)
    said = Decision.objects.standing().filter(~Q(person=""), verdict__in=(Verdict.SAME, Verdict.DIFFERENT), other=None)
    for person, child, verdict in said.values_list("person", "child_id", "verdict").iterator(CHUNK):
        if child in at:
            into = found.same if verdict == Verdict.SAME else found.parted
            into += [(row, at[child]) for row in rows.get(person, ())]
