"""What a site says of the readers of a page and to them: how many they are, what they may press, its codes; pure.

Each form is one whole short line.  A number of people is a site's count only with what readers do on a page, and a
whole sentence only where it names the page: "3.2万人参加培训" and "12,000 people have been resettled" are a document's.
"""

from __future__ import annotations

import re

from crawler.extract.flow import Line, squeeze, weight
from crawler.extract.wording import CLOCK_TIME, COUNTER, DATE

_LONGEST = 160
_NUMBER = r"(?:\d[\d,.]{0,11}\s?[kKmM万亿]?\+?)"
_PAGE_ZH = (
    r"(?:本|此|该|这)(?:文章?|页面?|网页|篇(?:文章|报道|稿件|新闻)?|条(?:信息|新闻|内容|消息)|则(?:信息|新闻)|"
    r"稿件?|报道|新闻)|这里"
)
_PAGE_EN = r"(?:this|the) (?:page|article|story|post|report|item|entry|news|web ?page|piece)"
_VERB_ZH = (
    r"(?:浏览|阅读|读|看|点击|点阅|访问|点赞|转发|转给|分享|收藏|推荐|评论|跟帖|跟贴|留言|围观|在看|在读|在线|打赏|打印|下载|关注|播放|收听|观看|热议|"
    r"参与(?:评论|讨论|互动|话题)?|(?:觉得|认为|表示|感到)(?:很?有用|有帮助|不错|很?赞|满意))"
)
_WHO_ZH = r"(?:人次?|次|(?:位|名|个)?(?:读者|网友|用户|访客|朋友|人))"
_VERB_EN = (
    r"(?:reading|read|viewing|viewed|watching|watched|seen|visiting|visited|sharing|shared|liked|saved|commented|"
    r"reacted|recommended|recommend|bookmarked|upvoted|listening to|listened to|passed (?:it|this) on|joined in|"
    r"(?:found|find) (?:it|this) (?:helpful|useful|interesting))"
)
_WHO_EN = r"(?:people|persons?|readers?|visitors?|users?|viewers?|others?|members)"
_LATELY = (
    r"(?: (?:so far|now|right now|today|this (?:week|month|morning)|this hour|in the last \w+(?: \w+)?|online|"
    r"up to now|currently|recently|already))"
)
_COUNT = re.compile(
    "|".join(
        (
            # 本文已有5220人看过，到现在共有90459人读到这里
            rf"(?:截至(?:目前|现在)[，,]?\s?|到(?:现在|目前)(?:为止)?[，,]?\s?)?(?:{_PAGE_ZH})?\s?(?:今日|今天|昨日|本周|累计|目前)?(?:已经?|现)?(?:共计?)?(?:有|被)?\s?"
            rf"{_NUMBER}\s?{_WHO_ZH}(?:已经?|正?在|都在)?{_VERB_ZH}(?:过|了|到)?(?:{_PAGE_ZH})?",
            rf"(?:{_PAGE_ZH})?(?:已|已经|累计|共)?被?{_VERB_ZH}(?:过|了)?\s?[:：]?\s?[(（]?\s?{_NUMBER}\s?(?:人次|次)[)）]?",
            rf"(?:{_NUMBER}\s?(?:次|个|条)?(?:浏览|阅读|点击|访问|播放|点赞|收藏|转发|分享|评论|回复|赞|跟帖|留言|围观|热度))",
            rf"(?:总|今日|今天|本页|本文|累计|日|文章)?(?:浏览|阅读|点击|访问|点赞|收藏|转发|分享|评论|播放|回复|下载|热度|人气|赞|踩)(?:人)?(?:量|数|次数)?"
            rf"\s?[:：]?\s?[(（]?\s?{_NUMBER}\s?(?:人次|次|人|条)?[)）]?",
            rf"[您你]是(?:本[文页站])?第\s?{_NUMBER}\s?(?:位|个|名)?(?:读者|访客|访问者|浏览者|用户)",
            # 26 people are reading this now; seen by 430 readers
            rf"(?:already |currently |so far |some |about |over |more than )?{_NUMBER}(?: other)? {_WHO_EN}"
            rf"(?: (?:are|is|have|has|were))?(?: (?:already|currently|also|now))? {_VERB_EN}"
            rf"(?: (?:this|it|{_PAGE_EN}))?{_LATELY}?",
            rf"(?:already |currently )?{_NUMBER} {_WHO_EN} (?:like|love|follow|recommend|on) (?:this|it|{_PAGE_EN})",
            rf"(?:(?:this|{_PAGE_EN}) (?:has been|was) )?{_VERB_EN} {_NUMBER}"
            rf"(?: times| so far| times so far){_LATELY}?",
            rf"(?:seen|read|viewed|shared|liked|saved|visited) by {_NUMBER}(?: {_WHO_EN})?{_LATELY}?",
            rf"{_NUMBER} (?:saves?|reads?|reactions?|likes?|shares?|shared|reposts?|retweets?|views?|replies|comments?|"
            rf"upvotes|claps|listens|responses|saved|liked|viewed|(?:page ?)?views|hits|downloads|reading){_LATELY}?",
            r"\d{1,3} min(?:ute)?s? (?:read|listen|watch)",
        )
    ),
    re.IGNORECASE,
)
# A whole sentence of the page about itself: it names itself, and readers, or a code, or the moment it was opened.
_OF_ITSELF = re.compile(
    rf"^(?=.{{0,60}}{_NUMBER}\s?(?:位|名|个)?(?:读者|网友|用户|访客|人次?|次)(?=[^，。]{{0,4}}{_VERB_ZH}))"
    rf"(?=.{{0,60}}(?:{_PAGE_ZH}))[^。；！？]{{1,70}}[。]?$"
    rf"|^[您你](?:打开|访问|浏览)(?:本页面?|此页|本网页)的时间(?:是|为)?\s?[:：]?[^。]{{0,30}}[。]?$"
    rf"|^(?:some |about |so far,? )?{_NUMBER} {_WHO_EN} (?:told us (?:that )?(?:they|it) )?(?:have |has )?"
    rf"(?:read|viewed|shared|seen|visited|liked|found) (?:{_PAGE_EN}|this)\b[^.]{{0,60}}\.?$",
    re.IGNORECASE,
)
_TOOL = re.compile(
    r"copy (?:the |page )?(?:link|url)|link copied!?|save(?:d)?(?: (?:for later|article|story|page|to \w+(?: \w+)?))?|"
    r"bookmark(?: this| article| page)?|(?:gift|give) this (?:article|story)|share(?: (?:this|full|the))?"
    r"(?: (?:article|story|page|post|on \w+|via \w+|by email|options))?|add to (?:reading list|favou?rites|my \w+|"
    r"bookmarks)|read later|"
    r"republish(?: this (?:article|story))?|reprints?|(?:rights|reprints) (?:and|&) (?:permissions|reprints)|"
    r"order reprints|listen(?: to (?:this )?(?:article|story|page))?|print(?: (?:this )?(?:page|article|story))?|"
    r"e-?mail(?: (?:this )?(?:page|article|story|a friend|link))?|text size|download (?:pdf|as pdf)|"
    r"cite(?: this(?: \w+)?)?|report (?:an error|a typo|a problem)|embed|translate(?: page)?|"
    r"(?:un)?follow(?: (?:this )?(?:topic|author|story))?|comments?|leave a comment|view comments|"
    r"facebook|twitter|x|linkedin|whatsapp|reddit|telegram|messenger|bluesky|threads|pinterest|more(?: options)?|"
    r"(?:一键)?(?:分享|转发|转载)(?:到|至|给好友|本文)?|(?:加入|添加|我要|点击)?(?:收藏|书签)(?:本页|本文|文章)?|"
    r"(?:我要|点击)?打印(?:本页|本稿|本文|文章|页面)?|关闭(?:窗口|本页|页面)?|稍后(?:阅读|再看|再读)|复制(?:链接|网址|本页地址)|"
    r"(?:我要)?(?:纠错|评论|投诉|举报|点赞|留言)|生成(?:海报|长图)|保存(?:图片|海报|本页)?|(?:微信)?扫一扫|微信(?:扫一扫|好友)?|朋友圈|微博|QQ(?:空间|好友)?|"
    r"朗读|听(?:新闻|全文|文章)|字号|字体|大|中|小|喜欢|不喜欢|赞|踩|海报|回到顶部|返回列表",
    re.IGNORECASE,
)
# What is said by itself of nothing but a page: one of these may stand alone on a line.
_TOOL_ALONE = re.compile(
    r"copy (?:link|url)|link copied!?|save (?:for later|article|story)|(?:gift|give) this (?:article|story)|"
    r"share (?:this|full) (?:article|story|page|post)|add to (?:reading list|favou?rites|bookmarks)|read later|"
    r"republish this (?:article|story)|listen to this (?:article|story|page)|order reprints|cite this(?: \w+)?|"
    r"bookmark this(?: \w+)?|print this (?:page|article|story)|e-?mail this (?:page|article|story)|"
    r"稍后(?:阅读|再看|再读)|生成(?:海报|长图)|复制(?:链接|网址|本页地址)|(?:我要|点击)?打印(?:本页|本稿|本文)|关闭(?:窗口|本页)",
    re.IGNORECASE,
)
_PARTS = re.compile(r"\s?[·•|｜‖\n\t【】\[\]]\s?|\s[-–—/]\s|\s{2,}|(?<=\d) (?=[\u4e00-\u9fff])")
_TALLY = re.compile(r"\s?[(（]?\s?\d[\d,.]{0,9}\s?[kKmM万]?\s?[)）]?$")
# Who tells a site of a fault of its page is asked for the page's code; who writes about a document, for its number.
_ON_PAGE = (
    r"(?:(?:if|when|whenever|in case) (?:you )?\w[\w' ]{0,40}\b(?:about|with|on) (?:this|the) (?:web ?)?page"
    r"|(?:for|to) (?:help|support|report)[\w' ]{0,30} (?:about|with|on) (?:this|the) (?:web ?)?page)"
)
_ASKED_FOR = r"(?:please )?(?:quote|mention|give|include|state|cite|provide)(?: (?!this|that)[a-z]{1,12}){0,4}"
_PAGE_CODE = r"(?=[\w-]{0,63}\d)[\w-]{4,64}"
# A code with which the site finds this answer again: it says so, or it is letters and digits in no order.
_CODE = re.compile(
    r"^(?:(?:本?(?:页面?|网页)|页面?|网页|请求|访问|跟踪|日志|会话)(?:的)?(?:编号|编码|识别码|代码|标识|ID)\s?(?:[:：]|为|是)?\s?"
    r"[0-9A-Za-z-]{6,64}(?:[，,。][^，。；\d]{0,24})?。?"
    r"|(?:page|request|trace|session|incident|build|server|node|ray)"
    r"(?: (?:id|code|no\.?|number|reference))\s?[:：#]?\s?"
    r"[0-9a-z-]{6,64}"
    r"|(?:(?:ref(?:erence)?|id|编号)\s?[:：.#]?\s?)?(?=[0-9a-f-]{0,63}[a-f])(?=(?:[0-9a-f-]{0,60}?\d[a-f]){2})[0-9a-f-]{10,64}"
    rf"|{_ON_PAGE},? {_ASKED_FOR}\s?[:：]?\s?{_PAGE_CODE}\.?"
    rf"|{_ASKED_FOR}\s?[:：]?\s?{_PAGE_CODE},? {_ON_PAGE}\.?"
    r"|(?:如|若|反馈|报告|咨询|联系|对)[^。；\d]{0,20}(?:本|此|该)(?:网?页面?)[^。；\d]{0,20}请(?:您)?"
    r"(?:注明|提供|附上|告知|说明|引用|报上)[^。；\d]{0,10}\s?[:：]?\s?[0-9A-Za-z-]{4,64}。?)$",
    re.IGNORECASE,
)
_BREAK = re.compile(r"(?<=[\s|·，,。.])(?=\S)|(?<=日)(?=\d)")
LONG_NUMBER = re.compile(r"^\d{7,20}$")
NUMBER_LABEL = re.compile(
    r"号|码|电话|热线|传真|邮编|账|QQ|no\.?$|number|code|phone|tel|fax|isbn|issn|id$|[:：]$", re.IGNORECASE
)


def is_count(text: str) -> bool:
    """Tell whether a whole line counts readers of the page, and says no more; pure.

    >>> is_count("26 people are reading this now"), is_count("12,000 people have been resettled")
    (True, False)
    """
    text = text.strip(" \u3000[]【】()（）")
    if len(text) > _LONGEST or not any(map(str.isdigit, text)):
        return False
    return bool(_COUNT.fullmatch(text) or _OF_ITSELF.match(text))


def is_row_of_tools(text: str) -> bool:
    """Tell whether a line is made up of what a reader may press, and how often others did; pure.

    >>> is_row_of_tools("Gift this article · 93 shared today · Republish"), is_row_of_tools("Print")
    (True, False)
    """
    if len(text) > _LONGEST:
        return False
    parts = [part.strip() for part in _PARTS.split(text) if part.strip()]
    bare = [_TALLY.sub("", part) or part for part in parts]
    pressed = [_TOOL.fullmatch(part) for part in bare]
    if not any(pressed) or not all(tool or is_count(part) for tool, part in zip(pressed, parts, strict=True)):
        return False
    # Words such as "print" and "comments" may make up a list of a document's own.
    counted = len(parts) > 1 and (bare != parts or not all(pressed))
    return counted or any(_TOOL_ALONE.fullmatch(part) for part in bare)


def is_code(text: str) -> bool:
    """Tell whether a line is the code of a page, by which its site finds it again; pure."""
    return len(text) <= _LONGEST and bool(_CODE.match(text))


def without_counts(text: str) -> str:
    """Return a byline without a count of readers that ends it; pure.

    >>> without_counts("7 May 2024 903 people have viewed this page")
    '7 May 2024'
    """
    if len(text) > 2 * _LONGEST:
        return text
    for match in _BREAK.finditer(text, max(0, len(text) - _LONGEST // 2)):
        tail = text[match.end() :].strip(" .。")
        if is_count(tail):
            return text[: match.start()].strip(" |·，,")
    return text


def beside_links(line: Line) -> str:
    """Return what a line says outside its links, without white space."""
    rest = line.key
    for anchor in line.links:
        said = squeeze("".join(anchor.itertext()))
        rest = rest.replace(said, "", 1) if said else rest
    return rest


def is_labelled_link(line: Line) -> bool:
    """Tell whether the words beside the links of a line only say that they are advertising; pure."""
    if not line.links or weight(line.text) > _LONGEST:
        return False
    rest = beside_links(line).strip("×✕xX·|-—[]()（）【】")
    return bool(rest) and bool(_AD_LABEL.fullmatch(rest))


_AD_LABEL = re.compile(
    r"(?:商业|品牌|合作)?(?:广告|推广)|赞助(?:内容)?|ad(?:vert(?:isement)?)?s?|sponsored(?:content|post|links?)?|promoted|paid(?:content|post)|"
    r"partnercontent|(?:the)?(?:story|article|text|content)continues(?:below|after)(?:this|the)?(?:ad(?:vert(?:isement|ising)?)?)?|"
    r"(?:advertisement)?-?continuereadingbelow",
    re.IGNORECASE,
)


def heads_advertising(line: Line) -> bool:
    """Tell whether a whole line is the label of advertising that stands in the same box; pure."""
    key = line.key.strip("×✕·|-—[]()（）【】:：")
    return len(key) <= 60 and bool(_AD_LABEL.fullmatch(key))


def counts_beside_links(line: Line) -> bool:
    """Tell whether a line is a link to another page with its count of readers or its day; pure."""
    if not line.links or 2 * line.link_chars < len(line.key):
        return False
    rest = beside_links(line)
    bare = CLOCK_TIME.sub("", DATE.sub("", rest))
    return not bare or (any(map(str.isdigit, bare)) and bool(COUNTER.match(bare) or is_count(bare)))


_SKY_ZH = (
    r"(?:大部|局部|部分)?(?:地区)?(?:晴朗?|多云|阴天?|少云|雷?阵雨|(?:小|中|大|暴|大暴|冻|毛毛)(?:到(?:中|大|暴))?[雨雪]|雨夹雪|阵雪|雷电|冰雹|"
    r"(?:薄|大|浓)?雾|(?:轻度|中度|重度)?霾|浮尘|扬沙|沙尘(?:暴)?|大风|台风)"
)
_SKY_EN = (
    r"(?:mostly |partly |mainly |light |heavy |patchy |scattered |isolated |clear |sunny )*"
    r"(?:sunny|clear|cloudy|clouds?|overcast|rain|showers?|drizzle|snow|sleet|fog|foggy|mist|hail|thunder(?:y|storms?)?|"
    r"windy|breezy|spells|intervals|hazy|haze|dry|fair|hot|cold|mild)"
)
_MEASURED = re.compile(
    r"-?\d{1,2}(?:\.\d)?\s?(?:[~～—/-]|至|到)?\s?(?:-?\d{1,2}(?:\.\d)?)?\s?(?:[°º]\s?[CF]?|℃|℉|摄氏度)|湿度\s?[:：]?\s?\d{1,3}\s?%|风力\s?[:：]?\s?\d|\d\s?级|"
    r"空气质量|AQI|PM2\.5|\b(?:high|low|max|min)\.?:? -?\d{1,3}\b|humidity:? \d{1,3}|\bwind:? \d|\d (?:mph|km/h|kph)",
    re.IGNORECASE,
)
_SKY = re.compile(rf"{_SKY_ZH}|\b{_SKY_EN}\b", re.IGNORECASE)
_OF_WEATHER = re.compile(
    rf"{_SKY_ZH}|\b{_SKY_EN}\b|[\u4e00-\u9fff]{{0,3}}[东南西北]{{1,2}}风|风向|风力|风速|微风|级|转|间|湿度|空气(?:质量|指数)|优|良|轻度污染|中度污染|AQI|PM2\.5|天气(?:预报)?|"
    r"气温|温度|[今明昨]天|今日|明日|今晚|夜间|白天|周[一二三四五六日]|星期[一二三四五六日]|℃|摄氏度|"
    r"\b(?:today|tonight|tomorrow|now|feels like|temperature|weather|high|low|max|min|wind|humidity|and|with|becoming|"
    r"mph|kph|km/h|mon|tue|wed|thu|fri|sat|sun|[cfnsew]|air quality|good|moderate)\b",
    re.IGNORECASE,
)
WEATHER_TITLE = re.compile(
    r"天气|气象|气温|降[雨雪水]|预报|预警|台风|暴雨|寒潮|高温|weather|forecast|storm|rain|snow|temperature|climate|flood|heat",
    re.IGNORECASE,
)
WEATHER_HEAD = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,4})?(?:今日|今天|本地|实时)?(?:天气|气象)(?:预报|信息|服务)?$"
    r"|^(?:local |today['’]s |the )?(?:weather|forecast)"
    r"(?: forecast| today| now)?$",
    re.IGNORECASE,
)
_PLACE_LETTERS = 12


def is_weather(text: str) -> bool:
    """Tell whether a short line is the weather of a place, and nothing else; pure.

    >>> is_weather("阵雪，湿度60%"), is_weather("预计今天夜间我省北部有大到暴雨。")
    (True, False)
    """
    if len(text) > 80 or "。" in text or not _SKY.search(text) or not _MEASURED.search(text):
        return False
    return weight(re.sub(r"[\W_\d]+", "", _OF_WEATHER.sub(" ", text))) <= _PLACE_LETTERS
