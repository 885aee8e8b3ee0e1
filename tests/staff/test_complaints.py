"""Complaint and suggestion: anybody writes, those of the place answer, the code opens the answer."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from tests.factories import fresh
from tongxing.base import clock
from tongxing.base.records import SYSTEM, Event
from tongxing.staff import actions
from tongxing.staff.models import Complaint, Knock
from tongxing.staff.rules import FLOOD, KNOCKS

WORDS = "周三下午来得太晚，孩子已经睡了"


def write(client, **more):
    return client.post(reverse("staff:complain"), {"kind": "complaint", "words": WORDS, **more})


def text(answer) -> str:
    return answer.content.decode()


def told(answer) -> tuple[str, str]:
    """Number and code as the page shows them."""
    number, code = re.findall(r'<b class="code">([^<]+)</b>', text(answer))
    return number, code


def ask(client, number, code):
    return client.post(reverse("staff:case"), {"number": number, "code": code})


def test_somebody_outside_writes_and_reads_the_answer_with_number_and_code(client, client_of, cast):
    number, code = told(write(client, place="春和社区", contact="14000030001"))
    assert "还没有回复" in text(ask(client, number.lower(), code.upper().replace("-", " ")))
    one = Complaint.objects.get(number=number)
    assert one.sent_by_id is None
    assert one.region == cast.chunhe.path
    county = client_of(cast.county_officer)
    page = text(county.get(reverse("staff:complaints")))
    assert number in page
    address = reverse("staff:complaint", args=[one.pk])
    assert "14000030001" in text(county.get(address))
    assert county.post(address, {"answer": "以后改到放学前", "version": one.version}).status_code == 302
    assert "以后改到放学前" in text(ask(client, number, code))


def test_neither_a_guessed_code_nor_another_number_opens_anything(client, cast):
    number, code = told(write(client))
    other, other_code = told(write(client, words="另外一件事"))
    for one, with_code in ((number, other_code), (other, code), (number, "aaaa-aaaa"), ("000000-AAAA", code)):
        answer = ask(client, one, with_code)
        assert answer.status_code == 422
        assert "编号或查询码不对" in text(answer)
        assert WORDS not in text(answer)


def test_guessing_codes_closes_the_door_for_this_address_alone(client, cast):
    number, code = told(write(client))
    for _time in range(KNOCKS["case"]):
        ask(client, number, "wrong")
    assert ask(client, number, code).status_code == 429
    elsewhere = client.post(reverse("staff:case"), {"number": number, "code": code}, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 200


def test_one_address_writes_so_many_in_an_hour_and_then_waits(client, cast):
    for at in range(KNOCKS["complaint"]):
        assert write(client, words=f"第 {at} 件事").status_code == 200
    closed = write(client, words="再来一件")
    assert closed.status_code == 429
    assert "请 60 分钟后再来" in text(closed)
    assert "再来一件" in text(closed)
    assert Complaint.objects.count() == KNOCKS["complaint"]
    with clock.fixed(clock.now() + timedelta(hours=1)):
        assert write(client, words="再来一件").status_code == 200


def test_a_flood_from_many_addresses_is_stopped_as_well(client, cast):
    for at in range(FLOOD):
        actions.complain(by=SYSTEM, kind="complaint", words=f"第 {at} 件")
    closed = write(client)
    assert closed.status_code == 429
    assert "请过一小时再写" in text(closed)
    assert actions.complain(by=cast.teacher, kind="suggestion", words="我们还能写")


def test_the_same_tap_twice_is_one_complaint_with_one_code(client, cast):
    once = "01900000-0000-7000-8000-00000000aa01"
    first, second = told(write(client, once=once)), told(write(client, once=once))
    assert first == second
    assert Complaint.objects.count() == 1


def test_what_was_said_is_sealed_and_not_in_the_trace(client, cast):
    from django.db import connection

    write(client, contact="14000030001")
    with connection.cursor() as cursor:
        cursor.execute("SELECT words, contact FROM staff_complaint")
        stored = " ".join(map(str, cursor.fetchone()))
    assert WORDS not in stored
    assert "14000030001" not in stored
    event = Event.objects.get(action="staff.complain")
    assert "words" in next(iter(event.facts.values()))
    assert not any("words" in kept for kept in event.held.values())


def test_an_empty_one_says_so_and_keeps_the_rest(client, cast):
    answer = client.post(reverse("staff:complain"), {"kind": "complaint", "words": " ", "contact": "门口小卖部"})
    assert answer.status_code == 422
    assert "请写几句" in text(answer)
    assert "门口小卖部" in text(answer)


def test_who_is_signed_in_finds_the_answer_without_a_code(client_of, cast):
    client = client_of(cast.director)
    write(client)
    one = Complaint.objects.get()
    assert (one.sent_by_id, one.region) == (cast.director.pk, cast.chunhe.path)
    actions.answer_complaint(by=cast.county_officer, complaint=one, answer="知道了，这周就改")
    assert "知道了，这周就改" in text(client.get(reverse("staff:complain")))
    assert "知道了" not in text(client_of(cast.teacher).get(reverse("staff:complain")))


def test_it_says_on_which_page_it_was_written_but_not_about_whom(client_of, cast):
    client = client_of(cast.director)
    address = reverse("desk:child", args=[cast.siyuan.pk])
    page = text(client.get(reverse("staff:complain"), {"from": address}))
    assert 'value="desk:child"' in page
    assert str(cast.siyuan.pk) not in page


@pytest.mark.parametrize("who", ["director", "supervisor", "security_admin", "audit_admin", "teacher"])
def test_others_neither_read_nor_answer(client, client_of, cast, who):
    write(client, place="春和社区")
    one = Complaint.objects.get()
    person = client_of(getattr(cast, who))
    assert person.get(reverse("staff:complaints")).status_code == 403
    assert person.get(reverse("staff:complaint", args=[one.pk])).status_code == 403


def test_the_other_county_does_not_see_it(client, client_of, cast):
    write(client, place="春和社区")
    one = Complaint.objects.get()
    other = client_of(cast.other_county_officer)
    assert one.number not in text(other.get(reverse("staff:complaints")))
    assert other.get(reverse("staff:complaint", args=[one.pk])).status_code == 404


def test_a_complaint_of_no_place_waits_for_the_system_administrator(client, client_of, cast):
    write(client, place="说不清在哪")
    one = Complaint.objects.get()
    assert one.region == ""
    assert one.number in text(client_of(cast.system_admin).get(reverse("staff:complaints")))
    assert one.number not in text(client_of(cast.county_officer).get(reverse("staff:complaints")))


def test_two_answers_at_once_show_both(client, client_of, cast):
    write(client, place="春和社区")
    one = Complaint.objects.get()
    actions.answer_complaint(by=cast.system_admin, complaint=fresh(one), answer="系统管理员写的")
    late = client_of(cast.county_officer).post(
        reverse("staff:complaint", args=[one.pk]), {"answer": "县里写的", "version": one.version}
    )
    assert late.status_code == 409
    assert "系统管理员写的" in text(late)
    assert "县里写的" in text(late)


def test_the_list_asks_as_often_for_fifty_as_for_one(client_of, cast):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for many in (1, 29):
        for at in range(many):
            actions.complain(by=SYSTEM, kind="complaint", words=f"{many} 里的第 {at} 件", place="春和社区")
        client = client_of(cast.county_officer)
        client.get(reverse("staff:complaints"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("staff:complaints"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_every_page_leads_there_an_error_page_too(client, client_of, cast):
    for page in (client.get("/staff/sign-in/"), client_of(cast.director).get("/"), client.get("/nothing-of-the-kind/")):
        assert reverse("staff:complain") in text(page)


def test_old_knocks_are_forgotten(client, cast):
    write(client)
    with clock.fixed(clock.now() + timedelta(hours=25)):
        write(client)
    assert Knock.objects.count() == 1
