"""Habits of cells: numbers, days, phones, people, classes, answers."""

# ruff: noqa: DTZ001  cells know no time zone

from datetime import date, datetime

import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.rosters.habits.book import A, B, C, D, E, F, G, book, facts, fix, habit, new

HEAD = ["姓名", "性别", "身份证号"]
BORN = ["姓名", "性别", "出生日期"]
DAY = ("name", "sex", "birth_date")


def who(kid):
    return [kid.name, kid.sex, kid.number]


def no_number(kid, **more):
    return facts(kid, *DAY, **more)


@habit(47, "numbers-cut-to-fifteen", "A citizen number kept as a number has lost its last three digits.")
def _(path):
    book(path, [HEAD, [A.name, A.sex, 990101201503051216], who(B)])
    return {"rows": {2: fix(facts(A, "name", "sex"), "C2 lost_digits"), 3: new(facts(B))}}


@habit(48, "numbers-as-numbers", "Phones stored as numbers.")
def _(path):
    book(path, [[*HEAD, "照护人", "照护人电话", "年级"], [*who(A), "罗秀兰", 14000000003, 6]])
    return {"rows": {2: new(facts(A, carer_name="罗秀兰", carer_phone="14000000003", class_name="六年级"))}}


@habit(49, "wide-and-unseen", "Digits in full width, characters of no width, hard blanks, a small x.")
def _(path):
    wide = A.number.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)})
    book(path, [HEAD, [f"\u200b{A.name}\ufeff", f"\u00a0{A.sex} ", wide], ["吴 佳　怡", "女\u200d", f"\u2066{D.number}\u2069"],
                ["刘雨桐", "女", "99010120170917004\u00d7"]])  # fmt: skip
    return {
        "rows": {
            2: new(facts(A)),
            3: new(facts(D)),
            4: fix(facts(E, citizen_number="99010120170917004X"), "C4 wrong_check_digit"),
        }
    }


@habit(50, "days-as-text", "One day in nine ways.")
def _(path):
    ways = ["20150305", "2015.3.5", "2015/3/5", "2015-03-05", "2015年3月5日", "2015年03月05日生", "二〇一五年三月五日", "２０１５．０３．０５",
            "2015-03-05 00:00:00"]  # fmt: skip
    names = [f"陈思{letter}" for letter in "甲乙丙丁戊己庚辛壬"]
    book(path, [BORN, *([name, "男", way] for name, way in zip(names, ways, strict=True))])
    return {
        "rows": {at: new({"name": name, "sex": "1", "birth_date": A.born}) for at, name in enumerate(names, start=2)}
    }


@habit(51, "days-as-days", "True days, a moment, a day's serial number, and eight figures as a number.")
def _(path):
    rows = [
        [A.name, "男", date(2015, 3, 5)],
        [B.name, "女", datetime(2018, 2, 10, 8, 30)],
        [C.name, "男", 41221],
        [D.name, "女", 20150621],
    ]

    def shape(made):
        made.worksheets[0]["C2"].number_format = 'yyyy"年"m"月"d"日"'
        made.worksheets[0]["C5"].number_format = "yyyy-mm-dd"  # shown as ####

    book(path, [BORN, *rows], shape=shape)
    return {"rows": {2: new(no_number(A)), 3: new(no_number(B)), 4: new(no_number(C)), 5: new(no_number(D))}}


@habit(52, "days-from-1904", "A book that counts its days from 1904, with a true day and a plain serial number.")
def _(path):
    def shape(made):
        made.epoch = CALENDAR_MAC_1904

    book(path, [BORN, [A.name, "男", date(2015, 3, 5)], [C.name, "男", 41221 - 1462]], shape=shape)
    return {"rows": {2: new(no_number(A)), 3: new(no_number(C))}}


@habit(
    53,
    "month-of-birth",
    "出生年月 beside the number: the number says the day. Without it, or against it, the day is asked for.",
)
def _(path):
    head = ["姓名", "性别", "出生年月", "身份证号"]
    rows = [[A.name, A.sex, "2015年3月", A.number], [B.name, B.sex, "2018.02", B.number], [C.name, C.sex, 201211, C.number],
            [D.name, D.sex, "2015.7", D.number], [E.name, E.sex, "2017年9月", None]]  # fmt: skip
    book(path, [head, *rows])
    return {
        "rows": {
            2: new(facts(A)),
            3: new(facts(B)),
            4: new(facts(C)),
            5: fix(facts(D), "C5 not_a_whole_day"),
            6: fix(facts(E, "name", "sex"), "C6 not_a_whole_day", "C6 no_birth"),
        }
    }


@habit(54, "day-not-shown", "2015年3月 typed into a spreadsheet becomes the first of March; the cell shows no day.")
def _(path):
    def shape(made):
        page = made.worksheets[0]
        page["C2"].number_format = 'yyyy"年"m"月";@'
        page["C3"].number_format = "mmm-yy"
        page["C4"].number_format = 'yyyy"年"m"月"'

    rows = [[A.name, "男", date(2015, 3, 1)], [B.name, "女", date(2018, 2, 1)], [C.name, "男", date(2012, 11, 8)]]
    book(path, [BORN, *rows], shape=shape)
    return {
        "rows": {
            2: fix(facts(A, "name", "sex"), "C2 not_a_whole_day", "C2 no_birth"),
            3: fix(facts(B, "name", "sex"), "C3 not_a_whole_day", "C3 no_birth"),
            4: new(no_number(C)),  # hidden by the format, but written
        }
    }


@habit(55, "year-not-shown", "3月5日 and a class 3-2 typed into a spreadsheet become days of the year of typing.")
def _(path):
    def shape(made):
        page = made.worksheets[0]
        page["C2"].number_format = 'm"月"d"日"'
        page["D3"].number_format = 'm"月"d"日"'

    rows = [[A.name, "男", date(2026, 3, 5), "六(1)班"], [B.name, "女", "2018-2-10", date(2026, 3, 2)]]
    book(path, [[*BORN, "班级"], *rows], shape=shape)
    return {
        "rows": {
            2: fix(facts(A, "name", "sex", class_name="六(1)班"), "C2 unreadable_day"),
            3: fix(no_number(B, class_name="03-02"), "D3 unknown_class"),
        }
    }


@habit(
    56,
    "two-days-possible",
    "5/3/2015, a year of two figures, the farmers' calendar, a day that is none, and a day to come.",
)
def _(path):
    rows = [[A.name, "男", "5/3/2015"], [B.name, "女", "18.2.10"], [C.name, "男", "农历2012年11月8日"], [D.name, "女", "2015-2-30"],
            [E.name, "女", "2027-9-17"], [F.name, "男", "24/12/2013"]]  # fmt: skip
    book(path, [BORN, *rows])
    return {
        "rows": {
            2: fix(facts(A, "name", "sex", birth_date="2015-05-03"), "C2 two_days_possible"),
            3: fix(no_number(B), "C3 short_year"),
            4: fix(no_number(C), "C4 lunar_day"),
            5: fix(facts(D, "name", "sex"), "C5 no_such_day"),
            6: fix(facts(E, "name", "sex"), "C6 future_day"),
            7: new(no_number(F)),
        }
    }


@habit(63, "is-it-a-left-behind-child", "A whole roll with a column that says who is meant, in words and ticks.")
def _(path):
    cells = ["是", "否", "√", "非留守", "双亲留守", None, "看情况"]
    rows = [[*who(kid), cell] for kid, cell in zip((A, B, C, D, E, F, G), cells, strict=True)]
    book(path, [[*HEAD, "是否留守儿童"], *rows])
    return {
        "rows": {
            2: new(facts(A)),
            4: new(facts(C)),
            6: new(facts(E)),
            7: fix(facts(F), "D7 blank_answer"),
            8: fix(facts(G), "D8 strange_answer"),
        },
        "skipped": {3: "not_left_behind", 5: "not_left_behind"},
    }


@habit(64, "left-behind-in-figures", "The same in figures: 0, 1, 2 and 1, 2, 3 are both in use, so it is asked.")
def _(path):
    rows = [[*who(A), 1], [*who(B), 2], [*who(C), "1"]]
    book(path, [[*HEAD, "是否留守儿童"], *rows])
    asked = {at: fix(facts(kid), f"D{at} which_coding") for at, kid in ((2, A), (3, B), (4, C))}
    return {"rows": asked, "asks": ["D left_behind_coding"]}


@habit(65, "left-behind-with-a-key", "Figures whose meaning the heading gives.")
def _(path):
    rows = [[*who(A), 1], [*who(B), 2], [*who(C), 3]]
    book(path, [[*HEAD, "是否留守儿童（1.非留守 2.单亲留守 3.双亲留守）"], *rows])
    return {"rows": {3: new(facts(B)), 4: new(facts(C))}, "skipped": {2: "not_left_behind"}}


@habit(66, "formulas-never-calculated", "Formulas a program wrote without their values.")
def _(path):
    rows = [[A.name, A.sex, "=A9", '="塘下组"&3'], [B.name, '=IF(1=1,"女","男")', B.number, "塘下组4号"]]
    book(path, [[*HEAD, "家庭住址"], *rows])
    return {
        "rows": {
            2: fix(facts(A, "name", "sex"), "C2 formula_without_value", "D2 formula_without_value"),
            3: fix(facts(B, "name", "citizen_number", address="塘下组4号"), "B3 formula_without_value"),
        }
    }


@habit(67, "formulas-with-values", "Formulas whose values were kept, one that came to an error and one to nothing.")
def _(path):
    made = xlsxwriter.Workbook(path)
    page = made.add_worksheet("名单")
    page.write_row(0, 0, [*HEAD, "家庭住址"])
    page.write_row(1, 0, who(A))
    page.write_formula(1, 3, '="塘下组"&"3号"', None, "塘下组3号")
    page.write_row(2, 0, who(B))
    page.write_formula(2, 3, "=VLOOKUP(A3,Z1:Z9,1,0)", None, "#N/A")
    page.write_row(3, 0, who(C))
    page.write_row(4, 0, who(D))
    page.write_formula(4, 3, "=Z9")  # of an empty cell: 0
    made.close()
    return {
        "rows": {
            2: new(facts(A, address="塘下组3号")),
            3: fix(facts(B), "D3 formula_error"),
            4: new(facts(C)),
            5: fix(facts(D), "D5 formula_without_value"),
        }
    }


@habit(68, "nothing-in-words", "Nothing, in its many words.")
def _(path):
    head = [*HEAD, "父亲姓名", "父亲电话", "家庭住址", "照护人身体状况"]
    book(path, [head, [*who(A), "无", "/", "-", "——"], [*who(B), "不详", "无", "暂无", "未知"], [*who(C), "已故", None, None, None],
                ["无", "男", F.number, None, None, None, None]])  # fmt: skip
    return {
        "rows": {
            2: new(facts(A)),
            3: new(facts(B)),
            4: fix(facts(C), "D4 not_a_name"),
            5: fix(facts(F, "sex", "citizen_number"), "A5 required"),
        }
    }


@habit(69, "grade-and-class", "Grade and class in two columns, in several ways; one row where they differ.")
def _(path):
    rows = [[*who(B), "三年级", "2班"], [*who(E), 3, 2], [*who(C), "八", "（1）班"], [*who(F), "初一", "3班"], [*who(A), "六年级", "六(1)班"],
            [*who(D), "六年级", "五(1)班"], [*who(G), "四年级", None]]  # fmt: skip
    book(path, [[*HEAD, "年级", "班级"], *rows])
    said = ["三(2)班", "三(2)班", "八(1)班", "七(3)班", "六(1)班"]
    rows = {
        at: new(facts(kid, class_name=name))
        for at, (kid, name) in enumerate(zip((B, E, C, F, A), said, strict=True), start=2)
    }
    rows[7] = fix(facts(D, class_name="五(1)班"), "E7 grade_differs")
    rows[8] = new(facts(G, class_name="四年级"))
    return {"rows": rows}


@habit(70, "classes-spelled", "Classes as they are spelled; what may mean another is asked.")
def _(path):
    ways = ["三（2）班", "3年级2班", "三年级二班", "小学三年级(2)班", "三2", "302班", "向日葵班"]
    rows = [[*who(kid), way] for kid, way in zip((A, B, C, D, E, F, G), ways, strict=True)]
    book(path, [[*HEAD, "班级"], *rows])
    sure = {at: new(facts(kid, class_name="三(2)班")) for at, kid in ((2, A), (3, B), (4, C), (5, D))}
    return {
        "rows": sure
        | {
            6: fix(facts(E, class_name="三(2)班"), "D6 unsure_class"),
            7: fix(facts(F, class_name="三(2)班"), "D7 unsure_class"),
            8: fix(facts(G, class_name="向日葵班"), "D8 unknown_class"),
        }
    }


@habit(
    71,
    "names-and-numbers",
    "Names with blanks and dots; numbers with blanks, a quotation mark, of fifteen digits, with a wrong digit.",
)
def _(path):
    rows = [["阿卜杜拉.买买提", "男", "'" + F.number], ["何 嘉 乐", "男", "990101 20170630 0075"], ["陈思远", "男", "990101150305121"],
            ["刘雨桐", "女", "990101201709170043"], ["吴佳怡", "女", "9901012015062101"], ["欧阳?", "男", C.number]]  # fmt: skip
    book(path, [HEAD, *rows])
    return {
        "rows": {
            2: new(facts(F, name="阿卜杜拉·买买提")),
            3: new(facts(G)),
            4: fix(facts(A, citizen_number="990101150305121"), "- no_birth", "C4 fifteen_digits"),
            5: fix(facts(E, citizen_number="990101201709170043"), "C5 wrong_check_digit"),
            6: fix(facts(D, "name", "sex"), "C6 wrong_length"),
            7: fix(facts(C, name="欧阳?"), "A7 unwritable"),
        }
    }


@habit(72, "guardian-who-is-away", "A guardian who is the father working elsewhere does not look after the child.")
def _(path):
    head = [*HEAD, "监护人", "与学生关系", "父亲姓名", "父亲务工地"]
    book(
        path,
        [head, [*who(A), "陈大山", "父亲", "陈大山", "邻省某市"], [*who(C), "王桂花", "外婆", "黄大海", "邻省某市"]],
    )
    father = {"father_place": "邻省某市"}
    return {
        "rows": {
            2: fix(
                facts(A, carer_name="陈大山", carer_relation="51", father_name="陈大山", **father),
                "D2 guardian_is_away",
            ),
            3: new(facts(C, carer_name="王桂花", carer_relation="64", father_name="黄大海", **father)),
        }
    }


@habit(73, "school-and-class-in-one", "School and class in one column.")
def _(path):
    book(
        path,
        [
            [*HEAD, "就读学校及班级"],
            [*who(B), "青禾镇中心小学三(2)班"],
            [*who(C), "青禾镇中学八年级1班"],
            [*who(D), "青禾镇中心小学"],
        ],
    )
    return {
        "rows": {
            2: new(facts(B, school="青禾镇中心小学", class_name="三(2)班")),
            3: new(facts(C, school="青禾镇中学", class_name="八(1)班")),
            4: new(facts(D, school="青禾镇中心小学")),
        }
    }
