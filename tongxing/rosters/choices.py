"""Closed lists of the rosters room."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RosterKind(models.TextChoices):
    SCHOOL_ROLL = "school_roll", _("学校花名册")
    HOUSEHOLD_LIST = "household_list", _("社区入户摸底")
    TOWNSHIP_LIST = "township_list", _("乡镇下发名单")
    OTHER = "other", _("其他名单")


class RosterState(models.TextChoices):
    READING = "reading", _("正在读表")
    READY = "ready", _("等你看一看")
    IMPORTING = "importing", _("正在导入")
    IMPORTED = "imported", _("已导入")
    UNDOING = "undoing", _("正在撤销")
    UNDONE = "undone", _("已撤销")
    UNREADABLE = "unreadable", _("读不了")


class RowState(models.TextChoices):
    READY = "ready", _("可导入")
    KNOWN = "known", _("已有档案")
    CHANGED = "changed", _("和档案不一样")
    TO_FIX = "to_fix", _("要看一下")
    SKIPPED = "skipped", _("已跳过")
    ARCHIVED = "archived", _("已建档")
    UPDATED = "updated", _("已更新")
    UNDONE = "undone", _("已撤回")
    KEPT = "kept", _("有后来的记录，留下")


class UpdateState(models.TextChoices):
    PROPOSED = "proposed", _("将更新")  # written with the next import, unless somebody unticks it
    ASKED = "asked", _("要你定")  # waits until somebody says which of the two holds
    LEFT = "left", _("不改")
    DONE = "done", _("已更新")
    UNDONE = "undone", _("已还原")
    KEPT = "kept", _("后来又改过，留下")


class Doubt(models.TextChoices):
    """Why a person has to say whether what a list says goes into an archive that says something else."""

    NONE = "", ""
    IDENTITY = "identity", _("是不是同一个孩子，请核对")
    CONFIRMED = "confirmed", _("档案里的是核对过的")
    DOUBTFUL = "doubtful", _("表里写的看着不对")
    UNSEEN = "unseen", _("导入时才发现，还没有人看过")
    OUTRUN = "outrun", _("档案刚被改过")
    OTHERS = "others", _("这个孩子不归带表来的人看")
    TAKEN = "taken", _("这个号码是另一个孩子的")


class Heap(models.TextChoices):
    """Where a reconciliation puts a row of a list, or an archive."""

    ARCHIVED = "archived", _("有档案")
    PROBABLE = "probable", _("可能是同一个孩子")
    NONE = "none", _("没有档案")
    UNLISTED = "unlisted", _("有档案，不在名单上")
    DOUBLE = "double", _("两份档案像同一个孩子")


class ReconciliationKind(models.TextChoices):
    LISTS = "lists", _("名单对档案")
    ARCHIVES = "archives", _("档案之间")


class Verdict(models.TextChoices):
    SAME = "same", _("是同一个孩子")
    DIFFERENT = "different", _("不是同一人")
    UNSURE = "unsure", _("拿不准")
    ASK = "ask", _("问学校")
    UNLISTED = "unlisted", _("说明了原因")


class WhyUnlisted(models.TextChoices):
    LEFT = "left", _("不在这里了")
    TRANSFERRED = "transferred", _("转学了")
    NEVER = "never", _("不归这些名单管")
    MISSED = "missed", _("名单漏了")


SAMPLES = {  # lists to try with in an invented community, by the name of the file: what each is like
    "roster-100": _("我们自己的样表，一百行里七行要看一看"),
    "school": _("学校花名册：上面有标题，底下有合计"),
    "township": _("乡镇的文本表：旧编码，日期三种写法"),
    "households": _("分户名册：两层表头，合并的格子"),
    "known": _("乡镇下发名单：大多已有档案，用来核对"),
}
