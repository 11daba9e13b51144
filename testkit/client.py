"""A device of somebody's that speaks the protocol to a node's real edge, without a socket.

ann, bob = await kit.client("ann"), await kit.client("bob")
group = await ann.create("Builders", bob)
await ann.send(group, "hello")
await bob.sees(group, "hello")

It keeps every rule of the protocol by itself: it says hello, syncs, numbers and resends what it
sends, reads what it missed, connects again. What it must never see is in `faults`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from ..config.ids import DeviceId, UserId, direct_id, group_id
from ..config.units import SECONDS
from ..transport.wire import frames
from .auto_clock import AutoClock
from .clock import done
from .probe import ExpectationError
from .simulation.chain import Item, Make
from .simulation.chance import SeededChance
from .simulation.client import Client as ProtocolClient
from .simulation.client import Net
from .simulation.copy import Frame
from .simulation.making import group_of, text_to
from .simulation.reading import Deletions
from .simulation.trace import Trace
from .story import Story

#: How long a client waits for something, in virtual time: longer than a node's death takes to heal.
WITHIN_S = 30 * SECONDS


class RefusedError(AssertionError):
    """The server refused a request that the test counted on.

    Attributes:
        code: The protocol's.
    """

    def __init__(self, what: str, code: str) -> None:
        super().__init__(f"{what} was refused: {code}")
        self.code = code


class Client(ProtocolClient):
    """See the module; `cluster.client` makes it.

    Attributes:
        seen: Every frame that came, in order, over all its connections.
    """

    def __init__(
        self,
        name: str,
        user: UserId,
        device: DeviceId,
        loop: asyncio.AbstractEventLoop,
        net: Net,
        chance: SeededChance,
        *,
        clock: AutoClock,
        story: Story,
        deletions: Deletions,
    ) -> None:
        super().__init__(name, user, device, loop, net, chance, Trace(), deletions)
        self.seen: list[Frame] = []
        self._clock = clock
        self._story = story
        #: {id: its answers}: requests that the test made itself.
        self._raw: dict[int, list[Frame]] = {}
        self._watching: list[asyncio.Future[None]] = []

    # --- what it does ---------------------------------------------------------------------------

    async def send(self, where: str | Client, text: str) -> int:
        """Send a text to a conversation or a person, and wait until it is on record.

        Args:
            where: A conversation's id, a user's, or another client.

        Returns: its seq.

        Raises:
            RefusedError: It was refused for good.
        """
        item = self.say(where, text)
        await self._fate(item)
        return item.seq

    def say(self, where: str | Client, text: str) -> Item:
        """Hand in a text and do not wait; it is sent again until its fate is known."""
        c, make = text_to(self.user, where.user if isinstance(where, Client) else where, text)
        return self.add(c, "text", text, make)

    async def create(self, title: str, *members: Client) -> str:
        """Found a group; its id.

        Raises:
            RefusedError: It was refused for good.
        """
        users = [str(member.user) for member in members]
        item = self.add("me", "create", title, group_of(title, users))
        await self._fate(item)
        return str(group_id(self.device, item.cid))

    async def befriend(self, other: Client) -> None:
        """Become each other's contacts: one asks, the other accepts."""
        await self.change("me", "contact", _contact(other.user, "request"))
        await other.change("me", "contact", _contact(self.user, "accept"))

    async def change(self, where: str, what: str, make: Make) -> Item:
        """Any other numbered request, and wait for its fate.

        Args:
            where: The conversation whose chain it is on; "me" for the user's own.
            make: (id, cid, prev) -> the frame.

        Raises:
            RefusedError: It was refused for good.
        """
        item = self.add(where, what, "", make)
        await self._fate(item)
        return item

    async def ask(self, make: Callable[[int], frames.Request], within: float = WITHIN_S) -> Frame:
        """A request as it stands, sent once on this connection; its answer.

        Raises:
            ExpectationError: None came in time.
        """
        number = self.next_id()
        answers = self._raw[number] = []
        self.put(make(number))
        await self.until(lambda: bool(answers), "an answer", within)
        return answers[0]

    # --- what it saw ----------------------------------------------------------------------------

    def texts(self, c: str | Client) -> list[str]:
        """The texts of a conversation as it would show them now, in order, as far as they go."""
        where = str(direct_id(self.user, c.user)) if isinstance(c, Client) else c
        copy = self.copies.get(where)
        if copy is None:
            return []
        shown: list[str] = []
        for s in copy.texts:
            face = copy.face(s)
            if s <= copy.last and face is not None and face[0].text is not None:
                shown.append(face[0].text)
        return shown

    async def sees(self, c: str | Client, *texts: str, within: float = WITHIN_S) -> None:
        """Wait until these are the last texts of a conversation, in this order.

        Raises:
            ExpectationError: They are not, in time.
        """
        wanted = list(texts)
        await self.until(
            lambda: self.texts(c)[-len(wanted) :] == wanted, f"{wanted} of {c}", within
        )

    async def expect(self, t: str, within: float = WITHIN_S, **fields: Any) -> Frame:
        """The first frame of this type with these fields that came, or comes; it stays in `seen`.

        Raises:
            ExpectationError: None came in time.
        """

        def found() -> list[Frame]:
            return [
                f
                for f in self.seen
                if f["t"] == t and all(f.get(k) == v for k, v in fields.items())
            ]

        await self.until(lambda: bool(found()), f"{t} {fields}", within)
        return found()[0]

    async def until(
        self, holds: Callable[[], bool], what: str = "what was waited for", within: float = WITHIN_S
    ) -> None:
        """Wait until something holds of this client; looked at whenever a frame came.

        Raises:
            ExpectationError: It does not, in time.
        """
        __tracebackhide__ = True
        loop = asyncio.get_running_loop()
        late: asyncio.Future[None] = loop.create_future()
        timer = self._clock.call_later(within, lambda: done(late))
        try:
            while not holds():
                if late.done():
                    raise self._failure(f"{self.name} did not see {what} within {within:g} s")
                came: asyncio.Future[None] = loop.create_future()
                self._watching.append(came)
                await asyncio.wait((late, came), return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            late.cancel()

    async def connected(self) -> None:
        """Wait until it is welcomed and has its list."""
        await self.until(lambda: self.online and bool(self.lists), "its list")

    @property
    def lists(self) -> int:
        """How often its list came whole."""
        return sum(f["t"] == "heads" and not f["more"] for f in self.seen)

    # --- inside ---------------------------------------------------------------------------------

    def received(self, link: Any, payload: bytes) -> None:
        """See `wire.Peer`."""
        super().received(link, payload)
        self._look()

    def ended(self, link: Any, code: int) -> None:
        """See `wire.Peer`."""
        super().ended(link, code)
        self._look()

    def note(self, what: str, *about: Any) -> None:
        """A line of the story; ids and numbers, never anybody's words."""
        # What something is made of comes last, and is words.
        shown = [str(each) for each in (about[:-1] if what == "makes" else about)]
        self._story.note("client", self.name, " ".join((what, *shown)))

    def _take(self, frame: Frame) -> None:
        self.seen.append(frame)
        answers = self._raw.get(frame.get("re", -1))
        if answers is not None:
            answers.append(frame)
            return
        super()._take(frame)

    async def _fate(self, item: Item) -> None:
        await self.until(lambda: item.fate != "open", f"what became of {item.what}")
        if item.fate != "acked":
            raise RefusedError(item.what, item.code)

    def _look(self) -> None:
        watching, self._watching = self._watching, []
        for future in watching:
            done(future)

    def _failure(self, what: str) -> ExpectationError:
        last = ", ".join(f["t"] for f in self.seen[-12:]) or "nothing"
        story = self._story.told([self.name])
        return ExpectationError(f"{what}; what came last: {last}\nWhat happened:\n{story}")


def _contact(u: UserId, do: Literal["request", "accept"]) -> Make:
    return lambda number, cid, prev: frames.Contact(id=number, cid=cid, prev=prev, u=u, do=do)


__all__ = ["WITHIN_S", "Client", "RefusedError"]
