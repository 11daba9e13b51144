"""One node that owns every shard: the Cluster port without a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from ...actors.answers import Deliveries
from ...actors.commands import HeadTold, OwnCursor
from ...actors.runtime.system import ActorSystem
from ...config.errors import MailboxFullError, StoreError, UnavailableError
from ...config.metrics import Metrics
from ...storage.contract import Logs
from ..discovery import About
from .unpushed import Unpushed
from .views import NO_VIEW, Member, View


class LocalCluster:
    """Every name lives here; every shard is claimed on first use.

    Attributes:
        about: What there is to say of this node.
        settles_s: See `ports.Cluster`: nothing moves.
    """

    def __init__(
        self, system: ActorSystem, logs: Logs, node: str, incarnation: str, metrics: Metrics
    ) -> None:
        self.about: Callable[[], About] = About
        self.settles_s = 0.0
        self._system = system
        self._logs = logs
        self._node = node
        self._incarnation = incarnation
        self._metrics = metrics
        self._unpushed = Unpushed(system, metrics, self.tell)
        #: {shard: its epoch, or the claim under way}
        self._epochs: dict[int, int | asyncio.Future[int]] = {}

    @property
    def node(self) -> str:
        """This node's id."""
        return self._node

    @property
    def view(self) -> View:
        """Of this node alone, always the same."""
        return View(NO_VIEW, (Member(self._node, self._incarnation, about=self.about()),))

    @property
    def serves(self) -> bool:
        """There is nobody to be cut off from."""
        return True

    @property
    def owned(self) -> frozenset[int]:
        """The shards that were used yet."""
        return frozenset(s for s, epoch in self._epochs.items() if isinstance(epoch, int))

    @property
    def lag_s(self) -> float:
        """There is no bus."""
        return 0.0

    @property
    def incarnation(self) -> str:
        """Random, new at each start."""
        return self._incarnation

    def tell(self, name: str, message: Any) -> bool:
        """See `ports.Cluster`: in place where the actor is idle."""
        try:
            return self._system.tell(name, message, in_place=True)
        except MailboxFullError:
            self._unpushed.missed(name, message)
        except UnavailableError:
            self._metrics.dropped.labels("stopping").inc()
            self._unpushed.untold(name, message)
        return False

    def fan_out(self, users: Sequence[str], message: Deliveries | HeadTold | OwnCursor) -> None:
        """See `ports.Cluster`."""
        self._unpushed.push(users, message)

    def here(self, shard: int, for_s: float = 0.0) -> bool:
        """See `ports.Cluster`: everything always is."""
        return True

    async def epoch(self, shard: int) -> int:
        """See `ports.Cluster`."""
        known = self._epochs.get(shard)
        if isinstance(known, int):
            return known
        if known is None:
            known = asyncio.get_running_loop().create_future()
            self._epochs[shard] = known
            try:
                epoch = await self._logs.claim(shard)
            except BaseException as error:
                # Whatever it was, the next one claims anew, and nobody waits for ever.
                del self._epochs[shard]
                known.set_exception(UnavailableError())
                known.exception()  # those who wait see it; nobody has to
                if isinstance(error, StoreError):
                    raise UnavailableError from error
                raise
            self._epochs[shard] = epoch
            known.set_result(epoch)
            return epoch
        return await asyncio.shield(known)

    def disown(self, shard: int, epoch: int) -> None:
        """See `ports.Cluster`."""
        if self._epochs.get(shard) == epoch:
            del self._epochs[shard]

    def open_nodes(self, shard: int) -> Sequence[About]:
        """See `Discovery`: this one, or none."""
        me = self.about()
        return () if me.full else (me,)

    def addresses(self) -> Sequence[str]:
        """See `Discovery`."""
        return self.view.addresses

    async def drain(self) -> None:
        """Nobody is there to take anything over."""


__all__ = ["LocalCluster"]
