"""Files that are not one's own: the look that cannot wait tells who answers for the child; approval for one child."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from tests import factories
from tongxing.base import clock
from tongxing.base.records import Event, Look
from tongxing.children.models import Child
from tongxing.children.views import looking
from tongxing.staff.models import Grant

EMERGENCY = "/children/emergency/"
WHY = "半夜发烧，家里电话打不通"


def text(answer) -> str:
    return answer.content.decode()


def ask(client, child, **more):
    return client.post(EMERGENCY, {"name": child.name, "birth_on": child.birth_on.isoformat(), "why": WHY, **more})


def sees(staff, child) -> bool:
    return Child.objects.visible_to(factories.fresh(staff)).filter(pk=child.pk).exists()


# ── the look that cannot wait ────────────────────────────────────────────────────────────────────────────────────────


def test_with_name_birthday_and_reason_the_file_opens_for_two_hours(client_of, cast):
    client = client_of(cast.teacher)
    page = reverse("desk:child", args=[cast.jiayi.pk])
    assert client.get(page).status_code == 404
    assert ask(client, cast.jiayi).url == page
    assert "已经告诉李春梅" in text(client.get(page))
    with clock.fixed(clock.now() + timedelta(hours=2, minutes=1)):
        assert not sees(cast.teacher, cast.jiayi)


def test_who_answers_for_the_child_reads_who_and_why(client_of, cast):
    ask(client_of(cast.teacher), cast.jiayi)
    today = text(client_of(cast.director).get("/"))
    assert f"赵晓琳 11-24 09:00 紧急查看：{WHY}" in today
    assert cast.jiayi.name in today
    assert WHY not in text(client_of(cast.director2).get("/"))
    assert WHY not in text(client_of(cast.other_director).get("/"))
    grant = Grant.objects.get(emergency=True)
    assert (grant.staff_id, grant.child_id, grant.why) == (cast.teacher.pk, cast.jiayi.pk, WHY)
    assert Event.objects.filter(action="staff.emergency_look").count() == 2
    with clock.fixed(clock.now() + timedelta(days=8)):
        assert WHY not in text(client_of(cast.director).get("/"))


def test_the_number_serves_instead_of_the_birthday(client_of, cast):
    number = cast.jiayi.citizen_number
    answer = client_of(cast.teacher).post(EMERGENCY, {"name": "吴佳怡", "citizen_number": number, "why": WHY})
    assert answer.url == reverse("desk:child", args=[cast.jiayi.pk])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"why": "急"}, "再写清楚一点"),
        ({"why": ""}, "请填写"),
        ({"name": ""}, "没有姓名"),
        ({"birth_on": ""}, "出生日期和身份证号写一样"),
    ],
)
def test_what_is_missing_is_said_and_nothing_opens(client_of, cast, more, words):
    answer = ask(client_of(cast.teacher), cast.jiayi, **more)
    assert answer.status_code == 422
    assert words in text(answer)
    assert not Grant.objects.filter(emergency=True).exists()


def test_a_wrong_birthday_finds_nobody_and_is_noted(client_of, cast):
    answer = ask(client_of(cast.teacher), cast.jiayi, birth_on="2011-01-01")
    assert answer.status_code == 422
    assert "本县没有找到" in text(answer)
    look = Look.objects.get(what="children.emergency_missed")
    assert (look.by_id, look.why, look.subject_id) == (cast.teacher.pk, WHY, None)


def test_a_child_of_the_other_county_is_as_if_it_were_not_there(client_of, cast):
    assert "本县没有找到" in text(ask(client_of(cast.teacher), cast.kexin))
    assert not Grant.objects.filter(emergency=True).exists()


def test_nobody_tries_out_birthdays(client_of, cast):
    client = client_of(cast.teacher)
    for at in range(looking.MISSES_A_DAY):
        ask(client, cast.jiayi, birth_on=date(2011, 1, 1 + at).isoformat())
    closed = ask(client, cast.jiayi)
    assert closed.status_code == 422
    assert "打 110" in text(closed)
    with clock.fixed(clock.now() + timedelta(days=1, minutes=1)):
        assert ask(client_of(cast.teacher), cast.jiayi).status_code == 302


def test_so_many_a_day_and_no_more(client_of, cast):
    client = client_of(cast.teacher)
    more = [factories.child(f"何小{word}", cast.chunhe) for word in "一二三四五"]
    for child in more[: looking.LOOKS_A_DAY]:
        assert ask(client, child).status_code == 302
    assert ask(client, cast.jiayi).status_code == 422


def test_a_child_of_ones_own_needs_no_emergency(client_of, cast):
    assert ask(client_of(cast.director), cast.jiayi).url == reverse("desk:child", args=[cast.jiayi.pk])
    assert not Grant.objects.filter(emergency=True).exists()


def test_the_same_tap_twice_is_one_look(client_of, cast):
    client, once = client_of(cast.teacher), "01900000-0000-7000-8000-00000000aa02"
    ask(client, cast.jiayi, once=once)
    ask(client, cast.jiayi, once=once)
    assert Grant.objects.filter(emergency=True).count() == 1


@pytest.mark.parametrize("who", ["volunteer", "system_admin", "security_admin", "audit_admin"])
def test_who_opens_no_files_opens_none_in_an_emergency_either(client_of, cast, who):
    client = client_of(getattr(cast, who))
    assert client.get(EMERGENCY).status_code == 403
    assert ask(client, cast.jiayi).status_code == 403
    assert not Grant.objects.filter(emergency=True).exists()


# ── approval for one child ───────────────────────────────────────────────────────────────────────────────────────────


def approve(client, child, to, **more):
    facts = {"staff": to.pk, "until": "2026-12-24", "why": "下学期转到她班里", **more}
    return client.post(reverse("children:approve", args=[child.pk]), facts)


def test_the_county_lets_somebody_see_one_child_until_a_day(client_of, cast):
    assert not sees(cast.teacher, cast.jiayi)
    assert approve(client_of(cast.county_officer), cast.jiayi, cast.teacher).status_code == 302
    assert sees(cast.teacher, cast.jiayi)
    assert not sees(cast.teacher, cast.mingze)
    with clock.fixed(datetime(2026, 12, 24, 23, 59, tzinfo=clock.SHANGHAI)):
        assert sees(cast.teacher, cast.jiayi)
    with clock.fixed(datetime(2026, 12, 25, 0, 1, tzinfo=clock.SHANGHAI)):
        assert not sees(cast.teacher, cast.jiayi)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"until": "2026-11-01"}, "不能早于"),
        ({"until": "2028-01-01"}, "一次最多批准一年"),
        ({"why": ""}, "请填写"),
        ({"staff": ""}, "请选给谁看"),
    ],
)
def test_approval_says_until_when_and_why(client_of, cast, more, words):
    answer = approve(client_of(cast.county_officer), cast.jiayi, cast.teacher, **more)
    assert answer.status_code == 422
    assert words in text(answer)
    assert not sees(cast.teacher, cast.jiayi)


@pytest.mark.parametrize("who", ["other_director", "volunteer", "county_officer", "suspended"])
def test_it_goes_to_colleagues_of_the_county_who_open_files(client_of, cast, who):
    answer = approve(client_of(cast.county_officer), cast.jiayi, getattr(cast, who))
    assert answer.status_code == 422
    assert "不在可选的人里" in text(answer)


def test_only_the_county_approves_and_only_for_its_own_children(client_of, cast):
    address = reverse("children:approve", args=[cast.jiayi.pk])
    for who, code in (("director", 403), ("supervisor", 403), ("teacher", 403), ("security_admin", 404),
                      ("other_county_officer", 404), ("county_officer", 200)):  # fmt: skip
        assert client_of(getattr(cast, who)).get(address).status_code == code, who


def test_it_is_taken_back_on_the_page_of_approvals(client_of, cast):
    approve(client_of(cast.county_officer), cast.jiayi, cast.teacher)
    grant = Grant.objects.get(reach="child")
    client = client_of(cast.security_admin)
    client.post(reverse("staff:withdraw_grant", args=[grant.pk]), {"why": "不用了", "version": grant.version})
    assert not sees(cast.teacher, cast.jiayi)
