"""The one PDF door: a typst form and plain facts become a document. Everything printed as a file passes here.

Forms stand in `paper_forms/*.typ` and read their facts as JSON, so that no name or word of a person is ever typst
source. They need a Chinese font on the machine (Debian: fonts-noto-cjk), or a folder of the operator's own.
"""

import json
import os
from functools import cache
from pathlib import Path

import typst
from django.utils.translation import gettext_lazy as _

FORMS = Path(__file__).resolve().parent / "paper_forms"
SONG = ("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC")
SANS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC")


class NoFont(Exception):
    """This machine has no Chinese font to print with; `sentence` tells the user."""

    sentence = _("这台机器没有中文字体，打不了 PDF。请管理员安装 fonts-noto-cjk，或先用浏览器打印。")


def font_folders() -> list[str]:
    """The operator's own fonts, besides the system's."""
    own = os.environ.get("TONGXING_FONTS", "")
    return [own] if own else []


@cache
def _families() -> frozenset[str]:
    return frozenset(typst.Fonts(font_paths=font_folders()).families())


def pdf(form: str, facts: dict) -> bytes:
    """Fill a form ("coverage") with facts (plain JSON values). Raises NoFont without a Chinese font."""
    if not any(family in _families() for family in (*SONG, *SANS)):
        raise NoFont
    return typst.compile(
        (FORMS / f"{form}.typ").read_bytes(),
        root=str(FORMS),
        font_paths=font_folders(),
        sys_inputs={"facts": json.dumps(facts, ensure_ascii=False, default=str)},
    )
