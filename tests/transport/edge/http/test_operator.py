"""An operator's questions and orders from afar."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.support.http_node import HttpNode, open_http_node

from hubbub.config.errors import BadRequestError
from hubbub.transport.edge.http.operator_door import Leaving, OperatorDoor

TOKEN = "a token that is long enough"


@dataclass
class Ordered:
    """A node called n1 that keeps what it was told."""

    orders: list[float | None] = field(default_factory=list[float | None])

    def drain(self, node: str, over_s: float | None) -> Leaving:
        if node != "n1":
            raise BadRequestError("This is node n1.")
        self.orders.append(over_s)
        return Leaving(node, 7, 30 if over_s is None else over_s)

    async def status(self) -> dict[str, object]:
        return {"asked": "n1", "view": [1, 2], "nodes": [{"node": "n1", "state": "ready"}]}


async def told(tmp_path: Path, *, limited: bool = False) -> tuple[HttpNode, Ordered]:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    ordered = Ordered()
    door = OperatorDoor.open(tmp_path / "token", ordered.drain, ordered.status)
    return await open_http_node(operator=door, limited=limited), ordered


async def test_without_a_token_of_its_own_a_node_has_no_such_door(node: HttpNode) -> None:
    http = node.client(headers={"Authorization": "Bearer x"})
    drain = await http.post("/v1/operator/drain", json={"node": "n1"})
    for answer in (drain, await http.get("/v1/operator/status")):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_with_the_token_the_node_goes(tmp_path: Path) -> None:
    node, ordered = await told(tmp_path)
    http = node.client(headers={"Authorization": f"Bearer {TOKEN}"})
    answer = await http.post("/v1/operator/drain", json={"node": "n1", "over_s": 2.5})
    assert answer.status_code == 202
    assert answer.json() == {"node": "n1", "connections": 7, "over_s": 2.5}
    answer = await http.post("/v1/operator/drain", json={"node": "n1"})
    assert answer.json()["over_s"] == 30
    assert ordered.orders == [2.5, None]
    assert TOKEN not in repr(node.services)
    await node.close()


async def test_who_has_not_the_token_is_not_told_what_an_order_looks_like(tmp_path: Path) -> None:
    node, ordered = await told(tmp_path)
    for headers in ({}, {"Authorization": "Bearer x"}):
        answer = await node.client(headers=headers).post("/v1/operator/drain", json={})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert ordered.orders == []
    await node.close()


async def test_with_the_token_all_nodes_are_told_of_and_without_it_none(tmp_path: Path) -> None:
    node, ordered = await told(tmp_path)
    answer = await node.client(headers={"Authorization": f"Bearer {TOKEN}"}).get(
        "/v1/operator/status"
    )
    assert answer.json() == await ordered.status()
    assert (await node.client().get("/v1/operator/status")).status_code == 401
    await node.close()


@pytest.mark.parametrize("body", [{"node": "n2"}, {}, {"node": "n1", "over_s": -1}])
async def test_an_order_that_is_none_is_refused(tmp_path: Path, body: dict[str, object]) -> None:
    node, ordered = await told(tmp_path)
    http = node.client(headers={"Authorization": f"Bearer {TOKEN}"})
    assert (await http.post("/v1/operator/drain", json=body)).status_code == 400
    assert not ordered.orders
    await node.close()


async def test_wrong_tokens_are_refused_and_soon_no_more_are_looked_at(tmp_path: Path) -> None:
    node, ordered = await told(tmp_path, limited=True)
    body = {"node": "n1"}
    right = node.client(headers={"Authorization": f"Bearer {TOKEN}"})
    for _ in range(9):
        assert (await right.post("/v1/operator/drain", json=body)).status_code == 202
    codes: list[int] = []
    for wrong in ("", f"Bearer {TOKEN[:-1]}", "Bearer x", f"Basic {TOKEN}", "Bearer ", "Bearer y"):
        http = node.client(headers={"Authorization": wrong} if wrong else {})
        codes.append((await http.post("/v1/operator/drain", json=body)).status_code)
    assert codes == [401] * 5 + [429]
    assert len(ordered.orders) == 9
    await node.close()
