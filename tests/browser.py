"""A real browser on a real server: the fixtures of tests/stories, and what is asked of every page there.

    def test_story(site, phone, cast):
        phone.goto(site.url)
        ...
        page_is_sound(phone)

`phone` (375 px, touch), `narrow` (320 px) and `desktop` (1280 px) are pages of one browser, each signed in apart. A
test fails when the console shows an error, a request fails, the server answers 5xx, or a page reaches for another
machine.
"""

import logging
import os
import re
import shutil
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

PROJECT = Path(__file__).resolve().parent.parent
AXE = PROJECT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = PROJECT / "test-results"
SWITCHES = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
DEVICES = {
    "phone": {
        "viewport": {"width": 375, "height": 812},
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
    },
    "narrow": {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True},
    "desktop": {"viewport": {"width": 1280, "height": 800}},
}
outcome = pytest.StashKey[dict]()


def chromium() -> str | None:
    """The path of a Chromium on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


# ── the server ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Complaints(logging.Handler):
    """Keeps what the server logs as an error."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record):
        self.heard.append(self.format(record))


class LiveSite:
    """The product as in production: its ASGI application on uvicorn, static files by their hashed names."""

    def __init__(self):
        import uvicorn

        from tongxing.asgi import application

        config = uvicorn.Config(
            application, host="127.0.0.1", port=0, lifespan="off", ws="none", log_config=None, access_log=False
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, name="live site", daemon=True)

    def start(self):
        self.thread.start()
        until = time.monotonic() + 20
        while not self.server.started:
            if not self.thread.is_alive() or time.monotonic() > until:
                raise RuntimeError("the live site did not start")
            time.sleep(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def stop(self):
        self.server.should_exit = True
        self.thread.join(20)

    def __str__(self):
        return self.url


@pytest.fixture
def site(transactional_db):
    """The running site; `.url` is its address. Errors it logs fail the test."""
    complaints = Complaints()
    loggers = [logging.getLogger(name) for name in ("django.request", "uvicorn.error", "tongxing")]
    for logger in loggers:
        logger.addHandler(complaints)
    site = LiveSite()
    site.start()
    try:
        yield site
    finally:
        site.stop()
        for logger in loggers:
            logger.removeHandler(complaints)
    assert not complaints.heard, "the server complained:\n" + "\n".join(complaints.heard)


# ── the browser ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.stash.setdefault(outcome, {})[report.when] = report.failed
    return report


@pytest.fixture(scope="session")
def browser():
    """Chromium, one for the session; without one the tests that need it are skipped with the reason."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium fonts-noto-cjk)")
    from playwright.sync_api import sync_playwright

    switches = SWITCHES + (["--no-sandbox"] if os.geteuid() == 0 or os.environ.get("CI") else [])
    # Playwright keeps an event loop in this thread; tests that follow may use the database all the same.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=switches)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Watch:
    """What goes wrong on a page while a test looks elsewhere. A test that provokes an error names it in `allowed`."""

    def __init__(self, page):
        self.wrong: list[str] = []
        self.allowed: list[str] = []
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.wrong.append(f"script error: {error}"))
        page.on("requestfailed", self.on_failed)
        page.on("request", self.on_request)
        page.on("response", lambda answer: answer.status >= 500 and self.wrong.append(f"{answer.status}: {answer.url}"))

    def on_console(self, message):
        # Going to another page cuts off what is under way; htmx says so by these two. A refused or broken request has
        # other names (responseError, sendError), and its own line here.
        left = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
        if message.type == "error" and not left:
            self.wrong.append(f"console: {message.text} ({message.location.get('url', '')})")

    def on_failed(self, request):
        if request.failure != "net::ERR_ABORTED":  # left by going to another page
            self.wrong.append(f"failed: {request.url}: {request.failure}")

    def on_request(self, request):
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            self.wrong.append(f"reached for another machine: {request.url}")

    def remaining(self) -> list[str]:
        return [wrong for wrong in self.wrong if not any(re.search(pattern, wrong) for pattern in self.allowed)]


@pytest.fixture
def open_page(browser, site, request):
    """open_page("phone") is a fresh page on that device, as a person who is not signed in."""
    opened = []

    def open_page(device: str, **wanted):
        context = browser.new_context(
            **(DEVICES[device] | {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "base_url": site.url} | wanted)
        )
        context.set_default_timeout(30_000)  # milliseconds: machines are shared
        page = context.new_page()
        page.watch = Watch(page)
        opened.append((device, page))
        return page

    yield open_page
    wrong = []
    failed = request.node.stash.get(outcome, {}).get("call")
    for number, (device, page) in enumerate(opened):
        wrong += [f"{device}: {one}" for one in page.watch.remaining()]
        if failed:
            PICTURES.mkdir(exist_ok=True)
            name = re.sub(r"[^\w-]+", "-", request.node.nodeid.partition("::")[2])
            page.screenshot(path=PICTURES / f"{name}-{number}-{device}.png", full_page=True)
        page.context.close()
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def phone(open_page):
    return open_page("phone")


@pytest.fixture
def narrow(open_page):
    return open_page("narrow")


@pytest.fixture
def desktop(open_page):
    return open_page("desktop")


# ── what is asked of a page ─────────────────────────────────────────────────────────────────────────────────────────

# Everything a page still waits for: its own document, and what htmx has asked for.
SETTLED = """() => new Promise(resolve => {
  const look = () => document.readyState === 'complete' && !document.querySelector('.htmx-request')
    ? resolve() : setTimeout(look, 20);
  look();
})"""

WIDER = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const found = [...document.body.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > room + 1);
  return [document.documentElement.scrollWidth + ' px in ' + room + ' px', ...found.slice(0, 5).map(one =>
    one.tagName.toLowerCase() + (one.id ? '#' + one.id : '') + (one.className.baseVal ?? '.' + one.className))];
}"""

TO_THE_TOP = """() => {
  window.walked = new Map();
  document.body.tabIndex = -1;  // blur alone would leave the walk to begin behind a field with autofocus
  document.body.focus();
  document.body.removeAttribute('tabindex');
  window.scrollTo(0, 0);
}"""

FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const seen = element => {
    if (!element) return false;
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    const ring = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    return ring && box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight;
  };
  const label = one.id && document.querySelector('label[for="' + CSS.escape(one.id) + '"]');
  window.walked = window.walked || new Map();
  if (!window.walked.has(one)) window.walked.set(one, window.walked.size);
  return {
    number: window.walked.get(one),
    name: one.tagName.toLowerCase() + (one.id ? '#' + one.id : '') + ' ' +
      (one.getAttribute('aria-label') || one.innerText || (label && label.innerText) || one.name || '')
      .trim().slice(0, 30),
    visible: seen(one) || seen(label) || seen(one.parentElement.closest('label')),
  };
}"""

UNREACHED = """() => {
  const walked = window.walked || new Map();
  const groups = new Set([...walked.keys()].filter(one => one.type === 'radio').map(one => one.name));
  const active = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const missed = [...document.querySelectorAll(active)].filter(one =>
    !walked.has(one) && !one.disabled && one.tabIndex >= 0 && one.checkVisibility({visibilityProperty: true}) &&
    !(one.type === 'radio' && groups.has(one.name)));
  delete window.walked;
  return missed.map(one => one.outerHTML.slice(0, 100));
}"""

AXE_RUN = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations']});
  return found.violations.map(one => one.id + ': ' + one.help + '\\n' +
    one.nodes.slice(0, 5).map(node => '    ' + node.html.slice(0, 160)).join('\\n'));
}"""


COVERED = """() => [...document.querySelectorAll('.savebar button, .savebar a')].filter(one => {
  const box = one.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return box.bottom <= innerHeight && box.top >= 0 && box.width && !one.contains(top);
}).map(one => one.innerText)"""


def nothing_covers_what_saves(page) -> None:
    """A finger meets the button it sees at the bottom of the page."""
    covered = page.evaluate(COVERED)
    assert not covered, f"{page.url}: something lies over {covered}"


def no_sideways_scroll(page) -> None:
    """The page, with all that it asks for by itself, fits the width of its screen."""
    page.evaluate(SETTLED)
    wider = page.evaluate(WIDER)
    assert not wider, f"{page.url} scrolls sideways: {wider}"


def keyboard_walk(page, limit: int = 200) -> list[str]:
    """Walk the page with Tab alone: everything active is met, with a visible focus. Returns what was met, in order."""
    page.evaluate(TO_THE_TOP)
    met, hidden = [], []
    for _ in range(limit):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused and focused["number"] == len(met) - 1:
            continue  # a day or a time has several stops in one control
        if focused is None or focused["number"] < len(met):
            break
        met.append(focused["name"])
        if not focused["visible"]:
            hidden.append(focused["name"])
    else:
        raise AssertionError(f"{page.url}: no end after {limit} steps: {met[-3:]}")
    missed = page.evaluate(UNREACHED)
    assert not hidden, f"{page.url}: the focus cannot be seen on {hidden}"
    assert not missed, f"{page.url}: the keyboard does not reach {missed}"
    return met


def axe(page) -> None:
    """No accessibility fault that axe-core knows."""
    page.evaluate(AXE.read_text())
    faults = page.evaluate(AXE_RUN)
    assert not faults, f"{page.url}:\n  " + "\n  ".join(faults)


def page_is_sound(page) -> None:
    """What every page owes its readers: it fits, it can be walked by keyboard, axe finds nothing."""
    no_sideways_scroll(page)
    nothing_covers_what_saves(page)
    keyboard_walk(page)
    axe(page)
