"""Between a socket and its Session: what waits, what is handed over, what is too much."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from tests.support.clock import ManualClock
from tests.support.edge import (
    CONV,
    USER,
    FakeSession,
    Poison,
    answer_done,
    bed,
    hello_frame,
    watch_frame,
    watch_request,
)
from tests.support.raw_socket import frame_bytes, raw_socket

from hubbub.actors.answers import Done, HeadsAnswer
from hubbub.actors.ports import Handover
from hubbub.actors.requests import CursorNotice, Request, WatchRequest
from hubbub.config.errors import NotFoundError, UnavailableError
from hubbub.config.limits import Limits


def hold(session: FakeSession, message: Any) -> None:
    """Answer nothing."""


def poison(*numbers: int) -> Callable[[FakeSession, Any], None]:
    """Crash on these requests."""

    def serve(session: FakeSession, message: Any) -> None:
        if not isinstance(message, CursorNotice) and message.id in numbers:
            raise Poison
        answer_done(session, message)

    return serve


@dataclass
class Crashes:
    """Crashes on one request for a number of times."""

    number: int
    times: int
    seen: list[int] = field(default_factory=list[int])

    def __call__(self, session: FakeSession, message: Request) -> None:
        self.seen.append(message.id)
        if message.id == self.number and self.times > 0:
            self.times -= 1
            raise Poison
        answer_done(session, message)


# --- a Session that crashes ---------------------------------------------------------------------


async def test_a_killed_session_is_restarted_on_the_live_socket() -> None:
    async with bed() as it, it.client() as client:
        crash = it.serve = Crashes(2, 1)
        await client.send(watch_frame(1), watch_frame(2), watch_frame(3))
        answers = [await client.get() for _ in range(3)]
        assert sorted(a["re"] for a in answers) == [1, 2, 3]
        assert all(a["t"] == "ok" for a in answers)
        assert crash.seen == [1, 2, 2, 3]
        assert [h.restarted for h in it.handovers] == [False, True]
        assert it.handovers[1].requests == [watch_request(2)]
        await client.send({"t": "ping"})
        assert await client.get() == {"t": "pong"}


async def test_unanswered_requests_are_handed_over_in_order() -> None:
    async with bed() as it, it.client() as client:
        it.serve = hold
        for n in (5, 3, 9):
            await client.send(watch_frame(n))
        await it.settle(lambda: len(it.told) == 3)
        it.serve = poison(4)
        await client.send(watch_frame(4))
        answers = [await client.get() for _ in range(4)]
        assert it.handovers[1].requests == [watch_request(n) for n in (5, 3, 9, 4)]
        assert [a["re"] for a in answers] == [5, 3, 9, 4]


async def test_a_request_in_hand_at_two_crashes_is_not_tried_again() -> None:
    async with bed() as it, it.client() as client:
        it.serve = poison(7)
        await client.send(watch_frame(7))
        answer = await client.get()
        assert (answer["t"], answer["re"], answer["code"]) == ("err", 7, "internal")
        assert [h.requests for h in it.handovers] == [[], [watch_request(7)], []]
        await client.send(watch_frame(8))
        assert await client.get() == {"t": "ok", "re": 8}


async def test_nothing_is_told_to_a_session_that_has_not_taken_over() -> None:
    """Told before its handover, a request would be in its mailbox and in the handover."""
    async with bed() as it, it.client() as client:
        it.restarts = False
        it.serve = poison(1)
        await client.send(watch_frame(1))
        await it.settle(lambda: it.system.lookup("session:here:i/1") is None)
        await client.send(watch_frame(2))
        await client.send({"t": "read", "c": CONV, "s": 3})
        await client.send(watch_frame(3))
        await it.settle()
        assert len(it.told) == 1
        it.restarts, it.serve = True, answer_done
        it.start_session(it.connection)
        answers = [await client.get() for _ in range(3)]
        assert [a["re"] for a in answers] == [1, 2, 3]
        assert it.handovers[1].requests == [watch_request(1)]
        assert it.told[1:] == [
            watch_request(1),
            watch_request(2),
            CursorNotice(CONV, "read", 3),
            watch_request(3),
        ]


async def test_the_last_good_watch_is_handed_over() -> None:
    async with bed() as it, it.client() as client:

        def serve(session: FakeSession, message: Any) -> None:
            if message.id == 3:
                session.connection.outbox.answer(3, NotFoundError("No."))
            elif message.id == 4:
                raise Poison
            else:
                answer_done(session, message)

        it.serve = serve
        for n in (1, 2, 3, 4):
            await client.send({"t": "watch", "id": n, "users": [f"u{n}"], "convs": []})
        for _ in range(4):
            await client.get()
        assert [h.watch and h.watch.users for h in it.handovers] == [None, ("u2",), ("u2",)]


async def test_the_client_is_welcomed_once() -> None:
    async with bed() as it, it.client() as client:
        it.serve = Crashes(1, 1)
        await client.send(watch_frame(1))
        assert await client.get() == {"t": "ok", "re": 1}
        await client.send({"t": "ping"})
        assert await client.get() == {"t": "pong"}
        assert len(it.handovers) == 2


# --- answers ------------------------------------------------------------------------------------


async def test_an_id_that_is_still_unanswered_may_not_be_used_again() -> None:
    async with bed() as it, it.client() as client:
        it.serve = hold
        await client.send(watch_frame(1))
        await client.send(watch_frame(1))
        refused = await client.get()
        assert (refused["re"], refused["code"]) == (1, "bad_request")
        it.connection.outbox.answer(1, Done())
        assert await client.get() == {"t": "ok", "re": 1}
        it.serve = answer_done
        await client.send(watch_frame(1))
        assert await client.get() == {"t": "ok", "re": 1}


async def test_an_answer_in_pages_ends_with_the_last_page() -> None:
    async with bed() as it, it.client() as client:

        def serve(session: FakeSession, message: Any) -> None:
            outbox = session.connection.outbox
            outbox.answer(message.id, HeadsAnswer(1, [], [], True), more=True)
            outbox.answer(message.id, HeadsAnswer(1, [], [], False))
            outbox.answer(message.id, HeadsAnswer(1, [], [], False))

        it.serve = serve
        for n in (1, 2):
            await client.send({"t": "sync", "id": n})
        pages = [await client.get() for _ in range(4)]
        assert [(p["re"], p["more"]) for p in pages] == [
            (1, True), (1, False), (2, True), (2, False),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "code", "number"),
    [
        ({"t": "typing", "c": 5}, "bad_request", None),
        ({"t": "block", "id": 4, "u": USER}, "unsupported", 4),
        ({"t": "sync", "id": 4, "lv": "x"}, "bad_request", 4),
        ({"t": "sync"}, "bad_request", None),
        (
            {"t": "send", "id": 4, "cid": 1, "prev": 0, "b": {"k": "text", "text": "x"}},
            "bad_request",
            4,
        ),
        (
            {"t": "send", "id": 4, "c": "g", "cid": 1, "prev": 0, "b": {"k": "delete", "s": 0}},
            "bad_request",
            4,
        ),
    ],
)
async def test_what_the_edge_refuses_reaches_no_session(
    frame: dict[str, Any], code: str, number: int | None
) -> None:
    async with bed() as it, it.client() as client:
        await client.send(frame)
        refused = await client.get()
        assert (refused["t"], refused["code"], refused.get("re")) == ("err", code, number)
        assert it.told == []
        await client.send({"t": "ping"})
        assert await client.get() == {"t": "pong"}


# --- too much -----------------------------------------------------------------------------------


async def test_a_full_mailbox_stops_the_reading_and_nothing_is_lost() -> None:
    async with bed(virtual=True) as it:
        it.mailbox_limit = 3
        async with it.client() as client:
            gate = asyncio.Event()

            async def slow(session: FakeSession, message: Any) -> None:
                await gate.wait()
                answer_done(session, message)

            it.serve = slow
            for n in range(50):
                await client.send(watch_frame(n))
            await it.settle()
            assert len(it.told) == 1
            gate.set()
            clock = cast(ManualClock, it.clock)

            def done() -> bool:
                clock.advance(0.2)
                return len(it.told) == 50

            await it.settle(done)
            assert [r.id for r in it.told] == list(range(50))
            assert [(await client.get())["re"] for _ in range(50)] == list(range(50))


async def test_too_many_unanswered_requests_stop_the_reading() -> None:
    async with bed(limits=Limits(rate_per_s=0, requests=4)) as it, it.client() as client:
        it.serve = hold
        for n in range(20):
            await client.send(watch_frame(n))
        await it.settle()
        assert [r.id for r in it.told] == [0, 1, 2, 3]
        it.connection.outbox.answer(2, Done())
        await it.settle(lambda: len(it.told) == 5)
        assert it.told[4] == watch_request(4)
        it.serve = answer_done
        for n in (0, 1, 3, 4):
            it.connection.outbox.answer(n, Done())
        got = {(await client.get())["re"] for _ in range(20)}
        assert got == set(range(20))
        assert [r.id for r in it.told] == list(range(20))


# --- the end ------------------------------------------------------------------------------------


async def test_a_lost_socket_ends_its_session_and_forgets_it() -> None:
    async with bed() as it:
        async with it.client() as client:
            await client.send(watch_frame(1))
            await client.get()
            connection = it.connection
        await it.settle(lambda: it.ended == [connection.session])
        assert it.edge.directory.all() == []
        assert list(it.edge.directory.connections(USER)) == []
        connection.attached(3)
        connection.outbox.answer(1, Done())
        connection.outbox.close(4409, "late")
        assert connection.handover() == Handover([], WatchRequest(1, (), ()), True)


async def test_what_waits_at_a_close_is_not_done() -> None:
    async with bed(limits=Limits(rate_per_s=0, requests=1)) as it, it.client() as client:
        it.serve = hold
        for n in range(5):
            await client.send(watch_frame(n))
        await it.settle(lambda: len(it.told) == 1)
        it.connection.outbox.answer(0, Done())
        it.connection.outbox.close(4409, "Replaced.")
        assert await client.get() == {"t": "ok", "re": 0}
        assert await client.closed() == 4409
        assert len(it.told) == 1


async def test_a_client_that_leaves_while_a_mailbox_is_full_leaves_no_timer() -> None:
    async with bed(virtual=True) as it:
        it.mailbox_limit = 1
        gate = asyncio.Event()

        async def slow(session: FakeSession, message: Any) -> None:
            await gate.wait()

        it.serve = slow
        async with raw_socket(it.port) as raw:
            await raw.sign_in()
            await raw.write(b"".join(frame_bytes(watch_frame(n)) for n in range(5)))
            device: Any = it.connection
            await it.settle(lambda: device._retry is not None)
        await it.settle(lambda: len(it.edge) == 0)
        assert cast(ManualClock, it.clock).pending == 0
        gate.set()


async def test_each_connection_has_a_session_of_its_own() -> None:
    async with bed() as it:
        for _ in range(3):
            async with it.client():
                pass
        await it.settle(lambda: len(it.ended) == 3)
        assert it.ended == [f"session:here:i/{n}" for n in (1, 2, 3)]


async def test_a_nursery_that_cannot_start_a_session_closes_the_connection() -> None:
    async with bed() as it, it.client(hello=False) as client:

        def start_session(connection: Any) -> None:
            raise UnavailableError

        it.start_session = start_session  # type: ignore[method-assign]  # a fault
        await client.send(hello_frame())
        assert await client.closed() == 1011
