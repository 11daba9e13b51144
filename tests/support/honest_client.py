"""A client that keeps every rule of the protocol: outbox, resending, syncing, reconnecting.

It remembers what it was promised (acks) and what it saw, so that a checker can hold the server's
log against it. What must never happen raises, or is noted in `faults`.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection, connect

from .chain import Chain, Sent
from .log_copy import Line, LogCopy, body_of
from .ws_client import Frame, Person, frames_of

#: A gap older than this is read from the log (protocol, item 5).
GAP_S = 1.0
#: A send without an answer is sent again (protocol, item 4).
SILENCE_S = 10.0


class HonestClient:
    """One device of a person.

    Attributes:
        chains: {where: Chain}, where it sends: a conversation, or a person.
        logs: {conversation: LogCopy}.
        connections: How often it was welcomed.
        refusals: How often each code was the answer to a send.
        faults: What the server did and must not.
    """

    def __init__(
        self,
        person: Person,
        seed: int,
        *,
        backoff_s: float = 0.3,
        on_ack: Callable[[], None] = lambda: None,
    ) -> None:
        self.person = person
        self.chains: dict[str, Chain] = {}
        self.logs: dict[str, LogCopy] = {}
        self.connections = 0
        self.refusals: Counter[str] = Counter()
        self.faults: list[str] = []
        self._random = random.Random(seed)
        self._backoff_s = backoff_s
        self._on_ack = on_ack
        self._lv = 0
        self._sync = 0
        self._attempt = 0
        self._inst = f"start-{seed}"
        self._id = 0
        self._ws: ClientConnection | None = None
        self._wake = asyncio.Event()
        self._changed = asyncio.Condition()
        #: {id: (chain, send, its try)}: sends that wait for an answer on this connection.
        self._sends: dict[int, tuple[Chain, Sent, int]] = {}
        #: {id: conversation}: pages that are being read.
        self._reads: dict[int, str] = {}
        #: {(c, s)} pushed on this connection.
        self._pushed: set[tuple[str, int]] = set()
        #: {id(chain): not before}, in the loop's time.
        self._paused: dict[int, float] = {}
        #: What runs beside the reading of this connection.
        self._tasks: set[asyncio.Task[None]] = set()

    # --- what a test does with it ---------------------------------------------------------------

    def send(self, where: str, text: str) -> Sent:
        """Hand a text to the outbox; it is sent until it is acknowledged or refused."""
        sent = self.chains.setdefault(where, Chain()).add({"k": "text", "text": text})
        self._wake.set()
        return sent

    async def until(self, done: Callable[[], bool], within_s: float = 60.0) -> None:
        """Wait until something holds of this client."""
        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(done)

    async def welcomed(self) -> None:
        """Wait until it is connected for the first time."""
        await self.until(lambda: self.connections > 0)

    async def acked(self, count: int) -> None:
        """Wait until so many sends were acknowledged."""
        await self.until(lambda: self.acks >= count)

    async def all_acked(self) -> None:
        """Wait until nothing that was handed in is open."""
        await self.until(lambda: self.unacked == 0)

    async def has(self, c: str, s: int) -> None:
        """Wait until everything of a conversation up to this seq has come."""
        await self.until(lambda: c in self.logs and self.logs[c].last >= s)

    @property
    def unacked(self) -> int:
        """Sends whose fate is open."""
        return sum(len(chain.waiting) for chain in self.chains.values())

    @property
    def acks(self) -> int:
        """Sends that were acknowledged."""
        return sum(s.ack is not None for chain in self.chains.values() for s in chain.done)

    def break_off(self) -> None:
        """Lose the connection, as a phone does."""
        if self._ws is not None:
            self._ws.transport.abort()

    async def run(self) -> None:
        """Be there, until cancelled."""
        while True:
            with suppress(OSError, websockets.WebSocketException, TimeoutError):
                await self._connected()
            self._ws = None
            await asyncio.sleep(self._random.uniform(0.01, self._backoff_s))

    # --- a connection ---------------------------------------------------------------------------

    async def _connected(self) -> None:
        address = self.person.base.replace("http", "ws", 1) + "/ws"
        async with connect(
            address,
            subprotocols=[websockets.Subprotocol("hubbub.v1.json")],
            compression=None,
            max_size=None,
            proxy=None,
            open_timeout=5,
            close_timeout=1,
        ) as ws:
            self._attempt += 1
            hello = self.person.hello(inst=self._inst)
            await self._say(ws, {**hello, "try": self._attempt})
            first = frames_of(json.loads(await asyncio.wait_for(ws.recv(), 10)))
            welcome = first[0]
            if welcome["t"] != "welcome":
                self.faults.append(f"{welcome} in place of welcome")
                return
            self.connections += 1
            self._begin(ws)
            for frame in first[1:]:
                await self._take(ws, frame)
            self._sync = await self._ask(ws, {"t": "sync", "lv": self._lv})
            self._later(self._pump(ws))
            try:
                async for message in ws:
                    for frame in frames_of(json.loads(message)):
                        await self._take(ws, frame)
                    async with self._changed:
                        self._changed.notify_all()
            finally:
                for task in self._tasks:
                    task.cancel()

    def _begin(self, ws: ClientConnection) -> None:
        self._ws = ws
        self._sends.clear()
        self._reads.clear()
        self._pushed.clear()
        self._paused.clear()
        for chain in self.chains.values():
            chain.again_from(0)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside the reading; what goes wrong in it is a fault, but for a lost connection."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)

        def ended(done: asyncio.Task[None]) -> None:
            self._tasks.discard(done)
            error = None if done.cancelled() else done.exception()
            if error is not None and not isinstance(error, websockets.ConnectionClosed):
                self.faults.append(f"{error!r}")

        task.add_done_callback(ended)

    async def _say(self, ws: ClientConnection, *frames: Frame) -> None:
        content: Any = frames[0] if len(frames) == 1 else list(frames)
        await ws.send(json.dumps(content, ensure_ascii=False))

    async def _ask(self, ws: ClientConnection, frame: Frame) -> int:
        self._id += 1
        await self._say(ws, {**frame, "id": self._id})
        return self._id

    # --- out ------------------------------------------------------------------------------------

    async def _pump(self, ws: ClientConnection) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            frames: list[Frame] = []
            for where, chain in self.chains.items():
                if self._paused.get(id(chain), 0.0) > loop.time():
                    continue
                for sent, prev in chain.due():
                    self._id += 1
                    self._sends[self._id] = (chain, sent, sent.tries)
                    place = "to" if where.startswith("u_") else "c"
                    frames.append(
                        {
                            "t": "send",
                            "id": self._id,
                            place: where,
                            "cid": sent.cid,
                            "prev": prev,
                            "b": sent.body,
                        }
                    )
            if frames:
                await self._say(ws, *frames)
            waiting = len(self._sends)
            try:
                async with asyncio.timeout(SILENCE_S):
                    await self._wake.wait()
            except TimeoutError:
                if waiting and waiting == len(self._sends):
                    for chain in self.chains.values():
                        chain.again_from(0)

    def _pause(self, chain: Chain, retry_ms: int) -> None:
        loop = asyncio.get_running_loop()
        self._paused[id(chain)] = loop.time() + retry_ms / 1000
        loop.call_later(retry_ms / 1000 + 0.001, self._wake.set)

    # --- in -------------------------------------------------------------------------------------

    async def _take(self, ws: ClientConnection, frame: Frame) -> None:
        match frame["t"]:
            case "msg":
                key = (frame["c"], frame["s"])
                if key in self._pushed:
                    self.faults.append(f"{key} was pushed twice on one connection")
                self._pushed.add(key)
                self._arrived(ws, frame["c"], frame["s"], Line.of(frame))
            case "ack":
                self._acked(ws, frame)
            case "err":
                self._refused(ws, frame)
            case "page":
                await self._page(ws, frame)
            case "heads":
                await self._heads(ws, frame)
            case "behind":
                for c, head in frame["convs"].items():
                    self._log(c).wanted = max(self._log(c).wanted, head)
                    await self._read_on(ws, c)
            case _:
                pass

    def _log(self, c: str) -> LogCopy:
        return self.logs.setdefault(c, LogCopy(c))

    def _arrived(self, ws: ClientConnection, c: str, s: int, line: Line) -> None:
        log = self._log(c)
        log.take(s, line)
        if log.behind:
            self._gap_later(ws, c)

    def _gap_later(self, ws: ClientConnection, c: str) -> None:
        asyncio.get_running_loop().call_later(GAP_S, self._gap, ws, c, self._log(c).last)

    def _gap(self, ws: ClientConnection, c: str, last: int) -> None:
        """A second later: if it still stands where it stood, what is missing is read."""
        if self._ws is ws and self._log(c).last == last and self._log(c).behind:
            self._later(self._read_on(ws, c))

    async def _read_on(self, ws: ClientConnection, c: str) -> None:
        log = self._log(c)
        if log.behind and c not in self._reads.values():
            re = await self._ask(ws, {"t": "hist", "c": c, "after": log.last, "limit": 200})
            self._reads[re] = c

    def _acked(self, ws: ClientConnection, frame: Frame) -> None:
        waited = self._sends.pop(frame["re"], None)
        if waited is None:
            self.faults.append(f"an ack for nothing: {frame}")
            return
        chain, sent, _ = waited
        assert frame["cid"] == sent.cid, (frame, sent)
        if sent.ack is not None and not frame["dup"]:
            self.faults.append(f"acknowledged twice as new: {frame}")
        chain.acked(sent, frame["c"], frame["s"], frame["ts"])
        me = self.person
        line = Line(me.user, me.device, sent.cid, frame["ts"], body_of(sent.body))
        self._arrived(ws, frame["c"], frame["s"], line)
        self._wake.set()
        self._on_ack()

    def _refused(self, ws: ClientConnection, frame: Frame) -> None:
        re = frame.get("re")
        if re is not None and re in self._reads:
            c = self._reads.pop(re)
            self._gap_later(ws, c)
            return
        if re == self._sync:
            self.break_off()  # the next connection syncs again
            return
        waited = self._sends.pop(re, None) if re is not None else None
        if waited is None:
            if frame["code"] not in ("unavailable", "rate_limited"):
                self.faults.append(f"{frame}")
            return
        chain, sent, tried = waited
        self.refusals[frame["code"]] += 1
        if sent.ack is not None or sent.tries != tried:
            return  # an older try's answer
        match frame["code"]:
            case "resend":
                chain.again_from(frame["last"] + 1)
                self._wake.set()
            case "unavailable" | "rate_limited":
                chain.again_from(sent.cid)
                self._pause(chain, frame.get("retry") or 100)
            case code:
                chain.refused(sent, code)
                self._wake.set()

    async def _page(self, ws: ClientConnection, frame: Frame) -> None:
        c = self._reads.pop(frame["re"], None)
        if c is None:
            self.faults.append(f"a page for nothing: {frame}")
            return
        log = self._log(c)
        for msg in frame["msgs"]:
            log.take(msg["s"], Line.of(msg))
        if frame["to"]:
            log.covered(frame["to"])
        log.wanted = max(log.wanted, frame["head"])
        await self._read_on(ws, c)

    async def _heads(self, ws: ClientConnection, frame: Frame) -> None:
        for head in frame["convs"]:
            long = isinstance(head, dict)  # else it is [c, head, n]
            c: str = head["c" if long else 0]
            self._log(c).wanted = max(self._log(c).wanted, head["head" if long else 1])
            await self._read_on(ws, c)
        if not frame["more"]:
            self._lv = frame["lv"]


@asynccontextmanager
async def present(*clients: HonestClient) -> AsyncGenerator[None]:
    """These clients are there for the length of a block; one that fails fails the block."""
    async with asyncio.TaskGroup() as group:
        runs = [group.create_task(client.run()) for client in clients]
        try:
            yield
        finally:
            for run in runs:
                run.cancel()


__all__ = ["GAP_S", "SILENCE_S", "HonestClient", "present"]
