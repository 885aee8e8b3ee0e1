"""Words for the names that stand in the trace. A name without words is shown as it is, so nothing is ever hidden.

The names come from rooms above this one; only the names, nothing of theirs is imported.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "backup.restore": _("从备份恢复"),
    "care.record_visit": _("记走访"),
    "care.set_cadence": _("定走访频次"),
    "care.withdraw_visit": _("作废走访"),
    "check.rebuild": _("重建查找"),
    "children.change_attention": _("定关注等级"),
    "children.confirm_section": _("核对档案"),
    "children.correct": _("改档案"),
    "children.end_pairing": _("结束结对"),
    "children.erase_sealed": _("销毁敏感内容"),
    "children.leave_care": _("退出关爱"),
    "children.merge": _("合并两份档案"),
    "children.move_care": _("转到别的社区"),
    "children.note_whereabouts": _("记去向"),
    "children.open_archive": _("建档"),
    "children.pair": _("结对"),
    "children.take_back_carer": _("换回原来的照护人"),
    "children.unmerge": _("撤销合并"),
    "children.withdraw_archive": _("作废档案"),
    "keys.rotate": _("换密钥"),
    "plans.add_commitment": _("计划里加一条"),
    "plans.arrange": _("改期或请人代办"),
    "plans.bring": _("带来计划"),
    "plans.drop": _("不要一份计划"),
    "plans.drop_commitment": _("计划里取掉一条"),
    "plans.set_commitment": _("定责任人、时限和对应的项"),
    "plans.start": _("开始执行计划"),
    "rosters.choose_columns": _("定名册各列"),
    "rosters.decide": _("定名册更新哪些"),
    "rosters.import": _("导入名册"),
    "rosters.import_row": _("导入一行"),
    "rosters.judge": _("定名册和档案"),
    "rosters.let_go": _("撤下名册上的人"),
    "rosters.list_person": _("列入名册"),
    "rosters.mark": _("标红名册"),
    "rosters.match_listed": _("名册对上档案"),
    "rosters.mend_row": _("改名册一行"),
    "rosters.open_archive": _("按名册建档"),
    "rosters.read": _("读名册"),
    "rosters.receive": _("收名册"),
    "rosters.reconcile": _("核对名册和档案"),
    "rosters.set_aside": _("不用这份名册"),
    "rosters.skip_row": _("略过名册一行"),
    "rosters.start_import": _("开始导入"),
    "rosters.start_marking": _("开始标红名册"),
    "rosters.start_reconciliation": _("开始核对名册"),
    "rosters.start_undo": _("开始撤销导入"),
    "rosters.take_back": _("撤销一个决定"),
    "rosters.undo": _("撤销导入"),
    "rosters.undo_update": _("还原名册更新"),
    "rosters.update_child": _("按名册更新档案"),
    "staff.answer_complaint": _("回复投诉与建议"),
    "staff.appoint": _("任命"),
    "staff.begin": _("第一次设置"),
    "staff.complain": _("写投诉与建议"),
    "staff.correct_organisation": _("改单位"),
    "staff.correct_person": _("改人员"),
    "staff.emergency_look": _("紧急查看"),
    "staff.end_post": _("结束岗位"),
    "staff.end_sessions": _("退出所有设备"),
    "staff.grant_child": _("批准看一个孩子"),
    "staff.load_regions": _("导入区划"),
    "staff.move": _("调动"),
    "staff.open_classroom": _("添班级"),
    "staff.open_first_offices": _("添第一批单位"),
    "staff.open_first_places": _("添第一个社区"),
    "staff.open_organisation": _("添单位"),
    "staff.open_region": _("添地区"),
    "staff.reinstate": _("恢复人员"),
    "staff.rename_region": _("改地区名称"),
    "staff.renew_grant": _("延长查看"),
    "staff.set_password": _("换密码"),
    "staff.suspend": _("停用人员"),
    "staff.verify_trace": _("核对留痕"),
    "staff.withdraw_grant": _("收回查看"),
}
SUBJECTS = {
    "base.attachment": _("文件"),
    "base.backup": _("备份"),
    "base.key_ring": _("密钥"),
    "base.trace": _("留痕"),
    "care.cadence": _("走访频次"),
    "children.child": _("孩子"),
    "children.household": _("户"),
    "children.kin": _("亲属"),
    "rosters.knownheading": _("名册表头"),
    "plans.plan": _("计划"),
    "rosters.listed": _("名册上的人"),
    "rosters.reconciliation": _("名册核对"),
    "rosters.roster": _("名册"),
    "staff.complaint": _("投诉与建议"),
    "staff.organisation": _("单位"),
    "staff.region": _("地区"),
    "staff.staff": _("人员"),
}
LOOKS = {
    "backup": _("备份"),
    "care.visits": _("看走访记录"),
    "children.child": _("打开孩子的页面"),
    "children.emergency_missed": _("紧急查看没找到"),
    "children.list": _("看孩子名单"),
    "children.number_known": _("查到号码在别处有档案"),
    "plans.coverage": _("看覆盖率"),
    "plans.export": _("导出名单"),
    "plans.file": _("取计划原文"),
    "plans.gaps": _("看差距名单"),
    "plans.paper": _("打印覆盖率"),
    "plans.plan": _("看计划和实况"),
    "rosters.file": _("取名册文件"),
    "rosters.marked": _("取标红的名册"),
    "rosters.findings": _("看名册核对的结果"),
    "rosters.listed": _("看名册上的人"),
    "rosters.roster": _("看名册"),
    "staff.complaint": _("看投诉与建议"),
    "staff.complaints": _("看投诉与建议的名单"),
    "staff.trace_events": _("看修改留痕"),
    "staff.trace_looks": _("看查看留痕"),
}


@dataclass(frozen=True)
class Line:
    """One row of the trace as those who audit see it: `subject` is a kind, `subject_id` which one, no value."""

    at: datetime
    who: str
    what: str
    subject: str
    subject_id: UUID | None
    region: str
    count: int = 1


def worded(rows: list, kind: str) -> list[Line]:
    """Rows of `queries.trace` in words."""
    return [_event(row) if kind == "events" else _look(row) for row in rows]


def _event(row) -> Line:
    what, subject = ACTIONS.get(row.action, row.action), SUBJECTS.get(row.subject, row.subject)
    return Line(row.at, row.person, what, subject, row.subject_id, row.region)


def _look(row) -> Line:
    subject = SUBJECTS.get(row.what, "") if row.subject_id else ""
    return Line(row.at, row.person, LOOKS.get(row.what, row.what), subject, row.subject_id, row.region, row.count)
