"""Migrations and views: the shape of the archive, one numbered step at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

from storage.errors import ArchiveError, ArchiveTooNewError

if TYPE_CHECKING:
    from storage.sqlite import Database

SET = "policytrail"
STEPS: dict[str, Callable[[Database], None]] = {}


def step(apply: Callable[[Database], None]) -> Callable[[Database], None]:
    """Take a function in as the next step, under its own name.  Raises ValueError where another step has it."""
    if apply.__name__ in STEPS:
        raise ValueError(f"two steps are called {apply.__name__}")
    STEPS[apply.__name__] = apply
    return apply


@step
def m001_recorded(db: Database) -> None:
    """What the wire said; rows are only added, except that a run is closed once."""
    for statement in (
        """create table run (
            run_id integer primary key,
            source text not null,
            root_id integer not null references run(run_id),
            started_at text not null,
            ended_at text,
            end_reason text check (end_reason in ('finished', 'stopped', 'interrupted', 'failed')),
            extractor text not null,
            profile text not null,
            check ((ended_at is null) = (end_reason is null))
        ) strict""",
        "create index run_by_source on run(source, run_id)",
        "create index run_by_root on run(root_id)",
        """create table resource (
            resource_id integer primary key,
            url text not null unique,
            source text not null,
            role text not null
        ) strict""",
        "create index resource_by_source on resource(source, role, resource_id)",
        """create table listing (
            listing_id integer primary key,
            source text not null,
            resource_id integer not null references resource(resource_id),
            found_on integer references resource(resource_id),
            role text not null,
            title text,
            hinted_on text,
            run_id integer not null references run(run_id),
            listed_at text not null
        ) strict""",
        "create unique index listing_once on listing(resource_id, source, role, coalesce(found_on, 0))",
        """create table snapshot (
            snapshot_id integer primary key,
            sha256 text not null unique,
            size_bytes integer not null,
            base_id integer references snapshot(snapshot_id),
            body blob not null
        ) strict""",
        """create table fetch (
            fetch_id integer primary key,
            run_id integer not null references run(run_id),
            resource_id integer not null references resource(resource_id),
            fetched_at text not null,
            took_ms integer not null,
            status integer,
            error text,
            detail text,
            snapshot_id integer references snapshot(snapshot_id),
            content_type text,
            etag text,
            last_modified text,
            location text,
            headers blob
        ) strict""",
        "create index fetch_by_resource on fetch(resource_id, fetch_id)",
        "create index fetch_by_run on fetch(run_id, resource_id)",
    ):
        db.conn.execute(statement)


@step
def m002_derived(db: Database) -> None:
    """What our code made of the recorded rows; can be deleted and made again."""
    for statement in (
        """create table extractor (
            extractor_id integer primary key,
            identity text not null unique
        ) strict""",
        """create table profile (
            profile_id integer primary key,
            sha256 text not null unique,
            source text not null,
            data text not null
        ) strict""",
        """create table extraction (
            extraction_id integer primary key,
            resource_id integer not null references resource(resource_id),
            snapshot_id integer not null references snapshot(snapshot_id),
            extractor_id integer not null references extractor(extractor_id),
            failure text,
            base_id integer references extraction(extraction_id),
            body blob
        ) strict""",
        "create unique index extraction_once on extraction(resource_id, snapshot_id, extractor_id)",
        """create table judgement (
            fetch_id integer primary key references fetch(fetch_id),
            outcome text not null,
            reason text not null
        ) strict""",
        """create table document (
            document_id integer primary key references resource(resource_id),
            source text not null,
            main_id integer not null references resource(resource_id),
            state text not null,
            state_since text not null,
            state_reason text not null
        ) strict""",
        "create index document_by_source on document(source, document_id)",
        """create table document_resource (
            document_id integer not null references document(document_id),
            resource_id integer not null references resource(resource_id),
            role text not null,
            ordinal integer not null,
            name text not null,
            primary key (document_id, role, resource_id)
        ) strict, without rowid""",
        "create index document_by_resource on document_resource(resource_id, role)",
        """create table version (
            version_id integer primary key,
            document_id integer not null references document(document_id),
            number integer not null,
            run_id integer not null references run(run_id),
            first_seen_at text not null,
            resource_id integer not null references resource(resource_id),
            title text,
            language text,
            published_on text,
            modified_on text,
            signed_on text,
            document_number text,
            issuing_agency text,
            index_number text,
            topic text,
            validity text,
            document_type text,
            origin text,
            author text,
            editor text,
            content_sha256 text not null,
            extractor_id integer not null references extractor(extractor_id),
            profile_id integer not null references profile(profile_id),
            text text not null
        ) strict""",
        "create unique index version_once on version(document_id, number)",
        """create table version_piece (
            version_id integer not null references version(version_id) on delete cascade,
            ordinal integer not null,
            role text not null,
            resource_id integer not null references resource(resource_id),
            snapshot_id integer references snapshot(snapshot_id),
            name text not null,
            text_sha256 text,
            failure text,
            primary key (version_id, ordinal)
        ) strict, without rowid""",
        """create virtual table version_index using fts5(
            title, text, content='', tokenize='unicode61 remove_diacritics 2'
        )""",
    ):
        db.conn.execute(statement)


@step
def m003_announced(db: Database) -> None:
    """What was said, once, and how far each document has spoken."""
    for statement in (
        """create table event (
            event_id integer primary key,
            kind text not null check (kind in ('new', 'changed', 'removed', 'restored', 'moved')),
            source text not null,
            document_id integer not null references resource(resource_id),
            resource_id integer not null references resource(resource_id),
            previous_id integer references resource(resource_id),
            title text,
            happened_at text not null,
            run_id integer not null references run(run_id),
            baseline integer not null,
            before text not null,
            after text not null
        ) strict""",
        "create index event_by_document on event(document_id, event_id)",
        "create index event_by_time on event(happened_at)",
        """create table outbox (
            outbox_id integer primary key,
            event_id integer not null unique references event(event_id),
            queued_at text not null,
            sent_at text
        ) strict""",
        """create table spoken (
            document_id integer primary key references resource(resource_id),
            event_id integer not null references event(event_id),
            resource_id integer not null references resource(resource_id),
            present integer not null,
            pieces text not null
        ) strict""",
    ):
        db.conn.execute(statement)


@step
def m004_views(db: Database) -> None:
    """What a person browsing with other tools wants to see first."""
    for statement in (
        """create view latest_version as
            select v.*, r.url from version v join resource r using (resource_id)
            where v.number = (select max(number) from version where document_id = v.document_id)""",
        """create view event_list as
            select e.event_id, e.happened_at, e.source, e.kind, e.title, r.url, p.url as previous_url, e.baseline
            from event e join resource r using (resource_id) left join resource p on p.resource_id = e.previous_id
            order by e.event_id desc""",
        """create view fetch_list as
            select f.fetch_id, f.fetched_at, ru.source, r.url, r.role, f.status, f.error,
                   j.outcome, j.reason, f.snapshot_id
            from fetch f join resource r using (resource_id) join run ru on ru.run_id = f.run_id
            left join judgement j using (fetch_id)
            order by f.fetch_id desc""",
    ):
        db.conn.execute(statement)


@step
def m005_quiet(db: Database) -> None:
    """Changes that nobody needs to be woken for have a class of their own."""
    db.conn.execute("alter table event add column quiet text")
    db.conn.execute("create index version_by_content on version(content_sha256)")


@step
def m006_publisher(db: Database) -> None:
    """Who a page says publishes it, beside the publisher that the source file names."""
    db.conn.execute("alter table version add column publisher text")


@step
def m007_forgotten(db: Database) -> None:
    """What is left of what a person had erased; an address with a row here is never asked for again."""
    for statement in (
        """create table tombstone (
            tombstone_id integer primary key,
            resource_id integer not null references resource(resource_id),
            sha256 text,
            size_bytes integer,
            fetched_at text,
            reason text not null,
            forgotten_at text not null
        ) strict""",
        "create index tombstone_by_resource on tombstone(resource_id)",
    ):
        db.conn.execute(statement)


@step
def m008_browsing(db: Database) -> None:
    """What a person looks through a page at a time is found by index: events by run, documents by state."""
    for statement in (
        "create index event_by_run on event(run_id, baseline, quiet, kind)",
        "create index document_by_state on document(source, state)",
        "create index document_of_state on document(state)",
    ):
        db.conn.execute(statement)


@step
def m009_imported(db: Database) -> None:
    """Answers that other programs kept enter histories where their time puts them, not where they were written.

    stands_at: when an answer came; of one after another never earlier, also where a clock went back.
    """
    for statement in (
        "alter table run add column imported_at text",
        "alter table run add column imported_from text",
        "alter table fetch add column stands_at text",
        """update fetch set stands_at = o.at from
            (select fetch_id, max(fetched_at) over (order by fetch_id) as at from fetch) o
            where o.fetch_id = fetch.fetch_id""",
        "create index fetch_in_order on fetch(resource_id, stands_at, fetch_id)",
        "create index fetch_in_time on fetch(stands_at)",
    ):
        db.conn.execute(statement)


@step
def m010_messages(db: Database) -> None:
    """What is sent to people: messages with their events, and what was said of sources that fail."""
    for statement in (
        "alter table outbox add column routed_at text",
        "create index outbox_unrouted on outbox(outbox_id) where routed_at is null",
        """create table message (
            message_id integer primary key,
            key text not null unique,
            channel text not null,
            rule text not null,
            slot text not null,
            made_at text not null,
            due_at text not null,
            attempts integer not null default 0,
            next_at text not null,
            sent_at text,
            problem text,
            alerts text
        ) strict""",
        "create index message_unsent on message(channel, slot) where sent_at is null",
        """create table message_event (
            message_id integer not null references message(message_id),
            event_id integer not null references event(event_id),
            primary key (message_id, event_id)
        ) strict, without rowid""",
        "create index message_by_event on message_event(event_id)",
        """create table alert (
            source text not null,
            about text not null,
            root_id integer not null,
            failures integer not null,
            opened_at text,
            told_at text,
            primary key (source, about)
        ) strict, without rowid""",
    ):
        db.conn.execute(statement)


@step
def m011_listed(db: Database) -> None:
    """Whose word the day of publication is, where it is not the page's own."""
    db.conn.execute("alter table version add column published_from text")


@step
def m012_recast(db: Database) -> None:
    """What a list names as a document, after something else had been said of it, has another role from then on."""
    for statement in (
        """create table recast (
            recast_id integer primary key,
            resource_id integer not null references resource(resource_id),
            root_id integer not null references run(run_id),
            recast_at text not null,
            was_source text not null,
            was_role text not null
        ) strict""",
        "create index recast_by_resource on recast(resource_id, root_id)",
    ):
        db.conn.execute(statement)


@step
def m013_rhythm(db: Database) -> None:
    """How old documents are, and how often they changed, is read of an index, without their texts."""
    db.conn.execute("create index version_by_time on version(document_id, first_seen_at)")


@step
def m014_newest(db: Database) -> None:
    """The newest events of a source or of a kind, and documents by their address, without reading the others."""
    for statement in (
        "create index document_by_main on document(main_id)",
        "create index event_by_source on event(source, event_id)",
        "create index event_by_kind on event(kind, event_id)",
    ):
        db.conn.execute(statement)


@step
def m015_legs(db: Database) -> None:
    """The parts of a run that each ask one host, and what they found on the hosts of others; gone with their run."""
    for statement in (
        """create table leg (
            root_id integer not null references run(run_id),
            host text not null,
            begun integer not null default 0,
            is_done integer not null,
            taken integer not null default 0,
            problem text,
            mains integer not null default 0,
            lists integer not null default 0,
            sitemaps integer not null default 0,
            feeds integer not null default 0,
            primary key (root_id, host)
        ) strict, without rowid""",
        """create table handed (
            handed_id integer primary key,
            root_id integer not null references run(run_id),
            host text not null,
            resource_id integer not null references resource(resource_id),
            role text not null,
            hops integer not null,
            depth integer not null
        ) strict""",
        "create unique index handed_once on handed(root_id, resource_id)",
        "create index handed_to on handed(root_id, host, handed_id)",
    ):
        db.conn.execute(statement)


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Bring an archive to this program's shape; each step is one transaction.

    Raises ArchiveTooNewError where the archive knows steps that this program does not.
    """
    from storage.sqlite import Database, Migrations  # slow to import, and most archives have all steps

    check_age(connection, path)
    migrations = Migrations(SET)
    for name, apply in STEPS.items():
        migrations(name=name)(apply)
    migrations.apply(Database(connection))


def check_age(connection: sqlite3.Connection, path: str) -> None:
    """Refuse an archive that a newer program made, and a database that is none."""
    # In one question: somebody may be making the archive just now.
    tables = {name for (name,) in connection.execute("select name from sqlite_master")}
    if "_sqlite_migrations" not in tables:
        if tables:
            raise ArchiveError(f"{path}: another program's database; choose another --archive, nothing was touched")
        return
    newer = sorted(_applied(connection) - set(STEPS))
    if newer:
        raise ArchiveTooNewError(
            f"{path}: made by a newer policytrail (step {newer[-1]}); update this program, nothing was touched"
        )


def missing_steps(connection: sqlite3.Connection) -> int:
    """Return how many steps have not been applied yet."""
    has_any = connection.execute("select 1 from sqlite_master where name = '_sqlite_migrations'").fetchone()
    return len(set(STEPS) - (_applied(connection) if has_any else set()))


def _applied(connection: sqlite3.Connection) -> set[str]:
    """Return the names of the steps that an archive has had, from where sqlite-utils keeps them."""
    return {
        name for (name,) in connection.execute("select name from _sqlite_migrations where migration_set = ?", (SET,))
    }
