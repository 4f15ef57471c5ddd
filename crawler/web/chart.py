"""Documents per day as a small drawing, SVG within the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from markupsafe import Markup, escape

from crawler.web.asked import Asked

BAR, GAP = 3, 1
HEIGHT, WIDE_HEIGHT = 24, 72


def per_day(asked: Asked, source: str, hours: Mapping[datetime, int], *, days: int) -> list[tuple[date, int]]:
    """Return how many events each of the last days had, in the source's zone, oldest first."""
    last = asked.zones.day(asked.now, source)
    counts = {last - timedelta(days=back): 0 for back in range(days - 1, -1, -1)}
    for hour, count in hours.items():
        day = asked.zones.day(hour, source)
        if day in counts:
            counts[day] += count
    return list(counts.items())


def chart(asked: Asked, source: str, hours: Mapping[datetime, int], *, days: int, wide: bool) -> Markup:
    """Return bars, one a day, with what they show as words for those who do not see them."""
    counts = per_day(asked, source, hours, days=days)
    most, total = max(count for _, count in counts), sum(count for _, count in counts)
    height = WIDE_HEIGHT if wide else HEIGHT
    step = (BAR + GAP) * (2 if wide else 1)
    said = asked.language(
        "{n} new documents from {a} to {b}, at most {most} a day",
        n=total,
        a=counts[0][0].isoformat(),
        b=counts[-1][0].isoformat(),
        most=most,
    )
    bars = Markup().join(
        Markup('<rect x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>').format(
            place * step, round(height - tall, 1), step - GAP, round(tall, 1), day.isoformat(), count
        )
        for place, (day, count) in enumerate(counts)
        if (tall := max(count / most * height, 1.5) if count else 0)
    )
    drawn = Markup(
        '<svg class="chart{}" role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}" height="{}">'
        '<line x1="0" y1="{}" x2="{}" y2="{}"/>{}</svg>'
    ).format(
        " wide" if wide else "", said, len(counts) * step, height + 1, len(counts) * step, height + 1,
        height + 0.5, len(counts) * step, height + 0.5, bars,
    )  # fmt: skip
    caption = Markup('<p class="soft">{}</p>').format(escape(said)) if wide else Markup()
    return drawn + caption
