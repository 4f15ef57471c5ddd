"""A large archive, written in bulk: rows as the program writes them, of every kind that a page or a command reads.

Some fifty sources with a hundred runs each, lists that name their newest documents, texts that change sentence by
sentence, unchanged visits between, failures, documents that moved or are gone, attachments, what was told and sent.
Words are as frequent as in a language: few stand in nearly every text, most in hardly any.
"""

from __future__ import annotations

import hashlib
import random
import sqlite3
import sys
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from bench.scale import WORDS
from crawler.profile import Profile
from storage import Archive
from storage.codec import dump_extraction, dump_pieces
from storage.deriving import PARAGRAPH_BREAK
from storage.model import Block, BlockKind, Extraction, Fields, Piece, Role, Signs
from storage.packing import pack, pack_against
from storage.times import stamp
from storage.words import index_words

SOURCES, RUNS = 50, 100
# The last of the sources are in English.
ENGLISH = 5
START = datetime(2026, 1, 1, tzinfo=UTC)
# Stands in one document of five thousand.
RARE = "海绵城市"
POOL, VOCABULARY = 120_000, 20_000
LISTED = 20
GONE = 255
MENU = ("首页", "政务公开", "政策文件", "互动交流", "网站地图")
# How much of the index of words is gathered in memory before it is written: with the default a million texts would
# be merged over and over.
GATHERED_BYTES, DEFAULT_BYTES = 256 << 20, 1 << 20

TABLES = {
    "run": "run_id source root_id started_at ended_at end_reason extractor profile",
    "resource": "resource_id url source role",
    "listing": "source resource_id found_on role title hinted_on run_id listed_at",
    "snapshot": "snapshot_id sha256 size_bytes base_id body",
    "fetch": "fetch_id run_id resource_id fetched_at took_ms status error detail snapshot_id content_type stands_at",
    "judgement": "fetch_id outcome reason",
    "extraction": "extraction_id resource_id snapshot_id extractor_id base_id body",
    "document": "document_id source main_id state state_since state_reason",
    "document_resource": "document_id resource_id role ordinal name",
    "version": "version_id document_id number run_id first_seen_at resource_id title language published_on "
    "document_number issuing_agency topic content_sha256 extractor_id profile_id text",
    "version_piece": "version_id ordinal role resource_id snapshot_id name text_sha256",
    "version_index": "rowid title text",
    "event": "event_id kind source document_id resource_id previous_id title happened_at run_id baseline before after",
    "outbox": "event_id queued_at routed_at",
    "spoken": "document_id event_id resource_id present pieces",
}
BATCH = 20_000
# One moment is written into several rows.
written = lru_cache(1_000)(stamp)


def name(source: int) -> str:
    """Return the name of a source."""
    return f"{'gb' if is_english(source) else 'cn'}_source{source:02}"


def is_english(source: int) -> bool:
    """Tell whether the texts of a source are in English."""
    return source >= SOURCES - ENGLISH


def write_sources(folder: Path) -> None:
    """Write the files of the sources."""
    folder.mkdir(exist_ok=True)
    for source in range(SOURCES):
        publisher, language = (f"Office {source}", "en") if is_english(source) else (f"第{source}厅", "zh")
        (folder / f"{name(source)}.toml").write_text(
            f'publisher = "{publisher}"\nlanguage = "{language}"\n'
            f'lists = ["https://{name(source)}.example/zc/"]\ndocuments = ["/zc/t"]\n',
            "utf-8",
        )


class Sentences:
    """Sentences of nonsense, each beside its words as the index holds them: cutting a million texts takes too long."""

    def __init__(self, seed: random.Random) -> None:
        def word(marks: str, shortest: int, longest: int) -> str:
            return "".join(seed.choice(marks) for _ in range(seed.randint(shortest, longest)))

        weights = list(accumulate(1 / (place + 10) for place in range(VOCABULARY)))
        characters = "".join(map(chr, range(0x4E00, 0x5A00)))
        chinese = [*WORDS, *(word(characters, 2, 3) for _ in range(VOCABULARY - len(WORDS)))]
        english = ["policy", "guidance", "notice", *(word("aeioubcdlmnprst", 3, 9) for _ in range(VOCABULARY - 3))]
        pool = [
            f"{''.join(seed.choices(chinese, cum_weights=weights, k=seed.randint(8, 12)))}{seed.randint(1, 99_999)}项。"
            for _ in range(POOL)
        ]
        pool += [
            f"{' '.join(seed.choices(english, cum_weights=weights, k=8))} {seed.randint(1, 99_999)}."
            for _ in range(POOL // 10)
        ]
        self.text = pool
        self.words = [index_words(line) for line in pool]

    def some(self, seed: random.Random, source: int, count: int) -> array[int]:
        """Return the numbers of sentences for a text of a source."""
        return array("l", (self.one(seed, source) for _ in range(count)))

    def one(self, seed: random.Random, source: int) -> int:
        """Return the number of a sentence in a source's language."""
        return POOL + seed.randrange(POOL // 10) if is_english(source) else seed.randrange(POOL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The first snapshot and extraction of a document, and both packed once more against themselves."""

    snapshot_id: int
    size_bytes: int
    same: bytes
    extraction_id: int
    same_extraction: bytes


class Maker:
    """Writes the archive, run by run."""

    def __init__(self, db: sqlite3.Connection, documents: int, versions: int, sentences: int) -> None:
        self._db = db
        self._documents = documents
        self._versions = versions
        self._length = sentences
        self._seed = random.Random(1)  # noqa: S311
        self._sentences = Sentences(self._seed)
        self._rows: dict[str, list[tuple[object, ...]]] = {table: [] for table in TABLES}
        self._last = dict.fromkeys(TABLES, 0)
        self._texts: dict[int, array[int]] = {}
        self._bases: dict[int, Base] = {}
        self._pieces: dict[int, tuple[Piece, ...]] = {}
        self._events: dict[int, int] = {}
        self._states: dict[int, tuple[str, str]] = {}
        self._former = documents + SOURCES
        self._newest: list[list[int]] = [[] for _ in range(SOURCES)]
        self._lists: dict[int, int] = {}

    def _add(self, table: str, *values: object) -> int:
        """Add a row with a number of its own; return it."""
        self._last[table] += 1
        self._rows[table].append((self._last[table], *values))
        return self._last[table]

    def flush(self) -> None:
        """Write what was gathered."""
        for table, rows in self._rows.items():
            if rows:
                columns = TABLES[table].split()
                self._db.executemany(
                    f"insert into {table} ({', '.join(columns)}) values ({', '.join('?' * len(columns))})",  # noqa: S608
                    rows,
                )
                rows.clear()

    def make(self) -> None:
        """Write everything."""
        db = self._db
        db.execute("insert into extractor (extractor_id, identity) values (1, 'x')")
        for source in range(SOURCES):
            profile = Profile(source=name(source))
            db.execute(
                "insert into profile (profile_id, sha256, source, data) values (?, ?, ?, ?)",
                (source + 1, profile.sha256, name(source), profile.data),
            )
            self._rows["resource"].append(
                (self._documents + 1 + source, f"https://{name(source)}.example/zc/", name(source), "list")
            )
        began, said = time.monotonic(), 0
        visits = self._plan()
        for run in range(RUNS):
            for source in range(SOURCES):
                self._run(run, source, visits[run * SOURCES + source])
                if len(self._rows["version"]) > BATCH:
                    self.flush()
            if self._last["version"] - said >= 50_000:
                said = self._last["version"]
                print(f"{said} versions, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        for document, (state, since) in self._states.items():
            pieces = self._pieces[document]
            main = pieces[0].resource_id
            self._rows["document"].append((document, name(document % SOURCES), main, state, since, "answers well"))
            self._rows["spoken"].append(
                (document, self._events[document], main, int(state != "gone"), dump_pieces(pieces))
            )
        self.flush()

    def _plan(self) -> list[array[int]]:
        """Return what each run of each source visits: a document, and which version it finds, 0 the same, or GONE."""
        visits = [array("L") for _ in range(RUNS * SOURCES)]
        for document in range(1, self._documents + 1):
            source = document % SOURCES
            begins = 0 if document <= self._documents * 0.9 else self._seed.randrange(RUNS - 1)
            later = self._seed.sample(range(begins + 1, RUNS), min(self._versions - 1, RUNS - 1 - begins))
            found = [begins, *sorted(later)]
            for number, run in enumerate(found, 1):
                visits[run * SOURCES + source].append(document << 8 | number)
                if run + 1 < RUNS and (number == len(found) or found[number] > run + 1):
                    last = GONE if number == len(found) and document % 97 == 0 else 0
                    visits[(run + 1) * SOURCES + source].append(document << 8 | last)
        return visits

    def _run(self, run: int, source: int, visits: array[int]) -> None:
        at = START + timedelta(days=run, minutes=source)
        end = "failed" if (run * SOURCES + source) % 61 == 60 else "finished"
        number = self._last["run"] + 1
        self._add("run", name(source), number, written(at), written(at + timedelta(minutes=20)), end, "x", "p")
        fresh = [visit >> 8 for visit in visits if visit & 255 == 1]
        self._list(run, source, number, at, fresh)
        for place, visit in enumerate(visits):
            document, found = visit >> 8, visit & 255
            when = at + timedelta(seconds=2 + place % 1000)
            if 0 < found < GONE:
                self._version(document, found, source, number, when, baseline=run == 0)
                continue
            first = self._pieces[document][0]
            if found == GONE:
                self._remove(document, source, number, when)
            elif place % 50 == 49:
                fetch = self._fetch(number, first.resource_id, when, status=None, error="timeout")
                self._rows["judgement"].append((fetch, "unreachable", "timeout"))
            else:
                fetch = self._fetch(number, first.resource_id, when, status=304, snapshot=first.snapshot_id)
                self._rows["judgement"].append((fetch, "not_modified", ""))

    def _fetch(
        self, run: int, resource: int, at: datetime, *, status: int | None, error: str | None = None,
        snapshot: int | None = None,
    ) -> int:  # fmt: skip
        kind = "text/html" if status == 200 else None
        return self._add("fetch", run, resource, written(at), 120, status, error, None, snapshot, kind, written(at))

    def _list(self, run: int, source: int, number: int, at: datetime, fresh: list[int]) -> None:
        resource = self._documents + 1 + source
        newest = self._newest[source] = (fresh[::-1] + self._newest[source])[:LISTED]
        if fresh:
            links = "".join(f'<li><a href="/zc/t{n}.html">{title(n)}</a></li>' for n in newest)
            body = f"<html><body><ul>{links}</ul></body></html>".encode()
            self._lists[source] = self._snapshot(len(body), None, pack(body))
        status = 200 if fresh else 304
        fetch = self._fetch(number, resource, at, status=status, snapshot=self._lists[source])
        self._rows["judgement"].append((fetch, "ok" if fresh else "not_modified", "a list"))
        for document in fresh:
            self._rows["resource"].append(
                (document, f"https://{name(source)}.example/zc/t{document}.html", name(source), "main")
            )
            day = written(at)[:10]
            self._rows["listing"].append(
                (name(source), document, resource, "main", title(document), day, number, written(at))
            )

    def _snapshot(self, size_bytes: int, base_id: int | None, packed: bytes) -> int:
        digest = hashlib.sha256(b"%d" % self._last["snapshot"]).hexdigest()
        return self._add("snapshot", digest, size_bytes, base_id, packed)

    def _version(self, document: int, found: int, source: int, run: int, at: datetime, *, baseline: bool) -> None:
        seed = self._seed
        if found == 1:
            text = self._texts[document] = self._sentences.some(seed, source, self._length)
        else:
            text = self._texts[document]
            text[seed.randrange(len(text))] = self._sentences.one(seed, source)
        moved = document % 50 == 7 and found == 5
        if moved:
            self._former += 1
            url = f"https://{name(source)}.example/zc/moved/t{document}.html"
            self._rows["resource"].append((self._former, url, name(source), "main"))
            self._rows["document_resource"].append((document, document, "former", 0, ""))
        former = self._pieces[document][0].resource_id if found > 1 else document
        resource = self._former if moved else former
        lines = [self._sentences.text[one] for one in text]
        words = [self._sentences.words[one] for one in text]
        if document % 5_000 == 1:
            lines[0], words[0] = RARE + lines[0], index_words(RARE + lines[0])
        heading = title(document)
        snapshot = self._page(document, resource, heading, lines)
        pieces: tuple[Piece, ...] = (Piece(role=Role.MAIN, resource_id=resource, snapshot_id=snapshot),)
        if document % 10 == 3:
            pieces += self._attachment(document, source, run, at) if found == 1 else self._pieces[document][1:]
        fetch = self._fetch(run, resource, at, status=200, snapshot=snapshot)
        self._rows["judgement"].append((fetch, "ok", "a document"))
        seen, digest = written(at), hashlib.sha256(b"text %d" % self._last["version"]).hexdigest()
        version = self._add(
            "version", document, found, run, seen, resource, heading,
            "en" if is_english(source) else "zh", (START - timedelta(days=document % 2000)).date().isoformat(),
            f"澜政发〔{2020 + document % 7}〕{document % 300}号" if document % 3 else None, f"第{source}厅",
            "卫生" if document % 2 else None, digest, 1, source + 1, PARAGRAPH_BREAK.join(lines),
        )  # fmt: skip
        self._rows["version_piece"] += [
            (version, place, piece.role, piece.resource_id, piece.snapshot_id, piece.name,
             digest if piece.role is Role.ATTACHMENT else None)
            for place, piece in enumerate(pieces)
        ]  # fmt: skip
        self._rows["version_index"].append((version, index_words(heading), " ".join(words)))
        before = self._pieces.get(document, ())
        self._tell("new" if found == 1 else "changed", document, source, run, at, before, pieces, baseline=baseline)
        if moved:
            self._tell("moved", document, source, run, at, before, pieces, previous=former)
        self._pieces[document] = pieces
        if found == 1 or moved:
            self._states[document] = ("active", seen)

    def _page(self, document: int, resource: int, heading: str, lines: list[str]) -> int:
        """Write a page and what was extracted from it; return its number.

        Only of the first version the bytes are those of the text; later ones repeat them, as small as a change is.
        """
        base = self._bases.get(document)
        if base is not None:
            snapshot = self._snapshot(base.size_bytes, base.snapshot_id, base.same)
            self._add("extraction", resource, snapshot, 1, base.extraction_id, base.same_extraction)
            return snapshot
        menu = "".join(f"<li>{each}</li>" for each in MENU)
        paragraphs = "".join(f"<p>{line}</p>" for line in lines)
        body = f"<html><title>{heading}</title><ul>{menu}</ul><h1>{heading}</h1>{paragraphs}</html>".encode()
        blocks = [Block(kind=BlockKind.PARAGRAPH, text=each, left_out="boilerplate") for each in MENU]
        blocks += [Block(kind=BlockKind.PARAGRAPH, text=each) for each in lines]
        signs = Signs(title=heading, visible_chars=len("".join(lines)), scripts=3)
        data = dump_extraction(Extraction(blocks=tuple(blocks), fields=Fields(title=heading), signs=signs))
        packed, packed_data = pack(body), pack(data)
        snapshot = self._snapshot(len(body), None, packed)
        self._bases[document] = Base(
            snapshot_id=snapshot,
            size_bytes=len(body),
            same=pack_against(body, packed)[0],
            extraction_id=self._add("extraction", resource, snapshot, 1, None, packed_data),
            same_extraction=pack_against(data, packed_data)[0],
        )
        return snapshot

    def _attachment(self, document: int, source: int, run: int, at: datetime) -> tuple[Piece, ...]:
        self._former += 1
        resource = self._former
        url = f"https://{name(source)}.example/zc/file{document}.pdf"
        self._rows["resource"].append((resource, url, name(source), "attachment"))
        body = f"%PDF {document}".encode()
        snapshot = self._snapshot(len(body), None, pack(body))
        fetch = self._fetch(run, resource, at, status=200, snapshot=snapshot)
        self._rows["judgement"].append((fetch, "ok", "a file"))
        self._rows["document_resource"].append((document, resource, "attachment", 0, "附件"))
        return (Piece(role=Role.ATTACHMENT, resource_id=resource, snapshot_id=snapshot, name="附件：申请表"),)

    def _remove(self, document: int, source: int, run: int, at: datetime) -> None:
        pieces = self._pieces[document]
        fetch = self._fetch(run, pieces[0].resource_id, at, status=410)
        self._rows["judgement"].append((fetch, "gone", "410"))
        self._tell("removed", document, source, run, at, pieces, ())
        self._states[document] = ("gone", written(at))

    def _tell(
        self, kind: str, document: int, source: int, run: int, at: datetime, before: tuple[Piece, ...],
        after: tuple[Piece, ...], *, previous: int | None = None, baseline: bool = False,
    ) -> None:  # fmt: skip
        resource = (after or before)[0].resource_id
        event = self._add(
            "event", kind, name(source), document, resource, previous, title(document), written(at), run, int(baseline),
            dump_pieces(before), dump_pieces(after),
        )  # fmt: skip
        self._events[document] = event
        if not baseline:
            self._rows["outbox"].append((event, written(at), written(at + timedelta(minutes=1))))


def title(document: int) -> str:
    """Return the title of a document."""
    return f"关于做好第{document}号事项有关工作的通知"


def without_indexes(db: sqlite3.Connection) -> Iterator[str]:
    """Take all indexes away that can be; yield what makes each again."""
    rows = db.execute("select name, sql from sqlite_master where type = 'index' and sql is not null").fetchall()
    for index, sql in rows:
        db.execute(f'drop index "{index}"')
        yield sql


def make(path: Path, documents: int, versions: int, sentences: int) -> None:
    """Make the archive; one that was not finished has another name."""
    aside = path.with_name(f"{path.name}.part")
    aside.unlink(missing_ok=True)
    Archive.open(aside, create=True).close()
    db = sqlite3.connect(aside, isolation_level=None)
    db.execute("pragma synchronous = off")
    db.execute("pragma journal_mode = off")
    db.execute("pragma cache_size = -400000")
    db.execute("begin")
    again = list(without_indexes(db))
    db.execute("insert into version_index (version_index, rank) values ('hashsize', ?)", (GATHERED_BYTES,))
    Maker(db, documents, versions, sentences).make()
    db.execute("insert into version_index (version_index, rank) values ('hashsize', ?)", (DEFAULT_BYTES,))
    db.execute("commit")
    print("indexes", file=sys.stderr, flush=True)
    for sql in again:
        db.execute(sql)
    db.execute("pragma journal_mode = wal")
    db.close()
    aside.rename(path)
