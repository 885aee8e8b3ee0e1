"""Pages of reconciliation: the queue, two sides, an answer, its undoing, an archive out of a row."""

import re

import pytest

from tests import factories
from tests.rosters.lists import TODAY, bring, number, row_of, sheet, states
from tests.rosters.test_reconcile import child, heap_of, perhaps, reconciled, roll, row, wrong  # noqa: F401  fixtures
from tongxing.children.models import Child
from tongxing.rosters import actions, api
from tongxing.rosters.findings import Decision, Finding
from tongxing.rosters.models import Listed

pytestmark = pytest.mark.django_db

QUEUE = "/rosters/findings/"


def review(finding) -> str:
    return f"{QUEUE}{finding.pk}/"


def text(answer) -> str:
    return re.sub(r"<[^>]+>|\s+", "", answer.content.decode())


def test_the_queue_says_what_was_found(cast, roll, client_of):  # noqa: F811
    client = client_of(cast.director)
    assert "还没有名单" not in text(client.get(QUEUE))
    reconciled(cast)
    page = text(client.get(QUEUE))
    assert "要你看一看3" in page
    assert "没有档案2" in page
    assert "孙一冬" in page
    assert "赵一东" in text(client.get(f"{QUEUE}?tab=unlisted"))


def test_a_run_is_started_from_the_page_for_ones_own_place(cast, roll, client_of):  # noqa: F811
    client = client_of(cast.director)
    assert client.post(f"{QUEUE}start/", {"region": cast.chunhe.path}).status_code == 302
    assert client.post(f"{QUEUE}start/", {"region": cast.lingxia.path}).status_code == 404
    assert client_of(cast.county_officer).post(f"{QUEUE}start/", {"region": cast.chunhe.path}).status_code == 403


def test_two_sides_with_reasons_and_what_differs(cast, roll, client_of):  # noqa: F811
    reconciled(cast)
    answer = client_of(cast.director).get(review(heap_of(roll, 4)))
    page = text(answer)
    assert "身份证号只差一处，校验位也不对" in page
    assert "同一天出生" in page
    assert "<u>冬</u>" in answer.content.decode()
    assert number(2) not in answer.content.decode()


def test_a_row_an_import_left_out_leads_to_the_question(cast, perhaps, client_of):  # noqa: F811
    page = client_of(cast.director).get(f"/rosters/{perhaps.pk}/")
    assert "可能就是一个已有档案的孩子" in text(page)
    assert f'href="{review(heap_of(perhaps, 2))}"' in page.content.decode()


def test_an_answer_is_kept_and_leads_to_the_next(cast, roll, client_of):  # noqa: F811
    reconciled(cast)
    client, finding = client_of(cast.director), heap_of(roll, 4)
    answer = client.post(review(finding), {"verdict": "same", "version": 0})
    assert answer.status_code == 302
    assert re.fullmatch(rf"{QUEUE}[0-9a-f-]+/", answer["Location"])
    assert heap_of(roll, 4).heap == "archived"
    back = client.post(f"/rosters/decisions/{Decision.objects.get().pk}/undo/")
    assert back["Location"] == review(finding)
    assert heap_of(roll, 4).heap == "probable"


def test_an_answer_for_a_person_on_two_lists_is_taken_back_for_both(cast, client_of):
    child(cast, 2)
    said = sheet([row(2, name="孙一冬", citizen_number=wrong(number(2)))])
    first, second = (bring(cast.director, cast.chunhe, said, name=name) for name in ("甲.xlsx", "乙.xlsx"))
    reconciled(cast)
    client = client_of(cast.director)
    client.post(review(heap_of(second, 2)), {"verdict": "same", "version": 0})
    assert {heap_of(one, 2).decision for one in (first, second)} == {Decision.objects.get()}
    address = f"/rosters/decisions/{Decision.objects.get().pk}/undo/"
    assert client_of(cast.other_director).post(address).status_code == 404
    assert client.get(address).status_code == 200
    answer = client.post(address)
    assert answer["Location"] in [review(heap_of(one, 2)) for one in (first, second)]
    assert {(heap_of(one, 2).heap, heap_of(one, 2).decision) for one in (first, second)} == {("probable", None)}
    assert client.post(address).status_code == 404  # it was taken back


def test_who_comes_second_is_told(cast, roll, client_of):  # noqa: F811
    reconciled(cast)
    finding = heap_of(roll, 4)
    first, second = client_of(cast.director), client_of(cast.supervisor)
    first.get(review(finding))
    assert "李春梅正在看这一条" in text(second.get(review(finding)))
    first.post(review(finding), {"verdict": "different", "version": 0})
    late = second.post(review(finding), {"verdict": "same", "version": 0}, follow=True)
    assert "李春梅刚定过这一条" in text(late)
    assert Decision.objects.get().verdict == "different"


def test_bad_input_shows_the_problem_and_keeps_what_was_typed(cast, roll, client_of):  # noqa: F811
    reconciled(cast)
    finding = Finding.objects.filter(heap="unlisted").first()
    answer = client_of(cast.director).post(review(finding), {"verdict": "unlisted", "version": 0, "words": "问过奶奶"})
    assert answer.status_code == 422
    assert "请选一个原因" in text(answer)
    assert "问过奶奶" in answer.content.decode()
    assert not Decision.objects.exists()


def test_an_archive_is_opened_out_of_a_row_already_filled_in(cast, roll, client_of):  # noqa: F811
    reconciled(cast)
    client, finding = client_of(cast.director), heap_of(roll, 6)
    page = client.get(f"{QUEUE}?tab=none")
    address = f"/rosters/listed/{finding.row.listed_id}/open/"
    assert address in page.content.decode()
    form = client.get(address).context["form"]
    assert form["name"].value() == "赵四东"
    assert form["citizen_number"].value() == number(30)
    assert form["carer_phone"].value()
    sent = {field.name: field.value() or "" for field in form} | {"hamlet": "新组"}
    assert client.post(address, sent).status_code == 302
    assert Child.objects.get(name="赵四东").hamlet == "新组"
    assert "赵四东" not in [line.left for line in client.get(f"{QUEUE}?tab=none").context["lines"]]


def test_a_list_is_set_aside_with_a_reason(cast, roll, client_of):  # noqa: F811
    client = client_of(cast.director)
    assert client.post(f"/rosters/{roll.pk}/aside/", {"why": ""}).status_code == 422
    assert client.post(f"/rosters/{roll.pk}/aside/", {"why": "发错了"}).status_code == 302
    assert client.get(f"/rosters/{roll.pk}/").status_code == 404


def test_columns_of_a_list_that_was_reconciled_may_still_be_changed(cast, client_of):
    fields = ["name", "citizen_number", "hamlet"]
    sent = bring(cast.director, cast.chunhe, sheet([row(1), row(30)], fields=fields))
    reconciled(cast)
    lost = list(Listed.objects.standing())
    assert len(lost) == 2
    chosen = {"0-A": "name", "0-B": "citizen_number", "0-C": ""}
    client_of(cast.director).post(f"/rosters/{sent.pk}/columns/", chosen)
    assert not Finding.objects.filter(row__roster=sent).exists()
    stands = Finding(heap="none", community=cast.chunhe.path, row=row_of(sent, 2), found_on=TODAY)
    stands.save()  # by a run that had read the list before
    sent.refresh_from_db()
    assert states(api.finish(sent)) == {2: "ready", 3: "ready"}
    assert "hamlet" not in row_of(sent, 2).known_facts()
    assert not Listed.objects.standing().exists()
    reconciled(cast)
    assert {heap_of(sent, at).heap for at in (2, 3)} == {"none"}
    assert Listed.objects.standing().count() == 2


def test_a_stranger_finds_nothing_and_the_wrong_role_is_refused(cast, roll, client_of):  # noqa: F811
    reconciled(cast)
    finding = heap_of(roll, 4)
    decision = actions.judge(by=cast.director, finding=finding, verdict="unsure", on=TODAY)
    for address in (review(finding), f"/rosters/decisions/{decision.pk}/undo/"):
        assert client_of(cast.other_director).get(address).status_code == 404
        assert client_of(cast.cadre).get(address).status_code == 403


def test_a_school_sees_its_own_list_and_no_archive_of_others(cast, client_of):
    child(cast, 2, hamlet="暗门组")  # not at the school
    sent = bring(cast.archivist, cast.chunhe, sheet([row(2, name="孙一冬", citizen_number=wrong(number(2)))]),
                 sender=cast.school)  # fmt: skip
    reconciled(cast)
    finding = heap_of(sent, 2)
    answer = client_of(cast.archivist).get(review(finding))
    assert "由春和社区管理" in text(answer)
    assert "暗门组" not in answer.content.decode()
    assert client_of(cast.archivist).post(review(finding), {"verdict": "same", "version": 0}).status_code in (302, 422)
    assert not Decision.objects.exists()


def test_as_many_queries_for_thirty_lines_as_for_one(cast, client_of):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        client = client_of(factories.fresh(cast.director))
        client.get(f"{QUEUE}?tab=none")
        with CaptureQueriesContext(connection) as taken:
            client.get(f"{QUEUE}?tab=none")
        return len(taken)

    bring(cast.director, cast.chunhe, sheet([row(30)]))
    reconciled(cast)
    one = queries()
    bring(cast.director, cast.chunhe, sheet([row(at) for at in range(31, 60)]), name="多.xlsx")
    reconciled(cast)
    assert queries() == one


def test_before_the_first_comparison_nothing_is_called_done(cast, client_of):
    bring(cast.director, cast.chunhe, sheet([row(1)]))
    text = client_of(cast.director).get(QUEUE).content.decode()
    assert "开始核对" in text
    assert "都看完了" not in text
