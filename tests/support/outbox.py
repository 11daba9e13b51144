"""An outbox between a fake connection and a fake socket, and a model of what its client knows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.support.edge import as_frames, delivery
from websockets.frames import Frame
from websockets.protocol import CLIENT, Protocol

from hubbub.actors.answers import (
    Answer,
    Behind,
    PresenceState,
)
from hubbub.config.errors import NotFoundError
from hubbub.config.ids import ConvId, UserId
from hubbub.config.limits import Limits
from hubbub.config.metrics import Metrics
from hubbub.transport.edge.outbox import Lane, Outbox
from hubbub.transport.edge.render import Rendered, Renderer
from hubbub.transport.edge.turn import Turn
from hubbub.transport.wire.codec import JsonCodec
from hubbub.transport.wire.out_frames import Welcome

LIMITS = Limits(out_frames=8, out_bytes=4000)

WELCOME = Welcome(user="u", device="v", node="n", now=1, hb=25, mine=0, limits={})


class Socket:
    """A transport that takes so many bytes before it says stop, as asyncio's does."""

    def __init__(self) -> None:
        self.room = 1 << 30
        self.written: list[bytes] = []
        self.box: Outbox

    def write(self, data: bytes) -> None:
        self.written.append(data)
        self.room -= len(data)
        if self.room < 0 and not self.box.paused:
            self.box.pause()

    def take(self, room: int = 1 << 30) -> None:
        self.room = room
        self.box.resume()


class Bench:
    """An outbox between a fake connection and a fake socket; implements its Owner."""

    def __init__(
        self,
        limits: Limits = LIMITS,
        *,
        cut: int = 0,
        released: bool = True,
        turn: Turn | None = None,
    ) -> None:
        self.metrics = Metrics()
        self.calls: list[Callable[[], object]] = []
        self.turn = turn or Turn(self.calls.append, self.metrics)
        self.socket = Socket()
        self.waiting: set[int] = set()
        self.answers: list[tuple[int, Answer]] = []
        self.weights: list[bool] = []
        self.closing: list[int] = []
        self.ends: list[tuple[int, str]] = []
        self.aborted = False
        lane = Lane(Renderer(JsonCodec()), self.turn, limits, self.metrics)
        self.box = Outbox(lane, self, cast(asyncio.Transport, self.socket), cut)
        self.socket.box = self.box
        if released:
            self.box.release(self.frame(WELCOME))
            self.end_turn()
            self.socket.written.clear()

    def expects(self, request: int) -> bool:
        return request in self.waiting

    def answered(self, request: int, answer: Answer) -> bool:
        if request not in self.waiting:
            return False
        self.waiting.discard(request)
        self.answers.append((request, answer))
        return True

    def weighed(self) -> None:
        self.weights.append(self.box.heavy)

    def close_asked(self, code: int) -> None:
        self.closing.append(code)

    def written_out(self, code: int, reason: str) -> None:
        self.ends.append((code, reason))

    def abort(self) -> None:
        self.aborted = True

    def frame(self, frame: Any) -> Rendered:
        return self.box.lane.renderer.frame(frame)

    def end_turn(self) -> None:
        calls, self.calls[:] = list(self.calls), []
        for call in calls:
            call()

    def messages(self) -> list[list[dict[str, Any]]]:
        """What was written, as WebSocket messages of frames; empties it."""
        client = Protocol(CLIENT, max_size=None)
        client.receive_data(b"".join(self.socket.written))
        self.socket.written.clear()
        found: list[list[dict[str, Any]]] = []
        for event in client.events_received():
            assert isinstance(event, Frame)
            found.append(as_frames(json.loads(bytes(event.data))))
        return found

    def frames(self) -> list[dict[str, Any]]:
        return [frame for message in self.messages() for frame in message]

    def count(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(f"hubbub_{name}_total", labels) or 0


def seqs(frames: list[dict[str, Any]]) -> list[int]:
    return [f["s"] for f in frames if f["t"] == "msg"]


class OutboxMachine(RuleBasedStateMachine):
    """Whatever happens, in whatever order, nothing is lost and answers keep their order.

    The client's side is modelled as the protocol has it: a seq is known when it was delivered, or
    when a `behind` named it or a later one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.seq = 0
        self.pushed: dict[str, int] = {}
        self.known: dict[str, int] = {}
        self.asked = 0
        self.answered: list[int] = []
        self.receipts: dict[str, int] = {}

    @rule(conv=st.sampled_from(["c1", "c2", "c3"]), size=st.integers(0, 1500))
    def push(self, conv: str, size: int) -> None:
        self.seq += 1
        self.pushed[conv] = self.seq
        self.bench.box.push(delivery(self.seq, "x" * size, ConvId(conv)))

    @rule(size=st.integers(0, 1500))
    def answer(self, size: int) -> None:
        self.asked += 1
        self.bench.waiting.add(self.asked)
        self.bench.box.answer(self.asked, NotFoundError("x" * size))

    @rule(who=st.integers(0, 20))
    def presence(self, who: int) -> None:
        self.bench.box.push(PresenceState(UserId(f"u{who}"), True, self.seq))

    @rule(conv=st.sampled_from(["c1", "c2", "c3"]))
    def behind(self, conv: str) -> None:
        if conv in self.pushed:
            self.bench.box.push(Behind({ConvId(conv): self.pushed[conv]}))

    @rule()
    def end_turn(self) -> None:
        self.bench.end_turn()

    @rule(room=st.integers(0, 3000))
    def stop(self, room: int) -> None:
        self.bench.socket.room = room

    @precondition(lambda self: self.bench.box.paused)
    @rule(room=st.integers(0, 9000))
    def take(self, room: int) -> None:
        self.bench.socket.take(room)

    @invariant()
    def what_arrives_is_in_order(self) -> None:
        for frame in self.bench.frames():
            if frame["t"] == "msg":
                assert frame["s"] > self.known.get(frame["c"], 0)
                self.known[frame["c"]] = frame["s"]
            elif frame["t"] == "behind":
                for conv, seq in frame["convs"].items():
                    self.known[conv] = max(seq, self.known.get(conv, 0))
            elif frame["t"] == "err":
                self.answered.append(frame["re"])
        assert self.answered == sorted(set(self.answered))

    def teardown(self) -> None:
        self.bench.socket.room = 1 << 30
        if self.bench.box.paused:
            self.bench.socket.take()
        self.bench.end_turn()
        self.what_arrives_is_in_order()
        assert self.known == self.pushed
        assert self.answered == list(range(1, self.asked + 1))
        assert not self.bench.box.heavy


__all__ = ["LIMITS", "WELCOME", "Bench", "OutboxMachine", "Socket", "seqs"]
