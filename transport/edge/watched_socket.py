"""A socket that is watched: whether anybody is still there, reads, and may be.

    nothing heard -> ping -> ping -> gone           any byte is a sign of life
    takes nothing -> 30 s -> gone                   a little is enough
    token, bye    -> their time -> close

While it takes nothing, or is not read, its silence says nothing and is not counted.
"""

from __future__ import annotations

import math
from typing import Final

from ...config.units import SECONDS
from ..wire import out_frames
from ..wire.codes import CloseCode
from .framing import PING_FRAME
from .signed_in import SignedIn
from .web_socket import Phase, WebSocket

#: How long a socket may take nothing at all.
STUCK_S: Final = 30 * SECONDS
#: Pings without an answer after which nobody is there.
MISSES: Final = 2


class WatchedSocket(WebSocket):
    """A WebSocket with the device that signed in on it."""

    __slots__ = ("_device", "_heard", "_leave", "_misses", "_stuck_bytes")

    def __init__(self) -> None:
        super().__init__()
        self._device: SignedIn | None = None
        #: Monotonic seconds when the client was last heard, and pings since without an answer.
        self._heard = 0.0
        self._misses = 0
        #: What the socket's buffer held when it was last looked at.
        self._stuck_bytes = 0
        #: When the client has to be gone after `bye`, and the close if it is not.
        self._leave: tuple[float, int, str] | None = None

    # --- asyncio's side -------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """The socket's buffer is full."""
        if self._device is not None:
            self._device.outbox.pause()
            if self._phase == Phase.OPEN and not self._device.outbox.closing:
                self._stuck_bytes = self._transport.get_write_buffer_size()
                self._set_deadline(STUCK_S)

    def resume_writing(self) -> None:
        """The socket's buffer has room again."""
        if self._device is not None:
            if self._phase == Phase.OPEN and not self._device.outbox.closing:
                self._deadline = math.inf
            self._device.outbox.resume()

    # --- closing --------------------------------------------------------------------------------

    def close(self, code: int, reason: str) -> None:
        """Close with this code after what is queued."""
        if self._phase <= Phase.LINE:
            self._note(code)
            self.abort()
        elif self._device is not None:
            self._device.outbox.close(code, reason)
        else:
            self.send_close(code, reason)

    def bye(self, after_s: float, code: int, reason: str) -> None:
        """Ask the client to go within these seconds; close then, if it has not."""
        device = self._device
        if device is None or not device.welcomed:
            self.close(code, reason)
        else:
            device.outbox.keep(
                device.outbox.lane.renderer.frame(out_frames.Bye(after=round(after_s * 1000)))
            )
            self._leave = (self.shared.clock.monotonic() + after_s, code, reason)
            self._look_again()

    def _last_words(self) -> None:
        """Write what is queued as far as it goes, and nothing after it."""
        if self._device is not None:
            self._device.outbox.flush()
            self._device.outbox.lost()

    # --- time -----------------------------------------------------------------------------------

    def _hear(self, now: float) -> None:
        self._heard = now
        self._misses = 0

    def expires(self) -> None:
        """The token has a new end."""
        self._look_again()

    def on_time(self, now: float) -> float | None:
        """The wheel's call: the deadline, else what a signed-in device has to be looked at for."""
        device = self._device
        if self._phase == Phase.OPEN and device is not None and now < self._deadline:
            self._check(now, device)
        return super().on_time(now)

    def _check(self, now: float, device: SignedIn) -> None:
        device.rest(now)
        if self.shared.clock.now_ms() >= device.expires_ms:
            device.outbox.close(CloseCode.UNAUTHENTICATED, "The token has expired.")
        elif self._leave is not None and now >= self._leave[0]:
            _, code, reason = self._leave
            device.outbox.close(code, reason)
        elif not self._reading or device.outbox.paused:
            self._hear(now)
        elif now >= self._ping_due():
            if self._misses >= MISSES:
                self.abort()
                return
            self._misses += 1
            self._transport.write(PING_FRAME)

    def _overdue(self, now: float) -> None:
        device = self._device
        if self._phase == Phase.HELLO:
            self.close(CloseCode.NO_HELLO, "No hello in time.")
        elif self._phase == Phase.SIGNING_IN:
            self.close(CloseCode.GAVE_UP, "Not possible just now.")
        elif self._phase != Phase.OPEN or device is None or device.outbox.closing:
            self.abort()
        elif self._transport.get_write_buffer_size() < self._stuck_bytes:
            # Slow, but it moves.
            self._stuck_bytes = self._transport.get_write_buffer_size()
            self._deadline = now + STUCK_S
        else:
            device.outbox.lost()
            self.send_close(CloseCode.STUCK, "What was sent was not read.")

    def _ping_due(self) -> float:
        return self._heard + (self._misses + 1) * self.shared.heartbeat_s

    def _due(self) -> float | None:
        device = self._device
        if self._phase != Phase.OPEN or device is None or device.outbox.closing:
            return super()._due()
        clock = self.shared.clock
        left_s = (device.expires_ms - clock.now_ms()) / 1000
        due = min(self._deadline, self._ping_due(), clock.monotonic() + max(0.0, left_s))
        return due if self._leave is None else min(due, self._leave[0])


__all__ = ["MISSES", "STUCK_S", "WatchedSocket"]
