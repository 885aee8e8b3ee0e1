"""A thousand files mutated from the habits: read or refused with a sentence; no other error, none for long."""

import io
import json
import os
import random
import re
import resource
import signal
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from tongxing.base import clock, excel
from tongxing.base.excel import UnreadableFile
from tongxing.base.excel_reader import read
from tongxing.rosters.sheets import read_line, read_pages

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).resolve().parent / "habits" / "files"
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".json")
BATCHES, EACH = 10, 100
LONGEST = 30  # seconds
NASTY = (
    "", " ", "=1+1", "@SUM(A1)", "-", "\u202e\u200b\ufeff", "\U0001f600" * 50, "姓名", "合计", "塘下组", "三(2)班",
    "(" * 3000, "父" * 5000, "：" * 3000, "a " * 5000, "/" * 3000, "1" * 40000, "父：" * 2000, "14000000001" * 500,
    "□☑" * 1000, "二〇" * 1000, "9.9E+307", "-1E-300", "0000-00-00", "２０１５年１３月４５日", "99999999", "0",
    "2958466", "1e400", "NaN", "同上", "√", "&#0;", "、，；/" * 800, "年级班" * 900, "(父)" * 1500, "三" * 900 + "班",
    "2015." * 900,
)  # fmt: skip
SHEET_PARTS = (
    (r'r="[A-Z]+\d+"', ('r="XFD1048576"', 'r="A0"', 'r=""', 'r="ZZZZZ9"', 'r="a1"', "")),
    (r'(?<=<mergeCell )ref="[^"]*"', ('ref="A1:XFD1048576"', 'ref="C9:A1"', 'ref="A1"', "")),
    (r' t="\w+"', (' t="s"', ' t="e"', ' t="b"', ' t="d"', ' t="str"', ' t="?"', "")),
    (r' s="\d+"', (' s="0"', ' s="99999"', ' s="-1"')),
    (r"<v>[^<]*</v>", ("<v/>", f"<v>{'9' * 20}</v>", "<v>-5</v>", "<v>x</v>", "<v>1e308</v>", "<v>60</v>")),
    (r'numFmtId="\d+"', ('numFmtId="57"', 'numFmtId="17"', 'numFmtId="x"', 'numFmtId="46"')),
    (r'formatCode="[^"]*"', ('formatCode="yyyy"', 'formatCode="m&quot;"', 'formatCode="[h]:mm"')),
    (r"</?\w+", ("<x", "</row", "<c", "")),
    (r'(Target|name|Id|date1904)="[^"]*"', (r'\1=""', r'\1="../../x"', r'\1="true"')),
)  # fmt: skip


def forked(arguments, *, stdout, **settings):
    """The reading process without a new interpreter: the same limits, a tenth of the time."""
    limits = json.loads(arguments[-1])
    answers, written = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_AS, (limits["max_memory"] + 2**31, resource.RLIM_INFINITY))
            resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST + 1))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what the parser says as it dies
            with open(stdout.fileno(), "wb", closefd=False) as out:
                answer = read(settings["input"], out, limits)
            os.write(written, json.dumps(answer).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(written)
    with open(answers, "rb") as said:
        answer = said.read()
    os.waitpid(child, 0)
    return SimpleNamespace(stderr=answer)


def mutant(number: int) -> tuple[str, bytes]:
    """The number-th file: which it was, and what became of it."""
    chance = random.Random(number)
    path = FILES[number % len(FILES)]
    content = path.read_bytes()
    ways = [by_bytes, by_bytes]
    if content.startswith(b"PK"):
        ways = [by_bytes, by_structure, by_structure, by_values, by_values]
    elif path.suffix in (".csv", ".txt") and b"\0" not in content:
        ways = [by_bytes, by_lines]
    return path.stem, chance.choice(ways)(content, chance)


def by_bytes(content: bytes, chance) -> bytes:
    made = bytearray(content)
    for _at in range(chance.choice((1, 3, 20))):
        at = chance.randrange(len(made))
        way = chance.randrange(5)
        if way == 0:
            made[at] = chance.randrange(256)
        elif way == 1:
            del made[at : at + chance.choice((1, 16, 4000))]
        elif way == 2:
            made[at:at] = made[max(at - 40, 0) : at]
        elif way == 3:
            made[at : at + 4] = chance.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"PK\3\4"))
        else:
            made[at:at] = chance.choice((b"\0", b'"', b"\xff\xfe", b"\x80", b"\n" * 50))
        if not made:
            return b"\0"
    return bytes(made)


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return file.getvalue()


def by_structure(content: bytes, chance) -> bytes:
    members = _members(content)
    parts = [name for name in members if name.startswith("xl/")]
    if chance.random() < 0.15:
        del members[chance.choice(parts)]
        return _packed(members)
    name = chance.choice([part for part in parts if "sheet" in part] * 3 + parts)
    text = members[name].decode("utf-8", "replace")
    for _at in range(chance.choice((1, 2, 8))):
        pattern, others = chance.choice(SHEET_PARTS)
        found = list(re.finditer(pattern, text))
        if found:
            one = chance.choice(found)
            text = text[: one.start()] + one.expand(chance.choice(others)) + text[one.end() :]
    if chance.random() < 0.1:
        text = text[: chance.randrange(len(text))]
    if chance.random() < 0.1:
        text = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]>' + text.replace(
            "<v>", "<v>&b;", 3
        )
    members[name] = text.encode()
    return _packed(members)


def by_values(content: bytes, chance) -> bytes:
    members = _members(content)
    for name in [name for name in members if re.search(r"sharedStrings|sheet\d+\.xml$", name)]:
        text = members[name].decode("utf-8", "replace")
        for _at in range(chance.choice((1, 3, 12))):
            found = list(re.finditer(r"(?<=<t>)[^<]*(?=</t>)", text))
            if found:
                one = chance.choice(found)
                said = chance.choice((*NASTY, chance.choice(found).group()))
                text = text[: one.start()] + said.replace("&", "&amp;").replace("<", "&lt;") + text[one.end() :]
        members[name] = text.encode("utf-8", "replace")
    return _packed(members)


def by_lines(content: bytes, chance) -> bytes:
    try:
        text, encoding = content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, encoding = content.decode("gb18030"), "gb18030"
    lines = text.splitlines()
    for _at in range(chance.choice((1, 3, 12))):
        at = chance.randrange(len(lines))
        cells = re.split(r"([,;\t|])", lines[at])
        cells[chance.randrange(len(cells))] = chance.choice((*NASTY, '"', ";", "\t", "\r"))
        lines[at] = "".join(cells)
        if chance.random() < 0.3:
            lines.insert(at, lines[chance.randrange(len(lines))])
    return "\n".join(lines).encode(encoding, "replace")


def read_whole(content: bytes) -> str:
    """Read to the last problem's words, as a person would meet it; how it ended."""
    today = clock.today()
    try:
        pages = read_pages(io.BytesIO(content))
    except UnreadableFile as reason:
        assert reason.code in excel.REFUSALS
        assert str(reason.text)
        return reason.code
    for page in pages:
        assert all(str(one.text) for one in page.asks)
        for line in page.lines():
            if not line.skipped:
                _facts, problems = read_line(line, today)
                assert all(str(problem.text) for problem in problems)
    return "read"


def _too_long(*_signal):
    raise TimeoutError


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of forking beside threads, in later Pythons
@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_mutated_file_is_read_or_refused_with_a_sentence(batch, monkeypatch):
    monkeypatch.setattr(excel.subprocess, "run", forked)
    was = signal.signal(signal.SIGALRM, _too_long)
    ends: dict[str, int] = {}
    try:
        for number in range(batch * EACH, (batch + 1) * EACH):
            name, content = mutant(number)
            signal.alarm(LONGEST)
            began = time.monotonic()
            try:
                end = read_whole(content)
            except Exception as error:
                error.add_note(f"mutant {number} of {name}, after {time.monotonic() - began:.1f} s")
                raise
            ends[end] = ends.get(end, 0) + 1
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, was)
    assert sum(ends.values()) == EACH
    assert ends.get("read", 0) > EACH // 5, f"too few are still lists: {ends}"


@pytest.mark.parametrize("number", range(0, BATCHES * EACH, 101))
def test_the_process_of_its_own_answers_alike(number, monkeypatch):
    _name, content = mutant(number)
    apart = read_whole(content)
    monkeypatch.setattr(excel.subprocess, "run", forked)
    assert read_whole(content) == apart
