"""Which node a name is at, by one view's placement; kept in mind while that view lasts. Pure."""

from __future__ import annotations

from ...config.ids import name_shard
from .placement import Placement, name_node

#: Names, and lists of names, whose nodes are kept in mind.
MOST_NAMES = 20_000
MOST_LISTS = 1_000


class Routes:
    """See the module.

    Attributes:
        placement: Of the view.
    """

    def __init__(self, node: str) -> None:
        """Nowhere to go.

        Args:
            node: This one: names of no shard and no node are here.
        """
        self.placement = Placement({})
        self._node = node
        self._names: dict[str, str | None] = {}
        self._lists: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {}

    def change(self, placement: Placement) -> None:
        """There is another view."""
        self.placement = placement
        self._names.clear()
        self._lists.clear()

    def node(self, name: str) -> str | None:
        """Where this name is; None while nobody knows."""
        try:
            return self._names[name]
        except KeyError:
            pass
        node = name_node(name)
        if node is None:
            shard = name_shard(name)
            node = self._node if shard is None else self.placement.node(shard)
        if len(self._names) >= MOST_NAMES:
            self._names.clear()
        self._names[name] = node
        return node

    def by_node(self, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """{node: those of the names that are there}. A conversation's list is one object while its
        members stay, so that it is cut up once."""
        found = self._lists.get(names)
        if found is None:
            nodes: dict[str, list[str]] = {}
            for name in names:
                node = self.node(name)
                if node is not None:
                    nodes.setdefault(node, []).append(name)
            if len(self._lists) >= MOST_LISTS:
                self._lists.clear()
            found = self._lists[names] = {node: tuple(those) for node, those in nodes.items()}
        return found


__all__ = ["MOST_LISTS", "MOST_NAMES", "Routes"]
