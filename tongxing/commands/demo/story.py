"""What happens in the invented community, as deeds with their moments; told in order, each at its own moment."""

import random
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from tongxing.base import clock
from tongxing.base.records import SYSTEM, action
from tongxing.base.words import table
from tongxing.care import actions as caring
from tongxing.children.models import Child
from tongxing.commands.demo.lines import BEGAN, DENSER, ChildLine
from tongxing.commands.invented_plan import bring_plan
from tongxing.staff import actions as staffing
from tongxing.staff.models import Grant, Staff
from tongxing.staff.rules import school_year, year_after

INVENTED = Path(__file__).resolve().parents[1] / "invented"
PASSWORD = "tongxing-demo"  # noqa: S105  known to everybody; only ever set in an invented community
SEED = 20260305
SHOWN = ("lichunmei", "zhaoxiaolin", "sunwenbin", "hejing", "zhangyulan", "linxiaobei", "fangguilan", "zhoujianguo",
         "wangmin", "tanglixin", "pengxiuzhen", "sysadmin", "secadmin", "auditor")  # fmt: skip
SIDES = ("living", "study", "mood", "safety")
DIRECTORS = {"chunhe": "lichunmei", "tangkou": "fangguilan", "dukou": "pengxiuzhen"}
BACK = {"month": 32, "two_late": 9, "absent": 5}  # days since the last visit, where the story says so


def _rows(name: str) -> tuple:
    return table(str(INVENTED / name))


@action("demo.keep_password")
def keep_password(*, by, staff: Staff) -> Staff:
    """Nobody of an invented community is asked to change the password that everybody knows."""
    staff.must_change_password = False
    staff.save()
    return staff


class Story:
    """Deeds by moment. `chance` is seeded, so that a day tells the same story every time."""

    def __init__(self, today: date):
        self.today = today
        self.chance = random.Random(SEED)  # noqa: S311  a story, not a secret
        self.deeds: list[tuple[datetime, int, object]] = []
        self.words = dict(_rows("words.tsv"))
        self.sentences: dict[tuple[str, str], list] = {}
        for kind, ages, words, then in _rows("sentences.tsv"):
            self.sentences.setdefault((kind, ages), []).append((words, "" if then == "-" else then))
        self.people: dict[str, Staff] = {}
        self.children: dict[str, Child] = {}
        self.offices, self.classes, self.regions = {}, {}, {}
        self.lines = [ChildLine(self, at, cells) for at, cells in enumerate(_rows("children.tsv"))]
        first_of_term = date(school_year(today), 9, 1)
        in_time = self.day(BEGAN - 60) <= first_of_term <= self.day(25)
        self.term = first_of_term if in_time else self.day(85)

    # ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────

    def day(self, ago: int) -> date:
        return self.today - timedelta(days=ago)

    def plan(self, on: date, deed, *, hour=9, minute=0) -> None:
        self.deeds.append((datetime.combine(on, time(hour, minute), clock.SHANGHAI), len(self.deeds), deed))

    def tell(self) -> None:
        self.plan(self.day(BEGAN + 20), self.found_places)
        self.plan(self.day(BEGAN + 20), self.appoint_people, hour=10)
        self.plan(self.day(BEGAN + 10), self.set_cadence)
        self.plan(self.day(BEGAN + 5), self.bring_plan)
        for line in self.lines:
            line.plan()
        for door in self.doors():
            self.plan_visits(door)
        self.plan(self.term, self.renew_grants, hour=8)
        self.plan(self.day(25), self.volunteer_leaves)
        for _moment, _number, deed in sorted(self.deeds, key=lambda one: one[:2]):
            with clock.fixed(_moment):
                deed()

    def doors(self) -> list[list[ChildLine]]:
        found: dict[tuple, list] = {}
        for line in self.lines:
            found.setdefault(line.door, []).append(line)
        return list(found.values())

    # ── places and people ────────────────────────────────────────────────────────────────────────────────────────

    def found_places(self) -> None:
        for path, name in _rows("places.tsv"):
            self.regions[path] = staffing.open_region(by=SYSTEM, code=path, name=name, year=self.today.year)
        for key, path, kind, name, number in _rows("offices.tsv"):
            region = self.regions[path]
            self.offices[key] = staffing.open_organisation(by=SYSTEM, name=name, kind=kind, region=region, phone=number)
        year = school_year(self.today)
        for key, school, grade, name, before in _rows("classes.tsv"):
            for one in (year - 1, year):
                self.classes[key, one] = staffing.open_classroom(
                    by=SYSTEM, school=self.offices[school], year=one, grade=int(grade), name=name
                )
            self.classes[key, "before"] = self.classes.get((before, year - 1))

    def class_of(self, key: str | None, on: date):
        """The class of a child on a day: the one of the table, or the one before it until the last term began."""
        if key is None:
            return None
        now = school_year(self.today)
        return self.classes[key, now] if on >= self.term else self.classes[key, "before"]

    def appoint_people(self) -> None:
        year = school_year(self.today)
        for login, name, role, office, classroom, number in _rows("staff.tsv"):
            post = staffing.appoint(
                by=SYSTEM, role=role, organisation=self.offices[office], from_on=clock.today(),
                classroom=self.classes.get((classroom, year)), login=login, name=name, phone=number, password=PASSWORD,
            )  # fmt: skip
            self.people[login] = keep_password(by=SYSTEM, staff=post.staff)

    def set_cadence(self) -> None:
        for level, days in DENSER.items():
            region = self.offices["chunhe"].region_id
            caring.set_cadence(by=self.people["wangmin"], region=region, level=level, days=days)

    def bring_plan(self) -> None:
        region, by = self.offices["chunhe"].region, self.people["lichunmei"]
        bring_plan(by=by, region=region, on=clock.today(), people=self.people)

    def renew_grants(self) -> None:
        """Approval to look holds a year at most: renewed as the school year begins, until the next one is under way."""
        until = year_after(clock.today()) - timedelta(days=1)
        for grant in Grant.objects.standing().select_related("staff", "post").order_by("id"):
            staffing.renew_grant(by=SYSTEM, grant=grant, until=until, why=self.words["renewed"])

    def director_of(self, office: str) -> Staff:
        return self.people[DIRECTORS[office]]

    def volunteer_leaves(self) -> None:
        leaving = self.people["xuchang"].posts_now()[0]
        staffing.end_post(by=SYSTEM, post=leaving, on=clock.today(), why=self.words["volunteer_left"])

    # ── visits ───────────────────────────────────────────────────────────────────────────────────────────────────

    def plan_visits(self, door: list[ChildLine]) -> None:
        """Visits behind one door, as often as its most watched child needs, up to the day the story says."""
        first, story = door[0], {word for line in door for word in line.story}
        if story & {"never", "new"}:
            return
        every = min(line.every for line in door)
        usual = max(1, self.chance.randrange(every // 8, max(2, every * 3 // 5)))
        back = {"late": int(every * 1.3) + 2, "due": every - 2, **BACK}
        last = self.day(next((back[word] for word in sorted(story & back.keys())), usual))
        if ended := [line.ends() for line in door if line.ends()]:
            last = min(last, max(ended) - timedelta(days=8))
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
        facts = self.what_was_seen(door[0].ages(day), unseen)
        if newest and "absent" in story:
            facts |= {"words": self.words["absent"], "follow_up": self.words["absent_then"], "study": "worry"}
        if newest and "stale_phone" in story:
            facts |= {"words": self.words["wrong_phone"], "saw_carer": False}
        hour, minute = self.chance.randint(9, 18), self.chance.choice((5, 20, 35, 50))
        facts["visited_at"] = time(hour, minute)
        deed = partial(self.visit, door, day, unseen, facts)
        self.plan(min(day + later, self.day(1)), deed, hour=min(hour + 1, 19), minute=minute)

    def what_was_seen(self, ages: str, unseen: bool) -> dict:
        kind = self.chance.choices(("well", "changed", "worry"), (78, 16, 6))[0]
        known = [*self.sentences.get((kind, ages), ()), *self.sentences[kind, "all"]]
        words, then = self.chance.choice(known)
        if self.chance.random() < 0.6:
            first = self.chance.choice([*self.sentences.get(("well", ages), ()), *self.sentences["well", "all"]])[0]
            words = words if first == words else first + words
        facts = dict.fromkeys(SIDES, "normal")
        if kind != "well":
            facts[self.chance.choice(SIDES)] = kind
        facts |= {"words": words, "follow_up": then, "saw_carer": self.chance.random() < 0.8}
        facts |= {"parent_contact": self.chance.choice(("week", "week", "week", "month", "longer"))}
        facts |= {"tell_home": self.chance.choice(("no", "told", "send"))}
        if unseen:
            facts |= {"saw_carer": True, "words": "", "study": "", "mood": "", "safety": ""}
        return facts

    def visit(self, door, day, unseen, facts) -> None:
        children = [line.child() for line in door if line.key in self.children and line.stays_on(day)]
        if children:
            caring.record_visit(
                by=door[0].visitor(), children=children, visited_on=day, seen=set() if unseen else None, **facts
            )

    def mistaken_visit(self, line) -> None:
        by, facts = line.visitor(), self.what_was_seen("all", False)
        (visit,) = caring.record_visit(by=by, children=[line.child()], visited_on=clock.today(), **facts)
        caring.withdraw_visit(by=by, visit=visit, why=self.words["visit_withdrawn"])
