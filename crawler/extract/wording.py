"""The words of page furniture, Chinese and English, as patterns over one line; pure.

A pattern alone never condemns running text: each is for a whole short line, or for the way one begins.
Alternatives under a repetition are atomic, so that no line takes more than linear time.
"""

from __future__ import annotations

import re

# The traditional forms of what labels and bylines are written with, one letter for one: places stay as they are.
_SIMPLE = str.maketrans(
    "發機關號單時間題類別標佈來編輯責點閱覽瀏數狀態體種廢執規範內訊資網頁記採開佔處門電話傳負組織業務訪讀載檔國後衛稱屬簽",
    "发机关号单时间题类别标布来编辑责点阅览浏数状态体种废执规范内讯资网页记采开占处门电话传负组织业务访读载档国后卫称属签",
)

_TRADITIONAL = re.compile("[" + "".join(map(chr, _SIMPLE)) + "]")


def simplified(text: str) -> str:
    """Return a text as patterns of labels are matched with it: as long, traditional letters simplified; pure."""
    return text.translate(_SIMPLE) if _TRADITIONAL.search(text) else text


def _line(*forms: str) -> re.Pattern[str]:
    """Compile a pattern for a whole line that is one of several forms, brackets around it allowed."""
    return re.compile(r"^[\s\[【（(<]{0,3}(?:" + "|".join(forms) + r")[\s\]】）)>]{0,3}$", re.IGNORECASE)


def _start(*forms: str) -> re.Pattern[str]:
    return re.compile(r"^[\s\[【（(]{0,3}(?:" + "|".join(forms) + ")", re.IGNORECASE)


def _within(*forms: str) -> re.Pattern[str]:
    return re.compile("|".join(forms), re.IGNORECASE)


EDITORIAL = _line(
    r"原标题\s?[:：].{0,120}",
    # Where it stood on paper.
    r"《\s?[^《》]{2,20}\s?》\s?[（(]\s?(?:19|20)\d{2}年\d{1,2}月\d{1,2}日\s?(?:第\s?)?\d{0,3}\s?版?\s?[）)]",
    r"(?:我要)?纠错[】\]]?\s{0,3}[【\[]?责任编辑\s?[:：].{0,40}",
    r"(?:责任编辑|责编|网络编辑|值班编辑|本文编辑|文字编辑|编辑)\s?[:：/／][^。；！？]{0,60}",
    r"(?:文章|信息|稿件)?录入(?:者|人|员)?\s?[:：].{0,60}",
    r"(?:责任校对|校对|审校|审核|编审|监制)\s?[:：/／][^。；！？，]{0,16}",
    r"(?:web |copy |responsible )?editors?(?: in charge)?\s?[:：].{0,80}",
    r"(?:edited|proofread) by\s?[:：]?.{0,60}",
)

SHARE_WORDS = _within(
    r"分享(?:到|至|让更多人看到|链接|本文)?|转发|扫[一描]扫?(?:二维码)?[，,]?(?:(?:在|用)?(?:手机|移动)(?:上|端)?(?:打开|阅读|查看|浏览)(?:当前|本|此)?(?:页面?|文章?))?|扫码(?:阅读|分享)?",
    r"微信|新浪微博|腾讯微博|微博|朋友圈|QQ(?:空间|好友)?|人人网|豆瓣|复制链接|收藏(?:本页|本文)?|加入收藏",
    r"打印(?:本页|本文|此页|文章)?|关闭(?:窗口|本页|此页)?|字号|字体|大小|默认|超大|特大|大|中|小|朗读",
    r"我要纠错|纠错|点赞|赞|举报|投诉|保存|下载|语音播报|阅读模式|无障碍|繁体",
    r"(?:to )?let more people see|share(?: (?:this|on|via|with|to)(?: \w+){0,3})?|shares?|tweet|retweet|"
    r"pin(?: it)?|like",
    r"facebook|twitter|linkedin|whatsapp|telegram|reddit|pinterest|wechat|weibo|instagram|youtube|"
    r"e-?mail(?: this)?",
    r"print(?:er)?(?: friendly)?(?: version)?|(?:this )?(?:page|article|story)|bookmark(?: and share)?",
    r"adjust font size|(?:small|medium|large|normal) font size|font(?: ?size)?|text size|copy link|save|"
    r"download",
    r"close|comments?|go to forum|follow us|and|or|rss|newsletter|mobile|\d{1,7}|[+x×A]{1,2}",
)
SHARE_SIGN = _within(
    r"分享|转发|打印|字号|字体|收藏|扫一扫|朗读|微信|微博|关闭(?:窗口|本页)",
    r"share|tweet|print|e-mail|font size|bookmark|facebook|twitter|forum",
)

PAGER = re.compile(
    r"^(?>[\s<>«»‹›|\[\]【】()（）…/.:：]|余下全文|剩余全文|阅读全文|第\s?\d{1,4}\s?页|共\s?\d{1,4}\s?页|\d{1,4}\s?页|\d{1,4}"
    r"|[上下]一?页|[首尾末]页|页码?|跳转|到第|GO|first|last|prev(?:ious)?(?: page)?|next(?: page)?|pages?|"
    r"of)++$",
    re.IGNORECASE,
)
SLIDE = _line(
    r"(?:image|photo|picture|slide|图片?|第)\s?\d{1,3}\s?(?:of|/|／|张)\s?(?:共\s?)?\d{1,3}张?|\d{1,3}\s?[/／]\s?\d{1,3}",
)
PAGER_SIGN = _within(r"[<>«»‹›]|页|next|prev|page|\d\s{1,3}\d")

COMMENTS_HEAD = _line(
    r"(?:网友|最新|热门|精彩|全部|用户|读者)?(?:评论|跟帖|留言)(?:区|列表)?\s?[(（\[]?\s?\d{0,7}\s?条?[)）\]]?",
    r"(?:发表|我要|查看|写|我来)(?:全部)?(?:评论|留言|评一评)|(?:我来|我要|快来|来)?说两句",
    r"(?:点击|欢迎)?进入[^。；！？]{0,24}(?:讨论|评论)区?",
    r"(?:(?:看|读)完(?:本文|这篇文章|此文|新闻|报道)?后?[，,]?)?[您你](?:此时|此刻|现在|当前)?的?(?:心情|感受)(?:是|如何|怎样|怎么样)?[?？]?",
    r"(?:\d{1,7}|no|all|view|show|latest|newest|reader|readers['’]?|user|top(?: rated)?|add|post|leave|"
    r"your|write|read)?"
    r"\s?(?:an?|your|all|the)?\s?comments?(?:\s?\(?\d{0,7}\)?|\s?\(s\))?(?: here| now| yet)?[.:…!]{0,3}",
    r"comments? (?:are closed|off|\(\d{1,7}\))[.]?|(?:join|start) the (?:conversation|discussion)[.!]?",
    r"go to forum.{0,40}|\d{1,7} comments?.{0,3}\(s\).{0,20}",
)

RELATED_HEAD = re.compile(
    r"^[\s\[【（(>■●◆▶★|]{0,4}(?:"
    + "|".join(
        (
            r"(?:相关|推荐|热门|热点|延伸|精彩|图文|最新|更多|编辑|今日|热文|独家|往期|猜你|近期|时政|"
            r"站内|同类|其他|其它|本类|大家)"
            r"(?>政策|文章|新闻|阅读|链接|报道|推荐|内容|信息|资讯|稿件|专题|图片|视频|文件|解读|喜欢|"
            r"感兴趣|关注|在看|还在看|热点"
            r"|热门|回顾|精选|导读){1,3}",
            r"(?:作者|小编|编辑|记者|TA|他|她)的?(?:最近|最新|更多|其他)文章",
            r"(?:点击|阅读|新闻|热点|热度)排行|排行榜|点击榜|友情链接|相关链接|链接|专题推荐|为您推荐|看了又看",
            r"related(?: (?:articles?|stor(?:y|ies)|news|links?|posts?|content|topics?|coverage|reading|"
            r"information))?",
            r"recommended(?: (?:news|articles?|stories|reading|for you|reads?|links?|by \w+))?",
            r"more [\w .]{1,30} (?:stories|news|articles|headlines)",
            r"more (?:on this(?: (?:story|topic))?|stories|news|articles?|from .{1,40}|in .{1,40}|"
            r"on .{1,40}|like this"
            r"|headlines|to read|coverage)",
            r"you (?:might|may) (?:also )?(?:like|be interested in)",
            r"read (?:also|more|next|this(?: next)?)|see also|also (?:read|see|on .{1,40})|don['’]?t miss",
            r"(?:most|top) (?:read|popular|viewed|shared|commented|recent|stories|news)|popular(?: (?:now|"
            r"posts?|stories|news))?",
            r"trending(?: (?:now|news|stories))?|latest(?: (?:news|stories|posts?|articles?|headlines|"
            r"updates?))?",
            r"(?:what to read|up) next|editors?['’]s? (?:picks?|choice)|in this section|hot (?:news|"
            r"topics?|stories)",
            r"recent (?:posts?|news|articles?|stories)|featured(?: (?:stories|articles?))?|"
            r"sponsored(?: (?:content|links?))?",
            r"tags?|标签|关键词|(?:from )?around the web|promoted(?: (?:content|links?))?|friendly links?|"
            r"links?",
        )
    )
    + r")[\s\]】）)>|:：▼»…]{0,4}(?:更多|more)?[>»]{0,2}$",
    re.IGNORECASE,
)
RELATED_LABEL = _start(
    r"(?:相关(?:链接|阅读|新闻|报道|文章)|推荐阅读|延伸阅读|热门推荐|友情链接|更多(?:新闻|"
    r"阅读|报道|内容)(?:详见|请见)?)[\]】）)]?\s?[:：>]",
    r"(?:related(?: \w{1,20})?|read (?:also|more)|see also|also read|more(?: \w{1,20})?)[\]】）)]?\s?[:：>]",
)
TAGS = _start(r"(?:tags?|keywords?|key words|filed under|标签|关键词|关键字|tag标签)[\]】]?\s?[:：]")
CATEGORIES = _start(r"(?:categor(?:y|ies)|topics?|分类|所属分类)[\]】]?\s?[:：]")
NEIGHBOUR = _start(
    r"[<«←→>|]{0,3}\s?[上下]一(?:篇|条|则|页|篇文章)[\]】]?\s{0,3}(?:[:：|»>]|$)",
    r"[<«←→>|]{0,3}\s?(?:prev(?:ious)?|next)(?: (?:article|post|story|entry|slide|item|news))?\s?(?:[:：|"
    r"»>]|$)",
    r"[<«←→>|]{0,3}\s?(?-i:PREV|PREVIOUS|NEXT)\s",
)
TOP = _line(
    r"[↑▲^]{0,2}\s?返回(?:顶部|首页|列表|上一?[级页]|目录|正文|.{1,8}首页)|回到?顶部|关闭窗口|关闭本页|TOP",
    r"back to (?:the )?(?:top|home(?: ?page)?|list|index|news)|return to (?:top|list)|go to top|scroll to top",
    r"(?:skip|jump|go) to (?:main |the )?(?:content|navigation|menu|search|footer|comments?)",
)
CRUMB = _start(
    r"(?:您?的?(?:当前|现在|所在)的?(?:位置|页面)|[您你我]的位置|当前栏目|网站首页|首页|位置|you are here|"
    r"current (?:position|location)|home)"
    r"\s{0,3}(?:[:：]|>|»|›|→|-)",
)
CRUMB_ARROW = re.compile(r"\s?(?:>{1,2}|»|›|→)\s?")
LEGAL = _within(
    r"^(?:版权所有|版权声明|copyright\b|©|\(c\) ?\d)|ICP备\s?\d|ICP证\s?\d|公网安备|网站标识码|"
    r"政府网站找错|累计访问量",
    r"未经.{0,16}(?:授权|许可|允许|书面).{0,12}转载|违法和不良信息举报|本文(?:仅代表作者|系转载)",
    r"转[载发]请(?:务必)?(?:注明|标明).{0,8}(?:链接|出处|来源)",
    r"^(?:免责声明|特别声明|郑重声明)\s?[:：]",
    r"^(?:本站)?(?:建议|推荐|请)您?(?:使用|用|采用|以)[^。；]{0,40}(?:分辨率|浏览器)[^。；]{0,20}$"
    r"|^(?:本站)?最佳(?:浏览|显示|屏幕)?(?:效果|分辨率)[^。；]{0,40}$",
    r"^(?:this site is )?best viewed (?:in|with|at|using)\b.{0,60}"
    r"(?:\d{3,4}\s?[×x*]\s?\d{3,4}|resolution|browser|explorer|chrome|firefox)",
    r"^[(（]?all (?:the )?information (?:published|provided) on this (?:web)?site\b",
    r"all rights reserved|may not be (?:reproduced|republished|published,? broadcast)",
)
# Numbers under which China registers a site: they stand in its small print and nowhere else.
REGISTERED = _within(r"ICP备\s?\d|ICP证\s?\d|公网安备|网站标识码")
# What a platform says of what others put there.
DISCLAIMER = _start(
    r"(?:special )?(?:notice|disclaimer|statement)\s?[:：].{0,250}"
    r"(?:\bby (?:an? |the |our )?(?:users?|authors?|third part)|\bonly provides?\b"
    r"|\bdo(?:es)? not (?:necessarily )?(?:represent|reflect)\b)",
)
COUNTER = re.compile(
    r"^[\[【（(]?(?>(?:浏览|阅读|点击|访问|点阅|播放|评论|关注|参与|下载|收藏|点赞)(?:次数|人数|量|"
    r"数)?\s?[:：]?\s?[\d,.万+]{0,12}"
    r"\s?[次人条个]?|[\d,.万]{1,12}\s?次?(?:浏览|阅读|点击|评论|人参与)"
    r"|(?:views?|hits?|reads?|shares?|comments?|likes?)\s?[:：]?\s?[\d,.k]{1,12}"
    r"|[\d,.k]{1,12}\s(?:views?|hits?|reads?|shares?|comments?|likes?|times)|[\s|]){1,9}+[\])）】]?$",
    re.IGNORECASE,
)
PROMOTION = _start(
    r"(?:[^，。；]{0,12}[，：:])?(?:欢迎|请|敬请)?(?:(?:扫描|识别|长按|点击)(?:(?:上方|下方)?二维码)?"
    r"\s?[，,]?\s?)?(?:关注|订阅|下载|搜索|添加)"
    r"[^。；]{0,24}(?:公众号|微信号|官方微[信博]|客户端|APP|视频号|服务号)",
    r"(?:please )?(?:sign up|subscribe)(?: now| here| today| free)?\b.{0,60}"
    r"\b(?:newsletter|alerts?|updates?|inbox|briefing|digest|edition)\b",
    r"(?:get|receive|download|install|try)\b.{0,50}\b(?:our|the|free)\b.{0,30}\b(?:newsletter|app|alerts?)\b",
    r"follow (?:us|@?\w[\w.]{1,30}(?: \w+)?) (?:on|at) .{0,60}(?:twitter|facebook|instagram|wechat|"
    r"linkedin|youtube|x\b)",
    r"(?:please )?like us on facebook|join (?:our|us on) .{0,40}(?:telegram|whatsapp|facebook)",
    r"click here to (?:subscribe|sign up|join)|\w{2,30} app download\b",
    r"(?:our|the) .{0,30}(?:newsletter|briefing).{0,60}\b(?:sign up|subscribe|inbox)",
    r"get .{0,60}\b(?:in|to) your inbox\b",
    r"(?:did you )?(?:like|enjoy)(?:ed)? (?:this|what you) .{0,40}\?.{0,20}\bshare\b",
)
# A summary above the text that says what it is.
LEAD = _start(r"(?:核心提示|内容提要|新闻提要|提要|导语|编者按|摘要)[\]】]?\s?[:：]")
CLICK_HERE = re.compile(r"\bclick(?:ing)? (?:here|now|below)\b|点击(?:此处|这里)", re.IGNORECASE)
ADVERTISING = _line(
    r"广告|推广|赞助(?:内容)?|advertisements?|advertising|adverts?|ads?|sponsored(?: content)?|advertiser content",
    r"story continues below(?: advertisement)?|continue reading(?: below)?.{0,40}|"
    r"article continues (?:after|below).{0,30}",
    r"loading(?:\.{1,3})?|(?:(?:read|show|see|view) )?all\s?(?:\.{2,3}|…)|"
    r"read more|show more|see more|阅读更多|展开全文|查看全文|阅读全文|加载更多|"
    r"点击(?:查看|加载)更多|(?:阅读|查看|展开|点击)?(?:余下|剩余)全文\s?(?:[（(]\s?\d{0,3}\s?%?\s?[）)])?",
)
# The knobs of a player, and of a text that folds.
PLAYER = _line(
    r"展开|收起|倍速|高清|超清|标清|流畅|蓝光|播放|暂停|全屏|静音|弹幕|重播|自动播放|秒?会员跳过广告|了解详情\s?>?",
    r"\d{1,2}(?:\.\d{1,2})?x|\d{1,2}:\d{2}(?::\d{2})?\s?/\s?\d{1,2}:\d{2}(?::\d{2})?|00:00",
    r"(?:时长|duration)\s?[:：]?\s?\d{1,2}:\d{2}(?::\d{2})?(?:[^。；]{0,20})",
    r"play(?:ing)?(?: now| video)?|pause|mute|unmute|full ?screen|autoplay|replay|now playing|expand|collapse",
)
CLOCK = _start(
    r"(?:现在是|当前时间|北京时间|current time|local time)[^。！]{0,60}\d[^。！]{0,60}$",
    # Anniversaries begin like that as well; a clock goes on with the day.
    r"今天是\s?[:：]?\s?(?:公元)?(?:(?:19|20)\d{2}\s?[-/.年]|\d{1,2}月\d|星期)[^。！]{0,60}$",
    r"today is\s?[:：]?\s?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|[a-z]{3,9}\.? \d|\d)[^.。！]{0,60}$",
)

_TIME = (
    r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:\s?[ap]\.?m\.?)?"
    r"(?:\s?(?:GMT|UTC|BST|EST|EDT|PST|PDT|CST|WIB)(?:[+-]\d{1,4})?)?"
)
_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
DATE = _within(
    r"(?:19|20)\d{2}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?日?(?:T?\s?" + _TIME + r")?",
    r"\b\d{1,2}(?:st|nd|rd|th)?[\s-]" + _MONTHS + r"[,\s-]{1,2}(?:19|20)\d{2}",
    r"\b" + _MONTHS + r"\s\d{1,2}(?:st|nd|rd|th)?,?\s(?:19|20)\d{2}",
    r"\b\d{1,2}/\d{1,2}/(?:19|20)\d{2}",
    r"(?<![\d.])\d{1,2}\.\d{1,2}\.(?:19|20)\d{2}(?![\d.])",
    r"(?<!\d)(?:19|20)\d{2}\s\d{1,2}\s?/\s?\d{1,2}(?=\s\d{1,2}:\d{2})",
)
# "定于2024年9月3日8时" goes on before and after; the day of a byline stands alone.
DATE_IN_SENTENCE = re.compile(
    r"(?<=[\u3400-\u9fff])(?<![布表新]于)(?:19|20)\d{2}年\d{1,2}月\d{1,2}日(?=\d{1,2}[时点]|(?![发来作更浏阅点])[\u3400-\u9fff])"
)
CLOCK_TIME = _within(_TIME)
BYLINE_LABEL = _within(
    r"(?:发布|发表|发稿|更新|修改|编辑|采集|录入|上传|生成|刊发|公开|审核)?(?:时间|日期)\s?[:：]",
    r"(?:稿件|信息|文章|文稿|新闻|内容)?(?:来源|出处)\s?[:：]",
    r"(?:作者|记者|通讯员|责任编辑|责编|编辑|撰稿|供稿|发布者|发布人|发布机构|发布单位|供稿单位|"
    r"信息类别)\s?[:：]?",
    r"(?:浏览|阅读|点击|点阅|访问|评论)(?:次数|量|数)?\s?[:：]?|字号|字体|打印",
    r"\b(?:source|from|author|reporter|editor|published|publish(?:ed)? (?:time|date|on|at)|"
    r"release(?:d)?(?: time| date)?"
    r"|posted(?: on| at| by)?|updated?(?: on| at)?|last (?:updated|modified)|date|time|views?|written by|byline"
    r"|staff (?:reporter|writer)|min(?:ute)?s? read|comments?|shares?)\b\s?[:：]?|^by\b|(?<=\d) by\b",
)
BYLINE = _start(
    r"(?:发布|发表|发稿|更新|刊发)(?:时间|日期)\s?[:：]|(?:最后|最近|上次)(?:更新|修改)\s?[:：]?\s?(?=\d)",
    r"(?:稿件|信息|文章|新闻|内容)?(?:来源|出处)\s?[:：][^。；]{0,40}$",
    r"(?:作者|记者|发布者|发布人|发布机构)\s?[:：][^。；，]{0,30}$",
    r"(?:release(?:d)?|publish(?:ed)?|post(?:ed)?|update(?:d)?) (?:time|date)\s?[:：]",
    r"(?:first published|published|posted|last updated|updated)(?: on| at)?\s?[:：]?\s(?=.{0,60}\d).{0,60}$",
    r"(?:source|author)\s?[:：].{0,60}$",
)
# "（2016年9月1日公布 根据2021年5月6日的决定修正）" is how a statute tells its own history.
ENACTMENT = re.compile(r"^[(（].{0,400}(?:公布|通过|修正|修订|批准|施行|发布|印发)[)）]?$")
# "时间：2024年5月20日上午9时" tells when a meeting is, not when a page was published.
APPOINTMENT = _start(r"(?:时间|日期|地点)\s?[:：].{0,60}(?:上午|下午|周[一二三四五六日]|星期|\d\s?时|地点|至|—)")
