"""The base of our own errors, and what is wrong with a source file."""

from __future__ import annotations


class CrawlerError(Exception):
    """Base of what the crawler refuses; its message is one line for the operator."""


class SourceError(CrawlerError, ValueError):
    """A source file, or a source named on the command line, cannot be used."""
