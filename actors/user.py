"""The actor of a user: sessions, presence, and the one writer of the user's private log.

A delivery is its hot message: it goes straight to the out queues of the user's sessions. What
changes the private log is rare, and the mailbox waits while it is written.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Any

import structlog

from ..config.clock import Timer
from ..config.errors import Refusal, StoreError, StoreRetryableError, UnavailableError
from ..config.ids import UserId, self_log, shard_of
from ..config.limits import Limits
from ..storage.contract import Store
from ..storage.records import Entry, Membership
from . import snapshot_codec
from .answers import Behind, Deliveries, Done, Event, PresenceState
from .bodies import SelfEntry
from .commands import (
    AskPresence,
    Attach,
    Attached,
    CreateGroup,
    Depart,
    Description,
    Detach,
    DeviceRevoked,
    EffectDone,
    Forget,
    HeadTold,
    ListChange,
    OwnCursor,
    Reply,
    ReplyTo,
    UnwatchUser,
    WatchUser,
)
from .heads import all_heads
from .ports import Cluster, Directory
from .runtime.actor import LoopActor
from .user_state import UserState
from .waiting import append
from .watch_table import WatchTable

log = structlog.get_logger(__name__)


class _Idle:
    """Time to look whether anybody still needs this actor."""


@dataclass(frozen=True, slots=True)
class _Founding:
    """A group that this user asked for, while its actor founds it."""

    conv: str
    reply: ReplyTo | None


class UserActor(LoopActor):
    """`user:ID`, at the user's home node."""

    #: Its mailbox belongs to the name: what waits at a crash is for the one that follows.
    keeps_mailbox = True

    def __init__(
        self,
        user: UserId,
        store: Store,
        cluster: Cluster,
        directory: Directory,
        limits: Limits,
        watchers: WatchTable,
    ) -> None:
        super().__init__()
        self._user = user
        self._log = self_log(user)
        self._store = store
        self._cluster = cluster
        self._directory = directory
        self._limits = limits
        self._watchers = watchers
        self._topic = f"user:{user}"
        self._state: UserState | None = None
        self._grace: Timer | None = None
        #: {key: _Founding}: groups under way; None while there is none.
        self._founding: dict[int, _Founding] | None = None
        self._keys = 0

    async def on_start(self) -> None:  # type: ignore[override]  # pykka's is not async
        """Read the private log; sessions that counted on a predecessor are attached again."""
        await self._load()
        again = [c for c in self._directory.connections(self._user) if c.welcomed]
        state = self._state
        if state is not None and again:
            for connection in again:
                state.attach(connection)
            state.online = True
            await self._tell_heads()
        if state is not None and not state.sessions:
            self.after(self._limits.idle_s, _Idle())

    def on_stop(self) -> None:
        """Leave a snapshot of the private log, so that the next activation reads no tail."""
        state = self._state
        if state is not None and state.head > state.saved:
            self._store.put_snapshot(self._log, state.epoch, snapshot_codec.encode_user(state))

    def on_receive(self, message: Any) -> Awaitable[None] | None:
        """Push at once; everything that needs the store is awaited."""
        match message:
            case Deliveries():
                self._deliver(message)
            case HeadTold():
                self._push(Behind({message.conv: message.head}))
            case OwnCursor():
                self._push(message.receipts)
            case Attach():
                return self._attach(message)
            case Detach():
                self._detach(message.session)
            case UnwatchUser():
                self._watchers.remove(self._topic, message.session)
            case DeviceRevoked():
                self._revoke(message)
            case Reply():
                return self._founded(message)
            case WatchUser():
                return self._watch(message)
            case AskPresence():
                return self._tell_presence(message)
            case CreateGroup():
                return self._create(message)
            case ListChange():
                return self._change_list(message)
            case Forget():
                return self._forget(message)
            case _Idle():
                self._leave_if_idle()
            case _:
                raise TypeError(f"a user knows no {type(message).__name__}")
        return None

    # --- sessions -------------------------------------------------------------------------------

    def _push(self, event: Event) -> None:
        for connection in self._state.sessions.values() if self._state is not None else ():
            connection.outbox.push(event)

    def _deliver(self, told: Deliveries) -> None:
        for session, connection in self._state.sessions.items() if self._state is not None else ():
            push = connection.outbox.push
            for delivery in told.items:
                if delivery.origin != session:
                    push(delivery)

    async def _attach(self, m: Attach) -> None:
        state = await self._ready(m.reply)
        if state is None:
            return
        connection = self._directory.connection(m.session)
        if connection is None:
            # The socket went meanwhile; its Session will stop.
            return
        replaced = state.attach(connection)
        if replaced is None:
            refusal = Refusal("A newer connection of this device is here.")
            connection.outbox.close(4409, refusal.text)
            self._answer(m.reply, refusal)
            return
        for old in replaced:
            old.connection.outbox.close(old.code, "Replaced by a newer connection.")
        self._stop_grace()
        if not state.online:
            state.online = True
            self._seen()
            self._tell_watchers(state)
        self._answer(m.reply, Attached(state.mine(m.device)))

    def _detach(self, session: str) -> None:
        state = self._state
        if state is not None and state.detach(session):
            self._seen()
            self._stop_grace()
            self._grace = self.system.clock.call_later(self._limits.presence_grace_s, self._offline)

    def _offline(self) -> None:
        state = self._state
        self._grace = None
        if state is not None and not state.sessions and state.online:
            state.online = False
            self._tell_watchers(state)
            self.after(self._limits.idle_s, _Idle())

    def _stop_grace(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    def _revoke(self, m: DeviceRevoked) -> None:
        state = self._state
        if state is not None:
            for connection in list(state.sessions.values()):
                if m.device is None or connection.device == m.device:
                    connection.outbox.close(4403, "This device was signed out.")

    async def _tell_heads(self) -> None:
        """What was pushed while nobody was here is in the logs: say how far they go."""
        try:
            heads = await all_heads(self._store, self._user)
        except StoreError as error:
            log.warning("heads_unread", user=self._user, error=repr(error))
            return
        if heads:
            self._push(Behind(heads))

    # --- presence -------------------------------------------------------------------------------

    def _seen(self) -> None:
        now = self.system.clock.now_ms()

        async def put() -> None:
            try:
                await self._store.put_last_active(self._user, now)
            except StoreError as error:
                log.warning("last_active_unsaved", user=self._user, error=repr(error))

        self.system.tasks.start(put(), "last active")

    def _tell_watchers(self, state: UserState) -> None:
        told = PresenceState(self._user, state.online, self.system.clock.now_ms())
        for session in list(self._watchers.of(self._topic)):
            self._cluster.tell(session, told)

    async def _presence(self, asker: UserId) -> PresenceState | None:
        """This user's presence as the asker may see it, or None."""
        state = self._state
        if state is None:
            return None
        try:
            account = await self._store.account(self._user)
            allowed = account is not None and (
                asker == self._user
                or (
                    account.presence == "fellows"
                    and await self._store.are_fellows(self._user, asker)
                )
            )
        except StoreError:
            return None
        if account is None or not allowed:
            return None
        now = self.system.clock.now_ms()
        return PresenceState(
            self._user, state.online, now if state.online else account.last_active_ms
        )

    async def _watch(self, m: WatchUser) -> None:
        told = await self._presence(m.watcher)
        if told is not None:
            self._watchers.add(self._topic, m.session, m.watcher)
            self._cluster.tell(m.session, told)

    async def _tell_presence(self, m: AskPresence) -> None:
        self._answer(m.reply, await self._presence(m.asker))

    # --- groups ---------------------------------------------------------------------------------

    async def _create(self, m: CreateGroup) -> None:
        state = await self._ready(m.reply)
        if state is None:
            return
        try:
            entry = state.create(m, self.system.clock.now_ms())
            if entry is not None:
                await self._append(state, entry, unfinished=True)
        except Refusal as refusal:
            self._answer(m.reply, refusal)
            return
        self._found(state, state.wish(m), m.reply)

    def _found(self, state: UserState, wish: SelfEntry, reply: ReplyTo | None) -> None:
        self._keys += 1
        if self._founding is None:
            self._founding = {}
        self._founding[self._keys] = _Founding(wish.conv, reply)
        me = ReplyTo(self._topic, self._keys)
        self._cluster.tell(f"conv:{wish.conv}", state.founding(wish, me))

    async def _founded(self, m: Reply) -> None:
        founding = self._founding.pop(m.key, None) if self._founding else None
        state = self._state
        if founding is None or state is None:
            return
        if founding.reply is not None:
            self._answer(founding.reply, m.result)
        if isinstance(m.result, Description) and not self._founding:
            self._store.finish(self._log, state.epoch)

    async def _change_list(self, m: ListChange) -> None:
        state = await self._ready(None)
        if state is None:
            return  # the conversation tells again
        try:
            row = await self._store.membership(self._user, m.conv)
            if row is None and await self._store.account(self._user) is None:
                # A deleted account, taken in by somebody who did not know yet.
                self._cluster.tell(f"conv:{m.conv}", Depart(None, self._user))
            elif row is None or row.conv_seq < m.conv_seq:
                # The row first: a list read between the two shows it, under either version.
                entry = state.list_entry(m, self.system.clock.now_ms())
                await self._store.put_membership(_row(self._user, entry.seq, m))
                await self._append(state, entry)
        except (StoreError, UnavailableError) as error:
            log.warning("list_unchanged", user=self._user, error=repr(error))
            return  # the conversation tells again
        self._cluster.tell(f"conv:{m.conv}", EffectDone(self._user, m.conv_seq))

    async def _forget(self, m: Forget) -> None:
        state, self._state = self._state, None
        if state is not None and state.online:
            self._tell_watchers(replace(state, online=False))
        try:
            # In this actor's turn: no row of the list is written after it.
            await self._store.finish_deletion(self._user)
        except StoreError:
            self._answer(m.reply, UnavailableError())
        else:
            self._answer(m.reply, Done())

    async def _append(self, state: UserState, entry: Entry, *, unfinished: bool = False) -> None:
        try:
            await append(self._store, self._log, state.epoch, [entry], unfinished=unfinished)
        except StoreError as error:
            log.warning("private_log_failed", user=self._user, error=repr(error))
            if not isinstance(error, StoreRetryableError):
                self._cluster.disown(shard_of(self._log), state.epoch)
            self._state = None
            again = await self._load()
            if again is not None:
                again.sessions, again.online = state.sessions, state.online
            raise UnavailableError from error
        state.replay(entry)

    # --- life -----------------------------------------------------------------------------------

    async def _ready(self, reply: ReplyTo | None) -> UserState | None:
        state = self._state or await self._load()
        if state is None and reply is not None:
            self._answer(reply, UnavailableError())
        return state

    async def _load(self) -> UserState | None:
        try:
            epoch = await self._cluster.epoch(shard_of(self._log))
            found = await self._store.activate(self._log, epoch)
        except (StoreError, UnavailableError) as error:
            log.warning("activation_failed", user=self._user, error=repr(error))
            return None
        state = UserState(self._user, epoch, self._limits)
        if found.snapshot is not None:
            fields = snapshot_codec.unpack(found.snapshot.state)
            state.head = state.saved = fields["seq"]
            state.ts = fields["ts"]
            state.windows = snapshot_codec.decode_windows(fields["windows"])
            state.creating = {
                conv: SelfEntry("create", conv, 0, title, tuple(members), history)
                for conv, title, members, history in fields["creating"]
            }
        for entry in found.tail:
            state.replay(entry)
        self._state = state
        for wish in list(state.creating.values()):
            self._found(state, wish, None)
        return state

    def _leave_if_idle(self) -> None:
        state = self._state
        busy = self._founding or self._watchers.of(self._topic) or self._grace is not None
        if state is not None and (state.sessions or state.online):
            return  # `_offline` starts the clock again
        if busy or not self.passivate():
            self.after(self._limits.idle_s, _Idle())

    def _answer(self, reply: ReplyTo, result: Any) -> None:
        self._cluster.tell(reply.name, Reply(reply.key, result))


def _row(user: UserId, lv: int, m: ListChange) -> Membership:
    return Membership(
        user, m.conv, m.kind, lv, m.conv_seq, m.title, m.role, m.peer, m.since, m.until
    )


__all__ = ["UserActor"]
