"""A row that is nearly a child who has an archive is asked about when its list is read, before anybody imports it."""

import uuid
from datetime import date

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.rosters import lists
from tests.rosters.lists import bring, row_of, sheet, start, states
from tongxing.base import numbers
from tongxing.base.measures import Scope
from tongxing.children.models import Child
from tongxing.children.queries import twins_of
from tongxing.rosters import actions, api, forms
from tongxing.rosters.findings import Decision, Finding
from tongxing.rosters.measures import ARCHIVED
from tongxing.rosters.models import Roster

pytestmark = pytest.mark.django_db
BORN = date(2018, 2, 10)


def row(name="陈思宇", **other) -> dict:
    """A girl of the archive's day of birth and household, of whom the list knows no number."""
    said = {
        "name": name, "sex": "女", "birth_on": BORN.isoformat(), "citizen_number": "", "class_name": "三(2)班",
        "carer_name": "罗秀兰", "carer_relation": "奶奶", "carer_phone": "14000011002",
    }  # fmt: skip
    return lists.row(1) | said | other


@pytest.fixture
def known(cast) -> Child:
    """陈思雨, who has an archive with a number."""
    return factories.child(
        "陈思雨", cast.chunhe, sex="2", birth_on=BORN, carer_name="罗秀兰", carer_relation="62",
        carer_phone="14000011002", citizen_number=numbers.make("990101", BORN, 2),
    )  # fmt: skip


def brought(cast, *rows, by=None, **other) -> Roster:
    return bring(by or cast.director, cast.chunhe, sheet(rows or [row()]), **other)


def read_again(roster) -> Roster:
    actions.choose_columns(by=factories.SYSTEM, roster=Roster.objects.get(pk=roster.pk), chosen={})
    return api.finish(Roster.objects.get(pk=roster.pk))


def say(cast, roster, verdict, at=2) -> Decision:
    finding = Finding.objects.get(row=row_of(roster, at))
    return actions.judge(by=cast.director, finding=finding, verdict=verdict, on=lists.TODAY)


def mend(cast, roster, at=2, **cells):
    (form,) = forms.mend_forms(roster, [row_of(roster, at)], _sent(cells))
    assert not form.waiting, form.waiting
    return actions.mend_row(by=cast.director, row=row_of(roster, at), **form.mended_row())


def _sent(cells: dict) -> QueryDict:
    sent = QueryDict(mutable=True)
    sent.update(cells)
    return sent


def test_a_row_that_sounds_like_a_known_child_of_that_day_is_held_and_asked_about(cast, known):
    roster = brought(cast)
    assert row_of(roster, 2).codes == {"perhaps_archived"}
    finding = Finding.objects.get(row=row_of(roster, 2))
    assert (finding.heap, finding.child, finding.is_open) == ("probable", known, True)
    assert finding in Finding.objects.visible_to(cast.director).waiting()
    before = Child.objects.count()
    roster = start(cast.director, roster)
    assert (states(roster), Child.objects.count()) == ({2: "to_fix"}, before)


def test_it_is_asked_about_by_the_rule_of_the_form_of_a_new_archive(cast, known):
    names = ["陈思宇", "陈思语", "程思雨", "陈诗雨", "陈思丽", "陈思", "林思雨", "陈雨思"]
    roster = brought(cast, *[row(name) for name in names])
    held = {name for at, name in enumerate(names, 2) if "perhaps_archived" in row_of(roster, at).codes}
    assert held == {name for name in names if twins_of(cast.director, {"name": name, "birth_on": BORN})}
    assert {"陈思宇", "陈诗雨"} <= held
    assert "陈思丽" not in held


@pytest.mark.parametrize(
    "other",
    [
        {"name": "陈思源"},  # a twin with a name of their own
        {"birth_on": "2018-02-11"},
        {"citizen_number": numbers.make("990101", BORN, 4)},  # two numbers are two children
    ],
)
def test_who_is_not_near_is_ready(cast, known, other):
    assert states(brought(cast, row(**other))) == {2: "ready"}
    assert not Finding.objects.exists()


def test_archives_of_other_communities_and_other_rows_of_the_list_are_not_asked_about(cast):
    factories.child("陈思雨", cast.lingxia, birth_on=BORN, citizen_number="", number_missing="not_brought")
    assert states(brought(cast, row("陈思宇"), row("陈思语"))) == {2: "ready", 3: "ready"}


def test_the_very_name_is_known_without_a_question(cast, known):
    assert row_of(brought(cast, row("陈思雨")), 2).child == known


def test_two_children_are_imported_and_never_asked_about_again(cast, known):
    roster = brought(cast)
    say(cast, roster, "different")
    assert states(roster) == {2: "ready"}
    roster = read_again(roster)
    assert states(roster) == {2: "ready"}
    later = brought(cast, row(hamlet="塘上组"), name="第二张.xlsx")
    assert states(later) == {2: "ready"}
    roster = start(cast.director, roster)
    assert row_of(roster, 2).child.name == "陈思宇"


def test_the_same_child_is_known_also_when_the_list_is_read_again(cast, known):
    roster = brought(cast)
    say(cast, roster, "same")
    assert (row_of(roster, 2).state, row_of(roster, 2).child) == ("known", known)
    roster = read_again(roster)
    assert (row_of(roster, 2).state, row_of(roster, 2).child) == ("changed", known)  # the name is asked about
    before = Child.objects.count()
    start(cast.director, roster)
    assert Child.objects.count() == before


def test_who_is_not_sure_is_asked_once_and_can_still_say(cast, known):
    roster = brought(cast)
    unsure = say(cast, roster, "unsure")
    roster = read_again(roster)
    finding = Finding.objects.get(row=row_of(roster, 2))
    assert (row_of(roster, 2).state, finding.decision) == ("to_fix", unsure)
    actions.judge(by=cast.director, finding=finding, verdict="different", on=lists.TODAY, version=unsure.version)
    assert states(roster) == {2: "ready"}


def test_read_twice_it_is_one_question(cast, known):
    roster = read_again(brought(cast))
    assert Finding.objects.get().row == row_of(roster, 2)


def test_a_reconciliation_keeps_the_question_and_the_answer(cast, known):
    roster = brought(cast)
    api.reconcile(cast.chunhe.path, by=factories.SYSTEM)
    finding = Finding.objects.get(row=row_of(roster, 2))
    assert (finding.heap, finding.child) == ("probable", known)
    say(cast, roster, "different")
    api.reconcile(cast.chunhe.path, by=factories.SYSTEM)
    assert states(roster) == {2: "ready"}
    assert Finding.objects.get(row=row_of(roster, 2)).child != known


def test_what_somebody_said_and_took_back_is_asked_before_the_import(cast, known):
    roster = brought(cast)
    actions.take_back(by=cast.director, decision=say(cast, roster, "different"), why="看错了")
    assert states(start(cast.director, roster)) == {2: "to_fix"}


def test_a_row_that_is_near_only_once_it_was_mended_is_asked_about_then(cast, known, client_of):
    roster = brought(cast, row(birth_on="2018-02-31"))
    assert not Finding.objects.exists()
    address = reverse("rosters:mend", args=[roster.pk, row_of(roster, 2).pk])
    sent = {"birth_on": BORN.isoformat(), "once": str(uuid.uuid4())}
    for _tap in range(2):
        page = client_of(cast.director).post(address, sent).content.decode()
        assert "看是不是陈思雨" in page
    assert (states(roster), Finding.objects.get().child) == ({2: "to_fix"}, known)
    say(cast, roster, "different")
    assert states(read_again(roster)) == {2: "ready"}


def test_a_row_mended_after_the_answer_is_not_asked_again(cast, known):
    roster = brought(cast, row(carer_phone="140 0000 000"))
    say(cast, roster, "different")
    assert row_of(roster, 2).state == "to_fix"
    mend(cast, roster, carer_phone="14000011002")
    assert states(roster) == {2: "ready"}


def test_a_row_mended_to_the_archive_leaves_no_question(cast, known):
    roster = brought(cast, row(citizen_number="1"))
    assert Finding.objects.count() == 1
    mend(cast, roster, citizen_number=known.citizen_number)
    assert (row_of(roster, 2).child, Finding.objects.count()) == (known, 0)


def test_a_row_that_is_left_out_leaves_no_question(cast, known):
    roster = brought(cast, row(), row())
    assert Finding.objects.count() == 2
    actions.skip_row(by=cast.director, row=row_of(roster, 3))
    assert Finding.objects.get().row == row_of(roster, 2)
    assert row_of(read_again(roster), 3).state == "skipped"
    assert Finding.objects.get().row == row_of(roster, 2)


def test_a_list_that_is_taken_back_leaves_no_question(cast, known):
    roster = start(cast.director, brought(cast, row(), lists.row(2)))
    lists.undone(cast.director, roster)
    assert not Finding.objects.exists()


def test_who_waits_is_counted_as_one_whom_we_ought_to_know(cast, known):
    before = ARCHIVED.figure(Scope(cast.chunhe.path), lists.TODAY)
    roster = start(cast.director, brought(cast))
    assert row_of(roster, 2).listed is not None
    assert ARCHIVED.figure(Scope(cast.chunhe.path), lists.TODAY).N == before.N + 1


def test_the_page_names_the_archive_to_who_may_open_it_and_leads_to_both_sides(cast, known, client_of):
    roster = brought(cast, by=cast.archivist, sender=cast.school)
    address = reverse("rosters:roster", args=[roster.pk])
    page = client_of(cast.director).get(address).content.decode()
    assert "可能就是一个已有档案的孩子，请先核对" in page
    assert "看是不是陈思雨" in page
    both = reverse("rosters:review", args=[Finding.objects.get().pk])
    assert f'href="{both}"' in page
    assert "同一天出生" in client_of(cast.director).get(both).content.decode()
    # the archive knows no school, so the school does not see whose it is
    page = client_of(cast.archivist).get(address).content.decode()
    assert "看是不是同一个孩子" in page
    assert "陈思雨" not in page


def test_many_that_are_near_cost_no_more_queries_than_one(cast, known, client_of):
    def queries(*rows) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as reading:
            roster = brought(cast, *rows)
        client = client_of(cast.director)
        with CaptureQueriesContext(connection) as page:
            client.get(reverse("rosters:roster", args=[roster.pk]))
        return len(reading), len(page)

    assert queries(row()) == queries(*[row(name) for name in ("陈思宇", "陈思语", "陈思羽", "陈思予", "陈诗雨")])


def test_what_a_carer_is_to_the_child_stays_unknown_where_the_list_does_not_tell(cast):
    roster = lists.imported(cast.director, cast.chunhe, sheet([lists.row(2, carer_relation="")]))
    role = row_of(roster, 2).child.kin_roles.get(part="carer")
    assert (role.relation, role.kin.name) == ("", "刘桂花")
