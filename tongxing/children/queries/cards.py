"""The contact card in the plan's fields: what is known, what is not asked and why, what each stands on."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongxing.base.facts import Ground, Source, Standing, ground_of
from tongxing.base.templatetags.look import masked_phone, phone
from tongxing.children.choices import CardField, Relation, Section
from tongxing.children.models import Child, ContactCard, KinRole
from tongxing.children.queries.archive import Archive, carer_among, parent_among
from tongxing.children.rules import SECTION_OF, card_lacks, is_stale, not_asked

CARD = "card"  # what a Standing covers that confirms the card as a whole
KIN_COLUMNS = (
    "name",
    "situation",
    "phone",
    "employment",
    "employer",
    "employer_phone",
    "occupation",
    "health",
    "born_year",
)


def card_facts(address, roles) -> dict:
    """The facts a card needs by name; `roles` have relation, part and `kin`, a mapping of column → value or its box."""
    facts = {"address": address}
    for who, relation in (("father", Relation.FATHER), ("mother", Relation.MOTHER)):
        role = parent_among(roles, relation)
        kin = role.kin if role else {}
        facts |= {f"{who}_{what}": kin.get(what) for what in ("name", "situation", "phone", "employer")}
        facts |= {f"{who}_work": kin.get("employment"), f"{who}_employer_phone": kin.get("employer_phone")}
    carer = carer_among(roles)
    kin = carer.kin if carer else {}
    facts |= {f"carer_{what}": kin.get(what) for what in ("name", "occupation", "phone", "health")}
    facts["carer_born"] = kin.get("born_year")
    return facts


def facts_of_cards(child_ids, *, children=Child, roles=KinRole) -> dict:
    """Child id → `card_facts`, for many children in two queries; sealed values stay shut. (Migrations give models.)"""
    held = roles.objects.filter(child__in=child_ids, withdrawn_at=None, to_on=None).order_by("relation", "id")
    rows = defaultdict(list)
    for row in held.values("child_id", "relation", "part", *(f"kin__{name}" for name in KIN_COLUMNS)):
        kin = {name: row[f"kin__{name}"] for name in KIN_COLUMNS}
        rows[row["child_id"]].append(SimpleNamespace(relation=row["relation"], part=row["part"], kin=kin))
    addresses = children.objects.filter(pk__in=child_ids).values_list("pk", "household__address")
    return {pk: card_facts(address, rows[pk]) for pk, address in addresses}


def wrongly_kept(child_ids) -> list:
    """Those of these children whose newest card is not what their archive says."""
    kept = ContactCard.objects.filter(child__in=child_ids).order_by("from_on")
    newest = dict(kept.values_list("child_id", "lacks"))  # of several the last stays
    facts = facts_of_cards(child_ids)
    return [pk for pk, said in facts.items() if newest.get(pk) != " ".join(card_lacks(said))]


def lacks_in_words(lacks: str, *, most: int = 3) -> str:
    """缺 爸爸电话, 照护人职业 and so on, by the codes of a ContactCard."""
    names = [str(CardField(name).label) for name in lacks.split()]
    if len(names) <= most:
        return _("缺 %(names)s") % {"names": _("、").join(names)}
    more = ngettext("还有 %(n)d 项", "还有 %(n)d 项", len(names) - most) % {"n": len(names) - most}
    return _("缺 %(names)s，%(more)s") % {"names": _("、").join(names[:most]), "more": more}


def place_to_fill(child_id, name: str) -> str:
    """The address of the very field of an archive."""
    return f"{reverse('children:section', args=[child_id, SECTION_OF[name]])}#id_{name}"


# ── the card as a page shows it ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Entry:
    """One line of a card: its word, its value or why none is asked for, and what it stands on."""

    label: str
    value: str
    why_not: str = ""
    missing: bool = False
    source: str = ""
    confirmed_on: date | None = None
    fill_url: str = ""
    tel: str = ""


@dataclass(frozen=True)
class Card:
    """The card in the plan's order: [(heading, [Entry])]."""

    groups: list[tuple[str, list[Entry]]]
    lacks: tuple[str, ...]
    confirmed: Standing | None

    @property
    def complete(self) -> bool:
        return not self.lacks


def ground_on_card(standings: list[Standing], covers: str) -> Ground | None:
    """What a section or field stands on, the card's own confirmations counted: whoever confirms a card asked of every
    part, but for the citizen number."""
    return ground_of(standings, covers, "" if covers.partition(".")[0] == Section.BASIC else CARD)


def confirmation_of(standings: list[Standing]) -> Standing | None:
    """The newest time the card as a whole was asked again."""
    found = [one for one in standings if one.covers == CARD and one.confirmed_on]
    return max(found, key=lambda one: (one.confirmed_on, one.recorded_at), default=None)


def card_of(archive: Archive, facts: Mapping, today: date, *, may_ring: bool = True) -> Card:
    """The card of one child; `facts` are those of its archive by name (queries.facts_of)."""
    child = archive.child
    lacks = card_lacks(facts)

    def entry(name, label, value, *, number=False, needed=True):
        ground = ground_on_card(archive.standings, f"{SECTION_OF[name]}.{name}")
        said, tel = str(value or ""), ""
        if number and said:
            said, tel = (phone(said), said) if may_ring else (masked_phone(said), "")
        return Entry(
            label=label,
            value=said,
            why_not="" if said else not_asked(name, facts),
            missing=needed and name in lacks,
            source=Source(ground.source).label if ground else "",
            confirmed_on=ground.confirmed_on if ground else None,
            fill_url=place_to_fill(child.pk, name),
            tel=tel,
        )

    schooling = archive.schooling
    age = age_words(facts.get("carer_born"), today)
    carer_phone = facts.get("carer_phone")
    groups = [
        (
            _("学生"),
            [
                entry("name", _("姓名"), child.name),
                entry("sex", _("性别"), child.get_sex_display() if child.sex in ("1", "2") else "", needed=False),
                entry("birth_on", _("出生日期"), child.birth_on and child.birth_on.isoformat(), needed=False),
                entry("school", _("学校"), schooling.school if schooling else "", needed=False),
                entry("class_name", _("班级"), schooling.classroom if schooling else "", needed=False),
            ],
        ),
        (
            _("家长"),
            [
                entry("father_name", _("爸爸"), _named(facts, "father")),
                entry("father_phone", _("爸爸电话"), reachable(facts, "father", "phone"), number=True),
                entry("mother_name", _("妈妈"), _named(facts, "mother")),
                entry("mother_phone", _("妈妈电话"), reachable(facts, "mother", "phone"), number=True),
            ],
        ),
        (
            _("家里"),
            [
                entry("address", _("家庭住址"), facts.get("address")),
                entry("home_phone", _("家里电话"), facts.get("home_phone") or carer_phone, number=True, needed=False),
            ],
        ),
        (
            _("家长单位"),
            [
                entry("father_employer", _("爸爸单位、地址"), facts.get("father_employer")),
                entry(
                    "father_employer_phone",
                    _("爸爸单位电话"),
                    reachable(facts, "father", "employer_phone"),
                    number=True,
                ),
                entry("mother_employer", _("妈妈单位、地址"), facts.get("mother_employer")),
                entry(
                    "mother_employer_phone",
                    _("妈妈单位电话"),
                    reachable(facts, "mother", "employer_phone"),
                    number=True,
                ),
            ],
        ),
        (
            _("监护人或受委托的人"),
            [
                entry("carer_name", _("姓名"), _carer_named(facts)),
                entry("carer_occupation", _("职业"), facts.get("carer_occupation")),
                entry("address", _("住址"), facts.get("address")),
                entry("carer_phone", _("电话"), carer_phone, number=True),
                entry("carer_health", _("身体状况"), facts.get("carer_health")),
                entry("carer_born", _("年龄"), age),
            ],
        ),
    ]
    return Card(groups, lacks, confirmation_of(archive.standings))


def reachable(facts: Mapping, who: str, what: str) -> str:
    """A parent's number, unless it must not or cannot be rung."""
    return "" if not_asked(f"{who}_name", {**facts, f"{who}_name": ""}) else facts.get(f"{who}_{what}") or ""


def _named(facts, who) -> str:
    name = facts.get(f"{who}_name") or ""
    situation = not_asked(f"{who}_name", {**facts, f"{who}_name": ""})
    return _("%(name)s（%(situation)s）") % {"name": name, "situation": situation} if name and situation else name


def _carer_named(facts) -> str:
    name, relation = facts.get("carer_name") or "", facts.get("carer_relation")
    return f"{Relation(relation).label} {name}" if name and relation in Relation.values else name


def age_words(born_year, today: date) -> str:
    return _("%(age)s 岁") % {"age": today.year - int(born_year)} if born_year else ""


def card_is_old(card: Card, today: date) -> bool:
    return is_stale(card.confirmed.confirmed_on if card.confirmed else None, today)
