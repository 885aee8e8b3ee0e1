"""The rows of the budget table: each measures our side and the other in turns and returns its figures."""

import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread

from bench import generate, harness, other, ours
from bench.harness import Series
from bench.installed import p10_first_paint, p12_at_rest, p13_from_a_clone
from bench.report import Figure
from tongxing.base.words import read_name

CHECKED_LIMIT = 10_000  # rows for the slow ways of the other side, whose rate does not depend on more
SEARCHED = 3_000  # the child that is searched for is among the first so many
ASKED = 0.99  # share that is archived at once: of a tidy roster a few in a thousand are still asked about
WAYS = (("with checks and kin", "family"), ("with checks, no kin", "checked"), ("unchecked bulk, no kin", "unchecked"))


@dataclass
class Stage:
    """One database kind and one size: what the rows share."""

    database: str  # sqlite | postgresql
    children: int
    seed: int
    rounds: int  # A B A B: how often each side has its turn
    tries: int  # page tries a turn
    seconds: float  # a storm's length a turn
    workers: int
    fresh: Callable  # name -> context manager of an empty database's address
    stack: ExitStack
    folder: Path  # for files of this run
    _sides: tuple | None = None  # what P4 to P9 ask

    def xlsx(self, name: str, first: int, count: int) -> Path:
        """Children `first` to `first + count` of the seed's world as a tidy xlsx, made once."""
        path = self.folder / f"{name}-{first}-{count}.xlsx"
        if not path.exists():
            told = generate.rows(generate.households(self.seed, first + count))
            generate.write_xlsx(path, islice(told, first, None))
        return path

    def sides(self) -> tuple["Side", "Side"]:
        """(the other, ours), loaded and served, for the rows that ask pages; both stay up for the whole run."""
        if self._sides is None:
            address = self.stack.enter_context(self.fresh("bench_other"))
            other.prepare(address)
            other.load(address, self.children, self.seed)
            theirs = Side(other, address, self.stack.enter_context(other.serve(address, self.workers)), None)
            address = self.stack.enter_context(self.fresh("bench_ours"))
            var = Path(mkdtemp(prefix="var-", dir=self.folder))
            ours.prepare(address, var, self.children)
            ours.load(address, var, self.children, self.seed)
            mine = Side(ours, address, self.stack.enter_context(ours.serve(address, var, self.workers)), var)
            self._sides = theirs, mine
        return self._sides


@dataclass
class Side:
    door: object  # the module other or ours
    address: str
    port: int
    var: Path | None  # the product's folder

    @property
    def name(self) -> str:
        return self.door.__name__.rpartition(".")[2]

    def whole(self) -> None:
        """Raises Failed when a SQLite file is damaged: fast writes that spoil the database are no figure."""
        if self.address.startswith("sqlite://"):
            with closing(sqlite3.connect(self.address.removeprefix("sqlite://"))) as connection:
                told = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if told != "ok":
                raise harness.Failed(f"P8: the database of {self.name} is damaged: {told}")

    def environment(self) -> dict[str, str]:
        return other.environment(self.address) if self.var is None else ours.environment(self.address, self.var)

    @contextmanager
    def importing(self, path: Path, seconds: float) -> Iterator:
        """An import of `path` at work beside; raises Failed when it did not last `seconds`; stopped at the end."""
        arguments = other.import_arguments(path, "checked") if self.var is None else ours.import_arguments(path)
        process = harness.begin(arguments, self.environment())
        try:
            time.sleep(self.door.BESIDE[1])
            begun = time.monotonic()
            ended = Thread(target=process.wait, daemon=True)
            ended.start()
            yield process
            ended.join(max(0.0, begun + seconds - time.monotonic()))
            if process.poll() is not None and time.monotonic() - begun < seconds:
                raise harness.Failed(f"P8: the import of {self.name} ended before the writes did")
        finally:
            harness.stop(process)


def rate(told: list[dict], of: str = "seconds") -> float:
    """Rows a second over all turns (`of="cpu"`: a second of processor)."""
    return sum(one["rows"] for one in told) / sum(one[of] for one in told)


def per_second(told: list[dict]) -> str:
    peak = max(one["peak_mb"] for one in told)
    return f"{rate(told):,.0f} rows/s ({rate(told, 'cpu'):,.0f} a CPU second), peak {peak} MB"


def milliseconds(told: Series) -> str:
    if not told.seconds:
        return f"{told.errors} errors"
    return f"{told.p50:.1f} / {told.p95:.1f}" + (f", {told.errors} errors" if told.errors else "")


def writes(told: Series) -> str:
    return f"{told.rate:.0f}/s, {told.p50:.1f} / {told.p95:.1f}, {told.errors} errors"


def quotient(a: float | None, b: float | None) -> float | None:
    return a / b if a and b else None


def tries(*told: Series) -> str:
    return " + ".join(str(len(one.seconds) + one.errors) for one in told)


def pair(stage: Stage, row: str, path: Callable) -> list[Series]:
    """[the other, ours] for one page, in turns; `path(door)` is its address."""

    def asking(side: Side) -> Callable[[int], Series]:
        address, client = path(side.door), side.door.signed_in(side.port)
        return lambda turn: harness.visit(row, side.name, turn, stage.tries, lambda _: client.get(address))

    return harness.turns(stage.rounds, *map(asking, stage.sides()))


def alone(stage: Stage, row: str, paths: dict[str, str], login: str = "county") -> dict[str, Series]:
    """Pages of ours without a counterpart, in turns among themselves, as one person sees them."""
    _, mine = stage.sides()
    client = ours.signed_in(mine.port, login)

    def asking(path: str) -> Callable[[int], Series]:
        return lambda turn: harness.visit(row, "ours", turn, stage.tries, lambda _: client.get(path))

    return dict(zip(paths, harness.turns(stage.rounds, *map(asking, paths.values())), strict=True))


def p1_import(stage: Stage) -> list[Figure]:
    """xlsx to archives, in turns. The other side reads, previews and confirms, as its admin does."""
    mine: list[dict] = []
    theirs: dict[str, list[dict]] = {way: [] for _, way in WAYS}
    counts = {way: stage.children if way == "unchecked" else min(stage.children, CHECKED_LIMIT) for way in theirs}
    for turn in range(stage.rounds):
        with stage.fresh("bench_import") as address:
            var = Path(mkdtemp(prefix="var-", dir=stage.folder))
            ours.prepare(address, var)
            mine.append(ours.import_xlsx(address, var, stage.xlsx("roster", 0, stage.children)))
            harness.keep_line({"row": "P1", "side": "ours", "turn": turn} | mine[-1])
            if mine[-1]["counts"]["archived"] < ASKED * stage.children:
                raise harness.Failed(f"the product's import did not bring nearly all rows: {mine[-1]}")
        for way, told in theirs.items():
            with stage.fresh("bench_import") as address:
                other.prepare(address)
                told.append(other.import_xlsx(address, stage.xlsx("roster", 0, counts[way]), way))
            harness.keep_line({"row": "P1", "side": f"other, {way}", "turn": turn} | told[-1])
            if told[-1]["errors"] or told[-1]["invalid"] or told[-1]["totals"]["new"] != counts[way]:
                raise harness.Failed(f"the reference import ({way}) did not bring all rows: {told[-1]}")
    figures = []
    for title, way in WAYS:
        budget = "≥ 1,800 PostgreSQL, 2,000 SQLite; ≥ 4 × with checks" if way == "family" else ""
        short = f", {counts[way]:,} rows" if counts[way] < stage.children else ""
        ratio = quotient(rate(mine), rate(theirs[way]))
        shown = (per_second(mine), per_second(theirs[way]), ratio, f"{len(mine)} + {len(theirs[way])}")
        figures.append(Figure("P1", f"import xlsx × 25 columns; the other {title}{short}", budget, *shown))
    return figures


def p2_again(stage: Stage) -> list[Figure]:
    """The same list saved by another program, rows shuffled, one archive changed meanwhile: ours alone."""
    first = stage.xlsx("roster", 0, stage.children)
    second = first.with_name(f"again-{stage.children}.xlsx")
    generate.save_again(first, second, stage.seed)
    mine = []
    for turn in range(stage.rounds):
        with stage.fresh("bench_again") as address:
            var = Path(mkdtemp(prefix="var-", dir=stage.folder))
            ours.prepare(address, var)
            mine.append(ours.import_again(address, var, first, second))
            harness.keep_line({"row": "P2", "side": "ours", "turn": turn} | mine[-1])
            counts = mine[-1]["counts"]
            if counts["archived"] or counts["updated"] or counts["to_decide"] != 1:
                raise harness.Failed(f"P2: the second import changed something or asked too much: {counts}")
    return [Figure("P2", "the same list again", "≥ 8,000 rows/s", per_second(mine), "–", None, f"{len(mine)}")]


def p4_list(stage: Stage) -> list[Figure]:
    figures = []
    for kind in ("page 1", "last page", "filtered"):
        theirs, mine = pair(stage, "P4", lambda door, kind=kind: door.list_paths(stage.children)[kind])
        ratio = quotient(mine.p50, theirs.p50)
        told = (milliseconds(mine), milliseconds(theirs), ratio, tries(mine, theirs))
        figures.append(Figure("P4", f"list, {kind}", "p50 ≤ 25, p95 ≤ 45 ms", *told))
    return figures


def p5_search(stage: Stage) -> list[Figure]:
    """What the other's search knows too beside it; the rest of ours alone."""
    homes = generate.households(stage.seed, min(stage.children, SEARCHED))
    home = list(islice(homes, SEARCHED // 3))[-1]
    child, budget = home.children[0], "p95 ≤ 15 ms (county), 40 (province)"
    figures = []
    for kind, text in (("a name's two characters", child.name[:2]), ("number", child.number)):
        theirs, mine = pair(stage, "P5", lambda door, text=text: door.search_path(text))
        told = (milliseconds(mine), milliseconds(theirs), quotient(mine.p50, theirs.p50), tries(mine, theirs))
        figures.append(Figure("P5", f"search by {kind}", budget, *told))
    more = {
        "initials": read_name(child.name).initials[0],
        "last four of the number": child.number[-4:],
        "a phone": home.kin[0].phone,
    }
    for kind, told in alone(stage, "P5", {kind: ours.search_path(text) for kind, text in more.items()}).items():
        figures.append(Figure("P5", f"search by {kind}", budget, milliseconds(told), "–", None, tries(told)))
    return figures


def p6_child(stage: Stage) -> list[Figure]:
    """A child's page, with a year of acts and with a month's: ours alone, for the director of its community."""
    told = alone(stage, "P6", ours.child_paths(stage.sides()[1].var), "director")
    growth = f"; {told['year'].p50 / told['month'].p50:.2f} of a month's"
    return [
        Figure("P6", f"a child's page, a {name} of acts", "p95 ≤ 60 ms; a year ≤ 1.2 × a month", *shown)
        for name, series in told.items()
        for shown in [(milliseconds(series) + (growth if name == "year" else ""), "–", None, tries(series))]
    ]


def p7_today(stage: Stage) -> list[Figure]:
    """今日 has no counterpart: our side alone."""
    figures = []
    for whose, (login, path) in ours.today_paths().items():
        (told,) = alone(stage, "P7", {whose: path}, login).values()
        budget = "p95 ≤ 80 (103 children), 300 ms (5,000)"
        figures.append(Figure("P7", f"today, {whose}", budget, milliseconds(told), "–", None, tries(told)))
    return figures


def p9_figures(stage: Stage) -> list[Figure]:
    """Every measure that counts today, of a community and of a county, beside SQL written by hand."""
    _, mine = stage.sides()
    figures = []
    for whose, (region, budget) in ours.figure_regions().items():
        arguments = ["-m", "bench.figures", "--region", region, "--rounds", str(2 * stage.rounds + 1)]
        told = harness.run(arguments, mine.environment())
        harness.keep_line({"row": "P9", "side": "both", "turn": 0, "region": region} | told)
        own, theirs = told["seconds"]["ours"], told["seconds"]["by_hand"]
        shown = (f"{1000 * own:.0f} ms", f"{1000 * theirs:.0f} ms", own / theirs, f"{2 * stage.rounds + 1} + same")
        figures.append(Figure("P9", f"all figures live, {whose}; the other SQL by hand", budget, *shown))
    return figures


def p8_save(stage: Stage) -> list[Figure]:
    """Eight clients save visits, first in quiet, then beside an import of children not yet known."""
    theirs, mine = stage.sides()
    sides = [theirs, mine]

    def storming(side: Side, beside: Callable = nullcontext) -> Callable[[int], Series]:
        def one(turn: int) -> Series:
            given = (side.port, stage.children)
            return harness.storm("P8", side.name, turn, side.door.writer, given, seconds=stage.seconds, beside=beside)

        return one

    quiet = harness.turns(stage.rounds, *map(storming, sides))
    ratio = quotient(quiet[1].rate, quiet[0].rate)
    told = (writes(quiet[1]), writes(quiet[0]), ratio, tries(quiet[1], quiet[0]))
    budget = "≥ 200/s PostgreSQL, 150/s SQLite; ≥ 0.55 × the other; 0 errors"
    figures = [Figure("P8", "save a visit, 8 clients", budget, *told)]

    busy: list[Series] = []
    for side in sides:
        path = stage.xlsx("more", stage.children, side.door.BESIDE[0])
        storm = storming(side, lambda side=side, path=path: side.importing(path, stage.seconds))
        busy += harness.turns(stage.rounds, storm)
    for side in sides:
        side.whole()
    shown = [f"{writes(told)}; {told.rate / still.rate:.2f} of quiet" for told, still in zip(busy, quiet, strict=True)]
    told = (shown[1], shown[0], quotient(busy[1].rate, busy[0].rate), tries(busy[1], busy[0]))
    return [*figures, Figure("P8", "save a visit during an import", "≥ 0.7 × its own quiet rate; 0 errors", *told)]


P3_SIDES = ("splink", "recordlinkage")
PATIENCE = 1200  # seconds the other engines have for one turn


def p3_reconcile(stage: Stage) -> list[Figure]:
    """A roll beside archives: our engine, Splink untuned and recordlinkage in turns, each in a process of its own; then
    ours from the database to heaps written."""
    told: dict[str, list[dict]] = {"ours": [], **{side: [] for side in P3_SIDES}}
    given_up: set[str] = set()
    for turn in range(stage.rounds):
        for side in [one for one in told if one not in given_up]:
            try:
                got = _linked_once(stage, side)
            except subprocess.TimeoutExpired:
                if side == "ours":
                    raise
                given_up.add(side)
                continue
            told[side].append(got)
            harness.keep_line({"row": "P3", "side": side, "turn": turn} | got)
    figures = []
    mine = told["ours"]
    for side in P3_SIDES:
        shown, ratio = f"not done in {PATIENCE // 60} minutes", None
        if side not in given_up:
            shown, ratio = _linked(told[side]), _mean(mine, "seconds") / _mean(told[side], "seconds")
        title = f"reconcile, engine; the other {'Splink untuned' if side == 'splink' else side}"
        budget = "≤ 6 s (100k), ≤ 40 s (1M), ≤ 3 GB; list P and R ≥ 0.99"
        turns = f"{len(mine)} + {len(told[side])}"
        figures.append(Figure("P3", title, budget, _linked(mine), shown, ratio, turns))
    with stage.fresh("bench_lists") as address:
        var = Path(mkdtemp(prefix="var-", dir=stage.folder))
        environment = ours.environment(address, var)
        harness.run(["-m", "bench.product", "prepare"], environment)
        given = ["--size", str(stage.children), "--seed", str(stage.seed + 10)]
        harness.run(["-m", "bench.lists_product", "places", *given], environment)
        loads = [["-m", "bench.lists_product", what, *given] for what in ("archives", "lists")]
        with ThreadPoolExecutor(1 if stage.database == "sqlite" else len(loads)) as pool:  # SQLite has one writer
            list(pool.map(lambda load: harness.run(load, environment, 7200), loads))
        heaps = str(var / "heaps.json")
        got = harness.run(["-m", "bench.lists_product", "reconcile", heaps], environment, 7200)
        got |= harness.run(["-m", "bench.lists_product", "check", heaps, *given], environment, 7200)
        harness.keep_line({"row": "P3", "side": "ours, end to end", "turn": 0} | got)
    shown = _linked([got])
    figures.append(Figure("P3", "reconcile, end to end", "≤ 25 s (100k), ≤ 6 min (1M)", shown, "–", None, "1 + 0"))
    return figures


def _linked_once(stage: Stage, side: str) -> dict:
    """One turn of one engine, the making of the people inside its patience but not inside its clock."""
    given = ["--size", str(stage.children), "--seeds", str(stage.seed + 10), "--side", side]  # 1 to 3 fixed the weights
    arguments = ["-W", "ignore", "-m", "bench.linkage", "time", *given]
    return harness.run(arguments, {"TONGXING_VAR": str(stage.folder / "linkage")}, PATIENCE)


def _mean(told: list[dict], name: str) -> float:
    return sum(one[name] for one in told) / len(told)


def _linked(told: list[dict]) -> str:
    one = told[-1]
    return (
        f"{_mean(told, 'seconds'):.1f} s, {_mean(told, 'cpu'):.1f} s of processor, peak {one['peak_mb']} MB; "
        f"list P {one['none_precision']:.4f} R {one['none_recall']:.4f}"
    )


ROWS = {
    "P1": p1_import,
    "P2": p2_again,
    "P3": p3_reconcile,
    "P4": p4_list,
    "P5": p5_search,
    "P6": p6_child,
    "P7": p7_today,
    "P8": p8_save,
    "P9": p9_figures,
    "P10": p10_first_paint,
    "P12": p12_at_rest,
    "P13": p13_from_a_clone,
}
