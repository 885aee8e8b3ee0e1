"""Cells of an xlsx file whose value alone would mislead.

The parser gives a formula that was never calculated, and one that came to an error, as an empty cell. And a day that
was typed without its day of the month ("March 2015") is stored as the first of the month: only the cell's format says
so. These marks are found in the XML beforehand.
"""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from tongxing.base.excel_reader.refusals import Refused

FORMULA, ERROR, MONTH, YEAR, NO_YEAR = "=", "#", "m", "y", "d"
MOST = 1_000_000
CHUNK = 1024 * 1024
LARGEST_PART = 32 * CHUNK  # of the parts that say how the book is made
# Formats a book need not describe, in the Chinese edition (ECMA-376, 18.8.30).
BUILT_IN = dict.fromkeys((17, 27, 36, 50, 52, 57), MONTH) | dict.fromkeys((16, 28, 29, 51, 53, 54, 58), NO_YEAR)

_attribute = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_place = re.compile(rb"""(?<![\w:])r\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_any_place = re.compile(rb"""(?<![\w:])r\s*=\s*["']([A-Za-z]+)(\d+)["']""")
_far_place = re.compile(rb"""r=["'](?:[A-Za-z]{3}|[A-Za-z]{1,2}\d{6})""")
_far_cell = re.compile(rb"""<(?:\w+:)?c\b([^>]*)(?<!/)>\s*<""")
_formula = re.compile(
    rb"""<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"""
    rb"""(<(?:\w+:)?v\b[^>]*?(?:/>|>([^<]*)<))?"""
)
_error = re.compile(rb"""<(?:\w+:)?c\b([^>]*\bt=["']e["'][^>]*)>""")
_quoted = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|[_*].')


@dataclass(frozen=True)
class Marks:
    """By the sheet's place in the book, then row from 1: (column from 0, mark). `from_1904`: days count from there."""

    from_1904: bool = False
    sheets: dict[int, dict[int, list[tuple[int, str]]]] = field(default_factory=dict)


class Found:
    """Marks as they are found in one sheet, bounded over the whole book."""

    def __init__(self):
        self.count = 0
        self.rows: dict[int, list[tuple[int, str]]] = {}

    def note(self, row: int, column: int, mark: str) -> None:
        self.count += 1
        if self.count > MOST:
            raise Refused("too_big")
        self.rows.setdefault(row, []).append((column, mark))


def shown_without(code: str) -> str:
    """What a number format leaves out of a day: MONTH, YEAR (year alone) or NO_YEAR; '' when nothing, or no day."""
    plain = _quoted.sub("", code.split(";")[0]).lower()
    if re.search(r"[0#?@]|general", plain) or not re.search(r"[ymd]", plain):
        return ""
    year, month, day = ("y" in plain or "e" in plain), "m" in plain, "d" in plain
    if re.search(r"[hs]", plain) and not (year or day):
        return ""  # minutes
    if not year:
        return NO_YEAR
    return "" if day else MONTH if month else YEAR


def column_of(letters: bytes) -> int:
    at = 0
    for letter in letters:
        at = at * 26 + letter - 64
    return at - 1


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        name.decode("ascii", "replace"): html.unescape((one or other).decode("utf-8", "replace"))
        for name, one, other in _attribute.findall(tag)
    }


def _tags(part: bytes, name: str) -> list[dict[str, str]]:
    return [_attributes(tag) for tag in re.findall(rb"<(?:\w+:)?" + name.encode() + rb"\b([^>]*)>", part)]


def styles_that_hide(part: bytes) -> dict[str, str]:
    """Cell styles (their place in the list) whose format leaves out a part of the day."""
    formats = {one.get("numFmtId"): shown_without(one.get("formatCode", "")) for one in _tags(part, "numFmt")}
    cells = re.search(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", part, re.DOTALL)
    found = {}
    for at, style in enumerate(_tags(cells[0], "xf") if cells else ()):
        number = style.get("numFmtId", "0")
        kind = formats[number] if number in formats else BUILT_IN.get(int(number) if number.isdecimal() else 0, "")
        if kind:
            found[str(at)] = kind
    return found


def marks_of_book(content: bytes, limits: dict) -> Marks:
    """The marks of an xlsx file that has passed check_zip; Refused where a cell stands too far out.

    The parser lays a sheet out whole, from its first cell to its last: one cell in the far corner is gigabytes.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = set(archive.namelist())
        book = _part(archive, "xl/workbook.xml", names)
        targets = {one.get("Id"): one.get("Target", "") for one in _tags(
            _part(archive, "xl/_rels/workbook.xml.rels", names), "Relationship")}  # fmt: skip
        hiding = styles_that_hide(_part(archive, "xl/styles.xml", names))
        properties = (_tags(book, "workbookPr") or [{}])[0]
        sheets, found = {}, Found()
        for index, sheet in enumerate(_tags(book, "sheet")):
            target = targets.get(next((said for name, said in sheet.items() if name.endswith(":id")), ""), "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if path in names:
                found.rows = {}
                with archive.open(path) as part:
                    _marks_of_sheet(part, hiding, found, limits)
                if found.rows:
                    sheets[index] = found.rows
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        RuntimeError,  # also zipfile's word for a way of packing it does not know
        ValueError,
        OSError,
        EOFError,
        KeyError,
    ):
        raise Refused("broken") from None
    return Marks(properties.get("date1904") in ("1", "true"), sheets)


def _part(archive, name: str, names: set[str]) -> bytes:
    if name not in names:
        return b""
    with archive.open(name) as part:
        return part.read(LARGEST_PART)


def _pieces(part) -> Iterator[bytes]:
    """The part in pieces that end with a row."""
    kept = b""
    while chunk := part.read(CHUNK):
        piece = kept + chunk
        end = max(piece.rfind(b"</row>"), piece.rfind(b":row>"))
        if end < 0 and len(piece) < 8 * CHUNK:
            kept = piece
            continue
        yield piece[:end] if end > 0 else piece
        kept = piece[end:] if end > 0 else b""
    yield kept


def _marks_of_sheet(part, hiding: dict[str, str], found: Found, limits: dict) -> None:
    styles = b"|".join(name.encode() for name in hiding)
    styled = re.compile(rb"""<(?:\w+:)?c\b([^>]*\bs\s*=\s*["'](""" + styles + rb""")["'][^>]*)>""") if hiding else None
    for piece in _pieces(part):
        _check_places(piece, limits)
        # Plain searches come first: they cost a hundredth of a pattern's, and most pieces hold none of these.
        for match in _formula.finditer(piece) if b"<f" in piece or b":f" in piece else ():
            if _without_value(match):
                _note(found, match[1], FORMULA)
        for match in _error.finditer(piece) if b't="e"' in piece or b"t='e'" in piece else ():
            _note(found, match[1], ERROR)
        for match in styled.finditer(piece) if styled else ():
            _note(found, match[1], hiding[match[2].decode()])


def _check_places(piece: bytes, limits: dict) -> None:
    for match in _far_cell.finditer(piece) if _far_place.search(piece) else ():
        place = _place.search(match[1]) or _any_place.search(match[1])
        if place and (len(place[1]) > 3 or column_of(place[1]) >= limits["max_columns"]):
            raise Refused("too_many_columns")
        if place and int(place[2]) > limits["max_rows"]:
            raise Refused("too_many_rows")


def _without_value(match) -> bool:
    """A formula whose value is missing, or zero: programs write that for lack of one, and an empty cell gives it."""
    kind = _attributes(match[1]).get("t", "n")
    if kind == "str":
        return match[2] is None  # one that is there and empty is a text without letters
    value = (match[3] or b"").strip()
    return not value or (kind == "n" and not value.strip(b"0."))


def _note(found: Found, tag: bytes, mark: str) -> None:
    place = _place.search(tag)
    if place:
        found.note(int(place[2]), column_of(place[1]), mark)
    elif mark == FORMULA:  # it cannot be said which cell
        raise Refused("formulas")
