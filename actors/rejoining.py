"""A Session attaches again: its User lives at another node by now, or what was told was lost.

moved -> a moment later, not all sessions at once -> Attach -> answered: heads are to be read
                                  └─ no answer, or not just now: again ─┘
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from ..config.errors import UnavailableError
from ..config.ids import self_log, shard_of
from .asker import Asker
from .commands import Attach, Attached, Reply, ReplyTo
from .ports import Cluster, Connection


def hello(here: Connection, to: ReplyTo) -> Attach:
    """What a Session tells its User."""
    return Attach(to, here.session, here.device, here.inst, here.attempt)


class Rejoining:
    """A Session's; there is none while nothing has moved."""

    __slots__ = ("_alarm", "_asker", "_cluster", "_due", "_here", "_key", "_shards")

    def __init__(
        self, here: Connection, cluster: Cluster, asker: Asker, alarm: Callable[[], object]
    ) -> None:
        """Nothing is to be told again.

        Args:
            alarm: Has `go` called a moment later.
        """
        self._here = here
        self._cluster = cluster
        self._asker = asker
        self._alarm = alarm
        self._shards: set[int] = set()
        self._due = False
        #: The number of the question whether it is attached; 0 while it is not asked.
        self._key = 0

    def moved(self, shards: Collection[int]) -> None:
        """What was told to the actors of these shards is to be told again."""
        if self._home in shards:
            self._key = 0  # an answer of the old home says nothing
        self._again(shards)

    def go(self) -> set[int]:
        """Attach, if the User is of a moved shard. Returns: the shards that moved."""
        moved, self._shards, self._due = self._shards, set[int](), False
        if self._home in moved:
            self._key = self._key or self._asker.next_key()
            told = hello(self._here, ReplyTo(self._here.session, self._key))
            self._cluster.tell(f"user:{self._here.user}", told)
            self._again((self._home,))
        return moved

    def answered(self, reply: Reply) -> bool:
        """Whether this is the User's answer."""
        return bool(self._key) and reply.key == self._key

    def attached(self, result: object) -> bool:
        """Take the User's answer; False when it is not attached."""
        self._key = 0
        self._shards.discard(self._home)
        if isinstance(result, UnavailableError):
            self._again((self._home,))
        # Any other refusal: a newer connection of the device is there, and this one is shut out.
        return isinstance(result, Attached)

    @property
    def _home(self) -> int:
        return shard_of(self_log(self._here.user))

    def _again(self, shards: Collection[int]) -> None:
        self._shards.update(shards)
        if not self._due:
            self._due = True
            self._alarm()


__all__ = ["Rejoining", "hello"]
