"""What all lists that ``add`` is tried on are made of: a site, its documents, and the pages around a list.

Each form is a list of COUNT documents with what stands beside it on real sites: menus, lists of other sections,
what is read most, related links inside the documents. Some documents say their day, some leave that to the list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from tests.crawling import SENTENCES
from tests.site import Page, Request, Site

COUNT = 17
SIZE = 5
PAGES = 4
TOPICS = ("渡口夜航", "校车检修", "河道清淤", "集市摊位", "粮仓防潮", "公交换乘", "山路护栏", "社区食堂")
ENGLISH = ("ferry crossings", "school buses", "river dredging", "market stalls", "grain stores", "footpath lighting")
BRIDGE = "".join(f"<li><a href='/xw/202401/t2024010{n}_99{n}.html'>县长走访渡口现场之{n}</a></li>" for n in range(4))


def title(number: int) -> str:
    return f"关于{TOPICS[number % 8]}第{number}号事项的通知"


def english(number: int) -> str:
    return f"Guidance on {ENGLISH[number % 6]}, edition {number + 40}"


def day(number: int) -> str:
    """Return the day of a document; the newest is number 0."""
    left = COUNT - number
    return f"2024-{1 + left // 10:02}-{1 + left % 10 * 2:02}"


def midnight(number: int) -> int:
    """Return when the day of a document began in China, in seconds since 1970."""
    return int(datetime.fromisoformat(f"{day(number)}T00:00:00+08:00").timestamp())


def part(place: int) -> range:
    """Return the numbers of the documents on a page of the list, counted from 0."""
    return range(place * SIZE, min((place + 1) * SIZE, COUNT))


@dataclass(frozen=True)
class Form:
    """A list and the site around it.

    start: where it begins, as a person would type it.  path: of a document.
    build: puts the pages of the list on a site.  pages: how many answers the list is read from.
    silent: the documents do not say their day.  charset: of all pages.
    """

    start: str
    path: Callable[[int], str]
    build: Callable[[Site, Form], None]
    pages: int = PAGES
    silent: bool = False
    charset: str = "utf-8"
    name: Callable[[int], str] = title
    count: int = COUNT

    def day(self, number: int) -> str:
        return day(number)

    def title(self, number: int) -> str:
        return self.name(number)

    def serve(self, site: Site) -> None:
        """Put the list, its documents and what stands beside them on a site."""
        self.build(site, self)
        for number in range(self.count):
            said = "" if self.silent else f"<p>发布时间：{self.day(number)} 来源：澜江县人民政府</p>"
            site.pages[self.path(number)] = self.page(article(self.title(number), said, number))
        for number in range(3):
            # Nobody watches this section; its pages are there all the same.
            site.pages.setdefault(f"/art/2024/1/9/art_zcjd_{number}.html", self.page(article("解读", "", number)))

    def page(self, text: str) -> Page:
        kind = f"text/html; charset={self.charset}"
        return Page(text.encode(self.charset, "xmlcharrefreplace"), headers={"Content-Type": kind})

    def rows(self, numbers: range, form: str = "<li><a href='{u}' title='{t}'>{t}</a><span>{d}</span></li>") -> str:
        return "".join(form.format(u=self.path(n), t=self.name(n), d=day(n), n=n) for n in numbers)

    def data(self, numbers: range, **keys: str) -> list[dict[str, object]]:
        return [{"id": n + 1, keys["t"]: self.name(n), keys["u"]: self.path(n), keys["d"]: day(n)} for n in numbers]


def article(name: str, said: str, number: int) -> str:
    body = "".join(f"<p>{each}</p>" for each in (f"现就第{number}号事项通知如下。", *SENTENCES))
    related = f"<p>相关解读：<a href='/art/2024/1/9/art_zcjd_{number % 3}.html'>{name}的解读</a></p>"
    return (
        f"<!DOCTYPE html><html><head><title>{name}</title></head><body><div class='nav'><a href='/'>首页</a></div>"
        f"<div class='article'><h1>{name}</h1>{said}<div class='content'>{body}</div></div>{related}"
        "<div class='footer'>主办：澜江县人民政府</div></body></html>"
    )


def shell(inner: str, beside: str = "") -> str:
    menu = "".join(f"<li><a href='/c{n}/index.html'>栏目{n}</a></li>" for n in range(4))
    beside = beside or "".join(
        f"<li><a href='/other/202401/t2024010{n}_88{n}.html'>别处栏目的一条旧消息之{n}</a></li>" for n in range(3)
    )
    beside = f"<div class='side'><h3>要闻</h3><ul>{beside}</ul></div>"
    return f"<html><title>通知公告_澜江县</title><body><ul>{menu}</ul>{inner}{beside}</body></html>"


def data_page(value: object) -> Page:
    return Page(json.dumps(value, ensure_ascii=False), headers={"Content-Type": "application/json"})


def number_in(text: str, name: str, otherwise: int = 1) -> int:
    match = re.search(rf"\b{name}[\"']?[=:]\s?[\"']?(\d+)", text)
    return int(match[1]) if match else otherwise


def dated(number: int) -> str:
    return f"/zc/{day(number)[:7].replace('-', '')}/t{day(number).replace('-', '')}_{4000 + number}.html"


def strip(number: int) -> str:
    return day(number).replace("-", "")


def english_page(body: str, name: str = "Publications") -> str:
    return f"<html lang='en-GB'><head><title>{name} | Example Harbour Board</title></head><body>{body}</body></html>"


def slug(number: int) -> str:
    return f"guidance-on-{ENGLISH[number % 6].replace(' ', '-')}-edition-{number + 40}"


def numbered(name: str, place: int, ending: str = "html", start: str = "index", first: int = 1) -> str:
    """Return the name of a page: the first one's own, then with numbers."""
    return f"{name}{start}.{ending}" if not place else f"{name}{start}_{place + first}.{ending}"


def asked(request: Request, name: str) -> str:
    return parse_qs(urlsplit(request.path).query).get(name, [""])[0]
