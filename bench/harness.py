"""Starts servers, puts load on them and keeps every try: loopback only, bounded counts and times.

What was started is stopped by its own process id, also when a run fails.
"""

import json
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import BrokenBarrierError

from bench.web import Answer, Client

HOME = Path(__file__).parent
ROOT, RAW, WORK = HOME.parent, HOME / "raw", HOME / "work"


class Failed(RuntimeError):
    """A server did not start, an answer was not the expected one, or a child process failed."""


# --- servers and processes ------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def memory_mb(pid: int) -> float:
    """Proportional memory (PSS) of a process and its children, in MB; 0 where the system does not tell."""
    total = 0.0
    for one in [pid, *children_of(pid)]:
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1]) / 1024
    return total


def children_of(pid: int) -> list[int]:
    try:
        direct = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return direct + [deeper for one in direct for deeper in children_of(one)]


@contextmanager
def server(application: str, env: dict[str, str], ready: str, workers: int = 1, interface: str = "auto") -> Iterator:
    """Runs uvicorn on a free loopback port; yields (port, process) once the path `ready` answers."""
    port = free_port()
    WORK.mkdir(exist_ok=True)
    log = WORK / f"server-{port}.log"
    command = [sys.executable, "-m", "uvicorn", application, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--log-level", "warning", "--no-access-log", "--workers", str(workers), "--interface", interface]
    command += ["--lifespan", "off"]
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | env, stdout=out, stderr=out, start_new_session=True
        )
    try:
        until_it_answers(process, port, ready, 30, log)
        yield port, process
    finally:
        stop(process)
        log.unlink()


def until_it_answers(process: subprocess.Popen, port: int, path: str, seconds: float, log: Path) -> None:
    """Returns once the path answers; raises Failed, with the end of the log, when the process ends or is too slow."""
    deadline = time.monotonic() + seconds
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            raise Failed(f"{path} did not answer:\n{log.read_text()[-2000:]}")
        with suppress(OSError, EOFError):
            if Client(port).get(path).status < 500:
                return
        time.sleep(0.1)


def stop(process: subprocess.Popen) -> None:
    """Ends a process we started: politely, then by its own process group."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def run(arguments: list[str], env: dict[str, str], limit: float = 1800) -> dict:
    """Runs `python …` in a process of its own; returns the JSON of its last line of output."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=os.environ | env, capture_output=True, text=True, timeout=limit
    )
    if done.returncode:
        raise Failed(f"{' '.join(arguments)}:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def begin(arguments: list[str], env: dict[str, str]) -> subprocess.Popen:
    """The same, without waiting: for work that goes on beside a measurement. The caller stops it."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


# --- measuring ------------------------------------------------------------------------------------------------------


@dataclass
class Series:
    """Tries of one kind on one side; `seconds` of the successful ones, `span` the time over which parallel ones ran."""

    label: str
    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    span: float = 0.0

    def __add__(self, other: "Series") -> "Series":
        return Series(self.label, self.seconds + other.seconds, self.errors + other.errors, self.span + other.span)

    def percentile(self, share: float) -> float:
        """Milliseconds under which this share of the tries stayed."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    @property
    def p50(self) -> float:
        return self.percentile(0.50)

    @property
    def p95(self) -> float:
        return self.percentile(0.95)

    @property
    def rate(self) -> float:
        """Successful tries a second over the span."""
        return len(self.seconds) / self.span if self.span else float("nan")


def keep(row: str, side: str, turn: int, lines: Iterable) -> None:
    """Appends the raw tries to bench/raw/<row>.jsonl: row, side, turn, milliseconds, status."""
    keep_line(
        *(
            {"row": row, "side": side, "turn": turn, "ms": round(1000 * seconds, 3), "status": status}
            for seconds, status in lines
        )
    )


def keep_line(*told: dict) -> None:
    """Appends facts of one row, with the moment, to bench/raw/<row>.jsonl."""
    RAW.mkdir(exist_ok=True)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    if told:
        with (RAW / f"{told[0]['row']}.jsonl").open("a", encoding="utf-8") as out:
            out.writelines(json.dumps({"at": at} | line) + "\n" for line in told)


def visit(row: str, side: str, turn: int, tries: int, once: Callable[[int], Answer], warm: int = 5) -> Series:
    """One client asks one thing after another; the first `warm` are not counted. Any status but 200 is an error."""
    for number in range(warm):
        once(number)
    answers = [once(warm + number) for number in range(tries)]
    keep(row, side, turn, ((answer.seconds, answer.status) for answer in answers))
    good = [answer.seconds for answer in answers if answer.status == 200]
    return Series(side, good, len(answers) - len(good), sum(answer.seconds for answer in answers))


def _one_client(prepare, arguments, number, warm, seconds, limit, gate, out) -> None:
    """A client process: prepares, waits at the gate until all may start, writes for `seconds` or `limit` tries."""
    told, span = [], 0.0
    try:
        write = prepare(number, *arguments)
        for _ in range(warm):
            write()
        gate.wait(120)  # all are signed in and warm
        gate.wait(120)  # what is to run beside has begun
        start = time.perf_counter()
        while len(told) < limit and time.perf_counter() - start < seconds:
            begun = time.perf_counter()
            try:
                answer = write()
                told.append((answer.seconds, answer.status))
            except (OSError, EOFError):
                told.append((time.perf_counter() - begun, 0))
        span = time.perf_counter() - start
    except Exception as error:  # noqa: BLE001 the parent raises it: a lost client would read as a slow server
        gate.abort()
        out.put((str(error) or repr(error), told, span))
    else:
        out.put(("", told, span))


def storm(
    row: str,
    side: str,
    turn: int,
    prepare: Callable,
    arguments: tuple,
    clients: int = 8,
    seconds: float = 8,
    limit: int = 5000,
    warm: int = 10,
    good: tuple[int, ...] = (200, 201, 302, 303),
    beside: Callable[[], AbstractContextManager] = nullcontext,
) -> Series:
    """`clients` processes write at once.

    `prepare(number, *arguments)` runs in each (a function of a module, so that it can be sent there) and returns a
    function that makes one write and returns its Answer. `beside()` is entered when all clients are warm, and left when
    they have done: what must run meanwhile.
    """
    context = multiprocessing.get_context("spawn")
    gate, out = context.Barrier(clients + 1), context.Queue()
    team = [
        context.Process(target=_one_client, args=(prepare, arguments, number, warm, seconds, limit, gate, out))
        for number in range(clients)
    ]
    answers: list = []
    for one in team:
        one.start()
    try:
        with suppress(BrokenBarrierError):  # a client that failed has broken it, and tells why below
            gate.wait(120)
            with beside():
                gate.wait(120)
                answers = [out.get(timeout=seconds + 120) for _ in team]
        if not answers:
            answers = [out.get(timeout=30) for _ in team]
    finally:
        for one in team:
            one.join(10)
            if one.is_alive():
                one.terminate()
    if problems := [problem for problem, _, _ in answers if problem]:
        raise Failed(f"{row} {side}: {problems[0]}")
    tries = [entry for _, told, _ in answers for entry in told]
    keep(row, side, turn, tries)
    done = [taken for taken, status in tries if status in good]
    return Series(side, done, len(tries) - len(done), max(span for _, _, span in answers))


def turns(rounds: int, *sides: Callable[[int], Series]) -> list[Series]:
    """Runs the sides in turns (A B A B …) and adds up each side's tries."""
    totals: list[Series | None] = [None] * len(sides)
    for turn in range(rounds):
        for place, side in enumerate(sides):
            got = side(turn)
            totals[place] = got if totals[place] is None else totals[place] + got
    return totals
