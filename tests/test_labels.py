"""Events of one run to labels and folds; and all of it on a real site."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.diff import diff
from crawler.labels import Happening, Label, fingerprint, folds, is_silent, labels
from crawler.schemas import schema
from storage.model import Attachment, Content, EventKind, Fields
from tests.conftest import Command
from tests.crawling import notice
from tests.site import Page, Site
from tests.test_cli import serve

STATED = Fields(published_on=date(2026, 3, 1))


def content(*paragraphs: str, **fields: Any) -> Content:
    return Content(fields=Fields(**fields), paragraphs=paragraphs)


def changed(mark: str | None = None) -> Happening:
    return Happening(kind=EventKind.CHANGED, fingerprint=mark)


def test_the_same_edit_has_the_same_fingerprint_wherever_it_is() -> None:
    one = diff(content("首段。", "由县级政府审查。"), content("首段。", "由市级政府审查。"))
    other = diff(content("其他材料由县级政府保管，期限十年。"), content("其他材料由市级政府保管，期限十年。"))
    third = diff(content("由县级政府审查。"), content("由省级政府审查。"))
    assert fingerprint(one) == fingerprint(other) != fingerprint(third)
    assert fingerprint(diff(content("甲"), content("甲", editor="王"))) is None


@pytest.mark.parametrize(("old", "new"), [("甲\ud800", "乙"), ("a\tb", "a\nb c")])
def test_every_text_has_a_fingerprint(old: str, new: str) -> None:
    assert fingerprint(diff(content(old), content(new)))


def test_redesign_is_when_most_documents_of_a_source_changed() -> None:
    many = [changed(str(number)) for number in range(6)]
    assert {label for given in labels(many, sizes={0: (6, 10)}) for label in given} == {Label.REDESIGN}
    assert not any(labels(many, sizes={0: (6, 12)}))
    assert not any(labels(many[:4], sizes={0: (4, 4)}))


def test_campaign_is_the_same_edit_on_many_documents() -> None:
    happenings = [changed("a"), changed("b"), changed("a"), changed("a")]
    found = labels(happenings, sizes={0: (4, 100)})
    assert found == [(Label.CAMPAIGN,), (), (Label.CAMPAIGN,), (Label.CAMPAIGN,)]
    assert folds(happenings, found) == [(Label.CAMPAIGN, [0, 2, 3]), (None, [1])]


def test_a_campaign_goes_over_runs_and_counts_documents() -> None:
    def edit(document_id: int, run_id: int) -> Happening:
        return Happening(kind=EventKind.CHANGED, document_id=document_id, run_id=run_id, fingerprint="a")

    spread = [edit(1, 1), Happening(kind=EventKind.NEW, run_id=1), edit(2, 2), edit(3, 3)]
    found = labels(spread, sizes={1: (1, 50), 2: (1, 50), 3: (1, 9)})
    assert folds(spread, found) == [(Label.CAMPAIGN, [0, 2, 3]), (None, [1])]
    # One document that goes back and forth is none.
    again = [edit(1, run) for run in (1, 2, 3)]
    assert labels(again, sizes={}) == [(), (), ()]


def test_a_redesign_is_of_one_run() -> None:
    two = [Happening(kind=EventKind.CHANGED, run_id=run, fingerprint=f"{run}{n}") for run in (1, 2) for n in range(6)]
    found = labels(two, sizes={1: (6, 8), 2: (6, 80)})
    assert folds(two, found)[0] == (Label.REDESIGN, [0, 1, 2, 3, 4, 5])
    assert found[6:] == [()] * 6


def test_backfill_is_new_here_and_published_long_ago() -> None:
    late, fresh, first = (
        Happening(kind=EventKind.NEW, baseline=baseline, published_on=day, seen_on=date(2026, 3, 10))
        for baseline, day in ((False, date(2025, 3, 9)), (False, date(2026, 3, 9)), (True, date(2025, 3, 9)))
    )
    assert labels([late, fresh, first], sizes={}) == [(Label.BACKFILL,), (), ()]


def test_silent_is_other_content_under_the_same_dates() -> None:
    old = Content(fields=STATED, paragraphs=("补贴500元。",))
    new = Content(fields=STATED, paragraphs=("补贴800元。",))
    assert is_silent(diff(old, new), new.fields)
    file = Attachment(url="https://a.example/1.pdf", name="附件", sha256="1")
    assert is_silent(diff(old, Content(fields=STATED, paragraphs=old.paragraphs, attachments=(file,))), STATED)
    said = Fields(published_on=STATED.published_on, modified_on=date(2026, 3, 9))
    assert not is_silent(diff(old, Content(fields=said, paragraphs=new.paragraphs)), said)
    assert not is_silent(diff(content("补贴500元。"), content("补贴800元。")), Fields())
    spaced = Content(fields=STATED, paragraphs=("补贴 500 元。",))
    assert not is_silent(diff(old, spaced), STATED)


happenings = st.lists(
    st.builds(
        Happening,
        kind=st.sampled_from(EventKind),
        baseline=st.booleans(),
        fingerprint=st.none() | st.sampled_from("ab"),
        silent=st.booleans(),
        published_on=st.none() | st.dates(min_value=date(2025, 1, 1), max_value=date(2026, 3, 1)),
        seen_on=st.just(date(2026, 3, 1)),
    ),
    max_size=9,
)


@given(happenings, st.integers(0, 20), st.integers(0, 20))
def test_folding_loses_nothing(happenings: list[Happening], changes: int, known: int) -> None:
    told = folds(happenings, labels(happenings, sizes={0: (changes, known)}))
    assert sorted(place for _, places in told for place in places) == list(range(len(happenings)))


def test_whole_site_changes_are_folded(policytrail: Command, site: Site, sources_dir: Path) -> None:
    html = {"Content-Type": "text/html"}
    serve(site, sources_dir, pages=6)
    paths = [path for path in site.pages if "/t" in path]
    options = ["--sources", sources_dir]

    def crawl() -> None:
        done = policytrail("crawl", *options, "--allow", site.host)
        assert done.returncode == 0, done.stderr

    for number, path in enumerate(paths):
        site.pages[path] = Page(notice(f"关于{number}号事项的通知", f"{number}号事项由县级政府审查。"), html)
    crawl()
    for number, path in enumerate(paths):
        site.pages[path] = Page(notice(f"关于{number}号事项的通知", f"{number}号事项由市级政府审查。"), html)
    crawl()
    told = policytrail("changes", *options)
    assert "campaign  cn_section: the same edit on 6 documents" in told.stdout
    assert "… 3 more; --unfold shows each" in told.stdout
    each = policytrail("changes", *options, "--unfold")
    assert each.stdout.count("changed   关于") == 6
    assert "(silent: its dates stayed)" in each.stdout and "1 changed (body)" in each.stdout
    for number, path in enumerate(paths):
        site.pages[path] = Page(
            notice(f"关于{number}号事项的通知", f"{number}号事项由市级政府审查。", "新增" + "说明" * number + "。"),
            html,
        )
    crawl()
    assert (
        "redesign  cn_section: most of the site: 6 documents changed in one run"
        in policytrail("changes", *options).stdout
    )
    events = json.loads(policytrail("changes", *options, "--json").stdout)
    jsonschema.validate(events, schema("changes"))
    assert [event["labels"] for event in events] == [["redesign", "campaign", "silent"]] * 6 + [
        ["redesign", "silent"]
    ] * 6
    assert events[0]["kinds"] == ["body"]
