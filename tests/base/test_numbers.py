"""Citizen numbers: right, wrong, rounded away, and never shown whole."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tongxing.base import numbers
from tongxing.base.problems import ASK, NOTICE, STOPS, held
from tongxing.base.words import Numeric

TODAY = date(2026, 11, 24)
RIGHT = "990101201706300075"
BIRTHS = st.dates(date(1900, 1, 1), TODAY)
MADE = st.builds(numbers.make, st.just("990101"), BIRTHS, st.integers(1, 999))


def found(number, **beside):
    return [(problem.code, problem.severity) for problem in numbers.check(number, today=TODAY, **beside)]


@pytest.mark.parametrize("number", [RIGHT, "11010519491231002X", "440524188001010014", "810000199408230021"])
def test_a_right_number_is_quiet(number):
    assert found(number) == []


@pytest.mark.parametrize(
    "written",
    ["９９０１０１２０１７０６３０００７５", " 990101 20170630 0075 ", "990101-20170630-0075", "'990101201706300075"],
)
def test_a_number_is_read_however_it_is_spaced(written):
    assert numbers.fold(written) == RIGHT
    assert found(written) == []


@pytest.mark.parametrize("x", ["x", "Ｘ", "×", "Х"])
def test_every_cross_is_an_x(x):
    assert found("11010519491231002" + x) == []


@pytest.mark.parametrize(
    ("number", "code", "severity"),
    [
        ("990101201706300076", "wrong_check_digit", ASK),
        ("990101201709170043", "wrong_check_digit", ASK),
        ("99010120170630007", "wrong_length", STOPS),
        ("9901012017063000755", "wrong_length", STOPS),
        ("99010120170630O075", "wrong_characters", STOPS),
        ("X90101201706300075", "wrong_characters", STOPS),
        ("护照E12345678", "wrong_characters", STOPS),
        ("²90101201706300075", "wrong_check_digit", ASK),
        ("990101170630007", "fifteen_digits", ASK),
        ("990101201802100000", "lost_digits", STOPS),
        ("9.90101201802100E+17", "lost_digits", STOPS),
        (numbers.make("990101", date(2017, 2, 1), 7)[:10] + "0231" + "0017", "bad_date", STOPS),
        (numbers.make("990101", date(2027, 1, 1), 7), "future_date", STOPS),
        (numbers.make("000101", date(2017, 1, 1), 7), "unknown_area", NOTICE),
    ],
)
def test_what_is_wrong_is_said_with_its_weight(number, code, severity):
    assert (code, severity) in found(number)


def test_the_words_never_say_which_digit_is_wrong():
    (problem,) = numbers.check("990101201706300076", today=TODAY)
    assert str(problem.text) == "有一位可能写错了，请对照证件看一眼"
    (problem,) = numbers.check("990101201802100000", today=TODAY)
    assert str(problem.text) == "这个身份证号被表格软件改成了数字，后三位已丢失，请按证件重新填"


def test_a_number_from_a_numeric_cell_has_lost_digits_even_when_it_seems_right():
    passing = next(
        number
        for serial in range(0, 1000, 100)
        for day in range(1, 29)
        if (number := numbers.make("990101", date(2018, 2, day), serial)).endswith("000")
    )
    assert found(Numeric(passing)) == [("lost_digits", STOPS)]
    assert found(passing) == [("ends_in_000", ASK)]
    assert found(Numeric("990101170630007")) == [("fifteen_digits", ASK)]


def test_sex_and_birth_beside_a_number_must_agree():
    assert found(RIGHT, sex="1", birth_on=date(2017, 6, 30)) == []
    assert found(RIGHT, sex="2") == [("sex_differs", ASK)]
    assert found(RIGHT, birth_on=date(2017, 6, 3)) == [("birth_differs", ASK)]
    assert found(RIGHT, sex="9", birth_on=None) == []
    assert found("", sex="2") == []


def test_the_parts_of_a_number():
    assert numbers.parts(RIGHT) == ("990101", date(2017, 6, 30), numbers.MALE)
    assert numbers.parts("11010519491231002x").sex == numbers.FEMALE
    assert numbers.parts("990101201713300075") is None
    assert numbers.parts("123") is None
    assert numbers.parts(None) is None


def test_a_list_shows_the_masked_number():
    assert numbers.mask(RIGHT) == "990101********0075"
    assert numbers.mask("11010519491231002x") == "110105********002X"
    assert numbers.mask("") == ""
    assert numbers.mask("1234") == "****"
    assert numbers.groups(RIGHT) == "990101 20170630 0075"
    assert numbers.last4("11010519491231002x") == "002X"


@given(MADE)
def test_every_made_number_is_right(number):
    assume(not number.endswith("000"))
    assert found(number) == []
    assert numbers.make(number[:6], numbers.parts(number).birth_on, int(number[14:17])) == number


@given(MADE, st.integers(0, 17), st.integers(1, 9))
def test_no_single_wrong_digit_goes_unseen(number, at, step):
    digit = 10 if number[at] == "X" else int(number[at])
    wrong = number[:at] + str((digit + step) % 10) + number[at + 1 :]
    assume(wrong != number)
    assert held(numbers.check(wrong, today=TODAY))


@given(MADE, st.integers(0, 15))
def test_no_swap_of_neighbours_goes_unseen(number, at):
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assume(swapped != number)
    assert held(numbers.check(swapped, today=TODAY))


@given(MADE)
def test_a_number_that_a_spreadsheet_rounded_is_never_let_through(number):
    assert held(numbers.check(number[:15] + "000", today=TODAY))


@given(st.text(max_size=25))
def test_any_text_is_checked_and_masked(text):
    for problem in numbers.check(text, today=TODAY):
        assert text.strip() == "" or text not in str(problem.text) or len(text) < 3
    hidden = numbers.mask(text)
    assert len(hidden) == len(numbers.fold(text))
    numbers.parts(text)


def test_an_invented_number_needs_a_place_and_a_serial():
    with pytest.raises(ValueError, match="region"):
        numbers.make("99", date(2017, 1, 1), 1)
    with pytest.raises(ValueError, match="serial"):
        numbers.make("990101", date(2017, 1, 1), 1000)
