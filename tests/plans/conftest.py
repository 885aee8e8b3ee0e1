"""A plan that holds, for the tests of the plans room."""

import pytest


@pytest.fixture
def plan(cast):
    from tests import factories

    return factories.plan(cast.chunhe, by=cast.director)
