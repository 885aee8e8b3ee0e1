"""The whole table of roles: who may do what, on one screen.

Whose children a role sees is its reach, given as a dated grant.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from tongxing.staff.choices import OrganisationKind, Reach

PERMISSIONS = {
    "today": _("看自己的今日"),
    "children.list": _("看孩子名单、查找"),
    "children.look": _("打开孩子的页面"),
    "children.open": _("建档"),
    "children.correct": _("改档案、核对"),
    "children.merge": _("合并一个孩子的两份档案"),
    "children.pair": _("结对、换人"),
    "children.attention": _("定关注等级"),
    "care.visit": _("记走访"),
    "care.cadence": _("定走访频次"),
    "rosters.import": _("导入名册"),
    "rosters.undo": _("撤销整批导入"),
    "plans.coverage": _("看覆盖率和名单"),
    "plans.export": _("导出名单"),
    "plans.arrange": _("请人代办、改期"),
    "plans.plan": _("带来计划，定责任人和时限"),
    "staff.list": _("看人员"),
    "staff.appoint": _("任命、调动、停用"),
    "staff.grant": _("批准查看"),
    "staff.places": _("添地区、单位"),
    "staff.classes": _("添班级"),
    "audit.read": _("看留痕"),
    "complaints.answer": _("看和回复投诉与建议"),
    "site.settings": _("改系统设置"),
}

CARE = {"today", "children.list", "children.look", "care.visit"}
ARCHIVE = {"children.open", "children.correct"}
COVERAGE = {"plans.coverage"}


class RoleCode(models.TextChoices):
    DIRECTOR = "director", _("儿童主任")
    CADRE = "cadre", _("帮扶居干")
    VOLUNTEER = "volunteer", _("志愿者")
    TEACHER = "teacher", _("班主任")
    ARCHIVIST = "archivist", _("学籍档案员")
    COUNSELLOR = "counsellor", _("心理老师")
    SUPERVISOR = "supervisor", _("儿童督导员")
    COUNTY = "county", _("县民政干部")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")


@dataclass(frozen=True)
class Role:
    code: str
    about: str  # one sentence for people
    reach: str  # whose children, by the post's organisation, class or pairings
    rank: int  # a role is given by those who stand higher
    at: str  # the kind of organisation where it is held; "" is any
    permissions: frozenset

    @property
    def title(self):
        return RoleCode(self.code).label

    def may(self, permission: str) -> bool:
        return permission in self.permissions


def _role(code, about, reach, *permissions, rank, at=""):
    named = frozenset().union(*[p if isinstance(p, set) else {p} for p in permissions])
    unknown = named - PERMISSIONS.keys()
    if unknown:
        raise ValueError(f"role {code}: no such permission {unknown}")
    return Role(code, about, reach, rank, at, named)


ADMINISTRATORS = frozenset({RoleCode.SYSTEM_ADMIN, RoleCode.SECURITY_ADMIN, RoleCode.AUDIT_ADMIN})

# fmt: off
ROLES = {
    role.code: role
    for role in (
        _role(
            RoleCode.DIRECTOR, _("管本社区每个孩子的档案、结对、走访"), Reach.REGION,
            CARE, ARCHIVE, COVERAGE, "children.pair", "children.attention", "rosters.import", "rosters.undo",
            "plans.export", "plans.arrange", "plans.plan", "staff.list",
            rank=3, at=OrganisationKind.COMMUNITY,
        ),
        _role(RoleCode.CADRE, _("看望结对的孩子"), Reach.PAIRED, CARE, rank=2),
        _role(
            RoleCode.VOLUNTEER, _("陪伴结对的孩子，只看名字和要做的事"), Reach.PAIRED, {"today", "care.visit"}, rank=1,
        ),
        _role(
            RoleCode.TEACHER, _("管本班孩子"), Reach.CLASSROOM, CARE, "children.correct",
            rank=2, at=OrganisationKind.SCHOOL,
        ),
        _role(
            RoleCode.ARCHIVIST, _("管本校的学籍和档案，导入名册"), Reach.SCHOOL,
            {"today", "children.list", "children.look"}, ARCHIVE, COVERAGE, "children.merge",
            "rosters.import", "rosters.undo", "plans.export", "staff.classes",
            rank=2, at=OrganisationKind.SCHOOL,
        ),
        _role(
            RoleCode.COUNSELLOR, _("管心理个案；普通页面只看本校孩子"), Reach.SCHOOL, CARE,
            rank=2, at=OrganisationKind.SCHOOL,
        ),
        _role(
            RoleCode.SUPERVISOR, _("看全乡镇哪些孩子没人管，替儿童主任顶上"), Reach.REGION,
            CARE, ARCHIVE, COVERAGE, "children.merge", "children.pair", "children.attention", "rosters.import",
            "rosters.undo", "plans.export", "plans.arrange", "plans.plan", "staff.list", "staff.appoint",
            "staff.places", "staff.classes",
            rank=4, at=OrganisationKind.TOWNSHIP,
        ),
        _role(
            RoleCode.COUNTY, _("看全县的数和差距"), Reach.REGION,
            {"today", "children.list", "children.look"}, COVERAGE, "plans.export", "plans.arrange", "plans.plan",
            "staff.list", "staff.appoint", "staff.grant", "staff.places", "staff.classes", "care.cadence",
            "complaints.answer",
            rank=5, at=OrganisationKind.COUNTY,
        ),
        _role(
            RoleCode.SYSTEM_ADMIN, _("管设置和人员，不看孩子"), Reach.NONE,
            "site.settings", "staff.list", "staff.appoint", "staff.places", "staff.classes", "complaints.answer",
            rank=7,
        ),
        _role(
            RoleCode.SECURITY_ADMIN, _("管谁能看什么，不看孩子"), Reach.NONE, "staff.list", "staff.grant", rank=6,
        ),
        _role(
            RoleCode.AUDIT_ADMIN, _("看谁看过、谁改过，不看内容"), Reach.NONE, "audit.read", "staff.list", rank=6,
        ),
    )
}
# fmt: on
