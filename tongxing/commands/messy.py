"""Rosters as they come: a school's workbook, a township's text of another code page, a list by households.

Invented children, other ones than those of the story and of the sample of a hundred; the same files every time.
"""

import csv
import io
import random
from datetime import datetime
from pathlib import Path

import xlsxwriter

from tongxing.base.words import table
from tongxing.commands.sample import INVENTED, invented_person, sample_words, write_sample

SEED = 11
WRITTEN = {"created": datetime(2026, 11, 20)}  # noqa: DTZ001  in the file's own properties, so that it never changes


def write_samples(folder: Path) -> list[Path]:
    """The sample of a hundred rows and three messy ones, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / name for name in ("roster-100.xlsx", "school.xlsx", "township.csv", "households.xlsx")]
    write_sample(files[0])
    files[1].write_bytes(school(invented_people(100, 36)))
    files[2].write_bytes(township(invented_people(140, 24)))
    files[3].write_bytes(households(invented_people(170, 20)))
    return files


def words_of_lists() -> dict[str, list[str]]:
    return {what: words.split("|") for what, words in table(str(INVENTED / "messy.tsv"))}


def invented_people(first: int, count: int) -> list[dict]:
    words = sample_words()
    chance = random.Random(SEED + first)  # noqa: S311  invented names, not secrets
    return [invented_person(words, chance, at) for at in range(first, first + count)]


def school(people: list[dict]) -> bytes:
    """Title and date above the headings, blanks inside words, a number turned into an amount, a total beneath."""
    words, file = words_of_lists(), io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties(WRITTEN)
        page, bold = book.add_worksheet(), book.add_format({"bold": True, "align": "center", "border": 1})
        heads = words["school_heads"]
        page.merge_range(0, 0, 0, len(heads) - 1, words["school_title"][0], bold)
        page.write(1, 0, words["school_date"][0])
        page.write_row(2, 0, heads, bold)
        for at, one in enumerate(people):
            number = one["citizen_number"]
            cells = [
                at + 1, _with_blank(one["name"], at), one["sex"], number, _class_as_written(one["class_name"], at),
                one["carer_name"], one["carer_relation"], _phone_as_written(one["carer_phone"], at), one["address"],
                one["father_name"], one["father_phone"], one["father_place"],
            ]  # fmt: skip
            if at == 4:
                cells[3] = int(number[:15]) * 1000  # kept by the program as an amount: fifteen digits are left
            if at == 9:
                cells[7] = one["carer_phone"][:10]
            page.write_row(3 + at, 0, cells)
        page.write_row(3 + len(people), 0, [words["total"][0], f"{len(people)}{words['rows'][0]}"])
    return file.getvalue()


def _with_blank(name: str, at: int) -> str:
    return f"{name[0]}　{name[1:]}" if at % 5 == 0 and len(name) == 2 else name


def _class_as_written(name: str, at: int) -> str:
    """三(2)班 as 三（2）班, 三2, or as it is."""
    if at % 7 == 0:
        return name.replace("(", "（").replace(")", "）")
    return name[0] + name[2] if at == 16 else name


def _phone_as_written(phone: str, at: int) -> str:
    return f"{phone[:3]} {phone[3:7]} {phone[7:]}" if at % 3 == 0 else phone


def township(people: list[dict]) -> bytes:
    """Text with commas in the code page of old office programs; days in three habits, two phones in one cell."""
    words, file = words_of_lists(), io.StringIO()
    sheet = csv.writer(file)
    sheet.writerow([words["township_unit"][0]])
    sheet.writerow(words["township_heads"])
    notes = words["township_notes"]
    for at, one in enumerate(people):
        both = f"{one['father_phone']}/{one['mother_phone']}" if at % 6 == 2 else one["father_phone"]
        sheet.writerow([
            at + 1, one["name"], one["sex"], _day_as_written(one["birth_on"], at, words), f"\t{one['citizen_number']}",
            one["hamlet"], one["father_name"], both, one["father_place"], one["mother_name"],
            "" if at % 6 == 2 else one["mother_phone"], one["mother_place"], one["carer_name"], one["carer_relation"],
            one["carer_phone"], notes[at % len(notes)],
        ])  # fmt: skip
    sheet.writerow([words["signed"][0]])
    return file.getvalue().encode("gb18030")


def _day_as_written(day: str, at: int, words) -> str:
    year, month, of_month = day.split("-")
    if at % 3 == 0:
        return f"{year}.{int(month)}.{int(of_month)}"
    if at % 3 == 1:
        return f"{year}{month}{of_month}"
    return f"{year}{words['year'][0]}{int(month)}{words['month'][0]}{int(of_month)}{words['day'][0]}"


def households(people: list[dict]) -> bytes:
    """Headings of two levels, a row for each hamlet above its households, the parents of siblings in merged cells."""
    words, file = words_of_lists(), io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties(WRITTEN)
        page, bold = book.add_worksheet(), book.add_format({"bold": True, "align": "center", "border": 1})
        parts = [words["house_child"], words["house_parent"], words["house_parent"], words["house_carer"]]
        page.merge_range(0, 0, 0, sum(map(len, parts)), words["house_title"][0], bold)
        page.merge_range(1, 0, 2, 0, words["house_heads"][0], bold)
        column = 1
        for head, below in zip(words["house_heads"][1:], parts, strict=True):
            page.merge_range(1, column, 1, column + len(below) - 1, head, bold)
            page.write_row(2, column, below, bold)
            column += len(below)
        row, number = 3, 0
        for hamlet in sorted({one["hamlet"] for one in people}):
            page.write(row, 0, hamlet, bold)
            row += 1
            here = [one for one in people if one["hamlet"] == hamlet]
            for family in (here[at : at + 2] for at in range(0, len(here), 2)):
                number += 1
                row = _family(page, row, number, family)
    return file.getvalue()


def _family(page, row: int, number: int, family: list[dict]) -> int:
    """One household from `row` on; the row after it. A second child has the first one's parents and carer."""
    first, last = family[0], row + len(family) - 1
    common = [
        first["father_name"], first["father_phone"], first["father_place"],
        first["mother_name"], first["mother_phone"], first["mother_place"],
        first["carer_name"], first["carer_relation"], first["carer_phone"],
    ]  # fmt: skip
    for at, cell in enumerate([number, *common]):
        column = at if at == 0 else at + 4
        if last > row:
            page.merge_range(row, column, last, column, cell)
        else:
            page.write(row, column, cell)
    for at, one in enumerate(family):
        name = first["name"][0] + one["name"][1:]
        page.write_row(row + at, 1, [name, one["sex"], one["birth_on"], one["citizen_number"]])
    return last + 1
