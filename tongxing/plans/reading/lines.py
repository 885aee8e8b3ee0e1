"""What every kind of file becomes: lines; and why a file is refused, in the sentence its sender reads."""

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

LONGEST = 120_000  # characters; a plan of a hundred pages has half of it
MOST_LINES = 3_000

REFUSALS = {
    "empty_file": _("文件是空的（0 字节），请重新选择"),
    "too_big": _("文件太大，不像一份计划，请只留计划本身再上传"),
    "empty": _("文件里没有字，请打开看看是不是存错了"),
    "picture": _("这份文件里只有图片，读不出字；请用有文字的 Word 文件，或照着图片另打一份"),
    "pdf": _("这是 PDF，请用 Word 或 WPS 打开后另存为 docx 再上传"),
    "old_word": _("这是旧版 Word 文件（doc），或加了密码；请用 Word 或 WPS 打开，另存为不带密码的 docx 再上传"),
    "rich_text": _("这是 RTF 文件，请用 Word 或 WPS 打开后另存为 docx 再上传"),
    "web_page": _("这是一个网页，请把计划的文字复制到 Word 里，存为 docx 再上传"),
    "not_word": _("这不是 Word 文件，请上传 docx 或 txt"),
    "broken": _("文件打不开，可能已损坏，请用 Word 或 WPS 另存一份再上传"),
    "not_text": _("这不是文字文件，请上传 docx 或 txt"),
    "no_plan": _("文件里没有读到计划的条目，请看看是不是选错了文件"),
    "other_subject": _("没有一条对得上关爱计划，这好像是别的计划；请看看是不是选错了文件"),
}


class UnreadablePlan(Exception):
    """A file that is not read as a plan: `code` (a key of REFUSALS) and the sentence the sender reads."""

    def __init__(self, code: str):
        self.code, self.text = code, REFUSALS[code]
        super().__init__(code)


@dataclass
class Line:
    """A line of the document. `cells` holds what a row of a table says, by the meaning of its columns."""

    text: str
    cells: dict = field(default_factory=dict)
