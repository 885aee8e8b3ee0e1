"""The everyday jobs by real taps and keys, counted from 今日, each within its target."""

from datetime import date

import pytest
from django.urls import reverse

from tests import factories
from tests.browser import page_is_sound
from tests.stories.taps import Hands
from tongxing.base import numbers
from tongxing.base.measures import Scope
from tongxing.care.models import Visit
from tongxing.children import actions
from tongxing.children.measures import NUMBER
from tongxing.children.models import Child
from tongxing.rosters.measures import ARCHIVED

pytestmark = [pytest.mark.slow, pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]
TODAY = date(2026, 11, 24)
NUMBER_OF_JIALE = "990101201706300075"


@pytest.fixture
def director(cast, sign_in):
    """director(page) are the hands of the child director, on 今日."""

    def begin(page) -> Hands:
        hands = Hands(page)
        sign_in(page, cast.director)
        hands.begin()
        return hands

    return begin


def test_finding_a_child_and_ringing_takes_three_taps_and_three_letters(cast, phone, director):
    hands = director(phone)
    hands.tap(phone.get_by_role("link", name="查找"))
    hands.type("hzx")
    ring = phone.get_by_role("link", name="打给黄子轩的爷爷 黄德福")
    ring.wait_for()
    page_is_sound(phone)
    assert ring.get_attribute("href") == "tel:14000010003"
    assert hands.taps + 1 <= 3
    assert hands.letters <= 3


def test_what_is_due_is_seen_without_a_tap_and_begun_with_one(cast, phone, director):
    hands = director(phone)
    first = phone.locator(".duty").first
    assert "陈思远" in first.inner_text()
    assert "还没有人上门见过" in first.inner_text()
    assert hands.taps == 0
    hands.tap(first)
    phone.wait_for_url("**/care/visits/new/**")
    assert hands.taps == 1


def test_a_visit_is_recorded_with_eight_taps_and_the_next_thing_of_the_household_is_offered(cast, phone, director):
    hands = director(phone)
    hands.tap(phone.locator(".duty").first)
    phone.wait_for_url("**/care/visits/new/**")
    hands.tell_of_a_visit()
    phone.get_by_text("记好了：陈思远、陈思雨 的走访").wait_for()
    assert Visit.objects.filter(visited_on=TODAY, saw_child=True).count() == 2
    assert hands.taps <= 8
    offered = phone.get_by_role("region", name="同一户还有")
    assert "陈思雨" in offered.inner_text()
    assert "补资料" in offered.inner_text()
    page_is_sound(phone)


def test_a_phone_number_is_changed_with_three_taps_and_its_digits(cast, phone, director):
    hands = director(phone)
    hands.tap(phone.get_by_role("link", name="查找"))
    hands.type("hzx")
    hands.tap(phone.get_by_role("link", name="改黄子轩照护人的电话"))
    phone.wait_for_url("**/archive/carer/**")
    hands.type("14000019999")
    hands.tap(phone.get_by_role("button", name="保存本节"))
    phone.get_by_text("存好了：照护人").wait_for()
    assert hands.taps <= 3
    assert hands.letters - 3 == 11, "three letters to find the child, then the digits alone"
    kin = Child.objects.get(pk=cast.zixuan.pk).kin_roles.get(relation="61").kin
    assert kin.phone == "14000019999"


def test_beside_a_number_on_the_childs_page_one_tap_leads_to_it(cast, phone, director):
    hands = director(phone)
    phone.goto(reverse("desk:child", args=[cast.siyuan.pk]))
    page_is_sound(phone)
    hands.begin()
    hands.tap(phone.get_by_role("link", name="改爸爸 陈志明 的电话"))
    phone.wait_for_url("**/archive/parents/**")
    hands.type("14000018888")
    hands.tap(phone.get_by_role("button", name="保存本节"))
    phone.get_by_text("存好了：父母与务工").wait_for()
    assert hands.taps <= 3
    assert cast.siyuan.kin_roles.get(relation="51").kin.phone == "14000018888"


def test_what_a_card_lacks_is_filled_from_today_with_two_taps(cast, phone, director):
    hands = director(phone)
    phone.goto("/?all=1")
    hands.begin()
    hands.tap(phone.locator(".duty", has_text="缺 妈妈姓名").first)
    phone.wait_for_url("**/archive/parents/**")
    assert phone.evaluate("() => document.activeElement.id") == "id_mother_name"
    hands.type("王小燕")
    hands.tap(phone.get_by_role("button", name="保存本节"))
    phone.get_by_text("存好了：父母与务工").wait_for()
    assert hands.taps == 2


def fill_in(hands, page, label, text):
    hands.tap(page.get_by_label(label))
    hands.type(text)


def test_a_child_is_registered_with_six_fields(cast, phone, director):
    """J2 in its plain course: searched for first, then six fields and not one more."""
    hands = director(phone)
    hands.tap(phone.get_by_role("link", name="孩子", exact=True))
    hands.tap(phone.get_by_role("link", name="建档"))
    phone.get_by_role("heading", name="先找一找").wait_for()
    page_is_sound(phone)
    phone.get_by_label("要建档的孩子").focus()  # the walk over the page has taken it away
    hands.type("何嘉乐")
    hands.press("Enter")
    hands.tap(phone.get_by_role("link", name="建一份新的"))
    assert phone.get_by_label("姓名", exact=True).input_value() == "何嘉乐"
    fill_in(hands, phone, "身份证号", NUMBER_OF_JIALE)
    fill_in(hands, phone, "村民小组", "塘下组")
    phone.get_by_text("出生日期 2017-06-30，男（按身份证号填的）").wait_for()
    page_is_sound(phone)
    fill_in(hands, phone, "照护人姓名", "罗大妈")
    phone.get_by_label("与孩子关系").focus()
    hands.type("n")
    phone.get_by_label("与孩子关系").select_option("62")
    fill_in(hands, phone, "照护人电话", "14000017777")
    hands.tap(phone.get_by_role("button", name="建档"))
    phone.get_by_text("建好了：何嘉乐 的档案").wait_for()
    fields = {name.replace("q", "name") for name in hands.typed} | {"carer_relation"}
    assert fields == {"name", "citizen_number", "hamlet", "carer_name", "carer_relation", "carer_phone"}
    child = Child.objects.get(name="何嘉乐")
    assert (child.birth_on, child.sex) == (date(2017, 6, 30), "1")


def test_a_wrong_a_missing_and_a_foreign_number(cast, phone, director):
    """J2 to the letter: asked, never told which digit; kept; filled in; missing with a reason; known elsewhere."""
    phone.watch.allowed.append("422")
    hands = director(phone)
    phone.goto("/children/open/?name=何嘉乐")

    # a wrong digit is asked about when the field is left, in groups, with two answers
    fill_in(hands, phone, "身份证号", NUMBER_OF_JIALE[:-1] + "6")
    hands.press("Tab")
    phone.get_by_text("有一位可能写错了，请对照证件看一眼").wait_for()
    told = phone.inner_text("#twins")
    assert "990101 20170630 0076" in told
    assert "出生日期 2017-06-30，男" in told
    page_is_sound(phone)
    hands.tap(phone.get_by_role("link", name="我改一下"))
    assert phone.evaluate("() => document.activeElement.id") == "id_citizen_number"

    # the right one fills birth date and sex, and says where from
    hands.type(NUMBER_OF_JIALE)
    hands.press("Tab")
    phone.get_by_text("990101 20170630 0075").wait_for()
    assert "有一位可能写错了" not in phone.inner_text("#twins")
    assert "出生日期 2017-06-30，男（按身份证号填的）" in phone.inner_text("#twins")

    # the wrong one again: as on the paper, one tap, and saving is not blocked
    wrong = phone.get_by_label("身份证号")
    hands.tap(wrong)
    hands.press("Control+a")
    hands.type(NUMBER_OF_JIALE[:-1] + "6")
    hands.press("Tab")
    hands.tap(phone.get_by_text("证件上就是这样，先记下"))
    hands.tap(phone.get_by_role("button", name="建档"))
    phone.get_by_text("建好了：何嘉乐 的档案").wait_for()
    assert "990101********0076" in phone.inner_text("#basic")
    assert NUMBER_OF_JIALE[:-1] + "6" not in phone.content()

    # no number yet: a reason, the archive is valid, a task is made, the gap list shows the child
    before = ARCHIVED.figure(Scope(cast.chunhe.path), TODAY)
    phone.goto("/children/open/?name=丁小满")
    hands.tap(phone.get_by_text("还没有身份证号"))
    hands.tap(phone.get_by_text("未上户口", exact=True))
    fill_in(hands, phone, "出生日期", "2017.6.30")
    hands.tap(phone.get_by_role("button", name="建档"))
    phone.get_by_text("建好了：丁小满 的档案").wait_for()
    after = ARCHIVED.figure(Scope(cast.chunhe.path), TODAY)
    assert (after.n, after.N) == (before.n + 1, before.N + 1)
    assert "丁小满" in {duty.subject_name for duty in NUMBER.rows(Scope(cast.chunhe.path), TODAY)}
    phone.goto("/?all=1")
    task = phone.locator(".duty", has_text="丁小满").filter(has_text="落户口")
    assert "没有身份证号：未上户口" in task.inner_text()

    # a number of another county: where, whom to ring, and nothing else
    other = Child.objects.get(pk=cast.kexin.pk)
    phone.goto("/children/open/?name=王小二")
    fill_in(hands, phone, "身份证号", other.citizen_number)
    hands.tap(phone.get_by_role("button", name="建档"))
    phone.get_by_text("这个号码已有档案，由石桥镇管理").first.wait_for()
    assert phone.get_by_text("联系对方").is_visible()
    for secret in (other.name, "七组", "蒋大妈"):
        assert secret not in phone.content()
    assert phone.get_by_label("姓名", exact=True).input_value() == "王小二"
    page_is_sound(phone)


def test_everything_down_to_the_helper_stands_on_the_first_screen(cast, phone, director):
    """At 375 px: who cares, whom to ring, what is due, who walks with the child, without scrolling."""
    director(phone)
    actions.pair(by=cast.director, child=factories.fresh(cast.siyuan), helper=cast.cadre, on=TODAY)
    phone.goto(reverse("desk:child", args=[cast.siyuan.pk]))
    paired = phone.get_by_text("陈国强").first.bounding_box()
    assert paired["y"] + paired["height"] <= 812 - 72, "above the button at the bottom"


def test_the_slash_leads_to_the_search_box(cast, desktop, director):
    hands = director(desktop)
    hands.press("/")
    hands.type("csy")
    hands.press("Enter")
    desktop.get_by_role("link", name="陈思远").first.wait_for()
    assert hands.taps == 0


def test_the_number_made_for_these_stories_is_a_right_one():
    assert numbers.check_digit(NUMBER_OF_JIALE[:17]) == NUMBER_OF_JIALE[17]
