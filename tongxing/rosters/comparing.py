"""What a row says of a child who has an archive, beside what the archive says."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from tongxing.base.facts import Standing
from tongxing.base.ids import new_id
from tongxing.base.records import System
from tongxing.children import queries as children
from tongxing.children.models import Child, KinRole
from tongxing.children.rules import is_stale, plain
from tongxing.rosters.choices import Doubt, RowState, UpdateState
from tongxing.rosters.matching import Schools
from tongxing.rosters.models import Roster, RosterRow, Update
from tongxing.rosters.rules import (
    IDENTITY,
    confirmed_by_somebody,
    differences,
    doubted_fields,
    fact_out,
)

SETTLED = (RowState.ARCHIVED, RowState.KNOWN)


@dataclass
class Compared:
    """Rows of known children beside their archives, read in a number of queries that does not grow with them."""

    roster: Roster
    schools: Schools
    by: object  # who brings the list: of children they may not see nothing is proposed, somebody else decides
    unseen: bool = False  # found while importing: whatever differs waits for a person

    def updates(self, known: list[tuple[RosterRow, dict]]) -> list[Update]:
        """What these rows (each with its facts) would change; their states become KNOWN, or CHANGED if they differ."""
        for row, _facts in known:
            row.state = RowState.KNOWN
        settled = self._as_before([row for row, _facts in known]) if known else set()
        known = [(row, facts) for row, facts in known if row.pk not in settled]
        if not known:
            return []
        ids = {row.child_id for row, _facts in known}
        on = self.roster.received_on
        archives = children.archives_of(ids, on)
        places = children.work_places([role.kin_id for one in archives.values() for role in one.roles], on)
        left, own = self._left_before(ids), self._own(ids)
        found = []
        for row, facts in known:
            if archive := archives.get(row.child_id):
                kept = children.facts_of(archive, places)
                for field, was, now in differences(self._speakable(facts, kept), kept):
                    if (row.child_id, field, plain(field, was), plain(field, now)) not in left:
                        row.state = RowState.CHANGED
                        doubt, confirmed = self._doubt(row, field, was, archive.standings)
                        found.append(
                            self._update(
                                row, field, was, now, doubt if row.child_id in own else Doubt.OTHERS, confirmed
                            )
                        )
        return found

    def _as_before(self, rows: list[RosterRow]) -> set:
        """Rows that say what an earlier row said, of an archive that nobody has touched since: nothing to compare."""
        ids = {row.child_id for row in rows}
        earlier = RosterRow.objects.filter(
            child_id__in=ids, fingerprint__in={row.fingerprint for row in rows}, state__in=SETTLED
        )
        said = set(earlier.exclude(roster=self.roster).values_list("child_id", "fingerprint"))
        if not said:
            return set()
        touched_kin = KinRole.objects.filter(child=OuterRef("pk"), kin__version__gt=1)
        untouched = Child.objects.filter(pk__in={pk for pk, _print in said}, version=1, household__version=1)
        untouched = set(untouched.exclude(Exists(touched_kin)).values_list("pk", flat=True))
        return {row.pk for row in rows if row.child_id in untouched and (row.child_id, row.fingerprint) in said}

    def _left_before(self, ids: set) -> set[tuple]:
        """What a person has decided not to change before: child, field, what was and what was said."""
        left = Update.objects.filter(child_id__in=ids, state=UpdateState.LEFT)
        return {(one.child_id, one.field, plain(one.field, one.was), plain(one.field, one.now)) for one in left}

    def _speakable(self, facts: dict, kept: dict) -> dict:
        """The facts that an archive could hold: a school that is known, a class of it."""
        said = dict(facts)
        if self.schools.is_unknown(facts):
            del said["school"]
        elif school := self.schools.of(facts):
            said["school"] = school.name
        if self.schools.is_unknown(facts) or not (said.get("school") or kept["school"]):
            said.pop("class_name", None)
        return said

    def _own(self, ids: set) -> set:
        """Those of these children whose files the person may open."""
        if isinstance(self.by, System):
            return ids
        return set(Child.objects.visible_to(self.by).filter(pk__in=ids).values_list("pk", flat=True))

    def _update(self, row: RosterRow, field: str, was, now, doubt: str, confirmed: date | None) -> Update:
        return Update(
            id=new_id(),
            roster=self.roster,
            row=row,
            child_id=row.child_id,
            field=field,
            was=fact_out(was),
            now=fact_out(now),
            state=UpdateState.ASKED if doubt else UpdateState.PROPOSED,
            doubt=doubt,
            confirmed_on=confirmed if doubt == Doubt.CONFIRMED else None,
        )

    def _doubt(self, row: RosterRow, field: str, was, standings: list[Standing]) -> tuple[str, date | None]:
        """Why a person has to say whether this is written, and when somebody confirmed what the archive says."""
        confirmed = confirmed_by_somebody(standings, field)
        if field in doubted_fields(row.problems):
            return Doubt.DOUBTFUL, confirmed
        if was not in (None, "") and field in IDENTITY:
            return Doubt.IDENTITY, confirmed
        if was not in (None, "") and confirmed and not is_stale(confirmed, self.roster.received_on):
            return Doubt.CONFIRMED, confirmed
        return (Doubt.UNSEEN if self.unseen else Doubt.NONE), confirmed
