"""A probe: an actor that a test holds, and asks what it was told.

probe = kit.probe()
counter.tell(Subscribe(probe.ref))
assert (await probe.expect(Changed)).value == 1
await probe.expect_nothing()
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from ..actors.runtime.actor import LoopActor
from ..actors.runtime.ref import LoopActorRef
from ..config.units import SECONDS
from .auto_clock import AutoClock
from .clock import done
from .story import Story, short
from .watched_system import WatchedSystem

T = TypeVar("T")

#: How long a probe waits, in virtual time.
WITHIN_S = 3 * SECONDS


class ExpectationError(AssertionError):
    """Something that was expected did not happen, or something did that was not."""


@dataclass(frozen=True, slots=True)
class Gone:
    """An actor that is watched has ended.

    Attributes:
        ref, name: The actor's.
        reason: What it crashed with, or was killed by; None after an ordinary stop.
    """

    ref: LoopActorRef[Any]
    name: str
    reason: BaseException | None


class ProbeActor(LoopActor):
    """What stands behind a probe's ref."""

    def __init__(self, heard: Callable[[Any], Any]) -> None:
        super().__init__()
        self._heard = heard

    def on_receive(self, message: Any) -> Any:
        """Keep it, and answer."""
        return self._heard(message)


class Probe:
    """See the module. Its actor starts when its `ref` is first asked for.

    Attributes:
        waiting: What it was told and the test has not expected yet, in order.
        answer: What it answers when it is asked: a function of the message; None answers None.
    """

    def __init__(self, system: WatchedSystem, clock: AutoClock, story: Story, name: str) -> None:
        self.waiting: list[Any] = []
        self.answer: Callable[[Any], Any] | None = None
        self._system = system
        self._clock = clock
        self._story = story
        self._name = name
        self._ref: LoopActorRef[ProbeActor] | None = None
        self._came: asyncio.Future[None] | None = None

    @property
    def ref(self) -> LoopActorRef[ProbeActor]:
        """What others tell; on the loop."""
        if self._ref is None:
            self._ref = self._system.spawn(ProbeActor, self._hear, name=self._name)
        return self._ref

    @property
    def name(self) -> str:
        """What it is called in its system."""
        return self.ref.name

    def watch(self, target: LoopActorRef[Any] | str) -> LoopActorRef[Any]:
        """Be told `Gone` once this actor has ended; at once if it has.

        Raises:
            LookupError: Nobody of this name lives.
        """
        ref = self._system.lookup(target) if isinstance(target, str) else target
        if ref is None:
            raise LookupError(f"nobody called {target} lives")
        me = self.ref
        self._system.watch(ref, lambda ref, why: me.tell_if_alive(Gone(ref, ref.name, why)))
        return ref

    async def expect(
        self,
        kind: type[T],
        *,
        within: float = WITHIN_S,
        where: Callable[[T], object] | None = None,
    ) -> T:
        """The first message of this type that waits, or comes; it waits no longer.

        What came before it stays, to be expected later.

        Args:
            within: Virtual seconds. Time passes only when nobody has anything to do.
            where: Which of them.

        Raises:
            ExpectationError: None came.
        """

        def wanted(message: Any) -> bool:
            return isinstance(message, kind) and (where is None or bool(where(message)))

        loop = asyncio.get_running_loop()
        late: asyncio.Future[None] = loop.create_future()
        timer = self._clock.call_later(within, lambda: done(late))
        __tracebackhide__ = True
        self.ref  # noqa: B018 - it lives from now on
        seen = 0
        try:
            while True:
                for n in range(seen, len(self.waiting)):
                    if wanted(self.waiting[n]):
                        return cast(T, self.waiting.pop(n))
                seen = len(self.waiting)
                if late.done():
                    break
                self._came = loop.create_future()
                await asyncio.wait((late, self._came), return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            late.cancel()
            self._came = None
        which = " as wanted" if where is not None else ""
        raise self._failure(f"no {kind.__name__}{which} came within {within:g} s")

    async def expect_nothing(self, within: float = WITHIN_S) -> None:
        """Let this much virtual time pass; nothing may wait already, and nothing come.

        Raises:
            ExpectationError: Something did.
        """
        __tracebackhide__ = True
        self.ref  # noqa: B018 - it lives from now on
        if not self.waiting:
            await self._clock.sleep(within)
        if self.waiting:
            raise self._failure("nothing was expected")

    def forget(self) -> list[Any]:
        """What waits, which waits no longer."""
        waiting, self.waiting = self.waiting, []
        return waiting

    def _hear(self, message: Any) -> Any:
        self.waiting.append(message)
        if self._came is not None:
            done(self._came)
        return None if self.answer is None else self.answer(message)

    def _failure(self, what: str) -> ExpectationError:
        waits = ", ".join(short(message) for message in self.waiting) or "nothing"
        story = self._story.told([self._system.labelled(self.name)])
        return ExpectationError(
            f"{what}; {self.name} was told: {waits}\nWhat happened, of those concerned:\n{story}"
        )


__all__ = ["WITHIN_S", "ExpectationError", "Gone", "Probe", "ProbeActor"]
