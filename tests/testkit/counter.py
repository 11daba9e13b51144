"""An actor such as somebody writes who uses the runtime, for the testkit's own tests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from hubbub import LoopActor
from hubbub.actors.runtime.ref import LoopActorRef


@dataclass(frozen=True)
class Add:
    """Add this much."""

    amount: int = 1


@dataclass(frozen=True)
class Tell:
    """Tell this actor the total, so many seconds later."""

    whom: LoopActorRef[Any]
    after_s: float = 0.0


class Counter(LoopActor):
    """Adds up, and can be asked for the total."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def on_receive(self, message: object) -> int:
        """Add, or tell."""
        match message:
            case Add(amount):
                if amount < 0:
                    raise ValueError("less than nothing")
                self.total += amount
            case Tell(whom, 0.0):
                whom.tell(self.total)
            case Tell(whom, after_s):
                self.after(after_s, Tell(whom))
            case _:
                pass
        return self.total


class Stubborn(LoopActor):
    """Does not stop."""

    async def on_stop(self) -> None:  # type: ignore[override]  # may be async
        """Wait for ever."""
        await self.never()

    async def never(self) -> None:
        """Wait for what nobody brings."""
        await asyncio.get_running_loop().create_future()


__all__ = ["Add", "Counter", "Stubborn", "Tell"]
