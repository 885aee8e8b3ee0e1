"""Closed lists of the plans room."""

from django.db import models
from django.utils.translation import gettext_lazy as _

STAND_IN_DAYS = 31  # who was asked to stand in may open the child's file for so long


class PlanState(models.TextChoices):
    READ = "read", _("等你对一对")
    IN_FORCE = "in_force", _("正在执行")
    REPLACED = "replaced", _("已换成新的")
