"""The archive and its sections: what it shows, correcting, confirming, opening a new one."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse

from tests import factories
from tests.children.filled import send
from tongxing.base import numbers
from tongxing.base.records import Event, Look
from tongxing.children import actions
from tongxing.children.models import Child, Kin, KinRole
from tongxing.children.queries import search
from tongxing.children.queries.telling import TOLD_A_DAY
from tongxing.staff.models import Classroom

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def read(client, page, /, *args, **query):
    answer = client.get(reverse(page, args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def section_of(child, section):
    return reverse("children:section", args=[child.pk, section])


# ── what it shows ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_section_says_what_is_missing_and_what_it_stands_on(cast, client_of):
    text = read(client_of(cast.director), "children:archive", cast.siyuan.pk)
    assert "990101********" in text
    assert "工作人员填写，11-24 记" in text
    assert "还缺：母亲姓名、母亲电话" in text
    assert text.count("齐了") == 4
    look = Look.objects.get(page="children:archive")
    assert (look.subject_id, look.by_id) == (cast.siyuan.pk, cast.director.pk)


def test_the_full_number_stands_on_no_page_but_the_one_that_corrects_it(cast, client_of):
    number, client = Child.objects.get(pk=cast.siyuan.pk).citizen_number, client_of(cast.director)
    for page in ("children:archive", "desk:child", "children:pair", "children:leave", "children:withdraw"):
        assert number not in read(client, page, cast.siyuan.pk)
    assert number in read(client, "children:section", cast.siyuan.pk, "basic")
    assert Look.objects.filter(page="children:section", subject_id=cast.siyuan.pk).count() == 1


@pytest.mark.parametrize("who", ["teacher", "archivist", "counsellor", "cadre"])
def test_the_level_is_shown_to_those_who_set_it(cast, client_of, who):
    child = cast.zixuan if who == "cadre" else cast.siyuan
    assert "高关注" in read(client_of(cast.director), "children:archive", cast.siyuan.pk)
    text = read(client_of(getattr(cast, who)), "children:archive", child.pk)
    assert "关注" not in re.sub("退出关爱", "", text)


def test_who_may_only_look_finds_nothing_to_change(cast, client_of):
    text = read(client_of(cast.cadre), "children:archive", cast.zixuan.pk)
    assert "核对无误" not in text
    for page in ("section", "pair", "attention", "leave", "move", "withdraw"):
        assert f"/{page}/" not in text
    assert "/archive/basic/" not in text


def test_a_parent_who_must_not_be_contacted_has_no_number_on_the_page(cast, client_of):
    from tongxing.base.records import action

    @action("children.test_situation")
    def situate(*, by, kin):
        kin.situation = "no_contact"
        kin.save()

    situate(by=cast.director, kin=Kin.objects.filter(name="陈志明").first())
    child = KinRole.objects.get(kin__situation="no_contact").child
    text = read(client_of(cast.director), "children:archive", child.pk)
    assert "陈志明（不得联系）" in text
    assert "140 0001 0002" not in text
    assert "还缺：母亲姓名" in text
    assert "父亲电话" not in text.partition("还缺：")[2].partition("</p>")[0]


def test_a_small_child_is_not_missed_at_school(cast, client_of):
    small = factories.child("何小满", cast.chunhe, citizen_number=factories.next_number(date(2023, 5, 1)))
    school = read(client_of(cast.director), "children:archive", small.pk).partition('id="school"')[2]
    assert "齐了" in school.partition("</section>")[0]


# ── confirmed ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_section_not_confirmed_for_half_a_year_shows_its_age(cast, client_of):
    old = factories.child("何小满", cast.chunhe, on=date(2026, 3, 1))
    client = client_of(cast.director)
    assert "8 个月没核实" in read(client, "children:archive", old.pk)
    for section in ("basic", "home", "parents", "carer", "school"):
        assert client.post(reverse("children:confirm", args=[old.pk, section])).status_code == 302
    text = read(client, "children:archive", old.pk)
    assert "没核实" not in text
    assert text.count("11-24 核实") == 5


def test_each_section_is_confirmed_with_a_key_of_its_own(cast, client_of):
    client = client_of(cast.director)
    text = read(client, "children:archive", cast.siyuan.pk)
    keys = re.findall(r'name="once" value="([^"]+)"', text)
    assert len(set(keys)) == 5
    address = reverse("children:confirm", args=[cast.siyuan.pk, "carer"])
    for _tap in range(2):
        assert client.post(address, {"once": keys[0]}).status_code == 302
    assert Event.objects.filter(action="children.confirm_section").count() == 1


def test_who_mends_one_number_has_not_asked_of_the_rest(cast, client_of):
    old = factories.child("何小满", cast.chunhe, on=date(2026, 3, 1), carer_name="何桂香", carer_phone="14000010077")
    client = client_of(cast.director)
    facts = {"carer_name": "何桂香", "carer_relation": "62", "carer_phone": "14000010078", "source": "visit"}
    assert send(client, section_of(old, "carer"), **facts).status_code == 302
    text = re.sub(r"<[^>]+>|\s", "", read(client, "children:card", old.pk))
    assert "何桂香工作人员填写，8个月没核实" in text
    assert "14000010078上门，11-24核实" in text


def test_what_is_no_section_is_not_there(cast, client_of):
    client = client_of(cast.director)
    assert client.post(reverse("children:confirm", args=[cast.siyuan.pk, "secrets"])).status_code == 404
    assert client.get(section_of(cast.siyuan, "secrets")).status_code == 404
    assert client.get(reverse("children:confirm", args=[cast.siyuan.pk, "home"])).status_code == 405


# ── corrected ────────────────────────────────────────────────────────────────────────────────────────────────────────

SECTIONS = {
    "basic": (
        {"name": "陈思源", "sex": "1", "birth_on": "2014-05-06", "accept": "citizen_number:sex_differs"},
        "陈思源",
    ),
    "home": ({"hamlet": "四组", "address": "春和社区四组1号"}, "春和社区四组1号"),
    "parents": ({"father_name": "陈志明", "father_phone": "14000019999", "father_place": "浙江宁波"}, "140 0001 9999"),
    "carer": ({"carer_name": "罗秀兰", "carer_relation": "62", "carer_phone": "14000018888"}, "140 0001 8888"),
    "school": ({"school": "青禾镇中心小学", "class_name": "三(2)班"}, "三(2)班"),
}


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_is_corrected_and_says_where_from(cast, client_of, section):
    facts, word = SECTIONS[section]
    if section == "basic":
        facts = facts | {"citizen_number": Child.objects.get(pk=cast.siyuan.pk).citizen_number}
    client = client_of(cast.director)
    answer = send(client, section_of(cast.siyuan, section), source="visit", **facts)
    assert answer.status_code == 302, re.findall(r'form-error">.*?</svg>([^<]*)', answer.content.decode())
    shown = read(client, "children:archive", cast.siyuan.pk).partition(f'id="{section}"')[2].partition("</section>")[0]
    assert word in shown
    assert "上门" in shown  # beside what was said anew
    assert Event.objects.filter(action="children.correct", subject_id=cast.siyuan.pk).count() == 1


@pytest.mark.parametrize(
    ("section", "wrong", "said"),
    [
        ("basic", {"name": ""}, "没有姓名"),
        ("basic", {"name": "陈思远", "birth_on": "2015-13-05"}, "日期"),
        ("basic", {"name": "陈思远", "citizen_number": "990101201503051211"}, "有一位可能写错了"),
        ("basic", {"name": "陈思远", "citizen_number": "123"}, "18 位"),
        ("basic", {"name": "陈思远", "birth_on": "2000-01-01"}, "已满 18 岁"),
        ("parents", {"father_phone": "140000100"}, "少 2 位"),
        ("parents", {"father_phone": "14000010002"}, "没有写是谁的"),
        ("school", {"school": "没有这个学校", "class_name": ""}, "没有叫这个名字的学校"),
        ("school", {"school": "", "class_name": "三(2)班"}, "也写学校"),
        ("school", {"school": "青禾镇中心小学", "class_name": "三2"}, "三(2)班 吗"),
    ],
)
def test_bad_input_is_said_and_what_was_typed_stays(cast, client_of, section, wrong, said):
    answer = send(client_of(cast.director), section_of(cast.siyuan, section), **wrong)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    for typed in wrong.values():
        assert typed in text
    assert not Event.objects.filter(action="children.correct").exists()


def test_a_class_nobody_has_named_this_year_is_opened_with_its_grade(cast, client_of):
    client, address = client_of(cast.director), section_of(cast.yutong, "school")
    assert send(client, address, school="青禾镇中心小学", class_name="四年级3班").status_code == 302
    opened = Classroom.objects.get(name="四(3)班")
    assert (opened.year, opened.grade, opened.school) == (2026, 4, cast.school)
    assert cast.yutong.schoolings.get().classroom == opened


def test_a_phone_two_siblings_share_is_corrected_for_both_and_finds_both(cast, client_of):
    facts = {"carer_name": "罗秀兰", "carer_relation": "62", "carer_phone": "14000018888"}
    assert send(client_of(cast.director), section_of(cast.siyuan, "carer"), **facts).status_code == 302
    assert {child.name for child in search(cast.director, "14000018888")} == {"陈思远", "陈思雨"}
    assert search(cast.director, "14000010001") == []


def test_a_father_who_is_the_carer_is_not_emptied_by_the_parents_section(cast, client_of):
    alone = factories.child(
        "何小满", cast.chunhe, carer_name="何大勇", carer_relation="51", carer_phone="14000016666"
    )  # fmt: skip
    client, address = client_of(cast.director), section_of(alone, "parents")
    assert 'value="何大勇"' in client.get(address).content.decode()
    kept = {"father_name": "何大勇", "father_phone": "14000016666"}
    assert send(client, address, **kept, mother_name="王芳").status_code == 302
    assert Kin.objects.filter(name="何大勇").count() == 1
    assert search(cast.director, "14000016666")[0].name == "何小满"


def test_another_carer_ends_the_one_before(cast, client_of):
    facts = {"carer_name": "陈国富", "carer_relation": "81", "carer_phone": "14000015555"}
    assert send(client_of(cast.director), section_of(cast.siyuan, "carer"), **facts).status_code == 302
    before, now = cast.siyuan.kin_roles.filter(part="carer").order_by("id")
    assert (before.kin.name, before.to_on) == ("罗秀兰", TODAY)
    assert before.end_why
    assert (now.kin.name, now.to_on) == ("陈国富", None)
    assert cast.siyu.kin_roles.get(part="carer").to_on is None, "the sister's grandmother stays"


# ── opened ───────────────────────────────────────────────────────────────────────────────────────────────────────────

OPEN = "/children/open/"


def opening(cast, **other):
    return {
        "name": "何嘉乐", "sex": "", "citizen_number": numbers.make("990101", date(2017, 6, 30), 7), "hamlet": "塘下组",
        "carer_name": "何大娘", "carer_relation": "62", "carer_phone": "14000017777", "community": cast.chunhe.path,
        "once": str(uuid.uuid4()),
    } | other  # fmt: skip


def test_an_archive_is_opened_and_found(cast, client_of):
    client = client_of(cast.director)
    assert client.post(OPEN, opening(cast)).status_code == 302
    child = Child.objects.get(name="何嘉乐")
    assert (child.birth_on, child.sex, child.hamlet) == (date(2017, 6, 30), "1", "塘下组")
    assert "何嘉乐" in read(client, "children:list", q="hjl")


@pytest.mark.parametrize("relation", ["", "62"])
def test_what_a_carer_is_to_the_child_is_kept_only_where_it_was_told(cast, client_of, relation):
    client = client_of(cast.director)
    assert client.post(OPEN, opening(cast, carer_relation=relation)).status_code == 302
    child = Child.objects.get(name="何嘉乐")
    role = child.kin_roles.get()
    assert (role.relation, role.kin.name) == (relation, "何大娘")
    said = client.get(reverse("desk:child", args=[child.pk])).content.decode() + read(
        client, "children:list", q="何嘉乐"
    )
    assert "何大娘" in said
    assert "其他亲属" not in said
    assert ("奶奶" in said) is bool(relation)


def test_a_double_tap_opens_one_archive_and_leads_to_it(cast, client_of):
    client, form = client_of(cast.director), opening(cast)
    answers = [client.post(OPEN, form) for _ in range(2)]
    child = Child.objects.get(name="何嘉乐")
    assert {answer["Location"] for answer in answers} == {reverse("children:archive", args=[child.pk])}


def test_a_name_can_be_handed_over_from_another_page(cast, client_of):
    assert 'value="何嘉乐"' in read(client_of(cast.director), "children:open", name="何嘉乐", listed=str(uuid.uuid4()))


def test_without_a_number_a_reason_is_asked_and_the_archive_is_valid(cast, client_of):
    client = client_of(cast.director)
    without = opening(cast, citizen_number="", birth_on="2017-06-30")
    answer = client.post(OPEN, without)
    assert answer.status_code == 422
    assert "没有身份证号，请选一个原因" in answer.content.decode()
    assert client.post(OPEN, without | {"number_missing": "not_registered"}).status_code == 302


def test_somebody_who_may_be_the_same_is_named_and_never_blocks(cast, client_of):
    client = client_of(cast.director)
    twin = opening(cast, name="陈思元", citizen_number=numbers.make("990101", date(2014, 5, 6), 301))
    answer = client.post(OPEN, twin)
    assert answer.status_code == 422
    assert "陈思远" in answer.content.decode()
    assert client.post(OPEN, twin | {"accept": "name:twin"}).status_code == 302


def part(client, **typed):
    answer = client.post(OPEN, typed, headers={"HX-Request": "true", "HX-Target": "twins"})
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    return answer.content.decode()


def test_while_typing_the_same_child_is_shown_and_nothing_is_written(cast, client_of):
    client = client_of(cast.director)
    assert "可能已经有这个孩子的档案" in part(client, name="陈思元", birth_on="2014.5.6")
    other_day = part(client, name="陈思元", birth_on="2014.5.7")
    assert "可能已经有" not in other_day
    assert "名字相近的：" in other_day
    assert "陈思远" not in part(client, name="吴小满", birth_on="2014.5.6")
    assert "陈思远" not in part(client_of(cast.other_director), name="陈思远", birth_on="2014.5.6")
    assert Child.objects.filter(name="陈思元").count() == 0


def test_while_typing_a_number_is_read_back_in_groups(cast, client_of):
    client, number = client_of(cast.director), numbers.make("990101", date(2017, 6, 30), 7)
    text = part(client, citizen_number=number)
    assert f"990101 20170630 {number[-4:]}" in text
    assert "出生日期 2017-06-30，男（按身份证号填的）" in text
    assert "有一位可能写错了" not in text
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    doubtful = part(client, citizen_number=wrong)
    assert "有一位可能写错了，请对照证件看一眼" in doubtful
    assert "我改一下" in doubtful
    assert "证件上就是这样，先记下" in doubtful
    assert 'name="accept" value="citizen_number:wrong_check_digit"' in doubtful


def test_a_wrong_check_digit_is_kept_after_one_tap(cast, client_of):
    number = numbers.make("990101", date(2017, 6, 30), 7)
    wrong = opening(cast, citizen_number=number[:-1] + ("0" if number[-1] != "0" else "1"))
    client = client_of(cast.director)
    assert client.post(OPEN, wrong).status_code == 422
    assert client.post(OPEN, wrong | {"accept": "citizen_number:wrong_check_digit"}).status_code == 302


def test_a_number_that_has_an_archive_elsewhere_names_no_child_and_is_a_look(cast, client_of):
    number = Child.objects.get(pk=cast.kexin.pk).citizen_number
    answer = client_of(cast.director).post(OPEN, opening(cast, citizen_number=number, name="王某", sex=""))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "这个号码已有档案，由石桥镇管理" in text
    assert "蒋可欣" not in text
    assert 'value="王某"' in text, "nothing typed is lost"
    assert Look.objects.get(what="children.number_known").subject_id == cast.kexin.pk


def test_a_number_of_ones_own_child_is_named(cast, client_of):
    number = Child.objects.get(pk=cast.zixuan.pk).citizen_number
    answer = client_of(cast.director).post(OPEN, opening(cast, citizen_number=number, name="黄小明", sex=""))
    assert "这个号码已有档案：黄子轩" in answer.content.decode()


def test_the_number_of_another_is_not_taken_by_a_correction(cast, client_of):
    number = Child.objects.get(pk=cast.kexin.pk).citizen_number
    asked = {"name": "刘雨桐", "birth_on": "", "citizen_number": number, "sex": ""}
    answer = send(client_of(cast.director), section_of(cast.yutong, "basic"), **asked)
    assert answer.status_code == 422
    assert "这个号码已有档案，由石桥镇管理" in answer.content.decode()
    assert Child.objects.get(pk=cast.yutong.pk).citizen_number is None


def test_nobody_tries_out_numbers(cast, client_of):
    number, client = Child.objects.get(pk=cast.kexin.pk).citizen_number, client_of(cast.director)
    for _try in range(TOLD_A_DAY):
        assert "由石桥镇管理" in client.post(OPEN, opening(cast, citizen_number=number)).content.decode()
    for asked in (number, numbers.make("990101", date(2017, 6, 30), 9)):
        text = client.post(OPEN, opening(cast, citizen_number=asked)).content.decode()
        assert "今天查到别处有档案的号码太多了" in text, "known or not, the answer is the same"
        assert "石桥镇" not in text
    with factories.clock.fixed(factories.clock.now() + timedelta(hours=25)):
        later = opening(cast, citizen_number=numbers.make("990101", date(2017, 6, 30), 9))
        again = client_of(cast.director)
        assert again.post(OPEN, later).status_code == 302


def test_ones_own_community_only(cast, client_of):
    answer = client_of(cast.director).post(OPEN, opening(cast, community=cast.lingxia.path))
    assert answer.status_code == 422
    assert not Child.objects.filter(name="何嘉乐").exists()


def test_a_child_the_archivist_opens_is_on_the_roll_of_the_school(cast, client_of):
    client = client_of(cast.archivist)
    answer = client.post(OPEN, opening(cast))
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
    assert Child.objects.get(name="何嘉乐").schoolings.get().school == cast.school


@pytest.mark.parametrize("action", ["correct", "open_archive"])
def test_an_archive_already_there_is_an_exception_of_the_action(cast, action):
    number = Child.objects.get(pk=cast.kexin.pk).citizen_number
    facts = {"name": "刘雨桐", "citizen_number": number}
    about = {"child": cast.yutong, "section": "basic"} if action == "correct" else {"community": cast.chunhe}
    with pytest.raises(actions.AlreadyArchived) as known:
        getattr(actions, action)(by=cast.director, facts=facts, on=TODAY, **about)
    assert known.value.child.pk == cast.kexin.pk
