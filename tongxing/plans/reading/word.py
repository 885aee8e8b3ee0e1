"""A Word document read as its zip of XML: paragraphs with the numbers Word counts by itself, tables, text boxes.

Read here and not through a library because all that is wanted is the text and `numbering.xml`; python-docx leaves the
automatic numbers out, and they are what an outline stands on. A file with a document type (the door of entity attacks)
is refused, and nothing is unpacked beyond MOST bytes.
"""

import io
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from xml.etree import ElementTree

from tongxing.base.words import line
from tongxing.plans.reading.lines import LONGEST, Line, UnreadablePlan
from tongxing.plans.reading.tables import in_chinese
from tongxing.plans.reading.tables import lines as lines_of

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"  # Word's "strict" form has names of its own
MOST = 30 * 1024 * 1024
DEEPEST = 60  # tables in tables in boxes
GONE = {"del", "moveFrom", "Fallback", "instrText", "rPr", "pPr", "tblPr", "trPr", "tcPr", "sectPr"}
DRAWN = {"drawing", "pict", "object"}
APART = ("number", "owner", "due")  # columns whose words are no part of what is promised


def read_lines(content: bytes) -> list[Line]:
    """Paragraphs and rows of tables that hold text, in order. Raises UnreadablePlan."""
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
        names = set(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise UnreadablePlan("broken") from None
    if "word/document.xml" not in names:
        raise UnreadablePlan("not_word")
    document = _part(package, "word/document.xml")
    numbers = _Numbers(
        _part(package, "word/numbering.xml") if "word/numbering.xml" in names else None,
        _part(package, "word/styles.xml") if "word/styles.xml" in names else None,
    )
    reader = _Reader(numbers)
    body = document.find(f"{W}body")
    reader.blocks(body if body is not None else document, 0)
    if not reader.lines and (reader.pictures or any(name.startswith("word/media/") for name in names)):
        raise UnreadablePlan("picture")
    return reader.lines


def _part(package: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if package.getinfo(name).file_size > MOST:
        raise UnreadablePlan("too_big")
    try:
        with package.open(name) as stream:
            raw = stream.read(MOST + 1)
        if len(raw) > MOST:
            raise UnreadablePlan("too_big")
        text = raw.decode("utf-8-sig")  # as every Word writes; another encoding could hide a document type
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise UnreadablePlan("broken")
        return ElementTree.fromstring(text.replace(STRICT[1:-1], W[1:-1]).encode())  # noqa: S314  no DTD, see above
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        ValueError,
        RuntimeError,  # also zipfile's word for a way of packing it does not know
        ElementTree.ParseError,
    ):
        raise UnreadablePlan("broken") from None


def _name(element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _value(element, path: str, name="val") -> str | None:
    found = element.find(path) if element is not None else None
    return None if found is None else found.get(f"{W}{name}")


class _Reader:
    def __init__(self, numbers: "_Numbers"):
        self.numbers, self.lines, self.pictures, self.length = numbers, [], False, 0

    def add(self, text: str, cells=None) -> None:
        self.length += len(text)
        if self.length > LONGEST:
            raise UnreadablePlan("too_big")
        if text or cells:
            self.lines.append(Line(text, cells or {}))

    def blocks(self, parent, depth: int) -> None:
        if depth > DEEPEST:
            return
        for element in parent:
            name = _name(element)
            if name == "p":
                self.paragraph(element)
            elif name == "tbl":
                self.table(element)
            elif name not in GONE:
                self.blocks(element, depth + 1)

    def paragraph(self, element) -> None:
        number = self.numbers.next(element.find(f"{W}pPr"))
        for at, piece in enumerate(self.text(element).split("\n")):
            clean = line(piece)
            if clean:
                self.add(f"{number}{clean}" if at == 0 else clean)

    def text(self, element, depth: int = 0) -> str:
        found = []
        for one in element:
            name = _name(one)
            if name == "t":
                found.append(one.text or "")
            elif name in ("tab", "ptab"):
                found.append(" ")
            elif name in ("br", "cr"):
                found.append("\n")
            elif name == "noBreakHyphen":
                found.append("-")
            elif name not in GONE and depth < DEEPEST:
                if name in DRAWN:
                    self.pictures = True
                inner = self.text(one, depth + 1)
                found.append(f"\n{inner}\n" if name in ("p", "txbxContent") else inner)
        return "".join(found)

    def table(self, element) -> None:
        """Each row a line. Under a row of headings that are known, its cells are told apart by them."""
        columns: dict[int, str] = {}
        for row in element.iter(f"{W}tr"):
            written = [line(self.text(cell).replace("\n", " ")) for cell in row.iter(f"{W}tc")]
            if not any(written):
                continue
            if not columns and (known := known_columns(written)):
                columns = known
                continue
            cells = {}
            for at, meaning in columns.items():
                if at < len(written) and written[at]:
                    cells[meaning] = f"{cells[meaning]} {written[at]}" if meaning in cells else written[at]
            said = [cell for at, cell in enumerate(written) if cell and columns.get(at) not in APART]
            self.add(" ".join(said), cells if {"text", "goal"} & cells.keys() else None)


def known_columns(written: list[str]) -> dict[int, str]:
    """Which cell holds what, when this is the row of headings of a table of goals or measures; else nothing."""
    meanings = {words: meaning for meaning, words in lines_of("columns.tsv")}
    found = {at: meanings[text] for at, cell in enumerate(written) if (text := cell.replace(" ", "")) in meanings}
    return found if len(found) >= 2 and {"text", "goal"} & set(found.values()) else {}


# ── the numbers Word counts by itself ────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""


def _shown(value: int, form: str) -> str:
    if form in ("none", "bullet"):
        return ""
    if form.startswith(("chinese", "japaneseCounting", "taiwaneseCounting", "ideographDigital", "koreanCounting")):
        return in_chinese(value) if 0 < value < 100 else str(value)
    if form.startswith("decimalEnclosedCircle") and 1 <= value <= 20:
        return chr(0x245F + value)
    if form in ("lowerLetter", "upperLetter") and 1 <= value <= 26:
        return chr((0x60 if form == "lowerLetter" else 0x40) + value)
    return str(value)


class _Numbers:
    """Counts what Word counts: the lists of numbering.xml, asked for by a paragraph or by its style."""

    def __init__(self, numbering, styles):
        self.levels: dict[str, dict[int, _Level]] = {}  # of each abstract list
        self.lists: dict[str, str] = {}  # list → abstract list
        self.starts: dict[tuple[str, int], int] = {}  # a list's own beginnings
        self.counts: dict[str, dict[int, int]] = defaultdict(dict)
        self.begun: set[tuple[str, int]] = set()
        self.of_style: dict[str, tuple[str | None, int]] = {}
        if numbering is not None:
            self._read_numbering(numbering)
        if styles is not None:
            self._read_styles(styles)

    def _read_numbering(self, numbering) -> None:
        for abstract in numbering.iter(f"{W}abstractNum"):
            levels = self.levels[abstract.get(f"{W}abstractNumId", "")] = {}
            for one in abstract.iter(f"{W}lvl"):
                levels[_whole(one.get(f"{W}ilvl"), 0)] = _Level(
                    _whole(_value(one, f"{W}start"), 1),
                    _value(one, f"{W}numFmt") or "decimal",
                    _value(one, f"{W}lvlText") or "",
                )
        for one in numbering.iter(f"{W}num"):
            number = one.get(f"{W}numId", "")
            self.lists[number] = _value(one, f"{W}abstractNumId") or ""
            for own in one.iter(f"{W}lvlOverride"):
                if (start := _value(own, f"{W}startOverride")) is not None:
                    self.starts[number, _whole(own.get(f"{W}ilvl"), 0)] = _whole(start, 1)

    def _read_styles(self, styles) -> None:
        own, above = {}, {}
        for one in styles.iter(f"{W}style"):
            name = one.get(f"{W}styleId", "")
            about = one.find(f"{W}pPr/{W}numPr")
            own[name] = (_value(about, f"{W}numId"), _value(about, f"{W}ilvl")) if about is not None else (None, None)
            above[name] = _value(one, f"{W}basedOn")
        for name in own:
            number = level = None
            at, steps = name, 0
            while at in own and steps < DEEPEST:
                number, level = number or own[at][0], level or own[at][1]
                at, steps = above[at], steps + 1
            self.of_style[name] = number, _whole(level, 0)

    def next(self, about) -> str:
        """The number before this paragraph's text, counted on; "" without one."""
        number, level = self.of_style.get(_value(about, f"{W}pStyle") or "", (None, 0))
        if about is not None and (own := about.find(f"{W}numPr")) is not None:
            number = _value(own, f"{W}numId") or number
            level = _whole(_value(own, f"{W}ilvl"), level)
        levels = self.levels.get(self.lists.get(number or "", ""), {})
        if number in (None, "0") or level not in levels:
            return ""
        counts = self.counts[self.lists[number]]
        if (number, level) in self.starts and (number, level) not in self.begun:
            counts[level] = self.starts[number, level]
        else:
            counts[level] = counts.get(level, levels[level].start - 1) + 1
        self.begun.add((number, level))
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        shown = levels[level].text
        for at in range(level + 1):
            of = levels.get(at, _Level())
            shown = shown.replace(f"%{at + 1}", _shown(counts.get(at, of.start), of.form))
        return "" if levels[level].form in ("bullet", "none") else f"{shown} " if shown[-1:].isalnum() else shown


def _whole(text, otherwise: int) -> int:
    try:
        return int(text)
    except (TypeError, ValueError):
        return otherwise
