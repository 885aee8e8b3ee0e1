"""Phones as they stand in cells."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tongxing.base import phones
from tongxing.base.problems import ASK, NOTICE, STOPS

MOBILES = st.integers(0, 99_999_999).map(lambda number: f"140{number:08d}")


def found(phone):
    return [(problem.code, problem.severity) for problem in phones.problems(phone)]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("14000000001", "14000000001"),
        ("140 0000 0001", "14000000001"),
        ("140-0000-0001", "14000000001"),
        ("+86 140 0000 0001", "14000000001"),
        ("0086-14000000001", "14000000001"),
        ("8614000000001", "14000000001"),
        ("１４００００００００１", "14000000001"),
        ("\u202a14000000001\u202c", "14000000001"),
        ("0731-82345678", "073182345678"),
        ("(0731)8234567", "07318234567"),
        ("010 62345678", "01062345678"),
        ("+86 10 62345678", "01062345678"),
        ("0731-82345678-123", "073182345678-123"),
        ("0731-82345678转123", "073182345678-123"),
        ("82345678 转 8", "82345678-8"),
        ("400-123-4567", "4001234567"),
        ("+852 2345 6789", "+85223456789"),
        (None, ""),
    ],
)
def test_a_phone_has_one_form(written, kept):
    assert phones.fold(written) == kept
    assert phones.fold(kept) == kept
    assert found(kept) == [] or found(kept) == [("no_area_code", NOTICE)]


@pytest.mark.parametrize(
    ("written", "code", "severity"),
    [
        ("138 0000 000", "too_short", ASK),
        ("1400000000", "too_short", ASK),
        ("140000000011", "too_long", ASK),
        ("12000000001", "wrong_start", ASK),
        ("62345678", "no_area_code", NOTICE),
        ("0731-12345678", "wrong_length", ASK),
        ("0731-823456789", "wrong_length", ASK),
        ("没有电话", "no_digits", STOPS),
        ("14000000001爸", "wrong_characters", ASK),
        ("14000000001/14000000002", "several_phones", ASK),
        ("1400000000114000000002", "several_phones", ASK),
    ],
)
def test_what_is_wrong_with_a_phone(written, code, severity):
    assert found(written) == [(code, severity)]


def test_the_words_count_the_digits():
    assert [str(one.text) for one in phones.problems("138 0000 000")] == ["手机号少 1 位"]
    assert [str(one.text) for one in phones.problems("138 0000")] == ["手机号少 4 位"]
    assert [str(one.text) for one in phones.problems("1380000000099")] == ["手机号多 2 位"]


@pytest.mark.parametrize(
    ("cell", "pieces"),
    [
        ("14000000001", [("14000000001", "")]),
        ("140 0000 0001", [("14000000001", "")]),
        ("14000000001/14000000002", [("14000000001", ""), ("14000000002", "")]),
        ("14000000001、14000000002", [("14000000001", ""), ("14000000002", "")]),
        ("14000000001，0731-82345678", [("14000000001", ""), ("073182345678", "")]),
        ("14000000001 14000000002", [("14000000001", ""), ("14000000002", "")]),
        ("14000000001\n14000000002", [("14000000001", ""), ("14000000002", "")]),
        ("14000000001或14000000002", [("14000000001", ""), ("14000000002", "")]),
        ("1400000000114000000002", [("14000000001", ""), ("14000000002", "")]),
        ("14000000001（爸爸）14000000002（妈妈）", [("14000000001", "爸爸"), ("14000000002", "妈妈")]),
        ("爸：14000000001；妈：14000000002", [("14000000001", "爸"), ("14000000002", "妈")]),
        ("0731-82345678转8", [("073182345678-8", "")]),
        ("没有", []),
        ("", []),
        (None, []),
    ],
)
def test_the_phones_of_a_cell(cell, pieces):
    assert phones.split(cell) == pieces


def test_a_phone_is_found_by_its_digits_and_its_tail():
    assert phones.key("0731-82345678-123") == "073182345678"
    assert phones.key("+86 140-0000-0001") == phones.key("14000000001") == "14000000001"
    assert phones.last4("0731-82345678-123") == "5678"
    assert phones.last4("119") == ""
    assert phones.key("无") == ""
    assert phones.is_mobile("140 0000 0001")
    assert not phones.is_mobile("0731-82345678")


@given(MOBILES, st.data())
def test_blanks_and_hyphens_never_change_a_mobile_number(phone, data):
    cuts = data.draw(st.lists(st.integers(1, 10), max_size=3, unique=True))
    mark = data.draw(st.sampled_from([" ", "-", "\u3000", "－"]))
    spaced = "".join(mark + digit if at in cuts else digit for at, digit in enumerate(phone))
    assert phones.fold(spaced) == phone
    assert found(spaced) == []


@given(MOBILES, st.integers(1, 10))
def test_a_lost_digit_is_counted(phone, at):
    assert [problem.code for problem in phones.problems(phone[:at] + phone[at + 1 :])] == ["too_short"]


@given(st.lists(MOBILES, min_size=2, max_size=4), st.sampled_from(["、", "/", "；", "\n", " ", ",", "或", ""]))
def test_several_mobiles_are_parted_at_any_mark(numbers, mark):
    assert [piece.phone for piece in phones.split(mark.join(numbers))] == numbers


@given(st.text(max_size=40))
def test_any_cell_is_answered(text):
    assert all(piece.phone for piece in phones.split(text))
    assert len(phones.problems(text)) <= 1


@given(st.text(st.sampled_from("0123456789861+-( )转x＋／"), max_size=30))
@example("2000000转0-")
@example("2000000转0／)")
def test_folding_a_phone_twice_changes_nothing(text):
    assert phones.fold(phones.fold(text)) == phones.fold(text)
