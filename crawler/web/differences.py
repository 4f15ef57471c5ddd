"""A diff: two versions of a document, in one column or side by side."""

from __future__ import annotations

from typing import Any

from crawler.commands.compare import file_steps
from crawler.diff import Op, diff
from crawler.diff_views import About, Side, to_json
from crawler.web.asked import Answer, Asked, BadRequestError, Elsewhere, Page
from crawler.web.diff_rows import CONTEXT, attachment_row, field_row, parts, rows
from crawler.web.documents import language
from crawler.web.tellings import glance
from storage import NotInArchiveError
from storage.model import Version

VIEWS = ("inline", "side")


def newest_difference(asked: Asked) -> Answer:
    """Return where two versions are compared: those that a form names, else the last two."""
    found = asked.archive.document(asked.params["document_id"])
    if found.versions < 2:
        raise NotInArchiveError(f"{found.url}: has one version only; there is nothing to compare")
    old = asked.number("old", most=1 << 31) or found.versions - 1
    new = asked.number("new", most=1 << 31) or found.versions
    return Elsewhere(path=f"/document/{found.document_id}/diff/{old}/{new}")


def difference(asked: Asked) -> Answer:
    """Return two versions compared."""
    archive = asked.archive
    found = archive.document(asked.params["document_id"])
    old = archive.version(found.document_id, asked.params["old"])
    new = archive.version(found.document_id, asked.params["new"])
    view = asked.word("view") or "inline"
    if view not in VIEWS:
        raise BadRequestError(f"view: one of {', '.join(VIEWS)} is needed")
    whole = asked.flag("whole")
    step = diff(old.content, new.content)
    found_rows = rows(step, new.content) if step.hunks else []
    files = file_steps(archive, old, new, step)
    source = asked.sources.sources.get(found.source)
    told = glance(step, new.content.fields, old=old.number, new=new.number)
    here = f"/document/{found.document_id}/diff"
    values: dict[str, Any] = {
        "document": found,
        "publisher": source.publisher if source else found.source,
        "language": language(new, source.language if source else None),
        "old": old,
        "new": new,
        "told": told,
        "silent": told.silent and old.number < new.number,
        "view": view,
        "rows": parts(found_rows, context=None if whole else CONTEXT),
        "changes": [row for row in found_rows if row.op is not Op.EQUAL and row.moved_to is None],
        "files": [
            {
                "file": file,
                "rows": parts(rows(file.step, file.new, prefix=f"f{place}-"), context=None if whole else CONTEXT),
            }
            for place, file in enumerate(files, 1)
            if file.step.hunks
        ],
        "field_rows": [field_row(change) for change in step.fields],
        "attachment_rows": [attachment_row(change) for change in step.attachments],
        "inline_path": asked.with_query(view=None),
        "side_path": asked.with_query(view="side"),
        "whole_path": asked.with_query(whole=1),
        "earlier": f"{here}/{old.number - 1}/{old.number}" if 1 < old.number < new.number else None,
        "later": f"{here}/{new.number}/{new.number + 1}" if old.number < new.number < found.versions else None,
    }
    about = About(
        url=found.url,
        title=new.content.fields.title,
        old=_side(asked, old),
        new=_side(asked, new),
        silent=values["silent"],
    )
    return Page(template="diff", values=values, plain=to_json(step, about, files))


def _side(asked: Asked, version: Version) -> Side:
    return Side(version=version.number, seen_at=asked.zones.local(version.first_seen_at, version.source))
