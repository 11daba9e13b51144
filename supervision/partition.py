"""Dynamic children spread over several supervisors.

    PartitionSupervisor "users"
      DynamicSupervisor "users/0", "users/1", ...      by a hash of the child's name

What fails with one dynamic supervisor is a part of the children, and a long list of children is
cut into short ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from zlib import crc32

from ..actors.runtime.exits import ExitListener
from ..actors.runtime.ref import LoopActorRef
from ..actors.runtime.system import ActorSystem
from ..config.errors import UnavailableError
from .dynamic import DynamicSupervisor
from .intensity import Backoff, Intensity
from .spec import ChildKind, ChildSpec
from .supervisor import Supervisor

A = TypeVar("A", DynamicSupervisor, "PartitionSupervisor")


class PartitionSupervisor(Supervisor):
    """Several dynamic supervisors under one, which is told from outside as if it were one."""

    def __init__(
        self,
        kind: ChildKind,
        *,
        partitions: int = 8,
        intensity: Intensity | None = None,
        backoff: Backoff | None = None,
        on_give_up: Callable[[str, BaseException], object] | None = None,
        partition_intensity: Intensity | None = None,
    ) -> None:
        """Nothing starts yet.

        Args:
            partitions: Dynamic supervisors, at least 1.
            intensity, backoff, on_give_up: Of each child; see `DynamicSupervisor`.
            partition_intensity: Of the dynamic supervisors.
        """
        self._partitions = [f"{self.name}/{n}" for n in range(partitions)]

        def spec(name: str) -> ChildSpec:
            def start(exits: ExitListener) -> LoopActorRef[DynamicSupervisor]:
                return self.system.spawn(
                    DynamicSupervisor,
                    kind,
                    intensity=intensity,
                    backoff=backoff,
                    on_give_up=on_give_up,
                    name=name,
                    parent=exits,
                )

            return ChildSpec(name, start, type="supervisor")

        super().__init__(map(spec, self._partitions), intensity=partition_intensity)

    def start_child(self, name: str) -> LoopActorRef[Any] | None:
        """See `DynamicSupervisor.start_child`."""
        return self._partition(name).start_child(name)

    def end_child(self, name: str) -> None:
        """See `DynamicSupervisor.end_child`."""
        self._partition(name).end_child(name)

    @property
    def count(self) -> int:
        """How many children all of them have, without listing them."""
        partitions = (self.system.lookup(name) for name in self._partitions)
        actors = (ref.actor for ref in partitions if ref is not None)
        return sum(actor.count for actor in actors if isinstance(actor, DynamicSupervisor))

    def _partition(self, name: str) -> DynamicSupervisor:
        where = self._partitions[crc32(name.encode()) % len(self._partitions)]
        return _actor(self.system, where, DynamicSupervisor)


class Children:
    """The children of a supervisor that is found by its name, so it may be restarted meanwhile."""

    def __init__(self, system: ActorSystem, supervisor: str) -> None:
        self._system = system
        self._supervisor = supervisor

    def start(self, name: str) -> LoopActorRef[Any] | None:
        """See `DynamicSupervisor.start_child`; fit to be an activator.

        Raises:
            UnavailableError: The supervisor is not there just now.
        """
        return _actor(self._system, self._supervisor, PartitionSupervisor).start_child(name)

    def count(self) -> int:
        """How many children there are; without a supervisor there are none."""
        try:
            return _actor(self._system, self._supervisor, PartitionSupervisor).count
        except UnavailableError:
            return 0

    def end(self, name: str) -> None:
        """See `DynamicSupervisor.end_child`; without a supervisor there is no child either."""
        try:
            _actor(self._system, self._supervisor, PartitionSupervisor).end_child(name)
        except UnavailableError:
            return


def _actor(system: ActorSystem, name: str, cls: type[A]) -> A:
    ref = system.lookup(name)
    actor = None if ref is None else ref.actor
    if not isinstance(actor, cls):
        raise UnavailableError
    return actor


__all__ = ["Children", "PartitionSupervisor"]
