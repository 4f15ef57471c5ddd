"""Pages of portals and agencies as they are in these years: what stands around a list, and what it is of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from tests.listed import Form

NOTICES = (
    ("2025-11-28", "澜江县人民政府办公室关于印发2025—2026年度冬春火灾防控工作方案的通知"),
    ("2025-11-21", "关于公布第六批县级非物质文化遗产代表性项目名录的通知"),
    ("2025-11-06", "澜江县2025年度城镇土地使用税困难减免办理须知"),
    ("2025-10-30", "关于调整城市公共汽车票价的公告"),
    ("2025-10-15", "2025年三季度国民经济运行情况"),
    ("2025-09-29", "关于国庆节期间烟花爆竹禁放区域的通告"),
    ("2025-09-02", "关于2025年9月18日防空警报试鸣的通告"),
    ("2025-08-18", "人事任免"),
    ("2025-07-31", "关于开展农村房屋安全隐患排查“回头看”的通知"),
    ("2025-07-04", "澜江县防汛抗旱应急预案（2025年修订）"),
    ("2025-06-20", "关于征求《澜江县养犬管理办法（草案）》意见的公告"),
    ("2025-05-23", "关于李某某等3名同志公示的补充说明"),
    ("2025-04-11", "澜政办发〔2025〕9号 关于做好春季森林防火工作的紧急通知"),
    ("2025-03-03", "2025年政府工作报告任务分解方案"),
    ("2025-01-17", "关于延长东门菜市场临时交通管制时间的通告"),
    ("2024-12-25", "澜江县“十四五”水利发展规划中期评估报告"),
    ("2024-11-08", "关于公开遴选县属企业外部董事的公告"),
    ("2024-09-13", "关于废止部分行政规范性文件的决定"),
    ("2024-08-02", "2024年高温津贴发放标准"),
    ("2024-05-31", "关于做好夏粮收购工作的通知"),
    ("2024-04-19", "澜江县地名管理实施细则"),
    ("2024-02-06", "关于2024年春节放假安排的通知"),
)
RELEASES = (
    ("2025-11-27", "Board publishes annual report and accounts for 2024 to 2025"),
    ("2025-11-12", "Changes to small craft licensing from January"),
    ("2025-10-30", "Consultation opens on noise limits for night ferries"),
    ("2025-10-09", "Statement on the closure of Pier 4"),
    ("2025-09-18", "New chair appointed"),
    ("2025-08-26", "Minutes of the Board meeting of 21 July 2025"),
    ("2025-07-15", "How we will regulate shore power"),
    ("2025-06-03", "£14 million for dredging of the inner channel"),
    ("2025-05-22", "Speech by the chief executive to the Pilots' Conference"),
    ("2025-04-01", "Fees and charges, 2025 to 2026"),
    ("2025-02-14", "Safety notice: mooring lines of high modulus"),
    ("2025-01-08", "Interim findings of the Eastgate collision inquiry"),
    ("2024-12-19", "Response to the Committee on Coastal Affairs"),
    ("2024-11-05", "Board and fishing cooperatives sign memorandum of understanding"),
    ("2024-09-24", "Guidance for operators of unmanned vessels"),
    ("2024-07-30", "Review of the pilotage exemption scheme"),
    ("2024-05-16", "Early warning: oil spill exercise in the estuary"),
    ("2024-03-07", "Equality objectives"),
    ("2024-01-25", "Winter moorings: what changes this year"),
)
NEWS = (
    ("2025-11-29", "县委书记调研重点项目建设"),
    ("2025-11-27", "我县召开冬季农业生产现场会"),
    ("2025-11-25", "澜江大桥加固工程顺利合龙"),
    ("2025-11-20", "全县招商引资项目集中签约"),
    ("2025-11-12", "志愿服务走进老旧小区"),
    ("2025-11-03", "第十二届柑橘节开幕"),
)
EVENTS = (
    ("2025-11-29", "Open day at the north quay"),
    ("2025-11-20", "Harbour walk with the ranger"),
    ("2025-11-03", "Lighthouse lecture, autumn series"),
    ("2025-10-21", "Regatta photographs"),
    ("2025-10-02", "School visits in the new year"),
)
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def compact(date: str) -> str:
    return date.replace("-", "")


def in_words(date: str) -> str:
    year, month, of_month = date.split("-")
    return f"{int(of_month)} {MONTHS[int(month) - 1]} {year}"


def words(name: str) -> str:
    """Return a title as an address has it."""
    kept = "".join(char if char.isascii() and char.isalnum() else " " for char in name.lower())
    return "-".join(kept.split())[:60].strip("-")


def paged(form: Form, place: int, size: int) -> range:
    return range(place * size, min((place + 1) * size, form.count))


def portal(inner: str, beside: str = "", name: str = "通知公告", head: str = "") -> str:
    """Return a page of a Chinese portal around its list."""
    menu = "".join(
        f"<li><a href='{way}'>{word}</a></li>"
        for way, word in (
            ("/", "首页"),
            ("/zjlj/", "走进澜江"),
            ("/xwzx/", "新闻中心"),
            ("/zwgk/", "政务公开"),
            ("/zwfw/", "政务服务"),
            ("/hdjl/", "互动交流"),
        )
    )
    sections = "".join(
        f"<li><a href='/{way}/index.html'>{word}</a></li>"
        for way, word in (("zfwj", "政府文件"), ("zcjd", "政策解读"), ("czyjs", "财政预决算"), ("rsxx", "人事信息"))
    )
    links = "".join(
        f"<a href='http://www.{way}.example/' target='_blank'>{word}</a>"
        for way, word in (("jiangbei", "江北市人民政府"), ("haizhou", "海州省人民政府"), ("kexie", "县科学技术协会"))
    )
    return (
        f"<!DOCTYPE html><html lang='zh-CN'><head><title>{name}_澜江县人民政府</title>{head}</head><body>"
        f"<div class='top'><a href='/wza/'>无障碍</a> <a href='/znwd/'>智能问答</a><form action='/so/s'>"
        f"<input name='q'><input type='submit' value='搜索'></form></div><div class='nav'><ul>{menu}</ul></div>"
        f"<div class='position'>当前位置：<a href='/'>首页</a> &gt; <a href='/zwgk/'>政务公开</a> &gt; {name}</div>"
        f"<div class='left'><h2>信息公开</h2><ul>{sections}</ul></div><div class='right'>{inner}</div>{beside}"
        f"<div class='foot'><div>友情链接：{links}</div><p>主办：澜江县人民政府办公室 网站标识码：9900000001 "
        "备案号：海ICP备2025000001号-1 联系电话：0999-1234567</p><a href='/wzdt/'>网站地图</a></div></body></html>"
    )


def hot(form: str, place: str = "热点新闻") -> str:
    """Return what is read most of another column; form: an address of {d}, {c} or {n}."""
    rows = "".join(
        f"<li><a href='{form.format(d=date, c=compact(date), n=number)}' title='{name}'>{name}</a><em>{date[5:]}"
        "</em></li>"
        for number, (date, name) in enumerate(NEWS)
    )
    return f"<div class='hot'><h3>{place}</h3><ul>{rows}</ul></div>"


def agency(inner: str, beside: str = "", name: str = "News and publications", head: str = "") -> str:
    """Return a page of an English-language agency around its list."""
    menu = "".join(
        f"<li><a href='{way}'>{word}</a></li>"
        for way, word in (
            ("/", "Home"),
            ("/about-us", "About us"),
            ("/what-we-do/licensing", "Licensing"),
            ("/what-we-do/enforcement", "Enforcement"),
            ("/careers/working-for-the-board", "Working for the Board"),
            ("/contact", "Contact"),
        )
    )
    foot = "".join(
        f"<li><a href='/{words(word)}'>{word}</a></li>"
        for word in ("Accessibility statement", "Privacy notice", "Freedom of information", "Modern slavery statement")
    )
    return (
        f"<!DOCTYPE html><html lang='en-GB'><head><meta charset='utf-8'><title>{name} | Northport Harbour Board</title>"
        f"{head}</head><body><a class='skip' href='#main'>Skip to main content</a><header><nav><ul>{menu}</ul></nav>"
        f"</header><nav aria-label='Breadcrumb'><a href='/'>Home</a> / {name}</nav><main id='main'><h1>{name}</h1>"
        f"{inner}</main>{beside}<footer><ul>{foot}</ul><p>© Northport Harbour Board. "
        "<a href='https://social.example/northport'>Follow us</a></p></footer></body></html>"
    )


def coming(form: str) -> str:
    rows = "".join(
        f"<li><a href='{form.format(d=date, w=words(name))}'>{name}</a> <time datetime='{date}'>{in_words(date)}"
        "</time></li>"
        for date, name in EVENTS
    )
    return f"<aside><h2>Events</h2><ul>{rows}</ul></aside>"


@dataclass(frozen=True)
class Notices(Form):
    """A list with the days and titles of a portal."""

    count: int = 20

    def day(self, number: int) -> str:
        return NOTICES[number][0]

    def title(self, number: int) -> str:
        return NOTICES[number][1]


@dataclass(frozen=True)
class Releases(Form):
    """A list with the days and titles of an agency."""

    count: int = 18

    def day(self, number: int) -> str:
        return RELEASES[number][0]

    def title(self, number: int) -> str:
        return RELEASES[number][1]


def release(number: int) -> str:
    return words(RELEASES[number][1])


def moment(date: str, hour: int = 9) -> int:
    return int(datetime.fromisoformat(f"{date}T{hour:02}:30:00+08:00").astimezone(UTC).timestamp())


def noticed(number: int) -> str:
    return NOTICES[number][0]
