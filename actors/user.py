"""The actor of a user: sessions, presence, and the one writer of the user's private log.

A delivery is its hot message: it goes straight to the out queues of the user's sessions. What
changes the private log is rare, and the mailbox waits while it is written.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import structlog

from ..config.clock import Timer
from ..config.errors import Refusal, StoreError, UnavailableError
from ..config.ids import UserId, self_log, shard_of
from ..config.limits import Limits
from ..storage.contract import Store
from .answers import Behind, Deliveries, Done, Event, ListMoved
from .commands import (
    AskPresence,
    Attach,
    Attached,
    CatchUp,
    ContactTold,
    CreateGroup,
    Detach,
    DeviceRevoked,
    HeadTold,
    ListChange,
    LookAgain,
    OwnCursor,
    Reply,
    ReplyTo,
    UnwatchUser,
    UserAct,
    WatchUser,
)
from .errands import RETELL_S, Errands
from .far import FarSession, FarTable, node_of
from .gate_commands import Forget
from .heads import all_heads
from .node_commands import HandOver, Reread, TakeUp
from .ports import Attachment, Cluster, Directory
from .presence import Appearance
from .private_log import PrivateLog
from .requests import BlockPerson
from .rereading import REREAD_S, ReadHeads, Rereading
from .roll_call import call_roll
from .runtime.actor import LoopActor
from .user_state import UserState
from .watch_table import WatchTable

REVOKED = "This device was signed out."

log = structlog.get_logger(__name__)


class _Idle:
    """Time to look who is still there, and whether anybody needs this actor."""


class _Found:
    """Sessions were here all the time, while the private log could not be read."""


class _GraceOver:
    """Time to be offline, unless a session came back."""


class _Retell:
    """Time to go on with what others have not answered."""


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
        far: FarTable,
    ) -> None:
        super().__init__()
        self.shard = shard_of(self_log(user))
        self._user = user
        self._store = store
        self._cluster = cluster
        self._directory = directory
        self._limits = limits
        self._far = far
        clock, again = self.system.clock, self._retell_in
        self._seen_as = Appearance(user, store, cluster, clock, limits, watchers, again)
        self._grace: Timer | None = None
        self._leaving: _GraceOver | None = None
        self._rereading: Rereading | None = None
        self._began = self._took_up = False
        self._closing = False
        key = int.from_bytes(self.system.chance.token(6), "big")
        self._errands = Errands(user, store, cluster, clock, again, key)
        self._private = PrivateLog(user, store, cluster, limits, self._take_up)

    async def on_start(self) -> None:  # type: ignore[override]  # pykka's is not async
        """Read the private log; sessions that counted on a predecessor are attached again."""
        self.after(self._limits.idle_s, _Idle())
        state = await self._private.load()
        self._began = True
        if state is None:
            # Nobody may ask again, and what is unfinished would wait for ever.
            self.after(RETELL_S, _Retell())
        elif state.sessions:
            await self._tell_heads()
            return
        if not self._cluster.here(self.shard, self._limits.presence_grace_s):
            # Who is attached at other nodes has perhaps not said so yet (design, section 6).
            self._seen_as.certain = False
            self._go_offline_later()

    def _take_up(self, state: UserState) -> None:
        """The private log was read; for the first time, or after an append that failed."""
        self._errands.take_up(state)
        if self._took_up:
            return
        self._took_up = True
        for connection in self._directory.connections(self._user):
            if connection.welcomed:
                state.attach(connection)
        for far in self._far.of(self._user):
            state.attach(far)
        if not self._began:
            self._seen_as.online = bool(state.sessions)
        elif state.sessions:
            self.after(0, _Found())
            self._reread_soon(0)

    def on_stop(self) -> None:
        """Leave a snapshot of the private log."""
        self._private.save()

    def on_receive(self, message: Any) -> Awaitable[None] | None:
        """Push at once; everything that needs the store is awaited."""
        match message:
            case Deliveries():
                self._deliver(message)
                if self._closing:
                    self.passivate()
            case _ if self._closing:
                self._go(message)
            case HeadTold():
                self._push(Behind({message.conv: message.head}))
            case OwnCursor():
                self._push(message.receipts)
            case Attach():
                return self._attach(message)
            case Detach():
                self._detach(message.session)
            case CatchUp():
                self._answer(message.reply, Done())
            case UnwatchUser():
                self._seen_as.unwatch(message.session)
            case DeviceRevoked():
                self._revoke(message)
            case Reply():
                self._errands.replied(self._private, message)
            case WatchUser():
                return self._seen_as.watch(message)
            case AskPresence():
                return self._seen_as.answer(message)
            case CreateGroup():
                return self._errands.create(self._private, message)
            case ListChange():
                return self._change_list(message)
            case UserAct():
                return self._act(message)
            case ContactTold():
                return self._and_show(self._errands.hear(self._private, message))
            case Forget():
                return self._forget(message)
            case _Retell():
                return self._retell()
            case _GraceOver():
                return self._offline(message)
            case _Found():
                return self._seen_as.turn(online=True)
            case Reread():
                self._reread_soon(message.again_s)
            case ReadHeads():
                return self._read_heads(message)
            case TakeUp():
                pass
            case HandOver():
                self._go(message)
            case _Idle():
                self._look_around()
            case _:
                raise TypeError(f"a user knows no {type(message).__name__}")
        return None

    # --- sessions -------------------------------------------------------------------------------

    def _push(self, event: Event) -> None:
        if self._private.live is not None:
            self._private.live.push(event)

    def _deliver(self, told: Deliveries) -> None:
        state = self._private.live
        for session, connection in state.sessions.items() if state is not None else ():
            push = connection.outbox.push
            for delivery in told.items:
                if delivery.origin != session:
                    push(delivery)

    async def _attach(self, m: Attach) -> None:
        state = await self._private.ready()
        if state is None:
            self._answer(m.reply, UnavailableError())
            return
        connection: Attachment | None = self._directory.connection(m.session)
        if connection is None:
            if node_of(m.session) == self._cluster.node:
                # The socket went meanwhile; its Session will stop.
                return
            connection = far = FarSession(self._cluster, self._user, m)
            self._far.add(far)
        replaced = state.attach(connection)
        if replaced is None:
            self._far.remove(self._user, m.session)
            refusal = Refusal("A newer connection of this device is here.")
            connection.outbox.close(4409, refusal.text)
            self._answer(m.reply, refusal)
            return
        for old in replaced:
            self._far.remove(self._user, old.connection.session)
            old.connection.outbox.close(old.code, "Replaced by a newer connection.")
        self._stop_grace()
        self._answer(m.reply, Attached(state.mine(m.device)))
        if not self._cluster.here(self.shard, self._cluster.settles_s):
            # Who attaches reads the heads after it; what others push to the home before this one,
            # until they know of this one, comes after those.
            self._healing().set_later(self._cluster.settles_s)
        if not self._seen_as.online:
            self._seen()
            await self._seen_as.turn(online=True)

    def _seen(self) -> None:
        self.system.tasks.start(self._seen_as.save_seen(), "last active")

    def _detach(self, session: str) -> None:
        state = self._private.live
        self._far.remove(self._user, session)
        if state is not None and state.detach(session):
            self._seen()
            self._go_offline_later()

    def _go_offline_later(self) -> None:
        self._stop_grace()
        self._leaving = _GraceOver()
        self._grace = self.after(self._limits.presence_grace_s, self._leaving)

    async def _offline(self, over: _GraceOver) -> None:
        state = self._private.live
        if over is not self._leaving:
            return  # a session came back while this one was in the mailbox
        self._grace = self._leaving = None
        if state is None or not state.sessions:
            await self._seen_as.turn(online=False)

    def _stop_grace(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = self._leaving = None

    def _revoke(self, m: DeviceRevoked) -> None:
        state = self._private.live
        if state is not None:
            for connection in list(state.sessions.values()):
                if m.device is None or connection.device == m.device:
                    connection.outbox.close(4403, REVOKED)

    async def _tell_heads(self) -> None:
        """What was pushed while nobody was here is in the logs: say how far they go."""
        try:
            heads = await all_heads(self._store, self._user)
        except StoreError as error:
            log.warning("heads_unread", user=self._user, error=repr(error))
            self.after(RETELL_S, Reread())
            return
        if heads:
            self._push(Behind(heads))

    # --- healing --------------------------------------------------------------------------------

    def _reread_soon(self, again_s: float) -> None:
        state = self._private.live
        if state is None or not state.sessions:
            return  # who attaches reads the heads after it
        self._healing().set(self.system.chance.uniform(0, REREAD_S), again_s)

    def _healing(self) -> Rereading:
        self._rereading = self._rereading or Rereading(self.after)
        return self._rereading

    async def _read_heads(self, m: ReadHeads) -> None:
        if self._rereading is not None and not self._rereading.rang(m):
            self._rereading = None
        await self._tell_heads()
        await self._shut_out_revoked()

    async def _shut_out_revoked(self) -> None:
        """It may have been this that never arrived."""
        state = self._private.live
        for connection in list(state.sessions.values()) if state is not None else ():
            try:
                device = await self._store.device(connection.device)
            except StoreError as error:
                log.warning("device_unread", user=self._user, error=repr(error))
                return
            if device is not None and device.revoked:
                connection.outbox.close(4403, REVOKED)

    def _go(self, message: Any) -> None:
        """The user lives elsewhere now, where the sessions attach: refuse what comes, and end."""
        self._closing = True
        self._stop_grace()
        reply: ReplyTo | None = getattr(message, "reply", None)
        if reply is not None:
            self._answer(reply, UnavailableError())
        # Where something waits, the last of it ends this.
        self.passivate()

    # --- changes of one's own -------------------------------------------------------------------

    async def _change_list(self, m: ListChange) -> None:
        if await self._seen_as.after(self._errands.change_list(self._private, m)):
            self._look_again()

    async def _act(self, m: UserAct) -> None:
        await self._and_show(self._errands.act(self._private, m))
        if isinstance(m.act, BlockPerson) and not m.act.on:
            self._look_again()

    def _look_again(self) -> None:
        """Those on the screens may be seen by now, and do not know it: it is this user's doing."""
        for session in self._private.live.sessions if self._private.live is not None else ():
            self._cluster.tell(session, LookAgain())

    async def _and_show(self, change: Awaitable[None]) -> None:
        """After what every device of the user shows: those that are connected read it again."""
        before = self._head()
        await self._seen_as.after(change)
        if self._head() > before:
            self._push(ListMoved(self._head()))

    def _head(self) -> int:
        return self._private.state.head if self._private.state is not None else 0

    async def _forget(self, m: Forget) -> None:
        self._seen_as.end()
        try:
            # In this actor's turn: no row of the list is written after it.
            await self._store.finish_deletion(self._user)
        except StoreError:
            self._answer(m.reply, UnavailableError())
        else:
            self._private.forget()
            self._answer(m.reply, Done())

    # --- life -----------------------------------------------------------------------------------

    def _look_around(self) -> None:
        state = self._private.live
        attached = state.sessions if state is not None else ()
        call_roll(self._cluster, f"user:{self._user}", attached, self._seen_as.watchers())
        busy = self._seen_as.watched or self._grace is not None
        if state is not None:
            busy = busy or self._seen_as.online or self._errands.busy(state)
        if attached or busy or not self.passivate():
            self.after(self._limits.idle_s, _Idle())

    async def _retell(self) -> None:
        await self._errands.retell(self._private)
        await self._seen_as.look_again()
        if self._private.state is None and self._cluster.here(self.shard):
            self.after(RETELL_S, _Retell())

    def _retell_in(self, delay_s: float) -> None:
        self.after(delay_s, _Retell())

    def _answer(self, reply: ReplyTo, result: Any) -> None:
        self._cluster.tell(reply.name, Reply(reply.key, result))


__all__ = ["REVOKED", "UserActor"]
