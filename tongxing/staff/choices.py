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


class ComplaintKind(models.TextChoices):
    COMPLAINT = "complaint", _("投诉")
    SUGGESTION = "suggestion", _("建议")


class KnockKind(models.TextChoices):
    """Doors that are open to everybody."""

    SIGN_IN = "sign_in", _("登录")
    BEGIN = "begin", _("第一次设置")
    COMPLAINT = "complaint", _("投诉与建议")
    CASE = "case", _("查回复")
