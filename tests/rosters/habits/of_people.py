"""Habits of cells that tell of people: several phones, both parents, a carer with everything in one cell, ticks."""

from tests.rosters.habits.book import A, B, C, D, E, F, book, facts, fix, habit, new

HEAD = ["姓名", "性别", "身份证号"]


def who(kid):
    return [kid.name, kid.sex, kid.number]


@habit(
    57, "two-phones", "Two phones in one cell, a phone with words beside it, one with blanks and hyphens, a landline."
)
def _(path):
    cells = [
        "14000000001/14000000002",
        "14000000003 14000000004",
        "14000000005（奶奶）",
        "140-0000-0006",
        "0739-8612345",
    ]
    rows = [[*who(kid), "罗秀兰", "奶奶", cell] for kid, cell in zip((A, B, C, D, E), cells, strict=True)]
    book(path, [[*HEAD, "照护人", "关系", "电话"], *rows])
    carer = {"carer_name": "罗秀兰", "carer_relation": "62"}
    return {
        "rows": {
            2: fix(facts(A, **carer, carer_phone="14000000001"), "F2 several_phones"),
            3: fix(facts(B, **carer, carer_phone="14000000003"), "F3 several_phones"),
            4: new(facts(C, **carer, carer_phone="14000000005")),
            5: new(facts(D, **carer, carer_phone="14000000006")),
            6: new(facts(E, **carer, carer_phone="07398612345")),
        }
    }


@habit(58, "phones-of-both-parents", "One column for the phones of both parents; words beside them say whose.")
def _(path):
    head = [*HEAD, "父亲姓名", "母亲姓名", "父母联系电话"]
    rows = [[*who(A), "陈大山", "李小云", "14000000001(父)14000000002(母)"], [*who(B), "陈大山", "李小云", "妈妈14000000002 爸爸14000000001"],
            [*who(C), "黄大海", "王小梅", "14000000005、14000000006"], [*who(D), "吴大江", "赵小兰", "14000000007"]]  # fmt: skip
    book(path, [head, *rows])
    both = {
        "father_name": "陈大山",
        "mother_name": "李小云",
        "father_phone": "14000000001",
        "mother_phone": "14000000002",
    }
    proposed = {"father_phone": "14000000005", "mother_phone": "14000000006"}
    return {
        "rows": {
            2: new(facts(A, **both)),
            3: new(facts(B, **both)),
            4: fix(facts(C, father_name="黄大海", mother_name="王小梅", **proposed), "F4 parents_order"),
            5: fix(facts(D, father_name="吴大江", mother_name="赵小兰"), "F5 which_parent"),
        }
    }


@habit(
    59,
    "both-parents-in-a-cell",
    "Names and places of both parents in one cell, with and without words that say who is who.",
)
def _(path):
    head = [*HEAD, "父母姓名", "父母务工地"]
    rows = [[*who(A), "父：陈大山 母：李小云", "父亲：邻省某市，母亲：邻省某县"], [*who(C), "黄大海（父）、王小梅（母）", None],
            [*who(D), "吴大江、赵小兰", None], [*who(E), "刘大河", None]]  # fmt: skip
    book(path, [head, *rows])
    return {
        "rows": {
            2: new(
                facts(A, father_name="陈大山", mother_name="李小云", father_place="邻省某市", mother_place="邻省某县")
            ),
            3: new(facts(C, father_name="黄大海", mother_name="王小梅")),
            4: fix(facts(D, father_name="吴大江", mother_name="赵小兰"), "D4 parents_order"),
            5: fix(facts(E), "D5 which_parent"),
        }
    }


@habit(60, "carer-in-one-cell", "Name, relation and phone of the carer in one cell.")
def _(path):
    cells = ["罗秀兰（奶奶）", "奶奶：罗秀兰", "奶奶罗秀兰14000000003", "罗秀兰 14000000003", "罗秀兰？", "奶奶"]
    rows = [[*who(kid), cell] for kid, cell in zip((A, B, C, D, E, F), cells, strict=True)]
    book(path, [[*HEAD, "照护人"], *rows])
    name, relation, phone = {"carer_name": "罗秀兰"}, {"carer_relation": "62"}, {"carer_phone": "14000000003"}
    return {
        "rows": {
            2: new(facts(A, **name, **relation)),
            3: new(facts(B, **name, **relation)),
            4: new(facts(C, **name, **relation, **phone)),
            5: new(facts(D, **name, **phone)),
            6: fix(facts(E, carer_name="罗秀兰?"), "D6 unwritable"),
            7: new(facts(F, **relation)),
        }
    }


@habit(61, "ticks-for-sex", "Sex as two columns to be ticked, under one heading.")
def _(path):
    rows = [["姓名", "性别", None, "身份证号"], [None, "男", "女", None], [A.name, "√", None, A.number], [B.name, None, "✓", B.number],
            [C.name, 1, None, C.number], [D.name, "√", "√", D.number]]  # fmt: skip
    book(path, rows, merged=["A1:A2", "B1:C1", "D1:D2"])
    return {
        "rows": {
            3: new(facts(A)),
            4: new(facts(B)),
            5: new(facts(C)),
            6: fix(facts(D, "name", "citizen_number"), "B6 two_ticks"),
        }
    }


@habit(62, "boxes-for-sex", "Sex as boxes in one cell.")
def _(path):
    rows = [
        [A.name, "☑男 □女", A.number],
        [B.name, "男□女☑", B.number],
        [C.name, "■男□女", C.number],
        [D.name, "□男 □女", D.number],
    ]
    book(path, [HEAD, *rows])
    return {"rows": {2: new(facts(A)), 3: new(facts(B)), 4: new(facts(C)),
                     5: fix(facts(D, "name", "citizen_number"), "B5 not_a_choice")}}  # fmt: skip
