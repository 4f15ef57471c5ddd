"""What we or the operator can do wrong while crawling.

CrawlerError
├─ SourceError (ValueError)      lives in spiders.errors: spiders raise it too
└─ CrawlFailedError
"""

from __future__ import annotations

from spiders.errors import CrawlerError, SourceError

__all__ = ["CrawlFailedError", "CrawlerError", "SourceError"]


class CrawlFailedError(CrawlerError):
    """A run could not do its work; the message says why and what to do."""
