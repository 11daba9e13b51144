"""An actor's turn: it starts, handles messages up to its budget, answers, waits.

A handler that returns an awaitable suspends its actor: a task finishes it, the mailbox waits, and
others run. So a hot message can stay synchronous, and only a rare one costs a task.
"""

from __future__ import annotations

import queue
from collections.abc import Awaitable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pykka
from pykka import messages
from pykka._introspection import get_attr_directly
from pykka.messages import _ActorStop  # pyright: ignore[reportPrivateUsage]

from ...config.errors import Refusal
from .counts import Counts
from .dispatcher import Dispatcher
from .endings import Endings
from .future import LoopFuture
from .hooks import HookedActor
from .mailbox import NOTHING, Ask, ReplyTo
from .ref import DEAD, IDLE, LEAVING, NEW, QUEUED, RUNNING, SUSPENDED, LoopActorRef, Started
from .tasks import Tasks

if TYPE_CHECKING:
    import asyncio

#: Messages that the runtime itself has to do with; all others go straight to on_receive.
_CONTROL = frozenset(
    (Ask, _ActorStop, messages.ProxyCall, messages.ProxyGetAttr, messages.ProxySetAttr)
)


class Turns:
    """Runs the actors of one system."""

    def __init__(
        self, dispatcher: Dispatcher, endings: Endings, counts: Counts, tasks: Tasks
    ) -> None:
        self._dispatcher = dispatcher
        self._endings = endings
        self._counts = counts
        self._tasks = tasks
        self._in_place = False

    def turn(self, ref: LoopActorRef[Any]) -> None:
        """Let this actor handle what waits, up to its budget."""
        dispatcher = self._dispatcher
        actor = ref.actor
        if actor is None or ref.state not in (QUEUED, NEW):
            return  # It ended, or had its turn within another's.
        if ref.state == NEW and not self._start(ref, actor):
            return
        if ref.rest is not None:
            self._counts.waited(ref.actor_class.__name__, len(ref))
        ref.state = RUNNING
        receive = actor.on_receive
        while (message := ref.first) is not NOTHING:
            # As `take` does it; a call more for each message would be a tenth of its cost.
            if (rest := ref.rest) is None:
                ref.first = NOTHING
            else:
                ref.first = rest.popleft()
                if not rest:
                    ref.rest = None
            dispatcher.budget -= 1
            if type(message) in _CONTROL:
                self._control(ref, actor, message)
            else:
                try:
                    result = receive(message)
                except Refusal:
                    self._counts.refusals += 1
                except BaseException as error:  # noqa: BLE001 - the actor's edge
                    self._crash(ref, error, message)
                    return
                else:
                    if result is not None and _awaits(result):
                        self._suspend(ref, result, message)
                        return
            if ref.state != RUNNING:
                self._leave(ref)
                return
            if dispatcher.budget <= 0:
                break
        self._rest(ref)

    def in_place(self, ref: LoopActorRef[Any], message: Any) -> None:
        """Let an idle actor handle this message now; queue it where that may not be.

        One level deep: what an actor that runs in place tells in place is queued. It may not enter
        an `async def` handler, which could only be begun by a task anyway.
        """
        dispatcher = self._dispatcher
        actor = ref.actor
        if (
            ref.state != IDLE
            or self._in_place
            or actor is None
            or actor.receives_async
            or type(message) in _CONTROL
            or not dispatcher.may_run_in_place()
        ):
            ref.post(message)
            return
        dispatcher.budget -= 1
        ref.state = RUNNING
        self._in_place = True
        try:
            result = actor.on_receive(message)
        except Refusal:
            self._counts.refusals += 1
        except BaseException as error:  # noqa: BLE001 - the actor's edge: the teller goes on
            self._crash(ref, error, message)
            return
        else:
            if result is not None and _awaits(result):
                self._suspend(ref, result, message)
                return
        finally:
            self._in_place = False
        if ref.state != RUNNING:
            self._leave(ref)
        elif ref.first is NOTHING:
            ref.state = IDLE
        else:
            self._rest(ref)

    def help(self, ref: LoopActorRef[Any], future: LoopFuture[Any]) -> None:
        """Let an actor work until this future is done, or it cannot go on at once."""
        outer, self._in_place = self._in_place, False
        try:
            while not future.done and ref.state in (NEW, QUEUED):
                lent = self._dispatcher.lend()
                try:
                    self.turn(ref)
                finally:
                    self._dispatcher.restore(lent)
        finally:
            self._in_place = outer

    # --- steps of a turn ------------------------------------------------------------------------

    def _start(self, ref: LoopActorRef[Any], actor: HookedActor) -> bool:
        ref.state = RUNNING
        try:
            result = actor.on_start()
        except BaseException as error:  # noqa: BLE001 - the actor's edge
            self._crash(ref, error, starting=True)
            return False
        if result is not None and _awaits(result):
            self._suspend(ref, result, starting=True)
            return False
        if ref.state != RUNNING:
            self._leave(ref)
            return False
        return True

    def _control(self, ref: LoopActorRef[Any], actor: HookedActor, message: Any) -> None:
        reply: ReplyTo | None = None
        if type(message) is Ask:
            reply = message.reply_to
            message = message.message
        if type(message) is _ActorStop:
            self._endings.finish(ref, reply)
            return
        try:
            result = _perform(actor, message)
        except Refusal as refusal:
            self._refuse(refusal, reply)
        except BaseException as error:  # noqa: BLE001 - the actor's edge
            self._crash(ref, error, message, reply)
        else:
            # An attribute that could be awaited is a value, not something to do.
            if type(message) is not messages.ProxyGetAttr and _awaits(result):
                self._suspend(ref, result, message, reply)
            elif reply is not None:
                reply.set(result)

    def _rest(self, ref: LoopActorRef[Any]) -> None:
        if ref.first is NOTHING:
            ref.state = IDLE
        else:
            ref.state = QUEUED
            self._dispatcher.ready(ref)

    def _leave(self, ref: LoopActorRef[Any]) -> None:
        # LEAVING without a task: it passivated itself in its handler, and goes now. Otherwise it
        # is suspended, or gone, and somebody else has taken care.
        if ref.state == LEAVING and ref not in self._endings.under_way:
            self._endings.finish(ref)

    def _crash(
        self,
        ref: LoopActorRef[Any],
        error: BaseException,
        message: Any = None,
        reply: ReplyTo | None = None,
        *,
        starting: bool = False,
    ) -> None:
        self._endings.crash(ref, error, message, reply, starting=starting)
        if isinstance(error, KeyboardInterrupt):
            raise error

    def _refuse(self, refusal: Refusal, reply: ReplyTo | None) -> None:
        if reply is None:
            self._counts.refusals += 1
        else:
            reply.set_exception((type(refusal), refusal, refusal.__traceback__))

    # --- suspension -----------------------------------------------------------------------------

    def _suspend(
        self,
        ref: LoopActorRef[Any],
        awaitable: Awaitable[Any],
        message: Any = None,
        reply: ReplyTo | None = None,
        *,
        starting: bool = False,
    ) -> None:
        if ref.state == DEAD:
            _close(awaitable)
            _answer_dead(ref, reply)
            return
        leaving = ref.state == LEAVING
        ref.state = SUSPENDED
        task = self._tasks.start(
            self._complete(ref, awaitable, message, reply, leaving, starting), ref.name
        )
        self._endings.under_way[ref] = task
        task.add_done_callback(partial(self._abandoned, ref, awaitable, reply))

    async def _complete(
        self,
        ref: LoopActorRef[Any],
        awaitable: Awaitable[Any],
        message: Any,
        reply: ReplyTo | None,
        leaving: bool,
        starting: bool,
    ) -> None:
        try:
            result = await awaitable
        except BaseException as error:  # noqa: BLE001 - the actor's edge
            if ref.state == DEAD:
                _answer_dead(ref, reply)
                return
            self._endings.under_way.pop(ref, None)
            if not isinstance(error, Refusal) or starting:
                self._crash(ref, error, message, reply, starting=starting)
                return
            self._refuse(error, reply)
        else:
            if reply is not None:
                reply.set(result)
            if ref.state == DEAD:
                return
            self._endings.under_way.pop(ref, None)
        self._dispatcher.turns += 1
        if leaving:
            self._endings.finish(ref)
        else:
            self._rest(ref)

    def _abandoned(
        self,
        ref: LoopActorRef[Any],
        awaitable: Awaitable[Any],
        reply: ReplyTo | None,
        task: asyncio.Task[None],
    ) -> None:
        # A task that is cancelled before its first step never enters `_complete`.
        if task.cancelled():
            _close(awaitable)
            _answer_dead(ref, reply)
            self._endings.kill(ref)


def _perform(actor: HookedActor, message: Any) -> Any:
    """What pykka's base does with a message, with the rare kinds last."""
    if isinstance(message, messages.ProxyCall):
        return get_attr_directly(actor, message.attr_path)(*message.args, **message.kwargs)
    if isinstance(message, messages.ProxyGetAttr):
        return get_attr_directly(actor, message.attr_path)
    if isinstance(message, messages.ProxySetAttr):
        parent = get_attr_directly(actor, message.attr_path[:-1])
        return setattr(parent, message.attr_path[-1], message.value)
    if isinstance(message, Started):
        return None
    return actor.on_receive(message)


def _awaits(result: object) -> bool:
    # A pykka.Future is a value here, as for any pykka actor: the asker gets the future.
    return hasattr(type(result), "__await__") and not isinstance(result, pykka.Future)


def _close(awaitable: Any) -> None:
    # A coroutine that never ran warns when it is dropped.
    close = getattr(awaitable, "close", None)
    if close is not None:
        close()


def _answer_dead(ref: LoopActorRef[Any], reply: ReplyTo | None) -> None:
    if reply is not None:
        error = pykka.ActorDeadError(f"{ref} stopped before handling the message")
        # A handler that kills its own actor and then returns has answered already.
        with suppress(queue.Full):
            reply.set_exception((type(error), error, None))


__all__ = ["Turns"]
