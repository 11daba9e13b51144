"""A conversation's state as bytes, versioned: this version and the one before it are read.

    {"v": 3, "seq", "projected", "count", "ts", "title", "history",
     "members": [[user, role, [[first, last or nil], ..], changed, told, kicked], ..],
                                                  in joining order; `kicked` since version 3
     "windows": {device: [last, [[cid, seq, ts, digest], ..]]},
     "asked": user or nil, "blocks": [[user, at, on], ..]}                       since version 2

`projected`: the store shows every change of an earlier text up to this seq; version 1 has none, and
knew no such changes. Cursors are not in it: they live in the membership rows.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ..config.errors import SchemaError
from ..config.ids import ConvId, UserId
from ..config.limits import Limits
from ..storage.records import Activation, Snapshot
from .cid_window import CidWindow, Known
from .conversation_state import ConversationState
from .members import Member, Members

VERSION = 3


def encode(state: ConversationState) -> Snapshot:
    """The state as it is with everything accepted taken for durable."""
    packed: bytes = msgspec.msgpack.encode(
        {
            "v": VERSION,
            "seq": state.head,
            "projected": state.revisions.shown_up_to(state.head),
            "count": state.count,
            "ts": state.ts,
            "title": state.members.title,
            "history": state.members.history,
            "members": [
                [user, m.role, m.spans, m.changed, m.told, m.kicked]
                for user, m in state.members.by_user.items()
            ],
            "windows": encode_windows(state.windows),
            "asked": state.direct.asked,
            "blocks": [[user, at, on] for user, (at, on) in state.direct.blocks.items()],
        }
    )
    return Snapshot(state.head, packed, {d: w.last for d, w in state.windows.items()})


def restore(
    conv: ConvId, epoch: int, limits: Limits, found: Activation
) -> ConversationState:  # fmt: skip
    """The state that a snapshot and the tail make; an empty log gives an empty state.

    Raises:
        SchemaError: The snapshot was written by a newer program.
    """
    members = Members(limits.members)
    state = ConversationState(conv, epoch, limits, members)
    if found.snapshot is not None:
        fields = unpack(found.snapshot.state)
        state.head = state.committed = state.saved = fields["seq"]
        state.revisions.written = fields.get("projected", state.head)
        state.unfinished = state.revisions.written < state.head
        state.count, state.ts = fields["count"], fields["ts"]
        members.title, members.history = fields["title"], fields["history"]
        for user, role, spans, changed, told, *newer in fields["members"]:
            seen = [(a, b) for a, b in spans]
            members.by_user[user] = Member(role, seen, changed, told, *newer)
        state.windows = decode_windows(fields["windows"])
        state.direct.asked = fields.get("asked")
        state.direct.blocks = {u: (at, on) for u, at, on in fields.get("blocks", ())}
    for entry in found.tail:
        state.replay(entry)
    state.unfinished = state.unfinished or bool(state.untold())
    for user, cursors in found.cursors.items():
        member = members.by_user.get(UserId(user))
        if member is not None:
            member.recv, member.read = cursors.recv, cursors.read
    return state


def unpack(data: bytes) -> dict[str, Any]:
    """The fields of a snapshot.

    Raises:
        SchemaError: It was written by a newer program.
    """
    fields: dict[str, Any] = msgspec.msgpack.decode(data)
    if fields["v"] > VERSION:
        raise SchemaError(f"a snapshot is of version {fields['v']}; this program knows {VERSION}")
    return fields


def encode_windows(windows: dict[str, CidWindow]) -> dict[str, Any]:
    """{device: [last, [[cid, seq, ts, digest], ..]]}"""
    return {
        device: [w.last, [[k.cid, k.seq, k.ts, k.digest] for k in w.known.values()]]
        for device, w in windows.items()
    }


def decode_windows(packed: dict[str, Any]) -> dict[str, CidWindow]:
    """The inverse of `encode_windows`."""
    return {
        device: CidWindow(last, {cid: Known(cid, seq, ts, d) for cid, seq, ts, d in known})
        for device, (last, known) in packed.items()
    }


__all__ = ["VERSION", "decode_windows", "encode", "encode_windows", "restore", "unpack"]
