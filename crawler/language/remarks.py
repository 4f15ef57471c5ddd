"""What the program wrote into an archive in English, in Chinese: reasons of judgements and states, faults, alerts.

The archive keeps one wording, whoever reads it; so it is put into Chinese where it is shown.  What stands in a
remark by name (an outcome, a failure, another remark) is put into Chinese too; what a page said stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from crawler.language.chinese import NAMES

_GROUPS = ("failure", "error", "outcome", "reason")
_WORDS = {word: name for group in reversed(_GROUPS) for word, name in NAMES[group].items()}
# What an answer was judged to be, or why a source is broken, before what says more.
_JUDGED = {**NAMES["reason"], **NAMES["outcome"]}
_UNITS = {"day": "天", "hour": "小时", "minute": "分钟"}
_STATUS = r"status (?P<n>\d+)"
_URL = r"(?P<url>\S+)"

_FORMS = (
    # what an answer is
    (_STATUS, "状态码 {n}"),
    (r"(?P<n>[1-5]\d\d)", "状态码 {n}"),
    (_STATUS + " without an address to go to", "状态码 {n}，未说明转向何处"),
    (_STATUS + " without a body", "状态码 {n}，没有内容"),
    (_STATUS + " is no list", "状态码 {n}，不是列表"),
    (_STATUS + " is no document", "状态码 {n}，不是文件"),
    (_STATUS + ", the page speaks of maintenance", "状态码 {n}，页面称正在维护"),
    (r"(?P<n>\d+) to an address that is no document of the source", "{n} 转向的网址不是该来源的文件"),
    (r"(?P<n>\d+) to (?P<url>\S+)", "{n} 转向 {url}"),
    ("304 for something that was never sent", "答复 304，却从未发送过内容"),
    ("as before", "与上次相同"),
    ("read for addresses", "已读取其中的网址"),
    ("not extracted", "尚未提取"),
    ("text", "有正文"),
    ("a web page where a file was promised", "应为附件，得到的却是网页"),
    ("the file cannot be read: (?P<failure>.+)", "文件无法读取：{failure}"),
    ("the page cannot be read: (?P<failure>.+)", "页面无法读取：{failure}"),
    ("a picture, sound or program where a document was promised", "应为文件，得到的却是图片、声音或程序"),
    ("no visible text, but scripts", "没有可见文字，只有脚本"),
    ("no visible text", "没有可见文字"),
    ("hardly any text, but scripts", "几乎没有文字，只有脚本"),
    ("no text of its own", "没有自己的正文"),
    ("sends the reader on by meta refresh", "页面自动跳转到别处"),
    ("asks for a password", "要求输入密码"),
    ("a short page that says: (?P<said>.+)", "页面很短，写着：{said}"),
    ("one page at (?P<n>\\d+) addresses, in the place of what they held or were listed as",
     "{n} 个网址出现同一页面，取代了原来或列表所示的内容"),
    ("a short page that has nothing of what its address held", "页面很短，与该网址原来的内容毫无关系"),
    ("a short page that has nothing of the title it was listed under", "页面很短，与列表上的标题毫无关系"),
    ("a page that this site answers in the place of documents", "本网站用来代替文件的页面"),
    ("the page breaks off where its last answer went on", "页面中断，上一次应答在此处还有下文"),
    # how a document is
    ("not seen yet", "尚未见到"),
    ("answers well", "应答正常"),
    # what went wrong on the way
    ("rendered by a browser", "由浏览器打开"),
    (r"no HTTP: status (?P<n>.+)", "不是 HTTP：状态码 {n}"),
    (r"robots\.txt forbids it", "robots.txt 不允许"),
    (r"(?P<url>https?://\S+)/robots\.txt cannot be had now \((?P<rest>.+)\)",
     "目前无法取得 {url}/robots.txt（{rest}）"),
    ("no answer", "没有应答"),
    ("not an address", "不是网址"),
    ("neither http nor https", "既不是 http 也不是 https"),
    ("a user name in the address", "网址中含有用户名"),
    (r"an address of more than (?P<n>\d+) characters", "网址超过 {n} 个字符"),
    (rf"{_URL} is none of the source's hosts", "{url} 不是该来源的主机"),
    (rf"port (?P<n>\d+) of {_URL} is not allowed", "不允许访问 {url} 的端口 {n}"),
    (r"port (?P<n>\d+) is not named among the source's hosts", "来源的主机中没有写明端口 {n}"),
    (rf"{_URL} is no public address; --allow (?P<allow>\S+) lets it be asked",
     "{url} 不是公网地址；用 --allow {allow} 可以放行"),
    (rf"gate: {_URL} is no public address", "{url} 不是公网地址"),
    (rf"gate: {_URL} is (?P<number>\S+), no public address", "{url} 的地址是 {number}，不是公网地址"),
    (r"Connection was refused by other side.*", "对方拒绝连接"),
    (r"User timeout caused connection failure.*", "连接超时"),
    (rf"Getting {_URL} took longer than (?P<n>[\d.]+) seconds.*", "{n} 秒内没有取完"),
    (r"DNS lookup failed.*", "域名无法解析"),
    (r"Connection (?:to the other side )?was lost.*", "连接中断"),
    # why a source is broken
    ("a due time has passed since its last finished run", "上次完成运行之后，已错过应运行的时间"),
    (r"nothing new since (?P<day>\S+); the longest pause before was (?P<span>\d+ days?)",
     "自 {day} 起没有新内容；此前最长间隔 {span}"),
    (rf"{_URL} leads to (?P<to>\S+)", "{url} 转向 {to}"),
    (rf"{_URL} names (?P<n>\d+) documents?, (?P<usual>\d+) the time before",
     "{url} 列出 {n} 份文件，前一次 {usual} 份"),
    (rf"{_URL} names (?P<n>\d+) address(?:es)?, and `documents` takes none of them",
     "{url} 列出 {n} 个网址，没有一个符合 documents 的模式"),
    (rf"{_URL} names (?P<n>\d+) address(?:es)?, and `documents` and `within` take none of them",
     "{url} 列出 {n} 个网址，没有一个符合 documents 和 within"),
    (rf"{_URL} answers with nothing at all", "{url} 的应答是空的"),
    (rf"{_URL} names no documents", "{url} 没有列出任何文件"),
    (rf"(?P<n>\d+) of (?P<total>\d+) documents looked at lead to other sites: {_URL}",
     "{total} 份已查看文件中有 {n} 份转向其他网站：{url}"),
    (rf"(?P<n>\d+) of (?P<total>\d+) documents looked at lead to {_URL}",
     "{total} 份已查看文件中有 {n} 份转向 {url}"),
    (r"(?P<n>\d+) of (?P<total>\d+) documents looked at are kept from us", "{total} 份已查看文件中有 {n} 份被拦截"),
    (r"(?P<n>\d+) of (?P<total>\d+) documents looked at are gone", "{total} 份已查看文件中有 {n} 份已删除"),
    (r"(?P<n>\d+) of (?P<total>\d+) documents looked at answer with errors",
     "{total} 份已查看文件中有 {n} 份返回错误"),
    (r"(?P<n>\d+) of (?P<total>\d+) documents looked at show no text", "{total} 份已查看文件中有 {n} 份没有正文"),
    (r"half of its answers took (?P<n>[\d.]+) s or more", "半数应答用时 {n} 秒以上"),
    (r"half of its answers took (?P<n>[\d.]+) s or more, (?P<usual>[\d.]+) s the time before",
     "半数应答用时 {n} 秒以上，前一次为 {usual} 秒"),
    # what is said of ourselves
    (r"(?P<n>\d+) runs? in a row went wrong", "连续 {n} 次运行出错"),
    (r"(?P<n>\d+) runs? in a row went wrong; the last one: (?P<rest>.+)", "连续 {n} 次运行出错；最近一次：{rest}"),
    (r"a run of (?P<at>.+) went well, after (?P<n>\d+) that did not", "此前 {n} 次出错，{at} 的运行正常"),
    ("it runs again", "已恢复运行"),
    ("it failed", "运行失败"),
    (r"its last run was (?P<span>.+) ago, and it is due every (?P<period>.+); is `policytrail schedule` running\?",
     "上次运行在 {span}前，应每 {period}运行一次；`policytrail schedule` 是否在运行？"),
    # a word before a remark: what it was judged, and why
    (rf"{_URL}: refused: (?P<rest>.+)", "{url}：拒绝访问：{rest}"),
    (r"(?P<url>https?://\S+): (?P<rest>.+)", "{url}：{rest}"),
    (rf"(?P<judged>{'|'.join(_JUDGED)}): (?P<rest>.+)", "{judged}：{rest}"),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern, re.S), form) for pattern, form in _FORMS)
_SPAN = re.compile(r"(\d+) (day|hour|minute)s?")
# No remark holds others deeper than this.
_DEEPEST = 4


def in_chinese(remark: str, *, depth: int = 0) -> str:
    """Return a remark of the program in Chinese, or as it is where it is none of those known.

    Pure.

    >>> in_chinese("gone: status 404"), in_chinese("Bad gateway")
    ('已删除：状态码 404', 'Bad gateway')
    """
    if remark in _WORDS:
        return _WORDS[remark]
    if depth > _DEEPEST:
        return remark
    for pattern, form in _COMPILED:
        if found := pattern.fullmatch(remark):
            return form.format(**_shown(found.groupdict(), depth))
    if "; " in remark:
        # Of several faults, each by itself.
        parts = [in_chinese(part, depth=depth + 1) for part in remark.split("; ")]
        return "；".join(parts) if parts != remark.split("; ") else remark
    return remark


def _shown(values: Mapping[str, str | None], depth: int) -> dict[str, str]:
    shown = {}
    for name, value in values.items():
        said = value or ""
        if name == "rest":
            said = in_chinese(said, depth=depth + 1)
        elif name == "failure":
            said = _WORDS.get(said, said)
        elif name == "judged":
            said = _JUDGED[said]
        elif name in ("span", "period"):
            said = _SPAN.sub(lambda found: f"{found[1]} {_UNITS[found[2]]}", said)
        shown[name] = said
    return shown
