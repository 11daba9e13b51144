"""A device that is signed out on a quiet day."""

from __future__ import annotations

from tests.testkit.simulation.lab import in_world
from tests.testkit.simulation.quiet import tried

from hubbub.testkit.simulation.checker import Findings
from hubbub.testkit.simulation.signed_out import signed_out
from hubbub.testkit.simulation.world import World


def test_its_connection_ends_at_once() -> None:
    assert tried(signed_out, seed=1) == []


def test_one_that_stays_until_something_is_healed_is_noticed() -> None:
    (found,) = tried(signed_out, seed=1, mutation="revoked-stays")
    assert "[revoked]" in found


def test_where_nobody_is_nobody_is_signed_out() -> None:
    async def work(world: World) -> None:
        await signed_out(world, Findings())
        assert not world.revoked

    in_world(work)
