"""The reference site's side of each row: how it is filled, served, asked and written to."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import harness, web

SIGN_IN = "/admin/login/"
LOADING = 2 * 3600  # seconds a million children may take
BESIDE = (10_000, 4.0)  # rows of the import that runs beside the writes; seconds until it has read its file


def environment(address: str) -> dict[str, str]:
    return {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "bench.reference.settings"}


def prepare(address: str) -> None:
    harness.run(["-m", "bench.reference.work", "prepare"], environment(address))


def load(address: str, children: int, seed: int) -> dict:
    """Straight into the tables, for the rows that read: {"children", "visits", "seconds"}."""
    arguments = ["-m", "bench.reference.work", "load", "--children", str(children), "--seed", str(seed)]
    return harness.run(arguments, environment(address), LOADING)


def import_arguments(path: Path, way: str) -> list[str]:
    return ["-m", "bench.reference.work", "import", str(path), "--way", way]


def import_xlsx(address: str, path: Path, way: str) -> dict:
    """An xlsx through django-import-export: {"rows", "seconds", "read", "preview", "confirm", "errors", "peak_mb"}."""
    return harness.run(import_arguments(path, way), environment(address))


@contextmanager
def serve(address: str, workers: int = 1) -> Iterator[int]:
    """The site under uvicorn's WSGI threads, which keep their database connections: its better arrangement here."""
    application = "bench.reference.wsgi:application"
    with harness.server(application, environment(address), SIGN_IN, workers, "wsgi") as (port, _):
        yield port


def signed_in(port: int) -> web.Client:
    return web.sign_in(port, SIGN_IN, "bench", "bench")


def list_paths(children: int) -> dict[str, str]:
    """Kind of list page -> address; fifty rows a page."""
    return {
        "page 1": "/admin/reference/child/",
        "last page": f"/admin/reference/child/?p={-(-children // 50)}",
        "filtered": "/admin/reference/child/?attention=%E9%AB%98",
    }


def search_path(text: str) -> str:
    from urllib.parse import quote

    return f"/admin/reference/child/?q={quote(text)}"


def writer(number: int, port: int, children: int) -> Callable[[], web.Answer]:
    """One of the clients that save visits: signed in, each time another child."""
    client, count = signed_in(port), 0
    token = client.cookies["csrftoken"]

    def write() -> web.Answer:
        nonlocal count
        count += 1
        body = {
            "child": 1 + (number * 7919 + count * 13) % children,
            "on": "2026-11-20",
            "by": "bench",
            "note": "x" * 60,
        }
        told = json.dumps(body).encode()
        return client.post("/visits", told, content_type="application/json", x_csrftoken=token)

    return write
