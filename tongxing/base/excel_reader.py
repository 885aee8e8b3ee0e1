"""The part of reading a spreadsheet that runs in a process of its own, under limits; started by excel.py only.

A file of two cells, one of them at XFD1048576, makes the parser ask for half a terabyte and end its process. So a
strange file may end this one, never the server. Nothing of ours and no Django is imported here: it starts in 0.05 s.

Standard input is the file. Standard output is one JSON line for each row that is not blank, ``[row number, cells]``;
a cell is text, null, ``{"n": text}`` for a stored number or ``{"d": ISO}`` for a day or moment. The last line of
standard error is ``{"sheets": [...]}`` or ``{"error": code}``.
"""

import io
import json
import math
import resource
import struct
import sys
import zipfile
import zlib
from datetime import date, datetime
from decimal import Decimal

MEGABYTE = 1024 * 1024
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
CHUNK = 1 * MEGABYTE


class Refused(Exception):
    """The file is not read; the argument is the code."""


def number_text(value: float) -> str:
    """As a sheet shows it: 5.0 is '5', 13800000000.0 is '13800000000', fifteen digits and no exponent."""
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    return format(Decimal(f"{value:.15g}"), "f")


def cell(value):
    """One cell for JSON."""
    kind = type(value)
    if kind is str:
        return value or None
    if kind is float or kind is int:
        return {"n": number_text(value)}
    if kind is bool:
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return {"d": value.date().isoformat() if midnight else value.isoformat(timespec="seconds")}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return None if value is None else str(value)


def check_zip(content: bytes, *, max_unpacked: int, max_ratio: int) -> None:
    """Raise Refused when the archive is, by its own word or in truth, larger than a sheet of people needs."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, EOFError):
        raise Refused("broken") from None
    names = [entry.filename for entry in entries]
    if "xl/workbook.bin" in names or not any(name.startswith("xl/workbook") for name in names):
        raise Refused("not_a_spreadsheet")
    if len(entries) > 5000 or len(set(names)) < len(names):
        raise Refused("broken")
    if sum(entry.file_size for entry in entries) > max_unpacked:
        raise Refused("too_big")
    unpacked, end = 0, 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.flag_bits & 1:
            raise Refused("protected")
        if entry.header_offset < end:  # entries that share bytes are how a small file unpacks to petabytes
            raise Refused("broken")
        start = _start(content, entry.header_offset)
        end = start + entry.compress_size
        size = _true_size(memoryview(content)[start:end], entry.compress_type, max_unpacked - unpacked)
        if size > entry.file_size:
            raise Refused("broken")
        if size > 20 * MEGABYTE and size > max_ratio * max(entry.compress_size, 1):
            raise Refused("too_big")
        unpacked += size


def _start(content: bytes, offset: int) -> int:
    """Where the bytes of an entry begin, read from its own header."""
    header = content[offset : offset + 30]
    if len(header) < 30 or header[:4] != ZIP:
        raise Refused("broken")
    name, extra = struct.unpack("<HH", header[26:30])
    return offset + 30 + name + extra


def _true_size(packed: memoryview, method: int, room: int) -> int:
    """How much an entry unpacks to, counted without keeping it."""
    if method == zipfile.ZIP_STORED:
        size = len(packed)
    elif method == zipfile.ZIP_DEFLATED:
        size, unpacker = 0, zlib.decompressobj(-15)
        try:
            waiting = bytes(packed)
            while waiting and size <= room:
                size += len(unpacker.decompress(waiting, CHUNK))
                waiting = unpacker.unconsumed_tail
        except zlib.error:
            raise Refused("broken") from None
    else:
        raise Refused("broken")
    if size > room:
        raise Refused("too_big")
    return size


def write_rows(content: bytes, out, limits: dict) -> list[dict]:
    """Write every row of every sheet; what each sheet holds and where its rows begin in `out`."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets, offset = [], 0
    for index, about in enumerate(book.sheets_metadata):
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_index(index)
        height, width = (last + 1 for last in sheet.end or (-1, -1))
        if width > limits["max_columns"]:
            raise Refused("too_many_columns")
        if height > limits["max_rows"]:
            raise Refused("too_many_rows")
        begin, count = offset, 0
        for number, row in enumerate(sheet.iter_rows(), start=1):
            cells = [cell(value) for value in row]
            while cells and cells[-1] is None:
                cells.pop()
            if not cells:
                continue
            line = json.dumps([number, cells], ensure_ascii=False).encode("utf-8", "replace") + b"\n"
            out.write(line)
            offset += len(line)
            count += 1
            if offset > limits["max_output"]:
                raise Refused("too_big")
        hidden = about.visible != SheetVisibleEnum.Visible
        sheets.append({"name": about.name, "hidden": hidden, "offset": begin, "count": count, "width": width})
    return sheets


def read(content: bytes, out, limits: dict) -> dict:
    """The answer that goes to standard error."""
    from python_calamine import CalamineError, PasswordError

    try:
        if content.startswith(OLE):
            if "EncryptedPackage".encode("utf-16-le") in content:
                raise Refused("protected")
        elif content.startswith(ZIP):
            check_zip(content, max_unpacked=limits["max_unpacked"], max_ratio=limits["max_ratio"])
        else:
            raise Refused("not_a_spreadsheet")
        sheets = write_rows(content, out, limits)
        if not any(sheet["count"] for sheet in sheets):
            raise Refused("empty")
    except Refused as refusal:
        return {"error": refusal.args[0]}
    except PasswordError:
        return {"error": "protected"}
    except CalamineError as error:
        return {"error": "protected" if "password" in str(error).lower() else "broken"}
    except MemoryError:
        return {"error": "too_big"}
    return {"sheets": sheets}


def main() -> None:
    limits = json.loads(sys.argv[1])
    for kind, size in (
        (resource.RLIMIT_AS, limits["max_memory"]),
        (resource.RLIMIT_CPU, limits["max_seconds"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (size, size))
    answer = read(sys.stdin.buffer.read(), sys.stdout.buffer, limits)
    sys.stdout.buffer.flush()
    sys.stderr.write("\n" + json.dumps(answer, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
