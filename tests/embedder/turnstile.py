"""A turnstile: a coin opens it for one person, or for ten seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hubbub import LoopActor, LoopActorRef

OPEN_S = 10.0


@dataclass(frozen=True)
class Coin:
    """Somebody pays."""


@dataclass(frozen=True)
class Push:
    """Somebody pushes; the answer is whether the arm gives way."""


@dataclass(frozen=True)
class Passed:
    """Told to the counter at each passage."""

    total: int


@dataclass(frozen=True)
class Locked:
    """Told to the counter when a paid passage is forfeit."""


class _TimeIsUp:
    pass


class Turnstile(LoopActor):
    """Tells `counter` of passages."""

    def __init__(self, counter: LoopActorRef[Any]) -> None:
        super().__init__()
        self.counter = counter
        self.total = 0
        self.closing: Any = None

    def on_receive(self, message: object) -> bool | None:
        match message:
            case Coin():
                if self.closing is None:
                    self.closing = self.after(OPEN_S, _TimeIsUp())
            case Push() if self.closing is not None:
                self.closing.cancel()
                self.closing = None
                self.total += 1
                self.counter.tell(Passed(self.total))
                return True
            case Push():
                return False
            case _TimeIsUp():
                self.closing = None
                self.counter.tell(Locked())
            case _:
                raise TypeError(f"a turnstile takes no {type(message).__name__}")
        return None
