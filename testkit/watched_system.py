"""An actor system under a test's eyes: it writes a story, breaks when told to, tells who is gone.

    told -> WatchedRef -> mailbox -> WatchedTurns -> handler          WatchedEndings -> watchers
                 └──────────── story ────┴── crash faults ──────────────────┘

It is the real runtime; only its turns are one message long, so that each can be written down and
be a step that a fault strikes at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Self, TypeVar

from ..actors.runtime.dead_letters import DeadLetter, Reason
from ..actors.runtime.endings import Endings
from ..actors.runtime.exits import ExitListener
from ..actors.runtime.hooks import HookedActor
from ..actors.runtime.mailbox import NOTHING, Ask
from ..actors.runtime.ref import IDLE, NEW, QUEUED, RUNNING, LoopActorRef, Started, is_stop
from ..actors.runtime.system import ActorSystem
from ..actors.runtime.turns import Turns
from ..config.clock import Chance, Clock
from .story import Kind, Story, short

A = TypeVar("A", bound=HookedActor)

#: Called once when an actor is gone: its ref, and what it crashed with or None.
Watcher = Callable[[LoopActorRef[Any], BaseException | None], object]


class CrashFault(Exception):
    """What an actor crashes with when a fault says so."""


class Strike:
    """An actor is to crash at one of its steps.

    Attributes:
        seen: Messages that came to actors of this name, since it was asked for.
        over: It has struck as often as it should.
    """

    def __init__(self, name: str, at: int, *, after: bool = False, times: int = 1) -> None:
        """
        Args:
            name: The actor's; `*` stands for anything.
            at: Which of its messages, from 1.
            after: Once it has handled it; False before it could.
            times: How many messages in a row; so an actor that is restarted crashes again.
        """
        self.name = name
        self.at = at
        self.after = after
        self.seen = 0
        self._times = times
        self._off = False

    def call_off(self) -> None:
        """It strikes no more."""
        self._off = True

    @property
    def over(self) -> bool:
        """See the class."""
        return self._off or self.seen >= self.at + self._times - 1

    def meets(self, name: str) -> bool:
        """A message is about to be handled: whether this is the one."""
        if self.over or not fnmatchcase(name, self.name):
            return False
        self.seen += 1
        return self.seen >= self.at


class WatchedRef(LoopActorRef[A]):
    """A reference that writes down what is told."""

    __slots__ = ()

    system: WatchedSystem

    def tell(self, message: Any) -> None:
        """As any ref; never by the short way."""
        if self.system.is_here():
            if not self.is_alive():
                super().tell(message)
            self.post(message)
        else:
            super().tell(message)

    def put(self, message: Any) -> None:
        """As any mailbox."""
        super().put(message)
        self._note(message)

    def put_anyway(self, message: Any) -> None:
        """As any mailbox."""
        super().put_anyway(message)
        self._note(message)

    def _note(self, message: Any) -> None:
        if not is_stop(message):
            self.system.note("asked" if type(message) is Ask else "told", self.name, short(message))


class WatchedTurns(Turns):
    """Turns that are written down, and struck at."""

    def __init__(self, system: WatchedSystem) -> None:
        super().__init__(system.dispatcher, system.endings, system.counts, system.tasks)
        self._system = system

    def turn(self, ref: LoopActorRef[Any]) -> None:
        """As any turn."""
        actor, message = ref.actor, ref.first
        if actor is None or ref.state not in (QUEUED, NEW):
            return
        if ref.state == NEW:
            # Its first message has a turn of its own.
            self._system.working(ref, lambda: self._begin(ref, actor))
            return
        if message is NOTHING or is_stop(message) or _is_runtimes(message):
            self._system.working(ref, lambda: super(WatchedTurns, self).turn(ref))
            return
        strike = self._strike(ref, message)
        if strike is not None and not strike.after:
            ref.state = RUNNING
            self._struck(ref, ref.take())
            return
        self._system.working(ref, lambda: super(WatchedTurns, self).turn(ref))
        if strike is not None:
            self._struck(ref, None)

    def in_place(self, ref: LoopActorRef[Any], message: Any) -> None:
        """As any; an actor that a fault may strike gets its turn instead."""
        actor = ref.actor
        if (
            ref.state != IDLE
            or actor is None
            or actor.receives_async
            or self._in_place
            or type(message).__module__.startswith(("pykka", "hubbub.actors.runtime"))
            or not self._dispatcher.may_run_in_place()
            or self._system.may_be_struck(ref.name)
        ):
            ref.post(message)
            return
        self._system.note("told", ref.name, short(message))
        self._system.note("handles", ref.name, short(message))
        self._system.working(ref, lambda: super(WatchedTurns, self).in_place(ref, message))

    def _begin(self, ref: LoopActorRef[Any], actor: HookedActor) -> None:
        if self._start(ref, actor):
            self._rest(ref)

    def _strike(self, ref: LoopActorRef[Any], message: Any) -> Strike | None:
        self._system.note("handles", ref.name, short(message))
        return self._system.met(ref.name)

    def _struck(self, ref: LoopActorRef[Any], message: Any) -> None:
        if ref.actor is None:
            return
        self._system.note("fault", ref.name, "crashes now")
        reply = message.reply_to if type(message) is Ask else None
        task = self._endings.under_way.pop(ref, None)
        self._endings.crash(ref, CrashFault("a fault was asked for"), message, reply)
        if task is not None:
            task.cancel()


class WatchedEndings(Endings):
    """Endings that are written down and told to watchers."""

    def __init__(self, system: WatchedSystem) -> None:
        super().__init__(system.names, system.counts, system.dead_letters, system.tasks)
        self._system = system

    def _bury(
        self,
        ref: LoopActorRef[Any],
        reason: BaseException | None,
        letters: Reason,
        *,
        started: bool = True,
    ) -> None:
        kind: Kind = "killed" if letters == "killed" else "crashed" if reason else "stopped"
        self._system.note(kind, ref.name, _why(reason))
        super()._bury(ref, reason, letters, started=started)
        self._system.gone(ref, reason)


class WatchedSystem(ActorSystem):
    """See the module.

    It opens by itself at its first use on a running loop, so that a fixture may use it before the
    test begins.

    Attributes:
        label: Stands before the names of its actors in the story; "" for none.
        lost: Every dead letter.
        strikes: The crashes that are asked for; a kit's systems share them.
    """

    def __init__(
        self,
        story: Story,
        *,
        clock: Clock,
        chance: Chance | None = None,
        label: str = "",
        mailbox_limit: int = 10_000,
        shuffle: Callable[[list[Any]], None] | None = None,
    ) -> None:
        super().__init__(
            clock=clock,
            chance=chance,
            turn_budget=1,
            mailbox_limit=mailbox_limit,
            shuffle=shuffle,
        )
        self.label = label
        self.lost: list[DeadLetter] = []
        self.strikes: list[Strike] = []
        self.endings = WatchedEndings(self)
        self.turns = WatchedTurns(self)
        self.dispatcher.turn = self.turns.turn
        self.dead_letters.subscribe(self._letter)
        self._story = story
        self._working = ""
        self._names: set[str] = set()
        self._watchers: dict[LoopActorRef[Any], list[Watcher]] = {}

    async def __aenter__(self) -> Self:
        if self._loop is None:
            await super().__aenter__()
        return self

    def open(self) -> None:
        """Begin, if it has not begun; on the loop."""
        if self._loop is None and not self._stopping:
            # Nothing in it waits.
            entering = self.__aenter__()
            try:
                entering.send(None)
            except StopIteration:
                return

    @property
    def is_open(self) -> bool:
        """Whether it runs."""
        return self._loop is not None

    def start(
        self,
        cls: type[A],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        name: str | None = None,
        mailbox_limit: int | None = None,
        parent: ExitListener | None = None,
    ) -> LoopActorRef[A]:
        """As any system's; it opens first."""
        self.open()
        ref = super().start(cls, args, kwargs, name, mailbox_limit, parent)
        # The runtime makes its refs itself; a WatchedRef has no more in it than one of those.
        ref.__class__ = WatchedRef
        again = ref.name in self._names
        self._names.add(ref.name)
        self.note("restarted" if again else "started", ref.name, cls.__name__)
        return ref

    # --- watching -------------------------------------------------------------------------------

    def watch(self, ref: LoopActorRef[Any], watcher: Watcher) -> None:
        """Call once when this actor is gone; at once if it is."""
        if ref.actor is None:
            watcher(ref, None)
        else:
            self._watchers.setdefault(ref, []).append(watcher)

    def gone(self, ref: LoopActorRef[Any], reason: BaseException | None) -> None:
        """An actor is gone."""
        for watcher in self._watchers.pop(ref, ()):
            watcher(ref, reason)

    # --- the story ------------------------------------------------------------------------------

    def note(self, kind: Kind, name: str, what: str = "") -> None:
        """Something happened to an actor of this system, by the one that works just now."""
        by = self._working if kind in ("told", "asked") else ""
        self._story.note(kind, self.labelled(name), what, by)

    def labelled(self, name: str) -> str:
        """A name as the story has it."""
        return f"{self.label}/{name}" if self.label else name

    def working(self, ref: LoopActorRef[Any], work: Callable[[], object]) -> None:
        """Let an actor work; what is told meanwhile is told by it."""
        outer, self._working = self._working, self.labelled(ref.name)
        try:
            work()
        finally:
            self._working = outer

    def is_here(self) -> bool:
        """Whether this is the loop's own thread, and a loop runs."""
        return asyncio._get_running_loop() is self._loop  # pyright: ignore[reportPrivateUsage]

    def _letter(self, letter: DeadLetter) -> None:
        self.lost.append(letter)
        self.note("lost", letter.name, f"{short(letter.message)}: {letter.reason}")

    # --- faults ---------------------------------------------------------------------------------

    def may_be_struck(self, name: str) -> bool:
        """Whether a crash of this actor is still asked for."""
        return any(not s.over and fnmatchcase(name, s.name) for s in self.strikes)

    def met(self, name: str) -> Strike | None:
        """A message is about to be handled: what strikes, if anything does."""
        hit = [strike for strike in self.strikes if strike.meets(name)]
        return hit[0] if hit else None


def _is_runtimes(message: Any) -> bool:
    return type(message) is Ask and type(message.message) is Started


def _why(reason: BaseException | None) -> str:
    if reason is None:
        return ""
    text = f"{type(reason).__name__}: {reason}"
    return text if len(text) <= 120 else f"{text[:118]}.."


__all__ = [
    "CrashFault",
    "Strike",
    "WatchedEndings",
    "WatchedRef",
    "WatchedSystem",
    "WatchedTurns",
    "Watcher",
]
