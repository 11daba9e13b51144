"""A device goes where discovery sends it, and somewhere else when that comes to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest
from fastapi import FastAPI, Header, HTTPException
from httpx import ASGITransport, AsyncClient

from hubbub.testkit.simulation.client import Client

from .discovery import Discovery

NODES = ["http://here", "http://there"]


@dataclass
class Asking:
    """What is looked at of a client."""

    user: str = "u_ann"
    failures: int = 0

    def token(self) -> str:
        return "token"


class Asked:
    """Nodes that say the same, as long as they say anything."""

    def __init__(self) -> None:
        self.times = 0
        self.full = False
        app = FastAPI()

        @app.get("/v1/nodes")
        async def nodes(authorization: str = Header()) -> list[dict[str, Any]]:  # pyright: ignore
            assert authorization == "Bearer token"
            self.times += 1
            if self.full:
                raise HTTPException(503)
            return [{"url": f"ws://{name}/ws", "rank": n} for n, name in ((1, "far"), (0, "home"))]

        self.http = AsyncClient(transport=ASGITransport(app))


async def found(discovery: Discovery, failures: int = 0) -> str:
    return await discovery.find(cast(Client, Asking(failures=failures)))


async def test_home_comes_first_and_the_list_is_good_for_a_while() -> None:
    asked = Asked()
    discovery = Discovery(*NODES, http=asked.http)
    assert [await found(discovery) for _ in range(3)] == ["http://home"] * 3
    assert asked.times == 1
    await discovery.gone()


async def test_the_next_one_comes_after_two_failures_and_the_list_is_asked_for_again() -> None:
    asked = Asked()
    discovery = Discovery(*NODES, http=asked.http)
    tried = [await found(discovery, failures) for failures in range(5)]
    assert tried == ["http://home"] * 2 + ["http://far"] * 2 + ["http://home"]
    assert asked.times == 5
    await discovery.gone()


async def test_nodes_that_do_not_tell_are_no_way_in() -> None:
    asked = Asked()
    discovery = Discovery(*NODES, http=asked.http)
    asked.full = True
    with pytest.raises(OSError, match="answers 503"):
        await found(discovery)
    await discovery.gone()


async def test_nodes_that_do_not_answer_are_none_either() -> None:
    discovery = Discovery("http://127.0.0.1:1")
    with pytest.raises(OSError, match="does not answer"):
        await found(discovery)
    await discovery.gone()
