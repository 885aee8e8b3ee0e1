"""Word documents for tests, put together as Word itself does: runs in pieces, numbers that stand nowhere in the text."""

import io
import zipfile
from xml.sax.saxutils import escape

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
# One list of three levels, as Word writes it: 一、 then 1． then （一）.
NUMBERING = f"""<?xml version="1.0" encoding="UTF-8"?><w:numbering {W}>
<w:abstractNum w:abstractNumId="4">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2．"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%3）"/></w:lvl>
</w:abstractNum>
<w:num w:numId="7"><w:abstractNumId w:val="4"/></w:num>
</w:numbering>"""
STYLES = f"""<?xml version="1.0" encoding="UTF-8"?><w:styles {W}>
<w:style w:type="paragraph" w:styleId="Base"><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="7"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Part"><w:basedOn w:val="Base"/></w:style>
</w:styles>"""


def paragraph(text: str, *, level=None, style="", deleted="") -> str:
    """A paragraph; the text in two runs, as after spell checking. `level` of the automatic list; `style` may have one."""
    about = f'<w:pStyle w:val="{style}"/>' if style else ""
    if level is not None:
        about += f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="7"/></w:numPr>'
    half = len(text) // 2
    runs = "".join(f'<w:r><w:t xml:space="preserve">{escape(part)}</w:t></w:r>' for part in (text[:half], text[half:]))
    gone = f"<w:del><w:r><w:delText>{escape(deleted)}</w:delText></w:r></w:del>" if deleted else ""
    return f"<w:p><w:pPr>{about}</w:pPr>{gone}{runs}</w:p>"


def table(*rows) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


PICTURE = "<w:p><w:r><w:drawing/></w:r></w:p>"


def docx(*parts: str, before="", extra=()) -> bytes:
    """A document of these parts. `before`: what stands before the root element; `extra`: (name, bytes) beside it."""
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<w:document {W}><w:body>{"".join(parts)}</w:body></w:document>'
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", TYPES)
        package.writestr("word/document.xml", document)
        package.writestr("word/numbering.xml", NUMBERING)
        package.writestr("word/styles.xml", STYLES)
        for name, content in extra:
            package.writestr(name, content)
    return target.getvalue()


def school() -> bytes:
    """A school's plan whose numbers are all Word's own."""
    return docx(
        paragraph("松岭小学2026年秋季学期关爱留守学生工作方案"),
        paragraph("为使父母不在身边的学生安心读书，学校定下这份方案。"),
        paragraph("指导思想", level=0),
        paragraph("学校是孩子白天的家，班级是家里的一间屋。"),
        paragraph("工作目标", style="Part"),
        paragraph("学籍清清楚楚，留守学生入学率100％。", level=1),
        paragraph("一个都不少，到期末巩固率100％。", level=1),
        paragraph("每个孩子都有一位老师同他结对。", level=1),
        paragraph("工作措施", level=0),
        paragraph(
            "把班级办成第二个家。各班订出班级关爱计划，班会和队会让孩子同小伙伴一起长大。（责任人：各班主任，9月15日前）",
            level=1,
        ),
        paragraph(
            "填好联系卡。学生档案由专人保管，家里换了号码当天就改卡片。负责人：孙老师", level=1, deleted="三年级"
        ),
        paragraph("打通亲情热线。门卫室装一部亲情电话，孩子课间就能打。", level=1),
        paragraph("学习、生活、活动三优先。", level=1),
        paragraph("写成长日记。任课教师每个月为结对的学生写一篇。", level=1),
        paragraph("常谈心。每两周同孩子谈心一次，听他把话说完。", level=1),
        paragraph("书信与讲台。秋天里给妈妈写一封信，道一声谢；国庆以前举行一次主题演讲。", level=1),
        paragraph("推广好经验。把做得好的树为典型，全校总结经验。由教导处负责，完成时间：12月。", level=1),
        paragraph("修理操场的篮球架。", level=1),
        paragraph("考核评价", level=0),
        paragraph("学期末各班对照方案自评，学校再考评一次，结果写进年度总结。"),
        paragraph("松岭小学"),
        paragraph("2026年9月1日"),
    )


def village() -> bytes:
    """A village's plan whose measures stand in a table, and whose goals stand in one paragraph."""
    return docx(
        paragraph("柳湾村2026年关爱留守儿童工作安排"),
        paragraph("村里有三十七名孩子的父母在外，现把全年的事排定如下。"),
        paragraph("一、工作目标"),
        paragraph("建档率达到95%以上；留守儿童入户走访率100%；重大侵害零发生。"),
        paragraph("二、任务分解"),
        table(
            ("序号", "工作任务", "责任人", "完成时限"),
            ("1", "开一次村“两委”会，把关爱留守儿童列入村里的年度工作，请关工委的老同志参加", "柳成林", "1月31日前"),
            ("2", "用广播、墙报宣传关爱政策", "柳小燕", "全年"),
            ("3", "查找孩子想家、逃学的原因，逐条商量对策", "柳成林", "4月30日前"),
            ("4", "排出残疾、单亲等重点儿童，每人安排一名村干部联系", "村“两委”干部", "5月底前"),
            ("5", "组织孩子打球、下棋、拔河等文体比赛", "柳小燕", "暑假"),
            ("6", "过年父母回来时，办一次亲子见面会", "柳小燕", "2027年1月"),
            ("7", "健全管理制度，月月有检查，成为经常", "柳成林", "长期"),
            ("8", "更换村委会门牌", "柳成林", "3月"),
        ),
        paragraph("柳湾村民委员会"),
        paragraph("二〇二六年一月十日"),
    )
