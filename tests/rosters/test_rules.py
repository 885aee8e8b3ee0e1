"""Headings, cells and who a row is about: no database."""

import io
import json
from datetime import date

import openpyxl
import pytest

from tests.rosters.lists import BORN, number, row, sheet
from tongxing.base.excel import UnreadableFile
from tongxing.base.words import Numeric
from tongxing.children.forms import ALL, ArchiveForm, read_row, section_form
from tongxing.children.rules import FIELDS, facts_in, facts_out
from tongxing.rosters.rules import identity_of
from tongxing.rosters.sheets import cell_in, cells_out, headings, read_pages, write_template

TODAY = date(2026, 11, 24)


def pages_of(content: bytes):
    return read_pages(io.BytesIO(content))


def lines_of(content: bytes):
    return [line for page in pages_of(content) for line in page.lines() if not line.skipped]


def test_every_heading_is_a_field_of_the_archive():
    fields = {field for names in FIELDS.values() for field in names}
    assert set(headings()) < fields == set(ALL)


def test_our_own_template_is_recognised_in_full():
    target = io.BytesIO()
    write_template(target)
    book = openpyxl.load_workbook(io.BytesIO(target.getvalue()))
    page = book.active
    assert page["A1"].value == "*姓名"
    assert {rule.formula1 for rule in page.data_validations.dataValidation if rule.type == "list"} >= {'"男,女"'}
    for at, field in enumerate(headings(), start=1):
        page.cell(2, at, row(1).get(field))
    filled = io.BytesIO()
    book.save(filled)
    (found,) = pages_of(filled.getvalue())
    assert [column.field for column in found.columns] == list(headings())


def test_headings_stand_in_any_order_below_a_title_with_blanks_inside():
    content = sheet(
        [row(1)],
        above=[["三年级留守儿童花名册"], ["填表日期：2026.11.20"]],
        fields=["class_name", "name", "citizen_number"],
        titles=["班 级", "姓　名", "身份证\n号码"],
    )
    (line,) = lines_of(content)
    assert line.number == 4
    assert line.written == {"class_name": "三(1)班", "name": row(1)["name"], "citizen_number": number(1)}


def test_total_rows_empty_rows_and_repeated_headings_are_no_persons():
    titles = [heading.title for heading in headings().values()]
    content = sheet([row(1), {}, row(2)], below=[titles, ["合计", 2], [None, None, "  "]])
    assert [line.number for line in lines_of(content)] == [2, 4]


def test_a_column_that_is_not_ours_is_named_and_not_read():
    content = sheet(
        [{"name": "赵一", "hamlet": "甲"}], fields=["name", "hamlet", "sex"], titles=["姓名", "村民小组", "鞋码"]
    )
    (page,) = pages_of(content)
    assert [(column.letter, column.heading, column.field) for column in page.columns][-1] == ("C", "鞋码", "")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 300, "not_a_spreadsheet"),
        ("姓名和班级都写在这一行里\n赵一三(1)班\n".encode(), "not_a_spreadsheet"),
        ("名字，年龄\n赵一，8\n".encode("gb18030"), "not_a_spreadsheet"),
        (b"name,class\nZhao,3\n", "no_heading"),
        (sheet([], titles=["只有标题"], fields=["name"]), "no_heading"),
        (sheet([row(1)], titles=["谁", "年龄"], fields=["name", "sex"]), "no_heading"),
        (sheet([]), "no_rows"),
    ],
)
def test_a_bad_file_is_refused_with_one_sentence(content, code):
    with pytest.raises(UnreadableFile) as refused:
        pages_of(content)
    assert refused.value.code == code
    assert refused.value.text


def test_a_file_with_a_password_is_refused():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + b"\0" * 2000
    with pytest.raises(UnreadableFile) as refused:
        pages_of(ole)
    assert refused.value.code == "protected"


def test_cells_and_facts_come_back_from_json_as_they_were():
    cells = {"citizen_number": Numeric("990101201802100000"), "birth_on": date(2017, 3, 5), "name": "赵一"}
    back = {field: cell_in(value) for field, value in json.loads(cells_out(cells)).items()}
    assert back == cells
    assert isinstance(back["citizen_number"], Numeric)
    facts, _problems = read_row(row(1), TODAY)
    assert facts_in(facts_out(facts)) == {name: value for name, value in facts.items() if value not in (None, "")}


@pytest.mark.parametrize(
    ("written", "field", "code"),
    [
        ({"citizen_number": Numeric("990101201802100000")}, "citizen_number", "lost_digits"),
        (
            {"citizen_number": number(1)[:-1] + ("1" if number(1)[-1] != "1" else "2")},
            "citizen_number",
            "wrong_check_digit",
        ),
        ({"sex": "女"}, "citizen_number", "sex_differs"),
        ({"birth_on": "2016-03-05"}, "citizen_number", "birth_differs"),
        ({"carer_phone": "140 0000 000"}, "carer_phone", "too_short"),
        ({"class_name": "三2"}, "class_name", "unsure_class"),
        ({"class_name": "向日葵班"}, "class_name", "unknown_class"),
        ({"name": None}, "name", "required"),
        ({"citizen_number": None, "birth_on": "昨天"}, "birth_on", "unreadable_day"),
        ({"citizen_number": None, "birth_on": None}, "birth_on", "no_birth"),
        ({"carer_name": None}, "carer_name", "phone_without_name"),
        ({"carer_relation": "隔壁"}, "carer_relation", "not_a_choice"),
    ],
)
def test_each_bad_cell_is_found_where_it_stands_and_said_once(written, field, code):
    _facts, problems = read_row(row(1) | written, TODAY)
    assert [(one.field, one.code) for one in problems] == [(field, code)]


@pytest.mark.parametrize("said", ["奶奶", "祖母", "阿婆", " 奶奶 ", "62"])
def test_words_of_sheets_become_codes(said):
    facts, problems = read_row(row(1, carer_relation=said), TODAY)
    assert (facts["carer_relation"], problems) == ("62", [])


@pytest.mark.parametrize("at", range(5))
def test_a_page_and_a_row_answer_alike(at):
    cells = row(at) | [{}, {"sex": "女"}, {"class_name": "三2"}, {"name": ""}, {"citizen_number": "123"}][at]
    facts, problems = read_row(cells, TODAY)
    form = ArchiveForm(cells, today=TODAY)
    assert not form.errors or problems
    assert form.facts == facts
    assert form.problems == problems


def test_a_section_says_only_what_is_about_its_own_fields():
    form = section_form("home")({"hamlet": "塘下组", "address": ""}, today=TODAY)
    assert form.is_valid()
    assert list(form.fields) == list(FIELDS["home"])
    assert [one.code for one in section_form("basic")({"name": "赵一"}, today=TODAY).problems] == ["no_birth"]


def test_who_a_row_is_about():
    facts, _problems = read_row(row(1), TODAY)
    assert identity_of(facts, row(1), TODAY) == (identity_of(facts, {}, TODAY))
    lost = {"name": "陈思雨", "citizen_number": Numeric("990101201802100000")}
    facts, _problems = read_row(lost, TODAY)
    who = identity_of(facts, lost, TODAY)
    assert (who.name, who.birth_on, who.number, who.doubtful) == ("陈思雨", date(2018, 2, 10), None, False)
    assert identity_of({"name": "赵一"}, {}, TODAY).doubtful
    assert identity_of({"birth_on": BORN}, {}, TODAY).doubtful
    assert not identity_of({}, {}, TODAY).tells_of_somebody
