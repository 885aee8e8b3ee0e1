"""Both values of a save that came too late, for parts/stale.html, and the choice between them that comes back."""

from collections.abc import Mapping
from datetime import date, datetime

from tongxing.base.clock import SHANGHAI
from tongxing.base.records import Stale
from tongxing.staff.models import Staff
from tongxing.staff.queries import last_saved


def read_version(request) -> int | None:
    """The version a page was filled from, as its hidden input says; None where it says nothing."""
    text = request.POST.get("version", "")
    return int(text) if text.isdigit() and len(text) < 10 else None


def chosen(request, record, fields: dict[str, str]):
    """`with_stored` of a record; `fields` maps names of the form to names of the record."""
    return with_stored(request, {name: written(getattr(record, attribute)) for name, attribute in fields.items()})


def with_stored(request, stored: Mapping[str, str]):
    """What was sent, with the stored value wherever "now stored" was chosen, or nobody touched what the page was filled
    with (its hidden inputs `was_…`): a page that is hours old says nothing about that. None when nothing was sent.
    """
    if request.method != "POST":
        return None
    sent = request.POST.copy()
    for name, value in stored.items():
        untouched = name in sent and sent.get(f"was_{name}") == sent[name]
        if untouched or sent.get(f"keep_{name}") == "theirs":
            sent[name] = value
    return sent


def filled_with(record, form, fields: dict[str, str]) -> dict[str, str]:
    """What a page shows of a record before anybody types, for its hidden inputs `was_…`."""
    return {name: written(getattr(record, attribute)) for name, attribute in fields.items() if name in form.fields}


def both_sides(stale: Stale, form, fields: dict[str, str]) -> dict:
    """Who saved, when, and for each field that differs both values as text; `version` for the next try."""
    theirs = stale.theirs()
    rows = []
    for name, attribute in fields.items():
        here, there = written(getattr(stale.mine, attribute)), written(getattr(theirs, attribute))
        if here != there:
            rows.append({"name": name, "label": form.fields[name].label, "mine": here, "theirs": there})
    event = last_saved(stale.mine.subject()[1])
    by = Staff.objects.filter(pk=event.by_id).first() if event else None
    saved = {"by": by.name if by else "", "at": event.at if event else None}
    return {**saved, "rows": rows, "version": theirs.version}


def written(value) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)
