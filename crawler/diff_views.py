"""A diff for people and programs: as text, as one HTML page, as JSON.

All page text is hostile: it goes through ``terminal.clean``, and is escaped for HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from rich.text import Text

from crawler.clauses import mark_of
from crawler.diff import Diff, FieldChange, Hunk, Op, Span, words
from crawler.kinds import Kind
from crawler.schemas import plain
from crawler.terminal import clean
from storage.model import Attachment, Content

# Of unchanged words inside a changed paragraph, and of an unchanged paragraph, so many characters are shown.
_AROUND = 60
# Of a text that was written anew nobody reads all clauses in one line.
_CLAUSES = 12

SILENT = "silent: the dates that the page states stayed as they were"

_SIGNS = {Op.ADDED: "+", Op.REMOVED: "-", Op.CHANGED: "~", Op.MOVED: ">", Op.EQUAL: " "}
_STYLES = {Op.ADDED: "green", Op.REMOVED: "red", Op.CHANGED: "", Op.MOVED: "cyan", Op.EQUAL: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two contents that were compared; version is None where it has no number.

    seen_at: in the zone in which a person shall read it.
    """

    version: int | None
    seen_at: datetime

    def __str__(self) -> str:
        seen = f"{self.seen_at:%Y-%m-%d %H:%M:%S %z}"
        return seen if self.version is None else f"version {self.version}, {seen}"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What was compared.  silent: the content changed while the dates that the page states did not."""

    url: str
    title: str | None
    old: Side
    new: Side
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStep:
    """An attachment whose text changed.  step: between its two texts; new: the later one."""

    url: str
    name: str
    step: Diff
    new: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A paragraph as shown.  number: as people count, of an op other than REMOVED in the new text."""

    op: Op
    number: int
    spans: tuple[Span, ...]
    moved_from: int | None = None
    note: str = ""


def summary(step: Diff) -> str:
    """Return a diff in a few words: "2 changed, 1 added; title; attachments: 1 added".  Pure."""
    parts = [_counts([hunk.op for hunk in step.hunks]), ", ".join(change.name for change in step.fields)]
    if step.attachments:
        parts.append("attachments: " + _counts([change.op for change in step.attachments]))
    return "; ".join(part for part in parts if part) or "no difference"


def clause_steps(step: Diff) -> list[tuple[str, str]]:
    """Return what happened to clauses, in reading order: ("第十二条", "changed"), ("第十四条", "now 第十五条").

    Pure.  A clause that lost one paragraph and got another is changed; one of which only the number differs is not.
    """
    ops: dict[tuple[str, bool], list[str]] = {}
    for hunk in step.hunks:
        for label, what in _clause_ops(hunk):
            if label:
                ops.setdefault((label, what == "new"), []).append(what)
    steps = []
    for (label, is_new), said in ops.items():
        if set(ops.get((label, False), ())) & {"changed", "removed"} and (label, True) in ops:
            # The new clause stands in the old one's place.
            if not is_new:
                steps.append((label, "changed"))
        else:
            once = dict.fromkeys(said)
            steps.append((label, said[0] if len(once) == 1 else next((w for w in once if " " in w), "changed")))
    return steps


def _clause_ops(hunk: Hunk) -> list[tuple[str, str]]:
    old, new = hunk.old_clause, hunk.new_clause
    if hunk.old is None or hunk.new is None:
        label = old or new
        whole = mark_of(hunk.new or hunk.old or "") is not None or label.endswith("款")
        what = "new" if hunk.old is None else "removed"
        return [(label, what if whole else "changed")]
    if old != new and old and new:
        if hunk.op is Op.MOVED:
            return [(old, f"moved to {new}")]
        bare = all(shift.kind is Kind.NUMBERING for shift in hunk.shifts)
        return [(old, f"now {new}" if bare else f"changed, now {new}")]
    if hunk.op is Op.MOVED:
        return [(old or new, "moved" if mark_of(hunk.new) else "changed")]
    return [(place or old or new, "changed") for place in dict.fromkeys(s.new_clause for s in hunk.shifts)]


def told(step: Diff) -> str:
    """Return the kinds of what is said otherwise, as "amount, date"; empty where nothing is.  Pure."""
    return ", ".join(step.kinds)


def to_json(step: Diff, about: About, files: Sequence[FileStep] = ()) -> dict[str, Any]:
    """Return a diff as ``crawler/schemas/diff.json`` describes it: exact, nothing elided or cleaned.  Pure."""
    steps = [{"clause": label, "step": what} for label, what in clause_steps(step)]
    texts = [
        {"url": file.url, "name": file.name, "kinds": list(file.step.kinds), "hunks": plain(file.step.hunks)}
        for file in files
    ]
    return {**plain(about), "kinds": list(step.kinds), "clauses": steps, **plain(step), "files": texts}


def to_text(
    step: Diff, new: Content, about: About, *, marks: bool, context: int = 2, files: Sequence[FileStep] = ()
) -> Text:
    """Return a diff for a terminal.

    Pure.

    new: the content that the diff leads to; unchanged paragraphs around the hunks are taken from it.
    marks: write [-old-]{+new+} too, for where colours are not seen.
    files: attachments whose texts changed, each after the document's own text.
    """
    text = Text()
    text.append(clean(about.title or about.url) + "\n", "bold")
    text.append(f"{clean(about.url)}\n{about.old} -> {about.new}\n{summary(step)}\n", "dim")
    if about.silent:
        text.append(f"{SILENT}\n", "magenta")
    if kinds := told(step):
        text.append(f"kinds: {kinds}\n", "dim")
    if clauses := _clauses(step):
        text.append(f"clauses: {clauses}\n", "dim")
    for change in step.fields:
        text.append(f"\n{change.name}: ")
        _append(text, _field_spans(change), marks, indent="")
    for attachment in step.attachments:
        text.append(f"\n{_SIGNS[attachment.op]} attachment {attachment.op}: ")
        _append(text, _attachment_spans(attachment.old, attachment.new), marks, indent="")
    if step.fields or step.attachments:
        text.append("\n")
    _append_rows(text, step, new, marks=marks, context=context)
    text.append("\n")
    for file in files:
        text.append(f"\nattachment {clean(file.name or file.url)}: {summary(file.step)}", "bold")
        if kinds := told(file.step):
            text.append(f" ({kinds})", "dim")
        text.append("\n")
        _append_rows(text, file.step, file.new, marks=marks, context=context)
        text.append("\n")
    return text


def _append_rows(text: Text, step: Diff, new: Content, *, marks: bool, context: int) -> None:
    for row in _rows(step, new, context):
        if isinstance(row, int):
            text.append(f"\n       … {row} unchanged", "dim")
            continue
        text.append(f"\n{_SIGNS[row.op]} ", _STYLES[row.op])
        text.append(f"{row.number:>4} ", "dim")
        if row.moved_from is not None:
            text.append(f"(was {row.moved_from}) ", _STYLES[row.op])
        spans = _squeezed(row.spans) if row.op in (Op.EQUAL, Op.CHANGED, Op.MOVED) else row.spans
        # A whole paragraph has its sign in front; brackets around it would only be in the way.
        _append(text, spans, marks and row.op in (Op.CHANGED, Op.MOVED), indent=" " * 7)
        if row.op is Op.CHANGED and row.note:
            text.append(f"\n       ({clean(row.note)})", "dim")


def to_html(step: Diff, new: Content, about: About, *, context: int = 2, files: Sequence[FileStep] = ()) -> str:
    """Return a diff as one HTML page that asks nobody for anything.

    Pure.

    new: the content that the diff leads to.
    files: attachments whose texts changed, each after the document's own text.
    """
    title = escape(clean(about.title or about.url))
    facts = "".join(
        f'<tr><th scope="row">{escape(change.name)}</th><td dir="auto">{_html(_field_spans(change))}</td></tr>'
        for change in step.fields
    ) + "".join(
        f'<tr><th scope="row">attachment {change.op}</th>'
        f'<td dir="auto">{_html(_attachment_spans(change.old, change.new))}</td></tr>'
        for change in step.attachments
    )
    lines = _html_rows(step, new, context)
    for file in files:
        lines.append(f'<h2 dir="auto">{escape(clean(file.name or file.url))}</h2>')
        lines.append(
            f'<div class="about">{escape("; ".join(filter(None, (summary(file.step), told(file.step)))))}</div>'
        )
        lines.extend(_html_rows(file.step, file.new, context))
    said = (SILENT if about.silent else "", summary(step), told(step), _clauses(step))
    return _PAGE.format(
        title=title,
        language=escape(clean(new.fields.language or "und")),
        url=escape(clean(about.url)),
        old=escape(str(about.old)),
        new=escape(str(about.new)),
        summary="<br>".join(escape(part) for part in said if part),
        facts=f"<table>{facts}</table>" if facts else "",
        rows="\n".join(lines),
    )


def _html_rows(step: Diff, new: Content, context: int) -> list[str]:
    lines = []
    for row in _rows(step, new, context):
        if isinstance(row, int):
            lines.append(f'<p class="elided">… {row} unchanged</p>')
            continue
        note = "" if row.moved_from is None else f'<span class="note">was {row.moved_from}</span> '
        kinds = f'<span class="note"> {escape(clean(row.note))}</span>' if row.note else ""
        spans = _squeezed(row.spans) if row.op in (Op.EQUAL, Op.MOVED) else row.spans
        lines.append(
            f'<p class="{row.op}"><span class="number">{_SIGNS[row.op]} {row.number}</span>'
            f'<span class="text" dir="auto">{note}{_html(spans)}{kinds}</span></p>'
        )
    return lines


def _clauses(step: Diff) -> str:
    steps = [f"{clean(label)} {what}" for label, what in clause_steps(step)]
    more = f"; … {len(steps) - _CLAUSES} more" if len(steps) > _CLAUSES else ""
    return "; ".join(steps[:_CLAUSES]) + more


def _counts(ops: list[Op]) -> str:
    return ", ".join(f"{ops.count(op)} {op}" for op in (Op.CHANGED, Op.ADDED, Op.REMOVED, Op.MOVED) if op in ops)


def _rows(step: Diff, new: Content, context: int) -> Iterator[_Row | int]:
    """Yield the paragraphs to show in reading order, and how many lie between that are not shown."""
    rows = list(_all_rows(step, new))
    shown: set[int] = set()
    for place, row in enumerate(rows):
        if row.op is not Op.EQUAL:
            shown.update(range(place - context, place + context + 1))
    hidden = 0
    for place, row in enumerate(rows):
        if place not in shown:
            hidden += 1
            continue
        if hidden:
            yield hidden
            hidden = 0
        yield row
    if hidden:
        yield hidden


def _all_rows(step: Diff, new: Content) -> Iterator[_Row]:
    missing: dict[int, list[Hunk]] = {}
    placed: dict[int, Hunk] = {}
    for hunk in step.hunks:
        if hunk.new is None:
            missing.setdefault(hunk.new_index, []).append(hunk)
        else:
            placed[hunk.new_index] = hunk
    for place in range(len(new.paragraphs) + 1):
        for hunk in missing.get(place, ()):
            spans = (Span(op=Op.REMOVED, text=hunk.old or ""),)
            yield _Row(op=Op.REMOVED, number=hunk.old_index + 1, spans=spans, note=_note(hunk))
        if place == len(new.paragraphs):
            return
        found = placed.get(place)
        op = Op.EQUAL if found is None else found.op
        whole = Op.ADDED if op is Op.ADDED else Op.EQUAL
        yield _Row(
            op=op,
            number=place + 1,
            spans=(found.words if found else ()) or (Span(op=whole, text=new.paragraphs[place]),),
            moved_from=found.old_index + 1 if found is not None and op is Op.MOVED else None,
            note=_note(found) if found is not None else "",
        )


def _note(hunk: Hunk) -> str:
    """Return the clause of a paragraph, and the kinds of what it says otherwise."""
    clause = hunk.new_clause or hunk.old_clause
    kinds = ", ".join(dict.fromkeys(shift.kind for shift in hunk.shifts))
    return "; ".join(part for part in (clause, kinds) if part)


def _squeezed(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return the spans with the middle of long equal ones left out."""
    squeezed = []
    for place, span in enumerate(spans):
        text = span.text
        if span.op is Op.EQUAL and len(text) > 3 * _AROUND:
            head = text[:_AROUND] if place or len(spans) == 1 else ""
            tail = text[-_AROUND:] if place < len(spans) - 1 or len(spans) == 1 else ""
            text = f"{head} … {tail}".strip()
        squeezed.append(Span(op=span.op, text=text))
    return tuple(squeezed)


def _field_spans(change: FieldChange) -> tuple[Span, ...]:
    old = "" if change.old is None else str(change.old)
    new = "" if change.new is None else str(change.new)
    return words(old, new)


def _attachment_spans(old: Attachment | None, new: Attachment | None) -> tuple[Span, ...]:
    before = f"{old.name} {old.url}" if old else ""
    after = f"{new.name} {new.url}" if new else ""
    return words(before, after)


def _append(text: Text, spans: tuple[Span, ...], marks: bool, *, indent: str) -> None:
    """Add spans to a text, cleaned; lines after the first are indented."""
    for span in spans:
        shown = clean(span.text, lines=bool(indent)).replace("\n", "\n" + indent)
        if marks and span.op is Op.REMOVED:
            shown = f"[-{shown}-]"
        elif marks and span.op is Op.ADDED:
            shown = f"{{+{shown}+}}"
        text.append(shown, _STYLES[span.op])


def _html(spans: tuple[Span, ...]) -> str:
    tags = {Op.ADDED: "ins", Op.REMOVED: "del"}
    return "".join(
        f"<{tags[span.op]}>{_escaped(span.text)}</{tags[span.op]}>" if span.op in tags else _escaped(span.text)
        for span in spans
    )


def _escaped(text: str) -> str:
    return escape(clean(text, lines=True))


_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --text: #1d1d1f; --soft: #6b6b70; --page: #ffffff; --line: #e3e3e6;
  --ins: #d9f2df; --del: #fbdfdf; --move: #e0ecfa; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --text: #e8e8ea; --soft: #9a9aa0; --page: #17181a; --line: #323337;
    --ins: #1d4a2a; --del: #5a2326; --move: #1f3a57; }}
}}
body {{ margin: 0 auto; max-width: 50rem; padding: 1.5rem 1rem 4rem; background: var(--page);
  color: var(--text); font: 1rem/1.7 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif; }}
h1 {{ font-size: 1.35rem; line-height: 1.4; }}
h2 {{ font-size: 1.05rem; margin: 2.5rem 0 .3rem; }}
.about, .elided, .number, .note {{ color: var(--soft); font-size: .85rem; }}
.about, .text, td {{ overflow-wrap: anywhere; }}
table {{ border-collapse: collapse; margin: 1rem 0; }}
th, td {{ border-top: 1px solid var(--line); padding: .3rem .8rem .3rem 0; text-align: start;
  vertical-align: top; }}
th {{ font-weight: normal; color: var(--soft); white-space: nowrap; }}
p {{ display: flex; gap: 1rem; margin: .4rem 0; }}
p.elided {{ padding-inline-start: 4.5rem; }}
.number {{ flex: 0 0 3.5rem; text-align: end; white-space: pre; font-variant-numeric: tabular-nums; }}
.text {{ white-space: pre-wrap; min-width: 0; }}
.equal .text {{ color: var(--soft); }}
.moved .text {{ background: var(--move); }}
ins {{ background: var(--ins); text-decoration: none; }}
del {{ background: var(--del); }}
</style>
</head>
<body>
<h1 dir="auto">{title}</h1>
<div class="about">{url}<br>{old} → {new}<br>{summary}</div>
{facts}
{rows}
</body>
</html>
"""
