"""Habits of files: old formats, text in its encodings, forms with one child a sheet, our own template."""

from datetime import date

import xlsxwriter

from tests.rosters.habits.book import A, B, C, D, E, book, facts, fix, habit, new, office

HEAD = ["姓名", "性别", "身份证号"]


def who(kid):
    return [kid.name, kid.sex, kid.number]


def text(path, rows, separator=",", encoding="utf-8", mark=""):
    path.write_bytes((mark + "\r\n".join(separator.join(row) for row in rows) + "\r\n").encode(encoding))


ROWS = [[*HEAD, "家庭住址"], [*who(A), "塘下组3号"], [*who(B), "塘下组3号"]]


def both():
    return {"rows": {2: new(facts(A, address="塘下组3号")), 3: new(facts(B, address="塘下组3号"))}}


@habit(74, "old-excel", "An old xls file by LibreOffice, with two levels of headings and a merged household.", "xls")
def _(path):
    rows = [["姓名", "性别", "身份证号", "父亲", None, "家庭住址"], [None, None, None, "姓名", "电话", None],
            [*who(A), "陈大山", 14000000001, "塘下组3号"], [*who(B), "陈大山", 14000000001, None]]  # fmt: skip
    source = path.with_suffix(".xlsx")
    book(source, rows, merged=["A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2", "F3:F4"])
    office(source, "xls", path)
    more = {"father_name": "陈大山", "father_phone": "14000000001", "address": "塘下组3号"}
    return {"rows": {3: new(facts(A, **more)), 4: new(facts(B, **more))}, "heading_rows": [1, 2]}


@habit(
    75,
    "old-excel-days",
    "An xls file with a true day, a month that was typed, a cut number and a formula's error.",
    "xls",
)
def _(path):
    def shape(made):
        page = made.worksheets[0]
        page["C3"].number_format = 'yyyy"年"m"月"'

    source = path.with_suffix(".xlsx")
    rows = [["姓名", "性别", "出生日期", "身份证号", "家庭住址"], [A.name, "男", date(2015, 3, 5), None, '="塘下组"&"3号"'],
            [B.name, "女", date(2018, 2, 1), None, "=1/0"], [C.name, "男", date(2012, 11, 8), 990101201211080031, '=""']]  # fmt: skip
    book(source, rows, shape=shape)
    office(source, "xls", path)
    born = ("name", "sex", "birth_date")
    return {
        "rows": {
            2: new(facts(A, *born, address="塘下组3号")),
            3: fix(facts(B, "name", "sex"), "C3 no_birth", "C3 not_a_whole_day", "E3 formula_error"),
            4: fix(facts(C, *born), "D4 lost_digits"),
        }
    }


@habit(76, "from-ods", "An xlsx file that LibreOffice made of its own format, with a merged title and groups.")
def _(path):
    source = path.with_suffix(".source.xlsx")
    book(source, [["春和社区留守儿童花名册"], HEAD, ["塘下组"], who(A), who(B)], merged=["A1:C1", "A3:C3"])
    office(source, "ods", source.with_suffix(".ods"))
    office(source.with_suffix(".ods"), "xlsx", path)
    return {"rows": {4: new(facts(A, hamlet="塘下组")), 5: new(facts(B, hamlet="塘下组"))}}


@habit(77, "csv", "Text with commas in UTF-8.", "csv")
def _(path):
    text(path, ROWS)
    return both()


@habit(78, "csv-semicolons", "Text with semicolons in UTF-8, with a mark at its beginning.", "csv")
def _(path):
    text(path, ROWS, ";", mark="\ufeff")
    return both()


@habit(79, "csv-gbk", "Text with commas in GBK, as spreadsheets here save it.", "csv")
def _(path):
    text(path, ROWS, encoding="gbk")
    return both()


@habit(80, "csv-gb18030", "Text in GB18030 with a rare character GBK does not have.", "csv")
def _(path):
    text(path, [HEAD, ["陈\U00020000", A.sex, A.number]], encoding="gb18030")
    return {"rows": {2: new(facts(A, name="陈\U00020000"))}}


@habit(81, "unicode-text", "Text with tabs in UTF-16, which spreadsheets call Unicode text.", "txt")
def _(path):
    text(path, ROWS, "\t", encoding="utf-16-le", mark="\ufeff")
    return both()


@habit(82, "utf-16-without-mark", "The same without a mark at its beginning.", "csv")
def _(path):
    text(path, ROWS, "\t", encoding="utf-16-be")
    return both()


@habit(83, "csv-by-office", "Text by LibreOffice: quotation marks, a comma and a line break inside cells.", "csv")
def _(path):
    source = path.with_suffix(".xlsx")
    book(
        source,
        [
            ["花名册，2026年"],
            ["姓名", "性 别", "身份证\n号码", "家庭住址"],
            [*who(A), "塘下组3号,\n后门"],
            [*who(B), '"老屋"旁'],
        ],
    )
    office(source, "csv", path, "Text - txt - csv (StarCalc):44,34,76,1")
    return {"rows": {3: new(facts(A, address="塘下组3号, 后门")), 4: new(facts(B, address='"老屋"旁'))}}


@habit(84, "csv-numbers", 'Numbers in text: ="…", a tab before them, 9.90101E+17, 14000000001.0.', "csv")
def _(path):
    head = [*HEAD, "照护人", "照护人电话"]
    rows = [[A.name, A.sex, f'="{A.number}"', "罗秀兰", "14000000003.0"], [B.name, B.sex, f"\t{B.number}", "罗秀兰", "\t14000000003"],
            [C.name, C.sex, "9.90101E+17", "罗秀兰", "14000000003"]]  # fmt: skip
    text(path, [head, *rows])
    carer = {"carer_name": "罗秀兰", "carer_phone": "14000000003"}
    return {
        "rows": {
            2: new(facts(A, **carer)),
            3: new(facts(B, **carer)),
            4: fix(facts(C, "name", "sex", **carer), "C4 lost_digits"),
        }
    }


@habit(85, "text-named-xls", "A system's export: text with tabs in GBK that is called xls.", "xls")
def _(path):
    text(path, ROWS, "\t", encoding="gbk")
    return both()


@habit(86, "csv-says-its-mark", "Text that names its separator, with a quotation mark that is never closed.", "csv")
def _(path):
    rows = [[*HEAD, "家庭住址"], [*who(A), '"塘下组3号'], *([*who(kid), "岭背组5号"] for kid in (B, C, D, E))]
    filler = [["", "", "", ""]] * 40
    text(path, [["sep=|"], *rows, *filler], "|")
    found = {at: new(facts(kid, address="岭背组5号")) for at, kid in ((3, B), (4, C), (5, D), (6, E))}
    return {"rows": {2: new(facts(A, address='"塘下组3号'))} | found}


@habit(87, "a-form", "A registration form: each value beside its label.")
def _(path):
    rows = [["留守儿童登记表"], ["姓名", A.name, "性别", "男", "出生年月", "2015年3月"], ["身份证号", A.number, None, None, "民族", "汉"],
            ["家庭住址", "塘下组3号", None, None, "就读学校", "青禾镇中心小学"], ["班级", "六(1)班", "健康状况", "良好", "照片", None],
            ["父亲姓名", "陈大山", "联系电话", 14000000001, "务工地点", "邻省某市"],
            ["监护人", "罗秀兰", "与儿童关系", "奶奶", "联系电话", "14000000003"], ["填表人：李春梅", None, None, None, "2026年11月20日", None]]  # fmt: skip
    book(path, rows, merged=["A1:F1", "B3:D3", "B4:D4"])
    found = facts(A, address="塘下组3号", school="青禾镇中心小学", class_name="六(1)班", father_name="陈大山", father_phone="14000000001",
                  father_place="邻省某市", carer_name="罗秀兰", carer_relation="62", carer_phone="14000000003")  # fmt: skip
    return {"rows": {2: new(found)}}


@habit(88, "a-form-with-a-family-table", "A form with values beneath their labels, and the parents as a small table.")
def _(path):
    rows = [["留守儿童基本情况登记表"], ["姓名", "性别", "出生日期", "身份证号码"], [A.name, "☑男 □女", "2015.03.05", A.number],
            ["现住址", "塘下组3号", None, None], ["家庭成员", "姓名", "联系电话", "务工地点"], ["父亲", "陈大山", "14000000001", "邻省某市"],
            ["母亲", "李小云", "14000000002", None], ["备注", "随奶奶生活", None, None]]  # fmt: skip
    book(path, rows, merged=["A1:D1", "B4:D4", "B8:D8"])
    found = facts(A, "name", "sex", "birth_date", "citizen_number", address="塘下组3号", father_name="陈大山",
                  father_phone="14000000001", father_place="邻省某市", mother_name="李小云", mother_phone="14000000002")  # fmt: skip
    return {"rows": {3: new(found)}}


@habit(89, "a-form-a-sheet", "Forms for two children on two sheets, one with a wrong number, and an empty form.")
def _(path):
    def form(kid, number, sex):
        return [["登记表"], ["儿童姓名", kid.name if kid else None, "性别", sex], ["身份证号", number, "班级", "三(2)班" if kid else None],
                ["村民小组", "塘下组" if kid else None, "家庭住址", "塘下组3号" if kid else None]]  # fmt: skip

    book(
        path,
        ("陈思雨", form(B, B.number, "女")),
        ("刘雨桐", form(E, "990101201709170043", "女")),
        ("空表", form(None, None, None)),
    )
    home = {"class_name": "三(2)班", "hamlet": "塘下组", "address": "塘下组3号"}
    return {
        "sheets": {
            "陈思雨": {2: new(facts(B, **home))},
            "刘雨桐": {2: fix(facts(E, **home) | {"citizen_number": "990101201709170043"}, "B3 wrong_check_digit")},
        }
    }


@habit(90, "family-by-relation", "A form whose family table says by the relation who is who.")
def _(path):
    rows = [["儿童信息登记表"], ["姓名", A.name, "性别", "男"], ["身份证号", A.number, "村民小组", "塘下组"],
            ["家庭成员姓名", "与本人关系", "联系电话", "务工地点"], ["陈大山", "父亲", "14000000001", "邻省某市"],
            ["李小云", "母亲", "14000000002", "邻省某县"], ["罗秀兰", "奶奶", "14000000003", None]]  # fmt: skip
    book(path, rows, merged=["A1:D1"])
    found = facts(A, hamlet="塘下组", father_name="陈大山", father_phone="14000000001", father_place="邻省某市",
                  mother_name="李小云", mother_phone="14000000002", mother_place="邻省某县")  # fmt: skip
    return {"rows": {2: new(found)}}


@habit(91, "our-template", "Our own template, filled in.")
def _(path):
    from tongxing.rosters.sheets import headings, write_template

    write_template(path)
    import openpyxl

    made = openpyxl.load_workbook(path)
    cells = {"name": A.name, "sex": "男", "citizen_number": A.number, "class_name": "六(1)班", "carer_name": "罗秀兰",
             "carer_relation": "奶奶", "carer_phone": "14000000003"}  # fmt: skip
    for at, field in enumerate(headings(), start=1):
        made.worksheets[0].cell(2, at, cells.get(field))
    made.save(path)
    found = facts(A, class_name="六(1)班", carer_name="罗秀兰", carer_relation="62", carer_phone="14000000003")
    return {"rows": {2: new(found)}}


@habit(92, "rich-text", "Cells in several colours, comments, and a filter, by another program.")
def _(path):
    made = xlsxwriter.Workbook(path)
    page, red = made.add_worksheet("花名册"), made.add_format({"color": "red"})
    page.write_row(0, 0, HEAD)
    page.write_rich_string(1, 0, "陈", red, "思", "远")
    page.write_row(1, 1, [A.sex, A.number])
    page.write_comment(1, 2, "已核对")
    page.write_row(2, 0, who(B))
    page.autofilter(0, 0, 2, 2)
    page.set_row(2, None, None, {"hidden": True})
    made.close()
    return {"rows": {2: new(facts(A)), 3: new(facts(B))}}
