"""Regions, organisations, classes."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.words import tidy
from tongxing.staff import actions, forms, queries, rules
from tongxing.staff.access import covers, inside, may, places_for
from tongxing.staff.choices import OrganisationKind
from tongxing.staff.models import Classroom, Organisation, Region
from tongxing.staff.roles import ROLES
from tongxing.staff.stale import chosen, read_version
from tongxing.staff.views.deeds import carry_out, deed_page, heard

PAGE = 50


def _region(request, path, permission="staff.list") -> Region:
    found = Region.objects.standing().filter(inside("path", places_for(request.user, permission)))
    return get_object_or_404(found, path=path)


@may("staff.list")
def regions(request, path=""):
    """Places: search, or go down level by level; with each its organisations."""
    places, text = places_for(request.user, "staff.list"), tidy(request.GET.get("q"))[:40]
    here = _region(request, path) if path else None
    found = Paginator(queries.regions_in(places, text=text, above=path), PAGE).get_page(request.GET.get("page"))
    above = Region.objects.filter(path__in=rules.ancestors(path)[:-1]).filter(inside("path", places)).order_by("path")
    context = {
        "page": found, "here": here, "above": above, "text": text, "filters": f"q={text}" if text else "",
        "organisations": queries.organisations_in(places).filter(region=here) if here else (),
        "may_add": bool(here) and covers(places_for(request.user, "staff.places"), path),
        "may_appoint": request.user.may("staff.appoint"), "may_class": request.user.may("staff.classes"),
    }  # fmt: skip
    return render(request, "staff/regions.html", context)


@may("staff.places")
def open_region(request, path):
    """A place below another one that the year's list does not hold yet."""
    above = _region(request, path, "staff.places")
    if len(above.path) == 12:
        raise PermissionDenied("nothing lies below a community")
    initial = {"code": above.path, "year": clock.today().year}
    form = forms.RegionForm(heard(request), above=above, initial=initial)
    if region := carry_out(request, form, actions.open_region):
        messages.success(request, _("添好了：%(name)s") % {"name": region.name})
        return redirect("staff:region", above.path)
    words = {"title": _("在%(name)s添一个地区") % {"name": above.name}, "verb": _("添地区"), "lede": ""}
    return deed_page(request, form, here=above, **words)


@may("staff.places")
def rename_region(request, path):
    region, fields = _region(request, path, "staff.places"), {"name": "name"}
    form = forms.RegionNameForm(chosen(request, region, fields), initial={"name": region.name})
    if carry_out(request, form, actions.rename_region, region=region, version=read_version(request)):
        messages.success(request, _("改好了"))
        return redirect("staff:region", region.path)
    words = {"title": _("改%(name)s的名称") % {"name": region.name}, "verb": _("保存"), "lede": ""}
    return deed_page(request, form, record=region, fields=fields, here=region, **words)


@may("staff.places")
def open_organisation(request, path):
    """A community office, a school, an office of township or county."""
    region = _region(request, path, "staff.places")
    form = forms.OrganisationForm(heard(request), region=region)
    if organisation := carry_out(request, form, actions.open_organisation, region=region):
        messages.success(request, _("添好了：%(name)s") % {"name": organisation.name})
        return redirect("staff:region", region.path)
    words = {"title": _("在%(name)s添一个单位") % {"name": region.name}, "verb": _("添单位"), "lede": ""}
    return deed_page(request, form, here=region, **words)


@may("staff.places")
def correct_organisation(request, organisation_id):
    """Another name, another phone."""
    found = queries.organisations_in(places_for(request.user, "staff.places"))
    organisation, fields = get_object_or_404(found, pk=organisation_id), {"name": "name", "phone": "phone"}
    first = {"name": organisation.name, "phone": organisation.phone}
    form = forms.OrganisationFactsForm(chosen(request, organisation, fields), initial=first)
    if carry_out(request, form, actions.correct_organisation, organisation=organisation, version=read_version(request)):
        messages.success(request, _("改好了"))
        return redirect("staff:region", organisation.region_id)
    words = {"title": _("改%(name)s") % {"name": organisation.name}, "verb": _("保存"), "lede": ""}
    return deed_page(request, form, record=organisation, fields=fields, here=organisation.region, **words)


def _school(request, school_id) -> Organisation:
    """A school where one may add classes: those of one's places, or one's own."""
    own = [
        post.organisation_id
        for post in request.user.posts_now()
        if ROLES[post.role].may("staff.classes") and ROLES[post.role].at == OrganisationKind.SCHOOL
    ]
    wide = [
        post.region
        for post in request.user.posts_now()
        if ROLES[post.role].may("staff.classes") and ROLES[post.role].at != OrganisationKind.SCHOOL
    ]
    schools = Organisation.objects.standing().filter(kind=OrganisationKind.SCHOOL).select_related("region")
    return get_object_or_404(schools.filter(inside("region", wide)) | schools.filter(pk__in=own), pk=school_id)


@may("staff.classes")
def open_classroom(request, school_id):
    """The classes of a school, and a form for another."""
    school, today = _school(request, school_id), clock.today()
    form = forms.ClassroomForm(heard(request), initial={"year": rules.school_year(today)})
    if classroom := carry_out(request, form, actions.open_classroom, school=school):
        messages.success(request, _("添好了：%(name)s") % {"name": classroom.name})
        return redirect("staff:classes", school.pk)
    classes = Classroom.objects.standing().filter(school=school).order_by("-year", "grade", "name")
    words = {"title": school.name, "verb": _("添班级"), "lede": "", "classes": classes, "here": school.region}
    return deed_page(request, form, template="staff/classes.html", **words)
