"""What a spec says when it says nothing."""

from __future__ import annotations

from hubbub.actors.runtime.exits import ExitListener
from hubbub.supervision.spec import GRACE_S, Child, ChildSpec


class Nothing:
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


def start(exits: ExitListener) -> Child:
    return Nothing()


def test_a_worker_has_a_few_seconds_to_stop_and_a_supervisor_all_it_needs() -> None:
    assert ChildSpec("x", start).grace == GRACE_S
    assert ChildSpec("x", start, type="supervisor").grace == "infinity"


def test_a_shutdown_that_is_given_holds_for_both() -> None:
    assert ChildSpec("x", start, shutdown="brutal").grace == "brutal"
    assert ChildSpec("x", start, shutdown=1.5, type="supervisor").grace == 1.5


def test_a_child_is_permanent_unless_said_otherwise() -> None:
    assert ChildSpec("x", start).restart == "permanent"
