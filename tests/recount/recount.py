"""The recount: every measure again, in plain Python, from rows as plain dicts. It imports nothing of ours.

It is written from the definitions below, not from the product's SQL, so that each can find the other's faults.

What is taken back (withdrawn) counts nowhere and on no day: a visit, a pairing, an episode, an archive, a setting.
What runs from a day until a day holds on its first day and no longer on its last; without a last day it goes on.

In care      A child is in care on a day when an episode of care holds that day; that episode's community answers for
             it. A child is in one community's care at a time.
Level        The attention level held that day; of two, the one that began later.
At work      A person with any post that day, who was not suspended by then.
Answers      For a community: its child director, else the child supervisor of its township, who is at work that day;
             of several the one longest in the post, then the one whose post was written down first.
Helper       Whoever is paired with the child that day; of several the one paired last.

Row 6, archived.  Counted is each known person once: every child in care, and every person named by a roster from the
             day the roster made them known, as long as no archive was matched to them. A match counts from its day,
             and on every day on which the matched child is in care (the same person is not counted twice), and only
             while the archive stands. A person nobody has matched counts no more while a child is in care who has the
             same number, or whose community, name and day of birth are the same, unless both have a number. Met: a
             child whose archive was open by that day, with a day of birth, and with a citizen number or the reason why
             there is none. Unknown: a row that does not tell who it is. All others are gaps. Owed by who answers for
             the community. No day is set for it.
Row 6, number.    Counted is every child in care. Met: the archive has a citizen number. All others are gaps, with the
             reason written down (or none). Owed by who answers for the community. No day is set for it.
Row 10, paired.   Counted is every child in care. Met: one of its helpers of that day is at work. Owed by who answers
             for the community. No day is set for it.
Row 14b, card.    Counted is every child in care. What a card lacked is kept from a day until the next such row. Met:
             the last row up to that day lacks nothing. Unknown: there is no row up to that day. All others are gaps,
             with what is lacking as the reason. The newest row of a child is what its archive says: see `card_lacks`.
             Owed by who answers for the community. No day is set for it.
Row 14c, card_confirmed. Counted is every child in care. Met: somebody confirmed the whole card that day or up to 180
             days before. Owed by who answers for the community. No day is set for it.
Row 20a, visited. Counted is every child in care. Not applicable: the child is with its parents that day, by a stay
             that has a first day. Met: somebody came and saw the child no more days ago than its level's interval; a
             visit of the day itself counts, a visit before care began counts, one where the child was not seen does
             not. A child never seen is a gap. Without a level: met within the shortest of the three intervals, a gap
             beyond the longest, unknown between. Intervals are 31, 92, 183 days for high, middle, low, unless the
             nearest region above the community, itself included, has set its own for that level. Settings hold for
             past days, too. Owed by the helper paired last of those at work, else by who answers for the community.
             Due: so many days after the last visit as the interval has (without a level: the longest); for a child
             never seen the fifth weekday after this community took care of it.

A figure is asked for a region: all below it. Asked on behalf of a person it holds what that person may open now: by
grants that hold now, children whose archive lies in a region, who are enrolled today in a school or class, who are
paired with that person today, or a single child; and persons on rosters only by region. The suspended see nothing.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

INTERVALS = {"high": 31, "middle": 92, "low": 183}
WEEKDAYS_FOR_A_FIRST_VISIT = 5
CONFIRMED_FOR_DAYS = 180


class Contradiction(Exception):
    """The facts themselves cannot be: a child in two communities' care on one day."""


@dataclass(frozen=True)
class Line:
    """What became of one subject."""

    subject: UUID
    state: str
    why: str
    owner: UUID | None
    due: date | None = None

    @property
    def is_open(self) -> bool:
        return self.state in ("gap", "unknown")


@dataclass(frozen=True)
class Result:
    lines: tuple[Line, ...]

    def count(self, state: str) -> int:
        return sum(line.state == state for line in self.lines)

    def subjects(self, state: str) -> list[UUID]:
        """Sorted, and as often as they were counted: a subject that stands twice shows."""
        return sorted(line.subject for line in self.lines if line.state == state)

    @property
    def n(self) -> int:
        return self.count("met")

    @property
    def N(self) -> int:
        return self.count("met") + self.count("gap") + self.count("unknown")


def holds(row: dict, day: date) -> bool:
    if row["from_on"] is None or row["from_on"] > day:
        return False
    return row["to_on"] is None or day < row["to_on"]


def newest(rows: list[dict]) -> dict | None:
    return max(rows, key=lambda row: (row["from_on"], row["id"]), default=None)


class Recount:
    """`facts`: table → rows; see TABLES in dump.py. `now`: the moment at which it is asked, an aware datetime."""

    def __init__(self, facts: dict[str, list[dict]], now: datetime):
        self.now, self.today = now, now.date()
        self.kept_last_acts = facts["last_acts"]
        standing = {table: [row for row in rows if row.get("withdrawn_at") is None] for table, rows in facts.items()}
        self.children = {row["id"]: row for row in standing["children"]}
        self.staff = {row["id"]: row for row in standing["staff"]}
        self.kin = {row["id"]: row for row in facts["kin"]}
        self.households = {row["id"]: row for row in facts["households"]}
        self.confirmations = defaultdict(list)
        for row in facts["standings"]:
            if row["covers"] == "card" and row["confirmed_on"] is not None:
                self.confirmations[row["subject_id"]].append(row["confirmed_on"])
        self.listed, self.cadences = standing["listed"], standing["cadences"]
        self.posts, self.grants = standing["posts"], standing["grants"]
        self.of_child = {
            table: self._by_child(standing[table])
            for table in (
                "episodes",
                "attentions",
                "whereabouts",
                "schoolings",
                "pairings",
                "visits",
                "cards",
                "kin_roles",
            )
        }

    @staticmethod
    def _by_child(rows):
        found = defaultdict(list)
        for row in rows:
            found[row["child_id"]].append(row)
        return found

    def count(self, measure: str, on: date, *, region: str = "", viewer: UUID | None = None) -> Result:
        """One measure on one day, for a region, as `viewer` may see it (None: all)."""
        lines = {
            "archived": self.archived,
            "number": self.number,
            "paired": self.paired,
            "card": self.card,
            "card_confirmed": self.card_confirmed,
            "visited": self.visited,
        }[measure]
        return Result(tuple(lines(on, region, viewer)))

    # ── the measures ────────────────────────────────────────────────────────────────────────────────────────────

    def archived(self, on, region, viewer):
        for child, episode in self.in_care(on, region, viewer):
            has_number = child["citizen_number"] is not None
            if child["opened_on"] > on:
                state, why = "gap", "not_opened_yet"
            elif child["birth_on"] and (has_number or child["number_missing"] != ""):
                state, why = "met", "archived"
            else:
                state, why = "gap", "incomplete"
            yield Line(child["id"], state, why, self.answers_for(episode["community_id"], on))
        for person in self.listed:
            community = person["community_id"]
            if not community.startswith(region) or person["known_from_on"] > on or self.is_matched(person, on):
                continue
            if self.is_in_care(person, on):
                continue
            if viewer is not None and not any(community.startswith(path) for path in self.regions_of(viewer)):
                continue
            state, why = ("unknown", "who_is_it") if person["doubtful"] else ("gap", "no_archive")
            yield Line(person["id"], state, why, self.answers_for(community, on))

    def paired(self, on, region, viewer):
        for child, episode in self.in_care(on, region, viewer):
            pairings = self.of_child["pairings"][child["id"]]
            present = [one for one in pairings if holds(one, on)]
            if any(self.at_work(one["helper_id"], on) for one in present):
                state, why = "met", "paired"
            elif present:
                state, why = "gap", "helper_left"
            elif any(one["from_on"] <= on for one in pairings):
                state, why = "gap", "pairing_ended"
            else:
                state, why = "gap", "never_paired"
            yield Line(child["id"], state, why, self.answers_for(episode["community_id"], on))

    def number(self, on, region, viewer):
        for child, episode in self.in_care(on, region, viewer):
            known = child["citizen_number"] is not None
            state, why = ("met", "") if known else ("gap", child["number_missing"])
            yield Line(child["id"], state, why, self.answers_for(episode["community_id"], on))

    def card(self, on, region, viewer):
        for child, episode in self.in_care(on, region, viewer):
            kept = [row for row in self.of_child["cards"][child["id"]] if row["from_on"] <= on]
            last = max(kept, key=lambda row: row["from_on"], default=None)
            if last is None:
                state, why = "unknown", "not_kept"
            else:
                state, why = ("gap" if last["lacks"] else "met"), last["lacks"]
            yield Line(child["id"], state, why, self.answers_for(episode["community_id"], on))

    def card_confirmed(self, on, region, viewer):
        for child, episode in self.in_care(on, region, viewer):
            days = [day for day in self.confirmations[child["id"]] if day <= on]
            if not days:
                state, why = "gap", "never_confirmed"
            elif (on - max(days)).days <= CONFIRMED_FOR_DAYS:
                state, why = "met", "confirmed"
            else:
                state, why = "gap", "long_ago"
            yield Line(child["id"], state, why, self.answers_for(episode["community_id"], on))

    def visited(self, on, region, viewer):
        for child, episode in self.in_care(on, region, viewer):
            state, why, due = self._visited(child, episode, on)
            pairings = [one for one in self.of_child["pairings"][child["id"]] if holds(one, on)]
            helper = newest([one for one in pairings if self.at_work(one["helper_id"], on)])
            owner = helper["helper_id"] if helper else self.answers_for(episode["community_id"], on)
            yield Line(child["id"], state, why, owner, due)

    def _visited(self, child, episode, on):
        stays = self.of_child["whereabouts"][child["id"]]
        if any(stay["stay"] == "with_parents" and holds(stay, on) for stay in stays):
            return "na", "away", None
        days = [day for day in self.days_seen(child["id"]) if day <= on]
        if not days:
            return "gap", "never_seen", self.nth_weekday_after(episode["from_on"], WEEKDAYS_FOR_A_FIRST_VISIT)
        ago = (on - max(days)).days
        attention = newest([one for one in self.of_child["attentions"][child["id"]] if holds(one, on)])
        levels = [attention["level"]] if attention else list(INTERVALS)
        intervals = [self.interval(level, episode["community_id"]) for level in levels]
        due = max(days) + timedelta(days=max(intervals))
        if ago <= min(intervals):
            return "met", "in_time", due
        if ago > max(intervals):
            return "gap", "late", due
        return "unknown", "no_level", due

    # ── what they stand on ──────────────────────────────────────────────────────────────────────────────────────

    def in_care(self, on, region, viewer):
        """(child, the episode that holds) for every child in care below `region` whom `viewer` may open."""
        for child in self.children.values():
            present = [one for one in self.of_child["episodes"][child["id"]] if holds(one, on)]
            if len(present) > 1:
                raise Contradiction(f"child {child['id']} has two episodes of care on {on}")
            if not present or not present[0]["community_id"].startswith(region):
                continue
            if viewer is None or self.may_open(viewer, child):
                yield child, present[0]

    def is_matched(self, person, on) -> bool:
        child = self.children.get(person["child_id"])  # None for an archive that was withdrawn
        if child is None:
            return False
        return person["matched_on"] <= on or any(holds(one, on) for one in self.of_child["episodes"][child["id"]])

    def is_in_care(self, person, on) -> bool:
        """Whether somebody is in care who is this person, by number or else by community, name and birthday."""
        for child in self.children.values():
            number, other = person["number_digest"], child["citizen_number_index"]
            for episode in self.of_child["episodes"][child["id"]]:
                if not holds(episode, on):
                    continue
                if number and number == other:
                    return True
                here = (episode["community_id"], child["name"], child["birth_on"])
                same = here == (person["community_id"], person["name"], person["birth_on"])
                if same and person["birth_on"] and not (number and other):
                    return True
        return False

    def days_seen(self, child_id) -> list[date]:
        return [visit["visited_on"] for visit in self.of_child["visits"][child_id] if visit["saw_child"]]

    def last_acts(self) -> dict[UUID, date]:
        """For every child somebody saw: the last day."""
        return {child_id: max(days) for child_id in self.of_child["visits"] if (days := self.days_seen(child_id))}

    def newest_cards(self) -> dict[UUID, str]:
        """For every child with a card: what the newest one lacks."""
        kept = {child: rows for child, rows in self.of_child["cards"].items() if rows and child in self.children}
        return {child: max(rows, key=lambda row: row["from_on"])["lacks"] for child, rows in kept.items()}

    def card_lacks(self, child_id) -> str:
        """What the archive of a child says today its contact card lacks, in the order of the plan."""
        roles = [one for one in self.of_child["kin_roles"][child_id] if one["to_on"] is None]
        roles.sort(key=lambda one: (one["relation"], one["id"]))
        people = {}
        for who, relation in (("father", "51"), ("mother", "52")):
            theirs = [one for one in roles if one["relation"] == relation]
            theirs.sort(key=lambda one: one["part"] != "parent")
            people[who] = self.kin[theirs[0]["kin_id"]] if theirs else None
        caring = [one for one in roles if one["part"] in ("carer", "entrusted")]
        caring.sort(key=lambda one: one["part"] != "carer")
        carer = self.kin[caring[0]["kin_id"]] if caring else {}
        household = self.households.get(self.children[child_id]["household_id"]) or {}

        lacking = set()
        for who, parent in people.items():
            parent = parent or {}
            if parent.get("situation") in ("deceased", "missing", "no_contact", "custody"):
                continue
            asked = {"name": "name", "phone": "phone"}
            if parent.get("employment") not in ("odd_jobs", "at_home"):
                asked |= {"employer": "employer", "employer_phone": "employer_phone"}
            lacking |= {f"{who}_{name}" for name, column in asked.items() if not parent.get(column)}
        if not household.get("address"):
            lacking.add("address")
        for name in ("name", "occupation", "phone", "health"):
            if not carer.get(name):
                lacking.add(f"carer_{name}")
        if not carer.get("born_year"):
            lacking.add("carer_born")
        order = (
            "father_name mother_name address father_phone mother_phone father_employer father_employer_phone "
            "mother_employer mother_employer_phone carer_name carer_occupation carer_phone carer_health carer_born"
        )
        return " ".join(name for name in order.split() if name in lacking)

    def interval(self, level, community) -> int:
        own = {row["region"]: row["days"] for row in self.cadences if row["level"] == level}
        for length in range(len(community), -1, -1):
            if community[:length] in own:
                return own[community[:length]]
        return INTERVALS[level]

    @staticmethod
    def nth_weekday_after(day, count) -> date:
        following = (day + timedelta(days=ahead) for ahead in range(1, 3 * count + 1))
        return [one for one in following if one.isoweekday() not in (6, 7)][count - 1]

    def is_free(self, staff_id, on) -> bool:
        """On our staff and not suspended by `on`."""
        person = self.staff.get(staff_id)
        return person is not None and (person["suspended_on"] is None or person["suspended_on"] > on)

    def at_work(self, staff_id, on) -> bool:
        return self.is_free(staff_id, on) and any(
            post["staff_id"] == staff_id and holds(post, on) for post in self.posts
        )

    def answers_for(self, community, on) -> UUID | None:
        for role, place in (("director", community), ("supervisor", community[:9])):
            held = [
                post
                for post in self.posts
                if post["role"] == role
                and post["region"] == place
                and holds(post, on)
                and self.is_free(post["staff_id"], on)
            ]
            if held:
                return min(held, key=lambda post: (post["from_on"], post["id"]))["staff_id"]
        return None

    def grants_of(self, viewer) -> list[dict]:
        if not self.is_free(viewer, self.today):
            return []
        return [
            grant
            for grant in self.grants
            if grant["staff_id"] == viewer
            and grant["from_at"] <= self.now
            and (grant["until_at"] is None or self.now < grant["until_at"])
        ]

    def regions_of(self, viewer) -> list[str]:
        return [grant["region"] for grant in self.grants_of(viewer) if grant["reach"] == "region"]

    def may_open(self, viewer, child) -> bool:
        enrolled = [one for one in self.of_child["schoolings"][child["id"]] if holds(one, self.today)]
        beside = [one["helper_id"] for one in self.of_child["pairings"][child["id"]] if holds(one, self.today)]
        for grant in self.grants_of(viewer):
            if {
                "region": lambda held: child["community_id"].startswith(held["region"]),
                "school": lambda held: any(one["school_id"] == held["school_id"] for one in enrolled),
                "classroom": lambda held: any(one["classroom_id"] == held["classroom_id"] for one in enrolled),
                "paired": lambda held: viewer in beside,
                "child": lambda held: held["child_id"] == child["id"],
                "none": lambda held: False,
            }[grant["reach"]](grant):
                return True
        return False
