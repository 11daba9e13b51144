"""How the nodes are, asked at one of them."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.nodes import nodes, virtual

from hubbub.config.errors import StoreRetryableError
from hubbub.config.version import VERSION
from hubbub.supervision.chat import chat
from hubbub.supervision.status import read_status, status_command, statuses
from hubbub.transport.discovery import About


@virtual
async def test_any_node_tells_of_all() -> None:
    async with nodes(3) as here:
        ann = await here.phone("ann", "n2")
        conv = await ann.create("Notes")
        await ann.say(conv, "one")
        here["n3"].chat.about = lambda: About(load=0.5, full=True)
        told = await statuses(here["n1"].chat)
        again = await statuses(here["n3"].chat)
        assert told["asked"] == "n1"
        assert told["view"] == again["view"]
        by_node: dict[str, Any] = {each["node"]: each for each in told["nodes"]}
        assert list(by_node) == ["n1", "n2", "n3"] == [each["node"] for each in again["nodes"]]
        assert {n: each["state"] for n, each in by_node.items()} == {
            "n1": "ready", "n2": "ready", "n3": "full",
        }  # fmt: skip
        assert [each["connections"] for each in by_node.values()] == [0, 1, 0]
        assert by_node["n3"]["load"] == 0.5
        assert sum(each["shards"] for each in by_node.values()) >= 2
        assert sum(each["actors"]["conversation"] for each in by_node.values()) == 1
        for each in by_node.values():
            assert each["version"] == VERSION
            assert tuple(each["view"]) == tuple(told["view"])
            assert each["bus_ms"] == 1.0, "there and back"
            assert each["uptime_s"] > 0


@virtual
async def test_a_node_that_is_cut_off_is_silent_to_the_others_and_out_to_itself() -> None:
    async with nodes(3) as here:
        here.bus.faults.cut("n3", "n1")
        told = await statuses(here["n1"].chat)
        assert told["nodes"][2] == {"node": "n3", "state": "silent"}
        here.bus.faults.cut("n3")
        await asyncio.sleep(6)
        told = await statuses(here["n3"].chat)
        assert told["view"] is None
        (alone,) = told["nodes"]
        assert (alone["node"], alone["state"], alone["view"]) == ("n3", "out", None)


async def test_a_node_of_its_own_tells_of_itself() -> None:
    async with chat() as node:
        told = await status_command(node)({})
        assert (told["asked"], told["view"], len(told["nodes"])) == ("n1", [0, 0], 1)
        assert told["nodes"][0]["state"] == "ready"
        node.metrics.commit_seconds.observe(0.002)
        node.metrics.commit_seconds.observe(0.004)
        assert (await read_status(node)).commit_ms == 3.0
        node.draining = True
        assert (await read_status(node)).state == "draining"
        node.draining = node.open = False
        assert (await read_status(node)).state == "starting"


async def test_a_store_that_does_not_answer_is_told_and_does_not_silence_the_node(
    monkeypatch: Any,
) -> None:
    async with chat() as node:

        async def fails(_user: object) -> None:
            raise StoreRetryableError("the disk is full")

        monkeypatch.setattr(node.store, "account", fails)
        assert (await read_status(node)).store_ms is None
        hangs = asyncio.Event()
        monkeypatch.setattr("hubbub.supervision.status.STORE_S", 0)

        async def waits(_user: object) -> None:
            await hangs.wait()

        monkeypatch.setattr(node.store, "account", waits)
        assert (await read_status(node)).store_ms is None


async def test_the_most_that_ever_waited_for_one_actor_is_remembered() -> None:
    async with chat() as node:
        name = f"user:{await node.add_user('ada')}"
        for _ in range(9):
            node.system.tell(name, object())
        await node.system.settle(suspended_too=True)
        status = await read_status(node)
        assert status.peaks["UserActor"] == 9
        assert status.crashes > 0
        assert 'hubbub_mailbox_peak{kind="UserActor"} 9.0' in node.metrics.render().decode()
