"""What a document says of itself: title, days, numbers, agencies, from where a page states them; pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from crawler.extract import wording
from crawler.extract.days import DAY_ALONE, ENGLISH_DAY, Bound, day_in
from crawler.extract.flow import Line, fold, is_sentence, spread, squeeze, weight
from crawler.extract.furniture import is_byline
from crawler.extract.labels import stated_validity
from crawler.extract.numbers import number_in_title, number_of
from crawler.extract.signature import ISSUED_AT, WEEKDAY
from crawler.extract.titles import PUBLISHER_META, TITLE_META, Head, from_linked
from storage.model import Fields

_LONGEST_VALUE = 200
PUBLISHED_META = (
    "pubdate", "publishdate", "article:published_time", "og:published_time", "datepublished", "publish-date",
    "publish_date", "publication_date", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date",
    "dc.date.created",
    "parsely-pub-date", "sailthru.date", "article.published", "og:article:published_time",
    "rnews:datepublished",
    "citation_publication_date", "weibo:article:create_at",
    "firstpublishedtime", "publishedtime", "publishtime", "publish_time", "published_time", "publicationdate",
    "publication-date", "published", "first-published-at", "govuk:first-published-at", "release_date",
)  # fmt: skip
MODIFIED_META = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "lastmodified",
    "last-modified",
    "dcterms.modified",
    "dc.date.modified",
    "lastmodifiedtime",
    "modified_time",
    "govuk:updated-at",
)
_CREATOR_META = ("dcterms.creator", "dc.creator")
_OTHER_META = (*_CREATOR_META, "contentsource", "source", "author", "editor", "og:locale")
# The meta tags that are read; others are taken out before.
READ_META = frozenset({*PUBLISHED_META, *MODIFIED_META, *PUBLISHER_META, *TITLE_META, *_OTHER_META})
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
    r"今天|现在是|当前时间|北京时间|星期[一二三四五六日天]|today|last updated|current|page generated", re.IGNORECASE
)

_STOP = (
    r"(?=\s{1,9}(?:[^\s:：]{1,12}[:：]|[aA][+-]?(?:\s|$)|\d{4}[-年/.]|\d{1,2}:\d{2})|[|｜【】\[\]（(]|\s{2,}|"
    r"(?:发布|更新|发稿)?(?:时间|日期)|作者|浏览|阅读|点击|字号|字体|分享|打印|责任编辑|编辑[:：]|"
    r"记者(?:[:：]|\s)|通讯员\s|来源|$)"
)
_ORIGIN = re.compile(
    r"(?:稿件|信息|文章|文稿|新闻|内容)?(?:来\s{0,4}源|出处)\s{0,4}[:：]\s{0,4}([^\n|｜]{1,60}?)" + _STOP
)
_ORIGIN_OF = re.compile(r"\d\s{1,9}来源于\s{0,4}[:：]?\s{0,4}([^\s|｜，。]{2,30})$")
_ORIGIN_EN = re.compile(
    r"\bsource\s?[:：]\s?([^|\n]{2,80}?)(?=\s{0,3}[|]|\s(?:author|editor|date|updated|published)\b"
    r"|\s(?:(?:font|text) ?size|font|size|views?|hits|clicks|time|print|share)\s?[:：]|$)",
    re.I,
)
# A reporter is named behind the paper that sends them: "本报记者 赵某".
_SENT_BY = r"(?:[\u4e00-\u9fff]{0,6}(?:记者|通讯员)\s{0,4})?"
_AUTHOR = re.compile(
    r"(?:作\s{0,4}者|撰稿|撰文|(?<![\u4e00-\u9fff])文字?|(?<![\u4e00-\u9fff])记者)\s{0,4}[:：/]\s{0,4}"
    + _SENT_BY
    + r"([^\n|｜]{1,40}?)"
    + _STOP
)
_REPORTER = re.compile(
    r"^[\u4e00-\u9fff]{2,6}记者[\s:：]{1,4}([\u4e00-\u9fff·]{1,4}(?:[\s、，]{1,4}[\u4e00-\u9fff·]{1,4}){0,7})$"
)
_AUTHOR_EN = re.compile(r"^(?:by|author\s?[:：]|written by)\s([A-Z][\w.'’-]{1,30}(?:\s[\w.'’-]{1,30}){0,5})$")
_EDITOR = re.compile(
    r"(?:责任编辑|责\s{0,4}编|编\s{0,4}辑)\s{0,4}[:：/]\s{0,4}([^\n|｜)）\]】]{1,40}?)"
    r"(?:(?=[)）\]】])|" + _STOP + ")"
)
_EDITOR_EN = re.compile(r"(?:editor(?:s)?(?: in charge)?)\s?[:：]\s?([^()（）\n]{2,60}?)(?=[)）]|$)", re.I)

# How an act ends, wherever it was made.
_DONE_AT = re.compile(r"^(?:Done|Given|Signed|Issued|Dated) (?:at|in) [A-Z][^\d\n]{1,60}\d")
_SIGNED_NEAR_END = 8
_FROM = re.compile(r"^From\s?[:：]\s?([^:：]{2,120})$")
_DATED = re.compile(r"^Dated:\s")
# The label of the next value, where the one asked for is empty.
_OPENS = re.compile(r"[^\s:：]{1,8}[:：]")
_OPENS_ORIGIN = re.compile(r"(?:稿件|信息|文章|文稿|新闻|内容|消息|资料)\s{0,4}(?:来\s{0,4}源|出处)\s{0,4}[:：]")


def _clean(value: str | None) -> str | None:
    text = fold((value or "")[:1_000]).strip(" 　:：,，;；|｜·-—")[:_LONGEST_VALUE]
    return text or None


def _labelled_day(pattern: re.Pattern[str], lines: Iterable[Line], bound: Bound) -> date | None:
    for line in lines:
        text = wording.simplified(spread(line))
        if (match := pattern.search(text)) and (day := bound.day_in(text[match.end() :][:60])):
            return day
    return None


def _published(
    head: Head, near: Sequence[Line], margin: Sequence[Line], labels: Mapping[str, str], bound: Bound
) -> date | None:
    if (value := labels.get("published_on")) and (day := bound.day_in(value)):
        return day
    told = _told_by_head(head, bound)
    # What a reader sees under its label, before what templates leave in the head of a page; but not before what the
    # head and another line that a reader sees say alike: then the label is of something else, or was left behind.
    if (day := _labelled_day(_PUBLISHED_LABEL, near, bound)) and (told is None or not _shown(told, near)):
        return day
    if told is not None:
        return told
    for line in near:
        if (
            not _CLOCK_LINE.search(line.text)
            and not wording.CLOCK.match(line.text)
            and is_byline(line.text)
            and (day := bound.day_in(_UPDATED.sub(" ", line.text)))
        ):
            return day
    for line in near:
        stamp = next((t.get("datetime") for t in line.element.iter("time") if t.get("datetime")), None)
        if stamp and (day := bound.day_in(stamp)):
            return day
    return _labelled_day(_PUBLISHED_LABEL, margin, bound)


def _told_by_head(head: Head, bound: Bound) -> date | None:
    values = (*(head.meta.get(name) or "" for name in PUBLISHED_META), *from_linked(head, "datePublished"))
    return next((day for value in values if (day := bound.day_in(value))), None)


def _shown(day: date, lines: Iterable[Line]) -> bool:
    return any(len(line.text) <= _LONGEST_VALUE and day_in(line.text) == day for line in lines)


def _issued(body: Sequence[Line], bound: Bound) -> date | None:
    """Return the day at the foot of a press release: with its weekday, and the hour below it."""
    for line, below in itertools.pairwise(body[-3:]):
        if WEEKDAY.match(line.text) and ISSUED_AT.match(below.text):
            return bound.day_in(line.text)
    return None


def _search(patterns: Sequence[re.Pattern[str]], lines: Iterable[Line], longest: int) -> str | None:
    for line in lines:
        if len(line.text) > longest:
            continue
        text = spread(line)
        for pattern in patterns:
            if (
                (match := pattern.search(wording.simplified(text)))
                and (value := _clean(text[match.start(1) : match.end(1)]))
                and not _OPENS.match(value)
                and not _OPENS_ORIGIN.match(text, match.start(1))
            ):
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
    bound: Bound,
) -> Fields:
    """Return the fields that a page states.

    Pure.

    near: the lines about the title and before the running text, where date and origin stand, no label tables.
    body: the lines of the document.  margin: the editorial lines in and right below it, which are left out of the text.
    labels: what its label table says.
    """
    tail = [*margin, *(line for line in body[-12:] if not line.is_prose or len(line.text) <= 160)]
    number = labels.get("document_number") or number_of([*near, *body[:4]]) or number_in_title(title or "")
    meta_origin = head.meta.get("contentsource")
    meta_author = head.meta.get("author", "")
    # Systems leave the number of an account there.
    named = weight(meta_author) <= 40 and any(map(str.isalpha, meta_author))
    linked_author = next(iter(from_linked(head, "author")), None)
    return Fields(
        title=title,
        language=language_of(head, body),
        published_on=_published(head, near, margin, labels, bound) or _issued(body, bound),
        modified_on=_modified(head, [*near, *margin], labels, bound),
        signed_on=_signed(labels, body, bound),
        document_number=_clean(number),
        issuing_agency=labels.get("issuing_agency") or _creator(head, near),
        index_number=labels.get("index_number"),
        topic=labels.get("topic"),
        validity=labels.get("validity") or next(filter(None, (stated_validity(line.text) for line in near)), None),
        document_type=labels.get("document_type"),
        origin=labels.get("origin")
        or _search((_ORIGIN, _ORIGIN_OF, _ORIGIN_EN), [*near, *tail], 400)
        or _clean(meta_origin)
        or _seen(head.meta.get("source"), near),
        author=labels.get("author")
        or _search((_AUTHOR, _REPORTER, _AUTHOR_EN), near, 300)
        or _clean(linked_author)
        or (_clean(meta_author) if named else None),
        publisher=_publisher(head),
        editor=labels.get("editor")
        or _search((_EDITOR, _EDITOR_EN), [*near, *tail], 300)
        or _clean(head.meta.get("editor")),
    )


def _creator(head: Head, near: Sequence[Line]) -> str | None:
    """Return what the head of a page calls its creator, where a reader is told that the page is from there."""
    named = [value for name in _CREATOR_META if (value := _clean(head.meta.get(name)))]
    told = {match[1] for line in near if (match := _FROM.match(line.text))}
    return next((value for value in named if value in told), None)


def _seen(value: str | None, near: Sequence[Line]) -> str | None:
    """Return what the head of a page calls its source, where a reader sees that name beside the day; else None."""
    wanted = _clean(value)
    for line in near if wanted else ():
        pieces = {_clean(piece) for piece in re.split(r"[|｜]|\s{2,}", spread(line))}
        if len(line.text) <= _LONGEST_VALUE and wanted in pieces and day_in(line.text):
            return wanted
    return None


def _publisher(head: Head) -> str | None:
    for name in PUBLISHER_META:
        if value := _clean(head.meta.get(name)):
            return value
    return _clean(next(iter(from_linked(head, "publisher")), None))


def _modified(head: Head, near: Sequence[Line], labels: Mapping[str, str], bound: Bound) -> date | None:
    if (value := labels.get("modified_on")) and (day := bound.day_in(value)):
        return day
    for name in MODIFIED_META:
        if (value := head.meta.get(name)) and (day := bound.day_in(value)):
            return day
    for value in from_linked(head, "dateModified"):
        if day := bound.day_in(value):
            return day
    return _labelled_day(_MODIFIED_LABEL, near, bound)


def _signed(labels: Mapping[str, str], body: Sequence[Line], bound: Bound) -> date | None:
    if value := labels.get("signed_on"):
        return bound.day_in(value)
    for above, line in itertools.pairwise(body[-_SIGNED_NEAR_END:]):
        if ENGLISH_DAY.match(line.text) and _is_signatory(above.text):
            return bound.day_in(line.text)
        if _DONE_AT.match(line.text) and len(line.text) <= 100:
            return bound.day_in(line.text)
    for line in reversed(body):
        if _DATED.match(line.text) and ENGLISH_DAY.match(line.text):
            return bound.day_in(line.text)
    # A notice is signed at its end: the day stands alone on a line, below the name of the agency; annexes follow.
    for place, line in enumerate(body):
        key = squeeze(line.text)
        if not DAY_ALONE.match(key) or (day := bound.day_in(key)) is None:
            continue
        above = body[place - 1] if place else line
        if len(body) - place <= _SIGNED_NEAR_END or (above.weight <= 80 and not is_sentence(above.text)):
            return day
    return None


def _is_signatory(text: str) -> bool:
    """Tell whether a line names who signs: "THE CHAIR'S OFFICE," or "Ministry of Works"; pure."""
    if len(text) > 80 or not text[:1].isupper():
        return False
    names = [word for word in text.split() if len(word) > 3]
    return text.isupper() or text.endswith(",") or (not is_sentence(text) and all(word[0].isupper() for word in names))


def language_of(head: Head, body: Sequence[Line]) -> str | None:
    """Return the language by the writing of the text, else as the page declares it; pure."""
    text = "".join(line.text for line in body)[:20_000]
    letters = len(text) - len(re.sub(r"[^\W\d_]+", "", text))
    han = 0 if text.isascii() else len(text) - len(re.sub("[\u3400-\u9fff]+", "", text))
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
