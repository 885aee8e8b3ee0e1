"""Where a history plays: two counties side by side, and the staff who come, leave, are suspended, or see nothing."""

from datetime import timedelta

from tongxing.base import clock
from tongxing.base.records import SYSTEM, action
from tongxing.staff.models import Classroom, Grant, Organisation, Post, Region, Staff

COUNTIES = ("990101", "990102")
TOWNSHIPS = ("990101998", "990101999", "990102001")  # at the edge of a county's range
COMMUNITIES = ("990101998201", "990101998202", "990101999999", "990102001001", "990102001002")


@action("tests.plant")
def plant(*, by, write):
    """Write rows that no action of the product makes."""
    write()


def planted(record):
    plant(by=SYSTEM, write=record.save)
    return record


def taken_back(record, why="记错了"):
    plant(by=SYSTEM, write=lambda: record.withdraw(by=SYSTEM, why=why))
    return record


class Places:
    def __init__(self, history):
        self.history, self.rng = history, history.rng
        self.regions = (*COUNTIES, *TOWNSHIPS, *COMMUNITIES)
        self._region = {path: planted(Region(path=path, year=2023, name=path)) for path in self.regions}
        self._office = {
            path: planted(Organisation(name=f"单位{path}", kind=kind, region=self._region[path]))
            for paths, kind in ((COUNTIES, "county"), (TOWNSHIPS, "township"), (COMMUNITIES, "community"))
            for path in paths
        }
        self.school = planted(Organisation(name="云溪小学", kind="school", region=self._region[COMMUNITIES[0]]))
        self.classroom = planted(Classroom(school=self.school, year=2026, grade=3, name="三(1)班"))
        self.people = []
        self.helpers = []
        for path in COMMUNITIES:
            for _one in range(self.rng.choice((0, 1, 1, 2))):
                self.post(self.person(), "director", path)
        for path in TOWNSHIPS:
            for _one in range(self.rng.choice((0, 1, 2))):
                self.post(self.person(), "supervisor", path)
        for role in ("cadre", "volunteer", "volunteer", "cadre", None):
            helper = self.person()
            self.helpers.append(helper)
            if role:  # the last holds no post at all
                self.post(helper, role, self.rng.choice(COMMUNITIES))
        self.viewers = self._viewers()

    def community(self) -> Region:
        return self._region[self.rng.choice(COMMUNITIES)]

    def helper(self) -> Staff:
        """Mostly one of the helpers; now and then a director or supervisor helps a child."""
        return self.rng.choice(self.helpers if self.history.chance(0.8) else self.people)

    def person(self) -> Staff:
        staff = planted(Staff(login=f"p{len(self.people)}", name="工作人员", password="!"))
        self.people.append(staff)
        return staff

    def post(self, staff, role, path):
        """From long ago or from a day on, until today or until a day."""
        start = self.history.any_day() if self.history.chance(0.4) else self.history.today - timedelta(days=500)
        end = max(start, self.history.planned_day()) if self.history.chance(0.25) else None
        return planted(
            Post(
                staff=staff,
                role=role,
                organisation=self._office[path],
                region=path,
                from_on=start,
                to_on=end,
                end_why="调走" if end else "",
            )
        )

    def take_post(self):
        """Somebody new in an office, or somebody back in it."""
        path = self.rng.choice((*COMMUNITIES, *TOWNSHIPS))
        self.post(self.rng.choice(self.people), "director" if path in COMMUNITIES else "supervisor", path)

    def leave_post(self):
        post = self.history.one_of(Post.objects.standing().filter(to_on=None, staff__in=self.people))
        if self.history.chance(0.1):
            return taken_back(post)
        post.to_on, post.end_why = max(post.from_on, self.history.planned_day()), "离岗"
        return planted(post)

    def suspend(self):
        """Suspended from a day on; or never really of our staff."""
        staff = Staff.objects.get(pk=self.rng.choice(self.people).pk)
        if self.history.chance(0.15):
            return taken_back(staff)
        staff.suspended_on, staff.suspended_why = self.history.any_day(), "停用"
        return planted(staff)

    # ── who looks ───────────────────────────────────────────────────────────────────────────────────────────────

    def _viewers(self) -> dict[str, Staff]:
        """People with one reach each; none of them is ever suspended by chance, but one is by design."""
        now = clock.now()

        def grant(staff, reach, *, until=None, since=timedelta(days=90), **whose):
            planted(Grant(staff=staff, reach=reach, why="岗位", from_at=now - since, until_at=until, **whose))
            return staff

        def viewer(name):
            return planted(Staff(login=name, name=name, password="!"))

        director = grant(viewer("director"), "region", region=COMMUNITIES[0])
        two = grant(grant(viewer("two places"), "region", region=COMMUNITIES[2]), "region", region=COUNTIES[1])
        late = grant(viewer("no longer"), "region", until=now - timedelta(minutes=1), region=COUNTIES[0])
        soon = grant(late, "region", since=-timedelta(minutes=1), region=COUNTIES[1])
        gone = viewer("suspended")
        grant(gone, "region", region="")
        gone.suspended_on, gone.suspended_why = self.history.today, "停用"
        planted(gone)
        archivist = grant(viewer("archivist"), "school", school=self.school)
        teacher = grant(grant(viewer("teacher"), "classroom", classroom=self.classroom), "paired")
        self.helpers.append(teacher)
        helper = grant(self.helpers[0], "paired")
        self.people.remove(helper)  # stays: leaves no post by chance, and is not suspended
        return {
            "director": director, "two places": two, "no longer": soon, "suspended": gone, "archivist": archivist,
            "teacher": teacher, "helper": helper, "nation": grant(viewer("nation"), "region", region=""),
        }  # fmt: skip

    def viewer(self, name) -> Staff:
        """Read anew: what grants open is kept on the object."""
        return Staff.objects.get(pk=self.viewers[name].pk)

    def let_see(self, child) -> None:
        """A person who may open this one child's file until tomorrow."""
        staff = self.viewers["one child"] = planted(Staff(login="one child", name="one child", password="!"))
        now = clock.now()
        until = now + timedelta(days=1)
        planted(Grant(staff=staff, reach="child", child_id=child.pk, why="转介", from_at=now, until_at=until))
