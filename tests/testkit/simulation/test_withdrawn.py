"""A text that is deleted before the store can show that it is."""

from __future__ import annotations

import pytest
from tests.testkit.simulation.lab import in_world
from tests.testkit.simulation.quiet import tried

from hubbub.testkit.simulation.checker import Findings
from hubbub.testkit.simulation.withdrawn import withdrawn
from hubbub.testkit.simulation.world import World


@pytest.mark.parametrize("nodes", [1, 3])
def test_no_page_shows_it_once_its_deletion_is_acknowledged(nodes: int) -> None:
    assert tried(withdrawn, seed=1, nodes=nodes) == []


def test_a_page_that_shows_what_the_store_still_has_is_noticed() -> None:
    found = tried(withdrawn, seed=1, mutation="deleted-shown")
    assert any("is deleted, and" in each for each in found)


def test_where_nobody_is_nothing_happens() -> None:
    async def work(world: World) -> None:
        findings = Findings()
        await withdrawn(world, findings)
        assert findings.found == []

    in_world(work)
