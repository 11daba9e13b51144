"""What a device has on its screen: the actors there are told, and told again when they move."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..config.errors import TooLargeError
from ..config.ids import ConvId, UserId, is_conv_id, self_log, shard_of
from ..config.limits import Limits
from .commands import LookAgain, UnwatchConv, UnwatchUser, WatchConv, WatchUser
from .ports import Cluster, Connection
from .requests import WatchRequest
from .roll_call import StillWatching, unwatch


class Watching:
    """A Session's."""

    __slots__ = ("_cluster", "_here", "_now")

    def __init__(self, here: Connection, cluster: Cluster) -> None:
        """Nothing is watched."""
        self._here = here
        self._cluster = cluster
        self._now = WatchRequest(0, (), ())

    def watch(self, request: WatchRequest) -> None:
        """This is on the screen from now on."""
        old, self._now = self._now, request
        here, tell = self._here, self._cluster.tell
        # In the order of the list, and not of a set: a run can be replayed.
        for user in old.users:
            if user not in request.users:
                tell(f"user:{user}", UnwatchUser(here.session))
        for conv in old.convs:
            if conv not in request.convs:
                tell(f"conv:{conv}", UnwatchConv(here.session))
        self._tell(request.users, request.convs)

    def again(self, shards: Collection[int]) -> None:
        """Tell the actors of these shards again."""
        self._tell(
            [u for u in self._now.users if shard_of(self_log(u)) in shards],
            [c for c in self._now.convs if shard_of(c) in shards],
        )

    def asked(self, m: StillWatching | LookAgain) -> None:
        """Tell an actor that it is on the screen no longer; or watch the people there anew."""
        if isinstance(m, LookAgain):
            self._tell(self._now.users, ())
            return
        kind, _, watched = m.name.partition(":")
        if watched not in (self._now.users if kind == "user" else self._now.convs):
            self._cluster.tell(m.name, unwatch(m.name, self._here.session))

    def _tell(self, users: Iterable[UserId], convs: Iterable[ConvId]) -> None:
        here, tell = self._here, self._cluster.tell
        for user in users:
            tell(f"user:{user}", WatchUser(here.user, here.session))
        for conv in convs:
            if is_conv_id(conv):
                tell(f"conv:{conv}", WatchConv(here.user, here.session))


def check_watch(request: WatchRequest, limits: Limits) -> None:
    """Hold a request to what one device may watch.

    Raises:
        TooLargeError: It is more.
    """
    if len(request.users) > limits.watch_users:
        raise TooLargeError("That list", len(request.users), limits.watch_users, "people")
    if len(request.convs) > limits.watch_convs:
        raise TooLargeError("That list", len(request.convs), limits.watch_convs, "conversations")


__all__ = ["Watching", "check_watch"]
