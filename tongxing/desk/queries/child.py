"""A child's own page: the time line gathered from the rooms, and whom one can ring."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from tongxing.base import clock
from tongxing.base.templatetags.look import age
from tongxing.care.queries import visits_to
from tongxing.children.choices import KinPart, Relation, Situation
from tongxing.children.models import Child
from tongxing.children.queries import carer_among, place_to_fill
from tongxing.children.queries.cards import age_words, ground_on_card
from tongxing.children.rules import boards_tonight, is_stale


@dataclass(frozen=True)
class Moment:
    """One line of a child's time line."""

    on: date
    icon: str
    what: str
    who: str
    words: str = ""
    note: str = ""
    url: str = ""
    late: bool = False
    withdrawn: str = ""


def time_line(child: Child, staff, *, limit: int = 50) -> list[Moment]:
    """What happened with a child, newest first. Attention and secrets are not in it."""
    found = [
        Moment(
            on=visit.visited_on,
            icon="visit",
            what=_("走访"),
            who=visit.visitor.name,
            words=visit.words or "",
            note=_signs(visit),
            late=visit.is_late_entry,
            withdrawn=visit.withdrawn_why if visit.withdrawn_at else "",
            url=str(visit.pk) if visit.visitor_id == staff.pk and not visit.withdrawn_at else "",
        )
        for visit in visits_to(child)[:limit]
    ]
    for pairing in child.pairings.standing().select_related("helper"):
        found.append(Moment(on=pairing.from_on, icon="children", what=_("结对"), who=pairing.helper.name))
        if pairing.to_on:
            found.append(
                Moment(
                    on=pairing.to_on, icon="children", what=_("结对结束"), who=pairing.helper.name, note=pairing.end_why
                )
            )
    for episode in child.episodes.standing().select_related("community"):
        found.append(
            Moment(
                on=episode.from_on,
                icon="card",
                what=_("由%(place)s照看") % {"place": episode.community.name},
                who="",
                note=episode.why_in,
            )
        )
        if episode.to_on:
            found.append(
                Moment(
                    on=episode.to_on,
                    icon="card",
                    what=_("离开%(place)s") % {"place": episode.community.name},
                    who="",
                    note=episode.why_out,
                )
            )
    for merge in child.merges.standing().select_related("gone"):
        day = clock.day_of(merge.merged_at)
        found.append(
            Moment(on=day, icon="link", what=_("和%(name)s的档案合并成一份") % {"name": merge.gone.name}, who="")
        )
    return sorted(found, key=lambda moment: moment.on, reverse=True)[:limit]


def _signs(visit) -> str:
    said = [
        f"{label} {getattr(visit, f'get_{name}_display')()}"
        for name, label in (("living", _("生活")), ("study", _("学习")), ("mood", _("情绪")), ("safety", _("安全")))
        if getattr(visit, name) not in ("", "normal")
    ]
    if not visit.saw_child:
        said.insert(0, _("没见到孩子"))
    return _("；").join(said)


@dataclass(frozen=True)
class Kinsman:
    """One grown-up on the child's page: who, where, and whether a tap can ring them."""

    relation: str
    name: str
    age: str
    note: str
    phone: str
    phone_old: str  # how long nobody has confirmed the number, in words; "" while it is fresh
    carer: bool
    backup: bool  # whom to ring when the carer cannot be reached
    never: bool  # must not be contacted
    change_url: str


PHONE_FIELDS = {Relation.FATHER: ("parents", "father_phone"), Relation.MOTHER: ("parents", "mother_phone")}


def callable_kin(archive, places: dict, on: date) -> list[Kinsman]:
    """Who cares first, then who else can be rung here, then parents; who must not be contacted has no number."""
    carers, found = archive.carers, []
    first_carer = carer_among(archive.roles)
    told = {}
    for role in archive.roles:  # one person may be parent and carer: shown once, in the part nearest to the child
        told.setdefault(role.kin_id, role)
        if role in carers:
            told[role.kin_id] = role
    for role in told.values():
        kin = role.kin
        never = kin.situation == Situation.NO_CONTACT
        notes = [kin.get_situation_display()] if kin.situation not in ("", "well") else []
        if kin.health and role in carers:
            notes.append(kin.health)
        if place := places.get(kin.pk):
            notes.append(_("在%(place)s务工") % {"place": place})
        is_carer = first_carer is not None and role.kin_id == first_carer.kin_id
        section, name = ("carer", "carer_phone") if is_carer else PHONE_FIELDS.get(role.relation, ("", ""))
        found.append(
            Kinsman(
                relation=role.get_relation_display(),
                name=kin.name,
                age=age_words(kin.born_year, on) if role in carers else "",
                note=_("；").join(notes),
                never=never,
                phone="" if never else kin.phone or "",
                phone_old=_phone_age(archive, kin, section or "carer", on),
                carer=is_carer,
                backup=(role in carers and not is_carer) or role.part == KinPart.CONTACT,
                change_url=place_to_fill(archive.child.pk, name) if name else "",
            )
        )
    return sorted(found, key=lambda one: (not one.carer, not one.backup))


def _phone_age(archive, kin, section: str, on: date) -> str:
    """How long nobody has confirmed this number: tried by phone, or asked with its section or the card."""
    ground = ground_on_card(archive.standings, section)
    days = [day for day in (kin.phone_checked_on, ground and ground.confirmed_on) if day]
    if not kin.phone or (days and not is_stale(max(days), on)):
        return ""
    return _("电话%(age)s没核实") % {"age": age(max(days), on)} if days else _("电话还没核实过")


@dataclass(frozen=True)
class Tonight:
    """Where the child sleeps tonight, in words; and the other answer, of a weekend or a school night."""

    known: bool
    words: str
    otherwise: str = ""


def tonight(archive, on: date) -> Tonight:
    """Who cares tonight: the carer, or the school on the nights a boarder sleeps there."""
    carer = carer_among(archive.roles)
    at_home = f"{carer.get_relation_display()} {carer.kin.name}".strip() if carer else ""
    schooling = archive.schooling
    if not (schooling and schooling.boarding):
        return Tonight(bool(carer), "")
    school = str(schooling.school or _("学校"))
    boards, home = _("住校，%(school)s") % {"school": school}, _("在家，%(who)s") % {"who": at_home or _("不知道谁")}
    if boards_tonight(schooling.boarding, on):
        return Tonight(True, boards, _("周五、周六%(home)s") % {"home": home})
    return Tonight(bool(carer), home, _("周日到周四%(school)s") % {"school": boards})
