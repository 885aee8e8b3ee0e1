"""Training cards: what each function is for and how it goes, in a minute. Shown once by themselves, later when asked.

A topic is offered on its pages to those who may use them. Its words say what the page does today, nothing more.
"""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Topic:
    code: str
    title: object
    permission: str
    pages: tuple[str, ...]  # the names of the addresses it belongs to; the first is where it leads
    cards: tuple[tuple[object, object], ...]  # (title, words), three to five


TOPICS = {
    topic.code: topic
    for topic in (
        Topic(
            "today", _("今日怎么看"), "today", ("desk:today",),
            (
                (_("要紧的在前"), _("每一行写着：做什么、哪个孩子、为什么排在这里。点一下就开始做。")),
                (_("红色很少"), _("只有高关注的孩子超期才是红色。其他的按日子排。")),
                (_("一趟走完"), _("点「按路线排」，同一个小组、同一户的排在一起。")),
                (_("做完就少一行"), _("记好一次走访，那一行自己消失，不用打勾。")),
            ),
        ),
        Topic(
            "find", _("找一个孩子"), "children.list", ("children:list",),
            (
                (_("写几个字就行"), _("名字的一部分、全拼、首字母都能找：写 csy 找到陈思远。")),
                (_("电话也能找"), _("写电话或身份证号的后四位。")),
                (_("音写得不准也没关系"), _("n 和 l、z 和 zh、in 和 ing 不分也找得到。")),
                (_("只看缺什么的"), _("名单上面可以只看没结对、没电话的。条件点一下就去掉。")),
            ),
        ),
        Topic(
            "register", _("给一个孩子建档"), "children.open", ("children:open",),
            (
                (_("先找一找"), _("写名字时，已有的档案会列在旁边。同一个孩子不建两次。")),
                (_("先写六项"), _("姓名、号码、小组、谁在照护、电话。别的以后再补。")),
                (_("号码不全也能建"), _("选一个原因：没带、没上户口。孩子照样有人管。")),
                (_("写错一位会问你"), _("对照证件看一眼；证件上就是这样，点「就是这样」。")),
            ),
        ),
        Topic(
            "import", _("把一张表导进来"), "rosters.import", ("rosters:upload", "rosters:list", "rosters:roster"),
            (
                (_("表不用改"), _("学校、乡镇发来的表原样选上，哪列是什么它自己认。")),
                (_("先看再导"), _("能导的、要看一下的分开写。你点了导入，才建档。")),
                (_("一行有错，不拖别的行"), _("有疑问的留下来，在这一页改；别的先建档。")),
                (_("导错了能撤"), _("整批撤销，写一句原因。之后别人写的不会丢。")),
            ),
        ),
        Topic(
            "visit", _("记一次走访"), "care.visit", ("care:visit", "desk:record", "care:visits"),
            (
                (_("见到谁，点谁"), _("见到孩子才算走访了这个孩子。")),
                (_("四样看一眼"), _("生活、学习、情绪、安全。都好就点「其余都正常」。")),
                (_("写一句真话"), _("看到的、听到的一句，比打勾有用。")),
                (_("兄弟姐妹一起记"), _("同一户的一次记完。")),
                (_("很担心的时候"), _("点「我很担心这个孩子」，那里写着现在该做什么。")),
            ),
        ),
        Topic(
            "coverage", _("看懂覆盖率"), "plans.coverage", ("plans:coverage", "plans:gaps"),
            (
                (_("几分之几"), _("右边是应有的人，左边是做到的人。点开就是名单。")),
                (_("差的人有名字"), _("每个名字后面写着缺什么、点哪里补上。")),
                (_("不知道不算做到"), _("还不知道的单独列出来，不会悄悄算进去。")),
                (_("可以请人代办"), _("改期、请人代办都写得下，但做到才算做到。")),
            ),
        ),
        Topic(
            "plan", _("用好年度计划"), "plans.coverage", ("plans:plans", "plans:plan", "plans:bring"),
            (
                (_("计划原样放进来"), _("Word 或文本都行，目标和措施自己分开。")),
                (_("每条措施对着实数"), _("右边的数每天自己算，不用填表。")),
                (_("对不上的留着"), _("没认出来的措施留在原处，由你指给它一项。")),
                (_("谁来做、到哪天"), _("每条写上一个人和一个日子，到时候出现在他的今日里。")),
            ),
        ),
    )
}  # fmt: skip


def topic_of(page: str) -> Topic | None:
    """The topic of a page, by the name of its address."""
    return next((topic for topic in TOPICS.values() if page in topic.pages), None)


def topics_for(staff) -> list[Topic]:
    """Those of functions this person may use."""
    return [topic for topic in TOPICS.values() if staff.may(topic.permission) and _is_built(topic)]


def _is_built(topic: Topic) -> bool:
    try:
        reverse(topic.pages[0])
    except NoReverseMatch:
        return False
    return True
