"""A fixed today, a fixed cast, and strictness: what a test may not do, and what no page may contain.

pytest                            on SQLite, random order
pytest --database=postgresql      the same tests on a PostgreSQL of its own
pytest -m "not browser" -n 2      without a browser, on two cores
"""

import ipaddress
import os
import shutil
import socket
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

pytest_plugins = ["tests.browser"]

NOW = datetime.fromisoformat("2026-11-24T09:00:00+08:00")  # a Tuesday in term; every test starts here
PROJECT = Path(__file__).resolve().parent.parent
open_until_the_end = pytest.StashKey[ExitStack]()


# ── before anything of ours is imported ─────────────────────────────────────────────────────────────────────────────


def pytest_addoption(parser):
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help="what the tests run on")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    stack = config.stash[open_until_the_end] = ExitStack()
    place = tempfile.mkdtemp(prefix="tongxing-test-")  # one for each worker: database, keys and files of its own
    stack.callback(shutil.rmtree, place, ignore_errors=True)
    for name in [name for name in os.environ if name.startswith("TONGXING_") and name != "TONGXING_TEST_DATABASE_URL"]:
        del os.environ[name]
    os.environ |= {"TONGXING_VAR": place, "TONGXING_NOW": NOW.isoformat(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    os.environ.pop("DATABASE_URL", None)
    if config.getoption("--database") == "postgresql":
        from tests.postgres import temporary_postgres

        os.environ["DATABASE_URL"] = stack.enter_context(temporary_postgres())
        os.environ["TONGXING_TEST_DATABASE_URL"] = os.environ[
            "DATABASE_URL"
        ]  # the workers of xdist use the same server
        stack.callback(os.environ.pop, "TONGXING_TEST_DATABASE_URL")

    import django

    django.setup()
    collect_static()
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        # Workers of xdist inherit this. Told the settings before they come to this hook, they would read them with the
        # folder of this process: one key ring and one folder of static files for all, and not the ones they hand on.
        del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_unconfigure(config):
    config.stash[open_until_the_end].close()


def collect_static():
    """Files under the names they have in production; without a built front end pages get bare names."""
    from django.conf import settings
    from django.core.management import call_command

    if (settings.STATICFILES_DIRS[0] / "app.css").exists():
        call_command("collectstatic", interactive=False, verbosity=0)
    else:
        settings.STATICFILES_DIRS = []
        settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


def pytest_collection_modifyitems(config, items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    if config.getoption("--database") == "postgresql":  # what touches no database has nothing new to say here
        idle = [item for item in items if not touches_the_database(item)]
        config.hook.pytest_deselected(items=idle)
        items[:] = [item for item in items if touches_the_database(item)]


def touches_the_database(item) -> bool:
    fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None


def pytest_report_header(config):
    return f"database: {config.getoption('--database')}, now: {NOW:%Y-%m-%d %H:%M}"


# ── the clock and the network ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch):
    """Every test starts at NOW, in its server threads and child processes too; `clock.fixed` moves it within a test."""
    monkeypatch.setenv("TONGXING_NOW", NOW.isoformat())
    return NOW


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A thread of a site that is gone may still hold a connection at the end; PostgreSQL would keep the database."""
    yield
    from django.db import connection

    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connection.close()


@pytest.fixture
def today():
    return NOW.date()


class Outside(RuntimeError):
    """A test reached for a machine other than this one."""


def is_here(address) -> bool:
    if not isinstance(address, tuple):
        return True  # a socket in the file system
    host = address[0]
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def no_network():
    """Only this machine can be reached."""
    patch = pytest.MonkeyPatch()

    def guarded(reach):
        def guard(self, address, *rest):
            if not is_here(address):
                raise Outside(f"a test reached for {address}")
            return reach(self, address, *rest)

        return guard

    def look_up(host, *rest, **wanted):
        if not is_here((host if isinstance(host, str) else (host or b"").decode(),)):
            raise Outside(f"a test looked up {host}")
        return found(host, *rest, **wanted)

    found = socket.getaddrinfo
    patch.setattr(socket, "getaddrinfo", look_up)
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))
    yield
    patch.undo()


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def client():
    """A client that reads every page it gets: see tests.pages.ReadingClient."""
    from tests.pages import ReadingClient

    return ReadingClient()


@pytest.fixture
def client_of():
    """client_of(staff) is a client on which that person is signed in."""
    from tests.pages import ReadingClient

    def signed_in(staff) -> ReadingClient:
        client = ReadingClient()
        client.force_login(staff)
        return client

    return signed_in


# ── the cast ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def cast(db):
    """The people of the tests, made through actions: see tests.factories.cast."""
    from tests import factories

    return factories.cast()
