"""The Cluster port of one node among several, over a Bus.

    tell, fan_out -> here, or an envelope -> a batch a tick and receiver -> bus -> the other's

    renewals of the lease -> views -> what is placed here, who is gone -> Residents, Shards
    numbers of batches    -> holes -> Residents

It is Redis' and memory's alike: only the Bus differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import structlog

from ...actors.answers import Deliveries
from ...actors.commands import HeadTold, OwnCursor, Reply, ReplyTo
from ...actors.ports import Residents
from ...actors.runtime.system import ActorSystem
from ...actors.waiting import pause
from ...config.errors import MailboxFullError, UnavailableError
from ...config.ids import letters
from ...config.metrics import Metrics
from ...storage.contract import Logs
from ..discovery import About
from .bus import Batch, Bus, Renewal, Standing
from .envelopes import Envelope
from .gaps import Gaps
from .lease import Lease
from .placement import Placement
from .post import Post
from .routes import Routes
from .shards import Shards
from .unpushed import Unpushed
from .views import Member, View, ViewId, changed

log = structlog.get_logger(__name__)


class NodeCluster:
    """Implements `ports.Cluster`, `Discovery`, `bus.Receiver`, `lease.Holder` and what `Shards`
    asks; a child of the node.

    Attributes:
        about: What there is to say of this node; the others hear it with the next renewal.
        entered: Called when it comes into a view, out of none.
    """

    def __init__(
        self,
        bus: Bus,
        system: ActorSystem,
        logs: Logs,
        residents: Residents,
        node: str,
        incarnation: str,
        metrics: Metrics,
        *,
        weight: float = 1.0,
    ) -> None:
        """In no view yet.

        Args:
            incarnation: Of the process. The membership has one of its own, another each time.
            weight: How much of the shards it wants, against the others.
        """
        self.node = node
        self.incarnation = incarnation
        self.about: Callable[[], About] = About
        self.settles_s = bus.lease_s  # who heard nothing for so long is in no view
        self.entered: Callable[[], object] = lambda: None
        self._bus = bus
        self._system = system
        self._residents = residents
        self._metrics = metrics
        self._unpushed = Unpushed(system, metrics, self.tell)
        self._me = Member(node, letters(system.chance.token(10)), "ready", weight)
        self._lease = Lease(bus, system, self)
        self._shards = Shards(logs, system.clock, system.tasks, self, bus.lease_s)
        self._generation = 0
        self._open_at = 0.0
        self._view: View | None = None
        #: When it was in a view last, while it is in none.
        self._lost_at = float("-inf")
        self._routes = Routes(node)
        #: {shard: since when it is placed here}
        self._here: dict[int, float] = {}
        #: Incarnations that were in a view, are not, and are not yet sealed.
        self._gone: dict[str, None] = {}
        self._healing = False
        self._healed: ViewId | None = None
        self._gaps = Gaps(node, metrics)
        self._post = self._open_post()

    # --- life -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Join; until that is granted every name is out of reach."""
        self._bus.attach(self.node, self._me.incarnation, self)
        self._lease.start()

    async def stop(self) -> None:
        """Leave. The actors have ended, so the shards are free for the others."""
        self._lease.stop()
        self._post.flush()
        await self._shards.release_all()
        self._bus.leave(self.node, self._me.incarnation)
        await self._bus.close(self._me.incarnation)
        self._view = None

    @property
    def view(self) -> View | None:
        """The view that the node is in; None while it is in none."""
        return self._view

    @property
    def serves(self) -> bool:
        """Whether clients are to be sent here: it is in a view, or was a lease ago. Who is back
        in a moment has kept its sockets, and needs no balancer to take it for dead."""
        out_s = self._system.clock.monotonic() - self._lost_at
        return self._view is not None or out_s < self._bus.lease_s

    @property
    def membership(self) -> str:
        """The incarnation that the others know."""
        return self._me.incarnation

    @property
    def lag_s(self) -> float:
        """How long the bus took for its last answer."""
        return self._lease.lag_s

    @property
    def owned(self) -> frozenset[int]:
        """The shards under an epoch of this node."""
        return self._shards.owned

    async def drain(self) -> None:
        """Let the others have the shards; the sockets stay. Returns once they may have them all;
        where there are no others, everything stays."""
        self._me = replace(self._me, state="draining")
        self._lease.renew()

        def stays(shard: int) -> bool:
            return self._view is not None and self._view.drains(self.node) and self.here(shard)

        await self._shards.handed_over(stays)

    def open_nodes(self, shard: int) -> Sequence[About]:
        """See `Discovery`."""
        return self._view.open(self._routes.placement.order(shard)) if self._view else ()

    def addresses(self) -> Sequence[str]:
        """See `Discovery`."""
        return self._view.addresses if self._view else ()

    # --- ports.Cluster --------------------------------------------------------------------------

    def tell(self, name: str, message: Any) -> bool:
        """See `ports.Cluster`: here in place where the actor is idle."""
        where = self._routes.node(name)
        if where == self.node:
            return self._tell_here(name, message)
        if where is None or self._view is None:
            self._drop("no_node")
            return False
        return self._send(where, Envelope("tell", name, message))

    def fan_out(self, users: Sequence[str], message: Deliveries | HeadTold | OwnCursor) -> None:
        """See `ports.Cluster`: one envelope a node."""
        for node, there in self._routes.by_node(tuple(users)).items():
            if node == self.node:
                self._unpushed.push(there, message)
            else:
                self._send(node, Envelope("fan", there, message))

    def here(self, shard: int, for_s: float = 0.0) -> bool:
        """See `ports.Cluster`."""
        since = self._here.get(shard)
        return since is not None and self._system.clock.monotonic() - since >= for_s

    async def epoch(self, shard: int) -> int:
        """See `ports.Cluster`."""
        return await self._shards.epoch(shard, self.here)

    def disown(self, shard: int, epoch: int) -> None:
        """See `ports.Cluster`."""
        self._shards.disown(shard, epoch)

    # --- shards.Politics ------------------------------------------------------------------------

    def may_own(self) -> bool:
        """See `shards.Politics`."""
        return self._view is not None and self._lease.holds()

    def may_claim(self) -> bool:
        """See `shards.Politics`."""
        return self.may_own() and self._system.clock.monotonic() >= self._open_at

    def expel(self, incarnation: str) -> None:
        """See `shards.Politics`."""
        self._bus.leave(self.node, incarnation)

    def behind(self) -> None:
        """See `shards.Politics`."""
        self._lease.renew()

    def deposed(self) -> None:
        """See `shards.Politics`."""
        self._lose("sealed")
        self._lease.renew()

    # --- inside ---------------------------------------------------------------------------------

    def _open_post(self) -> Post:
        return Post(
            self._bus,
            self._system,
            self._me.incarnation,
            self._handle,
            self._lost_from,
            self._drop,
        )

    def _tell_here(self, name: str, message: Any) -> bool:
        try:
            return self._system.tell(name, message, in_place=True)
        except MailboxFullError:
            self._unpushed.missed(name, message)
        except UnavailableError:
            self._drop("stopping")
            self._unpushed.untold(name, message)
        return False

    def _drop(self, reason: str, envelopes: int = 1) -> None:
        self._metrics.dropped.labels(reason).inc(envelopes)

    # --- envelopes ------------------------------------------------------------------------------

    def _send(self, node: str, envelope: Envelope) -> bool:
        member = self._view.of(node) if self._view is not None else None
        if member is None:
            self._drop("no_node")
            return False
        self._post.put(member.incarnation, envelope)
        return self._bus.room(member.incarnation)

    def received(self, batch: Batch) -> None:
        """See `bus.Receiver`."""
        if not self._post.take(batch):
            self._lease.renew()

    def _handle(self, sender: str, envelope: Envelope) -> None:
        to = envelope.to
        if envelope.kind == "fan":
            assert isinstance(to, tuple)
            self._unpushed.push(to, envelope.message)
        elif envelope.kind == "missed":
            node = self._view.node_of(sender) if self._view else None
            if node is not None:
                self._residents.missing(self._routes.placement.shards(node))
        else:
            assert isinstance(to, str)
            self._arrive(to, envelope.message)

    def _arrive(self, name: str, message: Any) -> None:
        if self._routes.node(name) == self.node:
            if self._tell_here(name, message):
                return
        else:
            # The sender's view is another one, or this node's is.
            self._drop("not_here")
            self._unpushed.untold(name, message)
        reply: ReplyTo | None = getattr(message, "reply", None)
        if reply is not None:
            self.tell(reply.name, Reply(reply.key, UnavailableError()))

    def _lost_from(self, sender: str) -> None:
        node = self._view.node_of(sender) if self._view else None
        if node is not None:
            log.warning("link_hole", sender=node, receiver=self.node)
            self._metrics.link_holes.inc()
            self._residents.lost(node, self._routes.placement.shards(node))
            self._send(node, Envelope("missed", "", None))

    # --- lease and views ------------------------------------------------------------------------

    def renewal(self) -> Renewal:
        """See `lease.Holder`."""
        me = replace(self._me, about=self.about())
        members = self._view.incarnations if self._view is not None else frozenset[str]()
        return Renewal(me, self._generation, self._post.sent.to(members))

    def over(self) -> None:
        """See `lease.Holder`: who may have been out does not come in as the same one."""
        self._lose("lease")

    def refused(self, standing: Standing) -> None:
        """See `lease.Holder`."""
        if self._gaps.refused(standing) and self._view is None:
            return  # until the next beat
        self._lose("expired")
        self._lease.renew()

    def granted(self, standing: Standing) -> None:
        """See `lease.Holder`."""
        self._gaps.refused(standing)
        self._open_at = self._system.clock.monotonic() + standing.closed_s
        self.viewed(standing.view)
        if self._view is not None and self._view.id == standing.view.id:
            # The same, with what its members say of themselves by now. One that is told as new has
            # what they said as they joined, and may be told again.
            self._view = standing.view
        self._post.published(dict(standing.sent))

    def viewed(self, view: View) -> None:
        """See `bus.Receiver`."""
        old = self._view
        if not self._lease.running or (old is not None and view.id <= old.id):
            return
        mine = view.of(self.node)
        if mine is None or mine.incarnation != self._me.incarnation:
            if old is not None and view.id.generation == old.id.generation:
                self._lose("expelled")
                self._lease.renew()
            return
        if not self._lease.holds():
            return
        self._adopt(old, view)

    def _adopt(self, old: View | None, view: View) -> None:
        now = self._system.clock.monotonic()
        again = old is None or old.id.generation != view.id.generation
        placement = view.placement()
        moved = changed(None if again else old, self._routes.placement, view, placement)
        self._view = view
        self._generation = view.id.generation
        self._routes.change(placement)
        self._here = {s: self._here.get(s, now) for s in placement.shards(self.node)}
        members = view.incarnations
        left = [m for m in old.members if m.incarnation not in members] if old is not None else []
        self._gone.update((m.incarnation, None) for m in left)
        for incarnation in members:
            self._gone.pop(incarnation, None)  # in a new generation it came back in
        log.info("view", node=self.node, view=view.id, members=[m.node for m in view.members])
        if old is None:
            self.entered()
        self._evict()
        self._residents.moved(moved, frozenset(m.node for m in left))
        if not self._healing:
            self._healing = True
            self._system.tasks.start(self._heal(), "heal")
        self._post.change(view.versions, again=again)

    def _evict(self) -> None:
        evict, stays = self._residents.evict, self.here
        self._shards.hand_over(stays, lambda: evict(stays), self._bus.lease_s / 2)

    def _lose(self, why: str) -> None:
        """No longer in: nothing is owned, the sockets stay, and it joins as another."""
        log.warning("membership_lost", node=self.node, why=why)
        if self._view is not None:
            self._gone.update((m.incarnation, None) for m in self._view.members)
            self._lost_at = self._system.clock.monotonic()
        self._lease.end()
        self._view = self._healed = None
        self._generation = 0
        self._routes.change(Placement({}))
        self._here.clear()
        self._post.close()
        self._evict()
        self._bus.detach(self._me.incarnation)
        another = letters(self._system.chance.token(10))
        self._me = replace(self._me, incarnation=another)
        self._post = self._open_post()
        self._bus.attach(self.node, another, self)

    async def _heal(self) -> None:
        """Whoever is gone can write no more; then what was written can be read."""
        clock = self._system.clock
        while (view := self._view) is not None and view.id != self._healed:
            if self._open_at > clock.monotonic():
                await pause(clock, self._open_at - clock.monotonic())
                continue
            if self._gone:
                gone = next(iter(self._gone))
                await self._shards.seal(gone, self._gone)
                self._gone.pop(gone, None)
                continue
            self._healed = view.id
            self._residents.reread(self.settles_s)
        self._healing = False


__all__ = ["NodeCluster"]
