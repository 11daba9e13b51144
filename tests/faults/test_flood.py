"""Too much of everything, from a node with its usual limits: refused, and nobody else waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from tests.support.node import running
from tests.support.raw_ws import text
from tests.support.town import Pair, Town
from tests.support.ws_client import Person, Socket

Here = tuple[Town, Pair]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncGenerator[Here]:
    """People on a node that lets only so many in, and an honest pair among them."""
    flags = ("--max-connections", "12", "--log-level", "warning")
    async with running(tmp_path / "data", *flags) as node, Town(node.base) as town:
        pair = Pair(*await town.sockets(*await town.people("honest", "honest")))
        yield town, pair
        await pair.talk()
        assert node.complaints() == []


async def test_who_sends_too_fast_is_told_when_and_then_closed(here: Here) -> None:
    town, pair = here
    mallory = await town.person("mallory")
    ws = await town.socket(mallory)
    asked = [await ws.request("sync", lv=0) for _ in range(60)]
    answers = [await ws.answer_to(re) for re in asked]
    refused = [a for a in answers if a["t"] == "err"]
    assert refused and {a["code"] for a in refused} == {"rate_limited"}
    assert all(a["retry"] > 0 for a in refused)
    assert len(answers) - len(refused) >= 40
    await pair.talk()
    raw = await town.raw_person(await town.device(mallory))
    await raw.write(text({"t": "ping"}) * 20_000)
    assert await raw.close_code() == 4429


async def test_requests_whose_answers_nobody_reads_do_not_fill_the_node(here: Here) -> None:
    town, pair = here
    mallory = await town.person("mallory")
    raw = await town.raw_person(mallory)
    # Each is far larger as an answer than as a question; none of the answers is read.
    ws = await town.socket(await town.device(mallory))
    c = (await ws.post(pair.ann.welcome["user"], 1, "x" * 100_000))["c"]
    questions = b"".join(text({"t": "hist", "id": n, "c": c, "after": 0}) for n in range(1, 40))
    await raw.write(questions)
    for _ in range(5):
        await pair.talk()
    for n in range(1, 40):
        await raw.expect("page", re=n)


async def test_one_connection_too_many_is_turned_away(here: Here) -> None:
    town, _ = here
    sockets = [await town.raw_ws() for _ in range(16)]
    statuses = [socket.status for socket in sockets]
    assert statuses.count(101) == 10
    assert set(statuses) == {101, 503}
    sockets[0].close()
    async with asyncio.timeout(10):
        while (await town.raw_ws()).status != 101:
            pass


async def test_many_who_come_at_once_all_get_in(here: Here) -> None:
    town, pair = here
    people: list[Person] = [await town.person("guest") for _ in range(9)]
    for _ in range(5):
        sockets: list[Socket] = await town.sockets(*people)
        await pair.talk()
        await asyncio.gather(*(socket.settled() for socket in sockets))
        await asyncio.gather(*(socket.abort() for socket in sockets))
