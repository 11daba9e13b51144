"""What the runtime counts."""

from __future__ import annotations

from typing import Any

import pytest

from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.errors import ForbiddenError, MailboxFullError


class Moody(LoopActor):
    """Refuses or crashes as it is told."""

    def on_receive(self, message: Any) -> None:
        match message:
            case "refuse":
                raise ForbiddenError("no")
            case "crash":
                raise ValueError
            case _:
                pass


async def test_crashes_refusals_full_mailboxes_and_kills_are_counted() -> None:
    async with ActorSystem() as system:
        one, other = system.spawn(Moody), system.spawn(Moody, mailbox_limit=1)
        one.tell("refuse")
        one.tell("crash")
        other.tell("hello")
        with pytest.raises(MailboxFullError):
            other.tell("hello")
        await system.settle()
        system.kill(other)
        counts = system.counts
        assert counts.crashes == {"Moody": 1}
        assert (counts.refusals, counts.full, counts.killed) == (1, 1, 1)
