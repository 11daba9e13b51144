"""What actors and edge need of the world. Transport and supervision implement these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..config.ids import DeviceId, UserId
from .answers import Answer, Deliveries, Event
from .commands import HeadTold, OwnCursor
from .requests import Request, WatchRequest


class Sink(Protocol):
    """Where a User pushes to. It never blocks."""

    def push(self, event: Event) -> None:
        """Queue an event. A full queue merges or drops receipts and presence, then collapses
        deliveries into `Behind`: nothing is lost, the client reads the log."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close the socket with a code of the protocol, after what is queued."""
        ...


class Outbox(Sink, Protocol):
    """What waits for one device's socket. It outlives its Session."""

    def answer(self, request: int, answer: Answer, *, more: bool = False) -> None:
        """Queue the answer to a request; never dropped. `more`: another answer follows."""
        ...


@dataclass(frozen=True, slots=True)
class Handover:
    """What a connection hands to a new Session.

    Attributes:
        requests: Those not yet answered, in order.
        watch: The last one, or None.
        restarted: False for the first Session of the connection.
    """

    requests: list[Request]
    watch: WatchRequest | None
    restarted: bool


class Attachment(Protocol):
    """A signed-in device, as its User sees it: a connection here, or a Session at another node.

    Attributes:
        session: The Session's name, `session:NODE:INCARNATION/N`; the same after a restart.
        inst, attempt: The client's start, and its count of connections since (protocol, 1).
    """

    @property
    def session(self) -> str: ...
    @property
    def user(self) -> UserId: ...
    @property
    def device(self) -> DeviceId: ...
    @property
    def inst(self) -> str: ...
    @property
    def attempt(self) -> int: ...
    @property
    def outbox(self) -> Sink: ...


class Connection(Attachment, Protocol):
    """A signed-in device's socket, as its Session sees it. It outlives the Session."""

    @property
    def outbox(self) -> Outbox: ...
    @property
    def welcomed(self) -> bool:
        """Whether `attached` has been called: the client counts on being pushed to."""
        ...

    def handover(self) -> Handover:
        """Called by each new Session of the connection, once."""
        ...

    def attached(self, mine: int) -> None:
        """The User pushes to this connection from now on; the first time, `welcome` goes out."""
        ...


class Directory(Protocol):
    """The signed-in connections of this node."""

    def connections(self, user: UserId) -> Sequence[Connection]:
        """This user's, in the order they came."""
        ...

    def connection(self, session: str) -> Connection | None:
        """The one of this session, if its socket is still here."""
        ...


class Cluster(Protocol):
    """The nodes, seen from one of them: where names live, and who owns which shard.

    Attributes:
        node: This node's id.
        incarnation: Random, new at each start of the process.
        settles_s: How long other nodes may go by what was before, after something has moved.
    """

    @property
    def node(self) -> str: ...
    @property
    def incarnation(self) -> str: ...
    @property
    def settles_s(self) -> float: ...

    def tell(self, name: str, message: Any) -> bool:
        """Tell an actor, wherever it lives; its name activates it.

        Order holds between two names. Best effort: what is lost (a full mailbox, a dead node) is
        counted, and healed by whoever needs it (design, section 6). Never raises.

        Returns: False when it is known to be lost; True promises nothing.
        """
        ...

    def fan_out(self, users: Sequence[str], message: Deliveries | HeadTold | OwnCursor) -> None:
        """Push to these actors (`user:ID`) where they are connected; the others read the log.

        Best effort, one pass over all of them, in place where they are idle.
        """
        ...

    def here(self, shard: int, for_s: float = 0.0) -> bool:
        """Whether the users and conversations of this shard live at this node, and have for so
        many seconds: who is attached at other nodes has said so by then."""
        ...

    async def epoch(self, shard: int) -> int:
        """The epoch under which this node owns the shard; claims it when it is free.

        Raises:
            UnavailableError: Another node owns it, or the claim failed.
        """
        ...

    def disown(self, shard: int, epoch: int) -> None:
        """This epoch of ours is in doubt: the next `epoch` claims a new one."""
        ...


class Leaver(Protocol):
    """An actor that was asked to end."""

    @property
    def shard(self) -> int:
        """That it is of."""
        ...

    def is_alive(self) -> bool:
        """Whether it has not ended yet."""
        ...


class Residents(Protocol):
    """The actors of this node, as its cluster moves them about."""

    def evict(self, stays: Callable[[int], bool]) -> Iterable[Leaver]:
        """Users and conversations of shards that do not stay finish what is under way, and end.

        Returns: those that have not ended yet.
        """
        ...

    def moved(self, shards: frozenset[int], gone: frozenset[str]) -> None:
        """The world around changed: sessions attach and watch again where a shard moved; nothing
        is pushed any more to sessions of the nodes that are gone."""
        ...

    def reread(self, again_s: float) -> None:
        """Something may not have been pushed: users read their heads, soon and once more after so
        many seconds, when the last of the others knows what has changed; what a dead owner left
        unfinished goes on."""
        ...

    def lost(self, node: str, shards: frozenset[int]) -> None:
        """Something from this node never arrived. What was to be pushed is read; sessions there
        must attach again, and those here with the actors of these shards, which live there."""
        ...

    def missing(self, shards: frozenset[int]) -> None:
        """Something never arrived at the node where these shards are: what the sessions here told
        the actors there is told again."""
        ...


class Nursery(Protocol):
    """Starts Sessions under supervision."""

    def start_session(self, connection: Connection) -> None:
        """Start a Session onto this connection; it is restarted onto it until it is ended.

        A Session that exceeds its restart intensity is given up: the outbox closes with 1011.
        """
        ...

    def end_session(self, name: str) -> None:
        """The connection is gone: the Session stops for good. Harmless twice."""
        ...


__all__ = [
    "Attachment",
    "Cluster",
    "Connection",
    "Directory",
    "Handover",
    "Leaver",
    "Nursery",
    "Outbox",
    "Residents",
    "Sink",
]
