"""How an actor ends, and who is told.

    stop, passivate   on_stop      -> asker of the stop -> leftovers -> parent, without reason
    crash             on_failure   -> asker of the message -> leftovers -> parent, with the reason
    kill              on_failure   -> leftovers -> parent, with the reason

The name is its own until the hook is through, so nobody else can come to life under it meanwhile;
only a passivated actor gives it up before. The parent is told synchronously: it can reserve the
name, or start a successor, before anybody notices. Those who monitor it, or are linked to it, hear
of it after that (`links`).

**Leftovers.** What waits in the mailbox of an actor that crashes belongs to the actor, and becomes
dead letters, unless its class says `keeps_mailbox`: then it belongs to the name, and goes to the
parent for the successor. That suits an actor whose state is in a store, addressed by name.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable
from typing import Any

import pykka
import structlog

from ...config.errors import ActorKilledError, HubbubError, StartError
from .counts import Counts
from .crash_report import shape_of
from .dead_letters import DeadLetters, Reason
from .exits import Exit
from .hooks import HookedActor
from .links import Links
from .mailbox import Ask, ReplyTo
from .names import Names
from .ref import DEAD, LEAVING, NEW, LoopActorRef, Started, is_stop
from .tasks import Tasks

log = structlog.get_logger(__name__)


class Endings:
    """Ends the actors of one system.

    Attributes:
        under_way: {ref: task} of all and only the actors that are suspended, or whose on_stop is.
        links: Who else is told.
    """

    def __init__(
        self, names: Names, counts: Counts, dead_letters: DeadLetters, tasks: Tasks
    ) -> None:
        self._names = names
        self._counts = counts
        self._dead_letters = dead_letters
        self._tasks = tasks
        self.under_way: dict[LoopActorRef[Any], asyncio.Task[None]] = {}
        self.links = Links(names)
        self.links.kill = self.kill
        self._watchers: list[asyncio.Future[None]] = []

    def finish(self, ref: LoopActorRef[Any], reply: ReplyTo | None = None) -> None:
        """Stop in order."""
        actor = ref.actor
        assert actor is not None, "only the living stop"
        ref.state = LEAVING
        try:
            result: Awaitable[None] | None = actor.on_stop()
        except Exception as error:  # noqa: BLE001 - it goes all the same
            self._log("actor_stop_failed", ref, error, None)
        else:
            if result is not None:
                task = self._tasks.start(self._finish_later(ref, result, reply), ref.name)
                self.under_way[ref] = task
                return
        self._finished(ref, reply)

    async def _finish_later(
        self, ref: LoopActorRef[Any], result: Awaitable[None], reply: ReplyTo | None
    ) -> None:
        try:
            await result
        except Exception as error:  # noqa: BLE001 - it goes all the same
            self._log("actor_stop_failed", ref, error, None)
        finally:
            self.under_way.pop(ref, None)
            self._finished(ref, reply)

    def _finished(self, ref: LoopActorRef[Any], reply: ReplyTo | None) -> None:
        if ref.state != DEAD:
            self._bury(ref, None, "stopped")
        if reply is not None:
            reply.set(None)

    def crash(
        self,
        ref: LoopActorRef[Any],
        error: BaseException,
        message: Any = None,
        reply: ReplyTo | None = None,
        *,
        starting: bool = False,
    ) -> None:
        """End by an exception.

        Args:
            message: What it was handling; only its type is logged.
            reply: Who asked, and now gets the exception.
            starting: It never got through on_start; then, as in pykka, no hook runs.
        """
        actor = ref.actor
        if actor is not None:
            ref.state = LEAVING
            self._counts.crashes[type(actor).__name__] += 1
            if not isinstance(error, StartError):
                # A start error is one line for an operator, told by whoever started all this.
                self._log("actor_crashed", ref, error, message)
            if not starting:
                self._fail(ref, actor, error)
        if reply is not None:
            reply.set_exception((type(error), error, error.__traceback__))
        if actor is not None and ref.state != DEAD:
            self._bury(ref, error, "crashed", started=not starting)

    def kill(self, ref: LoopActorRef[Any], reason: BaseException | None = None) -> bool:
        """End by force, at once: a handler under way is cancelled, what waits is not handled.

        Args:
            reason: None is an ActorKilledError.

        Returns: Whether it was alive.
        """
        if ref.actor is None:
            return False
        self._counts.killed += 1
        task = self.under_way.pop(ref, None)
        started = ref.state != NEW
        reason = reason or ActorKilledError(f"{ref} was killed")
        if started:
            self._fail(ref, ref.actor, reason)
        self._bury(ref, reason, "killed", started=started)
        if task is not None:
            task.cancel()
        return True

    def _fail(self, ref: LoopActorRef[Any], actor: HookedActor, error: BaseException) -> None:
        ref.state = LEAVING
        try:
            actor.on_failure(type(error), error, error.__traceback__)
        except Exception as another:  # noqa: BLE001 - it is going already
            self._log("actor_failure_hook_failed", ref, another, None)

    def discard(self, name: str, message: Any, reason: Reason) -> None:
        """A message nobody will handle: its asker hears of it, or it is a dead letter."""
        if is_stop(message):
            # Who wanted the actor stopped has what he wanted.
            if type(message) is Ask:
                message.reply_to.set(None)
        elif type(message) is Ask:
            error = pykka.ActorDeadError(f"{name} stopped before handling the message")
            message.reply_to.set_exception((type(error), error, None))
        else:
            self._dead_letters.add(reason, name, message)

    def one_gone(self) -> asyncio.Future[None]:
        """Resolves when the next actor is gone."""
        future = asyncio.get_running_loop().create_future()
        self._watchers.append(future)
        return future

    def _bury(
        self,
        ref: LoopActorRef[Any],
        reason: BaseException | None,
        letters: Reason,
        *,
        started: bool = True,
    ) -> None:
        self._names.forget(ref)
        keeps = (
            reason is not None and ref.parent is not None and ref.actor_class.keeps_mailbox
        )  # fmt: skip
        parent, ref.parent = ref.parent, None
        ref.state = DEAD
        ref.actor = None
        leftovers: list[Any] = []
        for message in ref.drain():
            if keeps and not is_stop(message) and not _asks_whether_started(message):
                leftovers.append(message)
            else:
                self.discard(ref.name, message, letters)
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)
        if parent is not None:
            try:
                parent(Exit(ref, ref.name, reason, leftovers, started))
            except Exception as error:  # noqa: BLE001 - a parent's fault is not this actor's
                self._log("exit_listener_failed", ref, error, None)
        if len(self.links):
            self.links.died(ref, reason)

    def _log(self, event: str, ref: LoopActorRef[Any], error: BaseException, message: Any) -> None:
        # Frames, types and shapes: neither an exception nor a message is quoted.
        log.error(
            event,
            actor=ref.name,
            kind=ref.actor_class.__name__,
            reason=type(error).__name__,
            says=str(error) if isinstance(error, HubbubError) else None,
            message=None if message is None else type(message).__name__,
            holds=None if message is None else shape_of(message),
            waiting=len(ref),
            traceback="".join(traceback.format_tb(error.__traceback__)),
        )


def _asks_whether_started(message: Any) -> bool:
    return type(message) is Ask and type(message.message) is Started


__all__ = ["Endings"]
