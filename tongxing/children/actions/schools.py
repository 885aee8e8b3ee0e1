"""From the words of a school and a class to the organisation and the class of this school year."""

from datetime import date

from django.utils.translation import gettext as _

from tongxing.children.rules import read_class
from tongxing.staff.actions import open_classroom
from tongxing.staff.models import Classroom, Organisation, Region, within
from tongxing.staff.rules import school_year


class NoSuchSchool(Exception):
    """No school of this name is known in the county; str() is the sentence for the user."""


def find_school(
    *, by, school: str, class_name: str, near: Region, on: date
) -> tuple[Organisation | None, Classroom | None]:
    """The school of this name in the child's county and its class; a class nobody has opened this year is opened."""
    if not school:
        if class_name:
            raise NoSuchSchool(_("写了班级，请也写学校"))
        return None, None
    schools = Organisation.objects.standing().filter(within("region_id", near.path[:6]), kind="school")
    found = schools.filter(name=school).first()
    if found is None:
        raise NoSuchSchool(_("本县没有叫这个名字的学校，请照证件写全称，或先在管理里添加"))
    if not class_name:
        return found, None
    year, said = school_year(on), read_class(class_name)
    classroom = Classroom.objects.standing().filter(school=found, year=year, name=said.name).first()
    return found, classroom or open_classroom(by=by, school=found, year=year, grade=said.grade or 0, name=said.name)
