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
