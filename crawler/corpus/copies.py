"""Duplicates among the versions of an archive: which records stand for which."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from crawler.corpus.candidates import Signatures
from crawler.corpus.duplicates import Text
from crawler.corpus.groups import clusters
from crawler.corpus.originals import Copy, original
from crawler.corpus.record import record_id
from spiders.source import Source
from storage import Archive
from storage.holding import Held, Named


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Which versions repeat others, by their number in the archive.

    stands_for: version -> id of the record that stands for it.
    also_at: version -> other addresses of its text, in their order.
    """

    stands_for: Mapping[int, str]
    also_at: Mapping[int, tuple[str, ...]]


def copies(archive: Archive, chosen: Iterable[Held], sources: Mapping[str, Source]) -> Copies:
    """Return what repeats what among chosen versions; versions of one document never repeat each other.

    Goes over them once, and keeps some 400 bytes of each; texts are read again where two are compared.
    """
    signatures = Signatures()
    versions, owners = array("q"), array("q")
    for held in chosen:
        signatures.add(held.text)
        versions.append(held.version_id)
        owners.append(held.document_id)
    stands_for: dict[int, str] = {}
    also_at: dict[int, tuple[str, ...]] = {}
    for places in clusters(signatures, owners, _reader(archive, versions, owners)):
        members = {named.version_id: named for named in archive.named(versions[place] for place in places)}
        # Of equals the first is taken: in the order of the corpus, not of their numbers.
        first = original([_copy(members[versions[place]], sources) for place in places])
        kept = members[first.key]
        others = [named for named in members.values() if named.document_id != kept.document_id]
        stands_for.update({named.version_id: record_id(kept) for named in others})
        also_at[kept.version_id] = tuple(sorted({named.url for named in others} - {kept.url}))
    return Copies(stands_for=stands_for, also_at=also_at)


def _reader(archive: Archive, versions: Sequence[int], owners: Sequence[int]) -> Callable[[int], Text]:
    def read(place: int) -> Text:
        title, document_number, body = archive.version_text(versions[place])
        return Text(key=place, owner=owners[place], title=title or "", body=body, document_number=document_number)

    return read


def _copy(named: Named, sources: Mapping[str, Source]) -> Copy:
    source = sources.get(named.source)
    return Copy(
        key=named.version_id,
        document_number=named.document_number,
        issuing_agency=named.issuing_agency,
        origin=named.origin,
        publisher=source.publisher if source else None,
        published_on=named.published_on,
        first_seen_at=named.first_seen_at,
    )
