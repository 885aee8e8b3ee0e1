"""Takes the pictures of the README anew: the main pages of the invented community, on a phone and at a desk.

    python tools/pictures.py [FOLDER]        docs/pictures, and with --all every width, type size and theme into FOLDER

Needs Chromium and the packages of requirements-bench.txt.
"""

import argparse
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402

from bench.installed import director, running  # noqa: E402
from tests.browser import chromium  # noqa: E402

PHONE, DESK = {"width": 375, "height": 812}, {"width": 1280, "height": 850}
LOOKS = {
    "phone": (PHONE, {}),
    "desk": (DESK, {}),
    "phone-large": (PHONE, {"type": "large"}),
    "desk-large": (DESK, {"type": "large"}),
    "phone-dark": (PHONE, {"theme": "dark"}),
    "desk-dark": (DESK, {"theme": "dark"}),
    "print": ({"width": 794, "height": 1123}, {}),  # A4 at 96 dots an inch
}
IN_README = {"today": "desk", "visit": "phone", "child": "phone", "coverage": "desk", "plan": "desk", "import": "desk"}


def addresses(page, sample: Path) -> dict[str, str]:
    """Where each picture is taken; the list is brought on the way."""
    page.goto("/")
    visit = page.locator(".duty[href*='/care/visits/new/']").first.get_attribute("href")
    child = re.search(r"new/([0-9a-f-]{36})", visit)[1]
    page.goto("/plans/plan/")  # leads to the plan in force
    plan = page.url
    page.goto("/rosters/new/")
    page.locator("input[type=file]").set_input_files(sample)
    page.get_by_role("button", name="读给我看").click()
    page.get_by_role("button", name=re.compile("^导入 .* 行$")).wait_for(timeout=60_000)
    return {
        "today": "/", "visit": visit, "child": f"/child/{child}/", "coverage": "/plans/coverage/", "plan": plan,
        "import": page.url, "upload": "/rosters/new/", "children": "/children/",
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "docs" / "pictures")
    parser.add_argument("--all", action="store_true", help="every page in every look, whole pages")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, running(Path(folder)) as (port, _), sync_playwright() as playwright:
        here = f"http://127.0.0.1:{port}"
        signed_in = [{"name": n, "value": v, "url": here} for n, v in director(Path(folder), port).cookies.items()]
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])

        def page_of(look: str):
            viewport, cookies = LOOKS[look]
            context = browser.new_context(viewport=viewport, base_url=here, locale="zh-CN", timezone_id="Asia/Shanghai")
            context.add_cookies(signed_in + [{"name": n, "value": v, "url": here} for n, v in cookies.items()])
            page = context.new_page()
            if look == "print":
                page.emulate_media(media="print")
            return page

        found = addresses(page_of("desk"), Path(folder) / "var" / "samples" / "roster-100.xlsx")
        taken = [(name, look) for name in found for look in LOOKS] if wanted.all else list(IN_README.items())
        for name, look in taken:
            page = page_of(look)
            page.goto(found[name])
            page.wait_for_load_state("networkidle")
            target = wanted.folder / (f"{name}-{look}.png" if wanted.all else f"{name}.png")
            page.screenshot(path=target, full_page=wanted.all)
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
