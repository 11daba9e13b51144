"""A node of a fault run can be hurt in every way there is, and is well again afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.support.town import Town

from .nodes import HurtNode

HOLD_S = 0.4
CLOCK_S = -60.0
Here = tuple[HurtNode, Town]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Here]:
    """One for all tests of this file."""
    node = HurtNode(tmp_path_factory.mktemp("hurt") / "data", block_s=HOLD_S, clock_s=CLOCK_S)
    await node.start()
    try:
        async with Town(node.base) as town:
            yield node, town
        await node.stop()
    finally:
        await node.kill()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_paused_node_answers_when_it_goes_on(here: Here) -> None:
    node, town = here
    person = await town.person()
    with node.paused():
        asked = asyncio.get_running_loop().create_task(person.http.get("/v1/me"))
        await asyncio.sleep(HOLD_S)
        assert not asked.done()
    assert (await asked).status_code == 200


@pytest.mark.asyncio(loop_scope="module")
async def test_a_node_whose_loop_is_blocked_answers_afterwards(here: Here) -> None:
    node, town = here
    person = await town.person()
    began = time.monotonic()
    node.block()
    # The signal comes to it before the question does.
    assert (await person.http.get("/v1/me")).status_code == 200
    assert time.monotonic() - began >= HOLD_S


@pytest.mark.asyncio(loop_scope="module")
async def test_a_wrong_clock_is_wrong_by_so_much_and_then_right_again(here: Here) -> None:
    node, town = here
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    right = (await town.socket(ann)).welcome["now"]
    with node.clock_wrong():
        wrong = (await town.socket(ben)).welcome["now"]
    again = (await town.socket(cleo)).welcome["now"]
    assert CLOCK_S * 1000 <= wrong - right < CLOCK_S * 1000 / 2
    assert again >= right


@pytest.mark.asyncio(loop_scope="module")
async def test_a_full_disk_refuses_and_then_takes(here: Here) -> None:
    node, town = here
    ann, ben = await town.people("ann", "ben")
    socket = await town.socket(ann)
    with node.disk_full():
        assert (await socket.post(ben.user, 1, "no room"))["code"] == "unavailable"
    assert (await socket.post(ben.user, 1, "no room"))["t"] == "ack"
    assert all("commit_failed" in line for line in node.complaints())
