"""One line of children.tsv: a child, who stands beside it, and what happens to it."""

from datetime import date, timedelta
from functools import partial

from tongxing.base import clock, numbers
from tongxing.base.days import age_on
from tongxing.base.facts import Source
from tongxing.care.rules import CADENCE
from tongxing.children import actions as childcare
from tongxing.children.actions.beside import REVIEW_AFTER
from tongxing.children.choices import Employment, Level, NumberMissing, Section, Situation, Stay
from tongxing.children.models import Child
from tongxing.staff.models import Region, Staff

BEGAN = 300  # days ago: the archives are opened
DENSER = {Level.HIGH: 7, Level.MIDDLE: 31, Level.LOW: 92}  # the invented community's own cadence
GRANDPARENTS = ("61", "62", "63", "64")
CONFIRMED = (Section.HOME, Section.PARENTS, Section.CARER)  # asked again as the term begins


def phone(serial: int) -> str:
    return f"140{serial:08d}"


class ChildLine:
    def __init__(self, told, at: int, cells):
        (self.key, self.name, self.sex, born, self.number, self.office, self.hamlet, self.house, self.classroom,
         self.father, self.father_place, self.mother, self.mother_place, self.carer, self.relation, self.health,
         self.level, self.helper, happens) = (None if cell == "-" else cell for cell in cells)  # fmt: skip
        self.told, self.at, self.story = told, at, set(happens.split(","))
        self.born = date.fromisoformat(born)

    # ── who and where ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def door(self) -> tuple:
        return self.office, self.hamlet, self.house

    @property
    def every(self) -> int:
        """Days between visits: the invented community's own, elsewhere the usual."""
        return (DENSER if self.office == "chunhe" else CADENCE)[self.level or Level.LOW]

    def ages(self, on: date) -> str:
        age = age_on(self.born, on)
        return "small" if age < 6 else "pupil" if age < 13 else "teen"

    def opened(self) -> date:
        return self.told.day(6 if "new" in self.story else 16 if "never" in self.story else BEGAN)

    def ends(self) -> date | None:
        """The day on which the child leaves care."""
        if "left" in self.story:
            return self.told.day(30)
        if "adult" in self.story:
            grown = self.born.replace(year=self.born.year + 18)
            return grown if self.told.day(BEGAN - 60) < grown < self.told.day(5) else self.told.day(40)
        return None

    def stays_on(self, day: date) -> bool:
        return self.ends() is None or day < self.ends()

    def child(self) -> Child:
        return self.told.children[self.key]

    def visitor(self) -> Staff:
        if self.helper and self.helper != "xuchang":
            return self.told.people[self.helper]
        return self.told.director_of(self.office)

    def director(self) -> Staff:
        return self.told.director_of(self.office)

    def facts(self) -> dict:
        """The archive as children.rules.FIELDS names it. Who lives behind one door shares phones."""
        door = 1000 + 10 * [line.door for line in self.told.lines].index(self.door)
        facts = {"name": self.name, "sex": self.sex, "birth_on": self.born, "hamlet": self.hamlet}
        if self.number in NumberMissing.values:
            facts["number_missing"] = self.number
        elif self.number == "auto":
            facts["citizen_number"] = numbers.make("990101", self.born, 200 + 2 * self.at + (self.sex == "1"))
        else:
            facts["citizen_number"] = self.number
        place = self.told.offices[self.office].region.name
        facts["address"] = f"{place}{self.hamlet}{self.house}{self.told.words['house']}"
        for at, who in enumerate(("father", "mother")):
            if name := getattr(self, who):
                facts |= {f"{who}_name": name, f"{who}_phone": phone(door + at), f"{who}_situation": Situation.WELL}
                facts[f"{who}_place"] = getattr(self, f"{who}_place")
                facts |= self.work(who, door + at)
        if "father_lost" in self.story:
            facts |= dict.fromkeys(("father_phone", "father_work", "father_employer", "father_employer_phone"))
            facts["father_situation"] = Situation.MISSING
        if "no_father_phone" in self.story:
            facts["father_phone"] = None
        facts |= {"carer_name": self.carer, "carer_relation": self.relation, "carer_phone": phone(door + 2)}
        facts |= {"carer_occupation": self.told.words["farming"], "carer_born": self.carer_born(door)}
        facts["carer_health"] = self.health or self.told.words["healthy"]
        return facts | ({"carer_health": None} if "no_health" in self.story else {})

    def carer_born(self, door: int) -> int:
        if "father_lost" in self.story:
            return 1958
        return (1953 if self.relation in GRANDPARENTS else 1978) + door // 10 % 14

    def work(self, who: str, door: int) -> dict:
        """What a parent does: at home where no place is told, else by the day or with one of the employers."""
        if not getattr(self, f"{who}_place"):
            return {f"{who}_work": Employment.AT_HOME}
        if door % 7 == 3:
            return {f"{who}_work": Employment.ODD_JOBS}
        employers = self.told.words["employers"].split("|")
        facts = {f"{who}_work": Employment.EMPLOYED, f"{who}_employer": employers[door % len(employers)]}
        return facts | {f"{who}_employer_phone": phone(7000 + door % len(employers))}

    # ── what happens ─────────────────────────────────────────────────────────────────────────────────────────────

    def plan(self) -> None:
        told, opened = self.told, self.opened()
        told.plan(opened, self.open, hour=9 + self.at // 20, minute=3 * (self.at % 20))
        if self.helper:
            told.plan(told.day(BEGAN - 3), self.pair, hour=11)
        self.plan_levels()
        self.plan_term()
        later = {
            "raised": (25, partial(self.change_level, Level.HIGH, "raised")),
            "lowered": (50, partial(self.change_level, Level.LOW, "lowered")),
            "moved": (60, self.move),
            "with_parents": (20, self.go_to_parents),
            "relieved": (45, self.change_helper),
            "new_phone": (18, self.change_phone),
            "carer_changed": (70, self.change_carer),
        }
        for word in sorted(self.story & later.keys()):
            ago, deed = later[word]
            told.plan(told.day(ago), deed, hour=16)
        if on := self.ends():
            told.plan(on, self.leave, hour=16)

    def plan_levels(self) -> None:
        """First assessed when the archive is two days old, then looked at again as often as the level asks."""
        if not self.level:
            return
        changes = {"raised": 25, "lowered": 50}
        ago = next((changes[word] for word in sorted(self.story & changes.keys())), None)
        before = Level.MIDDLE if ago else self.level
        on = self.opened() + timedelta(days=2)
        self.told.plan(on, partial(self.change_level, before, f"level_{before}"), hour=14)
        level, every = before, REVIEW_AFTER[before] - 3 - self.at % 9
        while (on := on + timedelta(days=every)) < self.told.day(2):
            if ago and on >= self.told.day(ago):
                break
            if not self.stays_on(on):
                return
            self.told.plan(on, partial(self.change_level, level, "reviewed"), hour=14, minute=self.at % 60)

    def plan_term(self) -> None:
        """As the school year begins: the next class, and everything asked again, at most doors."""
        told = self.told
        if self.classroom and self.opened() < told.term and self.stays_on(told.term):
            told.plan(told.term, self.next_class, hour=10 + self.at // 60, minute=self.at % 60)
        asked = told.term + timedelta(days=2 + self.at % 19)
        if (
            self.story & {"stale_phone", "new", "late"}
            or not self.opened() < asked < told.day(1)
            or not self.stays_on(asked)
        ):
            return
        told.plan(asked, self.confirm, hour=19, minute=self.at % 60)

    def open(self) -> None:
        classroom = self.told.class_of(self.classroom, clock.today())
        self.told.children[self.key] = childcare.open_archive(
            by=self.director(), facts=self.facts(), community=self.told.offices[self.office].region,
            on=clock.today(), school=classroom.school if classroom else None, classroom=classroom,
            source=Source.VISIT if "new" in self.story else Source.SCHOOL if classroom else Source.FAMILY,
        )  # fmt: skip

    def next_class(self) -> None:
        classroom = self.told.class_of(self.classroom, clock.today())
        facts = {"school": classroom.school, "class_name": classroom}
        childcare.correct(
            by=self.director(), child=self.child(), section=Section.SCHOOL, facts=facts, on=clock.today(),
            source=Source.SCHOOL,
        )  # fmt: skip

    def confirm(self) -> None:
        child, by = self.child(), self.visitor()
        for section in CONFIRMED:
            childcare.confirm_section(by=by, child=child, section=section, on=clock.today(), source=Source.VISIT)
        childcare.confirm_card(by=by, child=child, on=clock.today(), source=Source.VISIT)

    def change_level(self, level, word: str) -> None:
        reason = self.told.words[word]
        childcare.change_attention(by=self.director(), child=self.child(), level=level, on=clock.today(), reason=reason)

    def pair(self) -> None:
        helper = "wangli" if "relieved" in self.story else self.helper
        on = clock.today()
        childcare.pair(by=self.director(), child=self.child(), helper=self.told.people[helper], on=on)

    def change_helper(self) -> None:
        helper = self.told.people["zhangyulan" if self.helper == "wangli" else self.helper]
        why = self.told.words["relieved"]
        childcare.pair(by=self.director(), child=self.child(), helper=helper, on=clock.today(), end_why=why)

    def change_phone(self) -> None:
        """A carer has a new number: told at the door, and what else was asked is still true."""
        self._correct_carer(carer_phone=phone(9000 + self.at))

    def change_carer(self) -> None:
        """Somebody else of the family cares from now on."""
        sibling = self.told.words["new_carer"]
        name = (self.mother or self.name)[:1] + sibling
        self._correct_carer(
            carer_name=name, carer_relation="88", carer_phone=phone(9200 + self.at), carer_born=1987,
            carer_health=self.told.words["healthy"],
        )  # fmt: skip

    def _correct_carer(self, **facts) -> None:
        childcare.correct(
            by=self.director(), child=self.child(), section=Section.CARER, facts={**self.facts(), **facts},
            on=clock.today(), source=Source.VISIT,
        )  # fmt: skip

    def move(self) -> None:
        there: Region = self.told.offices["chunhe"].region
        why, by = self.told.words["moved"], self.told.people["zhoujianguo"]
        childcare.move_care(by=by, child=self.child(), community=there, on=clock.today(), why=why)

    def leave(self) -> None:
        why = self.told.words["left_adult" if "adult" in self.story else "left"]
        childcare.leave_care(by=self.director(), child=self.child(), on=clock.today(), why=why)

    def go_to_parents(self) -> None:
        by, place = self.director(), self.told.words["with_parents"]
        childcare.note_whereabouts(
            by=by, child=self.child(), stay=Stay.WITH_PARENTS, place=place, from_on=clock.today()
        )
