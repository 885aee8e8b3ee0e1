"""The township's list of the children it knows of in the invented community: what reconciling is tried with."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import xlsxwriter

from tongxing.children.models import Child
from tongxing.children.queries import archives_of, facts_of
from tongxing.commands.messy import WRITTEN, invented_people, words_of_lists
from tongxing.commands.sample import sample_words

MISSING = (20, 50, 80)  # places among the archives that are not on the list, counted as they were opened
MISTYPED = (5, 31, 64)  # places on the list whose number has one wrong digit
BY_EAR = 2  # names written as they sound, without a number
STRANGERS = (206, 5)  # people of whom there is no archive, none with a number that looks cut: first serial, how many
COLUMNS = ("name", "sex", "birth_on", "citizen_number", "hamlet", "carer_name", "carer_phone")


def write_listed(target: Path, *, community: str, on: date) -> Path:
    """Nearly all children in care there, some written badly, and five nobody has opened an archive for."""
    words = words_of_lists()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties(WRITTEN)
        page, bold = book.add_worksheet(), book.add_format({"bold": True, "align": "center", "border": 1})
        page.merge_range(0, 0, 0, len(COLUMNS), words["listed_title"][0], bold)
        page.write_row(1, 0, words["listed_heads"], bold)
        for at, one in enumerate(_people(community, on, words["alike"]), start=1):
            page.write_row(1 + at, 0, [at, *(one[column] for column in COLUMNS)])
    return target


def _people(community: str, on: date, alike: list[str]) -> Iterator[dict]:
    children = Child.objects.standing().filter(in_care=True, community=community).order_by("opened_on", "pk")
    known = [child.pk for at, child in enumerate(children) if at not in MISSING]
    archives, sexes, heard = archives_of(known, on), {"1": "boy", "2": "girl"}, BY_EAR
    said, sounds_like = sample_words(), dict(alike)
    for at, pk in enumerate(known):
        facts = facts_of(archives[pk], {})
        facts |= {"sex": said[sexes[facts["sex"]]][0], "birth_on": facts["birth_on"].isoformat()}
        if at in MISTYPED:
            facts["citizen_number"] = _mistyped(facts["citizen_number"])
        elif heard and facts["name"][-1] in sounds_like:
            heard -= 1
            facts |= {"name": facts["name"][:-1] + sounds_like[facts["name"][-1]], "citizen_number": ""}
        yield facts
    yield from invented_people(*STRANGERS)


def _mistyped(number: str) -> str:
    """One digit of the serial is another: the check digit, which finds every single one, no longer fits."""
    return number[:15] + str((int(number[15]) + 1) % 10) + number[16:]
