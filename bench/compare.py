"""Score our text beside other extractors, page by page in one run, and say what is a difference and what is luck.

    python -m bench.compare --data DIR --key articleBody [--only newspaper,goose] [--seed 1]
    python -m bench.compare --data DIR --key articleBody --save before.json       # then change a rule, and
    python -m bench.compare --data DIR --key articleBody --against before.json    # see which pages it moved

DIR holds ``gold.json`` (key -> {KEY: text, "url": address}) and ``html/<key>.html.gz``. Scores are of shared runs of
four words, each Chinese character a word. Times are CPU time in ratio to trafilatura's body and fields, each page
read by all in a shuffled order. Intervals: 95 %, by drawing the pages anew (paired bootstrap).
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import logging
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.extraction import main_text
from bench.peers import Extractor, installed

BASE = "trafilatura_metadata"
_WORD = re.compile("[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]|[^\\W\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]+")


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return (
        Counter(zip(*(words[start:] for start in range(4)), strict=False)) if len(words) > 4 else Counter([(*words,)])
    )


def scores(gold: str, text: str) -> tuple[float, float, float]:
    """Return precision, recall and F1 of a text."""
    wanted, said = _runs(gold), _runs(text)
    shared = sum((wanted & said).values())
    precision = shared / max(1, sum(said.values()))
    recall = shared / max(1, sum(wanted.values()))
    return precision, recall, 2 * shared / max(1, sum(said.values()) + sum(wanted.values()))


def interval(differences: Sequence[float], *, seed: int, resamples: int = 2_000) -> tuple[float, float]:
    """Return the 95 % interval of the mean of paired differences."""
    draw = random.Random(seed)  # noqa: S311
    count = len(differences)
    means = sorted(sum(draw.choices(differences, k=count)) / count for _ in range(resamples))
    return means[int(0.025 * resamples)], means[int(0.975 * resamples) - 1]


def read_set(folder: Path, *keys: str) -> list[tuple[str, str, str]]:
    """Return (html, url, gold) of each page of a set of the extraction bench; keys: what it calls its gold text."""
    gold = json.loads((folder / "gold.json").read_text("utf-8"))
    return [
        (
            gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()).decode("utf-8", "replace"),
            said.get("url", ""),
            next(filter(None, map(said.get, keys)), ""),
        )
        for name, said in sorted(gold.items())
    ]


def _with_saved(pages: Sequence[tuple[str, str, str]], args: argparse.Namespace) -> None:
    """Save our texts of the pages, and compare them with texts that were saved before."""
    texts = [main_text(html, url) for html, url, _ in pages]
    if args.save:
        args.save.write_text(json.dumps(texts, ensure_ascii=False), "utf-8")
    if not args.against:
        return
    saved = json.loads(args.against.read_text("utf-8"))
    if len(saved) != len(texts):
        raise SystemExit(f"{args.against}: texts of {len(saved)} pages, these are {len(texts)}")
    differences = [
        scores(gold, now)[2] - scores(gold, then)[2]
        for (_, _, gold), now, then in zip(pages, texts, saved, strict=True)
    ]
    low, high = interval(differences, seed=args.seed)
    other = sum(now != then for now, then in zip(texts, saved, strict=True))
    print(
        f"{len(texts)} pages, {other} with another text, {sum(each > 0 for each in differences)} better, "
        f"{sum(each < 0 for each in differences)} worse; F1 {sum(differences) / max(1, len(differences)):+.4f}, 95 % "
        f"{low:+.4f} .. {high:+.4f}  {'a difference' if low > 0 or high < 0 else 'may be luck'}"
    )
    for place in sorted(range(len(texts)), key=lambda each: -abs(differences[each])):
        if texts[place] != saved[place]:
            print(f"  {differences[place]:+.3f}  {pages[place][1]}")


def main() -> None:
    """Compare the extractors that are installed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--key", default="articleBody", help="the name of the text in gold.json")
    parser.add_argument("--only", default="", help="names of extractors, by commas; else all that are installed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="only each N-th page")
    parser.add_argument("--save", type=Path, help="keep our texts in this file")
    parser.add_argument("--against", type=Path, help="compare with the texts of such a file, and with nobody else")
    args = parser.parse_args()
    logging.disable(logging.ERROR)
    peers = installed()
    if unknown := set(args.only.split(",")) - {"", *peers}:
        raise SystemExit(f"not installed or unknown: {', '.join(sorted(unknown))} (there are: {', '.join(peers)})")
    pages = read_set(args.data, args.key)[:: args.every]
    if args.save or args.against:
        _with_saved(pages, args)
        return
    names = [name for name in peers if not args.only or name in (BASE, *args.only.split(","))]
    extractors: dict[str, Extractor] = {"ours": main_text} | {name: peers[name] for name in names}
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in extractors}
    spent = dict.fromkeys(extractors, 0.0)
    empty = dict.fromkeys(extractors, 0)
    for extract in extractors.values():
        extract("<html><body><p>The first call of each also imports it.</p></body></html>", "")
    # What the imports left behind would be searched for garbage in everybody's time.
    gc.collect()
    gc.freeze()
    for number, (html, url, gold) in enumerate(pages):
        order = list(extractors)
        random.Random(args.seed * 1_000_003 + number).shuffle(order)  # noqa: S311
        for name in order:
            start = time.process_time()
            try:
                text = extractors[name](html, url)
            except Exception as error:  # one extractor's fault must not end the others' run
                print(f"{name} failed on {url}: {type(error).__name__}")
                text = ""
            spent[name] += time.process_time() - start
            empty[name] += not text.strip()
            found[name].append(scores(gold, text))
    print(f"{len(pages)} pages, seed {args.seed}")
    print(f"{'extractor':24} {'P':>6} {'R':>6} {'F1':>6} {'empty':>6} {'CPU':>6}   ours - it, 95 %")
    for name, rows in found.items():
        mean = [sum(row[place] for row in rows) / len(rows) for place in range(3)]
        told = ""
        if name != "ours":
            low, high = interval([a[2] - b[2] for a, b in zip(found["ours"], rows, strict=True)], seed=args.seed)
            told = f"{low:+.3f} .. {high:+.3f}  {'a difference' if low > 0 or high < 0 else 'may be luck'}"
        ratio = spent[name] / max(1e-9, spent[BASE])
        print(f"{name:24} {mean[0]:6.3f} {mean[1]:6.3f} {mean[2]:6.3f} {empty[name]:6d} {ratio:6.2f}   {told}")


if __name__ == "__main__":
    main()
