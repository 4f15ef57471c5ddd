"""A message as subject, plain text and HTML, in its language; pure.

Everything of a page is hostile: it goes through ``terminal.clean``, and is escaped for HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlsplit

from crawler.commands.changes import FOLDED, KIND_CELLS
from crawler.labels import Label
from crawler.language import Language
from crawler.notify.stories import Story, Told, kinds_told
from crawler.plurals import many
from crawler.terminal import clean, pad, shorten

# Nobody reads more in one mail; `policytrail changes` shows the rest.
MOST_STORIES = 200
_SUBJECT_CELLS = 120
_TITLE_CELLS = 90
_COLOURS = {"new": "#1a7f37", "changed": "#9a6700", "removed": "#cf222e", "restored": "#0b7285", "moved": "#0969da"}
_STATES = {"opened": "needs a look", "reminder": "still needs a look", "recovered": "recovered"}


def subject(told: Told) -> str:
    """Return one line of at most _SUBJECT_CELLS cells, without control characters.  Pure."""
    t = told.language
    if told.test:
        line = t("a test: this channel works")
    elif told.message.alerts:
        line = _alert_subject(told.message.alerts, t)
    elif len(stories := told.stories) == 1:
        event = stories[0].event
        line = t("{kind}: {title}", kind=t.name("kind", event.kind), title=event.title or event.url)
    else:
        told_of = kinds_told(stories).items()
        counts = t(", ").join(t("{n} {kind}", n=count, kind=t.name("kind", kind)) for kind, count in told_of)
        publishers = list(dict.fromkeys(story.publisher for story in stories))
        named = t(", ").join(publishers[:2])
        if len(publishers) > 2:
            named = t("{names} and {n} more", names=named, n=len(publishers) - 2)
        line = t("{kind}: {title}", kind=counts, title=named)
    return shorten(clean(f"[policytrail] {line}"), _SUBJECT_CELLS)


def _alert_subject(alerts: Sequence[Mapping[str, Any]], t: Language) -> str:
    if len(alerts) == 1:
        return f"{alerts[0]['source']} {t(_STATES[alerts[0]['state']])}"
    by_state: dict[str, int] = {}
    for alert in alerts:
        by_state[alert["state"]] = by_state.get(alert["state"], 0) + 1
    return t(", ").join(
        f"{many(count, 'source') if t.code == 'en' else f'{count} 个来源'} {t(_STATES[state])}"
        for state, count in by_state.items()
    )


def text(told: Told) -> str:
    """Return a message as plain text.  Pure."""
    t = told.language
    if told.test:
        return t("This channel of policytrail works.") + "\n"
    if told.message.alerts:
        blocks = ["\n    ".join(clean(line) for line in _alert(alert, t)) for alert in told.message.alerts]
        return "\n\n".join((*blocks, t("`policytrail status` says more."))) + "\n"
    blocks = [
        _text_story(told, group[0]) if label is None else "\n    ".join(_fold(told, label, group))
        for label, group in _shown(told)
    ]
    return "\n\n".join((*blocks, _note(told))) + "\n"


def _alert(alert: Mapping[str, Any], t: Language) -> tuple[str, str]:
    return f"{alert['source']} {t(_STATES[alert['state']])}", t.remark(str(alert["text"]))


def _text_story(told: Told, story: Story) -> str:
    t, event = told.language, story.event
    kind = pad(t.name("kind", event.kind), KIND_CELLS if t.code == "en" else 4)
    head = f"{told.times.show(event.at, event.source)}  {kind}  {clean(event.title or t('(no title)'))}"
    if story.telling.happening.silent:
        head += t("  (silent: its dates stayed)")
    lines = [head, clean(event.url), *_details(told, story)]
    if story.glimpses:
        lines.append("; ".join(story.glimpses))
    lines.append(clean(story.publisher))
    if story.document_number:
        lines.append(clean(story.document_number))
    return "\n    ".join(lines)


def _details(told: Told, story: Story) -> list[str]:
    """Return a line for what an event was before, and one for what differs."""
    t, event = told.language, story.event
    lines = [f"{t('was')} {clean(event.previous_url)}"] if event.previous_url else []
    if story.summary:
        kinds = t(", ").join(t.name("change", kind) for kind in story.telling.kinds)
        lines.append(t("{what} ({kinds})", what=story.summary, kinds=kinds) if kinds else story.summary)
    return lines


def _fold(told: Told, label: Label, group: Sequence[Story]) -> list[str]:
    """Return what belongs together as lines: what happened when and where, then the first of it."""
    t, first = told.language, group[0].event
    count = len(group) if label is Label.BACKFILL else len({story.event.document_id for story in group})
    sources = t(", ").join(dict.fromkeys(story.publisher for story in group))
    head = f"{told.times.show(first.at, first.source)}  {t.name('label', label)}"
    lines = [f"{head}  {clean(sources)}: {t(f'fold:{label}', n=count)}"]
    if label is Label.CAMPAIGN and group[0].glimpses:
        lines.append("; ".join(group[0].glimpses))
    lines += [clean(story.event.title or story.event.url) for story in group[:FOLDED]]
    if len(group) > FOLDED:
        lines.append(t("… {n} more; `policytrail changes --unfold` shows each", n=len(group) - FOLDED))
    return lines


def html(told: Told) -> str:
    """Return a message as one HTML page without scripts, pictures or anything that is fetched.  Pure."""
    t = told.language
    parts = [f"<p>{_safe(t('This channel of policytrail works.'))}</p>"] if told.test else []
    for alert in told.message.alerts:
        head, said = _alert(alert, t)
        parts.append(f"<p><b>{_safe(head)}</b><br>{_safe(said)}</p>")
    for label, group in _shown(told):
        if label is None:
            parts.append(_html_story(told, group[0]))
        else:
            head, *rest = _fold(told, label, group)
            parts.append(f"<p>{'<br>'.join((f'<b>{_safe(head)}</b>', *map(_safe, rest)))}</p>")
    if told.folds:
        parts.append(f'<p style="color:#666">{_safe(_note(told))}</p>')
    return (
        f'<!DOCTYPE html><html lang="{t.tag}"><head><meta charset="utf-8"></head>'
        '<body style="font-family:sans-serif;line-height:1.5;max-width:44em;overflow-wrap:anywhere">'
        + "".join(parts)
        + "</body></html>\n"
    )


def _html_story(told: Told, story: Story) -> str:
    t, event = told.language, story.event
    kind = f'<b style="color:{_COLOURS[str(event.kind)]}">{_safe(t.name("kind", event.kind))}</b>'
    facts = [story.publisher, told.times.show(event.at, event.source), story.document_number or ""]
    facts += [t("its dates stayed")] if story.telling.happening.silent else []
    lines = [
        f"{kind} {_link(event.url, event.title or t('(no title)'))}",
        f'<span style="color:#666">{_safe(" · ".join(fact for fact in facts if fact))}</span>',
        *map(_safe, _details(told, story)),
        *(f"<code>{_safe(shorten(glimpse, _TITLE_CELLS))}</code>" for glimpse in story.glimpses),
    ]
    return f"<p>{'<br>'.join(lines)}</p>"


def _shown(told: Told) -> list[tuple[Label | None, tuple[Story, ...]]]:
    return list(told.folds[:MOST_STORIES])


def _note(told: Told) -> str:
    t, only = told.language, told.times.only
    more = len(told.folds) - MOST_STORIES
    rest = t("{n} more: `policytrail changes` shows them.", n=more) + " " if more > 0 else ""
    return rest + (t("Times are those of {zone}.", zone=only) if only else t("Times are those of each source's zone."))


def _link(url: str, title: str) -> str:
    shown = _safe(shorten(clean(title), _TITLE_CELLS))
    if urlsplit(url).scheme not in ("http", "https"):
        return shown
    return f'<a href="{_safe(url)}">{shown}</a>'


def _safe(words: str) -> str:
    return escape(clean(words), quote=True)
