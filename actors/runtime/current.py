"""Which actor system belongs to the running loop, so that `MyActor.start()` finds it.

pykka's `start` has no place to name a system; this is the one thing that the runtime keeps outside
of its systems.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from .hooks import HookedActor
from .ref import LoopActorRef

A = TypeVar("A", bound=HookedActor)


class Starter(Protocol):
    """Who starts actors: a system."""

    def start(
        self, cls: type[A], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> LoopActorRef[A]: ...


_systems: WeakKeyDictionary[asyncio.AbstractEventLoop, Starter] = WeakKeyDictionary()


def current_system() -> Starter:
    """The system that runs on this loop; the first, if it has several.

    Raises:
        RuntimeError: No loop runs here, or no system on it.
    """
    system = _systems.get(asyncio.get_running_loop())
    if system is None:
        raise RuntimeError("no ActorSystem runs on this loop: enter one first")
    return system


def enter(loop: asyncio.AbstractEventLoop, system: Starter) -> None:
    """This system runs on this loop from now on."""
    _systems.setdefault(loop, system)


def leave(loop: asyncio.AbstractEventLoop, system: Starter) -> None:
    """It does no more."""
    if _systems.get(loop) is system:
        del _systems[loop]


__all__ = ["Starter", "current_system", "enter", "leave"]
