"""Faults that are planted on purpose: a checker that does not find them checks nothing.

Each replaces one named function. `make mutate` runs seeds under each until one of them fails, and
tells which; a mutation that survives is a check that is missing.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ...actors.answers import Acked, Deliveries, Delivery
from ...actors.commands import Attached, Reply
from ...actors.conversation_effects import Answer, Append, Effect, Reload, TellHead, TellUser
from ...config.errors import OutcomeUnknownError
from ...storage.records import Activation


@dataclass(frozen=True, slots=True)
class Mutation:
    """A planted fault.

    Attributes:
        name: One word or two, for the command line.
        what: What is wrong with it.
        target: The function that it replaces, as "module:name" or "module:Class.name".
        make: The function in its place, given the right one.
    """

    name: str
    what: str
    target: str
    make: Callable[[Any], Any]

    def owner(self) -> tuple[Any, str]:
        """Where the function stands, and its name there.

        Raises:
            ImportError, AttributeError: It stands there no longer.
        """
        module, _, path = self.target.partition(":")
        owner: Any = importlib.import_module(f"hubbub.{module}")
        *classes, name = path.split(".")
        for cls in classes:
            owner = getattr(owner, cls)
        if not callable(getattr(owner, name)):
            raise AttributeError(f"{self.target} is no function")
        return owner, name


@contextmanager
def planted(mutation: Mutation | None) -> Generator[None]:
    """The fault is there for the length of a block; None plants nothing."""
    if mutation is None:
        yield
        return
    owner, name = mutation.owner()
    # As it stands there: of a class method, not what comes of asking the class for it.
    kept = inspect.getattr_static(owner, name)
    setattr(owner, name, mutation.make(getattr(owner, name)))
    try:
        yield
    finally:
        setattr(owner, name, kept)


# --- the faults ---------------------------------------------------------------------------------


def _ack_before_commit(right: Any) -> Any:
    def wrong(self: Any) -> list[Effect]:
        effects: list[Effect] = list(right(self))
        early: list[Effect] = []
        for accepted in self.group.flying if effects else ():
            e = accepted.entry
            acked = Acked(self.conv, e.cid, e.seq, e.ts, False)
            early += [Answer(asker, acked) for asker in accepted.askers if e.device]
        return [*early, *effects]

    return wrong


def _fan_out_before_commit(right: Any) -> Any:
    def wrong(self: Any, state: Any, effect: Append) -> None:
        for a in state.group.flying:
            told = Deliveries((Delivery(state.conv, a.entry, a.body, a.origin),))
            self._cluster.fan_out(a.users, told)
            a.users = ()
        right(self, state, effect)

    return wrong


def _ends_unmarked(right: Any) -> Any:
    def wrong(self: Any, conv: Any, epoch: int, rows: Any, unfinished: bool, _ended: Any) -> Any:
        return right(self, conv, epoch, rows, unfinished, {})

    return wrong


def _no_waiting_for_appends(_right: Any) -> Any:
    async def wrong(self: Any, conv: Any, epoch: int) -> Activation:
        self._check_epoch(conv, epoch)
        log = self._logs.get(conv)
        if log is None:
            return Activation(None, [], {})
        tail = log.entries[log.snapshot.seq if log.snapshot else 0 :]
        cursors = {user: c for (user, of), c in self._cursors.items() if of == conv}
        return Activation(log.snapshot, list(tail), cursors)

    return wrong


def _always_closed(right: Any) -> Any:
    async def wrong(*args: Any) -> Any:
        state, _ = await right(*args)
        return state, 0

    return wrong


def _welcome_before_attach(right: Any) -> Any:
    def wrong(self: Any, m: Any) -> Any:
        if getattr(self, "_welcomed_early", None) == m:
            return right(self, m)
        self._welcomed_early = m
        state = self._private.live
        mine = state.mine(m.device) if state is not None else 0
        self._cluster.tell(m.reply.name, Reply(m.reply.key, Attached(mine)))
        self.after(1.0, m)
        return None

    return wrong


def _anything_goes(_right: Any) -> Any:
    def wrong(*_args: Any) -> None:
        return None

    return wrong


def _nothing_awaited(_right: Any) -> Any:
    async def wrong(*_args: Any) -> None:
        return None

    return wrong


def _empty_windows(_right: Any) -> Any:
    def wrong(_packed: Any) -> dict[str, Any]:
        return {}

    return wrong


def _no_doubt(right: Any) -> Any:
    def wrong(self: Any, *args: Any) -> list[Effect] | None:
        effects: list[Effect] | None = right(self, *args)
        return effects and [effect for effect in effects if not isinstance(effect, TellHead)]

    return wrong


def _kept_text(_right: Any) -> Any:
    def wrong(self: Any, conv: Any, _epoch: int, projection: Any) -> None:
        self._logs[conv].projections[projection.seq] = projection

    return wrong


def _epoch_kept(right: Any) -> Any:
    def wrong(self: Any, error: Any) -> list[Effect]:
        effects: list[Effect] = right(self, error)
        if isinstance(error, OutcomeUnknownError):
            effects = [Reload(False) if isinstance(e, Reload) else e for e in effects]
        return effects

    return wrong


def _stale_names(right: Any) -> Any:
    first: dict[tuple[str, int], tuple[str, ...]] = {}

    def wrong(self: Any) -> tuple[str, ...]:
        names: tuple[str, ...] = right(self)
        return first.setdefault((self.conv, self.epoch), names) if names else names

    return wrong


def _everybody_ever(_right: Any) -> Any:
    def wrong(self: Any) -> tuple[str, ...]:
        return tuple(f"user:{user}" for user in self.members.by_user)

    return wrong


def _no_lines_again(right: Any) -> Any:
    def wrong(self: Any) -> list[Effect]:
        return [effect for effect in right(self) if not isinstance(effect, TellUser)]

    return wrong


def _no_holes(_right: Any) -> Any:
    def wrong(_self: Any, *_args: Any) -> None:
        return None

    return wrong


def _no_holes_anew(right: Any) -> Any:
    def wrong(self: Any, sender: str) -> None:
        if self.view is None or self.view.id.generation == 1:
            right(self, sender)

    return wrong


def _settled_at_once(right: Any) -> Any:
    def wrong(self: Any, shard: int, _for_s: float = 0.0) -> bool:
        here: bool = right(self, shard)
        return here

    return wrong


def _nothing_published(_right: Any) -> Any:
    def wrong(_self: Any, _counts: Any) -> list[str]:
        return []

    return wrong


def _as_stored(_right: Any) -> Any:
    def wrong(messages: Any, _pending: Any, _until: Any) -> Any:
        return list(messages)

    return wrong


def _no_requests(right: Any) -> Any:
    def wrong(self: Any) -> Any:
        return replace(right(self), requests=[])

    return wrong


def _wall_clock(right: Any) -> Any:
    def wrong(self: Any, *args: Any) -> Any:
        accepted = right(self, *args)
        accepted.entry = replace(accepted.entry, ts=args[-1])
        return accepted

    return wrong


#: All of them, by the promise they break.
MUTATIONS: tuple[Mutation, ...] = (
    Mutation(
        "ack-early", "a send is acknowledged before its commit",
        "actors.conversation_log:ConversationLog._next_group", _ack_before_commit,
    ),
    Mutation(
        "push-early", "members are pushed what is not yet committed",
        "actors.conversation:ConversationActor._append", _fan_out_before_commit,
    ),
    Mutation(
        "no-wait", "an activation does not wait for its predecessor's append",
        "storage.memory_logs:MemoryLogs.activate", _no_waiting_for_appends,
    ),
    Mutation(
        "heads-untold", "the heads are not told after a conversation's crash",
        "actors.conversation:taken_up", _always_closed,
    ),
    Mutation(
        "heads-first", "a session is welcomed before it is pushed to",
        "actors.user:UserActor._attach", _welcome_before_attach,
    ),
    Mutation(
        "prev-ignored", "a send is accepted whatever it says stands before it",
        "actors.cid_window:CidWindow.follow", _anything_goes,
    ),
    Mutation(
        "window-lost", "a restored snapshot knows no cids",
        "actors.snapshot_codec:decode_windows", _empty_windows,
    ),
    Mutation(
        "dup-silent", "a repeated send tells nobody how far the log goes",
        "actors.conversation_log:ConversationLog._repeated", _no_doubt,
    ),
    Mutation(
        "seq-reused", "after an unknown outcome its seq names another content",
        "actors.conversation_log:ConversationLog.fail", _epoch_kept,
    ),
    Mutation(
        "members-stale", "who joined later is not pushed to",
        "actors.conversation_state:ConversationState.names", _stale_names,
    ),
    Mutation(
        "effects-once", "a change of a member's line is told once and never again",
        "actors.conversation_state:ConversationState.retell", _no_lines_again,
    ),
    Mutation(
        "never-healed", "a user who may have missed something is not told the heads",
        "actors.user:UserActor._tell_heads", _nothing_awaited,
    ),
    Mutation(
        "holes-ignored", "what a link lost is noticed by nobody",
        "transport.cluster.node_cluster:NodeCluster._lost_from", _no_holes,
    ),
    Mutation(
        "holes-anew", "what a link lost is noticed in the first generation alone",
        "transport.cluster.node_cluster:NodeCluster._lost_from", _no_holes_anew,
    ),
    Mutation(
        "counts-ignored", "a loss that nothing follows on its link is noticed by nobody",
        "transport.cluster.links:Arrived.published", _nothing_published,
    ),
    Mutation(
        "removed-pushed", "one who was removed is pushed to all the same",
        "actors.conversation_state:ConversationState.names", _everybody_ever,
    ),
    Mutation(
        "deleted-shown", "a page shows a text whose deletion is not yet projected",
        "actors.history:as_granted", _as_stored,
    ),
    Mutation(
        "watch-forgotten", "who watches is forgotten when the watched one's home moves",
        "actors.watching:Watching.again", _anything_goes,
    ),
    Mutation(
        "offline-early", "a home that has just moved takes who has not attached for offline",
        "transport.cluster.node_cluster:NodeCluster.here", _settled_at_once,
    ),
    Mutation(
        "not-replayed", "a new Session does not do what its predecessor left unanswered",
        "transport.edge.signed_in:SignedIn.handover", _no_requests,
    ),
    Mutation(
        "clock-trusted", "a message has the time of the wall clock, even when that goes back",
        "actors.conversation_log:ConversationLog._entered", _wall_clock,
    ),
    Mutation(
        "two-writers", "the store takes appends of a former owner",
        "storage.memory_logs:MemoryLogs._check_epoch", _anything_goes,
    ),
    Mutation(
        "block-ignored", "one who is blocked is heard all the same",
        "actors.direct:Direct.check", _anything_goes,
    ),
    Mutation(
        "revoked-stays", "a device that was signed out keeps its connection",
        "actors.user:UserActor._revoke", _anything_goes,
    ),
    Mutation(
        "slow-loses", "what a slow reader could not be sent is forgotten",
        "transport.edge.outbox:Outbox._fold", _anything_goes,
    ),
    Mutation(
        "erased-not", "a deleted text stays in the store",
        "storage.memory_logs:MemoryLogs._project", _kept_text,
    ),
    Mutation(
        "never-detached", "a session that ends is still pushed to",
        "actors.session:SessionActor.on_stop", _anything_goes,
    ),
    Mutation(
        "roll-uncalled", "a user whose session's goodbye was lost never asks whether it is there",
        "actors.user:call_roll", _anything_goes,
    ),
    Mutation(
        "end-unmarked", "the list of one who was removed goes on until its row says so",
        "storage.memory_logs:MemoryLogs._append", _ends_unmarked,
    ),
)  # fmt: skip


__all__ = ["MUTATIONS", "Mutation", "planted"]
