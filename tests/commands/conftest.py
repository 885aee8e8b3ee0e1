"""Installations of their own for the command line: a folder, a key ring, a database; and an archive taken apart."""

import fcntl
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tests.conftest import NOW, PROJECT
from tests.postgres import temporary_postgres


@dataclass
class Answer:
    code: int
    said: dict
    error: str


@dataclass
class Installation:
    """One installation of the product, spoken to as an operator does: by the command, in another process."""

    home: Path
    database: str = ""
    keys: Path | None = None
    extra: dict = field(default_factory=dict)

    def __post_init__(self):
        self.keys = self.keys or self.home / "keys" / "keyring.json"

    @property
    def environment(self) -> dict:
        ours = ("TONGXING_", "DATABASE_URL", "DJANGO_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {
            **kept,
            "TONGXING_VAR": str(self.home / "var"),
            "TONGXING_KEYS": str(self.keys),
            "TONGXING_ANCHORS": str(self.home / "anchors.log"),
            "TONGXING_NOW": NOW.isoformat(),
            "DATABASE_URL": self.database,
            "DJANGO_SETTINGS_MODULE": "tests.settings",  # quick password hashing, everything else as in life
            **self.extra,
        }

    def run(self, *words) -> Answer:
        done = self._start("-m", "tongxing.cli", "--json", *map(str, words))
        assert "Traceback" not in done.stderr, done.stderr
        return Answer(done.returncode, json.loads(done.stdout) if done.stdout.strip() else {}, done.stderr.strip())

    def python(self, code: str) -> str:
        """Run lines of Python inside this installation; what they print."""
        done = self._start("-c", f"import django; django.setup()\n{code}")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _start(self, *words):
        return subprocess.run(
            [sys.executable, *words], cwd=PROJECT, env=self.environment, capture_output=True, text=True, timeout=900
        )

    def copied_to(self, home: Path) -> "Installation":
        """The same installation in another folder: SQLite file, keys and all."""
        shutil.copytree(self.home, home)
        return Installation(home)

    def figures(self) -> str:
        """Every measure in every region, today and at past days, with the names of its gaps."""
        return self.python(FIGURES)


FIGURES = """
from datetime import date
from tongxing.base.measures import Scope
from tongxing.plans.measures import LIVE
for region in ("", "990101100001", "990102"):
    for on in ("2026-11-24", "2026-10-20", "2026-01-01"):
        for measure in LIVE:
            figure = measure.figure(Scope(region), date.fromisoformat(on))
            gaps = sorted(str(duty.subject_id) for duty in measure.rows(Scope(region), date.fromisoformat(on)))
            print(region, on, measure.code, figure.n, figure.gap, figure.unknown, figure.na, gaps)
"""
KEEP_A_FILE = """
from tongxing.base import attachments
from tongxing.base.records import SYSTEM, action

@action("tests.keep")
def keep(*, by):
    return attachments.keep(b"what a family wrote", name="letter", kind="txt", region="990101100001")

print(keep(by=SYSTEM).pk)
"""


@pytest.fixture(scope="session")
def told(tmp_path_factory) -> Installation:
    """The invented community on SQLite, with one attachment more. Shared, by all processes of a run: do not touch."""
    run = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        run = run.parent
    installation, said = Installation(run / "told"), run / "told.json"
    with (run / "told.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            installation.home.mkdir()
            assert installation.run("migrate").code == 0
            demo = installation.run("demo")
            attachment, counted = installation.python(KEEP_A_FILE), installation.figures()
            said.write_text(json.dumps([demo.code, demo.said, demo.error, attachment, counted]))
    code, answer, error, installation.attachment, installation.counted = json.loads(said.read_text())
    installation.demo = Answer(code, answer, error)
    return installation


@pytest.fixture(scope="session")
def archive(told, tmp_path_factory) -> Path:
    """A backup of `told`."""
    path = tmp_path_factory.mktemp("archive") / "backup.tar"
    answer = told.run("backup", path)
    assert answer.code == 0, answer.error
    return path


@pytest.fixture
def empty(told, tmp_path) -> Installation:
    """A new installation with nothing in it and the key ring of `told`."""
    installation = Installation(tmp_path / "empty")
    installation.keys.parent.mkdir(parents=True)
    shutil.copy(told.keys, installation.keys)
    return installation


@pytest.fixture
def postgres(told, tmp_path):
    """An empty database on a real PostgreSQL, and the key ring of `told`."""
    with temporary_postgres() as server:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS tongxing_restored")
            connection.execute("CREATE DATABASE tongxing_restored")
        installation = Installation(tmp_path / "postgres", f"{server.rpartition('/')[0]}/tongxing_restored")
        installation.keys.parent.mkdir(parents=True)
        shutil.copy(told.keys, installation.keys)
        yield installation
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("DROP DATABASE tongxing_restored WITH (FORCE)")


def rewritten(source: Path, target: Path, change) -> Path:
    """The archive with its members changed: `change(name, bytes)` answers the new bytes, or None to leave one out."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            content = change(member.name, old.extractfile(member).read())
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return target
