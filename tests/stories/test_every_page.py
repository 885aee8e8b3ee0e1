"""Every page of the product, by whoever may open it: it fits 320 px, all of it is reached by keyboard, axe is content.

Pages are found in the URL configuration, so a new page is asked the same from its first day. What stands in an address
(`child_id`, `roster_id`, …) is given in `place`; an address with something unknown there fails until it is added.
"""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.browser import axe, no_sideways_scroll, page_is_sound
from tests.rosters.lists import bring, imported, number, row, row_of, sheet
from tests.stories.test_access_matrix import ALL, may
from tongxing.base.records import SYSTEM
from tongxing.children.actions import merge
from tongxing.rosters import api
from tongxing.rosters.findings import Finding, Reconciliation
from tongxing.staff.actions import complain
from tongxing.staff.models import Grant, Post

pytestmark = pytest.mark.slow

WHO = ("director", "supervisor", "county_officer", "system_admin", "security_admin", "audit_admin")
AWAY = {"staff:sign_out", "staff:switch", "staff:end_sessions"}  # deeds, not pages


@pytest.fixture
def place(cast):
    """One thing of each kind that an address may name, and pages with something on them."""
    wrong = number(50)[:-1] + ("1" if number(50)[-1] != "1" else "2")
    ready = bring(cast.director, cast.chunhe, sheet([row(1), row(50, citizen_number=wrong)]))
    # A list without classes is of the whole community: who is not on it is asked about.
    whole = [row(at, class_name=None) for at in (11, 12)]
    imported(cast.director, cast.chunhe, sheet(whole), name="第二张.xlsx")
    (visit,) = factories.visit(cast.siyuan, by=cast.director)
    plan = factories.plan(cast.chunhe, by=cast.director)
    api.reconcile(cast.chunhe.path, by=SYSTEM)
    stays, gone = factories.child("何田", cast.chunhe), factories.child("何恬", cast.chunhe, citizen_number=None)
    merged = merge(by=cast.supervisor, child=stays, gone=gone, from_gone=set(), on=visit.visited_on)
    return {
        "child_id": cast.siyuan.pk,
        "other_id": cast.siyu.pk,
        "merge_id": merged.pk,
        "subject_id": cast.siyuan.pk,
        "section": "home",
        "code": "paired",
        "staff_id": cast.cadre.pk,
        "post_id": Post.objects.get(staff=cast.cadre).pk,
        "grant_id": Grant.objects.filter(staff=cast.cadre).first().pk,
        "path": cast.chunhe.path,
        "school_id": cast.school.pk,
        "classroom_id": cast.class_6_1.pk,
        "organisation_id": cast.office.pk,
        "roster_id": ready.pk,
        "row_id": row_of(ready, 2).pk,
        "listed_id": None,  # told in tests/rosters/test_in_browser.py, where a person without an archive is made
        "visit_id": visit.pk,
        "complaint_id": complain(by=cast.director, kind="complaint", words="来得太晚，孩子已经睡了").pk,
        "topic": "find",
        "plan_id": plan.pk,
        "commitment_id": plan.commitments.standing().in_order().first().pk,
        "finding_id": Finding.objects.filter(heap="unlisted").first().pk,
        "run_id": Reconciliation.objects.get().pk,
        "decision_id": None,  # told there as well
        "sample": "roster-100.xlsx",  # only where the community is an invented one
    }


def pages(client, who, place):
    """(name, address, whether nobody before in WHO gets it) of every page this person gets."""
    for name, view, wanted in ALL:
        if name in AWAY or not may(who, view) or {"listed_id", "decision_id"} & wanted:
            continue
        address = reverse(name, kwargs={one: place[one] for one in wanted})
        first = who == next(one for one in WHO if may(one, view))
        answer = client.get(address)
        is_page = answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
        if is_page and b"<html" in answer.content:
            if b'data-switch="large"' in answer.content:  # paper has none: its sizes are those of the sheet
                assert b'data-type="large"' in answer.content, f"{name} does not hear of large type"
            yield name, address, first


@pytest.mark.parametrize("who", WHO)
def test_every_page_is_sound(cast, place, site, narrow, desktop, who):
    client = Client()
    client.force_login(getattr(cast, who))
    client.cookies["type"] = "large"
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    for page in (narrow, desktop):
        page.context.add_cookies([cookie | {"url": site.url}])
    wrong, asked = [], 0
    for name, address, first in pages(client, who, place):
        asked += 1
        wide = [(desktop, (no_sideways_scroll, axe))] if first else []  # once is enough for the wide layout
        for page, checks in [(narrow, (page_is_sound,)), *wide]:
            page.goto(address)
            for check in checks:
                try:
                    check(page)
                except AssertionError as problem:
                    wrong.append(f"{name} at {page.viewport_size['width']} px: {problem}")
    assert asked >= 4
    assert not wrong, "\n".join(wrong)
