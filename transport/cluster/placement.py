"""Where names live: 1,024 shards over the ready nodes of a view, by rendezvous. Pure.

    conv:ID, user:ID, erase:ID        the shard's node: the first in its order
    session:NODE:INCARNATION/N        its own node
    ask:NODE/INCARNATION              its own node
    node:NODE                         its own node

Every node of a shard scores by a hash of both and its weight; the highest is first. When a node
goes, its shards move to whoever was second, and no other shard moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from math import log

from ...config.ids import SHARDS, ConvId, UserId, self_log, shard_of

#: Scores in one digest.
_LANES = 8


def name_shard(name: str) -> int | None:
    """The shard of an actor's name; None for one that has a place of its own.

    A user is placed by the private log, whose one writer the user's actor is, and who erases the
    user with it.
    """
    kind, _, rest = name.partition(":")
    if kind == "conv":
        return shard_of(rest)
    if kind in ("user", "erase"):
        return shard_of(self_log(UserId(rest)))
    return None


def name_node(name: str) -> str | None:
    """The node that an actor's name itself says; None for one that says none."""
    kind, _, rest = name.partition(":")
    if kind == "session":
        return rest.partition(":")[0]
    if kind == "ask":
        return rest.partition("/")[0]
    if kind == "node":
        return rest
    return None


class Placement:
    """The order of some nodes for every shard."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        """Prepare.

        Args:
            weights: {node: weight}, each above 0; a node of twice the weight gets twice the shards.
        """
        self.nodes = tuple(sorted(weights))
        scores = [_scores(node, weights[node]) for node in self.nodes]
        #: [shard]: the nodes, the first choice first.
        self._order = [
            tuple(
                node
                for _, node in sorted(
                    ((score[shard], node) for score, node in zip(scores, self.nodes, strict=True)),
                    reverse=True,
                )
            )
            for shard in range(SHARDS)
        ]

    def order(self, shard: int) -> tuple[str, ...]:
        """The nodes for a shard, the first choice first; () when there are none."""
        return self._order[shard]

    def node(self, shard: int) -> str | None:
        """The first choice for a shard."""
        order = self._order[shard]
        return order[0] if order else None

    def home(self, user: UserId) -> str | None:
        """Where the user's actor lives."""
        return self.node(shard_of(self_log(user)))

    def owner(self, conv: ConvId) -> str | None:
        """Where the conversation's actor lives."""
        return self.node(shard_of(conv))


def _scores(node: str, weight: float) -> list[float]:
    """Weighted rendezvous: -weight / ln(h), with h in (0, 1) from the hash of node and shard."""
    scores: list[float] = []
    for block in range(SHARDS // _LANES):
        digest = blake2b(f"{block} {node}".encode(), digest_size=8 * _LANES).digest()
        for lane in range(_LANES):
            # 52 bits and a half: never 0 or 1, and exact as a float.
            drawn = int.from_bytes(digest[8 * lane : 8 * lane + 8], "big") >> 12
            scores.append(-weight / log((drawn + 0.5) / (1 << 52)))
    return scores


__all__ = ["Placement", "name_node", "name_shard"]
