"""Messages from other threads: queued for the loop, which is woken once for many."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import pykka

from ...config.errors import MailboxFullError
from .dead_letters import DeadLetters
from .mailbox import Ask
from .ref import LoopActorRef, is_stop


class Afar:
    """The way in for other threads. Order holds for each sending thread.

    A message is checked when it is sent, as well as another thread can know, and again when it
    arrives; one that arrives for a dead actor or a full mailbox is a dead letter, or an answer.
    """

    def __init__(self, dead_letters: DeadLetters) -> None:
        self._dead_letters = dead_letters
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue: deque[tuple[LoopActorRef[Any], Any, bool]] = deque()
        self._woken = False

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take messages for this loop."""
        self._loop = loop

    def close(self) -> None:
        """Take none any more; those under way arrive."""
        self._loop = None
        self.arrive()

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return bool(self._queue)

    def send(self, ref: LoopActorRef[Any], message: Any) -> None:
        """From any other thread.

        Raises:
            pykka.ActorDeadError: The actor, or its system, is gone.
            MailboxFullError: No room in the mailbox, or on the way to it.
        """
        if not ref.is_alive():
            raise pykka.ActorDeadError(f"{ref} not found")
        if len(ref) + len(self._queue) >= ref.limit and not is_stop(message):
            raise MailboxFullError(ref.limit)
        self._send(ref, message, False)

    def send_if_alive(self, ref: LoopActorRef[Any], message: Any) -> bool:
        """From any other thread; see `LoopActorRef.tell_if_alive`."""
        if not ref.is_alive():
            return False
        try:
            self._send(ref, message, True)
        except pykka.ActorDeadError:
            return False
        return True

    def _send(self, ref: LoopActorRef[Any], message: Any, own: bool) -> None:
        loop = self._loop
        if loop is None or loop.is_closed():
            raise pykka.ActorDeadError(f"{ref} not found: its system has stopped")
        self._queue.append((ref, message, own))
        # Set after the append and cleared before the queue is read, so that either this thread
        # wakes the loop or the loop still finds the message.
        if not self._woken:
            self._woken = True
            loop.call_soon_threadsafe(self.arrive)

    def arrive(self) -> None:
        """On the loop: deliver what came."""
        self._woken = False
        while self._queue:
            ref, message, own = self._queue.popleft()
            if own:
                ref.tell_if_alive(message)
            elif not ref.is_alive():
                self._return(ref, message)
            else:
                try:
                    ref.post(message)
                except MailboxFullError as full:
                    if type(message) is Ask:
                        message.reply_to.set_exception((type(full), full, full.__traceback__))
                    else:
                        self._dead_letters.add("full", ref.name, message)

    def _return(self, ref: LoopActorRef[Any], message: Any) -> None:
        if type(message) is Ask:
            error = pykka.ActorDeadError(f"{ref} not found")
            message.reply_to.set_exception((type(error), error, None))
        else:
            self._dead_letters.add("stopped", ref.name, message)


__all__ = ["Afar"]
