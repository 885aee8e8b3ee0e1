"""Random histories: what a year may leave in the database, made through actions as far as these go.

What no action makes (yet) is planted inside an action of the tests' own: rows that are awkward, and that the database
allows. The same seed gives the same history. Days lean towards the days on which the recount will look, towards the
day before and after them, and visits towards the cut-off of an interval.
"""

from datetime import date, timedelta
from functools import partial
from random import Random

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, transaction

from tests.recount.places import Places, planted, taken_back
from tongxing.base import clock, numbers
from tongxing.base.records import SYSTEM
from tongxing.base.sealed import digest
from tongxing.care.actions import record_visit, set_cadence, withdraw_visit
from tongxing.care.models import Cadence, Visit
from tongxing.care.rules import CADENCE
from tongxing.children import actions as children
from tongxing.children.models import (
    Attention,
    CareEpisode,
    Child,
    Pairing,
    Schooling,
    Whereabouts,
)
from tongxing.rosters.actions.mending import match_listed
from tongxing.rosters.models import Listed

NAMES = ("张小雨", "李想", "王一诺", "欧阳晨", "陈佳怡", "刘念", "吴桐", "周子涵", "郑好", "孙悦", "林夕", "何田田")
CARD_FACTS = {
    "home": {"hamlet": "一组", "address": "一组3号", "home_phone": "0791-88880000"},
    "parents": {
        f"{who}_{what}": value
        for who, named in (("father", "张父"), ("mother", "李母"))
        for what, value in (
            ("name", named), ("phone", "14000000111"), ("place", "宁波"),
            ("employer", "宁波大道1号工地"), ("employer_phone", "0574-88880000"),
        )
    },
    "carer": {"carer_name": "奶奶", "carer_phone": "14000000001", "carer_health": "好", "carer_occupation": "务农"},
}  # fmt: skip
LEVELS = ("high", "middle", "low")
BACK = 400  # days of history
STEPS = 96  # acts of chance in one history
REFUSALS = (ValidationError, IntegrityError, ObjectDoesNotExist)


class History:
    """One random history in an empty database. `days`: the days to look at, today last."""

    def __init__(self, seed: int):
        self.rng = Random(seed)
        self.today = clock.today()
        self.alike = Random(seed)
        past = self.rng.sample(range(1, BACK - 40), 3)
        self.days = [self.today - timedelta(days=ago) for ago in sorted(past, reverse=True)] + [self.today]
        self.refused = 0
        self.serial = 0
        self.places = Places(self)
        for _time in range(self.rng.randint(0, 4)):
            self.attempt(self.set_cadence)
        for _time in range(self.rng.randint(5, 9)):
            self.open_archive()
        verbs, weights = zip(*self.verbs(), strict=True)
        for verb in self.rng.choices(verbs, weights, k=STEPS):
            self.attempt(verb)
        self.places.let_see(Child.objects.order_by("id").first())

    def verbs(self):
        return (
            (self.visit, 24), (self.withdraw_visit, 3), (self.correct_visit, 3),
            (self.change_attention, 9), (self.lose_attention, 2),
            (self.pair, 12), (self.end_pairing, 4), (self.plant_pairing, 3), (self.withdraw_pairing, 1),
            (self.move, 4), (self.leave, 3), (self.come_back, 4), (self.plan_to_leave, 1), (self.rewrite_episode, 2),
            (self.withdraw_archive, 1), (self.open_archive, 2), (self.spoil_facts, 9), (self.correct_basics, 2),
            (self.correct_card, 8), (self.confirm_card, 8),
            (self.go_to_parents, 5), (self.plant_stay, 3),
            (self.enrol, 4), (self.list_somebody, 8), (self.match_listed, 5), (self.withdraw_listed, 1),
            (self.set_cadence, 1), (self.withdraw_cadence, 1),
            (self.places.leave_post, 2), (self.places.take_post, 1), (self.places.suspend, 1),
        )  # fmt: skip

    def attempt(self, verb) -> None:
        """Do it, unless the product or the database refuses: then nothing has happened."""
        try:
            with transaction.atomic():
                verb()
        except REFUSALS:
            self.refused += 1

    # ── chance ──────────────────────────────────────────────────────────────────────────────────────────────────

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def any_day(self, *, latest: date | None = None) -> date:
        """A day of the past, often one that will be looked at or its neighbour; never after `latest` (today)."""
        if self.chance(0.5):
            day = self.rng.choice(self.days) + timedelta(days=self.rng.choice((-1, 0, 1)))
        else:
            day = self.today - timedelta(days=self.rng.randrange(BACK))
        return min(day, latest or self.today)

    def planned_day(self) -> date:
        """As any_day, or one of the next days: what is agreed for tomorrow does not hold today."""
        return self.any_day() if self.chance(0.9) else self.today + timedelta(days=self.rng.randint(1, 3))

    def day_after(self, start: date) -> date | None:
        """An end for what began on `start`: none, the same day, or later."""
        if self.chance(0.35):
            return None
        return start if self.chance(0.15) else max(start, self.planned_day())

    def visit_day(self) -> date:
        """Often exactly an interval, or one day less or more, before a day to look at."""
        if self.chance(0.3):
            return self.any_day()
        intervals = [*CADENCE.values(), *Cadence.objects.values_list("days", flat=True)]
        ago = self.rng.choice(intervals) + self.rng.choice((-1, 0, 0, 1))
        return min(self.rng.choice(self.days) - timedelta(days=ago), self.today)

    def one_of(self, rows):
        """One row of a queryset by chance; raises ObjectDoesNotExist when there is none."""
        found = list(rows.order_by("id"))
        if not found:
            raise ObjectDoesNotExist
        return self.rng.choice(found)

    def child(self) -> Child:
        return self.one_of(Child.objects.standing())

    def why(self) -> str:
        return self.rng.choice(("搬家", "父母回来了", "记错了", "换人"))

    # ── archives ────────────────────────────────────────────────────────────────────────────────────────────────

    def basics(self) -> dict:
        birth_on = date(2009 + self.rng.randrange(10), 1 + self.rng.randrange(12), 1 + self.rng.randrange(28))
        self.serial += 1
        facts = {"name": self.rng.choice(NAMES), "sex": self.rng.choice("0129")}
        if self.chance(0.8):
            facts["birth_on"] = birth_on
        if self.chance(0.6):
            facts["citizen_number"] = numbers.make("990101", birth_on, self.serial)
        elif self.chance(0.7):
            facts["number_missing"] = self.rng.choice(("not_registered", "refused"))
        return facts

    def open_archive(self) -> Child:
        facts = self.basics() | {"hamlet": self.rng.choice(("", "一组", "二组")), "father_name": "张父"}
        facts |= {"carer_name": "奶奶", "carer_phone": f"1400000000{self.rng.randrange(8)}"}
        school = self.rng.choice((None, self.places.school))
        return children.open_archive(
            by=SYSTEM, facts=facts, community=self.places.community(), on=self.any_day(), school=school,
            classroom=self.rng.choice((None, self.places.classroom)) if school else None,
        )  # fmt: skip

    def spoil_facts(self):
        """Archives that are not valid, or that were written down later than care began."""
        child = self.child()
        kind = self.rng.choice(("birth", "number", "reason", "opened", "erased"))
        if kind == "birth":
            child.birth_on = None
        elif kind == "number":
            child.citizen_number, child.number_missing = None, ""
        elif kind == "reason":
            child.citizen_number, child.number_missing = None, "not_brought"
        elif kind == "opened":
            child.opened_on = self.rng.choice(self.days) + timedelta(days=self.rng.choice((0, 1)))
        elif self.chance(0.3):
            children.erase_sealed(by=SYSTEM, child=child, why="家长要求")
            return
        planted(child)

    def correct_basics(self):
        children.correct(by=SYSTEM, child=self.child(), section="basic", facts=self.basics(), on=self.any_day())

    def correct_card(self):
        """One section that a contact card draws from: whole, in part, emptied; of a door or a carer that two share."""
        section = self.rng.choice(("home", "parents", "parents", "carer", "carer"))
        facts = {name: self.rng.choice((value, value, value, "")) for name, value in CARD_FACTS[section].items()}
        for who in ("father", "mother") if section == "parents" else ():
            facts[f"{who}_situation"] = self.rng.choice(("", "well", "unknown", "deceased", "missing", "custody"))
            facts[f"{who}_work"] = self.rng.choice(("", "employed", "odd_jobs", "at_home"))
        if section == "carer":
            facts["carer_relation"] = self.rng.choice(("51", "62", "62", "97"))
            facts["carer_born"] = self.rng.choice((1958, None))
        if self.chance(0.4):
            facts = {name: value for name, value in facts.items() if self.chance(0.6)}
        if self.chance(0.5):
            self.fill_card()
        else:
            children.correct(by=SYSTEM, child=self.child(), section=section, facts=facts, on=self.any_day())

    def fill_card(self):
        child, on = self.child(), self.any_day()
        for section, facts in CARD_FACTS.items():
            more = {"carer_relation": "62", "carer_born": 1958} if section == "carer" else {}
            children.correct(by=SYSTEM, child=child, section=section, facts=facts | more, on=on)

    def confirm_card(self):
        """Often exactly as long before a day to look at as a confirmation holds, or one day less or more."""
        on = self.any_day()
        if self.chance(0.7):
            on = self.rng.choice(self.days) - timedelta(days=180 + self.rng.choice((-1, 0, 0, 1)))
        children.confirm_card(by=SYSTEM, child=self.child(), on=on)

    def withdraw_archive(self):
        children.withdraw_archive(by=SYSTEM, child=self.child(), why="重复")

    def move(self):
        children.move_care(
            by=SYSTEM, child=self.child(), community=self.places.community(), on=self.any_day(), why=self.why()
        )

    def leave(self):
        children.leave_care(by=SYSTEM, child=self.child(), on=self.any_day(), why=self.why())

    def come_back(self):
        child = self.one_of(Child.objects.standing().filter(in_care=False))
        ended = child.episodes.standing().exclude(to_on=None).order_by("to_on").last()
        left_on = ended.to_on if ended else self.any_day()
        child.community, child.in_care = self.places.community(), True
        start = max(left_on, self.any_day())
        planted(child)
        planted(CareEpisode(child=child, community=child.community, from_on=start, why_in="又来了"))

    def plan_to_leave(self):
        """An end that was agreed before it comes."""
        episode = self.child().episodes.standing().get(to_on=None)
        episode.to_on, episode.why_out = self.today + timedelta(days=self.rng.randint(1, 9)), "要随父母走"
        planted(episode)

    def rewrite_episode(self):
        """The last episode was written down wrongly: taken back, and perhaps written again a little later."""
        episode = self.child().episodes.standing().order_by("-from_on", "-id").first()
        if episode is None:
            return
        taken_back(episode)
        if self.chance(0.7):
            start = episode.from_on + timedelta(days=self.rng.randrange(20))
            again = CareEpisode(child=episode.child, community=episode.community, from_on=start)
            if episode.to_on is not None:
                again.to_on, again.why_out = max(start, episode.to_on), episode.why_out
            planted(again)

    # ── who stands beside them ──────────────────────────────────────────────────────────────────────────────────

    def change_attention(self):
        children.change_attention(
            by=SYSTEM, child=self.child(), level=self.rng.choice(LEVELS), on=self.planned_day(), reason="评估"
        )

    def lose_attention(self):
        attention = self.one_of(Attention.objects.standing())
        if self.chance(0.5):
            taken_back(attention)
        else:
            attention.to_on = max(attention.from_on, self.any_day())
            planted(attention)

    def pair(self):
        children.pair(
            by=SYSTEM, child=self.child(), helper=self.places.helper(), on=self.planned_day(), end_why=self.why()
        )

    def end_pairing(self):
        pairing = self.one_of(Pairing.objects.standing().filter(to_on=None))
        children.end_pairing(by=SYSTEM, pairing=pairing, on=self.planned_day(), why=self.why())

    def plant_pairing(self):
        """One of earlier years, entered afterwards; it may overlap another."""
        start = self.any_day()
        planted(Pairing(
            child=self.child(), helper=self.places.helper(), from_on=start, to_on=self.day_after(start), end_why="补记"
        ))  # fmt: skip

    def withdraw_pairing(self):
        pairing = self.one_of(Pairing.objects.standing())
        taken_back(pairing)

    def go_to_parents(self):
        start = self.planned_day()
        children.note_whereabouts(
            by=SYSTEM, child=self.child(), stay=self.rng.choice(("with_parents", "with_parents", "other")),
            place="杭州", from_on=start, to_on=self.day_after(start),
        )  # fmt: skip

    def plant_stay(self):
        start = None if self.chance(0.3) else self.any_day()
        end = self.day_after(start) if start else self.rng.choice((None, self.any_day()))
        stay = planted(Whereabouts(child=self.child(), stay="with_parents", from_on=start, to_on=end))
        if self.chance(0.3):
            taken_back(stay)

    def enrol(self):
        """Enrolled in the school, now or once; an earlier enrolment that is still open ends."""
        child, start = self.child(), self.any_day()
        if current := child.schoolings.standing().filter(to_on=None).first():
            current.to_on, current.why_out = max(current.from_on, start), "转学"
            planted(current)
        end = self.day_after(start)
        planted(Schooling(
            child=child, school=self.places.school, classroom=self.rng.choice((None, self.places.classroom)),
            status="primary", from_on=start, to_on=end, why_out="转学" if end else "",
        ))  # fmt: skip

    # ── visits ──────────────────────────────────────────────────────────────────────────────────────────────────

    def visit(self, chosen=None, day=None):
        first = self.child()
        siblings = Child.objects.standing().filter(household=first.household).exclude(pk=first.pk)
        door = chosen or [first, *siblings.order_by("id")[:1]]
        seen = {child for child in door if self.chance(0.8)}
        record_visit(
            by=self.places.helper(), children=door, visited_on=day or self.visit_day(), seen=seen, saw_carer=True,
            tell_home="no", words="在家写作业，说爸爸周末会打电话",
        )  # fmt: skip

    def withdraw_visit(self):
        withdraw_visit(by=SYSTEM, visit=self.one_of(Visit.objects.standing()), why="记错了")

    def correct_visit(self):
        """Taken back and written again, for the same day or another."""
        visit = self.one_of(Visit.objects.standing())
        withdraw_visit(by=SYSTEM, visit=visit, why="日期不对")
        self.visit([visit.child], self.rng.choice((visit.visited_on, self.visit_day())))

    def set_cadence(self):
        region = self.rng.choice(("", *self.places.regions))
        days = self.rng.choice((7, 10, 14, 31, 60, 120))
        set_cadence(by=SYSTEM, region=region, level=self.rng.choice(LEVELS), days=days)

    def withdraw_cadence(self):
        cadence = self.one_of(Cadence.objects.standing())
        taken_back(cadence, "改回去")

    # ── rosters ─────────────────────────────────────────────────────────────────────────────────────────────────

    def list_somebody(self):
        self.serial += 1
        person = Listed(
            community=self.places.community(), name=self.rng.choice((*NAMES, "")), known_from_on=self.any_day(),
            number_digest=digest("citizen_number", str(self.serial)) if self.chance(0.4) else "",
            doubtful=self.chance(0.25),
        )  # fmt: skip
        if self.alike.random() < 0.35:
            self._is_like_a_child(person)
        if self.chance(0.25):
            self._match(person)
        planted(person)

    def _is_like_a_child(self, person):
        """A list names a child who has an archive: by number, by name and birthday, or nearly. By chances of its own,
        so that what else happens in a history stays what it was."""
        children = list(Child.objects.standing().order_by("id"))
        if not children:
            return
        child, alike = self.alike.choice(children), self.alike
        person.number_digest = alike.choice(("", child.citizen_number_index or "", person.number_digest))
        person.name = child.name if alike.random() < 0.8 else person.name
        person.birth_on = child.birth_on if alike.random() < 0.8 else date(2015, 1, 2)
        if alike.random() < 0.7:
            person.community = child.community

    def match_listed(self):
        person = self.one_of(Listed.objects.standing().filter(child=None))
        self._match(person)
        match_listed(by=SYSTEM, listed=person, child=person.child, on=person.matched_on)

    def _match(self, person):
        """To any archive, in whatever community, perhaps one in care before the match; or to one opened for it."""
        person.child = self.open_archive() if self.chance(0.3) else self.child()
        person.matched_on = max(person.known_from_on, self.any_day())

    def withdraw_listed(self):
        person = self.one_of(Listed.objects.standing())
        taken_back(person, "名册撤销")


def later_acts(history: History, after: date) -> None:
    """Dated acts of the days after `after`: they must not change what held up to then."""
    rng, places = history.rng, history.places

    def later() -> date:
        return after + timedelta(days=rng.randint(1, (history.today - after).days))

    def visit(child):
        record_visit(by=places.helper(), children=[child], visited_on=later(), saw_carer=True, tell_home="no")

    def pair(child):
        children.pair(by=SYSTEM, child=child, helper=places.helper(), on=later(), end_why="换人")

    def change_attention(child):
        children.change_attention(by=SYSTEM, child=child, level="high", on=later(), reason="评估")

    def go_to_parents(child):
        planted(Whereabouts(child=child, stay="with_parents", from_on=later()))

    def move(child):
        children.move_care(by=SYSTEM, child=child, community=places.community(), on=later(), why="搬家")

    def leave(child):
        children.leave_care(by=SYSTEM, child=child, on=later(), why="父母回来了")

    for child in Child.objects.standing().order_by("id"):
        for act in (visit, pair, change_attention, go_to_parents, move, leave):
            if history.chance(0.6):
                history.attempt(partial(act, child))
        later_cards(history, child, later())
    planted(Listed(community=places.community(), name="新来的", known_from_on=later()))
    children.open_archive(by=SYSTEM, facts=history.basics(), community=places.community(), on=later())


def later_cards(history: History, child: Child, on: date) -> None:
    """The card changed and confirmed on a later day."""
    facts = CARD_FACTS["carer"] | {"carer_relation": "62", "carer_born": 1958}
    facts["carer_health"] = history.rng.choice(("", "好"))

    def change():
        children.correct(by=SYSTEM, child=Child.objects.get(pk=child.pk), section="carer", facts=facts, on=on)

    def confirm():
        children.confirm_card(by=SYSTEM, child=child, on=on)

    for act in (change, confirm):
        if history.chance(0.6):
            history.attempt(act)
