"""People on a node for the length of a test: signed up under fresh names, and closed at its end."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

from .raw_ws import RawSocket, text
from .ws_client import Frame, Person, Socket, sign_in, sign_up

_NUMBERS = count(1)


class Town:
    """Makes people and sockets, and remembers them.

    Attributes:
        base: The address of the node they live on.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self._people: list[Person] = []
        self._sockets: list[Socket] = []
        self._raw: list[RawSocket] = []

    async def person(self, name: str = "person") -> Person:
        """Somebody new, whose name begins with this."""
        person = await sign_up(self.base, f"{name}{next(_NUMBERS)}")
        self._people.append(person)
        return person

    async def people(self, *names: str) -> list[Person]:
        """Several at once."""
        return list(await asyncio.gather(*(self.person(name) for name in names)))

    async def crowd(self, size: int) -> list[Person]:
        """Many, a few at a time (a password is dear)."""
        few = asyncio.Semaphore(8)

        async def one() -> Person:
            async with few:
                return await self.person("extra")

        return list(await asyncio.gather(*(one() for _ in range(size))))

    async def device(self, person: Person) -> Person:
        """One more device of somebody."""
        other = await sign_in(self.base, person.name)
        self._people.append(other)
        return other

    async def socket(self, person: Person, **options: Any) -> Socket:
        """A welcomed connection."""
        socket = await person.socket(**options)
        self._sockets.append(socket)
        return socket

    async def sockets(self, *people: Person) -> list[Socket]:
        """A welcomed connection of each."""
        return list(await asyncio.gather(*(self.socket(person) for person in people)))

    async def stranger(self, **options: Any) -> Socket:
        """A connection that has not said hello."""
        socket = await Socket.open(self.base, **options)
        self._sockets.append(socket)
        return socket

    async def raw(self) -> RawSocket:
        """A TCP connection; nothing said."""
        socket = await RawSocket.connect(self.base)
        self._raw.append(socket)
        return socket

    async def raw_ws(self, path: str = "/ws", **headers: str) -> RawSocket:
        """A WebSocket by hand, after the handshake, with these headers besides."""
        socket = await self.raw()
        await socket.upgrade(self.base, path, **headers)
        return socket

    async def raw_person(self, person: Person) -> RawSocket:
        """A WebSocket by hand that has been welcomed."""
        socket = await self.raw_ws()
        assert socket.status == 101
        await socket.write(text(person.hello()))
        await socket.expect("welcome")
        return socket

    async def __aenter__(self) -> Town:
        return self

    async def __aexit__(self, *failure: object) -> None:
        """Everybody goes."""
        for raw in self._raw:
            raw.close()
        await asyncio.gather(*(socket.close() for socket in self._sockets))
        await asyncio.gather(*(person.close() for person in self._people))


class Pair:
    """Two honest people who are connected all the while.

    Attributes:
        ann, ben: Their sockets.
    """

    def __init__(self, ann: Socket, ben: Socket) -> None:
        self.ann = ann
        self.ben = ben
        self._said = 0

    async def talk(self) -> None:
        """One says something new, the other hears it."""
        self._said += 1
        words = f"still here {self._said}"
        ack = await self.ann.post(self.ben.welcome["user"], self._said, words)
        assert text_of(await self.ben.expect("msg", s=ack["s"])) == words


async def group(founder: Socket, *others: Person, cid: int = 1, **fields: Any) -> str:
    """Found a group; its id."""
    users = [person.user for person in others]
    fields = {"title": "a group", "members": users, **fields}
    conv = await founder.ask("create", cid=cid, prev=cid - 1, **fields)
    assert conv["t"] == "conv", conv
    c: str = conv["c"]
    return c


def text_of(frame: Frame) -> str:
    """The words of a `msg`."""
    text: str = frame["b"]["text"]
    return text


def codes(answers: list[Frame]) -> list[str]:
    """The code of each `err`, the type of each other answer."""
    return [a["code"] if a["t"] == "err" else a["t"] for a in answers]


__all__ = ["Pair", "Town", "codes", "group", "text_of"]
