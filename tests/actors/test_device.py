"""An actor as a device, seen from its own side; with its Session: tests/supervision/test_chat."""

from __future__ import annotations

from typing import Any

from hubbub.actors.answers import Behind, Done
from hubbub.actors.device import ActorDevice, Answered, Closed, Welcomed
from hubbub.actors.requests import CursorNotice, Request, SyncRequest, WatchRequest
from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.ids import ConvId, DeviceId, UserId

NEWS = Behind({ConvId("g_x"): 3})


class Ear(LoopActor):
    def __init__(self, heard: list[Any]) -> None:
        super().__init__()
        self.heard = heard

    def on_receive(self, message: Any) -> None:
        self.heard.append(message)


def device(system: ActorSystem, heard: list[Any], room: int = 100) -> ActorDevice:
    ear = system.spawn(Ear, heard, mailbox_limit=room)
    return ActorDevice(system, "session:n:i/1", UserId("u_a"), DeviceId("v_a"), ear)


async def test_the_actor_is_welcomed_once_and_told_events_and_answers() -> None:
    async with ActorSystem() as system:
        heard: list[Any] = []
        one = device(system, heard)
        assert not one.welcomed
        one.attached(3)
        one.attached(3)
        one.push(NEWS)
        one.answer(7, Done(), more=True)
        one.answer(7, Done())
        one.close(4403, "Signed out.")
        await system.settle()
        assert heard == [
            Welcomed(3),
            NEWS,
            Answered(7, Done(), True),
            Answered(7, Done(), False),
            Closed(4403, "Signed out."),
        ]
        assert one.outbox is one


async def test_what_is_not_answered_is_handed_to_the_next_session() -> None:
    async with ActorSystem() as system:
        session: list[Any] = []
        system.spawn(Ear, session, name="session:n:i/1")
        one = device(system, [])
        assert one.handover().requests == []
        watch = WatchRequest(one.next_id(), (), (ConvId("g_x"),))
        requests: list[Request] = [
            SyncRequest(one.next_id(), 0),
            SyncRequest(one.next_id(), 0),
            watch,
        ]
        for request in requests:
            one.send(request)
        one.notice(CursorNotice(ConvId("g_x"), "read", 3))
        await system.settle()
        assert session == [*requests, CursorNotice(ConvId("g_x"), "read", 3)]
        one.answer(requests[0].id, Done(), more=True)
        one.answer(requests[1].id, Done())
        then = one.handover()
        assert then.requests == [requests[0], watch]
        assert (then.watch, then.restarted) == (watch, True)


async def test_a_session_that_has_not_taken_over_is_told_nothing_that_it_will_be_handed() -> None:
    async with ActorSystem() as system:
        heard: list[Any] = []
        one = device(system, [])
        ref = system.spawn(Ear, heard, name="session:n:i/1")
        one.handover()
        system.kill(ref)
        system.spawn(Ear, heard, name="session:n:i/1")
        request = SyncRequest(one.next_id(), 0)
        one.send(request)
        await system.settle()
        assert heard == []
        assert one.handover().requests == [request]


async def test_an_actor_that_is_gone_or_full_harms_nobody() -> None:
    async with ActorSystem() as system:
        heard: list[Any] = []
        one = device(system, heard, room=1)
        one.push(NEWS)
        one.push(NEWS)
        await system.settle()
        assert heard == [NEWS, Closed(4508, "Too slow.")]
        ear = one._actor  # pyright: ignore[reportPrivateUsage]  # its end is the test's own
        await ear.stop(block=False)
        one.push(NEWS)
        one.close(1011, "Gone.")
        one.send(SyncRequest(one.next_id(), 0))
        await system.settle()
        assert len(heard) == 2
