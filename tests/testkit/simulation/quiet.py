"""A quiet day of a whole system, and one stage of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.testkit.simulation.lab import on_loop

from hubbub.testkit.simulation.checker import Findings
from hubbub.testkit.simulation.loop import SimLoop
from hubbub.testkit.simulation.mutations import MUTATIONS, planted
from hubbub.testkit.simulation.trace import Trace
from hubbub.testkit.simulation.workload import Workload
from hubbub.testkit.simulation.world import World

Stage = Callable[[World, Findings], Awaitable[None]]


async def at_rest(world: World) -> None:
    """Everybody is here, and there are two groups."""
    for client in world.clients:
        client.start()
    await world.pass_time(5)
    Workload(world.clients, world.chance("workload")).begin()
    await world.pass_time(5)


def tried(stage: Stage, *, seed: int, nodes: int = 3, mutation: str = "") -> list[str]:
    """What a stage finds, then what clients complain of, then what was seen on the way.

    Args:
        mutation: The fault that is planted; "" for none.
    """

    async def live(_loop: SimLoop) -> list[str]:
        findings = Findings()
        world = await World.open(seed, Trace(), nodes=nodes)
        await at_rest(world)
        await stage(world, findings)
        await world.close()
        found = [str(violation) for violation in findings.found]
        found += [fault for client in world.clients for fault in client.faults]
        return found + [f"[{rule}] {says}" for rule, says, _ in world.problems]

    with planted(next((m for m in MUTATIONS if m.name == mutation), None)):
        return on_loop(live, seed)


__all__ = ["Stage", "at_rest", "tried"]
