"""The sender's own file comes back: red rows, a comment at each wrong cell, a column of reasons, and no formula."""

import io

import openpyxl
import pytest
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from tests.rosters.lists import bring, imported, number, row, row_of, sheet, start, states
from tongxing.base import excel, excel_marking
from tongxing.children.models import Child
from tongxing.rosters import api
from tongxing.rosters.marking import marked_file, marked_name
from tongxing.rosters.models import Listed

pytestmark = pytest.mark.django_db
WRONG = number(50)[:-1] + ("1" if number(50)[-1] != "1" else "2")
HELD = [
    row(50, citizen_number=WRONG),
    row(51, carer_phone="140 0000 000"),
    row(52, class_name="三2"),
    row(53, name=None),
]


def opened(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content))


def saved(book) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def comments(page) -> dict[str, str]:
    return {cell.coordinate: cell.comment.text for line in page.iter_rows() for cell in line if cell.comment}


def red_rows(page) -> set[int]:
    ours = {
        f"00{excel_marking.RED}",
        f"00{excel_marking.REDDER}",
        f"FF{excel_marking.RED}",
        f"FF{excel_marking.REDDER}",
    }
    return {cell.row for line in page.iter_rows() for cell in line if cell.fill.fgColor.rgb in ours}


def formulas(content: bytes) -> list[str]:
    found = []
    for page in opened(content).worksheets:
        found += [cell.coordinate for line in page.iter_rows() for cell in line if cell.data_type == "f"]
    return found


@pytest.fixture(params=["in itself", "anew"])
def way(request, monkeypatch):
    """Both ways of marking: in the sender's own file, and in a new one with the same cells."""
    if request.param == "anew":
        monkeypatch.setattr(excel_marking, "MOST_CELLS", 0)
    return request.param


def test_wrong_cells_are_red_and_say_why(cast, way):
    roster = imported(cast.director, cast.chunhe, sheet([row(1), *HELD, row(2)], above=[["三年级名册"]]))
    page = opened(marked_file(roster)).active
    assert red_rows(page) == {4, 5, 6, 7}
    assert comments(page) == {
        "D4": "号码里有一位可能写错了，请对照证件",
        "Q5": "手机号少 1 位",
        "H6": "三2 → 三(2)班 ？",
        "A7": "没有姓名",
    }
    assert [page.cell(at, 19).value for at in range(1, 9)] == [
        None,
        "原因",
        None,
        "身份证号：号码里有一位可能写错了，请对照证件",
        "照护人电话：手机号少 1 位",
        "班级：三2 → 三(2)班 ？",
        "姓名：没有姓名",
        None,
    ]
    assert page["D4"].value == WRONG


def test_everything_else_of_the_file_is_as_it_was(cast):
    book = opened(sheet([row(1), *HELD], above=[["三年级名册"]], below=[["合计", 5]]))
    page = book.active
    page.merge_cells("A1:F1")
    page["A1"].font = Font(bold=True, size=20)
    page["B3"].fill = PatternFill("solid", fgColor="00FF00")
    page.column_dimensions["D"].width = 33
    page.add_data_validation(DataValidation("list", formula1='"男,女"', sqref="B3:B99"))
    other = book.create_sheet("说明")
    other["A1"] = "请九月前交"
    content = saved(book)
    roster = bring(cast.director, cast.chunhe, content)
    back = opened(marked_file(roster))
    page = back.active
    assert back.sheetnames == ["Sheet", "说明"]
    assert back["说明"]["A1"].value == "请九月前交"
    assert (page["A1"].font.size, page["B3"].fill.fgColor.rgb) == (20, "0000FF00")
    assert [str(area) for area in page.merged_cells.ranges] == ["A1:F1"]
    assert page.column_dimensions["D"].width == 33
    assert page.data_validations.dataValidation[0].sqref == "B3:B99"
    before, after = opened(content).active, page
    same = [(cell.value, after[cell.coordinate].value) for line in before.iter_rows() for cell in line]
    assert all(one == other for one, other in same)


def test_nothing_that_comes_back_computes(cast, way):
    book = opened(sheet([row(1, address='=HYPERLINK("http://example.org")'), row(2), *HELD]))
    page = book.active
    page["F3"] = "=1+1"
    page["F3"].data_type = "s"  # text that begins so
    for at, text in enumerate(["+86", "-1+2", "@SUM(A1)"]):
        page.cell(4 + at, 6, text)
    content = saved(book)
    assert formulas(content) == ["F2"]
    roster = bring(cast.director, cast.chunhe, content)
    back = marked_file(roster)
    assert not formulas(back)
    page = opened(back).active
    assert [page.cell(at, 6).value for at in (3, 4, 5, 6)] == ["=1+1", "+86", "-1+2", "@SUM(A1)"]
    assert all(page.cell(at, 6).quotePrefix for at in (3, 4, 5, 6))


def test_the_value_a_formula_showed_stays(cast):
    import xlsxwriter

    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        page = book.add_worksheet("名册")
        page.write_row(0, 0, ["姓名", "身份证号", "班级"])
        page.write_row(1, 0, ["赵一", number(1), "三2"])
        page.write_formula(2, 0, '="赵"&"二"', value="赵二")
        page.write_row(2, 1, [number(2), "三(1)班"])
    roster = bring(cast.director, cast.chunhe, target.getvalue())
    back = marked_file(roster)
    assert opened(back).active["A3"].value == "赵二"
    assert not formulas(back)


def test_the_marked_file_brought_again_imports_only_what_was_mended(cast, way):
    roster = imported(cast.director, cast.chunhe, sheet([row(1), *HELD, row(2)]))
    book = opened(marked_file(roster))
    page = book.active
    page["D3"], page["Q4"], page["A6"] = number(50), "14000000009", row(53)["name"]
    before = set(Child.objects.values_list("pk", flat=True))
    again = imported(cast.director, cast.chunhe, saved(book))
    assert states(again) == {2: "known", 3: "archived", 4: "archived", 5: "to_fix", 6: "archived", 7: "known"}
    new = Child.objects.exclude(pk__in=before)
    assert {child.name for child in new} == {row(at)["name"] for at in (50, 51, 53)}
    assert not again.updates.exists()
    assert Listed.objects.standing().filter(child=None).count() == 1  # the class is still to be asked about


def test_a_file_marked_twice_shows_only_what_is_wrong_now(cast, way):
    roster = imported(cast.director, cast.chunhe, sheet([row(1), *HELD]))
    book = opened(marked_file(roster))
    book.active["D3"] = number(50)
    again = imported(cast.director, cast.chunhe, saved(book))
    page = opened(marked_file(again)).active
    assert set(comments(page)) == {"Q4", "H5", "A6"}
    assert [page.cell(1, at).value for at in (18, 19, 20)] == ["照护人身体状况", "原因", None]
    assert page.cell(3, 19).value is None
    if way == "in itself":
        assert red_rows(page) == {4, 5, 6}


def test_what_was_mended_on_the_page_is_not_marked(cast):
    from tests.rosters.test_actions import mend

    roster = bring(cast.director, cast.chunhe, sheet([row(1), *HELD]))
    mend(cast, roster, 5, "class_name:unsure_class")
    page = opened(marked_file(start(cast.director, roster))).active
    assert red_rows(page) == {3, 4, 6}


def test_a_comment_of_the_sender_stays_beside_ours(cast):
    from openpyxl.comments import Comment

    book = opened(sheet([row(1), *HELD]))
    book.active["D3"].comment = Comment("户口本上抄的", "孙老师")
    book.active["A2"].comment = Comment("转来的", "孙老师")
    page = opened(marked_file(bring(cast.director, cast.chunhe, saved(book)))).active
    assert comments(page)["A2"] == "转来的"
    assert comments(page)["D3"].startswith("户口本上抄的\n号码里有一位")


def test_a_wrong_cell_within_a_merged_one_is_marked_at_its_top(cast):
    book = opened(sheet([row(1), row(51, carer_phone="140 0000 000"), row(51, name="钱二", citizen_number=number(80))]))
    book.active.merge_cells("Q3:Q4")
    page = opened(marked_file(bring(cast.director, cast.chunhe, saved(book)))).active
    assert "手机号少 1 位" in comments(page)["Q3"]


def test_a_file_openpyxl_cannot_open_is_written_anew(cast, monkeypatch):
    roster = bring(cast.director, cast.chunhe, sheet([row(1), *HELD]))
    monkeypatch.setattr(excel_marking, "_in_itself", lambda *_about: None)
    assert set(comments(opened(marked_file(roster)).active)) == {"D3", "Q4", "H5", "A6"}


def test_marking_is_bound_in_memory(cast):
    content = sheet([row(1), *HELD])
    marks = [excel_marking.Marks("Sheet", 1, {3: "看一下"}, [])]
    assert excel_marking._in_itself(content, marks) is not None
    assert excel_marking._in_itself(content, marks, max_memory=16 * excel.MEGABYTE) is None


def test_the_name_of_the_file_says_what_it_is(cast):
    roster = bring(cast.director, cast.chunhe, sheet([row(1)]), name="三年级(终版)(2).xls")
    assert marked_name(roster) == "三年级(终版)(2)（标红）.xlsx"
    assert row_of(roster, 2).state == "ready"


def test_the_command_line_writes_the_marked_file_and_only_fills(cast, tmp_path):
    imported(cast.director, cast.chunhe, sheet([row(1), row(2, mother_name=None)]))
    source, target = tmp_path / "名册.xlsx", tmp_path / "标红.xlsx"
    said = [row(1, father_place="沿海某市"), row(2, mother_name="王小红"), row(3), *HELD]
    source.write_bytes(sheet(said))
    done = api.import_file(source, cast.chunhe, cast.director, annotated=target)
    assert done["annotated"] == str(target)
    assert done["counts"] == {
        "rows": 7, "archived": 1, "updated": 1, "unchanged": 0, "to_decide": 1, "to_fix": 4, "skipped": 0,
    }  # fmt: skip
    assert done["facts"] == {"updated": 1, "to_decide": 1}
    assert len(red_rows(opened(target.read_bytes()).active)) == 4
    again = api.import_file(source, cast.chunhe, cast.director, replace=True)
    assert (again["counts"]["updated"], again["counts"]["unchanged"]) == (1, 2)
    assert api.undo(again["roster"], cast.director)["facts"] == {"undone": 1, "kept": 0}
