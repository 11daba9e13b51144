"""What leaves at the end of a turn."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise

import structlog
from tests.support.chat import HeardOutbox, chatting
from tests.support.clock import ManualClock
from tests.support.outbox import Bench

from hubbub.actors.answers import Acked, Described, Event, PresenceState, Receipts
from hubbub.actors.requests import CreateRequest, CursorNotice, WatchRequest
from hubbub.config.ids import UserId
from hubbub.config.limits import Limits
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


class Written(HeardOutbox):
    """A device's outbox, and what becomes of it on the way to a socket."""

    def __init__(self, turn: Turn) -> None:
        super().__init__()
        self.bench = Bench(Limits(), turn=turn)

    def push(self, event: Event) -> None:
        super().push(event)
        self.bench.box.push(event)


async def test_a_hundred_readers_cost_each_watcher_one_map_of_receipts_a_second() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        turn = Turn(chat.system.at_turn_end, chat.metrics)
        people = [await chat.person(f"p{a}{b}") for a in "abcdefghij" for b in "abcdefghij"]
        outboxes = [Written(turn) for _ in people]
        devices = [
            await chat.device(u, outbox=out) for u, out in zip(people, outboxes, strict=True)
        ]
        made = await devices[0].ask(CreateRequest(chat.next_id(), 1, 0, "All", tuple(people[1:])))
        assert isinstance(made, Described)
        for device in devices:
            await device.ask(WatchRequest(chat.next_id(), (), (made.conv,)))
        told: list[list[float]] = [[] for _ in people]
        for second in range(10):
            assert isinstance(await devices[0].post(made.conv, second + 1, "Hello"), Acked)
            for part in range(10):
                # Each of them reads it at a time of its own.
                for device in devices[part::10]:
                    chat.system.tell(device.session, CursorNotice(made.conv, "read", second + 2))
                await chat.settle()
                for times, out in zip(told, outboxes, strict=True):
                    frames = out.bench.frames()
                    times += [clock.monotonic() for frame in frames if frame["t"] == "rcpt"]
                clock.advance(0.1)
                await chat.settle()
        clock.advance(1)
        await chat.settle()
        for times, device in zip(told, devices, strict=True):
            assert 9 <= len(times) <= 11
            gaps = [after - before for before, after in pairwise(times)]
            assert min(gaps) > 0.95, "never two within a second"
            # All of them are told, and one's own cursor at most once more, for other devices.
            maps = device.heard(Receipts)
            assert len(maps) <= 2 * len(times) + 2
            last = {user: seq for event in maps for user, seq in event.read.items()}
            assert last == dict.fromkeys(people, 11)
