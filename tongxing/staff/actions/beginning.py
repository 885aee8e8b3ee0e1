"""An empty installation begins: the first administrator, the first places."""

import hmac
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.records import action
from tongxing.staff import rules
from tongxing.staff.access import covers, places_for
from tongxing.staff.actions.places import open_organisation, open_region
from tongxing.staff.actions.posts import appoint
from tongxing.staff.choices import OrganisationKind
from tongxing.staff.models import Organisation, Region, Staff
from tongxing.staff.roles import RoleCode

ONCE = UUID("00000000-0000-7000-8000-000000000001")  # the key of the one request that begins an installation


def is_empty() -> bool:
    """Nobody can sign in yet, so somebody must begin."""
    return not Staff.objects.exists()


def begin_code() -> str:
    """The code that only who reads the window of the running program knows; of no use once there is somebody.

    Told by the installation's own key, so that every process knows it and a restart does not change it.
    """
    return rules.short_code(hmac.new(settings.RING.secret("session").encode(), b"begin", sha256).digest())


def is_begin_code(text: str) -> bool:
    return hmac.compare_digest(rules.fold_code(begin_code()), rules.fold_code(text))


@action("staff.begin")
def begin(*, by, name: str, login: str, password: str, county_code: str, county_name: str, office: str) -> Staff:
    """The county, the office and the first system administrator, who has chosen the password already.

    Only while nobody is there. Call it with the key ONCE: of two at the same moment the second gets the first's answer.
    """
    if not is_empty():
        raise PermissionDenied("somebody began already")
    path = rules.path_of(county_code)
    region = Region.objects.standing().filter(path=path).first() or open_region(
        by=by, code=path, name=county_name, year=clock.today().year
    )
    place = Organisation.objects.standing().filter(region=region, name=office).first() or open_organisation(
        by=by, name=office, kind=OrganisationKind.COUNTY, region=region
    )
    post = appoint(
        by=by, role=RoleCode.SYSTEM_ADMIN, organisation=place, from_on=clock.today(), login=login, name=name,
        password=password,
    )  # fmt: skip
    post.staff.must_change_password = False
    post.staff.save()
    return post.staff


@action("staff.open_first_places")
def open_first_places(
    *, by, township_code: str, township_name: str, community_code: str, community_name: str
) -> Region:
    """A community, and the township above it where that is not there yet."""
    township, community = rules.path_of(township_code), rules.path_of(community_code)
    year = clock.today().year
    if Region.objects.filter(path=community).exists():
        raise ValidationError(_("这个社区已经有了"))
    if not Region.objects.filter(path=township).exists():
        open_region(by=by, code=township, name=township_name, year=year)
    return open_region(by=by, code=community, name=community_name, year=year)


@action("staff.open_first_offices")
def open_first_offices(
    *, by, community: Region, office: str, phone: str = "", school: str = "", township: str = ""
) -> list[Organisation]:
    """The community's office; its school and its township's office where they are named and not there yet."""
    if not covers(places_for(by, "staff.places"), community.path):
        raise PermissionDenied("staff.places")
    above = Region.objects.standing().filter(path=community.path[:9]).first() or community
    wanted = [(office, OrganisationKind.COMMUNITY, community, phone)]
    if school:
        wanted.append((school, OrganisationKind.SCHOOL, above, ""))
    if township and len(above.path) == 9:
        wanted.append((township, OrganisationKind.TOWNSHIP, above, ""))
    opened = []
    for name, kind, region, number in wanted:
        known = Organisation.objects.standing().filter(region=region, kind=kind, name=name).first()
        opened.append(known or open_organisation(by=by, name=name, kind=kind, region=region, phone=number))
    return opened
