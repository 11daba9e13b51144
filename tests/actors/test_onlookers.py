"""Who looks at a conversation, and what they are told."""

from __future__ import annotations

from typing import Any, cast

from hubbub.actors.answers import Receipts, Typing
from hubbub.actors.onlookers import Onlookers
from hubbub.actors.ports import Cluster
from hubbub.actors.watch_table import WatchTable
from hubbub.config.ids import ConvId, UserId

ANA, BO = UserId("u_ana"), UserId("u_bo")
CONV = ConvId("g_team")


class Told:
    """The part of a Cluster that tells: keeps what it is given."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []

    def tell(self, name: str, message: Any) -> bool:
        self.heard.append((name, message))
        return True


def looking() -> tuple[Onlookers, Told]:
    """Ana looks at it on two devices, Bo on one."""
    told = Told()
    onlookers = Onlookers(CONV, WatchTable(), cast(Cluster, told))
    for session, user in (("s/1", ANA), ("s/2", ANA), ("s/3", BO)):
        onlookers.add(session, user)
    return onlookers, told


def test_who_writes_is_not_told_of_it() -> None:
    onlookers, told = looking()
    onlookers.tell_typing(ANA)
    assert told.heard == [("s/3", Typing(CONV, ANA))]


def test_each_gets_the_receipts_for_the_own_eyes() -> None:
    onlookers, told = looking()
    some = Receipts(CONV, {BO: 3}, {BO: 2})
    onlookers.tell_receipts(lambda user: some if user == ANA else None)
    assert told.heard == [("s/1", some), ("s/2", some)]


def test_nobody_is_left_when_all_have_looked_away_or_gone() -> None:
    onlookers, told = looking()
    onlookers.remove("s/3")
    assert onlookers
    onlookers.remove_users((ANA,))
    assert not onlookers
    onlookers.tell_typing(BO)
    assert told.heard == []
