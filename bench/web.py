"""A browser's part of HTTP on a plain socket: keep-alive, cookies, forms. Loopback only; little of the shared cores."""

import select
import socket
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode

TIMEOUT = 30  # seconds a single answer may take


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
    """One keep-alive connection with a cookie jar."""

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
        """One exchange; for a question, a connection the server closes meanwhile is opened anew once."""
        lines = [f"{verb} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Accept-Language: {self.language}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if verb != "GET":
            lines += [f"Content-Length: {len(body)}", f"Referer: http://127.0.0.1:{self.port}{path}"]
        message = "\r\n".join([*lines, "", ""]).encode() + body
        start = time.perf_counter()
        self.drop_if_closed()
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

    def drop_if_closed(self) -> None:
        """Lets go of a connection that the server has closed while nothing was asked, as a browser does."""
        if self.socket is not None and select.select([self.socket], [], [], 0)[0]:
            self.close()

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket, self.rest = None, b""


class FormFields(HTMLParser):
    """The fields of a form as a browser would send them untouched: values of inputs, chosen options, text areas."""

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
            if (kind in ("checkbox", "radio") and "checked" not in told) or kind in ("submit", "button", "file"):
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
    """A client signed in through the page at `path`; raises ConnectionRefusedError when the page does not let it in."""
    client = Client(port)
    fields = form_fields(client.get(path).text)
    answer = client.post(path, fields | {names[0]: user, names[1]: password})
    if answer.status not in (302, 303):
        raise ConnectionRefusedError(f"sign-in at {path} answered {answer.status}")
    return client
