"""The tables, as numbered migrations, and `migrate`, which brings a keyspace to the newest.

A migration that was released is never edited: a change is a new one at the end. Each statement may
run twice, so one that was cut short is begun again. It adds and takes nothing away: nodes of the
program before run on beside it (docs/operations.md, "Rolling upgrade").

Timestamps are not times here. `log`, `snapshots`, `tips` and `unfinished` carry the stamps of their
log's owner (claims.py); lists and contacts their versions; cursors and what was seen themselves.
Everything else is changed by conditional writes, and never by others.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from cassandra import DriverException
from cassandra.cluster import NoHostAvailable, Session
from cassandra.protocol import ErrorMessage

from ...config.errors import SchemaError, StartError
from .bridge import Row
from .connection import Link
from .options import CassandraOptions

# A partition of `log` holds a bucket of 256 messages: 80 KB of common ones, 100 MB of the largest.
# What became of a message (shown, deleted, reactions) stands in its row: a page is one read.
_LOGS = (
    "CREATE TABLE IF NOT EXISTS log (conv text, bucket int, seq bigint, epoch bigint, count bigint,"
    " device text, cid bigint, sender text, ts bigint, kind text, target bigint, body blob,"
    " changed_at bigint, deleted boolean, reactions blob, shown blob,"
    " PRIMARY KEY ((conv, bucket), seq))",
    # Which entries edited a message, so that its deletion finds their texts.
    "CREATE TABLE IF NOT EXISTS edits (conv text, bucket int, target bigint, seq bigint,"
    " PRIMARY KEY ((conv, bucket), target, seq))",
    "CREATE TABLE IF NOT EXISTS tips (conv text PRIMARY KEY, epoch bigint, seq bigint,"
    " count bigint)",
    "CREATE TABLE IF NOT EXISTS snapshots (conv text PRIMARY KEY, seq bigint, state blob,"
    " cids frozen<map<text, bigint>>)",
    # A row that comes back from the dead is harmless: what it asks for is done again.
    "CREATE TABLE IF NOT EXISTS unfinished (shard int, conv text, PRIMARY KEY (shard, conv))"
    " WITH gc_grace_seconds = 3600",
    "CREATE TABLE IF NOT EXISTS shards (shard int PRIMARY KEY, epoch bigint, owner text,"
    " generation bigint, n bigint)",
    "CREATE TABLE IF NOT EXISTS fences (owner text PRIMARY KEY, sealed boolean)",
    "CREATE TABLE IF NOT EXISTS generations (part int PRIMARY KEY, generation bigint)",
)

_MEMBERSHIP = (
    "kind text, lv bigint, conv_seq bigint, title text, role text, peer text,"
    " since bigint, until bigint, request boolean, mute bigint"
)
_LISTS = (
    f"CREATE TABLE IF NOT EXISTS lists (user text, conv text, {_MEMBERSHIP},"
    " PRIMARY KEY (user, conv))",
    f"CREATE TABLE IF NOT EXISTS members (conv text, user text, {_MEMBERSHIP},"
    " recv bigint, read bigint, PRIMARY KEY (conv, user))",
    "CREATE TABLE IF NOT EXISTS contacts (user text, peer text, lv bigint, mine boolean,"
    " theirs boolean, theirs_at bigint, dismissed boolean, blocked boolean,"
    " PRIMARY KEY (user, peer))",
    "CREATE TABLE IF NOT EXISTS contacts_of (peer text, user text, lv bigint,"
    " PRIMARY KEY (peer, user))",
)

# A person with devices and recovery codes is one row, so that "in one step" is one condition: the
# version. Names are kept as digests: one that is retired is not known any more.
_PEOPLE = (
    "CREATE TABLE IF NOT EXISTS people (id text PRIMARY KEY, version bigint, writer text,"
    " state blob)",
    "CREATE TABLE IF NOT EXISTS names (digest blob PRIMARY KEY, user text)",
    "CREATE TABLE IF NOT EXISTS device_users (device text PRIMARY KEY, user text)",
    "CREATE TABLE IF NOT EXISTS seen (id text PRIMARY KEY, ms bigint)",
    "CREATE TABLE IF NOT EXISTS secrets (name text PRIMARY KEY, secret blob)",
    # Names by how they begin: a partition for each two letters, and which of those there are.
    "CREATE TABLE IF NOT EXISTS search (kind text, start text, key text, user text,"
    " PRIMARY KEY ((kind, start), key, user))",
    "CREATE TABLE IF NOT EXISTS search_starts (kind text, start text, PRIMARY KEY (kind, start))",
    "CREATE TABLE IF NOT EXISTS deletions (part int, user text, PRIMARY KEY (part, user))",
    "CREATE TABLE IF NOT EXISTS group_links (id text PRIMARY KEY, version bigint, writer text,"
    " state blob)",
    "CREATE TABLE IF NOT EXISTS link_names (name blob PRIMARY KEY, conv text, id text)",
)

# Whose place ended with an entry of an unfinished log, as their own rows may not say yet.
_ENDED = (
    "CREATE TABLE IF NOT EXISTS ended (user text, conv text, seq bigint, epoch bigint,"
    " PRIMARY KEY (user, conv))",
)

# A copy that has died is waited for until its neighbours know: 20 s. They ask the third one sooner,
# by default when a read takes longer than 99 of 100 did; but where every other one waits, so do the
# next hundred, and of a table that was not read yet it is half of what a read may take.
_HASTE = "speculative_retry = '50ms' AND additional_write_policy = '50ms'"


def _hasty(tables: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{cql} {'AND' if ' WITH ' in cql else 'WITH'} {_HASTE}" for cql in tables)


#: Migration n is at n - 1.
MIGRATIONS: tuple[tuple[str, ...], ...] = tuple(map(_hasty, (_LOGS, _LISTS, _PEOPLE, _ENDED)))

_FAILURES = (DriverException, NoHostAvailable, ErrorMessage)
_PATIENCE_S = 60.0
#: Hosts that are asked for the version, one after the other.
_TRIES = 5
#: How long somebody who migrates keeps others away after the last sign of life.
_HOLD_S = 300


def version(session: Session, keyspace: str) -> int:
    """How many migrations a keyspace has; 0 for none, or no keyspace."""
    found = _read(
        session,
        "SELECT table_name FROM system_schema.tables"
        " WHERE keyspace_name = %s AND table_name = 'migrations'",
        (keyspace,),
    )
    if found is None:
        return 0
    done = _read(session, f'SELECT version FROM "{keyspace}".migrations WHERE part = 0')
    return (done[0] or 0) if done else 0


def check(session: Session, keyspace: str, newest: int = len(MIGRATIONS)) -> None:
    """Refuse a keyspace that this program does not know, or that does not know this program.

    Raises:
        SchemaError: The keyspace is newer.
        StartError: It is older, or not there: `hubbub migrate` is missing.
    """
    try:
        found = version(session, keyspace)
    except _FAILURES as error:
        raise StartError(f"the ring does not answer: {error}".partition("\n")[0]) from error
    if found > newest:
        raise SchemaError(
            f"keyspace {keyspace} has schema {found}, this program knows schemas up to {newest}: "
            "use a newer program"
        )
    if found < newest:
        raise StartError(
            f"keyspace {keyspace} has schema {found} of {newest}: run `hubbub migrate` first"
        )


def enter(session: Session, keyspace: str) -> None:
    """Work in a keyspace from here on, if it is of this program's schema: see `check`."""
    check(session, keyspace)
    try:
        _read(session, f'USE "{keyspace}"')
    except _FAILURES as error:
        raise StartError(f"the ring does not answer: {error}".partition("\n")[0]) from error


def migrate(
    options: CassandraOptions, migrations: Sequence[tuple[str, ...]] = MIGRATIONS
) -> tuple[int, int]:
    """Bring the keyspace to the newest schema; harmless when it is.

    Returns: the versions before and after.

    Raises:
        SchemaError: The keyspace is newer than this program.
        StartError: The ring does not answer, somebody else migrates, or a statement failed.
    """
    link = Link(options)
    try:
        return _migrate(link, options, migrations)
    except _FAILURES as error:
        raise StartError(f"the migration failed, run it again: {error}") from error
    finally:
        link.close()


def _migrate(
    link: Link, options: CassandraOptions, migrations: Sequence[tuple[str, ...]]
) -> tuple[int, int]:
    session, keyspace = link.session, options.keyspace
    datacentre = (
        options.datacentre or session.execute("SELECT data_center FROM system.local").one()[0]
    )
    before = version(session, keyspace)
    if before >= len(migrations):
        check(session, keyspace, len(migrations))
        return before, before
    _run(
        session,
        f'CREATE KEYSPACE IF NOT EXISTS "{keyspace}" WITH replication ='
        f" {{'class': 'NetworkTopologyStrategy', '{datacentre}': {options.replication}}}",
    )
    session.set_keyspace(keyspace)
    _run(
        session,
        "CREATE TABLE IF NOT EXISTS migrations (part int PRIMARY KEY, version int, holder text)"
        f" WITH {_HASTE}",
    )
    me = secrets.token_hex(8)
    held = session.execute(
        "INSERT INTO migrations (part, holder) VALUES (1, %s) IF NOT EXISTS USING TTL %s",
        (me, _HOLD_S),
        timeout=_PATIENCE_S,
    ).one()
    if not held[0]:
        raise StartError(f"somebody else migrates keyspace {keyspace}: try again in a while")
    try:
        for number in range(version(session, keyspace) + 1, len(migrations) + 1):
            for statement in migrations[number - 1]:
                _run(session, statement)
            session.execute(
                "UPDATE migrations SET version = %s WHERE part = 0 IF version = %s",
                (number, number - 1 or None),
                timeout=_PATIENCE_S,
            )
    finally:
        session.execute(
            "DELETE FROM migrations WHERE part = 1 IF holder = %s", (me,), timeout=_PATIENCE_S
        )
    return before, len(migrations)


def _read(session: Session, cql: str, values: Sequence[object] = ()) -> Row | None:
    """One row; a host that died a moment ago is not yet known to be down, so another is asked."""
    tries = 1
    while True:
        try:
            row: Row | None = session.execute(cql, values).one()
        except _FAILURES:
            if tries == _TRIES:
                raise
            tries += 1
        else:
            return row


def _run(session: Session, statement: str) -> None:
    session.execute(statement, timeout=_PATIENCE_S)


__all__ = ["MIGRATIONS", "check", "enter", "migrate", "version"]
