"""The part of reading a spreadsheet that runs in a process of its own, under limits; started by excel.py only.

A file of two cells, one of them at XFD1048576, makes the parser ask for half a terabyte and end its process. So a
strange file may end this one, never the server. No Django is imported here: it starts in 0.05 s.

Standard input is the file. Standard output is one JSON line for each row that is not blank, ``[row number, cells]``;
a cell is text, null, ``{"n": text}`` for a stored number, ``{"d": ISO}`` for a day or moment, ``{"u": "="}`` for a
formula whose value the file does not hold and ``{"u": "#"}`` for one that came to an error. A day that the sheet shows
without its day or year is the text it shows. The last line of standard error is ``{"sheets": [...]}`` or
``{"error": code}``.
"""

from tongxing.base.excel_reader.biff import marks_of_old_book
from tongxing.base.excel_reader.marks import Marks, marks_of_book
from tongxing.base.excel_reader.refusals import Refused
from tongxing.base.excel_reader.rows import number_text, write_book, write_text
from tongxing.base.excel_reader.texts import rows_of_text
from tongxing.base.excel_reader.zips import MEGABYTE, ZIP, check_zip

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
__all__ = ["MEGABYTE", "Marks", "Refused", "check_zip", "number_text", "read"]


def read(content: bytes, out, limits: dict) -> dict:
    """Write the rows to `out`; the answer that goes to standard error."""
    from python_calamine import CalamineError, PasswordError

    try:
        sheets = _sheets(content, out, limits)
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


def _sheets(content: bytes, out, limits: dict) -> list[dict]:
    if content.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Refused("protected")
        return write_book(content, out, limits, marks_of_old_book(content))
    if content.startswith(ZIP):
        check_zip(content, max_unpacked=limits["max_unpacked"], max_ratio=limits["max_ratio"])
        return write_book(content, out, limits, marks_of_book(content, limits))
    return write_text(rows_of_text(content), out, limits)
