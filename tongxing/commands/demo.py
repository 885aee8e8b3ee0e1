"""The invented community: places, people, children and some months of care, told through the same actions as in life.

Everything is told by the tables in `invented/`; the only thing that changes from day to day is today. Nobody in it
lives: the numbers begin with 990101, a place that is given to no one, the phones with 140.
"""

import random
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from tongxing.base import clock, numbers, seal
from tongxing.base.facts import Source
from tongxing.base.records import SYSTEM, Event, action
from tongxing.base.words import table
from tongxing.care import actions as caring
from tongxing.care.models import Visit
from tongxing.care.rules import CADENCE
from tongxing.children import actions as childcare
from tongxing.children.choices import Level, NumberMissing, Section, Stay
from tongxing.children.models import Child
from tongxing.commands import Refused
from tongxing.commands.backup import our_models
from tongxing.commands.invented_plan import bring_plan
from tongxing.commands.sample import write_sample
from tongxing.staff import actions as staffing
from tongxing.staff.models import Region, Staff
from tongxing.staff.rules import school_year

INVENTED = Path(__file__).resolve().parent / "invented"
PASSWORD = "tongxing-demo"  # noqa: S105  known to everybody; only ever set in an invented community
SEED = 20260305
BEGAN = 140  # days ago: the archives are opened
SHOWN = ("lichunmei", "zhaoxiaolin", "sunwenbin", "hejing", "zhangyulan", "linxiaobei", "fangguilan", "zhoujianguo",
         "wangmin", "tanglixin", "pengxiuzhen", "sysadmin", "secadmin", "auditor")  # fmt: skip
DENSER = {Level.HIGH: 7, Level.MIDDLE: 31, Level.LOW: 92}  # the invented community's own cadence


def _rows(name: str) -> tuple:
    return table(str(INVENTED / name))


def demo() -> dict:
    """Fill an empty database; says who signs in, how much there is, and where the sample roster lies."""
    for model in our_models():
        if model._base_manager.exists():
            raise Refused(
                f"the invented community only goes into an empty database; this one holds {model._meta.label}"
            )
    with transaction.atomic():
        Story(clock.today()).tell()
    seal.anchor()
    sample = settings.VAR / "demo" / "roster-100.xlsx"
    sample.parent.mkdir(parents=True, exist_ok=True)
    write_sample(sample)
    return {
        "sign_ins": sign_ins(),
        "children": Child.objects.standing().count(),
        "visits": Visit.objects.standing().count(),
        "sample": str(sample),
    }


def sign_ins() -> list[dict]:
    """Who of the invented community signs in: those of SHOWN that are here and have chosen no password since."""
    chosen = Event.objects.filter(action__in=("staff.set_password", "staff.reinstate")).values("subject_id")
    people = {staff.login: staff for staff in Staff.objects.filter(login__in=SHOWN).exclude(pk__in=chosen)}
    found = []
    for login in SHOWN:
        if staff := people.get(login):
            posts = staff.posts_now()
            role = str(posts[0].role_title) if posts else ""
            found.append({"login": login, "role": role, "name": staff.name, "password": PASSWORD})
    return found


@action("demo.keep_password")
def keep_password(*, by, staff: Staff) -> Staff:
    """Nobody of an invented community is asked to change the password that everybody knows."""
    staff.must_change_password = False
    staff.save()
    return staff


class Story:
    """What happens, as deeds with their moments; told in order, each at its own moment."""

    def __init__(self, today: date):
        self.today = today
        self.chance = random.Random(SEED)  # noqa: S311  a story, not a secret
        self.deeds: list[tuple[datetime, int, object]] = []
        self.words = dict(_rows("words.tsv"))
        self.people: dict[str, Staff] = {}
        self.children: dict[str, Child] = {}
        self.offices, self.classes, self.regions = {}, {}, {}
        self.lines = [ChildLine(self, at, cells) for at, cells in enumerate(_rows("children.tsv"))]

    # ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────

    def day(self, ago: int) -> date:
        return self.today - timedelta(days=ago)

    def plan(self, on: date, deed, *, hour=9, minute=0) -> None:
        self.deeds.append((datetime.combine(on, time(hour, minute), clock.SHANGHAI), len(self.deeds), deed))

    def tell(self) -> None:
        self.plan(self.day(BEGAN + 60), self.found_places)
        self.plan(self.day(BEGAN + 60), self.appoint_people, hour=10)
        self.plan(self.day(BEGAN + 50), self.set_cadence)
        self.plan(self.day(BEGAN + 40), self.bring_plan)
        for line in self.lines:
            line.plan()
        for door in self.doors():
            self.plan_visits(door)
        self.plan(self.day(25), self.volunteer_leaves)
        self.plan(self.day(18), self.phone_changes, hour=15)
        for _moment, _number, deed in sorted(self.deeds, key=lambda one: one[:2]):
            with clock.fixed(_moment):
                deed()

    def doors(self) -> list[list["ChildLine"]]:
        found: dict[tuple, list] = {}
        for line in self.lines:
            found.setdefault(line.door, []).append(line)
        return list(found.values())

    # ── places and people ────────────────────────────────────────────────────────────────────────────────────────

    def found_places(self) -> None:
        for path, name in _rows("places.tsv"):
            self.regions[path] = staffing.open_region(by=SYSTEM, code=path, name=name, year=self.today.year)
        for key, path, kind, name, phone in _rows("offices.tsv"):
            region = self.regions[path]
            self.offices[key] = staffing.open_organisation(by=SYSTEM, name=name, kind=kind, region=region, phone=phone)
        for key, school, grade, name in _rows("classes.tsv"):
            self.classes[key] = staffing.open_classroom(
                by=SYSTEM, school=self.offices[school], year=school_year(self.today), grade=int(grade), name=name
            )

    def appoint_people(self) -> None:
        for login, name, role, office, classroom, phone in _rows("staff.tsv"):
            post = staffing.appoint(
                by=SYSTEM,
                role=role,
                organisation=self.offices[office],
                from_on=clock.today(),
                classroom=self.classes.get(classroom),
                login=login,
                name=name,
                phone=phone,
                password=PASSWORD,
            )
            self.people[login] = keep_password(by=SYSTEM, staff=post.staff)

    def set_cadence(self) -> None:
        for level, days in DENSER.items():
            region = self.offices["chunhe"].region_id
            caring.set_cadence(by=self.people["wangmin"], region=region, level=level, days=days)

    def bring_plan(self) -> None:
        region, by = self.offices["chunhe"].region, self.people["lichunmei"]
        bring_plan(by=by, region=region, on=clock.today(), people=self.people)

    def director_of(self, office: str) -> Staff:
        return self.people[{"chunhe": "lichunmei", "tangkou": "fangguilan", "dukou": "pengxiuzhen"}[office]]

    # ── acts of care ─────────────────────────────────────────────────────────────────────────────────────────────

    def plan_visits(self, door: list["ChildLine"]) -> None:
        """Visits behind one door, as often as its most watched child needs, up to the day the story says."""
        first, story = door[0], {word for line in door for word in line.story}
        if story & {"never", "new"}:
            return
        every = min(line.every for line in door)
        back = {"late": int(every * 1.3) + 2, "due": every - 2}.get(next(iter(story & {"late", "due"}), ""), every // 3)
        last = self.day(max(back, 1))
        if "left" in story:
            last = self.day(40)
        day, days = last, []
        while day >= self.day(BEGAN - 4):
            days.append(day)
            day -= timedelta(days=max(3, int(every * self.chance.uniform(0.7, 0.95))))
        for at, day in enumerate(reversed(days)):
            newest = at == len(days) - 1
            self.plan_visit(door, day, unseen="unseen" in story and at >= len(days) // 2, newest=newest, story=story)
        if "withdrawn" in story:
            self.plan(self.day(9), partial(self.mistaken_visit, first), hour=17)

    def plan_visit(self, door, day: date, *, unseen: bool, newest: bool, story: set) -> None:
        later = timedelta(days=2) if newest and "entered_late" in story else timedelta()
        facts = self.what_was_seen(unseen)
        hour, minute = self.chance.randint(9, 18), self.chance.choice((5, 20, 35, 50))
        facts["visited_at"] = time(hour, minute)
        deed = partial(self.visit, door, day, unseen, facts)
        self.plan(min(day + later, self.day(1)), deed, hour=min(hour + 1, 19), minute=minute)

    def what_was_seen(self, unseen: bool) -> dict:
        kind = self.chance.choices(("well", "changed", "worry"), (78, 16, 6))[0]
        _kind, words, then = self.chance.choice([row for row in _rows("sentences.tsv") if row[0] == kind])
        facts = dict.fromkeys(("living", "study", "mood", "safety"), "normal")
        if kind != "well":
            facts[self.chance.choice(sorted(facts))] = {"changed": "changed", "worry": "worry"}[kind]
        facts |= {"words": words, "follow_up": "" if then == "-" else then, "saw_carer": self.chance.random() < 0.8}
        facts |= {"parent_contact": self.chance.choice(("week", "week", "week", "month", "longer"))}
        facts |= {"tell_home": self.chance.choice(("no", "told", "send"))}
        if unseen:
            facts |= {"saw_carer": True, "words": "", "study": "", "mood": "", "safety": ""}
        return facts

    def visit(self, door, day, unseen, facts) -> None:
        children = [line.child() for line in door if line.key in self.children]
        caring.record_visit(
            by=door[0].visitor(), children=children, visited_on=day, seen=set() if unseen else None, **facts
        )

    def mistaken_visit(self, line) -> None:
        by, facts = line.visitor(), self.what_was_seen(False)
        (visit,) = caring.record_visit(by=by, children=[line.child()], visited_on=clock.today(), **facts)
        caring.withdraw_visit(by=by, visit=visit, why=self.words["visit_withdrawn"])

    def volunteer_leaves(self) -> None:
        leaving = self.people["xuchang"].posts_now()[0]
        staffing.end_post(by=SYSTEM, post=leaving, on=clock.today(), why=self.words["volunteer_left"])

    def phone_changes(self) -> None:
        """A carer has a new number: told at the door, confirmed the same day."""
        line = next(line for line in self.lines if line.key == "jiayi")
        facts = {**line.facts(), "carer_phone": phone(9001)}
        by = self.people["lichunmei"]
        childcare.correct(
            by=by, child=line.child(), section=Section.CARER, facts=facts, on=clock.today(), source=Source.VISIT
        )
        childcare.confirm_section(by=by, child=line.child(), section=Section.PARENTS, on=clock.today())


def phone(serial: int) -> str:
    return f"140{serial:08d}"


class ChildLine:
    """One line of children.tsv: a child, who stands beside it, and what happens to it."""

    def __init__(self, story: Story, at: int, cells):
        (self.key, self.name, self.sex, born, self.number, self.office, self.hamlet, self.house, self.classroom,
         self.father, self.father_place, self.mother, self.mother_place, self.carer, self.relation, self.health,
         self.level, self.helper, happens) = (None if cell == "-" else cell for cell in cells)  # fmt: skip
        self.told, self.at, self.story = story, at, set(happens.split(","))
        self.born = date.fromisoformat(born)

    @property
    def door(self) -> tuple:
        return self.office, self.hamlet, self.house

    @property
    def every(self) -> int:
        """Days between visits: the invented community's own, elsewhere the usual."""
        return (DENSER if self.office == "chunhe" else CADENCE)[self.level or Level.LOW]

    def opened(self) -> date:
        return self.told.day(6 if "new" in self.story else BEGAN)

    def child(self) -> Child:
        return Child.objects.select_related("community").get(pk=self.told.children[self.key].pk)

    def visitor(self) -> Staff:
        if self.helper and self.helper != "xuchang":
            return self.told.people[self.helper]
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
                facts |= {f"{who}_name": name, f"{who}_phone": phone(door + at)}
                facts[f"{who}_place"] = getattr(self, f"{who}_place")
        facts |= {"carer_name": self.carer, "carer_relation": self.relation, "carer_phone": phone(door + 2)}
        return facts | {"carer_health": self.health}

    def plan(self) -> None:
        told, opened = self.told, self.opened()
        told.plan(opened, self.open, hour=9 + self.at // 20, minute=3 * (self.at % 20))
        if self.level:
            told.plan(told.day(BEGAN - 2), partial(self.assess, self.level), hour=14)
        if self.helper:
            told.plan(told.day(BEGAN - 3), self.pair, hour=11)
        later = {
            "raised": (35, self.raise_level),
            "moved": (60, self.move),
            "left": (30, self.leave),
            "with_parents": (20, self.go_to_parents),
            "relieved": (45, self.change_helper),
        }
        for word in sorted(self.story & later.keys()):
            ago, deed = later[word]
            told.plan(told.day(ago), deed, hour=16)

    def open(self) -> None:
        classroom = self.told.classes.get(self.classroom)
        self.told.children[self.key] = childcare.open_archive(
            by=self.told.director_of(self.office),
            facts=self.facts(),
            community=self.told.offices[self.office].region,
            on=clock.today(),
            source=Source.VISIT if "new" in self.story else Source.SCHOOL if classroom else Source.FAMILY,
            school=classroom.school if classroom else None,
            classroom=classroom,
        )

    def assess(self, level: str) -> None:
        if "raised" in self.story and level == self.level:
            level = Level.MIDDLE  # as it was first
        self.set_level(level, self.told.words[f"level_{level}"])

    def raise_level(self) -> None:
        self.set_level(self.level, self.told.words["raised"])

    def set_level(self, level, reason) -> None:
        by = self.told.director_of(self.office)
        childcare.change_attention(by=by, child=self.child(), level=level, on=clock.today(), reason=reason)

    def pair(self) -> None:
        by, helper = self.told.director_of(self.office), self.told.people[self.helper]
        childcare.pair(by=by, child=self.child(), helper=helper, on=clock.today())

    def change_helper(self) -> None:
        childcare.pair(
            by=self.told.people["lichunmei"],
            child=self.child(),
            helper=self.told.people["zhangyulan"],
            on=clock.today(),
            end_why=self.told.words["relieved"],
        )

    def move(self) -> None:
        there: Region = self.told.offices["chunhe"].region
        why, by = self.told.words["moved"], self.told.people["zhoujianguo"]
        childcare.move_care(by=by, child=self.child(), community=there, on=clock.today(), why=why)

    def leave(self) -> None:
        by = self.told.people["lichunmei"]
        childcare.leave_care(by=by, child=self.child(), on=clock.today(), why=self.told.words["left"])

    def go_to_parents(self) -> None:
        by, place = self.told.people["lichunmei"], self.told.words["with_parents"]
        childcare.note_whereabouts(
            by=by, child=self.child(), stay=Stay.WITH_PARENTS, place=place, from_on=clock.today()
        )
