"""Closed lists of the children room, with the national code where one exists."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    """GB/T 2261.1."""

    UNKNOWN = "0", _("未知")
    MALE = "1", _("男")
    FEMALE = "2", _("女")
    NOT_STATED = "9", _("未说明")


class NumberMissing(models.TextChoices):
    """Why an archive has no citizen number yet. A child without a number is still a full record."""

    NOT_REGISTERED = "not_registered", _("未上户口")
    NOT_BROUGHT = "not_brought", _("没带")
    REFUSED = "refused", _("家里不肯给")
    NOT_ON_LIST = "not_on_list", _("名册上没有")
    TEMPORARY = "temporary", _("只知道名字，先登记")  # a name and a hamlet; the rest is still to be found out


class Level(models.TextChoices):
    """Attention level. Seen by permitted roles only and never printed."""

    HIGH = "high", _("高关注")
    MIDDLE = "middle", _("中关注")
    LOW = "low", _("低关注")


class Relation(models.TextChoices):
    """Relation of a person to the child, GB/T 4761-2008."""

    FATHER = "51", _("爸爸")
    MOTHER = "52", _("妈妈")
    STEPFATHER = "57", _("继父或养父")
    STEPMOTHER = "58", _("继母或养母")
    GRANDFATHER = "61", _("爷爷")
    GRANDMOTHER = "62", _("奶奶")
    MATERNAL_GRANDFATHER = "63", _("外公")
    MATERNAL_GRANDMOTHER = "64", _("外婆")
    ELDER_BROTHER = "71", _("哥哥")
    YOUNGER_BROTHER = "73", _("弟弟")
    ELDER_SISTER = "75", _("姐姐")
    YOUNGER_SISTER = "77", _("妹妹")
    ELDER_UNCLE = "81", _("伯父")
    ELDER_UNCLES_WIFE = "82", _("伯母")
    UNCLE = "83", _("叔父")
    UNCLES_WIFE = "84", _("婶婶")
    MATERNAL_UNCLE = "85", _("舅舅")
    MATERNAL_UNCLES_WIFE = "86", _("舅妈")
    MATERNAL_AUNTS_HUSBAND = "87", _("姨父")
    MATERNAL_AUNT = "88", _("姨妈")
    AUNTS_HUSBAND = "89", _("姑父")
    AUNT = "90", _("姑妈")
    OTHER_KIN = "97", _("其他亲属")
    NOT_KIN = "99", _("不是亲属")


class KinPart(models.TextChoices):
    """What a grown-up is to the child: one person may hold several of these, each from a day until a day."""

    PARENT = "parent", _("父母")
    GUARDIAN = "guardian", _("监护人")
    CARER = "carer", _("照护人")
    ENTRUSTED = "entrusted", _("受委托照护人")
    CONTACT = "contact", _("联系人")


class Situation(models.TextChoices):
    """What is known of a parent; "not known" is an answer."""

    WELL = "well", _("正常")
    DECEASED = "deceased", _("去世")
    MISSING = "missing", _("失联")
    NO_CONTACT = "no_contact", _("不得联系")
    CUSTODY = "custody", _("服刑或戒毒")
    UNKNOWN = "unknown", _("不清楚")


class Employment(models.TextChoices):
    """How a parent works: who has no fixed employer has no employer's address either."""

    EMPLOYED = "employed", _("有单位")
    ODD_JOBS = "odd_jobs", _("没有固定单位")
    AT_HOME = "at_home", _("在家")


class PhoneState(models.TextChoices):
    NOT_TRIED = "not_tried", _("没打过")
    REACHED = "reached", _("打通过")
    WRONG = "wrong", _("不是本人")
    DEAD = "dead", _("空号或停机")


class Stay(models.TextChoices):
    """Why somebody is where they are."""

    WORK = "work", _("务工")
    HOME = "home", _("在家")
    WITH_PARENTS = "with_parents", _("去了父母身边")
    OTHER = "other", _("其他")


class SchoolStatus(models.TextChoices):
    """The eight values of the national form of 2016."""

    KINDERGARTEN = "kindergarten", _("幼儿园")
    NOT_YET = "not_yet", _("未入园")
    PRIMARY = "primary", _("小学")
    JUNIOR = "junior", _("初中")
    SENIOR = "senior", _("高中")
    VOCATIONAL = "vocational", _("中职")
    DROPPED_OUT = "dropped_out", _("辍学")
    NOT_IN_SCHOOL = "not_in_school", _("不在学")


class Section(models.TextChoices):
    """Sections of an archive: saved and confirmed one by one."""

    BASIC = "basic", _("基本情况")
    HOME = "home", _("家庭住址")
    PARENTS = "parents", _("父母与务工")
    CARER = "carer", _("照护人")
    SCHOOL = "school", _("学籍")


class CardField(models.TextChoices):
    """What a contact card needs, in the order of the plan; the words are those of a gap: 缺 爸爸电话."""

    FATHER_NAME = "father_name", _("爸爸姓名")
    MOTHER_NAME = "mother_name", _("妈妈姓名")
    ADDRESS = "address", _("家庭住址")
    FATHER_PHONE = "father_phone", _("爸爸电话")
    MOTHER_PHONE = "mother_phone", _("妈妈电话")
    FATHER_EMPLOYER = "father_employer", _("爸爸单位地址")
    FATHER_EMPLOYER_PHONE = "father_employer_phone", _("爸爸单位电话")
    MOTHER_EMPLOYER = "mother_employer", _("妈妈单位地址")
    MOTHER_EMPLOYER_PHONE = "mother_employer_phone", _("妈妈单位电话")
    CARER_NAME = "carer_name", _("照护人姓名")
    CARER_OCCUPATION = "carer_occupation", _("照护人职业")
    CARER_PHONE = "carer_phone", _("照护人电话")
    CARER_HEALTH = "carer_health", _("照护人身体状况")
    CARER_BORN = "carer_born", _("照护人年龄")


class Gap(models.TextChoices):
    """What the list can be narrowed to: children who lack one thing."""

    HELPER = "helper", _("没有结对的人")
    CARER = "carer", _("不知道谁在照护")
    PHONE = "phone", _("照护人没有电话")
    NUMBER = "number", _("没有身份证号")
    CARD = "card", _("联系卡不完整")
    SCHOOL = "school", _("没有学籍")


class Care(models.TextChoices):
    """Whether a list shows children in care now, those who have left, or all."""

    NOW = "now", _("在册")
    LEFT = "left", _("已离开")
    ALL = "all", _("全部")


class KeyKind(models.TextChoices):
    """Kinds of look-up keys."""

    GRAM = "gram", _("姓名")
    PINYIN = "pinyin", _("拼音")
    INITIALS = "initials", _("首字母")
    NUMBER = "number", _("身份证号")
    PHONE = "phone", _("电话")
    TAIL = "tail", _("后四位")
