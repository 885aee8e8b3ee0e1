"""Pages on which a list is decided: its columns, its changes, its marked file, its history."""

import io
import uuid
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.rosters.lists import bring, imported, number, row, row_of, sheet, start, states
from tongxing.base import clock, jobs
from tongxing.base.excel import UnreadableFile
from tongxing.base.records import Event, Look
from tongxing.children.models import Child
from tongxing.commands import worker
from tongxing.rosters import actions, api, forms, marking
from tongxing.rosters.models import KnownHeading, Roster

pytestmark = pytest.mark.django_db
STRANGE = ["称呼", "公民号", "谁带"]


def page(roster, name="roster", *more):
    return reverse(f"rosters:{name}", args=[roster.pk, *more])


def posted(**other):
    return {"once": str(uuid.uuid4())} | other


def text_of(client, address) -> str:
    return client.get(address).content.decode()


def strange(*rows) -> bytes:
    """A list one of whose headings nobody knows."""
    fields = ["name", "citizen_number", "carer_name"]
    return sheet(rows, titles=["姓名", "身份证号", "谁带"], fields=fields)


def saved(book) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


# ── columns ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_again(roster) -> Roster:
    roster.refresh_from_db()
    return api.finish(roster)


def test_a_column_is_named_by_hand_and_the_list_is_read_again(cast, client_of):
    roster = bring(cast.director, cast.chunhe, strange(row(1), row(2)))
    assert "carer_name" not in row_of(roster, 2).known_facts()
    client = client_of(cast.director)
    assert "C 列 谁带" in text_of(client, page(roster, "columns"))
    sent = posted(**{"0-A": "name", "0-B": "citizen_number", "0-C": "carer_name"})
    assert client.post(page(roster, "columns"), sent).url == page(roster)
    roster = read_again(roster)
    assert row_of(roster, 2).known_facts()["carer_name"] == "刘桂花"
    assert "识别 3 列" in text_of(client, page(roster))


def test_what_a_heading_means_is_remembered_for_its_sender_alone(cast, client_of):
    roster = bring(cast.archivist, cast.chunhe, strange(row(1)), sender=cast.school)
    sent = posted(**{"0-A": "name", "0-B": "citizen_number", "0-C": "carer_name"})
    client_of(cast.archivist).post(page(roster, "columns"), sent)
    read_again(roster)
    (known,) = KnownHeading.objects.all()
    assert (known.sender, known.brought_by_id, known.heading, known.field) == (cast.school, None, "谁带", "carer_name")
    again = bring(cast.archivist, cast.chunhe, strange(row(2)), sender=cast.school)
    assert row_of(again, 2).known_facts()["carer_name"] == "刘桂花"
    others = bring(cast.director, cast.chunhe, strange(row(3)))
    assert "carer_name" not in row_of(others, 2).known_facts()


def test_a_column_may_be_none_of_ours_for_who_brings_lists_without_a_school(cast, client_of):
    roster = bring(cast.director, cast.chunhe, sheet([row(1)], fields=["name", "citizen_number", "hamlet"]))
    sent = posted(**{"0-A": "name", "0-B": "citizen_number", "0-C": ""})
    client_of(cast.director).post(page(roster, "columns"), sent)
    assert "hamlet" not in row_of(read_again(roster), 2).known_facts()
    again = bring(cast.director, cast.chunhe, sheet([row(2)], fields=["hamlet", "name", "citizen_number"]))
    assert "hamlet" not in row_of(again, 2).known_facts()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"0-A": "name", "0-B": "citizen_number", "0-C": "name"}, "一样东西只能选一列"),
        ({"0-A": "", "0-B": "citizen_number", "0-C": "carer_name"}, "要有一列是姓名"),
        ({"0-A": "name", "0-B": "", "0-C": ""}, "除了姓名，还要认出一列"),
        ({"0-A": "name", "0-B": "citizen_number", "0-C": "shoe_size"}, "请从列表里选"),
    ],
)
def test_columns_that_cannot_be_are_said_and_what_was_chosen_stays(cast, client_of, sent, said):
    roster = bring(cast.director, cast.chunhe, strange(row(1)))
    answer = client_of(cast.director).post(page(roster, "columns"), posted(**sent))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    roster.refresh_from_db()
    assert (roster.state, roster.chosen) == ("ready", {})


def test_columns_of_a_list_that_was_imported_stay_as_they_were(cast, client_of):
    roster = imported(cast.director, cast.chunhe, strange(row(1)))
    client = client_of(cast.director)
    assert client.get(page(roster, "columns")).url == page(roster)
    sent = posted(**{"0-A": "name", "0-B": "citizen_number", "0-C": "carer_name"})
    assert client.post(page(roster, "columns"), sent).url == page(roster)
    with pytest.raises(actions.NotNow):
        actions.choose_columns(by=cast.director, roster=roster, chosen={})
    assert not KnownHeading.objects.exists()


def test_what_was_mended_holds_when_the_list_is_read_again(cast, client_of):
    """A number typed anew, a row left out: nobody has to say either twice."""
    roster = bring(cast.director, cast.chunhe, strange(
        row(1, citizen_number="990101201709170043"), row(2), row(2), row(3, name="")
    ))  # fmt: skip
    client, typed = client_of(cast.director), row_of(roster, 2)
    assert states(roster) == {2: "to_fix", 3: "ready", 4: "to_fix", 5: "to_fix"}
    client.post(page(roster, "mend", typed.pk), posted(citizen_number=number(1)))
    client.post(page(roster, "skip", row_of(roster, 4).pk), posted())
    assert states(roster) == {2: "ready", 3: "ready", 5: "to_fix"}
    assert "已改好的 1 行，重读后还是你改的那样" in text_of(client, page(roster, "columns"))
    client.post(page(roster, "columns"), posted(**{"0-A": "name", "0-B": "citizen_number", "0-C": "carer_name"}))
    roster = read_again(roster)
    assert states(roster) == {2: "ready", 3: "ready", 5: "to_fix"}
    again = row_of(roster, 2)
    assert row_of(roster, 4).state == "skipped"
    assert again.pk == typed.pk
    assert (again.known_facts()["citizen_number"], again.known_facts()["carer_name"]) == (number(1), "刘桂花")
    assert again.cells()["citizen_number"] == "990101201709170043"


def test_in_a_list_in_two_halves_what_was_mended_stays_with_its_half(cast):
    titles = ["姓名", "身份证号", "谁带", "姓名", "身份证号", "谁带"]
    book = openpyxl.Workbook()
    wrong = "990101201709170043"
    for line in (titles, [row(1)["name"], number(1), "刘桂花", row(2)["name"], wrong, "王桂花"]):
        book.active.append(line)
    roster = bring(cast.director, cast.chunhe, saved(book))
    right = roster.rows.get(state="to_fix")
    (form,) = forms.mend_forms(roster, [right], QueryDict(f"citizen_number={number(2)}"))
    actions.mend_row(by=cast.director, row=right, **form.mended_row())
    actions.choose_columns(by=cast.director, roster=Roster.objects.get(pk=roster.pk), chosen={})
    roster = read_again(roster)
    told = {one.known_facts()["name"]: one.known_facts()["citizen_number"] for one in roster.rows.all()}
    assert told == {row(1)["name"]: number(1), row(2)["name"]: number(2)}


def test_a_doubt_that_was_kept_is_not_asked_about_again(cast, client_of):
    roster = bring(cast.director, cast.chunhe, sheet([row(1, class_name="三2")]))
    client = client_of(cast.director)
    client.post(page(roster, "mend", row_of(roster, 2).pk), posted(accept="class_name:unsure_class"))
    actions.choose_columns(by=cast.director, roster=Roster.objects.get(pk=roster.pk), chosen={})
    roster = read_again(roster)
    assert (states(roster), row_of(roster, 2).accepted) == ({2: "ready"}, ["class_name:unsure_class"])


def test_a_question_about_a_whole_sheet_is_asked_and_answered(cast, client_of):
    titles = ["姓名", "身份证号", "是否留守儿童"]
    book = openpyxl.Workbook()
    for line in (titles, [row(1)["name"], number(1), 1], [row(2)["name"], number(2), 2]):
        book.active.append(line)
    roster = bring(cast.director, cast.chunhe, saved(book))
    client = client_of(cast.director)
    assert "里的数字哪个表示留守" in text_of(client, page(roster))
    assert set(states(roster).values()) == {"to_fix"}
    sent = {"0-A": "name", "0-B": "citizen_number", "0-C": "left_behind", "0-left_behind_coding": "two_is_no"}
    client.post(page(roster, "columns"), posted(**sent))
    roster = read_again(roster)
    assert states(roster) == {2: "ready"}  # the second is none of ours
    assert "去说一声" not in text_of(client, page(roster))


# ── changes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def changed(cast):
    """A list that says three things anew of two children."""
    imported(cast.director, cast.chunhe, sheet([row(1), row(2)]))
    said = [row(1, carer_phone="14002000777", father_place="沿海某市"), row(2, mother_name="王小红"), row(3)]
    return bring(cast.director, cast.chunhe, sheet(said))


def test_before_and_after_are_shown_and_decided_with_the_import(cast, client_of, changed):
    client = client_of(cast.director)
    text = text_of(client, page(changed))
    assert "将更新 2 人的 3 处" in text
    for words in ("14002000001", "14002000777", "邻省某市", "沿海某市", "王小红"):
        assert words in text
    assert "导入 1 行，更新 2 人" in " ".join(text.split())
    assert Look.objects.get(what="rosters.roster").count == 2
    left = changed.updates.get(field="father_place")
    client.post(page(changed, "import"), posted(**{f"say_{left.pk}": "keep"}))
    api.finish(read_again(changed))
    assert {one.field: one.state for one in changed.updates.all()} == {
        "carer_phone": "done", "father_place": "left", "mother_name": "done",
    }  # fmt: skip
    assert "人已更新" in text_of(client, page(changed))


def test_choices_can_be_noted_before_importing(cast, client_of, changed):
    client = client_of(cast.director)
    one = changed.updates.get(field="mother_name")
    answer = client.post(page(changed, "decide"), posted(**{f"say_{one.pk}": "keep", "page": "1"}))
    assert answer.url == f"{page(changed)}?changes=1#updates"
    one.refresh_from_db()
    assert one.state == "left"
    assert states(changed)[3] == "known"
    client.post(page(changed, "decide"), posted(**{f"say_{one.pk}": "use", "page": "../evil"}))
    one.refresh_from_db()
    assert (one.state, states(changed)[3]) == ("proposed", "changed")
    noted = Event.objects.filter(action="rosters.decide").order_by("id").first()
    assert "王小红" not in str(noted.held)


@pytest.mark.parametrize("sent", [{"say_nobody": "use"}, {f"say_{uuid.uuid4()}": "use"}, {"say_": "keep"}])
def test_what_is_no_change_of_this_list_is_let_be(cast, client_of, changed, sent):
    client = client_of(cast.director)
    assert client.post(page(changed, "decide"), posted(**sent)).status_code == 302
    assert {one.state for one in changed.updates.all()} == {"proposed"}
    one = changed.updates.first()
    client.post(page(changed, "decide"), posted(**{f"say_{one.pk}": "<script>"}))
    one.refresh_from_db()
    assert one.state == "proposed"


def test_a_double_tap_imports_and_updates_once(cast, client_of, changed):
    client, sent = client_of(cast.director), posted()
    for _tap in range(2):
        client.post(page(changed, "import"), sent)
    api.finish(read_again(changed))
    client.post(page(changed, "import"), sent)
    assert Event.objects.filter(action="rosters.update_child", subject="children.child").count() == 2
    assert states(changed) == {2: "updated", 3: "updated", 4: "archived"}


@pytest.mark.parametrize("name", ["decide", "import"])
def test_who_chooses_after_somebody_started_the_import_is_told_that_nothing_was_noted(cast, client_of, changed, name):
    one, sent = changed.updates.get(field="mother_name"), posted()
    client_of(cast.supervisor).post(page(changed, "import"), sent)
    late = client_of(cast.director)
    keep = {f"say_{one.pk}": "keep"}
    for _moment in ("the worker is at it", "it is done"):
        answer = late.post(page(changed, name), posted(**keep))
        assert answer.url == page(changed)
        text = text_of(late, answer.url)
        assert "你选的没有记下" in text and "记下了" not in text
        api.finish(read_again(changed))
    one.refresh_from_db()
    assert one.state == "done"
    assert client_of(cast.supervisor).post(page(changed, "import"), sent).status_code == 302  # its answer once more


def test_choices_that_came_in_time_are_answered_again_when_the_answer_was_lost(cast, client_of, changed):
    client, one = client_of(cast.director), changed.updates.get(field="mother_name")
    sent = posted(**{f"say_{one.pk}": "keep"})
    client.post(page(changed, "decide"), sent)
    client.post(page(changed, "import"), posted())
    client.post(page(changed, "decide"), sent)
    text = text_of(client, page(changed))
    assert "记下了" in text and "没有记下" not in text


def test_who_may_not_see_a_child_neither_reads_nor_changes_its_archive(cast, client_of):
    """An archivist's list names a child who is on no roll of theirs: the community decides."""
    imported(cast.director, cast.chunhe, sheet([row(1, school=None, class_name=None)]))
    child = Child.objects.get(name=row(1)["name"])
    said = [row(1, carer_phone="14002000777", mother_name="王小红", class_name=None)]
    roster = bring(cast.archivist, cast.chunhe, sheet(said), sender=cast.school)
    assert {one.doubt for one in roster.updates.all()} == {"others"}
    client = client_of(cast.archivist)
    text = text_of(client, page(roster))
    assert "14002000001" not in text
    assert "是不归你看的孩子" in text
    one = roster.updates.get(field="carer_phone")
    client.post(page(roster, "import"), posted(**{f"say_{one.pk}": "use"}))
    api.finish(read_again(roster))
    assert not Event.objects.filter(action="rosters.update_child").exists()
    client = client_of(cast.director)
    assert "14002000001" in text_of(client, page(roster))
    client.post(page(roster, "import"), posted(**{f"say_{one.pk}": "use"}))
    api.finish(read_again(roster))
    one.refresh_from_db()
    assert one.state == "done"
    assert child.kin_roles.get(part="carer").kin.phone == "14002000777"


def test_the_number_of_queries_does_not_grow_with_the_changes(cast, client_of):
    counts, client = [], client_of(cast.director)
    for size in (1, 40):
        rows = [row(100 * len(counts) + at) for at in range(size)]
        imported(cast.director, cast.chunhe, sheet(rows))
        roster = bring(cast.director, cast.chunhe, sheet([one | {"father_place": "沿海某市"} for one in rows]))
        client.get(page(roster))
        with CaptureQueriesContext(connection) as asked:
            assert "沿海某市" in text_of(client, page(roster))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_many_changes_stand_on_pages(cast, client_of, monkeypatch):
    from tongxing.rosters.views import one

    monkeypatch.setattr(one, "CHANGES", 2)
    rows = [row(at) for at in range(3)]
    imported(cast.director, cast.chunhe, sheet(rows))
    roster = bring(cast.director, cast.chunhe, sheet([said | {"father_place": "沿海某市"} for said in rows]))
    client = client_of(cast.director)
    first, second = (text_of(client, f"{page(roster)}?changes={at}") for at in (1, 2))
    assert "第 1 页，共 2 页" in first and "记下这一页选的" in first
    assert first.count("沿海某市") == 2 and second.count("沿海某市") == 1
    assert "将更新 3 人的 3 处" in first


# ── the marked file ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_marked_file_is_given_to_who_may_see_the_list_and_noted(cast, client_of):
    roster = bring(cast.director, cast.chunhe, sheet([row(1), row(2, class_name="三2")]))
    client = client_of(cast.director)
    assert "下载标红的表" in text_of(client, page(roster))
    answer = client.get(page(roster, "marked"))
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).active["H3"].comment.text == "三2 → 三(2)班 ？"
    assert "%E6%A0%87%E7%BA%A2" in answer["Content-Disposition"]
    assert Look.objects.filter(what="rosters.marked", by_id=cast.director.pk).count() == 1
    assert client_of(cast.other_director).get(page(roster, "marked")).status_code == 404


def test_a_list_without_a_fault_offers_no_marked_file(cast, client_of):
    roster = bring(cast.director, cast.chunhe, sheet([row(1)]))
    assert "下载标红的表" not in text_of(client_of(cast.director), page(roster))


def test_a_large_list_is_marked_by_the_worker(cast, client_of, monkeypatch):
    monkeypatch.setattr(marking, "SMALL", 1)
    roster = bring(cast.director, cast.chunhe, sheet([row(1), row(2, class_name="三2")]))
    client = client_of(cast.director)
    assert client.get(page(roster, "marked")).url == page(roster)
    assert "标红这张表" in text_of(client, page(roster))
    sent = posted()
    assert client.post(page(roster, "mark"), sent).url == page(roster)
    client.post(page(roster, "mark"), sent)
    client.post(page(roster, "mark"), posted())  # it is at it already
    roster.refresh_from_db()
    assert jobs.Job.objects.filter(kind="rosters.mark").count() == 1
    assert "正在标红" in text_of(client, page(roster))
    part = client.get(page(roster, "mark"), headers={"HX-Request": "true"})
    assert 'hx-trigger="every 1s"' in part.content.decode()
    jobs.perform(roster.marking_id)
    assert client.get(page(roster, "mark"), headers={"HX-Request": "true"})["HX-Redirect"] == page(roster)
    roster.refresh_from_db()
    assert "下载标红的表" in text_of(client, page(roster))
    answer = client.get(page(roster, "marked"))
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).active["H3"].comment
    assert "三2".encode() not in roster.marked.path.read_bytes()
    assert roster.marked.expires_at <= roster.attachment.expires_at + timedelta(days=1)


def test_the_worker_erases_the_files_after_thirty_days_and_the_page_says_so(cast, client_of, monkeypatch):
    monkeypatch.setattr(marking, "SMALL", 1)
    roster = bring(cast.director, cast.chunhe, sheet([row(1), row(2, class_name="三2")]))
    roster = actions.start_marking(by=cast.director, roster=roster)
    jobs.perform(roster.marking_id)
    roster.refresh_from_db()
    files = [roster.attachment.path, roster.marked.path]
    assert all(file.exists() for file in files)
    with clock.fixed(clock.now() + timedelta(days=29)):
        worker._upkeep()
    assert all(file.exists() for file in files)
    with clock.fixed(clock.now() + timedelta(days=31)):
        worker._upkeep()
    assert not any(file.exists() for file in files)
    client = client_of(cast.director)
    text = text_of(client, page(roster))
    assert "原表已满 30 天" in text
    assert page(roster, "file") not in text and page(roster, "marked") not in text
    assert client.get(page(roster, "file")).status_code == 404
    monkeypatch.setattr(marking, "SMALL", 99)
    assert client.get(page(roster, "marked")).status_code == 404
    assert states(start(cast.director, roster)) == {2: "archived", 3: "to_fix"}  # what was read is still here


def test_a_file_that_cannot_be_read_has_no_marks(cast, client_of):
    roster = bring(cast.director, cast.chunhe, b"")
    assert client_of(cast.director).get(page(roster, "marked")).status_code == 302
    with pytest.raises(UnreadableFile):
        marking.marked_file(roster)


# ── the history ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_history_says_who_when_how_many_and_leads_to_undo(cast, client_of, changed):
    start(cast.director, changed)
    text = " ".join(text_of(client_of(cast.director), reverse("rosters:list")).split())
    for words in ("李春梅", "建档 1", "更新 2", "撤销这一批"):
        assert words in text
    assert page(changed, "undo") in text
    undo = text_of(client_of(cast.director), page(changed, "undo"))
    assert "把 2 人的 3 处改回原样" in undo


def test_the_next_list_is_prepared_as_the_last_one_was(cast, client_of):
    client = client_of(cast.supervisor)
    bring(cast.supervisor, cast.lingxia, sheet([row(1)]))
    text = text_of(client, reverse("rosters:upload"))
    assert '<option value="990101100002" selected>' in text


# ── whose, and which role ───────────────────────────────────────────────────────────────────────────────────────────


def test_strangers_meet_404_and_other_roles_403(cast, client_of, client, changed):
    addresses = [
        ("get", "columns"),
        ("post", "columns"),
        ("post", "decide"),
        ("get", "marked"),
        ("get", "mark"),
        ("post", "mark"),
    ]
    for verb, name in addresses:
        address = page(changed, name)
        assert getattr(client_of(cast.other_director), verb)(address).status_code == 404, address
        assert getattr(client_of(cast.cadre), verb)(address).status_code == 403, address
        assert getattr(client, verb)(address).status_code == 302, address
