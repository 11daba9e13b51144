"""What holds the loop is named."""

from __future__ import annotations

import threading
from collections.abc import MutableMapping
from typing import Any

from structlog.testing import capture_logs

from hubbub.config.clock import LoopClock
from hubbub.config.metrics import Metrics
from hubbub.supervision.watchdog import Watchdog


async def test_what_holds_the_loop_is_named_and_no_thread_is_left() -> None:
    metrics = Metrics()
    dog = Watchdog(LoopClock(), metrics, held_s=0.02)
    before = threading.active_count()
    with capture_logs() as logs:
        await dog.start()
        hold_the_loop(logs)
        await dog.stop()
    assert threading.active_count() == before
    assert logs[0]["event"] == "loop_held"
    assert "hold_the_loop" in logs[0]["at"]


def hold_the_loop(logs: list[MutableMapping[str, Any]]) -> None:
    # Until the watchdog has spoken: no time is assumed, only that it looks.
    while not logs:
        pass
