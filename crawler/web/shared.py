"""What several views say of sources."""

from __future__ import annotations

from crawler.web.asked import Asked
from storage.model import DocumentState, EventKind


def publishers(asked: Asked) -> dict[str, str]:
    """Return the publisher of each source that has a file."""
    return {name: source.publisher for name, source in asked.sources.sources.items()}


def languages(asked: Asked) -> dict[str, str]:
    """Return the language of each source that has a file."""
    return {name: source.language for name, source in asked.sources.sources.items()}


def source_choices(asked: Asked) -> list[tuple[str, str]]:
    """Return the sources that have run, for a list to choose from."""
    known = publishers(asked)
    return [(name, f"{known[name]} ({name})" if name in known else name) for name in asked.archive.source_names()]


def kind_choices(asked: Asked) -> list[tuple[str, str]]:
    """Return the kinds of events, for a list to choose from."""
    return [(str(kind), asked.language.name("kind", kind)) for kind in EventKind]


def state_choices(asked: Asked) -> list[tuple[str, str]]:
    """Return the states of documents, for a list to choose from."""
    return [(str(state), asked.language.name("state", state)) for state in DocumentState]
