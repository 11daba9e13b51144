"""What can go wrong, as objects: begun by `cluster.inject`, ended by `heal`.

await cluster.inject(partition("n1", "n2"))
await cluster.inject(drop("n1", count=1))
async with cluster.during(disk_full("n1")):
    ...

A kill lasts until `heal` starts the node again; a crash happens once and needs no healing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ..transport.cluster.memory_bus import BUS, Fate, MemoryBus
from .chat_node import ChatNode
from .client import Client
from .simulation.disk import CommitFault
from .watched_system import Strike


class Patient(Protocol):
    """What faults happen to: a cluster."""

    nodes: dict[str, ChatNode]
    bus: MemoryBus | None

    async def start(self, name: str) -> ChatNode: ...
    async def kill(self, name: str) -> None: ...
    def crash(self, name: str, at: int = 1, *, after: bool = False, times: int = 1) -> Strike: ...


class Fault:
    """Something that goes wrong, from `begin` to `heal`.

    Attributes:
        kills: A node is dead meanwhile.
    """

    kills = False

    def __init__(self, what: str) -> None:
        self._what = what

    def __str__(self) -> str:
        return self._what

    async def begin(self, cluster: Patient) -> None:
        """It goes wrong from now on."""
        raise NotImplementedError

    async def heal(self) -> None:
        """It does no more; harmless twice."""


class _Crash(Fault):
    def __init__(self, name: str, at: int, after: bool, times: int) -> None:
        super().__init__(f"crash {name} {'after' if after else 'at'} {at}")
        self._strike = Strike(name, at, after=after, times=times)
        self._args = (name, at, after, times)

    async def begin(self, cluster: Patient) -> None:
        name, at, after, times = self._args
        self._strike = cluster.crash(name, at, after=after, times=times)

    async def heal(self) -> None:
        self._strike.call_off()


def crash(name: str, at: int = 1, *, after: bool = False, times: int = 1) -> Fault:
    """An actor crashes at one of its messages from now on.

    Args:
        name: `conv:*`: the first actor whose name fits and that comes to so many messages.
        at: Which message, from 1, of all that come to actors of this name.
        after: Once it has handled it; False before it could.
        times: So many messages in a row.
    """
    return _Crash(name, at, after, times)


class _Node(Fault):
    """Something about one node."""

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"{what} {name}")
        self._name = name
        self._cluster: Patient | None = None

    async def begin(self, cluster: Patient) -> None:
        self._cluster = cluster
        await self._begin(cluster)

    async def heal(self) -> None:
        cluster, self._cluster = self._cluster, None
        if cluster is not None:
            await self._heal(cluster)

    async def _begin(self, cluster: Patient) -> None:
        raise NotImplementedError

    async def _heal(self, cluster: Patient) -> None:
        raise NotImplementedError


class _Kill(_Node):
    kills = True

    async def _begin(self, cluster: Patient) -> None:
        await cluster.kill(self._name)

    async def _heal(self, cluster: Patient) -> None:
        if self._name not in cluster.nodes:
            await cluster.start(self._name)


class _Pause(_Node):
    async def _begin(self, cluster: Patient) -> None:
        cluster.nodes[self._name].pause()

    async def _heal(self, cluster: Patient) -> None:
        if self._name in cluster.nodes:
            cluster.nodes[self._name].resume()


class _DiskFull(_Node):
    async def _begin(self, cluster: Patient) -> None:
        cluster.nodes[self._name].disk.full = True

    async def _heal(self, cluster: Patient) -> None:
        if self._name in cluster.nodes:
            cluster.nodes[self._name].disk.full = False


class _Commit(_Node):
    def __init__(self, name: str, how: CommitFault) -> None:
        super().__init__(f"the next commit's outcome is {how} on", name)
        self._how: CommitFault = how

    async def _begin(self, cluster: Patient) -> None:
        cluster.nodes[self._name].disk.next_fault = self._how

    async def _heal(self, cluster: Patient) -> None:
        if self._name in cluster.nodes:
            cluster.nodes[self._name].disk.next_fault = None


def kill_node(name: str) -> Fault:
    """kill -9; healing starts the node again, in a new life."""
    return _Kill("kill", name)


def pause_node(name: str) -> Fault:
    """SIGSTOP, until it is healed: time goes on, the node does not."""
    return _Pause("pause", name)


def disk_full(name: str) -> Fault:
    """Nothing that this node commits is stored, and it is told so; reads go on."""
    return _DiskFull("no room on the disk of", name)


def commit_fails(name: str, how: CommitFault = "fail") -> Fault:
    """The next commit of this node that appends something goes wrong.

    Args:
        how: "fail": not done, and said so. "lose": not done, nobody knows. "unknown": done, nobody
            knows. "late": as "lose", and done some time later.
    """
    return _Commit(name, how)


class _Partition(Fault):
    def __init__(self, node: str, other: str | None) -> None:
        super().__init__(f"partition between {node} and {other or 'everybody'}")
        self._ends = (node, other or BUS)
        self._bus: MemoryBus | None = None

    async def begin(self, cluster: Patient) -> None:
        self._bus = _bus_of(cluster)
        self._bus.faults.cut(*self._ends)

    async def heal(self) -> None:
        if self._bus is not None:
            self._bus.faults.mend(*self._ends)


def partition(node: str, other: str | None = None) -> Fault:
    """Nothing passes between two nodes; without `other`, between a node and everybody."""
    return _Partition(node, other)


class _Links(Fault):
    """Something about what passes from node to node."""

    def __init__(
        self,
        what: str,
        sender: str,
        receiver: str,
        count: int | None,
        change: Callable[[Fate], None],
    ) -> None:
        super().__init__(f"{what} from {sender} to {receiver}")
        self._ends = (sender, receiver)
        self._left = count
        self._change = change
        self._bus: MemoryBus | None = None

    async def begin(self, cluster: Patient) -> None:
        self._bus = _bus_of(cluster)
        self._bus.faults.rules.append(self._rule)

    async def heal(self) -> None:
        if self._bus is not None and self._rule in self._bus.faults.rules:
            self._bus.faults.rules.remove(self._rule)

    def _rule(self, sender: str, receiver: str, fate: Fate) -> None:
        fits = all(
            wanted in ("*", is_) for wanted, is_ in zip(self._ends, (sender, receiver), strict=True)
        )
        if fits and self._left != 0:
            if self._left is not None:
                self._left -= 1
            self._change(fate)


def drop(sender: str = "*", receiver: str = "*", *, count: int | None = None) -> Fault:
    """What one node sends another is lost.

    Args:
        sender, receiver: "*" is any.
        count: Only so many batches; None for all, until it is healed.
    """

    def change(fate: Fate) -> None:
        fate.copies = 0

    return _Links("drop", sender, receiver, count, change)


def delay(
    seconds: float, sender: str = "*", receiver: str = "*", *, count: int | None = None
) -> Fault:
    """What one node sends another is late; see `drop`."""

    def change(fate: Fate) -> None:
        fate.delay_s += seconds

    return _Links(f"{seconds:g} s delay", sender, receiver, count, change)


def duplicate(sender: str = "*", receiver: str = "*", *, count: int | None = None) -> Fault:
    """What one node sends another comes twice; see `drop`."""

    def change(fate: Fate) -> None:
        fate.copies *= 2

    return _Links("duplicates", sender, receiver, count, change)


class _SlowReader(Fault):
    def __init__(self, client: Client) -> None:
        super().__init__(f"{client.name} does not read")
        self._client = client
        self._link: Any = None

    async def begin(self, cluster: Patient) -> None:
        self._link = self._client.link
        if self._link is None:
            raise ValueError(f"{self._client.name} is not connected")
        self._link.stop_reading()

    async def heal(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.read_on()


def slow_reader(client: Client) -> Fault:
    """A client takes nothing from its connection; what it is sent fills the server's buffers."""
    return _SlowReader(client)


def _bus_of(cluster: Patient) -> MemoryBus:
    if cluster.bus is None:
        raise ValueError("there is nothing between the nodes of a cluster of one")
    return cluster.bus


__all__ = [
    "Fault",
    "Patient",
    "commit_fails",
    "crash",
    "delay",
    "disk_full",
    "drop",
    "duplicate",
    "kill_node",
    "partition",
    "pause_node",
    "slow_reader",
]
