"""An export of many versions, timed: ``--documents 100000 --versions 10 --dir DIR``, run by hand.

Makes an archive (rows as the program writes them, without the index for search), then exports it in processes of
their own and prints seconds and the most memory of each, beside ``sqlite3 -json`` writing the same rows.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from crawler.corpus.choices import format_of
from crawler.corpus.copies import copies
from crawler.corpus.export import About, export
from crawler.corpus.record import held_record
from spiders.loader import load
from storage import Archive

ROOT = Path(__file__).parent.parent
WORDS = re.split(
    r"\s+",
    "通知 办法 补贴 资金 项目 标准 申请 审核 公示 拨付 监督 管理 服务 社区 乡村 图书室 公共 饮水 名录 检查 "
    "有关 单位 应当 自查 情况 书面 报送 主管 部门 会同 财政 组织 开展 专项 落实 通报 鼓励 社会 力量 参与 "
    "提供 便利 条件 原则 公开 透明 专款 专用 注重 实效 人员 培训 设施 更新 养护 验收 整改 期限 责任 档案",
)
START = "2026-01-{day:02}T02:00:{second:02}.000Z"


def text(seed: random.Random, sentences: int) -> list[str]:
    """Return sentences of nonsense, no two alike."""
    return [
        "".join(seed.choice(WORDS) for _ in range(seed.randint(8, 20))) + f"{seed.randint(1, 9999)}项。"
        for _ in range(sentences)
    ]


def rows(documents: int, versions: int) -> Iterator[tuple[int, int, str, str]]:
    """Yield (document, number, title, text); every twentieth document reposts the one before it, each version."""
    histories: list[tuple[str, str]] = []
    for document in range(1, documents + 1):
        seed = random.Random(document)  # noqa: S311
        if document % 20 == 0:
            head, tail = f"来源：第{document}号网站 本报讯", "（责任编辑：某某）"
            histories = [(title, f"{head}\n\n{body}\n\n{tail}") for title, body in histories]
        else:
            sentences, histories = text(seed, 25), []
            for _ in range(versions):
                sentences[seed.randrange(len(sentences))] = text(seed, 1)[0]
                histories.append((f"关于第{document}号事项的通知", "\n\n".join(sentences)))
        for number, (title, body) in enumerate(histories, 1):
            yield document, number, title, body


# A table, and what of one version goes into it; a batch of versions is a statement for each.
INSERTS = (
    "insert into snapshot values (:key, :sha256, 1, null, x'')",
    "insert into fetch (fetch_id, run_id, resource_id, fetched_at, stands_at, took_ms, status, snapshot_id) "
    "values (:key, 1, :document, :at, :at, 1, 200, :key)",
    "insert into judgement values (:key, 'ok', '')",
    "insert into version (version_id, document_id, number, run_id, first_seen_at, resource_id, title, language, "
    "published_on, content_sha256, extractor_id, profile_id, text) values (:key, :document, :number, 1, :at, "
    ":document, :title, 'zh', '2026-01-01', :sha256, 1, 1, :body)",
    "insert into version_piece values (:key, 0, 'main', :document, :key, '', null, null)",
)
BATCH = 20_000


def make(path: Path, documents: int, versions: int) -> None:
    """Make the archive."""
    Archive.open(path, create=True).close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma synchronous = off")
    db.execute("pragma journal_mode = off")
    db.execute("pragma cache_size = -200000")
    db.execute("begin")
    db.execute(
        "insert into run (run_id, source, root_id, started_at, ended_at, end_reason, extractor, profile) "
        "values (1, 'cn_scale', 1, ?, ?, 'finished', 'x', 'p')",
        (START.format(day=1, second=0), START.format(day=28, second=0)),
    )
    db.execute("insert into extractor values (1, 'x')")
    db.execute("insert into profile values (1, 'p', 'cn_scale', '{}')")
    first = START.format(day=1, second=0)
    db.executemany(
        "insert into resource values (?, ?, 'cn_scale', 'main')",
        ((n, f"https://scale.example/zc/t{n}.html") for n in range(1, documents + 1)),
    )
    db.executemany(
        "insert into document values (?, 'cn_scale', ?, 'active', ?, 'answers well')",
        ((n, n, first) for n in range(1, documents + 1)),
    )
    made = rows(documents, versions)
    for start in range(1, documents * versions + 1, BATCH):
        batch = [
            {
                "key": key, "sha256": f"{key:064x}", "document": document, "number": number, "title": title,
                "body": body, "at": START.format(day=number, second=document % 60),
            }
            for key, (document, number, title, body) in zip(range(start, start + BATCH), made, strict=False)
        ]  # fmt: skip
        for statement in INSERTS:
            db.executemany(statement, batch)
    db.execute("commit")
    db.execute("pragma journal_mode = wal")
    db.close()


# The same rows: every column of a record that the archive holds, its text among them, by the joins that they need.
# Left out is what is computed (seen_at) and what is the same in every row (publisher, rights).
QUERY = """select d.source || ':' || v.document_id || '@' || v.number as id, r.url, d.source, v.title, v.text,
    v.language, v.published_on, v.modified_on, v.signed_on, v.document_number, v.issuing_agency, v.index_number,
    v.topic, v.validity, v.document_type, v.origin, v.author, v.editor, v.first_seen_at, v.number as version,
    s.sha256 as snapshot_sha256, x.identity as extractor, p.sha256 as profile
    from document d join version v using (document_id) join resource r on r.resource_id = v.resource_id
    join extractor x using (extractor_id) join profile p using (profile_id)
    join version_piece m using (version_id) join snapshot s using (snapshot_id)"""


def write(folder: Path, name: str) -> None:
    """Write all versions, without looking for duplicates; or, of the name "duplicates", only look for them."""
    sources = load(folder / "sources").sources
    with Archive.open(folder / "archive.db", readonly=True) as archive:
        every = (held for source in archive.document_sources() for held in archive.held(source, "all"))
        if name == "duplicates":
            found = copies(archive, every, sources)
            print(f"{len(found.stands_for)} duplicates", file=sys.stderr)
            return
        lines = ((held, held_record(held, sources.get(held.source), [])) for held in every)
        out = folder / name
        export(lines, sources, out, form=format_of(out), about=About(), left_out={})


def timed(words: list[str], out: Path | None) -> tuple[float, float, float]:
    """Return seconds on the clock and of computing, and most memory (MB), of a command."""
    started = time.monotonic()
    with (out or Path("/dev/null")).open("wb") as stream:
        process = subprocess.Popen(words, stdout=stream, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{words[0]} ended with {process.returncode}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> int:
    """Command line entry; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--versions", type=int, default=10)
    parser.add_argument("--dir", dest="folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=1, help="so many times each, in turns")
    parser.add_argument(
        "--measure", nargs="+", metavar="NAME", help="only these: sqlite3 jsonl parquet duplicates export"
    )
    parser.add_argument("--make", action="store_true", help="only make the archive")
    parser.add_argument("--only", help="write this file, without looking for duplicates")
    args = parser.parse_args()
    if args.make:
        make(args.folder / "archive.db", args.documents, args.versions)
        return 0
    if args.only:
        write(args.folder, args.only)
        return 0
    folder: Path = args.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / "cn_scale.toml").write_text(
        'publisher = "标度"\nlanguage = "zh"\nlists = ["https://scale.example/zc/"]\ndocuments = "/zc/t"\n', "utf-8"
    )
    archive = folder / "archive.db"
    if not archive.exists():
        # In a process of its own: what a process had in memory is counted with what it starts.
        size = ["--documents", str(args.documents), "--versions", str(args.versions)]
        seconds, *_ = timed([sys.executable, "-m", "bench.scale", "--dir", str(folder), *size, "--make"], None)
        print(f"made in {seconds:.0f} s")
    print(
        f"{args.documents * args.versions} versions of {args.documents} documents, {archive.stat().st_size >> 20} MiB"
    )
    alone = [sys.executable, "-m", "bench.scale", "--dir", str(folder), "--only"]
    whole = [sys.executable, "-m", "crawler", "export", "--archive", str(archive), "--sources", str(folder / "sources")]
    whole += ["--versions", "all", "--out", str(folder / "d.jsonl")]
    commands = {
        "sqlite3": ["sqlite3", "-json", str(archive), QUERY],
        "jsonl": [*alone, "c.jsonl"],
        "parquet": [*alone, "c.parquet"],
        "duplicates": [*alone, "duplicates"],
        "export": whole,
    }
    if args.measure:
        commands = {name: commands[name] for name in args.measure}
    figures: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
    for _ in range(args.rounds):
        for name, words in commands.items():
            figures[name].append(timed(words, folder / "dump.json" if name == "sqlite3" else None))
            seconds, computing, memory = figures[name][-1]
            print(f"{name}: {seconds:.1f} s, computing {computing:.1f} s, {memory:.0f} MB", flush=True)
    # Of several rounds the least disturbed one.
    best = {name: (min(r[0] for r in runs), min(r[1] for r in runs)) for name, runs in figures.items()}
    for name, base in (("jsonl", "sqlite3"), ("parquet", "jsonl"), ("duplicates", "jsonl")):
        if name not in best or base not in best:
            continue
        seconds, computing = (best[name][n] / best[base][n] for n in (0, 1))
        print(f"{name} / {base}: {seconds:.2f} by the clock, {computing:.2f} in computing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
