"""Residents of a node where nobody is to be moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hubbub.actors.ports import Leaver


class Nobody:
    """See the module."""

    def evict(self, stays: Callable[[int], bool]) -> Iterable[Leaver]:
        return ()

    def moved(self, shards: frozenset[int], gone: frozenset[str]) -> None: ...
    def reread(self, again_s: float) -> None: ...
    def lost(self, node: str, shards: frozenset[int]) -> None: ...
    def missing(self, shards: frozenset[int]) -> None: ...


__all__ = ["Nobody"]
