"""A device of the load: the client that keeps every rule, over real sockets, with a memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any
from zlib import crc32

from tests.support.ws_client import Person

from hubbub.config.ids import DeviceId, UserId
from hubbub.testkit.simulation.chain import Item
from hubbub.testkit.simulation.chance import SeededChance
from hubbub.testkit.simulation.client import Client
from hubbub.testkit.simulation.making import text_to
from hubbub.testkit.simulation.reading import Deletions
from hubbub.testkit.simulation.trace import Trace

from .record import Record, record_of
from .socket_link import SocketLink

#: How much of its life a device can tell.
STORY_LINES = 200

#: (conversation, item): something was handed in, or is on record.
Heard = Callable[[str, Item], None]


class Addresses:
    """Where nodes are: a device takes its own first, and the next one after two failures.

    Attributes:
        bases: `http://HOST:PORT` of each; a node that is added later is found from then on.
    """

    def __init__(self, *bases: str) -> None:
        self.bases = list(bases)
        self._links: set[SocketLink] = set()

    def connect(self, client: Client) -> SocketLink:
        """See `client.Net`."""
        self._links = {link for link in self._links if not link.over}
        link = SocketLink(partial(self.find, client), client)
        self._links.add(link)
        return link

    async def find(self, client: Client) -> str:
        """Where a client goes now.

        Raises:
            OSError: Nobody tells.
        """
        return self.of(client.user, client.failures)

    def of(self, user: str, failures: int) -> str:
        """Where somebody goes after so many failures."""
        first = crc32(user.encode())
        return self.bases[(first + failures // 2) % len(self.bases)]

    async def gone(self) -> None:
        """Wait until no connection is left."""
        await asyncio.gather(*(link.gone() for link in self._links))


class Device(Client):
    """See the module.

    Attributes:
        person: Who is signed in on it.
    """

    def __init__(
        self,
        person: Person,
        addresses: Addresses,
        chance: SeededChance,
        *,
        jitter_s: float,
        handed_in: Heard,
        on_record: Heard,
    ) -> None:
        """Not there yet.

        Args:
            jitter_s: The longest it waits before it connects again.
        """
        super().__init__(
            person.name,
            UserId(person.user),
            DeviceId(person.device),
            asyncio.get_running_loop(),
            addresses,
            chance,
            Trace(),
            Deletions(),
        )
        self.person = person
        self._jitter_s = jitter_s
        self._handed_in = handed_in
        self._on_record = on_record
        self._story: deque[str] = deque(maxlen=STORY_LINES)

    def token(self) -> str:
        """What it signs in with; a load lives shorter than that is valid."""
        return self.person.access

    def backoff_s(self) -> float:
        """As ever, but for no longer than it was made for."""
        return min(super().backoff_s(), self.chance.uniform(0, self._jitter_s))

    def say(self, c: str, text: str) -> Item:
        """Hand in a text to a conversation or a person; it is sent until its fate is known."""
        c, make = text_to(self.user, c, text)
        item = self.add(c, "text", text, make)
        self._handed_in(c, item)
        return item

    def acknowledged(self, c: str, item: Item) -> None:
        """A text of its own is on record."""
        super().acknowledged(c, item)
        self._on_record(c, item)

    def note(self, what: str, *about: Any) -> None:
        """A line of its story, which is bounded."""
        self._story.append(f"{self.loop.time():9.3f} {what} {' '.join(map(str, about))}"[:200])

    def record(self) -> Record:
        """What it was promised and saw until now."""
        return record_of(self, tuple(self._story))


__all__ = ["STORY_LINES", "Addresses", "Device", "Heard"]
