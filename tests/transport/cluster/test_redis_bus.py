"""A bus over Redis: what the contract of all buses does not know of."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import Redis
from tests.support.node import ROOT
from tests.support.redis_server import RedisServer, running_redis
from tests.support.redis_wire import RedisWire, redis_wire

from hubbub.actors.commands import HeadTold
from hubbub.config.ids import ConvId
from hubbub.config.units import KIB
from hubbub.testkit.contracts.bus import Ear
from hubbub.transport.cluster.bus import Batch, Renewal, Standing
from hubbub.transport.cluster.redis_bus import MOST_LEAVES, RedisBus, RedisOptions
from hubbub.transport.cluster.redis_keys import server_of
from hubbub.transport.cluster.views import Member


def user() -> list[str]:
    """What the nodes' user may do, as the example for operators has it: its name comes first."""
    lines = (ROOT / "deploy" / "redis.conf").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("user hubbub ")]
    return line.split()[1:]


async def pair(wire: RedisWire) -> tuple[Ear, Ear]:
    """Two nodes that know each other."""
    one, two = Ear(wire.bus("n1"), "n1", "a"), Ear(wire.bus("n2"), "n2", "b")
    await one.renew()
    await two.renew()
    await one.renew(1)
    return one, two


async def streams(server: RedisServer) -> set[str]:
    link = Redis.from_url(server.url)  # pyright: ignore[reportUnknownMemberType]
    keys: Any = await link.keys("*:to:*")  # pyright: ignore[reportUnknownMemberType]
    await link.aclose()
    return {key.decode().rpartition(":")[2] for key in keys}


def test_options_show_no_password() -> None:
    assert "s3cret" not in repr(RedisOptions(("redis://u:s3cret@h",)))


async def test_streams_are_spread_over_servers_and_members_are_on_the_first() -> None:
    with running_redis() as first, running_redis() as second:
        async with redis_wire(first, second) as wire:
            ears = [Ear(wire.bus(f"n{n}"), f"n{n}", f"i{n}") for n in range(6)]
            for ear in ears:
                await ear.renew()
            for ear in ears:
                await ear.renew(1)
            for ear in ears:
                ear.send(ears[0], 1)
                ear.send(ears[5], 1)
            for ear in (ears[0], ears[5]):
                await ear.hears(lambda ear: len(ear.batches) == 6)
            for n, server in enumerate((first, second)):
                mine = {ear.incarnation for ear in ears if server_of(ear.node, 2) == n}
                assert mine
                assert await streams(server) == mine
            assert await wire.link.exists(wire.keys.state)


async def test_who_cannot_hear_does_not_say_that_it_is_there() -> None:
    with running_redis() as first, running_redis() as second:
        async with redis_wire(first, second, renew_s=0.2, lease_s=1.0) as wire:
            node = next(f"n{n}" for n in range(9) if server_of(f"n{n}", 2) == 1)
            deaf = Ear(wire.bus(node), node, "a")
            await deaf.renew()
            second.kill()
            answers: list[Standing] = []
            deaf.bus.renew(Renewal(Member(node, "a"), 1), answers.append)
            await deaf.bus.close("a")
            assert answers == []


async def test_a_stream_lasts_as_long_as_somebody_reads_it(redis_server: RedisServer) -> None:
    async with redis_wire(redis_server) as wire:
        one, two = await pair(wire)
        left_ms = await wire.link.pttl(wire.keys.stream("a"))
        assert 0 < left_ms <= 12 * one.bus.lease_s * 1000
        await one.bus.close("a")
        assert not await wire.link.exists(wire.keys.stream("a"))
        two.send(one, 1)
        await two.bus.close("b")
        assert not await wire.link.exists(wire.keys.stream("a"))
        assert wire.dropped("n2", "no_stream") == 1


async def test_a_node_hears_how_long_the_way_is(redis_server: RedisServer) -> None:
    async with redis_wire(redis_server) as wire:
        one, _ = await pair(wire)
        one.send(one, 1)
        await one.hears(lambda ear: ear.batches == [("a", 1)])
        lag = wire.metrics["n1"].bus_lag._value.get()  # pyright: ignore
        assert 0 < lag < 20


async def test_what_is_no_batch_is_counted_and_the_next_is_taken(
    redis_server: RedisServer,
) -> None:
    async with redis_wire(redis_server) as wire:
        one, two = await pair(wire)
        for fields in ({"b": b"\xc1"}, {"x": b""}):
            await wire.link.xadd(wire.keys.stream("a"), fields)  # type: ignore[arg-type] # pyright: ignore
        two.send(one, 1)
        await one.hears(lambda ear: ear.batches == [("b", 1)])
        assert wire.dropped("n1", "envelope") == 2


async def test_a_renewal_that_still_waits_is_overtaken_by_the_next(
    redis_server: RedisServer,
) -> None:
    async with redis_wire(redis_server) as wire:
        one, _ = await pair(wire)
        answers: list[Standing] = []
        for _ in range(3):
            one.bus.renew(Renewal(Member("n1", "a"), 1), answers.append)
        await one.renew(1)
        assert answers == [], "the last that was asked stands for all"


async def test_members_who_are_to_leave_are_bounded_and_none_is_asked_twice(
    redis_server: RedisServer,
) -> None:
    async with redis_wire(redis_server) as wire:
        one, two = await pair(wire)
        for n in range(3 * MOST_LEAVES):
            one.bus.leave("n1", f"nobody {n}")
        one.bus.leave("n1", "b")
        standing = await one.renew(1)
        assert "b" in standing.view.incarnations, "there was no room for it"
        one.bus.leave("n1", "b")
        await one.hears(lambda ear: ear.views[-1].incarnations == frozenset("a"))
        assert not (await two.renew(1)).inside


async def test_counts_are_not_told_again_while_what_was_counted_may_be_on_its_way(
    redis_server: RedisServer,
) -> None:
    async with redis_wire(redis_server) as wire:
        one, two = await pair(wire)
        await two.renew(1, sent={"a": 3})
        await one.is_told({"b": 3})
        assert isinstance(one.bus, RedisBus)
        for reader in one.bus._readers:  # pyright: ignore[reportPrivateUsage]
            reader.stop()
        told = [(await one.renew(1)).sent for _ in range(4)]
        assert told[2:] == [{}, {}], "its own marks do not come any more"


async def test_to_detach_another_or_to_close_what_was_never_used_changes_nothing(
    redis_server: RedisServer,
) -> None:
    async with redis_wire(redis_server) as wire:
        one, two = await pair(wire)
        one.bus.detach("another")
        two.send(one, 1)
        await one.hears(lambda ear: ear.batches == [("b", 1)])
        await wire.bus("n3").close("c")


async def test_what_is_for_who_is_in_no_view_is_counted(redis_server: RedisServer) -> None:
    async with redis_wire(redis_server) as wire:
        one, _ = await pair(wire)
        assert not one.bus.room("nobody")
        one.bus.send("nobody", Batch("a", 1, (b"x", b"y")))
        assert wire.dropped("n1", "no_node") == 2


async def test_a_node_does_with_few_rights_all_that_it_has_to() -> None:
    with running_redis() as server:
        admin: Any = Redis.from_url(server.url)  # pyright: ignore[reportUnknownMemberType]
        rights = user()
        assert "-@all" in rights
        await admin.execute_command("ACL", "SETUSER", *rights)
        server.url = server.url.replace("//", "//hubbub:change-this-password@")
        async with redis_wire(server) as wire:
            one, two = await pair(wire)
            one.send(two, *range(1, 200))
            await two.hears(lambda ear: len(ear.batches) == 199)
            two.bus.leave("n2", "b")
            await one.hears(lambda ear: ear.views[-1].incarnations == frozenset("a"))
            assert one.bus.room("a")
            await one.bus.close("a")
        assert await admin.acl_log() == []
        await admin.aclose()


async def test_a_node_without_room_for_another_refuses_requests_at_once(
    redis_server: RedisServer,
) -> None:
    async with redis_wire(redis_server, stream_bytes=64 * KIB) as wire:
        one, two = await wire.node("n1"), await wire.node("n2")
        await wire.agree(one, two)
        far = next(name for name in map("conv:g_{}".format, range(99)) if not at(one, name))
        await two._bus.close(two.membership)  # pyright: ignore[reportPrivateUsage]
        await wire.link.xadd(wire.keys.stream(two.membership), {"m": "0"})
        message = HeadTold(ConvId("g_" + "x" * 9000), 1)
        assert one.tell(far, message)
        async with asyncio.timeout(20):
            while one.tell(far, message):
                await wire.step()
        before = wire.dropped("n1", "stream_full")
        assert not one.tell(far, message)
        async with asyncio.timeout(20):
            while wire.dropped("n1", "stream_full") == before:
                await wire.step()  # it is dropped with a number, which tells of the loss


def at(node: Any, name: str) -> bool:
    """Whether a name lives at a node."""
    return bool(node._routes.node(name) == node.node)
