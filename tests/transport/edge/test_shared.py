"""Who is here, and whether more may come."""

from __future__ import annotations

from hubbub.transport.edge.shared import Census


def test_a_full_node_refuses_until_somebody_goes() -> None:
    census = Census(2, connections=1)
    assert census.refusal() is None
    census.connections = 2
    assert census.refusal() == "This node is full."
    census.connections = 1
    assert census.refusal() is None


def test_a_closed_node_refuses_in_any_case() -> None:
    census = Census(2, closed="Going away.")
    assert census.refusal() == "Going away."
