"""The Cluster port of one node among several, over a Bus.

    tell, fan_out -> here, or an envelope -> a batch a tick and receiver -> bus -> the other's

    renewals of the lease -> views -> what is placed here, who is gone -> Residents, Shards
    numbers of batches    -> holes -> Residents

It is Redis' and memory's alike: only the Bus differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog

from ...actors.answers import Deliveries
from ...actors.commands import HeadTold, OwnCursor, Reply, ReplyTo
from ...actors.ports import Residents
from ...actors.runtime.system import ActorSystem
from ...actors.runtime.timers import Alarm
from ...actors.waiting import pause
from ...config.errors import MailboxFullError, UnavailableError
from ...config.ids import SHARDS, letters
from ...config.metrics import Metrics
from ...storage.contract import Logs
from .bus import Batch, Bus, Renewal, Standing
from .envelopes import Envelope, decode, encode
from .links import Arrived, Sent
from .placement import Placement, name_node, name_shard
from .shards import Shards
from .views import Member, State, Tenure, View

#: How much of its lease a node gives away, so that it stops before the others think it gone.
MARGIN = 0.2
#: Names, and lists of names, whose place is kept in mind.
MOST_PLACES = 20_000
MOST_LISTS = 1_000
#: Batches of a sender that is not in the view yet.
MOST_EARLY = 1_000

_EVERYTHING = frozenset(range(SHARDS))

log = structlog.get_logger(__name__)


class NodeCluster:
    """Implements `ports.Cluster`, `bus.Receiver` and what `Shards` asks; a child of the node."""

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
            incarnation: Of the process; that of the membership begins as the same one.
            weight: How much of the shards it wants, against the others.
        """
        self.node = node
        self.incarnation = incarnation
        self._bus = bus
        self._system = system
        self._logs = logs
        self._residents = residents
        self._metrics = metrics
        self._me = Member(node, incarnation, "ready", weight)
        self._tenure = Tenure(bus.lease_s, bus.lease_s * MARGIN)
        self._shards = Shards(logs, system.clock, system.tasks, self, bus.lease_s)
        self._running = False
        self._beat_at: Alarm | None = None
        self._end_at: Alarm | None = None
        self._generation = 0
        self._open_at = 0.0
        self._view: View | None = None
        self._placement = Placement({})
        #: {shard: since when it is placed here}
        self._here: dict[int, float] = {}
        #: {incarnation: node} of those that were in a view, are not, and are not yet sealed.
        self._gone: dict[str, str] = {}
        self._sent = Sent()
        self._arrived = Arrived()
        #: {sender's incarnation: its batches}: it is not in the view yet.
        self._early: dict[str, list[Batch]] = {}
        #: {receiver's incarnation: envelopes}: of this tick.
        self._out: dict[str, list[Envelope]] = {}
        self._places: dict[str, str | None] = {}
        self._lists: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {}

    # --- life -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Join; until that is granted every name is out of reach."""
        self._running = True
        self._bus.attach(self.node, self._me.incarnation, self)
        self._beat()

    async def stop(self) -> None:
        """Leave. The actors have ended, so the shards are free for the others."""
        self._running = False
        for alarm in (self._beat_at, self._end_at):
            if alarm is not None:
                alarm.cancel()
        self._flush()
        await self._shards.release_all()
        self._bus.leave(self.node, self._me.incarnation)
        self._bus.detach(self._me.incarnation)
        self._view = None

    @property
    def view(self) -> View | None:
        """The view that the node is in; None while it is in none."""
        return self._view

    @property
    def membership(self) -> str:
        """The incarnation that the others know."""
        return self._me.incarnation

    @property
    def owned(self) -> frozenset[int]:
        """The shards under an epoch of this node."""
        return self._shards.owned

    def set_state(self, state: State) -> None:
        """Be ready, or drain: the shards go to the others, the sockets stay."""
        self._me = Member(self.node, self._me.incarnation, state, self._me.weight)
        self._renew()

    # --- ports.Cluster --------------------------------------------------------------------------

    def tell(self, name: str, message: Any) -> bool:
        """See `ports.Cluster`: here in place where the actor is idle."""
        where = self._where(name)
        if where == self.node:
            return self._tell_here(name, message)
        if where is None or self._view is None:
            self._drop("no_node")
            return False
        return self._post(where, Envelope("tell", name, message))

    def fan_out(self, users: Sequence[str], message: Deliveries | HeadTold | OwnCursor) -> None:
        """See `ports.Cluster`: one envelope a node."""
        for node, there in self._by_node(tuple(users)).items():
            if node == self.node:
                full = self._system.tell_living(there, message)
                if full:
                    self._drop("mailbox_full", full)
            else:
                self._post(node, Envelope("fan", there, message))

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

    def may_claim(self) -> bool:
        """See `shards.Politics`."""
        now = self._system.clock.monotonic()
        return self._view is not None and self._tenure.holds(now) and now >= self._open_at

    def expel(self, incarnation: str) -> None:
        """See `shards.Politics`."""
        self._bus.leave(self.node, incarnation)

    def behind(self) -> None:
        """See `shards.Politics`."""
        self._renew()

    def deposed(self) -> None:
        """See `shards.Politics`."""
        self._lose("sealed")
        self._renew()

    # --- where ----------------------------------------------------------------------------------

    def _where(self, name: str) -> str | None:
        try:
            return self._places[name]
        except KeyError:
            pass
        node = name_node(name)
        if node is None:
            shard = name_shard(name)
            if shard is None:
                return self.node
            node = self._placement.node(shard)
        if len(self._places) >= MOST_PLACES:
            self._places.clear()
        self._places[name] = node
        return node

    def _by_node(self, users: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        found = self._lists.get(users)
        if found is None:
            nodes: dict[str, list[str]] = {}
            for user in users:
                node = self._where(user)
                if node is not None:
                    nodes.setdefault(node, []).append(user)
            if len(self._lists) >= MOST_LISTS:
                self._lists.clear()
            found = self._lists[users] = {node: tuple(those) for node, those in nodes.items()}
        return found

    def _tell_here(self, name: str, message: Any) -> bool:
        try:
            return self._system.tell(name, message, in_place=True)
        except MailboxFullError:
            self._drop("mailbox_full")
        except UnavailableError:
            self._drop("stopping")
        return False

    def _drop(self, reason: str, how_many: int = 1) -> None:
        self._metrics.dropped.labels(reason).inc(how_many)

    # --- envelopes ------------------------------------------------------------------------------

    def _post(self, node: str, envelope: Envelope) -> bool:
        member = self._view.of(node) if self._view is not None else None
        if member is None:
            self._drop("no_node")
            return False
        if not self._out:
            self._system.at_turn_end(self._flush)
        self._out.setdefault(member.incarnation, []).append(envelope)
        return True

    def _flush(self) -> None:
        out, self._out = self._out, {}
        me = self._me.incarnation
        for receiver, envelopes in out.items():
            number = self._sent.next(receiver)
            packed = tuple(encode(envelope, me, number) for envelope in envelopes)
            self._bus.send(receiver, Batch(me, number, packed))

    def received(self, batch: Batch) -> None:
        """See `bus.Receiver`."""
        view = self._view
        if view is None or batch.sender not in view.incarnations:
            if batch.sender not in self._gone:
                # Its view is ahead of this node's: it is handled once that is the same.
                early = self._early.setdefault(batch.sender, [])
                if not early:
                    self._renew()
                if len(early) < MOST_EARLY:
                    early.append(batch)
            return
        wanted, hole = self._arrived.take(batch.sender, batch.number)
        if hole:
            self._lost_from(batch.sender)
        if wanted:
            for packed in batch.envelopes:
                self._handle(batch.sender, packed)

    def _handle(self, sender: str, packed: bytes) -> None:
        try:
            envelope = decode(packed)
        except ValueError as error:
            log.warning("envelope_refused", sender=sender, error=str(error))
            self._drop("envelope")
            return
        to = envelope.to
        if envelope.kind == "fan":
            assert isinstance(to, tuple)
            full = self._system.tell_living(to, envelope.message)
            if full:
                self._drop("mailbox_full", full)
        elif envelope.kind == "missed":
            node = self._node_of(sender)
            if node is not None:
                self._residents.missing(self._placed(node))
        else:
            assert isinstance(to, str)
            self._arrive(to, envelope.message)

    def _arrive(self, name: str, message: Any) -> None:
        if self._where(name) == self.node:
            if self._tell_here(name, message):
                return
        else:
            # The sender's view is another one, or this node's is.
            self._drop("not_here")
        reply: ReplyTo | None = getattr(message, "reply", None)
        if reply is not None:
            self.tell(reply.name, Reply(reply.key, UnavailableError()))

    def _lost_from(self, sender: str) -> None:
        node = self._node_of(sender)
        if node is None:
            return
        log.warning("link_hole", sender=node, receiver=self.node)
        self._residents.lost(node, self._placed(node))
        self._post(node, Envelope("missed", "", None))

    def _node_of(self, incarnation: str) -> str | None:
        members = self._view.members if self._view is not None else ()
        return next((m.node for m in members if m.incarnation == incarnation), None)

    def _placed(self, node: str) -> frozenset[int]:
        return frozenset(s for s in range(SHARDS) if self._placement.node(s) == node)

    # --- lease and views ------------------------------------------------------------------------

    def _beat(self) -> None:
        if not self._running:
            return
        self._look()
        self._renew()
        self._beat_at = self._system.after(self._bus.renew_s, self._beat)

    def _look(self) -> None:
        if self._view is not None and not self._tenure.holds(self._system.clock.monotonic()):
            self._lose("lease")

    def _renew(self) -> None:
        if not self._running:
            return
        asked_at = self._system.clock.monotonic()
        me = self._me
        self._bus.renew(
            Renewal(me, self._generation, dict(self._sent.counts)),
            lambda standing: self._renewed(me.incarnation, asked_at, standing),
        )

    def _renewed(self, incarnation: str, asked_at: float, standing: Standing) -> None:
        now = self._system.clock.monotonic()
        if incarnation != self._me.incarnation or not self._running:
            return
        if not standing.inside:
            self._lose("expired")
            self._renew()
            return
        self._tenure.renewed(asked_at)
        if not self._tenure.holds(now):
            return  # the answer was under way for too long
        if self._end_at is not None:
            self._end_at.cancel()
        self._end_at = self._system.after(self._tenure.left_s(now), self._look)
        self._open_at = now + standing.closed_s
        self.viewed(standing.view)
        for sender in self._arrived.published(
            {s: n for s, n in standing.sent.items() if self._node_of(s) is not None}
        ):
            self._lost_from(sender)

    def viewed(self, view: View) -> None:
        """See `bus.Receiver`."""
        old = self._view
        if not self._running or (old is not None and view.id <= old.id):
            return
        mine = view.of(self.node)
        if mine is None or mine.incarnation != self._me.incarnation:
            if old is not None and view.id.generation == old.id.generation:
                self._lose("expelled")
                self._renew()
            return
        if not self._tenure.holds(self._system.clock.monotonic()):
            return
        self._adopt(old, view)

    def _adopt(self, old: View | None, view: View) -> None:
        now = self._system.clock.monotonic()
        before = self._placement if old is not None else Placement({})
        owners = {m.node: m.incarnation for m in old.members} if old is not None else {}
        again = old is None or old.id.generation != view.id.generation
        self._view = view
        self._generation = view.id.generation
        self._placement = view.placement()
        self._places.clear()
        self._lists.clear()
        known = {m.node: m.incarnation for m in view.members}
        moved: set[int] = set()
        for shard in range(SHARDS):
            had, has = before.node(shard), self._placement.node(shard)
            if again or had != has or owners.get(had or "") != known.get(has or ""):
                moved.add(shard)
            if has != self.node:
                self._here.pop(shard, None)
            elif shard not in self._here:
                self._here[shard] = now
        gone = {m.incarnation: m.node for m in old.members} if old is not None else {}
        self._gone.update((i, n) for i, n in gone.items() if i not in view.incarnations)
        for incarnation in view.incarnations & self._gone.keys():
            del self._gone[incarnation]  # in a new generation it came back in
        left = frozenset(node for i, node in gone.items() if i not in view.incarnations)
        log.info("view", node=self.node, view=view.id, members=list(known), moved=len(moved))
        self._sent.keep(view.incarnations)
        self._arrived.keep(view.incarnations)
        self._evict()
        self._residents.moved(frozenset(moved), left)
        self._system.tasks.start(self._heal(view), "heal")
        early, self._early = self._early, {}
        for batches in early.values():
            for batch in batches:
                self.received(batch)

    def _evict(self) -> None:
        stays = self.here
        self._shards.hand_over(
            stays, lambda: self._residents.evict(stays), self._bus.lease_s / 2
        )  # fmt: skip

    def _lose(self, why: str) -> None:
        """No longer in: nothing is owned, the sockets stay, and it joins as another."""
        log.warning("membership_lost", node=self.node, why=why)
        if self._view is not None:
            self._gone.update((m.incarnation, m.node) for m in self._view.members)
        self._tenure.end()
        self._view = None
        self._generation = 0
        self._placement = Placement({})
        self._here.clear()
        self._places.clear()
        self._lists.clear()
        self._out.clear()
        self._sent, self._arrived = Sent(), Arrived()
        self._evict()
        self._bus.detach(self._me.incarnation)
        self._me = Member(
            self.node, letters(self._system.chance.token(10)), self._me.state, self._me.weight
        )
        self._bus.attach(self.node, self._me.incarnation, self)

    async def _heal(self, view: View) -> None:
        """Whoever is gone can write no more; then what was written can be read."""
        clock = self._system.clock
        while self._view is view and self._open_at > clock.monotonic():
            await pause(clock, self._open_at - clock.monotonic())
        for incarnation in sorted(self._gone):
            if self._view is not view:
                return
            await self._shards.persist(lambda i=incarnation: self._logs.seal(i))  # type: ignore[misc]
            self._gone.pop(incarnation, None)
        if self._view is view:
            self._residents.reread(self._bus.lease_s)


__all__ = ["MARGIN", "NodeCluster"]
