"""The page that says what the words and marks of the others mean."""

from __future__ import annotations

from crawler.labels import Label
from crawler.web.asked import Answer, Asked, Page
from storage.model import EventKind


def help_page(asked: Asked) -> Answer:
    """Return the page."""
    return Page(template="help", values={"kinds": list(EventKind), "labels": list(Label)}, plain={})
