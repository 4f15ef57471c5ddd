"""Speed of diffs: two Chinese texts of 20 and 200 KB, in paragraphs and as one, edited or with nothing in common.

    python -m bench.diffs --seed 1

Processor time, best of three.  Texts are drawn from a made-up vocabulary in which some words are frequent, as in any
language; sizes are of UTF-8.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence

from crawler.diff import diff
from storage.model import Content, Fields

FIRST_HAN = 0x4E00
LETTERS = 1500
PARAGRAPH = 200
EDITS = (3, 30, 300)
PUT = ("新", "应当", "2026年", "")


def draw(rng: random.Random, size_bytes: int, first: int = FIRST_HAN) -> list[str]:
    """Return paragraphs of sentences, of some bytes in all."""
    letters = [chr(first + place) for place in range(LETTERS)]
    weights = [1 / (place + 3) for place in range(LETTERS)]
    paragraphs, left = [""], size_bytes // 3
    while left > 0:
        sentence = "".join(rng.choices(letters, weights, k=rng.randint(8, 45))) + rng.choice("，，。。；")
        if len(paragraphs[-1]) > PARAGRAPH:
            paragraphs.append("")
        paragraphs[-1] += sentence
        left -= len(sentence)
    return paragraphs


def edited(rng: random.Random, paragraphs: Sequence[str], edits: int) -> list[str]:
    """Return paragraphs in which so many places are otherwise."""
    texts = list(paragraphs)
    for _ in range(edits):
        place = rng.randrange(len(texts))
        text = texts[place]
        at = rng.randrange(max(1, len(text) - 6))
        texts[place] = text[:at] + rng.choice(PUT) + text[at + rng.randint(1, 5) :]
    return texts


def milliseconds(call: Callable[[], object]) -> float:
    """Return the processor time of a call, best of three."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        call()
        best = min(best, time.process_time() - started)
    return best * 1000


def content(paragraphs: Sequence[str]) -> Content:
    """Return paragraphs as content."""
    return Content(fields=Fields(), paragraphs=tuple(paragraphs))


def row(name: str, old: Sequence[str], new: Sequence[str]) -> None:
    """Measure one pair, in paragraphs and as one paragraph, and print it."""
    apart = milliseconds(lambda: diff(content(old), content(new)))
    whole = milliseconds(lambda: diff(content(["".join(old)]), content(["".join(new)])))
    print(f"{name:32} {apart:8.1f} ms   as one paragraph {whole:8.1f} ms")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    rng = random.Random(parser.parse_args().seed)  # noqa: S311 - no secret
    for size in (20_000, 200_000):
        old = draw(rng, size)
        for edits in EDITS:
            row(f"{size // 1000} KB, {edits} edits", old, edited(rng, old, edits))
        row(f"{size // 1000} KB, same words, other text", old, draw(rng, size))
        row(f"{size // 1000} KB, nothing in common", old, draw(rng, size, FIRST_HAN + 2 * LETTERS))


if __name__ == "__main__":
    main()
