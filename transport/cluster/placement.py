"""Where names live: 1,024 shards over the ready nodes of a view, by rendezvous. Pure.

    conv:ID, user:ID, erase:ID        the shard's node: the first in its order
    session:NODE:INCARNATION/N        its own node
    ask:NODE/INCARNATION              its own node
    node:NODE                         its own node

Every node of a shard scores by a hash of both and its weight; the highest is first. When a node
goes, its shards move to whoever was second, and no other shard moves.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from math import log

from ...config.ids import SHARDS, ConvId, UserId, self_log, shard_of

#: Scores in one digest.
_LANES = 8


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
    """The order of some nodes for every shard.

    Attributes:
        nodes: All of them, sorted.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        """Find every shard's node.

        Args:
            weights: {node: weight}, each above 0; a node of twice the weight gets twice the shards.
        """
        self.nodes = tuple(sorted(weights))
        #: Backwards: of two nodes with one score the later name is first.
        self._names = self.nodes[::-1]
        self._scores = [_scores(node, weights[node]) for node in self._names]
        #: [shard]: the first choice; [] without nodes.
        self._first = [self._names[row.index(max(row))] for row in zip(*self._scores, strict=True)]
        shards: dict[str, list[int]] = {}
        for shard, node in enumerate(self._first):
            shards.setdefault(node, []).append(shard)
        self._shards = {node: frozenset(those) for node, those in shards.items()}

    def order(self, shard: int) -> tuple[str, ...]:
        """The nodes for a shard, the first choice first; () when there are none."""
        scores = [score[shard] for score in self._scores]
        ranks = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
        return tuple(self._names[rank] for rank in ranks)

    def node(self, shard: int) -> str | None:
        """The first choice for a shard."""
        return self._first[shard] if self._first else None

    def shards(self, node: str) -> frozenset[int]:
        """Those of which a node is the first choice."""
        return self._shards.get(node, frozenset())

    def home(self, user: UserId) -> str | None:
        """Where the user's actor lives."""
        return self.node(shard_of(self_log(user)))

    def owner(self, conv: ConvId) -> str | None:
        """Where the conversation's actor lives."""
        return self.node(shard_of(conv))


@lru_cache(maxsize=16)
def placement_of(weights: tuple[tuple[str, float], ...]) -> Placement:
    """The placement of (node, weight)s; one for all who ask again while views come and go."""
    return Placement(dict(weights))


@lru_cache(maxsize=256)
def _scores(node: str, weight: float) -> array[float]:
    """Weighted rendezvous: -weight / ln(h), with h in (0, 1) from the hash of node and shard.

    Kept, for most nodes of a view were in the one before.
    """
    scores = array("d")
    for block in range(SHARDS // _LANES):
        digest = blake2b(f"{block} {node}".encode(), digest_size=8 * _LANES).digest()
        for lane in range(_LANES):
            # 52 bits and a half: never 0 or 1, and exact as a float.
            drawn = int.from_bytes(digest[8 * lane : 8 * lane + 8], "big") >> 12
            scores.append(-weight / log((drawn + 0.5) / (1 << 52)))
    return scores


__all__ = ["Placement", "name_node", "placement_of"]
