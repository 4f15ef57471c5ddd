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
    r"|\bwaf\b|incident id|request id|ray id|support id|too many requests|rate[- ]limit(ed)?"
    r"|not available in your (country|region|location)|access is restricted|(you have|you've|been) been blocked"
    r"|unable to access|(think|thought|suspect|believe)\W+(that )?you\W+(are|were|might be|may be) a (ro)?bot"
    r"|not a (ro)?bot|(looks|appears|seems) automated|automated (requests?|access|traffic|queries)"
    r"|turn(ing)? javascript on|javascript (is )?(required|disabled)"
    r"|(输入|填写|刷新|看不清).{0,8}验证码|验证码.{0,8}(错误|继续|刷新|换一|看不清)|^\s*验证码\s*$|人机验证|安全验证|滑动验证"
    r"|请完成.{0,6}验证|访问验证|拖动.{0,6}滑块|完成拼图|安全检查|正在(检查|验证).{0,8}(浏览器|环境)"
    r"|(ip|地址).{0,6}(被|已)(限制|封禁|禁止|屏蔽|拉黑)"
    r"|访问(被|受)(拒绝|拦截|限制|禁止)|请求(被|已被)?(拒绝|拦截|阻断)|拦截(提示|页面)?|(网站|应用)防火墙|云防护"
    r"|(访问|请求|操作)(过于|太)?频繁|异常(访问|流量|请求)|疑似(黑客)?攻击|启用\s*(javascript|cookie)",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(
    r"\b404\b|(page|document|article|file|content|resource|item)\W+(\w+\W+){0,6}(not|no longer|cannot|can't|could not)"
    r"\W+(\w+\W+){0,2}(found|exist|available|be found|there)|(page|document|article) (not found|unavailable)"
    r"|(has|have) been (removed|deleted|taken down|withdrawn)|no longer (exists?|available|online)"
    r"|does(n['’]t| not) exist|not found|can(no|['’])t find|could(n['’]t| not) find|nothing (was )?found"
    r"|moved or (deleted|removed)|no longer (be )?(accessible|published|here|offered)"
    r"|(was|been) (withdrawn|unpublished|archived) and|no such (page|document|article)"
    r"|(页面|网页|文章|内容|信息|文件|资源|稿件|地址|链接|栏目).{0,14}(不存在|未找到|没有找到|找不到|无法找到|正在审核|已关闭|走丢|丢失|不见了"
    r"|已(经)?(被)?(删除|下线|下架|移除|撤销|撤回|失效|过期)|被(删除|移除))"
    r"|(不存在|找不到|未找到|没有找到|无法找到|已(经)?(被)?删除|已下线|走丢).{0,10}(页面|网页|文章|内容|信息|文件|资源|稿件)"
    r"|出错了|链接(错误|已失效)",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(please|you (must|need to)) (re-?)?(log|sign) ?in|(log|sign) ?in to (continue|read|view)|(log|sign) ?in again"
    r"|session (has |was )?(expired|timed out)"
    r"|请(先|重新)?登[录陆]|(登[录陆]|注册|订阅|开通|购买)后.{0,4}(查看|阅读|访问|浏览|继续)|(登[录陆]|会话)(状态)?(已)?(超时|过期|失效)",
    re.IGNORECASE,
)
# In a page's own text a wall; in the frame of any page an offer.
_LOGIN_FORM = re.compile(
    r"(log|sign) ?in (to|with|below|here)|log in\W*$|subscribe to (read|continue|view|unlock)"
    r"|already (a |have )?(subscriber|member|account|registered|subscribed)|(forgot|reset) (your )?password"
    r"|(subscribers?|members?) only|(do not|don['’]t) have (the )?(permission|access|rights?) to (view|read|access|see)"
    r"|create (an|your) account|(扫码|短信|密码|账号|用户)登[录陆]|忘记密码|付费(内容|阅读|文章)"
    r"|[仅只](供|限|对).{0,8}(会员|用户|注册)",
    re.IGNORECASE,
)
_MAINTENANCE = re.compile(
    r"(under|scheduled|undergoing|down for) maintenance|maintenance (mode|in progress)|temporarily (unavailable|closed)"
    r"|be (right )?back (online )?(soon|shortly|later)|(currently|temporarily) (offline|down|closed)"
    r"|(upgrading|updating) our (systems?|site|service)|(try|check) (again|back) (later|soon)"
    r"|(service|site|website|page|system) (is )?(currently |temporarily )?(unavailable|offline|down)"
    r"|系统(正在)?(维护|升级)|(网站|平台)(正在)?(维护|升级|改版|建设)|维护(中|公告|升级)|暂停(服务|访问)|服务(暂)?不可用"
    r"|(网站|系统|平台|服务器|本站|页面)(临时|暂时|正在)?(关闭|维护|升级|调整|检修)|敬请期待",
    re.IGNORECASE,
)
# What a server, or who sells the name, says of itself: an error with status 200, or the page it is delivered with.
_SERVER = re.compile(
    r"internal server error|http status [45]\d\d|server error in '|runtime error|fatal error:|unhandled exception"
    r"|\b(java|javax|org|com|system)\.[\w.]{3,80}(exception|error)\b|stack ?trace|error establishing a database"
    r"|(database|sql) (connection|syntax|server)? ?error|error in your sql syntax|bad gateway|gateway time-?out"
    r"|traceback \(most recent call|no explicit mapping for|service unavailable|temporarily busy"
    r"|welcome to (nginx|openresty|tengine|caddy|iis|apache)|(apache2?|nginx|iis|tomcat)\b.{0,40}(default|test) page"
    r"|web server is successfully installed|default (web|welcome) ?page"
    r"|(site|account|domain|hosting)( name)? (has been |has |is )?(suspended|parked|not configured|expired)"
    r"|domain( name)? (is|may be)( available)? for sale|(buy|purchase|acquire|own) this domain"
    r"|parked (free|domain|page)|parking (service|page)|future home of|launch this site"
    r"|(服务器|系统|程序|数据库)(内部|运行|连接)?(错误|出错|异常|繁忙|失败)|站点创建成功"
    r"|(域名|站点|网站).{0,4}(尚未|未|没有)(绑定|备案|配置)"
    r"|(站点|网站)已(暂停|停用|关闭|到期)|域名.{0,12}(转让|出售|过期|到期|停放|续费|持有人)|(空间|主机)已?(到期|过期|欠费)|(出售|转让|购买|出租).{0,4}域名"
    r"|应用程序(中的)?(服务器)?错误",
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
    stranger: of a short page without a date that shares no wording with that either: so in words; else empty.
        No list of words knows every wall, notice of maintenance or parked name.
    """

    fetch_id: int
    resource_id: int
    text_key: str
    out_of_place: bool
    stranger: str = ""


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
    if extraction.failure == "binary":
        return Outcome.NOT_A_DOCUMENT, "a picture, sound or program where a document was promised"
    signs = extraction.signs
    kept = kept_chars(extraction)
    if extraction.failure in ("no_text_layer", "unsupported"):
        return Outcome.OK, extraction.failure  # a file as main page: its bytes are the document
    if not signs.visible_chars and not kept:
        if signs.scripts:
            return Outcome.CHALLENGE, "no visible text, but scripts"
        return Outcome.EMPTY, "no visible text"
    if kept < SHORT_CHARS and not is_dated(extraction):
        found = _block_page(extraction)
        if found:
            return found
    if not kept:
        if signs.scripts and signs.visible_chars < SHORT_CHARS:
            return Outcome.CHALLENGE, "hardly any text, but scripts"
        return Outcome.EMPTY, "no text of its own"
    return Outcome.OK, "text"


def is_dated(extraction: Extraction) -> bool:
    """Tell whether a page says when it was published or signed, or its document number.  Pure.

    Then it is a document however short: ministries do announce that a system is under maintenance.
    """
    fields = extraction.fields
    return bool(fields.published_on or fields.signed_on or fields.document_number)


def kept_text(extraction: Extraction) -> str:
    """Return the text of a page's own blocks.  Pure."""
    return "\n".join(block.text for block in extraction.blocks if block.left_out is None)


def kept_chars(extraction: Extraction) -> int:
    """Return the length of the text of a page's own blocks, without white space.  Pure."""
    return len("".join(kept_text(extraction).split()))


def _block_page(extraction: Extraction) -> tuple[Outcome, str] | None:
    """Tell what kind of stand-in a page with little text of its own is, if it is one."""
    signs = extraction.signs
    body = " ".join(b.text for b in extraction.blocks if b.left_out is None)
    own = words = f"{signs.title} {body}"
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
        (Outcome.HTTP_ERROR, _SERVER),
        (Outcome.LOGIN, _LOGIN_FORM),
    ):
        match = pattern.search(own if pattern is _LOGIN_FORM else words)
        if match:
            return outcome, f"a short page that says: {' '.join(match[0].split())[:60]}"
    return None
