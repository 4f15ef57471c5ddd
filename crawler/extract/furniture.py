"""What on a page is not its document: rules by place, by form of a line, and by groups of links; pure.

Each rule has a name, which a block that it leaves out carries.  No rule knows a site; each holds for a form
that many sites share.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from lxml import html

from crawler.extract import wording
from crawler.extract.flow import Line, is_sentence, squeeze, weight
from crawler.extract.readers import is_code, is_count, is_labelled_link, is_row_of_tools, without_counts
from crawler.extract.titles import NOTE_MARK
from storage.model import BlockKind

# Words that builders of sites, English or by pinyin, give to the boxes around a document.
_PLACES = {
    "navigation": """nav navbar navigation menu menus submenu topnav subnav breadcrumb breadcrumbs crumb crumbs mbx
        dqwz weizhi sitenav toolbar topbar searchbar pager pagination pagebar fenye skip navbox noprint""",
    "references": "reflist",
    "related": """related relate relation recommend recommended recommendation recommendations recommends tuijian
        xgxw xgyd xglj xgwz xgzx rel hot hotnews hotlist rank ranking rankings paihang popular trending
        readmore morenews outbrain taboola recirc recirculation teaser teasers seealso upnext mostread
        prevnext nextprev postnav""",
    "share": """share shares sharing sharebar sharebox fenxiang bdsharebuttonbox bdshare social socials sns addthis
        jiathis addtoany sharethis follow fontsize""",
    "comments": """comment comments commentlist commentform respond discussion discussions disqus pinglun livefyre
        replies feedback guestbook""",
    "advertising": """ad ads adv advert adverts advertisement advertisements advertising adsense adsbygoogle adbox
        adslot dfp gpt gg ggw guanggao sponsor sponsored sponsors promo promos promotion promoted tuiguang
        newsletter newsletters subscribe subscription signup banner
        popup popover dropdown layer modal overlay lightbox tooltip dialog""",
    "player": """player players mplayer jwplayer videoplayer audioplayer prism vjs""",
    "consent": """cookie cookies consent gdpr ccpa onetrust cookiebot didomi truste cmp cmpbox""",
    "foot": """footer foot copyright copyrights beian colophon bottombar sidebar aside rail sidebars flink
        friendlink friendlinks blogroll youqing links partners qrcode erweima""",
}
_PLACE_OF = {word: rule for rule, words in _PLACES.items() for word in words.split()}
# A page has the same classes and short lines over and over, and a site's pages share many.
_MOST_KNOWN = 4_096
_MOST_NAMES = 500
_WINDOWS = frozenset({"modal", "popup", "lightbox", "dialog", "overlay"})
# Programs that sites embed to ask for consent, by what they call their boxes.
_CONSENT_TOOL = re.compile(
    r"(?:^|[\s_-])(?:onetrust|ot-sdk|otPc|otFlat|didomi|(?:Cybot)?Cookiebot|truste|trustarc|usercentrics|qc-cmp2?|fc-consent"
    r"|cmpbox|osano|iubenda-cs|klaro|cookieyes|cky|termly)(?:$|[\s_A-Z-])"
)
_TAG_PLACES = {"nav": "navigation", "aside": "foot", "footer": "foot", "button": "share", "menu": "navigation"}
_ROLES = {
    "navigation": "navigation",
    "search": "navigation",
    "complementary": "foot",
    "contentinfo": "foot",
    "dialog": "advertising",
    "alertdialog": "advertising",
    "menu": "navigation",
}
_TOKEN = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+")
# What builders of style sheets add to a class to make it the module's own, "title_h4Qx2": letters that say nothing.
_SCRAMBLED = re.compile(
    r"_{1,4}(?=[A-Za-z]{0,5}\d)(?=\d{0,5}[A-Za-z])[A-Za-z0-9]{5,6}$|_{1,4}(?=[A-Z]?[a-z]+[A-Z][a-z]+[A-Z])[A-Za-z]{5,6}$"
)
_PAIRS = {
    ("most", "read"): "related",
    ("most", "popular"): "related",
    ("most", "viewed"): "related",
    ("read", "more"): "related",
    ("read", "next"): "related",
    ("see", "also"): "related",
    ("also", "like"): "related",
    ("post", "nav"): "related",
    ("back", "top"): "navigation",
    ("friend", "link"): "foot",
    ("friend", "links"): "foot",
    ("side", "bar"): "foot",
    ("font", "size"): "share",
    ("comment", "list"): "comments",
    # MediaWiki's: the tools beside a heading, the sources, the boxes of links below.
    ("mw", "editsection"): "navigation",
    ("mw", "references"): "references",
    ("mw", "jump"): "navigation",
}


def place_of(element: html.HtmlElement) -> str | None:
    """Return the rule that an element's tag, role, class or id names, or None; pure."""
    if (rule := _TAG_PLACES.get(element.tag)) or (rule := _ROLES.get((element.get("role") or "").lower())):
        return rule
    return next(filter(None, map(_rule_named, _called(element))), None)


def _called(element: html.HtmlElement) -> tuple[str, str]:
    """Return the beginning of an element's id and of its classes, each short enough to be kept."""
    return element.get("id", "")[:_MOST_NAMES], element.get("class", "")[:_MOST_NAMES]


def is_consent_tool(element: html.HtmlElement) -> bool:
    """Tell whether an element is the window of a widespread program that asks for consent to cookies; pure."""
    return any(map(_names_consent_tool, _called(element)))


@lru_cache(maxsize=_MOST_KNOWN)
def _names_consent_tool(value: str) -> bool:
    return bool(_CONSENT_TOOL.search(value))


def is_window(element: html.HtmlElement) -> bool:
    """Tell whether an element is a window that a page opens over itself, by its role, class or id; pure."""
    if (element.get("role") or "").lower() in ("dialog", "alertdialog"):
        return True
    return any(map(_names_window, _called(element)))


@lru_cache(maxsize=_MOST_KNOWN)
def _names_window(value: str) -> bool:
    tokens = [[token.lower() for token in _TOKEN.findall(word)] for word in value.split()[:20]]
    return any(each and not _WINDOWS.isdisjoint((each[0], each[-1])) for each in tokens)


@lru_cache(maxsize=_MOST_KNOWN)
def _rule_named(value: str) -> str | None:
    """Return the rule that the value of a class or id names; a page has the same ones over and over."""
    for word in value.split()[:20]:
        tokens = [token.lower() for token in _TOKEN.findall(_SCRAMBLED.sub("", word))]
        tokens = tokens[1:] if tokens[:1] == ["wp"] else tokens
        # A modifier such as "has-sidebar" or "no-comments" says what is around, not what is within.
        if not tokens or tokens[0] in ("has", "no", "with", "without", "is", "not", "hide", "js"):
            continue
        for first, second in itertools.pairwise(tokens):
            if rule := _PAIRS.get((first, second)):
                return rule
        for token in (tokens[0], tokens[-1]):
            if rule := _PLACE_OF.get(token):
                return rule
        if rule := _PLACE_OF.get("".join(tokens)):
            return rule
    return None


_WHOLE_LINES = (
    ("editorial", wording.EDITORIAL),
    ("counter", wording.COUNTER),
    ("advertising", wording.ADVERTISING),
    ("player", wording.PLAYER),
    ("counter", wording.CLOCK),
    ("feedback", wording.FEEDBACK),
    ("consent", wording.CONSENT),
    ("top", wording.TOP),
)
_SENTENCE_WORDS = 8
_CALL_WEIGHT = 130
_FEWEST_PAGES = 2
_TITLE_WEIGHT = 16
_REMARK = re.compile(r"[（(][^（()）]{1,20}[）)]$")
# Latin beside Cyrillic or Greek within one word; a Greek letter alone is one of physics.
_MIXED_WORD = re.compile("[A-Za-z](?:[\u0400-\u04ff]|[\u0370-\u03ff](?=[A-Za-z]))|[\u0400-\u04ff][A-Za-z]")
_FEWEST_DISGUISED = 3
_SEPARATORS = re.compile(r"[,，、|｜;；/\n]")


def host_of(url: str) -> str:
    """Return the part of a host name that its owner chose, roughly: two labels, or three under com.cn; pure."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    labels = host.split(".")
    if host.replace(".", "").isdigit() or len(labels) < 3:
        return host
    second = labels[-2] in (
        "com",
        "gov",
        "org",
        "net",
        "edu",
        "co",
        "ac",
        "go",
        "or",
        "ne",
        "gob",
        "gouv",
        "gub",
        "govt",
    )
    return ".".join(labels[-3:] if second else labels[-2:])


def foreign_links(line: Line, url: str) -> int:
    """Return how many of a line's links lead to another owner's host; pure."""
    own = host_of(url)
    count = 0
    for anchor in line.links:
        try:
            target = urljoin(url, (anchor.get("href") or "")[:2_000].strip())
        except ValueError:
            count += 1
            continue
        if target.lower().startswith(("http://", "https://")) and host_of(target) != own:
            count += 1
    return count


def _residue(text: str) -> str:
    return re.sub(r"[\W_\d]+", "", text)


def is_share(text: str) -> bool:
    """Tell whether a line consists of share, print and font size tools; pure."""
    if len(text) > 160 or not wording.SHARE_SIGN.search(text):
        return False
    return len(_residue(wording.SHARE_WORDS.sub(" ", text))) <= min(6, len(text) // 5)


def is_byline(text: str) -> bool:
    """Tell whether a line gives date, origin, author or counters and no more; pure."""
    text = without_counts(wording.simplified(text))
    if weight(text) > 240 or any(mark in text for mark in "。！？") or wording.APPOINTMENT.match(text):
        return False
    if text.rstrip().endswith(("!", "?")):
        return False
    if (
        wording.ENACTMENT.match(text)
        or wording.HELD_AT.match(text)
        or (text.endswith(".") and len(text.split()) >= _SENTENCE_WORDS)
    ):
        return False
    dates = len(wording.DATE.findall(text)) - len(wording.DATE_IN_SENTENCE.findall(text))
    labels = len(wording.BYLINE_LABEL.findall(text))
    if not dates and not labels and not wording.COUNTER.match(text):
        return False
    bare = wording.CLOCK_TIME.sub(" ", wording.DATE.sub(" ", text))
    return weight(_residue(wording.BYLINE_LABEL.sub(" ", bare))) <= 24 + 20 * (labels + dates)


def is_crumb(text: str) -> bool:
    """Tell whether a line is the path of sections that leads to a page; pure."""
    if len(text) > 160 or is_sentence(text):
        return False
    return bool(wording.CRUMB.match(text)) or len(wording.CRUMB_ARROW.findall(text)) >= 2


def is_related_head(line: Line) -> bool:
    """Tell whether a line heads a list of other pages; pure."""
    return len(line.text) <= 60 and _heads_related(line.text)


@lru_cache(maxsize=_MOST_KNOWN)
def _heads_related(text: str) -> bool:
    return bool(wording.RELATED_HEAD.match(text))


def is_comments_head(line: Line) -> bool:
    """Tell whether a line heads readers' comments, or a form for them; pure."""
    return len(line.text) <= 60 and _heads_comments(line.text)


@lru_cache(maxsize=_MOST_KNOWN)
def _heads_comments(text: str) -> bool:
    return bool(wording.COMMENTS_HEAD.match(text))


def is_stuffed(text: str) -> bool:
    """Tell whether a text repeats a few key words over and over, as link farms do; pure."""
    parted = _SEPARATORS.split(text)
    if len(parted) < 8:
        return False
    pieces = [squeeze(piece) for piece in parted if piece.strip()]
    if len(pieces) < 8 or max(map(len, pieces)) > 60:
        return False
    return len(set(pieces)) * 3 <= len(pieces)


def is_disguised(text: str) -> bool:
    """Tell whether a text writes words with letters of other alphabets that look alike; pure.

    >>> is_disguised("Buy \u0441he\u0430p m\u0435dicin\u0435s")
    True
    """
    return not text.isascii() and len(_MIXED_WORD.findall(text)) >= _FEWEST_DISGUISED


def is_link_farm(line: Line, url: str) -> bool:
    """Tell whether a line is a row of links, most to foreign hosts; pure."""
    count = len(line.links)
    if count >= 3 and line.link_share >= 0.6 and 2 * foreign_links(line, url) > count:
        return True
    pieces = [piece for piece in re.split(r"[|｜]", line.text) if piece.strip()]
    return len(pieces) >= 8 and len(line.text) > 60 and not any(mark in line.text for mark in "。；")


def _is_title(key: str, title: str) -> bool:
    key = NOTE_MARK.sub("", key)
    # A field is cut where a heading is not; what the head adds in brackets speaks of the page.
    return (
        key == title
        or (len(title) >= 200 and key.startswith(title))
        or (len(key) >= 8 and title.startswith(key) and bool(_REMARK.match(title, len(key))))
    )


def _is_most_of(line: Line, title: str) -> bool:
    """Tell whether a line above the text is the title without who issued it, or without its number; pure."""
    return 2 * len(line.key) >= len(title) and line.weight >= _TITLE_WEIGHT and line.key in title


@lru_cache(maxsize=_MOST_KNOWN)
def _short_form(raw: str, *, in_head: bool) -> str | None:
    """Return the rule that a short line meets; asked of each several times, and pages of a site share many."""
    text = wording.simplified(raw)
    for name, pattern in _WHOLE_LINES:
        if pattern.match(text):
            return name
    if len(raw) <= 60 and _heads_comments(raw):
        return "comments"
    if is_count(text) or is_code(text):
        return "counter"
    if is_share(text) or is_row_of_tools(text):
        return "share"
    if is_site_menu(text):
        return "navigation"
    if (wording.PAGER.match(text) and wording.PAGER_SIGN.search(text)) or wording.SLIDE.match(text):
        return "pager"
    if in_head and is_crumb(text):
        return "breadcrumb"
    if wording.BYLINE.match(text) and (in_head or weight(text) <= 100):
        return "byline"
    if is_byline(text) and (in_head or _has_two_signs(text)):
        return "byline"
    if (rest := without_counts(text)) != text and wording.DATE.search(rest) and is_byline(rest):
        return "byline"
    if wording.NEIGHBOUR.match(text) and not is_sentence(text.rstrip(":：")):
        return "neighbours"
    if wording.LEGAL.search(text):
        return "legal"
    if is_promotion(text):
        return "promotion"
    return None


def is_site_menu(text: str) -> bool:
    """Tell whether a line is a row of the pages that every site has, and of nothing else; pure."""
    if len(text) > 300 or len(wording.SITE_PAGE.findall(text)) < _FEWEST_PAGES:
        return False
    return len(_residue(wording.SITE_PAGE.sub(" ", text))) <= len(text) // 10


def is_promotion(text: str) -> bool:
    """Tell whether a line calls the reader to other channels of the publisher, and to nothing else; pure."""
    called = wording.PROMOTION.match(text) or (weight(text) <= _CALL_WEIGHT and wording.CALL.match(text))
    return bool(called) and not wording.ERRAND.search(text)


def _cell_form(text: str) -> str | None:
    """Return the rule by which the text of a cell is a site's, whatever stands beside it."""
    if is_promotion(text):
        return "promotion"
    return "feedback" if wording.FEEDBACK.match(text) else "share" if is_share(text) else None


def _has_two_signs(text: str) -> bool:
    return bool(wording.DATE.search(text)) and bool(wording.BYLINE_LABEL.search(text))


def form_of(line: Line, *, title: str | None, in_head: bool) -> str | None:
    """Return the rule that the form of one line meets, or None.

    Pure.  in_head: the line stands before the first running text, where date and origin are given.
    """
    text = line.text
    if line.kind is BlockKind.TABLE:
        cells = [cell for cell in text.split(" | ") if cell.strip()]
        if (
            "\n" not in text
            and len(text) <= 160
            and (names := {_cell_form(cell) for cell in cells})
            and None not in names
        ):
            return min(filter(None, names))
        told = in_head and "\n" not in text and any(is_byline(cell) for cell in cells)
        return "byline" if told and all(is_byline(cell) or is_share(cell) for cell in cells) else None
    if title and (_is_title(line.key, squeeze(title)) or (in_head and _is_most_of(line, squeeze(title)))):
        return "title"
    if not any(character.isalnum() for character in text):
        return "ornament"
    if len(text) <= 160:
        # The cache of texts is too small for the longest of pages, and each line is asked of several times.
        if in_head not in line.forms:
            line.forms[in_head] = _short_form(text, in_head=in_head)
        if name := line.forms[in_head]:
            return name
    if not in_head and wording.DISCLAIMER.match(text):
        return "legal"
    if wording.TAGS.match(text) and not is_sentence(text):
        return "tags"
    if line.link_share >= 0.4 and (wording.CATEGORIES.match(text) or wording.NEIGHBOUR.match(text)):
        return "tags" if wording.CATEGORIES.match(text) else "neighbours"
    if wording.RELATED_LABEL.match(text) and (line.link_share >= 0.4 or (len(text) <= 60 and not is_sentence(text))):
        return "related"
    if is_labelled_link(line):
        return "advertising"
    if line.link_share >= 0.8 and len(text) <= 160 and wording.CLICK_HERE.search(text):
        return "promotion"
    if line.obscured or is_stuffed(text) or is_disguised(text):
        return "stuffed"
    return None


_SCRIPTS = (
    ("han", re.compile("[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff]+")),
    ("latin", re.compile("[A-Za-z\u00c0-\u024f]+")),
    ("cyrillic", re.compile("[\u0400-\u04ff]+")),
    ("arabic", re.compile("[\u0600-\u06ff]+")),
    ("hangul", re.compile("[\uac00-\ud7a3]+")),
)
_ASCII_SCRIPTS = tuple((name, pattern) for name, pattern in _SCRIPTS if name == "latin")


def script_of(text: str) -> tuple[str | None, int, float]:
    """Return the writing of most letters of a text, how many letters it has, and their share; pure."""
    scripts = _ASCII_SCRIPTS if text.isascii() else _SCRIPTS
    counts = {name: len(text) - len(pattern.sub("", text)) for name, pattern in scripts}
    total = sum(counts.values())
    if not total:
        return None, 0, 0.0
    name = max(counts, key=lambda each: counts[each])
    return name, counts[name], counts[name] / total


def strangers(lines: Sequence[Line]) -> set[int]:
    """Return the places of lines in another script than the rest of a document; pure.

    A document in two languages keeps both: what is left out is little, and no sentence of a Latin quotation.
    """
    sized: dict[str, int] = {}
    scripts = []
    for line in lines:
        name, letters, share = script_of(line.text)
        scripts.append((name, letters, share))
        if name:
            sized[name] = sized.get(name, 0) + line.weight
    if not sized:
        return set()
    main = max(sized, key=lambda each: sized[each])
    if sized[main] < 0.8 * sum(sized.values()):
        return set()
    found = set()
    for place, (name, letters, share) in enumerate(scripts):
        if name is None or name == main or share < 0.8 or lines[place].kind is BlockKind.TABLE:
            continue
        if name == "latin" and (letters < 20 or is_sentence(lines[place].text)):
            continue
        if letters >= (6 if name == "han" else 12):
            found.add(place)
    return found
