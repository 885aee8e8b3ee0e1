"""What goes on paper: the card for the kitchen wall, small cards to cut out, the sheet of a class.

The first two are seen by anybody who comes into the kitchen: helper, hotline, who comes when; no level, no address, no
employer, and no word for these children. The sheet is the school's own copy with every field of the plan.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists
from django.utils.translation import gettext as _

from tongxing.base.measures import Scope
from tongxing.base.templatetags.look import month_day
from tongxing.base.templatetags.look import phone as spoken
from tongxing.base.words import given_name
from tongxing.care.measures import VISITED
from tongxing.children.models import Child, Pairing, Schooling, on_day
from tongxing.children.queries import archive_of, at_work, card_of, facts_of, siblings_of, work_places
from tongxing.staff.models import Classroom, Organisation

MOST_ON_A_SHEET = 80  # a class is smaller


@dataclass(frozen=True)
class Hotline:
    """Whom to ring: the community's own number, "" where it has not said one."""

    phone: str
    place: str


def hotline_of(child: Child) -> Hotline:
    offices = Organisation.objects.standing().filter(region_id=child.community_id, kind="community").order_by("name")
    office = offices.exclude(phone="").first() or offices.first()
    return Hotline(office.phone if office else "", child.community.name)


def helpers_by_child(children: list[Child], on: date) -> dict:
    """The helper of each who is at work that day: nobody is told to wait for one who has left."""
    rows = Pairing.objects.standing().filter(on_day(on), Exists(at_work(on)), child__in=children)
    rows = rows.select_related("helper")
    return {row.child_id: row.helper.name for row in rows}


def wall_card(child: Child, on: date) -> dict:
    """The facts of the paper form "wall_card", for every child behind the same door."""
    together = [child, *(one for one in siblings_of(child) if one.in_care)]
    helpers = helpers_by_child(together, on)
    names = list(dict.fromkeys(helpers[one.pk] for one in together if one.pk in helpers))
    duties = VISITED.rows(
        Scope(child.community_id), on, states=("met", "gap", "unknown"), subjects=[one.pk for one in together]
    )
    days = [duty.due_on for duty in duties if duty.due_on]
    hotline = hotline_of(child)
    if days:
        comes = _("%(day)s前") % {"day": month_day(min(days))} if min(days) > on else _("这几天")
    else:
        comes = _("来之前先打电话")
    return {
        "ask": _("有事，打这个电话"),
        "hotline": spoken(hotline.phone) or "________________",
        "has_hotline": bool(hotline.phone),
        "hours": _("白天都有人接"),
        "who_with": _("陪%(names)s的人") % {"names": _("、").join(given_name(one.name) for one in together)},
        "helper": _("、").join(names) or _("社区儿童主任"),
        "rows": [
            [_("谁来看"), _("、").join(names) or _("社区儿童主任")],
            [_("下一次"), comes],
            [_("着急的事"), _("先打 110")],
        ],
        "printed": _("印制 %(day)s · 有变化请撕旧换新") % {"day": on.isoformat()},
        "place": hotline.place,
    }


def classes_of(staff, on: date) -> list[tuple[Classroom, int]]:
    """Classes with children this person may see, and how many: [(class, children)]."""
    visible = Child.objects.visible_to(staff).filter(in_care=True)
    rolls = Schooling.objects.standing().filter(on_day(on), child__in=visible, classroom__isnull=False)
    counts = dict(rolls.order_by().values_list("classroom").annotate(count=Count("child")))
    rooms = Classroom.objects.filter(pk__in=counts).select_related("school").order_by("school__name", "grade", "name")
    return [(room, counts[room.pk]) for room in rooms[:200]]


def children_in(classroom: Classroom, staff, on: date) -> list[Child]:
    """The children of a class this person may see, in the order of their names."""
    rolls = Schooling.objects.standing().filter(on_day(on), classroom=classroom)
    visible = Child.objects.visible_to(staff).filter(in_care=True, pk__in=rolls.values("child_id"))
    return list(visible.select_related("community", "household").by_name()[:MOST_ON_A_SHEET])


def small_cards(children: list[Child], classroom: Classroom, on: date) -> list[dict]:
    """The facts of the paper form "cards_eight"."""
    helpers, hotlines = helpers_by_child(children, on), {}
    found = []
    for child in children:
        hotline = hotlines.setdefault(child.community_id, None) or hotline_of(child)
        hotlines[child.community_id] = hotline
        found.append(
            {
                "name": child.name,
                "under": f"{classroom.school.name} {classroom.name}",
                "with": _("陪伴我的人"),
                "helper": helpers.get(child.pk) or _("社区儿童主任"),
                "ask": _("有事打亲情电话"),
                "hotline": spoken(hotline.phone) or "______________",
                "foot": _("印制 %(day)s · 有变化请撕旧换新") % {"day": on.isoformat()},
                "place": hotline.place,
            }
        )
    return found


def class_sheet(children: list[Child], classroom: Classroom, on: date) -> dict:
    """The facts of the paper form "class_sheet": one row a child, the plan's fields in the plan's order."""
    rows = []
    for number, child in enumerate(children, start=1):
        whole = archive_of(child, on)
        facts = facts_of(whole, work_places([role.kin_id for role in whole.roles], on))
        groups = [entries for _title, entries in card_of(whole, facts, on).groups]
        rows.append([str(number), *("\n".join(_line(one) for one in entries) for entries in groups)])
    heads = [_("序号"), _("学生"), _("家长"), _("家里"), _("家长单位"), _("监护人或受委托的人")]
    return {
        "title": _("联系卡"),
        "under": f"{classroom.school.name} {classroom.name}",
        "printed": _("印制 %(day)s · 只存学校") % {"day": on.isoformat()},
        "heads": heads,
        "rows": rows,
    }


def _line(entry) -> str:
    value = entry.value or (f"（{entry.why_not}）" if entry.why_not else "________")
    return f"{entry.label}{_('：')}{value}"
