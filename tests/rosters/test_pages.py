"""Pages of rosters: it works · stranger 404 · wrong role 403 · bad input is said · queries do not grow · no script."""

import io
import re
import uuid

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from tests import factories
from tests.rosters.lists import bring, imported, number, row, row_of, sheet, states
from tongxing.base import jobs
from tongxing.base.jobs import Job
from tongxing.base.records import Look
from tongxing.children.models import Child
from tongxing.rosters.actions import importing
from tongxing.rosters.models import Listed, Roster

pytestmark = pytest.mark.django_db


def sent_file(content=None, name="名册.xlsx", **other):
    file = SimpleUploadedFile(name, content if content is not None else sheet([row(1)]))
    return {"kind": "school_roll", "file": file, "community": "990101100001", "once": str(uuid.uuid4())} | other


def page(roster, name="roster", *more):
    return reverse(f"rosters:{name}", args=[roster.pk, *more])


def posted(**other):
    return {"once": str(uuid.uuid4())} | other


def test_from_the_file_to_the_archives_by_pages_alone(cast, client_of):
    client = client_of(cast.director)
    answer = client.post(reverse("rosters:upload"), sent_file(sheet([row(1), row(2, class_name="三2")])))
    roster = Roster.objects.get()
    assert answer.url == page(roster)
    assert "正在读表" in client.get(page(roster)).content.decode()
    jobs.perform(roster.job_id)
    text = client.get(page(roster)).content.decode()
    assert "读到 2 行，1 行要看一下" in text
    assert "导入 1 行" in text
    assert "三2 → 三(2)班 ？" in text
    client.post(page(roster, "import"), posted())
    roster.refresh_from_db()
    jobs.perform(roster.job_id)
    assert "建了 1 份档案，还有 1 行要看一下" in client.get(page(roster)).content.decode()
    waiting = row_of(roster, 3)
    client.post(page(roster, "mend", waiting.pk), posted(accept="class_name:unsure_class"))
    assert "再导入 1 行" in client.get(page(roster)).content.decode()


def test_a_double_tap_brings_one_list(cast, client_of):
    client, once = client_of(cast.director), str(uuid.uuid4())
    first = client.post(reverse("rosters:upload"), sent_file(once=once))
    second = client.post(reverse("rosters:upload"), sent_file(once=once))
    assert first.url == second.url
    assert Roster.objects.count() == 1


def test_the_file_is_kept_encrypted_and_given_back_to_who_may_see_it(cast, client_of):
    content = sheet([row(1)])
    roster = bring(cast.director, cast.chunhe, content)
    assert row(1)["name"].encode() not in roster.attachment.path.read_bytes()
    answer = client_of(cast.director).get(page(roster, "file"))
    assert answer.content == content
    assert "attachment" in answer["Content-Disposition"]
    assert Look.objects.filter(what="rosters.file", by_id=cast.director.pk, count=1).count() == 1


def test_looking_at_a_list_is_noted(cast, client_of):
    roster = bring(cast.director, cast.chunhe, sheet([row(1, class_name="三2")]))
    client_of(cast.director).get(page(roster))
    assert Look.objects.get(what="rosters.roster").subject_id == roster.pk


def test_looking_at_one_row_to_mend_it_is_noted(cast, client_of):
    roster = bring(cast.director, cast.chunhe, sheet([row(1, citizen_number="123"), row(2, citizen_number="456")]))
    client, looks = client_of(cast.director), Look.objects.filter(what="rosters.roster", subject_id=roster.pk)
    first, second = (page(roster, "mend", row_of(roster, at).pk) for at in (2, 3))
    assert 'value="123"' in client.get(first).content.decode()
    look = looks.get()
    assert (look.by_id, look.page, look.region, look.count) == (
        cast.director.pk, "rosters:mend", cast.chunhe.path, 1,
    )  # fmt: skip
    client.post(second, posted(citizen_number="12"), headers={"HX-Request": "true"})
    assert looks.count() == 2
    client.post(second, posted(citizen_number=number(2)))  # nothing is shown of what was right
    assert looks.count() == 2


def test_the_template_has_our_headings(cast, client_of):
    answer = client_of(cast.director).get(reverse("rosters:template"))
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).active["A1"].value == "*姓名"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 99, "这不是 Excel"),
        (sheet([row(1)], titles=["甲"], fields=["name"]), "没有认出表头"),
    ],
)
def test_a_bad_file_gets_one_clear_sentence(cast, client_of, content, said):
    client = client_of(cast.director)
    client.post(reverse("rosters:upload"), sent_file(content))
    roster = Roster.objects.get()
    jobs.perform(roster.job_id)
    assert said in client.get(page(roster)).content.decode()


def test_what_is_missing_is_said_and_nothing_is_kept(cast, client_of):
    answer = client_of(cast.director).post(reverse("rosters:upload"), {"kind": "school_roll"})
    assert answer.status_code == 422
    assert "请选择一个表格文件" in answer.content.decode()
    assert not Roster.objects.exists()


def test_a_list_for_another_place_cannot_be_brought(cast, client_of):
    answer = client_of(cast.director).post(reverse("rosters:upload"), sent_file(community="990102100001"))
    assert answer.status_code == 422
    assert not Roster.objects.exists()


def test_a_supervisor_chooses_among_the_communities_of_the_township(cast, client_of):
    text = client_of(cast.supervisor).get(reverse("rosters:upload")).content.decode()
    assert "春和社区" in text and "岭下社区" in text
    assert "渡口社区" not in text


def test_an_archivist_sends_for_the_own_school_and_finds_the_list_again(cast, client_of):
    client = client_of(cast.archivist)
    client.post(reverse("rosters:upload"), sent_file(sender=str(cast.school.pk)))
    roster = Roster.objects.get()
    assert roster.sender == cast.school
    jobs.perform(roster.job_id)
    assert client.get(page(roster)).status_code == 200
    assert "名册.xlsx" in client.get(reverse("rosters:list")).content.decode()


def every_address(roster):
    one = roster.rows.first()
    return [
        ("get", page(roster)),
        ("get", page(roster, "progress")),
        ("get", page(roster, "file")),
        ("get", page(roster, "undo")),
        ("post", page(roster, "undo")),
        ("post", page(roster, "import")),
        ("post", page(roster, "again")),
        ("get", page(roster, "mend", one.pk)),
        ("post", page(roster, "mend", one.pk)),
        ("post", page(roster, "skip", one.pk)),
    ]


def test_a_stranger_meets_404_everywhere(cast, client_of):
    roster = imported(cast.director, cast.chunhe, sheet([row(1, class_name="三2")]))
    client = client_of(cast.other_director)
    for verb, address in every_address(roster):
        assert getattr(client, verb)(address).status_code == 404, address
    assert client.get(reverse("rosters:listed", args=[Listed.objects.get().pk])).status_code == 404
    assert "名册.xlsx" not in client.get(reverse("rosters:list")).content.decode()


def test_a_role_without_the_permission_meets_403_and_nobody_signs_in_first(cast, client_of, client):
    roster = imported(cast.director, cast.chunhe, sheet([row(1, class_name="三2")]))
    addresses = [*every_address(roster), ("get", reverse("rosters:list")), ("get", reverse("rosters:upload"))]
    for who in (cast.cadre, cast.county_officer):
        for verb, address in addresses:
            assert getattr(client_of(who), verb)(address).status_code == 403, address
    for verb, address in addresses:
        assert getattr(client, verb)(address).status_code == 302, address


def test_a_row_of_another_list_is_404(cast, client_of):
    mine = bring(cast.director, cast.chunhe, sheet([row(1, class_name="三2")]))
    other = bring(cast.other_director, cast.dukou, sheet([row(2, class_name="三2")]))
    address = page(mine, "mend", other.rows.get(number=2).pk)
    assert client_of(cast.director).post(address, posted()).status_code == 404


@pytest.mark.parametrize("name", ["list", "roster", "undo"])
def test_the_number_of_queries_does_not_grow(cast, client_of, name):
    counts = []
    client = client_of(cast.director)
    for size in (1, 28):
        first = 100 * len(counts)
        rows = [row(first + at, class_name="三2") for at in range(size)]
        rows += [row(first + 50 + at) for at in range(size)]
        roster = imported(cast.director, cast.chunhe, sheet([*rows, rows[0], rows[-1]]))
        for one in roster.rows.filter(state="archived"):
            factories.visit(one.child, by=cast.director)
        address = reverse("rosters:list") if name == "list" else page(roster, name)
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_row_is_mended_in_its_place_or_on_a_page_of_its_own(cast, client_of):
    roster = bring(cast.director, cast.chunhe, sheet([row(1, citizen_number=number(1)[:-1] + "0"), row(2)]))
    one, client = row_of(roster, 2), client_of(cast.director)
    address = page(roster, "mend", one.pk)
    assert "第 2 行" in client.get(address).content.decode()
    wrong = client.post(address, posted(citizen_number="123"), headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert "身份证号应为 18 位" in wrong.content.decode()
    assert 'value="123"' in wrong.content.decode()
    sent = posted(citizen_number=number(1))
    for _tap in range(2):  # the answer to the first may have been lost
        right = client.post(address, sent, headers={"HX-Request": "true"})
        assert right.status_code == 200
        assert "导入 2 行" in right.content.decode()
    again = client.post(address, sent, follow=True)
    assert again.redirect_chain == [(page(roster), 302)]
    assert "第 2 行改好了" in again.content.decode()


def test_who_comes_second_to_a_row_is_told_so(cast, client_of):
    roster = bring(cast.director, cast.chunhe, sheet([row(1), row(1), row(2, class_name="三2")]))
    first, second = client_of(cast.director), client_of(cast.supervisor)
    doubled, unsure = (page(roster, name, row_of(roster, at).pk) for name, at in (("skip", 3), ("mend", 4)))
    sent = posted()
    for _tap in range(2):
        assert "第 3 行不算了" in first.post(doubled, sent, follow=True).content.decode()
    first.post(unsure, posted(accept="class_name:unsure_class"))
    for verb, address in (("post", doubled), ("post", unsure), ("get", unsure)):
        answer = getattr(second, verb)(address, posted(accept="class_name:unsure_class"), follow=True)
        assert answer.redirect_chain == [(page(roster), 302)], address
        assert "这一行刚被处理过" in answer.content.decode(), address
    late = second.post(unsure, posted(), headers={"HX-Request": "true"})
    assert late["HX-Redirect"] == page(roster)
    assert states(roster) == {2: "ready", 4: "ready"}
    assert client_of(cast.other_director).post(unsure, posted()).status_code == 404


def test_a_row_is_not_mended_while_the_worker_is_at_the_list(cast, client_of):
    roster = bring(cast.director, cast.chunhe, sheet([row(1), row(2, class_name="三2")]))
    client, one = client_of(cast.director), row_of(roster, 3)
    client.post(page(roster, "import"), posted())
    for name in ("mend", "skip"):
        answer = client.post(page(roster, name, one.pk), posted(accept="class_name:unsure_class"))
        assert answer.url == page(roster)
    assert states(roster)[3] == "to_fix"


def test_rows_somebody_left_out_are_not_called_titles_and_totals(cast, client_of):
    roster = bring(cast.director, cast.chunhe, sheet([row(1), row(1)], below=[["合计", 2]]))
    client = client_of(cast.director)
    assert "看过不算的" not in client.get(page(roster)).content.decode()
    client.post(page(roster, "skip", row_of(roster, 3).pk), posted())
    text = client.get(page(roster)).content.decode()
    assert "标题、合计等 1 行已自动跳过" in text
    assert "看过不算的 1 行" in text


def test_progress_asks_again_until_it_is_done(cast, client_of):
    client = client_of(cast.director)
    client.post(reverse("rosters:upload"), sent_file())
    roster = Roster.objects.get()
    part = client.get(page(roster, "progress"), headers={"HX-Request": "true"})
    assert 'hx-trigger="every 1s"' in part.content.decode()
    jobs.perform(roster.job_id)
    assert client.get(page(roster, "progress"), headers={"HX-Request": "true"})["HX-Redirect"] == page(roster)
    assert client.get(page(roster, "progress")).url == page(roster)


def test_the_waiting_page_counts_rows_only_when_there_are_some(cast, client_of):
    client = client_of(cast.director)
    client.post(reverse("rosters:upload"), sent_file())
    roster = Roster.objects.get()
    job = Job.objects.filter(pk=roster.job_id)

    def heading() -> str:
        text = client.get(page(roster, "progress"), headers={"HX-Request": "true"}).content.decode()
        return strip_tags(re.search("<p><b>.*?</b></p>", text).group())

    job.update(total=100)
    alone = heading()
    assert alone
    assert "行" not in alone
    job.update(done=7)
    assert heading() == f"{alone} · 第 7 行，共 100 行"


def test_a_job_that_failed_goes_on_from_the_page(cast, client_of, monkeypatch):
    roster = bring(cast.director, cast.chunhe, sheet([row(1)]))
    client = client_of(cast.director)
    client.post(page(roster, "import"), posted())
    roster.refresh_from_db()
    with monkeypatch.context() as broken:
        broken.setattr(importing, "compose", None)
        jobs.perform(roster.job_id)
    assert "接着做" in client.get(page(roster)).content.decode()
    assert not Child.objects.filter(name=row(1)["name"]).exists()
    client.post(page(roster, "again"))
    jobs.perform(roster.job_id)
    assert states(roster) == {2: "archived"}


def test_undoing_asks_why_and_names_those_who_stay(cast, client_of):
    roster = imported(cast.director, cast.chunhe, sheet([row(1), row(2)]))
    factories.visit(row_of(roster, 2).child, by=cast.director)
    client = client_of(cast.director)
    text = client.get(page(roster, "undo")).content.decode()
    assert "会撤回 1 份档案" in text
    assert row(1)["name"] in text
    assert client.post(page(roster, "undo"), posted()).status_code == 422
    client.post(page(roster, "undo"), posted(why="发错了表"))
    roster.refresh_from_db()
    jobs.perform(roster.job_id)
    assert states(roster) == {2: "kept", 3: "undone"}
    assert "已撤回 1 份档案" in client.get(page(roster)).content.decode()


def test_a_listed_person_leads_to_the_row_or_to_the_archive_that_is_theirs(cast, client_of):
    roster = imported(
        cast.director, cast.chunhe, sheet([row(1, class_name="三2"), row(2, name="陈思远", class_name="三2")])
    )
    client = client_of(cast.director)
    first, second = (Listed.objects.get(name=name) for name in (row(1)["name"], "陈思远"))
    answer = client.get(reverse("rosters:listed", args=[first.pk]))
    assert answer.url == reverse("rosters:open", args=[first.pk])
    assert page(roster, "mend", row_of(roster, 2).pk) in client.get(answer.url).content.decode()
    address = reverse("rosters:listed", args=[second.pk])
    assert "就是这个孩子" in client.get(address).content.decode()
    sent = posted(child=str(cast.siyuan.pk))
    for _tap in range(2):
        assert "对上了：陈思远" in client.post(address, sent, follow=True).content.decode()
    second.refresh_from_db()
    assert second.child == cast.siyuan
    late = client.post(address, posted(child=str(cast.siyuan.pk)), follow=True)
    assert late.redirect_chain == [(reverse("children:archive", args=[cast.siyuan.pk]), 302)]
    assert "陈思远 已经有档案了" in late.content.decode()
    assert client.post(reverse("rosters:listed", args=[first.pk]), posted(child=str(cast.kexin.pk))).status_code == 404


def test_numbers_are_not_shown_on_the_page_of_a_list_unless_they_are_to_be_mended(cast, client_of):
    roster = bring(cast.director, cast.chunhe, sheet([row(1), row(2, class_name="三2")]))
    text = client_of(cast.director).get(page(roster)).content.decode()
    assert number(1) not in text and number(2) not in text


def test_the_invented_community_offers_lists_to_try_an_import_with(cast, client, settings):
    folder = settings.VAR / "samples"
    folder.mkdir(exist_ok=True)
    (folder / "township.csv").write_bytes("姓名\n罗小川\n".encode("gb18030"))
    client.force_login(cast.director)
    address = reverse("rosters:sample", args=["township.csv"])
    assert client.get(address).status_code == 404, "only where the community is an invented one"
    assert address not in client.get(reverse("rosters:upload")).content.decode()
    settings.DEMO = True
    text = client.get(reverse("rosters:upload")).content.decode()
    assert address in text
    assert "乡镇的文本表" in text
    assert b"".join(client.get(address)).decode("gb18030") == "姓名\n罗小川\n"
    assert client.get(reverse("rosters:sample", args=["keyring.json"])).status_code == 404
    client.force_login(cast.teacher)
    assert client.get(address).status_code == 403


def test_a_director_may_say_which_school_a_list_came_from_and_else_hears_that_classes_are_not_kept(cast, client_of):
    client = client_of(cast.director)
    assert cast.school.name in client.get(reverse("rosters:upload")).content.decode()
    told = {"fields": ["name", "citizen_number", "class_name"]}
    silent = "所以班级先记不下来"
    for sender, heard in ((None, True), (str(cast.school.pk), False)):
        sent = sent_file(sheet([row(1, class_name="三(2)班")], **told), **({"sender": sender} if sender else {}))
        client.post(reverse("rosters:upload"), sent)
        roster = Roster.objects.order_by("id").last()
        jobs.perform(roster.job_id)
        assert (silent in client.get(page(roster)).content.decode()) == heard
    client.post(page(roster, "import"), posted())
    roster.refresh_from_db()
    jobs.perform(roster.job_id)
    assert row_of(roster, 2).child.schoolings.get().classroom == cast.class_3_2
    other = sent_file(sender=str(cast.dukou_office.pk))
    assert client.post(reverse("rosters:upload"), other).status_code == 422
