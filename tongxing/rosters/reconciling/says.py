"""Reasons in plain words: why a row and an archive may be one child, and why perhaps not."""

from django.utils.translation import gettext_lazy as _

# code → (icon, words)
FOR = {
    "decided": ("check", _("有人定过是同一个孩子")),
    "opened_from": ("check", _("档案就是从名单上这一行建的")),
    "known_then": ("check", _("导入时就有档案")),
    "same_number": ("card", _("身份证号一样")),
    "near_number": ("card", _("身份证号只差一处，校验位也不对")),
    "same_name": ("children", _("姓名一样")),
    "same_sound": ("sound", _("名字写法不同，读音一样")),
    "near_sound": ("sound", _("名字读音相近")),
    "swapped_characters": ("children", _("名字里两个字颠倒了")),
    "character_lost": ("children", _("名字多一个字或少一个字")),
    "one_character": ("children", _("名字只差一个字")),
    "same_family": ("children", _("同姓")),
    "same_birth": ("calendar", _("同一天出生")),
    "turned_birth": ("calendar", _("出生日期的月和日颠倒了")),
    "near_birth": ("calendar", _("出生日期差一天或一年")),
    "same_phone": ("phone", _("电话一样")),
    "same_carer": ("me", _("同一位照护人或父母")),
    "same_household": ("care", _("同一户")),
    "same_hamlet": ("care", _("同一个村民小组")),
    "same_place": ("care", _("同一个社区")),
    "same_class": ("book", _("同一个班")),
    "same_row": ("sheet", _("和名单上另一行是同一个孩子")),
    "elsewhere": ("arrow", _("档案在别的社区")),
}
AGAINST = {
    "other_name": _("名字完全不同"),
    "other_birth": _("出生日期不同"),
    "other_number": _("身份证号差得多"),
    "other_phone": _("电话不同"),
    "other_sex": _("性别不同"),
    "other_class": _("班级不同"),
    "other_place": _("不在同一个社区"),
    "twins": _("双胞胎会同一天出生、同一户、名字相近"),
    "several_alike": _("还有一份档案也差不多像"),
    "too_many_alike": _("像的人太多，分不出是哪一个"),
}


def reasons(codes) -> list[tuple[str, str]]:
    """(icon, words) of reasons for."""
    return [FOR[code] for code in codes if code in FOR]


def against(codes) -> list[str]:
    return [AGAINST[code] for code in codes if code in AGAINST]
