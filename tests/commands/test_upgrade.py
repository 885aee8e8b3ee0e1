"""What an earlier version wrote is read by this one: migrated, figures the same, trace whole, sealed values open."""

import shutil
from pathlib import Path

import psycopg
import pytest

from tests.commands.conftest import Installation
from tests.postgres import temporary_postgres

pytestmark = pytest.mark.slow

KEPT = sorted(path for path in (Path(__file__).parents[1] / "upgrade").iterdir() if path.is_dir())


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request, tmp_path):
    """An empty installation on either database."""
    if request.param == "sqlite":
        yield Installation(tmp_path / "home")
        return
    with temporary_postgres() as server:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS tongxing_upgraded")
            connection.execute("CREATE DATABASE tongxing_upgraded")
        yield Installation(tmp_path / "home", f"{server.rpartition('/')[0]}/tongxing_upgraded")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("DROP DATABASE tongxing_upgraded WITH (FORCE)")


def of_measures_then(figures: str, kept: Path) -> str:
    """The lines of those measures that this release had; what is counted since then it could not say."""

    def code(line: str) -> str:
        return next(word for word in line.split() if word.isidentifier())

    then = {code(line) for line in (kept / "figures.txt").read_text().splitlines()}
    return "\n".join(line for line in figures.splitlines() if code(line) in then).strip()


def test_there_is_a_release_to_come_from():
    assert KEPT[0].name == "0.1.0"


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.name)
def test_a_database_of_an_earlier_version_comes_along(kept, fresh):
    fresh.keys.parent.mkdir(parents=True)
    shutil.copy(kept / "keyring.json", fresh.keys)
    fresh.keys.chmod(0o600)
    answer = fresh.run("restore", kept / "backup.tar")
    assert answer.code == 0, answer.error or answer.said
    assert answer.said["ok"] and answer.said["trace"]["ok"] and answer.said["keys"]["ok"]
    assert of_measures_then(fresh.figures(), kept) == (kept / "figures.txt").read_text().strip()
    assert fresh.run("check").said["problems"] == []
