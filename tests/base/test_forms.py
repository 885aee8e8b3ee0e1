"""One field for a page, a line of Excel and a message from a phone."""

# ruff: noqa: DTZ001  cells know no time zone

from datetime import date, datetime

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context as TemplateContext
from django.template import Template
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st

from tongxing.base import days, numbers
from tongxing.base.forms import (
    AskForm,
    CitizenNumberField,
    Context,
    DayField,
    LineField,
    NameField,
    PhoneField,
    PickField,
    compile_row,
)
from tongxing.base.problems import ASK, NOTICE, STOPS, Problem, held, worst
from tongxing.base.words import Numeric

TODAY = date(2026, 11, 24)
WRONG = "990101201706300076"


def rules(facts, today):
    problems = numbers.agrees(facts["number"], birth_on=facts["birth_on"], sex=facts["sex"], field="number")
    if facts["seats"] and facts["seats"] > 50:
        problems.append(Problem("seats", "many", _("人数很多"), NOTICE))
    if facts["number"] and not facts["phone"]:
        problems.append(Problem("", "no_phone", _("没有电话"), ASK))
    return problems


class ChildForm(AskForm):
    name = NameField()
    number = CitizenNumberField(required=False)
    birth_on = DayField(required=False)
    since = DayField(required=False, rough=True)
    phone = PhoneField(required=False)
    phones = PhoneField(required=False, several=True)
    sex = PickField(choices=[("", "—"), ("1", _("男")), ("2", _("女"))], also={"男孩": "1"}, required=False)
    address = LineField(required=False, longest=10)
    seats = forms.IntegerField(required=False, max_value=99)
    boards = forms.BooleanField(required=False)

    def check(self, facts, today):
        return rules(facts, today)


RIGHT = {
    "name": "何 嘉乐",
    "number": "990101201706300075",
    "birth_on": "2017年6月30日",
    "since": "2025年9月",
    "phone": "140 0000 0001",
    "phones": "14000000001（爸爸）14000000002（妈妈）",
    "sex": "男",
    "address": "３号楼",
    "seats": "2",
}
read_row = compile_row(ChildForm.base_fields, rules)


def form(**changes):
    return ChildForm({**RIGHT, **changes}, today=TODAY)


def test_a_right_page_gives_folded_facts():
    page = form()
    assert page.is_valid(), page.errors
    assert page.cleaned_data == {
        "name": "何嘉乐",
        "number": "990101201706300075",
        "birth_on": date(2017, 6, 30),
        "since": days.Day(date(2025, 9, 1), days.Precision.MONTH, ()),
        "phone": "14000000001",
        "phones": (("14000000001", "爸爸"), ("14000000002", "妈妈")),
        "sex": "1",
        "address": "3号楼",
        "seats": 2,
        "boards": False,
    }
    assert page.problems == []


def test_a_question_holds_a_page_until_it_is_answered():
    page = form(number=WRONG)
    assert not page.is_valid()
    assert page.errors == {"number": ["有一位可能写错了，请对照证件看一眼"]}
    assert [problem.accept_key for problem in page["number"].asks] == ["number:wrong_check_digit"]
    assert page["number"].value() == WRONG

    answered = form(number=WRONG, accept="number:wrong_check_digit")
    assert answered.is_valid()
    assert answered.cleaned_data["number"] == WRONG
    assert answered.asks == []
    assert [problem.code for problem in answered.problems] == ["wrong_check_digit"]


def test_an_answer_is_carried_while_something_else_is_mended():
    page = form(number=WRONG, name="", accept="number:wrong_check_digit")
    assert not page.is_valid()
    assert page.accepted == ["number:wrong_check_digit"]
    assert list(page.errors) == ["name"]
    mended = form(accept="number:wrong_check_digit")
    assert mended.is_valid()
    assert mended.accepted == []


def test_an_answer_to_one_question_answers_no_other():
    page = form(number=WRONG, sex="女", accept="number:wrong_check_digit")
    assert [problem.code for problem in page.asks] == ["sex_differs"]
    assert not page.is_valid()


def test_what_stops_cannot_be_accepted():
    page = form(number="990101201802100000", accept="number:lost_digits")
    assert not page.is_valid()
    assert page.facts["number"] is None
    assert "number" not in page.cleaned_data
    assert page["number"].value() == "990101201802100000"


def test_a_notice_is_said_and_fails_nothing():
    page = form(seats="60")
    assert page.is_valid()
    assert [str(problem.text) for problem in page.notices] == ["人数很多"]
    assert page["seats"].notices == page.notices


def test_a_question_about_no_single_field_stands_above_the_page():
    page = form(phone="")
    assert page.non_field_errors() == ["没有电话"]
    assert form(phone="", accept=":no_phone").is_valid()


def test_several_answers_come_from_a_browser_as_several_values():
    sent = QueryDict(mutable=True)
    sent.update({**RIGHT, "number": WRONG, "phone": "1400000000"})
    sent.setlist("accept", ["number:wrong_check_digit", "phone:too_short"])
    assert ChildForm(sent, today=TODAY).is_valid()


def test_a_prefix_keeps_two_forms_on_a_page_apart():
    sent = {f"a-{name}": value for name, value in RIGHT.items()} | {"a-number": WRONG}
    assert ChildForm(sent | {"accept": "number:wrong_check_digit"}, prefix="a", today=TODAY).asks
    page = ChildForm(sent | {"a-accept": "number:wrong_check_digit"}, prefix="a", today=TODAY)
    assert page.accept_name == "a-accept"
    assert page.is_valid()


def test_a_template_can_draw_the_button():
    drawn = Template(
        "{% for ask in form.number.asks %}<button name='{{ form.accept_name }}' value='{{ ask.accept_key }}'>"
        "{{ ask.text }}{% endfor %}"
    ).render(TemplateContext({"form": form(number=WRONG)}))
    assert "value='number:wrong_check_digit'" in drawn
    assert "有一位可能写错了" in drawn


def test_an_unsent_page_has_no_problems():
    page = ChildForm(today=TODAY, initial={"birth_on": date(2017, 6, 30)})
    assert page.problems == page.asks == page.accepted == []
    assert 'value="2017-06-30"' in str(page["birth_on"])


def test_a_rough_day_is_shown_as_exactly_as_it_is_known():
    since = days.Day(date(2025, 9, 1), days.Precision.MONTH, ())
    assert 'value="2025-09"' in str(ChildForm(initial={"since": since}, today=TODAY)["since"])


def test_a_day_typed_otherwise_has_not_changed():
    page = ChildForm(RIGHT, initial={"birth_on": date(2017, 6, 30), "number": RIGHT["number"]}, today=TODAY)
    assert "birth_on" not in page.changed_data
    assert "number" not in page.changed_data
    assert "name" in page.changed_data


def test_a_day_without_its_day_stops_where_a_whole_day_is_needed():
    assert form(birth_on="2017年6月").errors == {"birth_on": ["请把年、月、日写全"]}


def test_a_page_cannot_have_checks_that_a_file_would_not_pass():
    with pytest.raises(TypeError, match="clean_name"):

        class Sly(AskForm):
            def clean_name(self):
                return ""


def test_a_plain_form_treats_questions_as_errors():
    class Plain(forms.Form):
        number = CitizenNumberField(required=False)

    assert Plain({"number": RIGHT["number"]}).is_valid()
    assert Plain({"number": WRONG}).errors == {"number": ["有一位可能写错了，请对照证件看一眼"]}


# --- rows -----------------------------------------------------------------------------------------------------------


def test_a_row_of_a_file_gives_the_same_facts():
    facts, problems = read_row(RIGHT, TODAY)
    assert facts == form().facts
    assert problems == []


def test_a_row_takes_cells_as_a_spreadsheet_keeps_them():
    facts, problems = read_row(
        {
            "name": "何嘉乐",
            "number": Numeric("990101201802100000"),
            "birth_on": datetime(2017, 6, 30),
            "phone": Numeric("14000000001"),
            "seats": Numeric("5"),
            "sex": "男孩",
        },
        TODAY,
    )
    assert [problem.code for problem in problems] == ["lost_digits"]
    assert held(problems)
    assert (facts["birth_on"], facts["phone"], facts["seats"], facts["sex"]) == (
        date(2017, 6, 30),
        "14000000001",
        5,
        "1",
    )


def test_words_for_nothing_are_an_empty_cell():
    facts, problems = read_row({"name": "何嘉乐", "number": "无", "phone": "/", "birth_on": "不详", "sex": "—"}, TODAY)
    assert problems == []
    assert {facts[name] for name in ("number", "phone", "birth_on", "sex")} == {None}


def test_an_empty_row_only_misses_what_it_must_have():
    facts, problems = read_row({}, TODAY)
    assert [str(problem.text) for problem in problems] == ["没有姓名"]
    assert worst(problems) == STOPS
    assert facts["name"] is None


def test_choices_are_read_in_chinese_whatever_the_screen_speaks():
    field = PickField(choices=[("1", _("男"))])
    with translation.override("en"):
        assert field.read("男", Context("sex", TODAY)) == ("1", [])


def test_a_form_may_give_its_own_copy_other_choices():
    ChildForm.base_fields["sex"].read("男", Context("sex", TODAY))
    page = form(sex="9")
    page.fields["sex"].choices = [("9", "不说")]
    assert page.is_valid()
    assert page.cleaned_data["sex"] == "9"
    assert read_row({**RIGHT, "sex": "9"}, TODAY)[1] != []


NAMES = st.one_of(st.sampled_from(["何嘉乐", "", "李", "合计", "李?", "阿依 · 古丽"]), st.text(max_size=8))
NUMBERS = st.one_of(
    st.sampled_from([RIGHT["number"], WRONG, "990101201802100000", "无", "", "990101170630007", "9.9E+17"]),
    st.from_regex(r"990101(19|20)\d{2}[01]\d[0-3]\d{5}[Xx\d]", fullmatch=True),
    st.text(max_size=19),
)
DAYS = st.one_of(
    st.sampled_from(["2017-6-30", "3/5/2015", "2015年3月", "2027-1-1", "不详", "42068", "abc"]), st.text(max_size=10)
)
PHONES = st.one_of(
    st.sampled_from(["14000000001", "138 0000 000", "14000000001/14000000002", "无", "", "62345678"]),
    st.text(max_size=12),
)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES,
        "number": NUMBERS,
        "birth_on": DAYS,
        "since": DAYS,
        "phone": PHONES,
        "phones": PHONES,
        "sex": st.sampled_from(["男", "女", "1", "2", "", "男孩", "未知", "x"]),
        "address": st.text(max_size=14),
        "seats": st.one_of(st.integers(-5, 200).map(str), st.text(max_size=3)),
        "boards": st.sampled_from(["on", ""]),
    },
)


@given(ROWS, st.booleans())
def test_a_page_and_a_file_give_equal_answers(row, accept_all):
    facts, problems = read_row(row, TODAY)
    keys = " ".join(problem.accept_key for problem in problems if problem.severity == ASK) if accept_all else ""
    page = ChildForm({**row, "accept": keys}, today=TODAY)
    assert [(one.field, one.code, one.severity, str(one.text)) for one in page.problems] == [
        (one.field, one.code, one.severity, str(one.text)) for one in problems
    ]
    assert page.facts == facts
    stops = any(problem.severity == STOPS for problem in problems)
    assert page.is_valid() is (not stops if accept_all else not held(problems))
    if page.is_valid():
        assert page.cleaned_data == facts


@given(ROWS)
def test_what_stops_is_never_a_fact(row):
    facts, problems = read_row(row, TODAY)
    for problem in problems:
        if problem.severity == STOPS and problem.field in facts:
            assert facts[problem.field] in (None, "")
