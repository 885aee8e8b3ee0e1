"""Cells: as JSON, as text, and as nothing."""

import json
from datetime import date, datetime
from functools import cache

from tongxing.base import words


@cache
def nothing() -> frozenset[str]:
    """Ways to write that there is nothing, as they stand in cells."""
    return frozenset(
        {*words.marks()["nothing"], "", "-", "--", "\u2014", "\u2014\u2014", "/", "\\", "N/A", "n/a", "None"}
    )


def is_blank(cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def cell_out(cell):
    """A cell for JSON; that a cell was stored as a number, or as a day, is kept."""
    if isinstance(cell, words.Numeric):
        return {"n": str(cell)}
    if isinstance(cell, datetime | date):
        return {"d": cell.isoformat()}
    return str(cell)


def cells_out(written: dict) -> str:
    """Cells by field, as JSON."""
    return json.dumps({field: cell_out(cell) for field, cell in written.items()}, ensure_ascii=False)


def cell_in(value):
    if not isinstance(value, dict):
        return value
    if "n" in value:
        return words.Numeric(value["n"])
    text = value["d"]
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def cell_text(cell) -> str:
    """A cell as a person reads it; "" when it was empty."""
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)
