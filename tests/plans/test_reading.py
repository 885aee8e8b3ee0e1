"""Written plans become goals and measures: five plans of other habits, their answers written by hand before any was read."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests.plans import documents
from tongxing import cli
from tongxing.plans.reading import PlanRead, UnreadablePlan, as_json, meaning, numbers, read, stated
from tongxing.plans.rows import ROWS

WRITTEN = Path(__file__).parent / "written"
NAMES = ("township", "school", "village", "steps", "two")
SHOWN = {"goals": ("number", "target_percent", "rows"), "measures": ("number", "rows", "owner", "due", "due_on")}


def content(name: str) -> bytes:
    """The file as it would be sent: two of the five are Word documents, one a GBK text."""
    made = {"school": documents.school, "village": documents.village}
    if name in made:
        return made[name]()
    raw = (WRITTEN / f"{name}.txt").read_bytes()
    return raw.decode().encode("gb18030") if name == "township" else raw


def expected(name: str) -> list[dict]:
    return json.loads((WRITTEN / f"{name}.json").read_text())["plans"]


def text(*lines: str) -> PlanRead:
    """The one plan of these lines, with a title of ours before them."""
    (plan,) = read("\n".join(["春和社区2026年关爱留守儿童工作计划", *lines]).encode())
    return plan


# ── whole plans ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_is_read_as_a_person_would(name):
    plans = as_json(read(content(name)))["plans"]
    wanted = expected(name)
    assert [plan["title"] for plan in plans] == [plan["title"] for plan in wanted]
    for plan, right in zip(plans, wanted, strict=True):
        assert (plan["year"], plan["truncated"]) == (right["year"], right["truncated"])
        for kind, keys in SHOWN.items():
            assert [{key: one[key] for key in keys} for one in plan[kind]] == right[kind], f"{plan['title']}: {kind}"
        assert [one["number"] for one in plan["unmatched"]] == right["unmatched"]


@pytest.mark.parametrize("name", NAMES)
def test_precision_and_recall_are_at_least_nine_tenths(name):
    got, want = set(), set()
    for at, (plan, right) in enumerate(zip(read(content(name)), expected(name), strict=True)):
        for kind in SHOWN:
            got |= {(at, kind, place, row) for place, one in enumerate(getattr(plan, kind)) for row in one.rows}
            want |= {(at, kind, place, row) for place, one in enumerate(right[kind]) for row in one["rows"]}
    assert len(got & want) >= 0.9 * len(got)
    assert len(got & want) >= 0.9 * len(want)


def test_every_match_says_by_which_words_of_which_sentence():
    for name in NAMES:
        for plan in read(content(name)):
            for one in (*plan.goals, *plan.measures, *plan.also):
                for why in one.evidence:
                    assert why.words
                    assert all(word in why.sentence for word in why.words)
                    assert why.weight >= meaning.ENOUGH


def test_every_row_of_the_table_can_be_found_and_none_beyond_it():
    assert set(meaning.terms()) == {row.number for row in ROWS}


def test_a_website_s_words_are_left_aside_and_said():
    (plan,) = read(content("township"))
    assert "点击下载本文档" in plan.aside
    assert any("上一篇" in line for line in plan.aside)
    assert not [one for one in plan.measures if "下一篇" in one.text]


def test_text_that_is_no_promise_is_never_lost():
    """Every line of a file stands in a goal, a measure, the words before them, the opening or what was left aside."""
    plan = text("一、工作措施", "1、每周走访孩子。", "2、给食堂换锅。", "3、经常谈心。")
    assert [one.text for one in plan.unmatched] == ["给食堂换锅。"]
    assert [one.number for one in plan.measures] == ["1", "2", "3"]


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("line", "value", "label"),
    [
        ("一、走访", 1, "一"), ("十二、走访", 12, "十二"), ("二十一．走访", 21, "二十一"), ("（三）走访", 3, "三"), ("(4) 走访", 4, "4"),
        ("5、走访", 5, "5"), ("6. 走访", 6, "6"), ("7．走访", 7, "7"), ("8走访", 8, "8"), ("9）走访", 9, "9"), ("⑩走访", 10, "⑩"),
        ("第一步：走访", 1, "第一步"), ("第二条 走访", 2, "第二条"), ("三是走访", 3, "三是"), ("2.3 走访", 3, "2.3"), ("【5】走访", 5, "5"),
        ("壹、走访", 1, "壹"), ("III、走访", 3, "III"), ("IV．走访", 4, "IV"),
    ],
)  # fmt: skip
def test_numbers_of_every_habit(line, value, label):
    mark = numbers.mark_at(line)
    assert (mark.value, mark.label, mark.rest) == (value, label, "走访")


@pytest.mark.parametrize(
    "line", ["2026年走访", "3月15日前走访", "5名孩子", "100%的孩子", "1.5小时", "一个孩子也不能少", "十分重要", "3个班", "二〇二六年一月十日", "1、"]
)  # fmt: skip
def test_what_is_counted_or_dated_is_no_number(line):
    assert numbers.mark_at(line) is None


@pytest.mark.parametrize(
    ("folded", "plain"), [("⑴走访", "(1)走访"), ("⒈走访", "1.走访"), ("㈠走访", "(一)走访"), ("①走访", "①走访")]
)
def test_a_number_of_one_character_is_taken_apart(folded, plain):
    assert numbers.folded(folded) == plain


def test_a_lost_number_is_given_back_to_the_line_that_looks_like_a_heading():
    plan = text(
        "一、工作措施", "家访到户", "儿童主任每个月到每一户走访一次，同家里人说说话，看看孩子过得怎么样。", "2、常谈心", "每月谈心一次。",
        "写成长日记。老师每个月给每个孩子写一篇，写他这个月的变化。", "4、文体游戏", "每季度办一次。",
    )  # fmt: skip
    assert [(one.number, one.mended, one.rows) for one in plan.measures] == [
        ("1", "lost", [20]), ("2", "", [18]), ("3", "lost", [19]), ("4", "", [24]),
    ]  # fmt: skip


def test_a_heading_glued_behind_a_line_is_cut_off():
    plan = text("一、工作措施", "1、设亲情电话，号码0790 2、每月走访", "一户一户走。", "3、谈心")
    assert [(one.number, one.mended, one.rows) for one in plan.measures] == [
        ("1", "", [15]),
        ("2", "glued", [20]),
        ("3", "", [18]),
    ]


def test_an_author_who_left_a_number_out_is_believed():
    """Nothing between 1 and 3 looks like a heading, so nothing is made into one."""
    plan = text(
        "一、工作措施",
        "1、走访：" + "到每一户看一看孩子，问一问老人，把听到的都记下来，" * 2 + "不落一户。",
        "3、谈心。",
    )
    assert [one.number for one in plan.measures] == ["1", "3"]


def test_a_list_that_changes_its_habit_goes_on():
    plan = text("一、工作措施", "1、走访到户。", "2．每月谈心。", "3）写成长日记。")
    assert [one.rows for one in plan.measures] == [[20], [18], [19]]


def test_lines_broken_at_the_edge_of_a_page_are_put_together():
    plan = text(
        "一、工作措施",
        "1、由社区和学校一起，给每一个孩子建一份档案和一张写着监护人是谁的联系",
        "卡，换了号码当天就改。",
        "2、谈心。",
    )
    assert plan.measures[0].rows == [14]


def test_points_told_in_one_breath_are_told_apart():
    plan = text("一、工作措施", "今年做三件事：一是每月走访；二是经常谈心；三是办文体游戏。")
    assert [(one.number, one.rows) for one in plan.measures] == [("一是", [20]), ("二是", [18]), ("三是", [24])]


def test_points_under_a_heading_that_is_no_mere_container_are_measures():
    plan = text("一、走访谈心", "1、每月一次。", "2、每次都要见到孩子。", "二、文体游戏", "每季度一次。")
    assert [(one.number, one.rows) for one in plan.measures] == [("1", [18, 20]), ("2", [18, 20]), ("二", [24])]


@pytest.mark.parametrize(
    "between",
    [
        "篇二",
        "【第2篇】岭下社区关爱留守儿童工作计划",
        "岭下社区关爱留守儿童工作计划",
        "第二篇：岭下社区关爱留守儿童工作计划",
    ],
)
def test_several_plans_of_one_file_are_told_apart(between):
    lines = [
        "春和社区关爱留守儿童工作计划",
        "一、走访到户。",
        "二、经常谈心。",
        between,
        "一、办文体游戏。",
        "二、写感谢信。",
    ]
    first, second = read("\n".join(lines).encode())
    assert [one.rows for one in first.measures] == [[20], [18]]
    assert [one.rows for one in second.measures] == [[24], [25]]


def test_a_plan_that_breaks_off_is_noticed_and_one_that_ends_is_not():
    assert text("一、走访到户，一家也不落下。", "二、经常同孩子谈心，把听到的话都记在本子上，然后再").truncated
    assert not text(
        "一、走访到户，一家也不落下。", "二、经常同孩子谈心，把听到的话都记在本子上。", "春和社区", "2026年3月1日"
    ).truncated
    assert not text("一、走访", "二、谈心").truncated


# ── targets, owners, days ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "target"),
    [
        ("建档率达100%", 100), ("建档率达１００％", 100), ("建档率百分之百", 100), ("建档率百分百", 100), ("巩固率95%以上", 95),
        ("巩固率不低于百分之九十八", 98), ("巩固率99.5%", 99.5), ("九成以上的孩子", 90), ("每个孩子都结对", None), ("成立五人小组", None),
        ("增长120%", None), ("第九成立大会", None),
    ],
)  # fmt: skip
def test_a_target_is_what_the_plan_states(words, target):
    assert stated.target_of(words) == target


def test_rates_that_differ_are_goals_of_their_own_and_equal_ones_stay_together():
    plan = text(
        "一、工作目标",
        "1、建档率100%，入学率99%，巩固率98%。",
        "2、入学率、巩固率均达100%。",
        "二、工作措施",
        "1、走访。",
    )
    assert [(one.number, one.rows, one.target) for one in plan.goals] == [
        ("1", [6], 100), ("1", [7], 99), ("1", [8], 98), ("2", [7, 8], 100),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "owner"),
    [
        ("责任人：李春梅", "李春梅"), ("（责任单位：镇中心小学）", "镇中心小学"), ("由妇联牵头，办好", "妇联"), ("由专人负责", None),
        ("牵头单位:民政办、司法所。", "民政办、司法所"), ("爷爷奶奶负责做饭", None),
    ],
)  # fmt: skip
def test_an_owner_is_read_where_the_text_names_one(words, owner):
    assert stated.owner_of(words) == owner


@pytest.mark.parametrize(
    ("words", "due", "on"),
    [
        ("3月底前完成", "3月底前", date(2026, 3, 31)), ("2月底前完成", "2月底前", date(2026, 2, 28)), ("6月15日以前", "6月15日以前", date(2026, 6, 15)),
        ("完成时限：2027年1月", "2027年1月", date(2027, 1, 31)), ("第一步（三月）摸底", "三月", date(2026, 3, 31)), ("时间：第三季度", "第三季度", date(2026, 9, 30)),
        ("完成时间：上半年", "上半年", date(2026, 6, 30)), ("年底前", "年底前", date(2026, 12, 31)), ("时间：暑假", "暑假", None), ("每月一次", None, None),
    ],
)  # fmt: skip
def test_a_time_limit_is_read_where_the_text_gives_one(words, due, on):
    assert stated.stated_in(words, 2026)[1:] == (due, on)


def test_a_day_without_a_year_is_left_in_words():
    assert stated.stated_in("3月底前完成", None) == (None, "3月底前", None)


# ── what is not read ─────────────────────────────────────────────────────────────────────────────────────────────────

FIRE = "社区消防安全工作计划\n一、加强领导，成立领导小组，形成合力。\n二、大力宣传，发放传单。\n三、签订责任书。\n四、检查灭火器。"
REFUSED = [
    (b"", "empty_file"),
    ("  \n\n　\n".encode(), "empty"),
    (documents.docx(), "empty"),
    (documents.docx(documents.PICTURE, extra=[("word/media/image1.png", b"x")]), "picture"),
    (b"\x89PNG\r\n\x1a\n....", "picture"),
    (b"%PDF-1.7\n", "pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_word"),
    (rb"{\rtf1\ansi", "rich_text"),
    ("<!DOCTYPE html><html>关爱</html>".encode(), "web_page"),
    (documents.docx(documents.paragraph("一、走访"))[:700], "broken"),
    (documents.docx(documents.paragraph("一、走访"), before='<!DOCTYPE w [<!ENTITY a "b">]>'), "broken"),
    (bytes(range(256)) * 20, "not_text"),
    (b"x" * (20 * 1024 * 1024 + 1), "too_big"),
    (documents.docx("<w:p/>" * 6_000_000), "too_big"),
    (("走访孩子\n" * 3001).encode(), "too_big"),
    ("大家好".encode(), "other_subject"),
    (FIRE.encode(), "other_subject"),
]


@pytest.mark.parametrize(
    ("content", "code"), REFUSED, ids=[f"{code}-{at}" for at, (_content, code) in enumerate(REFUSED)]
)
def test_what_cannot_be_read_says_so_in_one_sentence(content, code):
    with pytest.raises(UnreadablePlan) as refused:
        read(content)
    assert refused.value.code == code
    assert str(refused.value.text).count("\n") == 0


def test_gbk_utf8_and_utf16_say_the_same():
    words = "春和社区关爱留守儿童工作计划\n一、走访到户。\n二、经常谈心。"
    read_as = [as_json(read(words.encode(way))) for way in ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16")]
    assert all(one == read_as[0] for one in read_as)


# ── by the command ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_command_prints_one_document(tmp_path, capsys):
    file = tmp_path / "计划.txt"
    file.write_bytes(content("two"))
    assert cli.main(["plan", "read", str(file), "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["plans"]
    assert (len(first["goals"]), len(first["measures"]), second["truncated"]) == (3, 5, True)
    assert first["unmatched"] == [{"number": "3", "text": "家长学校参训率90%以上。"}]
    assert first["goals"][0]["evidence"][0]["words"] == ["建档率"]


@pytest.mark.parametrize(("content", "code"), REFUSED[:3])
def test_the_command_refuses_in_one_sentence(tmp_path, capsys, content, code):
    file = tmp_path / "bad.docx"
    file.write_bytes(content)
    assert cli.main(["plan", "read", str(file), "--json"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("tongxing: bad.docx: ")
    assert told.err.count("\n") == 1


def test_a_file_that_is_not_there_is_said(tmp_path, capsys):
    assert cli.main(["plan", "read", str(tmp_path / "none.txt")]) == 1
    assert "none.txt" in capsys.readouterr().err
