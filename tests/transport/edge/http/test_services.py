"""The services that routes are handed."""

from __future__ import annotations

from fastapi import Request
from tests.support.http_node import HttpNode, open_http_node

from hubbub.transport.edge.http.services import services_of


async def test_two_nodes_in_one_process_share_nothing(node: HttpNode) -> None:
    other = await open_http_node()
    ada = await node.person("Ada")
    stranger = other.client(headers={"Authorization": f"Bearer {ada.access}"})
    assert (await stranger.get("/v1/me")).status_code == 401
    for one in (node, other):
        assert services_of(Request({"type": "http", "app": one.app})) is one.services
    await other.close()
