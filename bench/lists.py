"""A school's roll and a county's archives of the same children, as much alike as they are in life, with the truth.

Of the children on the roll some have no archive, some archives stand on no roll. The roll has the slips of `dirt`; it
names one grown-up of each child, with gaps; archives were opened at home and know the carer and the parents.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from bench import dirt, generate

ON_ROLL = 5 / 6  # of the children told of; the others have an archive and stand on no roll
NO_NUMBER = 0.05  # archives opened without a number
ELSEWHERE = 0.03  # rows that name another community than the archive
CONTACT = (("carer", 0.60), ("father", 0.85), ("mother", 1.0))
NO_PHONE, OTHER_PHONE, NO_NAME, OTHER_NAME = 0.15, 0.10, 0.10, 0.05
NO_HAMLET, NO_CLASS, OTHER_CLASS = 0.40, 0.10, 0.05


@dataclass(slots=True)
class Person:
    """One row of a roll, or one archive."""

    child: int
    name: str
    birth_on: str
    number: str
    sex: str
    place: str
    hamlet: str
    class_name: str
    phones: list[str] = field(default_factory=list)
    grown_ups: list[str] = field(default_factory=list)


@dataclass
class World:
    rows: list[Person]
    archives: list[Person]

    def truth(self) -> list[int]:
        """For each row the place of its archive, -1 where it has none."""
        at = {person.child: place for place, person in enumerate(self.archives)}
        return [at.get(row.child, -1) for row in self.rows]


def world(seed: int, size: int, much: float = 1.0) -> World:
    """About `size` rows beside about `size` archives."""
    rng = Random(seed * 104_729 + 3)
    rows, archives = [], []
    for line, home, child in _lines(seed, round(size / ON_ROLL), much):
        on_roll = rng.random() < ON_ROLL
        if on_roll:
            rows.append(_row(rng, line, home, child, much))
        if line.archived or not on_roll:
            archives.append(_archive(rng, home, child))
    rng.shuffle(rows)
    return World(rows, archives)


def _lines(seed: int, children: int, much: float) -> Iterator[tuple]:
    homes = list(generate.households(seed, children))
    told = [(home, child) for home in homes for child in home.children]
    yield from ((line, *told[line.child]) for line in dirt.roster(seed, generate.rows(homes), much))


def _row(rng: Random, line: dirt.Line, home: generate.Household, child: generate.Child, much: float) -> Person:
    share = rng.random()
    part = next(part for part, upto in CONTACT if share < upto)
    contact = next(kin for kin in home.kin if kin.role == part)
    phone, name = contact.phone, contact.name
    if rng.random() < OTHER_PHONE * much:
        phone = f"140{rng.randrange(10**8):08d}"
    if rng.random() < OTHER_NAME * much:
        name = dirt.slip_of_name(rng, name)
    place = home.community
    if rng.random() < ELSEWHERE * much:
        place = f"{place[:-1]}{(int(place[-1]) + 1) % 10}"
    class_name = f"{child.grade}{child.class_name}"
    return Person(
        child=line.child,
        name=line.facts["name"],
        birth_on=line.facts["birth_on"],
        number=line.facts["number"],
        sex=child.sex,
        place=place,
        hamlet="" if rng.random() < NO_HAMLET else home.hamlet,
        class_name="" if rng.random() < NO_CLASS else class_name,
        phones=[] if rng.random() < NO_PHONE else [phone],
        grown_ups=[] if rng.random() < NO_NAME else [name],
    )


def _archive(rng: Random, home: generate.Household, child: generate.Child) -> Person:
    class_name = f"{child.grade}{child.class_name}"
    if rng.random() < OTHER_CLASS:
        class_name = f"{child.grade}{rng.randint(1, 4)}"
    return Person(
        child=child.index,
        name=child.name,
        birth_on=child.birth_on.isoformat(),
        number="" if rng.random() < NO_NUMBER else child.number,
        sex=child.sex,
        place=home.community,
        hamlet=home.hamlet,
        class_name="" if rng.random() < NO_CLASS else class_name,
        phones=[kin.phone for kin in home.kin],
        grown_ups=[kin.name for kin in home.kin],
    )
