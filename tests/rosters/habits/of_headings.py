"""Habits of headings: titles above, spellings, order, whose column it is, levels."""

from tests.rosters.habits.book import A, B, C, D, E, book, facts, fix, habit, new

HEAD = ["姓名", "性别", "身份证号"]


def who(kid):
    return [kid.name, kid.sex, kid.number]


@habit(1, "plain", "One heading row, one child a row.")
def _(path):
    book(
        path,
        [
            ["姓名", "性别", "出生日期", "身份证号"],
            [A.name, A.sex, A.born, A.number],
            [B.name, B.sex, B.born, B.number],
        ],
    )
    every = ("name", "sex", "birth_date", "citizen_number")
    return {"rows": {2: new(facts(A, *every)), 3: new(facts(B, *every))}}


@habit(2, "titles", "A merged title, a date line and a unit line above the headings.")
def _(path):
    rows = [
        ["春和社区留守儿童花名册（终版）"],
        ["填表日期：2026.11.20"],
        ["单位：春和社区居委会", None, "制表：李春梅"],
        HEAD,
        who(A),
        who(B),
    ]
    book(path, rows, merged=["A1:C1", "A2:C2"])
    return {
        "rows": {5: new(facts(A)), 6: new(facts(B))},
        "skipped": {1: "title", 2: "title", 3: "title"},
        "fields": {"A": "name", "B": "sex", "C": "citizen_number"},
    }


@habit(3, "blanks-in-headings", "Headings with blanks, wide blanks and line breaks inside.")
def _(path):
    book(path, [["姓　名", "性 别", "身份证\n号　码", "家 庭\n住 址"], [*who(A), "塘下组3号"]])
    return {"rows": {2: new(facts(A, address="塘下组3号"))}}


@habit(
    4, "a-school-file", "The nine columns of a school's file: phone after the guardian, place of work after the father."
)
def _(path):
    rows = [
        ["三年级留守儿童花名册"],
        ["填表日期：2026.11.20"],
        ["姓名", "性 别", "身份证号码", "班级", "监护人", "电话", "家庭住址", "父亲", "务工地"],
        [*who(E), "三(2)班", "罗秀兰", "14000000012", "塘下组3号", "刘大山", "邻省某市"],
    ]
    book(path, rows, merged=["A1:I1", "A2:I2"])
    found = facts(E, class_name="三(2)班", carer_name="罗秀兰", carer_phone="14000000012", address="塘下组3号",
                  father_name="刘大山", father_place="邻省某市")  # fmt: skip
    fields = ["name", "sex", "citizen_number", "class_name", "carer_name", "carer_phone", "address", "father_name",
              "father_place"]  # fmt: skip
    return {"rows": {4: new(found)}, "fields": dict(zip("ABCDEFGHI", fields, strict=True))}


@habit(5, "any-order", "Columns in another order, with columns of no use between.")
def _(path):
    book(
        path,
        [
            ["序号", "鞋码", "身份证号", "民族", "姓名", "备注", "性别", "年龄"],
            [1, 36, A.number, "汉", A.name, "品学兼优", A.sex, 11],
        ],
    )
    return {
        "rows": {2: new(facts(A))},
        "fields": dict(zip("ABCDEFGH", [None, None, "citizen_number", None, "name", None, "sex", None], strict=True)),
    }


@habit(6, "other-words", "The same columns by other words.")
def _(path):
    head = ["儿童姓名", "性别", "出生年月日", "公民身份号码", "现居住地址", "就读学校", "年级班级", "爸爸姓名", "爸爸手机号码",
            "爸爸打工地点", "母亲名字", "妈妈联系方式", "母亲外出务工地点", "实际照料人", "实际照料人与儿童关系", "实际照料人联系电话"]  # fmt: skip
    row = [A.name, A.sex, A.born, A.number, "岭背组5号", "青禾镇中心小学", "六(1)班", "陈大山", "14000000001", "邻省某市",
           "李小云", "14000000002", "邻省某县", "罗秀兰", "奶奶", "14000000003"]  # fmt: skip
    book(path, [head, row])
    found = facts(A, "name", "sex", "birth_date", "citizen_number", address="岭背组5号", school="青禾镇中心小学",
                  class_name="六(1)班", father_name="陈大山", father_phone="14000000001", father_place="邻省某市",
                  mother_name="李小云", mother_phone="14000000002", mother_place="邻省某县", carer_name="罗秀兰",
                  carer_relation="62", carer_phone="14000000003")  # fmt: skip
    return {"rows": {2: new(found)}}


@habit(7, "stars-and-remarks", "Stars, remarks in brackets, colons and numbers at the headings.")
def _(path):
    head = ["*姓名（必填）", "2、性别：", "出生日期(年/月/日)", "★身份证号码【18位】", "家庭住址（具体到门牌）"]
    book(path, [head, [A.name, A.sex, A.born, A.number, "塘下组3号"]])
    found = facts(A, "name", "sex", "birth_date", "citizen_number", address="塘下组3号")
    return {"rows": {2: new(found)}}


@habit(8, "whose-in-brackets", "Brackets say whose phone and place it is.")
def _(path):
    book(
        path,
        [
            [*HEAD, "联系电话（父亲）", "联系电话（母亲）", "务工地点（父亲）"],
            [*who(A), "14000000001", "14000000002", "邻省某市"],
        ],
    )
    found = facts(A, father_phone="14000000001", mother_phone="14000000002", father_place="邻省某市")
    return {"rows": {2: fix(found, "- phone_without_name", "- phone_without_name")}}


@habit(
    9,
    "other-peoples-columns",
    "Columns about a teacher, a head of household and a guardian's number are not the child's.",
)
def _(path):
    head = [
        "户主姓名",
        "户主身份证号",
        *HEAD,
        "班主任",
        "班主任电话",
        "监护人",
        "监护人身份证号",
        "结对帮扶人",
        "帮扶人电话",
    ]
    row = [
        "陈老大",
        "990101196001010013",
        *who(A),
        "赵晓琳",
        "14000000009",
        "罗秀兰",
        "990101195804120045",
        "周建国",
        "14000000008",
    ]
    book(path, [head, row])
    return {"rows": {2: new(facts(A, carer_name="罗秀兰"))}}


@habit(10, "phone-of-either-parent", "One phone column behind father and mother: whose it is must be asked.")
def _(path):
    book(path, [[*HEAD, "父亲", "母亲", "联系电话"], [*who(A), "陈大山", "李小云", "14000000001"]])
    return {"rows": {2: new(facts(A, father_name="陈大山", mother_name="李小云"))}, "asks": ["F whose_column"]}


@habit(11, "phone-of-nobody", "A phone column that names nobody: it is not read, and the page asks.")
def _(path):
    book(path, [[*HEAD, "班级", "联系电话", "家庭住址"], [*who(A), "六(1)班", "14000000001", "塘下组3号"]])
    return {"rows": {2: new(facts(A, class_name="六(1)班", address="塘下组3号"))}, "asks": ["E whose_column"]}


@habit(12, "place-after-each-parent", "The same heading behind father and behind mother belongs to each.")
def _(path):
    book(path, [[*HEAD, "父亲", "务工地", "电话", "母亲", "务工地", "电话"],
                [*who(A), "陈大山", "邻省某市", "14000000001", "李小云", "邻省某县", "14000000002"]])  # fmt: skip
    found = facts(A, father_name="陈大山", father_place="邻省某市", father_phone="14000000001", mother_name="李小云",
                  mother_place="邻省某县", mother_phone="14000000002")  # fmt: skip
    return {"rows": {2: new(found)}}


@habit(13, "guardian-and-carer", "A list that tells guardian and carer apart: the carer is the carer.")
def _(path):
    book(path, [[*HEAD, "监护人姓名", "监护人电话", "照护人姓名", "与孩子关系", "照护人电话"],
                [*who(A), "陈大山", "14000000001", "罗秀兰", "奶奶", "14000000003"]])  # fmt: skip
    return {"rows": {2: new(facts(A, carer_name="罗秀兰", carer_relation="62", carer_phone="14000000003"))}}


@habit(14, "the-guardians-number", "A second column of numbers behind the guardian is the guardian's.")
def _(path):
    book(path, [[*HEAD, "监护人", "身份证号", "电话"], [*who(A), "罗秀兰", "990101195804120045", "14000000003"]])
    return {"rows": {2: new(facts(A, carer_name="罗秀兰", carer_phone="14000000003"))}}


@habit(15, "two-levels", "Father and mother merged over name, phone and place of work.")
def _(path):
    rows = [
        ["序号", "姓名", "性别", "身份证号", "父亲", None, None, "母亲", None, None],
        [None, None, None, None, "姓名", "电话", "务工地点", "姓名", "电话", "务工地点"],
        [1, *who(A), "陈大山", "14000000001", "邻省某市", "李小云", "14000000002", "邻省某县"],
    ]
    book(path, rows, merged=["A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:G1", "H1:J1"])
    found = facts(A, father_name="陈大山", father_phone="14000000001", father_place="邻省某市", mother_name="李小云",
                  mother_phone="14000000002", mother_place="邻省某县")  # fmt: skip
    return {"rows": {3: new(found)}, "heading_rows": [1, 2]}


@habit(16, "three-levels", "Three levels under a title: family over father, mother and guardian over what is asked.")
def _(path):
    rows = [
        ["春和社区留守儿童信息统计表"],
        ["儿童基本信息", None, None, "家庭成员情况", None, None, None, None, None],
        ["姓名", "性别", "身份证号", "父亲基本情况", None, "母亲", None, "监护人情况", None],
        [None, None, None, "姓名", "务工地", "姓名", "务工地", "姓名", "联系电话"],
        [*who(A), "陈大山", "邻省某市", "李小云", "邻省某县", "罗秀兰", "14000000003"],
    ]
    merged = ["A1:I1", "A2:C2", "D2:I2", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:G3", "H3:I3"]
    book(path, rows, merged=merged)
    found = facts(A, father_name="陈大山", father_place="邻省某市", mother_name="李小云", mother_place="邻省某县",
                  carer_name="罗秀兰", carer_phone="14000000003")  # fmt: skip
    return {"rows": {5: new(found)}, "heading_rows": [2, 3, 4]}


@habit(17, "two-levels-without-merging", "Two levels in a text file, which knows no merged cells.", "csv")
def _(path):
    lines = [
        "姓名,性别,身份证号,父亲,,母亲,,家庭住址",
        ",,,姓名,电话,姓名,电话,",
        f"{A.name},{A.sex},{A.number},陈大山,14000000001,李小云,14000000002,塘下组3号",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = facts(A, father_name="陈大山", father_phone="14000000001", mother_name="李小云", mother_phone="14000000002",
                  address="塘下组3号")  # fmt: skip
    return {"rows": {3: new(found)}, "heading_rows": [1, 2]}


@habit(18, "a-heading-in-two-cells", "One heading spread over two rows: 身份证 above 号码, 出生 above 年月日.")
def _(path):
    book(
        path,
        [
            ["姓名", "性别", "身份证", "出生", "家庭"],
            [None, None, "号码", "年月日", "住址"],
            [*who(A), A.born, "塘下组3号"],
        ],
    )
    return {"rows": {3: new(facts(A, "name", "sex", "birth_date", "citizen_number", address="塘下组3号"))}}


@habit(19, "numbered-columns", "A row of 1, 2, 3 beneath the headings.")
def _(path):
    book(path, [[*HEAD, "班级"], [1, 2, 3, 4], [*who(A), "六(1)班"]])
    return {"rows": {3: new(facts(A, class_name="六(1)班"))}}


@habit(
    20,
    "another-persons-group",
    "A level above that is about a teacher and one nobody knows: what is beneath is not the child's.",
)
def _(path):
    rows = [
        ["学生信息", None, None, "班主任信息", None, "东风小队", None],
        ["姓名", "性别", "身份证号", "姓名", "电话", "姓名", "电话"],
        [*who(A), "赵晓琳", "14000000009", "周建国", "14000000008"],
    ]
    book(path, rows, merged=["A1:C1", "D1:E1", "F1:G1"])
    return {"rows": {3: new(facts(A))}, "asks": ["G whose_column"]}


@habit(21, "carer-relation-and-health", "Relation and health behind the carer.")
def _(path):
    book(path, [[*HEAD, "照护人", "关系", "联系电话", "照护人健康状况"], [*who(A), "罗秀兰", "祖母", "14000000003", "高血压"],
                [*who(B), "罗秀兰", "隔壁", "14000000003", "高血压"]])  # fmt: skip
    more = {"carer_name": "罗秀兰", "carer_phone": "14000000003", "carer_health": "高血压"}
    return {"rows": {2: new(facts(A, carer_relation="62", **more)), 3: fix(facts(B, **more), "E3 not_a_choice")}}


@habit(22, "the-parents-relation", "A relation behind another person is that person's, not the carer's.")
def _(path):
    book(
        path,
        [
            [*HEAD, "家长姓名", "与学生关系", "家长电话", "照护人姓名"],
            [*who(A), "陈大山", "父亲", "14000000001", "罗秀兰"],
        ],
    )
    return {"rows": {2: new(facts(A, carer_name="罗秀兰"))}}


@habit(23, "no-heading-of-number", "Name, class and birthday only, under heads with full stops and marks.")
def _(path):
    book(
        path,
        [
            ["学生  姓名", "班  级", "出生.年月日"],
            [C.name, "八(1)班", "2012.11.8"],
            [D.name, "六(1)班", "2015年6月21日"],
        ],
    )
    return {
        "rows": {
            2: new(facts(C, "name", "birth_date", class_name="八(1)班")),
            3: new(facts(D, "name", "birth_date", class_name="六(1)班")),
        }
    }
