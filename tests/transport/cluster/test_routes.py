"""Which node a name is at."""

from __future__ import annotations

import pytest

from hubbub.config.ids import UserId
from hubbub.transport.cluster import routes as module
from hubbub.transport.cluster.placement import Placement, name_node
from hubbub.transport.cluster.routes import Routes

USERS = tuple(f"user:u_{letter * 20}" for letter in "abcdefgh")


def test_a_name_is_where_the_view_places_it_until_the_next_view() -> None:
    routes = Routes("n1")
    assert routes.node(USERS[0]) is None
    placement = Placement({"n1": 1, "n2": 1})
    routes.change(placement)
    assert routes.node(USERS[0]) == placement.home(UserId(USERS[0][5:]))
    routes.change(Placement({"n3": 1}))
    assert routes.node(USERS[0]) == "n3"


def test_a_session_is_at_its_node_and_what_has_no_place_is_here() -> None:
    routes = Routes("n1")
    assert routes.node("session:n2:abc/1") == "n2"
    assert routes.node("ask:n3/abc") == "n3"
    assert routes.node("conversations/1") == "n1"


def test_a_list_is_cut_up_by_node_in_its_order() -> None:
    routes = Routes("n1")
    assert routes.by_node(USERS) == {}
    routes.change(Placement({"n1": 1, "n2": 1}))
    parts = routes.by_node(USERS)
    assert sorted(name for part in parts.values() for name in part) == sorted(USERS)
    for node, part in parts.items():
        assert part == tuple(name for name in USERS if routes.node(name) == node)
    assert routes.by_node(USERS) is parts


def test_what_is_kept_in_mind_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NAMES", 2)
    monkeypatch.setattr(module, "MOST_LISTS", 2)
    looked_at: list[str] = []

    def look(name: str) -> str | None:
        looked_at.append(name)
        return name_node(name)

    monkeypatch.setattr(module, "name_node", look)
    routes = Routes("n1")
    for n in (1, 2, 1, 3, 1):
        assert routes.node(f"ask:n2/{n}") == "n2"
    assert looked_at == [f"ask:n2/{n}" for n in (1, 2, 3, 1)]
    lists = [routes.by_node((f"ask:n2/{n}",)) for n in (1, 2, 1, 3, 1)]
    assert lists[0] is lists[2]
    assert lists[0] is not lists[4]
