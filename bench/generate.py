"""Invents children, kin, homes, schools and a year of acts; the same seed gives the same world.

Everything here is made up: citizen numbers stand in the unassigned region 990101, phones begin with 140. Shares follow
the 2018 head count (boys, ages, carers, health); a community has 103 children, 5 / 20 / 78 of them at high, medium and
low attention. Stands alone: it imports nothing of the product, so that a fault there cannot hide here.

    python -m bench.generate --seed 1 --children 1000 --xlsx out.xlsx
"""

import argparse
import time
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from bench import words

ON = date(2026, 11, 20)  # the day the invented world is looked at
COMMUNITY = 103  # children in a community
LEVELS = ("high",) * 5 + ("medium",) * 20 + ("low",) * 78
COMMUNITIES, TOWNSHIPS = 49, 10  # in a township (about 5,000 children), in a county (about 50,000)
PAIRED = 0.04  # share of children with a twin or sibling in the list
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CADENCE = {"high": 30, "medium": 91, "low": 182}  # days between visits
MISSED = 0.12


@dataclass(slots=True)
class Kin:
    role: str  # father | mother | carer
    relation: str  # a key of words.tsv "relation"; the role itself for parents
    name: str
    number: str
    phone: str
    province: str = ""  # where the person works; empty: at home
    city: str = ""


@dataclass(slots=True)
class Child:
    index: int
    name: str
    sex: str  # M | F
    ethnic: str
    birth_on: date
    number: str
    health: str
    attention: str  # high | medium | low
    school: str
    school_number: str
    grade: str
    class_name: str
    boarding: bool
    helper: str


@dataclass(slots=True)
class Household:
    community: str  # 12 digits
    township_name: str
    community_name: str
    hamlet: str
    address: str
    kin: tuple[Kin, Kin, Kin]
    children: tuple[Child, ...]


@dataclass(slots=True)
class Act:
    kind: str  # visit | talk | call
    on: date
    by: str
    met: bool  # the child was there
    note: str


def check_digit(first17: str) -> str:
    """GB 11643: the eighteenth sign for the first seventeen digits."""
    return "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, first17, strict=True)) % 11]


class Numbers:
    """Gives out citizen numbers and phones, none twice."""

    def __init__(self) -> None:
        self.taken: dict[tuple[str, date], int] = {}
        self.phones = 0

    def citizen(self, sex: str, birth_on: date) -> str:
        count = self.taken.get((sex, birth_on), 0)
        self.taken[(sex, birth_on)] = count + 1
        region, place = divmod(count, 499)  # a day and sex has 499 serials; then the next invented county
        serial = 2 * ((place * 137 + birth_on.day * 11) % 499) + (1 if sex == "M" else 2)
        first17 = f"{990101 + region}{birth_on:%Y%m%d}{serial:03d}"
        return first17 + check_digit(first17)

    def phone(self) -> str:
        self.phones += 1
        return f"140{(self.phones * 48271 + 20261120) % 10**8:08d}"


def surname(rng: Random) -> str:
    names, weights = words.surnames()
    return names[bisect(weights, rng.random() * weights[-1])]


def given_name(rng: Random, kind: str) -> str:
    """One or two characters; early entries of the lists are several times as frequent as late ones."""
    first, second = words.given()[kind]
    if rng.random() < 0.1:
        return second[int(len(second) * rng.random() ** 1.6)]
    return first[int(len(first) * rng.random() ** 1.6)] + second[int(len(second) * rng.random() ** 1.6)]


def a_birth(rng: Random, on: date) -> date:
    """Ages 0-5, 6-13, 14-15 in the shares of the 2018 head count."""
    share = rng.random()
    low, high = (0, 6) if share < 0.217 else (6, 14) if share < 0.891 else (14, 16)
    return on - timedelta(days=int(low * 365.25 + rng.random() * ((high - low) * 365.25 - 1)))


def grade_of(birth_on: date, on: date) -> int:
    """0 not at nursery, 1-3 nursery, 4-9 primary, 10-12 junior; the school year turns on 1 September."""
    year = on.year - (on.month < 9)
    age = year - birth_on.year - ((birth_on.month, birth_on.day) > (8, 31))
    return min(max(age - 2, 0), 12)


def a_parent(rng: Random, numbers: Numbers, sex: str, family: str, child_born: date) -> Kin:
    born = child_born - timedelta(days=int(365.25 * rng.triangular(20, 38, 25)))
    province, city = words.places()[int(len(words.places()) * rng.random() ** 1.5)]
    name = family + given_name(rng, "man" if sex == "M" else "woman")
    role = "father" if sex == "M" else "mother"
    return Kin(role, role, name, numbers.citizen(sex, born), numbers.phone(), province, city)


def a_carer(rng: Random, numbers: Numbers, family: str, parent_born: date) -> Kin:
    share = rng.random()
    relation, sex = (
        ("paternal_grandmother", "F") if share < 0.40
        else ("paternal_grandfather", "M") if share < 0.72
        else ("maternal_grandmother", "F") if share < 0.87
        else ("maternal_grandfather", "M") if share < 0.96
        else ("uncle", "M") if share < 0.98
        else ("aunt", "F")
    )  # fmt: skip
    older = rng.triangular(20, 30, 23) if "grand" in relation else rng.uniform(-6, 10)
    born = parent_born - timedelta(days=int(365.25 * older))
    own = family if relation in ("paternal_grandfather", "uncle") else surname(rng)
    kind = ("elder_man" if sex == "M" else "elder_woman") if "grand" in relation else ("man" if sex == "M" else "woman")
    return Kin("carer", relation, own + given_name(rng, kind), numbers.citizen(sex, born), numbers.phone())


def born_of(number: str) -> date:
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def community_at(place: int) -> tuple[str, str, str]:
    """The n-th community: its 12-digit code, the township's name, its own name."""
    township, village = divmod(place, COMMUNITIES)
    county, town = divmod(township, TOWNSHIPS)
    towns, villages = words.flat("townships.txt"), words.flat("communities.txt")
    code = f"{990101 + county}{100 + town:03d}{201 + village:03d}"
    name = words.words("place")["community"].format(name=villages[village % len(villages)])
    return code, towns[(town + county) % len(towns)], name


def school_names() -> list[str]:
    """Every school of the world."""
    kinds = [words.words("school")[kind] for kind in ("nursery", "primary", "junior")]
    return [kind.format(township=town) for town in words.flat("townships.txt") for kind in kinds]


def households(seed: int, children: int, on: date = ON) -> Iterator[Household]:
    """Homes one after another until exactly `children` children are told of; holds one home at a time."""
    rng, numbers = Random(seed), Numbers()
    hamlets, spoken, grades = words.flat("hamlets.txt"), words.words("place"), words.words("grade")
    index, place = 0, -1
    while index < children:
        if index // COMMUNITY != place:
            place = index // COMMUNITY
            code, township, community = community_at(place)
            levels = rng.sample(LEVELS, COMMUNITY)
            helpers = [surname(rng) + given_name(rng, rng.choice(("man", "woman"))) for _ in range(21)]
        room = min(children - index, COMMUNITY - index % COMMUNITY)
        size = 2 if room > 1 and rng.random() < PAIRED / (2 - PAIRED) else 1
        hamlet, family = rng.choice(hamlets), surname(rng)
        births = [a_birth(rng, on)]
        if size == 2:  # half of them twins, the others one to five years older
            births.append(births[0] if rng.random() < 0.5 else births[0] - timedelta(days=rng.randint(330, 1900)))
        eldest = min(births)
        father = a_parent(rng, numbers, "M", family, eldest)
        mother = a_parent(rng, numbers, "F", surname(rng), eldest)
        if rng.random() < 0.034:  # one away, the other at home but unable
            stays = rng.choice((father, mother))
            stays.province = stays.city = ""
        kin = (father, mother, a_carer(rng, numbers, family, born_of(father.number)))
        generation = rng.choice(words.given()["boy"][0]) if rng.random() < 0.5 else ""
        told = []
        for birth_on in births:
            sex = "M" if rng.random() < 0.545 else "F"
            own = given_name(rng, "boy" if sex == "M" else "girl")
            if size == 2 and generation and len(own) == 2:
                own = generation + own[1]  # siblings often share a character
            while told and family + own == told[0].name:
                own = given_name(rng, "boy" if sex == "M" else "girl")
            grade = grade_of(birth_on, on)
            kind = "nursery" if grade < 4 else "primary" if grade < 10 else "junior"
            health = rng.random()
            told.append(
                Child(
                    index=index,
                    name=family + own,
                    sex=sex,
                    ethnic=rng.choices(("han", "miao", "dong", "tujia", "yi"), (86, 5, 3, 4, 2))[0],
                    birth_on=birth_on,
                    number=numbers.citizen(sex, birth_on),
                    health="healthy" if health < 0.994 else "disabled" if health < 0.999 else "ill",
                    attention=levels[index % COMMUNITY],
                    school=words.words("school")[kind].format(township=township) if grade else "",
                    school_number=f"L990101{birth_on.year}{index:08d}" if grade > 3 else "",
                    grade=grades[str(grade)],
                    class_name=spoken["class"].format(number=rng.randint(1, 4)) if grade else "",
                    boarding=rng.random() < (0.6 if grade > 9 else 0.2 if grade > 7 else 0),
                    helper=told[0].helper if told else helpers[index % COMMUNITY // 5],
                )
            )
            index += 1
        address = spoken["address"].format(
            township=township, community=community, hamlet=hamlet, number=rng.randint(1, 180)
        )
        yield Household(code, township, community, hamlet, address, kin, tuple(told))


def year_of_acts(child: Child, seed: int, until: date = ON, days: int = 365) -> list[Act]:
    """Visits by attention level, monthly talks, calls by the family's habit, each with its misses; oldest first."""
    rng = Random(seed * 1_000_003 + child.index)
    notes, acts = words.words("note"), []

    def every(step: int, kind: str, missed: float, by: str) -> None:
        day = rng.randint(0, step)
        while day < days:
            if rng.random() >= missed:
                on = until - timedelta(days=days - 1 - min(days - 1, day + rng.randint(0, step // 6)))
                acts.append(Act(kind, on, by, rng.random() < 0.93, notes[kind]))
            day += step

    every(CADENCE[child.attention], "visit", MISSED, child.helper)
    every(30, "talk", 0.2, child.helper)
    habit = rng.random()  # how often parents call, after the 2010 survey: never 1.3 %, yearly 4.9 %, monthly 21.1 %
    if habit >= 0.013:
        every(365 if habit < 0.062 else 30 if habit < 0.273 else 7, "call", 0.25, "")
    acts.sort(key=lambda act: act.on)
    return acts


def rows(homes: Iterable[Household]) -> Iterator[dict[str, str]]:
    """One dict a child, by the keys of bench/names/headings.tsv, as a careful clerk would type it."""
    sexes, levels, relations = words.words("sex"), words.words("attention"), words.words("relation")
    healths, peoples, yes = words.words("health"), words.words("ethnic"), words.words("yes")
    for home in homes:
        father, mother, carer = home.kin
        for child in home.children:
            yield {
                "name": child.name,
                "sex": sexes[child.sex],
                "ethnic": peoples[child.ethnic],
                "birth_on": child.birth_on.isoformat(),
                "number": child.number,
                "hukou": home.township_name + home.community_name,
                "hamlet": home.hamlet,
                "address": home.address,
                "school": child.school,
                "grade": child.grade,
                "class_name": child.class_name,
                "boarding": yes["1" if child.boarding else "0"],
                "school_number": child.school_number,
                "health": healths[child.health],
                "attention": levels[child.attention],
                "father_name": father.name,
                "father_phone": father.phone,
                "father_place": father.province + father.city,
                "mother_name": mother.name,
                "mother_phone": mother.phone,
                "mother_place": mother.province + mother.city,
                "carer_name": carer.name,
                "carer_relation": relations[carer.relation],
                "carer_phone": carer.phone,
                "helper": child.helper,
            }


def write_xlsx(path: Path, told: Iterable[dict[str, str]], columns: Iterable[tuple[str, str]] | None = None) -> int:
    """Writes one sheet, headings in row 1, all cells text; `columns` are (our key, heading). Returns the rows."""
    import xlsxwriter

    columns = tuple(columns or words.headings())
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [heading for _, heading in columns])
    keys, number = [key for key, _ in columns], 0
    for number, row in enumerate(told, start=1):
        for column, key in enumerate(keys):
            sheet.write_string(number, column, row.get(key, ""))
    book.close()
    return number


def save_again(path: Path, target: Path, seed: int) -> int:
    """The same sheet as another program saves it, its rows in another order; returns the rows."""
    import openpyxl

    heading, *told = openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True)
    Random(seed).shuffle(told)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (heading, *told):
        sheet.append(row)
    book.save(target)
    return len(told)


def main() -> None:
    from bench import dirt

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--children", type=int, default=1000)
    parser.add_argument("--xlsx", type=Path, help="write the roster here")
    parser.add_argument("--dirty", action="store_true", help="with the slips and gaps of a real list")
    args = parser.parse_args()
    start = time.perf_counter()
    clean = rows(households(args.seed, args.children))
    told = (line.facts for line in dirt.roster(args.seed, clean)) if args.dirty else clean
    written = write_xlsx(args.xlsx, told) if args.xlsx else sum(1 for _ in told)
    seconds = time.perf_counter() - start
    print(f"{written} rows in {seconds:.1f} s ({written / seconds:,.0f} rows/s), seed {args.seed}")


if __name__ == "__main__":
    main()
