"""How others hold an actor: a reference that can be told and asked, from any thread.

It is the actor's mailbox too, and what the runtime knows of it: one object an actor, which matters
by the million. It outlives the actor, which it lets go of at its end.
"""

from __future__ import annotations

import uuid
from threading import get_ident
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeVar, overload

import pykka
from pykka.messages import _ActorStop  # pyright: ignore[reportPrivateUsage]

from ...config.clock import Chance
from ...config.errors import MailboxFullError
from .counts import Counts
from .future import LoopFuture
from .mailbox import NOTHING, Ask, Mailbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from pykka._envelope import Envelope

A = TypeVar("A", bound=pykka.Actor)

#: An actor's states, in the order of a life. From LEAVING on nothing reaches it any more.
NEW: Final = 0  # on_start has not begun; in the ready queue
IDLE: Final = 1  # nothing to do
QUEUED: Final = 2  # has messages; in the ready queue
RUNNING: Final = 3  # its handler is on the stack
SUSPENDED: Final = 4  # a task awaits what its handler returned
LEAVING: Final = 5  # on_stop or on_failure is to run or runs
DEAD: Final = 6


class Started:
    """The runtime's question whether an actor is through its start."""

    __slots__ = ()


class ReadyQueue(Protocol):
    """Where an actor that has something to do waits for its turn."""

    def ready(self, ref: LoopActorRef[Any], /) -> None: ...


class Helper(Protocol):
    """Who can let an actor work at once, within another's turn."""

    def help(self, ref: LoopActorRef[Any], future: LoopFuture[Any], /) -> None: ...


class WayIn(Protocol):
    """How a message comes from another thread."""

    def send(self, ref: LoopActorRef[Any], message: Any, /) -> None: ...
    def send_if_alive(self, ref: LoopActorRef[Any], message: Any, /) -> bool: ...


class Home(Protocol):
    """What a reference needs of its actor's system; see `ActorSystem`."""

    @property
    def thread(self) -> int: ...
    @property
    def chance(self) -> Chance: ...
    @property
    def counts(self) -> Counts: ...
    @property
    def dispatcher(self) -> ReadyQueue: ...
    @property
    def turns(self) -> Helper: ...
    @property
    def afar(self) -> WayIn: ...


class LoopActorRef(Mailbox, pykka.ActorRef[A]):
    """A reference to a LoopActor.

    Attributes:
        name: What it is called in its system.
        actor_class: The actor's class.
        system, actor, parent, state: For the runtime alone. `actor` is None once it is dead.
            `parent` is an `ExitListener`.
    """

    __slots__ = ("actor", "actor_class", "name", "parent", "state", "system")

    def __init__(
        self,
        system: Home,
        actor: A,
        name: str,
        limit: int,
        parent: Callable[[Any], None] | None,
    ) -> None:
        # Not pykka's: it would copy four attributes and make a weak reference.
        self.first = NOTHING
        self.rest = None
        self.limit = limit
        self.system = system
        self.actor: A | None = actor
        self.actor_class = type(actor)
        self.name = name
        self.parent = parent
        self.state: int = NEW

    def __str__(self) -> str:
        return f"{self.actor_class.__name__} ({self.name})"

    # A mailbox has a length, but a reference to an actor without messages is not false.
    def __bool__(self) -> bool:
        return True

    # --- pykka's attributes ---------------------------------------------------------------------

    @property
    def actor_urn(self) -> str:  # type: ignore[override]  # made only for those who ask
        """Unique for ever: a restarted actor has another."""
        urn: str = self.__dict__.get("urn") or self.__dict__.setdefault(
            "urn", uuid.UUID(bytes=self.system.chance.token(16), version=4).urn
        )
        return urn

    @property
    def actor_inbox(self) -> Inbox:  # type: ignore[override]  # a view: the mailbox is the ref
        """pykka's view of the mailbox."""
        return Inbox(self)

    @property
    def actor_stopped(self) -> StoppedView:  # type: ignore[override]  # an Event weighs 1.3 KB
        """pykka's view of the actor's end."""
        return StoppedView(self)

    @property
    def _actor_weakref(self) -> Callable[[], A | None]:  # type: ignore[override]  # for ActorProxy
        return lambda: self.actor

    def is_alive(self) -> bool:
        """Whether it takes messages."""
        return self.state < LEAVING

    # --- messages -------------------------------------------------------------------------------

    def tell(self, message: Any) -> None:
        """Queue a message; from any thread.

        Raises:
            pykka.ActorDeadError: The actor is gone.
            MailboxFullError: No room.
        """
        if get_ident() != self.system.thread:
            self.system.afar.send(self, message)
        elif self.state >= LEAVING:
            raise pykka.ActorDeadError(f"{self} not found")
        elif (rest := self.rest) is not None and len(rest) < self.limit - 1:
            # Others wait already, so its turn is coming: this is all that `post` would do.
            rest.append(message)
        else:
            self.post(message)

    def tell_if_alive(self, message: Any) -> bool:
        """Queue what the actor itself has under way: a timer, the outcome of its own work.

        Such a message is bounded by what the actor began, so a full mailbox takes it too; for a
        dead actor nothing happens.

        Returns: Whether it was queued.
        """
        if get_ident() != self.system.thread:
            return self.system.afar.send_if_alive(self, message)
        if self.state >= LEAVING:
            return False
        self.put_anyway(message)
        if self.state == IDLE:
            self.state = QUEUED
            self.system.dispatcher.ready(self)
        return True

    @overload
    def ask(
        self, message: Any, *, block: Literal[False], timeout: float | None = None
    ) -> LoopFuture[Any]: ...
    @overload
    def ask(self, message: Any, *, block: Literal[True], timeout: float | None = None) -> Any: ...
    @overload
    def ask(
        self, message: Any, *, block: bool = True, timeout: float | None = None
    ) -> Any | LoopFuture[Any]: ...
    def ask(  # pyright: ignore[reportIncompatibleMethodOverride] # a narrower kind of future
        self, message: Any, *, block: bool = True, timeout: float | None = None
    ) -> Any | LoopFuture[Any]:
        """Queue a message that is answered; from any thread.

        Args:
            block: False returns a future, to be awaited. True waits for the answer; on the loop's
                own thread this works only where the actor can answer at once (see `future`).
            timeout: Seconds to block; None is for ever.

        Raises:
            pykka.ActorDeadError, MailboxFullError: By the future, or at once if `block`.
        """
        future: LoopFuture[Any] = LoopFuture(self)
        self._ask(message, future)
        return future.get(timeout=timeout) if block else future

    def _ask(self, message: Any, future: LoopFuture[Any]) -> None:
        try:
            if get_ident() != self.system.thread:
                self.system.afar.send(self, Ask(message, future))
            elif self.state >= LEAVING:
                raise pykka.ActorDeadError(f"{self} not found")
            else:
                self.post(Ask(message, future))
        except (pykka.ActorDeadError, MailboxFullError):
            future.set_exception()

    @overload
    def stop(self, *, block: Literal[True], timeout: float | None = None) -> bool: ...
    @overload
    def stop(self, *, block: Literal[False], timeout: float | None = None) -> LoopFuture[bool]: ...
    @overload
    def stop(
        self, *, block: bool = True, timeout: float | None = None
    ) -> bool | LoopFuture[bool]: ...
    def stop(self, *, block: bool = True, timeout: float | None = None) -> bool | LoopFuture[bool]:
        """Ask it to stop after the messages that wait already.

        Returns: Whether it was alive; or a future of that.
        """
        asked: LoopFuture[Any] = LoopFuture(self)
        self._ask(_ActorStop(), asked)

        def was_alive(timeout: float | None) -> bool:
            try:
                asked.get(timeout=timeout)
            except pykka.ActorDeadError:
                return False
            return True

        stopped = asked.derive(was_alive)
        return stopped.get(timeout=timeout) if block else stopped

    def started(self) -> LoopFuture[None]:
        """A future that is done when the actor is through its start; on the loop only.

        It ends with ActorDeadError if the start fails.
        """
        future: LoopFuture[None] = LoopFuture(self)
        if self.state >= LEAVING:
            future.set_exception((None, pykka.ActorDeadError(f"{self} not found"), None))
        elif self.state in (NEW, SUSPENDED):
            self.put_first(Ask(Started(), future))
        else:
            future.set(None)
        return future

    # --- for the runtime ------------------------------------------------------------------------

    def help(self, future: LoopFuture[Any]) -> None:
        """On the loop, let the actor work until this future is done, or it cannot go on at once."""
        if get_ident() == self.system.thread:
            self.system.turns.help(self, future)

    def post(self, message: Any) -> None:
        """Queue a message for a living actor; on the loop only.

        Raises:
            MailboxFullError: No room. A stop always has room.
        """
        try:
            self.put(message)
        except MailboxFullError:
            if not is_stop(message):
                self.system.counts.full += 1
                raise
            self.put_anyway(message)
        if self.state == IDLE:
            self.state = QUEUED
            self.system.dispatcher.ready(self)


class Inbox:
    """pykka's view of a mailbox, for those who deliver its envelopes themselves."""

    __slots__ = ("_ref",)

    def __init__(self, ref: LoopActorRef[Any]) -> None:
        self._ref = ref

    def put(self, envelope: Envelope[Any], /) -> None:
        """Deliver, as `tell` or `ask` would."""
        if envelope.reply_to is None:
            self._ref.tell(envelope.message)
        else:
            self._ref.tell(Ask(envelope.message, envelope.reply_to))

    def get(self) -> Envelope[Any]:
        """Only the dispatcher takes messages out."""
        raise RuntimeError("the dispatcher hands a LoopActor its messages")

    def empty(self) -> bool:
        """Whether nothing waits."""
        return len(self._ref) == 0


class StoppedView:
    """What pykka's `actor_stopped` event is asked for."""

    __slots__ = ("_ref",)

    def __init__(self, ref: LoopActorRef[Any]) -> None:
        self._ref = ref

    def is_set(self) -> bool:
        """Whether the actor has stopped."""
        return not self._ref.is_alive()


def is_stop(message: Any) -> bool:
    """Whether this asks the actor to stop."""
    if type(message) is Ask:
        message = message.message
    return type(message) is _ActorStop


__all__ = [
    "DEAD",
    "IDLE",
    "LEAVING",
    "NEW",
    "QUEUED",
    "RUNNING",
    "SUSPENDED",
    "Helper",
    "Home",
    "Inbox",
    "LoopActorRef",
    "ReadyQueue",
    "Started",
    "StoppedView",
    "WayIn",
    "is_stop",
]
