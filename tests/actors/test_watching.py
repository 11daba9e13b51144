"""What a device has on its screen."""

from __future__ import annotations

from typing import Any, cast

import pytest
from tests.support.chat import Chat, Device, chatting

from hubbub.actors.commands import LookAgain, UnwatchConv, UnwatchUser, WatchConv, WatchUser
from hubbub.actors.ports import Cluster
from hubbub.actors.requests import WatchRequest
from hubbub.actors.roll_call import StillWatching
from hubbub.actors.watching import Watching, check_watch
from hubbub.config.errors import TooLargeError
from hubbub.config.ids import ConvId, DeviceId, UserId, self_log, shard_of
from hubbub.config.limits import Limits

ANN, BOB, CID = (UserId("u_" + letter * 20) for letter in "abc")
TEA, CAKE = (ConvId("g_" + letter * 26) for letter in "tc")
ME = "session:n:i/1"


class Told:
    """A cluster that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def tell(self, name: str, message: Any) -> bool:
        self.told.append((name, message))
        return True

    def take(self) -> list[tuple[str, Any]]:
        told, self.told = self.told, []
        return told


def watching(chat: Chat, cluster: Told) -> Watching:
    return Watching(Device(chat, ME, ANN, DeviceId("v_1")), cast(Cluster, cluster))


async def test_what_comes_on_the_screen_is_told_and_what_leaves_it_too() -> None:
    async with chatting() as chat:
        screen = watching(chat, cluster := Told())
        screen.watch(WatchRequest(1, (BOB, CID), (TEA,)))
        assert cluster.take() == [
            (f"user:{BOB}", WatchUser(ANN, ME)),
            (f"user:{CID}", WatchUser(ANN, ME)),
            (f"conv:{TEA}", WatchConv(ANN, ME)),
        ]
        screen.watch(WatchRequest(2, (CID,), (CAKE, ConvId("nonsense"))))
        assert cluster.take() == [
            (f"user:{BOB}", UnwatchUser(ME)),
            (f"conv:{TEA}", UnwatchConv(ME)),
            (f"user:{CID}", WatchUser(ANN, ME)),
            (f"conv:{CAKE}", WatchConv(ANN, ME)),
        ]


async def test_only_actors_that_moved_are_told_again() -> None:
    async with chatting() as chat:
        screen = watching(chat, cluster := Told())
        screen.again({shard_of(self_log(BOB))})
        assert cluster.take() == []
        screen.watch(WatchRequest(1, (BOB, CID), (TEA, CAKE)))
        cluster.take()
        screen.again({shard_of(self_log(BOB)), shard_of(CAKE)})
        assert cluster.take() == [
            (f"user:{BOB}", WatchUser(ANN, ME)),
            (f"conv:{CAKE}", WatchConv(ANN, ME)),
        ]


async def test_an_actor_that_is_watched_no_more_is_told_so_when_it_asks() -> None:
    async with chatting() as chat:
        screen = watching(chat, cluster := Told())
        screen.watch(WatchRequest(1, (BOB,), (TEA,)))
        cluster.take()
        for name in (f"user:{BOB}", f"user:{CID}", f"conv:{TEA}", f"conv:{CAKE}"):
            screen.asked(StillWatching(name))
        assert cluster.take() == [
            (f"user:{CID}", UnwatchUser(ME)),
            (f"conv:{CAKE}", UnwatchConv(ME)),
        ]


async def test_those_on_the_screen_are_watched_anew_when_more_may_be_seen() -> None:
    async with chatting() as chat:
        screen = watching(chat, cluster := Told())
        screen.watch(WatchRequest(1, (BOB,), (TEA,)))
        cluster.take()
        screen.asked(LookAgain())
        assert cluster.take() == [(f"user:{BOB}", WatchUser(ANN, ME))]


def test_a_device_watches_no_more_than_fits_its_screen() -> None:
    limits = Limits(watch_users=1, watch_convs=1)
    check_watch(WatchRequest(1, (BOB,), (TEA,)), limits)
    with pytest.raises(TooLargeError, match="2 of 1 people"):
        check_watch(WatchRequest(1, (BOB, CID), ()), limits)
    with pytest.raises(TooLargeError, match="2 of 1 conversations"):
        check_watch(WatchRequest(1, (), (TEA, CAKE)), limits)
