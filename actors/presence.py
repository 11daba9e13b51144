"""Who may see when a user is online, and is told.

mutual contacts                        told at once
fellows, if the user shows them        told at once in small conversations, asked for in large
anybody who is blocked, or blocks      never, wherever else they meet
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal, TypeVar

import structlog

from ..config.clock import Clock
from ..config.errors import StoreError
from ..config.ids import UserId
from ..config.limits import Limits
from ..config.units import SECONDS
from ..storage.contract import Store
from .answers import PresenceState
from .commands import AskPresence, Reply, WatchUser
from .ports import Cluster
from .roll_call import MOST_CALLED
from .watch_table import WatchTable

#: The most watchers who may not see the user that are looked at again when something changes.
MOST_HOPES = 200
#: A watcher who may see, for all that the store says just now, is looked at again after so long.
RETRY_S = 5 * SECONDS

T = TypeVar("T")
log = structlog.get_logger(__name__)

#: "told": of every change; "asked": when asked for; "hidden": never.
Sight = Literal["told", "asked", "hidden"]


async def sight_of(store: Store, user: UserId, asker: UserId, push_limit: int) -> Sight:
    """How much of `user` the `asker` may see.

    Args:
        push_limit: Members of the largest conversation whose members are told of every change.

    Raises:
        StoreError: Not readable just now.
    """
    if asker == user:
        return "told"
    account = await store.account(user)
    if account is None or account.presence == "nobody":
        return "hidden"
    mine, theirs = await store.contact(user, asker), await store.contact(asker, user)
    if (mine is not None and mine.blocked) or (theirs is not None and theirs.blocked):
        return "hidden"
    if mine is not None and mine.state == "mutual":
        return "told"
    if account.presence == "contacts":
        return "hidden"
    size = await store.smallest_shared(user, asker)
    if not size:
        return "hidden"
    return "told" if size <= push_limit else "asked"


class Appearance:
    """Whether a user is online, as others are told.

    Attributes:
        online: What watchers were told last, or would have been.
        certain: Whether `online` is the truth; just after a move nobody knows who is attached at
            other nodes, and nobody is told that the user is offline.
    """

    # One stands beside every connected user: it costs its bytes.
    __slots__ = (
        "_again", "_clock", "_cluster", "_limits", "_store", "_user", "_watchers", "certain",
        "online",
    )  # fmt: skip

    def __init__(
        self,
        user: UserId,
        store: Store,
        cluster: Cluster,
        clock: Clock,
        limits: Limits,
        watchers: WatchTable,
        again: Callable[[float], None],
    ) -> None:
        """Offline.

        Args:
            again: Has `look_again` called after so many seconds.
        """
        self.online = False
        self.certain = True
        self._user = user
        self._store = store
        self._cluster = cluster
        self._clock = clock
        self._limits = limits
        self._watchers = watchers
        self._again = again

    @property
    def watched(self) -> bool:
        """Whether anybody is told of changes."""
        return bool(self._watchers.of(self._topic))

    def watchers(self) -> list[str]:
        """The sessions that watch, or hope to: some of them, in turn."""
        told = self._watchers.turn(self._topic, MOST_CALLED)
        return told + self._watchers.turn(self._hopes, MOST_CALLED)

    @property
    def _topic(self) -> str:
        return f"user:{self._user}"

    @property
    def _hopes(self) -> str:
        return f"hopes:{self._user}"

    async def turn(self, *, online: bool) -> None:
        """It is the truth from now on; whoever watches is told, if it was not the truth before."""
        if online == self.online and self.certain:
            return
        told = PresenceState(self._user, online, self._clock.now_ms())
        if not online and not self.online:
            # Gone for longer, perhaps, than this actor lives.
            with suppress(StoreError):
                told = await self._state()
        self.online, self.certain = online, True
        await self._tell_watchers(told)

    def end(self) -> None:
        """The user's account goes: whoever was told that the user is online hears the end of it,
        though nobody is a contact or a fellow any more."""
        if self.online:
            self.online = False
            told = PresenceState(self._user, False, self._clock.now_ms())
            for session in list(self._watchers.of(self._topic)):
                self._cluster.tell(session, told)

    async def save_seen(self) -> None:
        """The user is active now: the store says so from now on."""
        try:
            await self._store.put_last_active(self._user, self._clock.now_ms())
        except StoreError as error:
            log.warning("last_active_unsaved", user=self._user, error=repr(error))

    async def _tell_watchers(self, told: PresenceState) -> None:
        """Tell those who may still know; who may not any more watches no longer."""
        sights: dict[UserId, Sight] = {}
        for session, watcher in list(self._watchers.of(self._topic).items()):
            try:
                if watcher not in sights:
                    sights[watcher] = await self._sight(watcher)
            except StoreError as error:
                log.warning("watcher_untold", user=self._user, error=repr(error))
                self._hope(session, watcher)
                self._again(RETRY_S)
                continue
            if sights[watcher] == "told":
                self._cluster.tell(session, told)
            else:
                self._watchers.remove(self._topic, session)
                self._hope(session, watcher)

    async def watch(self, m: WatchUser) -> None:
        """Somebody looks: told at once, and of every change, if that one may know."""
        try:
            if await self._sight(m.watcher) == "told":
                self._watchers.remove(self._hopes, m.session)
                self._watchers.add(self._topic, m.session, m.watcher)
                if self.online or self.certain:
                    self._cluster.tell(m.session, await self._state())
            else:
                self._hope(m.session, m.watcher)
        except StoreError as error:
            log.warning("watcher_untold", user=self._user, error=repr(error))
            self._hope(m.session, m.watcher)
            self._again(RETRY_S)

    def unwatch(self, session: str) -> None:
        """It looks no longer."""
        self._watchers.remove(self._topic, session)
        self._watchers.remove(self._hopes, session)

    async def answer(self, m: AskPresence) -> None:
        """Somebody asks once."""
        told = None
        try:
            known = self.online or self.certain
            if known and await self._sight(m.asker) != "hidden":
                told = await self._state()
        except StoreError as error:
            log.warning("asker_untold", user=self._user, error=repr(error))
        self._cluster.tell(m.reply.name, Reply(m.reply.key, told))

    async def after(self, change: Awaitable[T]) -> T:
        """After what may let somebody see: those who watch in vain are looked at again."""
        result = await change
        await self.look_again()
        return result

    async def look_again(self) -> None:
        """Those who watch in vain may see by now, or the store can be asked again."""
        for session, watcher in list(self._watchers.of(self._hopes).items()):
            self._watchers.remove(self._hopes, session)
            await self.watch(WatchUser(watcher, session))

    def _hope(self, session: str, watcher: UserId) -> None:
        if len(self._watchers.of(self._hopes)) < MOST_HOPES:
            self._watchers.add(self._hopes, session, watcher)

    async def _sight(self, asker: UserId) -> Sight:
        return await sight_of(self._store, self._user, asker, self._limits.presence_push_limit)

    async def _state(self) -> PresenceState:
        now = self._clock.now_ms()
        if not self.online:
            account = await self._store.account(self._user)
            now = account.last_active_ms if account is not None else 0
        return PresenceState(self._user, self.online, now)


__all__ = ["MOST_HOPES", "RETRY_S", "Appearance", "Sight", "sight_of"]
