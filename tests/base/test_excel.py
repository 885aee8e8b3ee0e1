"""Spreadsheets in and out, the hostile ones too."""

# ruff: noqa: DTZ001  cells know no time zone

import io
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from tongxing.base import excel
from tongxing.base.excel import (
    Column,
    Marked,
    SheetOut,
    UnreadableFile,
    read_sheets,
    template,
    write_sheet,
    write_sheets,
)
from tongxing.base.excel_reader import MEGABYTE, Refused, check_zip, number_text
from tongxing.base.words import Numeric

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def book(rows, title="花名册", **more):
    """An xlsx file as an office program writes it."""
    made = openpyxl.Workbook()
    page = made.active
    page.title = title
    for row in rows:
        page.append(row)
    for name, sheet_rows in more.items():
        page = made.create_sheet(name)
        for row in sheet_rows:
            page.append(row)
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    return file


def book_of(xml):
    """An xlsx file whose only sheet holds this XML as its rows."""
    file = io.BytesIO()
    with zipfile.ZipFile(book([["x"]])) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = old.read(name)
            if name.endswith("sheet1.xml"):
                body = f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{xml}</sheetData></worksheet>'.encode()
            new.writestr(name, body)
    file.seek(0)
    return file


def only_rows(file):
    (sheet,) = read_sheets(file)
    return [tuple(line) for line in sheet.rows()]


def refused(file, **limits):
    with pytest.raises(UnreadableFile) as caught:
        read_sheets(file, **limits)
    assert str(caught.value.text)
    return caught.value.code


# --- reading --------------------------------------------------------------------------------------------------------


def test_rows_keep_their_numbers_and_blank_ones_are_left_out():
    file = book([["留守儿童花名册"], [], ["姓名", "班级", None], [None, ""], ["何嘉乐", "三(2)班", None]])
    assert only_rows(file) == [(1, ["留守儿童花名册"]), (3, ["姓名", "班级"]), (5, ["何嘉乐", "三(2)班"])]


def test_cells_keep_what_they_are():
    (line,) = only_rows(
        book([["text", 5, 13800000000, 0.1 + 0.2, date(2017, 6, 30), datetime(2017, 6, 30, 8, 5), True, time(8, 5)]])
    )
    cells = line[1]
    assert cells == [
        "text",
        "5",
        "13800000000",
        "0.3",
        date(2017, 6, 30),
        datetime(2017, 6, 30, 8, 5),
        "TRUE",
        "08:05:00",
    ]
    assert [type(cell) for cell in cells[:4]] == [str, Numeric, Numeric, Numeric]


def test_a_number_that_lost_its_digits_is_known_by_its_kind():
    from tongxing.base import numbers

    ((_number, cells),) = only_rows(book([["何嘉乐", 990101201802100000]]))
    assert cells[1] == "990101201802100000"
    assert isinstance(cells[1], Numeric)
    assert [one.code for one in numbers.check(cells[1], today=date(2026, 11, 24))] == ["lost_digits"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(5.0, "5"), (1.38e10, "13800000000"), (9.90101201802100e17, "990101201802100000"), (0.5, "0.5"), (-3.0, "-3"),
     (1e-7, "0.0000001"), (float("inf"), ""), (1e300, "1" + "0" * 300)],
)  # fmt: skip
def test_numbers_are_written_as_a_sheet_shows_them(value, text):
    assert number_text(value) == text


def test_every_sheet_is_read_as_often_and_in_whatever_order_one_likes():
    first, second = read_sheets(book([["a"], ["b"]], 备注=[["c"]]))
    assert [first.name, second.name] == ["花名册", "备注"]
    one, two = first.rows(), second.rows()
    assert next(one).cells == ["a"]
    assert next(two).cells == ["c"]
    assert next(one).cells == ["b"]
    assert [line.cells for line in first.rows()] == [["a"], ["b"]]
    assert (first.count, first.width, first.hidden) == (2, 1, False)


def test_a_hidden_sheet_says_so():
    made = openpyxl.load_workbook(book([["a"]], 选项=[["b"]]))
    made["选项"].sheet_state = "hidden"
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    assert [sheet.hidden for sheet in read_sheets(file)] == [False, True]


def test_an_empty_file_is_refused():
    assert refused(io.BytesIO(b"")) == "empty_file"


@pytest.mark.parametrize(
    "content",
    [
        "姓名和班级\n何嘉乐三(2)班\n".encode("gb18030"),
        b"<html><table><tr><td>x</td></tr></table></html>",
        b"%PDF-1.7 ",
        b"PK",
    ],
)
def test_what_is_no_spreadsheet_is_refused(content):
    assert refused(io.BytesIO(content)) == "not_a_spreadsheet"


def test_another_zip_is_no_spreadsheet():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("word/document.xml", "<x/>")
    file.seek(0)
    assert refused(file) == "not_a_spreadsheet"


def test_a_book_with_a_password_is_refused():
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    assert refused(io.BytesIO(content)) == "protected"


def test_a_torn_book_is_refused():
    whole = book([["a"]]).getvalue()
    assert refused(io.BytesIO(whole[: len(whole) // 2])) == "broken"
    assert refused(io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000))) == "broken"


def test_a_book_without_a_word_is_refused():
    assert refused(book([])) == "empty"
    assert refused(book([[None, ""], [""]])) == "empty"


def test_limits_of_bytes_rows_and_columns():
    assert refused(book([["a"]]), max_bytes=100) == "too_big"
    assert refused(book([["a"]] * 11), max_rows=10) == "too_many_rows"
    assert refused(book([["a"] * 11]), max_columns=10) == "too_many_columns"
    assert len(only_rows(book([["a"] * 10] * 10))) == 10
    read_sheets(book([["a"] * 10] * 10), max_rows=10, max_columns=10)


def test_blank_cells_with_a_style_do_not_count_as_columns_or_rows():
    xml = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="ZZ1" s="0"/></row>'
    xml += '<row r="1048576"><c r="A1048576" s="0"/></row>'
    assert only_rows(book_of(xml)) == [(1, ["a"])]


def test_two_far_cells_end_the_reader_and_not_the_server():
    xml = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refused(book_of(xml)) == "too_many_columns"
    xml = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="B1048576"><v>1</v></c></row>'
    assert refused(book_of(xml)) == "too_many_rows"
    xml = "<row><c><v>1</v></c></row>" + "<row>" + "<c/>" * 16383 + "<c><v>1</v></c></row>"
    assert refused(book_of(xml)) == "too_many_columns"


def zeros(size):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<x/>")
        with packed.open("xl/worksheets/sheet1.xml", "w") as entry:
            for _at in range(size // MEGABYTE):
                entry.write(bytes(MEGABYTE))
    return file.getvalue()


def code_of(content, **limits):
    with pytest.raises(Refused) as caught:
        check_zip(content, **({"max_unpacked": 300 * MEGABYTE, "max_ratio": 200} | limits))
    return caught.value.args[0]


def test_a_zip_that_says_it_is_huge_is_refused_unopened():
    assert code_of(zeros(30 * MEGABYTE), max_unpacked=20 * MEGABYTE) == "too_big"


def test_a_zip_that_unpacks_a_thousandfold_is_refused():
    assert code_of(zeros(30 * MEGABYTE)) == "too_big"


def test_a_zip_that_lies_about_its_size_is_refused():
    content = zeros(30 * MEGABYTE)
    said = (30 * MEGABYTE).to_bytes(4, "little")
    at = content.rindex(said)
    lying = content[:at] + (100).to_bytes(4, "little") + content[at + 4 :]
    assert code_of(lying) == "broken"
    assert code_of(lying, max_unpacked=20 * MEGABYTE) == "too_big"


def test_a_zip_whose_entries_share_their_bytes_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<x/>" * 100)
        packed.writestr("xl/a.xml", "<x/>" * 100)
        packed.filelist[1].header_offset = packed.filelist[0].header_offset
    assert code_of(file.getvalue()) == "broken"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_file_is_read_or_refused_with_a_reason(data):
    content = bytearray(WHOLE)
    for _at in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        for sheet in read_sheets(io.BytesIO(bytes(content))):
            list(sheet.rows())
    except UnreadableFile as reason:
        assert reason.code in excel.REFUSALS


WHOLE = book([["姓名", "号码"], ["何嘉乐", 5]]).getvalue()


# --- writing --------------------------------------------------------------------------------------------------------


def written(columns, rows):
    file = io.BytesIO()
    write_sheet(file, columns, rows, name="名单")
    return openpyxl.load_workbook(file)["名单"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "{=1}", "http://x.cn"]
)
def test_text_never_becomes_a_formula_or_a_link(text):
    cell = written([Column("备注")], [[text]])["A2"]
    assert cell.data_type == "s"
    assert unescape(cell.value) == text
    assert cell.hyperlink is None
    assert cell.quotePrefix == (text[0] in "=+-@\t\r")


def test_ids_and_phones_stay_text_and_numbers_and_days_do_not():
    page = written(
        [Column("号码"), Column("电话"), Column("人数", "number"), Column("日期", "day")],
        [["990101201706300075", 14000000001, 5, date(2017, 6, 30)], ["007", None, "约 5", "不详"]],
    )
    assert [cell.value for cell in page[2]] == ["990101201706300075", "14000000001", 5, datetime(2017, 6, 30)]
    assert [cell.value for cell in page[3]] == ["007", None, "约 5", "不详"]
    assert [page.cell(2, at).number_format for at in (1, 2, 4)] == ["@", "@", "yyyy-mm-dd"]


def test_the_head_stays_in_sight_and_columns_are_wide_enough():
    page = written([Column("姓名"), Column("家庭住址和门牌号码"), Column("短", width=7)], [])
    assert page.freeze_panes == "A2"
    assert page["A1"].font.bold
    assert page.column_dimensions["B"].width > page.column_dimensions["A"].width
    assert 7 <= page.column_dimensions["C"].width < 8


def test_a_held_row_goes_back_red_with_its_reasons():
    page = written([Column("姓名"), Column("号码")], [["甲", "1"], Marked(["乙", ""], {1: "没有号码"})])
    assert page["B3"].comment.text == "没有号码"
    assert page["A3"].fill.fgColor.rgb == page["B3"].fill.fgColor.rgb == "FFFBD5D5"
    assert page["A2"].comment is None
    assert page["A2"].fill.fgColor.rgb != "FFFBD5D5"


def test_several_sheets_get_names_that_a_spreadsheet_takes():
    file = io.BytesIO()
    write_sheets(
        file,
        [
            SheetOut("三/2 班[新]", [Column("a")]),
            SheetOut("三/2 班[新]", [Column("a")]),
            SheetOut("长" * 40, [Column("a")]),
        ],
    )
    names = openpyxl.load_workbook(file).sheetnames
    assert names == ["三 2 班 新", "三 2 班 新 2", "长" * 31]


def test_a_cell_too_long_says_that_it_was_cut():
    value = written([Column("备注")], [["字" * 40000]])["A2"].value
    assert len(value) == 32767
    assert value.endswith("（太长，以下略）")


def test_rows_are_taken_one_by_one():
    taken = []

    def rows():
        for number in range(3):
            taken.append(number)
            yield [str(number)]

    assert [cell.value for cell in written([Column("n")], rows())["A"]] == ["n", "0", "1", "2"]
    assert taken == [0, 1, 2]


CELLS = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).filter(lambda text: "_x" not in text),
    st.dates(date(1900, 3, 1), date(2100, 1, 1)),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=5))
def test_what_is_written_is_read_back(rows):
    file = io.BytesIO()
    write_sheet(file, [Column("甲", "day"), Column("乙", "day")], rows, name="x")
    file.seek(0)
    found = dict(only_rows(file))
    for number, row in enumerate(rows, start=2):
        expected = [None if cell == "" else cell for cell in row]
        while expected and expected[-1] is None:
            expected.pop()
        assert found.get(number, []) == expected


def test_a_template_marks_what_must_be_filled_and_offers_what_may_be_chosen():
    file = io.BytesIO()
    columns = [
        Column("姓名", required=True, note="与户口本一致"),
        Column("性别", choices=["男", "女"]),
        Column("民族", choices=[f"第{number}个很长的民族名称" for number in range(56)]),
        Column("备注"),
    ]
    template(file, columns, name="花名册")
    made = openpyxl.load_workbook(file)
    page = made["花名册"]
    assert [cell.value for cell in page[1]] == ["*姓名", "性别", "民族", "备注"]
    assert page["A1"].fill.fgColor.rgb == "FFFFF2AB"
    assert page["B1"].fill.fgColor.rgb != "FFFFF2AB"
    assert page.column_dimensions["A"].width >= 8
    rules = {str(rule.sqref): rule for rule in page.data_validations.dataValidation}
    assert rules["A2:A2001"].prompt == "与户口本一致"
    assert rules["B2:B2001"].formula1 == '"男,女"'
    assert rules["C2:C2001"].formula1 == "'选项'!$A$1:$A$56"
    assert made["选项"].sheet_state == "hidden"
    assert made["选项"]["A56"].value == "第55个很长的民族名称"
    assert "D2:D2001" not in rules


def test_an_untouched_template_is_read_as_its_head():
    file = io.BytesIO()
    template(file, [Column("姓名", required=True)], name="花名册")
    file.seek(0)
    assert only_rows(file) == [(1, ["*姓名"])]
