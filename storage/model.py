"""The glossary in code: what an archive holds, as frozen dataclasses and enums.

Times are aware UTC datetimes; days are dates in the source's zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Role(StrEnum):
    """Why a resource is fetched."""

    LIST = "list"
    FEED = "feed"
    SITEMAP = "sitemap"
    ROBOTS = "robots"
    MAIN = "main"
    PART = "part"
    ATTACHMENT = "attachment"


class Outcome(StrEnum):
    """What an answer was judged to be."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    MOVED = "moved"
    GONE = "gone"
    SOFT_404 = "soft_404"
    CHALLENGE = "challenge"
    LOGIN = "login"
    MAINTENANCE = "maintenance"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    NOT_A_DOCUMENT = "not_a_document"
    TOO_LARGE = "too_large"
    HTTP_ERROR = "http_error"
    UNREACHABLE = "unreachable"
    DISALLOWED = "disallowed"
    REFUSED_BY_GATE = "refused_by_gate"


class EventKind(StrEnum):
    """What happened to a document."""

    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"
    RESTORED = "restored"
    MOVED = "moved"


class RunEnd(StrEnum):
    """How a run was closed; a run without an end is running, or was interrupted."""

    FINISHED = "finished"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class BlockKind(StrEnum):
    """The form of a block."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One paragraph, heading, list or table.

    text: no markup, no control characters, white space folded; one line, except lists (a line per entry)
        and tables (a line per row, cells split by " | ").
    left_out: None, or the name of the rule that keeps this block out of the text.
    """

    kind: BlockKind
    text: str
    left_out: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What a document says of itself; None where it does not say it.

    published_from: "list" where the page does not say its day and a list does; None: the page says it.
    """

    title: str | None = None
    language: str | None = None
    published_on: date | None = None
    modified_on: date | None = None
    signed_on: date | None = None
    document_number: str | None = None
    issuing_agency: str | None = None
    index_number: str | None = None
    topic: str | None = None
    validity: str | None = None
    document_type: str | None = None
    origin: str | None = None
    author: str | None = None
    editor: str | None = None
    publisher: str | None = None
    published_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address that a page names as part or attachment of its document.

    url: absolute, canonical.
    name: the link's text, as data; may be hostile.
    number: of a part: its place from 2 on, where the page says it.
    """

    url: str
    name: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What the judge needs to know of a page beside its text.

    title: of <title>, white space folded, at most 300 characters.
    visible_chars: length of the visible text of the whole page, white space left out.
    opening: first 1,000 characters of that visible text, white space folded.
    scripts: number of script elements.
    password_field: a form asks for a password.
    refresh: target of a meta refresh, absolute, or None.
    ended: the closing </html> or </body> was seen.
    """

    title: str = ""
    visible_chars: int = 0
    opening: str = ""
    scripts: int = 0
    password_field: bool = False
    refresh: str | None = None
    ended: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What one extractor made of one snapshot.

    failure: None, or why there are no blocks: "no_text_layer", "encrypted", "broken", "unsupported",
        "too_slow", "crashed", "empty", "binary": a picture, sound or program, not a document's bytes.
    outside: visible lines of a page outside of the place of its text, but for menus; in order, white space left out;
        bounded.
    canonical: rel=canonical as absolute canonical URL, or None; not yet checked against the source's hosts.
    reads: hash of what of a page it was made from; a page with the same gives the same extraction, at the same
        address and on any later day. Empty where that cannot be said.
    """

    blocks: tuple[Block, ...] = ()
    outside: tuple[str, ...] = ()
    fields: Fields = field(default_factory=Fields)
    parts: tuple[Link, ...] = ()
    attachments: tuple[Link, ...] = ()
    canonical: str | None = None
    signs: Signs = field(default_factory=Signs)
    failure: str | None = None
    reads: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution for one source.

    root_id: first run of the chain this one belongs to: runs that resume interrupted ones count as one.
    """

    run_id: int
    source: str
    root_id: int
    started_at: datetime
    ended_at: datetime | None
    end: RunEnd | None
    extractor: str
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One URL we fetch; ``source`` and ``role`` as lists say now.

    recast: they were others until this very listing.
    """

    resource_id: int
    url: str
    source: str
    role: Role
    recast: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One attempt to get a resource, as the wire gave it, on its way into the archive.

    status: None where no HTTP answer came; then ``error`` says what happened in a word of the fixed list
        "timeout", "refused", "dns", "tls", "connection", "truncated", "too_large", "robots", "gate".
    body: decompressed bytes; None for a 304 and where nothing came.
    location: absolute target of a redirect.
    confirms: of a 304: the snapshot whose validators were sent.
    headers: names and values as received, in order.
    """

    url: str
    requested_at: datetime
    fetched_at: datetime
    status: int | None = None
    error: str | None = None
    detail: str = ""
    body: bytes | None = None
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    location: str | None = None
    confirms: int | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One recorded attempt; ``outcome`` and ``reason`` are None until judged."""

    fetch_id: int
    run_id: int
    resource_id: int
    url: str
    requested_at: datetime
    fetched_at: datetime
    status: int | None
    error: str | None
    detail: str
    snapshot_id: int | None
    content_type: str
    etag: str | None
    last_modified: str | None
    location: str | None
    outcome: Outcome | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The bytes of one answer."""

    snapshot_id: int
    sha256: str
    size_bytes: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A resource in a composition; snapshot_id is None while it is listed but never came."""

    role: Role
    resource_id: int
    snapshot_id: int | None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """An attachment in a version; ``sha256`` is of its text, or of its bytes where it has no text."""

    url: str
    name: str
    sha256: str | None
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What makes a version: the composed form that is hashed, diffed, shown and exported.

    paragraphs: the blocks that count, in order, one string each, as Block.text.
    """

    fields: Fields
    paragraphs: tuple[str, ...]
    attachments: tuple[Attachment, ...] = ()

    @property
    def text(self) -> str:
        """The body, paragraphs split by a line break."""
        return "\n".join(self.paragraphs)


class DocumentState(StrEnum):
    """Where a document is in its life."""

    ACTIVE = "active"
    MISSING = "missing"
    GONE = "gone"
    BLOCKED = "blocked"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a person would cite.  document_id is the resource_id of its first main address."""

    document_id: int
    source: str
    url: str
    title: str | None
    state: DocumentState
    state_since: datetime
    state_reason: str
    versions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Distinct content of a document, in force from first_seen_at.

    number: place in the history, from 1.
    last_seen_at: the last good fetch that showed this content.
    """

    version_id: int
    document_id: int
    source: str
    url: str
    number: int
    run_id: int
    first_seen_at: datetime
    last_seen_at: datetime
    content: Content
    content_sha256: str
    pieces: tuple[Piece, ...]
    extractor: str
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened to a document: a step between two compositions, by what was recorded.

    quiet: None, or the class of a change that is told of only where somebody asks: "typography".
    """

    event_id: int
    kind: EventKind
    source: str
    document_id: int
    url: str
    previous_url: str | None
    title: str | None
    at: datetime
    run_id: int
    baseline: bool
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]
    quiet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietVisit:
    """A visit that found other bytes of a document and told nothing: what differed was judged noise.

    before, after: the main address's snapshots.
    """

    source: str
    document_id: int
    resource_id: int
    url: str
    at: datetime
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A version that a search found; snippet marks the words with \\x02 and \\x03."""

    document_id: int
    source: str
    url: str
    title: str | None
    version: int
    published_on: date | None
    first_seen_at: datetime
    snippet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How a source is doing, from its own history."""

    source: str
    runs: int
    last_run: Run | None
    last_finished_at: datetime | None
    documents: dict[str, int]
    versions: int
    outcomes: dict[str, int]
