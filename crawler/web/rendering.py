"""Templates -> HTML.  Whatever a template prints is made harmless and escaped; only markup of our own is not."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from crawler import __version__
from crawler.language import Language
from crawler.terminal import clean
from crawler.web.asked import Asked, Page
from storage import Home
from storage.times import stamp

PLACES = {"today": "today", "search": "search", "document": "search", "diff": "search", "sources": "sources",
          "source": "sources", "runs": "runs", "run": "runs"}  # fmt: skip
HEADINGS = {400: "This cannot be understood", 404: "Not here", 405: "Nothing can be changed here",
            500: "Something is broken here", 503: "The archive does not answer now"}  # fmt: skip


class Pages:
    """The templates, and what each of them may use."""

    def __init__(self, archive: Home) -> None:
        self._archive = archive.name
        self._templates = Environment(
            loader=PackageLoader("crawler.web"),
            autoescape=True,
            finalize=harmless,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )

    def load(self) -> None:
        """Make all templates ready; each stays so."""
        for name in self._templates.list_templates():
            self._templates.get_template(name)

    def render(self, asked: Asked, page: Page) -> str:
        """Return a page as HTML."""
        zones, t = asked.zones, asked.language

        def at(moment: datetime, source: str | None) -> Markup:
            return timed(moment, zones.show(moment, source), zones.whole(moment, source))

        def clock(moment: datetime, source: str | None) -> Markup:
            return timed(moment, zones.clock(moment, source), zones.whole(moment, source))

        last = asked.archive.runs(limit=1)
        values = {
            "find_words": "",
            **page.values,
            "t": t,
            "at": at,
            "clock": clock,
            "is_web": is_web,
            "here": PLACES.get(page.template, ""),
            "feed": page.feed,
            "json_path": None if page.template == "help" else asked.as_json(),
            "other_language": asked.with_query(lang=t.other),
            "last_run": last[0] if last else None,
            "zone_note": t("Times are those of {zone}.", zone=zones.only) if zones.only else "",
            "archive_name": self._archive,
            "program": __version__,
        }
        return self._templates.get_template(f"{page.template}.html").render(values)

    def error(self, language: Language, status: int, message: str, path: str) -> str:
        """Return a page that says what went wrong."""
        values = {
            "t": language,
            "status": status,
            "heading": language(HEADINGS.get(status, HTTPStatus(status).phrase)),
            "message": message or language("There is no such page. The search box finds documents by words or address."
                                           if status == 404 else "It has been written to the log of this server."),
            "here": "", "feed": None, "json_path": None, "find_words": "", "last_run": False, "zone_note": "",
            "archive_name": self._archive, "program": __version__, "other_language": f"{path}?lang={language.other}",
        }  # fmt: skip
        return self._templates.get_template("error.html").render(values)


def harmless(value: Any) -> Any:
    """Return what a template prints: foreign text without controls and marks that reorder what is beside it.  Pure."""
    if value is None:
        return ""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return clean(value, lines=True)
    return value


def timed(at: datetime, text: str, whole: str) -> Markup:
    """Return a moment for people and machines.  Pure."""
    return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp(at), whole, text)


def is_web(url: str) -> bool:
    """Tell whether an address may be a link: of the web and nothing else.  Pure."""
    if not url.isprintable() or any(mark in url for mark in "\\<>\"' "):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.username or parts.password)
