"""Source files from their folders: for the program as plain data, for Scrapy as spiders."""

from __future__ import annotations

import difflib
import importlib.util
import logging
import os
import stat
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from spiders.discovery import discover
from spiders.errors import SourceError
from spiders.keys import parse, write
from spiders.source import Findings, Source
from storage.model import Role

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.settings import BaseSettings

    from spiders.base import SourceSpider

__all__ = ["SHIPPED", "SourceSpiderLoader", "Sources", "find_by_own_code", "load", "load_spiders", "write"]

SHIPPED = Path(__file__).parent / "sources"
_MAX_FILE_BYTES = 1_000_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The sources that could be read, by name, and a line for each thing wrong with the others."""

    sources: dict[str, Source]
    problems: tuple[str, ...] = ()

    def get(self, name: str) -> Source:
        """Return a source by its name.

        Raises SourceError, with what its file has wrong, or with names that come close.
        """
        if name in self.sources:
            return self.sources[name]
        own = [problem for problem in self.problems if f"{os.sep}{name}.toml:" in problem]
        if own:
            raise SourceError(own[0])
        close = difflib.get_close_matches(name, self.sources, n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(close)}?" if close else "; 'policytrail sources' lists them"
        raise SourceError(f"no source is called {name!r}{hint}")


def _writable_by_others(path: Path) -> bool:
    found = path.stat()
    ours = found.st_uid in {0, os.geteuid()}
    return not ours or bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _read(path: Path) -> Source | tuple[str, ...]:
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            return (f"{path}:1: too large for a source file",)
        # As UTF-8, with the mark that some editors put first.
        text = path.read_text("utf-8-sig")
        code = path.with_suffix(".py")
        if code.exists() and (_writable_by_others(code) or _writable_by_others(code.parent)):
            return (f"{code}:1: not run: this file and its folder must be yours, and writable by nobody else",)
    except OSError as error:
        return (f"{path}:1: not readable: {error.strerror or error}",)
    except UnicodeDecodeError:
        return (f"{path}:1: not readable: save it as UTF-8",)
    return parse(text, path)


def load(folder: Path | None = None) -> Sources:
    """Return the shipped sources and those of a person's own folder.

    A file of one's own stands in for the shipped one of the same name, also when something is wrong with it.
    A bad file costs that source only.
    Raises SourceError when the folder is missing.
    """
    files = {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}
    if folder is not None:
        own = folder.expanduser().absolute()
        if not own.is_dir():
            raise SourceError(f"there is no folder {own} with source files; make it, or leave --sources out")
        files |= {path.stem: path for path in sorted(own.glob("*.toml"))}
    sources: dict[str, Source] = {}
    problems: list[str] = []
    for name in sorted(files):
        read = _read(files[name])
        if isinstance(read, Source):
            sources[name] = read
        else:
            problems.extend(read)
    return Sources(sources=sources, problems=tuple(problems))


def _code(source: Source) -> Path | None:
    code = source.path.with_suffix(".py") if source.path else None
    return code if code and code.exists() else None


@lru_cache
def _own_class(code: Path, _changed_ns: int) -> type[SourceSpider]:
    from spiders.base import SourceSpider

    module_spec = importlib.util.spec_from_file_location(f"spiders.sources.{code.stem}", code)
    if module_spec is None or module_spec.loader is None:
        raise SourceError(f"{code}:1: not readable as Python")
    module = importlib.util.module_from_spec(module_spec)
    module_spec.loader.exec_module(module)
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, SourceSpider) and value.__module__ == module.__name__
    ]
    if len(classes) != 1:
        raise SourceError(f"{code}:1: must define one subclass of SourceSpider, and defines {len(classes)}")
    return classes[0]


def find_by_own_code(source: Source, role: Role, body: bytes, *, url: str, content_type: str) -> Findings:
    """Return what the ``find`` of a source's own Python file makes of an answer.

    In this form a worker process can be asked for it: the file's own function could not be sent there.
    """
    code = _code(source)
    find = _own_class(code, code.stat().st_mtime_ns).find if code else discover
    return find(source, role, body, url=url, content_type=content_type)


def _spiders(sources: Sources) -> dict[str, type[SourceSpider]]:
    # Not at the top: Scrapy takes a quarter of a second to import, and most commands only want the data.
    from spiders.base import spider_class

    classes: dict[str, type[SourceSpider]] = {}
    for name, source in sources.sources.items():
        if code := _code(source):
            classes[name] = spider_class(source, _own_class(code, code.stat().st_mtime_ns))
            classes[name].find = staticmethod(find_by_own_code)
        else:
            classes[name] = spider_class(source)
    return classes


def load_spiders(folder: Path | None = None) -> dict[str, type[SourceSpider]]:
    """Return a spider class for each source that could be read.

    Code runs only from a Python file beside a source file, which ``load`` has found to be writable by nobody
    else; what it raises is not caught.
    Raises SourceError when the folder is missing, or such a file defines no spider.
    """
    return _spiders(load(folder))


class SourceSpiderLoader:
    """Scrapy's spider loader over source files: ``scrapy list`` and ``scrapy crawl`` see what we see.

    Setting: POLICYTRAIL_SOURCES, a person's own folder, or unset.
    """

    def __init__(self, folder: Path | None) -> None:
        """Load all spiders; problems of source files are logged."""
        sources = load(folder)
        for problem in sources.problems:
            logger.warning("%s", problem)
        self._spiders = _spiders(sources)

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> SourceSpiderLoader:
        """Return a loader for the folder that the settings name."""
        folder = settings.get("POLICYTRAIL_SOURCES")
        return cls(Path(folder) if folder else None)

    def load(self, spider_name: str) -> type[SourceSpider]:
        """Return the spider class of a source; raises KeyError, as Scrapy wants it."""
        return self._spiders[spider_name]

    def list(self) -> list[str]:
        """Return the names of all sources."""
        return sorted(self._spiders)

    def find_by_request(self, request: Request) -> list[str]:  # type: ignore[valid-type]
        """Return the names of the sources on whose hosts an address lies."""
        return [name for name in self.list() if self._spiders[name].source.has_host(request.url)]
