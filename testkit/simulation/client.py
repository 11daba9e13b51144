"""A device of a person that keeps every rule of docs/protocol: one connection, one state.

    offline -> connecting -> hello -> welcome -> sync -> online      and back, with jitter
    behind, heads, a gap of a second, a page with more -> hist
    10 s without an answer, resend, unavailable        -> send again

No task: everything is a call of the loop. `Outgoing` sends, `Incoming` reads, this one connects.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from ...config.ids import DeviceId, UserId
from ...transport.wire import frames
from .chance import SeededChance
from .copy import Frame
from .reading import Deletions, Incoming
from .trace import Trace
from .wire import Channel

#: Silence after which a client asks whether anybody is there (item 11).
QUIET_S = 25.0
PONG_S = 5.0
#: Codes that end a connection in the ordinary course of things.
ORDINARY = frozenset((1000, 1001, 1005, 1006, 1011, 1012, 4429, 4503, 4508))

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Net(Protocol):
    """How a client reaches a node."""

    def connect(self, client: Client) -> Channel | None:
        """A way to the node that this client should use now; None when none answers."""
        ...


class Client(Incoming):
    """See the module.

    Attributes:
        name: For people; "u2d1".
        phase: "off", "connecting", "signing", "on"; "out" once signed out for good.
        peers: {user: state} of those it watches.
        told_off: {user: when it was told last that this one is offline}.
        stays: It does not lose its connection by itself.
    """

    def __init__(
        self,
        name: str,
        user: UserId,
        device: DeviceId,
        loop: asyncio.AbstractEventLoop,
        net: Net,
        chance: SeededChance,
        trace: Trace,
        deletions: Deletions,
        *,
        cut: int = 0,
        page: int = 50,
    ) -> None:
        super().__init__(name, user, device, loop, chance, trace, deletions, page=page)
        self.phase = "off"
        self.peers: dict[str, str] = {}
        self.told_off: dict[UserId, float] = {}
        self.watching: tuple[list[str], list[str]] = ([], [])
        self.wants: bool = False
        self.welcomes = 0
        self.signed_out_at: float | None = None
        self._net = net
        self._cut = cut
        self._attempt = 0
        self._inst = f"{name}-1"
        self._insts = 1
        self._failures = 0
        self._link: Channel | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._heard_at = 0.0

    # --- life -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Want to be connected from now on."""
        self.wants = True
        self._reconnect(self.chance.uniform(0, 1))

    def rest(self) -> None:
        """Go, and do not come back by itself."""
        self.wants = False
        self.hang_up("rests")

    def hang_up(self, why: str) -> None:
        """Lose the connection, as a phone does."""
        link = self._link
        if link is not None:
            self.note("hangs up", why)
            link.leave()
            self._lost()

    def forget(self) -> None:
        """Lose what is stored: the browser was cleared. What was under way is anybody's guess."""
        self.note("forgets")
        self.hang_up("lost storage")
        self.abandon()
        self.forget_copies()
        self._insts += 1
        self._inst = f"{self.name}-{self._insts}"
        self._attempt = 0
        self.forgot = True

    @property
    def failures(self) -> int:
        """Connections in a row that came to nothing."""
        return self._failures

    @property
    def link(self) -> Channel | None:
        """The connection, if there is one."""
        return self._link

    @property
    def online(self) -> bool:
        """Whether it was welcomed and has its list."""
        return self.phase == "on"

    def _reconnect(self, wait_s: float) -> None:
        if self.wants and self.phase == "off":
            self.phase = "waiting"
            self.loop.call_later(wait_s, self._connect)

    def _connect(self) -> None:
        if self.phase != "waiting":
            return
        self.phase = "off"
        if not self.wants:
            return
        self._attempt += 1
        link = self._net.connect(self)
        if link is None:
            self._failures += 1
            self._reconnect(self.backoff_s())
            return
        self.phase = "connecting"
        self._link = link
        self.later(10.0, self._no_welcome, link)

    def backoff_s(self) -> float:
        """How long it waits before it connects again: jitter, wider with each failure."""
        return self.chance.uniform(0.2, min(8.0, 0.5 * 2 ** min(self._failures, 5)))

    def _no_welcome(self, link: Channel) -> None:
        if self._link is link and self.phase != "on":
            self.hang_up("no welcome")
            self._failures += 1

    def _lost(self) -> None:
        self._link = None
        if self.phase != "out":
            self.phase = "off"
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self.reading_ends()
        self.disconnected()
        self._reconnect(self.backoff_s())

    def later(self, delay_s: float, call: Callable[..., object], *args: Any) -> None:
        if len(self._timers) > 64:
            now = self.loop.time()
            self._timers = [t for t in self._timers if t.when() > now and not t.cancelled()]
        self._timers.append(self.loop.call_later(delay_s, call, *args))

    def token(self) -> str:
        """What it signs in with."""
        return f"{self.user} {self.device}"

    # --- the link's side ------------------------------------------------------------------------

    def opened(self, link: Channel) -> None:
        """See `wire.Peer`."""
        if link is self._link:
            self.phase = "signing"
            link.send(
                _encode(
                    frames.Hello(
                        v=1,
                        token=self.token(),
                        device=self.device,
                        client="sim/1",
                        inst=self._inst,
                        try_=self._attempt,
                        cut=self._cut,
                    )
                )
            )

    def ended(self, link: Channel, code: int) -> None:
        """See `wire.Peer`."""
        if link is not self._link:
            return
        self.note("closed", code)
        if code == 4403:
            self.phase = "out"
            self.wants = False
            self.abandon()
            if self.signed_out_at is None:
                self.faults.append("it was told that it is signed out, and is not")
        elif not self._may_be(code, link):
            self.faults.append(f"its connection was closed with {code}")
        self._failures += 1
        self._lost()

    def _may_be(self, code: int, link: Channel) -> bool:
        if code == 4408:
            return link.unsure  # or its hello did come
        return code in ORDINARY or (code == 4409 and self._insts > 1)

    def received(self, link: Channel, payload: bytes) -> None:
        """See `wire.Peer`."""
        if link is not self._link:
            return
        self._heard_at = self.loop.time()
        found: Frame | list[Frame] = _decode(payload)
        for frame in found if isinstance(found, list) else [found]:
            self._take(frame)
            if self._link is not link:
                return
        self.pump()

    def put(self, frame: frames.In) -> None:
        """Send a frame, if there is a connection."""
        if self._link is not None and self.phase == "on":
            self._link.send(_encode(frame))

    # --- frames in ------------------------------------------------------------------------------

    def _take(self, frame: Frame) -> None:
        match frame["t"]:
            case "msg":
                self.message(frame)
            case "ack" | "ok" | "conv":
                self.answered(frame)
            case "err":
                self.refused(frame)
            case "page":
                self.paged(frame)
            case "heads":
                self.listed(frame)
            case "behind":
                self.note("behind", frame["convs"])
                for c, head in frame["convs"].items():
                    self.want(c, head)
            case "welcome":
                self._welcomed(frame)
            case "list":
                if frame["lv"] > self.lv:
                    self.sync_soon()
            case "pres":
                self.peers[frame["u"]] = frame["st"]
                if frame["st"] == "off":
                    self.told_off[frame["u"]] = self.loop.time()
            case "bye":
                self.later(frame["after"] / 1000, self.hang_up, "bye")
            case _:
                pass

    def _welcomed(self, frame: Frame) -> None:
        self.note("welcome", frame["node"], "mine", frame["mine"])
        if self.signed_out_at is not None and self.loop.time() > self.signed_out_at + 5:
            self.faults.append("it was welcomed after it was signed out")
        self.phase = "on"
        self.welcomes += 1
        self._failures = 0
        me = self.chain("me")
        if frame["mine"] < me.committed:
            self.faults.append(f"welcome says mine={frame['mine']}, not {me.committed}")
        if self.forgot:
            me.base = max(me.base, frame["mine"])
        self.sync()
        if any(self.watching):
            self.ask_watch()
        self.later(QUIET_S, self._quiet)

    def _quiet(self) -> None:
        """Nothing was heard for a while: is anybody there?"""
        link, silent_s = self._link, self.loop.time() - self._heard_at
        if link is None:
            return
        if silent_s < QUIET_S - 0.001:
            self.later(QUIET_S - silent_s, self._quiet)
        else:
            self.put(frames.Ping())
            self.later(PONG_S, self._no_pong, link, self._heard_at)
            self.later(PONG_S + 0.001, self._quiet)

    def _no_pong(self, link: Channel, heard_at: float) -> None:
        if self._link is link and self._heard_at == heard_at:
            self.hang_up("no pong")

    # --- watching -------------------------------------------------------------------------------

    def watch(self, users: list[str], convs: list[str]) -> None:
        """Have these on the screen."""
        self.watching = (users, convs)
        self.peers.clear()
        self.ask_watch()

    def ask_watch(self) -> None:
        ask = self.next_id()
        self.asked[ask] = ("watch", "", self.loop.time())
        users, convs = self.watching
        self.put(frames.Watch(id=ask, users=users, convs=convs))


__all__ = ["Client", "Net"]
