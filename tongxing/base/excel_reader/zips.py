"""The archive an xlsx file is: refused when it is, by its own word or in truth, larger than a sheet of people needs."""

import io
import struct
import zipfile
import zlib

from tongxing.base.excel_reader.refusals import Refused

MEGABYTE = 1024 * 1024
ZIP = b"PK\x03\x04"
CHUNK = 1 * MEGABYTE


def check_zip(content: bytes, *, max_unpacked: int, max_ratio: int) -> None:
    """Raise Refused when the archive is, by its own word or in truth, larger than a sheet of people needs."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (
        zipfile.BadZipFile,
        ValueError,
        struct.error,
        RuntimeError,  # also zipfile's word for a version of the format it does not know
        EOFError,
    ):
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
