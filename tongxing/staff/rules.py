"""Rules of the staff room: functions of facts alone."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from ipaddress import ip_address, ip_network
from itertools import combinations
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from tongxing.base.problems import STOPS, Problem
from tongxing.base.words import tidy
from tongxing.staff.choices import KnockKind, OrganisationKind, Reach
from tongxing.staff.roles import ADMINISTRATORS, ROLES, RoleCode

SHANGHAI = ZoneInfo("Asia/Shanghai")
LEVELS = (2, 4, 6, 9, 12)


def path_of(code: str) -> str:
    """The path of a 12-digit region code: without trailing groups of zeros (2, 4, 6, 9 or 12 digits).

    Raises ValueError unless `code` is 2–12 digits that end on a level.
    """
    code = code.strip()
    if not code.isdigit() or not 2 <= len(code) <= 12:
        raise ValueError(code)
    full = code.ljust(12, "0")
    path = full
    for longer, shorter in ((12, 9), (9, 6), (6, 4), (4, 2)):
        if len(path) == longer and not path[shorter:].strip("0"):
            path = path[:shorter]
    if not path.strip("0"):
        raise ValueError(code)
    return path


def code_of(path: str) -> str:
    """The 12-digit code of a path."""
    return path.ljust(12, "0")


def after(path: str) -> str | None:
    """The first path behind the subtree of `path`, so that `path <= x < after(path)`; None when there is none."""
    following = str(int(path) + 1)
    return following.zfill(len(path)) if len(following) <= len(path) else None


def ancestors(path: str) -> list[str]:
    """Paths above and including `path`, shortest first."""
    return [path[:length] for length in LEVELS if length <= len(path)]


def place_problems(field: str, code: str | None, digits: int, above: str) -> list[Problem]:
    """What is wrong with the code of a place of so many digits that must lie below `above`."""
    code = (code or "").strip()
    if not code:
        return []
    try:
        path, top = path_of(code), path_of(above)
    except ValueError:
        return [Problem(field, "no_code", _("区划代码是 2 到 12 位数字"), STOPS)]
    if len(path) != digits:
        words = _("这里要 %(digits)d 位的代码，后面的 0 不算") % {"digits": digits}
        return [Problem(field, "other_level", words, STOPS)]
    if not path.startswith(top):
        words = _("要以 %(path)s 开头，请对照一下") % {"path": top}
        return [Problem(field, "elsewhere", words, STOPS)]
    return []


def locked_for(failures: int) -> int:
    """Minutes an account stays closed after so many failures in a row: 5 → 5, then doubling, at most an hour."""
    return 0 if failures < 5 else min(60, 5 * 2 ** (failures - 5))


AN_HOUR = timedelta(hours=1)
KNOCKS = {  # how many from one network address in an hour: an office of forty people may share one
    KnockKind.SIGN_IN: 40,
    KnockKind.BEGIN: 20,
    KnockKind.COMPLAINT: 6,
    KnockKind.CASE: 20,
}
FLOOD = 120  # complaints from outside in an hour, from everywhere together


def closed_for(kind: str, knocks: list[datetime], now: datetime, most: int = 0) -> int:
    """Minutes, rounded up, until a door opens again to who knocked at these moments of the last hour; 0: it is open."""
    most = most or KNOCKS[kind]
    lately = sorted(at for at in knocks if at > now - AN_HOUR)
    if len(lately) < most:
        return 0
    left = lately[-most] + AN_HOUR - now
    return max(1, -(-left // timedelta(minutes=1)))


def network_of(address: str) -> str:
    """What counts as one network: an IPv4 address, the first half of an IPv6 address; as it is when it is neither."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if read.version == 6 and read.ipv4_mapped:
        return str(read.ipv4_mapped)
    return str(read) if read.version == 4 else str(ip_network((int(read) >> 64 << 64, 64)).network_address)


# ── roles ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def clashes(roles: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of different roles that one person may not hold together: an administrator's with any other.

    GB/T 22239-2019 keeps the administrators of system, security and audit apart, and none of them cares for children.
    """
    return [pair for pair in combinations(sorted(set(roles)), 2) if ADMINISTRATORS.intersection(pair)]


def may_give(giver: str, role: str) -> bool:
    """Whether a post of role `giver` may give, change and end `role`: one that stands lower."""
    return ROLES[giver].may("staff.appoint") and ROLES[role].rank < ROLES[giver].rank


def given_by(giver: str) -> list[str]:
    """The roles that a post of role `giver` may give."""
    return [role for role in RoleCode.values if may_give(giver, role)]


def kind_fits(kind: str, path: str) -> bool:
    """Whether an organisation of this kind stands in a region of its level: a role there must reach no further."""
    level = {OrganisationKind.COMMUNITY: 12, OrganisationKind.TOWNSHIP: 9, OrganisationKind.COUNTY: 6}.get(kind)
    return level is None or len(path) == level


def post_problems(facts: dict, held: Iterable[str] = ()) -> list[Problem]:
    """What is wrong with a post of these facts: `role`, `organisation`, `classroom`. `held`: roles held besides."""
    role, organisation, classroom = ROLES.get(facts.get("role")), facts.get("organisation"), facts.get("classroom")
    if role is None or organisation is None:
        return []
    found = []
    if role.at and organisation.kind != role.at:
        words = _("%(role)s要在%(kind)s任职") % {"role": role.title, "kind": OrganisationKind(role.at).label}
        found.append(Problem("organisation", "wrong_kind", words))
    elif role.reach == Reach.REGION and not kind_fits(organisation.kind, organisation.region_id):
        found.append(Problem("organisation", "wrong_level", _("这个单位的地区级别不对，请先改单位")))
    if role.reach == Reach.CLASSROOM and classroom is None:
        found.append(Problem("classroom", "required", _("班主任要选班级")))
    if classroom is not None and role.reach != Reach.CLASSROOM:
        found.append(Problem("classroom", "no_class", _("只有班主任要选班级")))
    elif classroom is not None and classroom.school_id != organisation.pk:
        found.append(Problem("classroom", "other_school", _("这个班不在所选的学校")))
    for one, other in clashes([*held, role.code])[:1]:
        words = _("%(one)s和%(other)s不能是同一个人") % {"one": ROLES[one].title, "other": ROLES[other].title}
        found.append(Problem("role", "clash", words))
    return found


# ── days ──────────────────────────────────────────────────────────────────────────────────────────────────


def begins(day: date) -> datetime:
    """The first moment of a day in Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def ends(day: date) -> datetime:
    """The moment at which a day is over."""
    return begins(day + timedelta(days=1))


def last_day(moment: datetime) -> date:
    """The last day that something which ends at this moment holds, wholly or in part."""
    return (moment.astimezone(SHANGHAI) - timedelta(microseconds=1)).date()


def year_after(day: date) -> date:
    """The same day a year later; 28 February for 29 February."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def day_problems(from_on: date | None, until: date | None, today: date) -> list[Problem]:
    """What is wrong with a post's first day and the last day of its approval to look."""
    if from_on and (from_on - today).days > 366:
        return [Problem("from_on", "too_far", _("开始的日子在一年以后，请看一眼年份"))]
    if until and until < max(from_on or today, today):
        return [Problem("until", "ends_before", _("批准到的日子不能早于开始和今天"))]
    if until and until >= year_after(max(from_on or today, today)):
        return [Problem("until", "too_long", _("一次最多批准一年"))]
    return []


def school_year(day: date) -> int:
    """The year in which the school year of `day` began; lists for September are made in August."""
    return day.year if day.month >= 8 else day.year - 1


def end_problems(from_on: date, on: date | None) -> list[Problem]:
    """What is wrong with the day a post that began on `from_on` ends."""
    if on and on < from_on:
        words = _("结束的日子不能早于开始的 %(day)s") % {"day": from_on.isoformat()}
        return [Problem("on", "ends_before_it_began", words)]
    return []


# ── the door ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def fold_login(text: str) -> str:
    """A sign-in name as it is kept: half width, no blanks, small letters; a phone may be typed in groups."""
    return "".join(tidy(text).split()).lower()


def login_problems(login: str) -> list[Problem]:
    """What is wrong with a sign-in name (folded)."""
    if not 3 <= len(login) <= 40:
        return [Problem("login", "length", _("登录名要 3 到 40 个字"), STOPS)]
    if not all(letter.isalnum() or letter in "._-@" for letter in login):
        return [Problem("login", "letters", _("登录名只用字母、数字、汉字和 . _ - @"), STOPS)]
    return []


def first_password() -> str:
    """A password to hand over: twelve letters and figures that are not mistaken for each other, in groups of four."""
    return short_code(secrets.token_bytes(32))


# ── codes that are shown once ────────────────────────────────────────────────────────────────────────────────────────

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def short_code(secret: bytes, groups: int = 3) -> str:
    """Groups of four letters and figures that are not mistaken for each other, told by a secret of 32 bytes."""
    number, letters = int.from_bytes(secret, "big"), []
    for _n in range(4 * groups):
        number, at = divmod(number, len(LETTERS))
        letters.append(LETTERS[at])
    return "-".join("".join(letters[at : at + 4]) for at in range(0, len(letters), 4))


def fold_code(text: str) -> str:
    """A code as it is typed: half width, small letters, without blanks and dashes."""
    return "".join(letter for letter in tidy(text).lower() if letter.isalnum())
