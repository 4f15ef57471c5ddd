from __future__ import annotations

import asyncio
import pickle
import textwrap
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse
from scrapy.settings import Settings
from scrapy.spiderloader import get_spider_loader
from twisted.python.failure import Failure

from spiders.base import JITTER, Reply, SourceSpider, Visit, scattered, spider_class
from spiders.discovery import discover
from spiders.errors import SourceError
from spiders.keys import KEYS, parse
from spiders.loader import SHIPPED, load, load_spiders, write
from spiders.source import Budget, Source
from storage.model import Role

PATH = Path("gb_example_news.toml")
GOOD = """
publisher = "Example Regulator"
language = "en"
lists = ["https://Regulator.example:443/news/#top"]
documents = '/news/20\\d\\d/'
"""


def read(text: str, path: Path = PATH) -> Source:
    source = parse(textwrap.dedent(text), path)
    assert isinstance(source, Source), source
    return source


def problems(text: str, path: Path = PATH) -> tuple[str, ...]:
    found = parse(textwrap.dedent(text), path)
    assert isinstance(found, tuple)
    return found


def test_a_source_file() -> None:
    source = read(
        GOOD
        + """
        exclude = ["/video/", "/photo/"]
        hosts = ["Files.Regulator.example", "127.0.0.1:8080"]
        schedule = "20  */6 * * mon-fri,sun"
        timezone = "Europe/London"
        delay = 2
        concurrent = 2
        verified_on = 2026-11-20
        keep = "#main > .text"
        follow = false
        budget.pages = 50
        """
    )
    assert source.name == "gb_example_news"
    assert source.lists == ("https://regulator.example/news/",)
    assert source.hosts == ("regulator.example", "files.regulator.example", "127.0.0.1:8080")
    assert source.documents == (r"/news/20\d\d/",)
    assert source.exclude == ("/video/", "/photo/")
    assert (source.schedule, source.timezone) == ("20 */6 * * mon-fri,sun", "Europe/London")
    assert (source.delay_s, source.concurrent, source.follow) == (2.0, 2, False)
    assert source.verified_on == date(2026, 11, 20)
    assert source.keep == ("#main > .text",)
    assert source.budget == Budget(pages=50)


def test_one_address_is_enough() -> None:
    source = read('publisher = "x"\nurls = "https://h.example/a.html"')
    assert source.starts() == (("https://h.example/a.html", Role.MAIN),)
    assert source.has_host("https://h.example/b.html")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("docuemnts = 'x'", "docuemnts: is not a known key; did you mean 'documents'?"),
        ("exclude = '('", "exclude: '(' is not a regular expression"),
        ("exclude = 7", "exclude: must be a text or a list of texts"),
        ("sitemaps = ['ftp://h.example/']", "sitemaps: 'ftp://h.example/' is not an http or https address"),
        ("feeds = [1]", "feeds: must be a text or a list of texts"),
        ("hosts = ['http://h.example/']", "hosts: 'http://h.example/' is not a host"),
        ("delay = 'fast'", "delay: must be seconds"),
        ("delay = nan", "delay: must be seconds"),
        ("concurrent = 0", "concurrent: must be a whole number from 1 to 16"),
        ("follow = 'yes'", "follow: must be true or false"),
        ("timezone = 'Asia/Peking'", "timezone: 'Asia/Peking' is not a time zone"),
        ("timezone = 'Asia'", "timezone: 'Asia' is not a time zone"),
        ("timezone = '../../etc/passwd'", "timezone: '../../etc/passwd' is not a time zone"),
        ("verified_on = '2026-11-20'", "verified_on: must be a day, without quotes"),
        ("keep = '#a >'", "keep: '#a >' is not a CSS selector"),
        ("proxy = 'socks5://h'", "proxy: 'socks5://h' is not an http proxy"),
        ("budget = {page = 1}", "budget: 'page' is not known; did you mean 'pages'?"),
        ("budget = {pages = -1}", "budget: pages must be a whole number"),
        ("budget = 9", "budget: must be a table"),
        ("rights = ''", "rights: must be a text"),
        ("schedule = '0 0 * * 1'", "schedule: days of the week are names"),
        ("schedule = '0 0 * * sat-mon'", "schedule: 'sat-mon' runs backwards"),
        ("schedule = '0 0 * * noon'", "schedule: 'noon' is no day of the week"),
        ("schedule = '60 0 * * *'", "schedule: '60' is no minute (0 to 59)"),
        ("schedule = '0 5-3 * * *'", "schedule: '5-3' is no hour"),
        ("schedule = '*/0 * * * *'", "schedule: '*/0' is no step of minutes"),
        ("schedule = 'daily'", "schedule: must be five cron fields"),
        ("schedule = 'every 0h'", "schedule: must be five cron fields"),
    ],
)
def test_a_wrong_key_is_named_with_its_line_and_an_example(line: str, expected: str) -> None:
    (problem,) = problems(GOOD + line)
    assert problem.startswith(f"gb_example_news.toml:6: {expected}")
    key = line.split()[0]
    assert ("; example: " in problem) == (key in KEYS)


@pytest.mark.parametrize("schedule", ["every 30m", "every 6h", "every 2d", "*/15 8-18 1,15 * *", "0 0 * 1-6/2 Mon"])
def test_schedules(schedule: str) -> None:
    assert read(GOOD + f"schedule = '{schedule}'").schedule == schedule


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("publisher = ", "gb_example_news.toml:1: not readable as TOML"),
        ("publisher = “某厅”", "gb_example_news.toml:1: not readable as TOML: "),
        ("lists = []\npublisher = 'x'", "gb_example_news.toml:1: lists: is missing: one of"),
        ("urls = 'https://h.example/'", "gb_example_news.toml:1: publisher: is missing"),
        ("publisher = 'x'\nlists = 'https://h.example/'", "gb_example_news.toml:1: documents: is missing"),
    ],
)
def test_what_a_file_lacks(text: str, expected: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(expected)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("publisher = “某厅”", 'it has “ where TOML wants "'),
        ("publisher ＝ '某厅'", "it has ＝ where TOML wants ="),
        ("delay = 1\ndelay = 2", "is the same key there twice?"),
        ("lists = https://h.example/", "a text stands between quotes"),
        ("follow = false  # “so”\n1", "Expected"),
    ],
)
def test_what_people_most_often_mistype_is_named(text: str, hint: str) -> None:
    (problem,) = problems(text)
    assert hint in problem and "\n" not in problem, problem


def test_time_zones_and_patterns_are_named_as_they_were_typed() -> None:
    assert "did you mean 'Europe/London'?" in problems(GOOD + "timezone = 'Europe/Londn'")[0]
    assert r"'/t(\d+' is not a regular expression" in problems(GOOD + r"exclude = '/t(\d+'")[0]


def test_documented_examples_are_good() -> None:
    page = (Path(__file__).parent.parent / "docs" / "adding-a-source.md").read_text("utf-8")
    for example in page.split("```toml\n")[1:]:
        read(example.partition("```")[0])


@pytest.mark.parametrize("stem", ["Example", "example", "gb", "gb-example", "gb_Beispiel", "gb_"])
def test_names(stem: str) -> None:
    (problem,) = problems(GOOD, Path(f"{stem}.toml"))
    assert f"name: '{stem}' must be country_body" in problem


def test_examples_are_good() -> None:
    for name, key in KEYS.items():
        text = GOOD.replace("lists", "feeds") if name == "lists" else GOOD
        text = "\n".join(line for line in text.splitlines() if not line.startswith(f"{name} "))
        source = read(f"{text}\n{name} = {key.example}")
        assert getattr(source, key.field) != getattr(Source(name="x", publisher="x"), key.field) or name in {
            "language",
            "timezone",
            "concurrent",
        }


# Writing.

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).map(str.strip).filter(bool)
patterns = st.sampled_from([r"/t20\d{6}_\d+\.html", "it's \\d", "通知", '"quoted"\n'])
hosts = st.sampled_from(["a.example", "b.example:8080", "127.0.0.1"])
addresses = hosts.map(lambda host: f"https://{host}/x/")


@settings(max_examples=50)
@given(
    st.builds(
        Source,
        name=st.just("gb_example_news"),
        publisher=texts,
        language=st.sampled_from(["zh", "en", "zh-Hans"]),
        feeds=st.lists(addresses, unique=True, min_size=1).map(tuple),
        documents=st.lists(patterns).map(tuple),
        hosts=st.lists(hosts, unique=True).map(tuple),
        follow=st.booleans(),
        schedule=st.sampled_from(["every 6h", "20 */6 * * mon-fri"]),
        delay_s=st.floats(0, 3_600),
        budget=st.builds(Budget, pages=st.integers(1, 9_999), parts=st.integers(1, 200)),
        rights=st.none() | texts,
        verified_on=st.none() | st.dates(),
        drop=st.sampled_from([(), ("#a", "div > p.b")]),
        path=st.just(PATH),
    )
)
def test_what_is_written_reads_back_equal(source: Source) -> None:
    first = {url.split("/")[2]: None for url in source.feeds}
    source = replace(source, hosts=tuple(first | dict.fromkeys(source.hosts)))
    assert read(write(source)) == source


# Folders.


def test_shipped_sources_are_good() -> None:
    sources = load()
    assert sources.problems == ()
    assert len(sources.sources) >= 5
    for source in sources.sources.values():
        assert source.path == SHIPPED / f"{source.name}.toml"
        assert read(write(source), source.path) == source


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("cn_chinaorgcn_press", "http://www.china.org.cn/china/2024-05/15/content_117190001.htm"),
        ("cn_scio_press", "http://english.scio.gov.cn/pressroom/2026-07/14/content_118603461.html"),
        ("cn_people_jilin", "http://jl.people.com.cn/n2/2025/0728/c349771-41304973.html"),
        ("cn_huaian_zcwj", "https://www.huaian.gov.cn/col/4039_446643/art/17356608/17364738729029ffO7DUB.html"),
        ("cn_gov_zhengce", "https://www.gov.cn/zhengce/content/202405/content_6951260.htm"),
        ("cn_gov_zhengce", "https://www.gov.cn/zhengce/202405/content_6951260.htm"),
        ("cn_gov_zhengce", "https://www.gov.cn/zhengce/2020-12/26/content_5573623.htm"),
    ],
)
def test_shipped_patterns_know_documents(name: str, address: str) -> None:
    source = load().get(name)
    assert source.is_document(address)
    assert not any(source.is_document(url) for url in source.lists)


def test_a_bad_file_costs_that_source_only(tmp_path: Path) -> None:
    (tmp_path / "gb_example_news.toml").write_text("\ufeff" + GOOD, "utf-8")
    (tmp_path / "gb_broken.toml").write_text("publisher = 'x'\ndelay = 'x'\n", "utf-8")
    (tmp_path / "gb_latin.toml").write_bytes(b"publisher = '\xe9'")
    (tmp_path / "gb_folder.toml").mkdir()
    sources = load(tmp_path)
    assert "gb_example_news" in sources.sources
    assert [problem.removeprefix(f"{tmp_path}/").partition(": ")[0] for problem in sources.problems] == [
        "gb_broken.toml:2",
        "gb_broken.toml:1",
        "gb_folder.toml:1",
        "gb_latin.toml:1",
    ]
    with pytest.raises(SourceError, match=r"gb_broken\.toml:2: delay: must be seconds"):
        sources.get("gb_broken")
    with pytest.raises(SourceError, match="did you mean gb_example_news"):
        sources.get("gb_exmple_news")
    with pytest.raises(SourceError, match="'policytrail sources' lists them"):
        sources.get("?")


def test_own_files_win(tmp_path: Path) -> None:
    own = tmp_path / "cn_scio_press.toml"
    own.write_text(GOOD)
    assert load(tmp_path).get("cn_scio_press").publisher == "Example Regulator"
    own.write_text("publisher = ")
    assert "cn_scio_press" not in load(tmp_path).sources


def test_folders_relative_and_of_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "gb_example_news.toml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load(Path("mine")).get("gb_example_news") == load(Path("~/mine")).get("gb_example_news")
    with pytest.raises(SourceError, match="there is no folder"):
        load(Path("theirs"))


# Spiders.

CODE = """
from spiders.base import SourceSpider
from spiders.source import Findings

def find(source, role, body, *, url, content_type):
    return Findings(problem="own code")

class ExampleSpider(SourceSpider):
    find = staticmethod(find)
"""


def test_a_spider_with_code_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "gb_example_news.toml").write_text(GOOD)
    code = tmp_path / "gb_example_news.py"
    code.write_text(CODE)
    code.chmod(0o600)
    tmp_path.chmod(0o700)
    spider = load_spiders(tmp_path)["gb_example_news"]
    assert spider.__name__ == "ExampleSpider"
    find = pickle.loads(pickle.dumps(spider.find))  # noqa: S301
    found = find(spider.source, Role.LIST, b"", url="", content_type="")
    assert found.problem == "own code"
    code.write_text("x = 1")
    with pytest.raises(SourceError, match="must define one subclass of SourceSpider, and defines 0"):
        load_spiders(tmp_path)


@pytest.mark.parametrize(("of_file", "of_folder"), [(0o602, 0o700), (0o620, 0o700), (0o600, 0o702)])
def test_code_that_others_could_write_is_not_run(tmp_path: Path, of_file: int, of_folder: int) -> None:
    (tmp_path / "gb_example_news.toml").write_text(GOOD)
    code = tmp_path / "gb_example_news.py"
    code.write_text("raise SystemExit('ran')")
    code.chmod(of_file)
    tmp_path.chmod(of_folder)
    (problem,) = load(tmp_path).problems
    assert "not run" in problem
    assert "gb_example_news" not in load_spiders(tmp_path)


def test_scrapy_sees_the_same_sources(tmp_path: Path) -> None:
    (tmp_path / "gb_example_news.toml").write_text(GOOD)
    settings = Settings(
        {"SPIDER_LOADER_CLASS": "spiders.loader.SourceSpiderLoader", "POLICYTRAIL_SOURCES": str(tmp_path)}
    )
    loader = get_spider_loader(settings)
    assert loader.list() == sorted(load(tmp_path).sources)
    spider = loader.load("gb_example_news")
    assert issubclass(spider, SourceSpider)
    request = spider().request(Visit(url="https://regulator.example/news/2024/a", resource_id=1, role=Role.MAIN))
    assert loader.find_by_request(request) == ["gb_example_news"]
    with pytest.raises(KeyError):
        loader.load("gb_other")


class Two:
    async def visits(self) -> AsyncIterator[Visit]:
        yield Visit(url="https://regulator.example/news/", resource_id=1, role=Role.LIST)
        yield Visit(url="https://regulator.example/news/2024/a", resource_id=2, role=Role.MAIN, hops=1)


async def two_visits() -> None:
    source = read(GOOD + "delay = 3\nconcurrent = 2\nproxy = 'http://127.0.0.1:3128'")
    spider = spider_class(source)()
    assert spider.name == "gb_example_news"
    assert spider.find is discover
    assert spider.custom_settings == {"DOWNLOAD_DELAY": scattered(3.0), "CONCURRENT_REQUESTS_PER_DOMAIN": 2}
    assert [request async for request in spider.start()] == []

    spider.frontier = Two()
    first, second = [request async for request in spider.start()]
    assert first.url == "https://regulator.example/news/"
    assert first.dont_filter and first.meta["handle_httpstatus_all"] and first.meta["proxy"] == "http://127.0.0.1:3128"
    assert second.meta["visit"].hops == 1
    assert SourceSpider.frontier is None

    response = HtmlResponse(first.url, status=404, request=first)
    assert list(spider.answer(response)) == [Reply(visit=first.meta["visit"], response=response)]
    failure = Failure(TimeoutError())
    failure.request = second  # type: ignore[attr-defined]
    assert list(spider.failure(failure)) == [Reply(visit=second.meta["visit"], failure=failure)]


def test_requests_and_replies() -> None:
    asyncio.run(two_visits())


def test_every_key_is_in_the_documentation() -> None:
    page = (Path(__file__).parent.parent / "docs" / "adding-a-source.md").read_text("utf-8")
    for key in KEYS:
        assert f"| `{key}` |" in page, key


@given(st.floats(min_value=0.001, max_value=60.0))
def test_a_delay_is_never_shorter_than_asked(delay_s: float) -> None:
    assert scattered(delay_s) * (1 - JITTER) >= delay_s


def test_no_delay_is_hardly_one() -> None:
    assert scattered(0.0) <= 0.01
