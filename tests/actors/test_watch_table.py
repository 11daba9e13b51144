"""Who watches whom on a node."""

from __future__ import annotations

from hubbub.actors.watch_table import WatchTable
from hubbub.config.ids import UserId

ANA, BO = UserId("u_ana"), UserId("u_bo")


def test_a_watcher_stays_until_it_is_removed() -> None:
    table = WatchTable()
    table.add("conv:g", "s/1", ANA)
    table.add("conv:g", "s/2", BO)
    table.add("conv:g", "s/2", BO)
    assert dict(table.of("conv:g")) == {"s/1": ANA, "s/2": BO}
    table.remove("conv:g", "s/1")
    table.remove("conv:g", "s/1")
    assert dict(table.of("conv:g")) == {"s/2": BO}
    assert dict(table.of("conv:other")) == {}


def test_all_sessions_of_one_who_left_are_removed() -> None:
    table = WatchTable()
    for n, user in enumerate((ANA, BO, ANA)):
        table.add("conv:g", f"s/{n}", user)
    table.remove_users("conv:g", (ANA,))
    assert dict(table.of("conv:g")) == {"s/1": BO}


def test_what_lives_elsewhere_is_forgotten_and_what_is_left_is_known() -> None:
    table = WatchTable()
    for topic in ("conv:g", "user:u"):
        table.add(topic, "s/1", ANA)
    assert table.watched() == ["conv:g", "user:u"]
    table.forget("conv:g")
    table.forget("conv:g")
    assert table.watched() == ["user:u"]


def test_sessions_that_go_watch_nobody() -> None:
    table = WatchTable()
    table.add("conv:g", "session:n1:a/1", ANA)
    table.add("conv:g", "session:n2:b/1", BO)
    table.add("user:u", "session:n2:b/1", BO)
    table.remove_sessions(lambda session: session.startswith("session:n2:"))
    assert table.watched() == ["conv:g"]
    assert dict(table.of("conv:g")) == {"session:n1:a/1": ANA}


def test_everybodys_turn_comes() -> None:
    table = WatchTable()
    assert table.turn("conv:g", 2) == []
    for n in range(3):
        table.add("conv:g", f"s/{n}", ANA)
    assert [table.turn("conv:g", 2) for _ in range(3)] == [
        ["s/0", "s/1"],
        ["s/2", "s/0"],
        ["s/1", "s/2"],
    ]
    assert table.turn("conv:g", 9) == ["s/0", "s/1", "s/2"]
    assert dict(table.of("conv:g")) == {"s/0": ANA, "s/1": ANA, "s/2": ANA}
