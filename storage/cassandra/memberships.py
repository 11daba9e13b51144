"""Each user's list of conversations: one row in two directions, and cursors beside one of them.

A row's timestamp is its version, (lv, conv_seq): a lower one never replaces a higher, whoever
writes them and when, and to write it twice is to write it once. A lower `conv_seq` at a higher `lv`
is looked for before: only an owner that is none any more can slip in between, and then the
conversation tells the new one again. A cursor is its own timestamp.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...config.errors import StoreRefusedError
from ...config.ids import ConvId, UserId
from ..memory_queue import check_storable
from ..records import Cursors, Membership
from .base import CassandraBase
from .bridge import Row
from .columns import LINE, LINE_WIDTH
from .works import PutCursors

#: Bits of a timestamp that hold `conv_seq`, and those that are left for `lv`.
_CONV_SEQ_BITS, _LV_BITS = 32, 30

#: Above every version that a row can have: what is deleted with it stays so.
FOR_EVER = 1 << 62

_PUT = (
    f"INSERT INTO {{}} ({LINE}) VALUES ({', '.join('?' * LINE_WIDTH)}) USING TIMESTAMP ?"
)  # fmt: skip
_PUT_LIST, _PUT_MEMBER = _PUT.format("lists"), _PUT.format("members")
_START = "UPDATE members USING TIMESTAMP ? SET recv = ?, read = ? WHERE conv = ? AND user = ?"
_ONE = f"SELECT {LINE} FROM lists WHERE user = ? AND conv = ?"
_LIST = f"SELECT {LINE} FROM lists WHERE user = ? AND conv > ? LIMIT ?"
_ALL = f"SELECT {LINE} FROM lists WHERE user = ?"
_MEMBERS = f"SELECT {LINE} FROM members WHERE conv = ?"
_WIPE_LIST = "DELETE FROM lists USING TIMESTAMP ? WHERE user = ?"
_WIPE_ENDED = "DELETE FROM ended USING TIMESTAMP ? WHERE user = ?"
_WIPE_MEMBER = "DELETE FROM members USING TIMESTAMP ? WHERE conv = ? AND user = ?"


class CassandraMemberships(CassandraBase):
    """What `contract.Memberships` says about rows and cursors, in Cassandra."""

    async def membership(self, user: UserId, conv: ConvId) -> Membership | None:
        rows = await self._rows(_ONE, user, conv)
        return membership(rows[0]) if rows else None

    async def put_membership(self, membership: Membership) -> None:
        self._check_open()
        m = membership
        values: list[Any] = [
            m.user, m.conv, m.kind, m.lv, m.conv_seq, m.title, m.role, m.peer, m.since, m.until,
            m.request, m.mute,
        ]  # fmt: skip
        check_storable(*values)
        if not (0 <= m.conv_seq < 1 << _CONV_SEQ_BITS and 0 <= m.lv < 1 << _LV_BITS):
            raise StoreRefusedError(f"a row cannot be stored (version {m.lv}, {m.conv_seq})")
        known = await self.membership(m.user, m.conv)
        if known is not None and (known.lv > m.lv or known.conv_seq > m.conv_seq):
            return
        version = (m.lv << _CONV_SEQ_BITS) + m.conv_seq
        answers = [self._bridge.start(cql, [*values, version]) for cql in (_PUT_LIST, _PUT_MEMBER)]
        if m.since > 1:
            least = m.since - 1
            answers.append(self._bridge.start(_START, [least, least, least, m.conv, m.user]))
        for answer in answers:
            await answer

    def put_cursors(self, conv: ConvId, cursors: Mapping[UserId, Cursors]) -> None:
        self._submit(PutCursors(conv, dict(cursors)))

    async def memberships(
        self, user: UserId, *, after: ConvId | None, limit: int
    ) -> list[Membership]:
        return [membership(row) for row in await self._rows(_LIST, user, after or "", limit)]

    async def members(self, conv: ConvId) -> list[Membership]:
        rows = await self._rows(_MEMBERS, conv)
        return [membership(row) for row in rows if row[3] is not None]

    async def smallest_shared(self, one: UserId, other: UserId) -> int:
        ones, others = await self._both(one, other)
        here = {m.conv for m in ones if m.until is None and not m.request}
        shared = [m.conv for m in others if m.until is None and m.conv in here]
        answers = [self._bridge.start(_MEMBERS, (conv,)) for conv in shared]
        sizes = [
            sum(row[3] is not None and row[9] is None for row in await answer) for answer in answers
        ]
        return min(sizes, default=0)

    async def have_met(self, one: UserId, other: UserId) -> bool:
        ones, others = await self._both(one, other)
        convs = {m.conv for m in ones if not m.request}
        return any(m.conv in convs for m in others)

    async def _both(self, one: UserId, other: UserId) -> tuple[list[Membership], list[Membership]]:
        self._check_open()
        answers = [self._bridge.start(_ALL, (user,)) for user in (one, other)]
        ones, others = [[membership(row) for row in await answer] for answer in answers]
        return ones, others

    async def _wipe_list(self, user: UserId) -> None:
        """Remove every row of a user's list, and the user from everybody else's sight."""
        rows = await self._rows(_ALL, user)
        answers = [self._bridge.start(_WIPE_MEMBER, (FOR_EVER, row[1], user)) for row in rows]
        for answer in answers:
            await answer
        # The last: it is what tells, when this is done again, what there is to do.
        await self._bridge.run(_WIPE_LIST, (FOR_EVER, user))
        await self._bridge.run(_WIPE_ENDED, (FOR_EVER, user))


def membership(row: Row) -> Membership:
    """The membership that begins a row of LINE."""
    return Membership(*row[:LINE_WIDTH])


__all__ = ["FOR_EVER", "CassandraMemberships", "membership"]
