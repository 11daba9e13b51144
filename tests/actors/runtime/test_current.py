"""Which system belongs to the running loop."""

from __future__ import annotations

import pytest

from hubbub.actors.runtime.current import current_system
from hubbub.actors.runtime.system import ActorSystem


async def test_the_entered_system_is_the_current_one_until_it_stops() -> None:
    with pytest.raises(RuntimeError, match="no ActorSystem"):
        current_system()
    async with ActorSystem() as system:
        assert current_system() is system
    with pytest.raises(RuntimeError, match="no ActorSystem"):
        current_system()


async def test_of_two_on_one_loop_the_first_is_current() -> None:
    async with ActorSystem() as first:
        async with ActorSystem():
            assert current_system() is first
        assert current_system() is first


def test_without_a_loop_there_is_none() -> None:
    with pytest.raises(RuntimeError):
        current_system()
