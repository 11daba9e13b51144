"""A Bus in memory for several nodes in one process, and what can go wrong with it.

bus = MemoryBus(clock)
bus.faults.cut("n1")              n1 is out of reach of everybody, until mend("n1")
bus.faults.cut("n1", "n2")        the two are out of each other's reach
bus.faults.rules.append(rule)     drop, delay, duplicate: what a LinkRule says
bus.faults.hold("n1")             what is for n1, and from it, waits until release("n1")
bus.flush()                       everything the nodes share is forgotten
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ...actors.ports import Residents
from ...actors.runtime.system import ActorSystem
from ...config.clock import Clock
from ...config.errors import VersionGapError
from ...config.metrics import Metrics
from ...config.units import MILLISECONDS, SECONDS
from ...storage.contract import Logs
from .bus import Batch, Receiver, Renewal, Standing
from .node_cluster import NodeCluster
from .views import Members, View

#: The bus itself, where a fault names two ends.
BUS = "bus"


@dataclass(slots=True)
class Fate:
    """What becomes of one batch.

    Attributes:
        copies: How many arrive; 0 is a loss.
        delay_s: How much later than usual. What follows on the link waits behind it.
    """

    copies: int = 1
    delay_s: float = 0 * SECONDS


class LinkRule(Protocol):
    """Decides the fate of batches; asked in order, each may change what the one before it said."""

    def __call__(self, sender: str, receiver: str, fate: Fate, /) -> None:
        """Args: the two nodes, and the fate to change."""
        ...


@dataclass(slots=True)
class LinkFaults:
    """What goes wrong between nodes. Nodes are named by id, whatever their incarnation."""

    rules: list[LinkRule] = field(default_factory=list[LinkRule])
    _cuts: set[frozenset[str]] = field(default_factory=set[frozenset[str]])
    _held: dict[str, list[Callable[[], None]]] = field(
        default_factory=dict[str, list[Callable[[], None]]]
    )

    def cut(self, node: str, other: str = BUS) -> None:
        """Nothing passes between the two; without `other`, between the node and everybody."""
        self._cuts.add(frozenset((node, other)))

    def mend(self, node: str, other: str = BUS) -> None:
        """It passes again; harmless if it did."""
        self._cuts.discard(frozenset((node, other)))

    def mend_all(self) -> None:
        """Nothing is cut and no rule holds any more; who is held stays so."""
        self._cuts.clear()
        self.rules.clear()

    def passes(self, node: str, other: str) -> bool:
        """Whether anything passes between two nodes, or a node and the bus."""
        if not self._cuts:
            return True
        return not any(
            frozenset(pair) in self._cuts for pair in ((node, other), (node, BUS), (other, BUS))
        )

    def hold(self, node: str) -> None:
        """The node is paused: what is for it, and what is from it, waits, in order."""
        self._held.setdefault(node, [])

    def release(self, node: str) -> None:
        """The node goes on; harmless if it is not held."""
        for deliver in self._held.pop(node, ()):
            deliver()

    def when_free(self, node: str, deliver: Callable[[], None]) -> None:
        """Do it once the node is not held."""
        held = self._held.get(node)
        if held is None:
            deliver()
        else:
            held.append(deliver)


class MemoryBus:
    """Implements `Bus`; all nodes are handed the same one.

    Attributes:
        faults: What goes wrong, as long as the caller wants.
        batches: How many went out.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        lease_s: float = 5 * SECONDS,
        renew_s: float = 1 * SECONDS,
        latency_s: float = 0.5 * MILLISECONDS,
    ) -> None:
        """Nobody is in.

        Args:
            clock: The bus's own time.
            latency_s: Of each way: to the bus, from it, and from node to node.
        """
        self.lease_s = lease_s
        self.renew_s = renew_s
        self.faults = LinkFaults()
        self.batches = 0
        self._clock = clock
        self._latency_s = latency_s
        # Stands for a row of the store: what is shared in memory can be lost, this cannot.
        self._generation = 0
        self._members: Members | None = None
        #: {incarnation: (node, receiver)}
        self._receivers: dict[str, tuple[str, Receiver]] = {}
        #: {sender's incarnation: {receiver's incarnation: batches sent}}
        self._sent: dict[str, dict[str, int]] = {}
        #: {(from, to): (when the last of what is under way arrives, what is, in order)}
        self._lines: dict[tuple[str, str], tuple[float, deque[Callable[[], None]]]] = {}
        #: {node: (the version it speaks, until when others hear that it was refused)}
        self._strangers: dict[str, tuple[int, float]] = {}
        #: What is under way is of the bus's life before a flush, or after it.
        self._life = 0

    @property
    def view(self) -> View | None:
        """The newest one, as the bus knows it; None while it knows nothing."""
        return None if self._members is None else self._members.view

    def cluster(
        self,
        system: ActorSystem,
        logs: Logs,
        residents: Residents,
        node: str,
        incarnation: str,
        metrics: Metrics,
    ) -> NodeCluster:
        """A node on this bus: what `Chat(..., cluster=bus.cluster)` asks for."""
        return NodeCluster(self, system, logs, residents, node, incarnation, metrics)

    # --- Bus ------------------------------------------------------------------------------------

    def attach(self, node: str, incarnation: str, receiver: Receiver) -> None:
        """See `Bus`."""
        for old, (whose, _) in list(self._receivers.items()):
            if whose == node:
                del self._receivers[old]
        self._receivers[incarnation] = (node, receiver)

    def detach(self, incarnation: str) -> None:
        """See `Bus`."""
        self._receivers.pop(incarnation, None)

    def renew(self, renewal: Renewal, done: Callable[[Standing], None]) -> None:
        """See `Bus`."""
        node = renewal.member.node

        def decide() -> None:
            standing = self._renewed(renewal)
            self._pass(node, renewal.member.incarnation, lambda: done(standing))

        self._reach(node, decide)

    def leave(self, node: str, incarnation: str) -> None:
        """See `Bus`."""
        self._reach(node, lambda: self._change(lambda m: m.leave(incarnation)))

    def send(self, receiver: str, batch: Batch) -> None:
        """See `Bus`."""
        sender = self._receivers.get(batch.sender)
        if sender is not None:
            self.faults.when_free(sender[0], lambda: self._send(sender[0], receiver, batch))

    def room(self, receiver: str) -> bool:
        """See `Bus`: there always is."""
        return True

    async def close(self, incarnation: str) -> None:
        """See `Bus`: what was said is on its way."""
        self.detach(incarnation)

    def _send(self, sender: str, receiver: str, batch: Batch) -> None:
        target = self._receivers.get(receiver)
        if target is None or batch.sender not in self._receivers:
            return
        fate = Fate()
        for rule in self.faults.rules:
            rule(sender, target[0], fate)
        if not fate.copies or not self.faults.passes(sender, target[0]):
            return
        self.batches += 1
        life = self._life

        def arrive() -> None:
            for _ in range(fate.copies):
                self.faults.when_free(target[0], lambda: self._hand_in(life, receiver, batch))

        self._later((sender, receiver), fate.delay_s, arrive)

    # --- faults ---------------------------------------------------------------------------------

    def flush(self) -> None:
        """Everything that the nodes share here is gone: members, counts, what is under way."""
        self._members = None
        self._sent.clear()
        self._strangers.clear()
        self._life += 1

    # --- inside ---------------------------------------------------------------------------------

    def _later(self, line: tuple[str, str], delay_s: float, arrive: Callable[[], None]) -> None:
        """On a line everything arrives in the order in which it was sent."""
        now = self._clock.monotonic()
        at, queue = self._lines.get(line, (0.0, None))
        queue = deque[Callable[[], None]]() if queue is None else queue
        queue.append(arrive)
        at = max(at, now + self._latency_s + delay_s)
        self._lines[line] = (at, queue)
        # The first of the queue, whichever timer rings: two of one moment ring in any order.
        self._clock.call_later(at - now, lambda: queue.popleft()())

    def _hand_in(self, life: int, incarnation: str, batch: Batch) -> None:
        found = self._receivers.get(incarnation)
        if found is not None and life == self._life:
            found[1].received(batch)

    def _reach(self, node: str, step: Callable[[], None]) -> None:
        """From a node to the bus."""

        def arrive() -> None:
            if self.faults.passes(node, BUS):
                step()

        def depart() -> None:
            if self.faults.passes(node, BUS):
                self._later((node, BUS), 0.0, arrive)

        self.faults.when_free(node, depart)

    def _pass(self, node: str, incarnation: str, step: Callable[[], None]) -> None:
        """From the bus to a node, if that incarnation of it still listens then."""

        def deliver() -> None:
            if incarnation in self._receivers:
                step()

        def arrive() -> None:
            if self.faults.passes(node, BUS):
                self.faults.when_free(node, deliver)

        if self.faults.passes(node, BUS):
            self._later((BUS, node), 0.0, arrive)

    def _renewed(self, renewal: Renewal) -> Standing:
        now = self._clock.monotonic()
        member = renewal.member
        if self._members is None:
            self._generation += 1
            self._members = Members.found(self._generation, now, self.lease_s)
        members, before = self._members, self._members.view
        members.expire(now)
        inside = members.renew(member, now)
        gap: VersionGapError | None = None
        if not inside and renewal.generation < members.view.id.generation:
            deaf = members.deaf_to(member)
            if deaf is None:
                members.join(member, now)
                inside = True
            else:
                gap = VersionGapError(member.node, member.speaks, deaf.node, deaf.speaks)
                self._strangers[member.node] = (member.speaks, now + self.lease_s)
        if inside:
            self._sent[member.incarnation] = dict(renewal.sent)
        self._tell(before)
        kept = members.view.incarnations
        self._sent = {i: counts for i, counts in self._sent.items() if i in kept}
        sent = {
            sender: counts[member.incarnation]
            for sender, counts in self._sent.items()
            if member.incarnation in counts
        }
        closed_s = max(0.0, members.open_at - now)
        strangers = {node: speaks for node, (speaks, end) in self._strangers.items() if end > now}
        return Standing(members.view, inside, closed_s, sent, gap, strangers)

    def _change(self, step: Callable[[Members], None]) -> None:
        if self._members is not None:
            before = self._members.view
            step(self._members)
            self._tell(before)

    def _tell(self, before: View) -> None:
        assert self._members is not None
        view = self._members.view
        if view.id == before.id:
            return
        for incarnation, (node, receiver) in list(self._receivers.items()):
            self._pass(node, incarnation, lambda receiver=receiver: receiver.viewed(view))  # type: ignore[misc]


__all__ = ["BUS", "Fate", "LinkFaults", "LinkRule", "MemoryBus"]
