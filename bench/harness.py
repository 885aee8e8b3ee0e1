"""Starts a server, speaks to it as browsers do and keeps every try: loopback only, bounded counts and times, stops by pid what it started."""

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
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

HOME = Path(__file__).parent
ROOT, RAW, WORK = HOME.parent, HOME / "raw", HOME / "work"
TIMEOUT = 30  # seconds a single answer may take


class Failed(RuntimeError):
    """A server did not start, an answer was not the expected one, or a child process failed."""


# --- speaking -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Answer:
    status: int
    headers: dict[str, str]  # lower-case names; of repeated ones the last (cookies are kept by the client)
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    """One keep-alive connection with a cookie jar, on a plain socket so that the client takes little of the shared cores."""

    def __init__(self, port: int, language: str = "zh-CN") -> None:
        self.port, self.cookies, self.language = port, {}, language
        self.socket: socket.socket | None = None
        self.rest = b""

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, b"", headers)

    def post(self, path: str, fields: dict | bytes, **headers: str) -> Answer:
        """Posts a form (a dict) or a ready body (bytes, with content_type=)."""
        if isinstance(fields, dict):
            fields = urlencode(fields, doseq=True).encode()
            headers.setdefault("content_type", "application/x-www-form-urlencoded")
        return self.ask("POST", path, fields, headers)

    def ask(self, verb: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """One exchange; a connection the server has closed is opened anew once."""
        lines = [f"{verb} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Accept-Language: {self.language}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if verb != "GET":
            lines += [f"Content-Length: {len(body)}", f"Referer: http://127.0.0.1:{self.port}{path}"]
        message = "\r\n".join([*lines, "", ""]).encode() + body
        start = time.perf_counter()
        kept = self.socket is not None
        try:
            answer = self.exchange(message)
        except (ConnectionError, EOFError):
            self.close()
            if not kept or verb != "GET":  # a write is never sent twice on our own account
                raise
            answer = self.exchange(message)
        answer.seconds = time.perf_counter() - start
        return answer

    def exchange(self, message: bytes) -> Answer:
        if self.socket is None:
            self.socket, self.rest = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT), b""
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(message)
        head = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        status, headers = int(head[0].split(" ", 2)[1]), {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            headers[name] = value
            if name == "set-cookie":
                for cookie in SimpleCookie(value).values():
                    self.cookies[cookie.key] = cookie.value
        if headers.get("transfer-encoding", "").lower() == "chunked":
            parts = []
            while size := int(self.until(b"\r\n"), 16):
                parts.append(self.exactly(size + 2)[:-2])
            self.until(b"\r\n")
            body = b"".join(parts)
        else:
            body = self.exactly(int(headers.get("content-length", 0)))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body, 0.0)

    def more(self) -> None:
        got = self.socket.recv(65536)
        if not got:
            raise EOFError("the server closed the connection")
        self.rest += got

    def until(self, mark: bytes) -> bytes:
        while mark not in self.rest:
            self.more()
        found, _, self.rest = self.rest.partition(mark)
        return found

    def exactly(self, size: int) -> bytes:
        while len(self.rest) < size:
            self.more()
        found, self.rest = self.rest[:size], self.rest[size:]
        return found

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket, self.rest = None, b""


class FormFields(HTMLParser):
    """The fields of a page's form as a browser would send them untouched: value of inputs, chosen options, text areas."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted, self.inside, self.found = wanted, False, {}
        self.select = self.area = None

    def handle_starttag(self, tag: str, attributes: list) -> None:
        told = dict(attributes)
        if tag == "form":
            self.inside = self.wanted in (told.get("action") or "", told.get("id") or "", "")
        if not self.inside or "disabled" in told:
            return
        name = told.get("name")
        if tag == "input" and name:
            kind = told.get("type", "text")
            if kind in ("checkbox", "radio") and "checked" not in told or kind in ("submit", "button", "file"):
                return
            self.found[name] = told.get("value") or ("on" if kind == "checkbox" else "")
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and (self.select not in self.found or "selected" in told):
            self.found[self.select] = told.get("value") or ""
        elif tag == "textarea" and name:
            self.area, self.found[name] = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, text: str) -> None:
        if self.area:
            self.found[self.area] += text


def form_fields(html: str, form: str = "") -> dict[str, str]:
    """Name -> value of one form on a page: the one with this id or action, or all forms' fields when none is named."""
    reader = FormFields(form)
    reader.feed(html)
    return reader.found


def sign_in(
    port: int, path: str, user: str, password: str, names: tuple[str, str] = ("username", "password")
) -> Client:
    """A client signed in through the page at `path`; raises Failed when the page does not let it in."""
    client = Client(port)
    fields = form_fields(client.get(path).text)
    answer = client.post(path, fields | {names[0]: user, names[1]: password})
    if answer.status not in (302, 303):
        raise Failed(f"sign-in at {path} answered {answer.status}")
    return client


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
    """Runs uvicorn with one application on a free loopback port; yields (port, process) once `ready` answers below 500."""
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
        deadline = time.monotonic() + 30
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"the server of {application} did not start:\n{log.read_text()[-2000:]}")
            try:
                if Client(port).get(ready).status < 500:
                    break
            except (OSError, EOFError):
                pass
            time.sleep(0.1)
        yield port, process
    finally:
        stop(process)


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
    RAW.mkdir(exist_ok=True)
    with (RAW / f"{row}.jsonl").open("a", encoding="utf-8") as out:
        for seconds, status in lines:
            told = {"row": row, "side": side, "turn": turn, "ms": round(1000 * seconds, 3), "status": status}
            out.write(json.dumps(told) + "\n")


def visit(row: str, side: str, turn: int, tries: int, once: Callable[[int], Answer], warm: int = 5) -> Series:
    """One client asks one thing after another; the first `warm` are not counted. Any status but 200 is an error."""
    for number in range(warm):
        once(number)
    answers = [once(warm + number) for number in range(tries)]
    keep(row, side, turn, ((answer.seconds, answer.status) for answer in answers))
    good = [answer.seconds for answer in answers if answer.status == 200]
    return Series(side, good, len(answers) - len(good), sum(answer.seconds for answer in answers))


def _one_client(prepare, arguments, number, warm, seconds, limit, gate, out) -> None:
    """A client process: prepares, waits at the gate for the others, writes for `seconds` or `limit` tries."""
    told, span = [], 0.0
    try:
        write = prepare(number, *arguments)
        for _ in range(warm):
            write()
        gate.wait(60)
        start = time.perf_counter()
        while len(told) < limit and time.perf_counter() - start < seconds:
            begun = time.perf_counter()
            try:
                answer = write()
                told.append((answer.seconds, answer.status))
            except (OSError, EOFError):
                told.append((time.perf_counter() - begun, 0))
        span = time.perf_counter() - start
    except Exception as error:  # the parent raises it: a lost client would read as a slow server
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
) -> Series:
    """`clients` processes write at once. `prepare(number, *arguments)` runs in each (a function of a module, so that it can be
    sent there) and returns a function that makes one write and returns its Answer."""
    context = multiprocessing.get_context("spawn")
    gate, out = context.Barrier(clients), context.Queue()
    team = [
        context.Process(target=_one_client, args=(prepare, arguments, number, warm, seconds, limit, gate, out))
        for number in range(clients)
    ]
    for one in team:
        one.start()
    try:
        answers = [out.get(timeout=seconds + 120) for _ in team]
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
