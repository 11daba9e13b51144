"""The actor of an active conversation: it performs what its state decides.

It hardly ever awaits while it works: an append's outcome comes back as a message, so the sends that
arrive meanwhile form the next group. Its mailbox waits while it reads its state, while it reads the
text that somebody edits, deletes or reacts to (decision 0008), and while it asks how somebody
receives a stranger's first message.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Any

import structlog

from ..config.clock import Timer
from ..config.errors import Refusal, StaleEpochError, StoreError, UnavailableError
from ..config.ids import ConvId, shard_of
from ..config.limits import Limits
from ..config.units import SECONDS
from ..storage.contract import Store
from ..storage.records import Message, Projection, Snapshot
from . import gate, snapshot_codec
from .bodies import Text
from .commands import (
    AcceptRequest,
    ChangeGroup,
    Describe,
    EffectDone,
    FoundGroup,
    GrantReading,
    HeadTold,
    MoveCursor,
    Post,
    Reply,
    ReplyTo,
    SetBlock,
    TellTyping,
    UnwatchConv,
    WatchConv,
)
from .conversation_effects import (
    Answer,
    Append,
    Effect,
    Ended,
    FanOut,
    Finish,
    Look,
    Project,
    Reload,
    TellHead,
    TellUser,
)
from .conversation_news import Committed, Flush, Idle, Projected, Retell
from .conversation_state import ConversationState
from .door import Door, door_of
from .gate_commands import Depart, JoinByLink, Vouch
from .node_commands import HandOver, TakeUp
from .ports import Cluster
from .receipting import Receipting
from .roll_call import MOST_CALLED, call_roll
from .runtime.actor import LoopActor
from .unprojected import taken_up
from .watch_table import WatchTable

#: How long a member's User, or the store, may take before it is told of a change again.
RETELL_S = 5 * SECONDS

log = structlog.get_logger(__name__)


class ConversationActor(LoopActor):
    """`conv:ID`. Activated by its first message, from the store; leaves memory when idle."""

    #: Its mailbox belongs to the name: what waits at a crash is for the one that follows.
    keeps_mailbox = True

    def __init__(
        self, conv: ConvId, store: Store, cluster: Cluster, limits: Limits, watchers: WatchTable
    ) -> None:
        super().__init__()
        self._conv = conv
        self.shard = shard_of(conv)
        self._store = store
        self._cluster = cluster
        self._limits = limits
        self._watchers = watchers
        self._topic = f"conv:{conv}"
        self._state: ConversationState | None = None
        self._due: Snapshot | None = None
        self._receipts = Receipting(
            self._topic,
            store,
            cluster,
            self.system.clock,
            limits,
            watchers,
            lambda delay_s: self.after(delay_s, Flush()),
        )
        self._retell: Timer | None = None
        self._touched = True
        self._closing = False

    async def on_start(self) -> None:  # type: ignore[override]  # pykka's is not async
        """Read the state; who missed something while nobody was here is told the head."""
        self.after(self._limits.idle_s, Idle())
        await self._load()

    def on_stop(self) -> None:
        """Leave a snapshot, so that the next activation reads no tail."""
        state = self._state
        if state is not None and not state.group.busy:
            self._receipts.flush(state)
            if state.committed > state.saved:
                self._store.put_snapshot(self._conv, state.epoch, snapshot_codec.encode(state))

    def on_receive(self, message: Any) -> Awaitable[None] | None:
        """Judge, then perform; without a state, read it first."""
        if type(message) is not Idle:
            self._touched = True
        if type(message) is HandOver:
            self._closing = True
        if self._closing:
            return self._go(message)
        state = self._state
        if state is None:
            return self._after_loading(message)
        return self._handle(state, message)

    def _handle(
        self,
        state: ConversationState,
        message: Any,
        found: Message | None = None,
        door: Door | None = None,
    ) -> Awaitable[None] | None:
        effects: Iterable[Effect] = ()
        try:
            match message:
                case Post() if door is None and state.begins(message):
                    return self._at_the_door(state, message)
                case Post():
                    effects = state.post(message, self._now(), found, door or "open")
                case Committed() if message.of is not state and not message.doubtful:
                    return None  # a predecessor's; this state was read after it
                case Committed(error=None):
                    effects = self._committed(state)
                case Committed(error=StoreError() as error):
                    log.warning("commit_failed", conv=self._conv, error=repr(error))
                    effects = state.fail(error)
                case MoveCursor():
                    if state.move(message):
                        self._receipts.flush_soon()
                case GrantReading():
                    effects = [Answer(message.reply, state.grant(message.user))]
                case WatchConv():
                    state.members.require(message.user)
                    self._watchers.add(self._topic, message.session, message.user)
                case UnwatchConv():
                    self._watchers.remove(self._topic, message.session)
                case ChangeGroup():
                    effects = state.change(message, self._now())
                case JoinByLink():
                    effects = gate.join(state, message, self._now())
                case Depart():
                    effects = gate.depart(state, message, self._now())
                case Vouch():
                    effects = gate.vouch(state, message)
                case SetBlock():
                    effects = state.set_block(message, self._now())
                case AcceptRequest():
                    effects = state.let_in(message, self._now())
                case FoundGroup():
                    effects = state.found(message, self._now())
                case Describe():
                    effects = [Answer(message.reply, state.describe(message.user))]
                case EffectDone():
                    effects = state.effect_done(message)
                case Projected():
                    effects = self._projected(state, message)
                case TellTyping():
                    state.members.require(message.user)
                    self._receipts.typing(state, message.user)
                case TakeUp():
                    pass  # to be alive is all that is asked
                case _:
                    return self._on_time(state, message)
        except Refusal as refusal:
            reply: ReplyTo | None = getattr(message, "reply", None)
            effects = [] if reply is None else [Answer(reply, refusal)]
        again = self._perform(state, effects)
        if state.head == 0:
            # Nobody wrote here and somebody asked: not worth a place in memory.
            self.passivate()
        return again

    def _on_time(self, state: ConversationState, message: Any) -> Awaitable[None] | None:
        match message:
            case Flush():
                self._receipts.flush(state)
            case Retell():
                self._retell = None
                again = self._perform(state, state.retell())
                if state.owes:
                    self._retell_later()
                return again
            case Idle():
                self._leave_if_idle(state)
            case _:
                raise TypeError(f"a conversation knows no {type(message).__name__}")
        return None

    async def _at_the_door(self, state: ConversationState, m: Post) -> None:
        """Read how the other one receives a first message; the mailbox waits."""
        assert m.to is not None
        try:
            door = await door_of(self._store, m.to, m.user)
        except StoreError as error:
            log.warning("door_unread", conv=self._conv, error=repr(error))
            self._unavailable(m)
            return
        again = self._handle(state, m, door=door)
        if again is not None:
            await again

    # --- effects --------------------------------------------------------------------------------

    def _perform(
        self, state: ConversationState, effects: Iterable[Effect]
    ) -> Awaitable[None] | None:
        for effect in effects:
            match effect:
                case Answer():
                    self._cluster.tell(effect.to.name, Reply(effect.to.key, effect.result))
                case FanOut():
                    self._cluster.fan_out(effect.users, effect.deliveries)
                case Append():
                    self._append(state, effect)
                case TellUser():
                    self._cluster.tell(f"user:{effect.user}", effect.change)
                    self._retell_later()
                case Look():
                    return self._look(state, effect.post)
                case Project():
                    self._project(state, effect.projection)
                case Finish():
                    self._store.finish(self._conv, state.epoch)
                case Ended():
                    self._watchers.remove_users(self._topic, effect.users)
                case TellHead():
                    self._cluster.fan_out(state.names(), HeadTold(self._conv, state.committed))
                case Reload():
                    if effect.disown:
                        self._cluster.disown(self.shard, state.epoch)
                    self._state = self._due = None
                    return None if self._closing else self._load()
        return None

    def _append(self, state: ConversationState, add: Append) -> None:
        if add.snapshot_due:
            self._due = snapshot_codec.encode(state)
        # Told to this very actor, never by name: a successor must not take the word on an append
        # that it did not make.
        me = self.actor_ref

        def done(error: StoreError | None) -> None:
            told = Committed(error, state)
            if not me.tell_if_alive(told) and told.doubtful:
                self._cluster.disown(self.shard, state.epoch)

        self._store.append(
            self._conv, state.epoch, add.entries, done, unfinished=add.unfinished, ended=add.ended
        )

    def _committed(self, state: ConversationState) -> list[Effect]:
        due, self._due = self._due, None
        if due is not None:
            self._store.put_snapshot(self._conv, state.epoch, due)
            state.saved = due.seq
        effects = state.commit()
        if state.progress.moved:
            self._receipts.flush_soon()
        return effects

    def _retell_later(self) -> None:
        if self._retell is None:
            self._retell = self.after(RETELL_S, Retell())

    # --- changes of earlier texts ---------------------------------------------------------------

    async def _look(self, state: ConversationState, m: Post) -> None:
        assert not isinstance(m.body, Text)
        seq = m.body.s
        try:
            (found,) = await self._store.page(self._conv, seq, seq, limit=1, max_bytes=0)
        except StoreError as error:
            log.warning("text_unread", conv=self._conv, seq=seq, error=repr(error))
            self._unavailable(m)
            return
        again = self._handle(state, m, found)
        if again is not None:
            await again

    def _project(self, state: ConversationState, projection: Projection) -> None:
        me = self.actor_ref

        def done(error: StoreError | None) -> None:
            me.tell_if_alive(Projected(projection.changed_at, error))

        self._store.put_projection(self._conv, state.epoch, projection, done)
        self._retell_later()

    def _projected(self, state: ConversationState, told: Projected) -> list[Effect]:
        if told.error is None:
            return state.projected(told.seq)
        log.warning("projection_failed", conv=self._conv, error=repr(told.error))
        if isinstance(told.error, StaleEpochError) and not state.group.busy:
            return [Reload(disown=True)]
        return []  # told again; a group under way finds out by itself that its epoch is over

    # --- life -----------------------------------------------------------------------------------

    async def _load(self) -> None:
        epoch = 0
        try:
            epoch = await self._cluster.epoch(self.shard)
            state, first = await taken_up(self._store, self._conv, epoch, self._limits)
            if epoch != (now := await self._cluster.epoch(self.shard)):
                raise StaleEpochError(epoch, now)  # a predecessor's append ended in doubt
        except (StoreError, UnavailableError) as error:
            log.warning("activation_failed", conv=self._conv, error=repr(error))
            if isinstance(error, StaleEpochError):
                # Or every later try would ask under the same one.
                self._cluster.disown(self.shard, epoch)
            if self._cluster.here(self.shard):
                # Nobody may write here again, and what is unfinished would wait for ever.
                self._retell_later()
            return
        self._state = state
        if first:
            # It was not closed in order: somebody may have missed a push (design, section 6).
            state.doubted = True
            for users, head in state.missed(first):
                self._cluster.fan_out(users, HeadTold(self._conv, head))
        self._perform(state, state.retell() or state.finish_if_done())

    async def _after_loading(self, message: Any) -> None:
        if isinstance(message, Idle):
            if self._cluster.here(self.shard) or not self.passivate():
                self.after(self._limits.idle_s, message)
            return
        if isinstance(message, Retell):
            self._retell = None
        await self._load()
        state = self._state
        if isinstance(message, Retell):
            return
        if state is not None:
            again = self._handle(state, message)
            if again is not None:
                await again
        elif isinstance(message, Flush):
            self._receipts.flush(None)  # it has rung; without a state nothing has moved
        else:
            self._unavailable(message)

    def _go(self, message: Any) -> Awaitable[None] | None:
        """The conversation lives elsewhere now: what is under way is finished, nothing begins."""
        state, again = self._state, None
        if state is not None and isinstance(message, Committed | Projected | EffectDone):
            again = self._handle(state, message)
        else:
            self._unavailable(message)
        if self._state is None or not self._state.group.busy:
            self.passivate()
        return again

    def _leave_if_idle(self, state: ConversationState) -> None:
        idle = not self._touched and state.quiet and not self._watchers.of(self._topic)
        self._touched = False
        call_roll(self._cluster, self._topic, (), self._watchers.turn(self._topic, MOST_CALLED))
        if not (idle and self.passivate()):
            self.after(self._limits.idle_s, Idle())

    def _unavailable(self, message: Any) -> None:
        reply: ReplyTo | None = getattr(message, "reply", None)
        if reply is not None:
            self._cluster.tell(reply.name, Reply(reply.key, UnavailableError()))

    def _now(self) -> int:
        return self.system.clock.now_ms()


__all__ = ["RETELL_S", "ConversationActor"]
