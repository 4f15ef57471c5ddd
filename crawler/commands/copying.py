"""``copy``: an archive from one home to the other."""

from __future__ import annotations

from crawler.commands.exporting import telling
from crawler.commands.output import remark, say
from crawler.plurals import many
from crawler.terminal import clean
from storage import Home
from storage.copying import copy_archive


def copy(origin: Home, target: Home) -> None:
    """Copy an archive, and say what was copied."""
    with telling() as told:
        made = copy_archive(origin, target, progress=lambda what, done: told(done, None, what))
    say(f"{clean(str(target))}: {many(made.rows, 'row')}, read again and the same (SHA-256 {made.sha256})")
    remark("source files and notify.toml are files of their own: copy them too")
