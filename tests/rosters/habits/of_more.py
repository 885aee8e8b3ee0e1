"""Habits met later: what stands over father and mother, rows that explain, names under "pupil", vague words."""

from tests.rosters.habits.book import A, B, C, D, book, facts, fix, habit, new

HEAD = ["姓名", "性别", "身份证号"]
DEEP = ["A1:A2", "B1:B2", "C1:C2"]


def who(kid):
    return [kid.name, kid.sex, kid.number]


@habit(93, "asked-of-both", "Place and phone merged over father and mother; 'went away' over both is nobody's name.")
def _(path):
    rows = [[*HEAD, "务工地点", None, "父母外出情况", None], [None, None, None, "父亲", "母亲", "父亲", "母亲"],
            [*who(A), "邻省某市", "邻省某县", "是", "否"]]  # fmt: skip
    book(path, rows, merged=[*DEEP, "D1:E1", "F1:G1"])
    return {"rows": {3: new(facts(A, father_place="邻省某市", mother_place="邻省某县"))},
            "fields": {"D": "father_place", "E": "mother_place", "F": None, "G": None}}  # fmt: skip


@habit(94, "parents-under-guardian", "Guardian merged over father, phone, mother, phone: each phone is that parent's.")
def _(path):
    rows = [[*HEAD, "监护人", None, None, None], [None, None, None, "父亲", "联系电话", "母亲", "联系电话"],
            [*who(A), "陈大山", "14000000001", "李小云", "14000000002"]]  # fmt: skip
    book(path, rows, merged=[*DEEP, "D1:G1"])
    found = facts(A, father_name="陈大山", father_phone="14000000001", mother_name="李小云", mother_phone="14000000002")
    return {"rows": {3: new(found)}}


@habit(95, "rows-that-explain", "A row of remarks in brackets beneath the headings, and an example.")
def _(path):
    rows = [HEAD, ["（必填）", "（男/女）", "（18位）"], ["例：张三", "男", "990101201001010013"], who(A), ["共1人"]]
    book(path, rows)
    return {"rows": {4: new(facts(A))}, "skipped": {3: "note", 5: "total"}}


@habit(96, "names-under-pupil", "The column of names is called 学生; the hamlet is a number alone.")
def _(path):
    book(path, [["序号", "学生", "性别", "身份证号", "组"], [1, *who(A), 3], [2, *who(B), "岭背组"]])
    return {"rows": {2: new(facts(A, hamlet="3组")), 3: new(facts(B, hamlet="岭背组"))}, "fields": {"B": "name"}}


@habit(97, "a-relation-of-two", "Relations that leave open who of two it is: the row is taken, the relation is not.")
def _(path):
    book(
        path,
        [
            [*HEAD, "监护人姓名", "监护人与学生关系"],
            [*who(A), "罗秀兰", "祖父母或外祖父母"],
            [*who(B), "罗秀兰", "奶奶"],
        ],
    )
    return {"rows": {2: new(facts(A, carer_name="罗秀兰"), "E2 vague_relation"),
                     3: new(facts(B, carer_name="罗秀兰", carer_relation="62"))}}  # fmt: skip


@habit(98, "sex-in-figures", "Sex as 1 and 2: with a number beside it that agrees, and without.")
def _(path):
    head = ["姓名", "性别", "身份证号", "出生日期"]
    book(path, [head, [A.name, 1, A.number, None], [B.name, "2", None, "2018-02-10"], [C.name, 0, C.number, None]])
    return {
        "rows": {
            2: new(facts(A)),
            3: fix(facts(B, "name", "sex", "birth_date"), "B3 sex_in_figures"),
            4: fix(facts(C, "name", "citizen_number"), "B4 not_a_choice"),
        }
    }


@habit(99, "groups-with-a-count", "Groups whose row counts the children without brackets.")
def _(path):
    book(path, [["序号", *HEAD], ["三（2）班  1人"], [1, *who(B)], ["岭背组 1名"], [2, *who(C)]])
    return {"rows": {3: new(facts(B, class_name="三(2)班")), 5: new(facts(C, class_name="三(2)班", hamlet="岭背组"))}}


@habit(100, "a-form-in-lines", "A form whose labels and values stand in the same cells.")
def _(path):
    rows = [
        ["儿童信息卡"],
        [f"姓名：{A.name}", "性别：男"],
        [f"身份证号：{A.number}", "班级：六（1）班"],
        ["家庭住址：塘下组3号", "父亲姓名：陈大山"],
    ]
    book(path, rows, merged=["A1:B1"])
    return {"rows": {2: new(facts(A, class_name="六(1)班", address="塘下组3号", father_name="陈大山"))}}


@habit(101, "a-form-with-a-sister", "A form whose family table names a sister: her birthday is not the child's.")
def _(path):
    rows = [["姓名", A.name, "性别", "男"], ["身份证号", A.number, "班级", "六(1)班"], ["家庭成员", "姓名", "性别", "出生日期"],
            ["妹妹", B.name, "女", B.born], ["班主任", "赵晓琳", "电话", "14000000009"]]  # fmt: skip
    book(path, rows)
    return {"rows": {1: new(facts(A, class_name="六(1)班"))}}


@habit(102, "forms-side-by-side", "Two forms on one sheet: the first is read, and somebody is told to look.")
def _(path):
    rows = [
        ["姓名", A.name, B.name],
        ["性别", "男", "女"],
        ["身份证号", A.number, B.number],
        ["家庭住址", "塘下组3号", "塘下组3号"],
    ]
    book(path, rows)
    return {"rows": {1: fix(facts(A, address="塘下组3号"), "B1 several_forms")}}


@habit(103, "names-that-say-more", "A dead father, a mother who left, words where a name should be.")
def _(path):
    book(
        path,
        [
            [*HEAD, "父亲姓名", "母亲姓名"],
            [*who(A), "陈大山（已故）", "李小云"],
            [*who(B), "去世", "离家出走"],
            [*who(D), "吴大江", "失联"],
        ],
    )
    return {
        "rows": {
            2: fix(facts(A, father_name="陈大山(已故)", mother_name="李小云"), "D2 mark_in_name"),
            3: fix(facts(B), "D3 not_a_name", "E3 not_a_name"),
            4: fix(facts(D, father_name="吴大江"), "E4 not_a_name"),
        }
    }


@habit(104, "a-list-under-labels", "Several labelled lines above a list of several children: it is a list, not a form.")
def _(path):
    rows = [
        ["学校：青禾镇中心小学三(2)班", None, None],
        ["班主任：赵晓琳", "人数：3", None],
        HEAD,
        who(A),
        who(B),
        who(C),
    ]
    book(path, rows)
    more = {"school": "青禾镇中心小学", "class_name": "三(2)班"}
    return {"rows": {at: new(facts(kid, **more)) for at, kid in ((4, A), (5, B), (6, C))}}


@habit(105, "year-month-day", "The day of birth in three columns under one heading.")
def _(path):
    rows = [["姓名", "性别", "出生日期", None, None], [None, None, "年", "月", "日"], [A.name, A.sex, 2015, 3, 5],
            [B.name, B.sex, "2018", "02", None]]  # fmt: skip
    book(path, rows, merged=["A1:A2", "B1:B2", "C1:E1"])
    return {
        "rows": {
            3: new(facts(A, "name", "sex", "birth_date")),
            4: fix(facts(B, "name", "sex"), "C4 no_birth", "C4 not_a_whole_day"),
        }
    }


@habit(
    106,
    "relations-among-the-cells",
    "Columns nobody knows whose cells say 父亲 and 母亲: still a list, and nothing is guessed.",
)
def _(path):
    head = [*HEAD, "家长1姓名", "家长1关系", "家长1电话", "家长2姓名", "家长2关系"]
    rows = [
        head,
        [*who(A), "陈大山", "父亲", "14000000001", "李小云", "母亲"],
        [*who(C), "黄大海", "父亲", "14000000002", None, None],
    ]
    book(path, rows)
    return {"rows": {2: new(facts(A)), 3: new(facts(C))}}


@habit(
    107, "names-like-hamlets", "A name alone that ends like a hamlet is a name where hamlets stand in the first column."
)
def _(path):
    book(
        path, [["序号", *HEAD], ["塘下组", None, None, None], [1, *who(A)], [None, "吴大队", None, None], [2, *who(B)]]
    )
    home = {"hamlet": "塘下组"}
    return {
        "rows": {3: new(facts(A, **home)), 4: fix({"name": "吴大队", **home}, "- no_birth"), 5: new(facts(B, **home))}
    }
