"""What the stories need besides a browser: a worker beside the site, and hands that sign in."""

import json
import os
import subprocess
import sys

import pytest


def address_of_test_database() -> str:
    """The address under which another process finds the database this test writes to."""
    from django.db import connection

    now = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{now['NAME']}".replace("////", "///")
    host, port = now["HOST"] or "127.0.0.1", now["PORT"]
    return f"postgresql://{now['USER']}:{now['PASSWORD']}@{host}:{port}/{now['NAME']}"


@pytest.fixture
def worker(site):
    """The product's own worker as a process of its own, on the same database and keys as the site."""
    from django.conf import settings

    settings.KEYS.write_text(json.dumps(settings.RING.rings))  # the ring this process works with, whoever changed it
    env = os.environ | {
        "DATABASE_URL": address_of_test_database(),
        "TONGXING_KEYS": str(settings.KEYS),
        "DJANGO_SETTINGS_MODULE": "tongxing.settings",
    }
    process = subprocess.Popen([sys.executable, "-m", "tongxing.cli", "worker"], env=env)
    yield process
    process.terminate()
    process.wait(20)


@pytest.fixture
def sign_in():
    """sign_in(page, staff): by the form, as a person does."""

    from tests import factories

    def hands(page, staff, password=factories.PASSWORD):
        page.goto("/")
        page.get_by_label("登录名").fill(staff.login)
        page.get_by_label("密码", exact=True).fill(password)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/")

    return hands
