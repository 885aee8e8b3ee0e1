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
    TO_FIX = "to_fix", _("要看一下")
    SKIPPED = "skipped", _("已跳过")
    ARCHIVED = "archived", _("已建档")
    UNDONE = "undone", _("已撤回")
    KEPT = "kept", _("有后来的记录，留下")
