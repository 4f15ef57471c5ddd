"""Addresses that the scripts of a page ask for its rows; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlencode, urlsplit

from lxml import html

from crawler.add.fields import filled_in, properties
from crawler.add.templates import written_in_markup
from spiders.address import canonicalize
from spiders.listing import trees_of
from spiders.literals import values as literals
from spiders.markup import decode
from spiders.paging import is_page_name
from spiders.posting import with_body

MOST_ADDRESSES = 2
MOST_FILES = 2
_MOST_SCRIPT_CHARS = 200_000

# A text, or texts and names joined by plus: "/api/list?page=" + page + "&size=20", base + "/list".
_PIECE = r"""(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'|`[^`]{0,300}`|[A-Za-z_$][\w.$]{0,60}"""
_PIECE += r"""(?:\[\w{1,10}\](?:\.[\w.$]{1,60})?)?)"""
_JOINED = re.compile(
    rf"""(?:[A-Za-z_$][\w.$]{{0,60}}\s{{0,60}}\+\s{{0,60}})?"""
    rf"""(?:"[^"\n]{{0,300}}"|'[^'\n]{{0,300}}'|`[^`]{{0,300}}`)(?:\s{{0,60}}\+\s{{0,60}}{_PIECE}){{0,8}}"""
)
_SPLIT = re.compile(_PIECE)
_TEMPLATE = re.compile(r"\$\{([^{}]{1,60})\}")
_ADDRESS = re.compile(
    r"(?:https?://(?:[\w.-]+:\d{1,5})?/?|\.{0,2}/)?[\w%~.-][\w%~./-]*(?:\?[^\s<>]*)?|/[\w%~./-]+(?:\?[^\s<>]*)?|\?[^\s<>]+"
    # Services have calls in their paths, and spaces in what they are asked: /_api/lists/getbytitle('Pages')/items?...
    r"|/[\w%~.-]+/[\w%~./()',$:@!*-]+\?[^<>]*"
)
_HINT = re.compile(r"(?i)api|json|ajax|data|list|query|search|gkml|page")
_NO_DATA = re.compile(r"(?i)\.(?:js|css|png|jpe?g|gif|svg|ico|woff2?|html?|shtml|swf|mp4)(?:$|\?)")
_ASKING = re.compile(r"(?i)(?:ajax|fetch|getJSON|\.get|\.post|\.load|axios|\.open|url|api)\b[^;\n]{0,60}$")
# Where a reader is led is a page, no data.
_LEADING = re.compile(r"(?i)(?:\blocation\b|window\.open)[^;\n]{0,20}$")
_CALLED = re.compile(r"(?i)(?:ajax|fetch|getJSON|\$\.get|\$\.post|\.load|axios)\b[^;\n]{0,60}$")
_POST = re.compile(
    r"""(?i)\.post\s{0,3}\([^;]{0,60}$|(?:type|method)\s{0,3}["']?\s{0,3}:\s{0,3}["']post["']|open\s{0,3}\(\s{0,3}["']post"""
)
_GIVEN = re.compile(
    r"""(?is)(?:data|body|params)["']?\s{0,3}:\s{0,3}(?:(JSON\.stringify\s{0,3}\(\s{0,3})"""
    r"""|(?:new\s{1,3}URLSearchParams|qs\.stringify|\$\.param)\s{0,3}\(\s{0,3})?(?=[{"'])"""
)
_ARGUMENT = re.compile(r"(?is)\s{0,3},\s{0,3}(JSON\.stringify\s{0,3}\(\s{0,3})?(?=\{)")
# By the name of an object that is made above: $.post(url, params, ...), data: params
_HANDED = re.compile(
    r"\s{0,3},\s{0,3}(JSON\.stringify\s{0,3}\(\s{0,3})?(?!function\b)([A-Za-z_$][\w$]{0,60})\s{0,3}[,)]"
)
_NAMED_GIVEN = re.compile(
    r"""(?i)\b(?:data|body|params)["']?\s{0,3}:\s{0,3}(JSON\.stringify\s{0,3}\(\s{0,3})?([a-z_$][\w$]{0,60})\s{0,3}[,)}\n]"""
)
_FAR = 3_000
_LESS_ONE = re.compile(r"\s{0,3}-\s{0,3}1\b")
_KEY = re.compile(r"""\s{0,200},?\s{0,200}["']?([\w.$-]{1,60})["']?\s{0,3}:\s{0,9}""")
_SAID = re.compile(r""""[^"\n]{0,200}"|'[^'\n]{0,200}'|[\w.$+-]{1,60}""")
_STRINGIFY = re.compile(r"JSON\.stringify\s{0,3}\(\s{0,3}(?=\{)")
_OPTIONS = frozenset({"method", "headers", "body", "params", "credentials", "responseType"})
_MOST_BODY = 2_000
_MOST_DEPTH = 4
_PAIR = re.compile(r"""["']?([\w-]{1,60})["']?\s{0,3}:\s{0,3}("[^"\n]{0,200}"|'[^'\n]{0,200}'|[\w.$+-]{1,60})""")
# jQuery puts the name of a function it makes where a question mark stands.
_PARAMETER = re.compile(r"[?&]([\w.-]{1,60})=$")
_CALLBACK = re.compile(r"((?:callback|jsoncallback|jsonp|cb)=)\?")
_NAMES = re.compile(r"""([A-Za-z_$][\w$]{0,60})\s{0,3}[=:]\s{0,3}(?:(\d{1,9})\b|["']([^"'\n]{0,100})["'])""")
# Publishes lists as pieces of pages, and turns them by a parameter that is JSON itself.
_JPAAS = re.compile(r"/jpaas-publish-server/")
_GKMLPT = re.compile(r"(https?://[^?#]{1,300}?/gkmlpt)(?:[/?#]|$)")
_SITE_NUMBER = re.compile(r"""\bSID["']?\s{0,3}[:=]\s{0,3}["']?(\d{1,12})""")
_LIBRARY = re.compile(
    r"(?i)jquery|bootstrap|swiper|echarts|vue(?:\.|-|router)|react|angular|polyfill|layui|layer|element-ui|lodash|moment"
    r"|analytics|stat(?:s|istics)?\b|share|baidu|hm\.js|video|player|slick|superslide|html5shiv|respond|accessib|wza"
)
MOST_TEMPLATES = 5
_HREF = re.compile(r"""href\s{0,3}=\s{0,3}\\?["']?([^"'\s<>\\]{3,300})""")
# What comes after these is an address: a.href = "...", url: "...", window.open("...").
_ADDRESSING = r"(?i)(?:href|url|link|location|open)\s{0,3}(?:=|:|\()\s{0,3}$"
_TEMPLATED = re.compile(r"(?:https?://|\.?/|/)?[\w./~%-]*(?:\{\w{1,60}\}[\w./~%-]*)*(?:\?[\w=&{}./%-]*)?")
_BRACES = str.maketrans({"{": None, "}": None, "\x01": "{", "\x02": "}"})
_PAGES = re.compile(r"(?i)page|index|cur|no$|^p$|^i$")
_SIZES = re.compile(r"(?i)size|limit|rows|perpage|count")


def data_addresses(
    body: bytes, *, url: str, content_type: str, mark: str = "", files: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the addresses on the page's own host that its scripts seem to load rows from, likeliest first.

    Names in a script stand for what it gives them first; a page that it counts itself is the first.

    mark: what stood behind # in the page's address.  files: the text of scripts that the page loads.
    """
    trees = trees_of(body, content_type)
    if not trees:
        return ()
    scripts = (script.text or "" for script in trees[0].iter("script") if "xml" not in (script.get("type") or ""))
    text = filled_in("\n".join((*scripts, *files))[:_MOST_SCRIPT_CHARS], trees[0], url)
    found: dict[str, int] = {}
    for address, score in (*_catalogue(text, url, mark), *_in_scripts(text, url), *_in_attributes(trees[0], url)):
        if urlsplit(address).netloc == urlsplit(url).netloc and address != url:
            found[address] = max(score, found.get(address, 0))
    best = sorted(found, key=lambda address: -found[address])
    return tuple(best[:MOST_ADDRESSES])


def script_files(tree: html.HtmlElement, base: str) -> tuple[str, ...]:
    """Return the files of scripts on a page's own host, likeliest to be written for the page first; no libraries."""
    host = urlsplit(base).netloc
    found = (canonicalize(script.get("src") or "", base) for script in tree.iter("script") if script.get("src"))
    own = [
        each for each in dict.fromkeys(found) if each and urlsplit(each).netloc == host and not _LIBRARY.search(each)
    ]
    return tuple(sorted(own, key=lambda each: not _HINT.search(each.rpartition("/")[2]))[:MOST_FILES])


def address_templates(body: bytes, *, url: str, content_type: str, files: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the addresses that scripts of a page put together from rows, with the keys of a row in braces.

    >>> page = b"<script>out += '<a href=\"/zc/' + row.id + '.html\">' + row.title + '</a>';</script>"
    >>> address_templates(page, url="http://a.example/zc/", content_type="text/html")
    ('http://a.example/zc/{id}.html',)
    """
    trees = trees_of(body, content_type)
    if not trees:
        return ()
    scripts = (script.text or "" for script in trees[0].iter("script") if "xml" not in (script.get("type") or ""))
    text = "\n".join((*scripts, *files, *written_in_markup(decode(body, content_type)[0])))[:_MOST_SCRIPT_CHARS]
    found: dict[str, None] = {}
    for match in _JOINED.finditer(text):
        joined = "".join(_with_places(piece) for piece in _SPLIT.findall(match[0]))
        named = [*_HREF.findall(joined), *([joined] if re.search(_ADDRESSING, text[: match.start()][-80:]) else [])]
        for address in named:
            if "{" in address and _TEMPLATED.fullmatch(address):
                found.setdefault(_absolute(address, url))
    return tuple(found)[:MOST_TEMPLATES]


def _with_places(piece: str) -> str:
    if piece[0] in "\"'":
        return piece[1:-1].replace("{", "").replace("}", "")
    if piece[0] == "`":
        return _TEMPLATE.sub(lambda match: f"\x01{_last(match[1])}\x02", piece[1:-1]).translate(_BRACES)
    return f"{{{_last(piece)}}}"


def _last(name: str) -> str:
    return name.strip().rpartition(".")[2]


def _absolute(address: str, url: str) -> str:
    parts = urlsplit(url)
    if address.startswith("http"):
        return address
    if address.startswith("//"):
        return f"{parts.scheme}:{address}"
    folder = "" if address.startswith("/") else f"{parts.path.rpartition('/')[0]}/"
    return f"{parts.scheme}://{parts.netloc}{folder}{address.removeprefix('./')}"


def _catalogue(text: str, url: str, mark: str) -> Iterator[tuple[str, int]]:
    """Yield where a gkmlpt page has its rows: it names its site, and behind # its catalogue; 0 are all of them."""
    place, site = _GKMLPT.match(url), _SITE_NUMBER.search(text)
    if place and site:
        number = re.findall(r"\d+", mark)
        yield f"{place[1]}/api/all/{number[-1] if number else 0}?page=1&sid={site[1]}", 20


def _in_scripts(text: str, url: str) -> Iterator[tuple[str, int]]:
    names: dict[str, str] = {}
    for match in _NAMES.finditer(text):
        names.setdefault(match[1], match[2] or match[3] or "")
    for match in _JOINED.finditer(text):
        address = _CALLBACK.sub(r"\1callback", _value(match[0], names))
        if not _ADDRESS.fullmatch(address) or not re.search(r"[/?]", address) or _NO_DATA.search(address):
            continue
        if _LEADING.search(text[max(0, match.start() - 40) : match.start()]):
            continue
        before, after = text[max(0, match.start() - 160) : match.start()], text[match.end() : match.end() + 600]
        asked = bool(_ASKING.search(before)) or before.rstrip().endswith(("=", ":"))
        score = 2 * bool(_HINT.search(address)) + asked + 2 * ("?" in address)
        target = canonicalize(address, url)
        if target is None or not asked or not (_HINT.search(address) or _CALLED.search(before)):
            continue
        call = before[-120:] + after.partition("});")[0]
        if _POST.search(before) or _POST.search(call):
            posted = _body(after, before, names, text[max(0, match.start() - _FAR) : match.start()])
            if posted:
                yield with_body(target, posted), score + 3
                continue
        elif given := _body(after, before, names, text[max(0, match.start() - _FAR) : match.start()], form=True):
            target = canonicalize(f"{target}{'&' if '?' in target else '?'}{given}")
            score += 2
        if target is not None:
            yield target, score


def _in_attributes(tree: html.HtmlElement, url: str) -> Iterator[tuple[str, int]]:
    for element in tree.iter("div", "ul", "table", "section", "tbody", "button", "a", "script"):
        for name, value in element.items():
            if not re.fullmatch(
                r"(?:data-\S*)?(?:url|api|src|href|source)\S*|hx-get|up-href|ic-(?:get|src)-?\S*", name
            ) or _NO_DATA.search(value):
                continue
            # What a link or a script has as its own is no data.
            if name in ("src", "href") or not value.startswith(("/", "http", ".")):
                continue
            given = _asked_with(element, value) or _counted_by(element, value)
            if target := canonicalize(f"{value}{given}", url):
                yield target, 3 + 2 * ("?" in target)


def _counted_by(element: html.HtmlElement, address: str) -> str:
    """Return the page that an element says it is at, as a query: ``data-url="/more?c=4" data-page="1"``."""
    for name, value in element.items():
        # As scripts read it: data-page-no is pageNo.
        _, _, said = name.partition("data-")
        said = re.sub(r"-(\w)", lambda match: match[1].upper(), re.sub(r"^(?:next|current|cur)-(?=page)", "", said))
        if is_page_name(said) and re.fullmatch(r"\d{1,3}", value) and f"{said}=" not in address:
            return f"{'&' if '?' in address else '?'}{said}={value}"
    return ""


def _asked_with(element: html.HtmlElement, address: str) -> str:
    """Return what an element says its data are asked with, as a query: ``querydata="{'webId':'1','pageId':'22'}"``."""
    said = next((value for name, value in element.items() if re.search(r"query|param", name) and "{" in value), "")
    values = {name: value.strip("\"'") for name, value in _PAIR.findall(said)}
    if not values:
        return ""
    if _JPAAS.search(address) and "paramJson" not in values:
        values["paramJson"] = '{"pageNo":1,"pageSize":15}'
    return ("&" if "?" in address else "?") + urlencode(values, quote_via=quote)


def _value(text: str, names: dict[str, str]) -> str:
    """Return what a joined text comes to."""
    out = []
    for piece in _SPLIT.findall(text):
        if piece[0] in "\"'":
            out.append(piece[1:-1])
        elif piece[0] == "`":
            out.append(_TEMPLATE.sub(lambda match: _named(match[1].strip(), names), piece[1:-1]))
        else:
            # What a parameter is given says more by the parameter's name than by its own.
            key = _PARAMETER.search("".join(out))
            out.append(_named(piece, names, key[1] if key else ""))
    return "".join(out)


def _named(name: str, names: dict[str, str], key: str = "") -> str:
    last = name.rpartition(".")[2]
    if last in names:
        return names[last]
    if _SIZES.search(key or last):
        return "20"
    return "1" if _PAGES.search(key or last) else ""


def _body(after: str, before: str, names: dict[str, str], above: str, *, form: bool = False) -> str:
    """Return what a call sends, as the text of a form or of JSON; "" where it sends nothing that is understood.

    above: the script up to the call, where an object may be made that is handed to it by its name.
    """
    near = after[:_MOST_BODY]
    given = _ARGUMENT.match(near)
    if given and _OPTIONS & _object(near, given.end(), {}, 0)[0].keys():
        # fetch(address, {method, headers, body}): no values, but how they are sent.
        given = None
    given = given or _GIVEN.search(near.partition("});")[0])
    text, start = near, given.end() if given else 0
    if given is None:
        text = before[-160:] + near
        given = _GIVEN.search(before[-120:])
        start = given.end() + len(before[-160:]) - len(before[-120:]) if given else 0
    if given is None and (handed := _HANDED.match(near) or _NAMED_GIVEN.search(near.partition("});")[0])):
        values = _made(handed[2], above, names)
        return _sent(values, as_json=bool(handed[1]) and not form)
    if given is None:
        return ""
    if (joined := _JOINED.match(text, start)) and text[start : start + 1] in "\"'":
        said = _value(joined[0], names)
        # As scripts write it, an object in a text has quotes that JSON has not.
        plain = next((each for _, each in literals(None, f"said = {said}")), None) if said.startswith("{") else None
        if isinstance(plain, dict):
            return _sent(plain, as_json=True)
        return said if "=" in said or said.startswith("{") else ""
    return _sent(_object(text, start, names, 0)[0], as_json=bool(given[1]) and not form)


def _sent(values: dict[str, object], *, as_json: bool) -> str:
    if as_json and values:
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return "&".join(f"{name}={_as_text(value)}" for name, value in values.items())


def _made(name: str, above: str, names: dict[str, str]) -> dict[str, object]:
    """Return what the object of a name comes to that a script makes above a call."""
    start, later = properties(above, name)
    values = _object(above, start, names, 0)[0] if start is not None else {}
    for key, said in later:
        if match := _SAID.match(said):
            values[key] = _said(match[0], key, said[match.end() :], names)
    return values


def _said(value: str, key: str, rest: str, names: dict[str, str]) -> object:
    """Return what a value of an object comes to; rest: what follows it, which may take 1 from a page's number."""
    if value[0] in "\"'":
        return value[1:-1]
    told = value if value.isdigit() else _named(value, names, key)
    if not told.isdigit():
        return told
    return int(told) - (int(told) > 0 and not value.isdigit() and _LESS_ONE.match(rest) is not None)


def _as_text(value: object) -> str:
    return (
        quote(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) if isinstance(value, dict) else str(value)
    )


def _object(text: str, start: int, names: dict[str, str], depth: int) -> tuple[dict[str, object], int]:
    """Return what an object of a script comes to, and where it ends; what is not understood is left out."""
    found: dict[str, object] = {}
    place = start + 1
    while key := _KEY.match(text, place):
        place = key.end()
        wrapped = _STRINGIFY.match(text, place)
        if wrapped or text[place : place + 1] == "{":
            if depth >= _MOST_DEPTH:
                break
            found[key[1]], place = _object(text, wrapped.end() if wrapped else place, names, depth + 1)
            place += len(text[place:]) - len(text[place:].lstrip(" )\t\n")) if wrapped else 0
            continue
        said = _SAID.match(text, place)
        if said is None:
            break
        place = said.end()
        found[key[1]] = _said(said[0], key[1], text[place : place + 20], names)
        # Of what is put together, the beginning.
        rest = re.compile(r"[^,{}]{0,200}").match(text, place)
        place = rest.end() if rest else place
    end = text.find("}", place)
    return found, (end + 1 if end >= 0 else len(text))
