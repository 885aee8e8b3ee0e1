"""What no page of ours may contain, whoever asks for it."""

import gzip
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

from django.test import Client

VOID_OF_TEXT = {"script", "style", "textarea"}


class PageReader(HTMLParser):
    """Walks an HTML answer and notes its faults as sentences."""

    def __init__(self, html: str):
        super().__init__()
        self.faults: list[str] = []
        self.ids: set[str] = set()
        self.labels: set[str] = set()
        self.whole = False
        self.inside: list[str] = []
        self.scripts: list[str] = []  # those that stand in the page, for the policy to know
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        where = f"<{tag}> at line {self.getpos()[0]}"
        if tag == "html":
            self.whole = True
            if not given.get("lang"):
                self.faults.append("<html> has no lang")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.scripts.append("")
        if tag == "style" and "data-sheet" not in given:  # the product's own, in the first page (base.sending)
            self.faults.append(f"inline style sheet: {where}")
        for name, value in attributes:
            self.read_attribute(name, value or "", where)
        if name := given.get("id"):
            if name in self.ids:
                self.faults.append(f"id {name!r} stands twice: {where}")
            self.ids.add(name)
        if tag == "label" and given.get("for"):
            self.labels.add(given["for"])
        if tag in VOID_OF_TEXT:
            self.inside.append(tag)

    def read_attribute(self, name, value, where):
        if name.startswith("on") or value.strip().lower().startswith("javascript:"):
            self.faults.append(f"inline script {name}= in {where}")
        if name == "style":
            self.faults.append(f"style= in {where}")
        if "{{" in value or "{%" in value:
            self.faults.append(f"template source {name}={value!r} in {where}")

    def handle_endtag(self, tag):
        if tag in VOID_OF_TEXT and self.inside:
            self.inside.pop()

    def handle_data(self, text):
        if self.inside and self.inside[-1] == "script" and self.scripts:
            self.scripts[-1] += text
        if not self.inside and ("{{" in text or "{%" in text):
            self.faults.append(f"template source in the text at line {self.getpos()[0]}: {text.strip()[:60]!r}")

    def all_faults(self) -> list[str]:
        lost = sorted(self.labels - self.ids)
        return self.faults + [f"a label stands for {name!r}, which is not there" for name in lost]


def check_page(response) -> None:
    """Fail when an HTML answer has inline script or style, template source, no language, or a loose policy."""
    if response.streaming or not response.get("Content-Type", "").startswith("text/html") or not response.content:
        return
    packed = response.get("Content-Encoding") == "gzip"
    reader = PageReader((gzip.decompress(response.content) if packed else response.content).decode())
    faults = reader.all_faults()
    if reader.whole:
        policy = response.get("Content-Security-Policy", "")
        if "script-src 'self'" not in policy or "unsafe" in policy:
            faults.append(f"the Content-Security-Policy is {policy!r}")
        known = (b64encode(sha256(script.encode()).digest()).decode() for script in reader.scripts)
        faults += [f"inline script that the policy does not know: {one}" for one in known if one not in policy]
    asked = response.wsgi_request.get_full_path() if hasattr(response, "wsgi_request") else ""
    assert not faults, f"{asked} ({response.status_code}):\n  " + "\n  ".join(faults)


class ReadingClient(Client):
    """Django's test client; every HTML answer is checked."""

    def request(self, **environment):
        response = super().request(**environment)
        check_page(response)
        return response
