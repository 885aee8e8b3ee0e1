"""Measures the rows of the budget table and prints them: row, budget, ours, the other, ratio.

python -m bench.run [--only P8,P1] [--children 10000] [--database sqlite|postgresql|both]
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from bench import postgres, report
from bench.harness import WORK
from bench.rows import ROWS, Stage


def sqlite_in(folder: Path):
    @contextmanager
    def fresh(name: str) -> Iterator[str]:
        path = folder / f"{name}.sqlite3"
        try:
            yield f"sqlite://{path}"
        finally:
            for one in folder.glob(f"{name}.sqlite3*"):
                one.unlink()

    return fresh


def measure(database: str, children: int, args: argparse.Namespace) -> None:
    WORK.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=WORK))
    busy = f"load {os.getloadavg()[0]:.1f} before the start"  # other work on the machine spoils absolute figures
    try:
        with ExitStack() as stack:
            if database == "sqlite":
                fresh = sqlite_in(folder)
            else:
                server = stack.enter_context(postgres.temporary_postgres())

                def fresh(name: str):
                    return postgres.database(server, name)

            stage = Stage(
                database=database,
                children=children,
                seed=args.seed,
                rounds=args.rounds,
                tries=args.tries,
                seconds=args.seconds,
                workers=args.workers,
                fresh=fresh,
                stack=stack,
                folder=folder,
            )
            for name in args.only:
                stage.rounds = 1 if args.large and name in LONG else args.rounds
                figures = ROWS[name](stage)
                report.show(figures, database, children)
                if not args.dry:  # row by row: a run of hours that is stopped keeps what it has measured
                    turns = f"{stage.rounds} turn{'s' if stage.rounds > 1 else ''}"
                    conditions = f"seed {args.seed}, {turns}, {args.workers} server processes a side, {busy}"
                    report.write(figures, database, children, conditions)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


LONG = ("P1", "P2", "P3")  # rows that have one turn in the large run: a turn alone takes minutes
# Larger worlds: database, children, rows. What does not grow with them (P10, P12, P13) is in the small run alone.
LARGE = (
    ("sqlite", 100_000, ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9")),
    ("postgresql", 100_000, ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9")),
    ("postgresql", 1_000_000, ("P3", "P4", "P5", "P6", "P7", "P8", "P9")),
)


def lacking(database: str, children: int, rows: list[str], args: argparse.Namespace) -> list[str]:
    """The rows a large run still has to measure; those of its last start are printed as they stand."""
    found = []
    for row in rows:
        lines = [] if args.anew else report.standing(row, database, children, timedelta(hours=args.going_on))
        for cells in lines:
            print(report.line(cells), flush=True)
        if not lines:
            found.append(row)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(ROWS), help="rows, with commas between")
    parser.add_argument("--children", default="10000", help="one size or several, with commas between")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="sqlite")
    parser.add_argument("--large", action="store_true", help="100,000 on both, 1,000,000 on PostgreSQL: hours")
    parser.add_argument("--going-on", type=float, default=8, metavar="HOURS", help="large: keep rows this machine has")
    parser.add_argument("--anew", action="store_true", help="large: measure every row, also those it has")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2, help="turns a side has (A B A B is 2)")
    parser.add_argument("--tries", type=int, default=40, help="page tries a turn")
    parser.add_argument("--seconds", type=float, default=8, help="length of a storm of writes a turn")
    parser.add_argument("--workers", type=int, default=2, help="server processes a side")
    parser.add_argument("--dry", action="store_true", help="print only, leave results.md")
    args = parser.parse_args()
    args.only = args.only.split(",")
    if unknown := set(args.only) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    print(report.line(report.HEADINGS[:-1]))
    if args.large:
        wanted = args.only
        for database, children, rows in LARGE:
            args.only = lacking(database, children, [row for row in rows if row in wanted], args)
            if args.only:
                measure(database, children, args)
        return
    for database in ("sqlite", "postgresql") if args.database == "both" else (args.database,):
        for children in map(int, args.children.split(",")):
            measure(database, children, args)


if __name__ == "__main__":
    main()
