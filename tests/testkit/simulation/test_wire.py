"""Bytes between a client and a node's edge."""

from __future__ import annotations

import json
from typing import Any

from tests.testkit.simulation.lab import in_world

from hubbub.testkit.simulation.wire import Link
from hubbub.testkit.simulation.world import World


class _Peer:
    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.is_open = False
        self.code: int | None = None

    def opened(self, link: Link) -> None:
        self.is_open = True

    def received(self, link: Link, payload: bytes) -> None:
        found: Any = json.loads(payload)
        self.heard += found if isinstance(found, list) else [found]

    def ended(self, link: Link, code: int) -> None:
        self.code = code


def _connected(world: World, **options: Any) -> tuple[Link, _Peer]:
    (node,) = world.nodes()
    peer, client = _Peer(), world.clients[0]
    options = {"buffer_bytes": 65536, "latency_s": 0.01, **options}
    return Link(world.loop, node.gate, client.chance, peer, node.protocol(), **options), peer


async def _link(world: World, **options: Any) -> tuple[Link, _Peer]:
    link, peer = _connected(world, **options)
    client = world.clients[0]
    await world.pass_time(1)
    assert peer.is_open
    token = f"{client.user} {client.device}"
    hello = {"t": "hello", "v": 1, "token": token, "device": client.device}
    link.send(json.dumps(hello).encode())
    await world.pass_time(1)
    assert peer.heard.pop(0)["t"] == "welcome"
    return link, peer


def test_frames_of_every_size_come_through() -> None:
    async def work(world: World) -> None:
        link, peer = await _link(world)
        for size in (0, 200, 70_000):
            link.send(json.dumps({"t": "ping", "x": "y" * size}).encode())
        await world.pass_time(1)
        assert [frame["t"] for frame in peer.heard] == ["pong"] * 3
        link.leave()
        await world.pass_time(1)
        (node,) = world.nodes()
        assert node.living("session:") == []
        assert peer.code is None

    in_world(work)


def test_a_cut_link_carries_nothing_and_both_sides_notice() -> None:
    async def work(world: World) -> None:
        link, peer = await _link(world)
        link.cut(5, 7)
        link.send(b'{"t":"ping"}')
        await world.pass_time(4)
        (node,) = world.nodes()
        assert (peer.heard, peer.code, len(node.living("session:"))) == ([], None, 1)
        await world.pass_time(4)
        assert (peer.code, node.living("session:")) == (1006, [])

    in_world(work)


def test_a_client_that_does_not_read_gets_everything_later_or_is_closed() -> None:
    async def work(world: World) -> None:
        link, peer = await _link(world)
        link.stop_reading()
        link.send(b'{"t":"ping"}')
        await world.pass_time(1)
        assert peer.heard == []
        link.read_on()
        assert [frame["t"] for frame in peer.heard] == ["pong"]
        link.leave()

    in_world(work)


def test_who_reads_nothing_before_it_was_let_in_may_say_hello_too_late() -> None:
    async def work(world: World) -> None:
        link, peer = _connected(world, latency_s=2.0)
        link.stop_reading()
        await world.pass_time(10.4)  # what it says now is on its way at the end of the wait
        assert (peer.is_open, peer.code) == (False, None)
        link.read_on()
        await world.pass_time(10)
        assert (peer.is_open, peer.code, link.unsure) == (True, 4408, True)
        link, _ = await _link(world)
        link.stop_reading()
        assert not link.unsure
        link.leave()

    in_world(work)


def test_bytes_wait_in_order_while_the_edge_does_not_read() -> None:
    async def work(world: World) -> None:
        link, peer = await _link(world)
        transport: Any = vars(link)["_transport"]
        transport.pause_reading()
        for number in (1, 2):
            link.send(json.dumps({"t": "sync", "id": number, "lv": 0}).encode())
        await world.pass_time(1)
        assert peer.heard == []
        transport.resume_reading()
        await world.pass_time(1)
        assert [frame["re"] for frame in peer.heard] == [1, 2]
        assert transport.get_extra_info("peername", "nobody") == "nobody"
        assert not transport.can_write_eof() and not transport.is_closing()
        link.leave()

    in_world(work)


def test_a_close_comes_with_its_code_and_pings_are_answered() -> None:
    async def work(world: World) -> None:
        link, peer = await _link(world)
        await world.pass_time(80)
        assert peer.code is None
        link.send(b"not json")
        await world.pass_time(6)
        assert peer.code == 4400

    in_world(work)


def test_a_clogged_link_takes_nothing_until_the_client_reads_on() -> None:
    async def work(world: World) -> None:
        link, peer = await _link(world)
        link.clog()
        link.send(b'{"t":"ping"}')
        await world.pass_time(1)
        assert peer.heard == []
        link.read_on()
        await world.pass_time(1)
        assert [frame["t"] for frame in peer.heard] == ["pong"]
        link.leave()
        await world.pass_time(1)
        link.clog()  # there is nobody left to be told

    in_world(work)
