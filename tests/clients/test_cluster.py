"""`make cluster`, tried by two people: on its nodes, and on its page in a browser."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, WebSocket, expect
from tests.support.browser import DESKTOP, PHONE, Screen, screen, start_chat
from tests.support.cluster_script import ClusterScript, running_cluster
from tests.support.ws_client import sign_in

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ADA, BOB = "demo-ada", "demo-bob"


@pytest_asyncio.fixture
async def cluster(tmp_path: Path) -> AsyncGenerator[ClusterScript]:
    """It ends at Ctrl-C, and so does all that it started."""
    async with running_cluster(tmp_path / "cluster") as script:
        yield script
        assert await script.interrupt() == 130
        config = (script.data / "hubbub.toml").read_text()
        ports = {int(port) for port in re.findall(r"(?:_port = |127.0.0.1:)(\d+)", config)}
        assert len(ports) >= 6
        for port in ports:
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port)


async def test_two_people_chat_from_two_nodes_and_on_a_page_that_outlives_its_node(
    cluster: ClusterScript, browser: Browser
) -> None:
    await chat_from_two_nodes(cluster)
    async with screen(browser, ADA, DESKTOP) as ada, screen(browser, BOB, PHONE) as bob:
        await chat_while_a_node_dies(cluster, ada, bob)


async def chat_from_two_nodes(cluster: ClusterScript) -> None:
    """Both ways, by sockets."""
    assert sorted(cluster.nodes) == ["n-1", "n-2", "n-3"]
    ada = await sign_in(cluster.nodes["n-1"], ADA, cluster.passwords[ADA])
    bob = await sign_in(cluster.nodes["n-2"], BOB, cluster.passwords[BOB])
    ada_ws, bob_ws = await ada.socket(), await bob.socket()
    assert [ws.welcome["node"] for ws in (ada_ws, bob_ws)] == ["n-1", "n-2"]
    hello = await ada_ws.post(bob.user, 1, "hello")
    assert (await bob_ws.expect("msg", s=hello["s"]))["b"]["text"] == "hello"
    answer = await bob_ws.post(hello["c"], 1, "and to you")
    assert (await ada_ws.expect("msg", s=answer["s"]))["b"]["text"] == "and to you"
    for each in (ada_ws, bob_ws, ada, bob):
        await each.close()


class Sockets:
    """The addresses at which a page opened its sockets."""

    def __init__(self, who: Screen) -> None:
        self.urls: list[str] = []
        who.page.on("websocket", self._opened)

    def _opened(self, socket: WebSocket) -> None:
        self.urls.append(socket.url)


async def enter(who: Screen, base: str, password: str) -> None:
    """Sign in on the page at that address."""
    await who.page.goto(base)
    await who.at("signin-name").fill(who.name)
    await who.at("signin-password").fill(password)
    await who.at("signin-submit").click()
    await expect(who.at("conv-list")).to_be_visible()


async def chat_while_a_node_dies(cluster: ClusterScript, ada: Screen, bob: Screen) -> None:
    """On the page, through the proxy and over one node; Ada's home dies."""
    by_socket = {f"{url.replace('http', 'ws')}/ws": name for name, url in cluster.nodes.items()}
    sockets = Sockets(ada)
    await enter(ada, cluster.public, cluster.passwords[ADA])
    # Over one of the nodes it works as well.
    await enter(bob, cluster.nodes["n-3"], cluster.passwords[BOB])
    await start_chat(ada, BOB)
    await ada.say("Is anybody there?")
    await bob.open(ADA)
    await expect(bob.message("Is anybody there?")).to_be_visible()
    home = by_socket[sockets.urls[0]]

    ada.offline = bob.offline = True  # browsers say so, when a connection breaks
    cluster.kill(home)
    await ada.say("Still there?")
    await expect(bob.message("Still there?")).to_be_visible(timeout=60_000)
    await bob.say("I am.")
    await expect(ada.message("I am.")).to_be_visible(timeout=60_000)
    assert by_socket.get(sockets.urls[-1]) != home
    await ada.page.reload()
    await expect(ada.message("I am.")).to_be_visible(timeout=60_000)
    await ada.shot("cluster", "light", "desktop")
