"""Who is here, and whether more may come."""

from __future__ import annotations

import structlog

from hubbub.config.metrics import Metrics
from hubbub.transport.edge.shared import Census


def test_a_full_node_refuses_until_somebody_goes() -> None:
    census = Census(2, Metrics())
    census.came()
    assert census.refusal() is None
    census.came()
    assert census.refusal() == "This node is full."
    with structlog.testing.capture_logs():
        census.went(1000, None, 1.0)
    assert census.refusal() is None


def test_a_closed_node_refuses_in_any_case() -> None:
    census = Census(2, Metrics())
    census.closed = "Going away."
    assert census.refusal() == "Going away."


def test_the_last_to_go_is_noticed() -> None:
    emptied: list[bool] = []
    census = Census(9, Metrics())
    census.emptied = lambda: emptied.append(True)
    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            census.came()
        census.went(4408, None, 1.26)
        assert emptied == []
        census.went(1006, None, 2.0)
    assert emptied == [True]
    assert logs[0] == {
        "event": "connection_closed", "code": 4408, "session": "", "user": "", "seconds": 1.3,
        "log_level": "info",
    }  # fmt: skip


def test_who_was_full_is_so_until_a_tenth_has_gone() -> None:
    census = Census(20, Metrics())
    for _ in range(19):
        census.came()
    assert (census.full, census.load) == (False, 0.95)
    census.came()
    assert (census.full, census.load) == (True, 1.0)
    with structlog.testing.capture_logs():
        census.went(1000, None, 1.0)
        assert (census.full, census.refusal()) == (True, None)
        census.went(1000, None, 1.0)
    assert not census.full


def test_a_node_without_room_is_full_from_the_start() -> None:
    census = Census(0, Metrics())
    assert (census.full, census.load) == (True, 1.0)
