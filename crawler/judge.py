"""What an answer is: document, gone, challenge, login, ...  Pure.

An answer is judged by its status first, then by what it holds. Words alone never condemn a page that has a
text of its own: an article about captchas is an article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from storage.model import Extraction, Outcome, Role

PAGES = (Role.MAIN, Role.PART)
# A page whose own text is longer than this is judged by its text, not by words that block pages use.
SHORT_CHARS = 300

_CHALLENGE = re.compile(
    r"captcha|are you (a )?(human|robot)|verify (that )?you are|checking (your|the) (browser|connection)"
    r"|(access|request) (was |has been |is )?(denied|blocked|rejected|forbidden)|unusual (traffic|activity)"
    r"|security (check|verification)|just a moment|enable (javascript|cookies)|ddos|web application firewall"
    r"|\bwaf\b|incident id|request id|ray id"
    r"|验证码|人机验证|安全验证|滑动验证|请完成.{0,6}验证|拖动.{0,6}滑块|安全检查|正在(检查|验证).{0,8}(浏览器|环境)"
    r"|访问(被|受)(拒绝|拦截|限制|禁止)|请求(被|已被)?(拒绝|拦截|阻断)|拦截(提示|页面)?|(网站|应用)防火墙|云防护"
    r"|访问(过于)?频繁|异常(访问|流量|请求)|疑似(黑客)?攻击|启用\s*(javascript|cookie)",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(
    r"\b404\b|(page|document|article|file|content|resource|item)\W+(\w+\W+){0,6}(not|no longer|cannot|can't|could not)"
    r"\W+(\w+\W+){0,2}(found|exist|available|be found|there)|(page|document|article) (not found|unavailable)"
    r"|(has|have) been (removed|deleted|taken down|withdrawn)|no longer (exists?|available|online)|does(n't| not) exist"
    r"|not found|can(no|')t find|could(n't| not) find|nothing (was )?found|moved or (deleted|removed)"
    r"|(页面|网页|文章|内容|信息|文件|资源|稿件|地址|链接|栏目).{0,14}(不存在|未找到|没有找到|找不到|无法找到|已(经)?(被)?(删除|下线|移除|撤销|失效|过期)"
    r"|已关闭|走丢|丢失|不见了|被(删除|移除))|(不存在|找不到|未找到|没有找到|无法找到|已(经)?(被)?删除|已下线|走丢).{0,10}"
    r"(页面|网页|文章|内容|信息|文件|资源|稿件)|出错了|链接(错误|已失效)",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(please|you (must|need to)) (log|sign) ?in|(log|sign) ?in to (continue|read|view)"
    r"|请(先)?登录|登录后(查看|阅读|访问)",
    re.IGNORECASE,
)
_MAINTENANCE = re.compile(
    r"(under|scheduled|undergoing|down for) maintenance|maintenance (mode|in progress)|temporarily (unavailable|closed)"
    r"|be (right )?back (soon|shortly)|系统(正在)?(维护|升级)|(网站|平台)(正在)?(维护|升级|改版|建设)"
    r"|维护(中|公告|升级)|暂停(服务|访问)|服务(暂)?不可用",
    re.IGNORECASE,
)
_HOME = re.compile(r"/?(?:(?:index|default|home|main)\.\w{2,5})?", re.IGNORECASE)
_NOT_FOUND_PATH = re.compile(r"404|not[-_]?found|missing|deleted|removed", re.IGNORECASE)
_BLOCKING = {401, 403, 405, 406, 407, 412, 418, 421, 429, 451, 521, 567}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one answer.

    location_is_document: of a redirect: its target may be a document of the source.
    extraction: of pages and attachments with bytes; None for others.
    """

    role: Role
    status: int | None
    error: str | None
    detail: str
    size_bytes: int
    location: str | None
    location_is_document: bool
    extraction: Extraction | None


def judge(evidence: Evidence) -> tuple[Outcome, str]:
    """Return what an answer is, with the reason in one line.

    Pure. A 304 is not judged here: it repeats the judgement of what it confirms.
    """
    if evidence.status is None:
        return _failed(evidence)
    status = evidence.status
    if 300 <= status < 400:
        if evidence.location is None:
            return Outcome.HTTP_ERROR, f"status {status} without an address to go to"
        if evidence.role is Role.MAIN and not evidence.location_is_document:
            return _sent_away(status, evidence.location)
        return Outcome.MOVED, f"{status}"
    if status in (404, 410):
        return Outcome.GONE, f"status {status}"
    if status >= 400:
        return _refused(evidence, status)
    if not evidence.size_bytes:
        return Outcome.EMPTY, f"status {status} without a body"
    if evidence.role not in (*PAGES, Role.ATTACHMENT):
        return Outcome.OK, "read for addresses"
    if status not in (200, 203):
        return Outcome.CHALLENGE, f"status {status} is no document"
    if evidence.extraction is None:
        return Outcome.EMPTY, "not extracted"
    if evidence.role is Role.ATTACHMENT:
        return _attachment(evidence.extraction)
    return _page(evidence.extraction)


def _sent_away(status: int, location: str) -> tuple[Outcome, str]:
    """Judge a redirect to an address that is no document of the source.

    For a time readers are sent to sign in, to a check or to a page on maintenance, often from all documents
    at once: only for good, home, or to a page that speaks of 404 means that a document is not there.
    """
    target = urlsplit(location)
    if status in (301, 308) or _HOME.fullmatch(target.path) or _NOT_FOUND_PATH.search(target.path):
        return Outcome.SOFT_404, f"{status} to an address that is no document of the source"
    return Outcome.NOT_A_DOCUMENT, f"{status} to {target.netloc}{target.path}"[:200]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A page that passed for a document, as one of all that a site answered in one run.

    text_key: equal for pages of equal text.
    out_of_place: the page has nothing of what the address held before, or of the title it was listed under.
    """

    fetch_id: int
    resource_id: int
    text_key: str
    out_of_place: bool


def stand_ins(sightings: Iterable[Sighting]) -> dict[int, int]:
    """Return the fetches that got a page the site serves for whatever it does not have, with how many did.

    Pure. One text at several addresses is no sign by itself: notices are posted twice. It is one where at
    least two of the addresses held, or were listed as, something else.
    """
    groups: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        groups.setdefault(sighting.text_key, []).append(sighting)
    found: dict[int, int] = {}
    for group in groups.values():
        strange = [s for s in group if s.out_of_place]
        addresses = {s.resource_id for s in strange}
        if len(addresses) > 1:
            found.update({s.fetch_id: len(addresses) for s in strange})
    return found


def _failed(evidence: Evidence) -> tuple[Outcome, str]:
    known = {
        "robots": Outcome.DISALLOWED,
        "gate": Outcome.REFUSED_BY_GATE,
        "truncated": Outcome.TRUNCATED,
        "too_large": Outcome.TOO_LARGE,
    }
    error = evidence.error or "connection"
    return known.get(error, Outcome.UNREACHABLE), evidence.detail or error


def _refused(evidence: Evidence, status: int) -> tuple[Outcome, str]:
    opening = _words(evidence.extraction) if evidence.extraction else ""
    if status >= 500 and status != 521:
        if _MAINTENANCE.search(opening):
            return Outcome.MAINTENANCE, f"status {status}, the page speaks of maintenance"
        return Outcome.HTTP_ERROR, f"status {status}"
    if status in (401, 407):
        return Outcome.LOGIN, f"status {status}"
    if status in _BLOCKING:
        return Outcome.CHALLENGE, f"status {status}"
    return Outcome.HTTP_ERROR, f"status {status}"


def _words(extraction: Extraction) -> str:
    return f"{extraction.signs.title} {extraction.signs.opening}"


def _attachment(extraction: Extraction) -> tuple[Outcome, str]:
    if extraction.signs.visible_chars:
        # Bytes that read as a web page where a file was promised: an error page in most cases.
        outcome, reason = _page(extraction)
        if outcome is not Outcome.OK:
            return outcome, reason
        return Outcome.NOT_A_DOCUMENT, "a web page where a file was promised"
    if extraction.failure in ("broken", "crashed", "too_slow"):
        return Outcome.NOT_A_DOCUMENT, f"the file cannot be read: {extraction.failure}"
    return Outcome.OK, extraction.failure or "text"


def _page(extraction: Extraction) -> tuple[Outcome, str]:
    if extraction.failure in ("crashed", "too_slow", "broken", "encrypted"):
        return Outcome.NOT_A_DOCUMENT, f"the page cannot be read: {extraction.failure}"
    signs = extraction.signs
    kept = sum(len("".join(b.text.split())) for b in extraction.blocks if b.left_out is None)
    if extraction.failure in ("no_text_layer", "unsupported"):
        return Outcome.OK, extraction.failure  # a file as main page: its bytes are the document
    if not signs.visible_chars and not kept:
        if signs.scripts:
            return Outcome.CHALLENGE, "no visible text, but scripts"
        return Outcome.EMPTY, "no visible text"
    # A page that says when it was published, or its document number, is a document however short: ministries
    # do announce that a system is under maintenance.
    dated = extraction.fields.published_on or extraction.fields.document_number
    if kept < SHORT_CHARS and not dated:
        found = _block_page(extraction)
        if found:
            return found
    if not kept:
        if signs.scripts and signs.visible_chars < SHORT_CHARS:
            return Outcome.CHALLENGE, "hardly any text, but scripts"
        return Outcome.EMPTY, "no text of its own"
    return Outcome.OK, "text"


def _block_page(extraction: Extraction) -> tuple[Outcome, str] | None:
    """Tell what kind of stand-in a page with little text of its own is, if it is one."""
    signs = extraction.signs
    body = " ".join(b.text for b in extraction.blocks if b.left_out is None)
    words = f"{signs.title} {body}"
    # Where the page has next to nothing beside it, all that is seen is what it says.
    if signs.visible_chars < 2 * SHORT_CHARS:
        words += " " + signs.opening
    if signs.refresh and len(body) < SHORT_CHARS / 3:
        return Outcome.NOT_A_DOCUMENT, "sends the reader on by meta refresh"
    if signs.password_field and signs.visible_chars < 4 * SHORT_CHARS:
        return Outcome.LOGIN, "asks for a password"
    for outcome, pattern in (
        (Outcome.SOFT_404, _NOT_FOUND),
        (Outcome.CHALLENGE, _CHALLENGE),
        (Outcome.MAINTENANCE, _MAINTENANCE),
        (Outcome.LOGIN, _LOGIN),
    ):
        match = pattern.search(words)
        if match:
            return outcome, f"a short page that says: {' '.join(match[0].split())[:60]}"
    return None
