"""A file as it was sent becomes lines of text; what is not a text or a Word document is told what to do.

A txt is UTF-8 (with its mark or without), UTF-16 with its mark, or GB 18030, which holds GBK and GB 2312.
"""

from tongxing.base.attachments import LARGEST
from tongxing.base.words import line
from tongxing.plans.reading import word
from tongxing.plans.reading.lines import LONGEST, MOST_LINES, Line, UnreadablePlan

PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")


def read_lines(content: bytes) -> list[Line]:
    """The lines of a file that are not blank. Raises UnreadablePlan."""
    if not content:
        raise UnreadablePlan("empty_file")
    if len(content) > LARGEST:
        raise UnreadablePlan("too_big")
    refused = _other_kind(content)
    if refused:
        raise UnreadablePlan(refused)
    if content.startswith(b"PK"):
        found = word.read_lines(content)
    else:
        text = decode(content)
        if len(text) > LONGEST:
            raise UnreadablePlan("too_big")
        found = [Line(clean) for one in text.splitlines() if (clean := line(one))]
    if not found:
        raise UnreadablePlan("empty")
    if len(found) > MOST_LINES:
        raise UnreadablePlan("too_big")
    return found


def _other_kind(content: bytes) -> str:
    """The refusal for a file of another kind, whatever it is called; "" for what may be read."""
    head = content[:1024].lstrip()
    if head.startswith(b"%PDF"):
        return "pdf"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "old_word"
    if head.startswith(b"{\\rtf"):
        return "rich_text"
    if head.startswith(PICTURES):
        return "picture"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<?xml", b"mime-version:")):
        return "web_page"
    return ""


def decode(content: bytes) -> str:
    """The text of a txt file. Raises UnreadablePlan where it is none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        ways = ("utf-16",)
    elif b"\0" in content:
        raise UnreadablePlan("not_text")
    else:
        ways = ("utf-8-sig", "gb18030")
    for way in ways:
        try:
            text = content.decode(way)
        except UnicodeDecodeError:
            continue
        odd = sum(not (one.isprintable() or one.isspace()) for one in text)
        if odd * 50 < len(text):
            return text
    raise UnreadablePlan("not_text")
