"""An archive: by sections, each corrected and confirmed apart."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongxing.base import clock
from tongxing.base.facts import Ground, Source
from tongxing.base.once import once_field, read_once
from tongxing.base.records import Stale
from tongxing.base.templatetags.look import full_day, masked_number, phone
from tongxing.children import actions, forms, queries
from tongxing.children.choices import Section
from tongxing.children.rules import FIELDS, is_stale, missing
from tongxing.children.views.deeds import child_of, done_before, look
from tongxing.children.views.opening import archived_elsewhere, too_many_told
from tongxing.staff.access import may
from tongxing.staff.models import Staff
from tongxing.staff.queries import last_saved
from tongxing.staff.stale import with_stored, written

PHONES = {name for names in FIELDS.values() for name in names if name.endswith("_phone")}
TOLD = [one for one in Source.choices if one[0] != Source.ROSTER]  # what a person may have learned a fact from


def _read(child, on):
    """The archive, and its facts by field name."""
    whole = queries.archive_of(child, on)
    return whole, queries.facts_of(whole, queries.work_places([role.kin_id for role in whole.roles], on))


@may("children.look")
def archive(request, child_id):
    """Every value with what it stands on and how old that is; the citizen number masked."""
    child, on = child_of(request, child_id), clock.today()
    look(request, child, "children:archive")
    whole, facts = _read(child, on)
    person = request.user
    page = {
        "child": child,
        "today": on,
        "child_head": queries.head_of(whole, person, on),
        "child_nav": queries.nav_of(child, "children:archive"),
        "sections": [_section(section, facts, whole, on) for section in Section],
        "archive": whole,
        "episode": child.episodes.standing().order_by("-from_on", "-id").first(),
        "merges": queries.merges_into(child) if person.may("children.merge") else [],
        "may_correct": person.may("children.correct"),
        "may_open": person.may("children.open"),
        "may_approve": person.may("staff.grant"),
        "may_pair": person.may("children.pair"),
        "may_merge": person.may("children.merge"),
        "sees_level": person.may("children.attention"),
        "once": once_field,  # called once for each form: every button has a key of its own
    }
    return render(request, "children/archive.html", page)


def _section(section, facts: dict, whole, on) -> dict:
    """One section as the page shows it: its facts in words, what is missing, its ground."""
    ground = queries.ground_on_card(whole.standings, section)
    own = {standing.covers for standing in whole.standings}
    rows = []
    for name in FIELDS[section]:
        if name == "number_missing" and not facts[name]:
            continue
        place = f"{section}.{name}"
        closer = queries.ground_on_card(whole.standings, place) if place in own else None
        value = said(name, facts, whole)
        confirmed_on = closer.confirmed_on if closer else None
        row = {"label": forms.ALL[name].label, "value": value, "confirmed_on": confirmed_on, "source": _source(closer)}
        rows.append(row)
    lacking = missing(section, facts, on, excused=whole.out_of_reach)
    return {
        "code": section.value,
        "title": section.label,
        "rows": rows,
        "missing": [forms.ALL[name].label for name in lacking],
        "ground": ground,
        "source": _source(ground),
        "stale": is_stale(ground.confirmed_on if ground else None, on),
    }


def _source(ground: Ground | None) -> str:
    return Source(ground.source).label if ground else ""


def said(name: str, facts: dict, whole) -> str:
    """One fact in the words of the page. A parent who must not be contacted has no number here."""
    value, who = facts[name], name.partition("_")[0]
    if name in PHONES:
        return "" if who in whole.out_of_reach else phone(value)
    if name == "citizen_number":
        return masked_number(value)
    if name == "birth_on":
        return full_day(value)
    told = _in_words(forms.ALL[name], value)
    if name.endswith("_name") and who in whole.out_of_reach:
        return _("%(name)s（%(situation)s）") % {"name": told, "situation": whole.out_of_reach[who]}
    return told


def _in_words(field, value) -> str:
    """A value as a person reads it: the label of a choice, a day, a text."""
    if value and hasattr(field, "choices"):
        return str(dict(field.choices).get(value, value))
    return full_day(value) if hasattr(value, "isoformat") else str(value or "")


# ── correct one section ──────────────────────────────────────────────────────────────────────────────────────────────


@may("children.correct")
def section(request, child_id, section):
    """Correct one section; a save that comes too late shows both values."""
    if section not in Section.values:
        raise Http404
    if done_before(request, actions.correct):
        return redirect("children:archive", child_id)
    child, on = child_of(request, child_id), clock.today()
    _whole, stored = _read(child, on)
    form = forms.section_form(section)(with_stored(request, _as_shown(stored)), initial=stored, today=on)
    form.late = form.is_bound and request.POST.get("version") != queries.stamp_of(stored, section)
    form.late = form.late and bool(_differing(form, stored))
    if form.is_bound and form.is_valid() and not form.late and _save(request, form, child, section, on, stored):
        messages.success(request, _("存好了：%(section)s") % {"section": Section(section).label})
        return redirect("children:archive", child.pk)
    if form.late:
        _whole, stored = _read(child_of(request, child_id), on)
    if not form.is_bound:
        look(request, child, "children:section")
    page = {
        "child": child,
        "form": form,
        "section": Section(section),
        "stale": _both(form, stored, child) if form.late else None,
        "version": queries.stamp_of(stored, section),
        "was": _as_shown({name: stored.get(name) for name in form.fields}),
        "sources": TOLD,
        "source": _told_by(request),
        "schools": queries.school_names(child) if section == Section.SCHOOL else [],
        "once": once_field(request),
    }
    return render(request, "children/section.html", page, status=409 if form.late else 422 if form.is_bound else 200)


def _as_shown(stored: dict) -> dict[str, str]:
    """Facts as the page shows them before anybody types."""
    return {name: written(value or None) for name, value in stored.items()}


def _told_by(request) -> str:
    """Where this correction was learned."""
    source = request.POST.get("source", "")
    return source if source in dict(TOLD) else Source.FAMILY


def _save(request, form, child, section, on, stored: dict) -> bool:
    """Whether the correction was written; otherwise the form says why not."""
    facts = dict(form.facts)
    anew = [name for name in FIELDS[section] if (facts.get(name) or "") != (stored.get(name) or "")]
    if section == Section.BASIC and too_many_told(request, form):
        return False
    try:
        if section == Section.SCHOOL:
            facts["school"], facts["class_name"] = actions.find_school(
                by=request.user, school=facts["school"] or "", class_name=facts["class_name"] or "",
                near=child.community, on=on,
            )  # fmt: skip
        actions.correct(
            by=request.user, key=read_once(request), child=child, section=section, facts=facts, on=on,
            version=child.version, source=_told_by(request), only=anew,
        )  # fmt: skip
    except actions.NoSuchSchool as missing_school:
        form.add_error("school", str(missing_school))
    except actions.AlreadyArchived as known:
        archived_elsewhere(request, form, known.child, "children:section")
    except Stale:
        form.late = True
    else:
        return True
    return False


def _both(form, stored: dict, child) -> dict:
    """For parts/stale.html: what was sent beside what is stored where they differ, who stored it and when."""
    event = last_saved(child.pk)
    by = Staff.objects.filter(pk=event.by_id).first() if event else None
    return {"by": by.name if by else "", "at": event.at if event else None, "rows": _differing(form, stored)}


def _differing(form, stored: dict) -> list[dict]:
    """Facts of which something else was sent than is stored."""
    rows = []
    for name, field in form.fields.items():
        sent = form.facts.get(name)
        mine = _in_words(field, sent) if sent else str(form[name].value() or "")
        theirs = _in_words(field, stored.get(name))
        if mine != theirs:
            rows.append({"name": name, "label": field.label, "mine": mine, "theirs": theirs})
    return rows


@may("children.correct")
@require_POST
def confirm(request, child_id, section):
    """Everything in this section was asked again and is still true."""
    if section not in Section.values:
        raise Http404
    child = child_of(request, child_id)
    actions.confirm_section(by=request.user, key=read_once(request), child=child, section=section, on=clock.today())
    messages.success(request, _("核对过了：%(section)s") % {"section": Section(section).label})
    return redirect("children:archive", child.pk)
