"""The actors of a node, as its cluster moves them about: who goes, who tells again, who reads.

a shard moved away      its users and conversations end, their watchers are forgotten here
the world changed       sessions attach, watch, and ask again where the actors are now
something was lost      users read their heads and send `behind`, in their own time
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog

from ..config.errors import MailboxFullError, StoreError, UnavailableError
from ..config.ids import UserId, owner_of, self_log, shard_of
from ..storage.contract import Logs
from .commands import Detach
from .conversation import ConversationActor
from .far import FarSession, FarTable, node_of
from .node_commands import HandOver, Moved, Reread
from .ports import Leaver
from .runtime.ref import LoopActorRef
from .runtime.system import ActorSystem
from .user import UserActor
from .watch_table import WatchTable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Leaver:
    """An actor of a shard, on its way out."""

    shard: int
    ref: LoopActorRef[Any]

    def is_alive(self) -> bool:
        """See `ports.Leaver`."""
        return self.ref.is_alive()


class ResidentActors:
    """Implements `ports.Residents` over an actor system and the tables beside it."""

    def __init__(
        self,
        system: ActorSystem,
        logs: Logs,
        watchers: WatchTable,
        far: FarTable,
        grace_s: float,
        wake: Callable[[str], object],
        here: Callable[[int], bool],
    ) -> None:
        """Nothing happens by itself.

        Args:
            grace_s: How long sessions of another node have to attach again once it is known that
                something of theirs was lost.
            wake: Activates the actor of this name.
            here: Whether a shard is this node's now.
        """
        self._system = system
        self._logs = logs
        self._watchers = watchers
        self._far = far
        self._grace_s = grace_s
        self._wake = wake
        self._here = here

    def evict(self, stays: Callable[[int], bool]) -> Iterable[Leaver]:
        """See `ports.Residents`."""
        for watched in self._watchers.watched():
            if not stays(_shard(watched)):
                self._watchers.forget(watched)
        self._far.keep(lambda user: stays(shard_of(self_log(user))))
        leavers: list[Leaver] = []
        for ref in self._refs("conv:", "user:"):
            actor = ref.actor
            if isinstance(actor, ConversationActor | UserActor) and not stays(actor.shard):
                leavers.append(_Leaver(actor.shard, ref))
                # More than a full mailbox: it has to go.
                ref.tell_if_alive(HandOver())
        return leavers

    def moved(self, shards: frozenset[int], gone: frozenset[str]) -> None:
        """See `ports.Residents`."""
        if gone:
            self._watchers.remove_sessions(lambda session: node_of(session) in gone)
            self._drop(self._far.at(gone))
        if shards:
            self._tell_who_ask(shards)

    def reread(self, again_s: float) -> None:
        """See `ports.Residents`."""
        self._tell_all(("user:",), Reread(again_s))
        self._system.tasks.start(self._go_on(), "unfinished")

    def lost(self, node: str, shards: frozenset[int]) -> None:
        """See `ports.Residents`."""
        self._tell_all(("user:",), Reread())
        self._watchers.remove_sessions(lambda session: node_of(session) == node)
        doubted = self._far.at((node,))
        if doubted:
            self._system.after(self._grace_s, self._drop, doubted)
        self._tell_who_ask(shards)

    def missing(self, shards: frozenset[int]) -> None:
        """See `ports.Residents`."""
        self._tell_who_ask(shards)

    # --- inside ---------------------------------------------------------------------------------

    def _drop(self, gone: Iterable[FarSession]) -> None:
        for far in gone:
            if self._far.holds(far):
                self._far.remove(far.user, far.session)
                self._tell(f"user:{far.user}", Detach(far.session))

    async def _go_on(self) -> None:
        """What a dead owner left unfinished is this node's, where its shards are."""
        try:
            unfinished = await self._logs.unfinished()
        except StoreError as error:
            log.warning("unfinished_unread", error=repr(error))
            return
        for left in unfinished:
            if self._here(shard_of(left)):
                try:
                    self._wake(owner_of(left))
                except UnavailableError:
                    return  # its supervisor is away, and takes them up when it is back

    def _refs(self, *prefixes: str) -> list[LoopActorRef[Any]]:
        living = self._system.names.living
        return [ref for name, ref in living.items() if name.startswith(prefixes)]

    def _tell_who_ask(self, shards: frozenset[int]) -> None:
        self._tell_all(("ask:", "session:"), Moved(shards))

    def _tell_all(self, kinds: tuple[str, ...], message: Any) -> None:
        for ref in self._refs(*kinds):
            ref.tell_if_alive(message)

    def _tell(self, name: str, message: Any) -> None:
        try:
            self._system.tell(name, message, activate=False)
        except MailboxFullError:
            log.warning("resident_full", name=name)


def _shard(topic: str) -> int:
    """Of what is watched: a conversation, or a user."""
    kind, _, rest = topic.partition(":")
    return shard_of(rest if kind == "conv" else self_log(UserId(rest)))


__all__ = ["ResidentActors"]
