"""An edge on a real port, with Sessions that do what a test says and write down what they get."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import msgspec
from tests.support.clock import ManualClock
from tests.support.http_node import CountingChance
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from hubbub.actors.answers import Delivery, Done
from hubbub.actors.bodies import Text, encode_body
from hubbub.actors.ports import Connection, Handover
from hubbub.actors.requests import CursorNotice, WatchRequest
from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.exits import Exit
from hubbub.actors.runtime.system import ActorSystem
from hubbub.config.clock import Clock, LoopClock
from hubbub.config.errors import ForbiddenError, UnauthenticatedError
from hubbub.config.ids import ConvId, DeviceId, UserId
from hubbub.config.limits import Limits
from hubbub.config.metrics import Metrics
from hubbub.storage.records import Entry
from hubbub.transport.edge.directory import Directory
from hubbub.transport.edge.edge import Edge
from hubbub.transport.edge.identity import Identity
from hubbub.transport.edge.listener import Listener

JSON = "hubbub.v1.json"
MSGPACK = "hubbub.v1.msgpack"

#: Far above what anything here takes: a wait that reaches it is a failure.
PATIENCE_S = 10.0

USER = UserId("u_" + "a" * 20)
DEVICE = DeviceId("v_" + "a" * 20)
CONV = ConvId("g_" + "c" * 26)


class Tokens:
    """Tokens are `user/device`; those in `revoked` are forbidden, all others no tokens at all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.lifetime_ms = 3_600_000
        self.revoked: set[str] = set()
        self.raises: Exception | None = None
        #: Set to let nobody through until it is done.
        self.gate: asyncio.Event | None = None

    async def authenticate(self, token: str) -> Identity:
        """See `Authenticator`."""
        if self.gate is not None:
            await self.gate.wait()
        if self.raises is not None:
            raise self.raises
        if token in self.revoked:
            raise ForbiddenError("This device was signed out.")
        user, slash, device = token.partition("/")
        if not slash:
            raise UnauthenticatedError("Sign in.")
        expires_ms = self._clock.now_ms() + self.lifetime_ms
        return Identity(UserId(user), DeviceId(device), expires_ms)


class Poison(Exception):
    """What a Session crashes with when a test says so."""


class FakeSession(LoopActor):
    """Attaches at once, and does for each request what `Bed.serve` says."""

    def __init__(self, bed: Bed, connection: Connection) -> None:
        super().__init__()
        self.bed = bed
        self.connection = connection

    def on_start(self) -> None:
        """Take over."""
        handover = self.connection.handover()
        self.bed.handovers.append(handover)
        if self.bed.attach:
            self.connection.attached(self.bed.mine)
        for request in handover.requests:
            self.on_receive(request)

    def on_receive(self, message: Any) -> Any:
        """Write it down and serve it."""
        self.bed.told.append(message)
        return self.bed.serve(self, message)


class Bed:
    """An edge, its sessions and its port.

    Attributes:
        told: What Sessions were told, in order.
        serve: What a Session does with a message; by default it answers `Done`.
    """

    def __init__(
        self, system: ActorSystem, *, limits: Limits, clock: Clock, **settings: Any
    ) -> None:
        self.system = system
        self.clock = clock
        self.metrics = Metrics()
        self.tokens = Tokens(clock)
        self.told: list[Any] = []
        self.handovers: list[Handover] = []
        self.ended: list[str] = []
        self.attach = True
        self.mine = 3
        self.restarts = True
        self.mailbox_limit = 1000
        self.serve: Callable[[FakeSession, Any], Any] = answer_done
        self.edge = Edge(
            system,
            self,
            self.tokens,
            Directory(),
            limits=limits,
            node="here",
            incarnation="i",
            clock=clock,
            chance=CountingChance(),
            metrics=self.metrics,
            **settings,
        )
        self.listener = Listener(self.edge, hello_world, host="127.0.0.1", port=0)

    # --- the Nursery port -----------------------------------------------------------------------

    def start_session(self, connection: Connection) -> None:
        """Start one, and again whenever it crashes."""

        def ended(exit: Exit) -> None:
            if exit.reason is not None and self.restarts:
                start()

        def start() -> None:
            self.system.spawn(
                FakeSession,
                self,
                connection,
                name=connection.session,
                parent=ended,
                mailbox_limit=self.mailbox_limit,
            )

        start()

    def end_session(self, name: str) -> None:
        """Stop it."""
        self.ended.append(name)
        ref = self.system.lookup(name)
        if ref is not None:
            ref.stop(block=False)

    # --- for tests ------------------------------------------------------------------------------

    @property
    def connection(self) -> Connection:
        """The only connection there is."""
        [connection] = self.edge.directory.all()
        return connection

    @property
    def port(self) -> int:
        """The port of the edge."""
        return self.listener.port

    @asynccontextmanager
    async def client(
        self,
        subprotocol: str = JSON,
        *,
        hello: bool = True,
        device: str = DEVICE,
        **options: Any,
    ) -> AsyncGenerator[Client]:
        """A client that has been welcomed, unless it says no hello."""
        fields = {key: options.pop(key) for key in ("cut", "inst", "try") if key in options}
        options.setdefault("compression", None)
        async with connect(
            f"ws://127.0.0.1:{self.port}/ws",
            subprotocols=[Subprotocol(subprotocol)],
            max_size=None,
            **options,
        ) as socket:
            client = Client(socket, subprotocol == MSGPACK)
            if hello:
                await client.hello(device=device, **fields)
            yield client

    async def settle(self, until: Callable[[], bool] | None = None) -> None:
        """Let the loop turn until this holds."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await self.system.settle()
                if until is None or until():
                    return
                await asyncio.sleep(0)


class Client:
    """Speaks frames over a real WebSocket."""

    def __init__(self, socket: ClientConnection, binary: bool = False) -> None:
        self.socket = socket
        self.binary = binary
        self._batch: list[dict[str, Any]] = []

    async def send(self, *frames: Any) -> None:
        """One message with this frame, or a batch."""
        value = frames[0] if len(frames) == 1 else list(frames)
        if self.binary:
            await self.socket.send(msgspec.msgpack.encode(value))
        else:
            await self.socket.send(json.dumps(value))

    async def messages(self) -> list[dict[str, Any]]:
        """The frames of the next message."""
        async with asyncio.timeout(PATIENCE_S):
            data = await self.socket.recv()
        assert isinstance(data, bytes) is self.binary
        return as_frames(
            msgspec.msgpack.decode(data) if isinstance(data, bytes) else json.loads(data)
        )

    async def get(self) -> dict[str, Any]:
        """The next frame."""
        while not self._batch:
            self._batch = await self.messages()
        return self._batch.pop(0)

    async def hello(self, device: str = DEVICE, **fields: Any) -> dict[str, Any]:
        """Sign in and be welcomed."""
        await self.send(hello_frame(device=device, **fields))
        welcome = await self.get()
        assert welcome["t"] == "welcome", welcome
        return welcome

    async def closed(self) -> int:
        """Read until the end; the code of the close."""
        async with asyncio.timeout(PATIENCE_S):
            await self.socket.wait_closed()
        assert self.socket.close_code is not None
        return self.socket.close_code


def as_frames(value: Any) -> list[dict[str, Any]]:
    """The frames of a message: one, or a batch."""
    return cast("list[dict[str, Any]]", value) if isinstance(value, list) else [value]


def hello_frame(user: str = USER, device: str = DEVICE, **fields: Any) -> dict[str, Any]:
    """The first frame."""
    return {"t": "hello", "v": 1, "token": f"{user}/{device}", "device": device, **fields}


def answer_done(session: FakeSession, message: Any) -> None:
    """Say `ok` to every request."""
    if not isinstance(message, CursorNotice):
        session.connection.outbox.answer(message.id, Done())


def delivery(seq: int = 1, text: str = "Hello", conv: ConvId = CONV) -> Delivery:
    """A text for a conversation's members."""
    body = Text(text)
    entry = Entry(seq, 1, DEVICE, seq, USER, 1_790_000_000_000, "text", encode_body(body), seq)
    return Delivery(conv, entry, body, "")


def watch_frame(number: int) -> dict[str, Any]:
    """A request that any Session answers."""
    return {"t": "watch", "id": number, "users": [], "convs": []}


def watch_request(number: int) -> WatchRequest:
    """What a Session is told then."""
    return WatchRequest(number, (), ())


async def hello_world(scope: Any, receive: Any, send: Any) -> None:
    """The smallest application."""
    assert scope["type"] == "http"
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hi"})


@asynccontextmanager
async def bed(
    *,
    limits: Limits | None = None,
    virtual: bool = False,
    clock: Clock | None = None,
    **settings: Any,
) -> AsyncGenerator[Bed]:
    """A running edge.

    Args:
        virtual: Its clock stands still until the test moves it.
        clock: One of the test's own.
        settings: For the `Edge`.
    """
    clock = clock or (ManualClock() if virtual else LoopClock())
    async with ActorSystem(clock=clock) as system:
        it = Bed(system, limits=limits or Limits(rate_per_s=0), clock=clock, **settings)
        await it.listener.start()
        try:
            yield it
        finally:
            stopping = asyncio.ensure_future(it.listener.stop())  # noqa: TID251 - a test's own
            while not stopping.done():
                if isinstance(clock, ManualClock):
                    clock.advance(1)
                await asyncio.wait((stopping,), timeout=0.01)
            await stopping


async def passes(it: Bed, seconds: float) -> None:
    """Let virtual time go by in small steps, and what it sets going happen."""
    assert isinstance(it.clock, ManualClock)
    await it.settle()
    for _ in range(math.ceil(seconds * 4)):
        it.clock.advance(0.25)
        await it.settle()


__all__ = [
    "CONV",
    "DEVICE",
    "JSON",
    "MSGPACK",
    "PATIENCE_S",
    "USER",
    "Bed",
    "Client",
    "FakeSession",
    "Poison",
    "Tokens",
    "answer_done",
    "as_frames",
    "bed",
    "delivery",
    "hello_frame",
    "passes",
    "watch_frame",
    "watch_request",
]
