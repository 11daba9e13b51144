"""Where to connect."""

from __future__ import annotations

import pytest
from tests.support.http_node import HttpNode, OpenNodes, open_http_node

from hubbub.config.ids import self_log, shard_of
from hubbub.transport.discovery import About

ONE, TWO = About("wss://n1.test/ws", load=0.25), About("wss://n2.test/ws", load=0.123)


async def test_the_nodes_come_in_the_order_of_the_callers_own_shard() -> None:
    nodes = OpenNodes(TWO, ONE)
    node = await open_http_node(discovery=nodes)
    ann = await node.person("ann")
    answer = await ann.http.get("/v1/nodes")
    assert answer.json() == [
        {"url": "wss://n2.test/ws", "rank": 0, "load": 0.12},
        {"url": "wss://n1.test/ws", "rank": 1, "load": 0.25},
    ]
    assert nodes.shards == [shard_of(self_log(ann.user))]
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert answer.headers["vary"] == "Authorization"
    await node.close()


async def test_strangers_are_spread_by_their_address_and_held_to_a_rate() -> None:
    nodes = OpenNodes(ONE)
    node = await open_http_node(discovery=nodes, limited=True)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
        assert (await node.client(address=address).get("/v1/nodes")).status_code == 200
    first, second, again = nodes.shards
    assert first == again != second
    http = node.client(address="192.0.2.3")
    answers = [(await http.get("/v1/nodes")).status_code for _ in range(101)]
    assert answers == [200] * 100 + [429]
    await node.close()


async def test_a_token_that_is_none_is_refused_and_not_taken_for_a_stranger(node: HttpNode) -> None:
    http = node.client()
    http.headers["Authorization"] = "Bearer nonsense"
    assert (await http.get("/v1/nodes")).status_code == 401


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://chat.test:8800", "ws://chat.test:8800/ws"),
        ("https://chat.test", "wss://chat.test/ws"),
        ("http://[::1]:8800", "ws://[::1]:8800/ws"),
    ],
)
async def test_a_node_without_an_address_of_its_own_is_where_it_was_asked(
    node: HttpNode, base: str, url: str
) -> None:
    answer = await node.client(base_url=base).get("/v1/nodes?of=mine")
    assert answer.json() == [{"url": url, "rank": 0, "load": 0.0}]


async def test_where_no_node_takes_connections_is_said_so() -> None:
    nodes = OpenNodes()
    nodes.nodes = ()
    node = await open_http_node(discovery=nodes)
    answer = await node.client().get("/v1/nodes")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["code"] == "unavailable"
    await node.close()
