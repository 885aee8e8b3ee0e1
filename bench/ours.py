"""The product's side of each row. A function raises NotBuilt until its page exists; the row then shows a dash."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import web

BESIDE = (40_000, 4.0)  # rows of the import that runs beside the writes; seconds until it has read its file


class NotBuilt(NotImplementedError):
    """The product has no such page yet: nothing was measured."""


def environment(address: str, var: Path) -> dict[str, str]:
    """The product's settings for one database and one folder of its own."""
    return {
        "DATABASE_URL": address,
        "TONGXING_VAR": str(var),
        "TONGXING_KEYS": str(var / "keys" / "keyring.json"),
        "DJANGO_SETTINGS_MODULE": "tongxing.settings",
    }


def prepare(address: str, var: Path) -> None:
    """Tables, regions, and the sign-ins that the rows need."""
    raise NotBuilt


def load(address: str, var: Path, children: int, seed: int) -> dict:
    """The generator's world, with its year of acts, through the bulk door: {"children", "visits", "seconds"}."""
    raise NotBuilt


def import_arguments(path: Path) -> list[str]:
    """The arguments after `python` that import an xlsx through the product's command."""
    raise NotBuilt


def import_xlsx(address: str, var: Path, path: Path) -> dict:
    """P1: {"rows", "seconds", "peak_mb"}; the clock runs from the file to the traced archives."""
    raise NotBuilt


@contextmanager
def serve(address: str, var: Path, workers: int) -> Iterator[int]:
    """The product as `make run` serves it; yields the port."""
    raise NotBuilt
    yield  # a context manager needs one


def signed_in(port: int) -> web.Client:
    """As the county's clerk, who sees all children of the run."""
    raise NotBuilt


def list_paths(children: int) -> dict[str, str]:
    """P4: the same kinds of page as the other side: "page 1", "last page", "filtered"."""
    raise NotBuilt


def search_path(text: str) -> str:
    """P5: the page that answers a search."""
    raise NotBuilt


def today_paths() -> dict[str, str]:
    """P7: whose 今日 -> address."""
    raise NotBuilt


def writer(number: int, port: int, children: int) -> Callable[[], web.Answer]:
    """P8: a client that saves a visit through the real page with each call, every time for another child."""
    raise NotBuilt
