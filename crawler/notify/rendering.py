"""A message as subject, plain text and HTML; pure.

Everything of a page is hostile: it goes through ``terminal.clean``, and is escaped for HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlsplit

from crawler.commands.changes import KIND_CELLS, folded_text
from crawler.commands.output import counted
from crawler.labels import Label
from crawler.notify.stories import Story, Told, kinds_told
from crawler.plurals import many
from crawler.terminal import clean, shorten

# Nobody reads more in one mail; `policytrail changes` shows the rest.
MOST_STORIES = 200
_SUBJECT_CELLS = 120
_TITLE_CELLS = 90
_COLOURS = {"new": "#1a7f37", "changed": "#9a6700", "removed": "#cf222e", "restored": "#0b7285", "moved": "#0969da"}


def subject(told: Told) -> str:
    """Return one line of at most _SUBJECT_CELLS cells, without control characters.  Pure."""
    if told.test:
        return "[policytrail] a test: this channel works"
    if told.message.alerts:
        return shorten(f"[policytrail] {_alert_subject(told.message.alerts)}", _SUBJECT_CELLS)
    stories = told.stories
    if len(stories) == 1:
        event = stories[0].event
        line = f"[policytrail] {event.kind}: {event.title or event.url}"
    else:
        publishers = list(dict.fromkeys(story.publisher for story in stories))
        named = ", ".join(publishers[:2]) + (f" and {len(publishers) - 2} more" if len(publishers) > 2 else "")
        line = f"[policytrail] {counted(kinds_told(stories))}: {named}"
    return shorten(clean(line), _SUBJECT_CELLS)


def _alert_subject(alerts: Sequence[Mapping[str, Any]]) -> str:
    by_state: dict[str, int] = {}
    for alert in alerts:
        by_state[alert["state"]] = by_state.get(alert["state"], 0) + 1
    if len(alerts) == 1:
        return clean(f"{alerts[0]['source']} {_STATES[alerts[0]['state']]}")
    return ", ".join(f"{many(count, 'source')} {_STATES[state]}"
                     for state, count in by_state.items())  # fmt: skip


_STATES = {"opened": "needs a look", "reminder": "still needs a look", "recovered": "recovered"}


def text(told: Told) -> str:
    """Return a message as plain text.  Pure."""
    if told.test:
        return "This channel of policytrail works.\n"
    if told.message.alerts:
        lines = [
            f"{clean(str(alert['source']))} {_STATES[alert['state']]}\n    {clean(str(alert['text']))}"
            for alert in told.message.alerts
        ]
        return "\n\n".join(lines) + "\n\n`policytrail status` says more.\n"
    blocks = []
    for label, group in _shown(told):
        if label is None:
            blocks.append(_block(told, group[0]))
        else:
            blocks.append(folded_text(label, [story.telling for story in group], told.times).plain)
    return "\n\n".join((*blocks, _note(told))) + "\n"


def _block(told: Told, story: Story) -> str:
    number = f"\n    {clean(story.document_number)}" if story.document_number else ""
    return f"{story.telling.text.plain}\n    {clean(story.publisher)}{number}"


def html(told: Told) -> str:
    """Return a message as one HTML page without scripts, pictures or anything that is fetched.  Pure."""
    parts: list[str] = []
    if told.test:
        parts.append("<p>This channel of policytrail works.</p>")
    for alert in told.message.alerts:
        parts.append(
            f"<p><b>{_safe(str(alert['source']))} {_STATES[alert['state']]}</b><br>{_safe(str(alert['text']))}</p>"
        )
    for label, group in _shown(told):
        parts.append(_html_story(told, group[0]) if label is None else _html_fold(told, label, group))
    if told.folds:
        parts.append(f'<p style="color:#666">{_safe(_note(told))}</p>')
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"></head>'
        '<body style="font-family:sans-serif;line-height:1.5;max-width:44em">' + "".join(parts) + "</body></html>\n"
    )


def _html_story(told: Told, story: Story) -> str:
    event = story.event
    kind = f'<b style="color:{_COLOURS[str(event.kind)]}">{escape(str(event.kind))}</b>'
    lines = [f"{kind} {_link(event.url, event.title or '(no title)')}"]
    facts = [story.publisher, told.times.show(event.at, event.source), story.document_number or ""]
    facts += ["its dates stayed"] if story.telling.happening.silent else []
    lines.append(f'<span style="color:#666">{_safe(" · ".join(fact for fact in facts if fact))}</span>')
    if event.previous_url:
        lines.append(f"was {_safe(event.previous_url)}")
    if story.summary:
        kinds = f" ({', '.join(story.telling.kinds)})" if story.telling.kinds else ""
        lines.append(_safe(story.summary + kinds))
    lines += [f"<code>{_safe(shorten(glimpse, _TITLE_CELLS))}</code>" for glimpse in story.glimpses]
    return f"<p>{'<br>'.join(lines)}</p>"


def _html_fold(told: Told, label: Label, group: Sequence[Story]) -> str:
    head, *rest = folded_text(label, [story.telling for story in group], told.times).plain.split("\n")
    when, _, said = head.partition(str(label).ljust(KIND_CELLS))
    lines = [f"<b>{_safe(str(label))}</b>{_safe(said)} <span style='color:#666'>{_safe(when.strip())}</span>"]
    lines += [_safe(line.strip()) for line in rest]
    return f"<p>{'<br>'.join(lines)}</p>"


def _shown(told: Told) -> list[tuple[Label | None, tuple[Story, ...]]]:
    return list(told.folds[:MOST_STORIES])


def _note(told: Told) -> str:
    more = len(told.folds) - MOST_STORIES
    rest = f"{more} more: `policytrail changes` shows them. " if more > 0 else ""
    return f"{rest}{told.times.note()}"


def _link(url: str, title: str) -> str:
    shown = _safe(shorten(clean(title), _TITLE_CELLS))
    if urlsplit(url).scheme not in ("http", "https"):
        return shown
    return f'<a href="{_safe(url)}">{shown}</a>'


def _safe(words: str) -> str:
    return escape(clean(words), quote=True)
