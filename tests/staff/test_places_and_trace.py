"""Pages of approvals, places and the trace."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from tests import factories
from tests.factories import fresh
from tongxing.base import clock, seal
from tongxing.base.records import SYSTEM, Event
from tongxing.staff import actions
from tongxing.staff.models import Classroom, Grant, Organisation, Region


def grant_of(staff) -> Grant:
    return Grant.objects.get(staff=staff)


def asked(answer) -> str:
    return answer.content.decode()


# ── approvals ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_approvals_are_listed_by_what_they_are(client_of, cast):
    actions.emergency_look(by=cast.counsellor, child_id=cast.yutong.pk, region=cast.chunhe.path, why="夜里来电")
    client = client_of(cast.security_admin)
    whole = asked(client.get("/staff/grants/"))
    assert "李春梅" in whole
    assert "方秀英" not in whole
    assert "夜里来电" in asked(client.get("/staff/grants/?which=emergency"))
    assert {grant.staff.name for grant in client.get("/staff/grants/?which=soon").context["page"].object_list} == {
        "何静"
    }
    assert "这里没有" in asked(client.get("/staff/grants/?which=over"))


def test_an_approval_is_renewed_and_withdrawn_by_page(client_of, cast):
    client, grant = client_of(cast.security_admin), grant_of(cast.director)
    url = reverse("staff:renew_grant", args=[grant.pk])
    assert "最多批准一年" in asked(client.post(url, {"until": "2029-1-1", "why": "继续", "version": "1"}))
    assert client.post(url, {"until": "2027-10-1", "why": "继续任职", "version": "1"}).status_code == 302
    url, sent = (
        reverse("staff:withdraw_grant", args=[grant.pk]),
        {"why": "岗位有疑问", "version": "2", "once": str(uuid4())},
    )
    assert [client.post(url, sent).status_code for _time in range(2)] == [302, 302]
    assert fresh(grant).withdrawn_why == "岗位有疑问"
    assert "已经收回了" in asked(client.post(url, sent | {"once": str(uuid4()), "version": "3"}))
    assert "岗位有疑问" in asked(client.get("/staff/grants/?which=over"))


# ── places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_goes_down_from_ones_place_and_finds_places_by_name_or_code(client_of, cast):
    client = client_of(cast.county_officer)
    assert "梅源县" in asked(client.get("/staff/regions/"))
    assert "青禾镇" in asked(client.get("/staff/regions/990101/"))
    found = client.get("/staff/regions/?q=春和").context["page"].object_list
    assert [one.name for one in found] == ["春和社区"]
    assert len(client.get("/staff/regions/?q=990101100000").context["page"].object_list) == 3
    assert "没有找到" in asked(client.get("/staff/regions/?q=渡口"))
    assert client.get("/staff/regions/990102/").status_code == 404
    assert "春和社区居委会" in asked(client.get(f"/staff/regions/{cast.chunhe.path}/"))


def test_a_community_its_office_and_a_class_are_added_by_page(client_of, cast):
    client = client_of(cast.supervisor)
    url = reverse("staff:open_region", args=[cast.township.path])
    sent = {"code": "990101100003", "name": "新桥社区", "year": "2026", "once": str(uuid4())}
    assert [client.post(url, sent).status_code for _time in range(2)] == [302, 302]
    assert Region.objects.filter(path="990101100003").count() == 1
    url = reverse("staff:open_organisation", args=["990101100003"])
    assert client.post(url, {"name": "新桥社区居委会", "kind": "community", "phone": "0900-7654321"}).status_code == 302
    assert Organisation.objects.filter(name="新桥社区居委会", region="990101100003").exists()
    url = reverse("staff:classes", args=[cast.school.pk])
    sent = {"year": "2026", "grade": "4", "name": "四(1)班"}
    assert client_of(cast.archivist).post(url, sent).status_code == 302
    assert Classroom.objects.filter(school=cast.school, name="四(1)班", grade=4).exists()
    assert "这个班已经有了" in asked(client_of(cast.archivist).post(url, sent))


@pytest.mark.parametrize(
    ("code", "words"),
    [("990101100001", "已经有了"), ("99010", "开头"), ("990102100009", "开头"), ("x", "12 位数字"), ("", "请填写")],
)
def test_a_wrong_code_is_named_and_kept(code, words, client_of, cast):
    url = reverse("staff:open_region", args=[cast.township.path])
    answer = client_of(cast.supervisor).post(url, {"code": code, "name": "新桥社区", "year": "2026"})
    assert answer.status_code == 422
    assert words in asked(answer)
    assert 'value="新桥社区"' in asked(answer)


def test_a_place_and_an_organisation_are_renamed(client_of, cast):
    client = client_of(cast.supervisor)
    url = reverse("staff:rename_region", args=[cast.lingxia.path])
    assert client.post(url, {"name": "岭下村", "version": "1"}).status_code == 302
    assert fresh(cast.lingxia).name == "岭下村"
    late = client.post(url, {"name": "岭下新村", "version": "1"})
    assert late.status_code == 409
    url = reverse("staff:correct_organisation", args=[cast.lingxia_office.pk])
    assert client.post(url, {"name": "岭下村委会", "phone": "", "version": "1"}).status_code == 302
    assert fresh(cast.lingxia_office).name == "岭下村委会"


def test_an_archivist_adds_classes_at_their_own_school_only(client_of, cast):
    other = actions.open_organisation(by=SYSTEM, name="青禾镇第二小学", kind="school", region=cast.township)
    assert client_of(cast.archivist).get(reverse("staff:classes", args=[other.pk])).status_code == 404
    assert client_of(cast.supervisor).get(reverse("staff:classes", args=[other.pk])).status_code == 200


# ── the trace ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_trace_says_who_did_what_about_whom_and_no_value(client_of, cast):
    factories.visit(cast.siyuan, by=cast.director, words="奶奶说他夜里哭着要妈妈")
    page = asked(client_of(cast.audit_admin).get("/staff/audit/"))
    for words in ("李春梅", "记走访", str(cast.siyuan.pk), cast.chunhe.path):
        assert words in page
    for value in ("陈思远", "哭着", "14000010001", "990101201405"):
        assert value not in page


def test_the_trace_is_found_by_person_and_day(client_of, cast):
    factories.visit(cast.siyuan, by=cast.director)
    client = client_of(cast.audit_admin)
    rows = client.get("/staff/audit/?who=李春梅&since=2026-11-24&until=2026-11-24").context["rows"]
    assert {row.who for row in rows} == {"李春梅"}
    assert client.get("/staff/audit/?who=lichunmei&until=2026-11-23").context["rows"] == []
    nobody = client.get("/staff/audit/?who=方秀英")
    assert nobody.context["rows"] == []
    assert "没有这个人" in asked(nobody)
    wrong = client.get("/staff/audit/?since=2026-11-24&until=2026-11-20")
    assert wrong.status_code == 422
    assert "以前" in asked(wrong)


def test_looks_are_seen_by_the_auditor_too_and_those_of_another_county_are_not(client_of, cast):
    client_of(cast.director).get(reverse("desk:child", args=[cast.siyuan.pk]))
    client_of(cast.other_director).get(reverse("desk:child", args=[cast.kexin.pk]))
    factories.visit(cast.kexin, by=cast.other_director)
    client = client_of(cast.audit_admin)
    looks = asked(client.get("/staff/audit/?kind=looks"))
    assert "打开孩子的页面" in looks
    for page in (looks, asked(client.get("/staff/audit/?kind=events"))):
        assert "方秀英" not in page
        assert str(cast.kexin.pk) not in page
    assert "看查看留痕" in asked(client.get("/staff/audit/?kind=looks"))


def test_the_trace_is_read_page_by_page_without_gap_or_doubling(client_of, cast):
    for second in range(60):
        with clock.fixed(clock.now() + timedelta(seconds=second)):
            actions.end_sessions(by=cast.director, staff=fresh(cast.director))
    client, url, seen = client_of(cast.audit_admin), "?who=lichunmei", []
    while url:
        answer = client.get(f"/staff/audit/{url}")
        seen += [(row.at, row.what, row.subject_id) for row in answer.context["rows"]]
        assert len(answer.context["rows"]) <= 50
        url = answer.context["next_url"]
    mine = Event.objects.filter(by_id=cast.director.pk).count()
    assert len(seen) == mine >= 60


def test_a_verification_is_asked_for_and_its_result_stands_on_the_page(
    client_of, cast, django_capture_on_commit_callbacks
):
    client = client_of(cast.audit_admin)
    assert "还没有核对过" in asked(client.get("/staff/audit/"))
    assert client.get("/staff/audit/verify/").status_code == 405
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/staff/audit/verify/").status_code == 302
    page = asked(client.get("/staff/audit/"))
    assert "都对得上" in page or "正在核对" in page


def test_a_broken_trace_is_said_loudly(client_of, cast):
    seal.seal_all()
    Event.objects.filter(number=3).update(action="staff.nothing")
    actions.note_verdict(by=cast.audit_admin, verdict=seal.verify())
    page = asked(client_of(cast.audit_admin).get("/staff/audit/"))
    assert "有一处对不上" in page
    assert "第 3 条" in page


def test_the_new_year_finds_approvals_that_end_soon(client_of, cast):
    with clock.fixed(clock.now() + timedelta(days=30)):
        names = {
            one.staff.name for one in client_of(cast.security_admin).get("/staff/grants/?which=soon").context["page"]
        }
    assert "李春梅" in names
