"""What a document says of itself: title, days, numbers, agencies, from where a page states them; pure."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from lxml import html

from crawler.extract.flow import Line, fold, lines_of, squeeze, weight
from crawler.extract.furniture import is_byline, is_prose, is_sentence
from storage.model import Fields

_LONGEST_TITLE = 300
_LONGEST_VALUE = 200
_SUPPORT = {"h1": 1.4, "farther h1": 1.0, "label": 1.5}
_JSON_CHARS = 200_000
_EARLIEST_YEAR = 1900
_TITLE_SEPARATORS = re.compile(
    r"\s*[_|｜–—»«›]+\s*|\s+[-·•:：]+\s+|-{1,2}(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])-{1,2}"
)

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_NUMERIC = re.compile(r"(?<!\d)((?:19|20)\d{2})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"^\s{0,9}((?:19|20)\d{2})(\d{2})(\d{2})(?:\d{4,6}|T|\s|$)")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s-]" + _MONTH + r",?[\s-]((?:19|20)\d{2})", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"\b" + _MONTH + r"\s(\d{1,2})(?:st|nd|rd|th)?,?\s((?:19|20)\d{2})", re.IGNORECASE)
# Which of the two is the month, only numbers above twelve tell.
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/((?:19|20)\d{2})(?![\d/])")
_HAN_DIGITS = {digit: place for place, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "Ｏ": 0, "O": 0}
_HAN_DATE = re.compile(
    r"([一二][〇零○ＯO一二三四五六七八九]{3})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)

_PUBLISHED_META = (
    "pubdate", "publishdate", "article:published_time", "og:published_time", "datepublished", "publish-date",
    "publish_date", "publication_date", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date",
    "dc.date.created",
    "parsely-pub-date", "sailthru.date", "article.published", "og:article:published_time",
    "rnews:datepublished",
    "citation_publication_date", "weibo:article:create_at",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "lastmodified",
    "last-modified",
    "dcterms.modified",
)
_PUBLISHER_META = ("sitename", "og:site_name", "dc.publisher", "dcterms.publisher", "citation_publisher")
_TITLE_META = (
    "articletitle",
    "og:title",
    "twitter:title",
    "dc.title",
    "dcterms.title",
    "sailthru.title",
    "citation_title",
)

_PUBLISHED_LABEL = re.compile(
    r"(?:发布|发表|发稿|刊发|公布|公开|上传|生成)\s?(?:时间|日期)\s?[:：]?|"
    r"\b(?:release(?:d)?|publish(?:ed)?|publication|post(?:ed)?)(?: time| date| on| at)?\s?[:：]?|"
    r"\bdate\s?[:：]",
    re.IGNORECASE,
)
_MODIFIED_LABEL = re.compile(
    r"(?:更新|修改)\s?(?:时间|日期)\s?[:：]?|\b(?:last )?(?:updated?|modified)(?: on| at)?\s?[:：]?", re.IGNORECASE
)
# The day of an update is not the day on which a page came out.
_UPDATED = re.compile(r"(?:更新|修改)\s?(?:时间|日期)?\s?[:：]\s?[\d年月日/.-]{6,12}")
_CLOCK_LINE = re.compile(
    r"今天|现在是|当前时间|北京时间|星期[一二三四五六日天]|today|last updated|current", re.IGNORECASE
)

_STOP = (
    r"(?=\s{1,9}(?:[^\s:：]{1,12}[:：]|[aA][+-]?(?:\s|$)|\d{4}[-年/.]|\d{1,2}:\d{2})|[|｜【】\[\]（(]|\s{2,}|"
    r"(?:发布|更新|发稿)?(?:时间|日期)|作者|浏览|阅读|点击|字号|字体|分享|打印|责任编辑|编辑[:：]|"
    r"记者[:：]|来源|$)"
)
_ORIGIN = re.compile(
    r"(?:稿件|信息|文章|文稿|新闻|内容)?(?:来\s{0,4}源|出处)\s{0,4}[:：]\s{0,4}([^\n|｜]{1,60}?)" + _STOP
)
_ORIGIN_EN = re.compile(
    r"\bsource\s?[:：]\s?([^|\n]{2,80}?)(?=\s{0,3}[|]|\s(?:author|editor|date|updated|published)\b"
    r"|\s(?:(?:font|text) ?size|font|size|views?|hits|clicks|time|print|share)\s?[:：]|$)",
    re.I,
)
_AUTHOR = re.compile(r"(?:作\s{0,4}者|撰稿|撰文)\s{0,4}[:：/]\s{0,4}([^\n|｜]{1,40}?)" + _STOP)
_AUTHOR_EN = re.compile(r"^(?:by|author\s?[:：]|written by)\s([A-Z][\w.'’-]{1,30}(?:\s[\w.'’-]{1,30}){0,5})$")
_EDITOR = re.compile(
    r"(?:责任编辑|责\s{0,4}编|编\s{0,4}辑)\s{0,4}[:：/]\s{0,4}([^\n|｜)）\]】]{1,40}?)"
    r"(?:(?=[)）\]】])|" + _STOP + ")"
)
_EDITOR_EN = re.compile(r"(?:editor(?:s)?(?: in charge)?)\s?[:：]\s?([^()（）\n]{2,60}?)(?=[)）]|$)", re.I)

_DAY_ALONE = re.compile(r"^[\d〇零○ＯO一二三四五六七八九十年月]{6,14}日$")
_ENGLISH_DAY = re.compile(
    rf"^(?:Dated\s)?(?:{_MONTH}\s\d{{1,2}},\s\d{{4}}|\d{{1,2}}\s{_MONTH}\s\d{{4}})\.?$", re.IGNORECASE
)
_SIGNED_NEAR_END = 8
# The label of the next value, where the one asked for is empty.
_OPENS = re.compile(r"[^\s:：]{1,8}[:：]")
_NUMBER = re.compile(r"([\u4e00-\u9fff]{1,20}\s?[〔［\[（(【]\s?(?:19|20)\d{2}\s?[〕］\])）】]\s?第?\s?\d{1,5}\s?号)")
_LONE_NUMBER = re.compile("^" + _NUMBER.pattern + "$")
# "令" and its number are often set on two lines.
_DECREE = re.compile(r"^[\u4e00-\u9fff][\u4e00-\u9fff \u3000、]{1,30}(?:令|公告)$")
_ORDINAL = r"(?:(?:19|20)\d{2}年)?第\s?[\d一二三四五六七八九十百〇零]{1,6}\s?号"
_LONE_ORDER = re.compile(rf"^[（(]?\s?{_ORDINAL}\s?[）)]?$")
# In brackets after other words it may as well be the issue of a magazine or the number of a lecture.
_ORDER = re.compile(
    r"^((?:[\u4e00-\u9fff]{2,20}[ \u3000、]){0,3}"
    rf"(?:(?:[\u4e00-\u9fff]{{2,20}})?(?:令|公告)?\s?{_ORDINAL}"
    rf"|(?:(?:[\u4e00-\u9fff]{{2,20}})?(?:令|公告))?\s?[（(]\s?{_ORDINAL}\s?[）)]))$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the head of a page says, before scripts are taken out."""

    meta: dict[str, str] = field(default_factory=dict)
    title_tag: str = ""
    linked: tuple[dict[str, Any], ...] = ()
    language: str | None = None


def head_of(tree: html.HtmlElement) -> Head:
    """Return meta tags, title, JSON-LD objects and language of a page; pure."""
    meta: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = tag.get("name") or tag.get("property") or tag.get("itemprop") or ""
        content = fold((tag.get("content") or "")[:5_000])
        if name and content:
            meta.setdefault(name.strip().lower(), content)
    title = tree.find(".//title")
    title_tag = fold("".join(title.itertext())[:5_000])[:_LONGEST_TITLE] if title is not None else ""
    linked: list[dict[str, Any]] = []
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() == "application/ld+json" and script.text:
            linked.extend(_objects(script.text[:_JSON_CHARS]))
    language = (tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip()[:20]
    return Head(meta=meta, title_tag=title_tag, linked=tuple(linked), language=language or None)


def _objects(text: str) -> list[dict[str, Any]]:
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return []
    found: list[dict[str, Any]] = []
    waiting: list[Any] = [data]
    while waiting and len(found) < 50:
        value = waiting.pop(0)
        if isinstance(value, dict):
            found.append(value)
            waiting.extend(value.get(name) for name in ("@graph", "mainEntity"))
        elif isinstance(value, list):
            waiting.extend(value[:50])
    return found


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _han_number(text: str) -> int:
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_HAN_DIGITS.get(tens, 1) if tens else 1) * 10 + (_HAN_DIGITS.get(ones, 0) if ones else 0)
    return _HAN_DIGITS.get(text, 0)


def day_in(text: str) -> date | None:
    """Return the first day that a text names, or None; pure."""
    text = text[:2_000]
    found: list[tuple[int, date | None]] = []
    if match := _NUMERIC.search(text):
        found.append((match.start(), _day(int(match[1]), int(match[2]), int(match[3]))))
    if match := _COMPACT.search(text):
        found.append((match.start(), _day(int(match[1]), int(match[2]), int(match[3]))))
    if match := _DAY_FIRST.search(text):
        month = _MONTH_NAMES.index(match[2].lower()) + 1
        found.append((match.start(), _day(int(match[3]), month, int(match[1]))))
    if match := _MONTH_FIRST.search(text):
        month = _MONTH_NAMES.index(match[1].lower()) + 1
        found.append((match.start(), _day(int(match[3]), month, int(match[2]))))
    if match := _SLASHED.search(text):
        first, second = int(match[1]), int(match[2])
        if first > 12 or first == second:
            found.append((match.start(), _day(int(match[3]), second, first)))
        elif second > 12:
            found.append((match.start(), _day(int(match[3]), first, second)))
    if match := _HAN_DATE.search(text):
        year = int("".join(str(_HAN_DIGITS[digit]) for digit in match[1]))
        found.append((match.start(), _day(year, _han_number(match[2]), _han_number(match[3]))))
    days = [(place, day) for place, day in found if day is not None and day.year >= _EARLIEST_YEAR]
    return min(days)[1] if days else None


def _until(day: date | None, fetched_on: date) -> date | None:
    return day if day is not None and day <= fetched_on + timedelta(days=1) else None


def _clean(value: str | None) -> str | None:
    text = fold((value or "")[:1_000]).strip(" 　:：,，;；|｜·-—")[:_LONGEST_VALUE]
    return text or None


def is_number_line(text: str) -> bool:
    """Tell whether a line holds a document number and nothing else; pure."""
    text = text.strip("（）() ")
    return bool(_LONE_NUMBER.match(text) or _ORDER.match(text))


def is_decree_line(text: str, below: str) -> bool:
    """Tell whether a line is the first half of a number set on two lines; pure."""
    return bool(_DECREE.match(text) and _LONE_ORDER.match(below))


def _claims(head: Head) -> list[tuple[str, str]]:
    claims = [(name, head.meta[name]) for name in _TITLE_META if name in head.meta]
    for data in head.linked:
        if isinstance(headline := data.get("headline"), str):
            claims.append(("headline", fold(headline[:1_000])))
    return claims


def title_keys(head: Head) -> frozenset[str]:
    """Return what the title could be by the head of a page, white space left out; pure."""
    claims = [*_claims(head), ("title", head.title_tag)]
    return frozenset(squeeze(variant) for kind, claim in claims for variant in _variants(kind, claim)) - {""}


def title_of(head: Head, lines: Sequence[Line], headings: Sequence[str], labelled: str | None = None) -> str | None:
    """Return the title on which most places of a page agree, without the site's name; pure.

    headings: texts of the h1 elements, those next to the document first.
    labelled: what the label table says.
    """
    claims = _claims(head)
    if labelled:
        claims.append(("label", labelled))
    claims.extend(("h1" if place == 0 else "farther h1", text) for place, text in enumerate(headings))
    if head.title_tag:
        claims.append(("title", head.title_tag))
    shown = {squeeze(line.text) for line in lines if len(line.text) <= _LONGEST_TITLE}
    broken = {squeeze(text) for text in headings} - shown
    options: dict[str, str] = {}
    for kind, text in claims:
        for variant in _variants(kind, text):
            options.setdefault(squeeze(variant), variant)
    sites = {squeeze(head.meta[name]) for name in _PUBLISHER_META if name in head.meta}
    if not sites.issuperset(options):
        # A site that names every page after itself tells nothing of this one.
        options = {key: text for key, text in options.items() if key not in sites}
    best, best_score = None, (0.0, 0)
    for key, text in options.items():
        if not 2 <= len(key) <= _LONGEST_TITLE:
            continue
        support = 1.0 if key in shown else 0.0
        if key in broken:
            # A heading broken into lines: what another place says of it is often one of them.
            support = 2.5 if any(squeeze(claim) != key and key.endswith(squeeze(claim)) for _, claim in claims) else 1.0
        for kind, claim in claims:
            if squeeze(claim) == key:
                support += _SUPPORT.get(kind, 1.5)
            elif key in (squeeze(part) for part in _variants(kind, claim)):
                support += 1.0
        score = (support, min(weight(text), 120))
        if score > best_score:
            best, best_score = text, score
    return best[:_LONGEST_TITLE] if best else None


def _variants(kind: str, text: str) -> list[str]:
    """Return a title as given and, but for a heading, without what sites add behind or in front."""
    found = [text]
    if kind in _SUPPORT:
        return found
    cuts = list(_TITLE_SEPARATORS.finditer(text))
    for cut in cuts[-4:]:
        if len(front := text[: cut.start()].strip()) >= 4:
            found.append(front)
    for first, second in itertools.pairwise([*cuts[:8], None]):
        inner = text[first.end() : second.start() if second else None].strip() if first else ""
        if len(inner) >= 4:
            found.append(inner)
    if cuts and len(back := text[cuts[0].end() :].strip()) >= 4:
        found.append(back)
    return found


def _from_linked(head: Head, name: str) -> Iterable[str]:
    for data in head.linked:
        value = data.get(name)
        if isinstance(value, str):
            yield value[:200]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            value = value[0]
        if isinstance(value, dict) and isinstance(value.get("name"), str):
            yield value["name"][:200]


def _published(head: Head, near: Sequence[Line], labels: Mapping[str, str], fetched_on: date) -> date | None:
    if (value := labels.get("published_on")) and (day := _until(day_in(value), fetched_on)):
        return day
    for name in _PUBLISHED_META:
        if (value := head.meta.get(name)) and (day := _until(day_in(value), fetched_on)):
            return day
    for value in _from_linked(head, "datePublished"):
        if day := _until(day_in(value), fetched_on):
            return day
    for line in near:
        if (match := _PUBLISHED_LABEL.search(line.text)) and (
            day := _until(day_in(line.text[match.end() :][:60]), fetched_on)
        ):
            return day
    for line in near:
        if (
            not _CLOCK_LINE.search(line.text)
            and is_byline(line.text)
            and (day := _until(day_in(_UPDATED.sub(" ", line.text)), fetched_on))
        ):
            return day
    for line in near:
        stamp = next((t.get("datetime") for t in line.element.iter("time") if t.get("datetime")), None)
        if stamp and (day := _until(day_in(stamp), fetched_on)):
            return day
    return None


def _search(patterns: Sequence[re.Pattern[str]], lines: Iterable[Line], longest: int) -> str | None:
    for line in lines:
        if len(line.text) > longest:
            continue
        for pattern in patterns:
            if (match := pattern.search(line.text)) and (value := _clean(match[1])) and not _OPENS.match(value):
                return value
    return None


def fields_of(
    head: Head,
    *,
    title: str | None,
    near: Sequence[Line],
    body: Sequence[Line],
    margin: Sequence[Line],
    labels: Mapping[str, str],
    fetched_on: date,
) -> Fields:
    """Return the fields that a page states.

    Pure.

    near: the lines about the title and before the running text, where date and origin stand, no label tables.
    body: the lines of the document.  margin: its editorial lines, which are left out of the text.
    labels: what its label table says.
    """
    tail = [*margin, *(line for line in body[-12:] if not is_prose(line) or len(line.text) <= 160)]
    number = labels.get("document_number")
    if number is None:
        decree = ""
        for line in [*near, *body[:4]]:
            text = line.text.strip("（）() ")
            if (match := _LONE_NUMBER.match(text)) or (match := _ORDER.match(text)):
                number = f"{squeeze(decree)}{match[1]}" if decree and _LONE_ORDER.match(text) else match[1]
                break
            decree = text if _DECREE.match(text) else ""
    meta_origin = head.meta.get("contentsource")
    meta_author = head.meta.get("author") if weight(head.meta.get("author", "")) <= 40 else None
    linked_author = next(iter(_from_linked(head, "author")), None)
    return Fields(
        title=title,
        language=language_of(head, body),
        published_on=_published(head, near, labels, fetched_on),
        modified_on=_modified(head, near, labels, fetched_on),
        signed_on=_signed(labels, body, fetched_on),
        document_number=_clean(number),
        issuing_agency=labels.get("issuing_agency"),
        index_number=labels.get("index_number"),
        topic=labels.get("topic"),
        validity=labels.get("validity"),
        document_type=labels.get("document_type"),
        origin=labels.get("origin") or _search((_ORIGIN, _ORIGIN_EN), [*near, *tail], 400) or _clean(meta_origin),
        author=labels.get("author")
        or _search((_AUTHOR, _AUTHOR_EN), near, 300)
        or _clean(linked_author)
        or _clean(meta_author),
        publisher=_publisher(head),
        editor=labels.get("editor")
        or _search((_EDITOR, _EDITOR_EN), [*near, *tail], 300)
        or _clean(head.meta.get("editor")),
    )


def _publisher(head: Head) -> str | None:
    for name in _PUBLISHER_META:
        if value := _clean(head.meta.get(name)):
            return value
    return _clean(next(iter(_from_linked(head, "publisher")), None))


def _modified(head: Head, near: Sequence[Line], labels: Mapping[str, str], fetched_on: date) -> date | None:
    if (value := labels.get("modified_on")) and (day := _until(day_in(value), fetched_on)):
        return day
    for name in _MODIFIED_META:
        if (value := head.meta.get(name)) and (day := _until(day_in(value), fetched_on)):
            return day
    for value in _from_linked(head, "dateModified"):
        if day := _until(day_in(value), fetched_on):
            return day
    for line in near:
        if (match := _MODIFIED_LABEL.search(line.text)) and (
            day := _until(day_in(line.text[match.end() :][:60]), fetched_on)
        ):
            return day
    return None


def _signed(labels: Mapping[str, str], body: Sequence[Line], fetched_on: date) -> date | None:
    if value := labels.get("signed_on"):
        return _until(day_in(value), fetched_on)
    for above, line in itertools.pairwise(body[-_SIGNED_NEAR_END:]):
        # "THE CHAIR'S OFFICE," and below it the day.
        if (
            _ENGLISH_DAY.match(line.text)
            and (above.text.isupper() or above.text.endswith(","))
            and len(above.text) <= 80
        ):
            return _until(day_in(line.text), fetched_on)
    # A notice is signed at its end: the day stands alone on a line, below the name of the agency; annexes follow.
    for place, line in enumerate(body):
        key = squeeze(line.text)
        if not _DAY_ALONE.match(key) or (day := _until(day_in(key), fetched_on)) is None:
            continue
        above = body[place - 1] if place else line
        if len(body) - place <= _SIGNED_NEAR_END or (above.weight <= 80 and not is_sentence(above.text)):
            return day
    return None


def language_of(head: Head, body: Sequence[Line]) -> str | None:
    """Return the language by the writing of the text, else as the page declares it; pure."""
    text = "".join(line.text for line in body)[:20_000]
    letters = len(re.findall(r"[^\W\d_]", text))
    han = len(re.findall("[\u3400-\u9fff]", text))
    if letters >= 20:
        if re.search("[\u3040-\u30ff]", text) and len(re.findall("[\u3040-\u30ff]", text)) * 10 > han:
            return "ja"
        if 3 * han > letters:
            return "zh"
    declared = (head.language or head.meta.get("og:locale") or "").replace("_", "-").split("-")[0].lower()
    if re.fullmatch("[a-z]{2,3}", declared) and not (declared == "zh" and letters >= 20):
        return declared
    if letters >= 20 and len(re.findall(r"\b(?:the|of|and|to|in)\b", text, re.IGNORECASE)) * 40 > letters / 5:
        return "en"
    return None


def headings_of(tree: html.HtmlElement) -> list[str]:
    """Return the texts of the h1 elements of a page; pure."""
    return [line.text for heading in list(tree.iter("h1"))[:10] for line in lines_of(heading)[:2]]
