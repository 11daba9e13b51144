"""Snapshots: what is written is read, and what is newer is refused."""

from __future__ import annotations

import msgspec
import pytest

from hubbub.actors.cid_window import CidWindow, Known
from hubbub.actors.conversation_state import ConversationState
from hubbub.actors.direct import Direct
from hubbub.actors.members import Member, Members
from hubbub.actors.snapshot_codec import encode, restore
from hubbub.config.errors import SchemaError
from hubbub.config.ids import ConvId, UserId
from hubbub.config.limits import Limits
from hubbub.storage.records import Activation, Cursors, Snapshot

CONV = ConvId("g_x")
ANA = UserId("u_ana")


def state() -> ConversationState:
    members = Members(100, "all", "Team", {ANA: Member("owner", [(1, 4), (7, None)], 7, 3, 4)})
    windows = {"v_phone": CidWindow(2, {2: Known(2, 9, 1000, b"12345678")})}
    return ConversationState(
        CONV, 3, Limits(), members, head=9, count=4, ts=1000, committed=9, windows=windows
    )


def test_a_state_comes_back_whole() -> None:
    before = state()
    snapshot = encode(before)
    assert (snapshot.seq, snapshot.cids) == (9, {"v_phone": 2})
    again = restore(CONV, 4, Limits(), Activation(snapshot, [], {ANA: Cursors(8, 7)}))
    assert again.epoch == 4
    assert (again.head, again.committed, again.saved, again.count, again.ts) == (9, 9, 9, 4, 1000)
    assert again.windows == before.windows
    member = again.members.by_user[ANA]
    assert (member.spans, member.changed, member.told) == ([(1, 4), (7, None)], 7, 3)
    assert member.kicked == 4
    assert (member.recv, member.read) == (8, 7)
    assert (again.members.title, again.members.history) == ("Team", "all")
    assert again.unfinished


def test_blocks_and_requests_come_back_and_version_1_had_none() -> None:
    before = state()
    before.direct = Direct(ANA, {ANA: (4, True)})
    snapshot = encode(before)
    again = restore(CONV, 4, Limits(), Activation(snapshot, [], {}))
    assert again.direct == before.direct
    fields = msgspec.msgpack.decode(snapshot.state)
    old = {name: fields[name] for name in fields if name not in ("asked", "blocks")}
    older = Snapshot(9, msgspec.msgpack.encode({**old, "v": 1}), {})
    again = restore(CONV, 4, Limits(), Activation(older, [], {}))
    assert again.direct == Direct()
    assert again.windows == before.windows


def test_a_snapshot_of_version_1_knows_no_kicks() -> None:
    members = [[ANA, "owner", [[1, None]], 1, 1]]
    fields = {"v": 1, "seq": 3, "count": 2, "ts": 9, "title": "T", "history": "joined"}
    packed = msgspec.msgpack.encode({**fields, "members": members, "windows": {}})
    older = restore(CONV, 1, Limits(), Activation(Snapshot(3, packed, {}), [], {}))
    assert older.members.by_user == {ANA: Member("owner", [(1, None)], 1, 1, 0)}


def test_an_empty_log_gives_an_empty_state() -> None:
    empty = restore(CONV, 1, Limits(), Activation(None, [], {}))
    assert (empty.head, empty.unfinished, empty.quiet) == (0, False, True)


def test_a_snapshot_of_a_newer_program_is_refused() -> None:
    newer = Snapshot(1, msgspec.msgpack.encode({"v": 99}), {})
    with pytest.raises(SchemaError, match="99"):
        restore(CONV, 1, Limits(), Activation(newer, [], {}))


def test_a_snapshot_of_the_version_before_is_read() -> None:
    fields = msgspec.msgpack.decode(encode(state()).state)
    del fields["projected"]
    older = Snapshot(9, msgspec.msgpack.encode({**fields, "v": 1}), {"v_phone": 2})
    again = restore(CONV, 4, Limits(), Activation(older, [], {}))
    assert (again.head, again.revisions.written) == (9, 9)
