"""Who is called what: a name is living, reserved, to be activated, or unknown.

spawn(name)        free or reserved -> living
crash              living -> reserved, if a supervisor means to start it again; else free
passivate, stop    living -> free
a first message    free -> living, where the name's prefix has an activator
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, TypeAlias

from .mailbox import NOTHING, Mailbox
from .ref import LoopActorRef

Activator: TypeAlias = Callable[[str], object]


class Reservation(Mailbox):
    """Holds a name, and its messages, between an actor's crash and its successor's start.

    Attributes:
        keeps: Whether messages wait here; otherwise they are dead letters.
    """

    __slots__ = ("keeps",)

    def __init__(self, limit: int, keeps: bool, leftovers: list[Any]) -> None:
        self.first = NOTHING
        self.rest = None
        self.limit = limit
        self.keeps = keeps
        for message in leftovers:
            self.put_anyway(message)


class Names:
    """The registry of one system.

    Attributes:
        living: {name: ref} of all and only the actors that can be told something by name.
        reserved: {name: reservation}; never also in `living`.
    """

    def __init__(self) -> None:
        self.living: dict[str, LoopActorRef[Any]] = {}
        self.reserved: dict[str, Reservation] = {}
        self._activators: dict[str, Activator] = {}
        self._numbers = count(1)

    def anonymous(self, cls: type) -> str:
        """A name for an actor that was given none; never used twice."""
        return f"{cls.__name__}#{next(self._numbers)}"

    def bind(self, ref: LoopActorRef[Any]) -> None:
        """This actor has its name from now on, and what waited under it."""
        held = self.reserved.pop(ref.name, None)
        if held is not None:
            ref.first, ref.rest = held.first, held.rest
        self.living[ref.name] = ref

    def forget(self, ref: LoopActorRef[Any]) -> None:
        """The name is free, unless it is another's by now."""
        if self.living.get(ref.name) is ref:
            del self.living[ref.name]

    def reserve(self, name: str, reservation: Reservation) -> None:
        """Hold a free name.

        Raises:
            ValueError: It is not free.
        """
        if name in self.living or name in self.reserved:
            raise ValueError(f"the name {name} is taken")
        self.reserved[name] = reservation

    def release(self, name: str) -> list[Any]:
        """Free a reserved name; harmless if it is not reserved.

        Returns: What waited under it.
        """
        held = self.reserved.pop(name, None)
        return [] if held is None else held.drain()

    def set_activator(self, prefix: str, activate: Activator) -> None:
        """Names of this prefix come to life by their first message."""
        self._activators[prefix] = activate

    def activator(self, name: str) -> Activator | None:
        """Who can bring this name to life."""
        prefix, colon, _ = name.partition(":")
        return self._activators.get(prefix) if colon else None


__all__ = ["Activator", "Names", "Reservation"]
