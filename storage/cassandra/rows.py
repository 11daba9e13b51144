"""The rows of a log: where they stand, how they are written, what they say."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import msgspec

from ...config.ids import ConvId, UserId
from ..records import Entry, Message, Projection
from .bridge import Row
from .claims import Statement

#: Messages in a partition; a snapshot is written about as often, so a tail takes two reads.
BUCKET = 256

#: What is sent at once to one partition, in rows and in bytes; a larger row goes alone.
_SIZES = (64, 16, 4, 1)
_MOST_BYTES = 256 * 1024

ENTRY = "seq, epoch, device, cid, sender, ts, kind, body, count, target"
MESSAGE = f"{ENTRY}, changed_at, shown, deleted, reactions"

_INSERT = (
    "INSERT INTO log (conv, bucket, seq, epoch, device, cid, sender, ts, kind, body, count, target)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?"
)

_reactions = msgspec.msgpack.Decoder(dict[str, list[str]])


def bucket_of(seq: int) -> int:
    """The bucket that a seq stands in."""
    return (seq - 1) // BUCKET


@cache
def _insert(rows: int) -> str:
    if rows == 1:
        return _INSERT
    return f"BEGIN UNLOGGED BATCH {'; '.join([_INSERT] * rows)}; APPLY BATCH"


def inserts(conv: ConvId, rows: Sequence[tuple[Entry, int]]) -> list[Statement]:
    """Statements that write entries with their stamps, in order, each to one partition.

    Each takes effect as a whole.
    """
    statements: list[Statement] = []
    at = 0
    while at < len(rows):
        size = _fitting(rows, at)
        values: list[object] = []
        for e, stamp in rows[at : at + size]:
            values += (
                conv, bucket_of(e.seq), e.seq, e.epoch, e.device, e.cid, e.sender, e.ts, e.kind,
                e.body, e.count, e.target, stamp,
            )  # fmt: skip
        statements.append((_insert(size), values))
        at += size
    return statements


def _fitting(rows: Sequence[tuple[Entry, int]], at: int) -> int:
    bucket = bucket_of(rows[at][0].seq)
    size = fits = 0
    for entry, _ in rows[at : at + _SIZES[0]]:
        size += len(entry.body)
        if bucket_of(entry.seq) != bucket or (fits and size > _MOST_BYTES):
            break
        fits += 1
    return next(each for each in _SIZES if each <= fits)


def entry(row: Row) -> Entry:
    """The entry that begins a row of ENTRY or MESSAGE."""
    return Entry(*row[:10])


def message(row: Row) -> Message:
    """The message in a row of MESSAGE."""
    changed_at, shown, deleted, reactions = row[10:14]
    if changed_at is None:
        return Message(entry(row))
    projection = Projection(row[0], changed_at, shown, bool(deleted), unpack(reactions))
    return Message(entry(row), projection)


def pack(reactions: dict[str, list[UserId]]) -> bytes | None:
    """Reactions as a column; null for none."""
    return msgspec.msgpack.encode(reactions) if reactions else None


def unpack(packed: bytes | None) -> dict[str, list[UserId]]:
    """The inverse of `pack`."""
    if packed is None:
        return {}
    return {emoji: [UserId(u) for u in users] for emoji, users in _reactions.decode(packed).items()}


__all__ = [
    "BUCKET",
    "ENTRY",
    "MESSAGE",
    "bucket_of",
    "entry",
    "inserts",
    "message",
    "pack",
    "unpack",
]
