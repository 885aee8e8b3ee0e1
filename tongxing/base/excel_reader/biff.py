"""Cells of an old xls file whose value alone would mislead; what marks.py does for xlsx.

The file is a small file system (MS-CFB) with the book as one stream of records (MS-XLS).
"""

import struct

from tongxing.base.excel_reader.marks import BUILT_IN, ERROR, FORMULA, Found, Marks, shown_without
from tongxing.base.excel_reader.refusals import Refused

END = 0xFFFFFFFA  # above it, numbers of sectors are marks
BOF, EOF, FILEPASS, DATEMODE, XF, FORMAT, BOUNDSHEET = 0x0809, 0x000A, 0x002F, 0x0022, 0x00E0, 0x041E, 0x0085
NUMBER, RK, MULRK, BOOLERR, FORMULAS = 0x0203, 0x027E, 0x00BD, 0x0205, (0x0006, 0x0206, 0x0406)
BIFF8 = 0x0600
ROOT = 5  # of the kinds of entries in the directory


def marks_of_old_book(content: bytes) -> Marks:
    """The marks of an xls file; raises Refused."""
    try:
        return _marks(_book(content))
    except (struct.error, IndexError):
        raise Refused("broken") from None


# ── the file system ──────────────────────────────────────────────────────────────────────────────────────────────────


def _chain(at: int, table: list[int], read) -> bytes:
    """The sectors that follow one another from here."""
    pieces = []
    while at < END:
        if len(pieces) > len(table):
            raise Refused("broken")  # it goes round in a ring
        pieces.append(read(at))
        at = table[at]
    return b"".join(pieces)


def _names(directory: bytes) -> dict[str, tuple[int, int]]:
    """The streams: where each begins, and its length; the stream of small ones is ""."""
    found = {}
    for at in range(0, len(directory) - 127, 128):
        length = min(struct.unpack_from("<H", directory, at + 64)[0], 64)
        name = directory[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
        found.setdefault("" if directory[at + 66] == ROOT else name, struct.unpack_from("<II", directory, at + 116))
    return found


def _book(content: bytes) -> bytes:
    """The stream of the book."""
    shift, mini_shift = struct.unpack_from("<HH", content, 30)
    if not 7 <= shift <= 16 or not 4 <= mini_shift < shift:
        raise Refused("broken")
    size = 1 << shift
    first_directory, _, cutoff, first_mini = struct.unpack_from("<IIII", content, 48)
    first_more, more = struct.unpack_from("<II", content, 68)
    entries = size // 4

    def sector(at: int) -> bytes:
        return content[(at + 1) * size : (at + 2) * size]

    tables = list(struct.unpack_from("<109I", content, 76))
    while more and first_more < END and len(tables) * size <= len(content):
        numbers = struct.unpack_from(f"<{entries}I", sector(first_more))
        tables += numbers[:-1]
        first_more, more = numbers[-1], more - 1
    fat: list[int] = []
    for at in tables:
        if at < END:
            fat += struct.unpack_from(f"<{entries}I", sector(at))

    found = _names(_chain(first_directory, fat, sector))
    start, length = found.get("Workbook") or found.get("Book") or found.get("BOOK") or (END, 0)
    if start >= END:
        raise Refused("not_a_spreadsheet")
    if length >= cutoff:
        return _chain(start, fat, sector)[:length]
    small = _chain(found[""][0], fat, sector) if "" in found else b""
    mini = _chain(first_mini, fat, sector)
    mini_fat = list(struct.unpack_from(f"<{len(mini) // 4}I", mini))
    step = 1 << mini_shift
    return _chain(start, mini_fat, lambda at: small[at * step : (at + 1) * step])[:length]


# ── the records ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _records(book: bytes, at: int):
    """(kind, where its content begins, length) from a beginning to its end, without what is set in between."""
    depth = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        depth += (kind == BOF) - (kind == EOF)
        if depth == 1:
            yield kind, at + 4, length
        at += 4 + length
        if depth <= 0:
            return


def _marks(book: bytes) -> Marks:
    from_1904, formats, styles, sheets = False, {}, [], []
    version = struct.unpack_from("<H", book, 4)[0]
    for kind, at, length in _records(book, 0):
        if kind == FILEPASS:
            raise Refused("protected")
        if kind == DATEMODE:
            from_1904 = bool(struct.unpack_from("<H", book, at)[0])
        elif kind == FORMAT:
            formats[struct.unpack_from("<H", book, at)[0]] = shown_without(_format(book, at, length, version))
        elif kind == XF:
            styles.append(struct.unpack_from("<H", book, at + 2)[0])
        elif kind == BOUNDSHEET:
            sheets.append(struct.unpack_from("<I", book, at)[0])
    hiding = {at: kind for at, one in enumerate(styles) if (kind := formats.get(one, BUILT_IN.get(one, "")))}
    marks, found = {}, Found()
    for index, begin in enumerate(sheets):
        found.rows = {}
        _marks_of_sheet(book, begin, hiding, found)
        if found.rows:
            marks[index] = found.rows
    return Marks(from_1904, marks)


def _format(book: bytes, at: int, length: int, version: int) -> str:
    if version < BIFF8:
        return book[at + 3 : at + length].decode("gb18030", "replace")
    wide = book[at + 4] & 1
    return book[at + 5 : at + length].decode("utf-16-le" if wide else "latin-1", "replace")


def _result(kept: bytes) -> str:
    """The mark of a formula by the value kept for it."""
    if kept[6:] == b"\xff\xff" and kept[0] == 2:
        return ERROR
    return "" if any(kept) else FORMULA


def _marks_of_sheet(book: bytes, begin: int, hiding: dict[int, str], found: Found) -> None:
    for kind, at, length in _records(book, begin):
        if kind in FORMULAS:
            row, column, style = struct.unpack_from("<HHH", book, at)
            if mark := _result(book[at + 6 : at + 14]) or hiding.get(style):
                found.note(row + 1, column, mark)
        elif kind == BOOLERR:
            if book[at + 7]:
                row, column = struct.unpack_from("<HH", book, at)
                found.note(row + 1, column, ERROR)
        elif hiding and kind in (NUMBER, RK):
            row, column, style = struct.unpack_from("<HHH", book, at)
            if style in hiding:
                found.note(row + 1, column, hiding[style])
        elif hiding and kind == MULRK:
            row, column = struct.unpack_from("<HH", book, at)
            for place in range((length - 6) // 6):
                style = struct.unpack_from("<H", book, at + 4 + 6 * place)[0]
                if style in hiding:
                    found.note(row + 1, column + place, hiding[style])
