"""A user's private log: reads its state, appends to it. The User's actor is its one writer."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import structlog

from ..config.errors import (
    StaleEpochError,
    StoreError,
    StoreRetryableError,
    UnavailableError,
)
from ..config.ids import UserId, self_log, shard_of
from ..config.limits import Limits
from ..storage.contract import Store
from ..storage.records import Entry, Membership, Snapshot
from . import snapshot_codec
from .bodies import MuteFact, PersonFact, SelfEntry, decode_body
from .ports import Cluster
from .user_state import UserState
from .waiting import append

log = structlog.get_logger(__name__)


class PrivateLog:
    """See the module.

    Attributes:
        conv: The log's name in the store.
        state: None until it could be read.
        live: Whose sessions are pushed to: `state`, or the one before it while the log cannot be
            read again.
    """

    __slots__ = ("_cluster", "_limits", "_loaded", "_store", "_user", "conv", "live", "state")

    def __init__(
        self,
        user: UserId,
        store: Store,
        cluster: Cluster,
        limits: Limits,
        loaded: Callable[[UserState], None],
    ) -> None:
        """Not read yet.

        Args:
            loaded: Called whenever the state was read, to take up what is still owed.
        """
        self.conv = self_log(user)
        self.state: UserState | None = None
        self.live: UserState | None = None
        self._user = user
        self._store = store
        self._cluster = cluster
        self._limits = limits
        self._loaded = loaded

    async def load(self) -> UserState | None:
        """Read the state; None when it cannot be read just now."""
        epoch = 0
        try:
            epoch = await self._cluster.epoch(shard_of(self.conv))
            found = await self._store.activate(self.conv, epoch)
            if epoch != (now := await self._cluster.epoch(shard_of(self.conv))):
                raise StaleEpochError(epoch, now)  # a predecessor's append ended in doubt
        except (StoreError, UnavailableError) as error:
            log.warning("activation_failed", user=self._user, error=repr(error))
            if isinstance(error, StaleEpochError):
                # Or every later try would ask under the same one.
                self._cluster.disown(shard_of(self.conv), epoch)
            return None
        state = UserState(self._user, epoch, self._limits)
        if found.snapshot is not None:
            _restore(state, found.snapshot)
        for entry in found.tail:
            state.replay(entry)
        if self.live is not None:
            state.sessions = self.live.sessions
        self.state = self.live = state
        if found.tail and not (state.creating or state.owed):
            self._store.finish(self.conv, epoch)
        self._loaded(state)
        return state

    async def ready(self) -> UserState | None:
        """The state, read if need be."""
        return self.state or await self.load()

    async def append(self, state: UserState, entry: Entry, *, unfinished: bool = False) -> None:
        """Make an entry durable and take it in; if that fails the state is read again.

        Raises:
            UnavailableError: It is not durable, or nobody knows.
        """
        try:
            await append(
                self._store,
                self.conv,
                state.epoch,
                [entry],
                unfinished=unfinished,
                unheard=lambda error: self._doubt(state, error),
            )
        except StoreError as error:
            log.warning("private_log_failed", user=self._user, error=repr(error))
            self._doubt(state, error)
            self.state = None
            await self.load()
            raise UnavailableError from error
        state.replay(entry)

    def _doubt(self, state: UserState, error: StoreError) -> None:
        """Unless it surely did not happen, nothing more is written under this epoch."""
        if not isinstance(error, StoreRetryableError):
            self._cluster.disown(shard_of(self.conv), state.epoch)

    async def untold(self, state: UserState, row: Membership, conv_seq: int) -> bool:
        """Whether the list has yet to say what a conversation's entry made of a line.

        The row alone does not tell: it is written before its entry, and whoever wrote it may have
        been paused and no longer the owner. Then its version was another entry's already, and who
        had read the list up to that one would never be shown the line.

        Args:
            row: The line as it is stored.
            conv_seq: The entry of the conversation.

        Raises:
            StoreError: Not readable just now.
        """
        if row.conv_seq != conv_seq or row.lv > state.head:
            return row.conv_seq <= conv_seq
        found = await self._store.page(self.conv, row.lv, row.lv, limit=1, max_bytes=1)
        for message in found:
            match decode_body(message.entry.body):
                case SelfEntry(ev="list") as told:
                    return (told.conv, told.conv_seq) != (row.conv, conv_seq)
                case MuteFact(conv=conv):
                    return conv != row.conv
                case _:
                    pass
        return True

    def finish(self) -> None:
        """Every effect of its entries is done."""
        if self.state is not None:
            self._store.finish(self.conv, self.state.epoch)

    def forget(self) -> None:
        """It is gone from the store: nothing of it is written again."""
        self.state = None

    def save(self) -> None:
        """Leave a snapshot, so that the next activation reads no tail."""
        state = self.state
        if state is not None and state.head > state.saved:
            self._store.put_snapshot(self.conv, state.epoch, _snapshot(state))


def _snapshot(state: UserState) -> Snapshot:
    packed = msgspec.msgpack.encode(
        {
            "v": snapshot_codec.VERSION,
            "seq": state.head,
            "ts": state.ts,
            "windows": snapshot_codec.encode_windows(state.windows),
            "creating": [[w.conv, w.title, w.members, w.history] for w in state.creating.values()],
            "owed": [[seq, fact.ev, fact.user, fact.at] for seq, fact in state.owed.items()],
        }
    )
    return Snapshot(state.head, packed, {d: w.last for d, w in state.windows.items()})


def _restore(state: UserState, snapshot: Snapshot) -> None:
    fields = snapshot_codec.unpack(snapshot.state)
    state.head = state.saved = fields["seq"]
    state.ts = fields["ts"]
    state.windows = snapshot_codec.decode_windows(fields["windows"])
    state.creating = {
        conv: SelfEntry("create", conv, 0, title, tuple(members), history)
        for conv, title, members, history in fields["creating"]
    }
    # Version 1 had no facts about people.
    state.owed = {seq: PersonFact(ev, user, at) for seq, ev, user, at in fields.get("owed", ())}


__all__ = ["PrivateLog"]
