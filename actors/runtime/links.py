"""Who hears of whose death: monitors and links, by OTP's rules.

    monitor   one way    the watcher is told Down(monitor, ref, name, reason), once
    link      both ways  who crashes takes the other with it, for the same reason; a trapping actor
                         is told Exited(ref, name, reason) instead, of ordinary ends too

A monitor or a link is to a life, not to a name: an actor that its supervisor starts again is
another one. Nothing is kept of actors that have neither, and nothing of the dead.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ...config.errors import NoProcError
from .names import Names
from .ref import LoopActorRef

Ref: TypeAlias = LoopActorRef[Any]


class Monitor:
    """One watch of one actor by another; told apart from others by identity.

    Attributes:
        watcher: Who is told.
        target: Who is watched; None if there was nobody.
    """

    __slots__ = ("target", "watcher")

    def __init__(self, watcher: Ref, target: Ref | None) -> None:
        self.watcher = watcher
        self.target = target


@dataclass(frozen=True, slots=True)
class Down:
    """A monitored actor is gone.

    Attributes:
        ref: None if there was nobody to be monitored.
        reason: What it crashed with; None after an ordinary stop; NoProcError if it was not there.
    """

    monitor: Monitor = field(repr=False)
    ref: Ref | None = field(repr=False)
    name: str
    reason: BaseException | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Exited:
    """A linked actor is gone, told to one that traps exits; see `Down`."""

    ref: Ref | None = field(repr=False)
    name: str
    reason: BaseException | None = field(repr=False)


class Links:
    """The monitors and links of one system; on the loop only.

    Attributes:
        kill: Ends an actor for a reason; set by the endings.
    """

    kill: Callable[[Ref, BaseException], object]

    def __init__(self, names: Names) -> None:
        self._names = names
        #: {actor: its monitors, as target and as watcher}, in the order they were made.
        self._monitors: dict[Ref, dict[Monitor, None]] = {}
        #: {actor: those it is linked to}, both ways, in the order they were linked.
        self._links: dict[Ref, dict[Ref, None]] = {}
        self._trapping: set[Ref] = set()
        #: Those who go with another, in order.
        self._doomed: deque[tuple[Ref, BaseException]] = deque()
        self._carrying = False

    def __len__(self) -> int:
        """How many actors there is something to know of; 0 while nobody uses any of this."""
        return len(self._monitors) + len(self._links) + len(self._trapping)

    # --- monitors -------------------------------------------------------------------------------

    def monitor(self, watcher: Ref, target: Ref | str) -> Monitor:
        """Tell the watcher when the target is gone; at once if it is not there."""
        ref = self._find(target)
        monitor = Monitor(watcher, ref)
        if ref is None:
            name = _name(target)
            watcher.tell_if_alive(Down(monitor, None, name, NoProcError(name)))
        else:
            self._monitors.setdefault(ref, {})[monitor] = None
            self._monitors.setdefault(watcher, {})[monitor] = None
        return monitor

    def demonitor(self, monitor: Monitor, *, flush: bool = False) -> None:
        """End a monitor; harmless twice.

        Args:
            flush: Take a Down of it that waits already out of the watcher's mailbox.
        """
        for ref in (monitor.target, monitor.watcher):
            if ref is not None:
                _drop(self._monitors, ref, monitor)
        if flush:
            watcher = monitor.watcher
            for message in watcher.drain():
                if not (type(message) is Down and message.monitor is monitor):
                    watcher.put_anyway(message)

    # --- links ----------------------------------------------------------------------------------

    def link(self, one: Ref, target: Ref | str) -> None:
        """Tie two lives together; once, however often it is asked for.

        Where the target is not there, `one` ends (or is told) as if it had just crashed.
        """
        other = self._find(target)
        if other is None:
            name = _name(target)
            self._signal(one, None, name, NoProcError(name))
            self._carry_out()
        elif other is not one:
            self._links.setdefault(one, {})[other] = None
            self._links.setdefault(other, {})[one] = None

    def unlink(self, one: Ref, target: Ref | str) -> None:
        """Untie them; harmless if they are not linked."""
        other = self._find(target)
        if other is not None:
            _drop(self._links, one, other)
            _drop(self._links, other, one)

    def trap(self, ref: Ref, on: bool) -> None:
        """Whether this actor is told of the ends of those linked to it, and lives on."""
        if on and ref.actor is not None:
            self._trapping.add(ref)
        else:
            self._trapping.discard(ref)

    # --- the end of an actor --------------------------------------------------------------------

    def died(self, ref: Ref, reason: BaseException | None) -> None:
        """Tell those who are to know, and end those who go with it."""
        monitors = self._monitors.pop(ref, None)
        peers = self._links.pop(ref, None)
        self._trapping.discard(ref)
        for monitor in monitors or ():
            if monitor.target is ref:
                _drop(self._monitors, monitor.watcher, monitor)
                monitor.watcher.tell_if_alive(Down(monitor, ref, ref.name, reason))
            else:
                assert monitor.target is not None, "of nobody nothing is kept"
                _drop(self._monitors, monitor.target, monitor)
        for peer in peers or ():
            _drop(self._links, peer, ref)
            self._signal(peer, ref, ref.name, reason)
        self._carry_out()

    def _signal(self, to: Ref, ref: Ref | None, name: str, reason: BaseException | None) -> None:
        if to in self._trapping:
            to.tell_if_alive(Exited(ref, name, reason))
        elif reason is not None:
            self._doomed.append((to, reason))

    def _carry_out(self) -> None:
        # One after the other, never one inside the other: a chain of links may be long.
        if self._carrying:
            return
        self._carrying = True
        try:
            while self._doomed:
                self.kill(*self._doomed.popleft())
        finally:
            self._carrying = False

    def _find(self, target: Ref | str) -> Ref | None:
        ref = self._names.living.get(target) if isinstance(target, str) else target
        return None if ref is None or ref.actor is None else ref


def _name(target: Ref | str) -> str:
    return target if isinstance(target, str) else target.name


def _drop(table: dict[Ref, dict[Any, None]], key: Ref, entry: Any) -> None:
    entries = table.get(key)
    if entries is not None:
        entries.pop(entry, None)
        if not entries:
            del table[key]


__all__ = ["Down", "Exited", "Links", "Monitor"]
