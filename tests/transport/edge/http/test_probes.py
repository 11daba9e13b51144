"""healthz, readyz, metrics."""

from __future__ import annotations

import pytest
from tests.support.http_node import HttpNode, open_http_node


async def test_a_node_that_turns_is_healthy_even_when_it_takes_no_traffic() -> None:
    why = "This node is full."
    node = await open_http_node(not_ready=lambda: why)
    http = node.client()
    assert (await http.get("/healthz")).text == "ok\n"
    answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.json()["msg"] == "This node is full."
    why = ""
    assert (await http.get("/readyz")).text == "ready\n"
    await node.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
async def test_metrics_are_for_this_machine(node: HttpNode, address: str) -> None:
    await node.client().get("/nothing")
    answer = await node.client(address=address).get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'hubbub_refusals_total{code="not_found"} 1.0' in answer.text


@pytest.mark.parametrize("address", ["192.0.2.7", "::ffff:192.0.2.7", "unix", ""])
async def test_metrics_are_not_there_for_others(node: HttpNode, address: str) -> None:
    answer = await node.client(address=address).get("/metrics")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_a_proxy_here_does_not_make_its_visitors_local(node: HttpNode, header: str) -> None:
    http = node.client(address="127.0.0.1")
    assert (await http.get("/metrics", headers={header: "127.0.0.1"})).status_code == 404


async def test_an_operator_can_make_metrics_public() -> None:
    node = await open_http_node(metrics_public=True)
    assert (await node.client().get("/metrics")).status_code == 200
    await node.close()
