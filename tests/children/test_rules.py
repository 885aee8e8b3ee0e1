"""Rules of the children room that need no database."""

import pytest

from tests.conftest import NOW
from tongxing.children.forms import read_row
from tongxing.children.rules import ClassName, read_class


@pytest.mark.parametrize(
    ("written", "grade", "name"),
    [("小班", 0, "小班"), ("幼儿园大班", 0, "大班"), ("中二班", 0, "中(2)班"), ("幼儿园小班3班", 0, "小(3)班"),
     ("大（1）班", 0, "大(1)班"), ("三年级2班", 3, "三(2)班")],
)  # fmt: skip
def test_a_class_is_read_into_its_one_written_form(written, grade, name):
    assert read_class(written) == ClassName(grade, name, True)


@pytest.mark.parametrize("written", ["大大班", "小3", "大"])
def test_what_may_be_a_kindergarten_class_or_something_else_is_not_guessed(written):
    assert read_class(written).grade is None


def test_a_child_who_goes_to_no_school_yet_has_no_class_and_nothing_is_asked():
    facts, problems = read_row({"name": "何小满", "birth_on": "2024-03-05", "class_name": "未入园"}, NOW.date())
    assert (facts["class_name"], problems) == ("", [])
