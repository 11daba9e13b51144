"""Several nodes in one process, on one store and one bus, with phones that follow the protocol.

@virtual
async def test_something() -> None:
    async with nodes(3) as here:
        ann = await here.phone("ann", "n1")
        await here.kill("n2")
"""

from __future__ import annotations

import asyncio
import functools
import random
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ParamSpec

from hubbub.actors.answers import Acked, Answer, Behind, Delivery, Event, PageAnswer
from hubbub.actors.bodies import Text, decode_body
from hubbub.actors.device import ActorDevice, Answered, Closed, Welcomed
from hubbub.actors.requests import CreateRequest, HistoryRequest, Request, SendRequest
from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.clock import Clock
from hubbub.config.errors import Refusal
from hubbub.config.ids import ConvId, UserId, group_id
from hubbub.config.limits import Limits
from hubbub.storage.memory import MemoryStore
from hubbub.supervision.chat import Chat, MakeCluster
from hubbub.supervision.root import running
from hubbub.testkit.clock import VirtualClock, VirtualLoop
from hubbub.transport.cluster.memory_bus import MemoryBus
from hubbub.transport.cluster.node_cluster import NodeCluster

P = ParamSpec("P")

#: After so long without an answer a phone sends again (protocol, 4).
RESEND_S = 10.0


def virtual(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an async test on a loop of virtual time."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


class SeededChance:
    """Chance from a seed."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def token(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)


class SharedStore(MemoryStore):
    """One for all nodes: that one of them closes it means nothing to the others."""

    async def close(self) -> None:
        pass


@dataclass(eq=False)
class Node:
    """One of them, for one life."""

    name: str
    system: ActorSystem
    chat: Chat
    life: AbstractAsyncContextManager[None]

    @property
    def cluster(self) -> NodeCluster:
        assert isinstance(self.chat.cluster, NodeCluster)
        return self.chat.cluster

    def actors(self, prefix: str) -> list[str]:
        """The names of those who live here."""
        return sorted(name for name in self.system.names.living if name.startswith(prefix))

    def dropped(self, reason: str) -> float:
        return self.chat.metrics.dropped.labels(reason)._value.get()  # type: ignore[no-any-return] # pyright: ignore


class Nodes:
    """The nodes that run, by name."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.clock: Clock = VirtualClock()
        self.store = SharedStore(clock=self.clock)
        self.bus = MemoryBus(self.clock)
        self.cluster: MakeCluster = self.bus.cluster
        self.users: dict[str, UserId] = {}
        self._chance = SeededChance()
        self._limits = limits
        self._nodes: dict[str, Node] = {}

    def __getitem__(self, name: str) -> Node:
        return self._nodes[name]

    def all(self) -> list[Node]:
        return list(self._nodes.values())

    async def start(self, name: str) -> Node:
        """Start a node that does not run; it is in the next view a moment later."""
        system = ActorSystem(clock=self.clock, chance=self._chance)
        make = self.cluster
        chat = Chat(system, lambda: self.store, limits=self._limits, node=name, cluster=make)
        node = Node(name, system, chat, _living(system, chat))
        await node.life.__aenter__()
        self._nodes[name] = node
        return node

    async def stop(self, name: str) -> None:
        """Stop a node in order."""
        await self._nodes.pop(name).life.__aexit__(None, None, None)

    async def kill(self, name: str) -> None:
        """End a node as if its process were killed: nobody is told, nothing is written."""
        node = self._nodes.pop(name)
        self.bus.detach(node.cluster.membership)
        await node.system.stop(timeout_s=None)

    def owner(self, name: str) -> str:
        """The node where an actor is, by the newest view."""
        assert self.bus.view is not None
        placement = self.bus.view.placement()
        kind, _, rest = name.partition(":")
        where = placement.owner(ConvId(rest)) if kind == "conv" else placement.home(UserId(rest))
        assert where is not None
        return where

    async def phone(self, person: str, node: str, label: str = "phone") -> Phone:
        """A device of somebody at a node, welcomed."""
        user = self.users.get(person) or await self[node].chat.add_user(person)
        self.users[person] = user
        phone = Phone(self, user, label)
        await phone.connect(node)
        return phone


@asynccontextmanager
async def nodes(count: int = 3, limits: Limits | None = None) -> AsyncGenerator[Nodes]:
    """So many nodes, n1, n2, .., in one view."""
    here = Nodes(limits)
    await here.store.open()
    for n in range(1, count + 1):
        await here.start(f"n{n}")
    await asyncio.sleep(0.5)
    try:
        yield here
    finally:
        here.bus.faults.mend_all()
        for node in here.all():
            here.bus.faults.release(node.name)
            await here.stop(node.name)
        await MemoryStore.close(here.store)


@asynccontextmanager
async def _living(system: ActorSystem, chat: Chat) -> AsyncGenerator[None]:
    async with system, running(system, chat.specs()):
        yield


class Ear(LoopActor):
    """Hands a phone what its device is told."""

    def __init__(self, hear: Callable[[Any], None]) -> None:
        super().__init__()
        self._hear = hear

    def on_receive(self, message: Any) -> None:
        self._hear(message)


@dataclass(eq=False)
class Phone:
    """A client: sends until it is acknowledged, reads what it lacks.

    Attributes:
        events: What was pushed, in order.
        closed: The close code, once it was shut out.
        log: {conversation: {seq: text}} of what it has, however it got it.
    """

    here: Nodes
    user: UserId
    label: str
    events: list[Event] = field(default_factory=list[Event])
    acks: list[Acked] = field(default_factory=list[Acked])
    refused: list[Refusal] = field(default_factory=list[Refusal])
    closed: int | None = None
    welcomes: int = 0
    log: dict[str, dict[int, str]] = field(default_factory=dict[str, dict[int, str]])
    _cids: dict[str, int] = field(default_factory=dict[str, int])
    _waiting: dict[int, asyncio.Future[Answer]] = field(
        default_factory=dict[int, "asyncio.Future[Answer]"]
    )
    _node: str = ""
    _device: ActorDevice | None = None

    @property
    def device(self) -> ActorDevice:
        assert self._device is not None
        return self._device

    async def connect(self, node: str) -> None:
        """Open a connection to a node, and wait until it is welcome."""
        at, before = self.here[node], self.welcomes
        ear = at.system.spawn(Ear, self._hear)
        self._node = node
        self._device = at.chat.attach(self.user, ear, self.label)
        await until(lambda: self.welcomes > before)

    def hang_up(self) -> None:
        self.here[self._node].chat.detach(self.device)

    def send(self, request: Request) -> asyncio.Future[Answer]:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[request.id] = answer
        self.device.send(request)
        return answer

    async def ask(self, request: Request) -> Answer:
        return await asyncio.wait_for(self.send(request), 60)

    async def create(self, title: str, *others: UserId) -> ConvId:
        """A group; told again until it stands."""
        cid = self._next_cid("self")
        while True:
            request = CreateRequest(self.device.next_id(), cid, cid - 1, title, others)
            answer = await self.ask(request)
            if not isinstance(answer, Refusal):
                return group_id(self.device.device, cid)
            await asyncio.sleep((answer.retry_ms or 0) / 1000)

    async def say(self, conv: ConvId, text: str) -> Acked:
        """Send a text until it is acknowledged."""
        cid = self._next_cid(conv)
        while True:
            answer = await self.try_to_say(conv, text, cid)
            if isinstance(answer, Acked):
                return answer
            assert answer is None or answer.code in ("unavailable", "rate_limited"), repr(answer)
            await asyncio.sleep((answer.retry_ms or 1000) / 1000 if answer else 0)

    async def try_to_say(self, conv: ConvId, text: str, cid: int) -> Acked | Refusal | None:
        """Send it once; None when nobody answers in time."""
        request = SendRequest(self.device.next_id(), conv, None, cid, cid - 1, Text(text))
        try:
            answer = await asyncio.wait_for(self.send(request), RESEND_S)
        except TimeoutError:
            return None
        if isinstance(answer, Acked):
            self.acks.append(answer)
            self.log.setdefault(conv, {})[answer.seq] = text
        else:
            assert isinstance(answer, Refusal)
            self.refused.append(answer)
        return answer

    def texts(self, conv: str) -> list[str]:
        """What it has of a conversation, in order."""
        return [text for _, text in sorted(self.log.get(conv, {}).items()) if text]

    def heard(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def _next_cid(self, chain: str) -> int:
        cid = self._cids[chain] = self._cids.get(chain, 0) + 1
        return cid

    def _hear(self, message: Any) -> None:
        match message:
            case Welcomed():
                self.welcomes += 1
            case Closed():
                self.closed = message.code
            case Answered():
                waiting = self._waiting.pop(message.request, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(message.answer)
                elif isinstance(message.answer, PageAnswer):
                    self._read(message.answer)
            case Delivery():
                self.events.append(message)
                self._keep(message.conv, message.entry.seq, message.body)
            case Behind():
                self.events.append(message)
                for conv, head in message.convs.items():
                    if len(self.log.get(conv, {})) < head:
                        self._ask_for(conv)
            case _:
                self.events.append(message)

    def _ask_for(self, conv: ConvId) -> None:
        self.device.send(HistoryRequest(self.device.next_id(), conv, 0, None, None, 200))

    def _read(self, page: PageAnswer) -> None:
        for message in page.messages:
            self._keep(page.conv, message.entry.seq, decode_body(message.entry.body))

    def _keep(self, conv: str, seq: int, body: object) -> None:
        self.log.setdefault(conv, {})[seq] = body.text if isinstance(body, Text) else ""


async def until(holds: Callable[[], bool], within_s: float = 60.0) -> None:
    """Wait until this holds.

    Raises:
        TimeoutError: It does not.
    """
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - whatever it is, on virtual time
            await asyncio.sleep(0.01)


__all__ = ["Node", "Nodes", "Phone", "SeededChance", "SharedStore", "nodes", "until", "virtual"]
