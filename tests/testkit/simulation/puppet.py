"""A client whose server is the test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tests.testkit.simulation.lab import on_loop

from hubbub.config.ids import DeviceId, UserId
from hubbub.testkit.simulation.chance import SeededChance
from hubbub.testkit.simulation.client import Client
from hubbub.testkit.simulation.loop import SimLoop
from hubbub.testkit.simulation.reading import Deletions
from hubbub.testkit.simulation.trace import Trace

Frame = dict[str, Any]
CONV = "g_a"


class Wire:
    """A link that keeps what it is given."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.sent: list[Frame] = []
        self.left = False
        self.unsure = False

    def send(self, payload: bytes, opcode: int = 1) -> None:
        self.sent.append(json.loads(payload))

    def leave(self) -> None:
        self.left = True

    def say(self, *frames: Frame) -> None:
        """The server says this, in one message."""
        payload = json.dumps(frames[0] if len(frames) == 1 else list(frames)).encode()
        self.client.received(self, payload)

    def last(self, kind: str) -> Frame:
        """The newest frame of a type."""
        return [frame for frame in self.sent if frame["t"] == kind][-1]

    def count(self, kind: str) -> int:
        """How many of a type there were."""
        return sum(frame["t"] == kind for frame in self.sent)


class Puppet:
    """The client, and every wire that it opened."""

    def __init__(self, loop: SimLoop) -> None:
        self.wires: list[Wire] = []
        self.answers = True
        self.loop = loop
        self.client = Client(
            "u1d1", UserId("u_me"), DeviceId("v_me"), loop, self,
            SeededChance(1, "client"), Trace(), Deletions(),
        )  # fmt: skip

    def connect(self, client: Client) -> Any:
        """See `client.Net`."""
        if not self.answers:
            return None
        self.wires.append(Wire(client))
        return self.wires[-1]

    @property
    def wire(self) -> Wire:
        """The newest."""
        return self.wires[-1]

    async def welcome(self, mine: int = 0, **heads: Any) -> Wire:
        """Let it in, with this list."""
        for _ in range(200):
            if self.wires and not self.wire.left:
                break
            await asyncio.sleep(0.5)
        self.client.opened(self.wire)
        assert self.wire.last("hello")["device"] == "v_me"
        self.wire.say({"t": "welcome", "node": "n1", "mine": mine})
        answer: Frame = {"t": "heads", "lv": 1, "more": False}
        answer.update({"convs": list[Frame](), "gone": list[Frame](), **heads})
        self.wire.say({**answer, "re": self.wire.last("sync")["id"]})
        return self.wire

    def text(self, words: str = "hi") -> Any:
        """Write something."""
        return self.client.say(CONV, words)


def head(**fields: Any) -> Frame:
    """A line of the list."""
    return {"c": CONV, "kind": "group", "title": "Team", "head": 0, "n": 0, "nread": 0, "read": 0,
            "recv": 0, "mine": 0, "role": "member", **fields}  # fmt: skip


def msg(s: int, text: str = "", **fields: Any) -> Frame:
    """A push."""
    body = {"k": "text", "text": text or f"text {s}"}
    return {"t": "msg", "c": CONV, "s": s, "from": "u_b", "dev": "v_b", "cid": s, "ts": s,
            "b": body, **fields}  # fmt: skip


def with_puppet(work: Callable[[Puppet], Any]) -> None:
    """A client that wants in, for the length of a test."""

    async def live(loop: SimLoop) -> None:
        puppet = Puppet(loop)
        puppet.client.start()
        await work(puppet)
        puppet.client.rest()

    on_loop(live)


__all__ = ["CONV", "Puppet", "Wire", "head", "msg", "with_puppet"]
