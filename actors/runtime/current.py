"""Which actor system belongs to the running loop, so that `MyActor.start()` finds it.

pykka's `start` has no place to name a system; this is the one thing that the runtime keeps outside
of its systems.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from .system import ActorSystem

_systems: WeakKeyDictionary[asyncio.AbstractEventLoop, ActorSystem] = WeakKeyDictionary()


def current_system() -> ActorSystem:
    """The system that runs on this loop; the first, if it has several.

    Raises:
        RuntimeError: No loop runs here, or no system on it.
    """
    system = _systems.get(asyncio.get_running_loop())
    if system is None:
        raise RuntimeError("no ActorSystem runs on this loop: enter one first")
    return system


def enter(loop: asyncio.AbstractEventLoop, system: ActorSystem) -> None:
    """This system runs on this loop from now on."""
    _systems.setdefault(loop, system)


def leave(loop: asyncio.AbstractEventLoop, system: ActorSystem) -> None:
    """It does no more."""
    if _systems.get(loop) is system:
        del _systems[loop]


__all__ = ["current_system", "enter", "leave"]
