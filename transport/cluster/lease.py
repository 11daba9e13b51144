"""A node's own lease: renewed again and again, and over before the others may think so.

beat -> renewal -> bus -> inside      -> granted: the lease begins anew, from when it was asked
                       -> not inside  -> refused
     -> nothing came back in time     -> over
     -> nothing ever did, for a lease -> over, too: it may have been granted, and have ended
"""

from __future__ import annotations

from typing import Protocol

from ...actors.runtime.system import ActorSystem
from ...actors.runtime.timers import Alarm
from .bus import Bus, Renewal, Standing
from .views import Tenure

#: How much of its lease a node gives away, so that it stops before the others think it gone.
MARGIN = 0.2


class Holder(Protocol):
    """Whose lease it is."""

    @property
    def membership(self) -> str:
        """The incarnation that has it, or wants it."""
        ...

    def renewal(self) -> Renewal:
        """What there is to say."""
        ...

    def granted(self, standing: Standing) -> None:
        """It holds, from now on again."""
        ...

    def refused(self, standing: Standing) -> None:
        """Who asked is not inside."""
        ...

    def over(self) -> None:
        """It may have ended, without a word from anybody."""
        ...


class Lease:
    """See the module.

    Attributes:
        lag_s: How long the last answer was under way.
        running: Between `start` and `stop`.
    """

    def __init__(self, bus: Bus, system: ActorSystem, holder: Holder) -> None:
        """It does not hold."""
        self.lag_s = 0.0
        self.running = False
        self._bus = bus
        self._system = system
        self._holder = holder
        self._tenure = Tenure(bus.lease_s, bus.lease_s * MARGIN)
        self._beat_at: Alarm | None = None
        self._end_at: Alarm | None = None
        self._granted = False
        #: When it was asked for first of all times to which no answer came in time.
        self._unheard_since: float | None = None

    def holds(self) -> bool:
        """Whether the holder may count on it now."""
        return self._tenure.holds(self._system.clock.monotonic())

    def start(self) -> None:
        """Ask for it, and go on asking."""
        self.running = True
        self._beat()

    def stop(self) -> None:
        """Ask no more; it ends by itself."""
        self.running = False
        for alarm in (self._beat_at, self._end_at):
            if alarm is not None:
                alarm.cancel()

    def end(self) -> None:
        """It is not counted on any more."""
        self._tenure.end()
        self._granted, self._unheard_since = False, None

    def renew(self) -> None:
        """Ask now."""
        if not self.running:
            return
        asked_at = self._system.clock.monotonic()
        if self._unheard_since is None:
            self._unheard_since = asked_at
        renewal = self._holder.renewal()
        who = renewal.member.incarnation
        self._bus.renew(renewal, lambda standing: self._renewed(who, asked_at, standing))

    def _beat(self) -> None:
        self._look()
        self.renew()
        self._beat_at = self._system.after(self._bus.renew_s, self._beat)

    def _look(self) -> None:
        since, now = self._unheard_since, self._system.clock.monotonic()
        unheard = since is not None and now - since >= self._bus.lease_s
        if not self.holds() and (self._granted or unheard):
            self.end()
            self._holder.over()

    def _renewed(self, who: str, asked_at: float, standing: Standing) -> None:
        now = self._system.clock.monotonic()
        if who != self._holder.membership or not self.running:
            return
        self.lag_s = now - asked_at
        if not standing.inside:
            self._unheard_since = None
            self._holder.refused(standing)
            return
        self._tenure.renewed(asked_at)
        if not self._tenure.holds(now):
            return  # the answer was under way for too long
        self._granted, self._unheard_since = True, None
        if self._end_at is not None:
            self._end_at.cancel()
        self._end_at = self._system.after(self._tenure.left_s(now), self._look)
        self._holder.granted(standing)


__all__ = ["MARGIN", "Holder", "Lease"]
