"""Habits of the sheet: page breaks, groups, merged cells, totals and signatures, several sheets, two halves."""

from tests.rosters.habits.book import A, B, C, D, E, F, G, book, facts, fix, habit, new

HEAD = ["姓名", "性别", "身份证号"]


def who(kid):
    return [kid.name, kid.sex, kid.number]


@habit(24, "page-breaks", "Title and headings once more on every page.")
def _(path):
    rows = [
        ["留守儿童花名册"],
        HEAD,
        who(A),
        who(B),
        ["留守儿童花名册"],
        HEAD,
        who(C),
        ["留守儿童花名册"],
        HEAD,
        who(D),
    ]
    book(path, rows, merged=["A1:C1", "A5:C5", "A8:C8"])
    return {
        "rows": {3: new(facts(A)), 4: new(facts(B)), 7: new(facts(C)), 10: new(facts(D))},
        "skipped": {1: "title", 5: "note", 8: "note"},
    }


@habit(25, "page-breaks-of-two-levels", "Headings of two levels once more in mid-sheet.")
def _(path):
    upper, lower = [*HEAD, "父亲", None], [None, None, None, "姓名", "电话"]
    rows = [upper, lower, [*who(A), "陈大山", "14000000001"], upper, lower, [*who(C), "黄大海", "14000000002"]]
    merged = [
        area
        for top in (1, 4)
        for area in (f"A{top}:A{top + 1}", f"B{top}:B{top + 1}", f"C{top}:C{top + 1}", f"D{top}:E{top}")
    ]
    book(path, rows, merged=merged)
    return {
        "rows": {
            3: new(facts(A, father_name="陈大山", father_phone="14000000001")),
            6: new(facts(C, father_name="黄大海", father_phone="14000000002")),
        }
    }


@habit(26, "another-table-below", "A second table beneath the first, with its columns in another order.")
def _(path):
    rows = [["六(1)班"], [*HEAD, "家庭住址"], [*who(A), "塘下组3号"], [], ["三(2)班"], ["身份证号", "姓名", "母亲姓名", "性别"],
            [B.number, B.name, "李小云", B.sex]]  # fmt: skip
    book(path, rows, merged=["A1:D1", "A5:D5"])
    return {"rows": {3: new(facts(A, class_name="六(1)班", address="塘下组3号")),
                     7: new(facts(B, class_name="三(2)班", mother_name="李小云"))}}  # fmt: skip


@habit(27, "a-sheet-a-class", "A sheet for each class without a class column, a cover, and notes.")
def _(path):
    book(path, ("封面", [["春和社区"], ["留守儿童名册"], ["2026年11月"]]), ("三(2)班", [HEAD, who(B), who(E)]),
         ("六(1)班名单", [HEAD, who(A)]), ("说明", [["一、本表由班主任填写。"], ["二、11月20日前上报。"]]))  # fmt: skip
    return {
        "sheets": {
            "三(2)班": {2: new(facts(B, class_name="三(2)班")), 3: new(facts(E, class_name="三(2)班"))},
            "六(1)班名单": {2: new(facts(A, class_name="六(1)班"))},
        }
    }


@habit(28, "hidden-sheets", "A hidden sheet of last year is left alone.")
def _(path):
    book(path, ("今年", [HEAD, who(A)]), ("去年", [HEAD, who(B), who(C)]), hidden=["去年"])
    return {"sheets": {"今年": {2: new(facts(A))}}}


@habit(29, "totals-and-signatures", "Sums, signatures and remarks beneath the list.")
def _(path):
    rows = [["序号", *HEAD], [1, *who(A)], ["小计", "1人", None, None], [2, *who(B)], ["合  计", "2人", None, "男1人，女1人"], [],
            ["校长签字：", None, "填表人：孙文斌", "2026年11月20日"], ["备注：本表一式两份，学校和社区各一份。"],
            ["填表人：孙文斌       联系电话：14000000009"]]  # fmt: skip
    book(path, rows, merged=["A8:D8"])
    return {"rows": {2: new(facts(A)), 4: new(facts(B))},
            "skipped": {3: "total", 5: "total", 7: "note", 8: "note", 9: "note"}}  # fmt: skip


@habit(30, "empty-rows", "Empty rows between, and numbers prepared for rows that stayed empty.")
def _(path):
    book(path, [["序号", *HEAD], [1, *who(A)], [], ["", " ", "", ""], [2, *who(B)], [3], [4, None, "　"]])
    return {"rows": {2: new(facts(A)), 5: new(facts(B))}, "skipped": {6: "blank", 7: "blank"}}


@habit(31, "groups-of-hamlets", "A row with a hamlet holds for the rows beneath.")
def _(path):
    rows = [["序号", *HEAD], ["塘下组"], [1, *who(A)], [2, *who(B)], ["岭背组"], [3, *who(C)]]
    book(path, rows)
    return {
        "rows": {
            3: new(facts(A, hamlet="塘下组")),
            4: new(facts(B, hamlet="塘下组")),
            6: new(facts(C, hamlet="岭背组")),
        },
        "skipped": {2: "group", 5: "group"},
    }


@habit(
    32,
    "groups-of-classes",
    "A row with a class holds for the rows beneath; a class written beside a child counts more.",
)
def _(path):
    rows = [[*HEAD, "班级"], ["三(2)班"], [*who(B), None], [*who(E), "三(3)班"], ["六（1）班"], [*who(A), None]]
    book(path, rows)
    return {
        "rows": {
            3: new(facts(B, class_name="三(2)班")),
            4: new(facts(E, class_name="三(3)班")),
            6: new(facts(A, class_name="六(1)班")),
        }
    }


@habit(
    33, "groups-merged-and-numbered", "Groups merged over the whole width, numbered, with their count and community."
)
def _(path):
    rows = [HEAD, ["一、春和社区塘下组（2人）"], who(A), who(B), ["二、春和社区岭背组（1人）"], who(C)]
    book(path, rows, merged=["A2:C2", "A5:C5"])
    return {
        "rows": {
            3: new(facts(A, hamlet="塘下组")),
            4: new(facts(B, hamlet="塘下组")),
            6: new(facts(C, hamlet="岭背组")),
        }
    }


@habit(34, "a-household-merged", "Address and parents merged over brother and sister.")
def _(path):
    rows = [[*HEAD, "家庭住址", "父亲姓名", "父亲电话"], [*who(A), "塘下组3号", "陈大山", 14000000001], [*who(B), None, None, None],
            [*who(C), "岭背组5号", "黄大海", 14000000002]]  # fmt: skip
    book(path, rows, merged=["D2:D3", "E2:E3", "F2:F3"])
    home = {"address": "塘下组3号", "father_name": "陈大山", "father_phone": "14000000001"}
    other = {"address": "岭背组5号", "father_name": "黄大海", "father_phone": "14000000002"}
    return {"rows": {2: new(facts(A, **home)), 3: new(facts(B, **home)), 4: new(facts(C, **other))}}


@habit(35, "a-class-merged", "The class merged down the side; a bad phone in a merged cell is named where it stands.")
def _(path):
    rows = [["班级", *HEAD, "照护人", "照护人电话"], ["三(2)班", *who(B), "罗秀兰", "140 0000 000"], [None, *who(E), None, None],
            ["六(1)班", *who(A), "王桂花", "14000000004"]]  # fmt: skip
    book(path, rows, merged=["A2:A3", "E2:E3", "F2:F3"])
    held = {"class_name": "三(2)班", "carer_name": "罗秀兰", "carer_phone": "1400000000"}
    return {
        "rows": {
            2: fix(facts(B, **held), "F2 too_short"),
            3: fix(facts(E, **held), "F2 too_short"),
            4: new(facts(A, class_name="六(1)班", carer_name="王桂花", carer_phone="14000000004")),
        }
    }


@habit(
    36,
    "one-child-in-two-rows",
    "A name merged over two rows is one child; what stands in the second row is pointed out.",
)
def _(path):
    rows = [[*HEAD, "照护人", "照护人电话"], [*who(A), "罗秀兰", "14000000003"], [None, None, None, "陈有福", "14000000004"],
            [*who(C), "王桂花", "14000000005"], [None, None, None, None, None]]  # fmt: skip
    book(path, rows, merged=["A2:A3", "B2:B3", "C2:C3", "A4:A5", "B4:B5", "C4:C5"])
    return {
        "rows": {
            2: fix(facts(A, carer_name="罗秀兰", carer_phone="14000000003"), "A2 more_lines"),
            4: new(facts(C, carer_name="王桂花", carer_phone="14000000005")),
        },
        "skipped": {3: "continued"},
    }


@habit(37, "two-halves", "The list runs on at the right, to save paper.")
def _(path):
    head = ["序号", "姓名", "性别", "身份证号"]
    rows = [["留守儿童花名册"], [*head, *head], [1, *who(A), 3, *who(C)], [2, *who(B), 4, None, None, None]]
    book(path, rows, merged=["A1:H1"])
    return {"rows": {"3": [new(facts(A)), new(facts(C))], 4: new(facts(B))}}


@habit(38, "class-in-the-title", "Only the title says which class it is.")
def _(path):
    book(path, [["青禾镇中心小学2026年秋三(2)班留守儿童花名册"], HEAD, who(B), who(E)], merged=["A1:C1"])
    return {"rows": {3: new(facts(B, class_name="三(2)班")), 4: new(facts(E, class_name="三(2)班"))}}


@habit(39, "labels-above", "School and class with labels, above the headings.")
def _(path):
    book(
        path,
        [["留守儿童登记册"], ["学校：青禾镇中心小学", None, "班级：三(2)班", "填表日期：2026.11.20"], HEAD, who(B)],
        merged=["A1:D1"],
    )
    return {"rows": {4: new(facts(B, school="青禾镇中心小学", class_name="三(2)班"))}}


@habit(40, "prepared-rows", "School and class filled in beforehand for rows that stayed empty.")
def _(path):
    rows = [
        ["序号", *HEAD, "学校", "班级"],
        [1, *who(B), "青禾镇中心小学", "三(2)班"],
        [2, None, None, None, "青禾镇中心小学", "三(2)班"],
    ]
    book(path, rows)
    return {"rows": {2: new(facts(B, school="青禾镇中心小学", class_name="三(2)班"))}, "skipped": {3: "blank"}}


@habit(41, "not-at-the-corner", "The table begins in C5.")
def _(path):
    rows = [
        [],
        [],
        [None, None, "花名册"],
        [],
        [None, None, *HEAD],
        [None, None, *who(A)],
        [None, None, B.name, "男", B.number],
    ]
    book(path, rows)
    return {
        "rows": {6: new(facts(A)), 7: fix(facts(B) | {"sex": "1"}, "E7 sex_differs")},
        "fields": {"C": "name", "E": "citizen_number"},
    }


@habit(42, "a-title-a-class", "Tables beneath one another on one sheet, each under a title with its class.")
def _(path):
    rows = [["三(2)班留守儿童名单"], HEAD, who(B), [], ["六(1)班留守儿童名单"], HEAD, who(A)]
    book(path, rows, merged=["A1:C1", "A5:C5"])
    return {"rows": {3: new(facts(B, class_name="三(2)班")), 7: new(facts(A, class_name="六(1)班"))}}


@habit(43, "ditto", "The same as above, in words and in marks.")
def _(path):
    rows = [
        [*HEAD, "家庭住址", "父亲姓名"],
        [*who(A), "塘下组3号", "陈大山"],
        [*who(B), "同上", "〃"],
        [*who(C), "岭背组5号", "黄大海"],
    ]
    book(path, rows)
    home = {"address": "塘下组3号", "father_name": "陈大山"}
    return {"rows": {2: new(facts(A, **home)), 3: new(facts(B, **home)),
                     4: new(facts(C, address="岭背组5号", father_name="黄大海"))}}  # fmt: skip


@habit(44, "the-same-child-twice", "Two sheets name the same child.")
def _(path):
    book(path, ("三(2)班", [HEAD, who(B)]), ("汇总", [HEAD, who(C), who(B)]))
    return {
        "sheets": {
            "三(2)班": {2: new(facts(B, class_name="三(2)班"))},
            "汇总": {2: new(facts(C)), 3: fix(facts(B), "A3 same_number")},
        }
    }


@habit(45, "rows-without-a-name", "A row that tells of somebody without naming anybody, and one with a name alone.")
def _(path):
    book(path, [[*HEAD, "家庭住址"], [None, "男", F.number, "塘下组3号"], [G.name, None, None, None]])
    return {
        "rows": {
            2: fix(facts(F, "sex", "citizen_number", address="塘下组3号"), "A2 required"),
            3: fix(facts(G, "name"), "- no_birth"),
        }
    }


@habit(46, "a-school-a-group", "Schools and, beneath them, classes as groups.")
def _(path):
    book(path, [HEAD, ["青禾镇中心小学"], ["三(2)班"], who(B), ["青禾镇中学"], ["八(1)班"], who(C)])
    return {"rows": {4: new(facts(B, school="青禾镇中心小学", class_name="三(2)班")),
                     7: new(facts(C, school="青禾镇中学", class_name="八(1)班"))}}  # fmt: skip
