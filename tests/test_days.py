"""Days that only lists say, and say by how long ago they were, in what is kept of documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.crawling import Crawls
from tests.listed import article
from tests.site import Page, Site


def test_yesterday_is_that_of_the_day_on_which_the_list_said_so(
    site: Site, archive_path: Path, sources_dir: Path, environment: dict[str, str]
) -> None:
    said = {"/art/1.html": "今天 09:10", "/art/2.html": "昨天", "/art/2021/7/3.html": "[11-20]"}
    rows = "".join(f"<li><a href='{path}'>关于渡口夜航的通知</a> {text}</li>" for path, text in said.items())
    site.pages["/zc/"] = Page(f"<ul>{rows}</ul>")
    for number, path in enumerate(said):
        site.pages[path] = Page(article(f"关于第{number}号渡口的通知", "", number))
    crawls = Crawls(archive_path, sources_dir, environment, [site.host])
    crawls.source(lists=[site.url("/zc/")], documents=r"^/art/", timezone="UTC")
    began = datetime.now(UTC).date()
    crawls.run()
    ended = datetime.now(UTC).date()
    with crawls.open() as archive:
        fields = {version.url: version.content.fields for version in archive.latest_versions("cn_test")}
    days = [fields[site.url(path)].published_on for path in said]
    assert days[0] in (began, ended) and days[1] in (began - timedelta(days=1), ended - timedelta(days=1))
    assert str(days[2]) == "2021-11-20"
    assert {each.published_from for each in fields.values()} == {"list"}
