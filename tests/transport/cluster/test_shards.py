"""The shards that a node owns: claimed, kept, handed over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from tests.support.nodes import virtual

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.errors import OwnedError, UnavailableError
from hubbub.storage.memory import MemoryStore
from hubbub.storage.memory_faults import FailNext, Hold
from hubbub.testkit.clock import VirtualClock
from hubbub.transport.cluster.shards import Shards
from hubbub.transport.cluster.views import Member, View, ViewId


class Land:
    """A node's shards, and all that they ask of the world."""

    def __init__(self, store: MemoryStore, me: str, *others: str) -> None:
        self.membership = me
        self.others = others
        self.number = 1
        self.owns = self.claims = True
        self.moved: set[int] = set()
        self.expelled: list[str] = []
        self.asked_for_a_view = 0
        self.was_deposed = False
        self.tasks = Tasks()
        self.clock = VirtualClock()
        self.shards = Shards(store, self.clock, self.tasks, self, 5.0)

    @property
    def view(self) -> View | None:
        nodes = sorted({self.membership, *self.others})
        return View(ViewId(1, self.number), tuple(Member(f"n{i}", i) for i in nodes))

    def may_own(self) -> bool:
        return self.owns

    def may_claim(self) -> bool:
        return self.claims

    def expel(self, incarnation: str) -> None:
        self.expelled.append(incarnation)

    def behind(self) -> None:
        self.asked_for_a_view += 1

    def deposed(self) -> None:
        self.was_deposed = True

    def here(self, shard: int) -> bool:
        return shard not in self.moved

    async def epoch(self, shard: int) -> int:
        return await self.shards.epoch(shard, self.here)

    def hand_over(self, *leavers: Leaver) -> None:
        self.shards.hand_over(self.here, lambda: leavers, 2.0)


class Leaver:
    """An actor that ends when it is told to."""

    alive = True

    def __init__(self, shard: int = 7) -> None:
        self.shard = shard

    def is_alive(self) -> bool:
        return self.alive


@asynccontextmanager
async def lands(*others: str) -> AsyncGenerator[tuple[MemoryStore, Land, Land]]:
    store = MemoryStore(clock=VirtualClock())
    await store.open()
    one, two = Land(store, "a", "b", *others), Land(store, "b", "a", *others)
    yield store, one, two
    for land in (one, two):
        await land.tasks.stop()
    await store.close()


@virtual
async def test_a_shard_is_claimed_once_and_again_when_its_epoch_is_in_doubt() -> None:
    async with lands() as (_, one, _two):
        assert await asyncio.gather(*(one.epoch(7) for _ in range(3))) == [1, 1, 1]
        assert one.shards.owned == {7}
        one.shards.disown(7, 9)
        assert await one.epoch(7) == 1
        one.shards.disown(7, 1)
        assert await one.epoch(7) == 2


@virtual
async def test_a_living_owner_is_waited_for_and_expelled_after_one_lease() -> None:
    async with lands() as (_, one, two):
        await one.epoch(7)
        for _ in range(2):
            with pytest.raises(UnavailableError):
                await two.epoch(7)
        assert two.expelled == []
        await asyncio.sleep(5)
        with pytest.raises(UnavailableError):
            await two.epoch(7)
        assert two.expelled == ["a"]
        assert await one.epoch(7) == 1


@virtual
async def test_an_owner_that_is_not_in_the_view_is_sealed() -> None:
    async with lands() as (_, one, two):
        await one.epoch(7)
        two.others = ()
        assert await two.epoch(7) > 1
        one.shards.disown(7, 1)
        with pytest.raises(UnavailableError):
            await one.epoch(7)
        assert one.was_deposed


@virtual
async def test_who_is_back_before_the_store_takes_its_seal_is_not_sealed() -> None:
    async with lands() as (store, one, two):
        await one.epoch(7)
        gone = {"a": None}
        store.faults.append(FailNext())
        sealing = two.tasks.start(two.shards.seal("a", gone), "seal")
        await asyncio.sleep(0)
        del gone["a"]
        await sealing
        one.shards.disown(7, 1)
        assert await one.epoch(7) == 2
        await two.shards.seal("a", {"a"})
        one.shards.disown(7, 2)
        with pytest.raises(UnavailableError):
            await one.epoch(7)


@virtual
async def test_a_lower_view_claims_nothing_and_asks_for_the_newest() -> None:
    async with lands() as (store, one, two):
        two.number = 3
        await two.epoch(7)
        await store.release(7, "b")
        with pytest.raises(UnavailableError):
            await one.epoch(7)
        assert one.asked_for_a_view == 1
        one.number = 3
        assert await one.epoch(7)


@virtual
async def test_what_moved_is_released_once_its_actors_have_ended() -> None:
    async with lands() as (_, one, two):
        await one.epoch(7)
        await one.epoch(8)
        leaver = Leaver()
        one.moved = {7}
        one.hand_over(leaver)
        assert one.shards.owned == {8}
        with pytest.raises(UnavailableError):
            await one.epoch(7)
        await asyncio.sleep(1)
        with pytest.raises(UnavailableError):
            await two.epoch(7)
        leaver.alive = False
        await asyncio.sleep(0.1)
        assert await two.epoch(7) > 1
        with pytest.raises(UnavailableError):
            await two.epoch(8)


@virtual
async def test_a_shard_does_not_wait_for_the_actors_of_another() -> None:
    async with lands() as (_, one, two):
        for shard in (7, 8):
            await one.epoch(shard)
        one.moved = {7, 8}
        one.hand_over(Leaver(8))
        await asyncio.sleep(0.1)
        assert await two.epoch(7) > 1
        with pytest.raises(UnavailableError):
            await two.epoch(8)


@virtual
async def test_who_asks_for_a_shard_that_is_about_to_be_released_waits_a_little() -> None:
    async with lands() as (_, one, two):
        await one.epoch(7)
        leaver = Leaver()
        one.moved = {7}
        one.hand_over(leaver)
        asked = asyncio.gather(two.epoch(7))
        await asyncio.sleep(0.3)
        leaver.alive = False
        assert (await asked)[0] > 1
        one.moved = set()
        again = asyncio.gather(one.epoch(7), return_exceptions=True)
        await asyncio.sleep(0.1)
        one.claims = False
        await asyncio.sleep(0.1)
        assert again.done(), "nobody waits for what may not be claimed any more"


class Slow(MemoryStore):
    """Takes a second for a release."""

    under_way = most = 0

    async def release(self, shard: int, owner: str) -> None:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(1)
        await super().release(shard, owner)
        self.under_way -= 1


@virtual
async def test_many_are_released_at_a_time_and_not_all_at_once() -> None:
    store = Slow(clock=VirtualClock())
    await store.open()
    one, two = Land(store, "a", "b"), Land(store, "b", "a")
    for shard in range(40):
        await one.epoch(shard)
    one.moved = set(range(40))
    one.hand_over()
    await asyncio.sleep(2.1)
    assert [await two.epoch(shard) > 1 for shard in range(40)] == [True] * 40
    assert store.most == 32
    for land in (one, two):
        await land.tasks.stop()
    await store.close()


@virtual
async def test_an_actor_that_does_not_end_is_not_waited_for_beyond_the_limit() -> None:
    async with lands() as (_, one, two):
        await one.epoch(7)
        one.moved = {7}
        one.hand_over(Leaver())
        await asyncio.sleep(2.1)
        assert await two.epoch(7) > 1


@virtual
async def test_what_comes_back_while_it_is_handed_over_waits_for_its_release() -> None:
    async with lands() as (_, one, _two):
        await one.epoch(7)
        leaver = Leaver()
        one.moved = {7}
        one.hand_over(leaver)
        one.moved = set()
        with pytest.raises(UnavailableError):
            await one.epoch(7)
        leaver.alive = False
        await asyncio.sleep(0.1)
        assert await one.epoch(7) > 1


@virtual
async def test_a_claim_that_comes_too_late_is_released() -> None:
    async with lands() as (store, one, two):
        store.faults.append(hold := Hold())
        claim = asyncio.gather(one.epoch(7), return_exceptions=True)
        await asyncio.sleep(0)
        one.moved = {7}
        hold.release()
        (refused,) = await claim
        assert isinstance(refused, UnavailableError)
        await asyncio.sleep(0.1)
        assert await two.epoch(7) > 1


@virtual
async def test_without_a_lease_nothing_is_owned_and_before_claims_open_nothing_new() -> None:
    async with lands() as (_, one, _two):
        await one.epoch(7)
        one.claims = False
        assert await one.epoch(7) == 1
        with pytest.raises(UnavailableError):
            await one.epoch(8)
        one.owns = False
        with pytest.raises(UnavailableError):
            await one.epoch(7)


@virtual
async def test_a_claim_that_fails_may_be_tried_again() -> None:
    async with lands() as (store, one, two):
        store.faults.append(FailNext())
        both = await asyncio.gather(one.epoch(7), one.epoch(7), return_exceptions=True)
        assert [type(e) for e in both] == [UnavailableError] * 2
        assert await one.epoch(7) == 1
        one.moved = {7}
        store.faults.append(FailNext())
        one.hand_over()
        await asyncio.sleep(0.5)
        with pytest.raises(OwnedError):
            await store.claim(7, owner="b", view=(1, 1))
        await asyncio.sleep(1)
        assert await two.epoch(7), "the release was tried again"


@virtual
async def test_one_that_stops_leaves_everything_to_the_others() -> None:
    async with lands() as (_, one, two):
        await one.epoch(7)
        await one.epoch(8)
        await one.shards.release_all()
        assert one.shards.owned == frozenset()
        assert await two.epoch(7)
        assert await two.epoch(8)


@virtual
async def test_a_claim_that_is_cancelled_leaves_nobody_waiting() -> None:
    async with lands() as (store, one, _two):
        store.faults.append(hold := Hold())
        tasks = [one.tasks.start(one.epoch(7), "claim") for _ in range(2)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        with pytest.raises(UnavailableError):
            await tasks[1]
        hold.release()
        await asyncio.sleep(0.01)
        assert await one.epoch(7)
