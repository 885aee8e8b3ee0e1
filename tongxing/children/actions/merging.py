"""Make two archives of one child one, and take them apart again.

Nothing is thrown away. Rows of every room go over by their foreign keys; of what holds one at a time the row that lost
is withdrawn; each row touched is noted, so that both archives can stand again as they did.
"""

from dataclasses import dataclass, field
from datetime import date

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from tongxing.base import clock, words
from tongxing.base.facts import Ground, ground_of, stand_on
from tongxing.base.records import Record, Stale, action, current_deed, plain
from tongxing.children.actions.cards import keep_cards
from tongxing.children.actions.correcting import neighbours_of, note_deed, rebuild_keys, write_section
from tongxing.children.choices import KinPart, Level, Relation, Section
from tongxing.children.merges import Merge, MergeMove, archives_merged, archives_parted
from tongxing.children.models import Attention, CareEpisode, Child, KinRole, Lookup, Pairing, Schooling, Whereabouts
from tongxing.children.queries import CARING
from tongxing.children.queries.merging import moving, side_of, two_children
from tongxing.children.rules import SECTION_OF, facts_in, facts_out

CLOSEST_FIRST = (Level.HIGH, Level.MIDDLE, Level.LOW)
SLOTS = {Relation.FATHER: "father", Relation.MOTHER: "mother"}


@dataclass
class Moves:
    """Rows a merge changes, noted as they change."""

    by: object
    why: str
    made: list[MergeMove] = field(default_factory=list)

    def change(self, row: Model, **values) -> bool:
        """Set columns of a row; False where it cannot stand so, and is left as it was."""
        was = {name: plain(getattr(row, name)) for name in values}
        try:
            with transaction.atomic():
                for name, value in values.items():
                    setattr(row, name, value)
                store(row, values)
        except IntegrityError:
            return False
        now = {name: plain(value) for name, value in values.items()}
        self.made.append(MergeMove(model=row._meta.label_lower, row_id=str(row.pk), was=was, now=now))
        return True

    def withdraw(self, row: Record) -> None:
        """Out of every figure: it cannot stand beside the one that remains."""
        self.change(row, withdrawn_at=clock.now(), withdrawn_by_id=self.by.pk, withdrawn_why=self.why)

    def touched(self) -> set[tuple[str, str]]:
        return {(one.model, one.row_id) for one in self.made}


def store(row: Model, values: dict) -> None:
    """Write a row: a Record with its trace, staging as it is."""
    if isinstance(row, Record):
        row.save()
    else:
        type(row)._base_manager.filter(pk=row.pk).update(**values)


def _locked(*children: Child) -> list[Child]:
    """These archives as they stand now, in the same order for everybody, so that two merges wait for each other."""
    rows = Child.objects.select_for_update().filter(pk__in=[one.pk for one in children]).order_by("pk")
    now = {row.pk: row for row in rows}
    return [now[one.pk] for one in children]


# ── two become one ───────────────────────────────────────────────────────────────────────────────────────────────────


@action("children.merge")
def merge(*, by, child: Child, gone: Child, from_gone: set[str], on: date) -> Merge:
    """`gone` becomes part of `child`. `from_gone`: names of facts (rules.FIELDS) that are taken from `gone`.

    Raises Stale when either archive has moved on, ValidationError where they cannot be one child's.
    """
    asked = child, gone
    child, gone = _locked(child, gone)
    for was, now in zip(asked, (child, gone), strict=True):
        if now.withdrawn_at or was.version != now.version:
            raise Stale(was)
    if two_children(child, gone):
        raise ValidationError(_("两边的身份证号都对，却不一样，是两个孩子"))
    mine, theirs = side_of(child, on), side_of(gone, on)
    wanted = {name: (theirs if name in from_gone else mine).facts[name] for name in SECTION_OF}
    if wanted["citizen_number"]:
        wanted["number_missing"] = ""
    moves = Moves(by, _("合并到另一份档案"))
    moves.withdraw(gone)
    _one_at_a_time(moves, child, gone, from_gone)
    _grown_ups(moves, child, gone, from_gone)
    if "address" in from_gone:
        moves.change(child, household_id=gone.household_id, hamlet=gone.hamlet)
    _rest(moves, child, gone)
    child = Child.objects.select_related("household", "community").get(pk=child.pk)
    before, after = _write(child, wanted, on)
    for name in sorted(from_gone):
        if ground := theirs.ground(name):
            _stand(child, name, ground)
    made = Merge(
        child=child, gone=gone, by_id=by.pk, merged_at=current_deed().at, from_gone=sorted(from_gone),
        before=facts_out(before), after=facts_out({name: after[name] for name in before}),
    )  # fmt: skip
    made.save()
    for one in moves.made:
        one.merge = made
    MergeMove.objects.bulk_create(moves.made)
    note_deed(child, "merged", str(gone.pk))
    _keep(child, gone, on)
    archives_merged.send(Merge, merge=made)
    return made


def _write(child: Child, wanted: dict, on: date) -> tuple[dict, dict]:
    """Write the facts that are still otherwise than wanted; those as they were, and all as they are wanted."""
    now = side_of(child, on).facts
    other = {name for name in SECTION_OF if (now[name] or "") != (wanted[name] or "")}
    other -= {name for name in other if SECTION_OF[name] == Section.SCHOOL}  # a class moves as a row, or stays
    for section in dict.fromkeys(SECTION_OF[name] for name in SECTION_OF if name in other):
        write_section(child, section, now | {name: wanted[name] for name in other}, on)
    return {name: now[name] for name in other}, wanted


def _stand(child: Child, name: str, ground: Ground) -> None:
    place = f"{SECTION_OF[name]}.{name}"
    stand_on(child.pk, covers=place, source=ground.source, true_from=ground.true_from, confirmed_on=ground.confirmed_on)


def _one_at_a_time(moves: Moves, child: Child, gone: Child, from_gone: set[str]) -> None:
    """Care, attention, schooling, whereabouts, helper: of two that hold on one day one stays."""
    _extend_care(moves, child, gone)
    _let_one_stand(moves, CareEpisode, child, gone)
    _let_one_stand(moves, Attention, *((gone, child) if _is_watched_closer(gone, child) else (child, gone)))
    _let_one_stand(moves, Schooling, *((gone, child) if "class_name" in from_gone else (child, gone)))
    _let_one_stand(moves, Whereabouts, child, gone)
    helped = child.pairings.standing().filter(to_on=None).exists()
    _let_one_help(moves, *((child, gone) if helped else (gone, child)))


def _let_one_stand(moves: Moves, model: type[Record], wins: Child, yields: Child) -> None:
    stands = list(model.objects.standing().filter(child=wins))
    for row in model.objects.standing().filter(child=yields):
        if any(_overlap(row, one) for one in stands):
            moves.withdraw(row)


def _let_one_help(moves: Moves, wins: Child, yields: Child) -> None:
    """Who walked with the child before the present helper did so until that one came."""
    stands = list(wins.pairings.standing())
    for row in yields.pairings.standing():
        if starts := [one.from_on for one in stands if _overlap(row, one)]:
            if row.from_on < min(starts):
                moves.change(row, to_on=min(starts), end_why=row.end_why or moves.why)
            else:
                moves.withdraw(row)


def _overlap(one, other) -> bool:
    begins, ends = (lambda row: row.from_on or date.min), (lambda row: row.to_on or date.max)
    return begins(one) < ends(other) and begins(other) < ends(one)


def _extend_care(moves: Moves, child: Child, gone: Child) -> None:
    """The child was in care since the earlier of the two archives, where one community answered for both."""
    mine = child.episodes.standing().filter(to_on=None).first()
    theirs = gone.episodes.standing().filter(to_on=None).first()
    if not (mine and theirs) or mine.community_id != theirs.community_id or theirs.from_on >= mine.from_on:
        return
    if not child.episodes.standing().exclude(pk=mine.pk).filter(to_on__gt=theirs.from_on).exists():
        moves.change(mine, from_on=theirs.from_on)


def _is_watched_closer(one: Child, other: Child) -> bool:
    """Whether `one` has the closer attention level: a merge never loosens it."""
    levels = [
        who.attentions.standing().filter(to_on=None).values_list("level", flat=True).first() for who in (one, other)
    ]
    ranks = [CLOSEST_FIRST.index(level) if level else len(CLOSEST_FIRST) for level in levels]
    return ranks[0] < ranks[1]


def _grown_ups(moves: Moves, child: Child, gone: Child, from_gone: set[str]) -> None:
    """One father, one mother, one who cares; and nobody twice in one part."""
    current = KinRole.objects.standing().filter(to_on=None).select_related("kin").order_by("relation", "id")
    mine = list(current.filter(child=child))
    for role in current.filter(child=gone):
        slot = _slot(role)
        twin = next((one for one in mine if one.part == role.part and _one_person(one, role)), None)
        if twin is None and slot:
            twin = next((one for one in mine if _slot(one) == slot), None)
        if twin is None:
            continue
        if slot and f"{slot}_name" in from_gone:
            moves.withdraw(twin)
            mine.remove(twin)
        else:
            moves.withdraw(role)


def _slot(role: KinRole) -> str:
    """What there is one of: "father", "mother", "carer"; "" for anybody else."""
    return "carer" if role.part in CARING else SLOTS.get(role.relation, "") if role.part == KinPart.PARENT else ""


def _one_person(one: KinRole, other: KinRole) -> bool:
    if one.kin_id == other.kin_id:
        return True
    named = bool(one.kin.name) and words.fold(one.kin.name) == words.fold(other.kin.name)
    return named or bool(one.kin.phone_index and one.kin.phone_index == other.kin.phone_index)


def _rest(moves: Moves, child: Child, gone: Child) -> None:
    """Every other row of any room that points at `gone`. What cannot stand beside a row of `child` stays behind."""
    touched = moves.touched()
    for key in moving():
        others = [one for one in moving() if one.model is key.model and one is not key]
        for row in key.model._base_manager.filter(**{key.name: gone}):
            shortened = isinstance(row, Pairing) and row.withdrawn_at is None
            if (row._meta.label_lower, str(row.pk)) in touched and not shortened:
                continue
            if any(getattr(row, one.attname) == child.pk for one in others):
                continue  # a row about both of them
            moves.change(row, **{key.attname: child.pk})


def _keep(child: Child, gone: Child, on: date) -> None:
    """What is found by or reckoned from both archives."""
    Lookup.objects.filter(child=gone).delete()
    together = [child, *neighbours_of(child)]
    for one in together:
        rebuild_keys(one)
    keep_cards(together, on)


# ── one becomes two again ────────────────────────────────────────────────────────────────────────────────────────────


@action("children.unmerge")
def unmerge(*, by, merge: Merge, why: str, on: date, to_gone: list[Model] = ()) -> Merge:
    """It was two children: both archives stand again as they did. `to_gone`: later acts that are the other child's.

    What somebody changed since stays with the archive that remained. Raises ValidationError where it is too late.
    """
    child, gone = _locked(merge.child, merge.gone)
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    _check(merge, child, on)
    child = Child.objects.select_related("household", "community").get(pk=child.pk)
    for row in to_gone:
        row.child = gone
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise ValidationError(_("%(what)s 和那一份原来的冲突，请留在这一份") % {"what": row.told}) from None
    _write_back(merge, child, on)
    for move in reversed(merge.moves.order_by("id")):
        _put_back(move)
    for name in merge.from_gone:
        if earlier := _ground_before(child, name, merge):
            _stand(child, name, earlier)
    for one in (child, gone):
        one.refresh_from_db()
        rebuild_keys(one)
    keep_cards([child, gone, *neighbours_of(child), *neighbours_of(gone)], on)
    current_deed().why = why
    merge.withdraw(by=by, why=why)
    note_deed(child, "parted", str(gone.pk))
    archives_parted.send(Merge, merge=merge)
    return merge


def _check(merge: Merge, child: Child, on: date) -> None:
    if merge.withdrawn_at:
        raise ValidationError(_("已经撤销过了"))
    if child.withdrawn_at:
        raise ValidationError(_("这份档案后来又合并或作废了，先撤销那一次"))
    if on > merge.undo_until:
        raise ValidationError(_("过了 30 天，不能再撤销"))


def _write_back(merge: Merge, child: Child, on: date) -> None:
    """The facts a merge wrote, as they were; those somebody has changed since stay."""
    now, after = side_of(child, on).facts, facts_in(merge.after)
    before = facts_in(merge.before)
    names = [name for name in before.keys() | after.keys() if (now[name] or "") == (after.get(name) or "")]
    for section in dict.fromkeys(SECTION_OF[name] for name in SECTION_OF if name in names):
        write_section(child, section, now | {name: before.get(name, "") for name in names}, on)


def _put_back(move: MergeMove) -> None:
    """One row as it was, unless somebody has changed it since or it cannot stand so any more."""
    model = apps.get_model(move.model)
    row = model._base_manager.filter(pk=move.row_id).first()
    now, values = (
        {name: model._meta.get_field(name).to_python(value) for name, value in columns.items()}
        for columns in (move.now, move.was)
    )
    if row is None or any(getattr(row, name) != value for name, value in now.items()):
        return
    try:
        with transaction.atomic():
            for name, value in values.items():
                setattr(row, name, value)
            store(row, values)
    except IntegrityError:
        return


def _ground_before(child: Child, name: str, merge: Merge) -> Ground | None:
    """What a fact stood on before the merge, if nothing else was said of it since."""
    standings = side_of(child, clock.today()).archive.standings
    earlier = [one for one in standings if one.recorded_at < merge.merged_at]
    place = f"{SECTION_OF[name]}.{name}"
    later = [one for one in standings if one.recorded_at > merge.merged_at and one.covers in ("", place)]
    return None if later else ground_of(earlier, place)
