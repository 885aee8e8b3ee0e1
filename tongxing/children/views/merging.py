"""Two archives of one child beside each other, made one; and one that was two after all."""

from dataclasses import dataclass, replace

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxing.base import clock, words
from tongxing.base.once import answered, once_field, read_once
from tongxing.children import actions, forms_merging, queries
from tongxing.children.merges import Merge
from tongxing.children.models import Child
from tongxing.children.queries.merging import WHOLE, changes_since, lead_of, told_ground, whole_of
from tongxing.children.views.archive import said
from tongxing.children.views.deeds import carry_out, child_of, done_before, look, status_of
from tongxing.children.views.seeking import seek
from tongxing.staff.access import covers, may, reached_by
from tongxing.staff.models import Staff


@dataclass(frozen=True)
class Cell:
    """One side's value: in pieces (text, whether it differs), and where it comes from."""

    pieces: list[tuple[str, bool]]
    source: str


@dataclass(frozen=True)
class Line:
    """One fact on both sides. `name` is the field to choose by, "" where there is nothing to choose."""

    label: str
    cells: list[Cell]
    name: str = ""
    picked: int = -1
    same: str = ""


@may("children.merge")
def choose(request, child_id):
    """Which other archive is this child's as well: those that sound so, or one that is sought."""
    child = child_of(request, child_id)
    look(request, child, "children:merge_with")
    found = seek(
        request, "children:merge_with", but=child, offered=lambda: queries.perhaps_the_same(request.user, child),
        address=lambda other: reverse("children:merge", args=[child.pk, other.pk]),
    )  # fmt: skip
    return render(request, "children/merge_with.html", {"child": child, **found})


@may("children.merge")
def merge(request, child_id, other_id):
    """Both archives side by side; what they say otherwise is chosen, then they are one."""
    if made := answered(request, actions.merge):
        return _merged(request, made)
    one, other, on = child_of(request, child_id), child_of(request, other_id), clock.today()
    found = queries.beside(one, other, on)
    form = forms_merging.MergeForm(request.POST or None, found=found, today=on)
    if one.pk == other.pk:  # an old link: both lead to the one that remains
        messages.info(request, _("已经是一份档案了"))
        return redirect("children:archive", one.pk)
    was = f"{one.version}.{other.version}"
    if made := carry_out(request, form, actions.merge, was=was):
        return _merged(request, made)
    for child in (one, other):
        look(request, child, "children:merge")
    acts = queries.acts_of([one, other])
    two, lines = queries.two_children(one, other), _lines(found, form)
    page = {
        "one": one,
        "other": other,
        "pair": (one, other),
        "lines": [replace(line, name="") for line in lines] if two else lines,  # nothing is chosen between two
        "acts": acts,
        "count": sum(number for _what, number in acts),
        "two": two,
        "form": form,
        "was": was,
        "once": once_field(request),
    }
    return render(request, "children/merge.html", page, status=status_of(form))


def _merged(request, made: Merge):
    """To the archive that remains, with a way back."""
    back = reverse("children:unmerge", args=[made.pk])
    messages.success(request, _("合并好了，现在是一份档案"), extra_tags=f"undo {back}")
    return redirect("children:archive", made.child_id)


def _lines(found, form) -> list[Line]:
    """What has to be chosen first, then what one side alone tells, then what is the same."""
    made = [_line(found, one.fields, form.picked(one), one.name) for one in found.questions]
    if found.homes:
        homes = [Cell([(side.child.community.name, False)], "") for side in found.sides]
        made.insert(0, Line(str(form.ANSWERS), homes, form.COMMUNITY, form.picked()))
    made += [_line(found, names) for names in WHOLE if names[0] in found.given]
    for name in found.same:
        names = whole_of(name)
        made.append(Line(forms_merging.label_of(names), [], same=_text(names, found.sides[0])))
    return made


def _line(found, fields: tuple, picked: int = -1, chosen_by: str = "") -> Line:
    texts = [_text(fields, side) for side in found.sides]
    pieces = words.apart(*texts)
    grounds = [side.ground(lead_of(fields)) if text else None for side, text in zip(found.sides, texts, strict=True)]
    cells = [Cell(pieces[at], told_ground(ground)) for at, ground in enumerate(grounds)]
    return Line(forms_merging.label_of(fields), cells, chosen_by, picked)


def _text(fields: tuple, side) -> str:
    """A fact, or what is chosen as a whole, as a person reads it."""
    names = sorted(fields, key=lambda name: not name.endswith("_relation"))  # "grandmother" before her name
    told = " ".join(filter(None, (said(name, side.facts, side.archive) for name in names)))
    if told and fields == ("citizen_number",) and not queries.sound_number(side.child):
        return _("%(number)s 号码有一位不对") % {"number": told}
    return told


@may("children.merge")
def unmerge(request, merge_id):
    """They were two children: both archives stand again, and whose the later records are is asked one by one."""
    merge = get_object_or_404(Merge.objects.select_related("gone__community"), pk=merge_id)
    if done_before(request, actions.unmerge):
        return redirect("desk:child", merge.child_id)
    child, on = child_of(request, merge.child_id), clock.today()
    if merge.by_id != request.user.pk and not covers(reached_by(request.user).regions, merge.gone.community_id):
        raise Http404  # who parts them may see both
    if merge.withdrawn_at:
        messages.info(request, _("已经撤销过了"))
        return redirect("children:archive", child.pk)
    later = queries.later_acts(merge)
    if request.method == "POST" and "why" not in request.POST and not later:  # at once, from the message that said so
        return _parted(request, child, merge, on)
    names = _told_apart(child, merge.gone)
    form = forms_merging.UnmergeForm(request.POST or None, later=later, names=names, today=on)
    form.name_later({row.pk: _act(row) for row in later})
    if carry_out(request, form, actions.unmerge, was=_was(child, later), merge=merge):
        messages.success(request, _("撤销了，又是两份档案"))
        return redirect("children:archive", child.pk)
    for one in (child, merge.gone):
        look(request, one, "children:unmerge")
    by = Staff.objects.filter(pk=merge.by_id).first()
    page = {
        "child": child, "merge": merge, "by": by.name if by else "",
        "form": form, "set_back": _kinds(changes_since(merge)), "acts": [form[name] for name in form.later],
        "late": on > merge.undo_until, "was": _was(child, later), "once": once_field(request),
    }  # fmt: skip
    return render(request, "children/unmerge.html", page, status=status_of(form))


def _parted(request, child: Child, merge: Merge, on):
    try:
        actions.unmerge(by=request.user, key=read_once(request), merge=merge, why=_("马上撤销"), on=on)
    except ValidationError as refused:
        messages.warning(request, " ".join(refused.messages))
    else:
        messages.success(request, _("撤销了，又是两份档案"))
    return redirect("children:archive", child.pk)


def _was(child: Child, later: list) -> str:
    """What the page was filled from: a record written meanwhile has to be asked about as well."""
    return f"{child.version}.{later[-1].pk if later else ''}"


def _told_apart(child: Child, gone: Child) -> tuple[str, str]:
    """The names of both; with what they were opened as, where they are alike."""
    if child.name != gone.name:
        return child.name, gone.name
    words_of = _("%(name)s（%(day)s 建档）")
    return tuple(words_of % {"name": one.name, "day": one.opened_on.isoformat()} for one in (child, gone))


def _kinds(changes) -> list[str]:
    """What an undo sets back, each kind once."""
    called = {
        "schooling": _("学校和班级"), "attention": _("关注等级"), "pairing": _("结对"), "kinrole": _("家里人"),
        "whereabouts": _("去向"),
    }  # fmt: skip
    rows = [*changes.new, *(row for row, _was in changes.changed)]
    return list(dict.fromkeys(called[row._meta.model_name] for row in rows))


def _act(row) -> str:
    """A record as a line: what it is, of which day, by whom."""
    days = (getattr(row, name, None) for name in ("visited_on", "from_on"))
    who = (str(getattr(row, name)) for name in ("visitor", "helper") if hasattr(row, name))
    return " ".join([str(row.told), *(day.isoformat() for day in days if day), *who])
