"""Whether a server answers: said once, tried again after a back-off that grows."""

from __future__ import annotations

import structlog
from tests.support.clock import ManualClock
from tests.support.nodes import SeededChance

from hubbub.config.metrics import Metrics
from hubbub.transport.cluster.reach import LONGEST_S, SHORTEST_S, Reach


def test_a_server_that_does_not_answer_is_left_in_peace_for_longer_and_longer() -> None:
    clock, metrics = ManualClock(), Metrics()
    reach = Reach("reader", "h:1/0", clock, SeededChance(), metrics)
    with structlog.testing.capture_logs() as logs:
        delays = [reach.failed(OSError("gone")) for _ in range(12)]
        assert all(LONGEST_S >= delay >= SHORTEST_S / 2 for delay in delays)
        assert delays[0] <= SHORTEST_S
        assert min(delays[6:]) >= LONGEST_S / 2
        assert len(set(delays)) == 12, "chance is in it, so that nodes come one by one"
        waits = [reach.waits]
        clock.advance(LONGEST_S)
        assert [*waits, reach.waits] == [True, False]
        reach.worked()
        reach.worked()
        assert reach.failed(OSError("again")) <= SHORTEST_S
    assert [line["event"] for line in logs] == ["bus_lost", "bus_back", "bus_lost"]
    assert logs[0]["server"] == "h:1/0"
    assert metrics.bus_failures.labels("reader")._value.get() == 13  # pyright: ignore


def test_a_server_that_answers_is_not_waited_for() -> None:
    reach = Reach("reader", "h:1/0", ManualClock(), SeededChance(), Metrics())
    assert not reach.waits
    reach.failed(OSError())
    reach.worked()
    assert not reach.waits
