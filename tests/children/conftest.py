"""J3's two archives of one child."""

from datetime import date

import pytest

BORN = date(2018, 2, 10)
GRANDMOTHER = {"carer_name": "罗秀兰", "carer_relation": "62", "carer_phone": "14000000011"}


@pytest.fixture
def two(cast):
    """A: the community's 陈思雨 with three visits; B: the school's 陈思宇 with a class, a helper and two visits."""
    from tests import factories  # Django is not set up yet when this file is read
    from tongxing.base import numbers

    a = factories.child(
        "陈思雨", cast.chunhe, citizen_number=numbers.make("990101", BORN, 14), hamlet="塘下组",
        address="塘下组3号", level="low", on=date(2026, 9, 7), **GRANDMOTHER,
    )  # fmt: skip
    b = factories.child(
        "陈思宇", cast.chunhe, citizen_number=None, birth_on=BORN, classroom=cast.class_3_2, helper=cast.cadre,
        mother_name="李桂花", mother_phone="14000000022", level="high", on=date(2026, 8, 31), **GRANDMOTHER,
    )  # fmt: skip
    for day in (3, 10, 17):
        factories.visit(a, by=cast.director, on=date(2026, 11, day))
    for day in (4, 19):
        factories.visit(b, by=cast.cadre, on=date(2026, 11, day))
    return a, b
