"""Closed lists of the staff room."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    COMMUNITY = "community", _("社区（村）")
    SCHOOL = "school", _("学校")
    TOWNSHIP = "township", _("乡镇（街道）")
    COUNTY = "county", _("县（区）")
    OTHER = "other", _("其他单位")


class RegionLevel(models.IntegerChoices):
    """Levels by the length of the path: the 12-digit code without its trailing zero groups."""

    NATION = 0, _("全国")
    PROVINCE = 2, _("省")
    PREFECTURE = 4, _("市")
    COUNTY = 6, _("县（区）")
    TOWNSHIP = 9, _("乡镇（街道）")
    COMMUNITY = 12, _("村（社区）")


class Reach(models.TextChoices):
    """Whose children a grant opens."""

    REGION = "region", _("本地区")
    SCHOOL = "school", _("本校")
    CLASSROOM = "classroom", _("本班")
    PAIRED = "paired", _("结对的孩子")
    CHILD = "child", _("这一个孩子")
    NONE = "none", _("不看孩子")
