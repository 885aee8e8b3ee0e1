"""People and children for tests, made through actions only, so that each has the trace it would have in life.

    cast = factories.cast()
    factories.child("何小满", cast.chunhe, carer_name="何奶奶")
    factories.staff("cadre", cast.office)
    factories.visit(cast.siyuan, by=cast.director)

Everybody is invented: citizen numbers begin with 990101, phones with 140.
"""

from copy import deepcopy
from datetime import date
from itertools import count
from types import SimpleNamespace

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import AutoField

from tongxing.base import bulk, clock, numbers
from tongxing.base.records import SYSTEM
from tongxing.care.actions import record_visit
from tongxing.children import actions as children
from tongxing.children.models import Child
from tongxing.plans import actions as planning
from tongxing.plans import reading
from tongxing.staff import actions as staffing
from tongxing.staff.models import Organisation, Region, Staff

PASSWORD = "qinghe-2026-tongxing"  # everybody's own, chosen already: no page asks them to change it
SINCE = date(2026, 1, 5)  # posts begin; approval to look lasts a year from here
OPENED = date(2026, 9, 7)  # archives are opened
PLACES = (
    ("99", "云岭省"),
    ("9901", "云岭市"),
    ("990101", "梅源县"),
    ("990101100", "青禾镇"),
    ("990101100001", "春和社区"),
    ("990101100002", "岭下社区"),
    ("990102", "松江县"),
    ("990102100", "石桥镇"),
    ("990102100001", "渡口社区"),
)
_serial = count(1)


def next_phone() -> str:
    """A phone nobody else in this test run has."""
    return f"140{next(_serial):08d}"


def next_number(born: date = date(2016, 3, 8), *, boy: bool = False) -> str:
    """A citizen number nobody else in this test run has; the day of birth moves on when a day is used up."""
    serial = next(_serial)
    return numbers.make("990101", date.fromordinal(born.toordinal() + serial // 400), 2 * (serial % 400) + 100 + boy)


# ── one at a time ───────────────────────────────────────────────────────────────────────────────────────────────────


def staff(
    role: str,
    organisation: Organisation,
    *,
    name="工作人员",
    login="",
    classroom=None,
    from_on=SINCE,
    own_password=True,
) -> Staff:
    """A person with one post, who has chosen PASSWORD; `own_password=False`: who must still choose one."""
    post = staffing.appoint(
        by=SYSTEM, role=role, organisation=organisation, from_on=from_on, classroom=classroom,
        login=login or f"{role}{next(_serial)}", name=name, phone=next_phone(), password=f"first-{PASSWORD}",
    )  # fmt: skip
    if own_password:
        staffing.set_password(by=post.staff, staff=post.staff, password=PASSWORD, own=True)
    return fresh(post.staff)


def fresh(record):
    """The same row as a new request reads it: nothing remembered from before."""
    return type(record).objects.get(pk=record.pk)


def child(
    name: str, community: Region, *, by=SYSTEM, on=OPENED, classroom=None, helper=None, level: str = "", **facts
) -> Child:
    """A child with an archive; facts are those of `children.rules.FIELDS`.

    A citizen number is made unless one is given, None for a child without. `helper` and `level` hold from the same day.
    """
    if "citizen_number" not in facts:
        facts["citizen_number"] = next_number()
    if not facts["citizen_number"]:
        facts = {"number_missing": "not_registered", "birth_on": date(2016, 3, 8)} | facts
    made = children.open_archive(
        by=by, facts={"name": name, **facts}, community=community, on=on, classroom=classroom,
        school=classroom.school if classroom else None,
    )  # fmt: skip
    if helper:
        children.pair(by=by, child=made, helper=helper, on=on)
    if level:
        children.change_attention(by=by, child=made, level=level, on=on, reason="建档评估")
    return fresh(made)


def visit(*visited: Child, by: Staff, on: date | None = None, **facts):
    """One visit to these children of one door; all of them seen unless `seen` says otherwise. Answers their Visits."""
    facts = {"saw_carer": True, "living": "normal", "tell_home": "no", "words": "在家写作业"} | facts
    return record_visit(by=by, children=list(visited), visited_on=on or clock.today(), **facts)


PLAN = """春和社区2026年关爱留守儿童工作计划
一、工作目标
1、留守儿童建档率达到100%。
2、入学率达到100%。
3、每个孩子都有一位大人同他一对一结对，结对率95%以上。
二、工作措施
1、定期走访
结对的人按关注等级上门走访，每次都要见到孩子。由李春梅负责，12月底前完成。
2、经常谈心。
3、给亲情小屋换一盏灯。
"""


def plan(region: Region, *, by: Staff, text: str = PLAN, on: date | None = None, started: bool = True):
    """A written plan of this place, read and, unless told otherwise, started as it was read."""
    on, content = on or clock.today(), text.encode()
    (made,) = planning.bring(by=by, content=content, name="计划.txt", region=region, plans=reading.read(content), on=on)
    if started:
        facts = {name: getattr(made, name) for name in ("title", "year", "from_on", "to_on")}
        made = planning.start(by=by, plan=made, on=on, **facts)
    return fresh(made)


# ── the cast ────────────────────────────────────────────────────────────────────────────────────────────────────────


def cast() -> SimpleNamespace:
    """Two counties with their people and children, by name. See `_people` and `_children` for who knows whom.

    Made through actions once in a test run; later the same rows are put back, which takes a tenth of the time.
    """
    # Sealed with a key ring and dated by a clock: what was made under others is of no use to this test.
    under = (clock.now(), *(settings.RING.current(ring) for ring in ("seal", "blind", "trace")))
    if under in _kept:
        made, rows = _kept[under]
        with transaction.atomic():
            for model, names, values in rows:
                bulk.insert_stored(model, names, values)
        return deepcopy(made)
    nothing_before = not _rows()
    cast = SimpleNamespace(password=PASSWORD)
    _places(cast)
    _people(cast)
    _children(cast)
    if nothing_before:
        _kept[under] = deepcopy(cast), _rows()
    return cast


_kept: dict = {}


def _rows() -> list[tuple]:
    """All rows of our rooms as the database holds them, without the ids that it gives itself."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("tongxing.")]
    found = []
    for model in ours:
        names = [field.attname for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
        if rows := list(model._base_manager.values_list(*names)):
            found.append((model, names, rows))
    return found


def _places(cast):
    cast.regions = {path: staffing.open_region(by=SYSTEM, code=path, name=name, year=2023) for path, name in PLACES}
    cast.county, cast.township = cast.regions["990101"], cast.regions["990101100"]
    cast.chunhe, cast.lingxia = cast.regions["990101100001"], cast.regions["990101100002"]
    cast.other_county, cast.dukou = cast.regions["990102"], cast.regions["990102100001"]

    def office(name, kind, region):
        return staffing.open_organisation(by=SYSTEM, name=name, kind=kind, region=region)

    cast.office = office("春和社区居委会", "community", cast.chunhe)
    cast.lingxia_office = office("岭下社区居委会", "community", cast.lingxia)
    cast.dukou_office = office("渡口社区居委会", "community", cast.dukou)
    cast.township_office = office("青禾镇人民政府", "township", cast.township)
    cast.county_office = office("梅源县民政局", "county", cast.county)
    cast.other_county_office = office("松江县民政局", "county", cast.other_county)
    cast.school = office("青禾镇中心小学", "school", cast.township)
    cast.class_3_2 = staffing.open_classroom(by=SYSTEM, school=cast.school, year=2026, grade=3, name="三(2)班")
    cast.class_6_1 = staffing.open_classroom(by=SYSTEM, school=cast.school, year=2026, grade=6, name="六(1)班")


def _people(cast):
    cast.director = staff("director", cast.office, name="李春梅", login="lichunmei")
    cast.director2 = staff("director", cast.lingxia_office, name="张桂芳", login="zhangguifang")
    cast.other_director = staff("director", cast.dukou_office, name="方秀英", login="fangxiuying")
    cast.cadre = staff("cadre", cast.office, name="陈国强", login="chenguoqiang")
    cast.volunteer = staff("volunteer", cast.office, name="林小北", login="linxiaobei")
    cast.teacher = staff("teacher", cast.school, name="赵晓琳", login="zhaoxiaolin", classroom=cast.class_6_1)
    cast.archivist = staff("archivist", cast.school, name="孙文斌", login="sunwenbin")
    cast.counsellor = staff("counsellor", cast.school, name="何静", login="hejing")
    cast.supervisor = staff("supervisor", cast.township_office, name="周建国", login="zhoujianguo")
    cast.county_officer = staff("county", cast.county_office, name="王敏", login="wangmin")
    cast.other_county_officer = staff("county", cast.other_county_office, name="唐立新", login="tanglixin")
    cast.system_admin = staff("system_admin", cast.county_office, name="系统管理员", login="system")
    cast.security_admin = staff("security_admin", cast.county_office, name="安全管理员", login="security")
    cast.audit_admin = staff("audit_admin", cast.county_office, name="审计管理员", login="audit")
    cast.suspended = staff("director", cast.office, name="钱进", login="qianjin", from_on=date(2026, 2, 2))
    staffing.suspend(by=SYSTEM, staff=cast.suspended, on=date(2026, 10, 8), why="调离")
    cast.suspended = fresh(cast.suspended)


def _children(cast):
    carer = {"carer_name": "罗秀兰", "carer_relation": "62", "carer_phone": "14000010001", "carer_health": "腿脚不便"}
    home = {"hamlet": "三组", "address": "春和社区三组12号"}
    parents = {"father_name": "陈志明", "father_phone": "14000010002", "father_place": "广东东莞"}
    cast.siyuan = child(
        "陈思远", cast.chunhe, classroom=cast.class_6_1, level="high",
        citizen_number=numbers.make("990101", date(2014, 5, 6), 101), **home, **carer, **parents,
    )  # fmt: skip
    cast.siyu = child(  # his sister behind the same door, with the same grandmother
        "陈思雨", cast.chunhe, classroom=cast.class_3_2,
        citizen_number=numbers.make("990101", date(2017, 9, 12), 102), **home, **carer, **parents,
    )  # fmt: skip
    cast.zixuan = child(
        "黄子轩", cast.chunhe, classroom=cast.class_6_1, level="middle", helper=cast.cadre, hamlet="一组",
        citizen_number=numbers.make("990101", date(2014, 11, 20), 103),
        carer_name="黄德福", carer_relation="61", carer_phone="14000010003",
    )  # fmt: skip
    cast.jiayi = child(
        "吴佳怡", cast.chunhe, classroom=cast.class_3_2, level="low", helper=cast.volunteer, hamlet="二组",
        citizen_number=numbers.make("990101", date(2017, 2, 3), 104),
        carer_name="吴玉兰", carer_relation="64", carer_phone="14000010004", mother_name="吴小红",
    )  # fmt: skip
    cast.yutong = child("刘雨桐", cast.chunhe, citizen_number=None, hamlet="二组")  # not registered, no school, nobody
    cast.mingze = child(
        "郑明泽", cast.lingxia, classroom=cast.class_3_2, hamlet="五组",
        citizen_number=numbers.make("990101", date(2017, 6, 1), 105),
        carer_name="郑有根", carer_relation="61", carer_phone="14000010005",
    )  # fmt: skip
    cast.kexin = child(  # the other county's
        "蒋可欣", cast.dukou, hamlet="七组", citizen_number=numbers.make("990101", date(2015, 4, 18), 106),
        carer_name="蒋大妈", carer_relation="62", carer_phone="14000010006", level="middle",
    )  # fmt: skip
    cast.children = [cast.siyuan, cast.siyu, cast.zixuan, cast.jiayi, cast.yutong, cast.mingze, cast.kexin]
