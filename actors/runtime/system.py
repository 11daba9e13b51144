"""The actor system: everything that lives on one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from threading import get_ident
from types import TracebackType
from typing import Any, Self, TypeVar

import pykka
from pykka._envelope import Envelope

from ...config.clock import Chance, Clock, LoopClock, SystemChance
from ...config.errors import AskTimeoutError, MailboxFullError, UnavailableError
from ...config.units import MILLISECONDS, SECONDS
from .afar import Afar
from .counts import Counts
from .current import enter, leave
from .dead_letters import DeadLetters, Reason
from .dispatcher import Dispatcher
from .endings import Endings
from .exits import ExitListener
from .future import LoopFuture
from .hooks import HookedActor
from .mailbox import Ask
from .names import Activator, Names, Reservation
from .ref import DEAD, IDLE, LEAVING, RUNNING, LoopActorRef
from .tasks import Tasks
from .timers import Alarm, Timers
from .turns import Turns

A = TypeVar("A", bound=HookedActor)
T = TypeVar("T")

#: Passes of the loop in which nothing may move before a system counts as settled.
QUIET_PASSES = 20


class ActorSystem:
    """Actors on one running loop. `async with ActorSystem() as system: ...`

    All methods are for the loop's own thread; from other threads, refs can be told and asked.

    Attributes:
        clock, chance: Time and random numbers for everybody in here.
        names: Who is called what.
        dead_letters: Messages nobody took.
        tasks: Starts asyncio tasks.
        timers: Alarms by the clock.
        counts: What the runtime counts.
        thread: The loop's thread.
        dispatcher, turns, endings, afar: The runtime's own parts.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        chance: Chance | None = None,
        mailbox_limit: int = 10_000,
        turn_budget: int = 64,
        slice_budget_s: float = 5 * MILLISECONDS,
        shuffle: Callable[[list[Any]], None] | None = None,
    ) -> None:
        """Prepare a system; entering it starts it.

        Args:
            mailbox_limit: Messages that wait for one actor, unless `spawn` says otherwise.
            turn_budget: Messages that one actor handles before another has its turn.
            slice_budget_s: How long actors run before sockets and timers have their turn.
            shuffle: Orders the ready queue, round by round, in place; None is first come, first
                served. A seeded one makes an unfair schedule that can be replayed.
        """
        self.clock = clock or LoopClock()
        self.chance = chance or SystemChance()
        self.names = Names()
        self.counts = Counts()
        self.dead_letters = DeadLetters()
        self.tasks = Tasks()
        self.timers = Timers(self.clock)
        self.afar = Afar(self.dead_letters)
        self.dispatcher = Dispatcher(self.clock, turn_budget, slice_budget_s, shuffle)
        self.endings = Endings(self.names, self.counts, self.dead_letters, self.tasks)
        self.turns = Turns(self.dispatcher, self.endings, self.counts, self.tasks)
        self.dispatcher.turn = self.turns.turn
        self.thread = 0
        self._mailbox_limit = mailbox_limit
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self.thread = get_ident()
        self.afar.open(self._loop)
        self.dispatcher.open(self._loop)
        enter(self._loop, self)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    # --- life -----------------------------------------------------------------------------------

    def spawn(
        self,
        cls: type[A],
        *args: Any,
        name: str | None = None,
        mailbox_limit: int | None = None,
        parent: ExitListener | None = None,
        **kwargs: Any,
    ) -> LoopActorRef[A]:
        """Start an actor; its `__init__` runs now, its `on_start` in its first turn.

        Args:
            name: None makes one up. A reserved name comes with what waits under it.
            mailbox_limit: None is the system's.
            parent: Hears of the actor's end, once.
            args, kwargs: For the constructor.

        Raises:
            UnavailableError: The system is not running, or stops.
            ValueError: A living actor has this name.
        """
        return self.start(cls, args, kwargs, name, mailbox_limit, parent)

    def start(
        self,
        cls: type[A],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        name: str | None = None,
        mailbox_limit: int | None = None,
        parent: ExitListener | None = None,
    ) -> LoopActorRef[A]:
        """`spawn`, for a constructor whose arguments have names of spawn's own."""
        if self._loop is None or self._stopping:
            raise UnavailableError("The actor system is not running.")
        names = self.names
        if name is None:
            name = names.anonymous(cls)
        elif name in names.living:
            raise ValueError(f"the name {name} is taken")
        actor = cls.__new__(cls)
        limit = self._mailbox_limit if mailbox_limit is None else mailbox_limit
        ref = LoopActorRef(self, actor, name, limit, parent)
        actor._actor_ref = ref  # pyright: ignore[reportPrivateUsage]
        cls.__init__(actor, *args, **kwargs)
        names.bind(ref)
        self.dispatcher.ready(ref)
        return ref

    def lookup(self, name: str) -> LoopActorRef[Any] | None:
        """The living actor of this name."""
        return self.names.living.get(name)

    def passivate(self, actor: HookedActor) -> bool:
        """Stop an actor that has nothing to do, so that its next message activates it anew.

        Nothing waits for it, or nothing happens. Its name is free at once, and its `on_stop` runs
        now, or at the end of its handler: an `async def on_stop` may overlap with a successor.

        Returns: Whether it goes; False if messages wait, or it is suspended or not yet started.
        """
        ref = actor.actor_ref
        if len(ref) or ref.state not in (IDLE, RUNNING):
            return False
        self.names.forget(ref)
        if ref.state == RUNNING:
            ref.state = LEAVING
        else:
            self.endings.finish(ref)
        return True

    def kill(self, ref: LoopActorRef[Any]) -> bool:
        """End an actor by force: a handler under way is cancelled, only `on_failure` runs.

        Returns: Whether it was alive.
        """
        return self.endings.kill(ref)

    # --- messages -------------------------------------------------------------------------------

    def tell(
        self, name: str, message: Any, *, in_place: bool = False, activate: bool = True
    ) -> bool:
        """Tell the actor of this name.

        Args:
            in_place: Let it handle the message now, if it is idle.
            activate: Bring it to life if need be; False tells only the living, and then a message
                for nobody is not a dead letter.

        Returns: Whether the message is in a mailbox, or was handled.

        Raises:
            MailboxFullError: No room.
        """
        ref = self.names.living.get(name)
        if ref is None or ref.state >= LEAVING:
            return self._tell_stranger(name, ref, message, activate)
        if in_place:
            self.turns.in_place(ref, message)
        else:
            ref.post(message)
        return True

    def tell_living(self, names: Iterable[str], message: Any) -> list[str]:
        """Tell those of these that live, in place where they are idle; the others miss it.

        Returns: Those that had no room for it.
        """
        living, reserved = self.names.living, self.names.reserved
        in_place = self.turns.in_place
        full: list[str] = []
        for name in names:
            ref = living.get(name)
            try:
                if ref is not None:
                    if ref.state < LEAVING:
                        in_place(ref, message)
                elif name in reserved:
                    self._tell_stranger(name, None, message, False)
            except MailboxFullError:
                full.append(name)
        return full

    def _tell_stranger(
        self, name: str, ref: LoopActorRef[Any] | None, message: Any, activate: bool
    ) -> bool:
        reason: Reason = "unknown" if ref is None else "stopped"
        if ref is None:
            held = self.names.reserved.get(name)
            if held is None and activate and not self._stopping:
                activator = self.names.activator(name)
                if activator is not None:
                    activator(name)
                    ref = self.names.living.get(name)
                    # A child that could not start is held until its next try.
                    held = self.names.reserved.get(name)
            if ref is not None and ref.state < LEAVING:
                ref.post(message)
                return True
            if held is not None:
                if held.keeps:
                    held.put(message)
                    return True
                reason = "restarting"
        if activate and type(message) is not Ask:
            self.dead_letters.add(reason, name, message)
        return False

    async def ask(
        self, target: str | pykka.ActorRef[Any], message: Any, *, timeout_s: float
    ) -> Any:
        """Ask the actor of this name, or any pykka actor by its ref, without blocking the loop.

        A ThreadingActor, too, answers to the loop; its own `ask` would hold the loop's thread.

        Raises:
            AskTimeoutError: No answer in time; what the actor does is not undone.
            pykka.ActorDeadError: There is no such actor, or it ended before it came to it.
            MailboxFullError: No room.
            Exception: What its handler raised.
        """
        future: LoopFuture[Any] = LoopFuture()
        if isinstance(target, str):
            if not self.tell(target, Ask(message, future)):
                raise pykka.ActorDeadError(f"{target} not found")
        elif isinstance(target, LoopActorRef):
            target.tell(Ask(message, future))
        elif target.is_alive():
            target.actor_inbox.put(Envelope(message, reply_to=future))
        else:
            raise pykka.ActorDeadError(f"{target} not found")
        return await self.within(future, timeout_s)

    async def within(self, future: LoopFuture[T], timeout_s: float) -> T:
        """Await a future, but no longer than this, by the system's clock.

        Raises:
            AskTimeoutError: Not done in time; the future is left as it is.
        """
        if not future.done:
            arrival = future.arrival()
            alarm = self.timers.after(timeout_s, _time_out, arrival)
            try:
                await arrival
            finally:
                alarm.cancel()
        return await future

    def set_activator(self, prefix: str, activate: Activator) -> None:
        """Let names of this prefix come to life by their first message.

        Args:
            prefix: What stands before the first ":" of a name.
            activate: Spawns the actor of this name, or has it spawned by a supervisor (which may
                hold the name until it succeeds). What it raises, the teller gets.
        """
        self.names.set_activator(prefix, activate)

    # --- for supervisors ------------------------------------------------------------------------

    def reserve(self, name: str, leftovers: list[Any], *, keeps: bool, limit: int) -> None:
        """Hold a free name until an actor is spawned under it: no message activates another.

        Args:
            leftovers: What waits already, in order.
            keeps: Whether further messages wait too, up to `limit`; else they are dead letters.
        """
        self.names.reserve(name, Reservation(limit, keeps, leftovers))

    def release(self, name: str) -> None:
        """Give up a reserved name; what waits under it is dead letters."""
        self.discard(name, self.names.release(name))

    def discard(self, name: str, leftovers: list[Any]) -> None:
        """Give up messages: their askers hear of it, the others are dead letters."""
        for message in leftovers:
            self.endings.discard(name, message, "given_up")

    def after(self, delay_s: float, call: Callable[..., object], *args: Any) -> Alarm:
        """Call after this many seconds of the system's clock."""
        return self.timers.after(delay_s, call, *args)

    def at_turn_end(self, callback: Callable[[], object]) -> None:
        """Call once when the running slice of the ready queue ends; soon, if none runs."""
        self.dispatcher.at_turn_end(callback)

    # --- the end --------------------------------------------------------------------------------

    async def settle(self, *, suspended_too: bool = False) -> None:
        """Wait until no actor has anything to do; for tests.

        Args:
            suspended_too: Wait for handlers that await something, too. Without it, an actor that
                waits for the world (a thread, a virtual clock) has nothing to do.
        """
        quiet = 0
        while quiet < QUIET_PASSES:
            before = self.dispatcher.turns
            await asyncio.sleep(0)
            waits = suspended_too and bool(self.endings.under_way)
            busy = self.dispatcher.busy or self.afar.busy or self.dispatcher.turns != before
            quiet = 0 if busy or waits else quiet + 1

    async def stop(self, timeout_s: float | None = 10 * SECONDS) -> None:
        """Stop everything: no actor, task or timer is left. Harmless twice.

        Actors without a parent stop first, so that supervisors stop their children in order; then
        all others; what is left is killed.

        Args:
            timeout_s: Seconds of real time: a virtual clock may have nobody to move it. None is as
                if the process were killed: no `on_stop` runs.
        """
        if (loop := self._loop) is None or self._stopping:
            return
        self._stopping = True
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                for roots_only in (True, False) if timeout_s is not None else ():
                    await self._stop_all(roots_only=roots_only)
        for ref in list(self.names.living.values()):
            self.endings.kill(ref)
        for name in list(self.names.reserved):
            self.release(name)
        self.dispatcher.end()
        self.timers.stop()
        await self.tasks.stop()
        self.afar.close()
        leave(loop, self)
        self._loop = None

    async def _stop_all(self, *, roots_only: bool) -> None:
        # None comes to life any more, so one look finds all.
        going = [ref for ref in self.names.living.values() if ref.parent is None or not roots_only]
        for ref in going:
            ref.stop(block=False)
        while going:
            if going[-1].state == DEAD:
                going.pop()
            else:
                await self.endings.one_gone()


def _time_out(arrival: asyncio.Future[None]) -> None:
    if not arrival.done():
        arrival.set_exception(AskTimeoutError())


__all__ = ["QUIET_PASSES", "ActorSystem"]
