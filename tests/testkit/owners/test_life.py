"""Nodes that own logs, alone with a ring."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from hubbub.testkit.owners.life import WEIGHTS, Life
from hubbub.testkit.simulation.chance import SeededChance
from hubbub.testkit.simulation.checker import Findings
from hubbub.testkit.simulation.loop import SimLoop
from hubbub.testkit.simulation.trace import Trace


def lived(work: Callable[[Life], Awaitable[None]], seed: int = 1) -> Life:
    """A life in which only this goes wrong."""
    findings = Findings()
    loop = SimLoop(SeededChance(seed, "loop").rng)

    async def run() -> Life:
        life = Life(seed, Trace(), findings)
        await life.open()
        life.ring.faults.end()
        await work(life)
        for name in life.nodes:
            await life.stop(name)
        await life.tasks.stop()
        await life.reader.close()
        return life

    try:
        life = loop.run_until_complete(run())
    finally:
        loop.close()
    assert findings.found == []
    return life


def test_on_a_quiet_day_every_log_is_written_and_nobody_is_sealed() -> None:
    async def work(life: Life) -> None:
        life.quiet = True
        await life.pass_time(8)
        assert all(life.record.acked_head(conv) > 3 for conv in life.logs)
        words = {event.what for event in life.trace.events}
        assert "takes up" in words
        assert "seals" not in words

    life = lived(work)
    assert life.record.reads > 10


@pytest.mark.parametrize("kind", sorted(WEIGHTS))
def test_whatever_goes_wrong_is_over_in_the_end_and_the_logs_go_on(kind: str) -> None:
    async def work(life: Life) -> None:
        await life.pass_time(3)
        getattr(life, f"_{kind}")(life.up()[0])
        await life.pass_time(4)
        await life.end()
        assert len(life.up()) == 3
        assert not life.ring.down
        before = {conv: life.record.acked_head(conv) for conv in life.logs}
        await life.pass_time(20)
        assert all(life.record.acked_head(conv) > n for conv, n in before.items())

    lived(work)
