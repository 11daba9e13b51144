"""What a seed decides before anything happens: how large, how tight, how rough."""

from __future__ import annotations

from dataclasses import dataclass

from ...config.limits import Limits
from .chance import SeededChance


@dataclass(frozen=True, slots=True)
class Plan:
    """See the module.

    Attributes:
        nodes, users, devices: How many; devices of each user.
        requests, faults: At least so many.
        lasts_s: Virtual seconds in which they happen.
        limits: Tighter than any real node's, so that the edges are reached.
        latency_s: The longest way of a message between client and node.
        buffer_bytes: What a socket takes before it pushes back.
    """

    nodes: int
    users: int
    devices: int
    requests: int
    faults: int
    lasts_s: float
    limits: Limits
    latency_s: float
    buffer_bytes: int


def plan_of(chance: SeededChance, nodes: int) -> Plan:
    """The plan of a seed."""
    among, happens = chance.among, chance.happens
    return Plan(
        nodes=nodes,
        users=6,
        devices=2,
        requests=300,
        faults=among((10, 12, 16, 24)),
        lasts_s=among((30.0, 45.0, 60.0)),
        limits=Limits(
            text_chars=6000,
            page_items=among((5, 20, 200)),
            page_bytes=among((600, 8000, 262144)),
            heads_page=among((2, 5, 200)),
            unacked=among((12, 16)),
            out_frames=among((6, 24, 256)),
            out_bytes=among((4000, 1 << 20)),
            requests=among((8, 256)),
            rate_per_s=0 if happens(0.6) else 20,
            snapshot_every=among((4, 16, 256)),
            mailbox=among((12, 40, 1000)),
            members=among((5, 100)),
            presence_grace_s=among((3.0, 10.0)),
            request_timeout_s=10.0,
            idle_s=among((1.0, 4.0, 20.0)),
        ),
        latency_s=among((0.002, 0.05, 0.4)),
        buffer_bytes=among((1500, 16000, 65536)),
    )


__all__ = ["Plan", "plan_of"]
