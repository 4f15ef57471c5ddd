"""What happens on the demo site from day 0 to day 1, and which event is right; the site is built from this."""

from __future__ import annotations

from dataclasses import dataclass

from storage.model import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that happens to one address between day 0 and day 1.

    path: the address whose answer is another one on day 1.
    document: main address of the document concerned; of a move: the new one.
    event: the one event that a monitor should tell, or None where it should say nothing.
    edits: pairs of old and new text; each old text occurs exactly once in the page, or in the lines of an
        attachment.
    replaced_by: name of the page file that is sent instead.
    """

    path: str
    document: str
    event: EventKind | None
    what: str
    edits: tuple[tuple[str, str], ...] = ()
    status: int = 200
    moved_to: str | None = None
    replaced_by: str | None = None


CHANGES: tuple[Change, ...] = (
    Change(
        path="/zcwj/202411/t20241108_1001.html",
        document="/zcwj/202411/t20241108_1001.html",
        event=EventKind.CHANGED,
        what="deadline and amount of a notice",
        edits=(("每人每月500元", "每人每月800元"), ("2025年底前", "2026年6月底前")),
    ),
    Change(
        path="/zcwj/202411/P020241115220001.pdf",
        document="/zcwj/202411/t20241115_1002.html",
        event=EventKind.CHANGED,
        what="attachment replaced at the same address",
        edits=(("共计4处。", "5  竹溪县文化馆一楼  9时至17时\n共计5处。"),),
    ),
    Change(
        path="/zcwj/202410/t20241022_1003.html",
        document="/zcwj/202410/t20241022_1003.html",
        event=EventKind.CHANGED,
        what="one of two attachments taken off the page",
        edits=(('<p>附件2：<a href="P020241022160502.docx">检查记录表</a></p>\n', ""),),
    ),
    Change(
        path="/zcwj/202410/t20241010_1004.html",
        document="/zcwj/202410/t20241010_1004.html",
        event=EventKind.REMOVED,
        what="document withdrawn: 410, and off the list",
        status=410,
        replaced_by="gone.html",
    ),
    Change(
        path="/zcwj/202409/t20240918_1005.html",
        document="/zcwj/gfxwj/202409/t20240918_1005.html",
        event=EventKind.MOVED,
        what="document moved: 301, and the list names the new address",
        status=301,
        moved_to="/zcwj/gfxwj/202409/t20240918_1005.html",
    ),
    Change(
        path="/zcwj/202412/t20241203_1008.html",
        document="/zcwj/202412/t20241203_1008.html",
        event=EventKind.NEW,
        what="new notice, first in the list",
    ),
    Change(
        path="/press/2024-05/15/content_101_2.htm",
        document="/press/2024-05/15/content_101.htm",
        event=EventKind.CHANGED,
        what="one sentence added on page 2 of a press conference",
        edits=(
            (
                "once every two weeks.</p>",
                "once every two weeks. In winter, when the passes are closed, the books travel by post.</p>",
            ),
        ),
    ),
    Change(
        path="/press/2024-05/20/content_102.htm",
        document="/press/2024-05/20/content_102.htm",
        event=None,
        what="only spam, a side box and the markup of the template",
        edits=(
            ("cheap garden chairs</a> <a", "wooden garden tables</a> <a"),
            (">best umbrella shop</a> <a", ">raincoats for everyone</a> <a"),
            ("cheap garden chairs</a> |", "wooden garden tables</a> |"),
            (">discount teapots</a> |", ">paper lanterns online</a> |"),
            ('<div class="box-left" style="width:660px">', '<div class="news-left v2" style="width:700px">'),
            ('<p class="byline">', '<p class="author-name">'),
            (
                '<div class="friend">',
                '<div class="side-promo"><a href="/app/"><img src="/static/app.png" alt="App" /> New: our app'
                '</a></div>\n<div class="partner">',
            ),
            ('<a href="/weather/">Weather</a>', '<a href="/weather/">Weather</a> <a href="/podcast/">Podcast</a>'),
            ("/static/press.js?v=31", "/static/press.js?v=32"),
        ),
    ),
    Change(
        path="/press/live/content_104.htm",
        document="/press/live/content_104.htm",
        event=EventKind.CHANGED,
        what="a live log went on",
        edits=(
            (
                "<!-- rows -->",
                '<div class="row"><p class="who">Lan Xin (photo by Gu Yue)</p><p>Lan Xin, manager of the flower '
                "market:</p><p>By noon 8,700 visitors have passed the gates. The bonsai hall is full, so please "
                "wait at the fountain until a steward calls you in.</p>"
                '<p class="time">2024-05-23 12:04:55</p></div>\n<!-- rows -->',
            ),
        ),
    ),
    Change(
        path="/press/2024-05/24/content_105.htm",
        document="/press/2024-05/24/content_105.htm",
        event=None,
        what="a challenge page with status 200 instead of the document",
        replaced_by="challenge.html",
    ),
    Change(
        path="/city/news/2024-09/301.html",
        document="/city/news/2024-09/301.html",
        event=None,
        what="only the recommended news below the article",
        edits=(
            (
                '<li><a href="/city/news/2024-09/302.html">Night buses to the university start in October</a></li>',
                '<li><a href="/city/news/2024-11/303.html">Lake in the central park to be drained for repairs</a></li>',
            ),
        ),
    ),
    Change(
        path="/city/news/2024-09/302.html",
        document="/city/news/2024-09/302.html",
        event=None,
        what="the server is busy: 503",
        status=503,
        replaced_by="busy.html",
    ),
    Change(
        path="/city/news/2024-11/303.html",
        document="/city/news/2024-11/303.html",
        event=EventKind.NEW,
        what="new page, in the site map and the feed",
    ),
)
