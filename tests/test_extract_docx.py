"""Word documents: what a reader sees of them comes out, in its order."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import docx
import pytest

from crawler.extract import extract
from crawler.extract.docx_numbering import written
from storage.model import BlockKind, Extraction

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DRAWING = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def word(body: str, *, numbering: str = "", styles: str = "") -> bytes:
    """Return a document whose body, lists and styles are the XML given."""
    empty = io.BytesIO()
    docx.Document().save(empty)
    out = io.BytesIO()
    with zipfile.ZipFile(empty) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in read.namelist():
            text = read.read(name)
            if name == "word/document.xml":
                text = f"<w:document {W} {DRAWING}><w:body>{body}</w:body></w:document>".encode()
            elif name == "word/numbering.xml" and numbering:
                text = f"<w:numbering {W}>{numbering}</w:numbering>".encode()
            elif name == "word/styles.xml" and styles:
                text = text.replace(b"</w:styles>", f"{styles}</w:styles>".encode())
            archive.writestr(name, text)
    return out.getvalue()


def read(body: bytes) -> Extraction:
    return extract(body, url="http://gov.example/a.docx", content_type="", fetched_on=date(2024, 5, 6))


def texts(body: str, *, numbering: str = "", styles: str = "") -> list[str]:
    found = read(word(body, numbering=numbering, styles=styles))
    assert found.failure is None
    return [block.text for block in found.blocks]


def run(text: str) -> str:
    return f"<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>"


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{run(text)}</w:p>"


def in_list(text: str, depth: int = 0, number: int = 1) -> str:
    return paragraph(text, f"<w:numPr><w:ilvl w:val='{depth}'/><w:numId w:val='{number}'/></w:numPr>")


def level(depth: int, kind: str, text: str, more: str = "") -> str:
    counted = f"<w:start w:val='1'/><w:numFmt w:val='{kind}'/>{more}<w:lvlText w:val='{text}'/>"
    return f"<w:lvl w:ilvl='{depth}'>{counted}</w:lvl>"


CHAPTERS = (
    "<w:abstractNum w:abstractNumId='0'>"
    + level(0, "chineseCounting", "第%1章")
    + level(1, "chineseCounting", "（%2）", "<w:suff w:val='nothing'/>")
    + level(2, "decimal", "%1.%2.%3", "<w:isLgl/>")
    + level(3, "bullet", "")
    + "</w:abstractNum><w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num>"
    "<w:num w:numId='2'><w:abstractNumId w:val='0'/>"
    "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='1'/></w:lvlOverride></w:num>"
)


def test_the_numbers_that_word_sets_stand_before_their_paragraphs() -> None:
    body = (
        in_list("总则")
        + in_list("依据", 1)
        + in_list("范围", 1)
        + in_list("城区", 2)
        + in_list("郊区", 2)
        + in_list("例外", 3)
        + paragraph("无编号。")
        + in_list("附则")
        + in_list("解释", 1)
        + in_list("另一份", 0, 2)
        + in_list("", 0, 2)
    )
    assert texts(body, numbering=CHAPTERS) == [
        "第一章 总则",
        "（一）依据",
        "（二）范围",
        "1.2.1 城区",
        "1.2.2 郊区",
        "例外",
        "无编号。",
        "第二章 附则",
        "（一）解释",
        "第一章 另一份",
    ]


def test_a_style_may_number_its_paragraphs() -> None:
    style = "<w:style w:type='paragraph' w:styleId='{0}'><w:name w:val='{0}'/>{1}</w:style>"
    styles = style.format("art", "<w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr>")
    styles += style.format("own", "<w:basedOn w:val='art'/>")
    body = paragraph("甲", "<w:pStyle w:val='art'/>") + paragraph("乙", "<w:pStyle w:val='own'/>")
    body += paragraph("丙", "<w:pStyle w:val='own'/><w:numPr><w:numId w:val='0'/></w:numPr>")
    assert texts(body, numbering=CHAPTERS, styles=styles) == ["第一章 甲", "第二章 乙", "丙"]


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (1, "chineseCounting", "一"),
        (10, "chineseCountingThousand", "十"),
        (21, "japaneseCounting", "二十一"),
        (120, "chineseCounting", "120"),
        (10, "ideographDigital", "一〇"),
        (28, "lowerLetter", "bb"),
        (1994, "upperRoman", "MCMXCIV"),
        (5, "decimalEnclosedCircle", "⑤"),
        (3, "decimalZero", "03"),
        (7, "hebrew1", "7"),
    ],
)
def test_numbers_as_lists_show_them(number: int, kind: str, text: str) -> None:
    assert written(number, kind) == text


def test_changes_count_as_accepted_and_wrappers_are_seen_through() -> None:
    body = (
        f"<w:p>{run('期限为')}<w:del>{run('五').replace('w:t', 'w:delText')}</w:del>"
        f"<w:ins>{run('三')}</w:ins>{run('年。')}</w:p>"
        f"<w:p>{run('于')}<w:smartTag>{run('2024年5月6日')}</w:smartTag><w:hyperlink>{run('公布')}</w:hyperlink></w:p>"
        f"<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>PAGEREF</w:instrText></w:r>"
        f"<w:fldSimple>{run('第三页')}</w:fldSimple><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r></w:p>"
        f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph('控件中的段落。')}</w:sdtContent></w:sdt>"
    )
    assert texts(body) == ["期限为三年。", "于2024年5月6日公布", "第三页", "控件中的段落。"]


def test_text_boxes_come_once_below_their_paragraph_and_tables_in_order() -> None:
    box = f"<w:txbxContent>{paragraph('示政发〔2024〕5号')}</w:txbxContent>"
    drawn = (
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'>"
        f"<w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    cell = "<w:tc><w:tcPr><w:gridSpan w:val='{}'/></w:tcPr>{}</w:tc>"
    rows = (
        f"<w:tr>{cell.format(2, paragraph('合计'))}</w:tr><w:tr>{cell.format(1, paragraph('甲县') + paragraph('乙县'))}"
    )
    rows += f"<w:sdt><w:sdtContent>{cell.format(1, paragraph('12'))}</w:sdtContent></w:sdt></w:tr>"
    body = f"<w:p>{run('红头')}{drawn}</w:p><w:tbl>{rows}</w:tbl>{paragraph('表后。')}"
    found = read(word(body))
    assert [(block.kind, block.text) for block in found.blocks] == [
        (BlockKind.PARAGRAPH, "红头"),
        (BlockKind.PARAGRAPH, "示政发〔2024〕5号"),
        (BlockKind.TABLE, "合计\n甲县 乙县 | 12"),
        (BlockKind.PARAGRAPH, "表后。"),
    ]


def test_lists_that_are_not_there_number_nothing() -> None:
    broken = (
        "<w:abstractNum w:abstractNumId='0'><w:lvl w:ilvl='77'/><w:lvl w:ilvl='x'/></w:abstractNum><w:num w:numId='1'/>"
    )
    assert texts(in_list("甲", 77) + in_list("乙", 0, 9), numbering=broken) == ["甲", "乙"]
