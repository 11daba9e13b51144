"""The members on Redis: founded once, whoever forgets what; the contract of buses has the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgpack  # type: ignore[import-untyped]  # it has no types
import pytest
from tests.support.nodes import SeededChance
from tests.support.redis_server import RedisServer
from tests.support.redis_wire import RedisWire, redis_wire

from hubbub.config.errors import StoreRetryableError
from hubbub.transport.cluster.bus import Renewal, Standing
from hubbub.transport.cluster.members_script import MembersScript, decode_view
from hubbub.transport.cluster.redis_keys import RedisKeys
from hubbub.transport.cluster.views import Member, ViewId

LEASE_S = 5.0

# It has no types.
packb: Callable[..., bytes] = msgpack.packb  # pyright: ignore


class Book:
    """Gives out generations, and does something else at the same time."""

    def __init__(self) -> None:
        self.last = 0
        self.meanwhile: list[Callable[[], Awaitable[object]]] = []

    async def raise_generation(self, above: int) -> int:
        self.last = given = max(self.last, above) + 1
        while self.meanwhile:
            await self.meanwhile.pop(0)()
        return given


class Room:
    """Nodes on one server, by their scripts."""

    def __init__(self, wire: RedisWire) -> None:
        self.wire = wire
        self.book = Book()
        self._chances = 0

    def script(self, cluster: str = "") -> MembersScript:
        keys = RedisKeys(cluster) if cluster else self.wire.keys
        self._chances += 1
        chance = SeededChance(self._chances)
        return MembersScript(self.wire.link, keys, LEASE_S, self.book, chance)


@asynccontextmanager
async def room(server: RedisServer) -> AsyncGenerator[Room]:
    async with redis_wire(server) as wire:
        await wire.forget()
        yield Room(wire)


def renewal(node: str, generation: int = 0, **sent: int) -> Renewal:
    return Renewal(Member(node, f"i-{node}"), generation, sent)


async def renew(script: MembersScript, node: str, generation: int = 0, **sent: int) -> Standing:
    standing = await script.renew(renewal(node, generation, **sent))
    assert standing is not None
    script.saw(standing.view.id)
    return standing


async def test_clusters_of_different_names_share_a_server_and_nothing_else(
    redis_server: RedisServer,
) -> None:
    async with room(redis_server) as here:
        one, other = here.script("one"), here.script("other")
        await renew(one, "n1")
        await renew(other, "n1")
        await renew(other, "n2")
        assert len((await renew(one, "n1", 1)).view.members) == 1
        await one.leave("i-n2")
        assert len((await renew(other, "n1", 2)).view.members) == 2


async def test_one_founds_and_the_others_wait_for_it(redis_server: RedisServer) -> None:
    async with room(redis_server) as here:
        one, other = here.script(), here.script()
        waited: list[Standing | None] = []

        async def ask() -> None:
            waited.append(await other.renew(renewal("n2")))

        here.book.meanwhile.append(ask)
        assert (await renew(one, "n1")).view.id == ViewId(1, 1)
        assert waited == [None]
        assert here.book.last == 1
        assert (await renew(other, "n2")).view.id == ViewId(1, 2)


async def test_a_generation_that_was_raised_before_another_was_founded_is_not_founded_after_it(
    redis_server: RedisServer,
) -> None:
    async with room(redis_server) as here:
        slow, quick = here.script(), here.script()

        async def found_another_and_forget_it_too() -> None:
            await here.wire.forget()
            assert (await renew(quick, "n2")).view.id.generation == 2
            await here.wire.forget()

        here.book.meanwhile.append(found_another_and_forget_it_too)
        assert await slow.renew(renewal("n1")) is None
        await here.wire.link.delete(here.wire.keys.founding)  # it ends with a lease
        assert (await renew(slow, "n1")).view.id.generation == 3


async def test_a_store_that_cannot_raise_it_leaves_nobody_in_and_a_later_try_founds(
    redis_server: RedisServer,
) -> None:
    async with room(redis_server) as here:
        script = here.script()

        async def fail() -> None:
            raise StoreRetryableError("not now")

        here.book.meanwhile.append(fail)
        with pytest.raises(StoreRetryableError):
            await script.renew(renewal("n1"))
        assert await script.renew(renewal("n1")) is None
        assert 0 < await here.wire.link.pttl(here.wire.keys.founding) <= LEASE_S * 1000
        await here.wire.link.delete(here.wire.keys.founding)
        assert (await renew(script, "n1")).inside


async def test_a_copy_from_the_past_is_as_good_as_forgotten(redis_server: RedisServer) -> None:
    async with room(redis_server) as here:
        script, other = here.script(), here.script()
        await renew(script, "n1")
        copy = await here.wire.state()
        await renew(other, "n2")
        last = (await renew(script, "n1", 1)).view.id
        await here.wire.set_state(copy)
        standing = await renew(script, "n1", 1)
        assert standing.view.id > last
        assert standing.view.id.generation == 2
        assert standing.closed_s > 0


async def test_leases_keep_what_is_left_of_them_when_the_servers_clock_is_set_back(
    redis_server: RedisServer,
) -> None:
    async with room(redis_server) as here:
        script, other = here.script(), here.script()
        await renew(script, "n1")
        await renew(other, "n2")
        state = await here.wire.state()
        state[b"seen"] += 3_600_000
        for member in state[b"members"].values():
            member[b"ends"] += 3_600_000
        await here.wire.set_state(state)
        assert len((await renew(script, "n1", 1)).view.members) == 2
        await here.wire.pass_time(LEASE_S)
        assert [m.node for m in (await renew(other, "n3")).view.members] == ["n3"]


async def test_who_is_gone_leaves_no_key_behind(redis_server: RedisServer) -> None:
    async with room(redis_server) as here:
        one, other = here.script(), here.script()
        await renew(one, "n1")
        await renew(other, "n2")
        await renew(one, "n1", 1, **{"i-n2": 7})
        await renew(other, "n2", 1, **{"i-n1": 3})
        assert len(await here.wire.names()) == 4
        await one.leave("i-n2")
        await one.leave("i-n1")
        await one.leave("i-n1")
        assert await here.wire.names() == {here.wire.keys.state, here.wire.keys.views}
        await here.wire.forget()
        await one.leave("i-n1")
        assert await here.wire.names() == set()


async def test_two_that_renew_at_once_are_both_in(redis_server: RedisServer) -> None:
    async with room(redis_server) as here:
        await renew(here.script(), "n0")
        scripts = {f"n{n}": here.script() for n in range(1, 9)}
        await asyncio.gather(*(renew(script, node) for node, script in scripts.items()))
        assert len((await renew(here.script(), "n0", 1)).view.members) == 9


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", packb(3), packb([1, 2]), packb([1, 2, [b"\xc1"]]), packb([1, 2, [3]])]
)
def test_other_bytes_are_no_view(data: bytes) -> None:
    with pytest.raises(ValueError, match="no view"):
        decode_view(data)
