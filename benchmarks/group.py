"""A group of 100: what a stored delivery costs, beside the raw floor of the same run."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from .pieces import meter, profile
from .pieces.client import Client, connect
from .pieces.floor import Floor, Sizes, floor
from .pieces.node import DATABASE, Node, node
from .pieces.result import Figure, Goal, Options, Result
from .pieces.rounds import GroupRound, Outcome
from .pieces.seed import seed

MEMBERS = 100
IN_FLIGHT = 20

#: CPU of a stored delivery, over that of the floor's, at 20 in flight (issue 3).
GOAL_TIMES_FLOOR = 4

#: An ack on the wire.
ACK_BYTES = 120


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians over the rounds of one number in flight."""

    cpu_us_message: float
    cpu_us_delivery: float
    floor_us_delivery: float
    messages_s: float
    ack_p50_ms: float
    ack_p99_ms: float
    heard_p99_ms: float


async def run(options: Options) -> Result:
    """Everybody online."""
    lines: list[Figure] = []
    many, one, hot = await measure(options, online=MEMBERS, messages=2000)
    for label, m, goal in (
        (f"{IN_FLIGHT} in flight", many, Goal("at most", GOAL_TIMES_FLOOR)),
        ("1 in flight", one, None),
    ):
        lines += figures(label, m, goal)
    return Result(
        "group",
        f"{MEMBERS} members online, texts of 200 bytes, stored before they are delivered",
        lines,
        hot,
    )


def figures(label: str, m: Measured, goal: Goal | None) -> list[Figure]:
    """The lines of a table."""
    times = m.cpu_us_delivery / m.floor_us_delivery
    return [
        Figure(f"{label}: CPU a stored delivery", m.cpu_us_delivery, "us"),
        Figure(f"{label}: CPU a delivery of the floor", m.floor_us_delivery, "us"),
        Figure(f"{label}: times the floor", times, "", goal),
        Figure(f"{label}: CPU a message", m.cpu_us_message, "us"),
        Figure(f"{label}: messages", m.messages_s, "/s"),
        Figure(f"{label}: ack p50", m.ack_p50_ms, "ms"),
        Figure(f"{label}: ack p99", m.ack_p99_ms, "ms"),
        Figure(f"{label}: last member has it, p99", m.heard_p99_ms, "ms"),
    ]


async def measure(
    options: Options, *, online: int, messages: int
) -> tuple[Measured, Measured, list[str]]:
    """With 20 and with 1 in flight, and the profile.

    Args:
        messages: Of one round with 20 in flight.
    """
    rounds = 1 if options.quick else 5
    messages = messages // 5 if options.quick else messages
    with tempfile.TemporaryDirectory(prefix="hubbub-bench-") as folder:
        data = Path(folder)
        seeded = await seed(data / DATABASE, MEMBERS, [range(MEMBERS)])
        async with node(data, options) as server:
            clients = await connect(
                seeded.people[:online], server.host, server.port, at_once=online
            )
            talk = Talk(clients, seeded.groups[0], seeded.head)
            warm = await talk.round(IN_FLIGHT, messages // 4)
            async with floor(_sizes(warm), hearers=online - 1, senders=IN_FLIGHT) as bare:
                many = await _repeat(rounds, talk, server, bare, IN_FLIGHT, messages)
                one = await _repeat(rounds, talk, server, bare, 1, messages // 4)
            for client in clients:
                await client.pong()
                client.close()
        return many, one, profile.hot(server.profile)


class Talk:
    """A conversation that grows from round to round."""

    def __init__(self, clients: Sequence[Client], conv: str, head: int) -> None:
        self._clients = clients
        self._conv = conv
        self._head = head

    async def round(self, in_flight: int, count: int, first: int = 0) -> Outcome:
        """So many messages more.

        Args:
            first: The number of the member who sends first.
        """
        clients = [*self._clients[first:], *self._clients[:first]]
        outcome = await GroupRound(clients, in_flight, self._conv, self._head, count).run()
        self._head += count
        return outcome


def _sizes(seen: Outcome) -> Sizes:
    """The bytes on the wire, as the node wrote them."""
    acks = seen.messages * ACK_BYTES
    return Sizes(
        sent=seen.bytes_out // seen.messages,
        delivered=(seen.bytes_in - acks) // seen.deliveries,
        acked=ACK_BYTES,
    )


async def _repeat(
    rounds: int, talk: Talk, server: Node, bare: Floor, in_flight: int, count: int
) -> Measured:
    """Node and floor in turn, so that both meet the machine in the same mood."""
    seen: list[Outcome] = []
    used_us: list[float] = []
    floor_us: list[float] = []
    for _ in range(rounds):
        before = meter.cpu_s(server.pid)
        seen.append(await talk.round(in_flight, count))
        used_us.append((meter.cpu_s(server.pid) - before) * 1e6)
        floor_us.append(await bare.cost_us(count * 4, in_flight))
    acks = [ms for outcome in seen for ms in outcome.acks_ms]
    return Measured(
        cpu_us_message=median(used_us) / count,
        cpu_us_delivery=median(used_us) / seen[0].deliveries,
        floor_us_delivery=median(floor_us) * count / seen[0].deliveries,
        messages_s=median(count / outcome.elapsed_s for outcome in seen),
        ack_p50_ms=meter.percentile(acks, 0.5),
        ack_p99_ms=meter.percentile(acks, 0.99),
        heard_p99_ms=meter.percentile([ms for o in seen for ms in o.heard_ms], 0.99),
    )


__all__ = ["IN_FLIGHT", "MEMBERS", "Measured", "Talk", "figures", "measure", "run"]
