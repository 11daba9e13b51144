"""Three nodes beside one, in the same run: what it costs that people are at home on several."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Set
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from hubbub.config.ids import UserId, self_log, shard_of
from hubbub.transport.cluster.placement import Placement

from .direct import Pair
from .group import IN_FLIGHT, MEMBERS, Talk
from .pieces import cores, meter, profile
from .pieces.client import Client, connect
from .pieces.node import ROOT, START_S, STOP_S
from .pieces.nodes_server import Served
from .pieces.redis import RedisProcess, redis
from .pieces.result import Figure, Goal, LostError, Options, Result

NODES = 3
#: Pairs whose members have different homes, one after the other.
PAIRS = 6

#: With one message in flight so many members send, in turn: a third of them at home where the
#: group is, which costs a hop less.
TURNS = 25

#: CPU of a message to the group on three nodes, summed, over the same on one (issue 6).
GOAL_TIMES_ONE = 1.6
#: What a direct message from home to home may take longer than one that stays (issue 6).
GOAL_LONGER_MS = 2.0


@dataclass(frozen=True, slots=True)
class _Site:
    """Nodes that are ready, everybody connected at home, and the group."""

    pid: int
    clients: list[Client]
    talk: Talk


@dataclass(frozen=True, slots=True)
class _Costs:
    """CPU a message, in us, of each round: of the nodes, and of Redis for the three."""

    one: list[float]
    three: list[float]
    redis: list[float]

    def figures(self, label: str) -> list[Figure]:
        """The lines of a table."""
        times = median(three / one for one, three in zip(self.one, self.three, strict=True))
        return [
            Figure(f"{label}: CPU a message, one node", median(self.one), "us"),
            Figure(f"{label}: CPU a message, three nodes", median(self.three), "us"),
            Figure(f"{label}: times one node", times, "", Goal("at most", GOAL_TIMES_ONE)),
            Figure(f"{label}: CPU of Redis a message", median(self.redis), "us"),
        ]


async def run(options: Options) -> Result:
    """See the module."""
    hot: list[str] = []
    rounds, messages = (1, 200) if options.quick else (7, 3000)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hubbub-bench-"))
        profiled = Path(folder) / "nodes.prof" if options.profile else None
        stack.callback(lambda: hot.extend(profile.hot(profiled)))
        mine, others = cores.halves()
        stack.enter_context(cores.on(others))
        server = await stack.enter_async_context(redis())
        one = await stack.enter_async_context(_site(1, server, mine, None))
        three = await stack.enter_async_context(_site(NODES, server, mine, profiled))
        sites = (one, three)
        for site in sites:
            await site.talk.round(IN_FLIGHT, messages // 4)
        many = await _costs(sites, server, IN_FLIGHT, rounds, messages, 1)
        few = await _costs(sites, server, 1, rounds, messages // 4, TURNS)
        couples = _couples(three.clients)
        pairs = [[Pair(site.clients[a], site.clients[b]) for a, b in couples] for site in sites]
        for pair in (*pairs[0], *pairs[1]):
            await pair.begin()
        for local, across in zip(*pairs, strict=True):
            for pair in (local, across) * rounds:
                await pair.run(messages // 10)
        heard = [[ms for pair in those for ms in pair.heard_ms] for those in pairs]
        acks = [[ms for pair in those for ms in pair.acks_ms] for those in pairs]
    near_ms, far_ms = (meter.percentile(ms, 0.5) for ms in heard)
    near_ack_ms, far_ack_ms = (meter.percentile(ms, 0.5) for ms in acks)
    return Result(
        "cluster",
        f"a group of {MEMBERS}, and pairs, on one node and at home on {NODES}; memory stores",
        [
            *many.figures(f"{IN_FLIGHT} in flight"),
            *few.figures("1 in flight"),
            Figure("direct, one node: delivery p50", near_ms, "ms"),
            Figure("direct, from home to home: delivery p50", far_ms, "ms"),
            Figure("direct: longer", far_ms - near_ms, "ms", Goal("at most", GOAL_LONGER_MS)),
            Figure("direct, one node: ack p50", near_ack_ms, "ms"),
            Figure("direct, from home to home: ack p50", far_ack_ms, "ms"),
        ],
        hot,
    )


async def _costs(
    sites: tuple[_Site, _Site],
    server: RedisProcess,
    in_flight: int,
    rounds: int,
    count: int,
    turns: int,
) -> _Costs:
    """One and three in turn, so that both meet the machine in the same mood.

    Args:
        count: Messages of a round.
        turns: Members who are the first to send, one after the other.
    """
    costs = _Costs([], [], [])
    one, three = sites
    for _ in range(rounds):
        for site, used in ((one, costs.one), (three, costs.three)):
            before, redis_s = meter.cpu_s(site.pid), meter.cpu_s(server.pid)
            for first in range(turns):
                await site.talk.round(in_flight, count // turns, first)
            used.append((meter.cpu_s(site.pid) - before) * 1e6 / count)
            if site is three:
                costs.redis.append((meter.cpu_s(server.pid) - redis_s) * 1e6 / count)
    return costs


def _couples(clients: list[Client]) -> list[tuple[int, int]]:
    """Numbers of people with different homes, each in one couple."""
    waiting: dict[int, list[int]] = {n: [] for n in range(NODES)}
    for number, client in enumerate(clients):
        waiting[_home(client.person.user, NODES)].append(number)
    return [(waiting[n % NODES].pop(), waiting[(n + 1) % NODES].pop()) for n in range(PAIRS)]


def _home(user: UserId, nodes: int) -> int:
    """The number of the node, from 0 on, where somebody is at home."""
    return int((_placements[nodes].node(shard_of(self_log(user))) or "n1")[1:]) - 1


_placements = {n: Placement({f"n{each}": 1.0 for each in range(1, n + 1)}) for n in (1, NODES)}


@asynccontextmanager
async def _site(
    nodes: int, server: RedisProcess, core: Set[int], profiled: Path | None
) -> AsyncGenerator[_Site]:
    profiler = [] if profiled is None else ["-m", "cProfile", "-o", str(profiled)]
    with cores.on(core):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *profiler,
            *("-m", "benchmarks.pieces.nodes_server", str(nodes), str(MEMBERS), server.url),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_S):
            line = await process.stdout.readline()
        if not line:
            raise LostError("the nodes did not start")
        served = msgspec.json.decode(line, type=Served, dec_hook=_text)
        clients: dict[str, Client] = {}
        people = served.seeded.people
        for n, port in enumerate(served.ports):
            there = [person for person in people if _home(person.user, nodes) == n]
            for client in await connect(there, "127.0.0.1", port, at_once=MEMBERS):
                clients[client.person.user] = client
        everybody = [clients[person.user] for person in people]
        talk = Talk(everybody, served.seeded.groups[0], served.seeded.head)
        yield _Site(process.pid, everybody, talk)
        for client in everybody:
            await client.pong()
            client.close()
    except BaseException:
        if process.returncode is None:
            process.kill()
        await process.wait()
        raise
    assert process.stdin is not None
    process.stdin.close()
    async with asyncio.timeout(STOP_S):
        code = await process.wait()
    if code != 0:
        raise LostError(f"the nodes ended with {code}")


def _text(kind: type, value: Any) -> Any:
    return kind(value)


__all__ = ["run"]
