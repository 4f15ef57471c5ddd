"""The index of words: which versions hold all the words of a question, best or newest first.

In a file it is SQLite's own (FTS5). On a server it is a table: the words of each text in their order, and an index
over which words there are; whether they stand next to each other is read from the text of the words. Both give the
same versions. The order is BM25 in both; on a server the newest ``RANKED`` are weighed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from storage.connection import Connection
from storage.postgresql import PostgreSQL
from storage.words import Phrase, bm25, fold, index_words, phrases, query, single_characters

# So many texts are weighed against each other; of a word that stands in more, the newest come first.
RANKED = 2_000
TITLE_WEIGHT = 4.0
# The index of PostgreSQL takes no longer word; what is longer is told apart by the text.
_LONGEST_WORD = 100


class Indexing(Connection):
    """Writes and asks the index of words."""

    def _index(self, version_id: int, title: str | None, text: str) -> None:
        """Take a version into the index."""
        words = index_words(title or ""), index_words(text)
        if not isinstance(self._db, PostgreSQL):
            # Many statements have SQLite write out, for each row, what its index has in memory: these come after them.
            self._put_off_writing("insert into version_index (rowid, title, text) values (?, ?, ?)", version_id, *words)
            return
        folded = [fold(each).split() for each in words]
        known = {word[:_LONGEST_WORD] for each in folded for word in each}
        self._db.execute(
            "insert into version_index (version_id, title, text, length, words) values (?, ?, ?, ?, ?)",
            (version_id, *map(_spaced, folded), sum(map(len, folded)), sorted(known | single_characters(known))),
        )

    def _unindex(self, version_id: int, title: str | None, text: str) -> None:
        """Take a version out of the index; one without a content of its own needs the very words back."""
        if isinstance(self._db, PostgreSQL):
            self._db.execute("delete from version_index where version_id = ?", (version_id,))
            return
        self._put_off_writing(
            "insert into version_index (version_index, rowid, title, text) values ('delete', ?, ?, ?)",
            version_id,
            index_words(title or ""),
            index_words(text),
        )

    def _clear_index(self) -> None:
        """Take words of deleted versions out of what the index is made of, where they stay there at first."""
        if not isinstance(self._db, PostgreSQL):
            self._put_off_writing("insert into version_index (version_index) values ('optimize')")

    def _reindex(self, progress: Callable[[int], None]) -> None:
        """Make the whole index again."""
        with self.write():
            if isinstance(self._db, PostgreSQL):
                self._db.execute("truncate version_index")
            else:
                self._db.execute("insert into version_index (version_index) values ('delete-all')")
        last = 0
        while rows := self._all(
            "select version_id, title, text from version where version_id > ? order by version_id limit 100", last
        ):
            with self.write():
                for row in rows:
                    self._index(*row)
            last = rows[-1][0]
            progress(last)

    def _holding(self, words: str, *, ranked: bool, most: int | None = None) -> Iterator[int]:
        """Yield the numbers of versions that hold all words, each as a phrase: best or newest first."""
        if isinstance(self._db, PostgreSQL):
            yield from self._held_on_server(phrases(words), ranked=ranked, most=most)
            return
        wanted = query(words)
        if wanted is None:
            return
        order = f"bm25(version_index, {TITLE_WEIGHT}, 1.0), rowid desc" if ranked else "rowid desc"
        rows = self._rows(
            f"select rowid from version_index where version_index match ? order by {order} limit ?",
            wanted,
            -1 if most is None else most,
        )
        yield from (number for (number,) in rows)

    def _held_on_server(self, wanted: list[Phrase], *, ranked: bool, most: int | None = None) -> Iterator[int]:
        if not wanted:
            return
        conditions = [_condition(phrase) for phrase in wanted]
        where = " and ".join(sql for sql, _ in conditions)
        values = [value for _, each in conditions for value in each]
        if not ranked:
            rows = self._rows(
                f"select version_id from version_index where {where} order by version_id desc limit ?", *values, most
            )
            yield from (number for (number,) in rows)
            return
        marks = [_spaced(phrase.words, open_end=phrase.open_end) for phrase in wanted]
        counts = ", ".join(f"{_times('title')}, {_times('text')}" for _ in marks)
        rows = self._rows(
            f"select version_id, length, {counts} from version_index where {where} order by version_id desc limit ?",
            *[mark for mark in marks for _ in range(4)],
            *values,
            RANKED,
        )
        found = [
            (row[0], row[1], [TITLE_WEIGHT * t + b for t, b in zip(row[2::2], row[3::2], strict=True)]) for row in rows
        ]
        texts, length = self._row("select count(*), coalesce(sum(length), 0)::bigint from version_index") or (0, 0)
        holding = [
            (self._row(f"select count(*) from version_index where {sql}", *each) or (0,))[0] for sql, each in conditions
        ]
        weighed = sorted(
            (-bm25(counted, holding, size=size, texts=texts, mean=length / max(1, texts)), -number)
            for number, size, counted in found
        )
        yield from (-number for _, number in weighed[:most])


def _spaced(words: list[str] | tuple[str, ...], *, open_end: bool = False) -> str:
    """Return words so that each has a space of its own on both sides; pure."""
    return "".join(f" {word} " for word in words)[: -1 if open_end else None]


def _condition(phrase: Phrase) -> tuple[str, list[Any]]:
    """Return what finds the versions with a phrase in their title or text: by the index, then by the text."""
    there = sorted({word[:_LONGEST_WORD] for word in phrase.words})
    marked = f"%{_spaced(phrase.words, open_end=phrase.open_end)}%"
    # A word holds letters and digits alone, so nothing in it means anything to LIKE or in an array.
    return "words @> ? and (title like ? or text like ?)", [there, marked, marked]


def _times(column: str) -> str:
    """Return how often a phrase, given twice, stands in a column."""
    return f"(length({column}) - length(replace({column}, ?, ''))) / length(?)"
