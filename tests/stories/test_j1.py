"""A bad sheet from the school goes in as it is: ninety-three children at once, seven rows marked in the sender's own
file, and nothing that stands in an archive is changed unseen.

Real clicks in a real browser, with the worker in a process of its own.
"""

import re
from datetime import date, timedelta

import openpyxl
import pytest
from openpyxl.styles import Alignment, Font

from tests.browser import page_is_sound
from tests.factories import fresh
from tongxing.base import clock, numbers
from tongxing.base.attachments import erase_expired
from tongxing.base.records import Event
from tongxing.children.models import Child
from tongxing.children.queries import archives_of, facts_of, work_places
from tongxing.rosters.models import Roster

FILE = "三年级留守儿童花名册(终版)(2).xlsx"
HEADINGS = ["姓名", "性 别", "身份证号码", "班级", "监护人", "电话", "家庭住址", "父亲", "务工地"]
FIRST, LAST = 4, 103  # rows of children
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯褚", "一二三四五六七八九十"
WAITING = {
    7: ("C7", "这个身份证号被表格软件改成了数字，后三位已丢失，请按证件重新填"),
    12: ("C12", "号码里有一位可能写错了，请对照证件"),
    15: ("C15", "性别和身份证号对不上"),
    20: ("F20", "手机号少 1 位"),
    33: ("D33", "三2 → 三(2)班 ？"),
    60: ("A60", "没有姓名"),
    88: ("A88", "第 41、88 行像同一个孩子"),
}


def child_in(row: int) -> list:
    """The cells of a row in which nothing is wrong: a girl in every third row, else a boy."""
    girl, born = row % 3 == 0, date(2017, 3, 1) + timedelta(days=row)
    number = numbers.make("990101", born, 2 * row + (0 if girl else 1))
    name = SURNAMES[row % 10] + GIVEN[row // 10 % 10] + "东南西北"[row % 4]
    return [
        name, "女" if girl else "男", number, "三(1)班", f"{SURNAMES[(row + 3) % 10]}桂花", f"140{row:08d}",
        f"岭下社区塘下组{row}号", f"{name[0]}大山", "广东东莞",
    ]  # fmt: skip


def their_file(path) -> None:
    """The archivist's sheet as it lies on the desk."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "三年级"
    page.append(["青禾镇中心小学三年级留守儿童花名册"])
    page.merge_cells("A1:I1")
    page["A1"].font, page["A1"].alignment = Font(size=18, bold=True), Alignment(horizontal="center")
    page.append(["填表日期：2026.11.20"])
    page.append(HEADINGS)
    rows = {row: child_in(row) for row in range(FIRST, LAST + 1)}
    rows[7][0], rows[7][1], rows[7][2] = "陈思雨", "女", 990101201802100000
    rows[12][0], rows[12][1], rows[12][2] = "刘雨桐", "女", "990101201709170043"
    rows[15][1], rows[15][2] = "男", numbers.make("990101", date(2017, 3, 16), 30)
    rows[20][5] = "138 0000 000"
    rows[33][3] = "三2"
    rows[60][0] = None
    rows[88] = list(rows[41])
    for row in rows.values():
        page.append(row)
    page.append(["合计", 100])
    page["C7"].number_format = "0"
    page.column_dimensions["C"].width = 24
    book.save(path)


PATIENCE = 120_000  # milliseconds: the worker may share the machine with other tests


def bring(page, path) -> None:
    """From the page of lists: choose the file, let it be read."""
    page.get_by_role("link", name="资料与导出").click()
    page.get_by_role("link", name="导入名册").first.click()
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_label("哪个社区的孩子").select_option(label="岭下社区")
    page.get_by_role("button", name="读给我看").click()


def red_and_told(path) -> tuple[set[int], dict[str, str], dict[int, str]]:
    """Of a marked file: red rows, comments by cell, reasons by row."""
    page = openpyxl.load_workbook(path).active
    heads = [cell.value for cell in page[3]]
    reasons = heads.index("原因") + 1
    cells = [cell for line in page.iter_rows(max_col=len(HEADINGS)) for cell in line]
    red = {cell.row for cell in cells if cell.fill.fill_type == "solid"}
    told = {cell.coordinate: cell.comment.text for cell in cells if cell.comment}
    return red, told, {row: said for row in range(4, page.max_row + 1) if (said := page.cell(row, reasons).value)}


def facts(child) -> dict:
    archive = archives_of([child.pk], clock.today())[child.pk]
    return facts_of(archive, work_places([role.kin_id for role in archive.roles], clock.today()))


@pytest.mark.slow
@pytest.mark.both_databases
def test_a_bad_sheet_from_the_school(cast, site, worker, desktop, sign_in, tmp_path):
    page, file, marked = desktop, tmp_path / FILE, tmp_path / "标红.xlsx"
    page.set_default_timeout(PATIENCE)
    their_file(file)
    before = set(Child.objects.values_list("pk", flat=True))
    sign_in(page, cast.archivist)

    # read: what is no row of a child is skipped by itself, columns are known by what they mean
    bring(page, file)
    page.get_by_text("读到 100 行，识别 9 列；93 行可直接导入，7 行要看一下").wait_for()
    assert page.get_by_text("标题、合计等 3 行已自动跳过").is_visible()
    known = [re.sub(r"\s+", "", one.inner_text()) for one in page.locator(".maps .map").all()]
    assert known == [
        "姓名姓名", "性别性别", "身份证号码身份证号", "班级班级", "监护人照护人姓名", "电话照护人电话",
        "家庭住址家庭住址", "父亲父亲姓名", "务工地父亲务工地",
    ]  # fmt: skip
    assert set(Child.objects.values_list("pk", flat=True)) == before  # nobody has said yes
    page_is_sound(page)

    # each match can be changed
    page.get_by_role("link", name="改对应").click()
    assert page.get_by_label("I 列 务工地").input_value() == "father_place"
    page.get_by_role("link", name="不改了").click()

    # the seven rows show the cell and what to do
    shown = page.locator(".prob tbody tr")
    assert shown.count() == 7
    for line, (row, (cell, said)) in zip(shown.all(), WAITING.items(), strict=True):
        text = line.inner_text()
        assert f"第 {row} 行" in text and said in text
        if row != 88:
            assert f"{cell[0]} 列" in text
    assert page.get_by_role("form", name="第 33 行").get_by_role("button", name="是 三(2)班").is_visible()

    # one press imports the ninety-three; the whole can be taken back
    page.get_by_role("button", name="导入 93 行").click()
    page.get_by_role("heading", name="建了 93 份档案，还有 7 行要看一下").wait_for()
    brought = Child.objects.exclude(pk__in=before)
    assert brought.count() == 93
    assert Event.objects.filter(action="rosters.import_row", subject="children.child").count() == 93
    page_is_sound(page)
    page.get_by_role("link", name="撤销这一批").click()
    page.get_by_text("会撤回 93 份档案").wait_for()
    page.get_by_role("link", name="先不").click()

    # the sender's own file, red, with reasons
    with page.expect_download() as download:
        page.get_by_role("link", name="下载标红的表").click()
    assert download.value.suggested_filename == "三年级留守儿童花名册(终版)(2)（标红）.xlsx"
    download.value.save_as(marked)
    red, told, reasons = red_and_told(marked)
    assert red == set(reasons) == set(WAITING)
    for row, (cell, said) in WAITING.items():
        assert said in told[cell] and said in reasons[row]
    book = openpyxl.load_workbook(marked)
    mine, theirs = book.active, openpyxl.load_workbook(file).active
    assert (
        str(mine.merged_cells.ranges[0] if isinstance(mine.merged_cells.ranges, list) else mine.merged_cells) == "A1:I1"
    )
    assert mine["A1"].font.size == 18 and mine.column_dimensions["C"].width == 24
    for line in theirs.iter_rows():
        assert [cell.value for cell in line] == [mine[cell.coordinate].value for cell in line]

    # mended in the spreadsheet program and brought again: only the seven come in
    for row, column in ((7, "C"), (12, "C"), (15, "B"), (20, "F"), (33, "D"), (60, "A")):
        mine[f"{column}{row}"] = child_in(row)["ABCDEFGHI".index(column)]
    mine["B7"], mine["B12"] = child_in(7)[1], child_in(12)[1]
    mine["C15"] = child_in(15)[2]
    mine["B15"] = child_in(15)[1]
    for at, value in enumerate(child_in(88), start=1):
        mine.cell(88, at, value)
    book.save(marked)
    bring(page, marked)
    page.get_by_text("读到 100 行，识别 9 列；7 行可直接导入，0 行要看一下").wait_for()
    page.get_by_role("button", name="导入 7 行").click()
    page.get_by_role("heading", name="建了 7 份档案").wait_for()
    assert brought.count() == 100
    assert Event.objects.filter(action="rosters.update_child").count() == 0
    assert Roster.objects.order_by("id").last().rows.filter(state="known").count() == 93


@pytest.mark.slow
@pytest.mark.both_databases
def test_nothing_in_an_archive_is_changed_silently(cast, site, worker, desktop, sign_in, tmp_path):
    page, file = desktop, tmp_path / FILE
    page.set_default_timeout(PATIENCE)
    rows = {row: child_in(row) for row in range(FIRST, FIRST + 10)}

    def saved():
        book = openpyxl.Workbook()
        for line in (HEADINGS, *rows.values()):
            book.active.append(line)
        book.save(file)

    saved()
    sign_in(page, cast.director2)
    page.get_by_role("link", name="资料与导出").click()
    page.get_by_role("link", name="导入名册").first.click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="读给我看").click()
    page.get_by_role("button", name="导入 10 行").click()
    page.get_by_role("heading", name="建了 10 份档案").wait_for()

    # four children, six facts
    first, second, third, fourth = (rows[row] for row in range(FIRST, FIRST + 4))
    children = [Child.objects.get(name=row[0]) for row in (first, second, third, fourth)]
    was = [facts(child) for child in children]
    first[5], first[8] = "14000099001", "浙江义乌"
    second[5], second[6] = "14000099002", "岭下社区上屋组2号"
    third[8] = "浙江温州"
    fourth[7] = "周大河"
    saved()
    page.get_by_role("link", name="资料与导出").click()
    page.get_by_role("link", name="导入名册").first.click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="读给我看").click()
    page.get_by_role("heading", name="将更新 4 人的 6 处").wait_for()
    for before, after in (
        ("广东东莞", "浙江义乌"),
        ("14000000005", "14000099002"),
        (f"{fourth[0][0]}大山", "周大河"),
    ):
        line = page.locator(".before tr", has_text=after)
        assert before in line.first.inner_text(), line.first.inner_text()
    assert [facts(child) for child in children] == was
    page_is_sound(page)

    # one is left as it was, the others are written, and the whole is taken back
    page.locator(".before tr", has_text="周大河").get_by_text(f"{fourth[0][0]}大山").click()
    page.get_by_role("button", name="更新 4 人").click()
    page.get_by_text("人已更新").wait_for()
    now = [facts(child) for child in children]
    assert (now[0]["carer_phone"], now[0]["father_place"]) == ("14000099001", "浙江义乌")
    assert (now[1]["carer_phone"], now[1]["address"]) == ("14000099002", "岭下社区上屋组2号")
    assert now[2]["father_place"] == "浙江温州"
    assert now[3] == was[3]
    assert Event.objects.filter(action="rosters.update_child", subject="children.child").count() == 3
    page.get_by_role("link", name="撤销这一批").click()
    page.get_by_text("把 3 人的 5 处改回原样").wait_for()
    page.get_by_label("为什么撤销").fill("学校发错了表")
    page.get_by_role("button", name="撤销").click()
    page.get_by_role("heading", name=re.compile("已撤回")).wait_for()
    assert [facts(child) for child in children] == was


CLICKS = """addEventListener('click', event => {
  if (event.isTrusted) sessionStorage.setItem('clicks', 1 + Number(sessionStorage.getItem('clicks') || 0));
}, true);"""


def test_a_clean_file_takes_three_clicks(cast, site, worker, desktop, sign_in, tmp_path):
    file = tmp_path / FILE
    book = openpyxl.Workbook()
    for line in (HEADINGS, *(child_in(row) for row in range(FIRST, FIRST + 20))):
        book.active.append(line)
    book.save(file)
    page = desktop
    page.set_default_timeout(PATIENCE)
    page.add_init_script(CLICKS)
    sign_in(page, cast.director2)
    page.goto("/rosters/")
    page.evaluate("sessionStorage.removeItem('clicks')")
    page.get_by_role("link", name="导入名册").first.click()
    page.locator("input[type=file]").set_input_files(file)  # dropped upon the field
    page.get_by_role("button", name="读给我看").click()
    page.get_by_role("button", name="导入 20 行").click()
    page.get_by_role("heading", name="建了 20 份档案").wait_for()
    assert page.evaluate("Number(sessionStorage.getItem('clicks'))") <= 3


def test_the_file_is_not_kept_longer_than_thirty_days(cast, site, worker, desktop, sign_in, tmp_path, monkeypatch):
    file = tmp_path / FILE
    desktop.set_default_timeout(PATIENCE)
    their_file(file)
    sign_in(desktop, cast.archivist)
    bring(desktop, file)
    desktop.get_by_role("button", name="导入 93 行").wait_for()
    roster = Roster.objects.get()
    kept = roster.attachment.path
    assert b"PK" not in kept.read_bytes()[:2] and "陈思雨".encode() not in kept.read_bytes()
    with clock.fixed(clock.now() + timedelta(days=29, hours=23)):
        assert erase_expired() == 0
    with clock.fixed(clock.now() + timedelta(days=30, hours=1)):
        assert erase_expired() == 1
    assert not kept.exists()
    desktop.reload()
    desktop.get_by_text("原表已满 30 天，从这里删除了。").wait_for()
    assert desktop.get_by_role("link", name="下载原表").count() == 0
    assert desktop.get_by_role("link", name="下载标红的表").count() == 0
    assert desktop.get_by_role("button", name="导入 93 行").is_visible()  # what was read of it is still there
    assert fresh(roster).state == "ready"
