"""What a list says otherwise of children who have an archive: shown, decided, written, taken back; never silent."""

from datetime import date, datetime, timedelta

import pytest

from tests.factories import fresh
from tests.rosters.lists import TODAY, bring, imported, number, row, row_of, sheet, start, states, undone
from tongxing.base import clock, jobs, seal
from tongxing.base.records import Event
from tongxing.children.actions import confirm_section, correct
from tongxing.children.models import Child, Kin
from tongxing.children.queries import archives_of, facts_of, search, work_places
from tongxing.rosters import actions, api
from tongxing.rosters.models import Update
from tongxing.rosters.queries import counts_of, updates_of

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 12, 1, 10, 0, tzinfo=clock.SHANGHAI)


def facts(child, on=TODAY) -> dict:
    archive = archives_of([child.pk], on)[child.pk]
    return facts_of(archive, work_places([role.kin_id for role in archive.roles], on))


def changes(roster) -> dict:
    """(row, field) → (was, now, state)"""
    found = roster.updates.select_related("row")
    return {(one.row.number, one.field): (one.was or "", one.now, one.state) for one in found}


def update_of(roster, field):
    return roster.updates.get(field=field)


def by_hand(cast, child, on=TODAY, **changed):
    """Correct a section as a page does."""
    from tongxing.rosters.rules import SECTION_OF

    section = SECTION_OF[next(iter(changed))]
    child = Child.objects.get(pk=child.pk)
    correct(by=cast.director, child=child, section=section, facts=facts(child) | changed, on=on, source="family")


@pytest.fixture
def first(cast):
    """A list of two that has been imported."""
    return imported(cast.director, cast.chunhe, sheet([row(1), row(2, mother_name=None)]))


def test_what_a_list_says_anew_is_proposed_and_nothing_else(cast, first):
    said = [
        row(1, carer_phone="14002000777", father_place="沿海某市"),
        row(2, mother_name="王小红"),
        row(3),
    ]
    roster = bring(cast.director, cast.chunhe, sheet(said))
    assert states(roster) == {2: "changed", 3: "changed", 4: "ready"}
    assert changes(roster) == {
        (2, "carer_phone"): ("14002000001", "14002000777", "proposed"),
        (2, "father_place"): ("邻省某市", "沿海某市", "proposed"),
        (3, "mother_name"): ("", "王小红", "proposed"),
    }
    assert (updates_of(roster).rows, updates_of(roster).facts) == (2, 3)
    assert facts(row_of(first, 2).child)["carer_phone"] == "14002000001"  # nothing is written before somebody says so


def test_an_empty_cell_and_another_spelling_say_nothing_new(cast, first):
    other = row(1, carer_phone="1400 2000 001", address="春和社区 塘下组２号", father_name=None, class_name="三（1）班")
    roster = bring(
        cast.director, cast.chunhe, sheet([other, row(2, mother_name=None, sex=None, birth_on="2017年3月5日")])
    )
    assert states(roster) == {2: "known", 3: "known"}
    assert not changes(roster)


def test_rows_shuffled_and_saved_by_another_hand_change_nothing(cast, first):
    fields = ["citizen_number", "name", "carer_phone", "carer_name", "father_name", "hamlet", "sex"]
    before = Event.objects.filter(subject="children.child").count()
    again = imported(cast.director, cast.chunhe, sheet([row(2), row(1)], fields=fields))
    assert states(again) == {2: "known", 3: "known"}
    assert Event.objects.filter(subject="children.child").count() == before


def test_an_archive_changed_meanwhile_is_the_only_one_asked_about(cast, first):
    content = sheet([row(1), row(2, mother_name=None)])
    by_hand(cast, row_of(first, 2).child, carer_phone="14002000555")
    again = imported(cast.director, cast.chunhe, content)
    assert states(again) == {2: "changed", 3: "known"}
    assert changes(again) == {(2, "carer_phone"): ("14002000555", "14002000001", "asked")}
    assert update_of(again, "carer_phone").doubt == "confirmed"
    assert update_of(again, "carer_phone").confirmed_on == TODAY
    assert facts(row_of(first, 2).child)["carer_phone"] == "14002000555"


def test_what_somebody_confirmed_long_ago_is_proposed_like_the_rest(cast, first):
    by_hand(cast, row_of(first, 2).child, on=TODAY - timedelta(days=200), carer_phone="14002000555")
    again = bring(cast.director, cast.chunhe, sheet([row(1)]))
    assert changes(again) == {(2, "carer_phone"): ("14002000555", "14002000001", "proposed")}


def test_changes_are_written_with_one_event_for_each_child(cast, first):
    roster = imported(
        cast.director,
        cast.chunhe,
        sheet([row(1, carer_phone="14002000777", address="新屋组9号", hamlet="新屋组"), row(3)]),
    )
    child = row_of(first, 2).child
    assert states(roster) == {2: "updated", 3: "archived"}
    assert facts(child) | {} == facts(child) | {
        "carer_phone": "14002000777", "address": "新屋组9号", "hamlet": "新屋组", "carer_name": "刘桂花",
    }  # fmt: skip
    event = Event.objects.get(action="rosters.update_child", subject="children.child", subject_id=child.pk)
    assert event.by_id == cast.director.pk
    assert search(cast.director, "0777") == [child]
    assert seal.verify({}).ok
    assert counts_of(roster)["updated"] == 1


def test_a_change_that_was_unticked_is_not_written_and_not_asked_again(cast, first):
    content = sheet([row(1, carer_phone="14002000777", father_place="沿海某市")])
    roster = bring(cast.director, cast.chunhe, content)
    actions.start_import(by=cast.director, roster=roster, said={str(update_of(roster, "carer_phone").pk): "keep"})
    roster = api.finish(roster)
    said = facts(row_of(first, 2).child)
    assert (said["carer_phone"], said["father_place"]) == ("14002000001", "沿海某市")
    assert states(roster) == {2: "updated"}
    again = bring(cast.director, cast.chunhe, content)
    assert states(again) == {2: "known"}
    assert not changes(again)


def test_what_is_asked_waits_until_somebody_says_which_holds(cast, first):
    by_hand(cast, row_of(first, 2).child, carer_phone="14002000555")
    roster = imported(cast.director, cast.chunhe, sheet([row(1, father_place="沿海某市")]))
    assert states(roster) == {2: "changed"}
    assert updates_of(roster).asked == 1
    assert facts(row_of(first, 2).child)["father_place"] == "沿海某市"
    actions.decide(by=cast.director, roster=roster, said={str(update_of(roster, "carer_phone").pk): "use"})
    roster = start(cast.director, roster)
    assert states(roster) == {2: "updated"}
    assert facts(row_of(first, 2).child)["carer_phone"] == "14002000001"


def test_who_the_child_is_is_never_changed_unasked(cast, first):
    roster = imported(cast.director, cast.chunhe, sheet([row(1, name="赵一娜", sex="女", birth_on=None)]))
    assert {one: state for (_row, one), (*_values, state) in changes(roster).items()} == {
        "name": "asked",
        "sex": "asked",
    }
    assert update_of(roster, "name").doubt == "identity"
    assert update_of(roster, "sex").doubt == "doubtful"  # the number says otherwise
    assert fresh(row_of(first, 2).child).name == row(1)["name"]


def test_a_doubtful_value_is_asked_about(cast, first):
    roster = bring(cast.director, cast.chunhe, sheet([row(1, mother_phone="140 0000 000", mother_name="王小红")]))
    assert changes(roster) == {
        (2, "mother_name"): ("", "王小红", "proposed"),
        (2, "mother_phone"): ("", "1400000000", "asked"),
    }


def test_a_number_fills_the_gap_and_says_the_birthday_itself(cast, first):
    nameless = imported(cast.director, cast.chunhe, sheet([row(4, citizen_number=None)]))
    child = row_of(nameless, 2).child
    roster = imported(cast.director, cast.chunhe, sheet([row(4)]))
    assert changes(roster) == {(2, "citizen_number"): ("", number(4), "done")}
    assert fresh(child).citizen_number == number(4)
    assert search(cast.director, number(4)) == [child]


def test_a_number_another_child_has_got_meanwhile_is_asked_about(cast, first):
    nameless = imported(cast.director, cast.chunhe, sheet([row(4, citizen_number=None)]))
    roster = bring(cast.director, cast.chunhe, sheet([row(4), row(5, class_name="四(1)班")]))
    by_hand(cast, row_of(first, 2).child, citizen_number=number(4))
    roster = start(cast.director, roster)
    assert states(roster) == {2: "changed", 3: "archived"}
    assert update_of(roster, "citizen_number").doubt == "taken"
    assert not fresh(row_of(nameless, 2).child).citizen_number


def test_a_value_that_moved_after_it_was_shown_is_asked_about_again(cast, first):
    roster = bring(cast.director, cast.chunhe, sheet([row(1, carer_phone="14002000777")]))
    by_hand(cast, row_of(first, 2).child, carer_phone="14002000888")
    roster = start(cast.director, roster)
    assert changes(roster) == {(2, "carer_phone"): ("14002000888", "14002000777", "asked")}
    assert update_of(roster, "carer_phone").doubt == "outrun"
    assert facts(row_of(first, 2).child)["carer_phone"] == "14002000888"


def test_another_carer_brings_nothing_of_the_one_before(cast, first):
    said = row(1, carer_name="陈大伯", carer_relation="伯父", carer_phone=None)
    roster = imported(cast.director, cast.chunhe, sheet([said]))
    child = row_of(first, 2).child
    assert (facts(child)["carer_name"], facts(child)["carer_phone"]) == ("陈大伯", "")
    assert [role.kin.name for role in child.kin_roles.filter(part="carer", to_on=None)] == ["陈大伯"]
    undone(cast.director, roster)
    assert (facts(child)["carer_name"], facts(child)["carer_phone"]) == ("刘桂花", "14002000001")
    assert child.kin_roles.standing().filter(part="carer").count() == 1
    assert Kin.objects.filter(name="刘桂花").count() == 2  # of two children: nobody was written down twice


def test_a_class_is_changed_at_the_school_that_sends(cast):
    first = imported(cast.archivist, cast.chunhe, sheet([row(1)]), sender=cast.school)
    roster = imported(cast.archivist, cast.chunhe, sheet([row(1, class_name="四(2)班")]), sender=cast.school)
    child = row_of(first, 2).child
    assert changes(roster) == {(2, "class_name"): ("三(1)班", "四(2)班", "done")}
    assert child.schoolings.get(to_on=None).classroom.name == "四(2)班"
    undone(cast.archivist, roster)
    assert child.schoolings.get(to_on=None).classroom.name == "三(1)班"


def test_undoing_gives_back_what_was_and_leaves_what_people_did_since(cast, first):
    roster = imported(
        cast.director,
        cast.chunhe,
        sheet([row(1, carer_phone="14002000777", father_place="沿海某市"), row(2, mother_name="王小红"), row(3)]),
    )
    child, other = row_of(first, 2).child, row_of(first, 3).child
    with clock.fixed(LATER):
        by_hand(cast, child, on=date(2026, 12, 1), carer_phone="14002000888")
        roster = undone(cast.director, roster)
    assert changes(roster) == {
        (2, "carer_phone"): ("14002000001", "14002000777", "kept"),
        (2, "father_place"): ("邻省某市", "沿海某市", "undone"),
        (3, "mother_name"): ("", "王小红", "undone"),
    }
    assert states(roster) == {2: "known", 3: "known", 4: "undone"}
    said = facts(child, LATER.date())
    assert (said["carer_phone"], said["father_place"]) == ("14002000888", "邻省某市")
    assert facts(other, LATER.date())["mother_name"] == ""
    assert Child.objects.standing().filter(pk__in=[child.pk, other.pk]).count() == 2
    event = Event.objects.get(action="rosters.undo_update", subject="children.child", subject_id=child.pk)
    assert event.held["why"]["text"][1] == "发错了表"


def test_what_somebody_confirmed_after_the_list_stays_when_it_is_taken_back(cast, first):
    roster = imported(cast.director, cast.chunhe, sheet([row(1, carer_phone="14002000777")]))
    child = row_of(first, 2).child
    with clock.fixed(LATER):
        confirm_section(by=cast.director, child=child, section="carer", on=date(2026, 12, 1))
        roster = undone(cast.director, roster)
    assert update_of(roster, "carer_phone").state == "kept"
    assert facts(child)["carer_phone"] == "14002000777"


def test_facts_that_were_empty_are_empty_again(cast):
    first = imported(cast.director, cast.chunhe, sheet([row(1, sex=None, citizen_number=None)]))
    child = row_of(first, 2).child
    roster = imported(cast.director, cast.chunhe, sheet([row(1)]))
    assert (fresh(child).sex, fresh(child).citizen_number) == ("1", number(1))
    undone(cast.director, roster)
    assert (fresh(child).sex, fresh(child).citizen_number) == ("0", None)


def test_writing_goes_on_where_a_killed_worker_stopped(cast, first, monkeypatch):
    roster = bring(
        cast.director, cast.chunhe, sheet([row(1, father_place="沿海某市"), row(2, father_place="沿海某市")])
    )
    roster = actions.start_import(by=cast.director, roster=roster)
    written = actions.updating.update_child
    calls = []

    def stops_after_one(**wanted):
        if calls:
            raise KeyboardInterrupt
        calls.append(wanted["row"].number)
        return written(**wanted)

    monkeypatch.setattr(actions.updating, "update_child", stops_after_one)
    with pytest.raises(KeyboardInterrupt):
        jobs.perform(roster.job_id)
    assert list(states(roster).values()) == ["updated", "changed"]
    monkeypatch.setattr(actions.updating, "update_child", written)
    jobs.again(roster.job)
    jobs.perform(roster.job_id)
    roster.refresh_from_db()
    assert (roster.state, states(roster)) == ("imported", {2: "updated", 3: "updated"})
    assert roster.job.__class__.objects.get(pk=roster.job_id).done == 2
    assert Event.objects.filter(action="rosters.update_child", subject="children.child").count() == 2


def test_values_of_changes_are_sealed(cast, first):
    roster = bring(cast.director, cast.chunhe, sheet([row(1, carer_phone="14002000777")]))
    (stored,) = Update.objects.filter(roster=roster).values_list("now", "was")
    assert "14002000777" not in str(stored)


def test_the_number_of_queries_does_not_grow_with_the_rows(cast, django_assert_max_num_queries):
    rows = [row(at) for at in range(60)]
    imported(cast.director, cast.chunhe, sheet(rows))
    said = [one | {"father_place": "沿海某市"} for one in rows]
    with django_assert_max_num_queries(60):
        roster = bring(cast.director, cast.chunhe, sheet(said))
    assert updates_of(roster).facts == 60
