"""Text files with separators: csv and its neighbours, in the encodings that office programs here write."""

import csv
import io
import re
from collections.abc import Iterator

from tongxing.base.excel_reader.refusals import Refused

SEPARATORS = "\t,;|"
LONGEST = 1_000_000  # characters of one cell
LOOKED_AT = 50  # lines
MOST_BREAKS = 30  # line breaks in one cell; more come from a quotation mark that is never closed
_unprintable = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
_no_table = ("<", "%PDF", "{\\rtf", "{", "%!PS")
_kept_as_text = re.compile(r'="([^"]*)"').fullmatch  # ="0012" keeps a spreadsheet from taking it for a number


def text_of(content: bytes) -> str:
    """The text, by its mark, as strict UTF-8, else as GB18030 (which holds GBK); raises Refused."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in content[:2000]:  # no picture has a zero in every other place
        even, odd = content[:2000:2].count(0), content[1:2000:2].count(0)
        encodings = ["utf-16-le"] if odd > 4 * even else ["utf-16-be"] if even > 4 * odd else []
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding).rstrip("\x1a\x00\r\n")
        except UnicodeDecodeError:
            continue
    raise Refused("not_a_spreadsheet")


def rows_of_text(content: bytes) -> Iterator[list]:
    """The rows of a text file; raises Refused where it is no table."""
    text = text_of(content)
    if _unprintable.search(text) or text.lstrip().startswith(_no_table):
        raise Refused("not_a_spreadsheet")
    said = re.match(r"sep=(.)\r?\n", text)  # how a spreadsheet program is told of the separator
    if said:
        text = text[said.end() :]
    separator = said[1] if said else _separator(text)
    if not separator:
        raise Refused("not_a_spreadsheet")
    return _rows(text, separator, _quoting(text, separator))


def _rows(text: str, separator: str, quoting: int) -> Iterator[list]:
    csv.field_size_limit(LONGEST)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting):
            yield [_cell(one) for one in row]
    except csv.Error:
        raise Refused("broken") from None


def _cell(text: str) -> str | None:
    if kept := _kept_as_text(text.strip()):
        text = kept[1]
    return text if text.strip() else None


def _separator(text: str) -> str:
    """The mark that most lines hold equally often, outside quotation marks; '' when no line holds any."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.split("\n", LOOKED_AT)[:LOOKED_AT] if line.strip()]

    def agreement(mark: str) -> tuple[int, int]:
        counts = [line[:100_000].count(mark) for line in lines]
        usual = max((count for count in counts if count), key=counts.count, default=0)
        return (counts.count(usual) if usual else 0, usual)

    best = max(SEPARATORS, key=agreement)
    return best if agreement(best)[1] else ""


def _quoting(text: str, separator: str) -> int:
    """Whether quotation marks enclose cells, or are marks like others; raises Refused where both seem so."""
    if not _swallows_rows(text, separator):
        return csv.QUOTE_MINIMAL
    if any(line.count('"') > 1 for line in text.split("\n")):
        raise Refused("broken")
    return csv.QUOTE_NONE


def _swallows_rows(text: str, separator: str) -> bool:
    """Whether a quotation mark that is not closed in its row makes one cell of several rows."""
    if '"' not in text:
        return False
    csv.field_size_limit(LONGEST)
    a_row = max(text.partition("\n")[0].count(separator) - 1, 1)  # so many separators stand in no line of a cell
    try:
        cells = (one for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for one in row)
        return any(
            one.count("\n") > MOST_BREAKS or any(line.count(separator) >= a_row for line in one.split("\n"))
            for one in cells
            if "\n" in one
        )
    except csv.Error:
        return True
