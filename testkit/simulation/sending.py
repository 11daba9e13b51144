"""The sending half of a simulated client: chains of mutations, and what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ...config.ids import DeviceId, UserId
from ...transport.wire import bodies, frames
from .chain import Chain, Item, describe
from .chance import SeededChance
from .copy import Frame, Line
from .trace import Trace

#: What has no answer for so long is sent again (protocol, item 4).
SILENCE_S = 10.0
#: The most of one chain that is under way.
WINDOW = 12

#: Refusals that a client waits after, and then sends the same again.
PASSING = frozenset(("unavailable", "rate_limited"))


class Outgoing:
    """See the module; `Client` is the whole.

    Attributes:
        user, device: Who it is.
        asked: {id: (what, conversation, when)}: questions without an answer.
        chains: {where: Chain}.
        lost: Items whose fate was forgotten with the storage.
        forgot: It lost its storage at some time.
        faults: What the server did and must not.
    """

    def __init__(
        self,
        name: str,
        user: UserId,
        device: DeviceId,
        loop: asyncio.AbstractEventLoop,
        chance: SeededChance,
        trace: Trace,
    ) -> None:
        self.name = name
        self.user = user
        self.device = device
        self.loop = loop
        self.chance = chance
        self.trace = trace
        self.asked: dict[int, tuple[str, str, float]] = {}
        #: Questions that were asked once more: their answers may still come.
        self.retired: set[int] = set()
        self.chains: dict[str, Chain] = {}
        self.lost: list[tuple[str, Item]] = []
        self.forgot = False
        self.faults: list[str] = []
        #: Seconds at which it had to ask again since nobody answered.
        self.silences: list[float] = []
        #: {id: (chain, item, try)}
        self._sends: dict[int, tuple[Chain, Item, int]] = {}
        self._ids = 0
        self._silence: asyncio.TimerHandle | None = None
        self._pump_at: asyncio.TimerHandle | None = None

    def note(self, what: str, *about: Any) -> None:
        """A line of the trace."""
        self.trace.note(self.loop.time(), self.name, what, *about)

    @property
    def last_id(self) -> int:
        """The newest request's."""
        return self._ids

    def next_id(self) -> int:
        """A number that no request of this device had before."""
        self._ids += 1
        return self._ids

    # --- what the whole client has --------------------------------------------------------------

    def put(self, frame: frames.In) -> None:
        """Send a frame, if there is a connection."""
        raise NotImplementedError

    def took_own(self, c: str, s: int, line: Line, body: Frame | None) -> None:
        """An ack is the arrival of what was sent."""
        raise NotImplementedError

    def acknowledged(self, c: str, item: Item) -> None:
        """A mutation of a log is on record."""
        raise NotImplementedError

    def retry_asked(self, ask: int) -> None:
        """A question was refused, or not answered."""
        raise NotImplementedError

    @property
    def online(self) -> bool:
        """Whether something can be sent now."""
        raise NotImplementedError

    # --- mutations ------------------------------------------------------------------------------

    def chain(self, where: str) -> Chain:
        """The chain of a conversation, or "me"."""
        found = self.chains.get(where)
        if found is None:
            found = self.chains[where] = Chain(where)
        return found

    def add(
        self,
        where: str,
        what: str,
        content: str,
        make: Callable[[int, int, int], frames.Request],
        *,
        certain: bool = False,
    ) -> Item:
        """A mutation; it is sent until its fate is known."""
        item = Item(what, content, make, self.loop.time(), certain=certain)
        chain = self.chain(where)
        chain.add(item)
        self.note("makes", where, what, f"cid={item.cid}", content[:24])
        self.pump()
        return item

    def say(self, c: str, text: str, /) -> Item:
        """A text, in a conversation that it has in its list."""

        def make(number: int, cid: int, prev: int) -> frames.Request:
            return frames.Send(id=number, c=c, cid=cid, prev=prev, b=bodies.Text(text=text))

        return self.add(c, "text", text, make)

    def delete(self, c: str, s: int) -> Item:
        """An earlier text of a conversation is to be gone."""

        def make(number: int, cid: int, prev: int) -> frames.Request:
            return frames.Send(id=number, c=c, cid=cid, prev=prev, b=bodies.Delete(s=s))

        return self.add(c, "delete", str(s), make)

    @property
    def open_items(self) -> int:
        """How many have no fate yet."""
        return sum(len(chain.waiting) for chain in self.chains.values())

    def pump(self) -> None:
        """Send what is due."""
        if not self.online:
            return
        now = self.loop.time()
        soonest: float | None = None
        for chain in self.chains.values():
            if not chain.waiting:
                continue
            if chain.paused_until > now:
                soonest = min(soonest or chain.paused_until, chain.paused_until)
                continue
            for item, prev in chain.due(now, WINDOW):
                number = self.next_id()
                self._sends[number] = (chain, item, item.tries)
                frame = item.make(number, item.cid, prev)
                self.note("sends", f"#{number}", describe(frame))
                self.put(frame)
        if soonest is not None and (self._pump_at is None or self._pump_at.cancelled()):
            self._pump_at = self.loop.call_at(soonest + 0.001, self._pump_again)
        if self._silence is None and (self._sends or self.asked):
            self._silence = self.loop.call_later(SILENCE_S / 2, self._listen)

    def disconnected(self) -> None:
        """The connection is gone: nothing is under way on the next one."""
        self._sends.clear()
        self.asked.clear()
        self.retired.clear()
        for chain in self.chains.values():
            chain.again_all()
            chain.paused_until = 0.0
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def abandon(self) -> None:
        """Forget every chain; what had no fate keeps none."""
        for chain in self.chains.values():
            for item in list(chain.waiting):
                chain.unknown(item, "forgotten")
            self.lost.extend((chain.where, item) for item in chain.done)
        self.chains.clear()

    def _pump_again(self) -> None:
        self._pump_at = None
        self.pump()

    def _listen(self) -> None:
        self._silence = None
        now = self.loop.time()
        for number, (chain, item, tried) in list(self._sends.items()):
            overdue = item.sent_at is not None and item.sent_at <= now - SILENCE_S
            if overdue and item.tries == tried and item.fate == "open":
                self.note("silence", f"#{number}", chain.where, item.cid)
                self.silences.append(now)
                chain.again_from(item.cid)
        for ask, (_, _, at) in list(self.asked.items()):
            if at <= now - SILENCE_S:
                self.silences.append(now)
                self.retry_asked(ask)
        self.pump()

    # --- answers --------------------------------------------------------------------------------

    def answered(self, frame: Frame) -> None:
        """An ack, ok or conv."""
        if self.asked.pop(frame["re"], None) is not None:
            return  # a watch
        sent = self._sends.pop(frame["re"], None)
        if sent is None:
            if frame["re"] not in self.retired:
                self.faults.append(f"an answer to nothing: {frame}")
            return
        chain, item, _ = sent
        if frame["t"] == "ack":
            self._acked(chain, item, frame)
        else:
            self.note(frame["t"], f"#{frame['re']}", chain.where, item.what, f"cid={item.cid}")
            chain.acked(item)

    def _acked(self, chain: Chain, item: Item, frame: Frame) -> None:
        c, s, ts, cid = frame["c"], frame["s"], frame["ts"], frame["cid"]
        self.note("ack", f"#{frame['re']}", c, f"cid={cid}", f"s={s}", frame["dup"] and "dup")
        if cid not in item.cids or c != chain.where:
            self.faults.append(f"an ack of something else: {frame}, for {item.cids}")
            return
        if item.fate == "acked":
            if (item.seq, item.ts) != (s, ts):
                self.faults.append(f"{c} cid={cid} was acknowledged as {item.seq} and as {s}")
            return
        item.seq, item.ts = s, ts
        chain.acked(item)
        self.acknowledged(c, item)
        body = item.make(0, cid, 0)
        shown: Frame | None = None
        if isinstance(body, frames.Send):
            shown = _plain(body)
        self.took_own(c, s, Line(self.user, self.device, cid, ts), shown)

    def refused(self, frame: Frame) -> None:
        """An err."""
        re, code = frame.get("re"), frame["code"]
        if re in self.asked:
            self.note("err", f"#{re}", *self.asked[re][:2], code)
            what, c, _ = self.asked[re]
            if code in (*PASSING, "internal"):
                self.retry_asked(re)
            else:
                del self.asked[re]
                self.denied(what, c, code)
            return
        sent = self._sends.pop(re, None) if re is not None else None
        if sent is None:
            if re not in self.retired:
                self.faults.append(f"an error for nothing: {frame}")
            return
        chain, item, tried = sent
        self.note("err", f"#{re}", chain.where, item.what, f"cid={item.cid}", code)
        if item.fate != "open" or item.tries != tried or item.sent_at is None:
            return  # an answer to an older try
        self._judge(chain, item, frame, code)

    def _judge(self, chain: Chain, item: Item, frame: Frame, code: str) -> None:
        match code:
            case "resend":
                last = frame.get("last", 0)
                if last < chain.committed:
                    self.faults.append(
                        f"{chain.where}: resend after {last}, {chain.committed} was acknowledged"
                    )
                chain.base = last
                chain.again_all()
            case "cid_old" | "cid_used":
                if not self.forgot:
                    self.faults.append(f"{chain.where}: {code} for cid {item.cid}, an honest one")
                chain.renumber(item, frame.get("last", 0))
            case "internal":
                chain.unknown(item, code)
            case _ if code in PASSING:
                chain.again_from(item.cid)
                chain.paused_until = self.loop.time() + (frame.get("retry") or 300) / 1000
            case _:
                chain.refused(item, code)
                # What was sent behind it named it as its `prev`.

    def denied(self, what: str, c: str, code: str) -> None:
        """A question was refused for good."""
        raise NotImplementedError


def _plain(frame: frames.Send) -> Frame:
    body = frame.b
    kind = body.__struct_config__.tag
    return {"k": kind, **{name: getattr(body, name) for name in body.__struct_fields__}}


__all__ = ["PASSING", "SILENCE_S", "WINDOW", "Outgoing"]
