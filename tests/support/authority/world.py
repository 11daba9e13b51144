"""The real thing: actors, store and a clock, asked and heard in the frames of the protocol.

There is no socket. A request is a frame that is decoded as at the edge; what a device hears is what
the edge would write, bytes read back, so that nothing hides in a field that no test looks at.
"""

from __future__ import annotations

import json
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.support.clock import ManualClock

from hubbub.actors.answers import Answer, Delivery, Event
from hubbub.actors.commands import DeviceRevoked
from hubbub.actors.device import ActorDevice, Answered, Closed, Welcomed
from hubbub.actors.requests import CursorNotice, TypingNotice
from hubbub.actors.runtime.actor import LoopActor
from hubbub.config.errors import Refusal
from hubbub.config.ids import UserId
from hubbub.config.limits import Limits
from hubbub.storage.memory import MemoryStore
from hubbub.storage.records import Presence, Write
from hubbub.supervision.chat import Chat, chat
from hubbub.supervision.intensity import Intensity
from hubbub.transport.edge.render import Renderer
from hubbub.transport.edge.requests import to_request
from hubbub.transport.wire.codec import Broken, JsonCodec

#: A frame of the protocol, as its JSON reads.
Frame = dict[str, Any]

#: Small, so that few people are enough to find where "told" ends and "asked" begins.
LIMITS = Limits(presence_push_limit=3)

_CODEC = JsonCodec()


class Dice:
    """A `hubbub.config.clock.Chance` that is the same in every run."""

    def __init__(self) -> None:
        self._random = random.Random(1)

    def token(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)


class Screen(LoopActor):
    """Shows a device's frames, in order.

    Attributes:
        shown: Everything since the last look, rendered.
        closed: The close code, once shut out.
        hang_up: What is done then.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Frame] = []
        self.closed: int | None = None
        self.hang_up: Callable[[], None] = lambda: None
        self._renderer = Renderer(_CODEC)

    def on_receive(self, message: Welcomed | Answered | Closed | Event) -> None:
        """As the edge does it."""
        match message:
            case Welcomed():
                pass
            case Closed():
                # As a holder does: it reads nothing more, and ends the Session.
                self.closed = message.code
                self.hang_up()
            case Answered():
                self.shown.append(self._answer(message.request, message.answer))
            case Delivery():
                rendered = self._renderer.delivery(message, self._renderer.key(0))
                self.shown.append(json.loads(rendered.payload))
            case _:
                self.shown.append(json.loads(self._renderer.event(message).payload))

    def _answer(self, request: int, answer: Answer) -> Frame:
        if isinstance(answer, Refusal):
            rendered = self._renderer.refusal(request, answer)
        else:
            rendered = self._renderer.answer(request, answer, 0)
        frame: Frame = json.loads(rendered.payload)
        return frame

    def look(self) -> list[Frame]:
        """What is new on it."""
        new, self.shown = self.shown, []
        return new


class Device:
    """A connection of somebody's."""

    def __init__(self, world: World, user: UserId, label: str) -> None:
        self._world = world
        ref = world.chat.system.spawn(Screen)
        screen = ref.actor
        assert screen is not None
        self.screen: Screen = screen
        self.line: ActorDevice = world.chat.attach(user, ref, label)
        screen.hang_up = self.hang_up

    @property
    def id(self) -> str:
        """Of the device; its next connection has it too."""
        return self.line.device

    def ask(self, frame: Frame) -> None:
        """Send a frame, as a client would; the answer is shown."""
        (decoded,) = _CODEC.decode(json.dumps(frame).encode())
        assert not isinstance(decoded, Broken), decoded
        request = to_request(decoded)
        if isinstance(request, CursorNotice | TypingNotice):
            self.line.notice(request)
        else:
            self.line.send(request)

    def hang_up(self) -> None:
        """The socket is gone."""
        self._world.chat.detach(self.line)


class World:
    """A node and its time.

    Attributes:
        chat: The node.
    """

    def __init__(self, chat: Chat, clock: ManualClock) -> None:
        self.chat = chat
        self._clock = clock

    @property
    def now_ms(self) -> int:
        """UTC ms."""
        return self._clock.now_ms()

    @property
    def now_s(self) -> float:
        """Monotonic seconds."""
        return self._clock.monotonic()

    async def settle(self) -> None:
        """Until nothing moves; time stands still."""
        await self.chat.system.settle(suspended_too=True)

    async def pass_time(self, seconds: float) -> None:
        """In a few steps, for what one timer sets going sets the next one."""
        for _ in range(4):
            self._clock.advance(seconds / 4)
            await self.settle()

    async def set_profile(
        self, user: UserId, display: str, presence: Presence, write: Write
    ) -> None:
        """As PATCH me does it."""
        await self.chat.store.set_profile(
            user, display, "", presence, sought=display.casefold(), colour="", findable=True
        )
        await self.chat.store.set_write(user, write)

    def revoke(self, device: Device) -> None:
        """As whoever signs a device out does it."""
        user = device.line.user
        self.chat.cluster.tell(f"user:{user}", DeviceRevoked(device.line.device))

    def crash(self, name: str) -> None:
        """Tell an actor what it cannot understand; one that sleeps sleeps on."""
        if self.chat.system.lookup(name) is not None:
            self.chat.system.tell(name, object())


@asynccontextmanager
async def world() -> AsyncGenerator[World]:
    """A node for the length of a block; it outlives any number of crashes."""
    clock = ManualClock()
    store = MemoryStore(clock=clock)
    async with chat(
        make_store=lambda: store,
        limits=LIMITS,
        clock=clock,
        chance=Dice(),
        intensity=Intensity(10_000),
    ) as node:
        yield World(node, clock)


__all__ = ["LIMITS", "Device", "Dice", "Frame", "Screen", "World", "world"]
