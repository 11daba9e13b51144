"""What two people do not want of each other."""

from __future__ import annotations

import pytest

from hubbub.actors.bodies import Block, LetIn, System
from hubbub.actors.direct import Direct
from hubbub.config.errors import BlockedError
from hubbub.config.ids import UserId

ANA, BO = UserId("u_ana"), UserId("u_bo")


def test_nobody_is_blocked_at_first_and_everything_is_shown() -> None:
    direct = Direct()
    direct.check(ANA)
    assert direct.shows(ANA, BO)
    assert direct.asked is None


def test_the_blocked_one_is_refused_and_the_blocker_is_not() -> None:
    direct = Direct()
    direct.apply(Block(True, 3), ANA)
    direct.check(ANA)
    with pytest.raises(BlockedError):
        direct.check(BO)
    direct.apply(Block(False, 5), ANA)
    direct.check(BO)


def test_a_block_hides_both_from_each_other_but_nobody_from_oneself() -> None:
    direct = Direct()
    direct.apply(Block(True, 3), ANA)
    assert not direct.shows(ANA, BO)
    assert not direct.shows(BO, ANA)
    assert direct.shows(BO, BO)


def test_an_unblock_of_one_leaves_the_block_of_the_other() -> None:
    direct = Direct()
    direct.apply(Block(True, 3), ANA)
    direct.apply(Block(True, 9), BO)
    direct.apply(Block(False, 4), ANA)
    with pytest.raises(BlockedError):
        direct.check(ANA)
    direct.check(BO)


def test_only_what_the_private_log_said_later_is_news() -> None:
    direct = Direct()
    assert direct.news(ANA, 1)
    direct.apply(Block(True, 3), ANA)
    assert [direct.news(ANA, at) for at in (2, 3, 4)] == [False, False, True]
    assert direct.news(BO, 1)


def test_who_is_asked_is_hidden_from_who_asks_until_letting_in() -> None:
    direct = Direct()
    direct.apply(System("created", (ANA, BO), asked=BO), UserId(""))
    assert not direct.shows(BO, ANA)
    assert direct.shows(ANA, BO)
    direct.apply(LetIn(), BO)
    assert direct.shows(BO, ANA)
