"""Make two archives of one child one, and take them apart again.

Nothing is thrown away and nothing is written over: rows of every room go over by their foreign keys, of what holds one
at a time the row that loses ends or is withdrawn, and each row touched is noted, so that both archives can stand again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongxing.base import clock, words
from tongxing.base.facts import Ground, Standing, ground_of, stand_on
from tongxing.base.records import Record, Stale, action, current_deed, plain
from tongxing.children.actions.cards import keep_cards
from tongxing.children.actions.correcting import neighbours_of, note_deed, rebuild_keys
from tongxing.children.choices import KinPart, Level, Relation
from tongxing.children.merges import Merge, MergeMove
from tongxing.children.models import Attention, CareEpisode, Child, KinRole, Lookup, Pairing, Schooling, Whereabouts
from tongxing.children.queries import CARING, parent_among
from tongxing.children.queries.merging import (
    changes_since,
    moved_elsewhere,
    moving,
    newest_merge,
    side_of,
    two_children,
)
from tongxing.children.rules import SECTION_OF, span_of

CLOSEST_FIRST = (Level.HIGH, Level.MIDDLE, Level.LOW)
SLOTS = {Relation.FATHER: "father", Relation.MOTHER: "mother"}
ENDING = {CareEpisode: "why_out", Schooling: "why_out", Pairing: "end_why", Attention: "", Whereabouts: ""}
CANNOT = gettext_lazy("合并以后改得太多，有一处放不回去。请把另一个孩子重新建档")
PLAIN = {"name": ("name", "name_sort"), "sex": ("sex",), "birth_on": ("birth_on",)}  # fact → columns of a Child


class Follower(NamedTuple):
    """What a room above does with its own rows, inside the action: `merged(merge, moves)`, later `parted(merge)`."""

    merged: Callable
    parted: Callable


followers: list[Follower] = []


@dataclass
class Moves:
    """Rows a merge changes, noted as they change."""

    by: object
    why: str
    made: list[MergeMove] = field(default_factory=list)

    def change(self, row: Model, **values) -> bool:
        """Set columns of a row; False where it cannot stand so, and is left as it was."""
        was = {name: plain(getattr(row, name)) for name in values}
        if not _stored(row, values):
            return False
        now = {name: plain(value) for name, value in values.items()}
        self.made.append(MergeMove(model=row._meta.label_lower, row_id=str(row.pk), was=was, now=now))
        return True

    def withdraw(self, row: Record) -> None:
        """Out of every figure: it cannot stand beside the one that remains."""
        self.change(row, withdrawn_at=clock.now(), withdrawn_by_id=self.by.pk, withdrawn_why=self.why)

    def open(self, row: Record) -> None:
        """Write a new row; it is withdrawn when the two are taken apart."""
        row.save()
        gone = {"withdrawn_at": clock.now(), "withdrawn_by_id": self.by.pk, "withdrawn_why": self.why}
        was, now = {name: plain(value) for name, value in gone.items()}, {name: getattr(row, name) for name in gone}
        self.made.append(MergeMove(model=row._meta.label_lower, row_id=str(row.pk), was=was, now=now))


def _stored(row: Model, values: dict) -> bool:
    """Write these columns, a Record's with their trace; False where a constraint refuses them."""
    try:
        with transaction.atomic():
            for name, value in values.items():
                setattr(row, name, value)
            if isinstance(row, Record):
                row.save()
            else:
                type(row)._base_manager.filter(pk=row.pk).update(**values)
    except IntegrityError:
        return False
    return True


def _locked(*children: Child) -> list[Child]:
    """These archives as they stand now, locked in one order, so that two merges wait for each other."""
    rows = Child.objects.select_for_update(of=("self",)).select_related("community", "household")
    now = {row.pk: row for row in rows.filter(pk__in=[one.pk for one in children]).order_by("pk")}
    return [now[one.pk] for one in children]


# ── two become one ───────────────────────────────────────────────────────────────────────────────────────────────────


@action("children.merge")
def merge(*, by, child: Child, gone: Child, from_gone: set[str], on: date) -> Merge:
    """`gone` becomes part of `child`. `from_gone`: names of facts (rules.FIELDS) that are taken from `gone`; a parent,
    a carer, a door and a class are taken whole, by their leading fact (queries.merging.lead_of).

    Raises Stale when either archive has moved on, ValidationError where they cannot be one child's.
    """
    asked = child, gone
    child, gone = _locked(child, gone)
    for was, now in zip(asked, (child, gone), strict=True):
        if now.withdrawn_at or was.version != now.version:
            raise Stale(was)
    if two_children(child, gone):
        raise ValidationError(_("两边的身份证号都对，却不一样，是两个孩子"))
    theirs = side_of(gone, on)
    made = Merge(child=child, gone=gone, by_id=by.pk, merged_at=current_deed().at, from_gone=sorted(from_gone))
    moves = Moves(by, _("合并到另一份档案"))
    moves.withdraw(gone)
    _one_at_a_time(moves, child, gone, from_gone)
    _grown_ups(moves, child, gone, from_gone)
    _rows(moves, child, gone)
    _own_facts(moves, made, child, gone, from_gone)
    for name in sorted(from_gone):
        _stand(child, name, theirs.ground(name))
    made.save()
    for one in followers:
        one.merged(made, moves)
    for one in moves.made:
        one.merge = made
    MergeMove.objects.bulk_create(moves.made)
    note_deed(child, "merged", str(gone.pk))
    child.touch()  # whoever has a page of it open must hear of it
    Lookup.objects.filter(child=gone).delete()
    _keep_in_step([child], on)
    return made


def _own_facts(moves: Moves, made: Merge, child: Child, gone: Child, from_gone: set[str]) -> None:
    """What stands with the child itself: name, sex, birthday, number, and behind which door it lives."""
    columns = {column for fact in PLAIN.keys() & from_gone for column in PLAIN[fact]}
    columns |= {"household_id", "hamlet"} if "address" in from_gone else set()
    values = {column: getattr(gone, column) for column in columns}
    if "citizen_number" in from_gone:
        made.number_before, child.citizen_number = child.citizen_number, gone.citizen_number
        values["number_missing"] = ""
        child.save()
    if values:
        moves.change(child, **values)


def _stand(child: Child, name: str, ground: Ground | None) -> None:
    if ground:
        said = {"source": ground.source, "true_from": ground.true_from, "confirmed_on": ground.confirmed_on}
        stand_on(child.pk, covers=f"{SECTION_OF[name]}.{name}", **said)


def _keep_in_step(children: list[Child], on: date) -> None:
    """Keys and cards of these archives, and of the children who share a door or a grown-up with them."""
    together = {one.pk: one for child in children for one in (child, *neighbours_of(child))}
    for one in together.values():
        rebuild_keys(one)
    keep_cards(together.values(), on)


def _one_at_a_time(moves: Moves, child: Child, gone: Child, from_gone: set[str]) -> None:
    """Care, attention, class, whereabouts, helper: of two that hold on one day one stays."""
    helped = child.pairings.standing().filter(to_on=None).exists()
    closer = _is_watched_closer(gone, child)
    for model, gone_wins in (
        (CareEpisode, False),
        (Attention, closer),
        (Schooling, "class_name" in from_gone),
        (Whereabouts, False),
        (Pairing, not helped),
    ):
        wins, yields = (gone, child) if gone_wins else (child, gone)
        stands = [one for one in model.objects.standing().filter(child=wins) if span_of(one).holds]
        for row in model.objects.standing().filter(child=yields):
            if span_of(row).holds:
                _yield(moves, row, stands, child)


def _yield(moves: Moves, row, stands: list, child: Child) -> None:
    """A row keeps the days on which none of those that win holds: shortened, in several pieces, or withdrawn.

    Care by the community that goes on with it is one time in care, counted from its first day.
    """
    span, won = span_of(row), sorted((span_of(one) for one in stands), key=lambda one: one.begins)
    left = span.without(won)
    if left == [span]:
        return
    if len(left) == 1 and isinstance(row, CareEpisode):
        goes_on = [one for one in stands if span_of(one).begins == left[0].ends and one.to_on is None]
        if goes_on and goes_on[0].community_id == row.community_id:
            moves.withdraw(row)
            moves.change(goes_on[0], from_on=row.from_on)
            return
    if not left:
        moves.withdraw(row)
    for at, piece in enumerate(left):
        ended = {"from_on": piece.from_on, "to_on": piece.to_on}
        if why := ENDING[type(row)]:
            ended[why] = (getattr(row, why) or moves.why) if piece.to_on else ""
        if at:
            moves.open(_copy(row, child=child, **ended))
        else:
            moves.change(row, **ended)


def _copy(row: Record, **other) -> Record:
    """A new row that says the same, but for `other`."""
    own = {"id", "version", "withdrawn_at", "withdrawn_by_id", "withdrawn_why", "child_id"}
    said = {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields if one.attname not in own}
    return type(row)(**(said | other))


def _is_watched_closer(one: Child, other: Child) -> bool:
    """Whether `one` has the closer attention level: a merge never loosens it."""
    levels = [
        who.attentions.standing().filter(to_on=None).values_list("level", flat=True).first() for who in (one, other)
    ]
    ranks = [CLOSEST_FIRST.index(level) if level else len(CLOSEST_FIRST) for level in levels]
    return ranks[0] < ranks[1]


def _grown_ups(moves: Moves, child: Child, gone: Child, from_gone: set[str]) -> None:
    """One father, one mother, one who cares; and nobody twice in one part. Who wins stands with all that is known."""
    current = KinRole.objects.standing().filter(to_on=None).select_related("kin").order_by("relation", "id")
    mine, theirs = list(current.filter(child=child)), list(current.filter(child=gone))
    parents = [
        parent_among(theirs if f"{slot}_name" in from_gone else mine, relation) for relation, slot in SLOTS.items()
    ]
    for slot in (*SLOTS.values(), "carer"):
        taken = f"{slot}_name" in from_gone
        wins, yields = (theirs, mine) if taken else (mine, theirs)
        if any(slot in (_slot(role), SLOTS.get(role.relation)) for role in wins):
            for role in yields:
                if _slot(role) == slot:
                    moves.withdraw(role)
    for parent in parents:
        if parent and parent.withdrawn_at:  # written down as who cares only, and somebody else cares
            moves.open(KinRole(child=child, kin=parent.kin, relation=parent.relation, part=KinPart.PARENT))
    for role in theirs:
        if not _slot(role) and any(_one_person(one, role) for one in mine):
            moves.withdraw(role)


def _slot(role: KinRole) -> str:
    """What there is one of: "father", "mother", "carer"; "" for anybody else."""
    return "carer" if role.part in CARING else SLOTS.get(role.relation, "") if role.part == KinPart.PARENT else ""


def _one_person(one: KinRole, other: KinRole) -> bool:
    """Whether two are one grown-up in the same part."""
    if one.part != other.part:
        return False
    named = bool(one.kin.name) and words.fold(one.kin.name) == words.fold(other.kin.name)
    return one.kin_id == other.kin_id or named


def _rows(moves: Moves, child: Child, gone: Child) -> None:
    """Every other row of any room that points at `gone`. What cannot stand beside a row of `child` stays behind."""
    withdrawn = {(one.model, one.row_id) for one in moves.made if "withdrawn_at" in one.now}
    keys = moving()
    for key in keys:
        others = [one for one in keys if one.model is key.model and one is not key]
        for row in key.model._base_manager.filter(**{key.name: gone}):
            about_both = any(getattr(row, one.attname) == child.pk for one in others)
            if not about_both and (row._meta.label_lower, str(row.pk)) not in withdrawn:
                moves.change(row, **{key.attname: child.pk})


# ── one becomes two again ────────────────────────────────────────────────────────────────────────────────────────────


@action("children.unmerge")
def unmerge(*, by, merge: Merge, why: str, on: date, to_gone: Iterable[Model] = ()) -> Merge:
    """It was two children: both archives stand again as they did. `to_gone`: later acts that are the other child's.

    What was changed since of what holds one at a time (class, level, helper, who cares) is set back: nobody can know
    whose it is. Name, birthday and number keep what somebody has written since. Raises ValidationError where it cannot
    be done.
    """
    child, gone = _locked(merge.child, merge.gone)
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    _may_be_parted(merge, child, on)
    current_deed().why = why
    _set_back(by, merge, why)
    moves = list(merge.moves.order_by("-id"))
    if "citizen_number" in merge.from_gone and child.citizen_number == gone.citizen_number:
        _number_back(merge, child)
    _stand_again(moves, gone)
    for move in moves:
        _put_back(move)
    for row in to_gone:
        if not _stored(row, {"child_id": gone.pk}):
            raise ValidationError(_("%(what)s 和那一份原来的冲突，请留在这一份") % {"what": row.told})
    for name in merge.from_gone:
        _stand(child, name, _ground_before(merge, name))
    child, gone = _locked(child, gone)
    child.touch()
    merge.withdraw(by=by, why=why)
    note_deed(child, "parted", str(gone.pk))
    for one in followers:
        one.parted(merge)
    _keep_in_step([child, gone], on)
    return merge


def _set_back(by, merge: Merge, why: str) -> None:
    """Rows of what holds one at a time as the merge left them: new ones are withdrawn, then changed ones put back."""
    changes = changes_since(merge)
    for row in changes.new:
        row.withdraw(by=by, why=why)
    for row, was in changes.changed:
        values = {name: row._meta.get_field(name).to_python(value) for name, value in was.items()}
        if not _stored(row, values):
            raise ValidationError(CANNOT)


def _may_be_parted(merge: Merge, child: Child, on: date) -> None:
    if merge.withdrawn_at:
        raise ValidationError(_("已经撤销过了"))
    if child.withdrawn_at or newest_merge(child) != merge:
        raise ValidationError(_("这份档案后来又合并或作废了，先撤销那一次"))
    if on > merge.undo_until:
        raise ValidationError(_("过了 30 天，不能再撤销"))
    if moved_elsewhere(merge):
        raise ValidationError(_("合并以后办过转出、退出或恢复在册，不能再撤销。请把另一个孩子重新建档"))


def _number_back(merge: Merge, child: Child) -> None:
    if not _stored(child, {"citizen_number": merge.number_before}):
        raise ValidationError(_("这份档案原来的身份证号现在有别的档案在用，先核对那一份"))


def _stand_again(moves: list[MergeMove], gone: Child) -> None:
    """The archive that went stands first: whatever follows belongs to it."""
    own = next(one for one in moves if one.row_id == str(gone.pk) and one.model == gone._meta.label_lower)
    moves.remove(own)
    _put_back(own, _("另一份的身份证号现在有别的档案在用，先核对那一份"))


def _put_back(move: MergeMove, refusal: str = CANNOT) -> None:
    """The columns of one row that nobody has changed since, as they were; where they cannot stand so, `refusal`."""
    model = apps.get_model(move.model)
    row = model._base_manager.filter(pk=move.row_id).first()
    if row is None:
        return
    read = {name: model._meta.get_field(name).to_python for name in move.now}
    untouched = [name for name, value in move.now.items() if getattr(row, name) == read[name](value)]
    values = {name: read[name](move.was[name]) for name in untouched}
    if values and not _stored(row, values):
        raise ValidationError(refusal)


def _ground_before(merge: Merge, name: str) -> Ground | None:
    """What a fact stood on before the merge, if nothing else was said of it since."""
    section = SECTION_OF[name]
    place = f"{section}.{name}"
    said = list(Standing.objects.filter(subject_id=merge.child_id).order_by("recorded_at"))
    since = [one for one in said if one.recorded_at > merge.merged_at and one.covers in ("", str(section), place)]
    return None if since else ground_of([one for one in said if one.recorded_at < merge.merged_at], place)
