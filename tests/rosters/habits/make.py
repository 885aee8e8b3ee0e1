"""Makes the files of this folder: ``python -m tests.rosters.habits.make`` (needs LibreOffice's soffice).

Expectations are written by hand beside each habit; the program is never asked what it reads.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("TONGXING_VAR", tempfile.mkdtemp(prefix="tongxing-habits-"))

import django

django.setup()

from tests.rosters.habits import of_cells, of_files, of_headings, of_more, of_people, of_shape  # noqa: E402,F401  they note their habits
from tests.rosters.habits.book import FOLDER, HABITS  # noqa: E402


def expected(said: dict) -> dict:
    """Rows by sheet; "" is the only sheet."""
    sheets = said.pop("sheets", None) or {"": said.pop("rows")}
    rows = {
        name: {str(at): row if isinstance(row, list) else [row] for at, row in one.items()}
        for name, one in sheets.items()
    }
    return {"sheets": rows} | {
        key: {str(at): why for at, why in one.items()} if key == "skipped" else one for key, one in said.items()
    }


def make(only: set[int]) -> None:
    FOLDER.mkdir(exist_ok=True)
    lines = ["# Habits", "", "How lists arrive. Each file is made by `make.py`; beside it stands what a careful person reads.", "",
             "| No. | File | Habit |", "|---|---|---|"]  # fmt: skip
    for one in sorted(HABITS, key=lambda habit: habit.number):
        lines.append(f"| {one.number} | `{one.file.name}` | {one.says} |")
        if only and one.number not in only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / one.file.name
            said = expected(one.make(made))
            one.file.write_bytes(made.read_bytes())
        told = json.dumps({"says": one.says} | said, ensure_ascii=False, indent=1, sort_keys=False)
        one.file.with_name(f"{one.number:03d}-{one.name}.json").write_text(told + "\n", encoding="utf-8")
    (FOLDER.parent / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    make({int(number) for number in sys.argv[1:]})
