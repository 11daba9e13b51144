"""People and groups written straight into the store, in the formats the node itself writes.

Signing 5,000 people up by HTTP would spend minutes on argon2id and measure nothing. What is left
is what a node leaves after a long life: logs, snapshots with every effect done, lists.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from hubbub.actors import snapshot_codec
from hubbub.actors.answers import Deliveries
from hubbub.actors.bodies import KINDS, System, Text, encode_body
from hubbub.actors.commands import HeadTold, ListChange, OwnCursor
from hubbub.actors.conversation_state import ConversationState
from hubbub.actors.members import Members
from hubbub.actors.user_state import UserState
from hubbub.config.clock import LoopClock, SystemChance
from hubbub.config.errors import StoreError
from hubbub.config.ids import ConvId, DeviceId, UserId, group_id, letters, self_log, shard_of
from hubbub.config.limits import Limits
from hubbub.storage.contract import Store
from hubbub.storage.records import Account, Cursors, Entry, Membership
from hubbub.storage.sqlite.store import SqliteStore
from hubbub.transport.edge.tokens import Tokens

T = TypeVar("T")

#: The last seq of a group that was asked for without texts: its founding, and one text.
_HEAD = 2

#: Between two texts of a long history.
_PAUSE_MS = 10 * 60 * 1000

#: Entries appended in one go.
_BATCH = 1000

#: Calls to the store under way at once: they share commits, and its queue stays short.
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with one device that is signed in.

    Attributes:
        token: An access token, good for 15 minutes from the seeding.
        conversations: How many are in this person's list.
    """

    user: UserId
    device: DeviceId
    token: str = field(repr=False)
    conversations: int


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was written.

    Attributes:
        groups: The conversations, in the order they were asked for.
        head: The last seq of each that was not asked for with more texts.
    """

    people: list[Person]
    groups: list[ConvId]
    head: int


async def seed(
    path: Path,
    people: int,
    groups: Sequence[Sequence[int]] = (),
    *,
    texts: Sequence[int] = (),
    password: str = "no password",
) -> Seeded:
    """Write so many people, and groups of these (by their numbers), into a new database.

    Args:
        texts: How many texts each group holds, all of them read by everybody; without it one,
            which nobody has read.
        password: What is stored for everybody's: a hash, or something that is none.
    """
    store = SqliteStore(path)
    await store.open()
    try:
        return await fill(store, people, groups, texts=texts, password=password)
    finally:
        await store.close()


async def fill(
    store: Store,
    people: int,
    groups: Sequence[Sequence[int]] = (),
    *,
    texts: Sequence[int] = (),
    password: str = "no password",
) -> Seeded:
    """Write the same into a store that is open, and empty."""
    return await _Seeding(store, password).run(people, groups, texts)


class _Seeding:
    def __init__(self, store: Store, password: str) -> None:
        self._store = store
        self._password = password
        self._now = time.time_ns() // 1_000_000
        self._limits = Limits()
        #: {shard: epoch}: claimed on first use.
        self._epochs: dict[int, int] = {}
        #: {user: entries of the private log}
        self._lines: dict[UserId, list[Entry]] = {}
        self._rows: list[Membership] = []
        #: {conversation: its members, and how far all of them have read}
        self._read: dict[ConvId, tuple[list[UserId], Cursors]] = {}

    async def run(
        self, people: int, groups: Sequence[Sequence[int]], texts: Sequence[int]
    ) -> Seeded:
        users = [UserId("u_" + letters(n.to_bytes(13, "little"))[:20]) for n in range(people)]
        await _all(self._account(user, n) for n, user in enumerate(users))
        tokens = await Tokens.open(self._store, _NoCluster(), LoopClock(), SystemChance())
        pairs = await _all(tokens.sign_in(user, "benchmark", 10) for user in users)
        states = {user: await self._user_state(user) for user in users}
        convs = [group_id(DeviceId("v_seed"), n + 1) for n in range(len(groups))]
        for number, (conv, members) in enumerate(zip(convs, groups, strict=True)):
            said = texts[number] if texts else None
            await self._group(conv, [users[n] for n in members], states, said)
        await _all(
            self._append(self_log(user), states[user].epoch, lines)
            for user, lines in self._lines.items()
        )
        await _all(self._store.put_membership(row) for row in self._rows)
        for conv, (readers, cursors) in self._read.items():
            self._store.put_cursors(conv, dict.fromkeys(readers, cursors))
        lists = Counter(row.user for row in self._rows)
        return Seeded(
            [Person(p.user, p.device, p.access, lists[p.user]) for p in pairs], convs, _HEAD
        )

    async def _account(self, user: UserId, n: int) -> None:
        name = f"person{n}"
        await self._store.create_account(Account(user, name, name, self._now, self._password), ())

    async def _user_state(self, user: UserId) -> UserState:
        return UserState(user, await self._epoch(self_log(user)), self._limits)

    async def _group(
        self,
        conv: ConvId,
        members: list[UserId],
        lists: dict[UserId, UserState],
        texts: int | None,
    ) -> None:
        """A group whose effects are all done, with its texts, as its actor leaves it."""
        epoch = await self._epoch(conv)
        creator = members[0]
        founded = System("created", tuple(members), title=f"Group {conv[-4:]}")
        said = 1 if texts is None else texts
        begun = self._now - said * _PAUSE_MS
        entries = [Entry(1, epoch, "", 0, creator, begun, KINDS[System], encode_body(founded), 0)]
        for n in range(1, said + 1):
            sender, ts = members[n % len(members)], begun + n * _PAUSE_MS
            body = encode_body(Text(f"Text {n} of this group, as long as most of them are."))
            entries.append(Entry(n + 1, epoch, "v_seed", n, sender, ts, KINDS[Text], body, n))
        state = ConversationState(conv, epoch, self._limits, Members(self._limits.members))
        for entry in entries:
            state.replay(entry)
        for user, member in state.members.by_user.items():
            member.told = member.changed
            change = ListChange(conv, 1, "group", founded.title or "", member.role, None, 1, None)
            own = lists[user]
            line = own.list_entry(change, self._now)
            own.replay(line)
            self._lines.setdefault(user, []).append(line)
            self._rows.append(
                Membership(
                    user, conv, "group", line.seq, 1, change.title, member.role, None, 1, None
                )
            )
        for first in range(0, len(entries), _BATCH):
            await self._append(conv, epoch, entries[first : first + _BATCH])
        self._store.put_snapshot(conv, epoch, snapshot_codec.encode(state))
        if texts is not None:
            self._read[conv] = (members, Cursors(len(entries), len(entries)))

    async def _epoch(self, log: ConvId) -> int:
        shard = shard_of(log)
        if shard not in self._epochs:
            self._epochs[shard] = await self._store.claim(shard)
        return self._epochs[shard]

    async def _append(self, log: ConvId, epoch: int, entries: list[Entry]) -> None:
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def done(error: StoreError | None) -> None:
            if error is None:
                durable.set_result(None)
            else:
                durable.set_exception(error)

        self._store.append(log, epoch, entries, done)
        await durable


async def _all(calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """What all of these give, in order, with a bounded number of them under way."""
    given: list[T] = []
    waiting = iter(calls)
    while some := list(islice(waiting, _AT_ONCE)):
        given += await asyncio.gather(*some)
    return given


class _NoCluster:
    """Nobody is told anything while a store is being filled."""

    node = incarnation = "seed"
    settles_s = 0.0

    def here(self, shard: int, for_s: float = 0.0) -> bool:
        """Every shard is."""
        return True

    def tell(self, name: str, message: Any) -> bool:
        """Nobody is there."""
        raise AssertionError(f"{name} told {message}")

    def fan_out(self, users: Sequence[str], message: Deliveries | HeadTold | OwnCursor) -> None:
        """Nobody is there."""
        raise AssertionError(f"fanned out {message}")

    async def epoch(self, shard: int) -> int:
        """Tokens need none."""
        raise AssertionError(f"asked for shard {shard}")

    def disown(self, shard: int, epoch: int) -> None:
        """Nothing is in doubt."""
        raise AssertionError(f"disowned shard {shard}")


__all__ = ["Person", "Seeded", "fill", "seed"]
