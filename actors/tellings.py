"""What actors were told that shall answer, and which answer to it counts.

A telling may be repeated: its actor may have crashed with it, or lives elsewhere now. Then it is
done as soon as one telling of it was done, whichever that was; but a refusal counts only as the
answer to the last, since what was forbidden the first time may be done by the next. So each
repetition has a key of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ..config.errors import Refusal
from ..config.ids import name_shard
from .commands import Reply, ReplyTo
from .ports import Cluster


@dataclass(slots=True, eq=False)
class Telling:
    """A question that is open.

    Attributes:
        target: The actor's name.
        make: The command, made of where its answer goes.
        keys: What the answers are known by, in the order it was told.
    """

    target: str
    make: Callable[[ReplyTo], Any]
    keys: list[int] = field(default_factory=list, init=False)


TellingT = TypeVar("TellingT", bound=Telling)


class Tellings(Generic[TellingT]):
    """All and only the open ones whose answers go to one actor."""

    __slots__ = ("_cluster", "_name", "_next_key", "_open")

    def __init__(self, cluster: Cluster, name: str, next_key: Callable[[], int]) -> None:
        """None is open.

        Args:
            name: The actor that answers go to.
            next_key: Never gives the same twice.
        """
        self._cluster = cluster
        self._name = name
        self._next_key = next_key
        #: {key: the telling it is of}.
        self._open: dict[int, TellingT] = {}

    def __bool__(self) -> bool:
        return bool(self._open)

    def __iter__(self) -> Iterator[TellingT]:
        """Over those that are open now, in the order they were told first."""
        return iter(dict.fromkeys(self._open.values()))

    def tell(self, telling: TellingT) -> bool:
        """Tell its actor: now for the first time, or once more. False if it cannot be told."""
        key = self._next_key()
        telling.keys.append(key)
        self._open[key] = telling
        return self._cluster.tell(telling.target, telling.make(ReplyTo(self._name, key)))

    def moved(self, shards: Collection[int]) -> None:
        """Tell the actors of these shards again: what was told before may have died with a node."""
        for telling in self:
            if name_shard(telling.target) in shards:
                self.tell(telling)

    def answered(self, reply: Reply) -> TellingT | None:
        """Close what this answers; None when that is closed, or the answer does not count."""
        telling = self._open.get(reply.key)
        if telling is None:
            return None
        if isinstance(reply.result, Refusal) and reply.key != telling.keys[-1]:
            return None
        self.close(telling)
        return telling

    def close(self, telling: TellingT) -> None:
        """From now on no answer to it counts; it may be closed already."""
        for key in telling.keys:
            self._open.pop(key, None)


__all__ = ["Telling", "Tellings"]
