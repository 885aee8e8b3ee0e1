"""The invented community: places, people, children and most of a year of care, told through the actions of life.

Everything is told by the tables in `invented/`; the only thing that changes from day to day is today. Nobody in it
lives: the numbers begin with 990101, a place that is given to no one, the phones with 140.
"""

from django.conf import settings
from django.db import transaction

from tongxing.base import clock, seal
from tongxing.base.records import Event
from tongxing.care.models import Visit
from tongxing.children.models import Child
from tongxing.commands import Refused
from tongxing.commands.backup import our_models
from tongxing.commands.demo.listed import write_listed
from tongxing.commands.demo.story import DENSER, PASSWORD, SHOWN, Story
from tongxing.commands.messy import write_samples
from tongxing.staff.models import Staff

__all__ = ["DENSER", "PASSWORD", "SHOWN", "Story", "demo", "sign_ins"]


def demo() -> dict:
    """Fill an empty database; says who signs in, how much there is, and where the sample rosters lie."""
    for model in our_models():
        if model._base_manager.exists():
            raise Refused(
                f"the invented community only goes into an empty database; this one holds {model._meta.label}"
            )
    story = Story(clock.today())
    with transaction.atomic():
        story.tell()
    seal.anchor()
    samples = write_samples(settings.VAR / "samples")
    samples.append(
        write_listed(samples[0].with_name("known.xlsx"), community=story.offices["chunhe"].region_id, on=clock.today())
    )
    return {
        "sign_ins": sign_ins(),
        "children": Child.objects.standing().filter(in_care=True).count(),
        "visits": Visit.objects.standing().count(),
        "sample": str(samples[0]),
        "samples": [str(sample) for sample in samples],
    }


def sign_ins() -> list[dict]:
    """Who of the invented community signs in: those of SHOWN that are here and have chosen no password since."""
    chosen = Event.objects.filter(action__in=("staff.set_password", "staff.reinstate")).values("subject_id")
    people = {staff.login: staff for staff in Staff.objects.filter(login__in=SHOWN).exclude(pk__in=chosen)}
    found = []
    for login in SHOWN:
        if staff := people.get(login):
            posts = staff.posts_now()
            role = str(posts[0].role_title) if posts else ""
            found.append({"login": login, "role": role, "name": staff.name, "password": PASSWORD})
    return found
