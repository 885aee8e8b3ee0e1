"""Coverage: n of N with the names behind it, on any day, as a page, a sheet and paper."""

import io
from datetime import date, timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from tests import factories
from tests.rosters.lists import imported, row, sheet
from tongxing.base import clock
from tongxing.base.excel import read_sheets
from tongxing.base.measures import Arrangement, Scope
from tongxing.base.records import Look
from tongxing.care.measures import VISITED
from tongxing.children.measures import PAIRED
from tongxing.children.models import Child
from tongxing.plans.actions import arrange
from tongxing.plans.measures import LIVE
from tongxing.rosters.models import Listed
from tongxing.staff.actions import grant_child
from tongxing.staff.models import Grant, Post, Staff

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def test_each_figure_stands_with_its_denominator_definition_and_names(cast, client_of):
    text = client_of(cast.director).get(reverse("plans:coverage")).content.decode()
    assert "2<i>/5</i>" in text  # two of five have a helper
    assert "还差 3 人" in text
    assert "陈思远" in text
    assert "计划第 10 行" in text
    assert "%" not in text.replace("100%", ""), "no percentage stands alone"


def test_a_visit_changes_the_figure_by_one(cast, client_of):
    before = VISITED.figure(Scope(cast.chunhe.path), TODAY)
    factories.visit(cast.zixuan, by=cast.director, on=TODAY)
    after = VISITED.figure(Scope(cast.chunhe.path), TODAY)
    assert (after.n, after.N) == (before.n + 1, before.N)
    assert f"{after.n}<i>/{after.N}</i>" in client_of(cast.director).get(reverse("plans:coverage")).content.decode()


def test_a_past_day_shows_what_was_so_then(cast, client_of):
    factories.visit(cast.zixuan, by=cast.director, on=TODAY)
    client = client_of(cast.director)
    text = client.get(reverse("plans:coverage"), {"on": "2026-11-23"}).content.decode()
    assert "2026-11-23 那天" in text
    assert VISITED.figure(Scope(cast.chunhe.path), date(2026, 11, 23)).n == 0


@pytest.mark.parametrize("day", ["2027-01-01", "昨天", "2026-13-01"])
def test_a_day_that_cannot_be_looked_at_is_said(cast, client_of, day):
    answer = client_of(cast.director).get(reverse("plans:coverage"), {"on": day})
    assert answer.status_code == 422
    assert "form-error" in answer.content.decode() or "error-summary" in answer.content.decode()


def test_before_anybody_was_in_care_there_is_no_such_case_and_no_hundred_percent(cast, client_of):
    text = client_of(cast.director).get(reverse("plans:coverage"), {"on": "2020-01-01"}).content.decode()
    assert "本期没有这样的情况" in text
    assert "齐了" not in text


def test_every_gap_names_its_owner(cast, client_of):
    text = client_of(cast.director).get(reverse("plans:gaps", args=["paired"])).content.decode()
    assert text.count("由李春梅负责") == PAIRED.figure(Scope(cast.chunhe.path), TODAY).open


def test_a_gap_list_is_noted_as_a_look(cast, client_of):
    client_of(cast.director).get(reverse("plans:gaps", args=["paired"]))
    assert Look.objects.get(page="plans:gaps/paired").count == 3


def test_figures_are_of_the_places_one_answers_for(cast, client_of):
    text = client_of(cast.other_director).get(reverse("plans:coverage")).content.decode()
    assert "蒋可欣" in text
    assert "陈思远" not in text
    assert client_of(cast.director).get(reverse("plans:coverage"), {"region": "990102"}).status_code == 404
    assert client_of(cast.county_officer).get(reverse("plans:coverage"), {"region": "990101100"}).status_code == 200


@pytest.mark.parametrize("behind", ["x", "9", "99", "\x00", "１", " "])
@pytest.mark.parametrize("name", ["coverage", "gaps", "export", "paper"])
def test_a_place_that_there_is_not_is_not_there(cast, client_of, name, behind):
    address = reverse(f"plans:{name}", args=["paired"] if name == "gaps" else [])
    answer = client_of(cast.director).get(address, {"region": cast.chunhe.path + behind})
    assert answer.status_code == 404
    township = {"region": cast.township.path + behind}
    assert client_of(cast.supervisor).get(address, township).status_code == 404


def test_an_unknown_measure_is_not_there(cast, client_of):
    assert client_of(cast.director).get(reverse("plans:gaps", args=["nothing"])).status_code == 404


def test_the_sheet_holds_the_names_and_taking_it_is_a_look(cast, client_of):
    answer = client_of(cast.director).get(reverse("plans:export"))
    sheets = read_sheets(io.BytesIO(answer.content))
    figures, names = [[line.cells for line in sheet.rows()] for sheet in sheets]
    assert len(figures) == 1 + len(LIVE)
    assert "陈思远" in {cells[1] for cells in names}
    assert "蒋可欣" not in {cells[1] for cells in names}
    assert Look.objects.get(page="plans:export").count == len(names) - 1


def test_the_figures_of_the_sheet_are_numbers_and_the_rest_is_text(cast, client_of):
    answer = client_of(cast.director).get(reverse("plans:export"))
    figures = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    row = next(row for row in figures.iter_rows(min_row=2) if row[1].value == str(PAIRED.title))
    assert [cell.data_type for cell in row] == ["s", "s", "n", "n", "n", "n", "n", "s"]
    assert [cell.value for cell in row[2:7]] == [2, 5, 3, 0, 0]


def test_reason_and_owner_are_joined_as_the_language_joins(cast, client_of):
    client, address = client_of(cast.director), reverse("plans:gaps", args=["paired"])
    assert "；由李春梅负责" in client.get(address).content.decode()
    client.cookies["django_language"] = "en"
    text = client.get(address).content.decode()
    assert "; 李春梅 is in charge" in text
    assert "；" not in text


def test_the_paper_is_a_pdf_and_taking_it_is_a_look(cast, client_of, monkeypatch):
    monkeypatch.setattr("tongxing.base.paper._families", lambda: frozenset({"Noto Serif CJK SC"}))
    answer = client_of(cast.director).get(reverse("plans:paper"))
    assert answer.content.startswith(b"%PDF")
    assert Look.objects.filter(page="plans:paper").count() == 1


def test_without_a_chinese_font_the_page_says_what_to_do(cast, client_of, monkeypatch):
    monkeypatch.setattr("tongxing.base.paper._families", frozenset)
    client = client_of(cast.director)
    answer = client.get(reverse("plans:paper"), follow=True)
    assert "fonts-noto-cjk" in answer.content.decode()
    assert not Look.objects.filter(page="plans:paper").exists()


def test_who_may_not_is_refused(cast, client_of):
    for person in (cast.cadre, cast.volunteer, cast.system_admin):
        assert client_of(person).get(reverse("plans:coverage")).status_code == 403
    assert client_of(cast.archivist).get(reverse("plans:export")).status_code == 200


class TestArranging:
    def page(self, child):
        return reverse("plans:arrange", args=["paired", child.pk])

    def test_another_person_is_asked_and_the_gap_stays(self, cast, client_of):
        client = client_of(cast.director)
        before = PAIRED.figure(Scope(cast.chunhe.path), TODAY)
        answer = client.post(self.page(cast.siyuan), {"owner": str(cast.cadre.pk), "reason": "他熟"})
        assert answer.status_code == 302
        assert PAIRED.figure(Scope(cast.chunhe.path), TODAY) == before

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"reason": "下雨"}, "请选改到哪天"),
            ({"postponed_to": "2026-11-24", "reason": "下雨"}, "今天以后"),
            ({"postponed_to": "2026-11-28", "reason": ""}, "请填写"),
            ({"postponed_to": "2026-12-26", "owner": "cadre", "reason": "帮忙"}, "最多一个月"),
            ({"owner": "00000000-0000-0000-0000-000000000000", "reason": "下雨"}, "有效"),
        ],
    )
    def test_bad_input_is_said(self, cast, client_of, wrong, said):
        wrong = {name: str(cast.cadre.pk) if value == "cadre" else value for name, value in wrong.items()}
        answer = client_of(cast.director).post(self.page(cast.siyuan), wrong)
        assert answer.status_code == 422
        assert said in answer.content.decode()

    def test_who_may_be_asked_is_named_with_what_they_do(self, cast, client_of):
        text = client_of(cast.director).get(self.page(cast.siyuan)).content.decode()
        post = Post.objects.get(staff=cast.cadre)
        assert f">{cast.cadre.name} · {post.role_title}</option>" in text
        assert f'value="{cast.director.pk}"' not in text  # nobody asks themselves

    def test_who_is_asked_has_it_no_longer_than_they_may_look(self, cast, client_of):
        sent = {"owner": str(cast.cadre.pk), "postponed_to": "2026-12-25", "reason": "他熟"}
        assert client_of(cast.director).post(self.page(cast.siyuan), sent).status_code == 302
        (grant,) = Grant.objects.standing().filter(staff=cast.cadre, reach="child", child_id=cast.siyuan.pk)
        (asked,) = Arrangement.objects.standing().filter(subject_id=cast.siyuan.pk)
        assert asked.until_on == grant.until_at.date() == date(2026, 12, 25)

    def test_a_colleague_of_another_township_is_not_offered(self, cast, client_of):
        answer = client_of(cast.director).post(
            self.page(cast.siyuan), {"owner": str(cast.other_director.pk), "reason": "帮忙"}
        )
        assert answer.status_code == 422

    def test_who_is_asked_no_longer_may_look_no_longer(self, cast):
        def ask(measure, owner, reason):
            (duty,) = measure.rows(Scope(cast.chunhe.path), TODAY, subjects=[cast.yutong.pk])
            arrange(by=cast.director, duty=duty, on=TODAY, reason=reason, owner=owner)

        def may_look(person):
            return Child.objects.visible_to(factories.fresh(person)).filter(pk=cast.yutong.pk).exists()

        ask(PAIRED, cast.cadre, "住得近")
        ask(VISITED, cast.cadre, "顺路")
        ask(PAIRED, cast.director2, "他去培训了")
        assert may_look(cast.cadre), "still asked to visit"
        assert may_look(cast.director2)
        ask(VISITED, cast.director2, "他去培训了")
        assert not may_look(cast.cadre)
        assert may_look(cast.director2)
        closed = Grant.objects.filter(staff=cast.cadre, reach="child")
        assert {one.withdrawn_why for one in closed if one.withdrawn_why != "顺路"} == {"他去培训了"}
        (kept,) = Grant.objects.standing().filter(staff=cast.director2, reach="child")
        assert kept.until_at - kept.from_at == timedelta(days=31)

    def test_what_was_approved_for_another_reason_stays_open(self, cast, client_of):
        granted = grant_child(
            by=cast.county_officer, staff=cast.cadre, child_id=cast.siyuan.pk, region=cast.chunhe.path,
            until_at=clock.now() + timedelta(days=40), why="一起家访",
        )  # fmt: skip
        client = client_of(cast.director)
        for owner in (cast.cadre, cast.director2):
            client.post(self.page(cast.siyuan), {"owner": str(owner.pk), "reason": "帮忙"})
        assert factories.fresh(granted).withdrawn_at is None

    def test_of_a_person_on_a_list_only_those_whose_place_it_is_are_asked(self, cast, client_of):
        imported(cast.director, cast.chunhe, sheet([row(1, carer_phone="140 0000 000")]))
        address = reverse("plans:arrange", args=["archived", Listed.objects.get().pk])
        text = client_of(cast.director).get(address).content.decode()
        assert {one.name for one in Staff.objects.all() if f">{one.name} · " in text} == {"周建国"}

    def test_anothers_child_or_a_met_duty_is_not_there(self, cast, client_of):
        client = client_of(cast.director)
        assert client.get(self.page(cast.kexin)).status_code == 404
        assert client.get(self.page(cast.zixuan)).status_code == 404
