"""The tables, as numbered migrations.

`PRAGMA user_version` says how many of them a file has. A migration that was released is never
edited: a change is a new one at the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ...config.errors import SchemaError

#: What `file` and `PRAGMA application_id` show: "Hubb".
APPLICATION_ID = 0x48756262

# Names (of logs, devices, users, kinds) are kept once and stand as numbers in `log`: a message of
# 200 bytes takes 255 bytes of file so, 360 with the names written out (60,000 rows of 200 logs).
# A rowid table with an index of two small numbers: appended rows share pages whatever their log,
# so a commit of 200 logs writes a dozen pages of `log`. `body` is last: reading the columns before
# it never follows the overflow pages of a long text.
_LOGS = """
CREATE TABLE names (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE log (
    conv INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    count INTEGER NOT NULL,
    device INTEGER NOT NULL,
    cid INTEGER NOT NULL,
    sender INTEGER NOT NULL,
    ts INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    target INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (conv, seq)
) STRICT;
CREATE INDEX log_targets ON log (conv, target) WHERE target <> 0;
CREATE TABLE snapshots (
    conv INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    state BLOB NOT NULL
) STRICT;
CREATE TABLE snapshot_cids (
    conv INTEGER NOT NULL,
    device INTEGER NOT NULL,
    cid INTEGER NOT NULL,
    PRIMARY KEY (conv, device)
) STRICT, WITHOUT ROWID;
CREATE TABLE projections (
    conv INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    reactions BLOB,
    body BLOB,
    PRIMARY KEY (conv, seq)
) STRICT;
CREATE TABLE memberships (
    user TEXT NOT NULL,
    conv TEXT NOT NULL,
    kind TEXT NOT NULL,
    lv INTEGER NOT NULL,
    conv_seq INTEGER NOT NULL,
    title TEXT NOT NULL,
    role TEXT NOT NULL,
    peer TEXT,
    since INTEGER NOT NULL,
    until INTEGER,
    recv INTEGER NOT NULL,
    read INTEGER NOT NULL,
    PRIMARY KEY (user, conv)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_conv ON memberships (conv);
CREATE TABLE shards (
    shard INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL
) STRICT;
CREATE TABLE unfinished (
    conv INTEGER PRIMARY KEY
) STRICT;
"""

_ACCOUNTS = """
CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    folded TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    password TEXT NOT NULL,
    display TEXT NOT NULL,
    about TEXT NOT NULL,
    presence TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    last_active_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE devices (
    id TEXT NOT NULL PRIMARY KEY,
    user TEXT NOT NULL,
    label TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    refresh BLOB NOT NULL,
    previous BLOB NOT NULL,
    refresh_expires_ms INTEGER NOT NULL,
    revoked INTEGER NOT NULL
) STRICT;
CREATE INDEX devices_user ON devices (user) WHERE revoked = 0;
CREATE TABLE recovery (
    user TEXT NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (user, digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE secrets (
    name TEXT NOT NULL PRIMARY KEY,
    secret BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""

_PEOPLE = """
CREATE TABLE contacts (
    user TEXT NOT NULL,
    peer TEXT NOT NULL,
    lv INTEGER NOT NULL,
    mine INTEGER NOT NULL,
    theirs INTEGER NOT NULL,
    theirs_at INTEGER NOT NULL,
    dismissed INTEGER NOT NULL,
    blocked INTEGER NOT NULL,
    PRIMARY KEY (user, peer)
) STRICT, WITHOUT ROWID;
ALTER TABLE memberships ADD COLUMN request INTEGER NOT NULL DEFAULT 0;
ALTER TABLE memberships ADD COLUMN mute INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN write TEXT NOT NULL DEFAULT 'everyone';
"""

# Names that were chosen before are sought without their folding, until they are chosen again.
_SEARCH = """
ALTER TABLE accounts ADD COLUMN sought TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN colour TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN findable INTEGER NOT NULL DEFAULT 1;
UPDATE accounts SET sought = lower(display);
CREATE INDEX accounts_by_name ON accounts (folded, id) WHERE findable = 1 AND disabled = 0;
CREATE INDEX accounts_by_sought ON accounts (sought, id) WHERE findable = 1 AND disabled = 0;
"""

_INVITES = """
CREATE TABLE invites (
    id TEXT NOT NULL PRIMARY KEY,
    conv TEXT NOT NULL,
    maker TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    made_at INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX invites_conv ON invites (conv);
"""

# Who goes is taken out of everybody's contacts, and those stand by whose they are.
_DELETIONS = """
CREATE INDEX contacts_peer ON contacts (peer);
CREATE TABLE deletions (
    user TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE retired_names (
    digest BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
"""

# Whose a shard is (NULL: nobody's), and the view it was claimed under; who owns nothing any more.
_OWNERS = """
ALTER TABLE shards ADD COLUMN owner TEXT DEFAULT '';
ALTER TABLE shards ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE shards ADD COLUMN n INTEGER NOT NULL DEFAULT 0;
CREATE TABLE sealed (
    owner TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
"""

# Whose place ended with an entry of an unfinished log, as their own rows may not say yet.
_ENDED = """
CREATE TABLE ended (
    conv TEXT NOT NULL,
    user TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (conv, user)
) STRICT, WITHOUT ROWID;
"""

# The highest generation that was given out.
_GENERATIONS = """
CREATE TABLE generations (
    part INTEGER PRIMARY KEY CHECK (part = 0),
    generation INTEGER NOT NULL
) STRICT;
"""

#: Migration n is at n - 1.
MIGRATIONS: tuple[str, ...] = (
    _LOGS,
    _ACCOUNTS,
    _PEOPLE,
    _SEARCH,
    _INVITES,
    _DELETIONS,
    _OWNERS,
    _ENDED,
    _GENERATIONS,
)


def migrate(db: sqlite3.Connection, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring a file to the newest schema; each step is one transaction, so none is half done.

    Raises:
        SchemaError: The file has a newer schema, or is another program's.
    """
    (found,) = db.execute("PRAGMA user_version").fetchone()
    (application,) = db.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application or found or tables:
            raise SchemaError("this is another program's database")
    if found > len(migrations):
        raise SchemaError(
            f"the data has schema {found}, this program knows schemas up to {len(migrations)}: "
            "use a newer program"
        )
    for number in range(found + 1, len(migrations) + 1):
        try:
            db.executescript(
                f"BEGIN IMMEDIATE; {migrations[number - 1]};"
                f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number}; COMMIT;"
            )
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


__all__ = ["APPLICATION_ID", "MIGRATIONS", "migrate"]
