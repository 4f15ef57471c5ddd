"""What on a page is not its document: rules by place, by form of a line, and by groups of links; pure.

Each rule has a name, which a block that it leaves out carries.  No rule knows a site; each holds for a form
that many sites share.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from lxml import html

from crawler.extract.flow import Line, squeeze, weight
from storage.model import BlockKind

# Words that builders of sites, English or by pinyin, give to the boxes around a document.
_PLACES = {
    "navigation": """nav navbar navigation menu menus submenu topnav subnav breadcrumb breadcrumbs crumb crumbs mbx
        dqwz weizhi sitenav toolbar topbar searchbar pager pagination pagebar fenye skip""",
    "related": """related relate relation recommend recommended recommendation recommendations recommends tuijian
        xgxw xgyd xglj xgwz xgzx rel hot hotnews hotlist rank ranking rankings paihang popular trending
        readmore morenews outbrain taboola recirc recirculation teaser teasers seealso upnext mostread zhuanti
        prevnext nextprev postnav""",
    "share": """share shares sharing sharebar sharebox fenxiang bdsharebuttonbox bdshare social socials sns addthis
        jiathis addtoany sharethis follow print printer fontsize""",
    "comments": """comment comments commentlist commentform respond discussion discussions disqus pinglun livefyre
        replies feedback guestbook""",
    "advertising": """ad ads adv advert adverts advertisement advertisements advertising adsense adsbygoogle adbox
        adslot dfp gpt gg ggw guanggao sponsor sponsored sponsors promo promos promotion promoted tuiguang
        newsletter newsletters subscribe subscription signup banner popup modal cookie cookies consent gdpr overlay
        lightbox tooltip dialog""",
    "foot": """footer foot copyright copyrights copy beian colophon bottombar sidebar aside rail sidebars flink
        friendlink friendlinks blogroll youqing links partners qrcode erweima""",
}
_PLACE_OF = {word: rule for rule, words in _PLACES.items() for word in words.split()}
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
}


def place_of(element: html.HtmlElement) -> str | None:
    """Return the rule that an element's tag, role, class or id names, or None; pure."""
    if (rule := _TAG_PLACES.get(element.tag)) or (rule := _ROLES.get((element.get("role") or "").lower())):
        return rule
    for name in ("id", "class"):
        value = element.get(name)
        if not value:
            continue
        for word in value[:500].split()[:20]:
            tokens = [token.lower() for token in _TOKEN.findall(word)]
            # A modifier such as "has-sidebar" or "no-comments" says what is around, not what is within.
            if not tokens or tokens[0] in ("has", "no", "with", "without", "is", "not", "hide", "js", "wp"):
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


_S = r"[\s:：|｜·•\-－—_~～/／\[\]【】［］()（）<>«»〈〉《》,，.。、>>]"
_ENDS = "。！？；!?;…"

_EDITORIAL = re.compile(
    r"^[\[【（(<]?\s?(?:责任编辑|责编|编辑|校对|审核|审校|责任校对|网络编辑|值班编辑|本文编辑|编审|监制|"
    r"文字编辑|"
    r"(?:web )?editors?(?: in charge)?|edited by|responsible editor|copy editor|proofread(?:ing)? by)"
    r"\s?[:：/／].{0,80}$",
    re.IGNORECASE,
)
_SHARE_WORDS = re.compile(
    r"分享(?:到|至|让更多人看到|链接|本文)?|转发|扫一扫(?:在手机(?:打开|阅读)当前页)?|扫码(?:阅读|分享)?|"
    r"微信|微博|新浪微博|腾讯微博|"
    r"朋友圈|QQ(?:空间|好友)?|人人网|豆瓣|复制链接|收藏(?:本页|本文)?|加入收藏|打印(?:本页|本文|此页|"
    r"文章)?|关闭(?:窗口|本页|此页)?|"
    r"字号|字体|大小|默认|超大|特大|大|中|小|朗读|纠错|我要纠错|点赞|赞|举报|投诉|保存|下载|语音播报|"
    r"阅读模式|无障碍|繁体|"
    r"to let more people see|let more people see|"
    r"share(?: (?:this|on|via|with|to)(?: \w+){0,3})?|tweet|retweet|pin(?: it)?|like|facebook|twitter|"
    r"linkedin|whatsapp|"
    r"telegram|reddit|pinterest|wechat|weibo|instagram|youtube|e-?mail(?: this)?|"
    r"print(?:er)?(?: friendly)?(?: version)?|"
    r"(?:this )?(?:page|article|story)|bookmark(?: and share)?|adjust font size|(?:small|medium|large|"
    r"normal) font size|"
    r"font(?: ?size)?|text size|"
    r"copy link|save|download|close|comments?|go to forum|follow us|and|or|rss|newsletter|mobile|"
    r"\d{1,7}|[+x×A]{1,2}|shares?",
    re.IGNORECASE,
)
_SHARE_SIGN = re.compile(
    r"分享|转发|打印|字号|字体|收藏|扫一扫|朗读|share|tweet|print|e-mail|font size|bookmark|facebook|"
    r"twitter|forum|微信|微博|"
    r"关闭(?:窗口|本页)",
    re.IGNORECASE,
)
_PAGER = re.compile(
    r"^(?:[\s<>«»‹›|\[\]【】()（）…/]|\.{2,4}|\d{1,4}|第\s?\d{1,4}\s?页|共\s?\d{1,4}\s?页|\d{1,4}\s?页|"
    r"上一页|下一页|上页|下页|首页|尾页|末页|"
    r"页码|跳转|到第|页|GO|first|last|prev(?:ious)?(?: page)?|next(?: page)?|page|pages?:?|of)+[:：]?$",
    re.IGNORECASE,
)
_PAGER_SIGN = re.compile(r"[<>«»‹›]|页|next|prev|page|\d\s+\d", re.IGNORECASE)
_COMMENTS_HEAD = re.compile(
    r"^(?:.{0,12}(?:网友|最新|热门|精彩|全部|用户|读者)?(?:评论|跟帖|留言)(?:区|"
    r"列表)?\s?[(（\[]?\s?\d{0,7}\s?条?[)）\]]?|"
    r"(?:发表|我要|查看|写|我来)(?:全部)?(?:评论|留言|说两句|评一评)|.{0,20}说两句.{0,10}|"
    r"(?:\d{1,7}|no|all|view|show|latest|newest|reader|readers['’]?|user|top(?: rated)?|popular|featured|"
    r"add|post|leave|your|write|read)?\s?(?:an?|your|all|the)?\s?"
    r"(?:comments?|repl(?:y|ies)|responses?)(?:\s?\(?\d{0,7}\)?|\s?\(s\))?(?: here| now| yet)?[.:…!]{0,3}|"
    r"comments? (?:are closed|off|\(\d{1,7}\))[.]?|(?:join|start) the (?:conversation|discussion)[.!]?|"
    r"go to forum.{0,40}|\d{1,7} comments?.{0,3}\(s\).{0,20})$",
    re.IGNORECASE,
)
_RELATED_HEAD = re.compile(
    r"^[\s\[【（(>■●◆▶★|]{0,4}(?:"
    r"(?:相关|推荐|热门|热点|延伸|精彩|图文|最新|更多|编辑|今日|热文|独家|往期|猜你|近期|时政|站内|同类|"
    r"其他|其它|本类|大家)"
    r"(?:政策|文章|新闻|阅读|链接|报道|推荐|内容|信息|资讯|稿件|专题|图片|视频|文件|解读|喜欢|感兴趣|关注|"
    r"在看|热点|热门|回顾|精选|导读|附件|"
    r"新闻推荐|文章推荐|还在看)+|"
    r"点击排行|阅读排行|新闻排行|排行榜|热点排行|热度排行|点击榜|友情链接|延伸阅读|相关链接|链接|专题推荐|"
    r"为您推荐|看了又看|"
    r"related(?: (?:articles?|stories|story|news|links?|posts?|content|topics?|coverage|reading|"
    r"information|documents?))?|"
    r"recommended(?: (?:news|articles?|stories|reading|for you|reads?|links?|by \w+))?|"
    r"more (?:on this(?: (?:story|topic))?|stories|news|articles?|from .{1,40}|in .{1,40}|on .{1,40}|"
    r"like this|headlines|"
    r"to read|coverage)|(?:you )?(?:might|may) (?:also )?(?:like|be interested in)|you might also like|"
    r"read (?:also|more|next|this(?: next)?)|see also|also (?:read|see|on .{1,40})|don'?t miss|"
    r"(?:most|top) (?:read|popular|viewed|shared|commented|recent|stories|news)|popular(?: (?:now|posts?|"
    r"stories|news))?|"
    r"trending(?: (?:now|news|stories))?|latest(?: (?:news|stories|posts?|articles?|headlines|updates?))?|"
    r"(?:what to read|up) next|editors?['’]s? (?:picks?|choice)|in this section|hot (?:news|topics?|stories)|"
    r"recent (?:posts?|news|articles?|stories)|featured(?: (?:stories|articles?))?|"
    r"sponsored(?: (?:content|links?))?|"
    r"tags?|标签|关键词|around the web|from (?:around )?the web|promoted(?: (?:content|links?))?|"
    r"friendly links?|links?"
    r")[\s\]】）)>|:：▼»…]{0,4}(?:更多|more)?[>»]{0,2}$",
    re.IGNORECASE,
)
_RELATED_LABEL = re.compile(
    r"^[\s\[【（(]{0,2}(?:相关(?:链接|阅读|新闻|报道|文章)|推荐阅读|延伸阅读|热门推荐|友情链接|"
    r"更多(?:新闻|阅读)|"
    r"related(?: \w+)?|read (?:also|more)|see also|also read|more(?: \w+)?)[\]】）)]?\s?[:：>]",
    re.IGNORECASE,
)
_TAGS = re.compile(
    r"^[\[【]?(?:tags?|keywords?|key words|filed under|categor(?:y|ies)|topics?|标签|关键词|关键字|分类|"
    r"tag标签|所属分类)"
    r"[\]】]?\s?[:：].{0,2000}$",
    re.IGNORECASE,
)
_NEIGHBOUR = re.compile(
    r"^[\s\[【<«←→>|]{0,3}(?:上一?[篇条则页]|下一?[篇条则页]|上一篇文章|下一篇文章|前一篇|后一篇|"
    r"(?:prev(?:ious)?|next)(?: (?:article|post|story|entry|item|news))?(?=\s?[:：|»>]|\s*$| [A-Z]|\W)|"
    r"PREV|NEXT)"
    r"[\]】]?\s?(?:[:：|»>].{0,400}|$|\s.{0,400})",
    re.IGNORECASE,
)
_TOP = re.compile(
    r"^[\s\[【（(↑▲^>]{0,3}(?:返回(?:顶部|首页|列表|上一?[级页]|目录|正文|.{1,8}首页|.{1,6})|回到?顶部|"
    r"关闭窗口|关闭本页|TOP|"
    r"back to (?:the )?(?:top|home(?: ?page)?|list|index|news)|return to (?:top|list)|go to top|scroll to top|"
    r"skip to .{1,30}|(?:jump|go) to .{1,30})[\s\]】）)↑▲^]{0,3}$",
    re.IGNORECASE,
)
_CRUMB = re.compile(
    r"^(?:(?:您?的?(?:当前|现在|所在)?的?(?:位置|页面)|当前栏目|首页|网站首页|home|you are here|"
    r"current (?:position|location))\s?"
    r"[:：]?.{0,160}|.{1,60}(?:\s?(?:>{1,2}|»|›|→|／)\s?.{1,60}){1,6})$",
    re.IGNORECASE,
)
_CRUMB_SIGN = re.compile(r"位置[:：]|>|»|›|→|you are here|current (?:position|location)", re.IGNORECASE)
_LEGAL = re.compile(
    r"版权(?:所有|归|声明)|著作权|copyright|©|&copy;|all rights reserved|ICP备|ICP证|公网安备|备案(?:号|"
    r"编号|序号)|许可证(?:编?号)?[:：]|"
    r"网站标识码|政府网站找错|主办单位?[:：]|承办单位?[:：]|技术支持(?:单位)?[:：]|未经.{0,14}(?:授权|"
    r"许可|允许|书面).{0,30}(?:转载|使用|复制)|"
    r"违法和不良信息举报|免责声明|特别声明|本文(?:仅代表|来源|系转载|版权)|may not be (?:reproduced|"
    r"republished|published)|"
    r"terms (?:of (?:use|service)|and conditions)|privacy (?:policy|notice)|累计访问",
    re.IGNORECASE,
)
_COUNTER = re.compile(
    r"^[\[【（(]?(?:(?:浏览|阅读|点击|访问|查看|人气|播放|评论|关注|参与|下载|收藏|点赞)(?:次数|数|量|"
    r"人数|率)?\s?[:：]?\s?[\d,.万+]{0,12}\s?"
    r"(?:次|人|条|个|℃)?|[\d,.万]{1,12}\s?(?:次)?(?:浏览|阅读|点击|评论|人参与)|(?:views?|hits?|reads?|"
    r"shares?|comments?|likes?)"
    r"\s?[:：]?\s?[\d,.k]{1,12}|[\d,.k]{1,12}\s(?:views?|hits?|reads?|shares?|comments?|likes?|times)|[\s|"
    r"])+[\])）】]?$",
    re.IGNORECASE,
)
_PROMOTION = re.compile(
    r"(?:关注|扫描?|搜索|添加|识别|长按|点击).{0,24}(?:公众号|二维码|微信号|客户端|小程序|视频号|服务号|蓝字)|"
    r"(?:下载|打开|安装|登录|用).{0,16}(?:客户端|APP)|扫码.{0,20}(?:关注|下载|加入|进入)|"
    r"欢迎.{0,14}(?:订阅|投稿|关注)|"
    r"(?:sign up|subscribe|register)(?: now| here| today| free)?\b.{0,60}"
    r"(?:newsletter|alerts?|updates?|e-?mails?|inbox|briefing|digest|daily|weekly|edition|app)\b|"
    r"(?:newsletter|briefing|alerts?)\b.{0,50}\b(?:sign up|subscribe|inbox)|"
    r"(?:get|receive|download|install|try)\b.{0,50}\b(?:our|the|free)\b.{0,30}\b(?:newsletter|app|"
    r"e-?mail updates?|alerts?)\b|"
    r"follow (?:us|@?\w[\w.]{1,30}(?: \w+)?) (?:on|at) .{0,60}(?:twitter|facebook|instagram|wechat|"
    r"linkedin|telegram|youtube|x\b)|"
    r"\blike us on facebook|join (?:our|us on) .{0,40}(?:telegram|whatsapp|facebook|channel|group)|"
    r"click here to (?:subscribe|sign up|download|join|register)|scan the qr code|"
    r"delivered (?:straight )?to your inbox|"
    r"download the .{1,40} app|app download",
    re.IGNORECASE,
)
_ADVERTISING = re.compile(
    r"^[\[【（(]?(?:广告|推广|赞助(?:内容)?|advertisements?|advertising|ads?|sponsored(?: content)?|"
    r"advertiser content|"
    r"story continues below(?: advertisement)?|continue reading(?: below)?.{0,40}|"
    r"article continues (?:after|below).{0,30}|"
    r"loading(?:\.{1,3})?|read more|show more|see more|阅读更多|展开全文|查看全文|阅读全文|加载更多|"
    r"点击(?:查看|加载)更多)[\])）】]?$",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"^(?:今天是|现在是|当前时间|北京时间|today is|current time|local time).{0,60}$", re.IGNORECASE)

_TIME = r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:\s?[ap]\.?m\.?)?(?:\s?(?:GMT|UTC|BST|EST|EDT|PST|CST)(?:[+-]\d{1,4})?)?"
_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
DATE = re.compile(
    r"(?:19|20)\d{2}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?日?(?:T?\s?" + _TIME + r")?|"
    r"\b\d{1,2}(?:st|nd|rd|th)?[\s-]" + _MONTHS + r"[,\s-]{1,2}(?:19|20)\d{2}|"
    r"\b" + _MONTHS + r"\s\d{1,2}(?:st|nd|rd|th)?,?\s(?:19|20)\d{2}|\b\d{1,2}/\d{1,2}/(?:19|20)\d{2}",
    re.IGNORECASE,
)
_CLOCK_TIME = re.compile(_TIME, re.IGNORECASE)
_BYLINE_LABEL = re.compile(
    r"(?:发布|发表|发稿|更新|修改|编辑|采集|录入|上传|生成|刊发|公开|审核)?(?:时间|日期)\s?[:：]|(?:稿件|"
    r"信息|文章|文稿|新闻|内容)?(?:来源|出处)\s?[:：]|"
    r"(?:作者|记者|通讯员|编辑|责任编辑|责编|撰稿|供稿|发布者|发布人|发布机构|发布单位|供稿单位|"
    r"浏览(?:次数|量)?|阅读(?:次数|量)?|点击(?:次数|数|量)?|字号|字体|"
    r"访问(?:次数|量)|信息类别|打印)\s?[:：]?|"
    r"\b(?:source|from|author|reporter|editor|published|publish(?:ed)? (?:time|date|on|at)|"
    r"release(?:d)?(?: time| date)?|"
    r"posted(?: on| at| by)?|updated?(?: on| at)?|last (?:updated|modified)|date|time|views?|written by|byline|"
    r"staff reporter|staff writer|min(?:ute)?s? read)\b\s?[:：]?|^by\b|(?<=\d) by\b",
    re.IGNORECASE,
)
BYLINE_STRONG = re.compile(
    r"^(?:发布|发表|发稿|更新|刊发)?(?:时间|日期)\s?[:：]|^(?:稿件|信息|文章|新闻|内容)?(?:来源|"
    r"出处)\s?[:：].{0,40}$|"
    r"^(?:作者|记者|发布者|发布人|发布机构)\s?[:：].{0,30}$|^(?:release(?:d)?|publish(?:ed)?|post(?:ed)?|"
    r"update(?:d)?) "
    r"(?:time|date)\s?[:：]|^(?:published|posted|updated|last updated|first published)(?: on|"
    r" at)?\s?[:：]?\s(?=.{0,60}\d).{0,60}$|"
    r"^(?:source|author)\s?[:：].{0,60}$",
    re.IGNORECASE,
)


def is_prose(line: Line) -> bool:
    """Tell whether a line reads like running text of some length and is no list of links; pure."""
    text = line.text
    return (
        line.kind is not BlockKind.TABLE
        and line.link_share < 0.5
        and weight(text) >= 50
        and (weight(text) >= 100 or any(mark in text for mark in "。！？；，、!?;,.:：،۔؟।"))
    )


def is_sentence(text: str) -> bool:
    """Tell whether a text ends, or goes on, like a sentence; pure."""
    return text.rstrip("\"'”’」』）)】]» ").endswith((*_ENDS, ".", "：", ":", "，"))


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
    if len(text) > 160 or not _SHARE_SIGN.search(text):
        return False
    return len(_residue(_SHARE_WORDS.sub(" ", text))) <= min(6, len(text) // 5)


def is_byline(text: str) -> bool:
    """Tell whether a line near the title gives date, origin, author or counters and no more; pure."""
    if weight(text) > 240 or text.rstrip().endswith(tuple("。！？!?")):
        return False
    dates = len(DATE.findall(text))
    labels = len(_BYLINE_LABEL.findall(text))
    if not dates and not labels and not _COUNTER.match(text):
        return False
    rest = _residue(_BYLINE_LABEL.sub(" ", _CLOCK_TIME.sub(" ", DATE.sub(" ", text))))
    return weight(rest) <= 24 + 20 * (labels + dates)


def is_related_head(line: Line) -> bool:
    """Tell whether a line heads a list of other pages; pure."""
    return len(line.text) <= 60 and bool(_RELATED_HEAD.match(line.text))


def is_comments_head(line: Line) -> bool:
    """Tell whether a line heads readers' comments, or a form for them; pure."""
    return len(line.text) <= 60 and bool(_COMMENTS_HEAD.match(line.text))


def is_stuffed(text: str) -> bool:
    """Tell whether a text repeats a few key words over and over, as link farms do; pure."""
    pieces = [squeeze(piece) for piece in re.split(r"[,，、|｜;；/\n]", text) if piece.strip()]
    if len(pieces) < 8 or max(map(len, pieces)) > 60:
        return False
    return len(set(pieces)) * 3 <= len(pieces)


def is_link_farm(line: Line, url: str) -> bool:
    """Tell whether a line is a row of links, most to foreign hosts; pure."""
    count = len(line.links)
    if count >= 3 and line.link_share >= 0.6 and 2 * foreign_links(line, url) > count:
        return True
    pieces = [piece for piece in re.split(r"[|｜]", line.text) if piece.strip()]
    return len(pieces) >= 8 and len(line.text) > 60 and not any(mark in line.text for mark in "。；")


def _is_title(key: str, title: str) -> bool:
    # A field is cut where a heading is not.
    return key == title or (len(title) >= 200 and key.startswith(title))


def form_of(line: Line, *, title: str | None, in_head: bool) -> str | None:
    """Return the rule that the form of one line meets, or None.

    Pure.  in_head: the line stands before the first running text, where date and origin are given.
    """
    text = line.text
    if line.kind is BlockKind.TABLE:
        return None
    size = len(text)
    if title and _is_title(squeeze(text), squeeze(title)):
        return "title"
    if not any(character.isalnum() for character in text):
        return "ornament"
    if size <= 160:
        if _EDITORIAL.match(text):
            return "editorial"
        if _COUNTER.match(text):
            return "counter"
        if _ADVERTISING.match(text):
            return "advertising"
        if _CLOCK.match(text):
            return "counter"
        if is_comments_head(line):
            return "comments"
        if is_share(text):
            return "share"
        if _PAGER.match(text) and _PAGER_SIGN.search(text):
            return "pager"
        if _TOP.match(text):
            return "top"
        if in_head and _CRUMB.match(text) and _CRUMB_SIGN.search(text) and not is_sentence(text):
            return "breadcrumb"
        if BYLINE_STRONG.match(text) and (in_head or weight(text) <= 100):
            return "byline"
        if in_head and is_byline(text):
            return "byline"
    if _TAGS.match(text) and not is_sentence(text):
        return "tags"
    if size <= 400 and _NEIGHBOUR.match(text) and (line.link_share >= 0.4 or size <= 160) and not is_sentence(text):
        return "neighbours"
    if size <= 300 and _LEGAL.search(text) and (line.link_share > 0.2 or size <= 160):
        return "legal"
    if size <= 220 and _PROMOTION.search(text):
        return "promotion"
    if _RELATED_LABEL.match(text) and (line.link_share >= 0.4 or (size <= 60 and not is_sentence(text))):
        return "related"
    if is_stuffed(text):
        return "stuffed"
    return None


_SCRIPTS = (
    ("han", re.compile("[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff]")),
    ("latin", re.compile("[A-Za-z\u00c0-\u024f]")),
    ("cyrillic", re.compile("[\u0400-\u04ff]")),
    ("arabic", re.compile("[\u0600-\u06ff]")),
    ("hangul", re.compile("[\uac00-\ud7a3]")),
)


def script_of(text: str) -> tuple[str | None, int, float]:
    """Return the writing of most letters of a text, how many letters it has, and their share; pure."""
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS}
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
            sized[name] = sized.get(name, 0) + weight(line.text)
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
