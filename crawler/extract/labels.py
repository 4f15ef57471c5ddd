"""The labels under which portals state what a document is, however the markup sets them; pure.

A label stands in a cell beside or above its value, before a colon or in brackets, or on a line above its
value. One such label proves little; several together are the label table of a document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from crawler.extract.flow import Line, fold, is_sentence, spread, squeeze
from crawler.extract.wording import CRUMB, simplified
from storage.model import BlockKind

_LONGEST_VALUE = 200
_LONGEST_LABEL = 24
_GAP = 2
_GAP_CHARS = 60
_FEWEST = 2
_FEWEST_FAR = 3
_TABLE_SHARE = 4
_MOST_VALUES = 5

# Labels of the tables in which government portals state what a document is; white space in a label is layout.
_LABELS = {
    "index_number": "索引号|信息索引号|公开索引号|政府信息索引号|索引编号|信息索引|索取号|index number"
    "|index no|index|register id",
    "document_number": "发文字号|文号|发布文号|发文文号|文件编号|公文文号|文件字号|发文号|公文字号|文件文号"
    "|文件号|字号|发文编号|公文号|文件号码|制发文号|令号|公告号|document number|document no|document id"
    "|reference number|reference no|ref no|file number|file no|instrument number|order number|order no"
    "|decision number|notice number|circular number|circular no|notification number|notification no|act number"
    "|number",
    "issuing_agency": "发文机关|发布机构|发文单位|制发机关|公开机构|发布机关|发文机构|制定机关|发布单位"
    "|公开主体|公开单位|公开责任部门|发文部门|发布部门|责任部门|制定单位|制发单位|发文部门|信息提供单位"
    "|颁布机关|颁布单位|颁布部门|信息公开单位|信息公开机构|公布机关|公布单位|公开机关|印发单位|印发机关|印发部门"
    "|信息发布机构|信息发布单位|信息提供机构|发布主体|制定部门|issuing agency"
    "|issuing authority|issuing department|issuing body|issuing office|issuing unit|issuing ministry|issued by"
    "|released by|agency"
    "|agencies|from|publisher|issuer",
    "signed_on": "成文日期|成文时间|印发日期|印发时间|签发日期|签发时间|签署日期|生成日期|生成时间"
    "|发文日期|发文时间|制发日期|制发时间|制定日期|制定时间|形成日期|形成时间|落款日期|文件日期"
    "|date of signing|date signed|date made|date of making|made on|date of adoption|adopted on"
    "|signing date|signed on|date of issue|issue date|issued on|date issued"
    "|date of writing|written date|date of document",
    "published_on": "发布日期|发布时间|公开日期|公开时间|公布日期|公布时间|上网日期|上网时间|颁布日期"
    "|刊登日期|刊登时间|刊发日期|信息发布日期|上网发布日期|公告日期|挂网时间|挂网日期|上传日期|上传时间|首次发布"
    "|date registered|registration date|date gazetted|gazetted|registered|release date"
    "|release time|date of release|released on"
    "|publication date|publish date|published date|publish time|date published"
    "|published on|published|publication time|date of publication|posted on|release",
    "modified_on": "更新时间|更新日期|修改时间|修改日期|最后更新|last updated|last modified|updated"
    "|updated on|date updated|last revised",
    "topic": "主题分类|信息分类|分类|主题词|主题|信息类别|所属主题|主题类别|内容分类|内容类别|主题类型"
    "|公开类别|信息类型|主题目录|政策主题|政策分类|topic|topics|subject|subjects|subject category|category|theme"
    "|policy area",
    "validity": "有效性|时效性|有效性状态|法规时效|时效状态|是否有效|效力状态|文件状态|公文时效|文件有效性|效力"
    "|有效状态"
    "|有效性状况|文件有效状态|效力状况|政策状态|政策时效|政策有效性|法规状态|公文状态|文件效力|法律效力|文件时效|文件时效性|有效与否|时效|validity"
    "|validity status|status|legal status|document status|force",
    "document_type": "公文种类|文种|体裁分类|公文类型|法规类型|法规类别|体裁|文件类型|文件种类|信息形式|公文体裁"
    "|文件类别|公文类别|文件体裁|法规种类"
    "|文体|信息体裁|文种分类|体裁形式|document type|type of document|type|doc type"
    "|document category|instrument type|genre",
    "title": "标题|名称|信息名称|文件名称|文件标题|信息标题|公文名称|公文标题|文献名称|题名|title"
    "|document title|name",
    "origin": "来源|信息来源|资料来源|文章来源|稿件来源|内容来源|稿源|source",
    "author": "作者|author",
    "editor": "责任编辑|责编|编辑|editor",
    # What such tables also hold, and no field is for.
    "": "公开方式|公开形式|公开范围|公开时限|公开程序|公开属性|组配分类|服务对象|服务对象分类"
    "|服务对象类别|对象分类|生效日期|生效时间|实施日期|施行日期|执行日期|失效日期"
    "|失效时间|废止日期|废止时间|有效期|有效期至|有效期限|终止日期|截止日期|关键词|关键字"
    "|载体类型|载体形式|记录形式|内容概述|内容概要|信息概述|概述|摘要|内容摘要|语种"
    "|统一编号|统一登记号|登记号|登记编号|备案号|备案登记号|规范性文件统一登记号|发布层级"
    "|效力层级|效力级别|效力说明|效力等级|签发人|发布人|发布者|浏览次数|浏览量|阅读次数|阅读量|点击数"
    "|点击率|访问量|访问次数|点击次数|点阅次数|点阅|点击|浏览|阅读|公开目录|所属栏目|栏目|信息格式"
    "|信息状态|保密期限|联系电话|页数|密级|公开级别|审核|审核人|文件下载|附件下载"
    "|相关附件|打印|下载|行业分类|地区分类|适用对象|文件层级|政策层级|政策类型|政策级别"
    "|解读|政策解读|相关解读|实施时间|关联文件|字体|字体大小|作废日期|批准机关"
    "|信息生成日期|联合发文单位|联合发文机关|所属机构|起草单位|批准部门|批准日期|分类号|文件解读|适用地区|支持对象|政策对象"
    "|执行期限|信息时效期|时效期|实施状态|档号|保存年限"
    "|administered by|commencement|commencement date|compliance date|closing date|valid from"
    "|valid until|isbn|issn|doi|version|edition|printed version|effective date|effective|date of entry into force"
    "|expiry date"
    "|expiration date|entry into force|keywords|key words|language|views|file size|format"
    "|abstract|summary|pages|print|docket number|docket|document citation|citation"
    "|contact|agency/docket number|agency/docket numbers|docket numbers|page"
    "|applies to|first published|comments close|dates|cfr|rin",
}  # fmt: skip
LABEL_OF = {squeeze(label).lower(): name for name, labels in _LABELS.items() for label in labels.split("|")}
_OPENING_LETTERS = min(2, *map(len, LABEL_OF))
_OPENINGS = frozenset(label[:_OPENING_LETTERS] for label in LABEL_OF)
# Words that open a line of a label table and hardly ever one of an ordinary notice.
_STRONG = frozenset(
    squeeze(label).lower()
    for name in ("index_number", "document_number", "issuing_agency", "signed_on", "validity")
    for label in _LABELS[name].split("|")
    if label not in ("from", "number", "index", "status", "force", "agency", "agencies", "publisher", "issuer", "效力")
    and label not in ("字号", "时效", "责任部门")
) | frozenset({"主题分类", "公文种类", "体裁分类", "组配分类", "documenttype"})
_SINGLE = _STRONG - {"生成时间", "发布单位", "发布部门"}

_MARKS = " \t:：[]【】〔〕*·•|｜-—"
_BRACKETED = re.compile(r"^(?:\[[^\[\]]*\]|【[^【】]*】)$")
_EMPTY = frozenset({"无", "暂无", "--", "-", "/", "—", "——", "无文号", "n/a", "none", "null", "略"})
_SPREAD = "|".join(
    r"\s{0,9}".join(re.escape(character) for character in squeeze(label))
    if not label.isascii()
    else re.escape(label) + (r"\.?" if label.endswith(" no") else "")
    for label in sorted({each for labels in _LABELS.values() for each in labels.split("|")}, key=len, reverse=True)
)
# Portals that have no label table set the index number behind the path of sections.
_BEHIND_CRUMB = re.compile(
    r"(?<=\s)(?:政府|信息|公开|政府信息){0,2}索\s{0,4}[引取]\s{0,4}号\s{0,4}[:：]\s{0,4}([\w/（）().-]{4,60})$"
)
# Without one of these no label is set off from its value: most lines are told by that.
_MARK = re.compile(r"[:：\[【]")
_COLON = re.compile(
    rf"(?:(?<=^)|(?<=[\s|｜;；,，、\]】]))(?:[\[【]\s{{0,4}}({_SPREAD})\s{{0,4}}(?:[\]】]\s{{0,4}}[:：]?|[:：]\s{{0,4}}[\]】])"
    rf"|({_SPREAD})\s{{0,9}}[:：])",
    re.IGNORECASE,
)
# A label that is none of ours, or a tool in brackets, ends a value as well.
_UNKNOWN = re.compile(r"(?<=\S)\s{1,9}[【\[（(]?[\u4e00-\u9fff]{2,6}\s?[:：]")
# A portal's remark above a document that is no longer in force.
_NO_LONGER = re.compile(
    r"^(?:(?:温馨|特别|重要)?(?:提示|提醒|说明|注)\s?[:：]\s?)?[（(【\[]?(?:该|此|本)(?:规范性)?(?:文件|政策|公文|文|件)"
    r"(?:已于.{1,20}|已经?|自.{1,24}起)(?:被|宣布)?(废止|失效)"
)


# The badge that portals of laws set beside a title.
_BADGE = re.compile(
    r"^[\[【（(]?((?:全文|现行|部分|部分条款)?有效|(?:全文|部分|条款|部分条款)(?:失效|废止)|已失效|已废止|尚未(?:生效|施行))[\]】）)]?$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """What a page states under labels.

    values: field -> value as text.  places: of the lines that the label tables are made of.
    """

    values: dict[str, str] = field(default_factory=dict)
    places: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Found:
    """A label with its value, and the lines that it takes."""

    label: str
    value: str
    last: int

    @property
    def name(self) -> str:
        return LABEL_OF[self.label]


def _key(text: str) -> str:
    return simplified(squeeze(text)).strip(_MARKS).rstrip(".").lower() if len(text) <= 2 * _LONGEST_LABEL else ""


def _clean(value: str) -> str:
    text = fold(value[:1_000]).strip(" 　:：,，;；|｜·-—")[:_LONGEST_VALUE]
    if _BRACKETED.match(text):
        text = text[1:-1].strip()
    return "" if text.lower() in _EMPTY else text


def pairs_in(text: str) -> list[tuple[str, str]]:
    """Return the labels of one line and what follows each, where the line begins with one; pure.

    >>> pairs_in("索引号：0001/2024 文号：示政发〔2024〕1号")
    [('索引号', '0001/2024'), ('文号', '示政发〔2024〕1号')]
    """
    if len(text) > 600 or not _MARK.search(text):
        return []
    plain = simplified(text)
    # Most lines with a mark begin with no label: only there is one looked for first.
    opening = len(text) - len(text.lstrip(_MARKS + "\u3000"))
    if not any(_COLON.match(plain, place) for place in range(opening + 1)):
        return []
    found = list(_COLON.finditer(plain))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return [
        (_key(match[1] or match[2]), _clean(_UNKNOWN.split(text[match.end() : end], maxsplit=1)[0]))
        for match, end in zip(found, ends, strict=True)
    ]


def _may_open_with_label(line: Line) -> bool:
    """Tell whether a line begins with the letters of a label, which rules most lines out."""
    return simplified(line.key.lstrip(_MARKS)[:_OPENING_LETTERS]).lower() in _OPENINGS


def _side_by_side(line: Line) -> list[tuple[str, str]]:
    """Return labels and values that follow one another in elements of one line, no mark between them."""
    pieces = spread(line).split("  ")
    if len(pieces) < 3 or _key(pieces[0]) not in LABEL_OF:
        return []
    pairs: list[tuple[str, str]] = []
    for piece in pieces:
        if _key(piece) in LABEL_OF:
            pairs.append((_key(piece), ""))
        elif pairs[-1][1]:
            return []
        else:
            pairs[-1] = (pairs[-1][0], _clean(piece))
    return pairs if len(pairs) >= _FEWEST else []


def _led_by_element(line: Line) -> tuple[str, str] | None:
    """Return label and value where an inline element at the beginning of a line holds the label and no more."""
    element = line.element
    for _ in range(3):
        child = next(element.iterchildren(), None)
        if (element.text or "").strip() or child is None:
            return None
        element = child
        if not isinstance(element.tag, str):
            return None
        head = fold("".join(element.itertext())[:100])
        if head and (key := _key(head)) in LABEL_OF and line.text.startswith(head):
            return key, _clean(line.text[len(head) :])
    return None


def stated_validity(text: str) -> str | None:
    """Return how a remark above a document says that it is no longer in force, or a badge if it is; pure.

    None of any other line.

    >>> stated_validity("提示：该文件已于2024年3月1日废止")
    '废止'
    """
    match = (_NO_LONGER.match(text) or _BADGE.match(text)) if len(text) <= _LONGEST_VALUE else None
    return match[1] if match else None


def _is_led_entry(line: Line) -> bool:
    return line.element.tag == "li" and _led_by_element(line) is not None


def is_label_line(line: Line) -> bool:
    """Tell whether a line is a label table, or begins with a label that opens few lines of ordinary text; pure."""
    if line.kind is BlockKind.TABLE:
        return table_pairs(line.text) is not None
    return _key(line.text) in _SINGLE or any(label in _SINGLE for label, _ in pairs_in(line.text))


def table_pairs(text: str) -> list[tuple[str, str]] | None:
    """Return the pairs of a table that is one of labels, None of any other; pure.

    Labels stand before their values in a row, or make up a row above a row of values.
    """
    rows = [row.split(" | ") for row in text.split("\n")]
    filled = sum(1 for row in rows for cell in row if cell.strip())
    pairs: list[tuple[str, str]] = []
    place = 0
    while place < len(rows):
        row = rows[place]
        below = rows[place + 1] if place + 1 < len(rows) else []
        known = sum(1 for cell in row if _key(cell) in LABEL_OF)
        if known >= _FEWEST and 2 * known > len(row) and len(below) == len(row):
            side = sum(
                1 for a, b in zip(row[::2], row[1::2], strict=False) if _key(a) in LABEL_OF and _key(b) not in LABEL_OF
            )
            if side * 2 < known and not any(_key(cell) in LABEL_OF for cell in below):
                if (
                    place + 2 < len(rows)
                    and len(rows[place + 2]) == len(row)
                    and not any(map(_is_label, rows[place + 2]))
                ):
                    return None  # a list of documents: more than one has what the heads name
                pairs.extend((_key(a), _clean(b)) for a, b in zip(row, below, strict=True) if _key(a) in LABEL_OF)
                place += 2
                continue
        step = 0
        while step < len(row):
            cell = row[step]
            if inner := pairs_in(cell):
                if len(inner) == 1 and not inner[0][1] and step + 1 < len(row) and not _is_label(row[step + 1]):
                    pairs.append((inner[0][0], _clean(row[step + 1])))
                    step += 1
                else:
                    pairs.extend(inner)
            elif (key := _key(cell)) in LABEL_OF:
                value = row[step + 1] if step + 1 < len(row) else ""
                if _is_label(value):
                    pairs.append((key, ""))
                else:
                    pairs.append((key, _clean(value)))
                    step += 1
            step += 1
        place += 1
    names = [label for label, _ in pairs]
    if len(set(names)) != len(names) or len(pairs) < _FEWEST or _TABLE_SHARE * len(pairs) < filled:
        return None
    return pairs if _STRONG.intersection(names) else None


def _is_label(cell: str) -> bool:
    return _key(cell) in LABEL_OF or bool(pairs_in(cell))


def _found_at(lines: Sequence[Line], place: int) -> list[_Found]:
    line = lines[place]
    if line.kind is BlockKind.TABLE:
        pairs = table_pairs(line.text)
        return [_Found(label, value, place) for label, value in pairs or ()]
    if len(line.text) > 600:
        return []
    pairs = pairs_in(line.text)
    if pairs and (apart := spread(line)) != line.text:
        pairs = max(pairs_in(apart), pairs, key=len)
    if not pairs and _may_open_with_label(line):
        if (key := _key(line.text)) in LABEL_OF:
            pairs = [(key, "")]
        elif found := _side_by_side(line):
            pairs = found
        elif led := _led_by_element(line):
            pairs = [led]
    if len(pairs) == 1 and not pairs[0][1] and place + 1 < len(lines):
        value = lines[place + 1]
        text = _clean(value.text) if len(value.text) <= _LONGEST_VALUE and value.kind is not BlockKind.TABLE else ""
        if text and not _is_label(value.text) and _led_by_element(value) is None and _beside(line, value):
            more = _more_values(lines, place + 1)
            joined = ", ".join((text, *more)) if text.isascii() else "、".join((text, *more))
            return [_Found(pairs[0][0], joined, place + 1 + len(more))]
    return [_Found(label, value, place) for label, value in pairs]


def _more_values(lines: Sequence[Line], place: int) -> list[str]:
    """Return the values that follow the first one of a term of a list of terms, one short line each."""
    found: list[str] = []
    first = lines[place].element
    for line in lines[place + 1 : place + 1 + _MOST_VALUES]:
        short = len(line.text) <= _GAP_CHARS and not is_sentence(line.text) and not _is_label(line.text)
        if first.tag != "dd" or line.element.tag != "dd" or line.element.getparent() is not first.getparent():
            break
        if not short or not (value := _clean(line.text)):
            return []
        found.append(value)
    return found


def _beside(label: Line, value: Line) -> bool:
    """Tell whether a value lies in the box of its label, not somewhere after it."""
    own, other = label.element, value.element
    if own is other or value.kind is BlockKind.HEADING:
        return own is other and value.kind is not BlockKind.HEADING
    home = own.getparent()
    parent = other.getparent()
    return (
        home is not None
        and home.tag != "body"
        and (parent is home or (parent is not None and parent.getparent() is home))
    )


def find(lines: Sequence[Line], *, start: int, first: int) -> Labelled:
    """Return what the label tables of a page state, and where they are.

    Pure.  The same label twice in one table is a list of documents, not the table of one.

    start, first: the head of the document, from its title to its first running text; elsewhere, as in a
        column beside it, a table needs more labels to be believed.
    """
    values: dict[str, str] = {}
    places: set[int] = set()
    for group in _groups(lines):
        begin, end = group[0][0], group[-1][1].last
        labels = [found.label for _, found in group]
        names = {found.name for _, found in group} - {""}
        near = start <= begin <= first or (begin < start and end >= start - 3)
        # Where the markup itself says that these are terms, ordinary words are labels as well.
        terms = len(names) >= _FEWEST and (
            all(lines[place].element.tag == "dt" for place, _ in group)
            or (near and all(_is_led_entry(lines[place]) for place, _ in group))
        )
        strong = terms or not _STRONG.isdisjoint(labels)
        if len(set(labels)) != len(labels):
            continue
        if strong and len(set(labels)) >= (_FEWEST if near or terms else _FEWEST_FAR):
            places.update(range(begin, end + 1))
        elif near and len(labels) == 1 and labels[0] in _SINGLE and group[0][1].value:
            places.add(begin)
        else:
            continue
        for name in sorted(names):
            value = next((found.value for _, found in group if found.name == name and found.value), None)
            if value:
                values.setdefault(name, value)
    if "index_number" not in values:
        for place in range(max(0, start), min(first, len(lines))):
            text = lines[place].text
            if len(text) <= _LONGEST_VALUE and CRUMB.match(text) and (match := _BEHIND_CRUMB.search(text)):
                values["index_number"] = match[1]
                break
    return Labelled(values=values, places=frozenset(places))


def _groups(lines: Sequence[Line]) -> list[list[tuple[int, _Found]]]:
    """Return runs of lines with labels, a short line without one between them allowed."""
    groups: list[list[tuple[int, _Found]]] = []
    last = -_GAP - 2
    place = 0
    while place < len(lines):
        found = _found_at(lines, place)
        if found:
            table = lines[place].kind is BlockKind.TABLE
            between = lines[last + 1 : place] if groups else []
            joined = (
                groups
                and place - last - 1 <= _GAP
                and all(len(line.text) <= _GAP_CHARS and line.kind is not BlockKind.HEADING for line in between)
                and not (between and table)
                and lines[groups[-1][-1][0]].element.tag == lines[place].element.tag
            )
            if not joined:
                groups.append([])
            groups[-1].extend((place, each) for each in found)
            last = found[-1].last
            place = last
        place += 1
    return groups
