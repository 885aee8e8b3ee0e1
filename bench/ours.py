"""The product's side of each row."""

import json
import os
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from bench import harness, web

SIGN_IN = "/staff/sign-in/"
PASSWORD = "bench-bench-bench"
LOADING = 4 * 3600  # seconds a million children may take
LOADERS, MANY = 2, 50_000  # processes that load so many children at once; SQLite has one writer
BESIDE = (20_000, 4.0)  # rows of the import that runs beside the writes; seconds until it has begun writing


def environment(address: str, var: Path) -> dict[str, str]:
    """The product's settings for one database and one folder of its own."""
    return {
        "DATABASE_URL": address,
        "TONGXING_VAR": str(var),
        "TONGXING_KEYS": str(var / "keys" / "keyring.json"),
        "TONGXING_NOW": "2026-11-24T09:00:00+08:00",
        "DJANGO_SETTINGS_MODULE": "tongxing.settings",
    }


def prepare(address: str, var: Path, children: int = 0) -> None:
    """Tables, regions for so many children, and the sign-ins that the rows need."""
    harness.run(["-m", "bench.product", "prepare", "--children", str(children)], environment(address, var))


def load(address: str, var: Path, children: int, seed: int) -> dict:
    """The generator's world, with its year of acts, through the bulk door: {"children", "visits", "seconds"}."""
    loaders = LOADERS if address.startswith("postgresql:") and children > MANY else 1

    def one(share: int) -> dict:
        arguments = ["--children", str(children), "--seed", str(seed), "--share", f"{share}/{loaders}"]
        return harness.run(["-m", "bench.product", "load", *arguments], environment(address, var), LOADING)

    with ThreadPoolExecutor(loaders) as pool:
        parts = list(pool.map(one, range(loaders)))
    ids: dict[str, list[str]] = {}
    for part in parts:
        for login, held in part["ids"].items():
            ids.setdefault(login, []).extend(held)
    (var / "ids.json").write_text(json.dumps(ids))
    (var / "pages.json").write_text(json.dumps(parts[0]["pages"]))  # of the first homes of all
    os.environ["BENCH_IDS"] = str(var / "ids.json")  # the clients of P8 are processes of their own
    sums = {name: sum(part[name] for part in parts) for name in ("children", "visits")}
    return sums | {"seconds": max(part["seconds"] for part in parts)}


def import_arguments(path: Path) -> list[str]:
    """The arguments after `python` that import an xlsx through the product's command."""
    return ["-m", "bench.product", "import", str(path)]


def import_xlsx(address: str, var: Path, path: Path) -> dict:
    """P1: {"rows", "seconds", "peak_mb"}; the clock runs from the file to the traced archives."""
    return harness.run(import_arguments(path), environment(address, var))


def import_again(address: str, var: Path, path: Path, second: Path) -> dict:
    """P2: the same of the list's second coming, from another program and in another order."""
    return harness.run(["-m", "bench.product", "again", str(path), str(second)], environment(address, var))


@contextmanager
def serve(address: str, var: Path, workers: int) -> Iterator[int]:
    """The product as `make run` serves it; yields the port."""
    with harness.server("tongxing.asgi:application", environment(address, var), SIGN_IN, workers) as (port, _):
        yield port


def signed_in(port: int, login: str = "county") -> web.Client:
    """As the county's clerk, who sees all children of the run."""
    return web.sign_in(port, SIGN_IN, login, PASSWORD, names=("login", "password"))


def list_paths(children: int) -> dict[str, str]:
    """P4: the same kinds of page as the other side: "page 1", "last page", "filtered"."""
    deep = quote(f"zzzz|{uuid.UUID(int=2**128 - 1)}")
    return {
        "page 1": "/children/",
        "last page": f"/children/?before={deep}",
        "filtered": f"/children/?hamlet={quote(hamlet())}",
    }


def hamlet() -> str:
    """The first hamlet of the generator's list."""
    from bench import words

    return words.flat("hamlets.txt")[0]


def search_path(text: str) -> str:
    """P5: the page that answers a search."""
    return f"/children/?q={quote(text)}"


def child_paths(var: Path) -> dict[str, str]:
    """P6: how long a child has been visited -> its page."""
    return {name: f"/child/{pk}/" for name, pk in json.loads((var / "pages.json").read_text()).items()}


def today_paths() -> dict[str, tuple[str, str]]:
    """P7: whose list -> (sign-in, address)."""
    return {"a director of 103": ("director", "/"), "a township": ("onetown", "/")}


def figure_regions() -> dict[str, tuple[str, str]]:
    """P9: whose figures -> (region, budget)."""
    budget = "≤ 300 ms (100), ≤ 4 s (50,000); ≤ 1.5 × by hand"
    return {"a community": ("990101100201", budget), "a county": ("990101", budget)}


def writer(number: int, port: int, children: int) -> Callable[[], web.Answer]:
    """P8: a client that saves a visit through the real page with each call, every time for another child."""
    login = f"supervisor{number}"
    ids = json.loads(Path(os.environ["BENCH_IDS"]).read_text())[login]
    client, count = signed_in(port, login), 0
    client.get(f"/care/visits/new/{ids[number]}/")
    facts = {
        "met": ["child", "carer"], "living": "normal", "study": "normal", "mood": "normal", "safety": "normal",
        "parent_contact": "week", "words": "x" * 60, "tell_home": "no", "visited_on": "2026-11-20",
        "visited_at": "10:05",
    }  # fmt: skip

    def write() -> web.Answer:
        nonlocal count
        count += 1
        client.cookies.pop("messages", None)  # a browser has shown it by now
        child = ids[(number * 7919 + count * 13) % len(ids)]
        token = {"csrfmiddlewaretoken": client.cookies["csrftoken"], "once": str(uuid.uuid4())}
        return client.post(f"/care/visits/new/{child}/", facts | token | {"with_children": [child]})

    return write
