"""Faults that are planted on purpose where it is decided who may write: each has to be found.

As in `simulation.mutations`, each replaces one named function.
"""

from __future__ import annotations

from typing import Any

from ...config.errors import OwnedError
from ...storage.cassandra.claims import Tip
from ...storage.cassandra.rows import bucket_of
from ...transport.cluster.views import Members
from ..simulation.mutations import Mutation

_FENCE = "storage.cassandra.fence:Fence"
_SHARDS = "transport.cluster.shards:Shards"


def _any_epoch(right: Any) -> Any:
    def wrong(self: Any, conv: Any, epoch: int) -> Any:
        return self.of(conv) or right(self, conv, epoch)

    return wrong


def _all_open(_right: Any) -> Any:
    async def wrong(_self: Any, owners: set[str]) -> Any:
        return dict.fromkeys(owners)

    return wrong


async def _claim(fence: Any, shard: int, owner: str, view: tuple[int, int]) -> int:
    read = "SELECT epoch, owner, generation, n FROM shards WHERE shard = ?"
    rows = await fence._bridge.run(read, (shard,), serial=True)
    me = fence.name(owner)
    if not rows:
        first = (
            "INSERT INTO shards (shard, epoch, owner, generation, n)"
            " VALUES (?, 1, ?, ?, ?) IF NOT EXISTS"
        )
        done = await fence._bridge.run(first, (shard, me, *view))
        return 1 if done[0][0] else 0
    epoch = rows[0][0]
    following = (
        "UPDATE shards SET epoch = ?, owner = ?, generation = ?, n = ? WHERE shard = ? IF epoch = ?"
    )
    done = await fence._bridge.run(following, (epoch + 1, me, *view, shard, epoch))
    return epoch + 1 if done[0][0] else 0


def _taken_anyway(_right: Any) -> Any:
    return _claim


def _owner_first(right: Any) -> Any:
    async def wrong(self: Any, shard: int, owner: str, view: tuple[int, int]) -> int:
        read = "SELECT epoch, owner, generation, n FROM shards WHERE shard = ?"
        rows = await self._bridge.run(read, (shard,), serial=True)
        had = rows[0][1] if rows else None
        if had not in (None, self.name(owner)) and not await self._is_sealed(had):
            raise OwnedError(shard, had)
        epoch: int = await right(self, shard, owner, view)
        return epoch

    return wrong


def _any_view(right: Any) -> Any:
    async def wrong(self: Any, shard: int, owner: str, _view: tuple[int, int]) -> int:
        epoch: int = await right(self, shard, owner, (1 << 40, 0))
        return epoch

    return wrong


def _always_first(right: Any) -> Any:
    def wrong(_generation: int, now_s: float, lease_s: float) -> Members:
        members: Members = right(1, now_s, lease_s)
        return members

    return staticmethod(wrong)


def _to_the_end(_right: Any) -> Any:
    def wrong(self: Any, _epoch: int) -> tuple[int, int]:
        end: tuple[int, int] = self.end
        return end

    return wrong


def _no_epoch_in_it(_right: Any) -> Any:
    def wrong(self: Any) -> int:
        self._stamps += 1
        stamp: int = self._stamps
        return stamp

    return wrong


def _always_the_same(right: Any) -> Any:
    def wrong(self: Any) -> int:
        stamp: int = right(self)
        return stamp >> 40 << 40

    return wrong


def _never_in_doubt(right: Any) -> Any:
    def wrong(self: Any, verdict: Any) -> None:
        right(self, verdict)
        self.tip.doubt = []

    return wrong


class _NoEpochs:
    """A bridge by which tips are of no epoch."""

    def __init__(self, bridge: Any) -> None:
        self._bridge = bridge

    async def run(self, cql: str, values: Any) -> Any:
        rows = await self._bridge.run(cql, values)
        return [(0, *row[1:]) for row in rows] if "FROM tips" in cql else rows


def _leavings_adopted(right: Any) -> Any:
    async def wrong(bridge: Any, conv: Any) -> Any:
        return await right(_NoEpochs(bridge), conv)

    return wrong


def _in_part(_right: Any) -> Any:
    async def wrong(bridge: Any, conv: Any, seq: int) -> Any:
        read = "SELECT seq, epoch, count FROM log WHERE conv = ? AND bucket = ? AND seq > ?"
        return await bridge.run(read, (conv, bucket_of(seq + 1), seq))

    return wrong


def _tip_unwritten(right: Any) -> Any:
    async def wrong(self: Any, claim: Any, conv: Any) -> Tip:
        class Blind:
            """Writes nothing."""

            start = self._bridge.start

            async def run(_self, cql: str, *values: Any) -> Any:
                return [] if cql.startswith("INSERT") else await self._bridge.run(cql, *values)

        blind: Any = type(self)(Blind(), self._sender)
        tip: Tip = await right(blind, claim, conv)
        return tip

    return wrong


def _out_of_turn(_right: Any) -> Any:
    async def wrong(self: Any, shard: int, owner: str) -> None:
        claim = self._claims.on(shard)
        await self._fence.release(shard, owner)
        if claim is not None and claim.owner == self._fence.name(owner):
            self._claims.drop(shard, claim.epoch + 1)

    return wrong


def _expel_at_once(_right: Any) -> Any:
    def wrong(self: Any, _shard: int, owner: str) -> None:
        self._politics.expel(owner)

    return wrong


def _claims_at_once(_right: Any) -> Any:
    def wrong(self: Any) -> bool:
        held: bool = self.may_own()
        return held

    return wrong


def _past_told(right: Any) -> Any:
    async def wrong(self: Any, conv: Any) -> tuple[int, int, bool]:
        tip = self._claims.tip(conv)
        if tip is not None and not tip.doubt:
            return tip.seq, tip.count, True
        told: tuple[int, int, bool] = await right(self, conv)
        return told

    return wrong


def _all_at_once(_right: Any) -> Any:
    def wrong(self: Any) -> list[int]:
        return [n for n, sent in enumerate(self._sent) if not sent]

    return wrong


#: All of them, by the promise they break.
MUTATIONS: tuple[Mutation, ...] = (
    Mutation(
        "epoch-unchecked", "a store takes entries of an epoch that is over",
        "storage.cassandra.claims:Claims.owned", _any_epoch,
    ),
    Mutation(
        "fence-unread", "a commit counts without a look at its owner's fence",
        "storage.cassandra.committer:Committer._verdicts", _all_open,
    ),
    Mutation(
        "seal-skipped", "a shard is taken over while its owner is not sealed",
        f"{_FENCE}._claim_once", _taken_anyway,
    ),
    Mutation(
        "owner-first", "who claims in a lower view is told of an owner that it does not know",
        f"{_FENCE}._claim_once", _owner_first,
    ),
    Mutation(
        "any-view", "a lower view claims what a higher one had",
        f"{_FENCE}._claim_once", _any_view,
    ),
    Mutation(
        "generation-lost", "what is forgotten brings old numbers of views back",
        "transport.cluster.views:Members.found", _always_first,
    ),
    Mutation(
        "claims-at-once", "a new generation does not wait for those who live",
        "transport.cluster.node_cluster:NodeCluster.may_claim", _claims_at_once,
    ),
    Mutation(
        "expel-at-once", "an owner that is about to release is expelled",
        f"{_SHARDS}._wait", _expel_at_once,
    ),
    Mutation(
        "read-early", "who does not own a log is shown a row that may yet be replaced",
        "storage.cassandra.tail:Tail.certain", _to_the_end,
    ),
    Mutation(
        "past-told", "who does not know that its shard is another's tells what it knows",
        "storage.cassandra.pages:Pages.certain", _past_told,
    ),
    Mutation(
        "stamps-anew", "the stamps of a later epoch begin where those of the first did",
        "storage.cassandra.claims:Claim.stamp", _no_epoch_in_it,
    ),
    Mutation(
        "stamps-alike", "all stamps of an epoch are one",
        "storage.cassandra.claims:Claim.stamp", _always_the_same,
    ),
    Mutation(
        "doubt-forgotten", "rows of unknown outcome are not written again",
        "storage.cassandra.runs:Run.conclude", _never_in_doubt,
    ),
    Mutation(
        "leavings-adopted", "rows of an epoch below the tip's are adopted above it",
        "storage.cassandra.adoption:read_tail", _leavings_adopted,
    ),
    Mutation(
        "read-in-part", "rows count by what was read of them, and the rest may be nowhere",
        "storage.cassandra.tail:_after", _in_part,
    ),
    Mutation(
        "tip-unwritten", "who adopts a log does not write how far it is",
        "storage.cassandra.adoption:Adoption._adopt", _tip_unwritten,
    ),
    Mutation(
        "released-early", "a shard is released while a commit of its is under way",
        "storage.cassandra.logs:CassandraLogs.release", _out_of_turn,
    ),
    Mutation(
        "order-lost", "the rows that continue a log arrive before what belongs to them",
        "storage.cassandra.sender:Parcel.next", _all_at_once,
    ),
)  # fmt: skip


__all__ = ["MUTATIONS"]
