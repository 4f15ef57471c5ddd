"""What the documents of one source tell of spam on them that no page tells alone.

    python -m bench.sources --bench DIR [--sets zyte,magic_dev] [--seed 1] [--styles a,b] [--worst 10]

DIR holds ``data/SET`` (gold.json and html/), and ``spamgen.py`` with ``inject`` and ``roundtrip``.  Groups of twenty
pages are taken for a source each; each style of spam is put on some of them at once (the same words, or words of
each page's own), and on one page that had three clean visits before.  Prints, for each, the share of injected pages on
which any of it is left in the text, and what was lost of clean pages: the share of their words, spam elsewhere or none.
"""

from __future__ import annotations

import argparse
import importlib
import random
import re
import sys
from collections import defaultdict
from pathlib import Path

from bench.compare import read_set
from bench.extraction import extraction_of, texts_of
from crawler.extract.flow import squeeze
from storage.model import Extraction

GROUP = 20
SPOILED = 5
CLEAN_VISITS = 3
HAN = re.compile("[\u4e00-\u9fff]")


def read(folder: Path) -> list[tuple[str, str, str]]:
    """Return (html, url, gold) of each page of a set, of texts of common length."""
    pages = read_set(folder, "articleBody", "content")
    return [page for page in pages if 300 < len(page[2]) < 20_000 and len(page[0]) < 400_000]


def groups(pages: list[tuple[str, str, str]], seed: int) -> list[list[tuple[str, str, str]]]:
    """Return groups of twenty pages, each of pages in Chinese or of none."""
    random.Random(seed).shuffle(pages)  # noqa: S311 - no secret
    found = []
    for chinese in (True, False):
        alike = [page for page in pages if (HAN.search(page[2][:200]) is not None) is chinese]
        found += [alike[at : at + GROUP] for at in range(0, len(alike) - GROUP + 1, GROUP)]
    return found


def main() -> None:
    """Score groups of pages under each style of spam."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--sets", default="zyte,magic_dev")
    parser.add_argument("--styles", default="")
    parser.add_argument("--groups", type=int, default=3, help="groups of each set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worst", type=int, default=0, help="show so many leaks")
    args = parser.parse_args()
    sys.path.insert(0, str(args.bench.resolve()))
    spam = importlib.import_module("spamgen")
    styles = args.styles.split(",") if args.styles else list(spam.STYLES)
    counted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    lost: list[float] = []
    leaks: list[str] = []
    for name in args.sets.split(","):
        for group in groups(read(args.bench / "data" / name), args.seed)[: args.groups]:
            clean = [extraction_of(spam.roundtrip(html), url) for html, url, _ in group]
            base = texts_of(clean, [])
            lost += losses(base, texts_of(clean, [clean] * CLEAN_VISITS))
            for style in styles:
                for mode in ("same", "own", "new"):
                    pick = random.Random(f"{args.seed}{style}{mode}{group[0][1]}")  # noqa: S311 - no secret
                    hit = pick.sample(range(GROUP), 1 if mode == "new" else pick.randint(SPOILED, GROUP // 2))
                    now: list[Extraction] = list(clean)
                    phrases: dict[int, list[str]] = {}
                    for place in hit:
                        html, url, gold = group[place]
                        seed = f"{args.seed}|{group[0][1]}" + (f"|{url}" if mode != "same" else "")
                        spoiled, phrases[place] = spam.inject(html, gold, style, seed)
                        now[place] = extraction_of(spoiled, url)
                    texts = texts_of(now, [clean] * CLEAN_VISITS if mode == "new" else [])
                    for place in hit:
                        text = squeeze(texts[place])
                        had = squeeze(base[place])
                        left = [each for each in phrases[place] if squeeze(each) in text and squeeze(each) not in had]
                        counted[mode, style][0] += bool(left)
                        counted[mode, style][1] += 1
                        if left:
                            leaks.append(f"{mode} {style} {group[place][1]}: {left[:3]}")
                    lost += losses(base, texts)
    for mode in ("same", "own", "new"):
        of_mode = {style: count for (said, style), count in counted.items() if said == mode}
        total = [sum(count[side] for count in of_mode.values()) for side in (0, 1)]
        print(f"{mode:5} {total[0]}/{total[1]} = {100 * total[0] / max(1, total[1]):.1f} %", end="  ")
        print({style: f"{count[0]}/{count[1]}" for style, count in of_mode.items() if count[0]})
    share = 100 * sum(lost) / max(1, len(lost))
    print(f"clean words lost: {share:.3f} % of a page; pages with any: {sum(map(bool, lost))}")
    for leak in leaks[: args.worst]:
        print("  ", leak)


def losses(base: list[str], texts: list[str]) -> list[float]:
    """Return, for each page, the share of the letters of its lines that are gone."""
    found = []
    for before, after in zip(base, texts, strict=True):
        kept = set(after.split("\n"))
        lines = before.split("\n")
        found.append(sum(len(line) for line in lines if line not in kept) / max(1, len(before)))
    return found


if __name__ == "__main__":
    main()
