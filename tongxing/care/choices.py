"""Closed lists of the care room."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Signal(models.TextChoices):
    """How one side of the child's life looked at a visit."""

    NORMAL = "normal", _("正常")
    CHANGED = "changed", _("有变化")
    WORRY = "worry", _("担心")


class ParentContact(models.TextChoices):
    """When child and parents last spoke."""

    WEEK = "week", _("一周内")
    MONTH = "month", _("一月内")
    LONGER = "longer", _("更久")
    NONE = "none", _("没有")


class TellHome(models.TextChoices):
    NO = "no", _("不用")
    SEND = "send", _("发给父母")
    TOLD = "told", _("当面已说")


class ActKind(models.TextChoices):
    """Acts of care whose last day is kept."""

    VISIT = "visit", _("走访")
