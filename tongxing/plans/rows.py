"""The 26 rows of the plan of care, and which measures make each of them true."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Row:
    number: int
    title: str | Promise
    target: int | None = None  # percent the plan itself promises; None where it states none
    lead: str = ""  # the measure a percentage named for the row is about, where it is not the first


ROWS = (
    Row(1, _("调查分析原因，提出措施")),
    Row(2, _("加强领导，形成合力")),
    Row(3, _("大力宣传")),
    Row(4, _("目标责任制")),
    Row(5, _("考评制度")),
    Row(6, _("建档率"), 100),
    Row(7, _("入学率"), 100),
    Row(8, _("巩固率"), 100),
    Row(9, _("法律援助"), 100),
    Row(10, _("一对一结对")),
    Row(11, _("健全机制，班级主阵地")),
    Row(12, _("总结经验，树立典型")),
    Row(13, _("制度化、规范化、经常化")),
    Row(14, _("档案与联系卡"), lead="14b"),
    Row(15, _("亲情电话")),
    Row(16, _("三个优先")),
    Row(17, _("重点对象配帮扶居干")),
    Row(18, _("经常谈心")),
    Row(19, _("教师成长日记")),
    Row(20, _("定期走访、及时反馈")),
    Row(21, _("人文关爱活动")),
    Row(22, _("心理健康教育")),
    Row(23, _("亲情见面")),
    Row(24, _("文体游戏")),
    Row(25, _("感谢信、演讲")),
    Row(26, _("组织领导、关工委")),
)
BY_NUMBER = {row.number: row for row in ROWS}
