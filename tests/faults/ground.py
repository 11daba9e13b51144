"""What a fault is done to: nodes, and what they lean on, with people who talk meanwhile."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from hubbub.testkit.simulation.chance import SeededChance

from .device import Addresses
from .load import Load
from .nodes import HurtNode


@dataclass(frozen=True, slots=True)
class Size:
    """How large a run is.

    Attributes:
        devices: How many people.
        per_s: Texts a second of all of them.
        hold_s: For how long a fault that lasts does last.
        jitter_s: The longest that a device waits before it connects again.
        lease_s: How long a node is one of several without a sign of it.
    """

    devices: int
    per_s: float
    hold_s: float
    jitter_s: float
    lease_s: float

    @property
    def renew_s(self) -> float:
        """Between two signs."""
        return self.lease_s / 5

    @property
    def seen_s(self) -> float:
        """How long it takes at least until others see that a node is gone."""
        return self.lease_s - self.renew_s


#: The one of `make faults`, and the one of `make test`.
FULL = Size(devices=60, per_s=60.0, hold_s=10.0, jitter_s=8.0, lease_s=5.0)
QUICK = Size(devices=20, per_s=60.0, hold_s=0.7, jitter_s=0.7, lease_s=3.0)


@dataclass(frozen=True, slots=True)
class Ground:
    """See the module; one with more to hurt is made of this one.

    Attributes:
        size: How large it is.
        nodes: Real processes, all of them up before a fault and after it.
        load: The people on them.
        chance: What a fault draws from.
    """

    size: Size
    nodes: Sequence[HurtNode]
    load: Load
    chance: SeededChance

    def node(self) -> HurtNode:
        """One of the nodes, by chance."""
        return self.chance.among(self.nodes)

    def complaints(self) -> list[str]:
        """What the nodes logged as errors, over all their lives."""
        return [line for node in self.nodes for line in node.complaints()]


@asynccontextmanager
async def one_node(folder: Path, size: Size, seed: int) -> AsyncGenerator[Ground]:
    """One node with SQLite; it has to stop in order, unless the block failed."""
    node = HurtNode(folder / "data", block_s=size.hold_s)
    await node.start()
    try:
        async with Load(
            Addresses(node.base),
            devices=size.devices,
            per_s=size.per_s,
            jitter_s=size.jitter_s,
            seed=seed,
        ) as load:
            yield Ground(size, (node,), load, SeededChance(seed, "faults"))
        await node.stop()
    finally:
        await node.kill()


__all__ = ["FULL", "QUICK", "Ground", "Size", "one_node"]
