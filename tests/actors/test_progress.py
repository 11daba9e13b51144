"""How far members got."""

from __future__ import annotations

from hubbub.actors.answers import Receipts
from hubbub.actors.bodies import System
from hubbub.actors.commands import MoveCursor
from hubbub.actors.members import Members
from hubbub.actors.progress import Progress
from hubbub.config.ids import ConvId, UserId
from hubbub.storage.records import Cursors

ANA, BO, CY = (UserId(f"u_{name}") for name in ("ana", "bo", "cy"))


def test_what_moved_is_told_once_and_only_upwards() -> None:
    members = Members(100)
    members.apply(System("created", (ANA, BO)), ANA, 1)
    progress = Progress()
    assert progress.move(members, MoveCursor(ANA, "recv", 5), 9)
    assert progress.move(members, MoveCursor(ANA, "read", 4), 9)
    assert not progress.move(members, MoveCursor(ANA, "read", 3), 9)
    assert progress.move(members, MoveCursor(BO, "read", 99), 9)
    receipts, moved = progress.take(ConvId("g_x"))
    assert receipts == Receipts(ConvId("g_x"), {ANA: 5, BO: 9}, {ANA: 4, BO: 9})
    assert moved == {ANA: Cursors(5, 4), BO: Cursors(9, 9)}
    assert progress.take(ConvId("g_x"))[1] == {}


def test_who_is_not_here_moves_nothing() -> None:
    members = Members(100)
    members.apply(System("created", (ANA, BO)), ANA, 1)
    members.apply(System("left", (BO,)), BO, 2)
    progress = Progress()
    assert not progress.move(members, MoveCursor(BO, "read", 2), 2)
    assert not progress.move(members, MoveCursor(CY, "read", 2), 2)
