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
    r"原标题\s?[:：][^。]{0,120}",
    # Where it stood on paper.
    r"《\s?[^《》]{2,20}\s?》\s?[（(]\s?(?:19|20)\d{2}年\d{1,2}月\d{1,2}日\s?(?:第\s?)?\d{0,3}\s?版?\s?[）)]",
    r"(?:我要)?纠错[】\]]?\s{0,3}[【\[]?责任编辑\s?[:：].{0,40}",
    r"(?:(?:本文)?责任编辑|(?:本文)?责编|网络编辑|值班编辑|本文编辑|文字编辑|编辑)\s?[:：/／][^。；！？]{0,60}",
    r"(?:文章|信息|稿件)?录入(?:者|人|员)?\s?[:：].{0,60}",
    r"(?:责任校对|校对|审校|审核|编审|监制)\s?[:：/／][^。；！？，]{0,16}",
    r"(?:(?:[一二三初复终]审|[一二三]校|签发|值班(?:主任|编委|总编)|编委|总值班)\s?[:：/／]\s?[^。；！？，:：]{1,16}?){2,6}",
    r"(?:web |copy |responsible )?editors?(?: in charge)?\s?[:：].{0,80}",
    r"(?:edited|proofread) by\s?[:：]?.{0,60}",
)

SHARE_WORDS = _within(
    r"分享(?:到|至|让更多人看到|链接|本文)?|转发|扫[一描]扫?(?:二维码)?[，,]?(?:(?:在|用)?(?:手机|移动)(?:上|端)?(?:打开|阅读|查看|浏览)(?:当前|本|此)?(?:页面?|文章?))?|扫码(?:阅读|分享)?",
    r"微信|新浪微博|腾讯微博|微博|朋友圈|QQ(?:空间|好友)?|人人网|豆瓣|复制链接|收藏(?:本页|本文)?|加入收藏",
    r"打印(?:本页|本文|此页|文章)?|关闭(?:窗口|本页|此页)?|字号|字体|大小|默认|超大|特大|大|中|小|朗读",
    r"本文|本页|用户|好友|听新闻|听全文|语音播读|点个赞|我要评论|我要纠错|内容纠错|意见反馈|反馈|纠错|点赞|赞|举报|投诉|保存|下载|语音播报|阅读模式|无障碍|繁体",
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
    r"分享|转发|打印|字号|字体|收藏|扫一扫|朗读|微信|微博|关闭(?:窗口|本页)|举报|纠错|反馈|QQ空间|朋友圈|听新闻|听全文",
    r"share|tweet|print|e-mail|font size|text size|bookmark|facebook|twitter|forum|linkedin|whatsapp|pinterest|"
    r"reddit|telegram",
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
    r"(?:已有|共有?|现有)?\s?\d[\d,.万]{0,8}\s?[人条位名](?:网友|用户|读者)?(?:参与(?:讨论|评论|互动)?|跟帖|跟贴|评论|讨论|留言)",
    r"(?:参与|加入)(?:讨论|评论|互动|话题)|(?:网友评论\s?)?文明(?:上网|发言|评论)[^。；！？]{0,30}|"
    r"(?:最[热早新]|正序|倒序)(?:[\s|/]{1,3}(?:最[热早新]|正序|倒序)){1,3}|没有更多(?:评论|跟[帖贴]|留言)了?|我?[写来]留言",
    r"说点什么吧?[….]{0,6}\s?(?:\d{1,4}\s?/\s?\d{1,4})?|(?:互动|网友|读者)留言\s?[（(]?\d{0,7}[)）]?",
    r"(?:我有话说|我来说两句|网友评论|评论|跟[帖贴])?\s?[(（]?(?:\d[\d,.万]{0,8}\s?[人条位](?:评论|参与|跟[帖贴]|留言)[,，\s]{0,3}){1,3}[)）]?",
    r"(?:精选|热门|最新|全部)(?:跟贴|留言)|(?:评论|留言)列表\s?[（(]?(?:共\s?\d{1,7}\s?条)?[)）]?|以上(?:留言|评论|跟帖)(?:只|仅)?代表[^。；]{0,40}",
    r"sort(?:ed)? by (?:best|newest|oldest|top|most recent)|please enable javascript to view the comments.{0,60}|"
    r"conversation|facebook comments",
    r"(?:view|show|see|load|read) (?:more |all |the )?(?:comments?|replies)(?: \(?\d{0,7}\)?)?|"
    r"\d{1,7} facebook comments",
    r"comments? (?:are closed|off|\(\d{1,7}\))[.]?|(?:join|start) the (?:conversation|discussion|"
    r"debate)[.!]?\s?\(?\d{0,7}\)?",
    r"(?:conversation|discussion|replies|responses|reader responses|thoughts)\s?\(\d{1,7}\)|\d{1,7} (?:replies|"
    r"responses|thoughts on .{1,120})",
    r"(?:leave a|post a|write a) (?:reply|response)[.!]?|what do you think\?|have your say[.!]?",
    r"(?:(?:最新|热门|精彩|全部|网友|读者)(?:评论|留言|热议|跟帖|讨论)|网友(?:热议|声音|观点|互动|说)|大家(?:在说|怎么[看说])|读者来论)"
    r"\s?[(（]?\s?(?:共\s?)?\d{0,7}\s?(?:条|人)?\s?[)）]?",
    r"(?:共|已有)?\s?\d[\d,.万]{0,8}\s?(?:条(?:评论|留言|跟帖)|人(?:参与|评论|跟帖|留言))(?:[，,]\s?"
    r"(?:\d[\d,.万]{0,8}\s?人参与|(?:请)?文明上网[^。；]{0,10}|理性发言)){1,2}",
    r"(?:请)?(?:先)?登录(?:后|以后|才能)(?:即)?可?(?:发表|参与|查看)?(?:评论|跟帖|留言|讨论)",
    r"(?:sign|log) in to (?:join|comment|take part|post|reply|add)\b.{0,40}|"
    r"\d[\d,]{0,8} (?:people|readers|users) (?:have |are )?(?:commented|commenting|discussing|joined the conversation)"
    r"(?: on this.{0,12})?",
    r"(?:what|here is what|here['’]s what) (?:(?:our|other|some) )?(?:readers|users|others|people|you) "
    r"(?:are saying|say|said|think|thought|made of (?:it|this))[.:]?|"
    r"(?:readers['’]?|reader|community|users['’]?|top|latest|recent) (?:comments|reactions|responses|views|replies)",
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
            r"(?:您?可能|猜)(?:还|也)?(?:您|你)?(?:还|也)?(?:感兴趣|喜欢|想看|想读|关心|关注)的?(?:内容|文章|新闻)?|大家(?:都|还|也)?在[看读搜]|"
            r"关联(?:阅读|文章|新闻|文件|稿件)|\d{1,2}小时(?:热榜|热点|热文|热门|排行)|(?:本周|今日|本月|一周)?热[榜文搜]",
            r"(?:more (?:stories|articles|news)|stories|articles) (?:you (?:might|may|will|['’]ll) (?:also )?"
            r"(?:enjoy|like|love)|for you)|keep reading|(?:people|readers) (?:also|who read this)\b.{0,40}|"
            r"also on this topic|(?:explore|more on) (?:the|this) topic|today['’]s (?:top )?(?:picks|headlines|"
            r"stories)|just in|in other news|further reading|from the (?:archives?|web)",
            r"(?:作者|小编|编辑|记者|TA|他|她)的?(?:最近|最新|更多|其他)文章|[\u4e00-\u9fff]{2,4}(?:资讯|新闻|文章|视频)推荐|此前报道|新闻多一点",
            r"(?:点击|阅读|新闻|热点|热度)排行|排行榜|点击榜|友情链接|相关链接|链接|专题推荐|为您推荐|看了又看",
            r"(?:related|associated)(?: (?:articles?|stor(?:y|ies)|news|links?|posts?|content|topics?|coverage|reading|"
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
    r"返回首页[，,]\s?[\u4e00-\u9fff]{2,8}",
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
    r"(?:contributed to this report|distributed by)\b.{0,120}(?:©|\(#?\d)|©.{0,80}(?:distributed by|visit (?:us|at))",
    r"\b(?:licen[sc]ed|available|republish\w*|reused?)\b.{0,60}\b(?:under|with)\b.{0,40}"
    r"(?:creative commons|"
    r"\bCC[ -]BY|open government licen[cs]e)",
    r"^[^。；]{0,20}(?:技术支持|承办单位|网站维护)\s?[:：][^。；]{0,60}(?:在线|访问|电话|标识|备案|$)|"
    r"在线人数\s?[:：]\s?\d|^proudly powered by\b|"
    r"powered by .{0,40}\bversion\b",
    r"(?:来源于|来自|转载自)网络[，,].{0,40}(?:侵权|删除|转载)|仅代表作者(?:本人)?(?:观点)?|侵权请[^。；]{0,20}(?:删除|告知)|"
    r"views expressed\b.{0,80}\bdo not (?:necessarily )?(?:represent|reflect)\b",
    r"互联网新闻信息服务许可证|信息网络传播视听节目许可证",
    r"all rights reserved|may not be (?:reproduced|republished|published,? broadcast)",
)
# What stands in the small print at the foot of a page that names no such number.
FOOT_NOTE = _within(r"技术支持\s?[:：]|(?:您|你)?是第.{0,12}位访(?:客|问)|网站(?:管理|维护)\s?[:：]")
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
    r"|(?:已有|共有?)?\s?[\d,.万]{1,12}\s?(?:人|次|位网友)已?(?:转发?|点?赞|分享|觉得有用|阅读|看过|浏览|点赞|收藏|推荐|在看|关注|观看|收听|下载)"
    r"|(?:赞|在看|跟[帖贴]|转发|\+1)\s?[\d,.万]{1,12}|(?:page ?views?|followers?|following|follow|"
    r"clicks?)\s?[:：]?\s?[\d,.k]{1,12}"
    r"|[\d,.k]{1,12}\s(?:page ?views?|followers?|clicks?)|"
    r"(?:estimated )?read(?:ing)? time\s?[:：]?\s?\d{1,3}\s?min(?:ute)?s?"
    r"|\d{1,3}\s?min(?:ute)?s?\s(?:read|listen|watch)|[\d,.k]{1,12}\s(?:(?:people|readers|users)\s)?"
    r"(?:found this (?:helpful|useful)|have (?:shared|liked|read) this|are reading(?: this)?)"
    r"|(?:views?|hits?|reads?|shares?|comments?|likes?|downloads?)\s?[:：]?\s?[\d,.k]{1,12}"
    r"|[\d,.k]{1,12}\s(?:views?|hits?|reads?|shares?|comments?|likes?|times)|[\s|]){1,9}+[\])）】]?$",
    re.IGNORECASE,
)
PROMOTION = _start(
    r"(?:打开|下载|进入|前往).{0,12}(?:APP|客户端).{0,12}(?:查看|阅读|看|体验|参与)[^。；]{0,16}$",
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
# A call to the reader to come to another channel of the publisher: what to do, then where.
CALL = _start(
    r"(?:[^，。；]{0,16}[，,])?(?:快来|请到|可在|上|在)?(?:微信|抖音|快手|微博|B站|应用商店)"
    r"(?:[、，和](?:微信|抖音|快手|微博|B站))?"
    r"(?:中|里|内|上)?(?:搜索?|搜一搜|查找)\s?[“\"「【][^”\"」】]{1,20}[”\"」】]",
    r"[^。；]{0,40}(?:(?:尽在|都在|就在|锁定)[^。；，]{1,16}(?:APP|客户端|公众号|视频号|抖音号|频道|小程序)|"
    r"(?:客户端|APP)[^。；，]{0,4}邀[您你]下载|"
    r"(?:扫描?|识别|长按)[^。；，]{0,8}二维码(?:即可)?(?:关注|下载|订阅))[^。；，]{0,6}$",
    r".{0,70}\b(?:straight|direct(?:ly)?|delivered|sent) to your (?:inbox|door|phone)\b",
    r"(?:[^，。；：:！!]{0,24}(?:更多|精彩|最新|第一时间|权威|欢迎|敬请|详情|资讯)[^，。；：:！!]{0,20}[，,：:！!]?\s?)?(?:欢迎|请|敬请|您?可以?)?\s?"
    r"(?:在[^，。；]{0,12}|在?微信(?:中|里|内)?)?(?:用?手机|微信)?(?:扫描?|扫一扫|扫码|长按|识别|点击|点此|搜索|添加|关注|订阅|下载|打开|安装|加入|进入|锁定)"
    r"(?:[^，。；]{0,30}(?:二维码|公众号|微信号?|官微|官博|微博|抖音|快手|视频号|头条号|百家号|强国号|客户端|APP|小程序|应用(?:市场|商店)|直播间|交流群|粉丝群|读者群|服务号|"
    r"订阅号|手机报)|[，,]?\s?关注我们)",
    r"(?:please |to |for (?:more|the latest)[^,.]{0,50}, ?)?(?:sign up|subscribe|follow|turn on|listen (?:to|live|"
    r"now)|watch|download|"
    r"get|receive|(?:explore|read|see|discover) more|"
    r"join (?:our|us on)|find us|connect with us|stay (?:up to date|connected|informed|in touch)|keep (?:up|"
    r"in touch)|never miss|"
    r"don['’]t miss|become an?|check out our|tune in)\b(?=.{0,110}\b(?:our|us|here|today|now|free|daily|weekly|"
    r"latest|inbox|this page|wherever you)\b)"
    r".{0,90}\b(?:newsletters?|podcasts?|apps?|inbox|e-?mails?|alerts?|social (?:media|channels)|facebook|twitter|"
    r"instagram|"
    r"tiktok|youtube|linkedin|"
    r"telegram|whatsapp|threads|bluesky|e-?edition|e-?paper|channel|bulletins?|briefings?|digest|rss|members?|"
    r"membership|subscribers?|notifications?)\b",
)
# What a person is to do there is the document's business: to apply, to look something up.
ERRAND = _within(
    r"办理|报名|预约|申请|申报|申领|填报|填写|查询|登录|提交|缴[费纳]|注册|咨询|投诉|反映|购[买票]|参加|认证|核验|报送|上传|签到|领取",
    r"\b(?:apply|application|register|submit|file|claim|pay|report|renew|deadline)\b",
)
# A summary above the text that says what it is.
LEAD = _start(r"(?:核心提示|内容提要|新闻提要|提要|导语|编者按|摘要)[\]】]?\s?[:：]")
CLICK_HERE = re.compile(r"\bclick(?:ing)? (?:here|now|below)\b|点击(?:此处|这里)", re.IGNORECASE)
ADVERTISING = _line(
    r"广告|推广|赞助(?:内容)?|advertisements?|advertising|adverts?|ads?|sponsored(?: content)?|advertiser content",
    r"story continues below(?: advertisement)?|continue reading(?: below)?.{0,40}|"
    r"article continues (?:after|below).{0,30}",
    r"advertisements?\s?[-–—]\s?continue reading below|(?:content|text) continues (?:below|after).{0,30}|"
    r"paid (?:content|post)|(?:from our (?:partners?|sponsors?)|sponsored by .{2,30})|(?:商业|品牌)(?:推广|广告)",
    r"loading(?:\.{1,3})?|(?:(?:read|show|see|view) )?all\s?(?:\.{2,3}|…)|"
    r"(?:subscribe|sign up|sign in|log ?in|learn more|join)(?: now| today| here| free)?|read more|show more|"
    r"see more|阅读更多|展开全文|查看全文|阅读全文|加载更多|"
    r"加载更多[\u4e00-\u9fff]{0,4}|[—–=*·~\s-]{0,16}END[—–=*·~\s-]{0,16}|N{4}|"
    r"点击(?:查看|加载)更多|(?:阅读|查看|展开|点击)?(?:余下|剩余)全文\s?(?:[（(]\s?\d{0,3}\s?%?\s?[）)])?",
)
# The knobs of a player, and of a text that folds.
PLAYER = _line(
    r"展开|收起|倍速|高清|超清|标清|流畅|蓝光|播放|暂停|全屏|静音|弹幕|重播|自动播放|秒?会员跳过广告|了解详情\s?>?",
    r"\d{1,2}(?:\.\d{1,2})?x|\d{1,2}:\d{2}(?::\d{2})?\s?/\s?\d{1,2}:\d{2}(?::\d{2})?|00:00",
    r"(?:时长|duration)\s?[:：]?\s?\d{1,2}:\d{2}(?::\d{2})?(?:[^。；]{0,20})",
    r"[^。；]{2,80}(?:时长|duration)\s?[:：]\s?\d{1,2}:\d{2}(?::\d{2})?\s?(?:来源|source)\s?[:：][^。；]{1,20}",
    r"play(?:ing)?(?: now| video)?|pause|mute|unmute|full ?screen|autoplay|replay|now playing|expand|collapse",
)
# What a site asks of its reader, and says of the page as such.
FEEDBACK = _line(
    r"(?:如果)?[您你]?(?:喜欢|觉得(?:不错|有用|好看|本文))[^。；]{0,14}[点戳][^。；]{0,20}(?:在看|赞|收藏|转发|分享|关注)[^。；]{0,14}",
    r"(?:投稿|爆料|报料|新闻线索|提供线索)[^。；]{0,24}(?:热线|电话|邮箱|微信|QQ|平台|拨打|联系)[^。；]{0,40}",
    r"打开[^，。；]{2,12}[，,]?\s?(?:体验更佳|看更多|查看更多|阅读更多|阅读全文)[^。；]{0,16}|[^，。；]{0,24}点击头像[^。；]{0,8}关注",
    r"更多[^。；]{0,20}[，,]?\s?(?:尽在|都在|就在)[^。；]{2,24}|[▶►>＞☞\s]{0,3}(?:戳|点)(?:这里|此处|我|右边)[^。；]{0,24}",
    r"[▶►>＞☞\s]{0,3}点击(?:查看|进入|阅读|观看|收听|了解)[^。；，]{0,14}"
    r"(?:版|解读|视频|音频|图解|直播|回放|专题|详情|全文|原文|更多)",
    r"(?:用?(?:手机|微信))?(?:扫一扫|扫码)[，,]\s?[^。；，]{0,24}|"
    r"入群方式\s?[:：].{0,40}|like this\s?[:：]|like loading[.…]{0,3}|"
    r"be the first to like this.{0,10}",
    r"(?:本页面?|这篇文章|以上内容)(?:内容)?(?:对[您你])?是否(?:有用|有帮助|满意)[?？]?[^。；]{0,20}|[您你]对(?:本页|此页|以上)[^。；]{0,12}(?:满意|"
    r"评价)[^。；]{0,12}[?？]",
    r"[您你]对(?:本|此|该|这)(?:网页|页面?|网站|条(?:信息|内容)|篇(?:文章|报道))[^。；]{0,20}(?:满意|评价|帮助)[^。；]{0,24}",
    r"新闻(?:热线|爆料|线索)\s?[:：][^。；]{0,50}|(?:想|要|有)(?:爆料|报料)[^。；]{0,50}|(?:本文|文章)?已开通(?:语音|音频)[^。；]{0,20}",
    r"(?:take|complete|fill in) (?:our|a|this) (?:\S{1,12} )?(?:\w{1,10} )?survey\b.{0,60}|"
    r"you have \d{1,3} (?:free )?(?:articles?|stories) (?:left|remaining).{0,30}|"
    r"enjoying (?:this|the) (?:article|story)\?.{0,80}|was this (?:article|page|story) \w{1,12}(?: \w+){0,3}\?.{0,40}|"
    r"we rely on (?:our )?readers\b.{0,100}",
    r"(?:was|is|did you find|do you find) (?:this|the) (?:page|article|information|content|answer)?\s?(?:page |"
    r"article )?(?:helpful|useful)\??.{0,30}",
    r"(?:report|found|is there|tell us about) (?:a|any|an)? ?(?:problem|mistake|error|issue|"
    r"broken link)s?(?: or \w+)? (?:with|on|in) this (?:page|article|site)\??.{0,30}",
    r"(?:(?:the|these) following |these )?links? opens? in (?:a )?new (?:tab|window)s?\.?|"
    r"thank you for (?:your feedback|reading).{0,40}",
    r"we(?: have| need)(?: a small favou?r to ask| your (?:help|support)).{0,80}|(?:please )?(?:support|"
    r"donate to) (?:our|independent|local|quality)\b.{0,60}"
    r"\b(?:journalism|newsroom|reporting|news|radio)\b.{0,60}",
    r"your (?:tax-deductible )?(?:donation|gift)\b.{0,40}\b(?:doubled|matched|supports?|helps?|keeps?|makes?|"
    r"today)\b.{0,60}|skip (?:past|advertisement|ad|to next)\b.{0,30}",
    r"(?:do you have|have|got) a (?:story|tip|news tip)\b[^?]{0,50}\?.{0,80}",
    r"(?:the |this )?(?:comments? (?:section )?|discussion )(?:is|are) (?:now )?closed.{0,160}|"
    r"conversations? are (?:the )?opinions? of .{0,100}",
    r"did you find what you (?:were looking for|needed)\?.{0,30}|tell us what (?:was missing|you think|"
    r"went wrong).{0,40}",
    r"want (?:us to|more)\b[^?]{0,80}\?.{0,80}|(?:please )?enter your (?:e-?mail|zip|postcode|name).{0,30}|"
    r"e-?mail updates",
    r"privacy notice\s?[:：].{0,200}|(?:topics?|tags?|share|sections?|filed under)\s?[:：]",
)
# The pages that a site has beside its documents; two or more of them in a row are a menu.
SITE_PAGE = re.compile(
    r"关于我们|联系我们|网站(?:地图|声明|帮助|首页)|版权声明|隐私(?:政策|声明)|法律声明|使用帮助|帮助中心|设为首页|加入收藏|收藏本站|"
    r"举报中心|广告服务|人才招聘|诚聘英才|手机版|电脑版|移动版|客户端|繁體(?:中文|版)?|繁体版?|简体版?|English|登录|注册|"
    r"无障碍(?:浏览|阅读|声明)?|长者(?:模式|助手|版)|适老化|关怀版|(?:本网站)?(?:已)?支持IPv6|"
    r"about(?: us)?|contact(?: us)?|site ?map|accessibility(?: statement)?|privacy(?: policy| notice| statement)?|"
    r"cookies?(?: policy| settings)?|"
    r"terms(?: of (?:use|service)| (?:and|&) conditions)?|disclaimer|careers|jobs|help|faqs?|feedback|foia|"
    r"freedom of information|legal(?: notice)?|"
    r"advertise(?: with us)?|sign in|log ?in|register|subscribe|modern slavery act|no fear act|inspector general|"
    r"usa\.gov|français|español|cymraeg",
    re.IGNORECASE,
)
CONSENT = _start(
    r"(?:继续|点击)[^。；]{0,14}(?:即|则)(?:代表|表示|视为)[^。；]{0,6}同意[^。；]{0,40}(?:协议|条款|政策|声明|Cookie)",
    r"(?:为[^。；]{0,30}[，,])?(?:我们|本网?站|本站)(?:会|将|可能)?使用\s?cookies?",
    r"(?:this|our) (?:web)?site (?:uses|stores) (?:\w+ ){0,5}cookies|we (?:and our \d{0,5} ?(?:partners|"
    r"vendors) )?use (?:\w+ ){0,3}cookies",
)
CLOCK = _start(
    r"(?:现在是|当前时间|服务器时间|北京时间|(?:page )?generated(?: on| at)?\s?[:：]|current time|local time)"
    r"[^。！]{0,60}\d[^。！]{0,60}$",
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
    r"(?:(?:发布|发表|发稿|发文|发帖|更新|修改|编辑|采集|采编|采写|录入|上传|上网|添加|加入|提交|创建|入库|生成|成文|撰写|印发|签发|"
    r"刊发|刊登|登载|推送|转载|公布|公开|审核|信息|文章|新闻|稿件)|(?<![\u3400-\u9fff]))(?:时间|日期)\s?[:：]",
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
    r"解读(?:类型|类别|方式|形式)\s?[:：][^。；]{0,16}$",
    r"(?:发布|发表|发稿|更新|刊发)(?:时间|日期)\s?[:：]|(?:最后|最近|上次)(?:更新|修改)\s?[:：]?\s?(?=\d)",
    r"(?:稿件|信息|文章|新闻|内容)?(?:来源|出处)\s?[:：][^。；]{0,40}$",
    r"(?:作者|记者|发布者|发布人|发布机构)\s?[:：][^。；，]{0,30}$",
    r"(?:release(?:d)?|publish(?:ed)?|post(?:ed)?|update(?:d)?) (?:time|date)\s?[:：]",
    r"(?:first published|published|posted|last updated|updated)(?: on| at)?\s?[:：]?\s(?=.{0,60}\d).{0,60}$",
    r"(?:source|author)\s?[:：].{0,60}$",
    r"(?:words|story|text|reporting|photos?|photographs?|images?|pictures?|"
    r"illustrations?) by(?-i:(?: [A-Z][\w.'’-]{0,20}){1,4})$",
)
# Under the title of a report or a speech: "——2025年1月14日在示例市第十六届人民代表大会第四次会议上".
HELD_AT = re.compile(
    r"^[—–（(-]{0,3}\s?\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日\s?[，,]?\s?在[^。；:：]{4,60}上[)）]?$"
)
# "（2016年9月1日公布 根据2021年5月6日的决定修正）" is how a statute tells its own history.
ENACTMENT = re.compile(r"^[(（].{0,400}(?:公布|通过|修正|修订|批准|施行|发布|印发)[)）]?$")
# "时间：2024年5月20日上午9时" tells when a meeting is, not when a page was published.
APPOINTMENT = _start(
    r"(?:(?!发布|发表|发稿|更新|修改|刊发)[\u4e00-\u9fff]{2,4})?(?:时间|日期|地点)\s?[:：].{0,60}(?:上午|下午|周[一二三四五六日]|星期|\d\s?时|地点|至|—)"
)
