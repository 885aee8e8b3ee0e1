"""Rows of the product as it is installed: first paint, memory at rest, and the way from a clone to the first page."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import mkdtemp

from bench import harness, ours, web
from bench.report import Figure

CHILDREN, DIRECTOR = 103, "lichunmei"  # of the invented community
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}  # bytes a second
SLOWER_BY = 6  # times a processor of a cheap phone is slower than a good desktop's
DESKTOP = 1750  # what `INDEX` counts there: 1,500 to 2,000 by Lighthouse's docs/throttling.md, whose index it is
PHONE = {"width": 375, "height": 812}
PAINTED = """() => new Promise(resolve => {
  const look = () => {
    const found = performance.getEntriesByName('first-contentful-paint')[0];
    found ? resolve(found.startTime) : setTimeout(look, 50);
  };
  look();
})"""
SENT = """() => [performance.getEntriesByType('navigation')[0], ...performance.getEntriesByType('resource')]
  .reduce((sum, one) => sum + one.encodedBodySize, 0)"""
INDEX = """() => {
  const each = (work, step) => {
    const end = performance.now() + 500;
    let done = 0;
    do { for (let n = 0; n < step; n++) work(done++); } while (performance.now() < end);
    return done / 10 / (0.5 + (performance.now() - end) / 1000);
  };
  const built = each(() => { let text = ''; for (let n = 0; n < 10000; n++) text += 'a'; return text; }, 1);
  const lists = [0, 1].map(() => Array.from({ length: 100000 }, (_, n) => n));
  const copied = each(turn => {
    const from = lists[turn % 2], to = lists[1 - turn % 2];
    for (let n = 0; n < from.length; n++) to[n] = from[n];
  }, 10);
  return (built + copied) / 2;
}"""


@contextmanager
def running(
    folder: Path, python: str = sys.executable, root: Path = harness.ROOT
) -> Iterator[tuple[int, subprocess.Popen]]:
    """`tongxing run --demo` in a data folder of its own; yields (port, process) once a page answers."""
    port, log = harness.free_port(), folder / "run.log"
    command = [python, "-m", "tongxing.cli", "run", "--demo", "--json", "--port", str(port)]
    env = os.environ | {"TONGXING_VAR": str(folder / "var"), "PYTHONPATH": ""}
    env.pop("DATABASE_URL", None)
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=root, env=env, stdout=out, stderr=out, start_new_session=True)
    try:
        harness.until_it_answers(process, port, ours.SIGN_IN, 300, log)
        yield port, process
    finally:
        harness.stop(process)


def director(folder: Path, port: int) -> web.Client:
    """Signed in as the invented community's director, by what the start prints."""
    told = json.loads((folder / "run.log").read_text().splitlines()[0])
    (found,) = (one for one in told["sign_ins"] if one["login"] == DIRECTOR)
    return web.sign_in(port, ours.SIGN_IN, found["login"], found["password"], names=("login", "password"))


def p10_first_paint(stage) -> list[Figure]:
    from playwright.sync_api import sync_playwright

    from tests.browser import chromium

    folder = Path(mkdtemp(prefix="paint-", dir=stage.folder))
    with running(folder) as (port, _), sync_playwright() as playwright:
        client = director(folder, port)
        address = f"http://127.0.0.1:{port}"
        cookies = [{"name": name, "value": value, "url": address} for name, value in client.cookies.items()]
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        index = median(browser.new_page().evaluate(INDEX) for _ in range(5))
        alike = max(1.0, round(SLOWER_BY * index / DESKTOP, 1))  # of this machine: the same phone everywhere
        painted: dict[float, list[float]] = {alike: [], SLOWER_BY: []}
        sent = 0
        # The turn before the first is not counted: server and browser are warm, the cache is empty every time.
        for turn in range(-1, 2 * stage.rounds + 1):
            for slower, times in painted.items():
                context = browser.new_context(viewport=PHONE, device_scale_factor=2)
                context.add_cookies(cookies)
                page = context.new_page()
                session = context.new_cdp_session(page)
                session.send("Network.enable")
                session.send("Network.emulateNetworkConditions", SLOW)
                session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
                page.goto(address + "/")
                took, sent = page.evaluate(PAINTED), page.evaluate(SENT)
                if turn >= 0:
                    times.append(took)
                line = {"row": "P10", "side": "ours", "turn": turn, "slower": slower, "index": round(index)}
                harness.keep_line(line | {"ms": took, "bytes": sent})
                context.close()
        browser.close()
    shown = f"{median(painted[alike]):.0f} ms (longest {max(painted[alike]):.0f}), {sent / 1000:.0f} KB; this machine"
    shown += f" counts {index:,.0f}, so ÷ {alike}; at ÷ {SLOWER_BY} {median(painted[SLOWER_BY]):.0f} ms"
    budget = f"≤ 1,000 ms, ≤ 120 KB; ÷ {SLOWER_BY} of an index of {DESKTOP:,}"
    title = "first paint of today on a slow phone"
    return [Figure("P10", title, budget, shown, "–", None, str(len(painted[alike])), CHILDREN)]


def p12_at_rest(stage) -> list[Figure]:
    folder = Path(mkdtemp(prefix="rest-", dir=stage.folder))
    with running(folder) as (port, process):
        client = director(folder, port)
        for path in ("/", "/children/", "/plans/coverage/"):
            client.get(path)
        time.sleep(30)
        memory = harness.memory_mb(process.pid)
    harness.keep_line({"row": "P12", "side": "ours", "turn": 0, "mb": memory})
    return [Figure("P12", "memory at rest, web and worker", "≤ 280 MB", f"{memory:.0f} MB", "–", None, "1", CHILDREN)]


def p13_from_a_clone(stage) -> list[Figure]:
    folder = Path(mkdtemp(prefix="clone-"))
    try:
        subprocess.run(["git", "clone", "--quiet", str(harness.ROOT), str(folder / "tongxing")], check=True)
        root = folder / "tongxing"
        begun = time.monotonic()
        env = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "TONGXING_VAR")}
        done = subprocess.run(["tools/setup.sh"], cwd=root, env=env, capture_output=True, text=True)
        if done.returncode:
            raise harness.Failed(done.stderr[-2000:])
        set_up = time.monotonic() - begun
        with running(folder, str(root / ".venv/bin/python"), root):
            whole = time.monotonic() - begun
        split = "; ".join(" ".join(line.split()) for line in done.stdout.splitlines() if line.startswith("  "))
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=True)
    harness.keep_line({"row": "P13", "side": "ours", "turn": 0, "seconds": whole, "setup": set_up, "split": split})
    shown = f"{whole:.0f} s: setup {set_up:.0f} s ({split}), demo and start {whole - set_up:.0f} s"
    budget = "≤ 60 s, demo ≤ 20 s of it"
    return [Figure("P13", "from a clone to the first page", budget, shown, "–", None, "1", CHILDREN)]
