"""What leaves at the end of a turn."""

from __future__ import annotations

import json
from collections.abc import Callable

import structlog

from hubbub.actors.answers import PresenceState
from hubbub.config.ids import UserId
from hubbub.config.metrics import Metrics
from hubbub.transport.edge.render import Rendered, Renderer
from hubbub.transport.edge.turn import KEPT, KEPT_BYTES, Turn
from hubbub.transport.wire.codec import JsonCodec, MsgpackCodec

JSON = Renderer(JsonCodec())
MSGPACK = Renderer(MsgpackCodec())


class Turns:
    """An actor system's turns, ended by hand."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], object]] = []

    def at_turn_end(self, call: Callable[[], object]) -> None:
        self.calls.append(call)

    def end(self) -> None:
        calls, self.calls = self.calls, []
        for call in calls:
            call()


class Box:
    def __init__(self, then: Callable[[], None] | None = None) -> None:
        self.flushed = 0
        self.aborted = False
        self._then = then

    def flush(self) -> None:
        self.flushed += 1
        if self._then is not None:
            self._then()

    def abort(self) -> None:
        self.aborted = True


def frames(count: int, size: int = 10) -> list[Rendered]:
    return [Rendered(b'"' + b"x" * size + b'"', JSON.opcode) for _ in range(count)]


def test_all_marked_ones_are_flushed_once_at_the_end() -> None:
    turns = Turns()
    turn = Turn(turns.at_turn_end, Metrics())
    one, other = Box(), Box()
    turn.mark(one)
    turn.mark(other)
    assert len(turns.calls) == 1
    assert (one.flushed, other.flushed) == (0, 0)
    turns.end()
    assert (one.flushed, other.flushed) == (1, 1)
    turns.end()
    assert (one.flushed, other.flushed) == (1, 1)


def test_one_marked_while_others_flush_has_the_next_end() -> None:
    turns = Turns()
    turn = Turn(turns.at_turn_end, Metrics())
    late = Box()
    turn.mark(Box(lambda: turn.mark(late)))
    turns.end()
    assert late.flushed == 0
    turns.end()
    assert late.flushed == 1


def test_one_that_fails_ends_alone() -> None:
    turns = Turns()
    turn = Turn(turns.at_turn_end, Metrics())

    def fail() -> None:
        raise RuntimeError("broken")

    bad, good = Box(fail), Box()
    turn.mark(bad)
    turn.mark(good)
    with structlog.testing.capture_logs() as logs:
        turns.end()
    assert (bad.aborted, good.aborted, good.flushed) == (True, False, 1)
    assert [line["event"] for line in logs] == ["flush_failed"]


def test_the_same_frames_are_joined_once_a_turn() -> None:
    turns = Turns()
    turn = Turn(turns.at_turn_end, Metrics())
    same = frames(3)
    batch = turn.joined(same, JSON)
    assert turn.joined(list(same), JSON) is batch
    assert turn.joined(same[::-1], JSON) is not batch
    assert json.loads(batch[2:]) == ["x" * 10] * 3
    turn.mark(Box())
    turns.end()
    assert turn.joined(same, JSON) is not batch


def test_few_and_small_batches_are_kept() -> None:
    turn = Turn(Turns().at_turn_end, Metrics())
    big = frames(2, KEPT_BYTES)
    assert turn.joined(big, JSON) is not turn.joined(big, JSON)
    many = [frames(2) for _ in range(KEPT)]
    for pair in many:
        turn.joined(pair, JSON)
    assert turn.joined(many[0], JSON) is turn.joined(many[0], JSON)
    late = frames(2)
    assert turn.joined(late, JSON) is not turn.joined(late, JSON)


def test_an_event_is_rendered_once_for_each_encoding() -> None:
    turns = Turns()
    turn = Turn(turns.at_turn_end, Metrics())
    event = PresenceState(UserId("u"), True, 5)
    frame = turn.event(event, JSON)
    assert turn.event(event, JSON) is frame
    assert turn.event(event, MSGPACK) is not frame
    assert turn.event(PresenceState(UserId("u"), True, 5), JSON) is not frame
    turn.mark(Box())
    turns.end()
    assert turn.event(event, JSON) is not frame


def test_deliveries_are_counted_at_the_end() -> None:
    metrics = Metrics()
    turns = Turns()
    turn = Turn(turns.at_turn_end, metrics)
    turn.mark(Box())
    turn.deliveries += 3
    turns.end()
    turn.mark(Box())
    turns.end()
    assert metrics.registry.get_sample_value("hubbub_deliveries_total") == 3
