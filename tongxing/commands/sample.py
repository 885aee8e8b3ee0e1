"""A roster to try the import with: a hundred invented children under our own headings, seven of them to look at."""

import random
from datetime import date, timedelta
from pathlib import Path

from tongxing.base import excel, numbers
from tongxing.base.words import table
from tongxing.rosters import sheets

INVENTED = Path(__file__).resolve().parent / "invented"
ROWS = 100
SEED = 41


def write_sample(target, *, rows: int = ROWS) -> None:
    """Write the roster as xlsx to a path or open binary file; the same file every time.

    Beneath the heading stand, by the spreadsheet's own row numbers: 8 a number that lost its end, 13 a wrong check
    digit, 16 a boy with a girl's number, 21 a phone one figure short, 34 a class written in a way that must be asked
    about, 61 nobody's name, 89 the child of row 42 once more.
    """
    words = sample_words()
    chance = random.Random(SEED)  # noqa: S311  invented names, not secrets
    people = [invented_person(words, chance, at) for at in range(rows)]
    for at, spoil in SPOILT.items():
        if at < rows:
            spoil(people, at, words)
    fields = list(sheets.headings())
    cells = [[person.get(field, "") for field in fields] for person in people]
    title = dict(table(str(INVENTED / "words.tsv")))["sheet"]
    excel.write_sheet(target, sheets.template_columns(), cells, name=title)


def sample_words() -> dict[str, list[str]]:
    return {row[0]: row[1].split(" ") for row in table(str(INVENTED / "sample.tsv"))}


def invented_person(words, chance, at: int) -> dict:
    """One row as the fields of our template; `at` makes number and phones its own."""
    boy = chance.random() < 0.5
    surname, mothers = chance.choice(words["surnames"]), chance.choice(words["surnames"])
    born = date(2015, 9, 1) + timedelta(days=chance.randrange(4 * 365))
    relation = at % len(words["relations"])
    family = surname if relation < 2 else mothers
    hamlet = chance.choice(words["hamlets"])
    health = chance.choice(words["health"])
    return {
        "name": surname + chance.choice(words["boys" if boy else "girls"]),
        "sex": words["boy" if boy else "girl"][0],
        "birth_on": born.isoformat(),
        "citizen_number": numbers.make("990101", born, 500 + 2 * at + boy),
        "hamlet": hamlet,
        "address": f"{hamlet}{20 + at}",
        "school": words["school"][0],
        "class_name": chance.choice(words["classes"]),
        "father_name": surname + chance.choice(words["men"]),
        "father_phone": f"140{50000000 + 10 * at}",
        "father_place": chance.choice(words["cities"]),
        "mother_name": mothers + chance.choice(words["women"]),
        "mother_phone": f"140{50000001 + 10 * at}",
        "mother_place": chance.choice(words["cities"]),
        "carer_name": family + chance.choice(words["men" if relation % 2 == 0 else "women"]),
        "carer_relation": words["relations"][relation],
        "carer_phone": f"140{50000002 + 10 * at}",
        "carer_health": "" if health == "-" else health,
    }


def _lose_the_end(people, at, words) -> None:
    """As spreadsheets do that take a number of eighteen figures for an amount."""
    number = people[at]["citizen_number"][:15] + "000"
    people[at]["citizen_number"] = number if numbers.check_digit(number[:17]) != "0" else number[:13] + "1" + "0000"


def _wrong_check_digit(people, at, words) -> None:
    number = people[at]["citizen_number"]
    people[at]["citizen_number"] = number[:17] + str((int(number[17]) + 1) % 10 if number[17] != "X" else 0)


def _other_sex(people, at, words) -> None:
    other = words["girl" if people[at]["sex"] == words["boy"][0] else "boy"][0]
    people[at]["sex"] = other


def _short_phone(people, at, words) -> None:
    people[at]["carer_phone"] = people[at]["carer_phone"][:10]


def _unsure_class(people, at, words) -> None:
    people[at]["class_name"] = words["unsure_class"][0]


def _no_name(people, at, words) -> None:
    people[at]["name"] = ""


def _once_more(people, at, words) -> None:
    people[at] = dict(people[40])


SPOILT = {  # place among the rows, from 0; the heading stands in row 1
    6: _lose_the_end,
    11: _wrong_check_digit,
    14: _other_sex,
    19: _short_phone,
    32: _unsure_class,
    59: _no_name,
    87: _once_more,
}
