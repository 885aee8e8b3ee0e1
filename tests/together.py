"""Several people at the same moment, each on a connection of their own; and what the database holds, byte by byte."""

import json
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.db import connection, connections


def at_once(*deeds, timeout=60) -> list:
    """Start all deeds in one moment, each in a thread; in order their answers, or the exceptions they ended in."""
    ready = threading.Barrier(len(deeds))

    def run(deed):
        try:
            connection.ensure_connection()
            ready.wait(timeout)
            return deed()
        except Exception as wrong:  # noqa: BLE001  it is an answer: the test looks at it
            return wrong
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return [answer.result(timeout) for answer in [threads.submit(run, deed) for deed in deeds]]


def stored_bytes() -> bytes:
    """Everything the database has on disk, its write-ahead log included."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, *_pages = cursor.fetchone()
            assert not busy, "another connection keeps the log"
            file = Path(str(connection.settings_dict["NAME"]))
            parts = [file, file.with_name(f"{file.name}-wal")]
            # By another process: closing a file here would drop SQLite's locks, which the system keeps per process, and
            # the next process to leave would take the log away from under our open connections.
            return b"".join(subprocess.check_output(["cat", str(part)]) for part in parts if part.exists())
        cursor.execute("CHECKPOINT")
        cursor.execute("SHOW data_directory")
        home = Path(cursor.fetchone()[0])
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        parts = [*(home / "base" / str(cursor.fetchone()[0])).iterdir(), *(home / "pg_wal").glob("0*")]
        return b"".join(part.read_bytes() for part in parts if part.is_file())


def stored_rows() -> str:
    """Every row of every table as text, as a dump would write it."""
    lines = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            lines += [repr(row) for row in cursor.fetchall()]
    return "\n".join(lines)


def stands_in(value: str, stored: bytes) -> bool:
    """Whether a text can be read in these bytes: as it is, or escaped as JSON writes it."""
    escaped = json.dumps(value)[1:-1].encode()
    return any(form in stored for form in {value.encode(), value.encode("utf-16-le"), escaped})
