"""Over random histories: two archives made one lose no day in care, and taken apart every row stands as it did."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from tests.recount.histories import History
from tongxing.base.records import SYSTEM, Record
from tongxing.children import actions, queries
from tongxing.children.models import Child, Lookup
from tongxing.commands import check
from tongxing.staff.models import Staff

pytestmark = pytest.mark.django_db
QUICK = 8
SEEDS = [pytest.param(seed, marks=[pytest.mark.slow] if seed > QUICK else []) for seed in range(1, 61)]


def standing() -> dict:
    """Every standing row of every room by model and id, column by column, without its version."""
    found = {}
    for model in apps.get_models():
        if issubclass(model, Record):
            names = [one.attname for one in model._meta.concrete_fields if one.attname != "version"]
            for row in model._base_manager.filter(withdrawn_at=None):
                found[model.__name__, row.pk] = {name: getattr(row, name) for name in names}
    for child, kind, key in Lookup.objects.values_list("child_id", "kind", "key"):
        found["Lookup", child, kind, key] = True
    return found


def days_in_care(*children: Child) -> set[date]:
    days = set()
    for child in children:
        for one in child.episodes.standing():
            last = one.to_on or date(2027, 1, 1)
            days |= {one.from_on + timedelta(days=n) for n in range((last - one.from_on).days)}
    return days


def codes() -> set[str]:
    return {one["code"] for one in check.check()["problems"]}


def two_of(history: History):
    """Two archives and one random answer to every question, as the page would have it."""
    found = history.rng.sample(list(Child.objects.standing().order_by("id")), 2)
    beside = queries.beside(*found, history.today)
    picks = {one.name: history.rng.randrange(2) for one in beside.questions}
    at = history.rng.randrange(2) if beside.homes else beside.remaining
    from_gone = {name for name, side in beside.chosen(picks).items() if side != at}
    return found[at], found[1 - at], from_gone


def _class(history, child):
    school = {"school": history.places.school, "class_name": history.places.classroom}
    actions.correct(by=SYSTEM, child=child, section="school", facts=school, on=history.today)


def _carer(history, child):
    carer = {"carer_name": "丙姨", "carer_relation": "88", "carer_phone": "14000000090"}
    actions.correct(by=SYSTEM, child=child, section="carer", facts=carer, on=history.today)


def _level(history, child):
    actions.change_attention(by=SYSTEM, child=child, level="middle", on=history.today, reason="复评")


def _helper(history, child):
    helper = history.one_of(Staff.objects.standing())
    actions.pair(by=SYSTEM, child=child, helper=helper, on=history.today, end_why="换人")


LATER = (_class, _carer, _level, _helper)  # what may change between a merge and its undo


@pytest.mark.parametrize("seed", SEEDS)
def test_merged_and_taken_apart(seed):
    history = History(seed)
    for child in Child.objects.standing():
        actions.rebuild_keys(child)
    child, gone, from_gone = two_of(history)
    before, wrong, days = standing(), codes(), days_in_care(child, gone)
    try:
        merge = actions.merge(by=SYSTEM, child=child, gone=gone, from_gone=from_gone, on=history.today)
    except ValidationError:
        assert queries.two_children(child, gone)
        return
    assert days_in_care(child) == days
    assert codes() <= wrong
    for act in history.rng.choices(LATER, k=history.rng.randrange(4)):
        history.attempt(lambda act=act: act(history, Child.objects.get(pk=child.pk)))
    actions.unmerge(by=SYSTEM, merge=merge, why="两个人", on=history.today)
    after = standing()
    assert before.keys() <= after.keys()
    assert {key[0] for key in after.keys() - before.keys()} <= {"Kin"}, (
        "a grown-up nobody stands with is all that is left"
    )
    assert {key: row for key, row in after.items() if row != before.get(key, row)} == {}
    assert codes() <= wrong
