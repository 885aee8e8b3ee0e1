"""A list is read, imported, mended, brought again, taken back."""

from datetime import date

import pytest
from django.http import QueryDict

from tests import factories
from tests.rosters.lists import bring, imported, number, row, row_of, sheet, start, states, undone
from tongxing.base import seal
from tongxing.base.measures import Scope
from tongxing.base.records import Event
from tongxing.base.words import Numeric
from tongxing.children.actions import correct
from tongxing.children.models import Child, Household, Lookup
from tongxing.children.queries import search
from tongxing.rosters import actions, api, forms
from tongxing.rosters.measures import ARCHIVED
from tongxing.rosters.models import Listed
from tongxing.rosters.queries import counts_of, later_work
from tongxing.staff.models import Classroom

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
BAD = {
    "wrong": row(50, citizen_number="990101201709170043", birth_on=None, sex=None),
    "short": row(51, carer_phone="140 0000 000"),
    "class": row(52, class_name="三2"),
    "nameless": row(53, name=None),
}


def brought(roster):
    return Child.objects.standing().filter(pk__in=roster.rows.filter(child__isnull=False).values("child_id"))


def mend(cast, roster, at, *accept, **cells):
    """Mend a row as the page does."""
    sent = QueryDict(mutable=True)
    sent.update(cells)
    sent.setlist("accept", accept)
    one = row_of(roster, at)
    (form,) = forms.mend_forms(roster, [one], sent)
    assert not form.waiting, form.waiting
    return actions.mend_row(by=cast.director, row=one, **form.mended_row())


def test_a_tidy_list_becomes_archives_with_everything_that_belongs_to_them(cast):
    roster = imported(cast.director, cast.chunhe, sheet([row(1), row(2)], above=[["名册"]], below=[["合计", 2]]))
    assert roster.state == "imported"
    assert states(roster) == {3: "archived", 4: "archived"}
    child = Child.objects.get(citizen_number_index__isnull=False, name=row(1)["name"])
    assert (child.birth_on, child.sex, child.opened_on) == (date(2017, 3, 5), "1", TODAY)
    assert child.citizen_number == number(1)
    assert child.episodes.standing().get().community == cast.chunhe
    assert {(role.relation, role.part, role.kin.name) for role in child.kin_roles.all()} == {
        ("51", "parent", "陈大山"),
        ("62", "carer", "刘桂花"),
    }
    assert search(cast.director, row(1)["name"]) == [child]
    assert search(cast.director, number(1)[-4:]) == [child]


def test_each_child_has_one_event_and_the_list_has_its_own(cast):
    roster = imported(cast.director, cast.chunhe, sheet([row(1), row(2)]))
    events = Event.objects.filter(action="rosters.import_row", subject="children.child")
    assert sorted(events.values_list("subject_id", flat=True)) == sorted(brought(roster).values_list("pk", flat=True))
    assert {event.by_id for event in events} == {cast.director.pk}
    whole = Event.objects.get(action="rosters.import", subject_id=roster.pk)
    assert whole.held[f"roster:{roster.pk}"]["counts"][1]["archived"] == 2
    assert whole.held[f"roster:{roster.pk}"]["file"][1] == roster.attachment.digest
    assert seal.verify({}).ok


def test_no_value_of_a_row_stands_open_in_its_problems(cast):
    roster = bring(cast.director, cast.chunhe, sheet(BAD.values()))
    for one in roster.rows.filter(state="to_fix"):
        assert not {"990101", "140 0000 000", "三2"} & set(str(one.problems).split("'"))
    assert row_of(roster, 2).problems == [
        {"field": "citizen_number", "code": "wrong_check_digit", "cell": "D2", "severity": "ask"}
    ]
    assert row_of(roster, 3).problems[0]["cell"] == "Q3"


def test_bad_rows_wait_and_hold_nobody_up(cast):
    roster = imported(cast.director, cast.chunhe, sheet([row(1), *BAD.values(), row(2)]))
    assert list(states(roster).values()) == ["archived", "to_fix", "to_fix", "to_fix", "to_fix", "archived"]


def test_the_same_child_twice_in_a_list_the_first_is_kept(cast):
    twin = row(1, name="赵一中", citizen_number=None)
    roster = imported(cast.director, cast.chunhe, sheet([row(1), row(2), row(1), row(2, citizen_number=None), twin]))
    assert states(roster) == {2: "archived", 3: "archived", 4: "to_fix", 5: "to_fix", 6: "archived"}
    assert row_of(roster, 4).problems[-1] | {"field": ""} == {
        "field": "", "code": "same_number", "cell": "A4", "severity": "stops", "args": {"first": 2, "this": 4},
    }  # fmt: skip
    assert row_of(roster, 5).codes == {"same_person"}
    assert not Listed.objects.exists()  # both are children who have an archive


def test_the_same_list_again_changes_nothing(cast):
    content = sheet([row(1), row(2, citizen_number=None), *BAD.values()])
    imported(cast.director, cast.chunhe, content)
    before = (Child.objects.count(), Listed.objects.count(), Event.objects.exclude(subject="rosters.roster").count())
    again = imported(cast.director, cast.chunhe, sheet([*BAD.values(), row(2, citizen_number=None), row(1)]))
    assert counts_of(again)["known"] == 2
    after = (Child.objects.count(), Listed.objects.count(), Event.objects.exclude(subject="rosters.roster").count())
    assert after == (before[0], before[1], before[2] + 1)  # the file that was kept


def test_a_child_archived_elsewhere_is_held_and_only_the_township_is_named(cast):
    roster = bring(cast.director, cast.chunhe, sheet([row(1, citizen_number=cast.kexin.citizen_number)]))
    (problem,) = [one for one in row_of(roster, 2).problems if one["code"] == "archived_elsewhere"]
    assert problem["args"] == {"place": "石桥镇"}
    assert row_of(roster, 2).child_id is None


def test_a_namesake_with_another_number_is_asked_about(cast):
    imported(cast.director, cast.chunhe, sheet([row(1)]))
    other = row(1, citizen_number=number(60))
    roster = bring(cast.director, cast.chunhe, sheet([other]))
    assert row_of(roster, 2).codes == {"other_number"}
    mend(cast, roster, 2, "citizen_number:other_number")
    assert states(start(cast.director, roster)) == {2: "archived"}
    assert Child.objects.filter(name=row(1)["name"]).count() == 2


def test_classes_are_found_or_opened_and_the_sender_is_the_school(cast):
    rows = [row(1, class_name="三(2)班"), row(2, class_name="四年级1班"), row(3, class_name="四(1)班")]
    roster = imported(cast.archivist, cast.chunhe, sheet(rows), sender=cast.school)
    schoolings = [child.schoolings.get() for child in brought(roster).order_by("citizen_number_index")]
    assert {one.school for one in schoolings} == {cast.school}
    assert sorted(one.classroom.name for one in schoolings) == ["三(2)班", "四(1)班", "四(1)班"]
    assert Classroom.objects.filter(name="三(2)班").count() == Classroom.objects.filter(name="四(1)班").count() == 1


def test_brothers_and_sisters_of_one_carer_live_behind_one_door(cast):
    same = {"carer_phone": "14002009999", "father_phone": "14001009999"}
    roster = imported(cast.director, cast.chunhe, sheet([row(1, **same), row(2, **same)]))
    assert len({child.household_id for child in brought(roster)}) == 1
    assert Household.objects.filter(pk__in=brought(roster).values("household_id")).count() == 1


def test_a_file_that_cannot_be_read_says_why(cast):
    for content, code in ((b"", "empty_file"), (b"GIF89a" + b"0" * 99, "not_a_spreadsheet"), (sheet([]), "no_rows")):
        roster = bring(cast.director, cast.chunhe, content)
        assert (roster.state, roster.trouble) == ("unreadable", code)


# ── mending ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_mended_row_is_imported_with_the_next_import(cast):
    roster = imported(cast.director, cast.chunhe, sheet([row(1), *BAD.values()]))
    person = Listed.objects.get(name=BAD["short"]["name"])
    mend(cast, roster, 4, carer_phone="14000000009")
    mend(cast, roster, 5, "class_name:unsure_class")
    assert states(roster)[4] == states(roster)[5] == "ready"
    roster = start(cast.director, roster)
    assert [states(roster)[at] for at in (3, 4, 5, 6)] == ["to_fix", "archived", "archived", "to_fix"]
    person.refresh_from_db()
    assert (person.child_id, person.matched_on) == (row_of(roster, 4).child_id, TODAY)
    assert row_of(roster, 5).child.schoolings.get().status == "primary"


def test_a_number_may_stand_as_it_is_on_the_paper(cast):
    roster = bring(cast.director, cast.chunhe, sheet([row(1, citizen_number="990101201703050013")]))
    assert row_of(roster, 2).codes == {"wrong_check_digit"}
    mend(cast, roster, 2, "citizen_number:wrong_check_digit")
    roster = start(cast.director, roster)
    assert brought(roster).get().citizen_number == "990101201703050013"
    assert row_of(roster, 2).accepted == ["citizen_number:wrong_check_digit"]


def test_a_row_mended_to_the_number_of_an_archive_is_that_child(cast):
    roster = bring(
        cast.director, cast.chunhe, sheet([row(1, name="陈斯远", citizen_number="1", birth_on="2014-05-06")])
    )
    mend(cast, roster, 2, citizen_number=cast.siyuan.citizen_number)
    assert row_of(roster, 2).state == "changed"  # it spells the name otherwise, and says more
    assert row_of(roster, 2).child == cast.siyuan
    assert {one.state for one in row_of(roster, 2).updates.all()} == {"asked"}  # nobody has seen them yet


def test_a_row_twice_named_may_be_left_out(cast):
    roster = imported(cast.director, cast.chunhe, sheet([row(1), row(1)]))
    actions.skip_row(by=cast.director, row=row_of(roster, 3))
    assert row_of(roster, 3).state == "skipped"
    with pytest.raises(actions.NotNow):
        actions.skip_row(by=cast.director, row=row_of(roster, 3))


# ── listed persons ──────────────────────────────────────────────────────────────────────────────────────────────────


def figure(cast, on=TODAY):
    found = ARCHIVED.figure(Scope(cast.chunhe.path), on)
    return found.n, found.gap, found.unknown


def test_held_rows_are_known_persons_without_an_archive(cast):
    before = figure(cast)
    imported(
        cast.director,
        cast.chunhe,
        sheet([row(1), BAD["short"], BAD["nameless"], row(9, citizen_number=None, birth_on=None)]),
    )
    listed = {one.name: one.doubtful for one in Listed.objects.all()}
    assert listed == {BAD["short"]["name"]: False, "": True, row(9)["name"]: True}
    assert figure(cast) == (before[0] + 1, before[1] + 1, before[2] + 2)
    gap = next(one for one in ARCHIVED.gaps(Scope(cast.chunhe.path), TODAY) if one.subject_name == BAD["short"]["name"])
    assert gap.owner_id == cast.director.pk


def test_a_row_that_tells_of_nobody_is_no_person(cast):
    imported(cast.director, cast.chunhe, sheet([{"hamlet": "塘下组", "address": "某处"}]))
    assert not Listed.objects.exists()


def test_two_lists_that_name_one_child_name_one_person(cast):
    first = row(5, carer_phone="140")
    imported(cast.director, cast.chunhe, sheet([first]))
    imported(cast.director, cast.chunhe, sheet([row(5, class_name="三2")]))
    imported(cast.director, cast.chunhe, sheet([row(5, citizen_number=None, class_name="三2")]))
    assert Listed.objects.count() == 1


def test_a_later_list_that_archives_a_listed_person_matches_them(cast):
    imported(cast.director, cast.chunhe, sheet([row(5, carer_phone="140")]))
    before = figure(cast)
    later = imported(cast.director, cast.chunhe, sheet([row(5)]))
    assert Listed.objects.get().child_id == row_of(later, 2).child_id
    assert figure(cast) == (before[0] + 1, before[1] - 1, before[2])


GROWN = {"name": "陈大川", "birth_on": "1980-03-05", "citizen_number": None, "class_name": None}


def test_a_person_whose_every_row_was_left_out_is_a_gap_no_more(cast):
    before = figure(cast)
    first, second, third = (imported(cast.director, cast.chunhe, sheet([row(5, **GROWN)])) for _list in range(3))
    assert Listed.objects.count() == 1
    assert figure(cast)[1] == before[1] + 1
    undone(cast.director, third)
    actions.skip_row(by=cast.director, row=row_of(first, 2))
    assert figure(cast)[1] == before[1] + 1  # the second list still names them
    actions.skip_row(by=cast.director, row=row_of(second, 2))
    assert figure(cast) == before


def test_a_person_left_out_of_one_list_goes_with_the_other(cast):
    first, second = (imported(cast.director, cast.chunhe, sheet([row(5, **GROWN)])) for _list in range(2))
    actions.skip_row(by=cast.director, row=row_of(first, 2))
    undone(cast.director, second)
    assert not Listed.objects.standing().exists()


def test_digits_lost_to_a_spreadsheet_still_tell_the_birthday(cast):
    content = sheet([{"name": "陈小雨", "citizen_number": 990101201802100000}])
    roster = imported(cast.director, cast.chunhe, content)
    assert isinstance(row_of(roster, 2).cells()["citizen_number"], Numeric)
    assert Listed.objects.get().birth_on == date(2018, 2, 10)


# ── undoing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_undoing_takes_back_what_the_list_brought_and_nothing_else(cast):
    before = figure(cast), Child.objects.standing().count(), Lookup.objects.count()
    roster = imported(cast.director, cast.chunhe, sheet([row(1), row(2), BAD["short"]]))
    roster = undone(cast.director, roster)
    assert (figure(cast), Child.objects.standing().count(), Lookup.objects.count()) == before
    assert (roster.state, states(roster)) == ("undone", {2: "undone", 3: "undone", 4: "to_fix"})
    assert not Listed.objects.standing().exists()
    child = Child.objects.filter(pk=row_of(roster, 2).child_id).get()
    assert (child.withdrawn_why, child.version) == ("发错了表", 2)
    assert Event.objects.filter(action="rosters.undo", subject_id=child.pk).count() == 1
    assert seal.verify({}).ok


def test_children_somebody_has_cared_for_since_stay(cast):
    roster = imported(cast.director, cast.chunhe, sheet([row(1), row(2), row(3)]))
    visited, corrected = row_of(roster, 2).child, row_of(roster, 3).child
    factories.visit(visited, by=cast.director)
    correct(by=cast.director, child=corrected, section="home", facts={"hamlet": "上屋组"}, on=TODAY)
    assert set(later_work(roster.rows.values("child_id"))) == {visited.pk, corrected.pk}
    roster = undone(cast.director, roster)
    assert states(roster) == {2: "kept", 3: "kept", 4: "undone"}
    roster = undone(cast.director, roster, later=True)
    assert states(roster) == {2: "undone", 3: "undone", 4: "undone"}
    assert Event.objects.filter(subject_id=visited.pk, action="care.record_visit").exists()


def test_a_child_taken_back_may_come_again_with_another_list(cast):
    roster = imported(cast.director, cast.chunhe, sheet([row(1)]))
    undone(cast.director, roster)
    again = imported(cast.director, cast.chunhe, sheet([row(1)]))
    assert states(again) == {2: "archived"}


def test_a_person_two_lists_name_stays_when_one_list_is_taken_back(cast):
    first = imported(cast.director, cast.chunhe, sheet([row(5, carer_phone="140")]))
    imported(cast.director, cast.chunhe, sheet([row(5, class_name="三2")]))
    undone(cast.director, first)
    assert Listed.objects.standing().count() == 1


def test_a_match_made_by_a_list_goes_with_it(cast):
    imported(cast.director, cast.chunhe, sheet([row(5, carer_phone="140")]))
    later = imported(cast.director, cast.chunhe, sheet([row(5)]))
    undone(cast.director, later)
    person = Listed.objects.standing().get()
    assert (person.child_id, person.matched_on) == (None, None)


# ── by functions ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_command_line_reads_imports_and_takes_back(cast, tmp_path):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(sheet([row(1), BAD["short"]], below=[["合计"]]))
    read = api.read_file(path)
    assert read["counts"] == {"rows": 2, "new": 1, "known": 0, "to_fix": 1, "skipped": 1}
    (page,) = read["sheets"]
    assert page["rows"][0]["facts"]["birth_date"] == "2017-03-05"
    assert page["columns"][2] == {"column": "C", "heading": "出生日期", "field": "birth_date"}
    assert page["rows"][1]["problems"][0]["cell"] == "Q3"
    done = api.import_file(path, cast.chunhe, cast.director)
    assert done["counts"] == {
        "rows": 2, "archived": 1, "updated": 0, "unchanged": 0, "to_decide": 0, "to_fix": 1, "skipped": 1,
    }  # fmt: skip
    assert api.read_file(path)["counts"]["known"] == 1
    assert api.undo(done["roster"], cast.director)["counts"] == {"undone": 1, "kept": 0}
