"""A node without sockets or supervision: actors, a memory store, devices that listen."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.support.clock import ManualClock

from hubbub.actors.answers import Answer, Delivery, Event
from hubbub.actors.asker import Asker, AskerActor
from hubbub.actors.bodies import Text
from hubbub.actors.conversation import ConversationActor
from hubbub.actors.eraser import EraserActor
from hubbub.actors.far import FarTable
from hubbub.actors.ports import Connection, Handover
from hubbub.actors.requests import Request, SendRequest, WatchRequest
from hubbub.actors.roll_call import RollTaker
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.actors.runtime.system import ActorSystem
from hubbub.actors.session import SessionActor
from hubbub.actors.user import UserActor
from hubbub.actors.watch_table import WatchTable
from hubbub.config.clock import Clock
from hubbub.config.ids import ConvId, DeviceId, UserId
from hubbub.config.limits import Limits
from hubbub.config.metrics import Metrics
from hubbub.storage.memory import MemoryStore
from hubbub.storage.records import Account, Contact
from hubbub.transport.cluster.local_cluster import LocalCluster

T = TypeVar("T")


@dataclass
class HeardOutbox:
    """Keeps what it is given.

    Attributes:
        answers: (request, answer), in order.
        events: In order.
        closed: The code, once closed.
    """

    answers: list[tuple[int, Answer]] = field(default_factory=list[tuple[int, Answer]])
    events: list[Event] = field(default_factory=list[Event])
    closed: int | None = None

    def push(self, event: Event) -> None:
        self.events.append(event)

    def answer(self, request: int, answer: Answer, *, more: bool = False) -> None:
        self.answers.append((request, answer))

    def close(self, code: int, reason: str) -> None:
        self.closed = self.closed or code


@dataclass(eq=False)
class Device:
    """A signed-in device: a Connection that listens.

    Attributes:
        unanswered: What it would hand to a new Session.
    """

    chat: Chat
    session: str
    user: UserId
    device: DeviceId
    inst: str = ""
    attempt: int = 0
    outbox: HeardOutbox = field(default_factory=HeardOutbox)
    welcomed: bool = False
    mine: int = -1
    sessions: int = 0
    unanswered: list[Request] = field(default_factory=list[Request])
    watch: WatchRequest | None = None

    def handover(self) -> Handover:
        self.sessions += 1
        answered = {re for re, _ in self.outbox.answers}
        left = [r for r in self.unanswered if r.id not in answered]
        return Handover(left, self.watch, self.sessions > 1)

    def attached(self, mine: int) -> None:
        self.welcomed, self.mine = True, mine

    async def ask(self, request: Any) -> Answer:
        """Send a request and return its answer."""
        before = len(self.outbox.answers)
        self.unanswered.append(request)
        self.chat.system.tell(self.session, request, in_place=True)
        await self.chat.settle()
        answers = [a for re, a in self.outbox.answers[before:] if re == request.id]
        assert answers, f"no answer to {request}"
        return answers[-1]

    async def post(self, conv: str, cid: int, text: str, prev: int | None = None) -> Answer:
        """Send a text to a conversation or a person."""
        to_person = conv.startswith("u_")
        return await self.ask(
            SendRequest(
                self.chat.next_id(),
                None if to_person else ConvId(conv),
                UserId(conv) if to_person else None,
                cid,
                cid - 1 if prev is None else prev,
                Text(text),
            )
        )

    def heard(self, kind: type[T]) -> list[T]:
        """The events of a kind, in order."""
        return [e for e in self.outbox.events if isinstance(e, kind)]

    def texts(self, conv: str = "") -> list[str]:
        """The texts that were pushed, in order."""
        return [
            d.body.text
            for d in self.heard(Delivery)
            if isinstance(d.body, Text) and (not conv or d.conv == conv)
        ]


class Chat:
    """The node.

    Attributes:
        devices: {session: Device}, the directory.
    """

    def __init__(self, system: ActorSystem, store: MemoryStore, limits: Limits) -> None:
        self.system = system
        self.store = store
        self.limits = limits
        self.metrics = Metrics()
        self.cluster = LocalCluster(system, store, "n", "i", self.metrics)
        self.asker = Asker(self.cluster, system.clock, limits)
        self.watchers = WatchTable()
        self.far = FarTable()
        self.devices: dict[str, Device] = {}
        self._ids = itertools.count(1)
        roll = RollTaker(self, self.cluster)
        system.spawn(AskerActor, self.asker, roll, name=self.asker.name)
        system.set_activator("conv", self._conversation)
        system.set_activator("user", self._user)
        system.set_activator("erase", self._eraser)

    def next_id(self) -> int:
        return next(self._ids)

    def _conversation(self, name: str) -> LoopActorRef[Any]:
        conv = ConvId(name.partition(":")[2])
        return self.system.spawn(
            ConversationActor, conv, self.store, self.cluster, self.limits, self.watchers, name=name
        )

    def _user(self, name: str) -> LoopActorRef[Any]:
        user = UserId(name.partition(":")[2])
        return self.system.spawn(
            UserActor,
            user,
            self.store,
            self.cluster,
            self,
            self.limits,
            self.watchers,
            self.far,
            name=name,
        )

    def _eraser(self, name: str) -> LoopActorRef[Any]:
        user = UserId(name.partition(":")[2])
        return self.system.spawn(EraserActor, user, self.store, self.asker, name=name)

    # --- the directory ---

    def connections(self, user: UserId) -> Sequence[Connection]:
        return [d for d in self.devices.values() if d.user == user]

    def connection(self, session: str) -> Connection | None:
        return self.devices.get(session)

    # --- people ---

    async def person(self, name: str) -> UserId:
        """Somebody who has signed up."""
        user = UserId("u_" + name.ljust(20, "a"))
        await self.store.create_account(Account(user, name, name, 1, "x"), [])
        return user

    async def acquaint(self, one: UserId, other: UserId) -> None:
        """Make two people each other's contacts."""
        for user, peer in ((one, other), (other, one)):
            await self.store.put_contact(Contact(user, peer, 0, mine=True, theirs=True))

    async def device(self, user: UserId, label: str = "phone", **options: Any) -> Device:
        """A device that has been welcomed."""
        n = self.next_id()
        name = DeviceId(f"v_{user[2:8]}_{label}")
        device = Device(self, f"session:n:i/{n}", user, name, **options)
        self.devices[device.session] = device
        self.start_session(device)
        await self.settle()
        return device

    def start_session(self, device: Device) -> LoopActorRef[SessionActor]:
        """Start, or start again, the Session of a device."""
        return self.system.spawn(
            SessionActor,
            device,
            self.store,
            self.cluster,
            self.asker,
            self.limits,
            name=device.session,
        )

    async def hang_up(self, device: Device) -> None:
        """The device's socket is gone."""
        del self.devices[device.session]
        ref = self.system.lookup(device.session)
        if ref is not None:
            ref.stop(block=False)
        await self.settle()

    async def settle(self) -> None:
        await self.system.settle(suspended_too=True)


@asynccontextmanager
async def chatting(
    limits: Limits | None = None, clock: Clock | None = None
) -> AsyncGenerator[Chat, None]:
    """A node for a while; its clock stands still unless the test moves it."""
    store = MemoryStore()
    await store.open()
    async with ActorSystem(clock=clock or ManualClock()) as system:
        yield Chat(system, store, limits or Limits())
    await store.close()


__all__ = ["Chat", "Device", "HeardOutbox", "chatting"]
