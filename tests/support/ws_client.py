"""A small client of the protocol for tests: what it sends and gets, in order, nothing clever."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast

import httpx
import msgspec
import websockets
from websockets.asyncio.client import ClientConnection, connect

Frame = dict[str, Any]

#: Far above anything a healthy node needs; a wait that reaches it is a failure.
PATIENCE_S = 20.0

PASSWORD = "correct horse 9"


def frames_of(decoded: Any) -> list[Frame]:
    """What a WebSocket message holds, one frame or a batch, as a list."""
    return cast(list[Frame], decoded if isinstance(decoded, list) else [decoded])


class Person:
    """Somebody who is signed in over HTTP, on one device.

    Attributes:
        http: Keeps the base address and the bearer token.
    """

    def __init__(self, base: str, name: str, http: httpx.AsyncClient, signed_in: Frame) -> None:
        self.base = base
        self.name = name
        self.http = http
        self.user: str = signed_in["user"]["id"]
        self.device: str = signed_in["device"]
        self.access: str = signed_in["access"]
        self.refresh: str = signed_in.get("refresh", "")

    def hello(self, **fields: Any) -> Frame:
        """This device's first frame."""
        return {"t": "hello", "v": 1, "token": self.access, "device": self.device, **fields}

    async def socket(self, *, encoding: str = "json", **hello: Any) -> Socket:
        """A connection of this device that has been welcomed."""
        socket = await Socket.open(self.base, encoding=encoding)
        await socket.send(self.hello(**hello))
        socket.welcome = await socket.expect("welcome")
        return socket

    async def another_device(self) -> Person:
        """The same person, signed in on one more device."""
        return await sign_in(self.base, self.name)

    async def close(self) -> None:
        """Forget the HTTP connections."""
        await self.http.aclose()


def http_client(base: str) -> httpx.AsyncClient:
    """A client of a node without TLS: to read the authorities' certificates takes it 20 ms."""
    return httpx.AsyncClient(base_url=base, timeout=PATIENCE_S, verify=False, trust_env=False)


async def sign_up(base: str, name: str, password: str = PASSWORD) -> Person:
    """Register and sign in."""
    async with http_client(base) as http:
        made = await http.post("/v1/register", json={"name": name, "password": password})
        assert made.status_code == 201, made.text
    return await sign_in(base, name, password)


async def sign_in(base: str, name: str, password: str = PASSWORD) -> Person:
    """Sign in on a new device."""
    http = http_client(base)
    answer = await http.post(
        "/v1/login", json={"name": name, "password": password, "device": "test"}
    )
    if answer.status_code != 200:
        await http.aclose()
        raise AssertionError(answer.text)
    signed_in = answer.json()
    http.headers["Authorization"] = f"Bearer {signed_in['access']}"
    return Person(base, name, http, signed_in)


class Socket:
    """A WebSocket connection that reads in the background.

    Attributes:
        frames: Everything that came and was not yet expected, in order.
        closed: (code, reason), once it is.
    """

    def __init__(self, ws: ClientConnection, encoding: str) -> None:
        self.ws = ws
        self.encoding = encoding
        self.welcome: Frame = {}
        self.frames: list[Frame] = []
        self.closed: tuple[int, str] | None = None
        self._came = asyncio.Event()
        self._ids = 0
        self._reader = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def open(cls, base: str, *, encoding: str = "json", **options: Any) -> Socket:
        """Connect to a node; not yet signed in."""
        options.setdefault("subprotocols", [websockets.Subprotocol(f"hubbub.v1.{encoding}")])
        address = base.replace("http", "ws", 1) + "/ws"
        ws = await connect(address, compression=None, max_size=None, proxy=None, **options)
        return cls(ws, encoding)

    async def _read(self) -> None:
        try:
            async for message in self.ws:
                self._take(message)
        except websockets.ConnectionClosed:
            pass
        self.closed = (self.ws.close_code or 1006, self.ws.close_reason or "")
        self._came.set()

    def _take(self, message: str | bytes) -> None:
        # A server that answers in the wrong encoding fails the test here.
        assert isinstance(message, str) == (self.encoding == "json")
        decoded = (
            json.loads(message) if isinstance(message, str) else msgspec.msgpack.decode(message)
        )
        self.frames.extend(frames_of(decoded))
        self._came.set()

    async def send(self, *frames: Frame) -> None:
        """Send one frame, or several as one batch."""
        content = frames[0] if len(frames) == 1 else list(frames)
        if self.encoding == "json":
            await self.ws.send(json.dumps(content, ensure_ascii=False))
        else:
            await self.ws.send(msgspec.msgpack.encode(content))

    async def raw(self, data: str | bytes, *, text: bool | None = None) -> None:
        """Send this as a WebSocket message, as it is."""
        await self.ws.send(data, text=text)

    async def expect(self, t: str, **fields: Any) -> Frame:
        """The first frame of this type with these fields; those before it stay."""
        return await self.until(
            lambda f: f["t"] == t and all(f.get(k) == v for k, v in fields.items()),
            f"{t} {fields}",
        )

    async def until(self, wanted: Callable[[Frame], bool], what: str = "a frame") -> Frame:
        """Take out the first frame that is wanted, when it comes; those before it stay."""
        seen = 0
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    for n in range(seen, len(self.frames)):
                        if wanted(self.frames[n]):
                            return self.frames.pop(n)
                    seen = len(self.frames)
                    if self.closed is not None:
                        raise AssertionError(f"closed {self.closed} before {what}: {self.frames}")
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            raise AssertionError(f"{what} did not come; what came: {self.frames}") from None

    async def ask(self, t: str, **fields: Any) -> Frame:
        """Send a request and wait for its answer."""
        return await self.answer_to(await self.request(t, **fields))

    async def request(self, t: str, **fields: Any) -> int:
        """Send a request; its id."""
        self._ids += 1
        await self.send({"t": t, "id": self._ids, **fields})
        return self._ids

    async def answer_to(self, re: int) -> Frame:
        """The answer to the request of this id."""
        return await self.until(lambda f: f.get("re") == re, f"the answer to {re}")

    async def post(self, where: str, cid: int, text: str, prev: int | None = None) -> Frame:
        """Send a text to a conversation, or to a person; its ack or err."""
        place = {"to": where} if where.startswith("u_") else {"c": where}
        before = cid - 1 if prev is None else prev
        return await self.ask("send", cid=cid, prev=before, b={"k": "text", "text": text}, **place)

    async def settled(self) -> None:
        """Wait for a pong: what was pushed to this socket before has come."""
        await self.send({"t": "ping"})
        await self.expect("pong")

    async def close_code(self) -> int:
        """Wait for the server to close; the code it gave."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self.closed is None:
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            raise AssertionError(f"not closed; what came: {self.frames}") from None
        return self.closed[0]

    async def close(self) -> None:
        """Close from this side."""
        await self.ws.close()
        await self._reader

    async def abort(self) -> None:
        """Vanish, without a goodbye."""
        self.ws.transport.abort()
        await self._reader


async def whole_log(socket: Socket, c: str, *, after: int = 0, limit: int = 200) -> list[Frame]:
    """Everything the socket's user may read of a conversation, by `hist`, in order."""
    read: list[Frame] = []
    at = after
    while True:
        page = await socket.ask("hist", c=c, after=at, limit=limit)
        assert page["t"] == "page", page
        read += page["msgs"]
        if not page["more"]:
            return read
        assert page["to"] > at, f"a page that does not go on: {page['from']} to {page['to']}"
        at = page["to"]


async def whole_list(socket: Socket, lv: int = 0) -> Frame:
    """The user's list by `sync`: its pages as one."""
    page = await socket.ask("sync", lv=lv)
    convs, gone = list(page["convs"]), list(page["gone"])
    while page["more"]:
        page = await socket.answer_to(page["re"])
        convs += page["convs"]
        gone += page["gone"]
    return {**page, "convs": convs, "gone": gone}


def long_lines(listed: Frame) -> list[Frame]:
    """The lines of a list that came whole."""
    return [line for line in listed["convs"] if isinstance(line, dict)]


def short_lines(listed: Frame) -> list[list[Any]]:
    """The lines of a list that came as [c, head, n]."""
    return [line for line in listed["convs"] if isinstance(line, list)]


async def list_once(socket: Socket, lv: int, wanted: Callable[[Frame], object]) -> Frame:
    """The user's list once it shows what is wanted: a line follows its log, a moment later."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            listed = await whole_list(socket, lv)
            if wanted(listed):
                return listed


__all__ = [
    "PASSWORD",
    "PATIENCE_S",
    "Frame",
    "Person",
    "Socket",
    "frames_of",
    "list_once",
    "long_lines",
    "short_lines",
    "sign_in",
    "sign_up",
    "whole_list",
    "whole_log",
]
