"""Regions, organisations and classes."""

from collections.abc import Iterable
from itertools import islice

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tongxing.base.bulk import Batch
from tongxing.base.records import action
from tongxing.staff import rules
from tongxing.staff.access import covers, places_for
from tongxing.staff.actions.people import read_as
from tongxing.staff.models import Classroom, Organisation, Region

CHUNK = 500  # regions in one transaction: well under 100 ms of SQLite's write lock


def _within_own(by, path: str) -> None:
    if not covers(places_for(by, "staff.places"), path):
        raise PermissionDenied("staff.places")


@action("staff.open_region")
def open_region(*, by, code: str, name: str, year: int) -> Region:
    """A new place, such as a community that the year's list does not hold yet.

    A place above it must be there; the first place of an installation has none.
    """
    try:
        path = rules.path_of(code)
    except ValueError:
        raise ValidationError(_("区划代码是 2 到 12 位数字")) from None
    _within_own(by, path)
    above = rules.ancestors(path)[:-1]
    known = Region.objects.standing()
    if above and not known.filter(path__in=above).exists() and known.exists():
        raise ValidationError(_("上一级地区还没有，先添上一级"))
    region = Region(path=path, name=name, year=year)
    region.full_clean()
    region.save()
    return region


@action("staff.rename_region")
def rename_region(*, by, region: Region, name: str, version: int | None = None) -> Region:
    _within_own(by, region.path)
    read_as(region, version).name = name
    region.full_clean()
    region.save()
    return region


def load_regions(*, by, rows: Iterable[tuple[str, str]], year: int) -> dict[str, int]:
    """Bring a list of (path, name) in: new places, new names; nothing is taken away. In chunks, each with its trace.

    A place that a newer list named keeps its name. Answers how many were new, renamed, unchanged.
    """
    counts = {"new": 0, "renamed": 0, "unchanged": 0}
    rows = iter(rows)
    while chunk := dict(islice(rows, CHUNK)):
        held = Region.objects.in_bulk(chunk, field_name="path")
        batch = Batch(action="staff.load_regions", by=by)
        for path, name in chunk.items():
            known = held.get(path)
            if known is None:
                batch.add(Region(path=path, name=name, year=year))
                counts["new"] += 1
            elif known.name != name and known.year <= year:
                known.name, known.year = name, year
                batch.change(known)
                counts["renamed"] += 1
            else:
                counts["unchanged"] += 1
        batch.prepare()
        with transaction.atomic():
            batch.write()
    return counts


@action("staff.open_organisation")
def open_organisation(*, by, name: str, kind: str, region: Region, phone: str = "") -> Organisation:
    """A community office, a school, a township's or county's office."""
    _within_own(by, region.path)
    if not rules.kind_fits(kind, region.path):
        raise ValidationError(_("这类单位不在这一级地区"))
    organisation = Organisation(name=name, kind=kind, region=region, phone=phone or "")
    organisation.full_clean()
    organisation.save()
    return organisation


@action("staff.correct_organisation")
def correct_organisation(*, by, organisation: Organisation, name: str, phone: str, version: int | None = None):
    """The same organisation under another name or with another phone."""
    _within_own(by, organisation.region_id)
    read_as(organisation, version)
    organisation.name, organisation.phone = name, phone or ""
    organisation.full_clean()
    organisation.save()
    return organisation


@action("staff.open_classroom")
def open_classroom(*, by, school: Organisation, year: int, grade: int, name: str) -> Classroom:
    """A class of a school year. Whose school it may be is asked by the caller: a page, or the import of a list."""
    classroom = Classroom(school=school, year=year, grade=grade, name=name)
    classroom.full_clean()
    classroom.save()
    return classroom
