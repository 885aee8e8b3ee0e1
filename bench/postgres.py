"""A stock PostgreSQL of our own for one run, from the wheel in the lock.

Not the tests' server: that one may give up durability for speed, and writes measured without it would be worth nothing.
Its programs and who runs them are the same.
"""

import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.harness import Failed, free_port
from tests.postgres import Owner, reachable_programs


@contextmanager
def temporary_postgres() -> Iterator[str]:
    """Starts a server in a new folder on a free loopback port; yields its address; stops it and removes the folder."""
    owner = Owner.present()
    who = {} if owner.uid is None else {"user": owner.uid, "group": owner.gid, "extra_groups": []}
    folder, port, secret = Path(tempfile.mkdtemp(prefix="bench-pg-")), free_port(), secrets.token_hex(16)
    word = folder / "word"
    word.write_text(secret)
    owner.give(folder)
    owner.give(word)
    programs = reachable_programs(owner, folder)
    cluster = folder / "cluster"
    make = [programs / "initdb", "-D", cluster, "-U", "bench", "-A", "scram-sha-256", f"--pwfile={word}", "-E", "UTF8"]
    made = subprocess.run([*make, "--locale=C.UTF-8"], capture_output=True, text=True, cwd=folder, **who)
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise Failed(f"initdb: {made.stderr[-1000:]}")
    serve = [programs / "postgres", "-D", cluster, "-p", str(port), "-c", "listen_addresses=127.0.0.1"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*serve, "-k", folder], stdout=log, stderr=log, cwd=folder, **who)
    try:
        address = f"postgresql://bench:{secret}@127.0.0.1:{port}/postgres"
        wait_for(address, process, folder / "log")
        yield address
    finally:
        process.send_signal(signal.SIGINT)  # the fast stop: it does not wait for clients that a failed run left behind
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(address, connect_timeout=2).close()
            return
        except psycopg.OperationalError as problem:
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"PostgreSQL did not start: {log.read_text()[-1000:]}") from problem
            time.sleep(0.1)


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """A new database on a running server; yields its address; dropped at the end."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server.rsplit("/", 1)[0] + "/" + name
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
