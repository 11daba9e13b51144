"""What waits for a socket: order, bounds, merging, collapsing, back-pressure."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.edge import CONV, USER, delivery
from tests.support.outbox import LIMITS, WELCOME, Bench, OutboxMachine, seqs

from hubbub.actors.answers import (
    Behind,
    Delivery,
    Done,
    HeadsAnswer,
    ListMoved,
    PresenceState,
    Receipts,
    Typing,
)
from hubbub.config.errors import BadRequestError, NotFoundError
from hubbub.config.ids import ConvId, UserId
from hubbub.config.limits import Limits
from hubbub.transport.edge.render import Renderer
from hubbub.transport.wire.codec import JsonCodec
from hubbub.transport.wire.out_frames import Pong


def test_a_lone_frame_is_written_alone_and_at_the_end_of_the_turn() -> None:
    bench = Bench()
    bench.box.push(delivery(1))
    assert bench.socket.written == []
    bench.end_turn()
    [message] = bench.socket.written
    assert json.loads(message[4:])["s"] == 1


def test_what_comes_in_one_turn_leaves_as_one_batch_in_one_write() -> None:
    bench = Bench()
    bench.waiting = {1}
    bench.box.push(delivery(1))
    bench.box.answer(1, Done())
    bench.box.push(delivery(2))
    bench.end_turn()
    assert len(bench.socket.written) == 1
    [batch] = bench.messages()
    assert [f["t"] for f in batch] == ["msg", "ok", "msg"]


def test_members_of_a_group_share_one_batch() -> None:
    one, other = Bench(), Bench()
    other.box.lane = one.box.lane
    told = [delivery(n) for n in range(3)]
    for box in (one.box, other.box):
        for d in told:
            box.push(d)
    other.calls.clear()
    one.end_turn()
    assert one.socket.written[0] is other.socket.written[0]


def test_nothing_leaves_before_the_welcome_and_that_leaves_first() -> None:
    bench = Bench(released=False)
    bench.box.push(delivery(1))
    bench.box.keep(bench.frame(Pong()))
    bench.end_turn()
    assert bench.socket.written == []
    bench.box.release(bench.frame(WELCOME))
    bench.end_turn()
    assert [f["t"] for f in bench.frames()] == ["welcome", "msg", "pong"]


def test_a_close_before_the_welcome_does_not_wait_for_it() -> None:
    bench = Bench(released=False)
    bench.box.close(4409, "replaced")
    bench.end_turn()
    assert bench.ends == [(4409, "replaced")]
    bench.box.release(bench.frame(WELCOME))
    bench.end_turn()
    assert bench.socket.written == []


# --- answers ------------------------------------------------------------------------------------


def test_an_answer_that_nobody_waits_for_is_dropped_and_counted() -> None:
    bench = Bench()
    bench.box.answer(5, Done())
    bench.box.answer(5, HeadsAnswer(1, [], [], True), more=True)
    bench.end_turn()
    assert bench.socket.written == []
    assert bench.count("dropped", reason="late_answer") == 2


def test_pages_of_an_answer_keep_the_request_open_until_the_last() -> None:
    bench = Bench()
    bench.waiting = {5}
    bench.box.answer(5, HeadsAnswer(1, [], [], True), more=True)
    bench.box.answer(5, HeadsAnswer(1, [], [], False))
    bench.box.answer(5, HeadsAnswer(1, [], [], False))
    bench.end_turn()
    assert [f["more"] for f in bench.frames()] == [True, False]
    assert len(bench.answers) == 1


def test_refusals_are_counted_by_their_code() -> None:
    bench = Bench()
    bench.waiting = {1}
    bench.box.answer(1, NotFoundError("No."))
    bench.box.refuse(None, BadRequestError("No."))
    bench.end_turn()
    assert [f["code"] for f in bench.frames()] == ["not_found", "bad_request"]
    assert bench.count("refusals", code="not_found") == 1
    assert bench.count("refusals", code="bad_request") == 1


def test_answers_are_never_dropped_and_their_weight_is_told() -> None:
    bench = Bench()
    bench.socket.room = 0
    bench.box.push(delivery(1))
    bench.end_turn()
    assert bench.box.paused
    bench.waiting = set(range(200))
    for n in range(200):
        bench.box.answer(n, NotFoundError("There is nothing of that name."))
    bench.end_turn()
    assert bench.weights == [True]
    bench.socket.take()
    assert bench.weights == [True, False]
    assert [f["re"] for f in bench.frames() if f["t"] == "err"] == list(range(200))


# --- bounds -------------------------------------------------------------------------------------


def test_a_socket_that_takes_everything_gets_everything() -> None:
    bench = Bench()
    for n in range(1, 101):
        bench.box.push(delivery(n, "x" * 500))
    bench.end_turn()
    assert seqs(bench.frames()) == list(range(1, 101))
    assert bench.count("collapsed") == 0
    assert bench.count("deliveries") == 100


def test_too_many_deliveries_collapse_into_behind() -> None:
    bench = Bench()
    bench.socket.room = 0
    for n in range(1, 100):
        bench.box.push(delivery(n))
        bench.end_turn()
    told = seqs(bench.frames())
    bench.box.push(delivery(7, conv=ConvId("other")))
    bench.socket.take()
    bench.end_turn()
    [behind] = bench.frames()
    assert told == [1]
    assert behind == {"t": "behind", "convs": {CONV: 99, "other": 7}}
    assert bench.count("collapsed") == 99


def test_too_many_bytes_collapse_too() -> None:
    bench = Bench()
    bench.socket.room = 0
    bench.box.push(delivery(1))
    bench.end_turn()
    for n in range(2, 7):
        bench.box.push(delivery(n, "x" * 1000))
    bench.socket.take()
    assert bench.frames()[1:] == [{"t": "behind", "convs": {CONV: 6}}]


def test_after_it_was_written_out_deliveries_go_by_themselves_again() -> None:
    bench = Bench()
    bench.socket.room = 0
    for n in range(1, 20):
        bench.box.push(delivery(n))
    bench.end_turn()
    bench.socket.take()
    bench.socket.written.clear()
    bench.box.push(delivery(20))
    bench.end_turn()
    assert seqs(bench.frames()) == [20]


def test_a_behind_of_the_session_is_merged_with_what_waits() -> None:
    bench = Bench()
    bench.socket.room = 0
    bench.box.push(delivery(1))
    bench.end_turn()
    bench.socket.written.clear()
    bench.box.push(Behind({CONV: 50, ConvId("other"): 3}))
    bench.box.push(Behind({CONV: 40, ConvId("third"): 1}))
    bench.box.push(delivery(2))
    bench.socket.take()
    assert bench.frames() == [
        delivery_frame(2),
        {"t": "behind", "convs": {CONV: 50, "other": 3, "third": 1}},
    ]


def delivery_frame(seq: int) -> dict[str, Any]:
    told = delivery(seq)
    renderer = Renderer(JsonCodec())
    frame: dict[str, Any] = json.loads(renderer.delivery(told, renderer.key(0)).payload)
    return frame


def test_a_big_queue_leaves_in_several_writes_and_stops_when_the_socket_does() -> None:
    bench = Bench(Limits())
    bench.socket.room = 0
    bench.box.push(delivery(1))
    bench.end_turn()
    for n in range(2, 11):
        bench.box.push(delivery(n, "x" * 100_000))
    bench.socket.written.clear()
    bench.socket.take(300_000)
    assert len(bench.socket.written) == 2
    bench.socket.take()
    assert seqs(bench.frames()) == list(range(2, 11))


def test_one_frame_above_every_bound_still_leaves() -> None:
    bench = Bench()
    bench.box.push(delivery(1, "\x01" * 10_000))
    bench.box.push(delivery(2))
    bench.end_turn()
    assert seqs(bench.frames()) == [1, 2]


# --- receipts and presence ----------------------------------------------------------------------


def paused() -> Bench:
    bench = Bench()
    bench.socket.room = 0
    bench.box.push(delivery(1))
    bench.end_turn()
    bench.socket.written.clear()
    return bench


def test_receipts_presence_and_typing_merge_while_they_wait() -> None:
    bench = paused()
    other = UserId("u_other")
    bench.box.push(Receipts(CONV, {USER: 5}, {USER: 2}))
    bench.box.push(PresenceState(USER, True, 10))
    bench.box.push(Receipts(CONV, {USER: 4, other: 1}, {USER: 3}))
    bench.box.push(PresenceState(USER, False, 20))
    bench.box.push(PresenceState(other, True, 30))
    for user in (USER, other, USER):
        bench.box.push(Typing(CONV, user))
    bench.socket.take()
    assert bench.frames() == [
        {"t": "rcpt", "c": CONV, "recv": {USER: 5, other: 1}, "read": {USER: 3}},
        {"t": "pres", "u": USER, "st": "off", "seen": 20},
        {"t": "pres", "u": other, "st": "on", "seen": 30},
        {"t": "typing", "c": CONV, "u": USER},
        {"t": "typing", "c": CONV, "u": other},
    ]


def test_receipts_are_dropped_before_deliveries_collapse() -> None:
    bench = paused()
    for n in range(2, 7):
        bench.box.push(delivery(n))
        bench.box.push(PresenceState(UserId(f"u{n}"), True, n))
    bench.socket.take()
    frames = bench.frames()
    assert seqs(frames) == [2, 3, 4, 5, 6]
    assert bench.count("collapsed") == 0
    assert bench.count("dropped", reason="soft") > 0


def test_receipts_alone_are_bounded_and_leave_the_word_that_the_list_moved() -> None:
    bench = paused()
    bench.box.push(ListMoved(1))
    bench.box.push(ListMoved(2))
    for n in range(1000):
        bench.box.push(Receipts(ConvId(f"c{n}"), {USER: 1}, {USER: 1}))
    bench.socket.take()
    frames = bench.frames()
    assert len(frames) <= LIMITS.out_frames
    assert [frame for frame in frames if frame["t"] == "list"] == [{"t": "list", "lv": 2}]


# --- closing ------------------------------------------------------------------------------------


def test_a_close_follows_what_is_queued_and_nothing_follows_it() -> None:
    bench = Bench()
    bench.waiting = {1}
    bench.box.push(delivery(1))
    bench.box.close(4409, "replaced")
    bench.box.close(1011, "later")
    bench.box.push(delivery(2))
    bench.box.answer(1, Done())
    bench.box.keep(bench.frame(Pong()))
    assert bench.ends == []
    bench.end_turn()
    assert seqs(bench.frames()) == [1]
    assert bench.ends == [(4409, "replaced")]
    assert bench.closing == [4409]


def test_a_close_waits_for_the_socket() -> None:
    bench = paused()
    bench.box.push(delivery(2))
    bench.box.close(4503, "moved")
    bench.end_turn()
    assert bench.ends == []
    bench.socket.take()
    assert bench.ends == [(4503, "moved")]
    assert seqs(bench.frames()) == [2]


def test_after_the_socket_is_lost_everything_is_harmless() -> None:
    bench = Bench()
    bench.waiting = {1}
    bench.box.push(delivery(1))
    bench.box.lost()
    bench.box.lost()
    bench.end_turn()
    bench.box.push(delivery(2))
    bench.box.push(PresenceState(USER, True, 1))
    bench.box.push(Behind({CONV: 1}))
    bench.box.answer(1, Done())
    bench.box.keep(bench.frame(Pong()))
    bench.box.release(bench.frame(WELCOME))
    bench.box.resume()
    bench.box.close(4409, "x")
    bench.box.abort()
    bench.end_turn()
    assert bench.socket.written == []
    assert (bench.ends, bench.aborted) == ([], False)


def test_a_failed_write_ends_the_connection() -> None:
    bench = Bench()

    def fail(_data: bytes) -> None:
        raise RuntimeError("no")

    bench.socket.write = fail  # type: ignore[assignment]  # a fault
    bench.box.push(delivery(1))
    bench.end_turn()
    assert bench.aborted


def test_a_cut_is_for_its_own_session_only() -> None:
    told = delivery(1, "x" * 100)
    short, whole = Bench(cut=10), Bench()
    for bench in (short, whole):
        bench.box.push(told)
        bench.end_turn()
    assert short.frames()[0]["b"]["text"] == "x" * 10
    assert whole.frames()[0]["b"]["text"] == "x" * 100


@pytest.mark.parametrize("cut", [0, 10])
def test_the_bytes_of_a_delivery_are_shared_between_sockets(cut: int) -> None:
    told = delivery(1)
    one, other = Bench(cut=cut), Bench(cut=cut)
    for bench in (one, other):
        bench.box.push(told)
        bench.end_turn()
    assert one.socket.written[0] is other.socket.written[0]


# --- against a model ----------------------------------------------------------------------------


TestOutboxAgainstAModel = OutboxMachine.TestCase
TestOutboxAgainstAModel.settings = settings(max_examples=40, stateful_step_count=30)


@given(st.lists(st.integers(0, 4), max_size=60))
@settings(max_examples=30)
def test_what_waits_is_bounded_whatever_is_pushed(kinds: list[int]) -> None:
    bench = paused()
    for n, kind in enumerate(kinds, 2):
        event: Delivery | Receipts | PresenceState | Behind | Typing = (
            delivery(n, "x" * 300),
            Receipts(ConvId(f"c{n}"), {USER: n}, {USER: n}),
            PresenceState(UserId(f"u{n}"), True, n),
            Behind({CONV: n}),
            Typing(CONV, UserId(f"u{n}")),
        )[kind]
        bench.box.push(event)
    bench.end_turn()
    bench.socket.take()
    frames = bench.frames()
    assert len(frames) <= LIMITS.out_frames + 2
    assert len(json.dumps(frames)) <= 2 * LIMITS.out_bytes
