"""What every Cluster must do, whatever carries its envelopes; one node or several."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import pytest

from ...actors.commands import HeadTold
from ...actors.ports import Cluster
from ...actors.runtime.actor import LoopActor
from ...actors.runtime.system import ActorSystem
from ...config.errors import UnavailableError
from ...config.ids import ConvId, UserId, letters, self_log, shard_of
from ...config.units import SECONDS
from .cases import check

#: Far above what anything here takes: a wait that reaches it is a failure.
PATIENCE_S = 20 * SECONDS

#: Between two looks.
LOOK_S = 0.01 * SECONDS

CONV = ConvId("g_contract")

#: Shards that are looked at, spread over all of them.
SHARDS = range(0, 1024, 97)


@dataclass(frozen=True)
class Seat:
    """One node: its actors, and the cluster as they see it."""

    system: ActorSystem
    cluster: Cluster


class Listener(LoopActor):
    """Keeps what it is told; waits before each message if it has a gate."""

    def __init__(self, heard: list[int], gate: asyncio.Event | None = None) -> None:
        super().__init__()
        self.heard = heard
        self.gate = gate

    def on_receive(self, message: Any) -> Any:
        """Keep it."""
        self.heard.append(message.head)
        return None if self.gate is None else self.gate.wait()


class ClusterContract:
    """Inherit this in a test class, and give a fixture `seats`: the nodes, all of which know each
    other; nobody lives there."""

    async def test_a_name_lives_once_wherever_it_is_told_from(self, seats: Sequence[Seat]) -> None:
        heard, born = _listen(seats)
        names = [_user(n) for n in range(20)]
        for head, seat in enumerate(seats):
            for name in names:
                seat.cluster.tell(name, HeadTold(CONV, head))
        await _until(lambda: all(len(heard[name]) == len(seats) for name in names))
        assert sorted(born) == sorted(names), "each came to life once"
        for name in names:
            assert sorted(heard[name]) == list(range(len(seats)))
            (home,) = (seat for seat in seats if seat.system.lookup(name) is not None)
            assert home.cluster.here(_shard(name))

    async def test_every_shard_is_placed_at_one_node(self, seats: Sequence[Seat]) -> None:
        for shard in SHARDS:
            assert sum(seat.cluster.here(shard) for seat in seats) == 1

    async def test_nothing_has_been_here_longer_than_the_node(self, seats: Sequence[Seat]) -> None:
        if len(seats) == 1:
            return  # One that never shares has always been the one.
        assert not any(seat.cluster.here(shard, 1e9) for seat in seats for shard in SHARDS)

    async def test_what_one_node_tells_a_name_comes_in_order(self, seats: Sequence[Seat]) -> None:
        heard, _ = _listen(seats)
        name = _user(1)
        for head in range(200):
            seats[-1].cluster.tell(name, HeadTold(CONV, head))
            if head % 50 == 0:
                await asyncio.sleep(0)
        await _until(lambda: len(heard[name]) == 200)
        assert heard[name] == list(range(200))

    async def test_a_fan_out_reaches_those_who_live_and_wakes_nobody(
        self, seats: Sequence[Seat]
    ) -> None:
        heard, born = _listen(seats)
        names = [_user(n) for n in range(20)]
        for name in names[::2]:
            seats[0].cluster.tell(name, HeadTold(CONV, 1))
        await _until(lambda: all(heard[name] for name in names[::2]))
        seats[-1].cluster.fan_out(names, HeadTold(CONV, 2))
        await _until(lambda: all(len(heard[name]) == 2 for name in names[::2]))
        assert sorted(born) == sorted(names[::2])

    async def test_a_full_mailbox_is_a_loss_that_is_known_and_raises_nothing(
        self, seats: Sequence[Seat]
    ) -> None:
        name, gate = _user(3), asyncio.Event()
        (home,) = (seat for seat in seats if seat.cluster.here(_shard(name)))
        heard: list[int] = []
        home.system.spawn(Listener, heard, gate, name=name, mailbox_limit=1)
        home.cluster.tell(name, HeadTold(CONV, 1))
        await _until(lambda: heard == [1])
        assert home.cluster.tell(name, HeadTold(CONV, 2))
        assert not home.cluster.tell(name, HeadTold(CONV, 3))
        home.cluster.fan_out([name], HeadTold(CONV, 4))
        for seat in seats:
            seat.cluster.tell(name, HeadTold(CONV, 5))
        gate.set()
        await _until(lambda: heard[:2] == [1, 2])
        assert not {3, 4} & set(heard)

    async def test_a_shard_has_one_owner_and_one_epoch(self, seats: Sequence[Seat]) -> None:
        for shard in SHARDS:
            (owner,) = (seat for seat in seats if seat.cluster.here(shard))
            first, again = await asyncio.gather(*(owner.cluster.epoch(shard) for _ in range(2)))
            assert first == again == await owner.cluster.epoch(shard)
            assert first > 0
            for other in seats:
                if other is not owner:
                    with pytest.raises(UnavailableError):
                        await other.cluster.epoch(shard)

    async def test_an_epoch_in_doubt_is_followed_by_a_higher_one(
        self, seats: Sequence[Seat]
    ) -> None:
        shard = SHARDS[1]
        (owner,) = (seat for seat in seats if seat.cluster.here(shard))
        first = await owner.cluster.epoch(shard)
        owner.cluster.disown(shard, first)
        second = await owner.cluster.epoch(shard)
        assert second > first
        owner.cluster.disown(shard, first)
        assert await owner.cluster.epoch(shard) == second, "only what is current is in doubt"

    async def test_every_node_has_a_name_and_a_life_of_its_own(self, seats: Sequence[Seat]) -> None:
        assert len({seat.cluster.node for seat in seats}) == len(seats)
        assert len({seat.cluster.incarnation for seat in seats}) == len(seats)
        assert all(seat.cluster.node and seat.cluster.incarnation for seat in seats)


def check_cluster(
    fresh: Callable[[], AbstractAsyncContextManager[Sequence[Seat]]],
    *,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> int:
    """Hold a cluster to its contract: every case, each on nodes of its own.

    Args:
        fresh: Makes nodes that know each other, for the length of a block.
        loop_factory: `VirtualLoop` for one in memory, whose time is virtual.

    Returns: how many cases there were.

    Raises:
        ExceptionGroup: Those that failed.
    """
    return check(ClusterContract, "seats", fresh, loop_factory=loop_factory)


def _user(number: int) -> str:
    return "user:u_" + letters(f"somebody {number}".encode().ljust(13, b"."))[:20]


def _shard(name: str) -> int:
    return shard_of(self_log(UserId(name.removeprefix("user:"))))


def _listen(seats: Sequence[Seat]) -> tuple[dict[str, list[int]], list[str]]:
    """What each name heard, and who came to life, on all of them."""
    heard: dict[str, list[int]] = {_user(n): [] for n in range(20)}
    born: list[str] = []
    for seat in seats:

        def activate(name: str, system: ActorSystem = seat.system) -> None:
            born.append(name)
            system.spawn(Listener, heard[name], name=name)

        seat.system.set_activator("user", activate)
    return heard, born


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - it comes over a wire that says nothing
            await asyncio.sleep(LOOK_S)


__all__ = ["LOOK_S", "PATIENCE_S", "SHARDS", "ClusterContract", "Listener", "Seat", "check_cluster"]
