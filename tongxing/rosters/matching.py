"""Who is behind a row: nobody we know, a child with an archive, or another row of the same list."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Q

from tongxing.base import words
from tongxing.base.problems import Problem, held
from tongxing.base.sealed import digest
from tongxing.children.actions import archived_by
from tongxing.children.models import Child
from tongxing.children.rules import sounds
from tongxing.rosters.choices import RowState, Verdict
from tongxing.rosters.findings import Decision
from tongxing.rosters.models import Listed
from tongxing.rosters.rules import PERHAPS, Identity, beside, identity_of, number_said
from tongxing.rosters.sheets import LineRead, read_line
from tongxing.staff.choices import OrganisationKind
from tongxing.staff.models import Organisation, Region, within

TOWNSHIP = 9  # digits of a township's path


def number_digest(number: str | None) -> str:
    return (digest("citizen_number", number) or "") if number else ""


def person_of(name: str, born: date | None, number: str, facts: dict) -> str:
    """Who a row is about, as a keyed digest: the same on every list that says the same of this person."""
    told = [name, born.isoformat() if born else "", number]
    if not (born or number):
        told += [str(facts.get(key) or "") for key in ("carer_phone", "class_name", "hamlet")]
    return digest("roster_person", json.dumps(told, ensure_ascii=False)) or ""


# ── archives ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Found:
    """An archive that a row may be about."""

    child_id: UUID
    community: str
    by_number: bool
    number_index: str | None
    place: str = ""  # the township, where it is another community's: all that may be said of that child


class Archives:
    """The archives that some rows may be about, read in at most four queries. With `near`, those whose name only sounds
    the same as well."""

    def __init__(
        self,
        community: Region | None,
        identities: Iterable[Identity],
        numbers: Iterable[str] = (),
        *,
        near: bool = False,
    ):
        identities = list(identities)
        spoken = {one.number for one in identities if one.number} | {number for number in numbers if number}
        self._digests = {number: number_digest(number) for number in spoken}
        index = archived_by(self._digests.values())
        places = dict(Child.objects.filter(pk__in=index.values()).values_list("pk", "community_id"))
        here = community.path if community else ""
        names = _townships({path for path in places.values() if path != here}) if community else {}
        self.numbers = {key: Found(pk, places[pk], True, key, names.get(places[pk], "")) for key, pk in index.items()}
        self.people: dict[tuple[str, date], list[Found]] = {}
        self._born: dict[date, dict[str, list[Found]]] = {}
        people = [one for one in identities if one.name and one.birth_on]
        if community is not None and people:
            same = Child.objects.standing().filter(
                community_id=community.path, birth_on__in={one.birth_on for one in people}
            )
            if not near:
                same = same.filter(name__in={one.name for one in people})
            rows = same.values_list("name", "birth_on", "pk", "community_id", "citizen_number_index").order_by("id")
            for name, birth_on, pk, path, key in rows:
                self.people.setdefault((name, birth_on), []).append(Found(pk, path, False, key))
            for (name, birth_on), found in self.people.items() if near else ():
                self._born.setdefault(birth_on, {})[name] = found

    def of(self, who: Identity, number: str | None = None) -> Found | None:
        """The archive of this person: by number (a doubtful one counts if an archive has just that), else by name and
        birthday in the community."""
        for spoken in (who.number, number):
            if spoken and (found := self.numbers.get(self.digest_of(spoken))):
                return found
        for found in self.people.get((who.name, who.birth_on), ()):
            if not who.number or not found.number_index:
                return found
        return None

    def digest_of(self, number: str | None) -> str:
        """As `number_digest`, made once for all that is asked of these rows."""
        return (number and (self._digests.get(number) or number_digest(number))) or ""

    def namesake(self, who: Identity) -> bool:
        """A child here has this name and birthday, and another number."""
        return bool(who.number and self.people.get((who.name, who.birth_on)))

    def near(self, who: Identity) -> list[Found]:
        """Archives of children here who were born that day and whose name is written otherwise and sounds the same.
        Two numbers are two children."""
        if not who.name or self.namesake(who):
            return []
        others = self._born.get(who.birth_on, {})
        said = sounds(who.name) if others else set()
        return [
            found
            for name, held in others.items()
            if name != who.name and said & sounds(name)
            for found in held
            if not (who.number and found.number_index)
        ]


@dataclass(frozen=True)
class Likeness:
    """An archive that may be that of the child a row is about, and what somebody has decided of the two."""

    person: str  # who the row is about, as `person_of` says
    child_id: UUID
    decision_id: UUID | None = None
    verdict: str = ""


def likenesses(archives: Archives, asked: Iterable[tuple[object, dict, dict, Identity]]) -> dict:
    """Of rows that have no archive for certain (each as a key, facts, cells, identity) those that are near one: key →
    the first archive of which nobody has said that it is another child's. One query, none where no row is near any."""
    near = {}
    for key, facts, written, who in asked:
        if found := archives.near(who):
            near[key] = person_of(who.name or "", who.birth_on, number_said(facts, written), facts), found
    if not near:
        return {}
    decisions = Decision.objects.standing().filter(person__in={person for person, _found in near.values()}, other=None)
    said = {(person, child): rest for person, child, *rest in decisions.values_list("person", "child", "pk", "verdict")}
    made = {}
    for key, (person, found) in near.items():
        alike = [Likeness(person, one.child_id, *said.get((person, one.child_id), ())) for one in found]
        open_ones = [one for one in alike if one.verdict != Verdict.DIFFERENT]
        if open_ones:
            made[key] = next((one for one in open_ones if one.verdict == Verdict.SAME), open_ones[0])
    return made


def _townships(communities: set[str]) -> dict[str, str]:
    """Communities by path → the name of their township, or their own where it has none."""
    if not communities:
        return {}
    paths = communities | {path[:TOWNSHIP] for path in communities}
    names = dict(Region.objects.filter(path__in=paths).values_list("path", "name"))
    return {path: names.get(path[:TOWNSHIP]) or names.get(path, "") for path in communities}


# ── schools ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Schools:
    """The schools that rows of a community name: those of its township."""

    def __init__(self, community: Region | None, sender: Organisation | None = None):
        self.sender = sender if sender and sender.kind == OrganisationKind.SCHOOL else None
        near = Organisation.objects.standing().filter(kind=OrganisationKind.SCHOOL)
        near = near.filter(within("region_id", community.path[:TOWNSHIP])) if community else near.none()
        self.by_name = {words.fold(school.name): school for school in near}
        if self.sender:
            self.by_name.setdefault(words.fold(self.sender.name), self.sender)

    def of(self, facts: dict) -> Organisation | None:
        """The school a row is about: the one it names, else the one that sent the list."""
        name = facts.get("school")
        return self.by_name.get(words.fold(name)) if name else self.sender

    def is_unknown(self, facts: dict) -> bool:
        return bool(facts.get("school")) and self.of(facts) is None


# ── rows of a list ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Judged:
    """A line and what became of it."""

    line: LineRead
    state: str
    facts: dict = field(default_factory=dict)
    problems: list[tuple[Problem, dict]] = field(default_factory=list)
    child_id: UUID | None = None
    likeness: Likeness | None = None  # an archive of which somebody has to say whether it is this child's


class Judge:
    """Checks the lines of one list, chunk after chunk, each by itself, beside the others and beside the archives."""

    def __init__(self, community: Region | None, today: date, sender: Organisation | None = None):
        self.community, self.today = community, today
        self.schools = Schools(community, sender)
        self.numbers: dict[str, tuple] = {}
        self.people: dict[tuple, tuple] = {}

    def judge(self, lines: list[LineRead]) -> list[Judged]:
        read = [(line, *self._read(line)) for line in lines if not line.skipped]
        known = Archives(
            self.community,
            (who for _line, _facts, _found, who in read),
            (facts.get("citizen_number") for _line, facts, _found, _who in read),
            near=True,
        )
        unknown = [
            (id(line), facts, line.written, who)
            for line, facts, _found, who in read
            if known.of(who, facts.get("citizen_number")) is None
        ]
        near = likenesses(known, unknown)
        judged = {
            id(line): self._judge(line, facts, found, who, known, near.get(id(line)))
            for line, facts, found, who in read
        }
        skipped = {id(line): Judged(line, RowState.SKIPPED) for line in lines if line.skipped}
        return [judged.get(id(line)) or skipped[id(line)] for line in lines]

    def _read(self, line: LineRead):
        facts, found = read_line(line, self.today)
        return facts, found, identity_of(facts, line.written, self.today)

    def _judge(self, line, facts, found, who, known: Archives, near: Likeness | None) -> Judged:
        problems = [(problem, {}) for problem in found]
        archive = known.of(who, facts.get("citizen_number"))
        if archive and (self.community is None or archive.community == self.community.path):
            self._remember(line, who, known)
            return Judged(line, RowState.KNOWN, facts, problems, archive.child_id)
        if near and near.verdict == Verdict.SAME:
            self._remember(line, who, known)
            return Judged(line, RowState.KNOWN, facts, problems, near.child_id)
        if archive:
            problems.append(beside("archived_elsewhere", "citizen_number", place=archive.place))
        elif known.namesake(who):
            problems.append(beside("other_number", "citizen_number"))
        elif near:
            problems.append(beside(PERHAPS, "name"))
        if self.community is not None and self.schools.is_unknown(facts):
            problems.append(beside("unknown_school", "school"))
        problems += self._remember(line, who, known)
        waits = held(problem for problem, _arguments in problems)
        return Judged(line, RowState.TO_FIX if waits else RowState.READY, facts, problems, likeness=near)

    def _remember(self, line, who, known: Archives) -> list:
        """Note who the line is about; the problem that an earlier line is about the same child."""
        person = (who.name, who.birth_on) if who.name and who.birth_on else None
        for code, seen, key in (
            ("same_number", self.numbers, known.digest_of(who.number)),
            ("same_person", self.people, person),
        ):
            here = (line.sheet, line.number)
            if key and (first := seen.setdefault(key, here)) != here:
                return [beside(code, "name", first=first[1], this=line.number)]
        return []


# ── listed persons ───────────────────────────────────────────────────────────────────────────────────────────────────


class Persons:
    """Listed persons of a community whom some rows may be about; a person two lists name is found again here."""

    def __init__(self, community: Region, identities: Iterable[Identity]):
        identities = list(identities)
        digests = {number_digest(one.number) for one in identities if one.number}
        names = {one.name or "" for one in identities}
        here = Listed.objects.standing().filter(community_id=community.path)
        self.by_id: dict[UUID, Listed] = {}
        self.by_number: dict[str, Listed] = {}
        self.by_name: dict[tuple, list[Listed]] = {}
        for one in here.filter(Q(number_digest__in=digests) | Q(name__in=names)).order_by("id"):
            self.note(one)

    def note(self, one: Listed) -> None:
        self.by_id[one.pk] = one
        if one.number_digest:
            self.by_number[one.number_digest] = one
        self.by_name.setdefault((one.name, one.birth_on), []).append(one)

    def of(self, who: Identity) -> Listed | None:
        if not self.by_id:
            return None
        key = number_digest(who.number)
        if key and key in self.by_number:
            return self.by_number[key]
        same = self.by_name.get((who.name or "", who.birth_on), ())
        return next((one for one in same if not key or not one.number_digest), None)
