"""Lists as English-language agencies show them."""

from __future__ import annotations

import html
import json
from urllib.parse import parse_qs

from tests.listed import Form, asked, data_page, number_in
from tests.portals import EVENTS, MONTHS, RELEASES, Releases, agency, coming, in_words, paged, release, words
from tests.site import Page, Request, Site


def knob_with_address(site: Site, form: Form) -> None:
    """A knob says where more is, which page it was, and how many there are; markup comes within data."""
    row = (
        "<div class='teaser'><div class='teaser__date'>{w}</div><h3 class='teaser__title'><a href='{u}'>{t}</a></h3>"
        "<p>We explain what this means for operators and for the public.</p></div>"
    )
    script = """document.querySelector('.js-load-more').addEventListener('click', async (e) => {
        const b = e.currentTarget;
        const next = Number(b.dataset.page) + 1; const r = await fetch(b.dataset.url + '&page=' + next);
        const j = await r.json(); document.querySelector('.teasers').insertAdjacentHTML('beforeend', j.html);
        b.dataset.page = next; if (next >= Number(b.dataset.pages)) { b.remove(); } });"""

    def rows(place: int) -> str:
        return "".join(
            row.format(w=in_words(form.day(n)), u=form.path(n), t=html.escape(form.title(n)))
            for n in paged(form, place, 6)
        )

    knob = (
        "<button type='button' class='js-load-more' data-url='/ajax/teasers?section=42&amp;order=desc' data-page='1' "
        "data-pages='3'>Load more</button>"
    )
    site.pages[form.start] = form.page(
        agency(
            f"<div class='teasers'>{rows(0)}</div>{knob}<script>{script}</script>",
            coming("/whats-on/{w}"),
            "Announcements",
        )
    )
    site.pages["/ajax/teasers"] = lambda request: data_page(
        {
            "html": rows(number_in(request.path, "page") - 1) if asked(request, "section") == "42" else "",
            "page": number_in(request.path, "page"),
        }
    )


def years_with_pages(site: Site, form: Form) -> None:
    """Each year is a list of its own with pages of its own; the newest year is what the list's address shows."""
    years = sorted({form.day(n)[:4] for n in range(form.count)}, reverse=True)
    links = "".join(f"<li><a href='/newsroom/press-releases?year={year}'>{year}</a></li>" for year in years)
    for year in years:
        numbers = [n for n in range(form.count) if form.day(n).startswith(year)]
        for place in range(-(-len(numbers) // 7)):
            rows = "".join(
                f"<li class='list-item'><span class='meta'>{in_words(form.day(n))} — Press release</span>"
                f"<a href='{form.path(n)}'>{html.escape(form.title(n))}</a></li>"
                for n in numbers[7 * place : 7 * place + 7]
            )
            pager = "".join(
                f"<a href='/newsroom/press-releases?year={year}&amp;page={n + 1}'>{n + 1}</a> "
                for n in range(-(-len(numbers) // 7))
            )
            text = form.page(
                agency(
                    f"<ul class='years'>{links}</ul><ul class='results'>{rows}</ul><div class='pages'>{pager}</div>",
                    coming("/newsroom/events/{w}"),
                    "Press releases",
                )
            )
            names = [f"/newsroom/press-releases?year={year}&page={place + 1}"]
            names += [f"/newsroom/press-releases?year={year}"] if not place else []
            names += ["/newsroom/press-releases"] if not place and year == years[0] else []
            site.pages.update(dict.fromkeys(names, text))


def feed_of_the_section(site: Site, form: Form) -> None:
    """The page shows the newest only; its own feed holds all, and the site's feed all of everything."""

    def entries(rows: list[tuple[str, str, str]]) -> str:
        inner = "".join(
            f"<entry><title>{html.escape(name)}</title><id>tag:northport,{date}:{way}</id>"
            f"<link rel='alternate' type='text/html' href='{site.url(way)}'/><published>{date}T10:00:00Z</published>"
            f"<updated>2025-11-29T08:00:00Z</updated><summary>Summary.</summary></entry>"
            for date, name, way in rows
        )
        return (
            "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'><title>Northport</title>"
            f"<id>{site.url('/')}</id><updated>2025-11-29T08:00:00Z</updated>{inner}</feed>"
        )

    own = [(form.day(n), form.title(n), form.path(n)) for n in range(form.count)]
    others = [(date, name, f"/events/{words(name)}") for date, name in EVENTS]
    kind = {"Content-Type": "application/atom+xml; charset=utf-8"}
    site.pages["/consultations/feed.atom"] = Page(entries(own), headers=kind)
    site.pages["/feed.atom"] = Page(entries(sorted(own[:6] + others, reverse=True)), headers=kind)
    head = (
        "<link rel='alternate' type='application/atom+xml' title='Everything' href='/feed.atom'>"
        "<link rel='alternate' type='application/atom+xml' title='Consultations' href='/consultations/feed.atom'>"
    )
    rows = "".join(
        f"<li><a href='{form.path(n)}'>{html.escape(form.title(n))}</a><p>Published {in_words(form.day(n))}</p></li>"
        for n in range(5)
    )
    site.pages[form.start] = form.page(
        agency(
            f"<ul>{rows}</ul><p><a href='/consultations/feed.atom'>All consultations (Atom)</a></p>",
            coming("/events/{w}"),
            "Consultations",
            head,
        )
    )


def second_pager(site: Site, form: Form) -> None:
    """Two lists of views have a pager each, counted in one parameter; the pages of the second stand behind a comma."""
    for place in range(3):
        rows = "".join(
            f"<div class='views-row'><article class='node node--type-news'><time datetime='{form.day(n)}T12:00:00Z'>"
            f"{in_words(form.day(n))}</time><h3><a href='{form.path(n)}' rel='bookmark'><span>"
            f"{html.escape(form.title(n))}</span></a></h3></article></div>"
            for n in paged(form, place, 6)
        )
        items = "".join(
            f"<li class='pager__item'><a href='?page=0%2C{n}' title='Go to page {n + 1}'>{n + 1}</a></li>"
            for n in range(3)
        )
        if place < 2:
            items += (
                f"<li class='pager__item pager__item--next'><a href='?page=0%2C{place + 1}' rel='next'>Next ›</a></li>"
            )
        beside = coming("/events/{w}") + "<nav class='pager'><a href='?page=1%2C0' rel='next'>More events</a></nav>"
        text = form.page(
            agency(
                f"<div class='view-content'>{rows}</div><nav><ul class='pager__items'>{items}</ul></nav>",
                beside,
                "News",
            )
        )
        site.pages["/news-media/all-news" + (f"?page=0%2C{place}" if place else "")] = text
    site.pages["/news-media/all-news?page=0%2C0"] = site.pages["/news-media/all-news"]
    site.pages["/news-media/all-news?page=1%2C0"] = site.pages["/news-media/all-news"]


def block_query(site: Site, form: Form) -> None:
    """A block of a blog's theme counts its own pages; posts of all kinds have addresses of one form."""
    for place in range(3):
        rows = "".join(
            f"<li class='wp-block-post post-{800 + n} type-post'><h2 class='wp-block-post-title'><a "
            f"href='{form.path(n)}' "
            f"target='_self'>{html.escape(form.title(n))}</a></h2><div class='wp-block-post-date'>"
            f"<time datetime='{form.day(n)}T08:00:00+00:00'>{in_words(form.day(n))}</time></div>"
            f"<div class='wp-block-post-excerpt'><p>What you need to know about it.</p></div></li>"
            for n in paged(form, place, 6)
        )
        numbers = "".join(
            f"<a class='page-numbers' href='?query-12-page={n + 1}&amp;cst'>{n + 1}</a>"
            if n != place
            else f"<span aria-current='page' class='page-numbers current'>{n + 1}</span>"
            for n in range(3)
        )
        onward = (
            f"<a href='/press/?query-12-page={place + 2}' class='wp-block-query-pagination-next'>Next Page</a>"
            if place < 2
            else ""
        )
        latest = "".join(
            f"<li><a class='wp-block-latest-posts__post-title' href='/{date[:4]}/{date[5:7]}/{words(name)}/'>{name}</a>"
            f"<time datetime='{date}T08:00:00+00:00'>{in_words(date)}</time></li>"
            for date, name in EVENTS
        )
        text = form.page(
            agency(
                f"<div class='wp-block-query'><ul class='wp-block-post-template'>{rows}</ul>"
                f"<nav class='wp-block-query-pagination'>{numbers}{onward}</nav></div>",
                f"<div><h2>From the blog</h2><ul class='wp-block-latest-posts'>{latest}</ul></div>",
                "Press",
            )
        )
        for tail in (f"?query-12-page={place + 1}", f"?query-12-page={place + 1}&cst"):
            site.pages[f"/press/{tail}"] = text
    site.pages["/press/"] = site.pages["/press/?query-12-page=1"]


def grid(site: Site, form: Form) -> None:
    """A grid posts its state back; the argument names the kind of turning, and quotes are written as entities."""

    def answer(request: Request) -> Page:
        sent = {name: values[0] for name, values in parse_qs(request.body).items()}
        place = 0
        if request.method == "POST":
            kind, _, number = sent.get("__EVENTARGUMENT", "").partition("$")
            target = sent.get("__EVENTTARGET")
            if "__EVENTVALIDATION" not in sent or kind != "Page" or target != "ctl00$MainContent$gvNotices":
                return Page(status=500)
            place = int(number) - 1
        fields = "".join(
            f"<input type='hidden' name='{name}' id='{name}' value='{value}' />"
            for name, value in (
                ("__EVENTTARGET", ""),
                ("__EVENTARGUMENT", ""),
                ("__VIEWSTATE", f"/wEPDwULLTE{place}" + "NzE2MDQ1Mg9k" * 90 + "=="),
                ("__VIEWSTATEGENERATOR", "E29DE9E0"),
                ("__EVENTVALIDATION", f"/wEdAAk{place}" + "x7K2" * 30),
            )
        )
        rows = "".join(
            f"<tr><td>{n + 1}</td><td><a id='gv_{n}' href='{form.path(n)[1:]}'>{html.escape(form.title(n))}</a></td>"
            f"<td>{in_words(form.day(n))}</td></tr>"
            for n in paged(form, place, 6)
        )
        cells = "".join(
            f"<td><span>{n}</span></td>"
            if n == place + 1
            else "<td><a "
            f'href="javascript:__doPostBack(&#39;ctl00$MainContent$gvNotices&#39;,&#39;Page${n}&#39;)">{n}</a></td>'
            for n in (1, 2, 3)
        )
        search = "<input name='ctl00$txtSearch' type='text'><input type='submit' name='ctl00$btnSearch' value='Go'>"
        text = (
            f"<form method='post' action='./Notices.aspx?type=mariners' id='form1'>{fields}{search}<table "
            "id='gvNotices'>"
            f"<tr><th>No.</th><th>Title</th><th>Issued</th></tr>{rows}<tr class='pgr'><td colspan='3'><table>"
            f"<tr>{cells}"
            "</tr></table></td></tr></table></form>"
        )
        return form.page(agency(text, coming("/Event.aspx?name={w}"), "Notices to mariners"))

    site.pages["/Notices.aspx"] = answer


def portlet(site: Site, form: Form) -> None:
    """A portlet's parameters are long, and each begins with the portlet's name."""
    name = "_com_liferay_asset_publisher_web_portlet_AssetPublisherPortlet_INSTANCE_kQ3zT9vXw1aB_"
    base = f"/web/guest/circulars?p_p_id={name[1:-1]}&p_p_lifecycle=0&p_p_state=normal&p_p_mode=view"
    for place in range(3):
        rows = "".join(
            f"<div class='asset-abstract'><h4 class='asset-title'><a href='{site.url(form.path(n))}'>"
            f"{html.escape(form.title(n))}</a></h4><span "
            f"class='metadata-publish-date'>{form.day(n)[8:]}/{form.day(n)[5:7]}/"
            f"{form.day(n)[2:4]}</span><div class='asset-summary'>Summary text.</div></div>"
            for n in paged(form, place, 6)
        )

        def to(number: int) -> str:
            return f"{site.origin}{base}&{name}delta=6&p_r_p_resetCur=false&{name}cur={number}"

        numbers = "".join(
            f"<li class='page-item'><a class='page-link' href='{html.escape(to(n))}'><span "
            "class='sr-only'>Page&nbsp;</span>"
            f"{n}</a></li>"
            for n in (1, 2, 3)
        )
        onward = f"<li><a class='page-link' href='{html.escape(to(place + 2))}'>Next</a></li>" if place < 2 else ""
        text = form.page(
            agency(
                f"<div class='asset-list'>{rows}</div><div>Showing {6 * place + 1} - {6 * place + 6} of "
                f"{form.count} results."
                f"</div><ul class='pagination'>{numbers}{onward}</ul>",
                coming("/web/guest/events/-/{w}"),
                "Circulars",
            )
        )
        site.pages[to(place + 1).removeprefix(site.origin)] = text
        if not place:
            site.pages["/web/guest/circulars"] = text


def batches(site: Site, form: Form) -> None:
    """Batches start at a number whose parameter says its type."""
    for place in range(3):
        rows = "".join(
            f"<article class='entry'><header><span class='summary'><a href='{site.url(form.path(n))}' "
            f"class='contenttype-news-item state-published url' title='News Item'>{html.escape(form.title(n))}</a>"
            "</span>"
            f"<span class='documentByLine'>published <span>{form.day(n)[8:]}.{form.day(n)[5:7]}.{form.day(n)[:4]}"
            "</span>"
            f"</span></header></article>"
            for n in paged(form, place, 6)
        )
        links = "".join(
            f"<li><a href='{site.url('/en/press/releases')}?b_start:int={6 * n}'>{n + 1}</a></li>"
            for n in range(3)
            if n != place
        )
        onward = (
            f"<li class='next'><a href='{site.url('/en/press/releases')}?b_start:int={6 * place + 6}'>Next 6 "
            "items »</a></li>"
            if place < 2
            else ""
        )
        text = form.page(
            agency(
                f"<div class='entries'>{rows}</div><nav class='pagination'><ul>{links}{onward}</ul></nav>",
                coming("/en/events/{w}"),
                "Press releases",
            )
        )
        site.pages["/en/press/releases" + (f"?b_start:int={6 * place}" if place else "")] = text
    site.pages["/en/press/releases?b_start:int=0"] = site.pages["/en/press/releases"]


def rest_of_a_list(site: Site, form: Form) -> None:
    """Rows of a library by its interface; the answer says the whole next address, and rows where their files lie."""
    script = """var endpoint = "/media/_api/web/lists/getbytitle('Pages')/items?$select=Title,FileRef,ArticleStartDate"
        + "&$orderby=ArticleStartDate desc&$top=6"; fetch(endpoint, {
        headers: { Accept: 'application/json;odata=nometadata' } }).then(function (r) { return r.json(); })
        .then(function (d) { render(d.value); more = d['odata.nextLink']; });"""
    site.pages[form.start] = form.page(
        agency(
            f"<div id='DeltaPlaceHolderMain'></div><script>{script}</script>", coming("/media/Events/{w}.aspx"), "Media"
        )
    )

    def answer(request: Request) -> Page:
        token = asked(request, "$skiptoken")
        place = ["", "Paged=TRUE&p_ID=6", "Paged=TRUE&p_ID=12"].index(token)
        rows = [
            {
                "Title": form.title(n),
                "FileRef": form.path(n),
                "ArticleStartDate": f"{form.day(n)}T00:00:00Z",
            }
            for n in paged(form, place, 6)
        ]
        said: dict[str, object] = {"odata.metadata": site.url("/media/_api/$metadata"), "value": rows}
        if place < 2:
            said["odata.nextLink"] = site.url(
                "/media/_api/web/lists/getbytitle('Pages')/items?%24skiptoken=Paged%3dTRUE%26p_ID%3d"
                f"{6 * place + 6}&%24select=Title%2cFileRef%2cArticleStartDate&%24top=6"
            )
        return data_page(said)

    site.pages["/media/_api/web/lists/getbytitle('Pages')/items"] = answer


def cards_read_on(site: Site, form: Form) -> None:
    """The link of a card says nothing but that one may read on; its title is a heading without a link."""
    for place in range(3):
        rows = "".join(
            f"<article class='card'><img src='/media/{n}.webp' alt=''><p class='card-tag'><a "
            "href='/topics/vessels'>Vessels</a>"
            f"</p><h3>{html.escape(form.title(n))}</h3><p class='card-date'>{in_words(form.day(n))}</p><p>Short "
            "summary of "
            f"it.</p><a class='card-link' href='{form.path(n)}' aria-label='Read more about "
            f"{html.escape(form.title(n))}'>"
            f"Read more</a></article>"
            for n in paged(form, place, 6)
        )
        numbers = "".join(
            f"<a class='page-numbers' href='/insights/page/{n}/'>{n}</a>" for n in (1, 2, 3) if n != place + 1
        )
        text = form.page(
            agency(
                f"<div class='grid'>{rows}</div><div class='nav-links'>{numbers}</div>",
                coming("/events/{w}/"),
                "Insights",
            )
        )
        site.pages["/insights/" if not place else f"/insights/page/{place + 1}/"] = text


def revealed(site: Site, form: Form) -> None:
    """The last row asks for what follows it when it is seen; pieces of a page hold rows alone."""

    def rows(place: int) -> str:
        numbers = paged(form, place, 6)
        return "".join(
            "<tr"
            + (
                f" hx-get='/notices/?page={place + 2}' hx-trigger='revealed' hx-swap='afterend'"
                if n == numbers[-1] and place < 2
                else ""
            )
            + f"><td><a href='{form.path(n)}'>{html.escape(form.title(n))}</a></td><td>{in_words(form.day(n))}"
            "</td></tr>"
            for n in numbers
        )

    table = f"<table><thead><tr><th>Notice</th><th>Date</th></tr></thead><tbody>{rows(0)}</tbody></table>"
    site.pages["/notices/"] = form.page(agency(table, coming("/events/{w}/"), "Notices"))
    for place in (1, 2):
        site.pages[f"/notices/?page={place + 1}"] = form.page(rows(place))


def flat_payload(site: Site, form: Form) -> None:
    """The payload is one flat list whose values are places in it; the markup shows the newest rows only."""
    flat: list[object] = [["ShallowReactive", 1], {"data": 2, "serverRendered": 5}, ["ShallowReactive", 3]]
    flat += [{"news-list": 4}, [], True]
    places: list[int] = []
    for number in range(form.count):
        first = len(flat)
        places.append(first)
        flat += [
            {"title": first + 1, "path": first + 2, "publishedAt": first + 3},
            form.title(number),
            form.path(number),
            f"{form.day(number)}T09:00:00.000Z",
        ]
    flat[4] = places
    rows = "".join(
        f"<li class='news-row'><a href='{form.path(n)}'>{html.escape(form.title(n))}</a>"
        f"<time>{in_words(form.day(n))}</time></li>"
        for n in range(6)
    )
    data = f"<script type='application/json' id='__NUXT_DATA__' data-ssr='true'>{json.dumps(flat)}</script>"
    knob = "<button type='button' class='btn'>Show more</button>"
    text = agency(f"<ul>{rows}</ul>{knob}", coming("/events/{w}"), "News").replace("</body>", f"{data}</body>")
    site.pages[form.start] = form.page(text)


AGENCIES: dict[str, Form] = {
    "knob with address": Releases(
        "/announcements", lambda n: f"/announcements/{release(n)}", knob_with_address, pages=3, silent=True
    ),
    "years with pages": Releases(
        "/newsroom/press-releases",
        lambda n: f"/newsroom/press-releases/{release(n)}",
        years_with_pages,
        pages=3,
        silent=True,
    ),
    "feed of the section": Releases(
        "/consultations", lambda n: f"/consultations/{release(n)}", feed_of_the_section, pages=1, silent=True
    ),
    "second pager": Releases(
        "/news-media/all-news", lambda n: f"/news-media/{release(n)}", second_pager, pages=3, silent=True
    ),
    "block query": Releases(
        "/press/",
        lambda n: f"/{RELEASES[n][0][:4]}/{RELEASES[n][0][5:7]}/{release(n)}/",
        block_query,
        pages=3,
        silent=True,
    ),
    "grid": Releases("/Notices.aspx?type=mariners", lambda n: f"/Notice.aspx?id={330 - n}", grid, pages=3, silent=True),
    "portlet": Releases("/web/guest/circulars", lambda n: f"/web/guest/-/{release(n)}", portlet, pages=3, silent=True),
    "batches": Releases(
        "/en/press/releases", lambda n: f"/en/press/releases/{release(n)}", batches, pages=3, silent=True
    ),
    "rest of a list": Releases(
        "/media/Pages/default.aspx", lambda n: f"/media/Pages/{release(n)}.aspx", rest_of_a_list, pages=3, silent=True
    ),
    "cards to read on": Releases(
        "/insights/", lambda n: f"/insights/{release(n)}/", cards_read_on, pages=3, silent=True
    ),
    "revealed": Releases("/notices/", lambda n: f"/notices/{release(n)}/", revealed, pages=3, silent=True),
    "flat payload": Releases("/newsroom", lambda n: f"/newsroom/{release(n)}", flat_payload, pages=1, silent=True),
}


def boxed_words(site: Site, form: Form) -> None:
    """Day, month and year stand in a box each; further pages are numbers in the path, without a word."""
    for place in range(3):
        rows = "".join(
            f"<div class='post'><div class='date'><span class='day'>{form.day(n)[8:]}</span><span class='month'>"
            f"{MONTHS[int(form.day(n)[5:7]) - 1][:3]}</span><span class='year'>{form.day(n)[:4]}</span></div>"
            f"<h3><a href='{form.path(n)}'>{html.escape(form.title(n))}</a></h3></div>"
            for n in paged(form, place, 6)
        )
        numbers = "".join(f"<li><a href='/news/all{f'/{n}' if n > 1 else ''}'>{n}</a></li>" for n in (1, 2, 3))
        onward = f"<li><a href='/news/all/{place + 2}'>Next</a></li>" if place < 2 else ""
        text = form.page(agency(f"{rows}<ul class='pages'>{numbers}{onward}</ul>", coming("/events/{w}"), "News"))
        site.pages["/news/all" + (f"/{place + 1}" if place else "")] = text


def folded_years(site: Site, form: Form) -> None:
    """All years stand on one page, each folded under its heading; rows say day and month in words."""
    years = sorted({form.day(n)[:4] for n in range(form.count)}, reverse=True)
    text = "".join(
        f"<details{' open' if year == years[0] else ''}><summary>{year}</summary><ul>"
        + "".join(
            f"<li>{in_words(form.day(n))[:-5]}: <a href='{form.path(n)}'>{html.escape(form.title(n))}</a></li>"
            for n in range(form.count)
            if form.day(n).startswith(year)
        )
        + "</ul></details>"
        for year in years
    )
    site.pages[form.start] = form.page(agency(text, coming("/events/{w}"), "Decisions"))


def terms(site: Site, form: Form) -> None:
    """A day is a term, and what came out on it its descriptions; days have an ending: 28th November 2025."""

    def said(date: str) -> str:
        of_month, month, year = in_words(date).split()
        ending = {"1": "st", "2": "nd", "3": "rd"}.get(of_month[-1], "th")
        ending = "th" if of_month in ("11", "12", "13") else ending
        return f"{of_month}{ending} {month} {year}"

    for place in range(3):
        rows = "".join(
            f"<dt>{said(form.day(n))}</dt><dd><a href='{form.path(n)}'>{html.escape(form.title(n))}</a> "
            f"<span>(Notice)</span></dd>"
            for n in paged(form, place, 6)
        )
        onward = (
            f"<a class='btn' aria-label='Next page' href='/registry/notices?page={place + 2}'><svg></svg></a>"
            if place < 2
            else ""
        )
        site.pages["/registry/notices" + (f"?page={place + 1}" if place else "")] = form.page(
            agency(f"<dl>{rows}</dl><div>{onward}</div>", coming("/events/{w}"), "Registry notices")
        )


def resources(site: Site, form: Form) -> None:
    """Rows lie in attributes, their addresses deeper; the answer links to its next page; parameters have brackets."""
    script = """const url = '/jsonapi/node/news?page[offset]=0&page[limit]=6&sort=-created&filter[status]=1';
        fetch(url, { headers: { Accept: 'application/vnd.api+json' } }).then((r) => r.json())
        .then((j) => show(j.data));"""
    site.pages[form.start] = form.page(
        agency(f"<div id='root'></div><script>{script}</script>", coming("/events/{w}"), "Newsroom")
    )

    def answer(request: Request) -> Page:
        first = int(asked(request, "page[offset]") or 0)
        rows = [
            {
                "type": "node--news",
                "id": f"b1f0c5de-0000-4000-8000-{n:012}",
                "links": {"self": {"href": site.url(f"/jsonapi/node/news/{n}")}},
                "attributes": {
                    "drupal_internal__nid": 400 - n,
                    "title": form.title(n),
                    "created": f"{form.day(n)}T09:00:00+00:00",
                    "changed": "2025-11-29T09:00:00+00:00",
                    "path": {"alias": form.path(n), "pid": n, "langcode": "en"},
                },
            }
            for n in range(first, min(first + 6, form.count))
        ]
        links = {"self": {"href": site.url(request.path)}}
        if first + 6 < form.count:
            way = f"/jsonapi/node/news?page%5Boffset%5D={first + 6}&page%5Blimit%5D=6&sort=-created"
            links["next"] = {"href": site.url(way)}
        return Page(
            json.dumps({"jsonapi": {"version": "1.0"}, "data": rows, "links": links}),
            headers={"Content-Type": "application/vnd.api+json"},
        )

    site.pages["/jsonapi/node/news"] = answer


def growing(site: Site, form: Form) -> None:
    """Each page holds all rows of those before it, and some more."""
    for place in range(3):
        rows = "".join(
            f"<li class='result'><a href='{form.path(n)}'>{html.escape(form.title(n))}</a><small>Posted "
            f"{MONTHS[int(form.day(n)[5:7]) - 1][:3]}. {int(form.day(n)[8:])}, {form.day(n)[:4]}</small></li>"
            for n in range(min(6 * place + 6, form.count))
        )
        onward = f"<a href='/statements?limit={6 * place + 12}' rel='nofollow'>Load more</a>" if place < 2 else ""
        site.pages["/statements" + (f"?limit={6 * place + 6}" if place else "")] = form.page(
            agency(f"<ul>{rows}</ul>{onward}", coming("/events/{w}"), "Statements")
        )


def sortable(site: Site, form: Form) -> None:
    """The head of a table sorts it, letters filter it; days have names of months between dashes."""
    letters = "".join(f"<a href='/rulings?letter={letter}'>{letter}</a> " for letter in "ABCDEFG")
    head = "".join(
        f"<th><a href='/rulings?order={word.lower()}&amp;sort=asc'>{word}</a></th>"
        for word in ("Date", "Ruling", "Area")
    )
    for place in range(3):
        rows = "".join(
            f"<tr><td>{form.day(n)[8:]}-{MONTHS[int(form.day(n)[5:7]) - 1][:3]}-{form.day(n)[:4]}</td>"
            f"<td><a href='{form.path(n)}'>{html.escape(form.title(n))}</a></td><td>Harbour</td></tr>"
            for n in paged(form, place, 6)
        )
        links = "".join(f"<a href='/rulings?pg={n}'>{n}</a> " for n in (1, 2, 3) if n != place + 1)
        text = agency(
            f"<p>{letters}</p><table><tr>{head}</tr>{rows}</table><p>Page {place + 1} of 3 {links}</p>",
            coming("/events/{w}"),
            "Rulings",
        )
        site.pages["/rulings" + (f"?pg={place + 1}" if place else "")] = form.page(text)
    site.pages["/rulings?pg=1"] = site.pages["/rulings"]


AGENCIES |= {
    "boxed words": Releases("/news/all", lambda n: f"/news/{release(n)}", boxed_words, pages=3, silent=True),
    "folded years": Releases("/decisions", lambda n: f"/decisions/{release(n)}", folded_years, pages=1, silent=True),
    "terms": Releases("/registry/notices", lambda n: f"/registry/notices/{release(n)}", terms, pages=3, silent=True),
    "resources": Releases("/newsroom", lambda n: f"/newsroom/{release(n)}", resources, pages=3, silent=True),
    "growing": Releases("/statements", lambda n: f"/statements/{release(n)}", growing, pages=3, silent=True),
    "sortable": Releases("/rulings", lambda n: f"/rulings/{700 - n}", sortable, pages=3, silent=True),
}
