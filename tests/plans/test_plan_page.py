"""A plan stands beside live figures: the same numbers as everywhere else, red only where its own target is missed."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.plans.asking import item, page
from tongxing.base.measures import Scope
from tongxing.base.records import Look
from tongxing.care.measures import VISITED
from tongxing.children.measures import PAIRED
from tongxing.commands.invented_plan import bring_plan, plan_file
from tongxing.plans import actions, queries, reading
from tongxing.plans.models import Goal
from tongxing.plans.rows import ROWS

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


# ── beside live figures ──────────────────────────────────────────────────────────────────────────────────────────────


def told(plan, scope=None, on=TODAY):
    return queries.page_of(plan, scope or Scope(plan.region_id), on)


def line_of(plan, code, **wanted):
    return next(
        line
        for group in told(plan, **wanted).groups
        for line in group.lines
        if line.measure and line.measure.code == code
    )


def test_each_row_stands_with_its_own_figure_as_everywhere_else(cast, client_of, plan):
    factories.visit(cast.zixuan, by=cast.director, on=TODAY)
    for measure in (PAIRED, VISITED):
        line = line_of(plan, measure.code)
        assert line.figure == measure.figure(Scope(plan.region_id), TODAY)
        assert f"{line.figure.n}<i>/{line.figure.N}</i>" in page(client_of(cast.director), plan)
        assert str(measure.definition) in page(client_of(cast.director), plan)


def test_names_stand_in_the_gap_with_their_one_action(cast, client_of, plan):
    text = page(client_of(cast.director), plan)
    assert "陈思远" in text
    assert reverse("children:pair", args=[cast.siyuan.pk]) in text
    assert Look.objects.filter(page="plans:plan", subject_id=plan.pk).exists()


def test_a_row_nothing_counts_yet_says_so_and_shows_no_number(cast, client_of, plan):
    waiting = {line.row.number for group in told(plan).groups for line in group.waiting}
    assert waiting == {7, 18}
    assert page(client_of(cast.director), plan).count("还没有接上") >= 2


def test_red_is_only_where_the_plan_s_own_target_is_missed(cast, client_of, plan):
    paired, visited = line_of(plan, "paired"), line_of(plan, "visited")
    assert paired.missed, "two of five, and the plan promises 95 %"
    assert visited.figure.open
    assert not visited.missed, "the plan names no number"
    assert page(client_of(cast.director), plan).count("badge urgent") == 1


def test_a_target_is_about_the_row_s_own_measure_and_no_other(cast, plan):
    """An archive without a citizen number is an archive: the 100 % of archives does not turn the other list red."""
    archived, number = line_of(plan, "archived"), line_of(plan, "number")
    assert archived.target == 100
    assert number.figure.open
    assert not number.missed


def test_a_target_that_is_just_reached_is_not_missed(cast, plan):
    goal = item(plan, "3", goal=True)
    actions.set_commitment(by=cast.director, commitment=goal, target=Decimal(40))
    assert not line_of(plan, "paired").missed, "two of five is forty per cent"
    assert Goal.objects.get(pk=goal.goal_id).target == 40
    actions.set_commitment(by=cast.director, commitment=goal, target=Decimal("40.01"))
    assert line_of(plan, "paired").missed


def test_before_anybody_was_in_care_there_is_no_such_case_and_nothing_is_missed(cast, client_of, plan):
    text = page(client_of(cast.director), plan, on="2020-01-01")
    assert "本期没有这样的情况" in text
    assert "badge urgent" not in text
    assert "齐了" not in text


def test_a_day_that_cannot_be_looked_at_is_said(cast, client_of, plan):
    assert client_of(cast.director).get(reverse("plans:plan", args=[plan.pk]), {"on": "后天"}).status_code == 422


def test_a_due_day_that_is_over_is_marked_while_somebody_is_missing(cast, client_of, plan):
    client = client_of(cast.director)
    assert "过了期限" not in page(client, plan)
    actions.set_commitment(by=cast.director, commitment=item(plan), due_on=date(2026, 11, 1))
    assert "过了期限" in page(client, plan)


def test_the_evidence_opens_to_exactly_those_who_are_met(cast, client_of, plan):
    client = client_of(cast.director)
    address = f"{reverse('plans:gaps', args=['paired'])}?who=met&amp;on=2026-11-24&amp;region={cast.chunhe.path}"
    assert address in page(client, plan)
    text = client.get(address.replace("&amp;", "&")).content.decode()
    assert reverse("desk:child", args=[cast.zixuan.pk]) in text
    assert reverse("desk:child", args=[cast.siyuan.pk]) not in text
    assert "做到的 2" in text


def test_the_print_has_the_same_figures_and_no_buttons(cast, client_of, plan):
    text = page(client_of(cast.director), plan, "plan_paper")
    assert "2<i>/5</i>" in text
    assert "定人定时" not in text
    assert "陈思远" in text


def test_the_same_number_of_queries_for_six_promises_and_for_sixty(cast, client_of, plan):
    client = client_of(cast.director)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries_made:
            page(client, plan)
        return len(queries_made)

    asked()
    few = asked()
    for number in range(54):
        actions.add_commitment(by=cast.director, plan=plan, text=f"第 {number} 件", rows=[6, 10, 20], owner=cast.cadre)
    assert asked() == few


# ── whose ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_tab_leads_straight_to_the_one_plan_that_holds(cast, client_of, plan):
    client = client_of(cast.director)
    assert client.get(reverse("plans:plans"))["Location"] == reverse("plans:plan", args=[plan.pk])
    assert client.get(reverse("plans:plans"), {"all": 1}).status_code == 200
    assert reverse("plans:plans") in client.get(reverse("plans:coverage")).content.decode()


def test_without_a_plan_the_page_says_what_it_is_for(cast, client_of):
    assert "还没有计划" in client_of(cast.director).get(reverse("plans:plans")).content.decode()
    text = client_of(cast.archivist).get(reverse("plans:plans")).content.decode()
    assert "还没有计划" in text
    assert reverse("plans:bring") not in text


@pytest.mark.parametrize(("who", "code"), [
    ("director", 200), ("supervisor", 200), ("county_officer", 200), ("archivist", 200), ("director2", 404), ("other_director", 404),
    ("other_county_officer", 404), ("teacher", 403), ("cadre", 403), ("volunteer", 403), ("system_admin", 403),
])  # fmt: skip
def test_a_community_s_plan_is_seen_by_those_whose_place_it_is(cast, client_of, plan, who, code):
    for name in ("plan", "plan_paper", "plan_file"):
        assert client_of(getattr(cast, who)).get(reverse(f"plans:{name}", args=[plan.pk])).status_code == code


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("director", 200),
        ("supervisor", 200),
        ("county_officer", 200),
        ("archivist", 403),
        ("director2", 404),
        ("teacher", 403),
    ],
)
def test_it_is_changed_by_those_who_answer_for_the_place(cast, client_of, plan, who, code):
    client = client_of(getattr(cast, who))
    for name, args in (
        ("match", []),
        ("add", []),
        ("commitment", [item(plan).pk]),
        ("drop_commitment", [item(plan).pk]),
    ):
        assert client.get(reverse(f"plans:{name}", args=[plan.pk, *args])).status_code == code, name


def test_a_township_s_plan_holds_below_it_and_is_not_changed_there(cast, client_of):
    above = factories.plan(cast.township, by=cast.supervisor)
    client = client_of(cast.director)
    text = page(client, above)
    assert "陈思远" in text
    assert "郑明泽" not in text, "beside it stand one's own children"
    assert "定人定时" not in text
    assert client.get(reverse("plans:match", args=[above.pk])).status_code == 403
    waiting = factories.plan(cast.township, by=cast.supervisor, started=False)
    assert client.get(reverse("plans:plan", args=[waiting.pk])).status_code == 404
    assert client_of(cast.other_director).get(reverse("plans:plan", args=[above.pk])).status_code == 404


def test_an_archivist_reads_it_with_the_children_of_the_school_alone(cast, client_of, plan):
    text = page(client_of(cast.archivist), plan)
    assert "刘雨桐" not in text, "no pupil of this school"
    assert "你能看到的孩子" in text


def test_what_waits_is_seen_by_those_who_may_confirm_it(cast, client_of):
    holds = factories.plan(cast.township, by=cast.supervisor)
    waits = factories.plan(cast.township, by=cast.supervisor, started=False)
    below = factories.plan(cast.chunhe, by=cast.director, started=False)
    archivist = client_of(cast.archivist)
    for one in (waits, below):
        for name in ("plan", "plan_paper", "plan_file", "match"):
            code = 403 if name == "match" else 404
            assert archivist.get(reverse(f"plans:{name}", args=[one.pk])).status_code == code, name
    assert archivist.get(reverse("plans:plans"))["Location"] == reverse("plans:plan", args=[holds.pk])
    text = archivist.get(reverse("plans:plans"), {"all": 1}).content.decode()
    assert reverse("plans:plan", args=[holds.pk]) in text
    assert reverse("plans:plan", args=[waits.pk]) not in text
    for person in (cast.supervisor, cast.county_officer):
        assert "等你对一对" in client_of(person).get(reverse("plans:plans")).content.decode()


def test_a_commitment_of_another_plan_is_not_there(cast, client_of, plan):
    other = factories.plan(cast.lingxia, by=cast.director2)
    address = reverse("plans:commitment", args=[plan.pk, item(other).pk])
    assert client_of(cast.director).get(address).status_code == 404


# ── our own ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_invented_plan_speaks_of_all_rows_and_leaves_one_line_for_a_person():
    (plan,) = reading.read(plan_file(2026))
    found = {row for one in (*plan.goals, *plan.also, *plan.measures) for row in one.rows}
    assert found == {row.number for row in ROWS}
    assert [one.number for one in plan.unmatched] == ["十一"]
    assert [(one.number, one.target) for one in plan.goals] == [("1", 100), ("2", 100), ("3", 100), ("4", None)]


def test_the_invented_community_s_plan_holds_and_names_its_people(cast):
    people = {one.login: one for one in (cast.director, cast.teacher, cast.archivist, cast.counsellor)}
    plan = bring_plan(by=cast.director, region=cast.chunhe, on=TODAY, people=people)
    owners = {
        one.number: one.owner.name for one in plan.commitments.filter(owner__isnull=False).select_related("owner")
    }
    assert owners == {"一": "赵晓琳", "二": "孙文斌", "四": "李春梅", "六": "何静"}
    assert plan.state == "in_force"
