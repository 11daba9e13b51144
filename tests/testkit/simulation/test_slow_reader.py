"""A device that does not read for a while."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace

import pytest
from tests.testkit.simulation.lab import in_world
from tests.testkit.simulation.quiet import Stage, tried

from hubbub.testkit.simulation.checker import Findings
from hubbub.testkit.simulation.slow_reader import slow_reader
from hubbub.testkit.simulation.world import World


def _where_so_much_may_wait(frames: int, size: int) -> Stage:
    def stage(world: World, findings: Findings) -> Awaitable[None]:
        limits = replace(world.plan.limits, out_frames=frames, out_bytes=size)
        world.plan = replace(world.plan, limits=limits)
        return slow_reader(world, findings)

    return stage


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_it_has_everything_soon_after_it_reads_again(seed: int) -> None:
    assert tried(slow_reader, seed=seed) == []


def test_one_that_is_not_told_what_it_lacks_is_noticed() -> None:
    stage = _where_so_much_may_wait(6, 1 << 20)
    (found,) = tried(stage, seed=1, mutation="slow-loses")
    assert "said while it did not read" in found


def test_nothing_is_tried_where_too_much_may_wait() -> None:
    stage = _where_so_much_may_wait(256, 1 << 20)
    assert tried(stage, seed=1, mutation="slow-loses") == []


def test_where_nobody_is_nothing_happens() -> None:
    async def work(world: World) -> None:
        findings = Findings()
        await slow_reader(world, findings)
        assert findings.found == []

    in_world(work)
